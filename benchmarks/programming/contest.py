"""A contest in code from the command line: who and what is found out, cells are done, results are written and shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from benchmarks.contest.contestants import Contestant
from benchmarks.contest.results import Results
from benchmarks.programming.outcome import CodeOutcome
from benchmarks.programming.running import THE_COMPILER, Entry, Plan, Runner, Told
from pipeline.models.config import ModelSettings, load_settings
from pipeline.terminal import strip_controls
from schemas.coding import Coder
from schemas.errors import EXIT_OK, ModelUnavailable, UsageError

REPLIES = "replies.sqlite"
EVENTS = "events"
MODES: dict[str, Coder] = {"llm": "llm", "hybrid": "hybrid"}


class Wishes(NamedTuple):
    """What the command line says."""

    models: tuple[str, ...]
    url: str | None
    config: Path | None
    no_model: bool
    runs: int
    modes: str
    analyses: tuple[str, ...]
    data: Path | None
    rounds: int
    supervised: bool
    seconds: float
    jobs: int
    cache: Path | None
    out: Path
    as_json: bool


def hold_contest(wishes: Wishes) -> int:
    """Hold the contest that was asked for; the exit code.

    Raises UsageError, DataError, SandboxUnavailable, RunFolderError, RunFolderInUse.
    """
    from benchmarks.programming.looping import Rules
    from benchmarks.programming.manifests import make_manifest
    from benchmarks.programming.scoring import score_code
    from benchmarks.programming.subjects import load_subjects
    from pipeline.files import explain
    from pipeline.run_store import hold_folder

    modes = tuple(_read_mode(name) for name in split(wishes.modes.split(",")))
    settings = find_models(wishes)
    check_sandbox()
    with explain(wishes.out):
        wishes.out.mkdir(parents=True, exist_ok=True)
    with hold_folder(wishes.out):
        subjects = load_subjects(split(wishes.analyses), wishes.data, wishes.out / EVENTS, say)
        entries = [Entry(THE_COMPILER), *(Entry(make_contestant(one), one) for one in settings)]
        plan = Plan(
            subjects=tuple(subjects), entries=tuple(entries), modes=modes, runs=wishes.runs,
            rules=Rules(wishes.rounds, wishes.seconds, wishes.supervised), folder=wishes.out,
            cache=wishes.cache or wishes.out / REPLIES, jobs=wishes.jobs,
        )  # fmt: skip
        held = Runner(plan, tell, say).go()
        missing = tuple(f"{name} was out of reach: {reason}" for name, reason in held.absent.items())
        measures, items = score_code(held.done)
        finish(wishes, Results(tuple(measures), tuple(items), make_manifest(plan, missing)))
    for line in missing:
        say(f"{line}; the same command goes on")
    return ModelUnavailable.exit_code if missing else EXIT_OK


def find_models(wishes: Wishes) -> tuple[ModelSettings, ...]:
    """Settings of the models that take part. Raises UsageError."""
    names = split(wishes.models)
    if wishes.no_model:
        if names or wishes.url:
            raise UsageError("--no-model and --models (--url) contradict each other; leave one out")
        return ()
    found = load_settings(names, wishes.url, wishes.config)
    taken = next((one.model for one in found if one.model == THE_COMPILER.name), None)
    if taken is not None:
        raise UsageError(f"a model cannot be called '{taken}' here: that is one of the contestants already")
    return found


def make_contestant(settings: ModelSettings) -> Contestant:
    """A model as a contestant."""
    return Contestant(name=settings.model, kind="model", model=settings.model)


def check_sandbox() -> None:
    """Raises SandboxUnavailable where code of models cannot run confined."""
    from codegen.sandbox import probe_sandbox
    from schemas.errors import SandboxUnavailable

    report = probe_sandbox()
    if not report.usable:
        raise SandboxUnavailable(f"generated code does not run here: {report.detail}; {report.advice}")


def split(given: Sequence[str]) -> tuple[str, ...]:
    """Names that were given one by one, or with commas between them; each once."""
    return tuple(dict.fromkeys(name.strip() for one in given for name in one.split(",") if name.strip()))


def _read_mode(name: str) -> Coder:
    if name not in MODES:
        raise UsageError(f"--mode {name}: there are {', '.join(MODES)}")
    return MODES[name]


def finish(wishes: Wishes, results: Results) -> None:
    """Write the results, and show what they say."""
    from benchmarks.contest.storing import write_results

    write_results(wishes.out, results)


def tell(told: Told) -> None:
    """A line about a cell that is done."""
    spent = "as before" if told.reused else word_effort(told.outcome)
    say(f"[{told.number}/{told.of}] {told.cell.place}: {word_outcome(told.outcome)}  {spent}")


def word_outcome(outcome: CodeOutcome) -> str:
    """What came out of a run, in a few words."""
    if outcome.failed is not None:
        return f"failed: {outcome.failed}"
    right = sum(one.right for one in outcome.witnesses)
    words = [
        "accepted" if outcome.accepted else "events match" if outcome.matched else "other events",
        f"round{'s'[: outcome.rounds != 1]} {outcome.rounds}",
        "held-out " + {None: "not run", True: "match", False: "differ"}[outcome.held_out],
        f"witness {right}/{len(outcome.witnesses)}" if outcome.witnesses else "no witness events",
        *([f"({', '.join(outcome.failures)})"] if outcome.failures else []),
    ]
    return ", ".join(words)


def word_effort(outcome: CodeOutcome) -> str:
    """What a run took."""
    effort = outcome.effort
    if not effort.calls:
        return f"{effort.seconds:.1f} s"
    return f"{effort.calls} calls, {effort.prompt_tokens + effort.completion_tokens} tokens, {effort.seconds:.1f} s"


def say(text: str) -> None:
    """A line for people."""
    click.echo(strip_controls(text).replace("\n", " "), err=True)
