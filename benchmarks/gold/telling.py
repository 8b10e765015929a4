"""Gold lists for a person at the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.gold.checking import Checked
from benchmarks.gold.comparing import Comparison, Pair
from benchmarks.gold.lists import GoldCriterion, GoldList, Points

WIDTH = 160


def describe(criterion: GoldCriterion) -> str:
    """A criterion in a line: subject, variable, operator, value, unit, and what happens."""
    c = criterion
    between = f" and {_name(c.second_subject)}" if c.second_subject else ""
    operator = f"{c.operator} or {c.operator_alt}" if c.operator_alt else c.operator
    outcome = "" if c.effect == "keep" else f" -> {c.effect}"
    text = f"{_name(c.subject)}{between}: {_name(c.variable)} {operator} {_show_value(c)} {c.unit or ''}".rstrip()
    return f"{text}{outcome}"


def show_lists(lists: Sequence[GoldList]) -> None:
    """One line a list."""
    table = Table("list", "paper", "what it is", "criteria", "counted", "open", "cited for a definition", "pages")
    for g in lists:
        table.add_row(
            *(Text(t) for t in (g.slug or "-", g.paper, g.title or "-", str(len(g.every)))),
            str(sum(c.counted for c in g.criteria)),
            str(sum(bool(c.open) for c in g.every)),
            Text(", ".join(sorted(g.delegated)) or "-"),
            ", ".join(map(str, g.pages)),
        )
    _make_console().print(table)


def show_list(gold: GoldList, *, only_open: bool = False) -> None:
    """All criteria of a list, or those that leave something open."""
    console = _make_console()
    named = (f"arXiv:{gold.arxiv}v{gold.version}" if gold.arxiv else None, gold.doi, gold.report, gold.pdf)
    console.print(Text(f"{gold.paper}: {gold.title or ''} ({', '.join(n for n in named if n)})"))
    table = Table("id", "stage", "criterion", "holds for", "pages", "open", "cites")
    for c in gold.every:
        if only_open and not c.open:
            continue
        holds = "; ".join(t for t in (c.condition, f"in {c.scope}" if c.scope else None) if t)
        mark = "" if c.counted else " (not counted)"
        cells = (c.id, c.stage, describe(c) + mark, holds, ", ".join(map(str, c.pages)), ", ".join(c.open))
        table.add_row(*(Text(t) for t in cells), Text(" ".join(c.cites)))
    console.print(table)
    if gold.notes and not only_open:
        console.print(Text(gold.notes))


def show_checks(checks: Sequence[Checked], *, places: bool) -> None:
    """One line a list, each miss, and with `places` the words around every number that was found."""
    console = _make_console()
    table = Table("paper", "criteria", "numbers", "in figures", "in words", "misses")
    for c in checks:
        counts = (c.criteria, c.numbers, c.figures, c.words, len(c.misses))
        table.add_row(Text(c.paper), *(str(n) for n in counts))
    console.print(table)
    for c in checks:
        for m in c.misses:
            page = f", p. {m.page}" if m.page is not None else ""
            console.print(Text(f"{c.paper}{': ' + m.criterion if m.criterion else ''}{page}: {m.text}"))
        for p in c.places if places else ():
            console.print(Text(f"{c.paper}: {p.criterion}, p. {p.page}: {p.number}: ... {p.words} ...", style="dim"))


def show_comparison(comparison: Comparison, a: str, b: str) -> None:
    """What both lists have, where they differ, what one has alone, and how far they agree."""
    console = _make_console()
    both, differ = len(comparison.agreed), comparison.differing
    agreement = f"{comparison.agreement:.3f}" if comparison.agreement is not None else "not defined"
    console.print(Text(f"{comparison.paper}: A is {a}, B is {b}"))
    alone = f"{len(comparison.only_a)} only in A, {len(comparison.only_b)} only in B"
    console.print(Text(f"{both} in both, {len(differ)} differ, {alone}"))
    console.print(Text(f"positive specific agreement {agreement}"))
    for k in comparison.labels:
        kappa = f"kappa {k.kappa:.3f}" if k.kappa is not None else "kappa not defined"
        console.print(Text(f"  {k.part}: {k.same} of {k.of} pairs the same, {kappa}"))
    for pair in differ:
        console.print(Text(f"{', '.join(pair.differences)} differ:\n  A {_place(pair.a)}\n  B {_place(pair.b)}"))
    for name, criteria in (("A", comparison.only_a), ("B", comparison.only_b)):
        for c in criteria:
            console.print(Text(f"only in {name}: {_place(c)}"))
    minor = [p for p in comparison.agreed if p.differences]
    for pair in minor:
        console.print(Text(f"same, but {_tell_minor(pair)}: {_place(pair.a)}"))


def _tell_minor(pair: Pair) -> str:
    told = {
        "stage": f"stage {pair.a.stage} and {pair.b.stage}",
        "open": f"open [{', '.join(pair.a.open)}] and [{', '.join(pair.b.open)}]",
    }
    return "; ".join(told[d] for d in pair.differences if d in told)


def _place(criterion: GoldCriterion) -> str:
    c = criterion
    holds = "; ".join(t for t in (c.condition, c.scope) if t)
    return f"{c.id}: {describe(c)}{f' ({holds})' if holds else ''}, p. {', '.join(map(str, c.pages))}"


def _name(text: str) -> str:
    return text.removeprefix("other:")


def _show_value(criterion: GoldCriterion) -> str:
    value = criterion.value
    if value is None:
        return f"as in {' '.join(criterion.cites)}" if criterion.cites else ""
    if isinstance(value, Points):
        return ", ".join(f"{'?' if y is None else f'{y:g}'} at {x:g}" for x, y in value.points)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str):
        return value
    return "[" + ", ".join(f"{v:g}" if isinstance(v, float) else v for v in value) + "]"


def _make_console() -> Console:
    return Console(width=WIDTH, highlight=False, soft_wrap=True)
