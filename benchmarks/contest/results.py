"""The results of a contest on disk: a tidy table as Parquet and CSV, the things it counts, and a manifest."""

from typing import NamedTuple

from pydantic import JsonValue

from benchmarks.contest.contestants import Contestant
from benchmarks.contest.measures import Item, Measure
from schemas.model import Model

MEASURES = "measures"  # .parquet and .csv
ITEMS = "items"  # .parquet and .csv
MANIFEST = "manifest.json"


class Manifest(Model):
    """What the results were made with. Nothing in it names a machine, a path or a key."""

    made: str  # when, UTC
    paperfilter: str  # version
    code: dict[str, str]  # digest of each package of the program
    versions: dict[str, str]  # of libraries and Python
    machine: dict[str, JsonValue]  # cores, memory, system, processor: no names
    contestants: tuple[Contestant, ...]
    subjects: dict[str, dict[str, str]]  # of each paper or analysis: digests of the PDF, gold list, criteria, data
    modes: tuple[str, ...]
    runs: int
    seeds: dict[str, tuple[int, ...]]  # of each contestant, by run
    sampling: dict[str, JsonValue]  # of each model: temperature and so on
    prompts: dict[str, str]  # digest of each prompt
    notes: tuple[str, ...] = ()


class Results(NamedTuple):
    """All rows of a contest."""

    measures: tuple[Measure, ...]
    items: tuple[Item, ...]
    manifest: Manifest
