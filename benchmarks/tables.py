"""Scores as tables on the terminal."""

from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.criteria_mutations import Score as MutationScore
from benchmarks.extraction import Judged, Score
from benchmarks.gold import GoldCriterion
from benchmarks.grounding import GroundingScore
from schemas.finding import Ramp


def print_scores(scores: Sequence[Score]) -> None:
    """One line a paper: recall and chance, precision, recall of each stage, seconds."""
    table = Table("paper", "recall", "chance: others", "shuffled", "precision", "same effect", "stages", "seconds")
    for s in scores:
        lower, upper = s.precision
        undecided = sum(j.verdict is None for j in s.unmatched)
        table.add_row(
            s.paper,
            f"{s.matched}/{s.of} = {s.recall:.1%}",
            f"{s.chance_other_papers:.1%}",
            f"{s.chance_shuffled:.1%}",
            f"{lower:.1%} to {upper:.1%} of {s.n_findings}, {undecided} undecided",
            f"{s.same_effect}/{s.matched}",
            "  ".join(f"{r.stage} {r.matched}/{r.of}" for r in s.stages),
            f"{s.seconds_text:.2f} + {s.seconds_findings:.2f}",
        )
    Console(width=200).print(table)


def print_details(scores: Sequence[Score], show: Literal["missed", "unmatched", "all"]) -> None:
    """The criteria that were missed and the findings that state none, with quote and page."""
    console = Console(width=200, highlight=False)
    for s in scores:
        if show in ("missed", "all"):
            console.rule(f"{s.paper}: missed")
            for criterion in s.missed:
                console.print(Text(_describe_criterion(criterion)))
        if show in ("unmatched", "all"):
            console.rule(f"{s.paper}: findings that state no criterion")
            for judged in s.unmatched:
                console.print(Text(_describe_finding(judged)))


def _describe_criterion(c: GoldCriterion) -> str:
    pages = ",".join(str(p) for p in c.pages)
    second = f" / {c.second_subject}" if c.second_subject else ""
    operator = c.operator + (f" ({c.operator_alt})" if c.operator_alt else "")
    return (
        f"{c.id} p.{pages} {c.stage}: {c.subject}{second} · {c.variable} {operator} {c.value} {c.unit or ''} "
        f"[{c.effect}] if {c.condition or '-'} in {c.scope or '-'}\n      “{c.quote}”"
    )


def _describe_finding(judged: Judged) -> str:
    f = judged.finding
    verdict = {None: "undecided", True: "true", False: "false"}[judged.verdict]
    second = f" / {f.second_subject}" if f.second_subject else ""
    value = f"{f.value.x} → {f.value.y}" if isinstance(f.value, Ramp) else f.value
    return (
        f"{verdict} p.{f.page} {f.stage}: {f.subject}{second} · {f.variable} {f.operator} {value} {f.unit or ''} "
        f"[{f.effect}] if {f.condition or '-'} in {f.scope or '-'} ({f.source})\n      “{' … '.join(f.quote)}”"
        + (f"\n      {judged.reason}" if judged.reason else "")
    )


def print_grounding(scores: Sequence[GroundingScore]) -> None:
    """One line a paper, one line a kind of false finding, and every wrong verdict."""
    console = Console(width=200, highlight=False)
    papers = Table("paper", "true kept", "false accepted", "left out (rule: entries)", "seconds once read")
    for s in scores:
        papers.add_row(
            s.paper,
            f"{s.kept}/{s.true} = {s.kept / max(s.true, 1):.1%}",
            f"{s.accepted}/{s.tried}",
            ", ".join(f"{rule}: {n}" for rule, n in s.left_out.items()),
            f"{s.seconds:.3f} for {s.n_findings} findings",
        )
    console.print(papers)
    kinds = Table("kind of false finding", "accepted", "tried")
    for kind in sorted({r.kind for s in scores for r in s.rates}):
        rates = [r for s in scores for r in s.rates if r.kind == kind]
        kinds.add_row(kind, str(sum(r.wrong for r in rates)), str(sum(r.tried for r in rates)))
    console.print(kinds)
    kept, true = sum(s.kept for s in scores), sum(s.true for s in scores)
    console.print(
        f"true findings kept {kept}/{true} = {kept / max(true, 1):.2%}; "
        f"false findings accepted {sum(s.accepted for s in scores)}/{sum(s.tried for s in scores)}; "
        f"left out {sum(sum(s.left_out.values()) for s in scores)}"
    )
    for failure in (f for s in scores for f in s.failures):
        line = (
            f"{failure.criterion}  {failure.kind}  {failure.note}  {failure.reason or ''}  {' | '.join(failure.quote)}"
        )
        console.print(Text(line))


def print_mutants(score: MutationScore) -> None:
    """The mutation score of one analysis by kind of mistake, the survivors, and the cuts without a witness."""
    console = Console(width=160, highlight=False)
    console.print(
        f"{score.analysis}, {score.profile}: {score.killed} of {score.meaningful} mutants that change meaning "
        f"are killed ({score.killed / max(score.meaningful, 1):.1%}); {score.witnessed} of {score.cuts} cuts have "
        f"witnesses, {score.events} events, {score.seconds:.0f} s",
        markup=False,
    )
    table = Table("kind", "mutants", "killed", "equivalent", "not killed")
    for row in score.rows:
        left = row.mutants - row.killed - row.equivalent
        table.add_row(row.kind, *map(str, (row.mutants, row.killed, row.equivalent, left)))
    console.print(table)
    console.print(
        f"compiled and run: {score.checked}, of which {len(score.missed)} gave the original's results"
        f"{': ' + '; '.join(score.missed) if score.missed else ''}; {score.refused} cannot be compiled for the format",
        markup=False,
    )
    for one in score.survivors:
        mark = "equivalent" if one.equivalent else "survives"
        console.print(f"  {mark}: {one.item}: {one.text} ({one.kind}): {one.reason}", markup=False)
    for cut, reason in score.unreached.items():
        console.print(f"  no witness: {cut}: {reason}", markup=False)
