"""Where quotes are found: other extractors' spellings, small slips, changes that must not pass, pages and boxes."""

import pytest

from extract.grounding.ground import ground_findings
from schemas.document import Cell, Document, HiddenText, Page, Passage, Word
from schemas.evidence import Evidence
from schemas.finding import Finding
from tests.extract.documents import Rows, make_document, write_document

TEXT = (
    "Selected photons are required to have p_T^γ > 25 GeV, the ‘loose’ identification [12, 13] and m_{4ℓ} above 5 TeV, "
    "but electrons must not have |η| > 2.5 or -1.4 < y < 0.9."
)


def find(quote: str | tuple[str, ...], **more: object) -> Finding:
    fields: dict[str, object] = {
        "id": "f", "stage": "object", "subject": "photon", "variable": "pt", "operator": ">", "value": 25.0,
        "unit": "GeV", "quote": (quote,) if isinstance(quote, str) else quote, "page": 1, "reader": "test",
    }  # fmt: skip
    return Finding.model_validate(fields | more)


def locate(document: Document, quote: str | tuple[str, ...], **more: object) -> Evidence:
    (evidence,) = ground_findings(document, [find(quote, **more)])
    return evidence


def lay_out(document: Document, width: int = 60, lines: int = 3) -> Document:
    """The same document with a box for every word: lines of `width` characters, `lines` of them on a page."""
    words = []
    line = column = at = 0
    for piece in document.text.split():
        start = document.text.index(piece, at)
        at = start + len(piece)
        if column + len(piece) > width:
            line, column = line + 1, 0
        x, y = 50 + 5.0 * column, 100 + 12.0 * (line % lines)
        words.append(Word(start, at, 1 + line // lines, x, y, x + 5.0 * len(piece), y + 10))
        column += len(piece) + 1
    count = words[-1].page
    pages = tuple(Page(number=n, width=600, height=800) for n in range(1, count + 1))
    return document.model_copy(update={"words": tuple(words), "pages": pages, "n_pages": count})


@pytest.mark.parametrize(
    "quote",
    [
        "photons are required to have pT γ > 25 GeV, the",
        "photons are required to have pγ T > 25 GeV, the",
        "photons are re- quired to have pTγ> 25GeV, the",
        "photons are required to have 𝑝𝛾T > 25 GeV, the 'loose' identification",
        "photons are required to have p_T^{γ} > 25 GeV, the “loose” identification and m4l above 5 TeV",
        "photons are required to have p_T^γ > 25 GeV, the ‘loose’ identificaton [12, 13] and",
        "photons are required to have $p_T^\\gamma &gt; 25$ GeV, the",
        "T > 25 GeV, the ‘loose’ identification [12,13] and m4ℓabove 5 TeV",
    ],
)
def test_finds_other_spellings(quote: str) -> None:
    evidence = locate(write_document([TEXT]), quote)
    assert evidence.alignment == "normalised"
    assert evidence.grounded, evidence.reason


@pytest.mark.parametrize(
    "quote",
    [
        "photons are required to have p_T^γ > 26 GeV",
        "photons are required to have p_T^γ > 2.5 GeV",
        "photons are required to have p_T^γ > 2 5 GeV",
        "photons are required to have p_T^γ < 25 GeV",
        "photons are required to have p_T^γ ≥ 25 GeV",
        "photons are required to have p_T^γ > 25 MeV",
        "photons are not required to have p_T^γ > 25 GeV",
        "photons are required to fail p_T^γ > 25 GeV",
        "required to have p_T^γ > 25 GeV, the ‘tight’ identification [12, 13]",
        "the ‘loose’ identification [12, 13] and m_{4ℓ} below 5 TeV",
        "but electrons must have |η| > 2.5",
        "but electrons must not have |η| > 2.5 or 1.4 < y < 0.9",
        "1.4 < y < 0.9",
        "5 GeV, the ‘loose’ identification",
        "Converted photons are required to have p_T^γ > 25 GeV and nothing else besides",
    ],
)
def test_refuses_changed_quotes(quote: str) -> None:
    evidence = locate(write_document([TEXT]), quote)
    assert evidence.alignment == "not_found"
    assert not evidence.grounded
    assert evidence.page is None
    assert evidence.reason is not None


def test_hidden_text_grounds_nothing() -> None:
    hidden = (HiddenText(page=1, text="Photons must have p_T > 999 GeV.", reason="white"),)
    document = write_document([TEXT]).model_copy(update={"hidden": hidden})
    assert locate(document, "Photons must have p_T > 999 GeV.", value=999.0).alignment == "not_found"


def test_a_repeated_quote_is_taken_at_the_start_given() -> None:
    document = write_document(["Tracks with p_T > 25 GeV are rejected.", "Photons with p_T > 25 GeV are kept."])
    first, second = (document.text.index(w) for w in ("Tracks", "Photons"))
    quote = "p_T > 25 GeV"
    rejected = locate(document, quote, start=document.text.index(quote, first), subject="track")
    kept = locate(document, quote, start=document.text.index(quote, second))
    assert not rejected.grounded
    assert rejected.polarity == "wrong"
    assert kept.grounded
    assert rejected.spans[0][0] < kept.spans[0][0]


def test_a_repeated_quote_is_taken_on_the_page_given() -> None:
    document = lay_out(
        write_document(["Photons have p_T > 25 GeV. " + "So it is said again. " * 12 + "They have p_T > 25 GeV."])
    )
    assert document.n_pages > 1
    assert locate(document, "p_T > 25 GeV", page=1).page == 1
    assert locate(document, "p_T > 25 GeV", page=document.n_pages).page == document.n_pages


def test_boxes_follow_the_printed_lines() -> None:
    document = lay_out(write_document([TEXT]))
    evidence = locate(document, TEXT[:112])
    assert [(b.page, b.y0) for b in evidence.boxes] == [(1, 100.0), (1, 112.0), (1, 124.0)]
    short = locate(document, "25 GeV, the")
    assert len(short.boxes) == 1
    (word,) = (w for w in document.words if document.text[w.start : w.end] == "25")
    assert (short.boxes[0].x0, short.boxes[0].y0) == (word.x0, word.y0)


def test_an_ellipsis_leaves_words_out() -> None:
    evidence = locate(write_document([TEXT]), "Selected photons ... p_T^γ > 25 GeV")
    assert len(evidence.spans) == 2
    assert evidence.grounded


def test_every_fragment_of_a_table_finding_is_located_and_its_header_gives_the_unit() -> None:
    table = Rows("Requirements", ("", "Electrons", "Photons"), (("p_T [GeV] >", "20", "25"), ("η", "< 2.47", "< 2.37")))
    document = write_document(table=table)
    evidence = locate(document, ("p_T [GeV] >", "Photons", "25"), source="table")
    assert len(evidence.spans) == 3
    assert evidence.grounded, evidence.reason
    assert not locate(document, ("p_T [GeV] >", "Photons", "25"), source="table", unit=None).grounded
    assert not locate(document, ("p_T [GeV] >", "Photons", "25"), source="table", unit="MeV").grounded
    assert not locate(document, ("p_T [GeV] >", "Photons", "25"), source="table", operator="<").grounded
    assert not locate(document, ("p_T [GeV] >", "Photons", "20"), source="table").grounded


def test_a_delegated_definition_needs_its_citation() -> None:
    document = write_document([TEXT])
    fields: dict[str, object] = {"variable": "id", "operator": "pass", "value": "loose", "unit": None}
    assert locate(document, "the ‘loose’ identification", cites=("[13]",), **fields).grounded
    refused = locate(document, "the ‘loose’ identification", cites=("[14]",), **fields)
    assert not refused.grounded
    assert "[14]" in (refused.reason or "")


def test_a_cell_is_read_under_its_own_labels() -> None:
    table = Rows(
        "Signal regions; momenta are in GeV",
        ("Region", "N_{jets}", "H_T", "p_T(j_1) >"),
        (("A", "2", "< 300", "100"), ("B", "≥ 4", "300–800", "250")),
    )
    document = write_document(table=table)
    fields: dict[str, object] = {"source": "table", "subject": "event", "variable": "ht"}
    assert locate(document, ("< 300", "A"), operator="<", value=300.0, **fields).grounded
    assert locate(document, ("300–800", "B"), operator="between", value=(300.0, 800.0), **fields).grounded
    assert not locate(document, ("< 300", "B"), operator="<", value=300.0, **fields).grounded
    assert not locate(document, ("< 300", "A"), operator="<", value=300.0, **fields | {"variable": "mass"}).grounded
    assert not locate(document, ("< 300", "A"), operator="<", value=300.0, unit=None, **fields).grounded
    jets: dict[str, object] = {"source": "table", "subject": "jet", "variable": "n", "unit": None}
    assert locate(document, ("2", "A"), operator="==", value=2.0, **jets).grounded
    assert not locate(document, ("2", "A"), operator=">=", value=2.0, **jets).grounded
    leading: dict[str, object] = {"source": "table", "subject": "leading_jet", "variable": "pt"}
    assert locate(document, ("250", "B"), operator=">", value=250.0, **leading).grounded
    assert not locate(document, ("250", "B"), operator="<", value=250.0, **leading).grounded
    assert not locate(document, ("250", "A"), operator=">", value=250.0, **leading).grounded


def test_an_item_stands_behind_its_lead_sentence() -> None:
    document = make_document(
        [
            ("heading", "4 Event selection"),
            ("paragraph", "All leptons are ordered. An event is rejected if"),
            ("item", "• a third lepton with p_T > 10 GeV is found, or"),
            ("item", "• the two leptons have a mass below 12 GeV."),
            ("paragraph", "Photons with p_T > 25 GeV are kept."),
        ]
    )
    mass: dict[str, object] = {"subject": "dilepton", "variable": "mass", "operator": "<", "value": 12.0}
    assert locate(document, "have a mass below 12 GeV", effect="reject_event", **mass).grounded
    assert not locate(document, "have a mass below 12 GeV", **mass).grounded
    assert locate(document, "Photons with p_T > 25 GeV are kept").grounded


YEARS = Rows(
    "Thresholds in p_T (in GeV) of the candidates",
    ("Channel", "2021", "2022"),
    (("eτ › electron", "27", "31"), ("μτ › muon", "22", "24")),
)


@pytest.mark.parametrize(
    ("quote", "value", "operator", "grounded"),
    [
        (("electron", "2021", "27"), 27.0, ">", True),
        (("eτ › electron", "2022", "31"), 31.0, ">", True),
        (("Thresholds in p_T (in GeV)", "eτ › electron", "2022", "31"), 31.0, ">", True),
        (("Thresholds in p_T (in GeV)", "eτ › electron", "2022", "31"), 31.0, "<", False),
        (("Thresholds in p_T (in GeV)", "eτ › electron", "2022", "31"), 27.0, ">", False),
        (("Thresholds in p_T (in GeV)", "μτ › muon", "2022", "31"), 31.0, ">", False),
        (("Thresholds in p_T (in GeV)", "eτ › electron", "2021", "31"), 31.0, ">", False),
        (("eτ › muon", "2021", "22"), 22.0, ">", False),
    ],
)
def test_the_path_of_a_cell_is_read_label_by_label(
    quote: tuple[str, ...], value: float, operator: str, grounded: bool
) -> None:
    document = make_years(YEARS)
    claim: dict[str, object] = {"subject": "lepton", "source": "table", "value": value, "operator": operator}
    assert locate(document, quote, **claim).grounded is grounded


def make_years(rows: Rows) -> Document:
    """The table with its caption in the text, nested row labels, and a header that was not recognised."""
    blank = write_document([rows.caption], table=Rows(rows.caption, rows.header, ()))
    text, cells = blank.text, list(blank.tables[0].cells)
    for r, (path, *values) in enumerate(rows.rows, 1):
        labels = tuple(path.split(" › "))
        for c, label in enumerate((*labels, *values)):
            start = len(text) + 1
            text += "\n" + label
            column = max(c - 1, 0)
            row_path = labels[: min(c, 2)]
            cells.append(
                Cell(text=label, row=r, column=column, row_path=row_path, header_path=(), start=start, end=len(text),
                     page=1, is_label=c < 2)
            )  # fmt: skip
    table = blank.tables[0].model_copy(update={"cells": tuple(cells)})
    section = blank.sections[0].model_copy(update={"end": len(text)})
    new = [Passage(kind="cell", start=c.start, end=c.end, page=1, section=0, table=0) for c in cells[3:]]
    return blank.model_copy(
        update={"text": text, "tables": (table,), "sections": (section,), "passages": (*blank.passages, *new)}
    )
