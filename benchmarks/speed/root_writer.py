"""Write a tree with `std::vector` branches, as ATLAS Open Data has them; runs where PyROOT is, without this project.

uproot cannot write such branches: it writes arrays with a counter, which have another layout and are read faster.
The arguments are a folder with one `.npy` file per array, and the file to write. `layout.json` in the folder names the
branches and their types. ROOT's defaults hold for baskets and clusters (32 kB, then sized by the first 30 MB), as for
the published files; these are compressed with zlib, level 1.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

LETTERS = {"float": "F", "int": "I", "unsigned int": "i", "bool": "O"}


def write_code(branches: Sequence[Mapping[str, object]]) -> str:
    """The loop over events, in C++: one variable per branch, filled from flat arrays and offsets."""
    declare, connect, fill, arguments = [], [], [], []
    for number, branch in enumerate(branches):
        name, kind = str(branch["name"]), str(branch["type"])
        stored = "unsigned char" if kind == "bool" else kind
        values, variable = f"v{number}", f"b{number}"
        arguments.append(f"{stored}* {values}")
        if branch["jagged"]:
            arguments.append(f"long* o{number}")
            declare.append(f"std::vector<{kind}> {variable};")
            connect.append(f'tree.Branch("{name}", &{variable});')
            fill.append(f"{variable}.assign({values} + o{number}[row], {values} + o{number}[row + 1]);")
        else:
            declare.append(f"{kind} {variable};")
            connect.append(f'tree.Branch("{name}", &{variable}, "{name}/{LETTERS[kind]}");')
            number_it = name == "eventNumber"
            fill.append(f"{variable} = event + 1;" if number_it else f"{variable} = {values}[row];")
    return "\n".join([
        "void write_tree(const char* path, const char* name, long rows, long events,",
        *(f"    {a}," for a in arguments[:-1]),
        f"    {arguments[-1]}) {{",
        '    TFile file(path, "RECREATE", "", 101);',
        '    TTree tree(name, "events");',
        *(f"    {d}" for d in declare),
        *(f"    {c}" for c in connect),
        "    for (long event = 0; event < events; ++event) {",
        "        const long row = event % rows;",
        *(f"        {f}" for f in fill),
        "        tree.Fill();",
        "    }",
        "    file.Write();",
        "}",
    ])  # fmt: skip


def main(folder: Path, target: Path) -> None:
    """Fill the tree; the events of the folder are repeated in order, with event numbers from 1."""
    import ROOT  # type: ignore[import-not-found]

    layout = json.loads((folder / "layout.json").read_text(encoding="utf-8"))
    arrays = []
    for branch in layout["branches"]:
        values = np.load(folder / f"{branch['name']}.npy")
        values = values.view(np.uint8) if values.dtype == bool else values
        arrays.append(values if len(values) else np.zeros(1, values.dtype))  # an empty array has no address
        if branch["jagged"]:
            arrays.append(np.load(folder / f"{branch['name']}.offsets.npy"))
    ROOT.gROOT.SetBatch(True)
    ROOT.gInterpreter.Declare(write_code(layout["branches"]))
    ROOT.write_tree(str(target), layout["tree"], layout["rows"], layout["events"], *arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
