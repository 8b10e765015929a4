"""Functions that a model wrote, in their frame: the events of the compiled analysis, and clear words for misuse."""

import ast
import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import awkward as ak
import numpy as np
import pytest

from benchmarks.samples.collisions import draw_collisions
from benchmarks.samples.layouts import write_events
from codegen.coder.account import read_account
from codegen.coder.program import CoderProgram, make_program
from codegen.outputs import read_cutflow, read_values
from codegen.profiles import load_profile
from codegen.sandbox import probe_sandbox, run_sandboxed
from pipeline.compiling import compile_criteria, find_profile
from schemas.criteria_yaml import load_criteria, parse_criteria
from schemas.errors import AnalysisFailed
from tests.benchmarks.analyses_running import ANALYSES
from tests.benchmarks.edge_events import draw_events, list_edges
from tests.codegen.coder_selections import OWN_NAMES, write_dimuon_z
from tests.codegen.formats import write_tree
from tests.codegen.mini_files import make_object, write_mini
from tests.codegen.programs import load_program, run_program

DIMUON_Z = load_criteria(ANALYSES["dimuon_z"].criteria)

TINY = parse_criteria(
    """
schema_version: "1.0"
analysis: {slug: tiny}
objects:
- {name: jets, base: jet, cuts: [{id: jet_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}}]}
- name: muons
  base: muon
  cuts: [{id: muon_id, variable: id, operator: ">=", threshold: {label: loose}}]
variables: [{name: n_jets, expression: count(jets)}]
regions:
- name: first
  cuts:
  - {id: soft, variable: "jets[0].pt", operator: "<", threshold: {value: 40, unit: GeV}, group: either}
  - {id: many, variable: n_jets, operator: ">", threshold: {value: 3}, group: either}
  - {id: two, variable: n_jets, operator: ">=", threshold: {value: 2}}
  - {id: good_muon, variable: all(muons.id >= loose), operator: pass}
- name: second
  parent: first
  cuts:
  - {id: five, variable: n_jets, operator: "==", threshold: {value: 5}, group: either}
outputs: [n_jets]
""",
    "tiny",
)

RIGHT = """
def select(events, selection):
    pt = events["jet_pt"] / 1000
    jets = pt[pt > 20]
    number = ak.num(jets)
    selection.add("two", number >= 2, number)
    first = ak.max(jets, axis=1)
    selection.add("first.either", (first < 40) | (number > 3), jets)
    selection.add("second.either", number == 5)
    selection.store("n_jets", number)
"""


class Done(NamedTuple):
    """How a program ended."""

    returncode: int
    stderr: str


def make_tiny(functions: str) -> CoderProgram:
    return make_program(functions, TINY, load_profile("atlas_mini"), "llm:tiny")


@pytest.fixture(scope="module")
def jets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events with no to six jets, the softest of 15 GeV."""
    events = [{"jet": [make_object(15 + 10 * k, 0.1 * k, 0.5 * k) for k in range(number)]} for number in range(7)]
    return write_mini(tmp_path_factory.mktemp("jets") / "jets.root", events)


def start(program: CoderProgram, data: Path, folder: Path, *options: str) -> Done:
    """The program as one of its own."""
    (folder / "analysis.py").write_text(program.source, encoding="utf-8")
    command = [sys.executable, "-W", "error::RuntimeWarning", "analysis.py", str(data), "--out", "out", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=folder)
    return Done(done.returncode, done.stderr)


def run(program: CoderProgram, data: Path, folder: Path, *options: str) -> Done:
    """The program in this process, which is faster."""
    module = load_program(program.source, folder)
    said = io.StringIO()
    with (
        patch.object(sys, "argv", ["analysis.py", str(data), "--out", str(folder / "out"), *options]),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(said),
    ):
        return Done(module.main(), said.getvalue())


# ------------------------------------------------------------------------------ the same events


@pytest.mark.parametrize("profile", ["atlas_mini", "atlas_physlite", "nanoaod", "evtjsonl"])
def test_right_functions_keep_the_events_of_the_compiled_analysis(profile: str, tmp_path: Path) -> None:
    events = [edge.event for edge in list_edges()] + draw_events(500, seed=3) + draw_collisions("dimuon", 300, seed=3)
    data = write_events(tmp_path, "edges", profile, events)
    fitted = find_profile(profile, [data])
    program = make_program(write_dimuon_z(profile), DIMUON_Z, fitted, "llm:someone")
    found, candidates = run_program(program.source, data, tmp_path)
    expected, table = run_program(compile_criteria(DIMUON_Z, fitted).source, data, tmp_path)
    assert found.regions == expected.regions  # counts, yields, keys, and the last step of each event
    assert (found.made_by, expected.made_by) == ("llm:someone", "compiler")
    assert found.not_evaluable == expected.not_evaluable
    assert all(region.steps[0].count > region.steps[-1].count > 0 for region in found.regions)
    rows, wanted = (
        [(line.split(",")[:-5], line.split(",")[-3:]) for line in t.splitlines()] for t in (candidates, table)
    )
    assert [row[0] for row in rows] == [row[0] for row in wanted]
    for (_, ours), (_, theirs) in zip(rows[1:], wanted[1:], strict=True):
        assert [float(x) for x in ours] == pytest.approx([float(x) for x in theirs], rel=1e-9)


def test_files_that_number_no_events(tmp_path: Path) -> None:
    """Then the frame itself reads nothing; events are known by file and row."""
    rng = np.random.default_rng(4)
    counts = rng.integers(0, 4, 200)
    fields = {
        "pt": rng.uniform(5, 60, counts.sum()), "eta": rng.uniform(-2.6, 2.6, counts.sum()),
        "phi": rng.uniform(-3, 3, counts.sum()), "mass": np.full(counts.sum(), 0.1057),
        "charge": rng.choice([-1, 1], counts.sum()),
    }  # fmt: skip
    branches = {f"Muon_{name}": ak.unflatten(flat, counts) for name, flat in fields.items()}
    data = write_tree(tmp_path / "muons.root", branches, tree="Events")
    fitted = find_profile("nanoaod", [data])
    program = make_program(write_dimuon_z("nanoaod"), DIMUON_Z, fitted, "llm:someone")
    done = run(program, data, tmp_path, "--chunk-size", "70")
    assert done.returncode == 0, done.stderr
    found = read_cutflow(tmp_path / "out" / "cutflow.json")
    expected, _ = run_program(compile_criteria(DIMUON_Z, fitted).source, data, tmp_path)
    assert found.regions == expected.regions
    assert found.regions[0].events.columns == ("file", "entry")
    assert found.regions[0].steps[-1].count > 0


def test_same_input_gives_the_same_bytes() -> None:
    assert make_tiny(RIGHT) == make_tiny(RIGHT)
    program = make_tiny(RIGHT)
    assert program.steps == ("first.either", "two", "second.either")
    assert program.outputs == ("n_jets",)
    assert [one.cut for one in program.not_evaluable] == ["good_muon"]
    lines = program.source.splitlines()
    assert lines[program.first_line + 1 - 1].strip() == "def select(events, selection):"
    ast.parse(program.source)


def test_account_and_values(jets: Path, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("[[0, 1, 0], [0, 4, 0], [0, 6, 0]]", encoding="utf-8")
    done = run(make_tiny(RIGHT), jets, tmp_path, "--explain", str(tmp_path / "keys.json"), "--chunk-size", "3")
    assert done.returncode == 0, done.stderr
    cutflow = read_cutflow(tmp_path / "out" / "cutflow.json")
    assert {region.name: [(s.id, s.count, s.evaluated) for s in region.steps] for region in cutflow.regions} == {
        "first": [("initial", 7, True), ("either", 4, True), ("two", 3, True), ("good_muon", 3, False)],
        "second": [("good_muon", 3, False), ("either", 1, True)],
    }
    account = read_account(tmp_path / "out" / "selection.json")
    assert account.branches_read == ("jet_pt",)
    assert account.not_found == ()
    assert {name: step.passed for name, step in account.steps.items()} == {
        "first.either": 4, "two": 4, "second.either": 1,
    }  # fmt: skip
    assert all(step.read_before == ("jet_pt",) for step in account.steps.values())
    values = read_values(tmp_path / "out" / "values.json")
    assert values[0, 1, 0] == {"two": 0.0, "first.either": ()}
    assert values[0, 4, 0] == {"two": 2.0, "first.either": (25.0, 35.0)}
    assert values[0, 6, 0] == {"two": 4.0, "first.either": (25.0, 35.0, 45.0, 55.0)}


@pytest.mark.parametrize("options", [("--chunk-size", "2"), ("--executor", "futures", "--workers", "2")])
def test_chunks_and_workers_change_nothing(jets: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    momenta = RIGHT.replace(
        "    number = ak.num(jets)\n",
        """    number = ak.num(jets)
    fields = {"pt": pt, "eta": events["jet_eta"], "phi": events["jet_phi"], "mass": pt * 0}
    momenta = ak.zip(fields, with_name="Momentum4D")  # behaviour of vector, in every process
    number = number + 0 * ak.num(momenta.px)
""",
    )
    written = []
    for name, more in (("once", ()), ("other", options)):
        (tmp_path / name).mkdir()
        done = start(make_tiny(momenta), jets, tmp_path / name, *more)
        assert done.returncode == 0, done.stderr
        out = tmp_path / name / "out"
        written.append([(out / f).read_bytes() for f in ("cutflow.json", "candidates.csv", "selection.json")])
    assert written[0] == written[1]


# ------------------------------------------------------------------------------ what is wrong, in words


def break_right(old: str, new: str) -> str:
    assert RIGHT.count(old) == 1
    return RIGHT.replace(old, new)


TWO = 'selection.add("two", number >= 2, number)'
WRONG = {
    "unknown step": (break_right('"two"', '"tow"'), "line 6 of the functions: no step 'tow'; close: two"),
    "step that the format cannot evaluate": (
        break_right(TWO, 'selection.add("good_muon", number > 0)'),
        "'good_muon' cannot be evaluated in this format",
    ),
    "twice": (break_right(TWO, f"{TWO}; {TWO}"), "step 'two' is added twice"),
    "missing": (break_right(TWO, "pass"), "selection.add was not called for two"),
    "all missing": ("def select(events, selection): pass", "for first.either, two, second.either; selection"),
    "too few": (break_right("number >= 2", "number[1:] >= 2"), "step 'two': 6 values for 7 events"),
    "too few values": (break_right("2, number", "2, number[1:]"), "step 'two', value: 6 for 7 events"),
    "numbers": (break_right("number >= 2", "number"), "step 'two': whole numbers; compare them with the threshold"),
    "real numbers": (break_right("number >= 2", "number / 2"), "step 'two': real numbers; compare them"),
    "lists": (break_right("number >= 2", "jets > 20"), "step 'two': a list per event; give True or False per event"),
    "record": (break_right("number >= 2", 'ak.zip({"a": number})'), "step 'two': a record per event (a)"),
    "one for all": (break_right("number >= 2", "True"), "step 'two': one value for all events (True)"),
    "array of one": (break_right("number >= 2", "np.array(True)"), "step 'two': one value for all events"),
    "text": (break_right("number >= 2", '["yes"] * 7'), "step 'two': "),
    "unknown branch": (
        break_right('"jet_pt"', '"jet_pT"'),
        "line 3 of the functions: no branch 'jet_pT' in the files; close: jet_pt",
    ),
    "attribute": (break_right('events["jet_pt"]', "events.jet_pt"), 'a branch is read as events["name"]'),
    "mask": (break_right('events["jet_pt"]', "events[[True]]"), "not by list"),
    "loop": (break_right('events["jet_pt"]', "[e for e in events]"), "not gone through one by one"),
    "unknown output": (break_right('"n_jets"', '"jets"'), "output 'jets': expected one of n_jets"),
    "no output": (break_right('selection.store("n_jets", number)', "pass"), "store was not called for n_jets"),
    "lists as output": (break_right('"n_jets", number', '"n_jets", jets'), "output 'n_jets': a list per event"),
    "no select": ("def choose(events, selection): pass", "there is no function select(events, selection)"),
    "other arguments": ("def select(events): pass", "expected select(events, selection), found select(events)"),
    "no Python": ("def select(events, selection:\n    pass", "the functions are no Python: line 1: "),
    "open text": ('x = """\ndef select(events, selection): pass', "the functions are no Python: line 1: "),
    "nothing": ("", "there is no function select(events, selection)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_misuse_is_one_clear_line(name: str, jets: Path, tmp_path: Path) -> None:
    functions, says = WRONG[name]
    done = run(make_tiny(functions), jets, tmp_path)
    assert done.returncode == 10, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("analysis.py: ")
    assert says in last
    assert not (tmp_path / "out").exists()


def test_a_trace_begins_in_the_functions(jets: Path, tmp_path: Path) -> None:
    program = make_tiny(
        RIGHT.replace("number = ak.num(jets)", "number = count(jets)")
        + """

def count(jets):
    return ak.num(jets, axis=7)
"""
    )
    done = run(program, jets, tmp_path)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith(f"line {program.first_line + 4}, in select")
    assert lines[2].strip() == "number = count(jets)"
    assert lines[-1].startswith("analysis.py: line 14 of the functions: ")
    assert "Error: " in lines[-1]


def test_names_that_were_asked_for_in_vain_are_told(jets: Path, tmp_path: Path) -> None:
    swallowed = break_right(
        '    pt = events["jet_pt"] / 1000\n',
        """
    try:
        pt = events["jet_\\x1b[31mpT"]
    except Exception:
        pt = events["jet_pt"] / 1000
    if "jet_ptt" in events:
        pt = pt * 2
""",
    )
    done = run(make_tiny(swallowed), jets, tmp_path)
    assert done.returncode == 0, done.stderr
    account = read_account(tmp_path / "out" / "selection.json")
    assert account.not_found == ("jet_\\x1b[31mpT", "jet_ptt")
    assert account.branches_read == ("jet_pt",)


def test_functions_have_a_namespace_of_their_own(jets: Path, tmp_path: Path) -> None:
    """Names of the frame can be used for something else, and cannot be seen; nothing is kept between chunks."""
    functions = OWN_NAMES + break_right("ak.num(jets)", "count_steps(jets)")
    done = run(make_tiny(functions), jets, tmp_path, "--chunk-size", "2")
    assert done.returncode == 0, done.stderr
    hidden = run(make_tiny(break_right("ak.num(jets)", "collect(jets)")), jets, tmp_path)
    assert hidden.returncode == 1
    assert "NameError: name 'collect' is not defined" in hidden.stderr


def test_made_by_cannot_leave_its_comment(jets: Path, tmp_path: Path) -> None:
    made_by = 'llm:x\n"""\nraise SystemExit(3)\n# \u202e'
    done = run(make_program(RIGHT, TINY, load_profile("atlas_mini"), made_by), jets, tmp_path)
    assert done.returncode == 0, done.stderr
    assert read_cutflow(tmp_path / "out" / "cutflow.json").made_by.startswith("llm:x ")


def test_missing_branch_of_one_file(jets: Path, tmp_path: Path) -> None:
    """A file without the branch is told by the functions, not by the frame."""
    other = write_mini(tmp_path / "other.root", [{"jet": []}], drop=("jet_pt",))
    done = run(make_tiny(RIGHT), other, tmp_path)
    assert done.returncode == 10
    assert "no branch 'jet_pt' in the files" in done.stderr


@pytest.mark.skipif(not probe_sandbox().usable, reason="no sandbox works here")
def test_it_runs_in_the_sandbox(jets: Path, tmp_path: Path) -> None:
    execution = run_sandboxed(make_tiny(RIGHT).source, [], [jets], tmp_path)
    assert execution.outcome == "ok", execution.stderr
    assert {"cutflow.json", "selection.json"} < {output.name for output in execution.outputs}
    assert read_account(tmp_path / "selection.json").branches_read == ("jet_pt",)
    assert read_cutflow(tmp_path / "cutflow.json").made_by == "llm:tiny"


ACCOUNT: dict[str, object] = {
    "format": "paperfilter-selection/1", "branches_read": ["a"], "not_found": [],
    "steps": {"s": {"passed": 1, "read_before": ["a"]}},
}  # fmt: skip


@pytest.mark.parametrize("change", [
    {"format": "other"}, {"branches_read": "a"}, {"branches_read": [1]}, {"branches_read": ["x" * 500]},
    {"not_found": None}, {"steps": {"s": {"passed": -1}}}, {"steps": {"s": {"passed": 1.5}}}, {"more": 1},
    {"branches_read": ["\x1b[2J"]}, {"branches_read": ["a"] * 30_000},
])  # fmt: skip
def test_a_forged_account_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "selection.json"
    path.write_text(json.dumps(ACCOUNT), encoding="utf-8")
    assert read_account(path).steps["s"].passed == 1
    path.write_text(json.dumps(ACCOUNT | change), encoding="utf-8")
    with pytest.raises(AnalysisFailed, match=r"selection\.json"):
        read_account(path)
