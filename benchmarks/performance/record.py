"""All that `bench performance` measured, as it is kept in performance.json."""

from pathlib import Path

from pydantic import ValidationError

from benchmarks.performance.machine import Machine
from benchmarks.performance.occupancy import Occupancy
from benchmarks.performance.reading import ReadingSpeed
from benchmarks.performance.scaling import Scaling
from benchmarks.performance.selecting import SelectingSpeed
from pipeline.files import write_atomically
from pipeline.terminal import encode_json
from schemas.errors import UsageError
from schemas.model import Model

FILE = "performance.json"


class Performance(Model):
    """One measurement on one machine. A part is None where it was not measured."""

    made: str  # when it began, UTC
    paperfilter: str  # version
    code: str  # digest of the packages that do the work
    quick: bool
    machine: Machine
    reading: ReadingSpeed | None = None
    serving: Occupancy | None = None
    selecting: SelectingSpeed | None = None
    memory: Scaling | None = None
    workers: Scaling | None = None


def save_performance(folder: Path, found: Performance) -> Path:
    """Write performance.json, whole or not at all. Raises RunFolderError when the folder cannot be written."""
    write_atomically(folder / FILE, encode_json(found.model_dump(mode="json")) + "\n")
    return folder / FILE


def load_performance(path: Path) -> Performance:
    """What was written. Raises UsageError for a file that is none of ours."""
    try:
        return Performance.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageError(f"'{path}' is no record of bench performance; give a {FILE} that it wrote") from error
