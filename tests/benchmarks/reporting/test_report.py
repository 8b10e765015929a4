"""The report of a contest: names stay text, every run is in it, and figures show the numbers of the summaries."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from benchmarks.cli import bench
from benchmarks.contest.storing import load_results, write_results
from benchmarks.contest.words import word_number, word_percent
from benchmarks.reporting.canvas import PER_LINE, plain, use_style, wrap_name
from benchmarks.reporting.contents import word_verdict
from benchmarks.reporting.figures.bars import Panel, draw_bars
from benchmarks.reporting.figures.catalogue import STEMS, plan_figures
from benchmarks.reporting.figures.stacks import count_groups
from benchmarks.reporting.standings import Standings
from benchmarks.reporting.writing import write_report
from tests.benchmarks.reporting.made_up import make_up

EVIL = "<script>alert(1)</script> | $\\frac{1}{2}$ \x1b[31m\u202e模型 `rm` ![x](http://evil.example/x.png)"
LONG = "some-organisation/" + "A-Model-With-A-Name-" * 12


def test_names_of_models_and_papers_stay_text(tmp_path: Path) -> None:
    results, summaries = make_up("extract", ["rules", EVIL, LONG], ["note 01", EVIL], runs=2)
    written = write_report(tmp_path, results, summaries)
    page, text = (tmp_path / "report.html").read_text(), (tmp_path / "report.md").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"<script|\x1b|\u202e|<[^>]*(?:src|href)=\"http", page)
    assert re.search(r"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'sha256-", page)
    assert not re.search(r"(?<!\\)<script|\x1b|\u202e|(?<!\\)!\[[^]]*\]\(http", text)
    assert {path.suffix for path in written} == {".html", ".md", ".png", ".pdf"}
    assert all(path.stat().st_size for path in written)
    tables = [line for line in text.splitlines() if line.startswith("|")]
    for one, next_one in pairwise(tables):
        if set(next_one) <= set("|-: "):  # a head and its rule have as many columns
            assert len(re.findall(r"(?<!\\)\|", one)) == len(re.findall(r"\|", next_one))


def test_every_run_is_in_the_page_and_the_same_results_give_the_same_files(tmp_path: Path) -> None:
    results, summaries = make_up("code", ["compiler", "Model"], ["h4l"], runs=3, simulated=False)
    stale = tmp_path / "figures" / "recall.png"
    stale.parent.mkdir()
    stale.write_bytes(b"of an earlier report")
    (tmp_path / "figures" / "mine.png").write_bytes(b"not ours")
    first = {path: path.read_bytes() for path in write_report(tmp_path, results, summaries)}
    assert not stale.exists()
    assert (tmp_path / "figures" / "mine.png").exists()
    assert first == {path: path.read_bytes() for path in write_report(tmp_path, results, summaries)}
    page = (tmp_path / "report.html").read_text()
    for row in results.measures:
        if row.metric == "witness" and row.of:
            assert f">{row.hits}/{row.of}</td>" in page
    assert "<summary>h4l: 7 runs</summary>" in page  # the compiler once, the model three times in two modes
    assert {path.stem for path in first if path.suffix == ".pdf"} <= STEMS


@pytest.mark.parametrize(
    ("names", "simulated", "said"),
    [
        (["rules"], True, "No model was measured: only rules took part."),
        (["rules", "drop 20"], True, "No model was measured: beside rules only simulated ones"),
        (["rules", "Qwen"], False, "1 contestant is made of language models; beside them rules."),
    ],
)
def test_it_says_whether_a_model_was_measured(names: list[str], simulated: bool, said: str) -> None:
    results, summaries = make_up("extract", names, ["note 01"], runs=2, simulated=simulated)
    assert word_verdict(Standings(results, summaries)).startswith(said)


def test_a_figure_shows_median_runs_interval_and_chance() -> None:
    results, summaries = make_up("extract", ["rules", "Model"], ["a", "b"], runs=4)
    standings = Standings(results, summaries)
    with use_style():
        figure = draw_bars(standings, "extract", [Panel("recall", "recall", "numeric")], chance=True)
        figure.canvas.draw()
    axes = figure.axes[0]
    found = [standings.find("extract", lane, "recall", "numeric") for lane in standings.lanes("extract")]
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [bar.get_width() for bar in bars] == pytest.approx([100 * s.median for s in found if s and s.median])
    points = [x for line in axes.lines if isinstance(line, Line2D) and line.get_marker() in "oDsx"
              for x in line.get_xdata()]  # fmt: skip
    assert sorted(points) == pytest.approx(sorted(100 * v for s in found if s for v in s.runs if v is not None))
    spans = [tuple(line.get_xdata()) for line in axes.lines if line.get_marker() == "|"]
    assert spans == [pytest.approx((100 * s.interval.low, 100 * s.interval.high)) for s in found if s and s.interval]
    dashed = [line for line in axes.lines if line.get_linestyle() == "--" or line.is_dashed()]
    assert len(dashed) == 2 * len(found)
    # names of contestants lie within the picture
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    assert min(text.get_window_extent(renderer).x0 for text in axes.texts) > 0


def test_classes_of_failure_are_counted_over_all_runs() -> None:
    results, summaries = make_up("code", ["compiler", "Model"], ["h4l", "diphoton"], runs=3)
    standings = Standings(results, summaries)
    counted = count_groups(standings, "code", "failures")
    total = sum(row.value or 0 for row in results.measures if row.metric == "failures")
    assert sum(sum(found.values()) for found in counted.values()) == pytest.approx(total)
    assert all(plan.stem in STEMS for task in standings.tasks for plan in plan_figures(standings, task))


def test_words_of_numbers_and_names() -> None:
    assert [word_percent(v) for v in (0.0, 0.004, 0.126, 0.996, 0.9999, 1.0)] == [
        "0",
        "0.4",
        "13",
        "99.6",
        "99.9",
        "100",
    ]
    assert [word_number(v) for v in (3.0, 3.14159, 12345.6)] == ["3", "3.14", "12\u2009346"]
    assert plain("a\x1b[31m\u202eb\n模") == "a[31mb □"
    lines = wrap_name(LONG)
    assert len(lines) <= 3
    assert max(map(len, lines)) <= 2 * PER_LINE
    assert lines[0].startswith("some-organisation/")


def test_bench_report_joins_contests_and_draws_single_figures(tmp_path: Path) -> None:
    runner = CliRunner()
    for name, model in (("one", "Model A"), ("two", "Model B")):
        results, _ = make_up("code", ["compiler", model], ["h4l"], runs=1, seed=3)
        write_results(tmp_path / name, results)
    folders = [str(tmp_path / "one"), str(tmp_path / "two")]
    refused = runner.invoke(bench, ["report", *folders])
    assert "--out" in str(refused.exception)
    told = runner.invoke(bench, ["report", *folders, "--out", str(tmp_path / "joined")])
    assert told.exit_code == 0, told.output
    assert (tmp_path / "joined" / "report.html").read_text().count("Model B (simulated)")
    names = [contestant.name for contestant in load_results(tmp_path / "joined").manifest.contestants]
    assert {"Model A", "Model B"} <= set(names)
    drawn = runner.invoke(bench, ["report", folders[0], "--figure", "match", "--out", str(tmp_path / "figures")])
    assert drawn.exit_code == 0, drawn.output
    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["match.png"]
    missing = runner.invoke(bench, ["report", folders[0], "--figure", "nothing", "--out", str(tmp_path / "figures")])
    assert "have no figure 'nothing'" in str(missing.exception)
