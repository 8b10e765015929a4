"""Selection tables: every cell is read as a sentence under the labels of its row and its column.

Tables of yields, uncertainties, samples and results say nothing about what is selected and give nothing.
"""

import re
from collections.abc import Iterator, Sequence

from extract.rules.cells import Spelled, spell_cell
from extract.rules.choices import read_choice_sentence
from extract.rules.drafts import Draft, keep_distinct
from extract.rules.headers import Header, join_scopes, read_header
from extract.rules.labels import read_label_sentence
from extract.rules.owners import Owner
from extract.rules.prose import Sentence
from extract.rules.sentences import Claim, Context, read_sentence
from schemas.document import Cell, Document, Table
from schemas.finding import Finding, Ramp
from schemas.vocabulary import Stage

_SELECTS = re.compile(
    r"selection|criteri|requirement|\bcuts?\b|definition of|preselection|defin(?:ing|ed)|regions?\b|categor|selected"
    r"|working point"
    r"|kinematic|object|thresholds?|triggers?\b",
    re.I,
)
_COUNTS_EVENTS = re.compile(
    r"yields?\b|uncertaint|expected (?:and observed )?(?:number|background|signal|event)|observed"
    r"|number of (?:\w+ ){0,3}events|events? (?:counts?|in data)"
    r"|efficienc|acceptance|cross[- ]sections?|limits?\b|systematic|generator|simulated|Monte Carlo|samples?\b"
    r"|resolution|purity|best[- ]fit|impact"
    r"|signal strength|breakdown|correlation|input variables|\bBDT (?:inputs?|variables)|training|branching"
    r"|parameters? of|significance of|p-value|"
    r"fraction|cutflow|cut flow|fiducial|particle[- ]level|binning|hyper-?parameter",
    re.I,
)
_RESULT = re.compile(
    r"±|\+\d[\d.]*\s*[-−]\s*\d|\d[\d.]*\s*\(\s*\d[\d.]*\s*\)\s*$|× ?10|^\d{3,}$|^\d+\.\d+$|^\d+(?:\.\d+)? ?%$"
)
_ASKS = re.compile(
    r"[<>≤≥]|\bat (?:least|most)\b|\b(?:loose|medium|tight|veto|exactly|opposite|same|isolated|trigger|pass|closest"
    r"|between)\b|^=|\[\d+",
    re.I,
)
_DIRECTED = re.compile(r"[<>≤≥]\s*$|^(?:min|max)(?:imum|\.)? ")
_SHARE_OF_ASKING = 0.3
_SHARE_OF_RESULTS = 0.4
_SHARE_WITHOUT_CAPTION = 0.6
_CELLS_WITHOUT_CAPTION = 4
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


def read_tables(document: Document) -> list[Finding]:
    """The findings of all selection tables; quotes are the cell (or its part) and the labels it needs, verbatim."""
    findings: list[Finding] = []
    for index, table in enumerate(document.tables):
        if selects(table):
            known: dict[str, Owner] = {}
            for cell in find_data(table):
                findings += read_cell(cell, document, index, known)
    return list(keep_distinct(findings))


def selects(table: Table) -> bool:
    """Whether a table tells a selection: by its caption, then by what its cells look like."""
    cells = [c for c in find_data(table) if c.text.strip()]
    data = [c.text for c in cells]
    if not data:
        return False
    asked = sum(any(_DIRECTED.search(label) for label in (*c.row_path, *c.header_path)) for c in cells) / len(cells)
    if asked >= _SHARE_OF_RESULTS:
        return True
    asking = sum(bool(_ASKS.search(t)) for t in data) / len(data)
    results = sum(bool(_RESULT.search(t)) and not _ASKS.search(t) for t in data) / len(data)
    if results >= _SHARE_OF_RESULTS:
        return False
    if not table.caption.strip():
        return asking >= _SHARE_WITHOUT_CAPTION and len(data) >= _CELLS_WITHOUT_CAPTION
    first = re.split(r"(?<=[a-z)])\. ", table.caption)[0]
    if _COUNTS_EVENTS.search(first) and not re.search(
        r"selection (?:criteria|requirements)|definition|criteria|requirements", first, re.I
    ):
        return False
    return bool(_SELECTS.search(first)) or asking >= _SHARE_OF_ASKING


def find_data(table: Table) -> Iterator[Cell]:
    """The cells that are no labels of rows or columns."""
    labels = {(label, c.row) for c in table.cells for label in c.row_path}
    headers = {(label, c.column) for c in table.cells for label in c.header_path}
    named = {label for label, _ in headers}
    top = min((c.row for c in table.cells), default=0)
    for cell in table.cells:
        if (cell.text, cell.row) in labels or (cell.text, cell.column) in headers:
            continue
        if cell.row == top and cell.text in named:
            continue  # a header that spans several columns
        if cell.row_path or cell.header_path or _ASKS.search(cell.text):
            yield cell


def read_cell(cell: Cell, document: Document, table: int, known: dict[str, Owner] | None = None) -> Iterator[Finding]:
    """What one cell asks for under its labels. `known` keeps whose a ranked symbol (`p_T^{lead}`) was further up."""
    known = {} if known is None else known
    rows = [read_header(label) for label in reversed(cell.row_path) if label.strip()]
    columns = [read_header(label) for label in reversed(cell.header_path) if label.strip()]
    headers = [*rows, *columns]
    on_composite = any(_COMPOSITE.search(h.label) for h in rows)
    named = join_scopes(rows[::-1], columns[::-1])
    for spelled in spell_cell(cell.text, headers):
        scope = spelled.region or named
        quote = _quote(spelled, cell, headers, document)
        symbol = _RANKED_SYMBOL.search(spelled.text)
        owner = spelled.owner or (known.get(symbol.group()) if symbol else None)
        if _EXPLAINS.match(spelled.piece):
            claims: tuple[Claim, ...] = ()
        else:
            case = _CASE.match(spelled.text)
            claims = read_sentence(case["case"] if case else spelled.text, Context(owner)).claims
        if owner is not None:
            known.update({m.group(): owner for m in _RANKED_SYMBOL.finditer(spelled.text)})
        chosen = _CASE.match(spelled.text) is not None
        for claim in claims:
            if _said(claim, spelled):
                claim = _tell_apart(claim, spelled.text)
                finding = _from_claim(claim, cell, table, quote, scope, on_composite=on_composite)
                if spelled.condition:
                    condition = "; ".join(c for c in (claim.condition, spelled.condition) if c)
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
    names = dict.fromkeys([*spelled.labels, *(h.label for h in headers if h.scope)])
    labels = [n for n in names if n in document.text and n != piece]
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
