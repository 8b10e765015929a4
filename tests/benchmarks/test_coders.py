"""Scripted coders: right selections are right, mistakes are what they are called, and each coder ends as it should."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.coders.bench import run_script, write_sample
from benchmarks.coders.bugs import load_bugs, write_functions
from benchmarks.coders.right import ANALYSES, read_right
from benchmarks.coders.scripts import Script, Turn, expect, load_scripts, write_reply
from benchmarks.samples.collisions import draw_collisions
from benchmarks.samples.layouts import write_events
from codegen.coder.classes import classify
from codegen.coder.guard import check_functions
from codegen.coder.program import CoderProgram, make_program
from codegen.sandbox import probe_sandbox
from pipeline.coding import look_up_branches
from pipeline.compiling import find_profile
from schemas.coding import Attempt, FailureClass
from schemas.criteria_yaml import load_criteria
from schemas.errors import CriteriaError
from tests.benchmarks.analyses_running import ANALYSES as BUILT_IN
from tests.benchmarks.analyses_running import STEPS, run_program
from tests.benchmarks.edge_events import draw_events, list_edges
from tests.shared import SHARED

PROFILE = "atlas_mini"
REAL = {
    "h4l": "atlas2020_4lep/*.root", "diphoton": "generated/mc_y[jy].root", "leptoquark": "generated/mc_LQ1000.root",
}  # fmt: skip

needs_sandbox = pytest.mark.skipif(not probe_sandbox().usable, reason="no sandbox works here")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, ...]]:
    """Files of simulated events, by analysis."""
    folder = tmp_path_factory.mktemp("samples")
    return {analysis: write_sample(analysis, folder) for analysis in ANALYSES}


@pytest.fixture(scope="module")
def edges(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Values exactly at thresholds, equal pairings, NaN, nothing at all, and what a coarse grid gives."""
    events = [*(edge.event for edge in list_edges()), *draw_events(1000, seed=3)]
    return write_events(tmp_path_factory.mktemp("edges"), "edges", PROFILE, events)


def make(analysis: str, functions: str, files: tuple[Path, ...]) -> CoderProgram:
    """The program around functions."""
    return make_program(functions, load_criteria(BUILT_IN[analysis].criteria), find_profile(PROFILE, files), "llm:x")


@pytest.mark.parametrize("analysis", ANALYSES)
def test_right_selections_keep_the_events_of_the_baseline(
    analysis: str, edges: Path, samples: dict[str, tuple[Path, ...]], tmp_path: Path
) -> None:
    program = make(analysis, read_right(analysis), (edges,)).source
    run_program(program, analysis, PROFILE, [edges], tmp_path).check(STEPS[analysis])
    run_program(program, analysis, PROFILE, samples[analysis][:1], tmp_path, chunk=250).check(STEPS[analysis])


@pytest.mark.parametrize("analysis", ANALYSES)
def test_right_selections_on_files_of_experiments_and_generators(analysis: str, tmp_path: Path) -> None:
    files = sorted((SHARED / "data").glob(REAL[analysis]))
    if not files:
        pytest.skip(f"needs data/{REAL[analysis]} of the shared development folder (set PAPERFILTER_SHARED)")
    program = make(analysis, read_right(analysis), tuple(files)).source
    run_program(program, analysis, PROFILE, files, tmp_path).check(STEPS[analysis])


@pytest.mark.parametrize("analysis", ANALYSES)
def test_every_mistake_is_an_edit_of_the_right_functions(analysis: str) -> None:
    right, bugs = read_right(analysis), load_bugs(analysis)
    written = {name: write_functions(analysis, (name,)) for name in bugs}
    assert len({right, *written.values()}) == len(bugs) + 1 > 20
    for name, functions in written.items():
        if bugs[name].failure != "syntax":
            ast.parse(functions)
    kinds = Counter(bug.failure for bug in bugs.values())
    usual = {"semantic error", "incorrect branch name", "function-calling error", "timeout", "syntax", "dummy data"}
    assert kinds.keys() >= usual | {"intermediate file not found"}


def test_a_mistake_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(CriteriaError, match="h4l has no mistake 'none'"):
        write_functions("h4l", ("none",))
    with pytest.raises(CriteriaError, match=r"'off_by_one': .* stands there 0 times"):
        write_functions("h4l", ("off_by_one", "off_by_one"))


@pytest.mark.parametrize("analysis", ANALYSES)
def test_reading_the_code_finds_what_it_should_and_nothing_else(
    analysis: str, samples: dict[str, tuple[Path, ...]]
) -> None:
    branches = look_up_branches(find_profile(PROFILE, samples[analysis]), samples[analysis])
    steps = make(analysis, read_right(analysis), samples[analysis]).steps
    for bug in load_bugs(analysis).values():
        found = check_functions(write_functions(analysis, (bug.name,)), steps=steps, branches=branches)
        assert bool(found) == ("guard" in bug.shown_by), (bug.name, found)
        if found:
            attempt = Attempt(number=1, code_sha256="", offences=found, problem=found[0].detail)
            assert classify(attempt) == bug.failure, (bug.name, found)
            assert bug.offence is None or bug.offence in [one.kind for one in found], (bug.name, found)


@pytest.mark.parametrize("analysis", ["h4l"])  # in loops below, the others
def test_mistakes_that_events_show_differ_where_they_should(
    analysis: str, samples: dict[str, tuple[Path, ...]], tmp_path: Path
) -> None:
    used = {name for script in load_scripts().values() for turn in script.list_turns(analysis) for name in turn.bugs}
    for bug in load_bugs(analysis).values():
        if bug.shown_by == ("comparison",) and bug.name in used:
            program = make(analysis, write_functions(analysis, (bug.name,)), samples[analysis]).source
            outcome = run_program(program, analysis, PROFILE, samples[analysis][:1], tmp_path)
            assert outcome.comparison.first_difference in bug.first, bug.name


def test_scripts_have_the_right_code_at_their_end_or_never() -> None:
    for script in load_scripts().values():
        for analysis in ANALYSES:
            turns = script.list_turns(analysis)
            ends = [expect(analysis, turn).failure is None for turn in turns]
            assert not any(ends[:-1]), script.name
            assert all(write_reply(analysis, turn) or turn.reply == "empty" for turn in turns)
            assert len(turns) <= 5, script.name


LOOPS: list[tuple[str, str, list[FailureClass]]] = [
    ("right", "leptoquark", []),
    ("two-rounds", "diphoton", ["semantic error", "semantic error"]),
    ("never", "leptoquark", ["semantic error"] * 5),
    ("cheater", "h4l", ["dummy data", "incorrect branch name", "semantic error", "dummy data", "dummy data"]),
    ("broken", "leptoquark", ["syntax", "syntax", "syntax", "intermediate file not found"]),
    ("attacker", "diphoton", ["sandbox violation"] * 4 + ["semantic error"]),
]


@needs_sandbox
@pytest.mark.parametrize(("coder", "analysis", "classes"), LOOPS, ids=[f"{c}-{a}" for c, a, _ in LOOPS])
def test_coders_end_as_they_should(
    coder: str, analysis: str, classes: list[FailureClass], samples: dict[str, tuple[Path, ...]], tmp_path: Path
) -> None:
    row = run_script(load_scripts()[coder], analysis, "our own", samples[analysis], tmp_path, seconds=600)
    assert not row.surprises
    assert [one.failure for one in row.attempts if one.failure is not None] == classes
    assert row.exit_code == (0 if row.ended == "matched" else 1)


@needs_sandbox
def test_a_loop_without_an_end_is_stopped(samples: dict[str, tuple[Path, ...]], tmp_path: Path) -> None:
    script = Script(name="endless", about="never ends", turns={"all": (Turn(bugs=("endless_loop",)),)})
    row = run_script(script, "diphoton", "our own", samples["diphoton"], tmp_path, seconds=3)
    assert not row.surprises
    assert [one.failure for one in row.attempts] == ["timeout"]


@needs_sandbox
def test_a_mistake_that_the_loop_cannot_show_fails_on_the_held_out_file(tmp_path: Path) -> None:
    apart = draw_collisions("leptoquarks", 150, seed=8)
    drawn = draw_collisions("leptoquarks", 900, seed=9)
    shown = [e._replace(process=100) for e in drawn if not any(one.flavour == 13 and one.pt > 50 for one in e.leptons)]
    files = [write_events(tmp_path, "loop", PROFILE, shown), write_events(tmp_path, "apart", PROFILE, apart)]
    assert files[0].stat().st_size > files[1].stat().st_size  # of two files the smaller one is held out
    script = Script(name="fitted", about="right in the loop", turns={"all": (Turn(bugs=("taus_for_muons",)),)})
    row = run_script(script, "leptoquark", "fitted", files, tmp_path / "runs", seconds=600)
    assert not row.surprises
    assert [(one.failure, one.shown_by) for one in row.attempts] == [("semantic error", "held out")]
    assert row.attempts[0].first is None  # nothing in the loop


@needs_sandbox
def test_events_that_are_all_in_the_loop_hold_nothing_out(tmp_path: Path) -> None:
    events = draw_collisions("leptoquarks", 20, seed=1)
    files = [write_events(tmp_path, name, PROFILE, events) for name in ("one", "two")]
    row = run_script(load_scripts()["right"], "leptoquark", "twice", files, tmp_path / "runs")
    assert (row.ended, row.exit_code) == ("failed", 4)
    assert "none of its events is new" in row.surprises[0]
