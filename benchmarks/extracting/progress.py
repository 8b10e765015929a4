"""What people see of a contest that is under way: a line for each contestant, paper and mode that is done."""

from collections import Counter
from statistics import median

from benchmarks.contest.cells import Cell
from benchmarks.extracting.outcome import ExtractOutcome
from pipeline.reading import count
from pipeline.terminal import Progress, Stage

Group = tuple[str, str, str]  # contestant, paper, mode


class Teller:
    """Lines on stderr. A line is written when all runs of a contestant in one paper and mode are there."""

    def __init__(self, progress: Progress, runs: int) -> None:
        """`runs` of everybody who is no group of runs and not the same every time."""
        self._progress = progress
        self._runs = runs
        self._seen: dict[Group, list[tuple[ExtractOutcome, bool]]] = {}
        self._stage: Stage | None = None
        self._done = 0
        self._all = 0
        self.fresh = Counter[bool]()

    def expect(self, number: int) -> None:
        """So many readings there will be."""
        self._all = number

    def show_at(self, stage: Stage) -> None:
        """Where to say how far it is."""
        self._stage = stage

    def note(self, cell: Cell, outcome: ExtractOutcome, *, fresh: bool, runs: int | None = None) -> None:
        """A cell is done; `runs` are those of its contestant, where they are others than everybody's."""
        self.fresh[fresh] += 1
        self._done += 1
        group = (cell.contestant, cell.subject, cell.mode)
        seen = self._seen.setdefault(group, [])
        seen.append((outcome, fresh))
        if self._stage is not None:
            self._stage.update(f"{self._done} of {self._all}: {cell.place}")
        if len(seen) == (1 if cell.mode == "rules" else runs or self._runs):
            self._progress.note(f"{', '.join(group)}: {_describe(self._seen.pop(group))}", style="")

    def warn(self, line: str) -> None:
        """Something that people should know."""
        self._progress.note(line)


def _describe(seen: list[tuple[ExtractOutcome, bool]]) -> str:
    usable = [outcome for outcome, _ in seen if outcome.failed is None]
    failed = len(seen) - len(usable)
    before = sum(not fresh for _, fresh in seen)
    words = [count(len(seen), "run")]
    if usable:
        found = median(len(outcome.findings) for outcome in usable)
        refused = median(len(outcome.findings) - len(outcome.grounded) for outcome in usable)
        each = " each" if len(usable) > 1 else ""
        words.append(f"{found:g} findings{each}, {refused:g} of them refused")
    if failed:
        words.append(f"{failed} failed ({next(o.failed for o, _ in seen if o.failed is not None)})")
    if before:
        words.append("as before" if before == len(seen) else f"{before} as before")
    return ", ".join(words)
