"""The loop over single events finds what the tables of many events find: every step, weight, value and channel."""

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numba
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from codegen.compile import compile_analysis
from codegen.inline import read_parts
from codegen.loops.program import read_loop_parts
from codegen.profiles import load_profile
from pipeline.commands.compile import command
from schemas.backend import Backend
from schemas.criteria_yaml import load_criteria
from schemas.errors import CriteriaError
from tests.codegen.mini_files import Compiled, read_json, write_mini
from tests.codegen.quick import make_branches, process
from tests.codegen.random_criteria import criteria
from tests.codegen.test_compile import make_random_events
from tests.codegen.test_meaning import OBJECTS, QUESTIONS, ask
from tests.schemas.examples import ALL
from tests.shared import require

BACKENDS: tuple[Backend, ...] = get_args(Backend)
RESULTS = ("cutflow.json", "histograms.json", "values.json")


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops run as plain Python: nothing is turned into machine code."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)


def assert_same(found: Any, expected: Any, where: str = "") -> None:
    """Equal, numbers to 1e-12: sines are not the same to the last bit in every library."""
    assert type(found) is type(expected), where
    if isinstance(found, dict):
        assert sorted(found) == sorted(expected), where
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
    for backend in BACKENDS:
        analysis = Compiled(text, folder, backend)
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


def make_plain(found: Any) -> Any:
    """Arrays and numpy numbers as Python's own; NaN as a word, so that it equals itself."""
    match found:
        case np.ndarray() | np.generic():
            return make_plain(found.tolist())
        case dict():
            return {str(key): make_plain(value) for key, value in found.items()}
        case list() | tuple():
            return [make_plain(value) for value in found]
        case float() if np.isnan(found):
            return "missing"
    return found


def load_program(text: str, backend: Backend = "numpy") -> str:
    """The source of the compiled program."""
    return compile_analysis(load_criteria(text), load_profile("atlas_mini"), backend).source


def make_troubled_events(number: int, seed: int) -> list[dict[str, Any]]:
    """Random events whose jets and missing momentum are difficult, too."""
    dice = random.Random(seed)
    nan = float("nan")
    events = make_random_events(number, seed)
    for event in events:
        for jet in event["jet"]:
            jet["jvt"] = dice.choice((0.0, 0.3, 0.6, 1.0, nan))
            jet["MV2c10"] = dice.choice((-1.0, 0.2, 0.7, 0.9, 0.95, nan))
            jet["eta"] = dice.choice((jet["eta"], dice.uniform(-1, 1)))
        met = {"met_et": dice.choice((0.0, 20e3, 50e3, nan)), "met_phi": dice.uniform(-3, 3)}
        event |= {**met, "trigM": dice.random() < 0.5}
    return events


@pytest.mark.usefixtures("plain")
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(text=criteria(), seed=st.integers(0, 10_000))
def test_random_criteria_on_random_events(text: str, seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("random")
    branches = make_branches(make_troubled_events(40, seed))
    watched = frozenset((0, k, 0) for k in range(1, 40, 3))
    try:
        tables = process(Compiled(text, folder).module, branches, watched)
    except CriteriaError:
        reject()
    loops = process(Compiled(text, folder, "numba").module, branches, watched)
    assert_same(make_plain(loops), make_plain(tables))


def test_names_of_the_loop_are_its_own() -> None:
    # Parts are found by name: what tables are written with must not be taken for what loops are written with.
    for reader in ("root", "jsonl"):
        assert not set(read_loop_parts()) & set(read_parts(reader))


def test_the_loop_is_the_same_each_time_and_can_be_read() -> None:
    for text in ALL.values():
        source = load_program(text, "numba")
        assert source == load_program(text, "numba")
        loop = source.split("def select_events(")[1].split("class Analysis")[0]
        places = [loop.index(f"# {cut.id}: ") for cut in load_criteria(text).regions[0].cuts]
        assert places == sorted(places)
        assert max(len(line) for line in loop.splitlines()) <= 160
        kept = {line.split("(")[0] for line in source.splitlines() if line.startswith(("def ", "class "))}
        assert not {"class Flow", "class Objects", "class Pairs", "def once"} & kept


def test_the_command_takes_either_back_end(tmp_path: Path) -> None:
    (tmp_path / "h4l.yaml").write_text(ALL["h4l"], encoding="utf-8")
    for backend in BACKENDS:
        target = tmp_path / f"with_{backend}.py"
        arguments = [str(tmp_path / "h4l.yaml"), "--backend", backend, "-o", str(target)]
        assert CliRunner().invoke(command, arguments).exit_code == 0
        assert target.read_text(encoding="utf-8") == load_program(ALL["h4l"], backend)
