"""Events of ROOT files: the branches that the analysis uses, chunk by chunk."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, ClassVar

import uproot

from codegen.templates.compiled import BRANCHES, TREE
from codegen.templates.events import Chunk, Events, Problem


class OpenTree:
    """The tree that each thread reads: to open one takes as long as to read thousands of events."""

    trees: ClassVar[dict[int, tuple[str, Any]]] = {}

    @classmethod
    def find(cls, path: str) -> Any:
        """The tree of a file, which stays open until the same thread asks for another one."""
        thread = threading.get_ident()
        if cls.trees.get(thread, ("", None))[0] != path:
            cls.trees.pop(thread, None)
            cls.trees[thread] = (path, open_tree(path))
        return cls.trees[thread][1]


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
        entries = int(OpenTree.find(path).num_entries)
    except Problem:
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Problem(f"{path} cannot be read as a ROOT file: {reason}") from error
    return [(file, path, start, min(start + size, entries)) for start in range(0, entries, size)]


def read_chunk(chunk: Chunk) -> Events:
    """The events of a chunk. Raises Problem when a branch cannot be read."""
    try:
        tree = OpenTree.find(chunk.path)
        return Events(chunk, tree.arrays(list(BRANCHES), entry_start=chunk.start, entry_stop=chunk.stop, how=dict))
    except (Problem, MemoryError):
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Problem(f"{chunk} cannot be read: {reason}") from error
