"""The model reader: a Document to Findings through questions to a language model, asked concurrently.

Chunk mode asks about sections of a few thousand characters and about every table; bulk mode about everything at once,
and what does not fit the model's context goes to chunk. An answer that was cut off is taken up where it ended, a
question that is too long is halved. Text that addresses a program is not sent, and what a reply says is
never more than a claim: the grounding judges it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from extract.llm.answers import BulkAnswer, ChunkAnswer
from extract.llm.asking import Question
from extract.llm.chunks import Chunk, make_chunks, write_chunk
from extract.llm.fencing import fence
from extract.llm.following import read_chunk
from extract.llm.ledger import Ledger
from extract.llm.passages import Block
from extract.llm.prepared import Prepared, prepare
from extract.llm.prompting import Words, write_question
from extract.llm.room import Room, find_room
from schemas.document import Document
from schemas.model_call import ModelPort
from schemas.reading import Reading, ReadingMode

Mode = Literal["auto", "bulk", "chunk"]
Report = Callable[[str], None]  # one line of progress

_BULK_SHARE = 3  # chunks: a text of no more is read at once in mode auto


async def read_with_model(
    port: ModelPort, document: Document, *, mode: Mode, sample: int = 0, report: Report | None = None
) -> Reading:
    """What the model reads in a paper. Ids of findings are unique among all readings of a run.

    Raises ModelUnavailable when no question was answered because the model is out of reach, and ModelContextExceeded
    when its context is too small; a bad reply only counts as failed, and where all are bad the reading is `unusable`.
    """
    prepared = await asyncio.to_thread(prepare, document)
    ledger = Ledger(port, prepared.lookup, sample, "")
    if not prepared.blocks:
        return ledger.close("chunk")
    room = await find_room(port, "\n".join(b.text for b in prepared.blocks))
    chunks, used = plan_chunks(prepared.blocks, room, mode)
    asker = _Asker(prepared, room.examples, used, sample)
    done = 0

    async def read(place: int, chunk: Chunk) -> None:
        nonlocal done
        await read_chunk(ledger, chunk, asker.make_question, (place,))
        done += 1
        if report is not None:
            report(f"{ledger.reader}#{sample}: {done}/{len(chunks)} parts read, {ledger.count} findings")

    await asyncio.gather(*(read(i, c) for i, c in enumerate(chunks)))
    return ledger.close(used)


def plan_chunks(blocks: Sequence[Block], room: Room, mode: Mode) -> tuple[tuple[Chunk, ...], ReadingMode]:
    """The parts that are asked about, and the mode that the room allows."""
    whole = Chunk(tuple(blocks))
    short = mode == "auto" and whole.size <= _BULK_SHARE * room.characters
    if (mode == "bulk" or short) and room.holds(whole):
        return (whole,), "bulk"
    return make_chunks(blocks, room.characters), "chunk"


class _Asker:
    """How the questions of one reading are made: what all of them share."""

    def __init__(self, prepared: Prepared, examples: bool, mode: ReadingMode, sample: int) -> None:
        self.title, self.numbers = fence(prepared.document.title or ""), prepared.numbers
        self.examples, self.mode, self.sample = examples, mode, sample

    def make_question(self, chunk: Chunk) -> Question:
        words: dict[str, Words] = {
            "title": self.title,
            "lead": fence(chunk.lead),
            "text": write_chunk(chunk),
            "table": all(b.table is not None for b in chunk.blocks),
        }

        def write(again: Mapping[str, Words] | None) -> str:
            return write_question("reader", words, again)

        numbers = [fence(text) for at, text in self.numbers if any(a <= at < b for a, b in chunk.spans)]
        return Question(
            "reader", chunk.label, write, BulkAnswer if self.mode == "bulk" else ChunkAnswer, self.sample,
            self.examples, suspicious=tuple(numbers),
        )  # fmt: skip
