"""What a row label or a column header of a table says: an object, a quantity with its unit, or a region."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from extract.rules.subjects import Noun
from extract.rules.tokens import Token, scan

_UNIT = re.compile(
    r"\s*[\[(]\s*(?P<unit>(?:[TGMk]?eV)(?:/c(?:\^?\{?2\}?)?)?|mm|cm|μm|%|°|deg|rad)\s*[\])]"
    r"|(?:\s+in |\s*/\s*|,\s*)(?P<in>[TGM]eV|mm|cm)\s*$"
)
_COUNT = re.compile(
    r"^(?:the )?(?:#|numbers? of|n(?:um)?\.? of|count of|N\(|multiplicity of) ?(?P<of>.+?)\)?$"
    r"|^(?P<many>.+?) multiplicity$",
    re.I,
)
_COUNT_SYMBOL = re.compile(
    r"^[Nn]_?\{?(?P<of>[\w +-]+?)\}?(?:\^.*)?$|^n(?P<short>Jets?|Leptons?|BJets?|Muons?|Electrons?)$"
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
    r"|comment",
    re.I,
)
_TENDENCY = re.compile(
    r"\b(?:(?P<low>min(?:imum|\.)?|threshold|at least|lower)|(?P<high>max(?:imum|\.)?|at most|upper))\b", re.I
)


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


def read_header(label: str) -> Header:
    """What one label says."""
    unit = _UNIT.search(label)
    text = _UNIT.sub("", label).strip(" :")
    if _EMPTY.match(text):
        return Header(label, "")
    words = _TENDENCY.search(text)
    tendency = None if words is None else ">" if words["low"] else "<"
    printed = (unit["unit"] or unit["in"]) if unit else None
    counted = _COUNT.match(text) or _COUNT_SYMBOL.match(text)
    if counted:
        of = next((g for g in counted.groupdict().values() if g), "")
        nouns = _nouns(scan(of.strip("{}_")))
        if nouns:
            return Header(label, text, nouns, counts=of, tendency=tendency)
    if _BIN.match(text) or _FINAL_STATE.match(text):
        return Header(label, text, scope=text)
    tokens = scan(text)
    nouns = _nouns(tokens)
    quantity = any(t.kind == "quantity" for t in tokens)
    region = _SCOPE.search(text) is not None
    if not quantity and not nouns and not region:
        # a symbol alone is known to the grammar only beside a relation
        beside = scan(f"{text} > 0")
        known = beside[0].quantity if len(beside) > 1 and beside[1].kind == "relation" else None
        quantity = known is not None and (
            not known.variable.startswith("other:") or re.search(r"[_^{]", text) is not None
        )
    if _COMMON.search(text) and not quantity:
        return Header(label, text)
    if (region and not quantity) or (not nouns and not quantity):
        return Header(label, text, scope=None if _PROPERTY.search(text) and not region else text)
    return Header(label, text, nouns, quantity, unit=printed, tendency=tendency)


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
    return ", ".join(dict.fromkeys(names)) or None


def find_region(text: str) -> str | None:
    """The region named in words in front of a requirement: "in the signal region: …"."""
    found = re.search(r"\b((?:signal|sideband|control|validation|fit) region)", text, re.I)
    return found[1].lower() if found else None
