"""A chunk of events is selected in slices; nothing of what is found depends on their size."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from codegen.templates.slices import join_slices
from tests.codegen.mini_files import Compiled, write_mini
from tests.codegen.test_compile import make_random_events
from tests.schemas.examples import H4L, LEPTOQUARK


@pytest.mark.parametrize("text", [H4L, LEPTOQUARK])
def test_the_size_of_slices_changes_nothing(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_mini(tmp_path / "odd.root", make_random_events(300, seed=5))
    analysis = Compiled(text, tmp_path)
    slice_events, sizes, written = analysis.module.slice_events, [], []

    def count(events: Any, size: int) -> Any:
        for part in slice_events(events, size):
            sizes.append(len(part["lep_pt"]))
            assert part.metadata["entrystop"] - part.metadata["entrystart"] == sizes[-1]
            yield part

    for size in (300, 29, 1):
        monkeypatch.setattr(analysis.module, "slice_events", partial(count, size=size))
        assert analysis.run([file], tmp_path / str(size), watched=frozenset({(1, 7, 1), (1, 200, 1)})).n_events == 300
        names = ("cutflow.json", "histograms.json", "candidates.csv", "values.json")
        written.append([(tmp_path / str(size) / name).read_bytes() for name in names])
    assert sizes == [300, *[29] * 10, 10, *[1] * 300]
    assert written[0] == written[1] == written[2]


def test_a_chunk_without_events(tmp_path: Path) -> None:
    analysis = Compiled(H4L, tmp_path)
    tree = write_mini(tmp_path / "some.root", make_random_events(3, seed=1))
    chunk = analysis.module.read_chunk(analysis.module.Chunk(0, str(tree), 0, 3))
    empty = {name: values[:0] for name, values in chunk.items()}
    chunk.update(empty)
    chunk.metadata["entrystop"] = 0
    (found,) = analysis.module.Analysis().process(chunk).values()
    assert found["keys"].shape == (0, 3)
    assert all(len(last) == 0 for last in found["last"].values())


def test_slices_are_joined_by_what_they_hold() -> None:
    chunk = SimpleNamespace(metadata={"filename": "f", "entrystart": 5})
    one = {
        "keys": np.array([[1, 2]]),
        "last": {"r": np.array([0])},
        "undecided": {"weight": 1},
        "watched": [{"key": [1]}],
    }
    ((place, found),) = join_slices(chunk, [one, one]).items()
    assert place == ("f", 5)
    assert found["keys"].tolist() == [[1, 2], [1, 2]]
    assert found["last"]["r"].tolist() == [0, 0]
    assert (found["undecided"], len(found["watched"])) == ({"weight": 2}, 2)
