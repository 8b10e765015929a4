"""A chunk until all of it was answered: what was cut off is taken up where it ended, what is too long is halved."""

import asyncio
from collections.abc import Callable, Sequence

from extract.llm.asking import Question, ask
from extract.llm.chunks import Chunk, split_chunk, take_rest
from extract.llm.ledger import Ledger
from schemas.finding import Finding

_DEEPEST = 6  # how often a chunk may be halved or taken up again
_EMPTY_DEEPEST = 2  # as long as no answer holds a whole item: a model that never ends one is not asked forever


async def read_chunk(
    ledger: Ledger, chunk: Chunk, make_question: Callable[[Chunk], Question], place: tuple[int, ...]
) -> None:
    """Asks about a chunk and writes what comes into the ledger. `place` is its order in the text."""
    question = make_question(chunk)._replace(may_split=len(place) <= _EMPTY_DEEPEST)
    answer = await ask(ledger.port, question)
    findings = await ledger.note(place, answer, chunk.spans)
    if answer.end not in ("cut", "too_long"):
        return
    parts = _find_rest(ledger, chunk, findings) if len(place) <= _DEEPEST else ()
    if not parts:
        ledger.failed += 1
        return
    await asyncio.gather(*(read_chunk(ledger, part, make_question, (*place, i)) for i, part in enumerate(parts)))


def _find_rest(ledger: Ledger, chunk: Chunk, findings: Sequence[Finding]) -> tuple[Chunk, ...]:
    """What is still to be read of a chunk whose answer was cut off: from the last place that it spoke of."""
    inside = [f.start for f in findings if f.start is not None and any(a <= f.start < b for a, b in chunk.spans)]
    rest = take_rest(chunk, max(inside)) if inside else None
    if rest is not None:
        return (rest,)
    halves = split_chunk(chunk, ledger.index)
    return halves if len(halves) > 1 else ()
