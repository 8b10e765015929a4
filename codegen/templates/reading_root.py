"""Events of ROOT files: the branches that the analysis uses, chunk by chunk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import awkward as ak
import numpy as np
import uproot

from codegen.templates.compiled import BRANCHES, TREE
from codegen.templates.events import Chunk, Events, Problem


class Reader:
    """A file that a thread reads. Chunks that follow each other share compressed blocks, which are then read once."""

    readers: ClassVar[dict[int, Reader]] = {}  # by thread: to open a file takes as long as to read thousands of events

    def __init__(self, path: str) -> None:
        self.path, self.tree = path, open_tree(path)
        places: dict[tuple[int, int], tuple[np.ndarray, ...]] = {}
        for branch in (self.tree[name] for name in BRANCHES if name in self.tree):
            if Vectors.fits(branch.interpretation):  # without this, all is the same, but slower
                branch._interpretation = Vectors(branch.interpretation, places)
        self.steps: Iterator[dict[str, ak.Array]] = iter(())
        self.following = (0, 0)

    @classmethod
    def find(cls, path: str) -> Reader:
        """The reader of a file, which stays open until the same thread asks for another one."""
        thread = threading.get_ident()
        if thread not in cls.readers or cls.readers[thread].path != path:
            cls.readers.pop(thread, None)
            cls.readers[thread] = cls(path)
        return cls.readers[thread]

    def read(self, start: int, stop: int) -> dict[str, ak.Array]:
        """The branches of some events."""
        if self.following != (start, stop):
            self.steps = self.tree.iterate(list(BRANCHES), entry_start=start, step_size=stop - start, how=dict)
        self.following = (stop, min(2 * stop - start, self.tree.num_entries))
        return next(self.steps)


class Vectors(uproot.AsJagged):  # type: ignore[misc]
    """Lists with a header before each, as `std::vector` is stored.

    All branches of the same objects hold their values at the same places of what is stored. These places are found
    once for the events of a chunk; uproot by itself finds them anew in each compressed block of each branch.
    """

    def __init__(self, given: Any, places: dict[tuple[int, int], tuple[np.ndarray, ...]]) -> None:
        super().__init__(given.content, header_bytes=given.header_bytes, typename=given.typename)
        self.stored, self.places = uproot.AsJagged(uproot.AsDtype("u1")), places  # bytes, headers among them

    @staticmethod
    def fits(given: Any) -> bool:
        """Lists of plain numbers, with headers."""
        if type(given) is not uproot.AsJagged or type(given.content) is not uproot.AsDtype or not given.header_bytes:
            return False
        return bool(given.content.from_dtype.names is None and given.content.from_dtype.shape == ())

    def basket_array(self, *given: Any) -> Any:
        return self.stored.basket_array(*given)

    def final_array(self, *given: Any) -> ak.Array:
        stored = self.stored.final_array(*given).layout
        header, size, starts = self.header_bytes, self.content.itemsize, stored.offsets.data
        word = 2 if header % 2 == size % 2 == 0 else 1  # so many bytes are copied together
        known = self.places.get((header, size))
        if known is None or not np.array_equal(known[0], starts):
            counts = (np.diff(starts) - header) // word
            stops = np.cumsum(counts)
            shifts = (starts[:-1] + header) // word - (stops - counts)
            places = np.arange(counts.sum()) + np.repeat(shifts, counts)
            known = self.places[header, size] = (starts, places, np.append(0, stops) * word // size)
        _, places, offsets = known
        words = stored.content.data
        words = words[: len(words) // word * word].view(f"u{word}")
        values = words[places].view(self.content.from_dtype).astype(self.content.to_dtype)
        return ak.Array(ak.contents.ListOffsetArray(ak.index.Index64(offsets), ak.contents.NumpyArray(values)))


def open_tree(path: str) -> Any:
    """The tree of a file. Raises Problem when there is none, or when it lacks a branch."""
    if "://" not in path and Path(path).is_file() and Path(path).stat().st_size == 0:
        raise Problem(f"{path} cannot be read as a ROOT file: it is empty (0 bytes)")
    file = uproot.open(path, array_cache=None)
    if TREE not in file:
        names = ", ".join(sorted({k.split(";")[0] for k in file.keys()})[:8]) or "nothing"  # noqa: SIM118
        raise Problem(f"{path} has no tree '{TREE}'; it has {names}")
    tree = file[TREE]
    if not hasattr(tree, "num_entries"):
        raise Problem(f"{path}: '{TREE}' is no tree")
    missing = [name for name in BRANCHES if name not in tree]
    if missing and tree.num_entries:
        raise Problem(f"{path}: tree '{TREE}' lacks {', '.join(missing)}")
    return tree


def find_chunks(numbered: tuple[int, str], size: int) -> list[tuple[Any, ...]]:
    """The chunks of a file, at most `size` events each. Raises Problem when it cannot be read."""
    file, path = numbered
    try:
        entries = int(Reader.find(path).tree.num_entries)
    except Problem:
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Problem(f"{path} cannot be read as a ROOT file: {reason}") from error
    return [(file, path, start, min(start + size, entries)) for start in range(0, entries, size)]


def read_chunk(chunk: Chunk) -> Events:
    """The events of a chunk. Raises Problem when a branch cannot be read."""
    try:
        return Events(chunk, Reader.find(chunk.path).read(chunk.start, chunk.stop))
    except (Problem, MemoryError):
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Problem(f"{chunk} cannot be read: {reason}") from error
