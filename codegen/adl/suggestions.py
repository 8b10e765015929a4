"""What to write instead of a word of ADL that the criteria do not have."""

import re
from difflib import get_close_matches

from codegen.adl.words import DISTANCE_OF_WORD, FIELD_OF_WORD, IDENTIFICATION, TAGS
from schemas.fields import FIELDS

# The algorithms that experiments tag jets by. Their scores have different ranges, so that no number cut on one of them
# holds for another; which of them btag and ctag are is said by the data format.
_TAGGER = re.compile(
    r"(?:jet_?|m_)?(?:[bc]_?tag|is_?[bc]tag)\w+|\w*(?:csv|deepb|deepflav|deepjet|particlenet|pnet|robustpart|mv[12]c?\d*"
    r"|dl1|gn[12])\w*|(?:u?part)(?:ak4)?(?:_?[bc]\w*)?",
    re.IGNORECASE,
)
_ALIASES: dict[str, str] = {
    "reliso": "isolation", "iso": "isolation", "pfreliso": "isolation", "pfreliso03_all": "isolation",
    "pfreliso04_all": "isolation", "pfreliso03": "isolation", "pfreliso04": "isolation",
    "minipfreliso_all": "isolation",
    "miniiso": "isolation", "ptvarcone": "ptcone", "topoetcone": "etcone",
    "invmass": "m", "transversemomentum": "pT", "deltar": "dR", "deltaphi": "dPhi", "deltaeta": "dEta", "nof": "size",
    "n": "size", "length": "size", "ht": "fHT", "sip": "sip3d", "ntracks": "n_tracks", "ntrk": "n_tracks",
}  # fmt: skip
_SPELLED: dict[str, str] = {"pt": "pT", "e": "E", "dr": "dR", "dphi": "dPhi", "deta": "dEta", "fht": "fHT"}
_FUNCTIONS = (
    "size", "count", "numof", "anyof", "allof", "fht", "abs", "sqrt", "sin", "cos", "sign", "min", "max", "sum",
    "interp", "hlt", "pdgid", "abseta",
)  # fmt: skip


def is_tagger(word: str) -> bool:
    """Whether a word names one tagging algorithm, as btagDeepB does."""
    return word.lower() not in FIELD_OF_WORD and word not in FIELDS and _TAGGER.fullmatch(word) is not None


def explain_function(word: str) -> str:
    """What is wrong with a function or property that is not known."""
    if is_tagger(word):
        field = "ctag" if re.search(r"ctag|cv[bl]", word, re.IGNORECASE) else "btag"
        return explain_tagger(field)
    if word.lower() in _FUNCTIONS:
        return f"expected other arguments of {_SPELLED.get(word.lower(), word)}"
    numbers = [name for name, kind in FIELDS.items() if kind.kind != "label"]
    known = {w.lower(): w for w in (*_FUNCTIONS, *FIELD_OF_WORD, *DISTANCE_OF_WORD, *IDENTIFICATION, *TAGS, *numbers)}
    alias = _ALIASES.get(word.lower())
    close = [alias] if alias is not None else [known[w] for w in get_close_matches(word.lower(), known, n=2)]
    spelled = [_SPELLED.get(w, w) for w in close]
    if spelled:
        return f"an external function; did you mean {' or '.join(spelled)}?"
    return (
        "an external function, which the criteria do not have; expected size, pT, eta, phi, m, q, E, dR, dPhi or dEta"
    )


def explain_tagger(field: str) -> str:
    """Why one tagging algorithm cannot be asked for by its name."""
    return (
        f"names one tagger, and the criteria do not say which one {field} is; expected {field}_score, where the data "
        f"format has this tagger, or a working point"
    )
