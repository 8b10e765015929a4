"""Outcomes and gold lists become rows of the tidy table. Nothing here asks a model: scoring is repeated freely.

What counts as what:
- *numeric* criteria are those that are numeric and executable. Recall matches them to grounded numeric findings, one to
  one (`benchmarks.matching`); group `all` matches every criterion to every grounded finding.
- A finding is *right* when it states any criterion of the list (also a second time, also one that is not counted, also
  one on a page that was not read completely), or when a person judged it true (`benchmarks.judging`).
- A run that *failed* recovers none of the criteria. It has no findings, so whatever counts findings or questions is not
  defined for it and left empty, not zero: a run that says nothing invents nothing, which is no merit.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from textwrap import shorten

from benchmarks.contest.cells import Cell
from benchmarks.contest.contestants import Contestant
from benchmarks.contest.measures import Item, Measure
from benchmarks.contest.rows import Rows
from benchmarks.extracting.agreeing import measure_agreement
from benchmarks.extracting.aligning import judge_exactness
from benchmarks.extracting.citing import FOLLOWED, TRACED, judge_citations
from benchmarks.extracting.outcome import ExtractOutcome
from benchmarks.extracting.questioning import ASKS, Verdict, judge_questions
from benchmarks.extraction import is_numeric, match_shuffled
from benchmarks.gold import GoldCriterion, GoldList
from benchmarks.judging import Judgement, describe, find_verdict
from benchmarks.matching import is_true, match
from schemas.finding import Finding

Done = tuple[Cell, Contestant, ExtractOutcome]
Judgements = Mapping[str, Sequence[Judgement]]

NUMERIC, ALL, UNGROUNDED = "numeric", "all", "before grounding"
INVENTED = ("invented_ungrounded", "invented_grounded", "undecided")
MOST_LETTERS = 160  # of a finding in a table: names may be a model's words
EXACT = ("value", "unit", "operator", "polarity")
VERDICTS: tuple[Verdict, ...] = ("right", "wrong", "other")
TRACES = ("right", "wrong", "missed")


def score_contest(
    lists: Sequence[GoldList], done: Sequence[Done], judgements: Judgements | None = None
) -> tuple[list[Measure], list[Item]]:
    """Rows of all papers. Chance is measured against what the same contestant read, in the same mode, elsewhere.

    A cell's `subject` is the `paper` of its gold list; cells of papers without one are left out.
    """
    measures: list[Measure] = []
    items: list[Item] = []
    for gold in lists:
        for own in _group(done).values():
            cells = [d for d in own if d[0].subject == gold.paper]
            others: dict[str, list[ExtractOutcome]] = {}
            for cell, _, outcome in own:
                if cell.subject != gold.paper:
                    others.setdefault(cell.subject, []).append(outcome)
            more = score_outcomes(gold, cells, others, judgements)
            measures += more[0]
            items += more[1]
    return measures, items


def score_outcomes(
    gold: GoldList,
    cells: Sequence[Done],
    others: Mapping[str, Sequence[ExtractOutcome]],
    judgements: Judgements | None = None,
) -> tuple[list[Measure], list[Item]]:
    """Rows of one paper: every metric of `metrics.EXTRACT` and `metrics.BOTH` for each cell.

    `others` are outcomes of other papers, by paper: what they match here, they match by chance. `judgements` are
    verdicts of people, by paper.
    """
    measures: list[Measure] = []
    items: list[Item] = []
    counted = [c for c in gold.criteria if c.counted]
    chance = _match_others(counted, others)
    known = (judgements or {}).get(gold.paper, ())
    for cell, contestant, outcome in cells:
        rows = Rows(cell, contestant)
        _write_recall(rows, gold, outcome)
        rows.write_number("chance_others", chance)
        shuffled = match_shuffled(counted, _numeric(outcome.grounded)) if counted and not outcome.failed else None
        rows.write_number("chance_shuffled", shuffled)
        _write_precision(rows, gold, outcome, known)
        _write_exactness(rows, gold, outcome, known)
        _write_questions(rows, gold, outcome)
        _write_citations(rows, gold, outcome)
        rows.write_ratio("failed", [("run", outcome.failed is not None)])
        rows.write_effort(outcome.effort)
        measures += rows.measures
        items += rows.items
    for own in _group(cells).values():
        rows = Rows(own[0][0], own[0][1], run=0)
        rows.write_number("agreement", measure_agreement(gold, {cell.run: o for cell, _, o in own}))
        measures += rows.measures
    return measures, items


def _group(cells: Sequence[Done]) -> dict[tuple[str, str], list[Done]]:
    """Cells by contestant and mode: the runs of one reader."""
    groups: dict[tuple[str, str], list[Done]] = {}
    for one in cells:
        groups.setdefault((one[1].name, one[0].mode), []).append(one)
    return groups


def _write_recall(rows: Rows, gold: GoldList, outcome: ExtractOutcome) -> None:
    counted = [c for c in gold.criteria if c.counted]
    found = () if outcome.failed else outcome.grounded
    every = () if outcome.failed else outcome.findings
    numeric = _recall(counted, [f for f in found if is_numeric(f)])
    rows.write_ratio("recall", numeric, NUMERIC)
    rows.write_ratio("recall", _recall(gold.criteria, found), ALL)
    stages = {c.id: c.stage for c in counted}
    for stage in sorted(Counter(stages.values())):
        rows.write_ratio("recall", [(i, hit) for i, hit in numeric if stages[i] == stage], stage)
    rows.write_ratio("recall_ungrounded", _recall(counted, [f for f in every if is_numeric(f)]), NUMERIC)


def _recall(criteria: Sequence[GoldCriterion], findings: Sequence[Finding]) -> list[tuple[str, bool]]:
    matched = {m.criterion.id for m in match(criteria, findings)}
    return [(c.id, c.id in matched) for c in criteria]


def _write_precision(rows: Rows, gold: GoldList, outcome: ExtractOutcome, known: Sequence[Judgement]) -> None:
    if outcome.failed:
        rows.write_ratio("precision", ())
        for metric in INVENTED:
            rows.write_number(metric, None)
        return
    findings = [f for f in outcome.grounded if is_numeric(f)]
    right = _list_right(gold, findings)
    verdicts = [None if ok else find_verdict(f, known) for f, ok in zip(findings, right, strict=True)]
    good = [ok or (v is not None and v.verdict) for ok, v in zip(right, verdicts, strict=True)]
    rows.write_ratio("precision", list(zip(_name_all(findings), good, strict=True)))
    rows.write_number("invented_ungrounded", len(outcome.findings) - len(outcome.grounded))
    rows.write_number("invented_grounded", good.count(False))
    rows.write_number("undecided", sum(v is None and not ok for ok, v in zip(right, verdicts, strict=True)))


def _write_exactness(rows: Rows, gold: GoldList, outcome: ExtractOutcome, known: Sequence[Judgement]) -> None:
    """Of what reaches a person, and, in a group of its own, of all that was read."""
    counted = [c for c in gold.criteria if c.counted]

    def is_elsewhere(finding: Finding) -> bool:
        verdict = find_verdict(finding, known)
        return is_true(finding, gold.every) or (verdict is not None and verdict.verdict)

    for group, findings in (("", outcome.grounded), (UNGROUNDED, outcome.findings)):
        judged = judge_exactness(counted, () if outcome.failed else _numeric(findings), is_elsewhere)
        for name in EXACT:
            rows.write_ratio(f"{name}_exact", [(e.criterion, bool(getattr(e, name))) for e in judged], group)


def _write_questions(rows: Rows, gold: GoldList, outcome: ExtractOutcome) -> None:
    """All of them in the group without a name, and those of each kind in a group of its own."""
    counted = judge_questions(gold, outcome)
    for verdict in VERDICTS:
        own = {asked: counted[verdict, asked] for asked in ASKS}
        rows.write_number(f"questions_{verdict}", None if outcome.failed else sum(own.values()))
        for asked, number in own.items():
            rows.write_number(f"questions_{verdict}", None if outcome.failed else number, asked)


def _write_citations(rows: Rows, gold: GoldList, outcome: ExtractOutcome) -> None:
    judged = judge_citations(gold, outcome)
    for group in (FOLLOWED, TRACED):
        for name in TRACES:
            keys = getattr(judged[group], name)
            rows.write_number(f"citations_{name}", None if outcome.failed else len(keys), group)


def _list_right(gold: GoldList, findings: Sequence[Finding]) -> list[bool]:
    """Of each finding: whether it states a criterion, or an end of one that was read in two."""
    used = {f.id for m in match([c for c in gold.criteria if c.counted], findings) for f in m.findings}
    every = (*gold.criteria, *gold.outside)
    return [f.id in used or is_true(f, every) for f in findings]


def _name_all(findings: Sequence[Finding]) -> Iterator[str]:
    """Names of the findings by their meaning, the same in every run; one that is said twice has a number."""
    seen = Counter[str]()
    for finding in findings:
        name = name_meaning(finding)
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} #{seen[name]}"


def name_meaning(finding: Finding) -> str:
    """A finding by its meaning and page, for a table: what it is about, the comparison, the effect where it is told."""
    subject, variable, operator, value, unit, page = describe(finding)
    second = f" / {finding.second_subject}" if finding.second_subject else ""
    shown = "" if value is None else f" {_show(value)}"
    effect = "" if finding.effect == "keep" else f" [{finding.effect}]"
    said = f"{subject}{second} {variable} {operator}{shown}{f' {unit}' if unit else ''}{effect}"
    return f"{shorten(said, MOST_LETTERS, placeholder=' …')}, p. {page}"


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_show(v) for v in value)
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _match_others(criteria: Sequence[GoldCriterion], others: Mapping[str, Sequence[ExtractOutcome]]) -> float | None:
    """The mean share of the criteria that another paper's findings match, pages not asked; None: no other paper."""
    if not criteria:
        return None
    shares = []
    for outcomes in others.values():
        usable = [o for o in outcomes if o.failed is None]
        if usable:
            matched = (len(match(criteria, _numeric(o.grounded), on_page=False)) for o in usable)
            shares.append(fmean(matched) / len(criteria))
    return fmean(shares) if shares else None


def _numeric(findings: Sequence[Finding]) -> list[Finding]:
    return [f for f in findings if is_numeric(f)]
