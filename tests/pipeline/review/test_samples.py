"""Of many events a preview looks at some of every file, and says so."""

import json
from pathlib import Path

import pytest

from codegen.outputs import read_cutflow
from codegen.sandbox import run_sandboxed
from pipeline.compiling import compile_criteria, find_profile
from pipeline.manifest import Request
from pipeline.review.samples import MOST_FILES, choose_sample, fit_profile, limit_program, wish_sample
from schemas.criteria_yaml import load_criteria
from schemas.errors import DataError
from tests.codegen.attacks import confined
from tests.codegen.test_reading_jsonl import EVENTS, write_lines
from tests.pipeline.review.selections import load_demo
from tests.pipeline.samples import write_empty_tree, write_sample
from tests.schemas.examples import LEPTOQUARK


def _ask(**more: object) -> Request:
    asked = {"command": "run", "kind": "paper", "source": "paper.pdf", "source_sha256": "0", "reader": "rules"}
    return Request.model_validate({**asked, "coder": "compiler", **more})


def test_data_are_those_named_else_those_of_the_run(tmp_path: Path) -> None:
    sample = write_sample(tmp_path, 60)
    other = tmp_path / "other.root"
    other.write_bytes(sample.read_bytes())
    request = _ask(data=(str(sample),), profile="atlas_mini")
    assert wish_sample(request, (str(other),), None) == ((other,), "atlas_mini", None)
    assert wish_sample(request, (), "mine.toml") == ((sample,), "mine.toml", None)
    assert wish_sample(_ask(), (), None) == ((), None, None)
    assert fit_profile(wish_sample(_ask(), (str(other),), None)).name == "atlas_mini"  # by what the file holds
    with pytest.raises(DataError, match="matches no file"):
        wish_sample(request, (str(tmp_path / "none*.root"),), None)
    sample.unlink()
    gone = wish_sample(request, (), None)
    assert gone.files == ()
    assert gone.problem is not None
    assert gone.problem.startswith("the data of this run: ")


@confined
def test_some_events_of_every_file_are_taken(tmp_path: Path) -> None:
    paths = []
    for k, generated in enumerate((120, 60)):
        made = write_sample(tmp_path / str(k), generated)
        paths.append(made.rename(tmp_path / f"{k}.root"))
    paths.append(write_empty_tree(tmp_path / "empty.root", paths[0]))
    profile = find_profile("atlas_mini", paths[:1])
    assert choose_sample(paths, profile) == (tuple(paths), None, "")
    few = choose_sample(paths[:1], profile, 30)
    assert (few.first, few.told) == (30, "the first 30 events")
    sample = choose_sample([paths[0], paths[2]], profile, 40)
    assert (sample.first, sample.told) == (20, "the first 20 events of each file")
    source, arguments = limit_program(compile_criteria(load_demo(), profile).source, sample)
    assert run_sandboxed(source, arguments, sample.files, tmp_path / "out").outcome == "ok"
    assert read_cutflow(tmp_path / "out" / "cutflow.json").n_events == 20


@confined
def test_some_lines_of_a_file_are_taken(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "events.jsonl", [*(json.dumps(event) for event in EVENTS), ""])
    profile = find_profile("evtjsonl", [file])
    assert choose_sample([file], profile, len(EVENTS)).first is None
    sample = choose_sample([file], profile, 25)
    source, arguments = limit_program(compile_criteria(load_criteria(LEPTOQUARK), profile).source, sample)
    assert run_sandboxed(source, arguments, [file], tmp_path / "out").outcome == "ok"
    cutflow = read_cutflow(tmp_path / "out" / "cutflow.json")
    assert cutflow.n_events == 25
    assert {key for region in cutflow.regions for key in region.events.keys} <= {(n,) for n in range(1, 26)}


def test_of_very_many_files_some_are_taken(tmp_path: Path) -> None:
    made = write_sample(tmp_path, 40)
    paths = []
    for k in range(3 * MOST_FILES):
        paths.append(tmp_path / f"{k:03}.root")
        paths[-1].symlink_to(made)
    profile = find_profile("atlas_mini", paths[:1])
    sample = choose_sample(paths, profile)
    assert sample.files == tuple(paths[::3])
    assert (sample.first, sample.told) == (None, f"{MOST_FILES} of {3 * MOST_FILES} files")
    assert choose_sample(paths, profile, MOST_FILES).told == "the first 1 events of each file, 20 of 60 files"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.root"
    broken.write_bytes(b"root" + bytes(200))
    with pytest.raises(DataError, match=r"broken\.root"):
        choose_sample([broken], find_profile("atlas_mini"))
