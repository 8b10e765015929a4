"""Symbols and words for quantities, and the closed variable they mean.

A symbol is read in three steps: its scripts are taken apart, composed quantities (significances, ratios, differences)
are looked up in a table of normal forms, and what remains is decided by its base letter. What maps to nothing is
`other:` with the paper's symbol.
"""

import re
from typing import NamedTuple

from extract.rules.subjects import Noun, read_label

GREEK = "α-ωϕΑ-Ωℓ"


class Quantity(NamedTuple):
    """A quantity as printed: closed variable, the objects its symbol names, whether it is a magnitude (`|η|`)."""

    variable: str
    subjects: tuple[Noun, ...] = ()
    absolute: bool = False
    text: str = ""


_SCRIPT = rf"(?:[_^](?:\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}|[A-Za-z{GREEK}0-9*'′±⋆]+|[+-](?![\d.])))"
_ARGUMENTS = r"(?:\((?:[^()\s]|, ?| (?=and )|and )*\))"
_LETTERS = rf"(?:Δ ?[RrφϕηyzEMmpt]|[A-Za-z{GREEK}]'?)"
# Names that are quantities without any script.
_NAMES = (
    r"(?:χ\^\{?2\}?(?:_\{?\w+\}?)?(?: ?/ ?(?:n\.?d\.?f\.?|n?dof|NDF|[nN]_\{?\w+\}?|d\.o\.f\.))?|MET|HT|ST|"
    r"[pP]_?T(?:miss)?|E_?T(?:miss)?|m_?T2|M_?T2|BDT|JVT|DNN|NN|SIP_?\{?3D\}?|D_?2|C_?2|cos ?θ(?:\^?\*)?|"
    r"cos ?\(?[αθ]_?\{?\w*\}?\)?|"
    r"H ?/ ?E(?![_\w])|E ?/ ?p(?![_\w])|R_?\{?9\}?|"
    r"d0|z0|dxy|dz|mT|m\dl|m4[lℓ]|mll|mjj|mbb|mγγ|mμμ|mee|m12|m34|f1|q\^2|min ?Δφ)"
)
_ATOM = rf"(?:{_NAMES}{_SCRIPT}*|{_LETTERS}{_SCRIPT}*){_ARGUMENTS}?"
_FUNCTION = r"(?:sin|cos|tan|log|ln|exp|min|max|√)\s*\(?"
_TERM = rf"(?:{_FUNCTION}\s*)?{_ATOM}\)?"
_SUM = rf"{_TERM}(?:\s*(?:[-+/·×]\s*)?{_TERM}|\s*/\s*\d+(?!\.))*"
_BARS = rf"\|\s*{_SUM}(?:\s*[-–]\s*[\d.]+ ?GeV)?\s*\|"
EXPRESSION = re.compile(
    rf"(?:{_FUNCTION}\s*)?(?:{_BARS}|\(\s*{_SUM}\s*\)|{_ATOM}\)?)"
    rf"(?:\s*(?:[-+/·×]|(?<=[\w}}\)])(?= ?(?:sin|cos)))\s*(?:{_BARS}|{_TERM}|\d+(?![.\d]* ?(?:[TGM]eV|%))))*"
)

# Composed quantities, on the normal form (no spaces, no braces). First match wins.
FORMS: tuple[tuple[str, str], ...] = (
    (r"\|?\(?z_?0.*sin", "z0_sintheta"),
    (r"\|?Δz_?0?.*sin", "z0_sintheta"),
    (r"\|?d_?(?:0|xy|T)[^/]*\)?\|?/\(?(?:σ|δ)|σ_?\(?d_?0|S\(?d_?0|S_d_?0|s\(d_?0", "d0_sig"),
    (r"\|?d_?z\|?/σ|\|?z_?0\|?/σ", "other:z0_sig"),
    (r"SIP", "other:SIP_3D"),
    (r"\|?d_?(?:0|xy|r$|r\|$)|\|?dρ\|?$", "d0"),
    (r"\|?IP_?(?:xy|T)", "d0"),
    (r"\|?(?:d_?z|Δz|IP_?z)", "dz"),
    (r"\|?z_?0", "z0"),
    (r"[EpP]_?T\^?miss/√|[EpP]_?T\^?miss/H_?T\^?(?:1/2|½)|S_?\(?[EpP]_?T\^?miss|S_?MET|[EpP]_?T\^?miss/σ",
     "met_significance"),
    (r"[EpP]_?T\^?miss/[mMH]_?[a-zA-Z]", "other:&"),
    (r"[EpP]_?T\^?miss/m_?eff", "other:&"),
    (r"[EpP]_?T[^/]*/[mM](?:[_γ4jℓl]|$)", "ratio_pt_mass"),
    (r"\|?m[^/]*-(?:m_?Z|9[01](?:\.\d+)?GeV)", "other:abs_mass_minus_mZ"),
    (r"\|?m[^/]*-80(?:\.\d+)?GeV", "other:abs_mass_minus_mW"),
    (r"\|?m[^/]*-125(?:\.\d+)?GeV", "other:abs_mass_minus_mH"),
    (r"\|?m[^/]*-m_?W", "other:abs_mass_minus_mW"),
    (r"\|?m[^/]*-m_?[tH]", "other:abs_mass_minus_m*"),
    (r"(?:min\(?)?\|?Δ[φϕ]", "abs_deltaphi"),
    (r"\|?Δη", "abs_deltaeta"),
    (r"\|?Δy", "other:abs_deltay"),
    (r"(?:min\(?)?ΔR", "deltaR"),
    (r"χ_?\^?\{?2?\}?_?\^?(?:IP|FD|VS)|χ\^?2_?(?:IP|FD|VS)", "other:&"),
    (r"\(?χ(?:_?\w+)?\^?2(?:_\w+)?\)?/(?:n|N|d\.o)", "other:&"),
    (r"χ(?:_(?:vtx|vertex|DV|SV|trk|track|fit|μμ|ℓℓ))?\^?2", "chi2"),
    (r"[EpP]_?T\^?miss|[EpP]_?T,miss|MET|ETmiss|pTmiss|E/_T", "met"),
    (r"H_?T\^?miss", "other:H_T^miss"),
    (r"H_?T", "ht"),
    (r"S_?T", "st"),
    (r"m_?\(?T2|M_?T2", "other:mT2"),
    (r"m_?eff", "meff"),
    (r"m_?T2", "other:mT2"),
    (r"[mM]_?T(?![a-zA-Z0-9])", "mt"),
    (r"M_?bc|[mM]_?ES|ΔE$|\|?ΔE\|?$", "other:&"),
    (r"[pP]_?Tt", "other:pTt"),
    (r"\|?[mM]_?\(?(?:ττ|coll)", "other:&"),
    (r"[pP]_?T\^?,?(?:ratio|rel)(?:$|\()", "other:&"),
    (r"H/E|E/p|R_?9$", "other:&"),
    (r"R_?iso|I$|I_?(?:rel|iso|track|calo|mini|comb|PF|tot|ℓ|μ|e|γ)|"
     r"[EpP]_?T\^?,?(?:iso|cone|varcone|topo)", "isolation"),
    (r"JVT", "jvt"),
)  # fmt: skip

# Quantities in words, any case. The most special comes first.
WORDS: tuple[tuple[str, str], ...] = (
    (r"(?:missing[- ]transverse[- ](?:momentum|energy)|E_T\^\{miss\}|p_T\^\{miss\}|MET)[- ]significance",
     "met_significance"),
    (r"(?:magnitude of (?:the )?)?missing[- ](?:transverse[- ])?(?:momentum|energy)(?: vector)?", "met"),
    (r"(?:transverse )?impact[- ]parameter significances?|significances? of (?:the|their|"
     r"its) (?:transverse )?impact parameters?",
     "d0_sig"),
    (r"impact[- ]parameter χ\^2", "other:χ^2_IP"),
    (r"longitudinal impact[- ]parameter significances?", "other:z0_sig"),
    (r"(?:absolute )?longitudinal impact[- ]parameters?|longitudinal distances?", "z0"),
    (r"(?:absolute )?transverse impact[- ]parameters?|radial distances?|transverse distances?", "d0"),
    (r"(?:χ\^2 of (?:the )?)?impact[- ]parameters?", "other:impact parameter"),
    (r"radial positions?", "other:*"),
    (r"(?:proper )?(?:decay|flight) times?|lifetimes?", "other:*"),
    (r"ratios? (?:\w+[_^]\S+ )?of [^,.;<>=]{4,60}?(?= (?:greater|larger|less|smaller|above|below|must|has|is|are|"
     r"exceed\w*|between|of at) )", "other:*"),
    (r"probabilit(?:y|ies) (?:that|of|for) [^,.;<>=]{4,60}?(?= (?:greater|larger|less|smaller|above|below|must|has|"
     r"exceed\w*|of at|(?:is|are) (?:required|greater|larger|less|smaller|above|below|at)) )", "other:*"),
    (r"p-values?|(?:ghost|vertex|vertex[- ]fit|fit|χ\^2|track) probabilit(?:y|ies)", "other:*"),
    (r"χ\^2 (?:per degree of freedom|per d\.?o\.?f\.?|divided by the number of degrees of freedom)"
     r"(?: of the (?:track|vertex)(?: fit)?)?|reduced χ\^2|normali[sz]ed χ\^2(?:/ndf)?", "other:χ^2/ndf"),
    (r"cosine of the [^,.;<>=]{3,70}?(?= (?:greater|larger|less|smaller|above|below|must|has|is|are|exceed\w*|"
     r"to be|fulfil\w*|satisf\w+) )", "other:*"),
    (r"distances? of closest approach", "other:*"),
    (r"flight[- ]distance significances?|flight[- ]distances?|decay lengths?(?: significances?)?|"
     r"transverse decay lengths?",
     "other:*"),
    (r"transverse momentum|transverse momenta|(?<!\w)p_?T(?![\w^_])", "pt"),
    (r"transverse energ(?:y|ies)", "et"),
    (r"effective mass", "meff"),
    (r"stransverse mass", "other:mT2"),
    (r"transverse mass(?:es)?", "mt"),
    (r"beam-constrained mass", "other:*"),
    (r"(?:(?:reconstructed|visible|total|combined|soft[- ]?drop|groomed|pruned|"
     r"trimmed) ){0,2}(?:invariant[- ])?mass(?:es)?", "mass"),
    (r"(?:absolute (?:value of (?:the )?)?)?pseudo-?rapidity (?:separation|difference|gap|distance)|(?:separation|"
     r"difference|gap|"
     r"separated) in pseudo-?rapidity|η (?:separation|gap)", "abs_deltaeta"),
    (r"rapidity (?:separation|difference|gap)|(?:separation|difference|gap) in rapidity", "other:abs_deltay"),
    (r"(?:absolute )?(?:values? of (?:the )?)?pseudo-?rapidit(?:y|ies)", "abs_eta"),
    (r"(?:absolute )?(?:values? of (?:the )?)?rapidit(?:y|ies)", "abs_rapidity"),
    (r"azimuthal(?:[- ]angular|[- ]angle)? (?:separations?|differences?|distances?|angles?)|(?:separation|"
     r"difference|angle) in "
     r"(?:azimuth|φ|azimuthal angle)|azimuthal angle", "abs_deltaphi"),
    (r"(?:angular|spatial|ΔR) (?:separations?|distances?)|separation in ΔR|angular distance", "deltaR"),
    (r"opening angles?", "other:opening angle"),
    (r"(?:separations?|distances?)(?= (?:between|of|to|from|is|are|must|has) )", "deltaR"),
    (r"polar angle", "other:theta"),
    (r"(?:scalar )?sum of (?:the )?(?:jet |all jet )?(?:transverse momenta|p_T)(?: values)? of (?:all |"
     r"the )?(?:selected |signal )?jets|"
     r"scalar p_T sum of (?:all )?jets|"
     r"(?:scalar )?sum of (?:the )?(?:transverse )?momenta of (?:the |all )?(?:two |three |selected |"
     r"signal )?jets", "ht"),
    (r"b[- ]tagg?(?:ing)? (?:discriminant|score|output|discriminator)(?: value)?", "btag"),
    (r"(?:JVT|jet[- ]vertex[- ]tagger)(?: \(JVT\))?(?: (?:score|discriminant|output|value))?", "jvt"),
    (r"(?:BDT|DNN|NN|MVA|RNN|GNN|neural[- ]network|classifier|multivariate|discriminant|discriminator|"
     r"boosted[- ]decision[- ]tree|"
     r"fJVT|tagger|likelihood|isolation BDT)(?:[’']s)?[- ](?:score|output|response|discriminant|discriminator|"
     r"classifier|value)"
     r"s?(?: values?| score| output)?", "other:*"),
    (r"(?:discriminants?|discriminators?|scores?|responses?(?= (?:is|are|must|has|greater|above)\b)|significance|"
     r"sphericity|aplanarity|thrust|centrality)(?: values?)?", "other:*"),
    (r"(?:relative |combined |track(?:-based|er)? |calorimeter(?:-based)? |calorimetric |particle-flow |PF |"
     r"mini-?)*isolation"
     r"(?: variable| sum| energy| parameter)?", "isolation"),
    (r"cone (?:size|radius)|(?:distance|radius|size) parameter|jet radius|radial size", "radius"),
    (r"(?:(?:(?:charged|neutral)[- ](?:hadron(?:ic)?|particle|electromagnetic)|electromagnetic|hadronic|EM|photon|muon|"
     r"electron|pile-?up|track|jet)[- ])?(?:(?:energy|momentum|p_T)[- ])?fractions?"
     r"(?= (?:of|is|are|must|has|have|to|smaller|larger|less|greater|above|below|in|carried|between))", "other:*"),
    (r"momentum transfer|q\^2", "other:*"),
    (r"(?:centre|center)-of-mass (?:frame )?(?:momentum|energy)|beam-constrained mass|energy difference|"
     r"beam-energy", "other:*"),
    (r"momentum|momenta", "p"),
    (r"energy|energies", "energy"),
    (r"electric charges?|charges?", "charge"),
    (r"vertex quality|fit quality", "chi2"),
    (r"scalar sum", "other:*"),
)  # fmt: skip

_WORD_PATTERN = re.compile("|".join(rf"(?P<g{i}>(?:{p})(?![\w^_]))" for i, (p, _) in enumerate(WORDS)), re.IGNORECASE)
_FORM_PATTERNS = [(re.compile(p), name) for p, name in FORMS]
_SCRIPTS = re.compile(rf"([_^])(\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}|[A-Za-z{GREEK}0-9*'′±⋆]+|[+-])")
_LEADING_LETTERS = re.compile(rf"\|?\(?(Δ ?\w|[A-Za-z]+|[{GREEK}])")
_LONG = 5  # from which a script is a word, no row of letters
_ANY_SCRIPT = re.compile(r"[_^](?:\{[^{}]*\}|\w|[+-])|\([^()]*\)")
_SUMMED = re.compile(r"^[A-Za-z]+\+[A-Za-z]+")  # "E_T^{miss} + m_T"
_COUNT = re.compile(r"^[Nn](?:[_^]|\()")
# Script words that say nothing about the object.
_SILENT = re.compile(r"^(?:T|0|z|xy|S2|track|reco|rel|iso|det|BL|cl|clus|cluster|R|corr|raw|PV|\(.*\)|\*|')$")


def normalise(symbol: str) -> str:
    """The symbol without spaces and braces."""
    return re.sub(r"[\s{}]", "", symbol)


def _split_scripts(symbol: str) -> list[str]:
    arguments = re.findall(r"\(([^()]*)\)", symbol)
    parts = [s.strip("{}") for _, s in _SCRIPTS.findall(re.sub(r"\([^()]*\)", "", symbol))]
    for argument in arguments:
        parts += [a.strip() for a in re.split(r",| and ", argument)]
    split: list[str] = []
    for part in parts:
        pieces = [p.strip() for p in part.split(",")]
        joined = "".join(pieces)
        # `jet,lead` is one object, `ℓ,j` are two
        split += [joined] if len(pieces) == 2 and read_label(joined) and read_label(joined).ranks else pieces  # type: ignore[union-attr]
    return [re.sub(r"^T(?=[γℓμejτb4l1-4])", "", s) for s in split]


def _read_subjects(symbol: str, variable: str) -> tuple[Noun, ...]:
    nouns: list[Noun] = []
    if variable == "ratio_pt_mass":
        symbol = symbol.split("/")[0]
    for script in _split_scripts(symbol):
        if _SILENT.match(script) or not script or (script.isdigit() and variable.startswith(("chi2", "other:"))):
            continue
        noun = read_label(script)
        if noun is not None and noun.subject == "vertex" and symbol.startswith(("χ", "(χ")):
            continue  # how good a vertex is says something of what comes from it
        if noun is None and len(script) < _LONG and variable.startswith(("delta", "abs_delta", "other:abs_delta")):
            # ΔR_{ℓj}, Δη_{jj}: letters of the two partners written together
            nouns += [
                n for letter in re.findall(rf"[a-zA-Z{GREEK}]['12]?", script) if (n := read_label(letter.strip("'")))
            ]
        elif noun is not None:
            nouns.append(noun)
        elif variable in ("mass", "pt") and re.fullmatch(r"[ℓlμeγjbτWZHVt\d]{2,}|[VXSYDBK]|vis|coll", script):
            nouns.append(Noun(f"other:{script}", (), script))
    if len(nouns) == 2 and not nouns[1].subject and nouns[0].subject and not nouns[0].ranks:
        return (Noun(nouns[0].subject, nouns[1].ranks, nouns[0].text),)
    if len(nouns) == 2 and not nouns[0].subject and nouns[1].subject and not nouns[1].ranks:
        return (Noun(nouns[1].subject, nouns[0].ranks, nouns[1].text),)
    return tuple(nouns)


def read_symbol(symbol: str) -> Quantity:
    """What a printed symbol means. A symbol that is not known is `other:` with its normal form."""
    form = normalise(symbol)
    absolute = form.startswith("|")
    if _SUMMED.search(_ANY_SCRIPT.sub("", re.sub(r"[\s|]", "", symbol))):
        return Quantity(f"other:{form.strip('|')}", (), absolute, symbol)
    for pattern, name in _FORM_PATTERNS:
        if pattern.match(form):
            variable = name.replace("*", form[-1]) if name.endswith("*") else name.replace("&", form.strip("|"))
            of_event = variable.startswith("other:E") and "/" in variable  # a ratio of two quantities of the event
            return Quantity(variable, () if of_event else _read_subjects(symbol, variable), absolute, symbol)
    if _COUNT.match(form) and (counted := _read_subjects(symbol, "n")):
        return Quantity("n", counted, False, symbol)
    letters = _LEADING_LETTERS.match(form)
    base = letters.group(1) if letters else ""
    plain = form.strip("|")
    single = {
        "η": "abs_eta", "y": "abs_rapidity", "φ": "phi", "ϕ": "phi", "R": "radius", "Y": "abs_rapidity",
    }.get(base)  # fmt: skip
    if re.match(r"[pP]_?T(?![a-z])|pt\b", plain):
        variable = "pt"
    elif re.match(r"E_?T(?![a-z])", plain):
        variable = "et"
    elif re.match(r"[mM](?:[_^(]|\d|ll|jj|bb|γγ|μμ|ee|$)", plain):
        variable = "mass"
    elif single and not re.search(r"[-+/×·*⋆]", plain) and (base != "R" or plain == "R"):
        variable = single
    elif re.fullmatch(r"[pP]|p\^\*|p_?\(?[μeℓKπph]\)?(?:\^\*)?", plain):
        variable = "p"
    elif re.fullmatch(r"E_(?:[A-Z]{3,}|extra|vis|beam|tot|sum)", plain):
        variable = f"other:{form}"  # the energy of a detector or of the event, of no object
    elif re.fullmatch(r"E(?:_(?:e|μ|γ|τ|j|ℓ|h|K|π|jet|\d|cl|cluster))?|E\([^()]*\)", plain):
        variable = "energy"
    else:
        variable = f"other:{form}"
    subjects = _read_subjects(symbol, variable) if not variable.startswith("other:") else ()
    return Quantity(variable, subjects, absolute, symbol)


def read_words(text: str, start: int) -> tuple[Quantity, int] | None:
    """The quantity named in words at `start` and where the words end, or nothing."""
    found = _WORD_PATTERN.match(text, start)
    if found is None or found.lastgroup is None:
        return None
    words, name = found.group(), WORDS[int(found.lastgroup[1:])][1]
    symbol = re.match(r"ratios? (\w+[_^]\S+) of ", words)
    if symbol:
        return read_symbol(symbol.group(1)), found.end()
    absolute = words.lower().startswith("absolute")
    plain = re.sub(r"^(probability) that (?:an? |the )?[\w-]+ (?:is|are|be) ", r"\1 of ", words)
    variable = f"other:{plain}" if name == "other:*" else name
    if re.match(r"ratios? of .*(?:transverse (?:energ|moment)|[Ep]_T).* to .*mass$", words, re.IGNORECASE):
        variable = "ratio_pt_mass"
    return Quantity(variable, (), absolute, words), found.end()
