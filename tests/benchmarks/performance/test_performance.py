"""bench performance: one command, a record, a page and a figure."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.commands.performance import command
from benchmarks.contest.tables import escape
from benchmarks.performance.machine import describe_machine
from benchmarks.performance.occupancy import Occupancy
from benchmarks.performance.page import write_page
from benchmarks.performance.parts import PARTS
from benchmarks.performance.reading import PaperRound, ReadingRound, ReadingSpeed, list_rows
from benchmarks.performance.record import Performance, load_performance, save_performance
from benchmarks.performance.running import draw, keep_parts
from benchmarks.performance.scaling import Point, Scaling
from benchmarks.performance.selecting import AnalysisSpeed, SelectingSpeed
from benchmarks.performance.timing import Took
from benchmarks.serving import Throughput
from benchmarks.speed.measuring import KINDS, Kind, Measured, Run, Speed
from schemas.errors import UsageError

NAME = "a|b](x)<script>$1_"  # of a paper's file


def read(paper: str, pages: int, seconds: float) -> PaperRound:
    """A paper whose text takes so long, the findings half of it, grounding a tenth."""
    text, rules, grounding = (Took(seconds=2 * s, processor=s) for s in (seconds, seconds / 2, seconds / 10))
    return PaperRound(
        paper=paper, pages=pages, characters=10, findings=5, grounded=4, foreign=2, reading=text, finding=rules,
        grounding=grounding, refusing=grounding,
    )  # fmt: skip


READING = ReadingSpeed(
    own=("one", "two"),
    rounds=tuple(
        ReadingRound(
            papers=(read("one", 2, s), read("two", 4, s), read(NAME, 10, s)), left_out=("b.pdf: broken",),
            peak_memory=50_000_000,
        )
        for s in (1.0, 2.0, 4.0)
    ),
    load=(1.0, 2.0),
)  # fmt: skip


def run(seconds: float, memory: int = 10**8) -> Run:
    """A run of so many seconds."""
    return Run(seconds=seconds, processor_seconds=seconds, peak_memory=memory, selected={}, digests={})


def measured(kinds: tuple[Kind, ...], events: int) -> Speed:
    """Two rounds; each kind takes a second longer than the one before."""
    return Speed(
        analysis="h4l", file="f.root", events=events, layout="tree mini", chunk=5, versions={}, load=(0, 3),
        measured=tuple(
            Measured(kind=kind, runs=tuple(run(k + r) for r in (1, 2))[: 1 if kind == "command" else 2])
            for k, kind in enumerate(kinds)
        ),
    )  # fmt: skip


def point(way: str, events: int, workers: int, *seconds: float) -> Point:
    """Runs of so many seconds."""
    return Point(way=way, events=events, executor="futures", workers=workers, runs=tuple(run(s) for s in seconds))


def scaling(*points: Point) -> Scaling:
    """Points of H to four leptons."""
    return Scaling(analysis="h4l", own=True, layout="tree mini", chunk=5, points=points, load=(0, 0))


EVERYTHING = Performance(
    made="2026-11-22T00:00:00+00:00", paperfilter="0", code="c" * 64, quick=True, machine=describe_machine(),
    reading=READING,
    serving=Occupancy(
        questions=3, load=(0, 0),
        runs=tuple(
            Throughput(
                requests=4, in_flight=n, latency=1, ideal=8, measured=m, client_cpu=0.4, shared_prefix=0.97
            )
            for n, m in ((4, 10.0), (2, 8.0), (4, 16.0))
        ),
    ),
    selecting=SelectingSpeed(
        analyses=(
            AnalysisSpeed(
                analysis="h4l", own=True, large=measured(KINDS, 60_000), small=measured(("ours", "baseline"), 3000)
            ),
        )
    ),
    memory=scaling(point("compiled", 10, 1, 1, 1), point("baseline", 10, 1, 2, 4)),
    workers=scaling(point("compiled", 10, 1, 4, 6), point("compiled", 10, 2, 2, 4)),
)  # fmt: skip


def test_rates_are_of_each_round_and_notes_are_added_up() -> None:
    notes, other = list_rows(READING)
    assert (notes.name, notes.papers, notes.pages, notes.findings, notes.grounded) == ("our notes", 2, 6, 10, 8)
    assert notes.text == (6 / 4, 6 / 8, 6 / 2)
    assert notes.both == (6 / 6, 6 / 12, 6 / 3)
    assert notes.both_clock == (6 / 12, 6 / 24, 6 / 6)
    assert other.name == NAME
    assert other.grounding == pytest.approx((200, 100, 400))
    assert other.refusing == pytest.approx((100, 50, 200))


def test_the_page_says_what_was_measured_and_names_are_only_text(tmp_path: Path) -> None:
    paths = draw(EVERYTHING, tmp_path)
    assert [path.name for path in paths] == ["performance.md", "performance.png", "performance.pdf"]
    page = paths[0].read_text(encoding="utf-8")
    rows = {line.split(" | ")[0][2:]: line.split(" | ")[1:] for line in page.splitlines() if line.startswith("| ")}
    assert f"| {escape(NAME)} | 10 | 5.0 (2.5 to 10.0) | 10.0 (5.0 to 20.0) | 3.3 (1.7 to 6.7) |" in page
    assert rows[escape(NAME)] == ["5", "4", "200 (100 to 400)", "40.0 (20.0 to 80.0)", "100.0 (50.0 to 200.0) |"]
    assert "\\<script\\>" in page
    assert rows["4"][2:] == ["65.0% (50.0% to 80.0%)", "100.0 |"], "calls in flight"
    assert rows["compiled analysis.py, reading and selecting"][1:3] == ["2.2 (1.5 to 3.0)", ""], (
        "of the small file, the later line"
    )
    assert rows["the independent baseline: a loop in plain Python"][3] == "1.75 (1.50 to 2.00)"
    assert rows["baseline"][2] == "3.0 (2.0 to 4.0)"
    assert "Not read: b.pdf: broken." in page
    assert "| futures | 2 | 10 | 3.0 (2.0 to 4.0) | 1.75 (1.50 to 2.00) |" in page
    assert paths[1].read_bytes().startswith(b"\x89PNG")


def test_a_page_of_nothing_is_a_page() -> None:
    nothing = EVERYTHING.model_copy(update=dict.fromkeys(("reading", "serving", "selecting", "memory", "workers")))
    assert write_page(nothing).count("\n## ") == 0


def test_one_command_reads_and_writes(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "broken.pdf").write_bytes(b"no PDF at all")
    arguments = [
        "--quick",
        "--repeat",
        "1",
        "--part",
        "reading",
        "--papers",
        str(papers),
        "--out",
        str(tmp_path / "out"),
    ]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found = load_performance(tmp_path / "out" / "performance.json")
    assert found.reading is not None
    assert found.serving is found.selecting is None
    (row,) = list_rows(found.reading)
    assert row.papers == 3
    assert row.pages >= 3
    assert row.grounded > 0.8 * row.findings > 0
    assert row.text.low > 0
    assert row.refusing is not None
    assert "broken.pdf" in found.reading.left_out[0]
    page = (tmp_path / "out" / "performance.md").read_text(encoding="utf-8")
    (tmp_path / "out" / "performance.md").unlink()
    again = ["--redraw", str(tmp_path / "out" / "performance.json"), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(command, again).exit_code == 0
    assert (tmp_path / "out" / "performance.md").read_text(encoding="utf-8") == page


def test_parts_that_are_not_measured_again_stay_if_the_code_is_the_same(tmp_path: Path) -> None:
    said: list[str] = []
    new = EVERYTHING.model_copy(update={"made": "later", **dict.fromkeys(PARTS)})
    assert keep_parts(new, tmp_path, ["memory"], said.append) == new, "nothing is there"
    save_performance(tmp_path, EVERYTHING)
    assert keep_parts(new, tmp_path, PARTS, said.append) == new, "all are measured again"
    kept = keep_parts(new, tmp_path, ["memory"], said.append)
    assert kept == EVERYTHING.model_copy(update={"memory": None})
    assert not said
    other = new.model_copy(update={"code": "d" * 64})
    assert keep_parts(other, tmp_path, ["memory"], said.append) == other
    assert "other code" in said[0]


def test_wrong_input_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text("{}", encoding="utf-8")
    for arguments in (["--redraw", str(tmp_path / "no.json")], ["--papers", str(tmp_path)], ["--data", str(tmp_path)]):
        result = CliRunner().invoke(command, [*arguments, "--out", str(tmp_path / "out")])
        assert isinstance(result.exception, UsageError)
        assert "\n" not in str(result.exception)
    assert not list((tmp_path / "out").glob("*"))
