"""The cutflow of an unfinished review: right, told what it takes for granted, in nobody's way, and gone afterwards."""

import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest

from codegen.outputs import read_cutflow
from codegen.process import end_orphans
from codegen.sandbox import run_sandboxed
from pipeline.compiling import compile_criteria, find_profile
from pipeline.manifest import Request
from pipeline.review.recomputing import Effect, Recomputer, open_recomputer
from pipeline.review.samples import Wished
from schemas.criteria import Cut, SelectionCriteria
from schemas.cutflow import Cutflow
from schemas.errors import RunFolderError
from tests.codegen.attacks import comes_true, confined, processes_with
from tests.pipeline.calling import ROOT
from tests.pipeline.review.selections import add_cut, change_cut, load_demo, reject, set_threshold
from tests.pipeline.samples import write_other_tree, write_sample

pytestmark = confined

SOON = 120.0  # seconds; nothing here takes more than a few of them on an idle machine


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"), 1500)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where previews and the sandbox keep their files meanwhile."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def _open(files: Sequence[Path], history: Sequence[SelectionCriteria], **options: float) -> Recomputer:
    return Recomputer(Wished(tuple(files), "atlas_mini"), history.__getitem__, **options)  # type: ignore[arg-type]


def _submit(recomputer: Recomputer, history: list[SelectionCriteria], criteria: SelectionCriteria) -> Effect:
    """The effect of one more revision."""
    history.append(criteria)
    recomputer.submit(len(history) - 1, criteria)
    return recomputer.wait(SOON)


def _run_whole(criteria: SelectionCriteria, sample: Path, folder: Path) -> Cutflow:
    """The cutflow as a run makes it."""
    program = compile_criteria(criteria, find_profile("atlas_mini", [sample])).source
    assert run_sandboxed(program, [], [sample], folder).outcome == "ok"
    return read_cutflow(folder / "cutflow.json")


def test_a_review_sees_what_each_edit_does(sample: Path, scratch: Path, tmp_path: Path) -> None:
    demo = load_demo()
    met = Cut.model_validate({
        "id": "met", "variable": "met.pt", "operator": "<", "threshold": {"value": 30, "unit": "GeV"},
    })  # fmt: skip
    tighter = add_cut(set_threshold(demo, "muon_pt", value=12, unit="GeV"), "preselection", met, 2)
    edited = reject(set_threshold(tighter, "leading_pair_mass", range=(20, 104), unit="GeV"), "muon_d0_sig")
    before, after = (_run_whole(c, sample, tmp_path / name) for name, c in (("before", demo), ("after", edited)))
    history: list[SelectionCriteria] = []
    with _open([sample], history) as recomputer:
        first = _submit(recomputer, history, demo)
        assert (first.revision, first.running, first.problem, first.since) == (0, False, None, None)
        assert first.n_events == before.n_events
        for shown, region in zip(first.regions, before.regions, strict=True):
            assert [(s.id, s.before, s.after) for s in shown.steps] == [(s.id, None, s.count) for s in region.steps]
            assert [s.part for s in shown.steps if s.id != "initial"] == [
                f"cut:{s.id}" for s in region.steps if s.id != "initial"
            ]
        second = _submit(recomputer, history, edited)
        assert (second.revision, second.since, second.problem) == (1, 0, None)
        assert second.original is not None
        assert second.original.regions == second.regions
        kinds = {s.id: s.kind for s in second.regions[0].steps}
        assert (kinds["met"], kinds["muon_d0_sig"], kinds["initial"]) == ("new", "removed", "same")
        for shown, old, new in zip(second.regions, before.regions, after.regions, strict=True):
            then, now = ({s.id: i for i, s in enumerate(r.steps)} for r in (old, new))
            for step in shown.steps[1:]:
                if step.kind in ("new", "removed"):
                    continue
                were, are = old.keys_at(then[step.id]), new.keys_at(now[step.id])
                counts = (len(were), len(are), len(are - were), len(were - are))
                assert (step.before, step.after, step.gained, step.lost) == counts
        assert any(s.gained and s.lost for s in second.regions[0].steps)
        weighted = second.regions[0].last.weighted
        assert weighted is not None
        assert weighted[1] == pytest.approx(after.regions[0].steps[-1].weighted)
        accepted = change_cut(edited, "jet_pt", lambda c: c.model_copy(update={"note": "checked"}))
        third = _submit(recomputer, history, accepted)
        assert (third.revision, third.since, third.seconds) == (2, 0, second.seconds)  # nothing ran again
        assert third.regions == second.regions
        undone = _submit(recomputer, history, demo)
        assert (undone.revision, undone.since, undone.seconds) == (3, 2, first.seconds)
        assert undone.original is not None
        assert undone.original.same
        assert undone.number > third.number > second.number > first.number
    assert list(scratch.iterdir()) == []


def test_the_newest_wins_and_nobody_waits(sample: Path) -> None:
    demo = load_demo()
    history = [set_threshold(demo, "leading_pair_mass", range=(40 + k, 104), unit="GeV") for k in range(40)]
    with _open([sample], history) as recomputer:
        for revision, criteria in enumerate(history):
            recomputer.submit(revision, criteria)
        assert recomputer.latest.running
        assert recomputer.latest.wanted == 39
        effect = recomputer.wait(SOON)
        assert (effect.revision, effect.problem, effect.since) == (39, None, 38)
        assert len([t for t in threading.enumerate() if t.name == "recomputing"]) == 1
    assert not any(t.name == "recomputing" for t in threading.enumerate())
    recomputer.submit(40, demo)  # a request that comes as the server ends
    assert not recomputer.latest.running


def test_criteria_without_a_program_are_a_problem_and_no_end(sample: Path) -> None:
    demo = load_demo()
    history: list[SelectionCriteria] = []
    with _open([sample], history) as recomputer:
        broken = _submit(recomputer, history, set_threshold(demo, "muon_pt", value=12, unit="mm"))
        assert broken.regions == ()
        assert broken.problem is not None
        assert "muon_pt" in broken.problem
        right = _submit(recomputer, history, demo)
        assert (right.problem, right.since, right.original) == (None, None, None)  # nothing to be compared with
        assert right.regions[0].last.after


def test_history_that_is_gone_is_not_compared_with(sample: Path) -> None:
    def recall(revision: int) -> SelectionCriteria:
        raise RunFolderError(f"revision {revision} is gone")

    with Recomputer(Wished((sample,), None), recall) as recomputer:
        recomputer.submit(7, load_demo())
        effect = recomputer.wait(SOON)
    assert (effect.revision, effect.problem, effect.since, effect.original) == (7, None, None, None)
    assert effect.regions[0].last.after


def test_time_is_limited(sample: Path) -> None:
    with _open([sample], [load_demo()], seconds=0.2) as recomputer:
        recomputer.submit(0, load_demo())
        effect = recomputer.wait(SOON)
    assert effect.problem == "the preview ran out of time: 0.2 s are not enough"


def test_data_of_another_kind_are_a_problem(tmp_path: Path) -> None:
    other = write_other_tree(tmp_path / "other.root")
    with _open([other], [load_demo()]) as recomputer:
        recomputer.submit(0, load_demo())
        effect = recomputer.wait(SOON)
        assert effect.problem is not None
        assert "has no tree 'mini'" in effect.problem
        code = recomputer.show_code(load_demo(), reject(load_demo(), "jet_pt"))
        assert code.problem is not None
        assert "has no tree 'mini'" in code.problem


def test_files_that_change_are_read_again(sample: Path, tmp_path: Path) -> None:
    file = tmp_path / "events.root"
    file.write_bytes(sample.read_bytes())
    history: list[SelectionCriteria] = []
    with _open([file], history) as recomputer:
        first = _submit(recomputer, history, load_demo())
        write_sample(tmp_path / "more", 150).replace(file)
        second = _submit(recomputer, history, load_demo())
        assert 0 < second.n_events < first.n_events
        file.unlink()
        third = _submit(recomputer, history, load_demo())
        assert third.problem is not None
        assert "events.root" in third.problem


def test_without_data_only_code_is_shown() -> None:
    with Recomputer(Wished((), None), [load_demo()].__getitem__) as recomputer:
        recomputer.submit(0, load_demo())
        effect = recomputer.latest
        assert not effect.running
        assert effect.problem is not None
        assert "--data" in effect.problem
        assert recomputer.show_code(load_demo(), reject(load_demo(), "muon_pt")).lines
        assert not any(t.name == "recomputing" for t in threading.enumerate())


def test_a_run_whose_code_a_model_writes_is_previewed_with_the_compiler() -> None:
    asked = {"command": "run", "kind": "paper", "source": "paper.pdf", "source_sha256": "0", "reader": "rules"}
    request = Request.model_validate({**asked, "coder": "llm", "coding": {"coder": "llm", "model": "m"}})
    with open_recomputer(request, (), None, [load_demo()].__getitem__) as recomputer:
        told = recomputer.show_code(load_demo(), reject(load_demo(), "muon_pt")).told
    assert told[0] == "previewed with the compiler; the code of this run is written by a model"


def _copy_as_token(sample: Path, folder: Path) -> tuple[Path, str]:
    """The sample under a name that the command lines of the sandbox show."""
    token = f"token-{uuid.uuid4().hex}"
    file = folder / f"{token}.root"
    file.write_bytes(sample.read_bytes())
    return file, token


def test_closing_ends_what_runs(sample: Path, tmp_path: Path, scratch: Path) -> None:
    file, token = _copy_as_token(sample, tmp_path)
    with _open([file], [load_demo()]) as recomputer:
        recomputer.submit(0, load_demo())
        assert comes_true(lambda: bool(processes_with(token)), SOON)
    assert processes_with(token) == []
    assert list(scratch.iterdir()) == []
    assert recomputer.latest.problem is None


def test_a_killed_server_leaves_no_process(sample: Path, tmp_path: Path) -> None:
    file, token = _copy_as_token(sample, tmp_path)
    code = f"""
    import sys, time
    from pathlib import Path
    from pipeline.review.recomputing import Recomputer
    from pipeline.review.samples import Wished
    from tests.pipeline.review.selections import load_demo
    file = Path({str(tmp_path)!r}, sys.stdin.readline().strip())
    Recomputer(Wished((file,), "atlas_mini"), [load_demo()].__getitem__).submit(0, load_demo())
    time.sleep(300)
    """
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], env=environment, cwd=ROOT, stdin=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdin is not None
            server.stdin.write(f"{file.name}\n")
            server.stdin.flush()
            assert comes_true(lambda: bool(processes_with(token)), SOON)
        finally:
            server.kill()
    time.sleep(0.1)
    end_orphans()  # as the next preview does
    assert comes_true(lambda: processes_with(token) == []), processes_with(token)
