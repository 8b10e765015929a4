"""The contest: every contestant writes the code of every analysis, run by run; what was done once is kept."""

import multiprocessing
import multiprocessing.connection
import os
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from benchmarks.contest.cells import Cell, CellStore
from benchmarks.contest.contestants import Contestant
from benchmarks.programming.compiling import code_by_compiler
from benchmarks.programming.contestants import Entrant
from benchmarks.programming.judging import Judge, find_judge
from benchmarks.programming.looping import Rules, Table, code_by_model
from benchmarks.programming.outcome import CodeOutcome
from benchmarks.programming.progress import Teller, Told
from benchmarks.programming.subjects import Subject
from pipeline.files import digest_file, digest_sources, digest_text
from pipeline.reading import count
from pipeline.terminal import Progress
from schemas.coding import Coder
from schemas.errors import (
    AnalysisFailed,
    CriteriaError,
    DataError,
    ModelError,
    ModelUnavailable,
    PaperfilterError,
)

# What decides which code comes, and what becomes of it
PACKAGES = ("codegen", "schemas", "pipeline/models")
BASELINES = "benchmarks/analyses"  # programs alone: criteria are digested by themselves, gold lists decide nothing
MODULES = (
    "pipeline/coding.py", "pipeline/coding_desk.py", "pipeline/coding_loop.py", "pipeline/coding_options.py",
    "pipeline/coding_services.py", "pipeline/columns.py", "pipeline/comparing.py", "pipeline/compiling.py",
    "pipeline/layouts.py", "pipeline/witnessing.py", "benchmarks/programming/compiling.py",
    "benchmarks/programming/judging.py", "benchmarks/programming/looping.py",
)  # fmt: skip
SIMULATED = ("benchmarks/simulated", "benchmarks/coders")
REPLIES = "replies.sqlite"
ROOT = Path(__file__).resolve().parents[2]

Done = tuple[Cell, Contestant, CodeOutcome]
Work = tuple[Cell, Entrant, Subject, str]  # with the digest of the cell


def digest_code() -> str:
    """Of all code that decides which programs come, and what becomes of them."""
    return digest_text(digest_sources(PACKAGES), *map(digest_file, (*(ROOT / m for m in MODULES), *list_baselines())))


def list_baselines() -> list[Path]:
    """The modules of the independent analyses."""
    return sorted((ROOT / BASELINES).rglob("*.py"))


class Plan(NamedTuple):
    """A contest: on what, who, how, how often."""

    subjects: tuple[Subject, ...]
    entrants: tuple[Entrant, ...]
    modes: tuple[Coder, ...]
    runs: int
    rules: Rules
    folder: Path
    cache: Path
    jobs: int = 1

    def list_cells(self) -> Iterator[tuple[Cell, Entrant, Subject]]:
        """All cells. Run by run, so that an interrupted contest has something of every contestant."""
        for run in range(1, self.runs + 1):
            for entrant in self.entrants:
                if run > 1 and entrant.contestant.deterministic:
                    continue
                for subject in self.subjects:
                    for mode in entrant.list_modes(self.modes):
                        if mode == "hybrid" and subject.worded is None:
                            continue
                        place = {"contestant": entrant.contestant.name, "subject": subject.name, "mode": mode}
                        yield Cell(task="code", run=run, **place), entrant, subject


class Contest(NamedTuple):
    """What came of it: all cells in the order of the plan, and of each contestant that was out of reach, why."""

    done: tuple[Done, ...]
    absent: dict[str, ModelUnavailable]


class Runner:
    """Does the cells of a plan, or finds them done."""

    def __init__(self, plan: Plan, teller: Teller) -> None:
        """`teller` hears of each cell that is done, and of what takes long besides."""
        self._plan = plan
        self._teller = teller
        self._store = CellStore(plan.folder / "cells")
        self._judges: dict[str, Judge] = {}
        self._absent: dict[str, ModelUnavailable] = {}

    @cached_property
    def _code(self) -> str:
        return digest_code()

    @cached_property
    def _simulated(self) -> str:
        return digest_sources(SIMULATED)

    def go(self) -> Contest:
        """Do what is not done yet. A contestant whose server is out of reach is left; the others go on.

        Raises SandboxUnavailable, RunFolderError, and DataError for events that nobody can use.
        """
        cells = list(self._plan.list_cells())
        digests = [self.digest(cell, entrant, subject) for cell, entrant, subject in cells]
        found = [self._store.load(c, d, CodeOutcome) for (c, _, _), d in zip(cells, digests, strict=True)]
        number = 0
        for (cell, _, _), outcome in zip(cells, found, strict=True):
            if outcome is not None:
                number += 1
                self._teller.tell(Told(number, len(cells), cell, outcome, reused=True))
        todo = [k for k, outcome in enumerate(found) if outcome is None]
        for subject in dict.fromkeys(cells[k][2] for k in todo):
            self._judges[subject.name] = self._prepare(subject)
        for k, outcome in self._do_all({k: (*cells[k], digests[k]) for k in todo}):
            found[k] = outcome
            number += 1
            self._teller.tell(Told(number, len(cells), cells[k][0], outcome, reused=False))
        done = [(c, e.contestant, o) for (c, e, _), o in zip(cells, found, strict=True) if o is not None]
        return Contest(tuple(done), dict(self._absent))

    def digest(self, cell: Cell, entrant: Entrant, subject: Subject) -> str:
        """Of everything that decides what comes out of a cell. Where a server is decides nothing."""
        code, terms, *who = self._list_terms(entrant)
        told = [code, cell.model_dump_json(), terms]
        told += [f"{name} {digest}" for name, digest in sorted(subject.digests.items())]
        if cell.mode == "hybrid" and subject.worded is not None:
            told.append(f"in words {digest_text(subject.worded.model_dump_json())}")
        return digest_text(*told, *who)

    def describe(self, entrant: Entrant) -> str:
        """The digest of how an entrant writes code, whatever the analysis."""
        return digest_text(*self._list_terms(entrant))

    def _list_terms(self, entrant: Entrant) -> list[str]:
        """What decides how an entrant writes code: the program, the rules of the loop, its definition."""
        rules = self._plan.rules
        told = [self._code, f"{rules if entrant.asks else rules.seconds}"]
        if entrant.simulated is not None:
            told += [entrant.simulated.model_dump_json(), self._simulated]
        elif entrant.settings is not None:
            from benchmarks.extracting.digests import describe_settings  # heavy, and where no model is, not needed

            told.append(describe_settings(entrant.settings))
        return told

    def _prepare(self, subject: Subject) -> Judge:
        """The judge of an analysis, with everything that is shared by all runs: no run is slowed by it."""
        with self._teller.prepare(subject.name) as stage:
            stage.update("the baseline's events")
            loop, held_out = subject.loop_cutflow.n_events, subject.held_out_cutflow.n_events
            judge = find_judge(subject, self._plan.rules.limits, lambda text: stage.update(f"witness events: {text}"))
            stage.detail = f"{loop} events in the loop, {held_out} held out, "
            stage.detail += f"witness events for {count(len(judge.parts), 'part')} of the criteria"
        return judge

    def _do_all(self, works: Mapping[int, Work]) -> Iterator[tuple[int, CodeOutcome]]:
        """What comes of each cell, as it ends; cells of a contestant that turns out to be out of reach are left."""
        if self._plan.jobs == 1:
            for k, work in works.items():
                if work[1].contestant.name not in self._absent:
                    try:
                        yield k, self.do(*work)
                    except ModelUnavailable as error:
                        self._lose(work[1], error)
            return
        with open_workers(self._plan) as pool:
            futures = {pool.submit(do_in_worker, *work): k for k, work in works.items()}
            for future in as_completed(futures):
                k = futures[future]
                try:
                    if not future.cancelled():
                        yield k, future.result()
                except ModelUnavailable as error:
                    self._lose(works[k][1], error)
                    for other, place in futures.items():
                        if works[place][1] == works[k][1]:
                            other.cancel()

    def _lose(self, entrant: Entrant, error: ModelUnavailable) -> None:
        name = entrant.contestant.name
        if name not in self._absent:
            self._absent[name] = error
            self._teller.say(f"{name}: out of reach, left for the next time ({error})")

    def do(self, cell: Cell, entrant: Entrant, subject: Subject, digest: str) -> CodeOutcome:
        """A cell, done now and kept. Raises ModelUnavailable where its contestant is out of reach."""
        if subject.name not in self._judges:
            self._judges[subject.name] = self._prepare(subject)
        judge = self._judges[subject.name]
        runs = self._plan.folder / "runs" / cell.path.with_suffix("")
        try:
            outcome = self._code_cell(cell, entrant, subject, judge, runs)
        except ModelUnavailable:
            raise
        except (ModelError, AnalysisFailed, CriteriaError, DataError) as error:
            outcome = fail(error, judge)
        self._store.keep(cell, digest, outcome)
        return outcome

    def _code_cell(self, cell: Cell, entrant: Entrant, subject: Subject, judge: Judge, runs: Path) -> CodeOutcome:
        if entrant.settings is None:
            return code_by_compiler(subject, judge)
        mode: Coder = "hybrid" if cell.mode == "hybrid" else "llm"
        options = self._plan.rules.make_options(entrant.settings.model, mode, cell.run)
        outcome = code_by_model(subject, judge, Table(entrant.settings, self._plan.cache, runs), options)
        keep_latest(runs)
        return outcome


def fail(error: PaperfilterError, judge: Judge) -> CodeOutcome:
    """The outcome of a run that ended with an error."""
    return CodeOutcome(failed=" ".join(str(error).split()), witnesses=judge.decide_nothing())


def keep_latest(runs: Path) -> None:
    """Remove what earlier versions of the program left of the same run."""
    from pipeline.run_store import list_runs

    for folder in list_runs(runs)[1:]:
        with suppress(OSError):
            shutil.rmtree(folder)


_worker: list[Runner] = []  # the one of this process, where it is a worker


@contextmanager
def open_workers(plan: Plan) -> Iterator[ProcessPoolExecutor]:
    """Processes for the cells of a plan: Python parses code in one thread at a time, and models wait for programs.

    Nobody waits for them who leaves: what they are at is done again the next time.
    """
    with ProcessPoolExecutor(plan.jobs, multiprocessing.get_context("spawn"), start_worker, (plan,)) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def start_worker(plan: Plan) -> None:
    """Make this process a worker: its parent hears what people press, and it does not outlive its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker.append(Runner(plan, Teller(Progress(quiet=True))))


def do_in_worker(cell: Cell, entrant: Entrant, subject: Subject, digest: str) -> CodeOutcome:
    """A cell, in a worker."""
    return _worker[0].do(cell, entrant, subject, digest)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
