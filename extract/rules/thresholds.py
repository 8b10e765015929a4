"""Cells that are only a value, such as "> 120", "[105, 160]" or "2": their label gives quantity, object and unit."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.rules.captions import Caption
from extract.rules.headers import Header
from extract.rules.owners import Owner
from extract.rules.subjects import Noun
from extract.rules.tokens import scan

NUMBER = r"[-+−]?\d+(?:\.\d+)?"
UNITS = r"(?:[TGM]?eV|mm|cm|μm|%|°|mrad|rad)"
_VALUE = rf"{NUMBER}(?: ?{UNITS}(?:/c(?:\^?\{{?2\}}?)?)?)?"
_SIGN = r"(?:[<>≤≥=]|at least|at most|exactly|less than|more than|greater than|up to|above|below)"
_THRESHOLD = re.compile(
    rf"^(?P<sign>{_SIGN}) ?(?P<value>{_VALUE})(?: \((?P<twin>(?:{_SIGN} ?)?{_VALUE})\))?"
    rf"(?P<more>(?:(?:,| and|,? or| /|;) ?(?:{_SIGN} ?)?{_VALUE})*)$"
)
_RANGE = re.compile(
    rf"^(?:∈ ?)?(?:[\[(]? ?(?P<low>{_VALUE}) ?(?:,|–|-|—|to|\.\.\.|…) ?(?P<high>{_VALUE}) ?[\])]?)"
    rf"(?P<unit> ?{UNITS})?$"
)
_BARE = re.compile(rf"^(?P<value>{NUMBER})(?P<unit> ?{UNITS})?$")
_OR_MORE = re.compile(r"^(?P<value>\d+)(?:\+| or more)$")
_SANDWICH = re.compile(
    rf"^(?P<low>{_VALUE}) ?(?P<left>[<≤]) ?(?:[-–.…x]|\.\.\.)? ?(?P<right>[<≤]) ?(?P<high>{_VALUE})$"
)
_OUTSIDE = re.compile(
    rf"^[<≤] ?(?P<low>{_VALUE}),? (?:or|∪) [>≥] ?(?P<high>{_VALUE})$|^∉ ?[\[(](?P<a>{_VALUE}), ?(?P<b>{_VALUE})[\])]$"
)
_PER_OBJECT = re.compile(
    r"\(?(?P<who>e|μ|τ|γ|ℓ|electrons?|muons?|taus?|photons?)\)? ?:? ?(?P<value>(?:[<>≤≥] ?)?\d+(?:\.\d+)?)(?= |$|,|;)"
)
_PER_OBJECT_AFTER = re.compile(r"(?P<value>(?:[<>≤≥] ?)?\d+(?:\.\d+)?) ?\((?P<who>e|μ|τ|γ|electrons?|muons?|taus?)\)")
_NOTE = re.compile(rf"\s*\((?!(?:{_SIGN} ?)?{_VALUE}\))(?P<note>[^()]*[A-Za-z][^()]*)\)$")
_VETO = re.compile(r"^(?:veto(?:ed)?|no|0|none)$", re.I)
_INTEGER = re.compile(r"^=? ?(?P<value>\d{1,2})$")
_SYMBOLS = {"e": "electron", "μ": "muon", "τ": "tau", "γ": "photon", "ℓ": "lepton"}
_PART = re.compile(r",\s*|\s+/\s+|\s+and\s+")
_FOOTNOTE = re.compile(r"(?<=[\d)\]VeV])\s*(?:\^\{?(?:[a-d*†‡§¶]|\([a-d]\))\}?|[†‡§¶*]+)$")
NOTHING = Caption()


class Threshold(NamedTuple):
    """A sentence that says the value, whose it is, the labels it needed, and a note in brackets ("77% WP")."""

    text: str
    owner: Owner | None
    labels: tuple[str, ...]
    note: str | None = None
    upper: float | None = None  # the upper end of a range of counts, whose lower end the text says


def spell_threshold(plain: str, headers: Sequence[Header], caption: Caption = NOTHING) -> Iterator[Threshold]:
    """The sentences of a cell that is only a value; nothing for other cells, and for values without a direction.

    `headers` are the cell's labels, innermost first. A bare integer counts under a label that counts or names objects.
    Where the labels do not print unit or direction, the caption may.
    """
    labelled = next((h for h in headers if h.quantity or h.counts), None)
    nouns = next((h for h in headers if h.nouns and h is not labelled and not h.scope), None)
    plain = _FOOTNOTE.sub("", plain)
    noted = _NOTE.search(plain)
    note = noted["note"] if noted else None
    value = _NOTE.sub("", plain).strip()
    if labelled is None or labelled.counts:
        target = labelled or nouns
        note = "; ".join(n for n in (target.note if target else None, note) if n) or None
        for text, upper in _spell_count(value, target) if target is not None else ():
            yield Threshold(text, None, (target.label,) if target is not None else (), note, upper)
        return
    unit = _find_unit(value, labelled, headers, caption)
    sign = labelled.sign or next((h.sign for h in headers if not h.scope and h.sign), "") or caption.tendency or ""
    name = re.sub(r"\s*[<>≤≥=]\s*$", "", labelled.text)
    name = re.sub(r"(?<![_^{])\b(?:min(?:imum|\.)?|max(?:imum|\.)?|threshold)\b ?", "", name, flags=re.I).strip()
    owner = Owner(nouns.nouns) if nouns is not None else Owner(labelled.nouns) if labelled.nouns else None
    explained = caption.find_owner(labelled.label) if owner is None and labelled.energy else None
    if explained is not None and re.fullmatch(r"m_\{?T\}?", name):
        name = f"{explained.subject} {name}"  # "the smaller transverse mass of the two leptons"
    note = "; ".join(n for n in (labelled.note, note) if n) or None
    labels = tuple(h.label for h in (nouns, labelled) if h is not None)
    for text, whose in _spell_values(name, value, sign, unit, owner):
        if labelled.excludes:
            text = re.sub(r"\bbetween (\S+) and (\S+)", r"outside the range \1–\2", text)
        yield Threshold(text, whose, labels, note)


def _find_unit(value: str, labelled: Header, headers: Sequence[Header], caption: Caption) -> str:
    if re.search(rf"\d ?{UNITS}", value):
        return ""
    unit = labelled.unit or next((h.unit for h in headers if h.unit), None)
    if unit is None and labelled.energy:
        unit = caption.unit
    return f" {unit}" if unit else ""


def _spell_values(
    name: str, value: str, sign: str, unit: str, owner: Owner | None
) -> Iterator[tuple[str, Owner | None]]:
    each = _read_per_object(value)
    for who, number in each:
        if number[0] in "<>≤≥" or sign:
            whose = re.sub(r"\bleptons?\b", who, name) if re.search(r"\bleptons?\b", name) else f"{who} {name}"
            yield f"{whose} {number if number[0] in '<>≤≥' else f'{sign} {number}'}{unit}", Owner((Noun(who),))
    if each:
        return
    names, values = _PART.split(name), _PART.split(value)
    if len(names) == len(values) > 1 and all(any(t.kind == "quantity" for t in scan(n)) for n in names):
        for one, number in zip(names, values, strict=True):
            body = _complete(number, sign, unit)
            if body is not None:
                yield f"{one} {body}", owner
        return
    body = _complete(value, sign, unit)
    if body is not None:
        yield f"{name} {body}", owner


def _complete(value: str, sign: str, unit: str) -> str | None:
    """The threshold with its sign and unit; None when the cell is something else or says no direction."""
    outside = _OUTSIDE.match(value)
    if outside:
        return f"outside the range {outside['low'] or outside['a']}–{outside['high'] or outside['b']}{unit}"
    found = _THRESHOLD.match(value)
    if found:
        more = re.sub(rf"(?<=[,/;]) ?{re.escape(found['sign'])} ?", " ", found["more"] or "")
        twin = f" ({found['twin']})" if found["twin"] else ""
        return f"{found['sign']} {found['value']}{more}{twin}{unit}"
    ends = _SANDWICH.match(value) or _RANGE.match(value)
    if ends and _number(ends["low"]) < _number(ends["high"]):
        own = ends.groupdict().get("unit")
        return f"between {ends['low']} and {ends['high']}{own or unit}"
    if _BARE.match(value) and sign in ("<", ">", "≤", "≥"):
        return f"{sign} {value}{unit}"
    return None


def _number(text: str) -> float:
    found = re.search(NUMBER, text)
    return float(found.group().replace("−", "-")) if found else 0.0


def _spell_count(value: str, target: Header) -> Iterator[tuple[str, float | None]]:
    """A count under "Number of b-jets" or under "b-jets", and the upper end of a range."""
    what = target.counts or target.text
    if not target.nouns or re.search(rf"\d ?{UNITS}", value) or re.search(r"\d\.\d", value):
        return
    ends = _RANGE.match(value)
    found = _THRESHOLD.match(value)
    integer = _INTEGER.match(value)
    if more := _OR_MORE.match(value):
        yield f"at least {more['value']} {what}", None
    elif integer and target.sign and target.sign != "=":
        yield f"{target.sign} {integer['value']} {what}", None
    elif _VETO.match(value):
        yield f"no {what}", None
    elif integer:
        yield f"exactly {integer['value']} {what}", None
    elif re.match(r"^\d or \d$", value):
        yield f"{value} {what}", None
    elif ends and _number(ends["low"]) < _number(ends["high"]):
        yield f"at least {ends['low']} {what}", _number(ends["high"])
    elif found and not found["twin"] and not found["more"]:
        yield f"{found['sign']} {found['value']} {what}", None


def _read_per_object(value: str) -> list[tuple[str, str]]:
    """Pairs of object and value in "(e) 25 (μ) 20" or "25 (e), 20 (μ)"."""
    for pattern in (_PER_OBJECT_AFTER, _PER_OBJECT):
        found = [(m["who"], m["value"]) for m in pattern.finditer(value)]
        rest = pattern.sub("", value).strip(" ,;/or")
        if found and not rest:
            return [(_SYMBOLS.get(who, who.rstrip("s")), number) for who, number in found]
    return []
