"""Grounding measured by mutation: true findings of the gold lists must be grounded, false ones made from them refused.

What a gold entry's own quote does not say cannot be judged from it. Such entries are left out, by these rules alone:

- `figures`: a figure of its value (or of its literal) is not in the quote, neither as digits nor as a word;
- `words`: its label is in the list's own words, not in words of the quote;
- `choice`: it chooses or orders, and the quote has no word that does (a superlative, "order", "priority");
- `unknown`: the list does not give every corner of a ramp.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.gold import GoldCriterion, GoldList, Points
from benchmarks.mutations import Mutant, make_mutants
from extract.grounding.ground import ground, ground_findings
from extract.grounding.index import GroundingIndex
from schemas.document import Document, HiddenText
from schemas.evidence import Evidence
from schemas.finding import Finding, Ramp
from schemas.model import Model

_DIGITS = {
    0: "no|none|zero|without|veto|discard",
    1: "one|single|a|an",
    2: "two|both",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    7: "seven",
}
_CHOICE = re.compile(r"\w+est\b|most|maxim|minim|order|priorit|prefer|higher|lower|larger|smaller", re.IGNORECASE)
_BOUNDED = re.compile(r"\d\s?\w*\s?([<≤])\s?[^<>≤≥\d]\S*(?:\s[^<>≤≥\s]+){0,3}?\s?([<≤])\s?-?\d")
_RUNS = 3  # the fastest counts: other work on the machine is not grounding
_FOREIGN = 3  # quotes of other papers tried with each finding


class Failure(Model):
    """A verdict that is wrong: a true finding refused, or a false one accepted."""

    paper: str
    criterion: str
    kind: str
    note: str
    reason: str | None
    quote: tuple[str, ...]


class Rate(Model):
    """How many findings of one kind were tried and how many got the wrong verdict."""

    kind: str
    tried: int
    wrong: int


class GroundingScore(Model):
    """One paper: true findings kept, false ones refused, what was left out and why, seconds."""

    paper: str
    true: int
    kept: int
    left_out: dict[str, int]
    rates: tuple[Rate, ...]
    failures: tuple[Failure, ...]
    seconds: float  # of grounding all true findings of the list, with the index
    n_findings: int  # grounded in that time

    @property
    def accepted(self) -> int:
        """False findings that were accepted."""
        return sum(r.wrong for r in self.rates)

    @property
    def tried(self) -> int:
        """False findings that were tried."""
        return sum(r.tried for r in self.rates)


def measure(gold: GoldList, document: Document, foreign: Sequence[str]) -> GroundingScore:
    """Grounding of one paper. `foreign` are quotes of other papers."""
    left_out: Counter[str] = Counter()
    pairs: list[tuple[Finding, GoldCriterion]] = []
    criteria = (*gold.criteria, *gold.outside)
    for criterion in criteria:
        why = find_exclusion(criterion)
        if why is not None:
            left_out[why] += 1
        else:
            pairs.append((make_finding(criterion), criterion))
    seconds = float("inf")
    for _ in range(_RUNS):
        start = perf_counter()
        evidence = ground_findings(document, [f for f, _ in pairs])
        seconds = min(seconds, perf_counter() - start)
    failures = [
        _fail(gold.paper, c.id, "true finding refused", "", f, e)
        for (f, c), e in zip(pairs, evidence, strict=True)
        if not e.grounded
    ]
    refused = {f.criterion for f in failures}
    index = GroundingIndex(document)
    tried: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for number, (finding, criterion) in enumerate(pairs):
        others = [foreign[(number * _FOREIGN + k) % len(foreign)] for k in range(_FOREIGN)] if foreign else []
        if criterion.id in refused:
            continue
        for mutant in make_mutants(finding, criterion, criteria, document, others):
            tried[mutant.kind] += 1
            verdict = ground(_hide(index, mutant) if mutant.hidden else index, mutant.finding)
            if verdict.grounded:
                wrong[mutant.kind] += 1
                failures.append(_fail(gold.paper, criterion.id, mutant.kind, mutant.note, mutant.finding, verdict))
    rates = tuple(Rate(kind=k, tried=tried[k], wrong=wrong[k]) for k in sorted(tried))
    return GroundingScore(
        paper=gold.paper, true=len(pairs), kept=len(pairs) - len(refused), left_out=dict(left_out), rates=rates,
        failures=tuple(failures), seconds=seconds, n_findings=len(pairs),
    )  # fmt: skip


def _fail(paper: str, criterion: str, kind: str, note: str, finding: Finding, evidence: Evidence) -> Failure:
    return Failure(paper=paper, criterion=criterion, kind=kind, note=note, reason=evidence.reason, quote=finding.quote)


def _hide(index: GroundingIndex, mutant: Mutant) -> GroundingIndex:
    """The same document with the quote as hidden text. Only the hidden texts differ, so the folding is kept."""
    hidden = tuple(HiddenText(page=1, text=q, reason="white") for q in mutant.finding.quote)
    index.document = index.document.model_copy(update={"hidden": hidden})
    return index


def make_finding(criterion: GoldCriterion) -> Finding:
    """The finding that a careful reader would hand in for a criterion, with the cited keys that the quote prints."""
    quotes = tuple(q for q in (criterion.quote, criterion.quote_2) if q)
    text = " ".join(quotes)
    value = criterion.value
    ramp: Ramp | None = None
    if isinstance(value, Points):
        xs = tuple(x for x, _ in value.points)
        found = re.search(rf"(?<![\d.]){xs[0]:g}\s?([kMGT]eV|mm|cm)?(?!\d|\.\d)", text)
        ys = tuple(y for _, y in value.points if y is not None)
        ramp = Ramp(argument="x", x=xs, y=ys, x_unit=found[1] if found else None)
    closed = None
    if criterion.operator in ("between", "outside") and (signs := _BOUNDED.search(text)):
        left, right = signs[1] == "≤", signs[2] == "≤"
        closed = "both" if left and right else "left" if left else "right" if right else "none"
    return Finding.model_validate(
        {
            **criterion.model_dump(
                include={"id", "stage", "subject", "second_subject", "variable", "operator", "effect"}
            ),
            **criterion.model_dump(include={"condition", "scope", "group", "source"}),
            "value": ramp or value,
            "closed": closed,
            "unit": criterion.unit,
            "quote": quotes,
            "cites": tuple(c for c in criterion.cites if c in text),
            "page": criterion.pages[0],
            "reader": "gold",
        }
    )


def find_exclusion(criterion: GoldCriterion) -> str | None:
    """The rule by which an entry cannot be judged from its own quote; None when it can."""
    text = " ".join(q for q in (criterion.quote, criterion.quote_2) if q)
    value = criterion.value
    if isinstance(value, Points) and any(y is None for _, y in value.points):
        return "unknown"
    if criterion.operator in ("minimise", "maximise", "order") and not _CHOICE.search(text):
        return "choice"
    if any(not _is_printed(v, text) for v in _list_figures(value)):
        return "figures"
    labels = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
    for label in labels:
        words = re.findall(r"[^\W\d_]{2,}|\d+", label) if isinstance(label, str) else []
        if any(w.lower()[:4] not in text.lower() for w in words):
            return "words"
    return None


def _list_figures(value: object) -> Iterator[float]:
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, Points):
        for x, y in value.points:
            yield x
            yield float(y or 0)
    elif isinstance(value, tuple):
        yield from (float(v) for v in value if isinstance(v, int | float))


def _is_printed(figure: float, text: str) -> bool:
    forms = {f"{figure:g}", f"{figure * 1000:g}", f"{figure / 10:g}", f"{figure * 100:g}"}
    if any(re.search(rf"(?<![\d.]){re.escape(f)}0*(?!\d|\.\d)", text) for f in forms):
        return True
    return figure in _DIGITS and bool(re.search(rf"\b(?:{_DIGITS[int(figure)]})", text, re.IGNORECASE))


def list_quotes(lists: Sequence[GoldList], without: str) -> tuple[str, ...]:
    """The quotes of all lists but one, for the trial with quotes of another paper."""
    return tuple(c.quote for g in lists if g.paper != without for c in g.criteria if len(c.quote) > 24)


def read_documents(lists: Sequence[GoldList], pdf: Path) -> dict[str, Document]:
    """The documents of the lists by paper. Raises UsageError (no such PDF) or PaperError (unreadable)."""
    from papers.read import read_paper

    return {g.paper: read_paper(pdf / g.pdf) for g in lists}
