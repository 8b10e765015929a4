"""A requirement as a rule saw it in a sentence, before it has a place in a document."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extract.rules.prose import Sentence
from schemas.document import Document
from schemas.finding import Finding, Value
from schemas.vocabulary import Effect, Operator, Stage

_LONGEST_QUOTE = 600
_RADIATED = re.compile(r"\bFSR\b|final[- ]state (?:radiation|photon)")


class Draft(NamedTuple):
    """A requirement without numbers in units; `start` and `end` are the words in the sentence that state it."""

    start: int
    end: int
    stage: Stage
    subject: str
    variable: str
    operator: Operator
    value: Value | None = None
    second_subject: str | None = None
    effect: Effect = "keep"
    condition: str | None = None
    scope: str | None = None
    cites: tuple[str, ...] = ()
    note: str | None = None


def write_finding(draft: Draft, sentence: Sentence, document: Document, prefix: str) -> Finding:
    """The finding: its quote is the sentence, or the part of a very long one around the stating words."""
    begin, end = 0, len(sentence.text)
    if end > _LONGEST_QUOTE:
        begin = sentence.text.rfind(" ", 0, max(draft.start - _LONGEST_QUOTE // 2, 1)) + 1
        stop = sentence.text.find(" ", min(draft.end + _LONGEST_QUOTE // 2, end - 1))
        end = stop if stop > 0 else end
    place = sentence.start + draft.start
    # in a passage on photons that were radiated off a lepton, "the photon" is one of them
    radiated = draft.subject == "photon" and _RADIATED.search(sentence.earlier) is not None
    draft = draft._replace(subject="other:FSR photon") if radiated else draft
    return Finding(
        id=f"{prefix}-{place}-{draft.subject}-{draft.variable}".replace(" ", "_"),
        stage=draft.stage,
        subject=draft.subject,
        second_subject=draft.second_subject,
        variable=draft.variable,
        operator=draft.operator,
        value=draft.value,
        effect=draft.effect,
        condition=draft.condition,
        scope=draft.scope,
        quote=(sentence.text[begin:end].strip(),),
        cites=draft.cites,
        page=document.page_at(place),
        start=sentence.start + begin,
        reader="rules",
        note=draft.note,
    )


def keep_distinct(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings with ids made unique; of those that say the same from the same quote, the first."""
    seen: set[tuple[object, ...]] = set()
    ids: dict[str, int] = {}
    for f in findings:
        meaning = (f.subject, f.second_subject, f.variable, f.operator, f.value, f.effect, f.scope, f.quote)
        if meaning in seen:
            continue
        seen.add(meaning)
        ids[f.id] = ids.get(f.id, 0) + 1
        yield f if ids[f.id] == 1 else f.model_copy(update={"id": f"{f.id}-{ids[f.id]}"})
