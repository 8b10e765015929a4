"""What of a paper a model is given to read, in blocks that are never cut in the middle of a sentence.

More than the rules read: a model can tell what selects nothing. A section about selection is given in full; of the
others, the passages that speak of a requirement; tables that are not only results. Hidden text is not in a Document's
text and never gets here.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from extract.grounding.index import GroundingIndex
from extract.rules.captions import read_caption
from extract.rules.kinds import find_data, selects
from extract.rules.sections import judge_headings, read_headings
from schemas.document import Cell, Document, Table

_SHARE = 0.25  # of a table's cells that compare something
_LONGEST = 3000  # characters of one block; a longer passage is cut between sentences
_REQUIRES = re.compile(
    r"requir|select|must\b|reject|veto|remov|discard|exclud|retain|accept|satisf|fulfil|pass(?:es|ed|ing)?\b"
    r"|criteri|\bcuts?\b"
    r"|threshold|candidates?\b|defin|consider|categor|\bregions?\b|window|trigger|at (?:least|most)|exactly|identif"
    r"|isolat|reconstruct|[<>≤≥]",
    re.I,
)
_ASKS = re.compile(
    r"\b(?:(?:is|are|was|were|be|been) (?:\w+ ){0,2}(?:required|selected|rejected|vetoed|removed|discarded|retained"
    r"|kept|accepted|demanded|applied|imposed)|must|has to|have to|requir(?:e|es|ing)|selects?|rejects?"
    r"|selection (?:criteri|requir))",
    re.I,
)
_BOUND = re.compile(r"[<>≤≥]|\d ?(?:[GMTk]?eV|[mcμ]m|%)|\b(?:at least|at most|exactly|one|two|three|four|no)\b")
_ELSEWHERE = re.compile(
    r"simulat|monte carlo|generat|fiducial|particle[- ]level|acknowledg|references|bibliograph|theor|detector"
    r"|collaboration|introduc|contents|conclusion|summary|abstract|uncertaint|systematic|results?\b|limits?\b|statistic"
    r"|interpretation|likelihood",
    re.I,
)
_CITED = re.compile(r"references|bibliograph", re.I)
_RECORDED = re.compile(
    r"\b(?:recorded|collected|selected|triggered|used|required?)\b[^.]{0,80}\btriggers?\b"
    r"|\btriggers?\b[^.]{0,60}\b(?:recorded|used|required|thresholds?)\b|\bdata[- ]quality (?:requir|criteri|select)",
    re.I,
)
_TRIGGERED = re.compile(  # thresholds of triggers are told where the detector is described, too
    r"\btriggers?\b[^.]{0,120}?\b(?:at least|above|exceed\w*|great\w*|larger|higher|more than|thresholds?)\b"
    r"(?:[^.]|\.(?=\d)){0,60}?\d ?[kMGT]eV",
    re.I,
)
_NOT_SELECTION = re.compile(
    r"\bfiducial|particle[- ]level|uncertaint|systematic|yields?\b|cross[- ]sections?|branching|generator|simulated"
    r"|number of (?:\w+ )*events|limits?\b|efficienc|input variables|resolution",
    re.I,
)
_COMPARES = re.compile(r"[<>≤≥]|\bat (?:least|most)\b|\b(?:loose|medium|tight|veto|opposite|same|exactly)", re.I)
_AROUND = 900  # characters before and behind what a question is about
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“(])")


class Block(NamedTuple):
    """A part of a paper that stays together: a passage, a run of sentences of a long one, or some rows of a table."""

    start: int  # offsets into Document.text: where the block's words stand
    end: int
    page: int
    kind: str
    headings: tuple[str, ...]
    text: str  # as the model gets it, not yet fenced
    table: int | None = None
    trusted: bool = False  # stands in a section about selection, or in a table that tells one


def find_blocks(document: Document) -> tuple[Block, ...]:
    """Everything a model is given to read, in order of the text; tables where their first cell stands."""
    index = GroundingIndex(document)
    blocks: list[Block] = []
    for passage in document.passages:
        if passage.kind in ("heading", "bibliography", "cell", "other"):
            continue
        if passage.kind == "caption" and passage.table is not None:
            continue  # stands over its table
        headings = read_headings(document, passage.section)
        if passage.kind == "footnote" and any(_CITED.search(h) for h in headings):
            headings = ()  # it belongs to where its mark is, not to the list that it is printed below
        trust = judge_headings(headings)
        text = document.passage_text(passage)
        if trust == "selection" or _speaks(text, headings, neutral=trust == "neutral"):
            blocks += cut_block(
                Block(
                    passage.start, passage.end, passage.page, passage.kind, headings, text, None, trust == "selection"
                ),
                index,
            )
    for number, table in enumerate(document.tables):
        if tells(table):
            blocks += write_table(document, number)
    return tuple(sorted(blocks, key=lambda b: b.start))


def take_spans(document: Document, spans: Sequence[tuple[int, int]]) -> tuple[Block, ...]:
    """The passages and tables that the spans touch, whatever they speak of."""
    index = GroundingIndex(document)
    blocks: list[Block] = []
    tables: dict[int, None] = {}
    for passage in document.passages:
        if not any(passage.start < end and start < passage.end for start, end in spans):
            continue
        if passage.kind == "cell" and passage.table is not None:
            tables[passage.table] = None
        elif passage.kind not in ("heading", "bibliography"):
            headings = read_headings(document, passage.section)
            block = Block(
                passage.start,
                passage.end,
                passage.page,
                passage.kind,
                headings,
                document.passage_text(passage),
                None,
                True,
            )
            blocks += cut_block(block, index)
    for number in tables:
        blocks += write_table(document, number)
    return tuple(sorted(blocks, key=lambda b: b.start))


def _speaks(text: str, headings: tuple[str, ...], *, neutral: bool) -> bool:
    """Whether a passage outside the sections about selection may state a requirement."""
    if _RECORDED.search(text) or _TRIGGERED.search(text):
        return True  # triggers and data quality are told where the data are, under any heading
    elsewhere = any(_ELSEWHERE.search(h) for h in headings[-2:])
    if elsewhere and not neutral:
        return False
    if neutral and not elsewhere:
        return bool(_REQUIRES.search(text)) and bool(_BOUND.search(text) or _ASKS.search(text))
    return bool(_ASKS.search(text)) and bool(_BOUND.search(text))


def tells(table: Table) -> bool:
    """Whether a table may tell a selection: more generous than the rules, which must read it alone."""
    if selects(table):
        return True
    if _NOT_SELECTION.search(read_caption(table.caption).title or table.caption[:200]):
        return False
    cells = [c.text for c in find_data(table) if c.text.strip()]
    return sum(bool(_COMPARES.search(t)) for t in cells) >= max(2, _SHARE * len(cells))


def cut_block(block: Block, index: GroundingIndex, longest: int = _LONGEST) -> list[Block]:
    """The block, or its sentences in runs of at most `longest` characters; one long sentence stays whole."""
    if block.end - block.start <= longest or block.table is not None:
        return [block]
    text = index.document.text
    cuts = [block.start, *(m.end() for m in _SENTENCE.finditer(text, block.start, block.end)), block.end]
    pieces: list[Block] = []
    first = cuts[0]
    for cut, after in zip(cuts[1:], [*cuts[2:], cuts[-1] + longest], strict=True):
        if after - first > longest or cut == block.end:
            part = text[first:cut]
            pieces.append(block._replace(start=first, end=cut, page=index.document.page_at(first), text=part))
            first = cut
    return pieces


def write_table(document: Document, number: int) -> list[Block]:
    """A table row by row, every cell under the path of its headers; a long one in several blocks with its caption."""
    table = document.tables[number]
    if not table.cells:
        return []
    headings = _find_headings(document, number)
    rows: dict[int, list[Cell]] = {}
    for cell in find_data(table):
        if cell.text.strip():
            rows.setdefault(cell.row, []).append(cell)
    label = table.label or "Table"
    title = table.caption if table.caption.startswith(label) else f"{label}: {table.caption}"
    blocks: list[Block] = []
    lines: list[str] = []
    cells: list[Cell] = []
    last: tuple[str, ...] | None = None
    for _, row in sorted(rows.items()):
        lines += _write_row(row, last)
        last = row[0].row_path
        cells += row
        if sum(map(len, lines)) > _LONGEST:
            blocks.append(_make_table_block(title, lines, cells, headings, number))
            lines, cells, last = [], [], None
    if cells:
        blocks.append(_make_table_block(title, lines, cells, headings, number))
    return blocks


def _write_row(row: Sequence[Cell], last: tuple[str, ...] | None) -> Iterable[str]:
    path = row[0].row_path
    same = all(c.row_path == path for c in row)
    if same and path != last:
        yield "row: " + " › ".join(path)
    for cell in sorted(row, key=lambda c: c.column):
        labels = [] if same else ["row: " + " › ".join(cell.row_path)]
        labels += ["column: " + " › ".join(cell.header_path)] if cell.header_path else []
        yield "  " + " | ".join([*labels, f"cell: {cell.text}"])


def _make_table_block(
    title: str, lines: Sequence[str], cells: Sequence[Cell], headings: tuple[str, ...], number: int
) -> Block:
    start, end = min(c.start for c in cells), max(c.end for c in cells)
    return Block(start, end, cells[0].page, "table", headings, "\n".join([title, *lines]), number, True)


def _find_headings(document: Document, number: int) -> tuple[str, ...]:
    section = next((p.section for p in document.passages if p.table == number), None)
    return read_headings(document, section)


def take_around(document: Document, index: GroundingIndex, start: int, end: int) -> tuple[Block, ...]:
    """The table that a part of the text stands in, or the sentences around it within its section."""
    cell = index.tables.find_cell(start, end) or index.tables.find_cell(start, start + 1)
    if cell is not None:
        number = next(i for i, t in enumerate(document.tables) if t is cell[1])
        rows = [b for b in write_table(document, number) if b.start < end and start < b.end]
        return tuple(rows or write_table(document, number)[:1])
    blocks = [b for b in take_spans(document, [(start - _AROUND, end + _AROUND)]) if b.table is None]
    own = next((b.headings for b in blocks if b.start <= start < b.end), None)
    taken: list[Block] = []
    for block in blocks:
        if own is None or block.headings == own:
            low, high = max(block.start, start - _AROUND), min(block.end, end + _AROUND)
            first, last = _widen(index, low, high, block)
            if first < last:
                page = index.document.page_at(first)
                taken.append(block._replace(start=first, end=last, page=page, text=document.text[first:last]))
    return tuple(taken)


def _widen(index: GroundingIndex, low: int, high: int, block: Block) -> tuple[int, int]:
    """A part of a block widened to whole sentences."""
    text = index.document.text
    cuts = [block.start, *(m.end() for m in _SENTENCE.finditer(text, block.start, block.end)), block.end]
    return max((c for c in cuts if c <= low), default=block.start), min(
        (c for c in cuts if c >= high), default=block.end
    )
