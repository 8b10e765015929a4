"""Batches: lists, states, one paper's failure, what is done again, and processes that are killed at any moment."""

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from papers.identifiers import Identifier, parse_identifier
from papers.library import Library
from pipeline.batch import going, keeper
from pipeline.batch.breaker import Breaker
from pipeline.batch.child import Limits, Outcome, start_child
from pipeline.batch.duplicates import drop_duplicates
from pipeline.batch.entries import Entry, read_entries
from pipeline.batch.folder import load_batch, load_statuses, make_identity, open_batch
from pipeline.batch.orders import Order, digest_extraction, digest_request
from pipeline.batch.plan import Job, plan_jobs
from pipeline.batch.records import BatchRecord, PaperStatus, State, Usage
from pipeline.batch.summary import ORDER, find_worst
from pipeline.cli import EPILOG
from pipeline.clock import note_time
from pipeline.commands.batch import EPILOG as BATCH_EPILOG
from pipeline.obtaining import NO_SHELVES, Shelves
from pipeline.run_store import BATCH_VARIABLE, list_runs, load_manifest
from schemas.errors import UsageError
from tests.models.scripted_server import ScriptedServer
from tests.pipeline.calling import ROOT, call, clean_environment, command
from tests.pipeline.papers import SENTENCES, write_paper, write_scan
from tests.pipeline.samples import write_sample
from tests.pipeline.test_run import UNSAFE

PATIENCE = 60.0  # seconds for what must happen, however slow the machine

FREE = Limits(PATIENCE, 0)

# A paper's command that misbehaves, by the name of the paper: Python imports this module when it starts.
MISCHIEF = """
import os, signal, sys, time
if "pipeline.cli" in sys.orig_argv and "batch" not in sys.orig_argv:
    if any("stubborn.pdf" in word for word in sys.orig_argv):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        time.sleep(600)
    if any("hang.pdf" in word for word in sys.orig_argv):
        time.sleep(600)
    if any("crash.pdf" in word for word in sys.orig_argv):
        os.kill(os.getpid(), signal.SIGSEGV)
"""


@pytest.fixture
def mischief(tmp_path: Path) -> str:
    folder = tmp_path / "mischief"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(MISCHIEF)
    return f"{folder}{os.pathsep}{ROOT}"


def read_states(runs: Path, name: str = "ids") -> dict[str, PaperStatus]:
    """Status by the name of the source's file."""
    statuses = load_statuses(runs / "batches" / name).values()
    return {Path(s.entry.given).name: s for s in statuses}


def list_processes(word: str) -> list[int]:
    """Processes that work for a batch, by what their environment says."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"{BATCH_VARIABLE}={word}".encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def wait_until(done: object, *, seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.02)


# --- lists


def test_lists_are_read_as_people_write_them(tmp_path: Path) -> None:
    write_paper(tmp_path / "a note.pdf")
    (tmp_path / "c.yaml").touch()
    lines = [
        "# our papers", "", "2004.03447  # the main one", "a note.pdf", "c.yaml", "h4l", "arXiv:2004.03447",
        "10.1140/epjc/s10052-020-8227-9", "  CMS-PAS-EXO-19-016", f"{tmp_path}/./a note.pdf", "~nobody-here/x.pdf",
        "gone.pdf", "x" * 5000, str(tmp_path),
    ]  # fmt: skip
    listed = tmp_path / "ids.txt"
    listed.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\nnot\0text\r\ncaf\xe9.pdf")
    listing = read_entries((str(listed), "2007.07830"))
    assert listing.name == "ids"
    assert [(e.kind, e.where) for e in listing.entries] == [
        ("identifier", "ids.txt:3"), ("paper", "ids.txt:4"), ("criteria", "ids.txt:5"), ("analysis", "ids.txt:6"),
        ("identifier", "ids.txt:8"), ("identifier", "ids.txt:9"), ("bad", "ids.txt:11"), ("bad", "ids.txt:12"),
        ("bad", "ids.txt:13"), ("bad", "ids.txt:14"), ("bad", "ids.txt:15"), ("bad", "ids.txt:16"),
        ("identifier", "command line"),
    ]  # fmt: skip
    assert listing.entries[1].source == str(tmp_path.resolve() / "a note.pdf")  # beside the list, not where we are
    assert [w.split(":")[1] for w in listing.warnings] == ["7", "10"]
    assert len({e.key for e in listing.entries}) == len(listing.entries)
    for entry in listing.entries:
        assert re.fullmatch(r"[A-Za-z0-9._-]+", entry.key)
        assert Entry.model_validate_json(entry.model_dump_json()) == entry
    again = read_entries(("https://arxiv.org/abs/2004.03447v3", "arXiv:2004.03447v3 [hep-ex]"))
    assert [e.source for e in again.entries] == ["arXiv:2004.03447v3"]


def test_no_list_and_no_source_is_a_wrong_argument(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n\n")
    for argument in (str(tmp_path / "nowhere.txt"), str(tmp_path / "empty.txt")):
        with pytest.raises(UsageError):
            read_entries((argument,))
    assert call("batch").code == 2
    assert "--data" in call("batch", "h4l", "--until", "run").error_line()


def test_the_help_orders_all_exit_codes() -> None:
    listed = tuple(int(n) for n in re.findall(r"^ +(\d+)  ", BATCH_EPILOG, re.M))
    assert listed == ORDER
    assert set(listed) == {int(n) for n in re.findall(r"^ +(\d+)  ", EPILOG, re.M)}


def test_two_names_of_one_file_are_done_once(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    for text in ("2101.00001v1", "2101.00001v2"):
        identifier = parse_identifier(text)
        assert identifier is not None
        library.add(write_paper(tmp_path / f"{text}.pdf", (f"This is {text}.",)), [identifier])
    folder = tmp_path / "mine"
    folder.mkdir()
    for stem in ("2102.00002v1", "2102.00002v3"):
        write_paper(folder / f"{stem}.pdf")
    sources = (
        "2101.00001v2", "2101.00001v1", "2101.00001", "2102.00002", "2102.00002v1", "2102.00002v3", "2103.00003",
        "2103.00003v1", str(folder / "2102.00002v1.pdf"),
    )  # fmt: skip
    read = read_entries(sources)
    listing = drop_duplicates(read, Shelves(library=library.folder, papers=(folder, tmp_path / "gone")))
    kept = [entry.given for entry in listing.entries]
    assert kept == ["2101.00001v2", "2101.00001v1", "2102.00002", "2102.00002v1", "2103.00003", "2103.00003v1"]
    assert [w.split(": ")[1].split(" is the same")[0] for w in listing.warnings] == [
        "2101.00001", "2102.00002v3", str(folder / "2102.00002v1.pdf"),
    ]  # fmt: skip
    assert listing.name == read.name  # the folder of the batch is the same, wherever the papers are
    dry = call("batch", "2101.00001", "2101.00001v2", "--dry-run", "--runs-dir", tmp_path / "runs",
               PAPERFILTER_LIBRARY=str(library.folder))  # fmt: skip
    assert "2101.00001v2 is the same file as 2101.00001 of command line; done once" in dry.out
    assert "1 of 1 papers" in dry.out


def test_a_dry_run_says_where_papers_come_from_and_touches_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    library.add(write_paper(tmp_path / "2101.00001v2.pdf"), [Identifier(kind="arxiv", value="2101.00001", version=2)])
    before = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}
    called = call(
        "batch", "2101.00001", "2101.00002", "h4l", tmp_path / "2101.00001v2.pdf", "--dry-run", "--json",
        "--runs-dir", tmp_path / "runs", PAPERFILTER_LIBRARY=str(tmp_path / "library"), cwd=tmp_path,
    )  # fmt: skip
    assert called.code == 0, called.err
    places = [p["from"] for p in called.json()["papers"]]
    assert places[:3] == ["library", "network", "built-in"]
    assert places[3].startswith("file, ")
    assert {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))} == before


# --- states


def test_one_paper_that_fails_stops_no_other(tmp_path: Path, mischief: str) -> None:
    write_paper(tmp_path / "good.pdf")
    write_scan(tmp_path / "scan.pdf")
    write_paper(tmp_path / "crash.pdf")
    ids = tmp_path / "ids.txt"
    ids.write_text("crash.pdf\nscan.pdf\nnothing like it\ngood.pdf\ngood.pdf\nh4l\n")
    runs = tmp_path / "runs"
    arguments = ("batch", ids, "--runs-dir", runs, "-j", 2)

    dry = call(*arguments, "--dry-run", "--json", PYTHONPATH=mischief)
    assert dry.code == 0, dry.err
    assert [p["action"] for p in dry.json()["papers"]] == ["do", "do", "leave", "do", "do"]
    assert not runs.exists()

    first = call(*arguments, "--json", PYTHONPATH=mischief)
    assert first.code == 70, first.err  # a crash is worse than a bad line, and that than a scan
    summary = first.json()
    assert [p["state"] for p in summary["papers"]] == ["failed", "failed", "failed", "done", "done"]
    assert [p["exit_code"] for p in summary["papers"]] == [70, 3, 2, 0, 0]
    assert summary["states"] == {"done": 2, "questions": 0, "failed": 3, "running": 0, "waiting": 0}
    assert "SIGSEGV" in summary["papers"][0]["problem"]
    assert "ids.txt:3" in first.err
    assert "done once" in first.err
    good = read_states(runs)["good.pdf"]
    assert good.counts.findings == good.counts.grounded
    assert (good.counts.cuts or 0) >= 5
    assert good.run is not None
    assert load_manifest(Path(good.run)).finished
    folder = runs / "batches" / "ids"
    assert json.loads((folder / "summary.json").read_text()) == summary
    assert "scan.pdf | failed | 3" in (folder / "summary.md").read_text()
    assert "\x1b" not in first.err

    same = call(*arguments, PYTHONPATH=mischief)
    assert same.code == 70
    assert {name: s.attempts for name, s in read_states(runs).items()} == {
        "crash.pdf": 1, "scan.pdf": 1, "nothing like it": 0, "good.pdf": 1, "h4l": 1,
    }  # fmt: skip
    write_paper(tmp_path / "scan.pdf")  # another copy
    write_paper(tmp_path / "good.pdf", ("Jets are required to have <i>p</i><sub>T</sub> &gt; 30 GeV.",))
    last = call(*arguments, "--resume")  # without the mischief
    assert last.code == 2, last.err
    states = read_states(runs)
    assert {name: s.attempts for name, s in states.items()} == {
        "crash.pdf": 2, "scan.pdf": 2, "nothing like it": 0, "good.pdf": 2, "h4l": 1,
    }  # fmt: skip
    assert [s.state for s in states.values()].count("done") == 4
    assert (states["good.pdf"].counts.cuts or 0) <= 2

    shown = call("batch", "--status", "ids", "--runs-dir", runs)
    assert "4 done, 1 failed" in shown.out
    assert call("batch", "--status", "--runs-dir", runs).out.startswith("ids  until extract  4 done")


def test_what_is_done_again_and_what_is_left(tmp_path: Path) -> None:
    entry = Entry(kind="paper", source=str(write_paper(tmp_path / "p.pdf")), given="p.pdf", where="ids.txt:1")
    order = Order(
        until="extract", runs=tmp_path / "runs", jobs=1, limits=FREE, resume=False, retry_failed=False, server_wait=1.0,
        reading=("--votes=3",), extract_options=("--votes=3",), compile_options=(), run_options=(), later=(), data=(),
        shelves=NO_SHELVES,
    )  # fmt: skip

    def decide(
        state: State, order: Order = order, *, code: int = 0, final: bool = False, run: str | None = None
    ) -> str:
        status = PaperStatus(
            entry=entry, until="extract", extraction=digest_extraction(entry, old), request=digest_request(entry, old),
            state=state, exit_code=code, final=final, run=run, attempts=1,
        )  # fmt: skip
        (job,) = plan_jobs((entry,), order, {entry.key: status}, "x")
        return job.action

    old = order
    resume, retry = order._replace(resume=True), order._replace(retry_failed=True)
    (tmp_path / "manifest.json").touch()
    for asked in (order, resume, retry):
        assert decide("done", asked, run=str(tmp_path)) == "leave"
        assert decide("done", asked, run=str(tmp_path / "gone")) == "do"
        assert decide("running", asked) == decide("waiting", asked) == "go on"
    failed = [
        [decide("failed", o, code=c, final=f) for o in (order, resume, retry)]
        for c, f in ((9, False), (11, False), (8, False), (3, True))
    ]
    assert failed == [["again"] * 3, ["again"] * 3, ["leave", "again", "again"], ["leave", "leave", "again"]]
    assert [decide("questions", o, code=5) for o in (order, resume, retry)] == ["leave", "again", "again"]
    other = order._replace(extract_options=("--url=elsewhere", "--votes=3"))
    assert decide("done", other, run=str(tmp_path)) == "leave"  # where a model is changes nothing
    assert decide("done", order._replace(reading=("--votes=5",)), run=str(tmp_path)) == "do"
    assert decide("done", order._replace(until="codegen"), run=str(tmp_path)) == "do"
    assert decide("failed", order._replace(until="codegen"), code=3, final=True) == "leave"
    write_paper(tmp_path / "p.pdf", ("Jets are required to have <i>p</i><sub>T</sub> &gt; 30 GeV.",))
    old = order._replace(reading=("before",))
    assert decide("failed", order, code=3, final=True) == "do"


def test_a_paper_that_hangs_is_ended(tmp_path: Path, mischief: str) -> None:
    write_paper(tmp_path / "hang.pdf")
    runs = tmp_path / "runs"
    arguments = ("batch", tmp_path / "hang.pdf", "--name", "ids", "--runs-dir", runs)
    assert call(*arguments, "--time-limit", 1, PYTHONPATH=mischief).code == 3
    status = read_states(runs)["hang.pdf"]
    assert "--time-limit" in (status.problem or "")
    assert not list_processes(load_batch(runs / "batches" / "ids").identity)
    assert call(*arguments, "--resume").code == 0  # it was not the paper


def test_questions_are_a_state_and_the_paper_is_read_once(tmp_path: Path) -> None:
    paper, runs = write_paper(tmp_path / "note.pdf"), tmp_path / "runs"
    arguments = ("batch", paper, "--name", "ids", "--runs-dir", runs, "--until")
    assert call(*arguments, "extract").code == 0
    (folder,) = list_runs(runs)
    asked = call(*arguments, "codegen")
    assert asked.code == 5, asked.err
    assert read_states(runs)["note.pdf"].state == "questions"
    assert (read_states(runs)["note.pdf"].counts.questions or 0) > 0
    assert call(*arguments, "codegen", "--accept-defaults").code == 0
    assert read_states(runs)["note.pdf"].state == "done"
    assert list_runs(runs) == (folder,)
    assert (folder / "analysis.py").is_file()
    manifest = load_manifest(folder)
    assert [s.name for s in manifest.steps].count("read") == 1
    assert manifest.finished


def test_until_run(tmp_path: Path) -> None:
    sample = write_sample(tmp_path, 200)
    paper = write_paper(tmp_path / "note.pdf")
    runs = tmp_path / "runs"
    called = call(
        "batch", paper, "demo_h4l", "--name", "ids", "--runs-dir", runs, "-j", 2, "--until", "run", "--data", sample,
        "--against", "demo_h4l", "--accept-defaults", *UNSAFE,
    )  # fmt: skip
    assert called.code == 1, called.err  # the note selects other events than the demo
    states = read_states(runs)
    assert {name: (s.state, s.exit_code) for name, s in states.items()} == {
        "note.pdf": ("done", 1), "demo_h4l": ("done", 0),
    }  # fmt: skip
    for status in states.values():
        assert (Path(status.run or "") / "report.html").is_file()
    assert len(list_runs(runs)) == 2


# --- interruptions


def test_two_batches_do_not_share_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "batches" / "ids"
    record = BatchRecord(
        identity=make_identity(), name="ids", created=note_time(), until="extract", lists=(), options=(), entries=()
    )
    with open_batch(path, record):
        called = call("batch", "h4l", "--name", "ids", "--runs-dir", tmp_path / "runs")
    assert called.code == 8
    assert "another batch works in it" in called.error_line()


def test_ctrl_c_ends_gently_and_the_same_command_goes_on(tmp_path: Path, mischief: str) -> None:
    write_paper(tmp_path / "hang.pdf")
    write_paper(tmp_path / "good.pdf")
    runs = tmp_path / "runs"
    arguments = ("batch", tmp_path / "hang.pdf", tmp_path / "good.pdf", "--name", "ids", "--runs-dir", runs, "-j", 1)
    process = subprocess.Popen(
        command(*arguments), env=clean_environment() | {"PYTHONPATH": mischief}, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: "hang.pdf" in read_states(runs))
    identity = load_batch(runs / "batches" / "ids").identity
    wait_until(lambda: len(list_processes(identity)) >= 2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert not list_processes(identity)
    assert {n: s.state for n, s in read_states(runs).items()} == {"hang.pdf": "waiting"}
    assert json.loads((runs / "batches" / "ids" / "summary.json").read_text())["exit_code"] == 130
    called = call(*arguments)
    assert called.code == 0, called.err
    assert len(list_runs(runs)) == 2


def test_ctrl_c_again_ends_at_once(tmp_path: Path, mischief: str) -> None:
    write_paper(tmp_path / "stubborn.pdf")
    runs = tmp_path / "runs"
    process = subprocess.Popen(
        command("batch", tmp_path / "stubborn.pdf", "--name", "ids", "--runs-dir", runs),
        env=clean_environment() | {"PYTHONPATH": mischief},
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: "stubborn.pdf" in read_states(runs))
    identity = load_batch(runs / "batches" / "ids").identity
    wait_until(lambda: len(list_processes(identity)) >= 2)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "once more" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=0.75 * keeper.GRACE)
    assert process.returncode == 130
    assert not list_processes(identity)


def test_kill_9_at_any_moment_leaves_nothing_running_and_nothing_is_done_twice(tmp_path: Path) -> None:
    for i in range(3):
        write_paper(tmp_path / f"note{i}.pdf")
    runs, ids = tmp_path / "runs", tmp_path / "ids.txt"
    ids.write_text("note0.pdf\nnote1.pdf\nnote2.pdf\n")
    rng, kills = random.Random(3), 0
    for attempt in range(8):
        process = subprocess.Popen(
            command("batch", ids, "--runs-dir", runs, "-j", 2, "-q"),
            env=clean_environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        if attempt < 6:
            time.sleep(rng.uniform(0.3, 0.8 + 0.2 * attempt))
            process.kill()
        _, err = process.communicate(timeout=PATIENCE)
        folder = runs / "batches" / "ids"
        if (folder / "batch.json").is_file():
            identity = load_batch(folder).identity
            wait_until(lambda word=identity: not list_processes(word), seconds=10)
        for file in folder.glob("papers/*.json"):
            PaperStatus.model_validate_json(file.read_bytes())  # whole at every moment
        kills += process.returncode == -signal.SIGKILL
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, err
    assert process.returncode == 0
    assert kills >= 1
    states = read_states(runs)
    assert [s.state for s in states.values()] == ["done"] * 3
    folders = list_runs(runs)
    assert sorted(s.run for s in states.values() if s.run) == sorted(str(f) for f in folders)
    for folder in folders:
        assert load_manifest(folder).finished
        assert [p.name for p in folder.iterdir() if p.name.startswith((".tmp-", ".work"))] == []


def test_what_a_model_answered_is_not_asked_again(tmp_path: Path) -> None:
    for name in ("first", "second"):
        extra = f"The {name} muon is required to have <i>p</i><sub>T</sub> &gt; 12 GeV."
        write_paper(tmp_path / f"{name}.pdf", (*SENTENCES, extra))
    runs = tmp_path / "runs"
    papers = (tmp_path / "first.pdf", tmp_path / "second.pdf")
    with ScriptedServer(lambda question: '{"findings": [], "verdicts": []}', latency=0.1) as server:
        options = ("--runs-dir", runs, "-j", 1, "--model", server.server.model)
        process = subprocess.Popen(
            command("batch", *papers, *options, "--name", "ids", "--url", server.url, "-q"), env=clean_environment()
        )
        wait_until(lambda: "second.pdf" in read_states(runs), seconds=4 * PATIENCE)
        answered = set(server.answered)
        process.kill()
        process.wait()
        called = call("batch", *papers, *options, "--name", "ids", "--url", server.url)
        assert called.code == 0, called.err
        assert answered
        assert {server.answered[digest] for digest in answered} == {1}
    states = read_states(runs)
    assert [s.attempts for s in states.values()] == [1, 2]
    assert all(s.usage is not None and s.usage.asked > 0 for s in states.values())
    assert len(list_runs(runs)) == 2
    replayed = call("batch", papers[0], *options, "--name", "again", "--replay", "--json")  # the server is gone
    assert replayed.code == 0, replayed.err
    assert replayed.json()["usage"]["asked"] == 0
    assert states["first.pdf"].usage is not None
    assert replayed.json()["usage"]["cached"] == states["first.pdf"].usage.asked


# --- the keeper


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def keep(code: str, lock: int, *, limits: Limits = FREE, word: str = "t") -> Outcome:
    async def go() -> Outcome:
        child = await start_child([sys.executable, "-c", code], limits, {BATCH_VARIABLE: word}, lock)
        return await child.wait()

    return asyncio.run(go())


def test_what_a_command_leaves_behind_is_ended(lock: int) -> None:
    left = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], {})"
    outcome = keep(left.format("start_new_session=True"), lock, word="left-behind")
    assert outcome.code == 0
    assert not list_processes("left-behind")


def test_memory_of_all_processes_together_is_limited(lock: int) -> None:
    eat = "import os, time; os.fork(); b = bytearray(150_000_000); time.sleep(600)"
    outcome = keep(eat, lock, limits=Limits(PATIENCE, 250_000_000))
    assert (outcome.code, outcome.kind) == (3, "MemoryLimit")
    assert keep("b = bytearray(150_000_000)", lock, limits=Limits(PATIENCE, 250_000_000)).code == 0


def test_output_that_is_no_json_is_no_result(lock: int) -> None:
    outcome = keep("import sys; print('{\"run\": '); sys.exit('paperfilter: the disk is \\x1b[2J full')", lock)
    assert (outcome.code, outcome.result, outcome.problem) == (1, {}, "the disk is [2J full")


# --- a model server that goes away


def test_the_breaker_waits_and_lets_one_paper_find_out() -> None:
    entry = Entry(kind="paper", source="/p.pdf", given="p.pdf", where="ids.txt:1")
    status = PaperStatus(entry=entry, until="extract", extraction="", request="", state="done", exit_code=0)
    lost = status.model_copy(update={"state": "failed", "exit_code": 11})
    answered = status.model_copy(update={"usage": Usage(asked=1)})
    said: list[str] = []

    async def go() -> None:
        breaker = Breaker(0.05, asyncio.Event(), said.append)
        for ended in (lost, lost, status, lost, lost):
            assert await breaker.enter() is False
            breaker.note(ended, probe=False)
        breaker.note(lost, probe=False)
        first, second = asyncio.create_task(breaker.enter()), asyncio.create_task(breaker.enter())
        assert await first is True
        await asyncio.sleep(0.3)
        assert not second.done()  # one at a time
        breaker.note(lost, probe=True)
        assert await second is True
        assert not breaker.has_recovered
        breaker.note(answered, probe=True)
        assert breaker.has_recovered
        assert await breaker.enter() is False

    asyncio.run(go())
    assert [s.split("starts in ")[1] for s in said[:2]] == ["0.05 s", "0.1 s"]


class Silent:
    """A watcher that shows nothing."""

    def begin(self, key: str, name: str) -> None: ...

    def end(self, status: PaperStatus) -> None: ...

    def note(self, text: str) -> None: ...


@pytest.mark.parametrize(
    ("fails", "without_model", "tried"),
    [
        ({"a": 1}, "", "abcda"),  # one alone, and no three in a row
        ({"a": 2}, "", "abcda"),  # once more, not for ever
        ({"a": 1, "c": 9}, "d", "abcdac"),  # c had nobody after it until a was done
        ({"a": 1}, "bcd", "abcd"),  # what needs no model says nothing of the server
        ({"d": 1}, "", "abcd"),
    ],
)
def test_a_paper_without_server_is_tried_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: dict[str, int], without_model: str, tried: str
) -> None:
    entries = tuple(Entry(kind="paper", source=f"/{n}.pdf", given=n, where="ids.txt:1") for n in "abcd")
    order = Order(
        until="extract", runs=tmp_path, jobs=1, limits=FREE, resume=False, retry_failed=False, server_wait=0.01,
        reading=(), extract_options=(), compile_options=(), run_options=(), later=(), data=(), shelves=NO_SHELVES,
    )  # fmt: skip
    left, began = dict(fails), ""

    async def do_paper(job: Job, *_: object) -> PaperStatus:
        nonlocal began
        name = job.entry.given
        began += name
        left[name] = left.get(name, 0) - 1
        if left[name] >= 0:
            return job.status.model_copy(update={"state": "failed", "exit_code": 11})
        usage = None if name in without_model else Usage(asked=3)
        return job.status.model_copy(update={"state": "done", "exit_code": 0, "usage": usage})

    monkeypatch.setattr(going, "do_paper", do_paper)
    record = BatchRecord(
        identity="x", name="ids", created=note_time(), until="extract", lists=(), options=(), entries=entries
    )
    with open_batch(tmp_path / "ids", record) as batch:
        assert going.do_batch(plan_jobs(entries, order, {}, "x"), order, batch, Silent()) is False
    assert began == tried
    states = {s.entry.given: s.state for s in load_statuses(tmp_path / "ids").values()}
    assert [states[n] for n in "abcd"] == ["failed" if tried.count(n) <= fails.get(n, 0) else "done" for n in "abcd"]


def test_the_worst_paper_decides() -> None:
    entry = Entry(kind="paper", source="/p.pdf", given="p.pdf", where="ids.txt:1")

    def ended(*codes: int) -> list[PaperStatus]:
        base = PaperStatus(entry=entry, until="extract", extraction="", request="", state="failed")
        return [base.model_copy(update={"exit_code": code}) for code in codes]

    assert find_worst([]) == 0
    assert find_worst(ended(0, 1, 5)) == 5
    assert find_worst(ended(3, 2, 9, 11, 5)) == 11
    assert find_worst(ended(0, -7)) == 70
    assert find_worst([ended(0)[0].model_copy(update={"state": "waiting", "exit_code": None})]) == 130
