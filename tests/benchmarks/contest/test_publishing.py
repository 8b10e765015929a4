"""Tables between the marks of a Markdown file are those of the results, and nothing else of the file changes."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.commands.report import command
from benchmarks.contest.joining import join_results
from benchmarks.contest.publishing import BEGIN, name_tables, publish, publish_file
from benchmarks.contest.results import Results
from benchmarks.contest.storing import load_results, write_results
from benchmarks.contest.summarising import summarise
from schemas.errors import UsageError
from tests.benchmarks.contest.drawn import draw_results

PAGE = """# A page

<!-- contest extract criteria: begin -->
| old |
<!-- contest extract criteria: end -->
between
<!-- contest code code: begin -->
| of other results |
<!-- contest code code: end -->
"""


ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def results() -> Results:
    return draw_results({"a|b": 0.5, "rules": 0.7}, papers=2, runs=2)


def test_only_marked_tables_change(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(PAGE, "utf-8")
    assert publish_file(path, results, summarise(results))
    text = path.read_text("utf-8")
    assert "| old |" not in text
    assert r"| a\|b | bulk | 2 |" in text
    assert "| of other results |" in text
    assert (
        re.sub(r"(criteria: begin -->\n).*(<!-- contest extract criteria: end)", r"\1| old |\n\2", text, flags=re.S)
        == PAGE
    )
    assert not publish_file(path, results, summarise(results))  # the same again


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nothing", "no mark .* for 'extract criteria', 'extract effort of a run', 'extract recall by paper'"),
        (PAGE.replace("criteria: end", "criterion: end"), "'<!-- contest extract criteria: begin -->' has no end"),
        (PAGE.replace("extract criteria", "extract charm"), "no table 'extract charm'; there are extract criteria"),
        (PAGE.replace("extract criteria", "criteria"), "no table 'criteria'"),
    ],
)
def test_marks_that_lead_nowhere_are_told(results: Results, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        publish(text, results, summarise(results))


def test_every_table_has_a_name_and_says_what_it_is(results: Results) -> None:
    tables = name_tables(results, summarise(results))
    assert list(tables) == [
        "extract criteria",
        "extract effort of a run",
        "extract recall by paper",
        "extract who is better",
    ]
    assert all("paperfilter 1.0, 2026-11-22. Medians of the runs" in text for text in tables.values())


def test_command_prints_or_publishes(results: Results, tmp_path: Path) -> None:
    write_results(tmp_path / "contest", results)
    (tmp_path / "page.md").write_text(PAGE, "utf-8")
    before = sorted(tmp_path.rglob("*"))
    printed = CliRunner().invoke(command, [str(tmp_path / "contest"), "--markdown"])
    assert printed.exit_code == 0
    assert printed.output.startswith("**Criteria, all 2 papers**")
    into = CliRunner().invoke(command, [str(tmp_path / "contest"), "--into", str(tmp_path / "page.md")])
    assert into.output.strip() == str(tmp_path / "page.md")
    assert "old" not in (tmp_path / "page.md").read_text("utf-8")
    both = CliRunner().invoke(command, [str(tmp_path / "contest"), "--markdown", "--out", str(tmp_path)])
    assert isinstance(both.exception, UsageError)
    assert sorted(tmp_path.rglob("*")) == before


def test_tables_of_the_readme_are_those_of_the_committed_results() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    folders = sorted(path.parent for path in (ROOT / "benchmarks" / "results").glob("*/manifest.json"))
    if not folders and not BEGIN.search(text):
        pytest.skip("no contest is committed in benchmarks/results and no table of one is marked in the README")
    results = join_results([load_results(folder) for folder in folders])
    assert publish(text, results, summarise(results)) == text, "bench report benchmarks/results/... --into README.md"
