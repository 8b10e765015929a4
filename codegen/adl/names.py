"""Names that every ADL interpreter takes: letters and digits, no keyword, and no index in disguise (`jets_1`)."""

import re
from collections.abc import Iterable
from keyword import iskeyword

from schemas.names import RESERVED

# Words that CutLang's grammar or the conventions of ADL give a meaning of their own, in lower case.
_TAKEN = frozenset({
    "def", "define", "cmd", "cut", "select", "reject", "obj", "object", "algo", "region", "algorithm", "info",
    "take", "using", "histo", "histolist", "weight", "table", "bin", "bins", "sort", "save", "print", "csv",
    "counts", "process", "composite", "union", "comb", "perm", "alias", "daughters", "constituents", "gen", "ele",
    "electron", "muo", "muon", "tau", "trk", "track", "pho", "photon", "jet", "fjet", "fatjet", "bjet", "qgjet",
    "lep", "met", "metlv", "missinget", "hlt", "index", "btag", "ctag", "tautag", "pdgid", "flavor", "ptcone",
    "etcone", "vertex", "tight", "medium", "loose", "dxy", "dz", "phi", "rap", "eta", "abseta", "theta", "pt", "pz",
    "dr", "dphi", "deta", "cross", "dot", "size", "count", "numof", "nbj", "fht", "anyof", "allof", "all", "none",
    "and", "or", "not", "ave", "sum", "add", "tan", "sin", "cos", "exp", "log", "delta", "abs", "sqrt", "min",
    "max", "ascend", "descend", "on", "off", "true", "false", "id", "title", "lumi", "doi", "le", "ge", "lt", "gt",
    "eq", "ne", "mass", "interp", "pairs", "members", "role", "assign", "leading", "sign", "overlaps", "minimise",
    "stat", "syst", "outputs",
})  # fmt: skip


def make_name(wanted: str, taken: Iterable[str]) -> str:
    """A name like the wanted one that ADL takes and that is not taken (without regard to case)."""
    name = re.sub(r"_+(?=\d|_|$)", "", re.sub(r"[^A-Za-z0-9_]", "_", wanted)).strip("_")
    if not name or not name[0].isalpha():
        name = f"my{name}"
    if len(name) < 2 or name.lower() in _TAKEN:
        name = f"my{name[0].upper()}{name[1:]}"
    used = {t.lower() for t in taken}
    free, k = name, 0
    while free.lower() in used:
        k += 1
        free = name + "abcdefghijklmnopqrstuvwxyz"[k % 26] * (1 + k // 26)
    return free


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A name like the wanted one that the criteria take: no word of the expression language, and not used yet."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", wanted).strip("_")
    if not name or not name[0].isalpha():
        name = f"my_{name}".rstrip("_")
    used = set(taken)
    free, k = name, 1
    while free in used or free in RESERVED or iskeyword(free):
        k += 1
        free = f"{name}_{k}" if name in used else f"my_{name}" if k == 2 else f"my_{name}_{k}"
    return free
