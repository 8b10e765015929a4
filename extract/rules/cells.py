"""A cell of a selection table as sentences: what its labels leave unsaid is put in front."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.rules.captions import Caption
from extract.rules.headers import Header, find_region
from extract.rules.owners import Owner
from extract.rules.subjects import Noun
from extract.rules.symbols import simplify_symbols
from extract.rules.thresholds import NOTHING, spell_threshold
from extract.rules.tokens import scan

_NOTHING = re.compile(r"^(?:[-–—.…]+|n/?a|no requirement|any|all|not applied|as above|same|″|\"|x|×|\s*)$", re.I)
_YES = re.compile(r"^(?:yes|✓|✔|√|required|applied|•)$", re.I)
_VETO = re.compile(
    r"^(?P<what>(?:(?:additional|extra|third|loose) )?"
    r"(?:b|b-?jet|jet|lepton|electron|muon|tau|photon|τ_\{?h\}?))[- ]veto$",
    re.I,
)
_BULLET = re.compile(r"(?:^|\s)[-•–◦]\s+(?=[A-Z]|ΔR|\()|\n|;\s+(?!p_T)")
_PREFIX = re.compile(r"^(?P<who>[A-Za-zμτγℓ][\w\- ]{0,40}?): (?=\S)")
_ON_ETA = re.compile(r"(?P<cut>[pE]_\{?T\}?[^|]*?) (?:and|for|in|with|at) (?P<eta>(?:[\d.]+ ?[<≤] ?)?\|η\|[^|]*)")
_VERB = re.compile(r"\b(?:must|is|are|has|have|requir\w+|should)\b")
_MANY = r"(?:no|at least|at most|exactly|one|two|three|four|five|six|[≥≤] ?\d+) (?!\d)"
_COUNT = re.compile(_MANY, re.I)
_COUNTED = re.compile(rf",? and (?={_MANY})|, (?={_MANY})", re.I)
_EXCEPTION = re.compile(r"\s*\(((?:except|only|not|unless|if)\b[^()]*)\)")


class Spelled(NamedTuple):
    """A sentence made from a cell. `piece` is the part of the cell it was made from; `labels` those it needed."""

    text: str
    owner: Owner | None
    piece: str
    labels: tuple[str, ...]
    bare: bool = False  # the cell is only a value
    region: str | None = None  # named in front of the requirement, inside the cell
    condition: str | None = None  # "(except the 3-lepton category)", "(77% WP)"
    upper: float | None = None  # the upper end of a range of counts


def spell_cell(text: str, headers: Sequence[Header], caption: Caption = NOTHING) -> Iterator[Spelled]:
    """The sentences that a cell says under its labels (innermost first); none for "-" and other empty marks."""
    plain = text.strip()
    if _NOTHING.match(plain):
        return
    if is_tick(plain):
        own = next((h for h in headers if h.text and not h.scope), None)
        vetoed = _VETO.match(own.text) if own is not None else None
        if own is not None and vetoed is not None:
            what = "b-jets" if vetoed["what"] == "b" else vetoed["what"]
            yield Spelled(f"no {what}", None, text, (own.label,))
        elif own is not None and any(t.kind in ("relation", "compare", "count") for t in scan(own.text)):
            yield Spelled(own.text, None, text, (own.label,))
        return
    bare = [
        Spelled(t.text, t.owner, plain, t.labels, bare=True, condition=t.note, upper=t.upper)
        for t in spell_threshold(plain, headers, caption)
    ]
    yield from bare or _spell_pieces(plain, headers)


def is_tick(text: str) -> bool:
    """Whether a cell only says that its label applies: "yes", "✓"."""
    return _YES.match(text.strip()) is not None


def _spell_pieces(plain: str, headers: Sequence[Header]) -> Iterator[Spelled]:
    labelled = next((h for h in headers if h.quantity or h.counts), None)
    nouns = next((h for h in headers if h.nouns and h is not labelled and not h.scope), None)
    carrier = nouns or (labelled if labelled is not None and labelled.nouns else None)
    labels = tuple(h.label for h in (nouns, labelled) if h is not None)
    for piece in split_pieces(plain):
        body, whose = piece, Owner(carrier.nouns) if carrier is not None else None
        prefix = _PREFIX.match(piece)
        if prefix and (named := _read_nouns(prefix["who"])):
            whose = Owner(named)
            body = piece[prefix.end() :] if not re.search(r"[<>≤≥=\d]", prefix["who"]) else piece
        if not body:
            continue
        region = find_region(piece.split(":")[0]) if ":" in piece else None
        excepted = _EXCEPTION.search(body)
        exception = excepted[1] if excepted else None
        for text, condition in _split_alternatives(_spell_out(_EXCEPTION.sub("", body))):
            plain_text, note = simplify_symbols(text)
            case = "; ".join(c for c in (condition, exception, note) if c) or None
            for part in _COUNTED.split(plain_text):
                sentence = f"Events must have {part}" if _COUNT.match(part) and not _VERB.search(part) else part
                yield Spelled(sentence, whose, piece, labels, region=region, condition=case)


def _split_alternatives(text: str) -> list[tuple[str, str | None]]:
    """Thresholds that depend on |η|, "p_T > 25 GeV and |η| < 2.4 or p_T > 30 GeV and …": |η| is their condition.

    Other texts stay as they are, without a condition.
    """
    parts = [_ON_ETA.fullmatch(part.strip(" ,;")) for part in re.split(r",? or (?:with )?|;", text)]
    if len(parts) < 2 or not all(parts):
        return [(text, None)]
    return [(part["cut"], part["eta"]) for part in parts if part is not None]


def _spell_out(text: str) -> str:
    """Shorthand of tables in the words that sentences use."""
    text = re.sub(r"\b(?:e|electrons?)(?: ?/ ?| or )(?:μ|muons?)(?![\w^_])", "leptons", text)
    text = re.sub(r"(?<![\w^_])e \(μ\)", "electron (muon)", text)
    return re.sub(r"(?<=\d)\((?=\d)", " (", text)


def split_pieces(text: str) -> list[str]:
    """The items of a cell: bullets, semicolons, lines."""
    return [p.strip(" ,;") for p in _BULLET.split(text) if p and p.strip(" ,;")]


def _read_nouns(text: str) -> tuple[Noun, ...]:
    return tuple(t.noun for t in scan(text) if t.kind == "noun" and t.noun is not None)
