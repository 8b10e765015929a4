"""Events of a contest: our own, those of a folder, and what is refused."""

import shutil
from pathlib import Path

import pytest

from benchmarks.programming.subjects import DEFAULT, Files, Subject, find_files, load_subjects, write_own
from benchmarks.programming.wording import load_words, state_in_words
from codegen.coder.hybrid import list_tasks
from pipeline.analyses import load_analysis
from pipeline.compiling import find_profile
from schemas.criteria_yaml import dump_criteria, load_criteria, parse_criteria
from schemas.errors import DataError, UsageError
from tests.benchmarks.programming.tiny import make_subject
from tests.shared import require


def test_own_events_have_the_same_digests_wherever_they_are_written(tmp_path: Path) -> None:
    first, second = (write_own("leptoquark", tmp_path / name, events=20) for name in ("one", "two"))
    assert list(first.values()) == list(second.values())
    assert len(set(first.values())) == 3
    assert set(first).isdisjoint(second)
    before = {path: path.read_bytes() for path in first}
    assert write_own("leptoquark", tmp_path / "one", events=20) == first  # and leaves them as they are
    assert {path: path.read_bytes() for path in first} == before
    assert write_own("leptoquark", tmp_path / "one", events=21).keys().isdisjoint(first)


def test_own_events_of_several_files_are_told_apart(tmp_path: Path) -> None:
    """Also of an analysis whose usual format numbers events without their process."""
    made = write_own("dimuon_z", tmp_path, events=30)
    subject = Subject(load_analysis("dimuon_z"), Files(dict(list(made.items())[:2]), dict(list(made.items())[2:]), ""))
    assert subject.loop_cutflow.n_events == 60
    assert subject.held_out_cutflow.n_events == 30


def test_a_folder_of_an_analysis_has_events_of_the_loop_and_held_out_ones(tmp_path: Path) -> None:
    files = list(write_own("diphoton", tmp_path / "own", events=20))
    (tmp_path / "data" / "diphoton" / "held-out").mkdir(parents=True)
    with pytest.raises(DataError, match=r"data has no events for diphoton \(diphoton/\*.root or generated/"):
        find_files("diphoton", tmp_path / "data", tmp_path / "own")
    shutil.copy(files[0], tmp_path / "data" / "diphoton")
    loop, held_out, origin = find_files("diphoton", tmp_path / "data", tmp_path / "own")
    assert [path.name for path in loop] == [files[0].name]
    assert len(held_out) == 1  # nothing is there: events of our own
    assert next(iter(held_out)).parent.parent == (tmp_path / "own").resolve()
    assert origin.endswith("held out: simulated events of our own")
    shutil.copy(files[1], tmp_path / "data" / "diphoton" / "held-out" / "apart.root")
    assert [p.name for p in find_files("diphoton", tmp_path / "data", tmp_path / "own").held_out] == ["apart.root"]
    (tmp_path / "data" / "diphoton" / "empty.root").touch()
    with pytest.raises(DataError, match=r"empty.root: an empty file"):
        find_files("diphoton", tmp_path / "data", tmp_path / "own")


def test_what_is_unknown_is_refused(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(UsageError, match="there is no built-in analysis 'h5l'; there are: demo_h4l"):
        load_subjects(["h4l", "h5l"], None, tmp_path, said.append)
    with pytest.raises(DataError, match="has no events for leptoquark"):
        load_subjects(["leptoquark"], tmp_path, tmp_path, said.append)
    assert not said


def test_held_out_events_that_are_all_in_the_loop_decide_nothing(tmp_path: Path) -> None:
    subject = make_subject(tmp_path)
    assert subject.held_out_cutflow.n_events == 150
    again = make_subject(tmp_path)
    again.files = subject.files._replace(held_out=dict(list(subject.files.loop.items())[:1]))
    with pytest.raises(DataError, match=r"tiny: no event of large.root is new"):
        _ = again.held_out_cutflow


def test_the_layout_of_released_and_generated_events(tmp_path: Path) -> None:
    data = require("data")
    for name in DEFAULT:
        files = find_files(name, data, tmp_path)
        assert files.loop
        assert files.held_out
        assert set(files.loop).isdisjoint(files.held_out)


@pytest.mark.parametrize("name", DEFAULT)
def test_quantities_in_words_leave_everything_else_as_it_is(name: str) -> None:
    criteria = load_criteria(load_analysis(name).criteria)
    worded = state_in_words(criteria)
    assert worded is not None
    assert worded.regions == criteria.regions
    assert {task.name for task in list_tasks(worded, find_profile("atlas_mini"))} == set(load_words()[name])
    assert state_in_words(worded) == worded
    assert parse_criteria(dump_criteria(worded), name) == worded


def test_an_analysis_without_words_has_none(tmp_path: Path) -> None:
    assert make_subject(tmp_path).worded is None
