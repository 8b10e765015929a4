"""Run folders: what is reused, what is redone, and what a killed process leaves behind."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.manifest import Request
from pipeline.run_store import find_run, list_runs, load_manifest, open_run, reopen_run
from schemas.errors import RunFolderError

REQUEST = Request(
    command="run", kind="paper", source="paper.pdf", source_sha256="0" * 64, reader="rules", coder="compiler"
)


def write(name: str, text: str, calls: list[str] | None = None):
    def make(folder: Path) -> None:
        if calls is not None:
            calls.append(name)
        (folder / name).write_text(text)

    return make


def interrupt(runs: Path, request: Request) -> Path:
    """The folder of a run that stopped after its first step."""
    path = None
    with suppress(KeyError), open_run(runs, "paper", request) as run:
        path = run.path
        run.do("a", write("a.txt", "one"), writes=["a.txt"])
        raise KeyError
    assert path is not None
    return path


def chain(run, calls: list[str], first: str = "one") -> None:
    run.do("a", write("a.txt", first, calls), writes=["a.txt"], settings={"text": first})
    run.do("b", write("b.txt", (run.path / "a.txt").read_text() + "!", calls), reads=["a.txt"], writes=["b.txt"])


def test_a_finished_run_is_not_reused_and_an_unfinished_one_is(tmp_path: Path) -> None:
    unfinished = interrupt(tmp_path, REQUEST)
    assert load_manifest(unfinished).finished is None
    with open_run(tmp_path, "paper", REQUEST) as run:
        assert run.path == unfinished
        assert run.do("a", write("a.txt", "other"), writes=["a.txt"]) is False
    assert (unfinished / "a.txt").read_text() == "one"
    assert load_manifest(unfinished).finished is not None
    with open_run(tmp_path, "paper", REQUEST) as run:
        assert run.path != unfinished
        run.do("a", write("a.txt", "one"), writes=["a.txt"])
    assert len(list_runs(tmp_path)) == 2


def test_another_request_gets_another_run(tmp_path: Path) -> None:
    unfinished = interrupt(tmp_path, REQUEST)
    with open_run(tmp_path, "paper", REQUEST.model_copy(update={"source_sha256": "1" * 64})) as other:
        assert other.path != unfinished
        other.do("a", write("a.txt", "one"), writes=["a.txt"])


def test_a_changed_setting_redoes_the_step_and_what_depends_on_it(tmp_path: Path) -> None:
    with open_run(tmp_path, "paper", REQUEST) as run:
        chain(run, [])
    calls: list[str] = []
    with reopen_run(run.path) as again:
        chain(again, calls)
    assert calls == []
    with reopen_run(run.path) as again:
        chain(again, calls, first="two")
    assert calls == ["a.txt", "b.txt"]
    assert (run.path / "b.txt").read_text() == "two!"


def test_what_a_person_edited_stays_and_what_follows_is_redone(tmp_path: Path) -> None:
    with open_run(tmp_path, "paper", REQUEST) as run:
        chain(run, [])
    (run.path / "a.txt").write_text("mine")
    calls: list[str] = []
    with reopen_run(run.path) as again:
        assert again.edited("a") == ("a.txt",)
        chain(again, calls, first="two")  # even though its own input changed
    assert calls == ["b.txt"]
    assert (run.path / "a.txt").read_text() == "mine"
    assert (run.path / "b.txt").read_text() == "mine!"


def test_a_missing_artefact_is_made_again(tmp_path: Path) -> None:
    with open_run(tmp_path, "paper", REQUEST) as run:
        chain(run, [])
    (run.path / "b.txt").unlink()
    calls: list[str] = []
    with reopen_run(run.path) as again:
        chain(again, calls)
    assert calls == ["b.txt"]


def test_a_step_that_raises_is_not_done_and_leaves_no_half_file(tmp_path: Path) -> None:
    def half(folder: Path) -> None:
        (folder / "b.txt").write_text("ha")
        raise ValueError("lf")

    path = interrupt(tmp_path, REQUEST)
    with pytest.raises(ValueError, match="lf"), open_run(tmp_path, "paper", REQUEST) as run:
        run.do("b", half, writes=["b.txt"])
    assert sorted(p.name for p in path.iterdir()) == [".lock", "a.txt", "manifest.json"]


def test_an_unusable_source_leaves_no_run(tmp_path: Path) -> None:
    def refuse(folder: Path) -> None:
        raise ValueError("not a paper")

    with pytest.raises(ValueError, match="not a paper"), open_run(tmp_path / "runs", "paper", REQUEST) as run:
        run.do("a", refuse, writes=["a.txt"])
    assert list((tmp_path / "runs").iterdir()) == []


def test_two_processes_do_not_share_a_run(tmp_path: Path) -> None:
    with open_run(tmp_path, "paper", REQUEST) as run:
        run.do("a", write("a.txt", "one"), writes=["a.txt"])
        with pytest.raises(RunFolderError, match="in use"), reopen_run(run.path):
            pass
        with open_run(tmp_path, "paper", REQUEST) as second:
            assert second.path != run.path
            second.do("a", write("a.txt", "one"), writes=["a.txt"])


def test_a_file_in_place_of_the_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")
    with pytest.raises(RunFolderError, match="--runs-dir"), open_run(tmp_path / "runs", "paper", REQUEST):
        pass


def test_a_damaged_manifest_is_one_clear_line(tmp_path: Path) -> None:
    with open_run(tmp_path, "paper", REQUEST) as run:
        run.do("a", write("a.txt", "one"), writes=["a.txt"])
    for damage in ('{"format": "something else"}', "", "{"):
        (run.path / "manifest.json").write_text(damage)
        with pytest.raises(RunFolderError, match=r"manifest\.json cannot be read: \w"):
            load_manifest(run.path)


def test_runs_are_found_by_path_name_and_slug(tmp_path: Path) -> None:
    with open_run(tmp_path, "1234.56789v1", REQUEST) as run:
        run.do("a", write("a.txt", "one"), writes=["a.txt"])
    for name in (str(run.path), f"1234.56789v1/{run.path.name}", run.path.name, "1234.56789v1", "latest"):
        assert find_run(tmp_path, name) == run.path
    assert find_run(tmp_path, "other") is None


WORKER = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from pipeline.manifest import Request
    from pipeline.run_store import open_run

    runs, log = Path(sys.argv[1]), Path(sys.argv[2])
    request = Request(
        command="run", kind="paper", source="paper.pdf", source_sha256="0" * 64, reader="rules", coder="compiler"
    )

    def make(i):
        def work(folder):
            for part in ("x", "y"):
                time.sleep(0.004)
                (folder / f"{i}{part}.txt").write_text(f"{i}{part}" * 5000)
            with log.open("a") as file:
                file.write(f"{i}\\n")
        return work

    with open_run(runs, "paper", request) as run:
        print("started", flush=True)
        for i in range(12):
            reads = [f"{i - 1}x.txt"] if i else []
            run.do(f"step{i}", make(i), reads=reads, writes=[f"{i}x.txt", f"{i}y.txt"])
    """
)


def test_kill_9_at_any_moment_and_again_goes_on_in_the_same_run(tmp_path: Path) -> None:
    script, runs, log = tmp_path / "worker.py", tmp_path / "runs", tmp_path / "log"
    script.write_text(WORKER)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, str(script), str(runs), str(log)]
    rng = random.Random(7)
    kills, done = 0, []
    for attempt in range(60):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()  # in its run folder
        time.sleep(rng.uniform(0.0, 0.05) * (1 + attempt / 6))  # longer and longer: a busy machine gets there too
        before = sorted(p.name for p in list_runs(runs))
        assert len(before) == 1
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        code = process.wait()
        process.stdout.close()
        assert code in (0, -signal.SIGKILL)
        manifest = load_manifest(list_runs(runs)[0])  # whole at every moment
        records = manifest.steps
        assert [r.name for r in records][: len(done)] == done
        done = [r.name for r in records]
        for record in records:
            for name, digest in record.outputs.items():
                assert len((list_runs(runs)[0] / name).read_text()) >= 10_000
                assert len(digest) == 64
        kills += code == -signal.SIGKILL
        if manifest.finished:
            break
    assert manifest.finished
    assert kills >= 3
    assert len(list_runs(runs)) == 1
    made = [int(line) for line in log.read_text().split()]
    # a step is done again only when the kill came before its record: at most once per kill, and never out of order
    assert sorted(set(made)) == list(range(12))
    assert made == sorted(made)
    assert len(made) <= 12 + kills
    leftovers = [p.name for p in list_runs(runs)[0].iterdir() if p.name.startswith((".tmp-", ".work"))]
    assert leftovers == []
