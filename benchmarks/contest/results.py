"""The results of a contest on disk: a tidy table as Parquet and CSV, the things it counts, and a manifest."""

from typing import NamedTuple

from pydantic import Field, JsonValue

from benchmarks.contest.contestants import Contestant, Task
from benchmarks.contest.measures import Item, Measure
from schemas.model import Model

MEASURES = "measures"  # .parquet and .csv
ITEMS = "items"  # .parquet and .csv
SIMULATED = "benchmarks/simulated"  # in the code of a manifest: what simulated contestants know and do
MANIFEST = "manifest.json"


class Manifest(Model):
    """What the results were made with. Nothing in it names a machine, a path or a key."""

    made: str  # when, UTC
    paperfilter: str  # version
    code: dict[str, str]  # digest of each package of the program, and of all that scores (`name_scorer`)
    versions: dict[str, str]  # of libraries and Python
    machine: dict[str, JsonValue]  # cores, memory, system, processor: no names
    contestants: tuple[Contestant, ...]
    subjects: dict[str, dict[str, str]]  # of each paper or analysis: digests of the PDF, gold list, criteria, data
    modes: tuple[str, ...]
    runs: int
    seeds: dict[str, tuple[int, ...]]  # of each contestant, by run
    sampling: dict[str, JsonValue]  # of each model: temperature and so on
    prompts: dict[str, str]  # digest of each prompt
    # of each contestant: digest of the code, settings and terms that decide what it does
    making: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()


def name_scorer(task: Task) -> str:
    """Under which name a manifest has the digest of the code that turns outcomes of a task into rows."""
    return f"scoring ({task})"


class Results(NamedTuple):
    """All rows of a contest."""

    measures: tuple[Measure, ...]
    items: tuple[Item, ...]
    manifest: Manifest
