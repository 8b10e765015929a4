"""Measuring speed: hand-written selections find the events of compiled code, and what a measurement says."""

from pathlib import Path

import pytest

from benchmarks.speed.make_files import TYPES, check_layout
from benchmarks.speed.measuring import KINDS, Measured, Run, Speed, describe_file, measure_speed
from benchmarks.speed.preparing import ANALYSES, SOURCES, write_program
from benchmarks.speed.report import list_lines
from benchmarks.speed.root_writer import write_code
from schemas.errors import AnalysisFailed, DataError
from tests.shared import require


@pytest.mark.parametrize("analysis", ANALYSES)
def test_both_select_the_same_events(analysis: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # the loop as plain Python: no time for machine code
    file = sorted(require("data").glob(SOURCES[analysis]))[-1]
    found = measure_speed(analysis, write_program(analysis, tmp_path), file, repeat=1, chunk=5_000)
    ours = found.find("ours").runs[0]
    assert found.events == describe_file(file)[0]
    assert ours.selected["preselection"] > 0
    assert found.find("hand").runs[0].digests == found.find("runner").runs[0].digests == ours.digests
    assert found.find("loop").runs[0].digests == ours.digests
    assert all(one.peak_memory > 50e6 and one.seconds > 0 for one in found.measured)


def test_other_events_are_no_comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(kind: str, *_: object) -> Run:
        return Run(seconds=1, processor_seconds=1, peak_memory=1, selected={"r": 1}, digests={"r": kind})

    file = tmp_path / "events.root"
    file.touch()
    monkeypatch.setattr("benchmarks.speed.measuring.run_once", run)
    monkeypatch.setattr("benchmarks.speed.measuring.describe_file", lambda _: (1, ""))
    with pytest.raises(AnalysisFailed, match="region r: 1 events by compiled code, 1 by the loop, and not the same"):
        measure_speed("h4l", tmp_path, file, 1, 1)


def test_ratios_are_of_medians() -> None:
    def measure(kind: str, *seconds: float) -> Measured:
        runs = [Run(seconds=s, processor_seconds=2 * s, peak_memory=10**8, selected={}, digests={}) for s in seconds]
        return Measured.model_validate({"kind": kind, "runs": runs})

    times = [(1, 2, 9), (4, 5, 3), (3,), (9, 8, 7), (1,), (1,)]
    speed = Speed(
        analysis="h4l", file="f.root", events=10, layout="tree mini, std::vector branches", chunk=5, versions={},
        load=(0, 0), measured=tuple(measure(kind, *times[k]) for k, kind in enumerate(KINDS)),
    )  # fmt: skip
    assert speed.compare("ours", "read") == (2.0, 2.0)
    lines = list_lines(speed)
    assert "std::vector" in lines[0]
    assert [line.split()[-1] for line in lines if line.startswith("compiled / ")] == ["2.00", "0.50", "4.00"]


def test_layout_of_large_files(tmp_path: Path) -> None:
    check_layout(sorted(require("data").glob(SOURCES["h4l"]))[0])
    with pytest.raises(DataError, match="stored as"):
        check_layout(require("data/generated/mc_ggHyy.root"))
    number: dict[str, object] = {"name": "eventNumber", "type": "int", "jagged": False}
    code = write_code([number, {"name": "lep_pt", "type": TYPES["float"], "jagged": True}])
    assert "b0 = event + 1;" in code
    assert "std::vector<float> b1;" in code
