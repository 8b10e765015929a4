"""Scores as tables on the terminal."""

from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.extraction import Judged, Score
from benchmarks.gold import GoldCriterion
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
