"""A model coder from the command line: matched, not matched, killed and gone on, replayed, wrongly used."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.stand_in import Answer, ChatBody, Hang, Refusal, Said, Server, StandIn
from codegen.profiles import load_profile
from codegen.sandbox import probe_sandbox
from pipeline.coding import check_baseline, word_end
from pipeline.coding_loop import word_attempt
from pipeline.coding_options import CodingOptions
from pipeline.coding_services import list_lacking, word_lacking
from pipeline.run_store import list_runs, load_artefact, load_manifest
from schemas.coding import Attempt, CodingRecord
from schemas.criteria_yaml import parse_criteria
from schemas.cutflow import Cutflow, EventTable, RegionFlow, Step
from schemas.errors import UsageError
from tests.codegen.coding_loop import CRITERIA, IN_MEV, RIGHT, block
from tests.pipeline.calling import Called, call, clean_environment, command
from tests.pipeline.samples import write_sample

UNSAFE = [] if probe_sandbox().usable else ["--unsafe-no-sandbox"]
NUMBER = re.compile(r"attempt (\d+)\)\.?")
TIMES = re.compile(r'"(?:seconds|cpu_seconds|wall_seconds)": ?[0-9.e+-]+')

Say = Callable[[int], Said | str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with criteria, events, settings of models, and a cache of witness events that all tests share."""
    folder = tmp_path_factory.mktemp("coding")
    (folder / "tiny.yaml").write_text(CRITERIA, encoding="utf-8")
    (folder / "paperfilter.toml").write_text("attempts = 2\nlongest_wait = 0\n", encoding="utf-8")
    write_sample(folder, 200)
    return folder


@contextmanager
def serve(say: Say, port: int = 0) -> Iterator[StandIn]:
    """A model that answers by the number of the attempt; as a supervisor always the same."""

    async def speak(question: ChatBody) -> Said:
        if question.messages[0].content.startswith("You supervise"):
            return Answer("Build the muons first and mind the unit of their momenta.")
        said = say(int(NUMBER.findall(question.messages[-1].content)[-1]))
        return Answer(said) if isinstance(said, str) else said

    with StandIn(speak, Server(model="scripted", port=port)) as server:
        yield server


def list_words(place: Path, runs: Path, *more: object) -> list[object]:
    """The usual command line."""
    return [
        "run", place / "tiny.yaml", "--data", place / "demo.root", "--against", "compiler", "--coder", "llm",
        "--runs-dir", runs, *UNSAFE, *more,
    ]  # fmt: skip


def run(place: Path, runs: Path, url: str, *more: object) -> Called:
    """`paperfilter run --coder llm` with the model `scripted`."""
    words = list_words(place, runs, "--model", f"scripted@{url}", *more)
    return call(*words, cwd=place, XDG_CACHE_HOME=str(place / "cache"))


def load_record(runs: Path) -> CodingRecord:
    folder = max(list_runs(runs), key=lambda p: p.stat().st_mtime)
    return load_artefact(folder / "coding.json", CodingRecord)


def settle(folder: Path) -> str:
    """coding.json without its times."""
    return TIMES.sub('"seconds": 0', (folder / "coding.json").read_text(encoding="utf-8"))


def test_matched_after_two_rounds_shown_kept_and_replayed(place: Path, tmp_path: Path) -> None:
    with serve(lambda n: block(IN_MEV if n == 1 else RIGHT)) as server:
        called = run(place, tmp_path, server.url)
        assert called.code == 0, called.err
        assert server.asked == 4
    assert re.search(r"✗ attempt 1 +first difference at signal/two", called.err)
    assert re.search(r"✓ attempt 2 +accepted", called.err)
    assert "matched after 2 rounds; the held-out half of the events and" in called.out
    (first,) = list_runs(tmp_path)
    assert first.name.endswith("-none-llm-scripted")
    names = {p.name for p in (first / "coding" / "attempt-02").iterdir()}
    assert {
        "attempt.json", "functions.py", "analysis.py", "guard.json", "execution.json", "cutflow.json",
        "comparison.json", "acceptance.json", "instruction.md", "call-01-supervisor.md", "call-02-coder.json",
    } <= names  # fmt: skip
    assert (first / "coding" / "log.md").is_file()
    assert (first / "coding" / "validation.md").is_file()
    assert "made_by" in (first / "cutflow.json").read_text()
    assert json.loads((first / "cutflow.json").read_text())["made_by"] == "llm:scripted"
    replayed = run(place, tmp_path, "http://127.0.0.1:9/v1", "--replay", "--json")
    assert replayed.code == 0, replayed.err
    document = replayed.json()
    assert (document["coding"]["ended"], document["matched"]) == ("matched", True)
    third = list_runs(tmp_path)[0]
    assert third != first
    assert settle(third) == settle(first)
    for number in (1, 2):
        name = f"coding/attempt-{number:02d}/analysis.py"
        assert (third / name).read_bytes() == (first / name).read_bytes()


def test_never_right_is_said_and_more_rounds_go_on(place: Path, tmp_path: Path) -> None:
    answers = ["", block(IN_MEV), Refusal(400, "maximum context length is 32768 tokens"), "no", block(RIGHT)]
    with serve(lambda n: answers[n - 1]) as server:
        called = run(place, tmp_path, server.url, "--rounds", 4, "--no-supervisor")
        assert called.code == 1, called.err
        assert "not matched after 4 rounds: " in called.out
        record = load_record(tmp_path)
        assert [a.failure for a in record.attempts[:2]] == ["syntax", "semantic error"]
        assert record.supervisor is None
        (folder,) = list_runs(tmp_path)
        assert load_manifest(folder).finished is not None
        assert (folder / "comparison.json").is_file()  # of the last code that ran
        assert call("show", folder).code == 0
        replayed = run(place, tmp_path, server.url, "--rounds", 4, "--no-supervisor", "--replay")
        assert replayed.code == 1, replayed.err
        newer = list_runs(tmp_path)[0]
        assert newer != folder
        assert settle(newer) == settle(folder)
        asked = server.asked
        more = call(
            "run", folder, "--rounds", 5, "--runs-dir", tmp_path, *UNSAFE, cwd=place,
            XDG_CACHE_HOME=str(place / "cache"),
        )  # fmt: skip
        assert more.code == 0, more.err
        assert server.asked == asked + 1
    assert len(load_artefact(folder / "coding.json", CodingRecord).attempts) == 5
    compiled = call("run", folder, "--coder", "compiler", "--against", "compiler", "--runs-dir", tmp_path, *UNSAFE)
    assert compiled.code == 2  # nothing to be held against


def test_kill_9_and_the_same_command_goes_on_without_asking_twice(place: Path, tmp_path: Path) -> None:
    answers = ["no code at all", block(IN_MEV), "```python\ndef select(", block(RIGHT)]
    told: list[int] = []

    def say(number: int) -> Said | str:
        told.append(number)
        return answers[number - 1]

    with serve(say) as server:
        words = list_words(place, tmp_path, "--model", f"scripted@{server.url}", "-q")
        environment = clean_environment() | {"XDG_CACHE_HOME": str(place / "cache")}
        kills = 0
        for wait in (1, 2, 3, 4):  # killed when so many attempts have been asked for, at some moment after
            process = subprocess.Popen(command(*words), env=environment, cwd=place, stdin=subprocess.DEVNULL)
            deadline = time.monotonic() + 200
            while process.poll() is None and len(told) < wait and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.3 * wait)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
            process.wait()
        called = run(place, tmp_path, server.url)
        assert called.code == 0, called.err
        assert kills >= 2
        assert told == [1, 2, 3, 4]
        (folder,) = list_runs(tmp_path)
        attempts = sorted((folder / "coding").glob("attempt-*"))
        stamps = [(p / "attempt.json").stat().st_mtime_ns for p in attempts]
        again = call("run", folder, "--runs-dir", tmp_path, *UNSAFE, cwd=place)
        assert again.code == 0, again.err
        assert [(p / "attempt.json").stat().st_mtime_ns for p in attempts] == stamps
        assert told == [1, 2, 3, 4]
    assert load_record(tmp_path).ended == "matched"


def test_changed_criteria_begin_the_loop_anew(place: Path, tmp_path: Path) -> None:
    with serve(lambda n: block(RIGHT)) as server:
        assert run(place, tmp_path, server.url, "-q").code == 0
        (folder,) = list_runs(tmp_path)
        criteria = folder / "criteria.yaml"
        criteria.write_text(criteria.read_text(encoding="utf-8").replace("value: 20", "value: 25"), encoding="utf-8")
        asked = server.asked
        called = call(
            "run", folder, "--rounds", 1, "--runs-dir", tmp_path, *UNSAFE, cwd=place,
            XDG_CACHE_HOME=str(place / "cache"),
        )  # fmt: skip
        assert called.code == 1, called.err
        assert server.asked > asked
    record = load_artefact(folder / "coding.json", CodingRecord)
    assert [a.number for a in record.attempts] == [1]
    assert record.attempts[0].comparison is not None
    assert record.attempts[0].comparison.first_difference == "signal/two"


BROKEN: tuple[Said, ...] = (Hang(0.0), Refusal(500, "out of order"))


def test_a_server_that_gives_no_reply_ends_with_11_and_the_run_goes_on(place: Path, tmp_path: Path) -> None:
    for broken in BROKEN:
        with serve(lambda n, said=broken: block(IN_MEV) if n == 1 else said) as server:  # type: ignore[misc]
            failed = run(place, tmp_path, server.url, "--no-supervisor", "--rounds", 2)
        assert failed.code == 11, failed.err
        assert re.search(r"attempt 2 +not finished", failed.err)
    with serve(lambda n: block(RIGHT)) as server:
        port, gone = int(server.url.rpartition(":")[2].partition("/")[0]), server.url
        assert run(place, tmp_path, gone, "--no-supervisor", "--rounds", 2).code == 0
        assert server.asked == 1
    assert len(list_runs(tmp_path)) == len(BROKEN) + 1  # another address is another request
    replayed = run(place, tmp_path, gone, "--no-supervisor", "--rounds", 2, "--replay")
    assert replayed.code == 0, replayed.err  # what failed once is not what became of it
    words = ("--no-supervisor", "--cache", tmp_path / "replies")
    out = run(place, tmp_path / "other", gone, *words)
    assert out.code == 11, out.err
    assert "no model server answers" in out.error_line()
    assert "attempt 1" not in out.err  # nothing began
    with serve(lambda n: block(RIGHT), port) as server:
        assert run(place, tmp_path / "other", gone, *words).code == 0
    assert len(list_runs(tmp_path / "other")) == 1


WRONG: Sequence[tuple[str, Sequence[object], int, str]] = (
    ("idle", ["--coder", "compiler", "--rounds", "3", "--no-supervisor"], 2, "--rounds, --supervisor/--no-supervisor"),
    ("backend", ["--against", "demo_h4l", "--model", "m", "--backend", "numba"], 2, "for numpy alone"),
    ("hybrid", ["--model", "m", "--coder", "hybrid"], 2, "name a built-in analysis or a cutflow file"),
    ("no model", ["--against", "demo_h4l"], 2, "needs a model"),
    ("no round", ["--against", "demo_h4l", "--model", "m", "--rounds", "0"], 2, "--rounds 0"),
    ("no baseline", ["--model", "m"], 2, "needs something that its events are held against"),
    ("held out nothing", ["--against", "demo_h4l", "--model", "m", "--held-out", "nothing.root"], 2, "no such file"),
    ("held out what is shown", ["--against", "demo_h4l", "--model", "m", "--held-out", "demo.root"], 2, "--data"),
)


@pytest.mark.parametrize(("words", "code", "said"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_wrong_use_is_one_line(place: Path, tmp_path: Path, words: Sequence[object], code: int, said: str) -> None:
    base = ("run", "demo_h4l", "--data", place / "demo.root", "--runs-dir", tmp_path, "--coder", "llm", *UNSAFE)
    called = call(*base, *words, cwd=place)
    assert called.code == code, called.err
    assert said in called.error_line()
    assert not list_runs(tmp_path)


def test_without_a_sandbox_a_models_code_runs_on_explicit_demand_only(place: Path, tmp_path: Path) -> None:
    with serve(lambda n: block(RIGHT)) as server:
        called = run(place, tmp_path, server.url, "--unsafe-no-sandbox", "-q")
    assert called.code == 0, called.err
    (folder,) = list_runs(tmp_path)
    step = load_manifest(folder).find_step("code")
    assert step is not None
    assert "--unsafe-no-sandbox" in step.settings["sandbox"]
    execution = load_record(tmp_path).attempts[0].execution
    assert execution is not None
    assert execution.tier == "none"


def test_what_was_tried_is_what_is_said() -> None:
    whole = Attempt(number=1, held_out=True, witness=True)
    assert "the held-out and the witness events as well" in word_attempt(whole)
    without = word_attempt(Attempt(number=1, held_out=True))
    assert without.endswith("the held-out ones as well; there are no witness events")
    record = CodingRecord(
        coder="hybrid", model="m", supervisor=None, rounds=5, ended="matched", attempts=(whole,), against="h4l",
        held_out="the held-out half of the events",
    )  # fmt: skip
    assert word_end(record).endswith("; the held-out half of the events agree; no witness events: these criteria are "
                                     "in words")  # fmt: skip
    assert word_attempt(Attempt(number=1, held_out=True), in_words=True).endswith("these criteria are in words")
    other = word_end(record.model_copy(update={"coder": "llm"}))
    assert other.endswith("no witness events could be made of these criteria")


def test_a_baseline_without_any_step_of_the_criteria_is_refused() -> None:
    criteria = parse_criteria(CRITERIA, "tiny")
    table = EventTable(columns=("event",), keys=(), last_step=())

    def write(region: str, step: str) -> Cutflow:
        steps = tuple(Step(id=i, label="", count=0) for i in ("initial", step))
        return Cutflow(analysis="a", n_events=0, regions=(RegionFlow(name=region, steps=steps, events=table),))

    check_baseline("right", write("signal", "two"), criteria)
    for region, step in (("signal", "four"), ("control", "two")):
        with pytest.raises(UsageError, match="--against wrong: has no region and step"):
            check_baseline("wrong", write(region, step), criteria)


def test_time_is_counted_by_work_and_a_busy_machine_is_waited_for() -> None:
    assert CodingOptions(seconds=600).wall_seconds == 2400
    assert CodingOptions(seconds=5).wall_seconds == 65


def test_branches_that_made_up_events_lack_are_named(place: Path, tmp_path: Path) -> None:
    read = ["lep_pt", "lep_truth"]
    account = {"format": "paperfilter-selection/1", "branches_read": read, "not_found": [], "steps": {}}
    (tmp_path / "selection.json").write_text(json.dumps(account), encoding="utf-8")
    profile, events = load_profile("atlas_mini"), place / "demo.root"
    said = "analysis.py: line 2 of the functions: no branch 'lep_truth' in the files"
    lacking = list_lacking(tmp_path, events, profile, said)
    assert lacking == ("lep_truth",)
    assert word_lacking(lacking).endswith("names, and no others; do without 'lep_truth'")
    assert list_lacking(tmp_path, events, profile, "ValueError: cannot broadcast") == ()
    assert list_lacking(tmp_path / "nowhere", events, profile, said) == ()
