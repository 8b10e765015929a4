"""A contest in code: outcomes, what is done once, a model out of reach, one that is killed, and wrong use."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.commands.code import command
from benchmarks.contest.contestants import Contestant
from benchmarks.contest.effort import Effort
from benchmarks.contest.storing import load_results, sort_rows
from benchmarks.programming import holding, manifests
from benchmarks.programming.contestants import Entrant, plan_entrants
from benchmarks.programming.judging import Judge, find_judge
from benchmarks.programming.looping import Rules, judge_record
from benchmarks.programming.outcome import CodeOutcome
from benchmarks.programming.running import Runner
from benchmarks.programming.subjects import Subject
from benchmarks.simulated.specification import SimulatedCoder
from benchmarks.stand_in import Answer, ChatBody, Hang, Said, Server, StandIn
from codegen.coder.program import make_program
from codegen.sandbox import probe_sandbox
from pipeline.run_store import list_runs
from schemas.coding import Attempt, CallRecord, CodingRecord, Offence
from schemas.errors import DataError, ModelUnavailable, PaperfilterError, UsageError
from tests.benchmarks.programming.tiny import MODEL, Listener, hold, make_model, make_plan, make_subject
from tests.codegen.coding_loop import IN_MEV, RIGHT, block

NUMBER = re.compile(r"attempt (\d+)")
NOBODY = "http://127.0.0.1:9/v1"
ROOT = Path(__file__).resolve().parents[3]

needs_sandbox = pytest.mark.skipif(not probe_sandbox().usable, reason="no sandbox works here")

Say = Callable[[int, int], Said | str]  # of the number of the attempt, and of the run


@contextmanager
def serve(say: Say) -> Iterator[StandIn]:
    """A model that answers by attempt and run."""

    async def speak(question: ChatBody) -> Said:
        said = say(int(NUMBER.findall(question.messages[-1].content)[-1]), question.seed or 0)
        return Answer(said) if isinstance(said, str) else said

    with StandIn(speak, Server(model=MODEL)) as server:
        yield server


@dataclass
class Place:
    """A contest that was held: the compiler, and a model that is right at its second attempt."""

    subject: Subject
    folder: Path
    outcomes: dict[str, CodeOutcome]
    judge: Judge


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("contest")
    subject = make_subject(folder / "subject")
    with pytest.MonkeyPatch.context() as patch, serve(lambda n, _: block(IN_MEV if n == 1 else RIGHT)) as server:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        plan = make_plan(subject, folder / "contest", [make_model(server.url)])
        held, _ = hold(plan)
        judge = find_judge(subject, plan.rules.limits, lambda _: None)
        yield Place(subject, folder, {c.contestant: outcome for c, _, outcome in held.done}, judge)


@needs_sandbox
def test_the_compiler_and_a_model_that_corrects_itself(place: Place) -> None:
    compiler, model = place.outcomes["compiler"], place.outcomes[MODEL]
    for outcome in (compiler, model):
        assert (outcome.failed, outcome.matched, outcome.accepted, outcome.held_out) == (None, True, True, True)
        assert {one.cut: one.right for one in outcome.witnesses} == {
            "muons/mu_pt": True, "signal/two": True, "definition/muons": True,
        }  # fmt: skip
    assert (compiler.rounds, compiler.failures, compiler.agent_work, compiler.effort.calls) == (1, (), None, 0)
    assert (model.rounds, model.failures, model.effort.calls) == (2, ("semantic error",), 2)
    assert model.effort.prompt_tokens > 1000
    assert model.agent_work is not None
    (run,) = list_runs(place.folder / "contest" / "runs" / "code" / MODEL / "tiny" / "llm-001")
    assert {p.name for p in (run / "coding").iterdir()} >= {"attempt-01", "attempt-02", "log.md"}
    assert not [p for p in (run / "coding").glob("attempt-*/*") if p.is_dir()]  # what programs wrote is not kept


@needs_sandbox
def test_wrong_code_is_wrong_on_held_out_events_and_in_witness_events(place: Place) -> None:
    subject, judge = place.subject, place.judge
    wrong = make_program(IN_MEV, subject.criteria, subject.profile, "llm:x").source
    assert not judge.keeps_held_out(wrong)
    decided = {one.cut: one.right for one in judge.decide(wrong)}
    assert decided["muons/mu_pt"] is False
    assert any(decided.values())
    assert judge.decide("raise SystemExit(1)") == judge.decide_nothing()
    assert not any(one.right for one in judge.decide_nothing())


@needs_sandbox
def test_what_is_done_is_not_done_again_and_who_is_out_of_reach_stops_nobody(place: Place) -> None:
    models = [make_model(NOBODY), make_model(NOBODY, "another")]
    held, heard = hold(make_plan(place.subject, place.folder / "contest", models))
    assert [(told.cell.contestant, told.reused) for told in heard.told] == [("compiler", True), (MODEL, True)]
    assert {cell.contestant: outcome for cell, _, outcome in held.done} == place.outcomes
    assert list(held.absent) == ["another"]
    assert isinstance(held.absent["another"], ModelUnavailable)
    assert len([line for line in heard.said if line.startswith("another: out of reach")]) == 1


@needs_sandbox
def test_a_killed_contest_asks_nothing_twice(place: Place) -> None:
    """The second run says nothing of use; at its second attempt the server hangs, and the contest is killed."""
    words = [sys.executable, "-m", "tests.benchmarks.programming.tiny", str(place.folder)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(place.folder / "cache"), "PYTHONPATH": str(ROOT)}
    with serve(lambda n, _: "I would rather not." if n == 1 else Hang()) as server:
        with subprocess.Popen([*words, server.url, "2"], env=environment, stdout=subprocess.DEVNULL) as process:
            until = time.monotonic() + 300
            while server.asked < 2 and process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
        assert (process.returncode, server.asked) == (-signal.SIGKILL, 2)
    with serve(lambda n, _: f"No, and this was attempt {n}.") as server:
        models = [make_model(server.url), make_model(NOBODY, "another")]
        plan = make_plan(place.subject, place.folder / "contest", models, runs=2)._replace(jobs=2)  # in processes
        held, heard = hold(plan)
        assert server.asked == 1
    assert sorted(told.reused for told in heard.told) == [False, True, True]
    assert isinstance(held.absent["another"], ModelUnavailable)
    (outcome,) = (outcome for cell, _, outcome in held.done if cell.run == 2)
    assert outcome.failed == "no reply held code; the last: the reply held no code"
    assert (outcome.rounds, outcome.failures, outcome.held_out) == (2, ("syntax", "syntax"), None)
    assert outcome.witnesses == place.judge.decide_nothing()


def make_record(*attempts: Attempt) -> CodingRecord:
    return CodingRecord(
        coder="llm", model=MODEL, supervisor=None, rounds=2, ended="not matched", attempts=attempts, against="tiny",
        held_out="a file", user_tokens=100, total_tokens=450, calls=2, seconds=1.5, cost=0.5,
    )  # fmt: skip


def test_programs_that_were_refused_are_not_run(tmp_path: Path) -> None:
    subject = make_subject(tmp_path)
    judge = Judge(subject, Rules(2, 60.0).limits, None)
    call = CallRecord(role="coder", model=MODEL, prompt_tokens=200, completion_tokens=25, seconds=0.75, cost=0.25)
    offence = Offence(kind="listed events", detail="events are chosen by their number")
    silent = Attempt(number=1, problem="the reply was empty", failure="syntax", calls=(call,))
    refused = silent.model_copy(
        update={"number": 2, "code_sha256": "0" * 64, "offences": (offence,), "failure": "dummy data"}
    )
    outcome = judge_record(make_record(silent, refused), "import os", judge)
    assert (outcome.failed, outcome.matched, outcome.held_out, outcome.accepted) == (None, False, None, False)
    assert outcome.failures == ("syntax", "dummy data")
    assert outcome.effort == Effort(calls=2, prompt_tokens=400, completion_tokens=50, seconds=1.5, cost=0.5)
    assert outcome.agent_work == 3.5
    nothing = judge_record(make_record(silent), None, judge)
    assert nothing.failed == "no reply held code; the last: the reply was empty"


def test_a_digest_changes_with_what_decides_and_with_nothing_else(tmp_path: Path) -> None:
    subject = make_subject(tmp_path)

    def list_digests(url: str = NOBODY, rounds: int = 2, temperature: float = 0.7) -> list[str]:
        settings = make_model(url)
        sampling = settings.sampling.model_copy(update={"vote_temperature": temperature})
        plan = make_plan(subject, tmp_path, [settings.model_copy(update={"sampling": sampling})], 2, rounds)
        runner = Runner(plan, Listener())
        return [runner.digest(*cell) for cell in plan.list_cells()]

    first = list_digests()
    assert len(set(first)) == len(first) == 3  # the compiler once, the model twice
    assert list_digests(url="http://127.0.0.1:8/v1") == first
    for other in (list_digests(rounds=3), list_digests(temperature=0.8)):
        assert other[0] == first[0]  # nothing of it is about the compiler
        assert set(other).isdisjoint(first[1:])
    subject.files = subject.files._replace(held_out=dict.fromkeys(subject.files.held_out, "other events"))
    del subject.digests
    assert set(list_digests()).isdisjoint(first)


def test_names_of_contestants_are_their_own() -> None:
    models = [make_model(NOBODY, "compiler"), make_model(NOBODY, "simulated coder right=60")]
    entrants = plan_entrants(models, [SimulatedCoder(right=0.6)])
    assert [e.contestant.name for e in entrants] == [
        "compiler", "compiler (model)", "simulated coder right=60", "simulated coder right=60 (model)"
    ]  # fmt: skip
    assert [e.contestant.simulated for e in entrants] == [False, False, False, True]
    assert Entrant(Contestant(name="x", kind="compiler")).list_modes(("llm", "hybrid")) == ("compiler",)


WRONG: list[tuple[list[str], type[PaperfilterError] | int, str]] = [
    (["--analyses", "h5l"], UsageError, "there is no built-in analysis 'h5l'"),
    (["--analyses", " ,"], UsageError, "--analyses names no analysis"),
    (["--models", ","], UsageError, "--models names no model"),
    (["--models", "m", "--no-model"], UsageError, "contradict each other"),
    (["--models", "m@http://x:99999/v1"], UsageError, "no number from 1 to 65535"),
    (["--simulated", "right=200"], UsageError, "percentage from 0 to 100"),
    (["--data", "."], DataError, "has no events for h4l"),
    (["--mode", "bulk"], 2, "none of llm, hybrid"),
    (["--runs", "0"], 2, "not in the range"),
    (["--mode", "hybrid", "--analyses", "dimuon_z"], UsageError, "nothing of these criteria is in words"),
]


@pytest.mark.parametrize(("words", "error", "said"), WRONG, ids=[" ".join(words) for words, _, _ in WRONG])
def test_wrong_use_is_told_in_a_line(
    words: list[str], error: type[PaperfilterError] | int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("PAPERFILTER_MODEL", "PAPERFILTER_URL"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(command, words)
    if isinstance(error, int):
        assert (result.exit_code, said in result.output) == (error, True)
    else:
        assert isinstance(result.exception, error)
        assert said in str(result.exception)
        assert "\n" not in str(result.exception)


def test_a_file_is_no_folder_of_a_contest(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(command, ["--no-model", "--out", str(tmp_path / "file")])
    assert isinstance(result.exception, UsageError)
    assert "is a file; --out takes the folder of the contest" in str(result.exception)


@needs_sandbox
def test_a_model_that_is_not_named_again_stays_in_the_results(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(place.folder / "cache"))
    monkeypatch.setattr(holding, "load_subjects", lambda *_: [place.subject])
    folder = place.folder / "contest"  # where the model is done, as NOBODY need be asked
    for models, rounds, expected in (
        ([make_model(NOBODY)], 2, {"compiler", MODEL}),
        ([], 2, {"compiler", MODEL}),
        ([], 3, {"compiler", MODEL}),  # the rules of the loop are another's
        ([make_model(NOBODY, "another")], 2, {"compiler", MODEL}),
    ):
        listener = Listener()
        plan = make_plan(place.subject, folder, models, rounds=rounds)
        held = holding.hold_contest((), None, plan._replace(subjects=()), listener)
        assert load_results(folder).measures == tuple(sort_rows(held.results.measures))
        assert {m.contestant for m in held.results.measures} == expected
        assert not [line for line in listener.said if "earlier results" in line]
    assert {c.name for c in held.results.manifest.contestants} == {"compiler", MODEL, "another"}
    monkeypatch.setattr(manifests, "digest_judge", lambda: "another judge")
    held = holding.hold_contest((), None, make_plan(place.subject, folder, [], rounds=2), listener)
    assert {m.contestant for m in held.results.measures} == {"compiler"}
    assert [line for line in listener.said if "an earlier scorer" in line and f"{MODEL} on tiny" in line]
