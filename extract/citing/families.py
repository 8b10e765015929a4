"""Which objects and quantities belong to a delegated definition, in the words and in the findings of the cited work."""

import re
from collections.abc import Sequence

from extract.citing.naming import OVERLAP, SELECTION
from schemas.citation import Delegation
from schemas.finding import Finding, Ramp

_KIN = {"lepton": ("electron", "muon"), "electron": ("lepton",), "muon": ("lepton",), "b-jet": ("jet",)}
_SUBJECT_WORDS = {
    "electron": r"\belectrons?\b|\be\b(?=[±^])", "muon": r"\bmuons?\b|(?<!\w)μ(?!\w)", "lepton": r"\bleptons?\b",
    "photon": r"\bphotons?\b|γ", "jet": r"\bjets?\b",
    "b-jet": r"\bb[- ]?(?:tagg\w+|jets?|quark)|\bb-tag|heavy[- ]flavou?r",
    "c-jet": r"\bc[- ]?(?:tagg\w+|jets?)", "fat-jet": r"large-R|large[- ]radius|fat jets?|\bAK8\b",
    "tau": r"\btaus?\b|τ", "track": r"\btracks?\b", "vertex": r"\bvert(?:ex|ices)\b",
    "met": r"missing transverse|[EpP]_T\^\{?miss\}?|\bMET\b",
}  # fmt: skip
_VARIABLE_WORDS = {
    "isolation": r"isolat(?:ion|ed(?! (?:electrons?|muons?|leptons?|photons?|tracks?|taus?)))|\bcones?\b|[Ii]so\b",
    "id": r"identif|working[- ]point|\bWPs?\b|\bID\b|likelihood|discrimina|quality|\b(?:loose|medium|tight)\b",
    "btag": r"b[- ]?tag|b[- ]jets?|working[- ]point|\bWPs?\b",
    "jvt": r"\bJVT\b|jet[- ]vertex|pile-?up",
    OVERLAP: r"overlap|ambigu|\bΔR\b.*\bremov|\bremov\w+.*\bΔR\b|within (?:\S+ ){0,4}ΔR",
}
_NEAR = 2000  # characters: the same passage, or the next one
# cuts that stand beside a working point and are none of its parts
_KINEMATIC = ("pt", "et", "energy", "p", "eta", "abs_eta", "isolation", "deltaR", "mass", "n", "charge", "radius")
_ISOLATION_PARTS = ("pt", "et", "z0_sintheta", "z0", "dz", "deltaR", "abs_eta", "eta", "d0", "n", "other:n_tracks")


def covers(delegated: str, subject: str) -> bool:
    """Whether a finding about `subject` tells something of the delegated subject: a lepton is electron and muon."""
    if delegated == subject or delegated == "event":
        return True
    if delegated.startswith("other:") or subject.startswith("other:"):
        return "FSR" in delegated and "FSR" in subject
    return subject in _KIN.get(delegated, ()) and not (delegated == "b-jet" and subject == "jet")


def states_itself(delegation: Delegation, findings: Sequence[Finding]) -> bool:
    """Whether the paper tells the number itself, in the passage that cites the work: nothing is left to it then."""
    return any(
        f.document is None
        and f.variable == delegation.variable
        and isinstance(f.value, float | tuple | Ramp)
        and not (isinstance(f.value, tuple) and isinstance(f.value[0], str))
        and (covers(delegation.subject, f.subject) or covers(f.subject, delegation.subject))
        and f.start is not None
        and -_NEAR < f.start - delegation.end < _NEAR
        for f in findings
    )


def words_of_subject(subject: str) -> re.Pattern[str]:
    """What the passages say when they speak of the subject or of what covers it."""
    if "FSR" in subject:
        return re.compile(r"\bFSR\b|final[- ]state (?:radiation|photon)|radiated photons?", re.I)
    if subject.startswith("other:"):
        return re.compile(re.escape(subject[6:]), re.I)
    names = (subject, *_KIN.get(subject, ()))
    return re.compile("|".join(_SUBJECT_WORDS.get(n, re.escape(n)) for n in names), re.I)


def words_of_variable(variable: str) -> re.Pattern[str] | None:
    """What the passages say when they define the quantity; None for a whole selection."""
    if variable == SELECTION:
        return None
    if variable in _VARIABLE_WORDS:
        return re.compile(_VARIABLE_WORDS[variable], re.I)
    return re.compile(re.escape(variable.removeprefix("other:").replace("_", " ")), re.I)


def is_core(variable: str, finding: Finding) -> bool:
    """Whether a finding states the delegated quantity itself."""
    if variable == SELECTION:
        return finding.stage in ("object", "overlap")
    if variable == OVERLAP:
        return finding.stage == "overlap"
    return finding.variable == variable


def is_part(variable: str, finding: Finding) -> bool:
    """Whether a finding may tell a part of the delegated quantity: the cone and the tracks of an isolation."""
    if variable == "isolation":
        told = finding.stage == "definition" or finding.effect == "define" or finding.subject == "track"
        return told and finding.variable in _ISOLATION_PARTS
    if variable == SELECTION:
        return finding.stage == "definition"
    named = variable in ("id", "btag", "jvt") and finding.stage in ("object", "definition")
    return named and finding.variable not in _KINEMATIC
