"""The contest: every contestant writes the code of every analysis, run by run; what was done once is kept."""

import queue
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple, TypeVar, cast, get_args

from benchmarks.contest.cells import Cell, CellStore
from benchmarks.contest.contestants import COMPILER, Contestant
from benchmarks.programming.compiling import code_by_compiler
from benchmarks.programming.judging import Judge, find_judge
from benchmarks.programming.looping import Rules, Table, code_by_model
from benchmarks.programming.outcome import CodeOutcome
from benchmarks.programming.subjects import Subject
from pipeline.files import digest_file, digest_sources, digest_text
from pipeline.models.config import ModelSettings
from schemas.coding import Coder
from schemas.errors import (
    AnalysisFailed,
    CriteriaError,
    DataError,
    ModelError,
    ModelUnavailable,
    PaperfilterError,
)
from schemas.model_call import Role

# What decides which code comes, and what becomes of it
PACKAGES = ("codegen", "schemas", "pipeline/models", "benchmarks/analyses")
MODULES = (
    "pipeline/coding.py", "pipeline/coding_desk.py", "pipeline/coding_loop.py", "pipeline/coding_options.py",
    "pipeline/coding_services.py", "pipeline/columns.py", "pipeline/comparing.py", "pipeline/compiling.py",
    "pipeline/layouts.py", "pipeline/witnessing.py", "benchmarks/programming/compiling.py",
    "benchmarks/programming/judging.py", "benchmarks/programming/looping.py",
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
ROLES = get_args(Role)

THE_COMPILER = Contestant(name=COMPILER, kind="compiler")

R = TypeVar("R")

Done = tuple[Cell, Contestant, CodeOutcome]


class Entry(NamedTuple):
    """Who takes part. `settings` are None for the compiler."""

    contestant: Contestant
    settings: ModelSettings | None = None

    def list_modes(self, modes: Sequence[Coder]) -> tuple[Coder, ...]:
        """The ways in which it writes code."""
        return ("compiler",) if self.settings is None else tuple(modes)


class Plan(NamedTuple):
    """A contest: who, on what, how, how often."""

    subjects: tuple[Subject, ...]
    entries: tuple[Entry, ...]
    modes: tuple[Coder, ...]
    runs: int
    rules: Rules
    folder: Path
    cache: Path
    jobs: int = 1

    def list_cells(self) -> Iterator[tuple[Cell, Entry, Subject]]:
        """All cells. Run by run, so that an interrupted contest has something of every contestant."""
        for run in range(1, self.runs + 1):
            for entry in self.entries:
                if run > 1 and entry.contestant.deterministic:
                    continue
                for subject in self.subjects:
                    for mode in entry.list_modes(self.modes):
                        place = {"contestant": entry.contestant.name, "subject": subject.name, "mode": mode}
                        yield Cell(task="code", run=run, **place), entry, subject


class Told(NamedTuple):
    """A cell that is done, as the `number`-th of `of`."""

    number: int
    of: int
    cell: Cell
    outcome: CodeOutcome
    reused: bool


class Contest(NamedTuple):
    """What came of it: all cells in the order of the plan, and of each contestant that was out of reach, why."""

    done: tuple[Done, ...]
    absent: dict[str, str]


class Runner:
    """Does the cells of a plan, or finds them done."""

    def __init__(self, plan: Plan, tell: Callable[[Told], None], say: Callable[[str], None]) -> None:
        """`tell` hears of each cell that is done, `say` of what takes long besides."""
        self._plan = plan
        self._tell = tell
        self._say = say
        self._store = CellStore(plan.folder / "cells")
        self._judges: dict[str, Judge] = {}
        self._absent: dict[str, str] = {}
        self._lock = threading.Lock()

    @cached_property
    def _code(self) -> str:
        return digest_text(digest_sources(PACKAGES), *(digest_file(ROOT / module) for module in MODULES))

    def go(self) -> Contest:
        """Do what is not done yet. A contestant whose server is out of reach is left; the others go on.

        Raises SandboxUnavailable, RunFolderError, and DataError for events that nobody can use.
        """
        cells = list(self._plan.list_cells())
        digests = [self.digest(cell, entry, subject) for cell, entry, subject in cells]
        found = [self._store.load(c, d, CodeOutcome) for (c, _, _), d in zip(cells, digests, strict=True)]
        count = 0
        for (cell, _, _), outcome in zip(cells, found, strict=True):
            if outcome is not None:
                count += 1
                self._tell(Told(count, len(cells), cell, outcome, reused=True))
        todo = [k for k, outcome in enumerate(found) if outcome is None]
        for subject in dict.fromkeys(cells[k][2] for k in todo):
            self._judges[subject.name] = self._prepare(subject)
        works = {k: partial(self._do, *cells[k], digests[k]) for k in todo}
        for k, outcome in do_all(works, self._plan.jobs):
            found[k] = outcome
            if outcome is not None:
                count += 1
                self._tell(Told(count, len(cells), cells[k][0], outcome, reused=False))
        done = [(c, e.contestant, o) for (c, e, _), o in zip(cells, found, strict=True) if o is not None]
        return Contest(tuple(done), dict(self._absent))

    def digest(self, cell: Cell, entry: Entry, subject: Subject) -> str:
        """Of everything that decides what comes out of a cell. Where a server is decides nothing."""
        told = [self._code, entry.contestant.model_dump_json(), f"{cell.mode} {cell.run} {self._plan.rules}"]
        told += [f"{name} {digest}" for name, digest in sorted(subject.digests.items())]
        if entry.settings is not None:
            for role in ROLES:
                own = entry.settings.of(role)
                told.append(f"{role} {own.model} {own.structured} {own.sampling.model_dump_json()} {own.price}")
        return digest_text(*told)

    def _prepare(self, subject: Subject) -> Judge:
        """The judge of an analysis, with everything that is shared by all runs: no run is slowed by it."""
        self._say(f"{subject.name}: the baseline's events")
        events = subject.held_out_cutflow.n_events
        self._say(f"{subject.name}: {subject.loop_cutflow.n_events} events of the loop, {events} held out")
        judge = find_judge(
            subject, self._plan.rules.limits, lambda text: self._say(f"{subject.name}: witness events: {text}")
        )
        self._say(f"{subject.name}: witness events show {len(judge.parts)} parts of the criteria")
        return judge

    def _do(self, cell: Cell, entry: Entry, subject: Subject, digest: str) -> CodeOutcome | None:
        """A cell; None where its contestant is out of reach."""
        name = entry.contestant.name
        if name in self._absent:
            return None
        judge = self._judges[subject.name]
        runs = self._plan.folder / "runs" / cell.path.with_suffix("")
        try:
            outcome = self._code_cell(cell, entry, subject, judge, runs)
        except ModelUnavailable as error:
            with self._lock:
                self._absent.setdefault(name, str(error))
            return None
        except (ModelError, AnalysisFailed, CriteriaError, DataError) as error:
            outcome = fail(error, judge)
        self._store.keep(cell, digest, outcome)
        return outcome

    def _code_cell(self, cell: Cell, entry: Entry, subject: Subject, judge: Judge, runs: Path) -> CodeOutcome:
        if entry.settings is None:
            return code_by_compiler(subject, judge)
        mode: Coder = "hybrid" if cell.mode == "hybrid" else "llm"
        options = self._plan.rules.make_options(entry.settings.model, mode, cell.run)
        outcome = code_by_model(subject, judge, Table(entry.settings, self._plan.cache, runs), options)
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


def do_all(works: Mapping[int, Callable[[], R]], jobs: int) -> Iterator[tuple[int, R]]:
    """What comes of each piece of work, as it ends, in so many threads; of one, in this one. Raises what it raises.

    Threads do not outlive the program: whoever interrupts it waits for none of them.
    """
    if jobs == 1:
        for k, work in works.items():
            yield k, work()
        return
    todo: queue.SimpleQueue[tuple[int, Callable[[], R]]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, R | None, BaseException | None]] = queue.SimpleQueue()
    for one in works.items():
        todo.put(one)

    def go_on() -> None:
        with suppress(queue.Empty):
            while True:
                k, work = todo.get_nowait()
                try:
                    done.put((k, work(), None))
                except BaseException as error:  # raised where somebody listens
                    done.put((k, None, error))

    for _ in range(min(jobs, len(works))):
        threading.Thread(target=go_on, daemon=True).start()
    for _ in works:
        k, outcome, error = done.get()
        if error is not None:
            raise error
        yield k, cast(R, outcome)
