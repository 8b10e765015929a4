"""Which closed variables a printed symbol or noun can mean: used to refuse a number that belongs to another variable.

Only what is unmistakable is here. An unknown symbol means nothing and refuses nothing.
"""

import re
from functools import lru_cache

_SYMBOLS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^(?:N|n)(?:_|$|\()|^#", ("n",)),
    (r"^\|?Δη", ("deltaeta", "abs_deltaeta")),
    (r"^\|?Δy|^\|?y\b|^\|y", ("abs_rapidity",)),
    (r"^\|?Δ(?:φ|Φ|phi)", ("deltaphi", "abs_deltaphi")),
    (r"^Δ(?:R|r)", ("deltaR", "radius")),
    (r"^\|?η|^\|eta", ("eta", "abs_eta")),
    (r"^\|?φ", ("phi",)),
    (r"^\|?d_?0?.*σ|^S\(?d|^\|?d_\{?(?:0|xy)\}?\|?/", ("d0_sig",)),
    (r"^\|?d_\{?(?:0|xy)|^\|?IP_?\{?(?:2D|xy)", ("d0", "d0_sig")),
    (r"^\|?(?:Δ?z_?\{?0|d_\{?z|Δz)", ("z0", "z0_sintheta", "dz")),
    (r"^[EpP]_?\{?T[^/]*(?:miss)|^MET|^[⃗]?[EpP]_?\{?T\}?\^\{?miss", ("met",)),
    (r"^(?:p|P)_?\{?T|^p_\{T", ("pt", "et", "p")),
    (r"^E_?\{?T", ("et", "pt", "energy")),
    (r"^H_?\{?T[^/]*miss", ("ht", "met")),
    (r"^H_?\{?T", ("ht",)),
    (r"^S_?\{?T|^L_?\{?T", ("st", "ht")),
    (r"^[mM]_?\{?T2", ("mt2",)),
    (r"^[mM]_?\{?T(?![a-z])", ("mt",)),
    (r"^m_?\{?eff", ("meff",)),
    (r"^\|?[mM](?:_|\(|\d|$|[^\W_])", ("mass",)),
    (r"^χ", ("chi2",)),
    (r"^R$", ("radius", "deltaR")),
)  # fmt: skip
_NOUNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"impact[- ]parameter significances?", ("d0_sig",)),
    (r"longitudinal (?:impact parameter|distance)", ("z0", "z0_sintheta", "dz")),
    (r"(?:transverse|radial) (?:impact parameter|distance)", ("d0", "d0_sig")),
    (r"impact parameters?", ("d0", "d0_sig", "z0", "z0_sintheta", "dz")),
    (r"missing transverse (?:momentum|energy)", ("met",)),
    (r"azimuthal (?:angles?|angular|separations?|distances?|differences?)", ("deltaphi", "abs_deltaphi")),
    (r"angular (?:separations?|distances?)", ("deltaR",)),
    (r"transverse masse?s?", ("mt", "mass")),
    (r"transverse moment(?:um|a)", ("pt", "et", "ratio_pt_mass")),
    (r"transverse energ(?:y|ies)", ("et", "pt", "energy")),
    (r"(?<!absolute )pseudorapidit(?:y|ies)(?! (?:separation|difference|gap))", ("eta", "abs_eta")),
    (r"pseudorapidity (?:separation|difference|gap)", ("deltaeta", "abs_deltaeta")),
    (r"invariant mass(?:es)?|(?:di|four-)lepton mass(?:es)?|\bmass(?:es)?(?! (?:of|differ|peak|pole))",
     ("mass",)),
    (r"multiplicit(?:y|ies)", ("n",)),
    (r"azimuth", ("deltaphi", "abs_deltaphi", "phi")),
    (r"(?:radius|distance|size) parameters?", ("radius",)),
    (r"\bseparat(?:ions?|ed)\b|\bdistances?|opening angles?|\bapart\b(?!\sfrom)",
     ("deltaR", "deltaphi", "abs_deltaphi", "deltaeta", "abs_deltaeta", "abs_rapidity")),
)  # fmt: skip
_SYMBOL_TABLE = tuple((re.compile(p), frozenset(v)) for p, v in _SYMBOLS)
_NOUN_TABLE = re.compile("|".join(rf"(?P<n{i}>{p})" for i, (p, _) in enumerate(_NOUNS)), re.IGNORECASE)

DIMENSIONS: dict[str, str] = {
    **dict.fromkeys(("pt", "et", "energy", "p", "mass", "mt", "ht", "st", "met", "meff"), "energy"),
    **dict.fromkeys(("d0", "dz", "z0", "z0_sintheta"), "length"),
    **dict.fromkeys(
        ("eta", "abs_eta", "abs_rapidity", "d0_sig", "n", "charge", "deltaR", "deltaeta", "abs_deltaeta", "chi2",
         "ratio_pt_mass", "radius", "jvt", "btag", "id"), "one"),
    **dict.fromkeys(("phi", "deltaphi", "abs_deltaphi"), "angle"),
}  # fmt: skip
# Variables that are never printed as a ratio or a sum of others.
_PLAIN = frozenset((
    "pt", "et", "energy", "p", "mass", "mt", "met", "eta", "abs_eta", "phi", "d0", "dz", "z0", "z0_sintheta",
    "deltaR", "deltaphi", "abs_deltaphi", "deltaeta", "abs_deltaeta", "abs_rapidity", "d0_sig",
))  # fmt: skip
# What an own name of a variable must have in it to be the printed closed variable.
_WORDS = {
    **dict.fromkeys(("pt", "et", "met", "p", "energy"), r"p_?\{?t|e_?\{?t|moment|energ|^p$"),
    "mt": r"transverse.?mass|m_?\{?t(?!2)",
    "mt2": r"t_?2",
    **dict.fromkeys(("mass",), r"mass|(?:^|[\W_])m(?:[\W_\d]|$)|^m|window"),
    **dict.fromkeys(("eta", "abs_eta"), r"eta|η|rapidit"),
    **dict.fromkeys(("deltaeta", "abs_deltaeta"), r"delta|Δ|differ|separat|gap"),
    **dict.fromkeys(("deltaphi", "abs_deltaphi"), r"delta|Δ|differ|separat|angle|phi|φ"),
    **dict.fromkeys(("deltaR",), r"delta|Δ|dr\b|separat|distance|cone|radius|size"),
}  # fmt: skip
# What a symbol shows only in part: a ratio, a sum or a significance is printed with its parts.
_COMPOSED: dict[str, frozenset[str]] = {
    "isolation": frozenset(("composed", "pt", "et", "energy", "p")),
    "ratio_pt_mass": frozenset(("composed", "pt", "et")),
    "met_significance": frozenset(("composed", "met", "ht")),
    **dict.fromkeys(("chi2", "id", "jvt", "btag", "meff", "st", "ht"), frozenset(("composed",))),
}


@lru_cache(maxsize=2048)
def name_symbol(symbol: str) -> frozenset[str]:
    """The closed variables that a symbol can mean; empty when it is not clear."""
    plain = symbol.replace("⃗", "").strip()
    for pattern, names in _SYMBOL_TABLE:
        if pattern.search(plain):
            return names
    return frozenset()


def name_noun(words: str) -> frozenset[str]:
    """The closed variables that the last quantity noun of a phrase can mean; empty when there is none."""
    last: frozenset[str] = frozenset()
    for match in _NOUN_TABLE.finditer(words):
        last = frozenset(_NOUNS[int((match.lastgroup or "n0")[1:])][1])
    return last


def contradicts(variable: str, printed: frozenset[str], subject: str = "") -> bool:
    """Whether the printed symbol clearly is another closed variable than the one that is claimed.

    A variable in the paper's own words must share a word with a printed closed one: `other:f1` is no Δη.
    """
    if subject == "met" and variable in ("pt", "et"):
        variable = "met"
    if not printed or printed & _COMPOSED.get(variable, frozenset()):
        return False
    if variable == "deltaR" and {"eta", "phi"} <= printed:
        return False
    if printed == {"composed"} and variable not in _PLAIN:
        return False
    if variable.startswith("other:n_"):
        return "n" not in printed
    if variable.startswith("other:"):
        return not any(re.search(_WORDS.get(p, "."), variable[6:], re.IGNORECASE) for p in printed)
    return variable not in printed
