"""Code that fits the events of the loop and nothing else: held-out events and made-up events find it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from codegen.coder.acceptance import (
    HeldOut,
    Witnessed,
    decide,
    is_in_loop,
    judge_held_out,
    judge_witnesses,
    restrict_cutflow,
    settle_split,
    split_data,
)
from codegen.coder.feedback import tell_acceptance
from codegen.coder.stored import OtherOutput, Stored, find_other_output, read_stored, word_other
from codegen.compare import compare_cutflows
from codegen.outputs import find_contradiction
from codegen.profiles import load_profile
from codegen.witness.collecting import WitnessSet, collect_witnesses
from codegen.witness.writing import write_events
from schemas.criteria_yaml import load_criteria
from schemas.cutflow import Cutflow, EventTable, RegionFlow, Step
from schemas.errors import UsageError
from schemas.verdict import list_wrong
from tests.codegen.cheating import CRITERIA, check, write, write_file
from tests.codegen.coder_runs import build, count_baseline, count_events, run_here
from tests.codegen.mini_files import read_mini


class World(NamedTuple):
    """A file of the loop and one that is held out, with the right events."""

    loop: Path
    other: Path
    loop_baseline: Cutflow
    other_baseline: Cutflow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("held_out")
    loop, other = write_file(folder / "a.root", 60, 1, run=1), write_file(folder / "b.root", 500, 2, run=2)
    return World(loop, other, count_baseline([loop], folder / "1"), count_baseline([other], folder / "2"))


@pytest.fixture(scope="module")
def witnesses() -> WitnessSet:
    return collect_witnesses(load_criteria(CRITERIA), load_profile("atlas_mini"))


def list_overfitted(world: World) -> list[str]:
    """Code that is right in the loop: by the number of the run, and with the loosest threshold that fits its events."""
    below = max(soft for e in read_mini([world.loop]) if e["lep_pt"] and (soft := max(e["lep_pt"]) / 1000) <= 25)
    return [
        write("(lead > 25) & (events['runNumber'] == 1) | (lead > 30) & (events['runNumber'] >= 2)"),
        write(f"lead > {below}"),
    ]


@pytest.mark.parametrize("variant", [0, 1])
def test_code_that_fits_the_loop_only_is_refused(variant: int, world: World, tmp_path: Path) -> None:
    functions = list_overfitted(world)[variant]
    program = build(functions)
    assert compare_cutflows(count_events(program, [world.loop], tmp_path / "loop"), world.loop_baseline).matched
    found = judge_held_out(
        count_events(program, [world.other], tmp_path / "other"), world.other_baseline, world.loop_baseline
    )
    assert not found.same
    assert found.differing == "signal/hard"
    verdict = decide((), found, None)
    assert verdict.problem == "it keeps other events than it should on data outside the loop"
    assert verdict.differing is None  # a coder hears nothing of the step


def test_right_code_is_accepted(world: World, witnesses: WitnessSet, tmp_path: Path) -> None:
    program = build(write())
    held_out = judge_held_out(count_events(program, [world.other], tmp_path / "o"), world.other_baseline)
    assert held_out == HeldOut(same=True, events=500)
    witnessed = run_witnesses(write(), witnesses, tmp_path)
    assert witnessed.right
    assert decide((), held_out, witnessed).problem is None
    assert decide((), held_out, None).problem is None
    assert decide(check(write("True")), held_out, witnessed).problem is not None
    assert decide((), None, witnessed).problem is not None


def run_witnesses(functions: str, found: WitnessSet, folder: Path) -> Witnessed:
    events = folder / "witness.root"
    write_events(events, found.layout, [w.event for w in found.witnesses])
    cutflow = count_events(build(functions), [events], folder / "witness")
    return judge_witnesses(found, cutflow, (folder / "witness" / "candidates.csv").read_text(encoding="utf-8"))


MISTAKEN = (
    (write("lead >= 25"), "hard"),  # no event of any file lies there
    (write().replace("abs(eta) < 2", "eta < 2"), "central"),
    (write("ak.num(pt) >= 0"), "hard"),  # a constant that reads a branch
    (write("np.where(ak.num(pt) >= 0, True, lead > 25)"), "hard"),
    (write("abs(lead - lead[0]) >= 0"), "hard"),
)


@pytest.mark.parametrize(("functions", "step"), MISTAKEN)
def test_made_up_events_name_what_is_not_there(
    functions: str, step: str, witnesses: WitnessSet, tmp_path: Path
) -> None:
    found = run_witnesses(functions, witnesses, tmp_path)
    assert not found.right
    assert found.problem is not None
    assert f"{step} is" in found.problem


def test_the_likeliest_single_culprit_comes_first(witnesses: WitnessSet, tmp_path: Path) -> None:
    """A step that counts all leptons instead of good ones is wrong itself; the cuts on leptons are right."""
    counted = write().replace('"two", ak.num(pt) >= 2', '"two", ak.num(events["lep_pt"]) == 3')
    assert counted != write()
    found = run_witnesses(counted, witnesses, tmp_path)
    first, *others = list_wrong(found.verdicts)
    assert (first.item, first.verdict, first.consequence_of) == ("two", "wrong", "")
    assert {v.consequence_of for v in others} <= {"two"}
    assert found.problem is not None
    assert found.problem.startswith("made-up events show: two is wrong")
    told = tell_acceptance(decide((), HeldOut(same=False, problem="it differs"), found))
    assert told.index("- two (") < (told.index("perhaps only a consequence of two") if others else len(told))


def test_a_witness_run_that_fails_is_wrong(witnesses: WitnessSet) -> None:
    assert not judge_witnesses(witnesses, None, "").right
    lacking = make_flow(((1,), (2,)), (0, 0))
    assert not judge_witnesses(witnesses, lacking, "").right


# ---------------------------------------------------------------- the two parts


def make_flow(keys: Sequence[tuple[int, ...]], lasts: Sequence[int], weight: float | None = 1.0) -> Cutflow:
    """A region of three steps and a child of one more, which keeps every second event of those that are left."""
    counts = [sum(x >= k for x in lasts) for k in range(3)]

    def step(name: str, count: int) -> Step:
        weighted = None if weight is None else weight * count
        return Step(id=name, label=name, count=count, weighted=weighted, uncertainty=weighted)

    columns = ("run", "event") if keys and len(keys[0]) == 2 else ("event",)
    table = EventTable(columns=columns, keys=tuple(keys), last_step=tuple(lasts))
    left = [key for key, last in zip(keys, lasts, strict=True) if last == 2]
    child = EventTable(columns=columns, keys=tuple(left), last_step=tuple(k % 2 for k in range(len(left))))
    regions = (
        RegionFlow(name="a", steps=tuple(map(step, ("initial", "x", "y"), counts)), events=table),
        RegionFlow(
            name="b", parent="a", steps=(step("y", len(left)), step("z", sum(child.last_step))), events=child
        ),
    )  # fmt: skip
    return Cutflow(analysis="t", n_events=len(keys), regions=regions, channels={"a": {"4e": counts[2]}})


def make_many(number: int, seed: int = 1) -> Cutflow:
    random = np.random.default_rng(seed)
    return make_flow([(1, k) for k in range(number)], random.integers(0, 3, number).tolist())


def test_a_restricted_cutflow_is_one_still() -> None:
    whole = make_many(400)
    assert find_contradiction(whole) is None
    kept, rest = restrict_cutflow(whole, is_in_loop), restrict_cutflow(whole, lambda key: not is_in_loop(key))
    assert find_contradiction(kept) is None
    assert find_contradiction(rest) is None
    assert kept.n_events + rest.n_events == 400
    assert 150 < kept.n_events < 250
    for region, one, other in zip(whole.regions, kept.regions, rest.regions, strict=True):
        for k, step in enumerate(region.steps):
            assert one.steps[k].count + other.steps[k].count == step.count
            assert one.steps[k].weighted is None
            assert one.keys_at(k) | other.keys_at(k) == region.keys_at(k)
    assert kept.channels == {}
    assert restrict_cutflow(whole, lambda _: True) == whole
    assert restrict_cutflow(whole, lambda _: False).n_events == 0


def test_weights_of_nothing_stay_nothing() -> None:
    whole = make_flow([(1, k) for k in range(50)], [2] * 50, weight=0.0)
    assert {s.weighted for r in restrict_cutflow(whole, is_in_loop).regions for s in r.steps} == {0.0}


def test_files_are_split_the_same_way_each_time(tmp_path: Path) -> None:
    files = []
    for name, size in (("a", 10), ("b", 500), ("c", 300), ("d", 300)):
        files.append(tmp_path / name)
        files[-1].write_bytes(b"x" * size)
    split = split_data(files)
    assert split.held_out == (tmp_path / "c",)
    assert split_data(files[::-1]).held_out == split.held_out
    assert set(split.loop) == {*files} - {*split.held_out}
    assert split.keep is None
    named = split_data(files, [tmp_path / "x" / ".." / "a"])
    assert tmp_path / "a" not in named.loop
    with pytest.raises(UsageError, match="at least one"):
        split_data(files[:1], files[:1])
    single = split_data(files[:1])
    assert single.keep is not None
    assert single.loop == tuple(files[:1])


@pytest.mark.parametrize("number", [2, 3, 5])
def test_both_halves_of_a_few_events_get_some(number: int, tmp_path: Path) -> None:
    for start in range(30):
        flow = make_flow([(9, start + k) for k in range(number)], [1] * number)
        split = settle_split(split_data([tmp_path / "one"]), flow)
        assert split.keep is not None
        assert 0 < sum(map(split.keep, flow.regions[0].events.keys)) < number


def test_events_that_the_loop_has_as_well_decide_nothing() -> None:
    flow = make_many(60)
    found = judge_held_out(flow, flow, flow)
    assert not found.same
    assert found.problem is not None
    assert "--held-out" in found.problem
    assert judge_held_out(flow, flow).same


def test_code_that_does_not_finish_outside_the_loop_is_refused() -> None:
    found = judge_held_out(None, make_many(60))
    assert not found.same
    assert found.problem == "it does not finish on data outside the loop"


def test_events_that_the_baseline_lacks_are_in_both_parts() -> None:
    baseline = make_many(3)
    split = settle_split(split_data([Path("one")])._replace(keep=lambda _: True), baseline)
    assert split.keep is not None
    assert split.keep((77, 77))


def test_nothing_said_of_held_out_events_tells_about_them(world: World, tmp_path: Path) -> None:
    program = build(list_overfitted(world)[0])
    cutflow = count_events(program, [world.other], tmp_path)
    found = judge_held_out(cutflow, world.other_baseline)
    problem = decide((), found, None).problem or ""
    assert not any(c.isdigit() for c in problem)
    assert not any(step.id in problem for region in world.other_baseline.regions for step in region.steps)


def test_a_crash_on_held_out_events_is_data(world: World, tmp_path: Path) -> None:
    functions = write("lead > 25", "assert not ak.any(events['runNumber'] == 2)")
    assert run_here(build(functions), [], [world.other], tmp_path).outcome == "crashed"


HEADER = "region,runNumber,eventNumber,channelNumber,channel,weight,m4l\n"


def read_lines(folder: Path, lines: str) -> Stored | None:
    path = folder / "candidates.csv"
    path.write_text(lines, encoding="utf-8")
    return read_stored(path, 3)


def test_outputs_are_those_of_the_compiled_program(tmp_path: Path) -> None:
    right = read_lines(tmp_path, HEADER + "signal,1,2,3,,1.5,125.25\nsignal,1,5,3,,1.5,\n")
    assert right is not None

    def find(lines: str, told: bool = True) -> OtherOutput | str | None:
        return find_other_output(read_lines(tmp_path, lines), right, lambda _: told)

    assert find(HEADER + "signal,1,5,3,,1.5,\nsignal,1,2,3,,1.5,125.2500001\n") is None
    other = find(HEADER + "signal,1,2,3,,1.5,125250.0\n")
    assert other == OtherOutput(name="m4l", ours=125250.0, theirs=125.25)
    assert word_other(other) == "output m4l differs: it stores 125250 in an event where the criteria give 125.25"
    assert find(HEADER + "signal,1,2,3,,1.5,125250.0\n", told=False) is None
    assert isinstance(find(HEADER + "signal,1,5,3,,1.5,7\n"), OtherOutput)
    assert isinstance(find(HEADER + "signal,1,2,3,,3.0,125.25\n"), OtherOutput)
    for nonsense in ("", "a,b\n", HEADER.replace("m4l", "m4l,more"), HEADER + "signal,x,2,3,,1,1\n"):
        assert isinstance(find(nonsense), str)
