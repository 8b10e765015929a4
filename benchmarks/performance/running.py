"""One measurement after the other, each written down before the next begins."""

import tempfile
from collections.abc import Callable, Collection, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from benchmarks.notes.typeset import typeset_notes
from benchmarks.performance import occupancy, scaling, selecting
from benchmarks.performance.figure import draw_figure
from benchmarks.performance.machine import describe_machine
from benchmarks.performance.occupancy import measure_occupancy
from benchmarks.performance.page import write_page
from benchmarks.performance.parts import PARTS, Part
from benchmarks.performance.reading import measure_reading
from benchmarks.performance.record import FILE, Performance, load_performance, save_performance
from benchmarks.performance.samples import Samples
from benchmarks.performance.scaling import measure_memory, measure_workers
from benchmarks.performance.selecting import measure_selecting
from benchmarks.speed.preparing import SOURCES
from pipeline.clock import note_time
from pipeline.files import digest_sources, explain, write_atomically
from schemas.errors import RunFolderError, UsageError
from schemas.model import Model

MEASURED = ("schemas", "papers", "extract", "codegen", "pipeline")
PAGE = "performance.md"
QUICK_NOTES = 3

Tell = Callable[[str], None]


class Task(NamedTuple):
    """What to measure."""

    parts: Collection[Part]
    papers: Sequence[Path]  # beside our notes
    data: Path | None  # folder of event files; None: simulated events of our own
    root_python: str | None  # a Python that has ROOT
    quick: bool
    repeat: int


def measure_performance(task: Task, out: Path, tell: Tell) -> Performance:
    """Measure, and write record and page to `out` after each part. Raises PaperfilterError."""
    make_folder(out)
    check_data(task.data)
    found = Performance(
        made=note_time(), paperfilter=version("paperfilter"), code=digest_sources(MEASURED), quick=task.quick,
        machine=describe_machine(),
    )  # fmt: skip
    found = keep_parts(found, out, task.parts, tell)
    with tempfile.TemporaryDirectory() as scratch:
        reads = "reading" in task.parts or "serving" in task.parts
        notes = typeset_notes(Path(scratch))[: QUICK_NOTES if task.quick else None] if reads else []
        samples = Samples(Path(scratch), task.data, task.root_python)
        for part in (p for p in PARTS if p in task.parts):
            found = found.model_copy(update={part: _measure(part, task, notes, samples, tell)})
            save_performance(out, found)
            draw(found, out)
    return found


def keep_parts(found: Performance, out: Path, parts: Collection[Part], tell: Tell) -> Performance:
    """With the parts that are not measured now as an earlier measurement in the folder has them.

    Only of the same code on the same machine; others are dropped, and that is told.
    """
    rest = [part for part in PARTS if part not in parts]
    if not rest or not (out / FILE).exists():
        return found
    earlier = load_performance(out / FILE)
    if (earlier.code, earlier.machine, earlier.quick) != (found.code, found.machine, found.quick):
        tell(f"{out / FILE} is of other code, another machine or other sizes: nothing of it is kept")
        return found
    return found.model_copy(update={"made": earlier.made, **{part: getattr(earlier, part) for part in rest}})


def draw(found: Performance, out: Path) -> tuple[Path, ...]:
    """Write the page and its figure; the paths of what was written. Raises RunFolderError."""
    make_folder(out)
    with explain(out):
        figures = draw_figure(found, out)
    write_atomically(out / PAGE, write_page(found, figures[0].name if figures else None))
    return (out / PAGE, *figures)


def _measure(part: Part, task: Task, notes: Sequence[Path], samples: Samples, tell: Tell) -> Model:
    if part == "reading":
        return measure_reading([*notes, *task.papers], len(notes), task.repeat, tell)
    if part == "serving":
        return measure_occupancy(notes, occupancy.QUICK if task.quick else occupancy.Plan(), task.repeat, tell)
    if part == "selecting":
        return measure_selecting(samples, selecting.QUICK if task.quick else selecting.Plan(), task.repeat, tell)
    plan = scaling.QUICK if task.quick else scaling.Plan()
    measure = measure_memory if part == "memory" else measure_workers
    return measure(samples, plan, task.repeat, tell)


def find_papers(given: Sequence[Path]) -> list[Path]:
    """The PDFs that are named, and those in folders that are named. Raises UsageError for a folder without any."""
    found: list[Path] = []
    for path in given:
        inside = sorted(path.glob("*.pdf")) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"no PDF in '{path}'")
        found += [one for one in inside if one not in found]
    return found


def check_data(folder: Path | None) -> None:
    """Raises UsageError where a folder of event files has none for any analysis."""
    if folder is not None and not any(any(folder.glob(pattern)) for pattern in SOURCES.values()):
        raise UsageError(f"'{folder}' has none of {', '.join(SOURCES.values())}; without --data events are our own")


def make_folder(out: Path) -> None:
    """Raises RunFolderError where it cannot be made."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(
            f"cannot write {out}: {error.strerror or error}; choose another folder with --out"
        ) from error


def draw_again(path: Path, out: Path) -> tuple[Path, ...]:
    """Write the page of an earlier measurement again. Raises UsageError where there is none."""
    return draw(load_performance(path), out)
