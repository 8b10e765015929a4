"""How well a reader reads: recall against gold criteria, precision, and what chance alone would match.

Recall counts the numeric and executable criteria of a paper, one finding to one criterion (`benchmarks.matching`).
A finding is right when it states any criterion of the list (also a second time, also one that is not counted), or when
a person judged it so; what is neither is undecided and counts as wrong in the lower of the two precisions.

Chance is measured twice: how much of the list the other papers' findings would match if pages were not asked, and how
much the paper's own findings would match after their values were exchanged among findings of the same unit and shape.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from benchmarks.claims import FORMULA_OPERATORS
from benchmarks.gold import GoldCriterion, GoldList
from benchmarks.judging import Judgement, find_verdict
from benchmarks.matching import Match, is_true, match
from schemas.errors import CriteriaError
from schemas.finding import Finding, Ramp
from schemas.model import Model
from schemas.units import find_unit

SHUFFLES = 20


class Reading(Model):
    """What a reader found in one paper, and how long it took."""

    paper: str
    findings: tuple[Finding, ...]
    seconds_text: float = 0.0  # PDF to Document
    seconds_findings: float = 0.0  # Document to findings


class StageRecall(Model):
    """Recall of one stage."""

    stage: str
    matched: int
    of: int


class Judged(Model):
    """A finding that states no criterion; `verdict` is None until a person has decided."""

    finding: Finding
    verdict: bool | None
    reason: str | None


class Score(Model):
    """How one paper was read."""

    paper: str
    matched: int
    of: int
    missed: tuple[GoldCriterion, ...]
    same_effect: int  # matches whose effect is also the same word, not only the same outcome
    stages: tuple[StageRecall, ...]
    n_findings: int
    n_stating: int  # findings that state a criterion of the list, or an end of a range in it
    unmatched: tuple[Judged, ...]
    chance_other_papers: float  # share of the list
    chance_shuffled: float
    seconds_text: float
    seconds_findings: float

    @property
    def recall(self) -> float:
        """Share of the counted criteria that were found."""
        return self.matched / self.of if self.of else 0.0

    @property
    def precision(self) -> tuple[float, float]:
        """Share of right findings: undecided ones taken as wrong, and left out."""
        right = self.n_stating + sum(j.verdict is True for j in self.unmatched)
        wrong = sum(j.verdict is False for j in self.unmatched)
        lower = right / self.n_findings if self.n_findings else 0.0
        return lower, right / (right + wrong) if right + wrong else 0.0


def score(
    gold: GoldList,
    reading: Reading,
    others: Sequence[Reading] = (),
    judgements: Mapping[str, Sequence[Judgement]] | None = None,
    *,
    everything: bool = False,
) -> Score:
    """Score a reading. `others` are readings of other papers; `everything` counts the non-numeric criteria too."""
    criteria = tuple(c for c in gold.criteria if everything or c.counted)
    findings = reading.findings if everything else tuple(f for f in reading.findings if is_numeric(f))
    matches = match(criteria, findings)
    matched = {m.criterion.id for m in matches}
    used = {id(f) for m in matches for f in m.findings}
    every = (*gold.criteria, *gold.outside)
    unmatched = tuple(f for f in findings if id(f) not in used and not is_true(f, every))
    known = (judgements or {}).get(gold.paper, ())
    verdicts = [(f, find_verdict(f, known)) for f in unmatched]
    return Score(
        paper=gold.paper,
        matched=len(matches),
        of=len(criteria),
        missed=tuple(c for c in criteria if c.id not in matched),
        same_effect=sum(m.criterion.effect == m.findings[0].effect for m in matches),
        stages=_count_stages(criteria, matches),
        n_findings=len(findings),
        n_stating=len(findings) - len(unmatched),
        unmatched=tuple(
            Judged(finding=f, verdict=v.verdict if v else None, reason=v.reason if v else None) for f, v in verdicts
        ),
        chance_other_papers=_match_others(criteria, others),
        chance_shuffled=match_shuffled(criteria, findings),
        seconds_text=reading.seconds_text,
        seconds_findings=reading.seconds_findings,
    )


def is_numeric(finding: Finding) -> bool:
    """Whether the value is a number, a range, numbers, a ramp, or a formula with numbers ("< 0.04 + 10 GeV/pT")."""
    value = finding.value
    if isinstance(value, tuple):
        return all(isinstance(v, float | int) for v in value)
    if isinstance(value, str):
        return finding.operator in FORMULA_OPERATORS and any(c.isdigit() for c in value)
    return isinstance(value, float | int | Ramp)


def shuffle_values(findings: Sequence[Finding], seed: int) -> tuple[Finding, ...]:
    """The findings with their values (and units) exchanged among those of the same dimension and shape."""
    pools: dict[tuple[str, int], list[int]] = defaultdict(list)
    for i, finding in enumerate(findings):
        if isinstance(finding.value, float | int | tuple) and is_numeric(finding):
            size = len(finding.value) if isinstance(finding.value, tuple) else 1
            pools[_dimension(finding.unit), size].append(i)
    shuffled = list(findings)
    dice = random.Random(seed)  # noqa: S311 - a repeatable permutation, not a secret
    for places in pools.values():
        sources = places[:]
        dice.shuffle(sources)
        for place, origin in zip(places, sources, strict=True):
            update = {"value": findings[origin].value, "unit": findings[origin].unit}
            shuffled[place] = findings[place].model_copy(update=update)
    return tuple(shuffled)


def match_shuffled(criteria: Sequence[GoldCriterion], findings: Sequence[Finding]) -> float:
    """The mean share of the criteria that the findings match after their values were exchanged; 0 of nothing."""
    if not criteria or not findings:
        return 0.0
    counts = [len(match(criteria, shuffle_values(findings, seed))) for seed in range(SHUFFLES)]
    return sum(counts) / len(counts) / len(criteria)


def _dimension(unit: str | None) -> str:
    try:
        return find_unit(unit).dimension if unit else ""
    except CriteriaError:
        return unit or ""


def _count_stages(criteria: Sequence[GoldCriterion], matches: Sequence[Match]) -> tuple[StageRecall, ...]:
    of = Counter(c.stage for c in criteria)
    got = Counter(m.criterion.stage for m in matches)
    return tuple(StageRecall(stage=s, matched=got[s], of=n) for s, n in sorted(of.items()))


def _match_others(criteria: Sequence[GoldCriterion], others: Sequence[Reading]) -> float:
    """The mean share of the criteria that one other paper's findings match, pages not asked."""
    if not others or not criteria:
        return 0.0
    shares = [len(match(criteria, r.findings, on_page=False)) / len(criteria) for r in others]
    return sum(shares) / len(shares)
