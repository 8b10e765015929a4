"""ROOT files are read as uproot reads them; lists with headers (`std::vector`) only faster."""

from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

from codegen.templates import reading_root
from codegen.templates.events import Chunk
from codegen.templates.reading_root import Vectors
from tests.shared import require

HEADER = 10


def store(lists: list[list[float]], dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """A block as ROOT stores it: a header of odd bytes before the values of each event; where the events start."""
    parts = [b"\x40\xff\x07\x01\x00\xee\x00\x00\x00\xaa" + np.array(values, dtype).tobytes() for values in lists]
    starts = np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int32)
    return np.frombuffer(b"".join(parts), np.uint8), starts


def read(kind: uproot.AsJagged, blocks: list[list[list[float]]], dtype: str, first: int, last: int) -> ak.Array:
    """Some events that are stored in several blocks."""
    library = uproot.interpretation.library.Awkward()
    found = {}
    for number, lists in enumerate(blocks):
        data, starts = store(lists, dtype)
        found[number] = kind.basket_array(data, starts, None, None, {}, 0, library, {})
    edges = np.append(0, np.cumsum([len(lists) for lists in blocks])).tolist()
    made = kind.final_array(found, first, last, edges, library, None, {})
    assert isinstance(made, ak.Array)
    return made


@pytest.mark.parametrize("dtype", [">f4", ">i4", ">f8", ">u2", "bool", "int8"])
def test_lists_in_blocks(dtype: str) -> None:
    blocks: list[list[list[float]]] = [[[1, 0, 3], [], [0]], [[]], [[5, 1], [1], [], [7, 8, 9, 10]], [[2]]]
    whole = [values for lists in blocks for values in lists]
    given = uproot.AsJagged(uproot.AsDtype(dtype), header_bytes=HEADER)
    assert Vectors.fits(given)
    kind = Vectors(given, {})
    for first in range(len(whole) + 1):
        for last in range(first, len(whole) + 1):
            values = read(kind, blocks, dtype, first, last)
            wanted = [np.array(one, dtype).tolist() for one in whole[first:last]]
            assert values.tolist() == wanted
            assert values.type.content.content.primitive == np.dtype(dtype).newbyteorder("=").name


def test_lists_of_other_lengths_are_not_mistaken() -> None:
    kind = Vectors(uproot.AsJagged(uproot.AsDtype(">f4"), header_bytes=HEADER), {})
    for blocks in ([[[1.0], [2.0, 3.0]]], [[[1.0, 2.0], [3.0]]], [[[4.0, 5.0]], [[6.0]]]):
        assert read(kind, blocks, ">f4", 0, 2).tolist() == [values for lists in blocks for values in lists]


@pytest.mark.parametrize("given", [
    uproot.AsJagged(uproot.AsDtype(">f4")),
    uproot.AsJagged(uproot.AsDtype([("x", ">f4")]), header_bytes=HEADER),
    uproot.AsJagged(uproot.AsDtype((">f4", (2,))), header_bytes=HEADER),
    uproot.AsDtype(">f4"),
])  # fmt: skip
def test_everything_else_is_left_to_uproot(given: Any) -> None:
    assert not Vectors.fits(given)


@pytest.mark.parametrize("size", [1000, 37, 1])
def test_real_events_are_the_same(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    file = require("data/atlas2020_4lep/data_A.4lep.root")
    tree = uproot.open(file, object_cache=None)["mini"]
    names = tuple(name for name in tree.keys() if name.startswith(("lep_", "jet_", "event")))  # noqa: SIM118
    monkeypatch.setattr(reading_root, "BRANCHES", names)
    monkeypatch.setattr(reading_root, "TREE", "mini")
    reader = reading_root.Reader(str(file))
    assert sum(isinstance(reader.tree[name].interpretation, Vectors) for name in names) > 10
    for start in range(0, tree.num_entries, size):
        chunk = Chunk(0, str(file), start, min(start + size, tree.num_entries))
        events, wanted = (
            reader.read(chunk.start, chunk.stop),
            tree.arrays(names, None, entry_start=chunk.start, entry_stop=chunk.stop),
        )
        for name in names:
            assert events[name].type == wanted[name].type
            assert ak.array_equal(events[name], wanted[name], equal_nan=True)
