"""What a report looks up: who took part in which mode, on what, and the summary of each metric."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.contest.contestants import Kind, Task
from benchmarks.contest.results import Results
from benchmarks.contest.summary import ALL, Summary
from benchmarks.contest.tables import name_line

TASKS: tuple[Task, ...] = ("extract", "code")
MODES = ("rules", "bulk", "chunk", "compiler", "llm", "hybrid")  # in the order in which they are shown
MEASURED: tuple[Kind, ...] = ("model", "votes", "with rules")


class Lane(NamedTuple):
    """One line of every table and figure: a contestant in one mode."""

    contestant: str
    kind: Kind
    simulated: bool
    mode: str

    @property
    def label(self) -> str:
        """The name, marked where it is of a simulated model."""
        return name_line(self.contestant, self.simulated)


class Standings:
    """The summaries of a contest, found by what they are about."""

    def __init__(self, results: Results, summaries: Sequence[Summary]) -> None:
        """Contestants are in the order of the manifest, modes in that of MODES, papers in that of the manifest."""
        self.results = results
        self._found = {(s.task, s.contestant, s.mode, s.subject, s.metric, s.group): s for s in summaries}
        names = [c.name for c in results.manifest.contestants]
        self._names = {name: k for k, name in enumerate(dict.fromkeys((*names, *(s.contestant for s in summaries))))}
        self._lanes: dict[Task, tuple[Lane, ...]] = {}
        self._subjects: dict[Task, tuple[str, ...]] = {}
        known = list(results.manifest.subjects)
        for task in TASKS:
            mine = [s for s in summaries if s.task == task]
            lanes = {Lane(s.contestant, s.kind, s.simulated, s.mode) for s in mine}
            self._lanes[task] = tuple(sorted(lanes, key=self._place))
            subjects = {s.subject for s in mine if s.subject != ALL}
            self._subjects[task] = tuple(
                sorted(subjects, key=lambda name: (known.index(name) if name in known else len(known), name))
            )

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Those of which there are results."""
        return tuple(task for task in TASKS if self._lanes[task])

    @property
    def measured(self) -> bool:
        """Whether any model took part that is not simulated."""
        return any(lane.kind in MEASURED and not lane.simulated for lanes in self._lanes.values() for lane in lanes)

    def lanes(self, task: Task) -> tuple[Lane, ...]:
        """All contestants in all their modes."""
        return self._lanes[task]

    def subjects(self, task: Task) -> tuple[str, ...]:
        """Papers or analyses."""
        return self._subjects[task]

    def find(self, task: Task, lane: Lane, metric: str, group: str = "", subject: str = ALL) -> Summary | None:
        """The summary of a metric, of everything together where no subject is named; None where there is none."""
        alone = self._subjects[task][0] if subject == ALL and len(self._subjects[task]) == 1 else subject
        for name in (subject, alone):
            found = self._found.get((task, lane.contestant, lane.mode, name, metric, group))
            if found is not None:
                return found
        return None

    def has(self, task: Task, metric: str, group: str = "") -> bool:
        """Whether anybody has a value of the metric."""
        return any(
            (found := self.find(task, lane, metric, group)) is not None and any(v is not None for v in found.runs)
            for lane in self._lanes[task]
        )

    def groups(self, task: Task, metric: str) -> tuple[str, ...]:
        """The parts of a metric that have values, in the order of the alphabet."""
        return tuple(sorted({key[5] for key in self._found if key[0] == task and key[4] == metric and key[5]}))

    def failed_runs(self, task: Task, lane: Lane, subject: str) -> frozenset[int]:
        """Which runs, counted from 0, had no usable result; of all papers together: on every paper."""
        found = self.find(task, lane, "failed", subject=subject)
        return frozenset(k for k, value in enumerate(found.runs) if value == 1.0) if found else frozenset()

    def _place(self, lane: Lane) -> tuple[int, int, str]:
        known = MODES.index(lane.mode) if lane.mode in MODES else len(MODES)
        return self._names[lane.contestant], known, lane.mode
