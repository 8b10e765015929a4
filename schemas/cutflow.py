"""The cutflow of one analysis on one set of files, with the event keys behind every count.

Steps of a region form a chain, so one number per event says which steps it passed: `last_step[i]` is the index of the
last step that event i passed (0 is `initial`; for a child region, the parent's last step). `keys` holds every event
that is in the region's first step. Steps that a format cannot evaluate keep their line, with the count unchanged.
"""

from typing import Literal

from pydantic import Field, model_validator

from schemas.model import Model

CUTFLOW_FORMAT: Literal["paperfilter-cutflow/1"] = "paperfilter-cutflow/1"

EventKey = tuple[int, ...]


class Step(Model):
    """A line of the cutflow: raw count, weighted yield and the square root of the sum of squared weights.

    A program without weights leaves out the last two.
    """

    id: str
    label: str
    count: int
    weighted: float | None = None
    uncertainty: float | None = None
    evaluated: bool = True
    reason: str | None = None  # why it is not evaluated


class EventTable(Model):
    """Columns, one entry per event of the region's first step."""

    columns: tuple[str, ...]  # what the key is made of, for example runNumber, eventNumber, channelNumber
    keys: tuple[EventKey, ...]
    last_step: tuple[int, ...]

    @model_validator(mode="after")
    def _same_length(self) -> "EventTable":
        if len(self.keys) != len(self.last_step):
            raise ValueError("keys and last_step differ in length")
        return self


class RegionFlow(Model):
    """The steps of one region, the first is `initial` or the parent's last step."""

    name: str
    parent: str | None = None
    steps: tuple[Step, ...]
    events: EventTable

    def keys_at(self, step: int) -> frozenset[EventKey]:
        """Keys of the events that passed step number `step` (0 is the first line)."""
        return frozenset(k for k, last in zip(self.events.keys, self.events.last_step, strict=True) if last >= step)


class NotEvaluable(Model):
    """Something the criteria ask for and the data format cannot provide."""

    cut: str
    text: str
    reason: str


class Cutflow(Model):
    """What an analysis reports: the compiled one and the baseline write the same shape."""

    format: Literal["paperfilter-cutflow/1"] = CUTFLOW_FORMAT
    analysis: str
    profile: str | None = None
    made_by: str = "another program"  # compiler, llm:<model>, baseline
    n_events: int
    regions: tuple[RegionFlow, ...]
    not_evaluable: tuple[NotEvaluable, ...] = ()
    # region -> channel (4e, 2e2mu, ...) -> count after its last step
    channels: dict[str, dict[str, int]] = Field(default_factory=dict)
