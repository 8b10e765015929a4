"""The closed lists of a finding. What is not in a list is `other:` followed by the paper's own words."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator

Stage = Literal["trigger", "object", "overlap", "candidate", "event", "region", "definition"]

Operator = Literal[
    ">", ">=", "<", "<=", "==", "!=", "between", "outside", "in", "pass", "fail", "minimise", "maximise", "order"
]  # fmt: skip

# those of a cut: the others belong to a candidate
CutOperator = Literal[">", ">=", "<", "<=", "==", "!=", "between", "outside", "in", "pass", "fail"]

Effect = Literal["keep", "remove_object", "reject_event", "choose", "define"]

Source = Literal["prose", "table", "caption"]

Closed = Literal["none", "left", "right", "both"]

SubjectName = Literal[
    "electron", "muon", "lepton", "photon", "jet", "b-jet", "c-jet", "fat-jet", "tau", "met", "track", "vertex",
    "event", "trigger", "dilepton", "diphoton", "dijet", "quadruplet", "leptoquark", "w-boson", "z-boson",
    "higgs", "top",
    "leading_lepton", "subleading_lepton", "third_lepton", "fourth_lepton",
    "leading_electron", "subleading_electron", "leading_muon", "subleading_muon",
    "leading_photon", "subleading_photon",
    "leading_jet", "subleading_jet", "third_jet", "fourth_jet", "leading_b-jet", "subleading_b-jet",
    "leading_tau", "subleading_tau", "leading_pair", "subleading_pair",
]  # fmt: skip

VariableName = Literal[
    "pt", "et", "energy", "p", "mass", "mt", "ht", "st", "met", "meff", "eta", "abs_eta", "phi", "abs_rapidity",
    "d0", "d0_sig", "dz", "z0", "z0_sintheta", "id", "isolation", "jvt", "btag", "n", "charge", "flavour",
    "deltaR", "deltaphi", "abs_deltaphi", "deltaeta", "abs_deltaeta", "chi2", "met_significance", "ratio_pt_mass",
    "algorithm", "radius",
]  # fmt: skip

SUBJECTS: tuple[str, ...] = get_args(SubjectName)
VARIABLES: tuple[str, ...] = get_args(VariableName)
OPERATORS: tuple[str, ...] = get_args(Operator)


def _subject(name: str) -> str:
    if name in SUBJECTS or (name.startswith("other:") and len(name) > 6):
        return name
    raise ValueError(f"subject '{name}' is neither in the list nor 'other:' with the paper's words")


def _variable(name: str) -> str:
    if name in VARIABLES or (name.startswith("other:") and len(name) > 6):
        return name
    raise ValueError(f"variable '{name}' is neither in the list nor 'other:' with the paper's symbol")


Subject = Annotated[str, AfterValidator(_subject)]
Variable = Annotated[str, AfterValidator(_variable)]
