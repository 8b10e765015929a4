"""A quote at its place judged for a part of the criteria, as the quotes of readers are judged for findings.

The part is said again as a finding. What has no such form is checked for its numbers only, and nothing is claimed of
the rest.
"""

import re
from collections.abc import Sequence

from extract.grounding.belonging import classify
from extract.grounding.ground import judge, read_places
from extract.grounding.judgement import Judgement, Reading
from extract.grounding.measures import same_figures, same_value
from extract.restating.findings import Owner, restate
from pipeline.review.documents import ReviewedDocument
from schemas.criteria import Candidate, Cut, OverlapRemoval, OverlapStep, SelectionCriteria
from schemas.evidence import Evidence
from schemas.review import Shown

_KINDS = frozenset(("electron", "muon", "lepton", "photon", "tau", "jet", "b-jet"))
_RANKS = frozenset(("leading", "subleading", "third"))
_SEVERAL = re.compile(
    r"\b(?:two|three|four|both|all|each|every|other|others|remaining|rest|next|second|respectively)\b|\d\s?\(\d", re.I
)
_WIDER = {"electron": ("lepton",), "muon": ("lepton",), "b-jet": ("jet",)}


def judge_evidence(
    doc: ReviewedDocument,
    evidence: Evidence,
    part: Shown | None,
    criteria: SelectionCriteria | None = None,
    owner: Owner | None = None,
) -> Evidence:
    """The same quote at the same place with the checks of another part. It came with no finding then."""
    judgement = _judge(doc, evidence, part, criteria or SelectionCriteria(), owner)
    position = judgement.marks[0][0] if judgement.marks else evidence.spans[0][0] if evidence.spans else None
    return evidence.model_copy(
        update={
            "page": doc.document.page_at(position) if position is not None else evidence.page,
            "number": judgement.number,
            "unit": judgement.unit,
            "operator": judgement.operator,
            "polarity": judgement.polarity,
            "reason": judgement.reason,
            "finding": None,
        }
    )


def _judge(
    doc: ReviewedDocument, evidence: Evidence, part: Shown | None, criteria: SelectionCriteria, owner: Owner | None
) -> Judgement:
    if not evidence.spans or not isinstance(part, Cut | OverlapRemoval | OverlapStep | Candidate):
        return Judgement()
    finding = restate(part, criteria, owner)
    if finding is None:
        return _look_for_numbers(doc, evidence.spans, part) if isinstance(part, Cut) else Judgement()
    claimed = finding.model_copy(update={"quote": evidence.quote, "source": evidence.source})
    readings = read_places(doc.index, evidence.spans)
    judgement = judge(claimed, readings)
    if judgement.operator == "absent" and claimed.closed == "none":  # "105 to 160 GeV" leaves the ends to the reader
        judgement = judge(claimed.model_copy(update={"closed": None}), readings)
    stranger = ""
    if judgement.holds and finding.stage == "overlap" and finding.second_subject is not None:
        stranger = _find_other_partner(finding.subject, finding.second_subject, readings)
    elif judgement.holds and judgement.number == "ok":
        stranger = _find_other_rank(finding.subject, readings)
    if stranger:
        what = (finding.second_subject or finding.subject).replace("_", " ")
        judgement = judgement._replace(number="wrong", reason=f"{what} is not named there, but {stranger} is")
    return judgement


def _find_other_partner(own: str, near: str, readings: Sequence[Reading]) -> str:
    """The kinds of objects that a text on an overlap names beside its own, where none of them is the other partner."""
    named = classify(" ".join(r.statement.text for r in readings)) & _KINDS
    wide = {near, *_WIDER.get(near, ()), *(k for k, w in _WIDER.items() if near in w)}
    others = named - {own, *_WIDER.get(own, ())}
    return "" if not others or named & wide else ", ".join(sorted(others))


def _look_for_numbers(doc: ReviewedDocument, spans: tuple[tuple[int, int], ...], cut: Cut) -> Judgement:
    """Whether the numbers of a cut are printed there, where nothing else can be judged.

    That a candidate exists is said of its members, in whatever words.
    """
    threshold = cut.threshold
    if threshold is None or cut.variable.startswith("count("):
        return Judgement()
    wanted = [threshold.value] if threshold.value is not None else [*(threshold.values or threshold.range or ())]
    printed = [
        (r, n)
        for r in read_places(doc.index, spans)
        for n in r.statement.numbers
        if r.role == "quote" and r.holds(n.start, n.end)
    ]
    marks = []
    for value in wanted:
        fitting = [(r, n) for r, n in printed if same_value(value, threshold.unit, n, None) or same_figures(value, n)]
        if not fitting:
            return Judgement(number="absent", reason=f"{value:g} is not printed there")
        reading, number = fitting[0]
        marks.append((reading.statement.start + number.start, reading.statement.start + number.end))
    return Judgement(number="ok" if wanted else "not_applicable", marks=tuple(marks))


def _find_other_rank(subject: str, readings: Sequence[Reading]) -> str:
    """The one rank that a text names where it is not the subject's: "the leading lepton" for the subleading one."""
    rank = subject.partition("_")[0]
    text = " ".join(r.statement.text for r in readings)
    if rank not in _RANKS or _SEVERAL.search(text):
        return ""
    named = classify(text) & _RANKS
    return next(iter(named)) + " one" if len(named) == 1 and rank not in named else ""
