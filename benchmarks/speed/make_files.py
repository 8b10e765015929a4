"""Large event files in the layout of ATLAS Open Data: real or generated events, repeated with new event numbers.

    python -m benchmarks.speed.make_files data_*.root --events 1000000 --out mini.root --root-python PYTHON

uproot writes no `std::vector` branches, so ROOT does it, in an environment of its own (`pip install root`): the Python
that has it is `--root-python` or PAPERFILTER_ROOT_PYTHON. Without one, lists become arrays with counters.
"""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from benchmarks.speed.counted_writer import Branch, write_counted
from schemas.errors import DataError

TREE = "mini"
# what uproot calls a type, and what C++ does; "[]" is an array with a counter, which becomes a vector
TYPES = {"float": "float", "int32_t": "int", "uint32_t": "unsigned int", "bool": "bool"}
INTERPRETATIONS = {
    kind: f"AsJagged(AsDtype('{dtype}'), header_bytes=10)"
    for kind, dtype in {"float": ">f4", "int": ">i4", "unsigned int": ">u4", "bool": "bool"}.items()
}
"""How uproot reads a `std::vector` branch of each type: ten bytes of header before the values of every event."""


def make_file(
    sources: Sequence[Path], target: Path, events: int, root_python: str | None, branches: Sequence[str] = ()
) -> None:
    """Repeat the events of some files, in order, until there are so many; event numbers count from 1.

    Only branches that all the files have are written, of these only the named ones when there are names. ROOT writes
    lists as `std::vector`; without a Python that has it, uproot writes arrays with counters.
    Raises DataError when a file has no tree `mini` or ROOT cannot be run.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, described = _unpack(sources, folder, frozenset(branches))
        if root_python is None:
            write_counted(folder, TREE, rows, events, described, target)
            return
        layout = {"tree": TREE, "rows": rows, "events": events, "branches": [b._asdict() for b in described]}
        (folder / "layout.json").write_text(json.dumps(layout), encoding="utf-8")
        writer = Path(__file__).with_name("root_writer.py")
        try:
            done = subprocess.run(  # noqa: S603
                [root_python, "-W", "ignore", str(writer), str(folder), str(target)],
                capture_output=True, text=True, errors="replace", check=False,
            )  # fmt: skip
        except OSError as error:
            raise DataError(f"{root_python} cannot be run ({error.strerror}); name a Python that has ROOT") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise DataError(f"{root_python} could not write {target}: {last}; is ROOT installed there (pip install root)?")
    check_layout(target)


def check_layout(path: Path) -> None:
    """Raises DataError when a branch with one list per event is not stored as a `std::vector`."""
    import uproot

    with uproot.open(path) as file:
        for name, branch in file[TREE].items():
            text = str(branch.interpretation)
            if "Jagged" in text and text not in INTERPRETATIONS.values():
                raise DataError(f"{path}: branch {name} is stored as {branch.typename}, not as a vector: {text}")


def _unpack(sources: Sequence[Path], folder: Path, wanted: frozenset[str]) -> tuple[int, list[Branch]]:
    """The events of some files as flat arrays in a folder: their number, and the branches that all files have."""
    import awkward as ak
    import uproot

    trees = []
    for path in sources:
        try:
            trees.append(uproot.open(path)[TREE])
        except Exception as error:
            raise DataError(f"{path} cannot be read as a ROOT file with the tree {TREE}: {error}") from error
    described: list[Branch] = []
    counters = {f"n{name}" for name in trees[0].keys()}  # noqa: SIM118 - as uproot names them
    for name, branch in trees[0].items():
        if (wanted and name not in wanted) or name in counters or not all(name in tree for tree in trees):
            continue
        kind = branch.typename.removeprefix("std::vector<").removesuffix(">").removesuffix("[]")
        if kind not in TYPES:
            raise DataError(f"{sources[0]}: branch {name} has the type {branch.typename}, which is not written")
        jagged = kind != branch.typename
        values = ak.concatenate([tree[name].array() for tree in trees])
        if jagged:
            counts = np.asarray(ak.num(values))
            np.save(folder / f"{name}.offsets.npy", np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))
        stored = "unsigned int" if name.endswith("_n") else TYPES[kind]  # counters are unsigned in the published files
        dtype = {"float": np.float32, "int": np.int32, "unsigned int": np.uint32, "bool": np.bool_}[stored]
        np.save(folder / f"{name}.npy", np.asarray(ak.flatten(values, axis=None)).astype(dtype))
        described.append(Branch(name, stored, jagged))
    return sum(int(tree.num_entries) for tree in trees), described


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--events", type=click.IntRange(1), default=1_000_000, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="the file to write")
@click.option("--branch", "branches", multiple=True, help="write only this branch; may be repeated")
@click.option("--root-python", envvar="PAPERFILTER_ROOT_PYTHON", help="a Python that has ROOT, for std::vector")
def main(sources: tuple[Path, ...], events: int, out: Path, branches: tuple[str, ...], root_python: str | None) -> None:
    """Repeat the events of SOURCES until there are enough."""
    try:
        make_file(sources, out, events, root_python, branches)
    except DataError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{out}: {events} events, {out.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
