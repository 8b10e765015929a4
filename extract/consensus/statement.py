"""A finding as one reading's statement: its meaning in one spelling, and where it stands."""

import re
from functools import cached_property
from typing import NamedTuple

from extract.assembling.requirements import WHOLE_ANALYSIS
from extract.consensus.bounds import Bound, Spelling, read_bound
from extract.consensus.names import BETWEEN_TWO, About, Subject, find_flavour, name_finding, name_subject
from extract.consensus.words import Phrase, read_phrase
from extract.grounding.tokens import WORD_NUMBERS
from schemas.evidence import Evidence
from schemas.finding import Finding, Ramp

TARGETS = ("electron", "muon", "lepton", "photon", "jet", "b-jet", "fat-jet", "tau")
NEAR = 0.3  # share of the shorter quote that both have in common: the same place
WORD_GAP = re.compile(r"\W+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

Span = tuple[int, int]


class Content(NamedTuple):
    """All that decides whether two findings say the same; equal contents are one statement."""

    about: About
    bound: Bound
    spelling: Spelling
    removed: Subject | None
    scope: Phrase | None
    condition: Phrase | None
    effect: str
    places: tuple[Span, ...]
    source: str
    page: int
    grounded: bool


class Statement:
    """A finding of one reading, with its content and the words that people see."""

    def __init__(self, reading: str, finding: Finding, evidence: Evidence | None) -> None:
        """Reads the content of a finding; `evidence` is None where nobody looked for its quote."""
        self.reading = reading
        self.finding = finding
        self.evidence = evidence
        self.grounded = evidence is not None and evidence.grounded
        self.content = _read_content(finding, evidence)

    @property
    def id(self) -> str:
        """The finding's id."""
        return self.finding.id

    @cached_property
    def sort_key(self) -> tuple[object, ...]:
        """An order that depends on what is said and where, never on who came first."""
        f = self.finding
        return (
            _find_position(f, self.content.places), f.subject, f.variable, f.operator,
            str(f.value), f.unit or "", f.effect, f.scope or "", f.condition or "", f.second_subject or "",
            " ".join(f.quote), f.reader, self.reading, f.id,
        )  # fmt: skip


def overlap(a: tuple[Span, ...], b: tuple[Span, ...]) -> float:
    """Share of the shorter one's characters that two sets of spans have in common."""
    if len(a) == 1 == len(b):
        (first, last), (begin, end) = a[0], b[0]
        common, shorter = min(last, end) - max(first, begin), min(last - first, end - begin)
        return common / shorter if common > 0 else 0.0
    common = sum(max(0, min(x[1], y[1]) - max(x[0], y[0])) for x in a for y in b)
    shorter = min(sum(e - s for s, e in a), sum(e - s for s, e in b))
    return common / shorter if shorter > 0 else 0.0


def are_near(a: tuple[Span, ...], b: tuple[Span, ...]) -> bool:
    """Whether two quotes stand in the same place of the text."""
    return overlap(a, b) >= NEAR


def _read_content(finding: Finding, evidence: Evidence | None) -> Content:
    bound, spelling = read_bound(finding)
    about = name_finding(finding)
    removed = None
    if spelling.goes == "object" and about.variable in BETWEEN_TWO:
        target = finding.effect_target
        removed = name_subject(target) if target in TARGETS else about.subject
    condition = read_phrase(finding.condition) if finding.condition else None
    if about.subject.kind != finding.subject and find_flavour(finding.condition) == about.subject.kind:
        condition = None  # the condition went into the subject
    plain = WORD_GAP.sub(" ", (finding.scope or "").lower()).strip().removeprefix("the ")
    return Content(
        about=about,
        bound=bound,
        spelling=spelling,
        removed=removed,
        scope=None if plain in WHOLE_ANALYSIS else read_phrase(finding.scope or ""),
        condition=condition if condition and (condition.words or condition.numbers) else None,
        effect="keep" if finding.effect in ("remove_object", "reject_event") else finding.effect,
        places=_find_places(finding, evidence),
        source=finding.source,
        page=finding.page,
        grounded=evidence is not None and evidence.grounded,
    )


def _find_places(finding: Finding, evidence: Evidence | None) -> tuple[Span, ...]:
    """Where it stands; of a quote in pieces (cells with their labels), the pieces that hold its numbers."""
    if evidence is None or not evidence.spans:
        return ()
    spans = evidence.spans
    if len(spans) == 1 or len(spans) != len(evidence.quote):
        return spans if finding.source != "table" else spans[-1:]
    wanted = _list_printed(finding)
    printed = [{float(n) for n in _NUMBER.findall(quote)} for quote in evidence.quote]
    holding = [span for span, numbers in zip(spans, printed, strict=True) if wanted & numbers]
    if holding:
        return tuple(holding[-1:]) if finding.source == "table" else tuple(holding)
    return spans[-1:] if finding.source == "table" else spans


def _find_position(finding: Finding, places: tuple[Span, ...]) -> int:
    """Where its number or label stands: the order in which one sentence states several things."""
    if not places:
        return 10**12
    wanted, value = _list_printed(finding), finding.value
    label = value.lower().split() if isinstance(value, str) else ()
    for quote in finding.quote:
        for number in _NUMBER.finditer(quote):
            if float(number[0]) in wanted:
                return places[0][0] + number.start()
        words = [WORD_NUMBERS.get(w, w) for w in quote.lower().split()]
        said = next((i for i, w in enumerate(words) if w in wanted or (label and w == label[0])), None)
        if said is not None:
            return places[0][0] + len(" ".join(quote.split()[:said]))
    return places[0][0]


def _list_printed(finding: Finding) -> set[float]:
    value = finding.value
    if isinstance(value, Ramp):
        return {*value.x, *value.y}
    if isinstance(value, tuple):
        return {float(v) for v in value if isinstance(v, int | float)}
    return {float(value)} if isinstance(value, int | float) else set()
