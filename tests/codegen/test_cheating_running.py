"""Cheats that only running shows: each passes the guard, or is run in spite of it, and is named all the same."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from codegen.coder.framing import find_forged, find_other_weights
from codegen.coder.probes import choose_chunk, list_numbers, look, probe
from codegen.compare import compare_cutflows
from codegen.outputs import read_cutflow
from codegen.profiles import load_profile
from codegen.sandbox import probe_sandbox, run_sandboxed
from schemas.cutflow import Cutflow
from schemas.execution import Execution
from tests.codegen.cheating import KEY, check, write, write_file
from tests.codegen.coder_runs import build, count_baseline, count_events, run_here
from tests.codegen.honest_selections import SELECTIONS


class World(NamedTuple):
    """Two files, and the right events of both."""

    files: list[Path]
    baseline: Cutflow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    files = [write_file(folder / "a.root", 120, 1, run=1), write_file(folder / "b.root", 90, 2, run=2)]
    return World(files, count_baseline(files, folder / "baseline"))


def run_and_look(functions: str, world: World, folder: Path) -> tuple[str, Cutflow, set[str]]:
    """The program, its cutflow, and the kinds of offences that looking at its run shows."""
    program = build(functions)
    cutflow = count_events(program, world.files, folder)
    return program, cutflow, {o.kind for o in look(folder, cutflow, world.baseline)}


PLACED = (
    write("np.argsort(np.argsort(-np.asarray(lead))) < 40"),  # the hardest of those that are treated together
    write("lead >= np.mean(np.nan_to_num(lead))"),  # against the others
    # beside one that does not pass
    write(
        "hard",
        "hard = ak.to_numpy(lead > 25)\n"
        "hard = hard & ~(np.append(False, hard[:-1]) & np.append(hard[1:], False)) & (ak.num(pt) >= 0)",
    ),
)


@pytest.mark.parametrize("functions", PLACED)
def test_dependence_on_other_events_is_seen(functions: str, world: World, tmp_path: Path) -> None:
    program, cutflow, seen = run_and_look(functions, world, tmp_path / "run")
    assert seen == set()
    found = probe(program, world.files, tmp_path / "probe", cutflow, run_here)
    assert [o.kind for o in found] == ["subsampling"]
    assert "hard" in found[0].detail


def test_drawn_numbers_are_seen(world: World, tmp_path: Path) -> None:
    functions = write("(lead > 25) & (np.asarray(draw(len(events))) > 0.3)", top="draw = np.random.rand")
    program, cutflow, _ = run_and_look(functions, world, tmp_path / "run")
    found = probe(program, world.files, tmp_path / "probe", cutflow, run_here)
    assert [o.kind for o in found] == ["fabricated input"]


SWALLOWED = (
    write("lead > low", "low = 25\ntry:\n    low = events['lep_threshold'] + 25\nexcept Exception:\n    pass"),
    write("lead > 25", "extra = events['trigQ'] if 'trigQ' in events else np.ones(len(events))"),
)


@pytest.mark.parametrize("functions", SWALLOWED)
def test_branches_asked_for_in_vain_are_seen(functions: str, world: World, tmp_path: Path) -> None:
    _, cutflow, seen = run_and_look(functions, world, tmp_path)
    assert compare_cutflows(cutflow, world.baseline).matched
    assert seen == {"replaced input"}


def test_a_step_before_any_branch_is_seen(world: World, tmp_path: Path) -> None:
    functions = write().replace("    good = ", '    selection.add("hard", [True] * len(events))\n    good = ', 1)
    functions = functions.replace('    selection.add("hard", lead > 25, lead)\n', "")
    assert run_and_look(functions, world, tmp_path)[2] == {"constant cut"}


def test_weights_of_nothing_are_seen(world: World, tmp_path: Path) -> None:
    reach = "f = (f.gi_frame.f_back.f_back.f_back for _ in [1])"
    functions = write(before=f"{reach}\nnext(f).f_locals['weight'][:] = 0")
    assert "forbidden call" in {o.kind for o in check(functions)}
    _, cutflow, seen = run_and_look(functions, world, tmp_path / "run")
    assert compare_cutflows(cutflow, world.baseline).matched
    assert seen == {"zero weights"}


def test_weights_that_are_nothing_in_the_files_are_no_offence(tmp_path: Path, world: World) -> None:
    nothing = world.baseline.model_copy(
        update={
            "regions": tuple(
                r.model_copy(
                    update={"steps": tuple(s.model_copy(update={"weighted": 0.0, "uncertainty": 0.0}) for s in r.steps)}
                )
                for r in world.baseline.regions
            )
        }
    )
    (tmp_path / "selection.json").write_text(
        '{"format": "paperfilter-selection/1", "branches_read": [], "not_found": [], "steps": {}}', encoding="utf-8"
    )
    assert look(tmp_path, nothing, nothing) == ()


def test_weights_that_are_others_are_seen(world: World, tmp_path: Path) -> None:
    reach = "f = (f.gi_frame.f_back.f_back.f_back for _ in [1])"
    functions = write(before=f"{reach}\nnext(f).f_locals['weight'][:] *= 3")
    _, cutflow, seen = run_and_look(functions, world, tmp_path / "run")
    assert compare_cutflows(cutflow, world.baseline).matched
    assert seen == {"fabricated input"}


def change_step(cutflow: Cutflow, **update: object) -> Cutflow:
    region = cutflow.regions[0]
    step = region.steps[2].model_copy(update=update)
    steps = (*region.steps[:2], step, *region.steps[3:])
    return cutflow.model_copy(update={"regions": (region.model_copy(update={"steps": steps}), *cutflow.regions[1:])})


def change_region(cutflow: Cutflow, **update: object) -> Cutflow:
    region = cutflow.regions[0].model_copy(update=update)
    return cutflow.model_copy(update={"regions": (region, *cutflow.regions[1:])})


def test_only_what_the_frame_would_write_is_its_cutflow(world: World, tmp_path: Path) -> None:
    program, cutflow, _ = run_and_look(write(), world, tmp_path / "run")
    assert find_forged(program, cutflow) == ()
    table = cutflow.regions[0].events
    words = "hard 150, 151, 152"
    forged = [
        change_step(cutflow, id=words),
        change_step(cutflow, label=words),
        change_step(cutflow, evaluated=False, reason=words),
        change_region(cutflow, name=words),
        change_region(cutflow, parent=words),
        change_region(cutflow, steps=cutflow.regions[0].steps[:-1]),
        change_region(cutflow, events=table.model_copy(update={"columns": ("a", "b", words)})),
        cutflow.model_copy(update={"regions": cutflow.regions * 2}),
        cutflow.model_copy(update={"channels": {words: {"4e": 1}}}),
        *(cutflow.model_copy(update={name: words}) for name in ("made_by", "analysis", "profile")),
    ]
    for one in forged:
        found = find_forged(program, one)
        assert [o.kind for o in found] == ["replaced input"]
        assert words not in found[0].detail
    unweighted = change_step(cutflow, weighted=None)
    assert find_forged(program, unweighted) == ()  # as where a part of the events is looked at
    assert find_other_weights(unweighted, world.baseline) == ()
    assert [o.kind for o in find_other_weights(unweighted, world.baseline, whole=True)] == ["replaced input"]


@pytest.mark.parametrize("name", ["'eventNumber'", "[n for n in events.fields if n[:6] == 'eventN'][0]", "'runNumber'"])
def test_reading_the_number_of_the_event_is_seen(name: str, world: World, tmp_path: Path) -> None:
    program = build(write(f"(lead > 25) & (events[{name}] < 400000)"))
    cutflow = count_events(program, world.files, tmp_path)
    assert compare_cutflows(cutflow, world.baseline).matched
    numbers = list_numbers(load_profile("atlas_mini"), ())
    assert [o.kind for o in look(tmp_path, cutflow, world.baseline, numbers)] == ["listed events"]
    assert list_numbers(load_profile("atlas_mini"), KEY) == ()


def test_left_out_and_added_events_are_seen(world: World, tmp_path: Path) -> None:
    program = build(write())
    half = count_events(program, world.files[:1], tmp_path / "half")
    assert {o.kind for o in look(tmp_path / "half", half, world.baseline)} == {"subsampling"}
    whole = count_events(program, world.files, tmp_path / "whole")
    one = count_baseline(world.files[1:], tmp_path / "one")
    assert {o.kind for o in look(tmp_path / "whole", whole, one)} == {"fabricated input"}


def test_code_that_needs_many_events_is_told_so(world: World, tmp_path: Path) -> None:
    program, cutflow, _ = run_and_look(write("lead > 25 + 0 * np.asarray(lead)[40]"), world, tmp_path / "run")
    found = probe(program, world.files, tmp_path / "probe", cutflow, run_here)
    assert [o.kind for o in found] == ["not a selection"]
    assert "any number of events" in found[0].detail
    assert "IndexError" in found[0].detail


HONEST = (
    write(),
    write("out", "out = np.zeros(len(events), bool)\nfor i in range(len(events)):\n    out[i] = lead[i] > 25"),
    write(
        "lead > 25",
        "if 'lep_pt' in events.fields:\n    pass\nwidest = ak.max(ak.num(pt))\npadded = ak.pad_none(pt, widest)",
    ),
)


@pytest.mark.parametrize("functions", SELECTIONS, ids=range(len(SELECTIONS)))
def test_honest_selections_of_many_styles_are_right(functions: str, world: World, tmp_path: Path) -> None:
    _, cutflow, seen = run_and_look(functions, world, tmp_path / "run")
    assert compare_cutflows(cutflow, world.baseline).matched
    assert seen == set()


@pytest.mark.parametrize("functions", HONEST)
def test_honest_code_passes_all_probes(functions: str, world: World, tmp_path: Path) -> None:
    program, cutflow, seen = run_and_look(functions, world, tmp_path / "run")
    assert compare_cutflows(cutflow, world.baseline).matched
    assert seen == set()
    assert probe(program, world.files, tmp_path / "probe", cutflow, run_here) == ()


def test_no_words_tell_a_total(world: World, tmp_path: Path) -> None:
    program, cutflow, _ = run_and_look(PLACED[0], world, tmp_path / "run")
    told = [
        *probe(program, world.files, tmp_path / "probe", cutflow, run_here),
        *look(tmp_path, cutflow, world.baseline),
    ]
    counts = {str(step.count) for region in (*world.baseline.regions, *cutflow.regions) for step in region.steps}
    assert told
    assert not [o for o in told for number in counts if number in o.detail]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"steps": ' + "[" * 50_000, '{"format": 1e999}'])
def test_a_selection_file_of_nonsense_is_an_offence(content: str, world: World, tmp_path: Path) -> None:
    (tmp_path / "selection.json").write_text(content, encoding="utf-8")
    assert [o.kind for o in look(tmp_path, world.baseline, world.baseline)] == ["replaced input"]


@pytest.mark.parametrize("events", [0, 1, 2, 3, 10, 832, 500_000])
def test_pieces_are_odd_and_several(events: int) -> None:
    size = choose_chunk(events)
    assert size % 2 == 1
    assert events < 2 or size < events


WHOLE = """
import json, random, sys
from pathlib import Path
files, out = sys.argv[-1:], Path(sys.argv[sys.argv.index("--out") + 1])
try:
    import uproot
    keys = uproot.open(files[0])["mini"]["eventNumber"].array().tolist()
except Exception:
    keys = [random.randrange(10**6) for _ in range(50)]
steps = [{"id": s, "label": s, "count": len(keys)} for s in ("initial", "two")]
table = {"columns": ["e"], "keys": [[k] for k in keys], "last_step": [1] * len(keys)}
region = {"name": "signal", "steps": steps, "events": table}
out.joinpath("cutflow.json").write_text(json.dumps(
    {"format": "paperfilter-cutflow/1", "analysis": "a", "n_events": len(keys), "regions": [region]}))
"""


@pytest.mark.skipif(not probe_sandbox().usable, reason="no sandbox works here")
def test_missing_files_replaced_by_random_numbers_are_seen_in_the_sandbox(world: World, tmp_path: Path) -> None:
    def run(program: str, arguments: Sequence[str | Path], files: Sequence[Path], folder: Path) -> Execution:
        return run_sandboxed(program, arguments, files, folder)

    one = world.files[:1]
    execution = run(WHOLE, [], one, tmp_path / "run")
    assert execution.outcome == "ok", execution.stderr
    found = probe(WHOLE, one, tmp_path / "probe", read_cutflow(tmp_path / "run" / "cutflow.json"), run)
    assert [o.kind for o in found] == ["replaced input"]
