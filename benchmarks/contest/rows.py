"""Rows of the tidy table: what is the same in all rows of a cell is said once."""

from collections.abc import Sequence

from benchmarks.contest.cells import Cell
from benchmarks.contest.contestants import Contestant
from benchmarks.contest.effort import Effort
from benchmarks.contest.measures import Item, Measure

EFFORT = ("calls", "prompt_tokens", "completion_tokens", "seconds", "cost")


class Rows:
    """The rows of one cell, in the order in which they were written."""

    def __init__(self, cell: Cell, contestant: Contestant, *, run: int | None = None) -> None:
        """`run` replaces the cell's: 0 is all runs together."""
        self.measures: list[Measure] = []
        self.items: list[Item] = []
        self._head: dict[str, object] = {
            "task": cell.task,
            "contestant": contestant.name,
            "kind": contestant.kind,
            "simulated": contestant.simulated,
            "subject": cell.subject,
            "mode": cell.mode,
            "run": cell.run if run is None else run,
        }

    def write_number(self, metric: str, value: float | None, group: str = "") -> None:
        """A number; None where it is not defined."""
        given = None if value is None else float(value)
        self.measures.append(Measure.model_validate({**self._head, "metric": metric, "group": group, "value": given}))

    def write_ratio(self, metric: str, counted: Sequence[tuple[str, bool]], group: str = "") -> None:
        """A ratio with the things it counts: their names, and whether each was so. 0 of 0 has no value."""
        hits, of = sum(hit for _, hit in counted), len(counted)
        row = {**self._head, "metric": metric, "group": group}
        self.measures.append(
            Measure.model_validate({**row, "value": hits / of if of else None, "hits": hits, "of": of})
        )
        self.items += [Item.model_validate({**row, "item": name, "hit": hit}) for name, hit in counted]

    def write_effort(self, effort: Effort) -> None:
        """What models were asked, and what it took: a number each."""
        for metric in EFFORT:
            self.write_number(metric, getattr(effort, metric))
