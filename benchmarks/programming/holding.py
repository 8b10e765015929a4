"""A contest in code from its options to its results: the events, the runs, the rows."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks.contest.earlier import write_joined
from benchmarks.contest.locking import lock_folder
from benchmarks.contest.results import Results
from benchmarks.programming.contestants import Entrant
from benchmarks.programming.manifests import make_manifest
from benchmarks.programming.progress import Teller
from benchmarks.programming.running import Plan, Runner
from benchmarks.programming.scoring import score_code
from benchmarks.programming.subjects import Subject, load_subjects
from benchmarks.programming.wording import load_words
from pipeline.models.config import ModelSettings
from schemas.coding import Coder
from schemas.errors import ModelUnavailable, SandboxUnavailable, UsageError

EVENTS = "events"


class Held(NamedTuple):
    """A contest that was held. `trouble` is the first thing that could not be done and will be tried the next time."""

    results: Results
    files: tuple[Path, ...]
    trouble: ModelUnavailable | None


def hold_contest(analyses: Sequence[str], data: Path | None, plan: Plan, teller: Teller) -> Held:
    """Do what of a plan is not done yet, score everything, write the tables and the manifest into its folder, together
    with what earlier commands measured there.

    `plan` has no subjects yet: they are the analyses with the events of `data`, or of our own. Raises UsageError,
    DataError, SandboxUnavailable, RunFolderError, and RunFolderInUse where somebody else holds a contest in the folder.
    """
    check_sandbox()
    with lock_folder(plan.folder), ExitStack() as served:
        subjects = load_subjects(analyses, data, plan.folder / EVENTS, teller.say)
        entrants = tuple(_serve(entrant, served) for entrant in plan.entrants)
        check_modes(plan.modes, subjects, teller.say)
        plan = plan._replace(subjects=tuple(subjects), entrants=entrants)
        runner = Runner(plan, teller)
        contest = runner.go()
        missing = tuple(f"{name}: out of reach, so not all of its runs are here" for name in contest.absent)
        measures, items = score_code(contest.done)
        results = Results(tuple(measures), tuple(items), make_manifest(plan, runner, missing))
        results, files = write_joined(plan.folder, results, "code", teller.say)
    return Held(results, files, next(iter(contest.absent.values()), None))


def _serve(entrant: Entrant, served: ExitStack) -> Entrant:
    """An entrant with the server that its simulated model has until `served` is closed."""
    if entrant.simulated is None:
        return entrant
    from benchmarks.simulated.coding import serve_simulated_coder

    server = served.enter_context(serve_simulated_coder(entrant.simulated))
    return entrant._replace(settings=ModelSettings(url=server.url, model=entrant.simulated.name))


def check_modes(modes: Sequence[Coder], subjects: Sequence[Subject], say: Callable[[str], None]) -> None:
    """Say of which analyses nothing is left for hybrid coding. Raises UsageError where that is all there is to do."""
    if "hybrid" not in modes:
        return
    without = [subject.name for subject in subjects if subject.worded is None]
    if len(without) == len(subjects) and len(modes) == 1:
        known = ", ".join(load_words())
        raise UsageError(f"--mode hybrid: nothing of these criteria is in words; there are words for {known}")
    for name in without:
        say(f"{name}: nothing of the criteria is in words, left out of hybrid")


def check_sandbox() -> None:
    """Raises SandboxUnavailable where code of models cannot run confined."""
    from codegen.sandbox import probe_sandbox

    report = probe_sandbox()
    if not report.usable:
        raise SandboxUnavailable(f"generated code does not run here: {report.detail}; {report.advice}")
