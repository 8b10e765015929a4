"""The summary of a contest as tables, for the terminal and as Markdown.

Names of models and papers are data: on the terminal they are never markup, in Markdown every sign that means something
there is escaped, and what could drive a terminal or reorder a line is left out of both.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.contest.comparing import Difference, compare_contestants
from benchmarks.contest.contestants import Task
from benchmarks.contest.metrics import METRICS
from benchmarks.contest.results import Results
from benchmarks.contest.summary import ALL, LEVEL, Summary
from benchmarks.contest.words import NOTHING, word_number, word_summary, word_value
from pipeline.terminal import strip_controls

if TYPE_CHECKING:
    from rich.console import Console

MEANING = re.compile(r"[\\`*_{}\[\]<>#|&~$!]")  # in Markdown, or in what GitHub makes of it
SPACE = re.compile(r"[ \t\n]+")
WIDE = 5  # contestants beside each other
CROWDED = 6  # more columns than this: intervals go below the medians, so that a screen holds the table


class Grid(NamedTuple):
    """A table: the first `names` columns name a line, the others are numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 2


class Line(NamedTuple):
    """What a line of a table is about."""

    task: Task
    contestant: str
    simulated: bool
    mode: str


class Column(NamedTuple):
    """A column: its head, and the metrics with their groups that stand in it."""

    head: str
    metrics: tuple[tuple[str, str], ...]
    show: Callable[[Sequence[Summary]], str]


def lay_out(summaries: Sequence[Summary]) -> tuple[Grid, ...]:
    """The tables of a contest: one line for each contestant and mode, without columns that nobody has a value for."""
    grids = []
    for task in ("extract", "code"):
        mine = [s for s in summaries if s.task == task]
        if not mine:
            continue
        subjects = list(dict.fromkeys(s.subject for s in mine if s.subject != ALL))
        whole = ALL if any(s.subject == ALL for s in mine) else subjects[0]
        what = "papers" if task == "extract" else "analyses"
        place = f"all {len(subjects)} {what}" if whole == ALL else subjects[0]
        for title, columns in _choose_columns(mine):
            grids.append(_lay_out_one(f"{title}, {place}", mine, whole, columns))
        if whole == ALL:
            grids += _lay_out_subjects(mine, subjects, *MAIN[task])
    return tuple(grid for grid in grids if len(grid.head) > grid.names)


def lay_out_differences(results: Results, task: Task) -> tuple[Grid, ...]:
    """Who is better than the contestant without a model, and in which mode. No table where nobody can be compared."""
    simulated = {c.name for c in results.manifest.contestants if c.simulated}
    rows = []
    for d in compare_contestants(results, task):
        names = (_join_name(s.contestant, s.contestant in simulated, s.mode) for s in (d.first, d.second))
        metric = METRICS[d.metric]
        values = (word_value(metric, value) for value in d.values)
        rows.append((metric.title, *names, *values, _word_difference(d), VERDICTS[d.better]))
    head = ("what", "first", "second", "first has", "second has", "difference in points", "better")
    return (Grid("Who is better, on what both have done (each at 95 %)", head, tuple(rows), names=3),) if rows else ()


def print_tables(summaries: Sequence[Summary], console: "Console") -> None:
    """All tables on a console, each under its title."""
    from rich.table import Table
    from rich.text import Text

    for grid in lay_out(summaries):
        table = Table(title=Text(strip_controls(grid.title)), title_justify="left", title_style="bold")
        for i, head in enumerate(grid.head):
            table.add_column(Text(strip_controls(head)), justify="left" if i < grid.names else "right")
        below = len(grid.head) > CROWDED
        for row in grid.rows:
            names, numbers = row[: grid.names], row[grid.names :]
            shown = (n.replace(" [", "\n[") if below else n for n in numbers)
            table.add_row(*(Text(text) for text in (*map(_join_line, names), *shown)))
        console.print(table)
    console.print(Text(NOTE), soft_wrap=True)


def write_tables(summaries: Sequence[Summary]) -> str:
    """All tables as Markdown, each under its title, and what the numbers are."""
    return "\n\n".join([*(write_grid(grid) for grid in lay_out(summaries)), NOTE]) + "\n"


def write_grid(grid: Grid) -> str:
    """A table as Markdown, under its title."""
    rule = ["---" if i < grid.names else "---:" for i in range(len(grid.head))]
    rows = ((*map(escape, row[: grid.names]), *row[grid.names :]) for row in grid.rows)
    lines = [[escape(cell) for cell in grid.head], rule, *rows]
    return "\n".join([f"**{escape(grid.title)}**", "", *(f"| {' | '.join(line)} |" for line in lines)])


def escape(text: str) -> str:
    """`text` as Markdown that shows it as it is, on one line."""
    return MEANING.sub(r"\\\g<0>", _join_line(text))


def name_line(contestant: str, simulated: bool) -> str:
    """A contestant as tables name it: that it is simulated is always said."""
    return f"{contestant} (simulated)" if simulated and "simulated" not in contestant.lower() else contestant


def _join_line(text: str) -> str:
    return SPACE.sub(" ", strip_controls(text)).strip()


def _show_one(found: Sequence[Summary]) -> str:
    return word_summary(found[0])


def _show_medians(found: Sequence[Summary]) -> str:
    return " / ".join(word_value(METRICS[s.metric], s.median) for s in found)


def _show_count(found: Sequence[Summary]) -> str:
    """`3 of 120` runs."""
    one = found[0]
    return f"{word_number(one.hits)} of {word_number(one.of)}" if one.hits is not None and one.of else NOTHING


def _plain(metric: str, head: str = "", group: str = "") -> Column:
    return Column(head or METRICS[metric].title, ((metric, group),), _show_one)


def _pair(head: str, *metrics: str) -> Column:
    return Column(head, tuple((m, "") for m in metrics), _show_medians)


FAILED = Column("failed runs", (("failed", ""),), _show_count)
EFFORT = (
    _plain("calls"),
    _plain("prompt_tokens"),
    _plain("completion_tokens"),
    _plain("seconds"),
    _plain("cost"),
)
EXTRACT = {
    "Criteria": (
        _plain("recall", group="numeric"),
        _pair("chance: other papers / shuffled", "chance_others", "chance_shuffled"),
        _plain("precision"),
        _plain("invented_ungrounded"),
        _plain("invented_grounded"),
        FAILED,
        _plain("agreement", "agreement"),
    ),
    "Exactness": (
        _plain("value_exact"),
        _plain("unit_exact"),
        _plain("operator_exact"),
        _plain("polarity_exact"),
        _plain("recall", "recall, all criteria", "all"),
        _plain("recall_ungrounded", group="numeric"),
    ),
    "Questions and cited works": (
        _plain("questions_right", "questions right"),
        _plain("questions_wrong", "wrong"),
        _plain("questions_other", "other"),
        _plain("citations_right", "citations right"),
        _plain("citations_wrong", "wrong"),
        _plain("citations_missed", "missed"),
    ),
    "Effort of a run": EFFORT,
}
CODE = {
    "Code": (
        _plain("matched"),
        _plain("held_out"),
        _plain("accepted"),
        _plain("witness"),
        _plain("rounds"),
        _plain("agent_work"),
        FAILED,
    ),
    "Effort of a run": EFFORT,
}
VERDICTS = {None: "cannot be told", "first": "the first", "second": "the second"}
MAIN = {"extract": ("Recall", "recall", "numeric"), "code": ("Events match", "matched", "")}
SPLIT = {"recall": "Recall by stage", "failures": "Failed attempts by class"}  # metrics whose groups are a table
NOTE = (
    f"Medians of the runs; in brackets the interval at {100 * LEVEL:.0f} % (of a share: of all runs together). Numbers "
    "that are no shares are those of one run, the mean over papers or analyses. Beside the runs: of how many papers "
    "or analyses, where others have more."
)


def _choose_columns(summaries: Sequence[Summary]) -> Iterable[tuple[str, Sequence[Column]]]:
    chosen = EXTRACT if summaries[0].task == "extract" else CODE
    for title, columns in chosen.items():
        yield title, columns
    for metric, title in SPLIT.items():
        split = [s for s in summaries if s.metric == metric and s.group not in ("", "all", "numeric")]
        if METRICS[metric].shape == "number":  # a class that occurs nowhere is told by its not being there
            occurring = {s.group for s in split if any(s.runs)}
            split = [s for s in split if s.group in occurring]
        groups = dict.fromkeys(s.group for s in split)
        yield title, [_plain(metric, group, group) for group in sorted(groups)]


def _lay_out_one(title: str, summaries: Sequence[Summary], subject: str, columns: Sequence[Column]) -> Grid:
    found = {(_find_line(s), s.metric, s.group): s for s in summaries if s.subject == subject}
    lines = list(dict.fromkeys(_find_line(s) for s in summaries))
    kept = [c for c in columns if any(_has_value(found.get((line, *m))) for line in lines for m in c.metrics)]
    most = max((s.subjects for s in found.values()), default=0)
    rows = []
    for line in lines:
        cells = []
        for column in kept:
            those = [s for m in column.metrics if (s := found.get((line, *m))) is not None]
            cells.append(column.show(those) if len(those) == len(column.metrics) else NOTHING)
        mine = [s for key, s in found.items() if key[0] == line]
        runs = f"{max((len(s.runs) for s in mine), default=0)}"
        papers = max((s.subjects for s in mine), default=0)
        if papers < most:  # its numbers are not about the same as those of the others
            runs += f", {papers} of {most}"
        rows.append((name_line(line.contestant, line.simulated), line.mode, runs, *cells))
    return Grid(title, ("contestant", "mode", "runs", *(c.head for c in kept)), tuple(rows), names=3)


def _lay_out_subjects(
    summaries: Sequence[Summary], subjects: Sequence[str], title: str, metric: str, group: str
) -> list[Grid]:
    """The main number of each paper, one line each: as many tables as it takes for a screen."""
    found = {(_find_line(s), s.subject): s for s in summaries if (s.metric, s.group) == (metric, group)}
    lines = list(dict.fromkeys(line for line, _ in found))
    what = "paper" if summaries[0].task == "extract" else "analysis"
    grids = []
    for start in range(0, len(lines), WIDE):
        part = lines[start : start + WIDE]
        head = (_join_name(line.contestant, line.simulated, line.mode) for line in part)
        rows = tuple((subject, *(word_summary(found.get((line, subject))) for line in part)) for subject in subjects)
        grids.append(Grid(f"{title} by {what}", (what, *head), rows, names=1))
    return grids


def _word_difference(difference: Difference) -> str:
    """`+12 [3, 21]`; of shares in points of percent."""
    scale = 100 if METRICS[difference.metric].shape == "ratio" else 1
    interval = difference.interval
    limits = f" [{scale * interval.low:.3g}, {scale * interval.high:.3g}]" if interval else ""
    return f"{scale * difference.difference:+.3g}{limits}"


def _find_line(summary: Summary) -> Line:
    return Line(summary.task, summary.contestant, summary.simulated, summary.mode)


def _join_name(contestant: str, simulated: bool, mode: str) -> str:
    name = name_line(contestant, simulated)
    return name if mode == contestant else f"{name}, {mode}"


def _has_value(summary: Summary | None) -> bool:
    return summary is not None and any(value is not None for value in summary.runs)
