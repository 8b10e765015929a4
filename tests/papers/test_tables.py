"""Tables from their geometry: labels of rows, paths of headers, merged and wrapped cells."""

from pathlib import Path

import pytest

from schemas.document import Document
from tests.papers.typesetting import paths, read_note, texts

TABLES = r"""
#figure(
  table(columns: 4, stroke: none,
    table.hline(), table.header([], table.cell(colspan: 2, align: center)[Leptons], [Jets]),
    table.hline(start: 1, end: 3), [], [$e$], [$mu$], [small-$R$], table.hline(),
    table.cell(colspan: 4, align: center)[_Preselection_],
    [$p_T$ [GeV]], [$> 7$], [$> 5$], [$> 30$], [$|eta|$], [$< 2.47$], [$< 2.7$], [$< 4.5$],
    table.cell(colspan: 4, align: center)[_Signal region_],
    [Counts], [$>= 1$], [exactly 2], [at most 4], table.hline()),
  caption: [Requirements on the objects.])

Text between the tables mentions nothing of them and is long enough to be a paragraph of its own in this note.

#figure(
  table(columns: (auto, 6cm), [Cut], [Meaning],
    [Trigger], [single-lepton triggers with the lowest thresholds, which had strict isolation],
    [Mass], [the mass of the pair must lie in the window of 80 GeV to 100 GeV]),
  caption: [A grid with long cells.])

#figure(
  table(columns: 3, stroke: none, align: left, table.hline(), [Process], [Events], [Error], table.hline(),
    [Signal], [186 ± 14], [7.5%], [Background], [5.0 ± 0.4], [8.0%], [Total], [191 ± 15], [-], table.hline()),
  caption: [Yields.])

A fourth table has merged values, numbers as column headers, and groups of one and of two rows.

#figure(
  table(columns: (2fr, 1fr, 1fr, 1fr, 1fr), stroke: none, align: center, table.hline(),
    table.header([], table.cell(colspan: 4)[$m_X$ [GeV]], [Variable], [200], [350], [500], [800]), table.hline(),
    [$H_T >$ [GeV]], table.cell(colspan: 2)[310], table.cell(colspan: 2)[620],
    [$m_(j j) >$ [GeV]], [110], [190], table.cell(colspan: 2)[240],
    [Sphericity $>$], [0.1], table.cell(colspan: 3)[0.3],
    [$m_(b b) >$ [GeV]], [95], [140], [210], [330], table.hline()),
  caption: [Thresholds at each mass.])

#figure(
  table(columns: 4, stroke: none, table.hline(), [Class], [Region], [$N_"jet"$], [$H_T$ [GeV]], table.hline(),
    table.cell(rowspan: 2)[Low], [L1], [$>= 2$], [$< 400$], [L2], [$>= 5$], [$> 400$], table.hline(),
    [High], [H1], [$>= 3$], [$> 900$], table.hline()),
  caption: [Regions by class.])
"""


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> Document:
    return read_note(tmp_path_factory.mktemp("tables"), TABLES)


def test_labels_and_captions(note: Document) -> None:
    assert [t.label for t in note.tables] == [f"Table {n}" for n in range(1, 6)]
    assert [t.caption for t in note.tables] == texts(note, "caption")
    assert len(texts(note, "paragraph")) == 2


def test_groups_rows_and_levels_of_headers(note: Document) -> None:
    cells = paths(note.tables[0])
    assert cells["> 5"] == (("Preselection", "p_T [GeV]"), ("Leptons", "μ"))
    assert cells["< 4.5"] == (("Preselection", "|η|"), ("Jets", "small-R"))
    assert cells["exactly 2"] == (("Signal region", "Counts"), ("Leptons", "μ"))


def test_wrapped_cells_of_a_grid(note: Document) -> None:
    cells = paths(note.tables[1])
    trigger = "single-lepton triggers with the lowest thresholds, which had strict isolation"
    assert cells[trigger] == (("Trigger",), ("Meaning",))
    assert cells["the mass of the pair must lie in the window of 80 GeV to 100 GeV"][0] == ("Mass",)


def test_uncertainties_stay_with_their_number(note: Document) -> None:
    cells = paths(note.tables[2])
    assert cells["186 ± 14"] == (("Signal",), ("Events",))
    assert cells["8.0%"] == (("Background",), ("Error",))


def test_cells_are_passages_of_the_text(note: Document) -> None:
    for n, table in enumerate(note.tables):
        for cell in table.cells:
            assert note.text[cell.start : cell.end] == cell.text
            passage = next(p for p in note.passages if p.start == cell.start)
            assert (passage.kind, passage.table, passage.end) == ("cell", n, cell.end)


def test_a_table_set_sideways_is_read_upright(tmp_path: Path) -> None:
    body = r"""
#rotate(-90deg, reflow: true)[#block(width: 22cm)[
#figure(table(columns: 3, stroke: none, table.hline(), [Variable], [Region A], [Region B], table.hline(),
  [mass of the pair in GeV], [$> 100$], [$> 200$], [number of jets in the event], [$>= 2$], [$>= 3$], table.hline()),
  caption: [A wide table that needs the long side of the sheet to fit, with words that explain what is in it at length,
  so that most of the text on this page runs from the bottom to the top, as it does in papers that have such tables.])]]
"""
    document = read_note(tmp_path, body)
    assert paths(document.tables[0])["> 200"] == (("mass of the pair in GeV",), ("Region B",))
    word = next(w for w in document.words if document.text[w.start : w.end] == "Variable")
    assert word.y1 - word.y0 > word.x1 - word.x0  # on the sheet it stands upright


def test_merged_values_and_numbers_as_headers(note: Document) -> None:
    cells = paths(note.tables[3])
    assert cells["620"] == (("H_T > [GeV]",), ("m_X [GeV]",))
    assert cells["190"] == (("m_{jj} > [GeV]",), ("m_X [GeV]", "350"))
    assert cells["330"] == (("m_{bb} > [GeV]",), ("m_X [GeV]", "800"))
    assert [c.column for c in note.tables[3].cells if c.text in ("310", "620", "240", "0.3")] == [1, 3, 3, 2]


def test_a_group_of_one_row_has_two_labels_too(note: Document) -> None:
    cells = paths(note.tables[4])
    assert cells["> 400"] == (("Low", "L2"), ("H_T [GeV]",))
    assert cells["> 900"] == (("High", "H1"), ("H_T [GeV]",))
