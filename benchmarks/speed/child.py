"""One measured run in a process of its own: read a file, select its events with compiled code or by hand.

    python -m benchmarks.speed.child read|ours|loop|hand|runner|baseline PROGRAM.py ANALYSIS FILE CHUNK

Only the work is timed, not the start of Python and imports. What was selected comes back, so that it can be compared.
"""

import hashlib
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import awkward as ak
import numpy as np
import uproot

from benchmarks.performance.timing import count_processor, find_peak_memory
from benchmarks.speed.preparing import load_program, name_loop

if TYPE_CHECKING:
    from benchmarks.speed.idiomatic.regions import Region

Found = dict[str, list[np.ndarray]]
"""Event numbers of the selected events by region, chunk by chunk."""


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


def run_baseline(_: ModuleType, analysis: str, path: Path, __: int) -> Found:
    """The independent baseline: a loop over events in plain Python."""
    baseline = importlib.import_module(f"benchmarks.analyses.{analysis}.baseline")
    flow = baseline.run_baseline([path], "atlas_mini")
    found: Found = {}
    for region in flow.regions:
        number = region.events.columns.index("eventNumber")
        end = len(region.steps) - 1
        kept = zip(region.events.keys, region.events.last_step, strict=True)
        found[region.name] = [np.array([key[number] for key, last in kept if last == end], dtype=np.int64)]
    return found


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
    "hand": select_by_hand,
    "runner": select_in_runner,
    "baseline": run_baseline,
}


def main(kind: str, program: Path, analysis: str, path: Path, chunk: int) -> None:
    """Run, and print what it took as one line of JSON."""
    module = load_program(name_loop(program) if kind == "loop" else program)
    before = count_processor()
    if kind == "loop":  # machine code is there before the clock starts
        module.Analysis().process(module.read_chunk(module.Chunk(0, str(path), 0, 1)))
    preparing = count_processor() - before
    if kind in ("hand", "runner"):
        _find_selection(analysis)  # imported before the clock starts
    if kind == "baseline":
        importlib.import_module(f"benchmarks.analyses.{analysis}.baseline")
    wall, processor_time = time.perf_counter(), count_processor()
    found = KINDS[kind](module, analysis, path, chunk)
    wall, processor_time = time.perf_counter() - wall, count_processor() - processor_time
    numbers = {name: np.sort(np.concatenate(parts).astype(np.int64)) for name, parts in found.items() if parts}
    print(json.dumps({
        "seconds": wall,
        "processor_seconds": processor_time,
        "preparing": preparing,
        "peak_memory": find_peak_memory(),
        "selected": {name: len(events) for name, events in numbers.items()},
        "digests": {name: hashlib.sha256(events.tobytes()).hexdigest()[:16] for name, events in numbers.items()},
    }))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), int(sys.argv[5]))
