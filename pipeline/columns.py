"""The columns of an event file: names, shapes, and a sample of values, for a look at files of an unknown format."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from pipeline.layouts import flatten_names, open_text
from schemas.errors import DataError

Shape = Literal["number", "list", "lists", "other"]

SAMPLE = 1000  # events of which values are looked at


class Column(NamedTuple):
    """A column: one number per event, one list, a list of lists, or something that holds no numbers."""

    name: str
    shape: Shape
    kind: str  # of the values: "b" true or false, "i" whole, "f" real; "" when not known


class FileColumns:
    """An open look at one file. `tree` is None for lines of JSON; `names` are as `fit_profile` wants them."""

    def __init__(self, path: Path, tree: str | None = None) -> None:
        self.path = path
        self._values: dict[str, np.ndarray] = {}
        self._events: list[dict[str, object]] = []
        if path.stat().st_size == 0:
            raise DataError(f"{path}: an empty file (0 bytes); copy or download it again")
        with path.open("rb") as file:
            self.reader: Literal["root", "jsonl"] = "root" if file.read(4) == b"root" else "jsonl"
        self.trees: tuple[str, ...] = ()
        self.tree: str | None = None
        if self.reader == "root":
            self._open_tree(tree)
        else:
            self._read_lines()
        self.by_short = {_shorten(c.name): c for c in reversed(self.columns)} | {c.name: c for c in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(c.name for c in self.columns)

    def read(self, name: str) -> np.ndarray:
        """The numbers of a column in the first events, one after another; empty when it holds none."""
        if name not in self._values:
            try:
                self._values[name] = self._read(name)
            except Exception:  # a branch that cannot be read has no values to look at
                self._values[name] = np.zeros(0)
        return self._values[name]

    def _open_tree(self, wanted: str | None) -> None:
        import uproot

        try:
            file = uproot.open(self.path)
            kinds = file.classnames(cycle=False)
            trees = {str(k): file[k] for k, v in kinds.items() if v.startswith("TTree") or "RNTuple" in v}
        except Exception as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise DataError(f"{self.path} cannot be read as a ROOT file: {reason}") from error
        self.trees = tuple(trees)
        if wanted is not None and wanted not in trees:
            raise DataError(f"{self.path} has no tree '{wanted}'; it has {', '.join(trees) or 'none'}")
        if not trees:
            raise DataError(f"{self.path} has no tree of events")
        self.tree = wanted or max(trees, key=lambda name: len(trees[name].keys()) * (trees[name].num_entries > 0))
        self._tree = trees[self.tree]
        self.n_events = int(self._tree.num_entries)
        names = [str(name) for name in self._tree.keys(recursive=True)]
        self.columns: tuple[Column, ...] = tuple(_describe(name, self._tree[name]) for name in names)

    def _read(self, name: str) -> np.ndarray:
        if self.reader == "root":
            import awkward

            found = self._tree[name].array(entry_stop=SAMPLE)
            return np.asarray(awkward.to_numpy(awkward.drop_none(awkward.flatten(found, axis=None)))).astype(np.float64)
        values: list[float] = []
        for event in self._events:
            values += _collect(event, name)
        return np.array(values, dtype=np.float64)

    def _read_lines(self) -> None:
        try:
            with open_text(self.path) as file:
                lines = [line for _, line in zip(range(SAMPLE), (x for x in file if x.strip()), strict=False)]
            self._events = [e for e in map(json.loads, lines) if isinstance(e, dict)]
        except (ValueError, OSError) as error:
            raise DataError(f"{self.path}: neither a ROOT file nor lines of JSON: {error}") from error
        self.n_events = len(self._events)
        names = dict.fromkeys(n for event in self._events for n in flatten_names(event))
        self.columns = tuple(self._describe_line(name) for name in names)

    def _describe_line(self, name: str) -> Column:
        values = self.read(name)
        whole = bool(len(values)) and bool(np.all(values == np.floor(values)))
        return Column(name, ("list" if "." in name else "number") if len(values) else "other", "i" if whole else "f")


def _describe(name: str, branch: object) -> Column:
    """Shape and kind from how a branch is stored."""
    from uproot.interpretation.jagged import AsJagged
    from uproot.interpretation.numerical import AsDtype
    from uproot.interpretation.objects import AsObjects

    try:
        how = branch.interpretation  # type: ignore[attr-defined]
    except Exception:
        return Column(name, "other", "")
    depth = 0
    if isinstance(how, AsJagged):
        how, depth = how.content, 1
    if isinstance(how, AsObjects):
        text = str(getattr(branch, "typename", ""))
        depth = text.count("vector<")
        number = any(word in text for word in ("float", "double", "int", "bool", "short", "char"))
        return Column(name, ("other", "list", "lists")[min(depth, 2)] if number else "other", "")
    if not isinstance(how, AsDtype):
        return Column(name, "other", "")
    kind = how.to_dtype.kind.replace("u", "i")
    if kind not in "bif" or how.to_dtype.names:
        return Column(name, "other", "")
    depth += len(how.to_dtype.shape) + len(getattr(how, "inner_shape", ()))
    shapes: tuple[Shape, Shape, Shape] = ("number", "list", "lists")
    return Column(name, shapes[min(depth, 2)], kind)


def _collect(event: Mapping[str, object], name: str) -> list[float]:
    """The numbers under a flattened name in one event."""
    data = event.get("data")
    for owner in (event, data if isinstance(data, dict) else {}):
        first, _, rest = name.partition(".")
        value = owner.get(first)
        if rest and isinstance(value, Sequence) and not isinstance(value, str):
            return [float(i[rest]) for i in value if isinstance(i, dict) and isinstance(i.get(rest), int | float)]
        if not rest and isinstance(value, int | float):
            return [float(value)]
    return []


def _shorten(name: str) -> str:
    return name.rsplit("/", 1)[-1]
