"""Trees of ROOT files as rows of plain Python numbers and lists."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from schemas.errors import DataError

Row = dict[str, object]  # branch -> number, or list of numbers


def list_branches(path: Path, tree: str) -> frozenset[str]:
    """The branches of a tree. Raises DataError that names the file when there is no such tree."""
    import uproot

    try:
        with uproot.open(path) as file:
            if tree not in file:
                raise DataError(f"no tree '{tree}' in '{path}'; it has {', '.join(file.keys()) or 'nothing'}")
            return frozenset(file[tree].keys(full_paths=False)) | frozenset(file[tree].keys())
    except (OSError, ValueError) as error:
        raise DataError(f"'{path}' cannot be read as a ROOT file: {error}") from error


def list_shared_branches(files: Sequence[Path], tree: str) -> frozenset[str]:
    """The branches that all files with events have; of all files where none has events. Raises DataError."""
    found = [(list_branches(path, tree), count_entries(path, tree)) for path in files]
    filled = [branches for branches, entries in found if entries] or [branches for branches, _ in found]
    return frozenset.intersection(*filled) if filled else frozenset()


def count_entries(path: Path, tree: str) -> int:
    """The number of events of a tree that is there."""
    import uproot

    with uproot.open(path) as file:
        return int(file[tree].num_entries)


def check_branches(path: Path, tree: str, wanted: Sequence[str]) -> None:
    """Raises DataError that names the file and the branches that its tree does not have."""
    there = list_branches(path, tree)
    missing = [name for name in wanted if name not in there]
    if missing:
        raise DataError(f"no branch {', '.join(missing)} in tree '{tree}' of '{path}'")


def iterate_rows(path: Path, tree: str, branches: Sequence[str]) -> Iterator[Row]:
    """One row an event, in the order of the file."""
    import uproot

    try:
        with uproot.open(path) as file:
            found = file[tree]
            for start in range(0, found.num_entries, 20_000):
                columns = {b: found[b].array(entry_start=start, entry_stop=start + 20_000).tolist() for b in branches}
                for i in range(len(next(iter(columns.values())))):
                    yield {name: values[i] for name, values in columns.items()}
    except (OSError, ValueError) as error:
        raise DataError(f"'{path}' cannot be read as a ROOT file: {error}") from error


def scalar(row: Row, name: str) -> float:
    """A branch with one number an event."""
    value = row[name]
    assert isinstance(value, float | int)
    return value


def floats(row: Row, name: str) -> list[float]:
    """A branch with a list of numbers an event."""
    return cast(list[float], row[name])
