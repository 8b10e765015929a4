"""Symbols by name: in LaTeX's math mode, and as a character (or letters) elsewhere."""

import re
from typing import NamedTuple

from codegen.tables.pieces import Phrase, Symbol, Upright, Words


class Glyph(NamedTuple):
    """A symbol in LaTeX's math mode and in Unicode."""

    latex: str
    plain: str


SYMBOLS: dict[str, Glyph] = {
    "p": Glyph("p", "p"), "E": Glyph("E", "E"), "m": Glyph("m", "m"), "eta": Glyph(r"\eta", "η"),
    "phi": Glyph(r"\phi", "φ"), "y": Glyph("y", "y"), "q": Glyph("q", "q"), "d": Glyph("d", "d"), "z": Glyph("z", "z"),
    "sigma": Glyph(r"\sigma", "σ"), "theta": Glyph(r"\theta", "θ"), "tau": Glyph(r"\tau", "τ"), "D": Glyph("D", "D"),
    "N": Glyph("N", "N"), "H": Glyph("H", "H"), "Z": Glyph("Z", "Z"), "W": Glyph("W", "W"), "t": Glyph("t", "t"),
    "I": Glyph("I", "I"), "S": Glyph(r"\mathcal{S}", "S"), "lepton": Glyph(r"\ell", "ℓ"), "electron": Glyph("e", "e"),
    "muon": Glyph(r"\mu", "μ"), "photon": Glyph(r"\gamma", "γ"), "jet": Glyph("j", "j"), "b": Glyph("b", "b"),
    "sum": Glyph(r"\textstyle\sum", "Σ"), "deltaR": Glyph(r"\Delta R", "ΔR"),
    "deltaphi": Glyph(r"\Delta\phi", "Δφ"), "deltaeta": Glyph(r"\Delta\eta", "Δη"),
}  # fmt: skip

_T: Phrase = (Upright("T"),)
MET = Symbol("E", _T, (Upright("miss"),))

FIELD_SYMBOLS: dict[str, Phrase] = {
    "pt": (Symbol("p", _T),), "et": (Symbol("E", _T),), "energy": (Symbol("E"),), "mass": (Symbol("m"),),
    "eta": (Symbol("eta"),), "phi": (Symbol("phi"),), "rapidity": (Symbol("y"),), "charge": (Symbol("q"),),
    "d0": (Symbol("d", (Words("0"),)),), "z0": (Symbol("z", (Words("0"),)),), "dz": (Symbol("d", (Symbol("z"),)),),
    "tau21": (Symbol("tau", (Words("21"),)),), "tau32": (Symbol("tau", (Words("32"),)),),
    "d2": (Symbol("D", (Words("2"),)),), "n_tracks": (Symbol("N", (Upright("tracks"),)),),
    "n_constituents": (Symbol("N", (Upright("constituents"),)),),
    "track_isolation": (Symbol("I", (Upright("track"),)),),
    "calo_isolation": (Symbol("I", (Upright("calo"),)),), "jvt": (Upright("JVT"),),
    "sip3d": (Upright("SIP", (Upright("3D"),)),),
    "n_vertices": (Symbol("N", (Upright("vertices"),)),), "met_significance": (Symbol("S", MET.above),),
    "btag": (Upright("b-tag score"),), "ctag": (Upright("c-tag score"),), "isolation": (Upright("isolation"),),
}  # fmt: skip

CONSTANT_SYMBOLS: dict[str, Phrase] = {
    "mZ": (Symbol("m", (Symbol("Z"),)),), "mW": (Symbol("m", (Symbol("W"),)),), "mH": (Symbol("m", (Symbol("H"),)),),
    "mTop": (Symbol("m", (Symbol("t"),)),), "mTau": (Symbol("m", (Symbol("tau"),)),),
    "mMuon": (Symbol("m", (Symbol("muon"),)),), "mElectron": (Symbol("m", (Symbol("electron"),)),),
}  # fmt: skip

# collections whose members have a letter; any other keeps its name
MEMBERS: dict[str, str] = {
    "electrons": "electron", "muons": "muon", "leptons": "lepton", "photons": "photon", "jets": "jet", "taus": "tau",
    "bjets": "b", "b_jets": "b",
}  # fmt: skip
_COMPOSITES: dict[str, str] = {"higgs": "H", "z": "Z", "w": "W", "top": "t", "h": "H"}
_SUBSCRIPTS: dict[str, tuple[str, ...]] = {
    "l": ("lepton",), "ll": ("lepton", "lepton"), "yy": ("photon", "photon"), "mumu": ("muon", "muon"),
    "ee": ("electron", "electron"), "jj": ("jet", "jet"), "bb": ("b", "b"), "tautau": ("tau", "tau"),
    "lj": ("lepton", "jet"),
    "y": ("photon",), "gg": ("photon", "photon"), "emu": ("electron", "muon"),
}  # fmt: skip
_HEADS: dict[str, Phrase] = {
    "m": (Symbol("m"),), "pt": (Symbol("p", _T),), "mt": (Symbol("m", _T),), "et": (Symbol("E", _T),),
    "eta": (Symbol("eta"),), "dr": (Symbol("deltaR"),), "dphi": (Symbol("deltaphi"),), "deta": (Symbol("deltaeta"),),
    "n": (Symbol("N"),), "ht": (Symbol("H", _T),), "st": (Upright("S", _T),),
    "mll": (Symbol("m", (Symbol("lepton"),) * 2),),
    "myy": (Symbol("m", (Symbol("photon"),) * 2),),
}  # fmt: skip
_VARIABLE = re.compile(r"(?P<head>m|pt|mt)(?P<rest>\d*(?:l|ll|yy|mumu|ee|jj|bb|lj)?|\d+)", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<stem>[A-Za-z]+?)_?(?P<number>\d+)")


def find_composite(name: str) -> Phrase:
    """The symbol of a candidate: Z₁ for z1, H for higgs, else its name."""
    match = _NUMBERED.fullmatch(name)
    stem, number = (match["stem"], match["number"]) if match else (name, "")
    letter = _COMPOSITES.get(stem.lower())
    below = (Words(number),) if number else ()
    if letter is not None:
        return (Symbol(letter, below),)
    if name.lower() in ("diphoton", "dilepton", "dijet", "dimuon"):
        return (Symbol({"p": "photon", "l": "lepton", "j": "jet", "m": "muon"}[name.lower()[2]]),) * 2
    if stem.lower() == "lq":
        return (Upright("LQ", below),)
    return (Upright(name),)


def find_variable(name: str) -> Phrase:
    """The symbol of a named variable: m with subscript 4ℓ for m4l, p_T with subscript γγ for pt_yy, else its name."""
    if name.lower() in ("h_t", "s_t"):
        return _HEADS[name.lower().replace("_", "")]
    match = _VARIABLE.fullmatch(name)
    if match is not None and match["rest"]:
        return _add(_HEADS[match["head"].lower()], _read_subscript(match["rest"]))
    head, _, rest = name.partition("_")
    known = _HEADS.get(head.lower())
    if known is None or not (rest or head.lower() in ("ht", "st", "mll", "myy")):
        return (Upright(name),)
    below: Phrase = ()
    for word in rest.split("_") if rest else ():
        below += (*((Words(","),) if below else ()), *_read_subscript(word))
    return _add(known, below)


def _add(head: Phrase, more: Phrase) -> Phrase:
    """The symbol with more below it, or above it where something stands below already."""
    symbol = head[0]
    if not more or not isinstance(symbol, Symbol | Upright):
        return head
    if not symbol.below:
        return (type(symbol)(*_name(symbol), more, symbol.above),)
    return (type(symbol)(*_name(symbol), symbol.below, more),)


def _name(symbol: Symbol | Upright) -> tuple[str]:
    return (symbol.name,) if isinstance(symbol, Symbol) else (symbol.text,)


def _read_subscript(text: str) -> Phrase:
    match = re.fullmatch(r"(?P<number>\d*)(?P<word>[A-Za-z]*)", text)
    if match is None:
        return (Upright(text),)
    number: Phrase = (Words(match["number"]),) if match["number"] else ()
    word = match["word"]
    if word.lower() in _SUBSCRIPTS:
        return (*number, *(Symbol(s) for s in _SUBSCRIPTS[word.lower()]))
    if word.lower() == "lq":
        return (*number, Upright("LQ"))
    return (*number, Upright(word)) if word else number
