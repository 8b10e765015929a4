"""The events of many chunks through coffea's executors, and what was found back in the order of the events."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, NamedTuple

from coffea import processor

from codegen.templates.compiled import Analysis
from codegen.templates.events import Chunk, Problem
from codegen.templates.reading_root import find_chunks, read_chunk
from codegen.templates.results import Piece, pack


def attempt(numbered: tuple[int, Any], function: Callable[[Any], Any]) -> dict[int, tuple[Any, ...]]:
    """What a function finds for an item, or what went wrong, as a value: executors bury exceptions in their own."""
    number, item = numbered
    try:
        return {number: (function(item),)}
    except Problem as problem:
        return {number: (None, str(problem), problem.code, problem.trace)}
    except Exception as error:
        line = f"{Chunk(*item)}: {type(error).__name__}: {error}"
        return {number: (None, line, 1, traceback.format_exc())}


class Workers(NamedTuple):
    """An executor of coffea, and how many items it is given at a time: what it found stays in memory until then."""

    executor: Any
    items: int = 1

    def work(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        """What a function finds for each item, in the order of the items. Raises Problem for the first that fails."""
        numbered = list(enumerate(items))
        for first in range(0, len(items), self.items):
            given, said = numbered[first : first + self.items], io.StringIO()
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):  # progress bars
                    found, _ = self.executor(given, partial(attempt, function=function), {})
            except Exception as error:
                line = f"a worker was lost (out of memory?): {type(error).__name__}: {error}".splitlines()[0]
                raise Problem(line, 1) from error
            sys.stderr.write(said.getvalue())
            for number, _ in given:
                result, *problem = found[number]
                if problem:
                    raise Problem(*problem)
                yield result


@contextlib.contextmanager
def open_workers(kind: str, number: int, scheduler: str | None) -> Iterator[Workers]:
    """Coffea's iterative, futures or Dask executor. Raises Problem when a Dask cluster cannot be used."""
    if kind == "futures":
        # forked workers need not import anything again
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
        with ProcessPoolExecutor(number, mp_context=context) as pool:
            executor = processor.FuturesExecutor(pool=pool, status=False, retries=0, compression=None)
            yield Workers(executor, 8 * number)
    elif kind == "dask":
        try:
            from distributed import Client, LocalCluster
        except ImportError:
            raise Problem("--executor dask needs the package distributed (pip install distributed)", 2) from None
        with contextlib.ExitStack() as stack:
            try:
                local = dict(n_workers=number, threads_per_worker=1, dashboard_address=":0", silence_logs=40)  # noqa: C408
                client = stack.enter_context(
                    Client(scheduler or stack.enter_context(LocalCluster(**local)), timeout=10)
                )
                cores = sum(client.nthreads().values())
            except (OSError, RuntimeError, ValueError) as error:
                line = f"no Dask scheduler answers at {scheduler or 'this machine'}: {error}".splitlines()[0]
                raise Problem(line, 2) from error
            if not cores:
                raise Problem(f"the Dask cluster at {scheduler} has no workers", 2)
            yield Workers(processor.DaskExecutor(client=client, status=False, retries=0), 8 * cores)
    else:
        yield Workers(processor.IterativeExecutor(status=False, retries=0))


def process_chunk(chunk: tuple[Any, ...], watched: frozenset[tuple[int, ...]]) -> tuple[Any, ...]:
    """What the analysis finds in a chunk of events, in types that every process knows."""
    (found,) = Analysis(watched).process(read_chunk(Chunk(*chunk))).values()
    return tuple(pack(found))


def run_analysis(
    files: list[str], chunk_size: int, watched: frozenset[tuple[int, ...]], workers: Workers | None = None
) -> Iterator[Piece]:
    """What the analysis finds in each chunk, in the order of the files. Raises Problem."""
    workers = workers or Workers(processor.IterativeExecutor(status=False, retries=0))
    chunks = list(workers.work(partial(find_chunks, size=chunk_size), list(enumerate(files))))
    found = workers.work(partial(process_chunk, watched=watched), [chunk for part in chunks for chunk in part])
    return (Piece(*piece) for piece in found)
