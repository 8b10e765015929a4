"""Tables on a page: typeset by us, read from the PDF's geometry, told as findings."""

from pathlib import Path

import pytest

from extract.rules.tables import read_tables
from papers.read import read_paper

typst = pytest.importorskip("typst", reason="needs the dev extra: typst typesets the tables")

EXPECTED = [
    (None, "lepton", "n", "==", 2.0),
    ("SR-low", "dilepton", "mass", "between", (81.0, 101.0)),
    ("SR-high", "dilepton", "mass", "between", (81.0, 101.0)),
    ("CR-top", "dilepton", "mass", "outside", (81.0, 101.0)),
    ("SR-low", "b-jet", "n", "==", 0.0),
    ("SR-high", "b-jet", "n", "==", 0.0),
    ("CR-top", "b-jet", "n", ">=", 1.0),
    ("SR-low", "met", "met", ">", 120.0),
    ("SR-high", "met", "met", ">", 250.0),
    (None, "electron", "pt", ">", 10.0),
    (None, "electron", "abs_eta", "<", 2.47),
    (None, "electron", "id", "pass", "Medium"),
    (None, "jet", "pt", ">", 30.0),
    (None, "jet", "abs_eta", "<", 2.8),
]


def test_selection_tables_of_a_page_are_told_and_the_yields_are_not(tmp_path: Path) -> None:
    pdf = tmp_path / "tables.pdf"
    typst.compile(Path(__file__).parent / "tables.typ", output=pdf)
    document = read_paper(pdf)
    findings = read_tables(document)
    assert [(f.scope, f.subject, f.variable, f.operator, f.value) for f in findings] == EXPECTED
    assert all(piece in document.text for f in findings for piece in f.quote)
