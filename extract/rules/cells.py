"""A cell of a selection table as sentences: what its labels leave unsaid is put in front."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.rules.headers import Header, find_region
from extract.rules.owners import Owner
from extract.rules.subjects import Noun
from extract.rules.tokens import scan

_NUMBER = r"[-+−]?\d+(?:\.\d+)?"
_UNITS = r"(?:[TGM]?eV|mm|cm|μm|%|°|mrad|rad)"
_VALUE = rf"{_NUMBER}(?: ?{_UNITS})?"
_SIGN = r"(?:[<>≤≥=]|at least|at most|exactly|less than|more than|greater than|up to)"
_THRESHOLD = re.compile(
    rf"^(?P<sign>{_SIGN}) ?(?P<value>{_VALUE})(?: \((?P<twin>(?:{_SIGN} ?)?{_VALUE})\))?(?P<more>(?:(?:,| and|,? or"
    rf"| /|;) ?(?:{_SIGN} ?)?{_VALUE})*)$"
)
_RANGE = re.compile(
    rf"^(?:∈ ?)?(?:[\[(]? ?(?P<low>{_VALUE}) ?(?:,|–|-|—|to|\.\.\.|…) ?(?P<high>{_VALUE}) ?[\])]?)"
    rf"(?P<unit> ?{_UNITS})?$"
)
_BARE = re.compile(rf"^(?P<value>{_NUMBER})(?P<unit> ?{_UNITS})?(?: (?P<plus>or more|or fewer))?$")
_OR_MORE = re.compile(r"^(?P<value>\d+)(?:\+| or more)$")
_SANDWICH = re.compile(
    rf"^(?P<low>{_VALUE}) ?(?P<left>[<≤]) ?(?:[-–.…x]|\.\.\.)? ?(?P<right>[<≤]) ?(?P<high>{_VALUE})$"
)
_PER_OBJECT = re.compile(
    r"\(?(?P<who>e|μ|τ|γ|ℓ|electrons?|muons?|taus?|photons?)\)? ?:? ?(?P<value>(?:[<>≤≥] ?)?\d+(?:\.\d+)?)(?= |$|,|;)"
)
_PER_OBJECT_AFTER = re.compile(r"(?P<value>(?:[<>≤≥] ?)?\d+(?:\.\d+)?) ?\((?P<who>e|μ|τ|γ|electrons?|muons?|taus?)\)")
_NOTHING = re.compile(r"^(?:[-–—.…]+|n/?a|none|no requirement|not applied|as above|same|″|\"|x|×|\s*)$", re.I)
_VETO = re.compile(r"^(?:veto(?:ed)?|no|0|none)$", re.I)
_YES = re.compile(r"^(?:yes|✓|✔|√|required|applied|•|✕?)$", re.I)
_BULLET = re.compile(r"(?:^|\s)[-•–◦]\s+(?=[A-Z]|ΔR|\()|;\s+|\n")
_PREFIX = re.compile(r"^(?P<who>[A-Za-zμτγℓ][\w\- ]{0,40}?): (?=\S)")
_EXCEPTION = re.compile(r"\s*\(((?:except|only|not|unless|if)\b[^()]*)\)")
_INTEGER = re.compile(r"^\d{1,2}$")
_SYMBOLS = {"e": "electron", "μ": "muon", "τ": "tau", "γ": "photon", "ℓ": "lepton"}


class Spelled(NamedTuple):
    """A sentence made from a cell. `piece` is the part of the cell it was made from; `labels` those it needed."""

    text: str
    owner: Owner | None
    piece: str
    labels: tuple[str, ...]
    quantity: str | None = None  # the label that says which quantity a bare value is about
    region: str | None = None  # named in front of the requirement, inside the cell
    exception: str | None = None  # "(except the 3-lepton category)"


def spell_cell(text: str, headers: Sequence[Header]) -> Iterator[Spelled]:
    """The sentences that a cell says under its labels (innermost first); none for "-" and other empty marks."""
    plain = text.strip()
    labelled = next((h for h in headers if h.quantity or h.counts), None)
    nouns = next((h for h in headers if h.nouns and h is not labelled and not h.scope), None)
    if _NOTHING.match(plain):
        return
    if _YES.match(plain):
        own = next((h for h in headers if h.text and not h.scope), None)
        if own is not None and any(t.kind in ("relation", "compare", "count") for t in scan(own.text)):
            yield Spelled(own.text, None, text, (own.label,))
        return
    bare = list(_spell_bare(plain, labelled, nouns, headers))
    if bare:
        yield from bare
        return
    owner = Owner(nouns.nouns) if nouns is not None else None
    if owner is None and labelled is not None and labelled.nouns:
        owner = Owner(labelled.nouns)
    labels = tuple(h.label for h in (nouns, labelled) if h is not None)
    for piece in split_pieces(plain):
        body, whose = piece, owner
        prefix = _PREFIX.match(piece)
        if prefix and (named := _read_nouns(prefix["who"])):
            whose = Owner(named)
            body = piece[prefix.end() :] if not re.search(r"[<>≤≥=\d]", prefix["who"]) else piece
        if body:
            region = find_region(piece.split(":")[0]) if ":" in piece else None
            excepted = _EXCEPTION.search(body)
            yield Spelled(
                _spell_out(_EXCEPTION.sub("", body)), whose, piece, labels, region=region,
                exception=excepted[1] if excepted else None,
            )  # fmt: skip


def _spell_out(text: str) -> str:
    """Shorthand of tables in the words that sentences use."""
    text = re.sub(r"\b(?:e|electrons?)(?: ?/ ?| or )(?:μ|muons?)(?![\w^_])", "leptons", text)
    text = re.sub(r"(?<![\w^_])e \(μ\)", "electron (muon)", text)
    return re.sub(r"(?<=\d)\((?=\d)", " (", text)


def split_pieces(text: str) -> list[str]:
    """The items of a cell: bullets, semicolons, lines."""
    return [p.strip(" ,;") for p in _BULLET.split(text) if p and p.strip(" ,;")]


def _spell_bare(
    plain: str, labelled: Header | None, nouns: Header | None, headers: Sequence[Header]
) -> Iterator[Spelled]:
    """Cells that are only a value: the label gives the quantity, the object and the unit."""
    counted = labelled if labelled is not None and labelled.counts else None
    if labelled is None or counted is not None:
        target = counted or nouns
        if target is not None:
            yield from _spell_count(plain, target)
        return
    unit = "" if re.search(_UNITS, plain) else f" {labelled.unit}" if labelled.unit else ""
    if labelled.unit is None and not unit and not re.search(_UNITS, plain):
        other = next((h.unit for h in headers if h.unit), None)
        unit = f" {other}" if other else ""
    name = re.sub(r"\s*[<>≤≥=]\s*$", "", labelled.text)
    sign = next(iter(re.findall(r"[<>≤≥=]\s*$", labelled.text)), labelled.tendency or "").strip()
    name = re.sub(r"\b(?:min(?:imum|\.)?|max(?:imum|\.)?|threshold)\b ?", "", name, flags=re.I).strip()
    owner = Owner(nouns.nouns) if nouns is not None else Owner(labelled.nouns) if labelled.nouns else None
    labels = tuple(h.label for h in (nouns, labelled) if h is not None)
    for who, value in _read_per_object(plain):
        if value[0] in "<>≤≥" or sign:
            whose = re.sub(r"\bleptons?\b", who, name) if re.search(r"\bleptons?\b", name) else f"{who} {name}"
            text = f"{whose} {value if value[0] in '<>≤≥' else f'{sign} {value}'}{unit}"
            yield Spelled(text, Owner((Noun(who),)), plain, labels, labelled.text)
    if _read_per_object(plain):
        return
    body = _complete(plain, sign, unit)
    if body is not None:
        yield Spelled(f"{name} {body}", owner, plain, labels, labelled.text)


def _complete(plain: str, sign: str, unit: str) -> str | None:
    """The threshold with its sign and unit; None when the cell is something else or says no direction."""
    if _THRESHOLD.match(plain):
        return f"{plain}{unit}"
    sandwich = _SANDWICH.match(plain)
    if sandwich:
        return f"between {sandwich['low']} and {sandwich['high']}{unit}"
    found = _RANGE.match(plain)
    if found and float(re.sub(r"[^\d.]", "", found["low"]) or 0) < float(re.sub(r"[^\d.]", "", found["high"]) or 0):
        return f"between {found['low']} and {found['high']}{found['unit'] or ''}{'' if found['unit'] else unit}"
    bare = _BARE.match(plain)
    if bare and sign in ("<", ">", "≤", "≥"):
        return f"{sign} {plain}{unit}"
    return None


def _spell_count(plain: str, target: Header) -> Iterator[Spelled]:
    """A count under "Number of b-jets" or under "b-jets"."""
    what = target.counts or target.text
    if not target.nouns or re.search(_UNITS, plain):
        return
    if target.counts is None and re.search(r"\.\d", plain):
        return
    more = _OR_MORE.match(plain)
    if more:
        text = f"at least {more['value']} {what}"
    elif _VETO.match(plain):
        text = f"no {what}"
    elif _INTEGER.match(plain):
        text = f"exactly {plain} {what}"
    elif (found := _THRESHOLD.match(plain)) and not found["twin"] and not found["more"]:
        text = f"{found['sign']} {found['value']} {what}"
    else:
        return
    yield Spelled(text, None, plain, (target.label,), what)


def _read_per_object(plain: str) -> list[tuple[str, str]]:
    """Pairs of object and value in "(e) 25 (μ) 20" or "25 (e), 20 (μ)"."""
    for pattern in (_PER_OBJECT_AFTER, _PER_OBJECT):
        found = [(m["who"], m["value"]) for m in pattern.finditer(plain)]
        rest = pattern.sub("", plain).strip(" ,;/or")
        if found and not rest:
            return [(_SYMBOLS.get(who, who.rstrip("s")), value) for who, value in found]
    return []


def _read_nouns(text: str) -> tuple[Noun, ...]:
    return tuple(t.noun for t in scan(text) if t.kind == "noun" and t.noun is not None)
