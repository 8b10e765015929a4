"""Real papers of the shared folder: facts that must stand where the page shows them."""

import json
import re
import unicodedata
from functools import cache

import pytest

from papers.parse import parse_paper
from schemas.document import Cell, Document
from tests.shared import require

PAPERS = {
    "1806.00425": "1806.00425v2.pdf",
    "2004.03447": "2004.03447v3.pdf",
    "2007.07830": "2007.07830v2.pdf",
    "2308.07216": "2308.07216v2.pdf",
    "CMS-PAS-EXO-19-016": "CMS-PAS-EXO-19-016.pdf",
}


@cache
def read(name: str) -> Document:
    return parse_paper(require(f"papers/pdf/{PAPERS[name]}"), max_pages=500)


def find_cell(document: Document, label: str, text: str) -> Cell:
    table = next(t for t in document.tables if t.label == label)
    return next(c for c in table.cells if c.text.startswith(text))


@pytest.mark.parametrize(
    ("name", "label", "page", "text", "row", "header"),
    [
        ("2004.03447", "Table 3", 14, "p_T > 5 GeV and |η| < 2.7", ("Leptons and Jets", "Muons"), ()),
        ("2004.03447", "Table 3", 14, "E_T > 7 GeV and |η| < 2.47", ("Leptons and Jets", "Electrons"), ()),
        (
            "2004.03447",
            "Table 3",
            14,
            "- Muons: |d_0|/σ(d_0) < 3",
            ("Requirements on each quadruplet", "Impact parameter significance"),
            (),
        ),
        ("2007.07830", "Table 1", 7, "110 < m_{μμ} < 160 GeV", ("Fit Region",), ("Selection",)),
        ("2007.07830", "Table 1", 7, "p_T > 25 GeV and |η| < 2.4 or", ("Jets",), ("Selection",)),
        ("1806.00425", "Table 1", 7, "0.216 ± 0.032", ("H → ZZ^* → 4ℓ", "Had 2"), ("Expected", "tt\u0304H (signal)")),
        ("2308.07216", "Table 1", 7, "837", ("U, Central-barrel, low p_{Tt}^{γγ}",), ("S_{90}",)),
        (
            "CMS-PAS-EXO-19-016",
            "Table 2",
            15,
            "1.00_{-0.85}^{+0.89}",
            ("Vector, κ = 0", "Single, λ = 1"),
            ("m_{LQ} = 1400 GeV", "σ [pb]"),
        ),
    ],
)
def test_cells_have_their_labels(
    name: str, label: str, page: int, text: str, row: tuple[str, ...], header: tuple[str, ...]
) -> None:
    cell = find_cell(read(name), label, text)
    assert (cell.page, cell.row_path, cell.header_path) == (page, row, header)


@pytest.mark.parametrize(
    ("name", "page", "fact"),
    [
        ("2004.03447", 13, "50 GeV < m_{12} < 106 GeV"),
        ("2004.03447", 13, "ΔR = 0.1 (0.2)"),
        ("2007.07830", 6, "from p_T^γ = 3 GeV for ΔR = 0 to p_T^γ = 8 GeV for ΔR = 0.2"),
        ("2308.07216", 6, "(70 GeV < p_{Tt}^{γγ} < 130 GeV)"),
        ("CMS-PAS-EXO-19-016", 6, "ΔR = √(Δη^2 + Δφ^2) > 0.5"),
        ("CMS-PAS-EXO-19-016", 6, "d_z < 0.2 cm"),
    ],
)
def test_facts_stand_on_their_page(name: str, page: int, fact: str) -> None:
    document = read(name)
    places = [m.start() for m in re.finditer(re.escape(fact), document.text)]
    assert page in {document.page_at(p) for p in places}


@pytest.mark.parametrize("name", PAPERS)
def test_sections_are_numbered_without_gaps(name: str) -> None:
    chapters = [int(s.number) for s in read(name).sections if s.number and s.number.isdecimal()]
    assert chapters == list(range(1, len(chapters) + 1))
    assert len(chapters) >= 6


def _fold(text: str) -> str:
    """Letters, digits and signs only: without scripts, spaces, hyphens, accents."""
    text = unicodedata.normalize("NFKD", text).replace("∆", "Δ").replace("ℓ", "l").replace("µ", "μ")
    return re.sub(r"[\s_^{}\u2212\u2010\-\u0300-\u036f\u20d0-\u20ff⇀¯]", "", text)


def test_nearly_all_gold_quotes_are_in_the_text() -> None:
    """What is missing has its scripts in another order, or a root sign read as a letter, in the gold itself."""
    found = total = 0
    for name in PAPERS:
        if name == "1806.00425":
            continue
        gold = json.loads(require(f"papers/gold/{name}.json").read_text())
        text = _fold(read(name).text)
        for criterion in gold["criteria"] + gold.get("criteria_outside_pages", []):
            quotes = criterion["quote"] if isinstance(criterion["quote"], list) else [criterion["quote"]]
            total += len(quotes)
            found += sum(_fold(q) in text for q in quotes)
    assert total > 250
    assert found / total > 0.965
