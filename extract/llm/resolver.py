"""A definition that a paper leaves to a cited work, read from the passages of that work where it stands."""

import asyncio
from collections.abc import Mapping, Sequence

from extract.llm.answers import ChunkAnswer
from extract.llm.asking import Question
from extract.llm.chunks import Chunk, make_chunks, write_chunk
from extract.llm.fencing import fence
from extract.llm.following import read_chunk
from extract.llm.ledger import Ledger, make_mark
from extract.llm.passages import take_spans
from extract.llm.prepared import prepare
from extract.llm.prompting import Words, write_question
from extract.llm.room import find_room
from schemas.citation import Delegation
from schemas.document import Document
from schemas.model_call import ModelPort
from schemas.reading import Reading


async def read_delegated(
    port: ModelPort, document: Document, spans: Sequence[tuple[int, int]], delegation: Delegation, *, sample: int = 0
) -> Reading:
    """The requirements of a cited work (`document`) that are the delegated definition, from the passages at `spans`.

    Which of them are taken, and that they come from a cited work, is for the caller to say. Raises ModelUnavailable
    when no question was answered because the model is out of reach, and ModelContextExceeded when its context is too
    small.
    """
    document, index, *_ = await asyncio.to_thread(prepare, document)
    mark = make_mark("d", [delegation.document_id, delegation.id, document.document_id, *map(str, spans)])
    ledger = Ledger(port, index, sample, mark)
    blocks = take_spans(document, spans)
    if not blocks:
        return ledger.close("chunk")
    room = await find_room(port, "\n".join(b.text for b in blocks))
    chunks = make_chunks(blocks, room.characters)

    def make(chunk: Chunk) -> Question:
        return make_question(document, chunk, delegation, sample, examples=room.examples)

    await asyncio.gather(*(read_chunk(ledger, chunk, make, (i,)) for i, chunk in enumerate(chunks)))
    return ledger.close("chunk")


def make_question(document: Document, chunk: Chunk, delegation: Delegation, sample: int, *, examples: bool) -> Question:
    """The question about one part of the cited work."""
    words: dict[str, Words] = {
        "title": fence(document.title or ""),
        "asked": fence(" … ".join(delegation.quote)),
        "subject": fence(delegation.subject.removeprefix("other:")),
        "variable": fence(delegation.variable.removeprefix("other:")),
        "text": write_chunk(chunk),
    }

    def write(again: Mapping[str, Words] | None) -> str:
        return write_question("resolver", words, again)

    label = f"{delegation.id} in {document.document_id}, {chunk.label}"
    return Question("resolver", label, write, ChunkAnswer, sample, examples)
