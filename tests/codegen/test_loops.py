"""The loop over single events finds what the tables of many events find: every step, weight, value and channel."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numba
import pytest

from tests.codegen.mini_files import Compiled, read_json, write_mini
from tests.codegen.test_compile import make_random_events
from tests.codegen.test_meaning import OBJECTS, QUESTIONS, ask
from tests.schemas.examples import ALL
from tests.shared import require

RESULTS = ("cutflow.json", "histograms.json", "values.json")


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loops run as plain Python: nothing is turned into machine code."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
    return


def assert_same(found: Any, expected: Any, where: str = "") -> None:
    """Equal, numbers to 1e-12: sines are not the same to the last bit in every library."""
    assert type(found) is type(expected), where
    if isinstance(found, dict):
        assert list(found) == list(expected), where
        for key, value in found.items():
            assert_same(value, expected[key], f"{where}/{key}")
    elif isinstance(found, list):
        assert len(found) == len(expected), where
        for k, (a, b) in enumerate(zip(found, expected, strict=True)):
            assert_same(a, b, f"{where}/{k}")
    elif isinstance(found, float):
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12), where
    else:
        assert found == expected, where


def read_candidates(path: Path) -> list[list[Any]]:
    """The lines of candidates.csv, numbers as numbers."""
    number = re.compile(r"-?\d+\.\d*(e-?\d+)?")
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    return [[float(w) if number.fullmatch(w) else w for w in row] for row in rows]


def compare_backends(
    text: str, files: Sequence[Path], folder: Path, watched: frozenset[tuple[int, ...]] = frozenset()
) -> dict[str, Any]:
    """Both back ends give the same files and the same counts of undecided conditions; gives the cutflow."""
    undecided = {}
    for backend in ("numpy", "numba"):
        analysis = Compiled(text, folder, backend)  # type: ignore[arg-type]
        pieces = list(analysis.module.run_analysis([str(f) for f in files], 4000, watched))
        analysis.module.write_results(folder / backend, pieces, watched)
        undecided[backend] = [piece.undecided for piece in pieces]
    for name in RESULTS:
        if (folder / "numpy" / name).exists():
            assert_same(read_json(folder / "numba" / name), read_json(folder / "numpy" / name), name)
    assert_same(*(read_candidates(folder / backend / "candidates.csv") for backend in ("numba", "numpy")))
    assert undecided["numba"] == undecided["numpy"]
    cutflow: dict[str, Any] = read_json(folder / "numba" / "cutflow.json")
    return cutflow


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("name", list(ALL))
def test_examples_on_difficult_events(name: str, tmp_path: Path) -> None:
    file = write_mini(tmp_path / "odd.root", make_random_events(700, seed=11))
    watched = frozenset((0, k, 0) for k in range(1, 700, 7))
    cutflow = compare_backends(ALL[name], [file], tmp_path, watched)
    assert cutflow["regions"][0]["steps"][1]["count"] > 0


@pytest.mark.usefixtures("plain")
def test_every_rule_of_meaning(tmp_path: Path) -> None:
    regions = "".join(ask(variable, test, name) for name, variable, test, *_ in QUESTIONS)
    file = write_mini(tmp_path / "made.root", [event for *_, event, _ in QUESTIONS])
    watched = frozenset((0, k + 1, 0) for k in range(len(QUESTIONS)))
    cutflow = compare_backends(OBJECTS + regions, [file], tmp_path, watched)
    ends = {r["name"]: dict(zip(map(tuple, r["events"]["keys"]), r["events"]["last_step"], strict=True))
            for r in cutflow["regions"]}  # fmt: skip
    found = {name: ends[name][0, k + 1, 0] == 1 for k, (name, *_) in enumerate(QUESTIONS)}
    assert found == {name: expected for name, *_, expected in QUESTIONS}


@pytest.mark.parametrize(("name", "pattern"), [
    ("h4l", "data/atlas2020_4lep/*.root"),
    ("leptoquark", "data/generated/mc_LQ1000.root"),
])  # fmt: skip
def test_machine_code_on_real_events(name: str, pattern: str, tmp_path: Path) -> None:
    folder, glob = pattern.rsplit("/", 1)
    compare_backends(ALL[name], sorted(require(folder).glob(glob)), tmp_path, frozenset({(0, 1, 0)}))
