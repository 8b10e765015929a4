"""One measured run in a process of its own: read a file, select its events with compiled code or by hand.

    python -m benchmarks.speed.child read|ours|loop|command|hand|runner PROGRAM.py ANALYSIS FILE CHUNK

Only the work is timed, not the start of Python and imports, unless the command is run as a whole. What was selected
comes back, so that it can be compared.
"""

import hashlib
import importlib
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import awkward as ak
import numpy as np
import uproot

from benchmarks.speed.preparing import name_loop

if TYPE_CHECKING:
    from benchmarks.speed.idiomatic.regions import Region

Found = dict[str, list[np.ndarray]]
"""Event numbers of the selected events by region, chunk by chunk."""


def load_program(path: Path) -> ModuleType:
    """The compiled analysis as a module."""
    spec = importlib.util.spec_from_file_location("analysis", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["analysis"] = module
    spec.loader.exec_module(module)
    return module


def iterate(program: ModuleType, path: Path, chunk: int) -> Iterator[ak.Array]:
    """The branches that the analysis uses, decompressed and interpreted: the fastest way that uproot has."""
    with uproot.open(path) as file:
        yield from file[program.TREE].iterate(list(program.BRANCHES), step_size=chunk)


def read(program: ModuleType, _: str, path: Path, chunk: int) -> Found:
    """Nothing but reading."""
    for _arrays in iterate(program, path, chunk):
        pass
    return {}


def select_compiled(program: ModuleType, _: str, path: Path, chunk: int) -> Found:
    """The compiled analysis, chunk by chunk as its command line does it, up to what it writes down."""
    found: Found = {region.name: [] for region in program.REGIONS}
    analysis = program.Analysis()
    for place in program.find_chunks((0, str(path)), chunk):
        for part in analysis.process(program.read_chunk(program.Chunk(*place))).values():
            for region in program.REGIONS:
                passed = part["last"][region.name] == len(region.steps) - 1
                found[region.name].append(part["keys"][passed][:, 1])
    return found


def run_command(program: ModuleType, _: str, path: Path, chunk: int) -> Found:
    """The compiled analysis as a command: start of Python, reading, selecting, and writing all results."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-W", "ignore", str(program.__file__), "--chunk-size", str(chunk), "--out", folder]
        subprocess.run([*command, str(path)], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return {}


def select_by_hand(program: ModuleType, analysis: str, path: Path, chunk: int) -> Found:
    """The selection written with awkward and vector, in a plain loop over the fastest reading."""
    select = _find_selection(analysis)
    return _join([_note(select(events)) for events in iterate(program, path, chunk)])


def select_in_runner(program: ModuleType, analysis: str, path: Path, chunk: int) -> Found:
    """The selection written with awkward and vector, in a coffea processor."""
    from coffea import processor
    from coffea.nanoevents import BaseSchema

    select = _find_selection(analysis)

    class ByHand(processor.ProcessorABC):  # type: ignore[misc]
        def process(self, events: ak.Array) -> dict[tuple[str, int], Found]:
            return {(events.metadata["filename"], events.metadata["entrystart"]): _note(select(events))}

        def postprocess(self, accumulator: object) -> object:
            return accumulator

    executor = processor.IterativeExecutor(status=False, retries=0)
    runner = processor.Runner(executor=executor, schema=BaseSchema, chunksize=chunk)
    sys.stdout, output = sys.stderr, sys.stdout  # progress bars
    found = runner({"data": {"files": {str(path): program.TREE}}}, ByHand())
    sys.stdout = output
    return _join([found[place] for place in sorted(found)])


def _find_selection(analysis: str) -> "Callable[[ak.Array], dict[str, Region]]":
    module = importlib.import_module(f"benchmarks.speed.idiomatic.{analysis}")
    select: Callable[[ak.Array], dict[str, Region]] = module.select
    return select


def _note(regions: "dict[str, Region]") -> Found:
    return {name: [np.asarray(region.selected["eventNumber"])] for name, region in regions.items()}


def _join(chunks: list[Found]) -> Found:
    return {name: [part for chunk in chunks for part in chunk[name]] for name in chunks[0]} if chunks else {}


KINDS = {
    "read": read,
    "ours": select_compiled,
    "loop": select_compiled,
    "command": run_command,
    "hand": select_by_hand,
    "runner": select_in_runner,
}


def _count_seconds() -> float:
    """Seconds of the processor that this process and those that it ran have used."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def main(kind: str, program: Path, analysis: str, path: Path, chunk: int) -> None:
    """Run, and print what it took as one line of JSON."""
    module = load_program(name_loop(program) if kind == "loop" else program)
    before = _count_seconds()
    if kind == "loop":  # machine code is there before the clock starts
        module.Analysis().process(module.read_chunk(module.Chunk(0, str(path), 0, 1)))
    preparing = _count_seconds() - before
    if kind in ("hand", "runner"):
        _find_selection(analysis)  # imported before the clock starts
    wall, processor_time = time.perf_counter(), _count_seconds()
    found = KINDS[kind](module, analysis, path, chunk)
    wall, processor_time = time.perf_counter() - wall, _count_seconds() - processor_time
    whose = resource.RUSAGE_CHILDREN if kind == "command" else resource.RUSAGE_SELF
    numbers = {name: np.sort(np.concatenate(parts).astype(np.int64)) for name, parts in found.items() if parts}
    print(json.dumps({
        "seconds": wall,
        "processor_seconds": processor_time,
        "preparing": preparing,
        "peak_memory": resource.getrusage(whose).ru_maxrss * 1024,
        "selected": {name: len(events) for name, events in numbers.items()},
        "digests": {name: hashlib.sha256(events.tobytes()).hexdigest()[:16] for name, events in numbers.items()},
    }))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), int(sys.argv[5]))
