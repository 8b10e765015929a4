"""Words and script letters for what a requirement constrains, and the closed subject they mean.

The tables are data: a pattern and the closed name, or `other:*` for the paper's own words. Ranks (leading, subleading,
third, …) are read apart and put on the name afterwards, because papers combine them freely with any noun.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from schemas.vocabulary import SUBJECTS


class Noun(NamedTuple):
    """A noun phrase: its closed subject without a rank, the ranks it names (1 is leading), the words as printed."""

    subject: str
    ranks: tuple[int, ...] = ()
    text: str = ""

    def names(self) -> tuple[str, ...]:
        """The closed subjects, one per rank; the bare subject when no rank is named."""
        return tuple(rank_subject(self.subject, r) for r in self.ranks) or (self.subject,)


_CHARGE = r"(?:(?:opposite|same)(?:ly)?[- ](?:charged?|sign|flavou?r)|OS|SS|SF|OF|OSSF|SFOS|SSSF|OSOF)"
_CHARGES = rf"(?:{_CHARGE}(?:[ ,/]+(?:and )?)?){{1,2}}"
_BTAG = (
    r"(?:b[- ](?:quark[- ])?(?:tagged|labelled|labeled)|bottom[- ]tagged|b[- ]quark|b|bottom"
    r"|(?:Deep)?CSV(?:v2)?[- ]tagged|(?:loosely|medium|tightly)[- ](?:b[- ])?tagged|tagged b)"
)

# Heads in words, any case. The most special comes first: the first that matches at a position wins.
WORDS: tuple[tuple[str, str], ...] = (
    (r"(?:non-collinear |collinear |final-state )?(?:FSR|final[- ]state[- ]radiation)(?: photon)? candidate",
     "other:*"),
    (r"(?:QED )?(?:FSR|final[- ]state(?:[- ]radiation)?)[- ]photon", "other:FSR photon"),
    (r"single[- ](?:electron|muon|lepton|photon|jet|tau)[- ]trigger", "trigger-of"),
    (r"(?:photon )?conversion(?: photon)?(?: candidate)?|converted photon|γ ?→ ?e\^\+e\^-[- ]?candidate",
     "other:converted photon"),
    (r"(?:gluon|quark|light[- ]quark|pile-?up|tag|probe|central|forward|VBF|ISR|signal)-jet", "jet"),
    (r"(?:non[- ]?b[- ]tagged|untagged|light[- ]flavou?r|light|non-b) jet", "jet"),
    (r"(?:track|variable-R(?: track)?|sub)-? ?jet", "other:*"),
    (r"(?:large[- ](?:R|radius)|fat|AK8|AK10|AK15|CA8|CA15|CA1\.5|boosted|wide|reclustered)[- ](?:PF |"
     r"calorimeter )?jet",
     "fat-jet"),
    (r"(?:c[- ](?:quark[- ])?tagged|charm[- ](?:tagged|quark)|c-quark|charm|c)[- ]jet|c-tag", "c-jet"),
    (rf"{_BTAG}(?: PF| central| calorimeter| small-R| track)?[- ]jet|b[- ]tag(?= |s|,|\.|\))|"
     r"jets? (?:(?:which|that) (?:is|are) |being |candidate )?(?:b[- ]tagged|(?:tagged|identified|"
     r"classified) as (?:a )?b(?:[- ]quark)?"
     r"(?:[- ](?:tagged )?jet)?|(?:identified as )?(?:originating|arising) from (?:a )?b[- ]?(?:quark|hadron)?|"
     r"(?:identified as )?containing b[- ]hadron(?: decay)?)",
     "b-jet"),
    (rf"{_BTAG} and (?:a )?{_BTAG}[- ]jet", "b-jet"),
    (r"jet pair|pair of (?:[\w-]+[- ]){0,3}jet|di-?jet(?: system| candidate| pair)?", "dijet"),
    (r"(?:small[- ](?:R|radius)|AK4|AK5|anti-k_?[tT]|PF|PFlow|calo(?:rimeter)?|particle[- ]flow)[- ]jet|jet", "jet"),
    (r"(?:di-?photon|photon pair)(?: system| candidate| pair)?|pair of (?:[\w-]+[- ]){0,3}photon", "diphoton"),
    (r"(?:four-lepton|four-muon|four-electron)(?: system| candidate)?|(?:lepton )?quadruplet", "quadruplet"),
    (rf"(?:{_CHARGES} )?(?:di-?(?:lepton|muon|electron)|(?:lepton|muon|electron|e\^\+e\^-|μ\^\+μ\^-|"
     rf"ℓ\^\+ℓ\^-) pair(?:ing)?)"
     rf"(?: system| candidate| pair)?|{_CHARGES} pair|pair of (?:[\w-]+[- ]){{0,4}}(?:lepton|muon|electron)",
     "dilepton"),
    (r"di-?tau(?: system| pair| candidate)?|tau pair|τ_?\{?h?\}? pair", "other:ditau"),
    (r"lepton[- ]jet pair", "leptoquark"),
    (r"leptoquark(?: candidate)?|LQ candidate", "leptoquark"),
    (r"(?:visible )?(?:τ|tau)(?:[- ]lepton)?[- ]decay (?:candidate|product)", "other:*"),
    (r"hadronic(?:ally[- ]decaying)? (?:τ|tau)s?(?:[- ]lepton)?(?: candidate)?|(?:τ|tau)[- ]?(?:had(?:[- ]?vis)?|"
     r"lepton|jet)"
     r"|taus?(?= |,|\.|\)|$)", "tau"),
    (r"(?:primary|secondary|displaced|collision|interaction|decay|production|pp|reconstructed)[- ](?:interaction |"
     r"collision )?"
     r"vert(?:ex(?! fit| quality)|ice)|vert(?:ex(?![- ](?:fit|quality))|ice)", "vertex"),
    (r"(?:electron|lepton)", "electron|lepton"),
    (r"positron", "electron"),
    (r"muon", "muon"),
    (r"photon", "photon"),
    (r"missing[- ](?:transverse[- ])?(?:momentum|energy)", "met"),
    (r"Higgs(?:[- ]boson)?", "higgs"),
    (r"(?:W|Z|H|A|V|B|D|X|Υ|J/ψ|ψ|Λ|Ξ|Ω|Σ|K|ϕ|φ|ρ|ω|a|h|π)(?:[_^](?:\{[^{}]*\}|[*0+\-±\w']))*"
     r"(?: ?→ ?\S+(?: \S+)?)?[- ](?:boson |meson |hadron |baryon )?candidate", "other:candidate"),
    (r"(?:W|Z)[- ]boson", "other:candidate"),
    (r"candidate (?:W|Z)(?:[- ]boson)?", "other:boson"),
    (r"(?:(?:final[- ]state|signal|daughter|neutral) )particle", "other:*"),
    (r"candidates? for (?:the )?(?:B|D|K|π|Λ|Ξ|Ω|Σ|J/ψ|ψ|ϕ|φ)(?:[_^](?:\{[^{}]*\}|[*0+\-±\w']))+"
     r"(?: meson| baryon| decay)?", "other:hadron"),
    (r"(?:tagging|tag-side|signal|recoil(?:ing)?|companion) [BD](?: meson| candidate)|[BD] meson|"
     r"(?:charm|beauty|bottom|charmed) (?:meson|hadron|baryon)", "other:*"),
    (r"top[- ]quark|top", "top"),
    (r"(?:charged |neutral |identified |slow |soft )?(?:kaon|pion|proton|hadron|baryon|neutron)", "other:*"),
    (r"(?:calorimeter |energy |topological |ECL |ECAL )?cluster|muon (?:station|segment)|signal candidate", "other:*"),
    (r"(?:trajector(?:y|ies) of )?charged particle|(?:reconstructed )?trajector(?:y|ie)|track(?:let)?", "track"),
    (r"candidate", "other:candidate"),
    (r"event", "event"),
)  # fmt: skip

# Hadrons with a charge, alone ("B^+", "K_S^0", "D^{*+}") or as what a composite is made of ("K^+μ^-").
_CHARGED = r"\^(?:\{[^{}]*[0+\-±∓*][^{}]*\}|[0+\-±∓*])"
_HADRON = rf"(?:B|D|K|π|Λ|Ξ|Σ|Ω)(?:_(?:\{{[^{{}}]*\}}|\w))?{_CHARGED}"
_MADE_OF = rf"(?:{_HADRON}(?:(?:{_HADRON}|[eμℓpγ]{_CHARGED}))+|[eμℓ]{_CHARGED}{_HADRON})"

# Heads in symbols, exact case.
SYMBOLS: tuple[tuple[str, str], ...] = (
    (r"[ep]_T\^\{?miss\}?|[EP]_T\^\{?miss\}?|p_T\^\{?miss\}?|E_\{T\}\^\{miss\}|MET(?![_^\w])", "met"),
    (r"τ_\{?h(?:ad)?(?:[-,‐]? ?vis)?\}?(?:τ_\{?h(?:ad)?\}? pair)?|τ(?= lepton| candidate| object|,|s )", "tau"),
    (rf"{_MADE_OF}(?: (?:pair|system|combination|candidate)s?)?", "other:*"),
    (rf"{_HADRON}(?: (?:meson|baryon)s?)?", "other:hadron"),
    (r"γγ(?: pair| system)?", "diphoton"),
    (r"4ℓ|4l", "quadruplet"),
    (r"(?:μμ|ee|ℓℓ|ℓ\^\+ℓ\^-|μ\^\+μ\^-|e\^\+e\^-)(?: pair| system| candidate)?", "dilepton"),
    (r"ℓ", "lepton"),
    (r"μ(?:\^[±+-])?|μ's", "muon"),
    (r"e(?:\^[±+-])?", "electron"),
    (r"γ", "photon"),
)  # fmt: skip

# Nouns that are counted as a property of what carries them: "muons with at least seven hits".
PARTS: tuple[tuple[str, str], ...] = (
    (r"(?:(?:shared|missing|lost|pixel|SCT|TRT|silicon|strip|SVD|CDC|VELO|tracker|IBL|muon|MS|innermost|inner|"
     r"layer)[ -]"
     r"(?:detector )?){0,3}hit", "n_hits"),
    (r"(?:missing|lost|tracker|tracking|pixel|strip) (?:tracker )?layer", "n_layers"),
    (r"muon (?:station|chamber)", "n_muon_stations"),
    (r"(?:station|chamber)", "n_stations"),
    (r"(?:charged )?prong(?!-)", "n_prongs"),
    (r"hole", "n_holes"),
    (r"(?:charged[- ](?:particle )?|associated |good )?constituent", "n_constituents"),
)  # fmt: skip

_HIGHEST = r"(?:highest[- ](?:p_?T|E_?T|transverse[- ](?:momentum|energy)|momentum|energy)|hardest|leading(?:-p_?T)?)"
_BY = r"(?:(?:p_?T|E_?T)[- ])?"
_SUB = (
    rf"{_BY}(?:sub-?leading(?:-p_?T)?|next-to-leading|next-to-highest[- ]p_?T|second[- ]{_HIGHEST}|trailing|softer|"
    r"lower-(?:p_?T|E_?T|energy|momentum))"
)
_THIRD = rf"{_BY}(?:sub-?sub-?leading|third[- ]{_HIGHEST}|next-to-next-to-leading|third)"
RANKS: tuple[tuple[str, tuple[int, ...]], ...] = (
    (rf"(?:two|2) {_HIGHEST}|{_BY}{_HIGHEST} two|first two", (1, 2)),
    (rf"(?:three|3) {_HIGHEST}|{_BY}{_HIGHEST} three|first three", (1, 2, 3)),
    (rf"(?:four|4) {_HIGHEST}|{_BY}{_HIGHEST} four", (1, 2, 3, 4)),
    (_THIRD, (3,)),
    (rf"{_SUB}|second|2nd", (2,)),
    (rf"{_BY}{_HIGHEST}|most energetic|harder|higher-(?:p_?T|E_?T|energy|momentum)|first|1st", (1,)),
    (rf"{_BY}fourth(?:[- ]{_HIGHEST})?", (4,)),
)  # fmt: skip

RANK_NAMES = {1: "leading", 2: "subleading", 3: "third", 4: "fourth"}

# Letters and words in the scripts of a symbol.
LABELS: tuple[tuple[str, str], ...] = (
    (r"γγ", "diphoton"),
    (r"4ℓ|4l|4μ|4e|ZZ|2e2μ|2μ2e|ℓℓℓℓ|llll", "quadruplet"),
    (r"μμ|ee|ℓℓ|ll|eμ|μe|SFOS|OSSF|(?:ℓ|l|μ|e)\^?\+(?:ℓ|l|μ|e)\^?-|ℓ\^?±ℓ\^?∓|ℓ'ℓ'|dilepton|dimuon|ℓ_?1ℓ_?2|"
     r"μ_?1μ_?2", "dilepton"),
    (r"Z1|Z_1|12|Zlead", "pair1"),
    (r"Z2|Z_2|34|Zsublead", "pair2"),
    (r"jj|JJ|bb|b̄b|bb̄|jetjet|dijet|j_?1j_?2", "dijet"),
    (r"jets?|j", "jet"),
    (r"J|fat|large-R|AK8", "fat-jet"),
    (r"b|b-?jets?|b-?tag(?:ged)?", "b-jet"),
    (r"c|c-?jets?", "c-jet"),
    (r"τ|τ_?h|τ_?had|τh|tau|had-vis|had", "tau"),
    (r"ℓ|l|lep|lepton", "lepton"),
    (r"μ|muon|mu", "muon"),
    (r"e|el|electron", "electron"),
    (r"γ|photon|ph", "photon"),
    (r"miss|MET|[EpP]_?T\^?,?miss", "met"),
    (r"tracks?|trk|ch", "track"),
    (r"vtx|PV|SV|DV", "vertex"),
    (r"H|h|Higgs", "higgs"),
    (r"Z", "z-boson"),
    (r"W", "w-boson"),
    (r"t|top", "top"),
    (r"vis|τ_?hτ_?h", "other:visible tau pair"),
    (r"ττ", "other:ditau"),
    (r"LQ|ℓj|lj|ej|μj", "leptoquark"),
)  # fmt: skip
_LABEL_RANK = {
    "lead": 1, "leading": 1, "sub": 2, "sublead": 2, "subl": 2, "subleading": 2, "trail": 2,
    "1": 1, "2": 2, "3": 3, "4": 4, "max": 0, "min": 0,
}  # fmt: skip

_TAIL = r"(?:-?s)?(?: candidates?| objects?| tracks?(?= |,|\.))?(?![\w^_–-]|→)"


def _join(patterns: Sequence[str], tail: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    """One pattern that tries all in order; the group that matched tells which."""
    return re.compile("|".join(f"(?P<g{i}>(?:{p}){tail})" for i, p in enumerate(patterns)), flags)


_WORD_PATTERN = _join([p for p, _ in WORDS], _TAIL)
_SYMBOL_PATTERN = _join([p for p, _ in SYMBOLS], r"(?:[- ](?:leptons?|candidates?|objects?))*(?![\w^_/|]|→)", 0)
_PART_PATTERN = _join([p for p, _ in PARTS], r"s?(?![\w-])")
_RANK_PATTERN = _join([p for p, _ in RANKS], r"(?![\w])")
_LABEL_PATTERNS = [(re.compile(p), name) for p, name in LABELS]
_LABEL_NUMBER = re.compile(r"^(.*?)[,_]?(lead(?:ing)?|sub(?:l|lead|leading)?|trail|[1-4])$")
_BOSON = re.compile(r"(W|Z|H)(?![\w'])(?!.*→ ?[γ])")


def rank_subject(subject: str, rank: int) -> str:
    """The closed name of the `rank`-th object (`leading_jet`), or the bare subject where the list has no such name."""
    base = "pair" if subject == "dilepton" else subject
    for name in (base, "lepton") if base in ("electron", "muon") else (base,):
        ranked = f"{RANK_NAMES.get(rank, '')}_{name}"
        if ranked in SUBJECTS:
            return ranked
    return subject


def _name(name: str, words: str) -> str:
    """The closed subject for a table entry and the words that matched."""
    plain = re.sub(r"\s+", " ", words.strip())
    singular = re.sub(
        r"(candidate|photon|jet|cluster|hadron|kaon|pion|proton|segment|station|product|particle|meson|baryon|pair|system|"
        r"combination)s$",
        r"\1",
        plain,
        flags=re.IGNORECASE,
    )
    if name == "trigger-of":
        return next(k for k in ("electron", "muon", "lepton", "photon", "jet", "tau") if k in words.lower())
    if name == "electron|lepton":
        return "electron" if words.lower().startswith("electron") else "lepton"
    if name == "other:hadron":
        return "other:" + re.sub(r"^candidates? for (?:the )?|(?: (?:meson|baryon|decay)s?)$", "", plain, flags=re.I)
    if name == "other:boson":
        return "z-boson" if "Z" in words else "w-boson"
    if name == "other:candidate" and singular.lower() != "candidate":
        boson = _BOSON.match(words)
        return {"W": "w-boson", "Z": "z-boson", "H": "higgs"}[boson.group(1)] if boson else f"other:{singular}"
    if name != "other:*":
        return name
    return f"other:{singular[0].lower()}{singular[1:]}" if singular[1:2].islower() else f"other:{singular}"


def read_noun(text: str, start: int) -> tuple[Noun, int] | None:
    """The noun phrase that starts at `start` (without rank and determiner) and where it ends, or nothing."""
    found = _WORD_PATTERN.match(text, start)
    if found and found.lastgroup:
        return Noun(_name(WORDS[int(found.lastgroup[1:])][1], found.group()), (), found.group()), found.end()
    found = _SYMBOL_PATTERN.match(text, start)
    if found and found.lastgroup:
        return Noun(_name(SYMBOLS[int(found.lastgroup[1:])][1], found.group()), (), found.group()), found.end()
    return None


def read_part(text: str, start: int) -> tuple[str, int] | None:
    """The counted part ("hits", "layers") at `start`, as the variable's name (`n_hits`), and where it ends."""
    found = _PART_PATTERN.match(text, start)
    return (PARTS[int(found.lastgroup[1:])][1], found.end()) if found and found.lastgroup else None


def read_rank(text: str, start: int) -> tuple[tuple[int, ...], int] | None:
    """The ranks named at `start` ("three highest-p_T" gives 1, 2, 3) and where the words end, or nothing."""
    found = _RANK_PATTERN.match(text, start)
    return (RANKS[int(found.lastgroup[1:])][1], found.end()) if found and found.lastgroup else None


def read_label(label: str) -> Noun | None:
    """What a script of a symbol names: `γγ`, `ℓ1`, `jet,lead`, `μ`; nothing when it names no object."""
    plain = re.sub(r"[{}\s()]", "", label).strip(",")
    for pattern, name in _LABEL_PATTERNS:
        if pattern.fullmatch(plain):
            if name.startswith("pair"):
                return Noun("dilepton", (int(name[-1]),), label)
            return Noun(name, (), label)
    if plain in _LABEL_RANK:
        rank = _LABEL_RANK[plain]
        return Noun("", (rank,) if rank else (), label) if rank else None
    numbered = _LABEL_NUMBER.match(plain)
    if numbered and numbered.group(1):
        base = read_label(numbered.group(1))
        if base is not None and not base.ranks:
            return Noun(base.subject, (_LABEL_RANK[numbered.group(2)],), label)
    return None
