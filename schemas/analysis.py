"""An analysis that comes with the program: accepted criteria and an independent baseline.

Packages offer one in the entry-point group `paperfilter.analyses`: a module with the attribute `ANALYSIS`.
"""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from pydantic import Field

from schemas.cutflow import Cutflow, EventKey
from schemas.model import Model

StepValue = float | tuple[float, ...] | None  # what a step compares; None where it is missing

StepValues = dict[str, StepValue]  # by step id


class BuiltInAnalysis(Model):
    """What the program needs to run and to check one analysis.

    `profiles` are the data formats that the baseline reads, the usual one first. `run_baseline(files, profile)` is the
    independent analysis as a cutflow; `explain_events(files, keys, profile)` is what it compared at each step, for
    those of the events that it finds. Both raise DataError when a file is not what `profile` describes.
    """

    slug: str
    title: str
    paper: str | None
    criteria: Path
    profiles: tuple[str, ...] = Field(min_length=1)
    run_baseline: Callable[[Sequence[Path], str], Cutflow]
    explain_events: Callable[[Sequence[Path], Collection[EventKey], str], dict[EventKey, StepValues]]
