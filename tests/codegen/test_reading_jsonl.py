"""Events as lines of JSON: chunks by lines, missing numbers and lists, and what is said about text that is no event."""

import gzip
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from schemas.criteria_yaml import load_criteria
from tests.codegen.mini_files import read_json
from tests.schemas.examples import LEPTOQUARK

PROGRAM = compile_analysis(load_criteria(LEPTOQUARK), load_profile("evtjsonl"))
RESULTS = ("cutflow.json", "histograms.json", "candidates.csv")


def make_event(number: int, rng: np.random.Generator) -> dict[str, Any]:
    """Two leptons of one flavour and two jets, mostly hard enough."""

    def draw(**more: float) -> dict[str, float]:
        px, py, pz = rng.normal(0, 100, 3).tolist()
        return {"px": px, "py": py, "pz": pz, "E": float(np.sqrt(px**2 + py**2 + pz**2)), **more}

    flavour = int(rng.choice([11, 13]))
    particles = [draw(i=1, id=flavour, status=1, m=0.0), draw(i=2, id=-flavour, status=1, m=0.0)]
    jets = [draw(i=1), draw(i=2)]
    return {"schema": "evtjsonl-1.0", "event_id": number, "data": {"particles": particles, "jets": jets}}


EVENTS = [make_event(number, np.random.default_rng(number)) for number in range(1, 61)]


def write_lines(path: Path, lines: Sequence[str], end: str = "\n") -> Path:
    text = end.join(lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.fixture(scope="module")
def module() -> Any:
    namespace: dict[str, Any] = {"__name__": "compiled_for_lines"}
    exec(compile(PROGRAM.source, "analysis.py", "exec"), namespace)  # our own code
    return namespace


def run(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    program = folder / "analysis.py"
    program.write_text(PROGRAM.source, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(program), *map(str, words), "--out", str(folder / "out")]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_results_do_not_depend_on_chunks_or_compression(tmp_path: Path) -> None:
    lines = [json.dumps(event) for event in EVENTS]
    plain = write_lines(tmp_path / "a.jsonl", lines)
    spaced = write_lines(tmp_path / "b.jsonl", ["", *lines[:30], "  ", *lines[30:], "", ""], end="\r\n")
    packed = write_lines(tmp_path / "c.jsonl.gz", lines)
    found = []
    for file, size in ((plain, "100"), (plain, "7"), (spaced, "7"), (packed, "11")):
        done = run(tmp_path, file, "--chunk-size", size)
        assert (done.returncode, done.stderr) == (0, "")
        found.append([(tmp_path / "out" / name).read_bytes() for name in RESULTS])
    assert found[1:] == found[:1] * 3
    region = read_json(tmp_path / "out" / "cutflow.json")["regions"][0]
    assert region["events"]["keys"] == [[number] for number in range(1, 61)]
    assert 0 < region["steps"][-1]["count"] < 60


def test_a_chunk_is_read_by_its_bytes(module: Any, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "a.jsonl", [json.dumps(event) for event in EVENTS])
    chunks = [module["Chunk"](*chunk) for chunk in module["find_chunks"]((0, str(file)), 25)]
    assert [(c.start, c.stop, c.line) for c in chunks] == [(0, 25, 1), (25, 50, 26), (50, 60, 51)]
    assert sum(c.size for c in chunks) == file.stat().st_size
    events = module["read_chunk"](chunks[1])
    assert events["event_id"].to_list() == list(range(26, 51))
    assert events["jets.px"].to_list() == [[jet["px"] for jet in e["data"]["jets"]] for e in EVENTS[25:50]]
    assert set(events) == set(PROGRAM.branches)


def test_what_is_missing_is_nan_or_no_list(module: Any, tmp_path: Path) -> None:
    lines = [
        '{"event_id": 1, "data": {"jets": [{"px": NaN, "py": -Infinity, "pz":Infinity, "E": null}, {"px": 3}]}}',
        '{"event_id": 2, "note": "a: NaN, b", "data": {"particles": [], "jets": null}}',
        '{"event_id": 3, "data": null}',
        '{"event_id": 4}',
        '{"event_id": 5, "data": {"jets": [{"px": 1, "py": 2.5, "pz": -1e3, "E": 1e3, "more": {"x": [1]}}]}}',
    ]
    file = write_lines(tmp_path / "a.jsonl", lines)
    (chunk,) = module["find_chunks"]((0, str(file)), 10)
    events = module["read_chunk"](module["Chunk"](*chunk))
    assert np.array_equal(np.concatenate([np.array(x) for x in events["jets.px"]]), [np.nan, 3, 1], equal_nan=True)
    assert events["jets.pz"].to_list()[4] == [-1000.0]
    assert np.isnan(events["jets.py"].to_list()[0]).all()
    assert [len(jets) for jets in events["jets.E"]] == [2, 0, 0, 0, 1]
    assert [len(particles) for particles in events["particles.id"]] == [0] * 5
    assert events["event_id"].to_list() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("broken", "says"), [
    ('{"event_id": 3, "data": {"jets": [', "data.jsonl, line 3: no event: "),
    ("<html>not found</html>", "data.jsonl, line 3: no event: "),
    ("[1, 2]", "data.jsonl, line 3: no event: "),
    ('{"data": {"jets": []}}', "data.jsonl, line 3: no event: "),
    ('{"event_id": "three", "data": {}}', "data.jsonl, line 3: no event: "),
    ('{"event_id": 3, "data": {"jets": [{"px": "1.0"}]}}', "data.jsonl, line 3: no event: "),
    ('{"event_id": 3} {"event_id": 4}', "events 0 to 60: 61 events where there are 60 lines"),
    ('{"event_id": 2}', "1 event keys occur more than once, for example event_id 2"),
])  # fmt: skip
def test_a_line_that_is_no_event_is_named(tmp_path: Path, broken: str, says: str) -> None:
    lines = [json.dumps(event) for event in EVENTS]
    done = run(tmp_path, write_lines(tmp_path / "data.jsonl", [*lines[:2], broken, *lines[3:]]))
    assert done.returncode == 4
    assert done.stderr.startswith("analysis.py: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


TRUNCATED = gzip.compress(b'{"event_id": 1, "data": {"particles": [], "jets": []}}\n')[:-9]


@pytest.mark.parametrize(("content", "says"), [
    (b'{"event_id": 1, "data": {"particles": [{"id": 11, "px": 1}]}}\n', "no event has \"jets\""),
    (TRUNCATED, "cannot be read as JSON lines"),
    (b"{}", "cannot be read as JSON lines: Not a gzipped file"),
    (None, "is a folder; name its files"),
], ids=["no jets", "truncated", "not compressed", "folder"])  # fmt: skip
def test_a_file_of_another_kind_is_one_line(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / ("events.jsonl.gz" if content is not None and b"px" not in content else "events.jsonl")
    path.mkdir() if content is None else path.write_bytes(content)
    done = run(tmp_path, path)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_files_without_events_give_zeros(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text("\n \n", encoding="utf-8")
    (tmp_path / "none.jsonl").touch()
    done = run(tmp_path, tmp_path / "events.jsonl", tmp_path / "none.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert read_json(tmp_path / "out" / "cutflow.json")["n_events"] == 0
