"""What a row label or a column header of a table says: an object, a quantity with its unit, or a region."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from extract.rules.subjects import Noun, read_label
from extract.rules.symbols import simplify_symbols
from extract.rules.tokens import Token, scan

_EV = r"[TGMk]?eV(?:\^?\{?2\}?)?(?: ?/ ?c(?:\^?\{?[24]\}?)?)?"
_UNIT = re.compile(
    rf"\s*[\[(]\s*(?:in )?(?P<unit>{_EV}|√\(?GeV\)?|GeV\^\{{1/2\}}|mm|cm|μm|%|°|deg|m?rad)\s*[\])]"
    rf"|(?:\s+in |\s*/\s*|,\s*)(?P<in>{_EV}|mm|cm|m?rad)\s*$"
)
_FOOTNOTE = re.compile(r"\s*(?:\^\{?[†‡§¶]+\}?|[†‡§¶]+|(?<=[\])])\s?\^\{?[a-d*]\}?|(?<=[a-z]{3})\^\{?[a-d]\}?)$")
_COUNT = re.compile(
    r"^(?:the )?(?:#|numbers? of|n(?:um)?\.? of|count of|N\(|multiplicity of) ?(?P<of>.+?)\)?$"
    r"|^(?P<many>.+?) multiplicity$",
    re.I,
)
_COUNT_SYMBOL = re.compile(
    r"^[Nn]_?[\{(]?(?P<of>[\w +\-ℓμτγ]+?)[\})]?(?:\^.*)?$|^n(?P<short>Jets?|Leptons?|BJets?|Muons?|Electrons?)$"
)
_SCOPE = re.compile(
    r"channels?\b|categor|regions?\b|\b(?:SR|CR|VR|WR|SB)\b|^(?:SR|CR|VR)|sideband|signal\b|control\b|validation\b"
    r"|enriched|\bbin\b"
    r"|topolog|-tag(?:ged)? (?:category|region)|\banalysis\b|resolved|merged|boosted|\d[eμℓ]\b|\bjets? bin",
    re.I,
)
_BIN = re.compile(r"^(?:very[- ]|ultra[- ]?)?(?:low|medium|intermediate|high)[- ]\S+$", re.I)
_FINAL_STATE = re.compile(
    r"^(?=.{2})(?:[1-4]?(?:[eμτℓγ](?:_\{?h\w*\}?)?(?:\^\{?[±+∓-]\}?)?)[+/ ]?){2,4}$|^[2-4][eμτℓγ]$|^[1-4][ℓl]$"
    r"|^\S{1,8} ?\+ ?(?:jets?|MET|E_T\^\{miss\}|[A-Za-zμτℓγ]{1,8})$"
)
_COMMON = re.compile(r"pre-?selection|common|baseline|^all\b|inclusive|^event selection|^selection$|^object", re.I)
_EMPTY = re.compile(
    r"^(?:requirements?|criteri(?:a|on)|selections?|cuts?|variables?|observables?|quantit(?:y|ies)|values?|objects?"
    r"|conditions?"
    r"|descriptions?|definitions?|features?|type|channels?|regions?|categor(?:y|ies)|final states?|-|–|—)?$",
    re.I,
)
# Properties that a column of objects or a row of requirements is about; never a region.
_PROPERTY = re.compile(
    r"identif|isolat|\bID\b|quality|charge|\bsign\b|flavou?r|triggers?\b|working point|\bWP\b|tagg|vertex|overlap"
    r"|comment|\bveto\b",
    re.I,
)
_TENDENCY = re.compile(
    r"(?<![_^{])\b(?:(?P<low>min(?:imum|\.)?|threshold|at least|lower)|(?P<high>max(?:imum|\.)?|at most|upper))\b", re.I
)
_SIGN = re.compile(r"\s*[<>≤≥=]\s*$")
# What makes an unknown word a quantity: a script, or a name of a classifier or of the shape of events.
_NAMED = re.compile(
    r"[_^{]|^(?:[BX]DTG?|[DRGAC]?NN|MVA|BDT\d?|aplanarity|sphericity|thrust|centrality|planarity)$", re.I
)
_UNDER = re.compile(r"\s*\(([^()]*[<>≤≥][^()]*)\)$")
_POINT = re.compile(r"^\d[\d.,]*(?P<unit> ?[TGM]eV)?$")
_ENERGY = re.compile(
    r"(?:pt|et|energy|p|mass|mt|ht|st|met|meff)$|other:(?:abs_mass_|mT2|M_|m_|E_|p_|H_T|Δm|max\(m|min\(m|\|?m_)"
)
# "N_jet = 0", "m_H < 600 GeV", "1.5 < |η| < 2.5" as a label
_CONDITION = re.compile(r"^(?:[\d.]+ ?[<≤] ?)?[^<>≤≥=\s\d][^<>≤≥=]{0,24}[<>≤≥=] ?\d")
_OF_OBJECT = ("pt", "et", "abs_eta", "eta", "p", "energy")
_EXCLUDES = re.compile(
    r"^(?:excluded|vetoed|rejected|removed)(?: (?:region|range|window|interval)s?(?: in| of)?)? ", re.I
)
# Processes that name control regions, where words for objects would say "candidate" or "quark".
_PROCESS = re.compile(
    r"(?:top|single top|t ?t̄|tt̄|W|Z|H|WZ|ZZ|WW|VV|Z ?/ ?γ\^\*|DY|QCD|multi-?jet|diboson|[WZγ] ?\+ ?jets?)(?: CR| VR)?"
)
_PARTICLE = re.compile(
    r"(?:J/ψ|ψ\(2S\)|Υ(?:\(\dS\))?|[BDKΛΞΣΩ](?:[_^](?:\{[^{}]*\}|[*0+\-±\w]))+|[πρωφη]\^\{?[0±+-]\}?)"
)
_COMPOSED = re.compile(r"\)\^|√|\^\{?2\}? ?/")
_GENERIC = re.compile(r"(?:signal |control |validation )?(?:regions?|categor(?:y|ies)|channels?|selections?)", re.I)


class Header(NamedTuple):
    """A label: its text without the unit, the nouns and quantity it names, what it counts, and the region it names.

    `tendency` is the relation that words such as "minimum" put on a bare number.
    """

    label: str
    text: str
    nouns: tuple[Noun, ...] = ()
    quantity: bool = False
    counts: str | None = None  # what is counted, in words
    unit: str | None = None
    scope: str | None = None
    tendency: str | None = None
    energy: bool = False  # whether the quantity is measured in units of energy
    note: str | None = None  # what the text leaves out of the label: "smallest"
    excludes: bool = False  # "Excluded |η|": what the cells say goes

    @property
    def sign(self) -> str:
        """The relation printed behind the quantity, or the one that its words mean; empty without any."""
        printed = _SIGN.search(self.text)
        return printed.group().strip() if printed else (self.tendency or "").replace(">=", "≥").replace("<=", "≤")


@lru_cache(maxsize=4096)
def read_header(label: str) -> Header:
    """What one label says. A label stands over many cells, so what it says is kept."""
    plain = _FOOTNOTE.sub("", label)
    unit = _UNIT.search(plain)
    text, note = simplify_symbols(_UNIT.sub("", plain).strip(" :"))
    excludes = _EXCLUDES.search(text) is not None
    text = _EXCLUDES.sub("", text).strip()
    if _EMPTY.match(text):
        return Header(label, "")
    words = _TENDENCY.search(text)
    tendency = None if words is None else ">" if words["low"] else "<"
    if words is not None and words.group()[:3].lower() in ("min", "max"):
        tendency = f"{tendency}="  # the smallest value is allowed
    printed = (unit["unit"] or unit["in"]) if unit else None
    printed = None if printed and re.search(r"√|1/2", printed) else printed
    under = _UNDER.search(text)
    if under is not None and under.start():  # "N_jet (p_T > 30 GeV)"
        text, note = text[: under.start()], "; ".join(n for n in (note, under[1]) if n)
    unsigned = _SIGN.sub("", text).strip()
    counted = _COUNT.match(unsigned) or _COUNT_SYMBOL.match(unsigned)
    if counted:
        of = next((g for g in counted.groupdict().values() if g), "")
        nouns = _nouns(scan(of.strip("{}_")))
        named = read_label(of) if not nouns and not counted.groupdict().get("many") else None
        if nouns or (named is not None and named.subject and not named.ranks):
            of = of if nouns or named is None else f"{named.subject}s"
            return Header(label, text, nouns or _nouns(scan(of)), counts=of, tendency=tendency, note=note)
    if _BIN.match(text) or _FINAL_STATE.match(text):
        return Header(label, text, scope=text)
    tokens = scan(f"{text} candidate" if _PARTICLE.fullmatch(text) else text)
    nouns = _nouns(tokens)
    if _COMPOSED.search(text) and not _is_one_symbol(unsigned):
        return Header(label, text)  # a formula that the grammar would read in parts
    known = next((t.quantity for t in tokens if t.kind == "quantity"), None)
    region = _SCOPE.search(text) is not None
    if known is None and not region and (not nouns or re.search(r"[_^].*/|/.*[_^]", text)):
        # a symbol alone is known to the grammar only beside a relation
        beside = scan(f"{unsigned} > 0")
        known = beside[0].quantity if len(beside) > 1 and beside[1].kind == "relation" else None
        if known is not None and known.variable.startswith("other:") and not _NAMED.search(text):
            known = None
        nouns = nouns if known is None else ()
    quantity = known is not None
    if _COMMON.search(text) and not quantity:
        return Header(label, text)
    if (region and not quantity) or (not nouns and not quantity):
        return Header(label, text, scope=None if _PROPERTY.search(text) and not region else text)
    energy = known is not None and "/" not in known.variable and _ENERGY.match(known.variable) is not None
    return Header(label, text, nouns, quantity, None, printed, None, tendency, energy, note, excludes)


def names_point(label: str) -> bool:
    """Whether a label is only a number: a point of a quantity that stands elsewhere."""
    return _POINT.match(label) is not None


def read_path(path: Sequence[str], corner: str | None, *, bins: bool = False) -> list[Header]:
    """The labels of a row or a column, outermost first.

    With `bins`, labels such as "N_jet = 0" or "top" name a region, and labels such as "|η| < 1.4" a condition on the
    object.
    A bare number is a point of the quantity above it, or of the `corner` that heads all such labels ("M_X [GeV]"):
    it names the region "M_X = 300 GeV".
    """
    headers: list[Header] = []
    for label in (p for p in path if p.strip()):
        number = _POINT.match(label)
        if number is None:
            header = read_header(label)
            if bins and _CONDITION.match(label):
                of_object = any(
                    q.variable in _OF_OBJECT for t in scan(label) if t.kind == "quantity" and (q := t.quantity)
                )
                header = Header(label, "", scope=None if of_object else label, note=label if of_object else None)
            elif bins and _PROCESS.fullmatch(label):
                header = Header(label, label, scope=label)
            headers.append(header)
            continue
        above = headers.pop() if headers and (headers[-1].quantity or headers[-1].scope) else None
        of = above or (read_header(corner) if corner else None)
        if of is None or not of.text:
            headers.append(read_header(label))
            continue
        unit = _UNIT.search(of.label)
        printed = "" if number["unit"] or unit is None else f" {unit['unit'] or unit['in']}"
        headers.append(Header(label, "", scope=f"{_SIGN.sub('', of.text).strip()} = {label}{printed}"))
    return headers


def _is_one_symbol(text: str) -> bool:
    tokens = scan(f"{text} > 0")
    return len(tokens) > 1 and tokens[0].kind == "quantity" and tokens[1].kind == "relation"


def _nouns(tokens: Sequence[Token]) -> tuple[Noun, ...]:
    """The nouns that objects are named by; events and triggers carry no cut of their own."""
    nouns = tuple(t.noun for t in tokens if t.kind == "noun" and t.noun is not None)
    return tuple(n for n in nouns if n.subject not in ("event", "trigger"))


def join_scopes(rows: Sequence[Header], columns: Sequence[Header]) -> str | None:
    """The region that the labels name, outermost first.

    A column header without an object or a quantity is a region ("4e", "low mass"); a row label only when it says so,
    or when the columns are quantities, because rows are also grouped by topic ("Lepton reconstruction").
    """
    told = any(h.quantity or h.counts or h.nouns for h in columns)
    names = [h.scope for h in rows if h.scope and (told or _SCOPE.search(h.scope))]
    names += [h.scope for h in columns if h.scope]
    if len(names) > 1:  # "Signal region" above "SR-high" adds nothing
        names = [n for n in names if not _GENERIC.fullmatch(n)] or names[-1:]
    return ", ".join(dict.fromkeys(names)) or None


def find_region(text: str) -> str | None:
    """The region named in words in front of a requirement: "in the signal region: …"."""
    found = re.search(r"\b((?:signal|sideband|control|validation|fit) region)", text, re.I)
    return found[1].lower() if found else None
