"""The second question: printed thresholds that nobody claimed, asked about by name in the sentences around them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from extract.grounding.index import GroundingIndex
from extract.llm.answers import MOST_THRESHOLDS, TargetedAnswer, Verdict
from extract.llm.asking import Question, ask
from extract.llm.chunks import Chunk, write_chunk
from extract.llm.fencing import fence
from extract.llm.ledger import Ledger, make_mark
from extract.llm.passages import Block, take_around
from extract.llm.prepared import prepare
from extract.llm.prompting import Words, write_question
from extract.llm.room import find_room
from schemas.coverage import PrintedThreshold
from schemas.document import Document
from schemas.model_call import ModelPort
from schemas.reading import Dropped, Reading

_NEAR = 700  # characters between thresholds that are asked about together


class Neighbourhood(NamedTuple):
    """Thresholds that stand close together, and the sentences around them."""

    thresholds: tuple[PrintedThreshold, ...]
    chunk: Chunk


async def ask_about(
    port: ModelPort, document: Document, unclaimed: Sequence[PrintedThreshold], *, sample: int = 0
) -> Reading:
    """What the model makes of thresholds that no finding claims: findings where it says they select something.

    One question per neighbourhood. What it says of the others is in `dropped`. Raises ModelUnavailable when no question
    was answered because the model is out of reach, and ModelContextExceeded when its context is too small.
    """
    document, index, *_ = await asyncio.to_thread(prepare, document)
    mark = make_mark("t", [str(t.start) for t in unclaimed])
    ledger = Ledger(port, index, sample, mark)
    places = find_neighbourhoods(document, index, unclaimed)
    if not places:
        return ledger.close("chunk")
    room = await find_room(port, "\n".join(b.text for p in places for b in p.chunk.blocks))

    async def read(number: tuple[int, ...], place: Neighbourhood) -> None:
        question = make_question(document, place, sample, examples=room.examples)
        answer = await ask(port, question)
        notes = [_note(v, place) for v in answer.verdicts if v.says != "selection"]
        dropped = (*answer.dropped, *(n for n in notes if n is not None))
        await ledger.note(number, answer._replace(dropped=dropped), place.chunk.spans)
        if answer.end not in ("cut", "too_long"):
            return
        half = len(place.thresholds) // 2
        if not half:
            ledger.failed += 1
            return
        parts = (place.thresholds[:half], place.thresholds[half:])
        await asyncio.gather(*(read((*number, i), place._replace(thresholds=p)) for i, p in enumerate(parts)))

    await asyncio.gather(*(read((i,), p) for i, p in enumerate(places)))
    reading = ledger.close("chunk")
    return reading.model_copy(update={"asked_again": ledger.asked})


def find_neighbourhoods(
    document: Document, index: GroundingIndex, thresholds: Sequence[PrintedThreshold]
) -> tuple[Neighbourhood, ...]:
    """The thresholds in groups that one question can hold, in order of the text."""
    groups: list[list[PrintedThreshold]] = []
    for threshold in sorted(thresholds, key=lambda t: t.start):
        last = groups[-1] if groups else []
        near = bool(last) and threshold.start - last[-1].end < _NEAR and len(last) < MOST_THRESHOLDS
        if near and _find_table(index, threshold) == _find_table(index, last[-1]):
            last.append(threshold)
        else:
            groups.append([threshold])
    places = []
    for group in groups:
        blocks: tuple[Block, ...] = take_around(document, index, group[0].start, group[-1].end)
        if blocks:
            places.append(Neighbourhood(tuple(group), Chunk(blocks)))
    return tuple(places)


def _find_table(index: GroundingIndex, threshold: PrintedThreshold) -> object:
    found = index.tables.find_cell(threshold.start, threshold.end)
    return None if found is None else (found[1].page, found[1].label)


def make_question(document: Document, place: Neighbourhood, sample: int, *, examples: bool) -> Question:
    """The question about a neighbourhood."""
    listed = [{"number": fence(t.number), "text": fence(t.text)} for t in place.thresholds]
    words: dict[str, Words] = {
        "title": fence(document.title or ""),
        "text": write_chunk(place.chunk),
        "thresholds": listed,
    }

    def write(again: Mapping[str, Words] | None) -> str:
        return write_question("targeted", words, again)

    return Question("reader", f"unclaimed, {place.chunk.label}", write, TargetedAnswer, sample, examples)


def _note(verdict: Verdict, place: Neighbourhood) -> Dropped | None:
    """What the model says of a threshold that is no requirement of its own."""
    if verdict.threshold > len(place.thresholds):
        return None
    threshold = place.thresholds[verdict.threshold - 1]
    says = "only a condition of another requirement" if verdict.says == "condition" else "no requirement"
    return Dropped(
        label=f"p. {threshold.page}: {threshold.number}", reason=f"the model says: {says}", item=threshold.text[:300]
    )
