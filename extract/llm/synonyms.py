"""Other spellings of the closed lists, as models write them; only those that can mean one thing."""

import math
import re
from functools import cache

from schemas.errors import CriteriaError
from schemas.units import find_unit
from schemas.vocabulary import SUBJECTS, VARIABLES

NOTHING = frozenset(
    ("", "none", "null", "n/a", "na", "nan", "-", "–", "nothing", "not specified", "unspecified", "dimensionless")
)

NONE_SAYS_SOMETHING = frozenset(("closed",))  # fields of which "none" is a word

KEYS: dict[str, str] = {
    "quotes": "quote", "evidence": "quote", "text": "quote", "quotation": "quote",
    "op": "operator", "comparison": "operator", "relation": "operator", "sign": "operator",
    "object": "subject", "threshold": "value", "values": "value", "label": "value", "number": "value",
    "units": "unit", "quantity": "variable", "observable": "variable",
    "second_object": "second_subject", "subject2": "second_subject", "subject_2": "second_subject",
    "partner": "second_subject",
    "subject_other": "other_subject", "variable_other": "other_variable",
    "second_subject_other": "other_second_subject",
    "min": "low", "lower": "low", "minimum": "low", "max": "high", "upper": "high", "maximum": "high",
    "region": "scope", "category": "scope", "channel": "scope", "conditions": "condition", "when": "condition",
    "cite": "cites", "citation": "cites", "citations": "cites", "page_number": "page", "action": "effect",
}  # fmt: skip

STAGES: dict[str, str] = {
    **{s: s for s in ("trigger", "object", "overlap", "candidate", "event", "region", "definition")},
    "overlap_removal": "overlap", "objects": "object", "events": "event", "preselection": "event",
    "event_selection": "event", "object_selection": "object", "category": "region", "regions": "region",
    "signal_region": "region", "control_region": "region", "validation_region": "region", "selection": "event",
    "event_preselection": "event", "identification": "object", "reconstruction": "object",
    "pair": "candidate", "candidates": "candidate",
    "definitions": "definition", "define": "definition", "triggers": "trigger",
}  # fmt: skip

EFFECTS: dict[str, str] = {
    **{e: e for e in ("keep", "remove_object", "reject_event", "choose", "define")},
    "kept": "keep", "accept": "keep", "select": "keep", "retain": "keep", "require": "keep", "required": "keep",
    "pass": "keep",
    "remove": "remove_object", "removed": "remove_object", "removes_object": "remove_object",
    "object_removed": "remove_object",
    "discard_object": "remove_object", "drop_object": "remove_object", "reject_object": "remove_object",
    "reject_events": "reject_event", "veto": "reject_event", "event_veto": "reject_event", "veto_event": "reject_event",
    "event_rejected": "reject_event", "remove_event": "reject_event", "discard_event": "reject_event",
    "chosen": "choose", "chooses": "choose", "definition": "define", "defines": "define", "classify": "define",
}  # fmt: skip

SOURCES: dict[str, str] = {
    "prose": "prose", "text": "prose", "footnote": "prose", "paragraph": "prose", "table": "table", "cell": "table",
    "caption": "caption",
}  # fmt: skip

CLOSED: dict[str, str] = {
    "none": "none", "open": "none", "neither": "none", "exclusive": "none", "inclusive": "both",
    "left": "left", "right": "right", "both": "both", "closed": "both",
}  # fmt: skip

VERDICTS: dict[str, str] = {
    **{v: v for v in ("selection", "condition", "no_selection")},
    "not_selection": "no_selection", "none": "no_selection", "no": "no_selection", "false": "no_selection",
    "yes": "selection", "true": "selection",
}  # fmt: skip

OPERATOR_WORDS: dict[str, str] = {
    **dict.fromkeys((">", "gt", "greater than", "greater", "above", "larger than", "more than", "exceeds", "exceed",
        "over"), ">"),
    **dict.fromkeys(("≥", "⩾", "=>", ">=", "ge", "gte", "at least", "greater than or equal", "greater than or equal to",
                     "not less than", "no less than"), ">="),
    **dict.fromkeys(("<", "lt", "less than", "less", "below", "smaller than", "lower than", "fewer than", "under"),
        "<"),
    **dict.fromkeys(("≤", "⩽", "=<", "<=", "le", "lte", "at most", "less than or equal", "less than or equal to",
                     "not more than", "no more than", "up to"), "<="),
    **dict.fromkeys(("=", "==", "eq", "equal", "equals", "equal to", "is", "exactly"), "=="),
    **dict.fromkeys(("≠", "!=", "<>", "ne", "not equal", "not equal to", "is not"), "!="),
    **dict.fromkeys(("range", "in range", "in the range", "inside", "between and", "window", "in between"), "between"),
    **dict.fromkeys(("not between", "not in range", "excluding", "outside of", "exclude range"), "outside"),
    **dict.fromkeys(("one of", "any of", "in list"), "in"),
    **dict.fromkeys(("passes", "passed", "satisfies", "satisfy", "fulfils", "meets"), "pass"),
    **dict.fromkeys(("fails", "failed", "not pass", "does not pass"), "fail"),
    **dict.fromkeys(("minimize", "closest", "closest to", "nearest", "smallest", "lowest"), "minimise"),
    **dict.fromkeys(("maximize", "largest", "highest"), "maximise"),
    **dict.fromkeys(("ordering", "priority", "ordered", "sort"), "order"),
}  # fmt: skip

_SUBJECT_WORDS: dict[str, str] = {
    "e": "electron", "μ": "muon", "mu": "muon", "ℓ": "lepton", "l": "lepton", "γ": "photon", "j": "jet", "b": "b-jet",
    "bjet": "b-jet", "b_jet": "b-jet", "b-tagged jet": "b-jet", "b-tagged_jet": "b-jet", "c_jet": "c-jet",
    "τ": "tau", "tau lepton": "tau",
    "hadronic tau": "tau", "large-r jet": "fat-jet", "large-radius jet": "fat-jet", "fat jet": "fat-jet",
    "fatjet": "fat-jet",
    "etmiss": "met", "e_t^miss": "met", "e_t^{miss}": "met", "missing transverse momentum": "met",
    "missing transverse energy": "met",
    "missing et": "met", "ptmiss": "met", "primary vertex": "vertex", "pv": "vertex", "events": "event",
    "w boson": "w-boson", "z boson": "z-boson", "w": "w-boson", "z": "z-boson", "higgs boson": "higgs",
    "top quark": "top",
    "dimuon": "dilepton", "dielectron": "dilepton", "lepton pair": "dilepton", "jet pair": "dijet",
    "photon pair": "diphoton",
    "third lepton": "third_lepton", "fourth lepton": "fourth_lepton",
}  # fmt: skip

_VARIABLE_WORDS: dict[str, str] = {
    "p_t": "pt", "transverse momentum": "pt", "pt": "pt", "e_t": "et", "transverse energy": "et", "|eta|": "abs_eta",
    "|η|": "abs_eta", "abs(eta)": "abs_eta", "abseta": "abs_eta", "η": "eta", "pseudorapidity": "eta", "φ": "phi",
    "ϕ": "phi",
    "m": "mass", "invariant mass": "mass", "inv_mass": "mass", "m_t": "mt", "transverse mass": "mt", "h_t": "ht",
    "s_t": "st",
    "etmiss": "met", "e_t^miss": "met", "e_t^{miss}": "met", "missing transverse momentum": "met", "met_pt": "met",
    "m_eff": "meff",
    "d_0": "d0", "z_0": "z0", "d_z": "dz", "|d_0|": "d0", "|z_0|": "z0", "d0_significance": "d0_sig",
    "d0/sigma": "d0_sig",
    "|d_0|/σ(d_0)": "d0_sig", "|z_0 sin θ|": "z0_sintheta", "z0sintheta": "z0_sintheta", "z_0 sin θ": "z0_sintheta",
    "count": "n", "multiplicity": "n", "number": "n", "identification": "id", "quality": "id", "working point": "id",
    "iso": "isolation", "b-tag": "btag", "b_tag": "btag", "b-tagging": "btag", "dr": "deltaR", "δr": "deltaR",
    "delta_r": "deltaR",
    "deltar": "deltaR", "dphi": "deltaphi", "δφ": "deltaphi", "delta_phi": "deltaphi", "|δφ|": "abs_deltaphi",
    "deta": "deltaeta", "δη": "deltaeta", "delta_eta": "deltaeta", "|δη|": "abs_deltaeta", "flavor": "flavour",
    "sign": "charge", "chi^2": "chi2", "χ^2": "chi2", "energy": "energy", "momentum": "p",
    "met significance": "met_significance",
    "|y|": "abs_rapidity", "radius parameter": "radius", "pt/mass": "ratio_pt_mass",
}  # fmt: skip

_UNIT_BEHIND = re.compile(r"^(?P<plain>.+?)[\s_]*[\[(]?\s*(?P<unit>[A-Za-zμµ%°][\w/^{}²μµ%°-]*)\s*[\])]?$")
_NUMBER = re.compile(r"[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?")
_FRACTION = re.compile(r"(?P<above>\d{1,6})?\s?(?P<pi>π|pi)?(?:\s?/\s?(?P<below>[1-9]\d{0,5}))?")
_WORD_NUMBERS = {
    w: float(i)
    for i, w in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve"))
}  # fmt: skip


def read_number(text: str) -> float | None:
    """A number in digits or as a word; None for anything else, also for what is not finite."""
    plain = text.strip()
    if plain.lower() in _WORD_NUMBERS:
        return _WORD_NUMBERS[plain.lower()]
    if _NUMBER.fullmatch(plain) is None:
        return _read_fraction(plain)
    number = float(plain.replace("−", "-").replace(",", ""))
    return number if math.isfinite(number) else None


def _read_fraction(text: str) -> float | None:
    """ "1/3", "π/2", "2π/3"; None for anything else."""
    found = _FRACTION.fullmatch(text)
    if found is None or not (found["above"] or found["pi"]) or not (found["pi"] or found["below"]):
        return None
    value = float(found["above"] or 1) * (math.pi if found["pi"] else 1.0) / float(found["below"] or 1)
    return value if math.isfinite(value) else None


def split_unit(text: str) -> tuple[str, str | None]:
    """ "25 GeV" and "pt [GeV]" as what they say and their unit; a last word that is no unit stays."""
    if re.fullmatch(r"[-+−]?[\d.]+\s?(?:%|°)", text.strip()):
        plain = text.strip()
        return plain[:-1].strip(), plain[-1]
    found = _UNIT_BEHIND.match(text.strip())
    if found is not None and len(found["unit"]) > 1:
        try:
            find_unit(found["unit"])
        except CriteriaError:
            return text.strip(), None
        return found["plain"].strip(" _[("), found["unit"]
    return text.strip(), None


@cache
def name_subject(words: str) -> str | None:
    """The subject of the closed list that the words name and nothing more; None for anything else."""
    plain = re.sub(r"\s+", " ", words.strip()).removeprefix("other:").strip()
    lower = plain.lower()
    for spelled in (
        lower,
        lower.replace(" ", "_"),
        lower.replace("_", " "),
        lower.rstrip("s"),
        lower.rstrip("s").replace(" ", "_"),
    ):
        if spelled in SUBJECTS:
            return spelled
        if spelled in _SUBJECT_WORDS:
            return _SUBJECT_WORDS[spelled]
    ranked = re.fullmatch(r"(leading|sub-?leading|third|fourth)[ _-](.+)", lower)
    if ranked:
        kind = name_subject(ranked[2])
        name = f"{ranked[1].replace('-', '')}_{kind}"
        return name if name in SUBJECTS else None
    return None


@cache
def name_variable(words: str) -> str | None:
    """The variable of the closed list that the words name; None for anything else."""
    plain = re.sub(r"\s+", " ", words.strip()).removeprefix("other:").strip()
    lower = plain.lower()
    for spelled in (plain, lower, lower.replace(" ", "_"), lower.replace("_", " ")):
        if spelled in VARIABLES:
            return spelled
        if spelled in _VARIABLE_WORDS:
            return _VARIABLE_WORDS[spelled]
    return None
