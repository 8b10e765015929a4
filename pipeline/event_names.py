"""What files call the quantities of whole events: the numbers of an event, missing momentum, weights."""

import re
from itertools import product

NUMBER = ("", "number", "num", "no", "nr", "id")
# what a number of the key counts -> what formats call it, in lower case without separators
KEY_STEMS = {
    "run": ("run",), "event": ("event", "evt", "ev"), "lumi": ("luminosityblock", "lumiblock", "lumi", "lumisection",
    "luminosity", "ls", "lbn"), "channel": ("channel", "mcchannel", "dsid", "dataset", "sample"),
}  # fmt: skip
_ALONE = {"ev": False, "channel": False, "sample": False, "dataset": False}  # words that say nothing without a number
KEYS = {
    stem + number: meaning
    for meaning, stems in KEY_STEMS.items()
    for stem, number in product(stems, NUMBER)
    if number or _ALONE.get(stem, True)
}


def find_key_meaning(name: str) -> str | None:
    """run, event, lumi or channel for the name of a branch that says so, else None."""
    return KEYS.get(make_plain(name))


def make_plain(name: str) -> str:
    """The last part of a name in lower case without separators."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit("/", 1)[-1].rsplit("AuxDyn.", 1)[-1].lower())


_MET = ("met", "etmiss", "misset", "missinget", "ptmiss", "misspt", "missingpt", "mpt", "missingenergy", "misse")
_KINDS = ("", "puppi", "pf", "type1", "reco", "corrected", "final", "calo", "nominal", "ev", "event")
_ENDS = ("pt", "et", "met", "", "mag", "mod", "magnitude", "value", "etmiss")
# what formats call the size of the missing transverse momentum, the likeliest first
MET_NAMES = tuple(dict.fromkeys(kind + stem + end for kind, stem, end in product(_KINDS, _MET, _ENDS)))
_WEIGHT = ("weight", "wgt", "wt", "w")
WEIGHT_NAMES = (
    "mcweight", "genweight", "mceventweight", "mceventweights", "eventweight", "weight", "eventweightnominal",
    *(a + w + b for w, a, b in product(
        _WEIGHT, ("", "mc", "gen", "event", "evt", "ev", "total", "nominal", "generator"), ("", "nominal", "nom", "s"),
    )),
)  # fmt: skip


def list_phi_names(name: str) -> tuple[str, ...]:
    """What the direction may be called where the size of the missing transverse momentum has this plain name."""
    stems = (re.sub(r"(pt|et|met|mag|mod|magnitude|value)$", "", name), name, "met")
    return tuple(dict.fromkeys(n for stem in stems if stem for n in (f"{stem}phi", f"phi{stem}")))


def find_event_meaning(name: str) -> str | None:
    """What a branch with one number per event may be: met, weight, or a number of the event key; None when unknown."""
    plain = make_plain(name)
    if plain in MET_NAMES or any(plain in list_phi_names(m) for m in MET_NAMES):
        return "met"
    number = KEYS.get(plain)
    return "weight" if plain in WEIGHT_NAMES else f"{number} number" if number is not None else None
