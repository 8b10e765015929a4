"""Tables of a contest, for the terminal and as Markdown; names are data."""

import io
import re

import pytest
from rich.console import Console

from benchmarks.contest.contestants import Contestant
from benchmarks.contest.results import Results
from benchmarks.contest.summarising import summarise
from benchmarks.contest.summary import Summary
from benchmarks.contest.tables import lay_out, lay_out_differences, print_tables, write_tables
from tests.benchmarks.contest.drawn import RULES, draw_results, make_items, make_manifest, make_measure

NASTY = "m|o`d*e_l <img src=x onerror=alert(1)> [bold]red[/bold] \x1b[31m\u202e\nnext ](http://x) &amp; $x$"


@pytest.fixture(scope="module")
def summaries() -> tuple[Summary, ...]:
    model = {"contestant": NASTY, "kind": "simulated", "mode": "bulk", "simulated": True}
    measures = [
        make_measure(hits=3, of=4, group="numeric"),
        make_measure(hits=3, of=4, group="numeric", subject="two | three"),
        make_measure("chance_others", 0.125),
        make_measure("chance_others", 0.125, subject="two | three"),
        make_measure("chance_shuffled", 0.25),
        make_measure("chance_shuffled", 0.25, subject="two | three"),
        make_measure(hits=1, of=4, group="numeric", **model),
        make_measure(hits=2, of=4, group="numeric", **{**model, "run": 2}),
        make_measure("failed", hits=1, of=1, **model),
        make_measure("failed", hits=0, of=1, **{**model, "run": 2}),
        make_measure("prompt_tokens", 1234567, **model),
        make_measure("cost", None, **model),
        make_measure(hits=1, of=2, group="object", **model),
    ]
    items = tuple(item for m in measures for item in make_items(m))
    contestants = (RULES, Contestant(name=NASTY, kind="simulated", simulated=True))
    return summarise(Results(tuple(measures), items, make_manifest(contestants)))


def test_grids_have_the_numbers(summaries: tuple[Summary, ...]) -> None:
    grids = {grid.title: grid for grid in lay_out(summaries)}
    assert list(grids) == ["Criteria, all 2 papers", "Effort of a run, all 2 papers",
                           "Recall by stage, all 2 papers", "Recall by paper"]  # fmt: skip
    criteria = grids["Criteria, all 2 papers"]
    # columns that nobody has a number for are not there
    assert criteria.head == ("contestant", "mode", "runs", "recall", "chance: other papers / shuffled", "failed runs")
    rules, model = criteria.rows
    assert rules[:3] == ("rules", "rules", "1")
    assert re.fullmatch(r"75 % \[\d+, \d+(\.\d)?\]", rules[3])
    assert rules[4:] == ("12 % / 25 %", "–")
    # the model is simulated, and has not read both papers
    assert model[0].endswith(" (simulated)")
    assert model[2] == "2, 1 of 2"
    assert model[3].startswith("38 % [")
    assert model[4:] == ("–", "1 of 2")
    assert [row[0] for row in grids["Recall by paper"].rows] == ["one", "two | three"]


def test_markdown_shows_names_as_they_are(summaries: tuple[Summary, ...]) -> None:
    text = write_tables(summaries)
    assert "<img" not in re.sub(r"\\<", "", text)
    assert "\x1b" not in text
    assert "\u202e" not in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table


@pytest.mark.parametrize("width", [60, 120, 250])
def test_terminal_shows_names_as_they_are(summaries: tuple[Summary, ...], width: int) -> None:
    console = Console(width=width, record=True, force_terminal=False, file=io.StringIO())
    print_tables(summaries, console)
    text = console.export_text()
    assert "\x1b" not in text
    assert "\u202e" not in text
    if width == 250:
        assert "[bold]red[/bold]" in text
        assert "75 % [" in text


def test_nothing_has_no_tables() -> None:
    assert lay_out(()) == ()
    assert "|" not in write_tables(())


def test_differences_are_in_points() -> None:
    drawn = draw_results({"rules": 0.4, "model": 0.9}, papers=6, runs=3)
    results = drawn._replace(manifest=make_manifest((RULES, *drawn.manifest.contestants[1:])))
    (grid,) = lay_out_differences(results, "extract")
    (row,) = grid.rows
    assert row[:3] == ("recall", "model, bulk", "rules, bulk")
    assert re.fullmatch(r"\+(4\d|5\d)(\.\d)? \[\d\d(\.\d)?, \d\d(\.\d)?\]", row[5])
    assert row[6] == "the first"
    assert lay_out_differences(results, "code") == ()
