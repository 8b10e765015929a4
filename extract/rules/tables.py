"""Selection tables: every cell is read as a sentence under the labels of its row and its column.

Tables of yields, uncertainties, samples and results say nothing about what is selected and give nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from extract.rules.captions import Caption, read_caption
from extract.rules.cells import Spelled, is_tick, spell_cell
from extract.rules.choices import read_choice_sentence
from extract.rules.drafts import Draft, keep_distinct
from extract.rules.headers import Header, join_scopes, names_point, read_path
from extract.rules.kinds import find_data, selects
from extract.rules.labels import read_label_sentence
from extract.rules.owners import Owner
from extract.rules.prose import Sentence
from extract.rules.sentences import Claim, Context, read_sentence
from schemas.document import Cell, Document, Table
from schemas.finding import Finding, Ramp
from schemas.vocabulary import Stage

_COMPOSITE = re.compile(r"quadruplet|\bpairs?\b|di-?(?:lepton|photon|muon|electron|jet)\b|candidates?$", re.I)
# Whose transverse momentum `p_T^{sublead}` is, a table says once.
_RANKED_SYMBOL = re.compile(r"\S+\^\{?(?:sub)?lead\w*\}?")
# "If a fifth lepton with p_T > 12 GeV is found, take …": what is counted there switches a choice on.
_CASE = re.compile(r"If (?P<case>[^,;]*?\d[^,;]*?) (?:meet|satisf|pass|is|are|exist|can)\w*\b")
_EXPLAINS = re.compile(r"(?:-\s*)?(?:All (?:possible )?combinations|Correction of|Classification)\b")
_WORKING_POINT = re.compile(
    r"^(?:very |hyper)?(?:loose|medium|tight)\w*(?:\s*\[\d+\])?$|^\d{2}(?:\.\d+)? ?%(?: WP)?$", re.I
)
_PAIR_LABEL = re.compile(r"charge|\bsign\b|flavou?r", re.I)
_PAIR_WORDS = (
    (r"OS|opposite(?:[- ](?:sign|charge))?", "opposite sign"),
    (r"SS|same[- ](?:sign|charge)", "same sign"),
    (r"SF|same(?:[- ]flavou?r)?", "same flavour"),
    (r"[DO]F|(?:different|opposite)[- ]flavou?r", "different flavour"),
)
_WP_LABEL = re.compile(r"identif|\bID\b|isolat|quality|b-?tag|working point|\bWP\b", re.I)
_COUNT_BIN = re.compile(r"[Nn]_?\{?\w+[^<>≤≥=]{0,8}[<>≤≥=] ?\d+\b(?! ?[TGM]eV)|(?:≥ ?)?\d+[- ]?(?:b-)?jets?$")


class Frame(NamedTuple):
    """What all cells of a table share: its place, its caption, and what heads its column headers and row labels."""

    table: int
    document: Document
    caption: Caption = Caption()
    corner: str | None = None
    row_corners: Mapping[int, str] = {}
    spanned: Mapping[tuple[int, int], tuple[str, ...]] = {}


def read_tables(document: Document) -> list[Finding]:
    """The findings of all selection tables; quotes are the cell (or its part) and the labels it needs, verbatim."""
    findings: list[Finding] = []
    for index, table in enumerate(document.tables):
        if not selects(table):
            continue
        frame = Frame(index, document, read_caption(table.caption), *find_corners(table), find_spanned(table))
        known: dict[str, Owner] = {}
        findings += read_bins(table, frame)
        for cell in find_data(table):
            findings += read_cell(cell, frame, known)
    return list(keep_distinct(findings))


def find_corners(table: Table) -> tuple[str | None, dict[int, str]]:
    """What heads the column headers (the text left of them), and by row what heads its label."""
    labels = [c for c in table.cells if c.column == 0]
    first = min((c.row for c in table.cells if c.row_path or (c.header_path and c.column == 0)), default=0)
    corner = next((c.text for c in labels if c.row < first), None)
    return corner, {c.row: c.header_path[-1] for c in labels if c.header_path}


def find_spanned(table: Table) -> dict[tuple[int, int], tuple[str, ...]]:
    """By place of a cell that spans several columns, but not all of them: the headers of its columns."""
    top = min((c.row for c in table.cells if c.row_path), default=0)
    lowest = {c.column: c for c in table.cells if c.row < top and c.column > 0}
    rows: dict[int, list[int]] = {}
    for cell in table.cells:
        if cell.row >= top:
            rows.setdefault(cell.row, []).append(cell.column)
    spanned: dict[tuple[int, int], tuple[str, ...]] = {}
    for cell in table.cells:
        own = lowest.get(cell.column)
        if cell.row < top or own is None or own.text in cell.header_path:
            continue
        end = min((c for c in rows[cell.row] if c > cell.column), default=max(lowest) + 1)
        columns = [c for c in range(cell.column, end) if c in lowest]
        if 1 < len(columns) < len(lowest):
            spanned[cell.row, cell.column] = tuple(lowest[c].text for c in columns)
    return spanned


def read_bins(table: Table, frame: Frame) -> Iterator[Finding]:
    """The counts by which columns are named: "N_jet = 0" above a column holds for all events of that region."""
    named = {label for cell in table.cells for label in cell.header_path}
    for cell in table.cells:
        if cell.text not in named or _COUNT_BIN.match(cell.text) is None:
            continue
        for claim in read_sentence(cell.text).claims:
            if claim.variable == "n":
                yield _from_claim(claim, cell, frame.table, (cell.text,), cell.text, on_composite=False)


def read_cell(cell: Cell, frame: Frame, known: dict[str, Owner] | None = None) -> Iterator[Finding]:
    """What one cell asks for under its labels. `known` keeps whose a ranked symbol (`p_T^{lead}`) was further up."""
    known = {} if known is None else known
    document, table = frame.document, frame.table
    rows = read_path(cell.row_path, frame.row_corners.get(cell.row, frame.corner))[::-1]
    spanned = frame.spanned.get((cell.row, cell.column), ())
    path = (*cell.header_path, *spanned[:1])
    columns = read_path(path, frame.corner, bins=not is_tick(cell.text))[::-1]
    if columns and len(spanned) > 1:
        names = [
            h.scope for label in spanned for h in read_path((*cell.header_path, label), frame.corner, bins=True)[-1:]
        ]
        columns[0] = columns[0]._replace(scope=" and ".join(n for n in names if n) or None)
    headers = [*rows, *columns]
    on_composite = any(_COMPOSITE.search(h.label) for h in rows)
    named = join_scopes(rows[::-1], columns[::-1])
    binned = [h.note for h in columns if h.note and not h.text]
    for spelled in spell_cell(cell.text, headers, frame.caption):
        scope = spelled.region or named
        quote = _quote(spelled, cell, headers, document)
        symbol = _RANKED_SYMBOL.search(spelled.text)
        owner = spelled.owner or (known.get(symbol.group()) if symbol else None)
        if _EXPLAINS.match(spelled.piece):
            claims: tuple[Claim, ...] = ()
        else:
            case = _CASE.match(spelled.text)
            claims = read_sentence(case["case"] if case else spelled.text, Context(owner)).claims
            if not claims and owner is None and not named and frame.caption.noun is not None:
                claims = read_sentence(spelled.text, Context(Owner((frame.caption.noun,)))).claims
        if owner is not None:
            known.update({m.group(): owner for m in _RANKED_SYMBOL.finditer(spelled.text)})
        chosen = _CASE.match(spelled.text) is not None
        for claim in claims:
            if _said(claim, spelled):
                claim = _tell_apart(claim, spelled.text)
                if spelled.upper is not None and isinstance(claim.bound.value, float):
                    both = (claim.bound.value, spelled.upper)
                    claim = claim._replace(bound=claim.bound._replace(operator="between", value=both, closed="both"))
                finding = _from_claim(claim, cell, table, quote, scope, on_composite=on_composite)
                if condition := "; ".join(c for c in (claim.condition, spelled.condition, *binned) if c):
                    finding = finding.model_copy(update={"condition": condition})
                yield finding.model_copy(update={"effect": "choose", "stage": "candidate"}) if chosen else finding
        for draft in _read_labels(spelled, cell, headers):
            yield _from_draft(draft, cell, table, quote, scope)


def _tell_apart(claim: Claim, text: str) -> Claim:
    """Of "two additional leptons with p_T > 8, 6 GeV" the first is the leading additional lepton; "one electron (muon)"
    is one lepton, whatever its flavour.
    """
    if claim.variable == "n" and "electron (muon)" in text:
        return claim._replace(subject="lepton")
    rank, _, kind = claim.subject.partition("_")
    if rank in ("leading", "subleading", "third") and re.search(r"\b(?:additional|extra|remaining)\b", text):
        return claim._replace(subject=f"other:{rank} additional {kind}")
    return claim


def _said(claim: Claim, spelled: Spelled) -> bool:
    """Whether the number of a claim is printed in the cell (a number in a label is not the cell's)."""
    if spelled.bare or claim.variable == "n" or isinstance(claim.bound.value, Ramp):
        return True
    values = claim.bound.value if isinstance(claim.bound.value, tuple) else (claim.bound.value,)
    return all(
        re.search(rf"(?<![\d.]){re.escape(f'{v:g}')}(?!\d)", spelled.piece) or not 0.01 <= abs(v) < 1000 for v in values
    )


def _read_labels(spelled: Spelled, cell: Cell, headers: Sequence[Header]) -> Iterator[Draft]:
    topic = spelled.owner.nouns[0].subject if spelled.owner else None
    draft = _read_word(spelled.piece, topic, headers)
    if draft is not None:
        yield draft
        return
    sentence = Sentence(spelled.piece, cell.start, "", "selection", topic, "", asked=True)
    yield from read_label_sentence(sentence)
    yield from read_choice_sentence(sentence)


def _read_word(word: str, topic: str | None, headers: Sequence[Header]) -> Draft | None:
    """A cell of one word: a working point under "Identification", "OS" under "Charge", "SF" under "Flavour"."""
    nouns = [n.subject for h in headers for n in h.nouns]
    subject = topic or (nouns[0] if nouns else None)
    label = next((h.label for h in headers if _WP_LABEL.search(h.label)), None)
    if _WORKING_POINT.match(word) and label is not None and subject is not None:
        btag = re.search(r"b-?tag", label) is not None or subject == "b-jet"
        variable = "isolation" if re.search(r"isolat", label, re.I) else "btag" if btag else "id"
        return Draft(0, len(word), "object", "b-jet" if btag else subject, variable, "pass", word)
    paired = next((h for h in headers if _PAIR_LABEL.search(h.label)), None)
    meaning = next((m for pattern, m in _PAIR_WORDS if re.fullmatch(pattern, word, re.I)), None)
    if paired is None or meaning is None:
        return None
    lepton = next((s for s in nouns if s in ("electron", "muon", "tau")), "lepton")
    variable = "flavour" if "flavour" in meaning else "charge"
    return Draft(0, len(word), "candidate", lepton, variable, "==", meaning, second_subject=lepton)


def _quote(spelled: Spelled, cell: Cell, headers: Sequence[Header], document: Document) -> tuple[str, ...]:
    """The part of the cell and the labels it needs, each verbatim; labels first, as a person reads them."""
    piece = spelled.piece if spelled.piece and spelled.piece in document.text else cell.text
    own = {*cell.row_path, *cell.header_path}  # of a merged cell, no labels of single columns
    names = dict.fromkeys([*spelled.labels, *(h.label for h in headers if h.scope and not names_point(h.label))])
    labels = [n for n in names if n in own and n in document.text and n != piece]
    return (*labels, piece)


def _stage(claim: Claim, scope: str | None, *, on_composite: bool) -> Stage:
    if scope is not None:
        return "region"
    if on_composite or claim.subject in (
        "dilepton",
        "diphoton",
        "dijet",
        "quadruplet",
        "leading_pair",
        "subleading_pair",
    ):
        return "candidate"
    return "event" if claim.variable == "n" or claim.subject in ("event", "met") else "object"


def _from_claim(
    claim: Claim, cell: Cell, table: int, quote: tuple[str, ...], scope: str | None, *, on_composite: bool
) -> Finding:
    return Finding(
        id=f"table{table}-{cell.row}-{cell.column}-{claim.subject}-{claim.variable}".replace(" ", "_"),
        stage=_stage(claim, scope, on_composite=on_composite), subject=claim.subject, second_subject=claim.second,
        variable=claim.variable, operator=claim.bound.operator, value=claim.bound.value, closed=claim.bound.closed,
        unit=claim.bound.unit, effect=claim.effect, condition=claim.condition, scope=scope, group=claim.group,
        quote=quote, source="table", page=cell.page, start=cell.start, reader="rules",
    )  # fmt: skip


def _from_draft(draft: Draft, cell: Cell, table: int, quote: tuple[str, ...], scope: str | None) -> Finding:
    return Finding(
        id=f"table{table}-{cell.row}-{cell.column}-{draft.subject}-{draft.variable}".replace(" ", "_"),
        stage=draft.stage, subject=draft.subject, second_subject=draft.second_subject, variable=draft.variable,
        operator=draft.operator, value=draft.value, effect=draft.effect, condition=draft.condition,
        scope=draft.scope or scope, quote=quote, source="table", cites=draft.cites, page=cell.page, start=cell.start,
        reader="rules", note=draft.note,
    )  # fmt: skip
