"""Marker's answer as a Document: formulas in plain form, tables with labels, boxes on the page, nothing hidden."""

import json
import os
import stat
from pathlib import Path

import pymupdf
import pytest

from extract.grounding.ground import ground_findings
from extract.rules.reader import read_findings
from papers.latex import write_plainly
from papers.marker import PYTHON, MarkerLimits, read_with_marker
from papers.marker_blocks import flatten, read_answer
from schemas import errors
from schemas.document import Document
from tests.papers.typesetting import paths, texts, typeset

BODY = """
= Event selection
Muons are required to have $p_"T" > 25$ GeV and $|eta| < 2.5$.

#figure(table(columns: 3, [Object], [SR], [CR], [Jets], [≥ 2], [≥ 3], [Muons], [1], [0]), caption: [Regions])
"""
HIDDEN = "Muons are required to have transverse momenta above 999 GeV"


def _block(
    kind: str, html: str, *children: dict[str, object], box: tuple[float, ...] = (0, 0, 595, 842)
) -> dict[str, object]:
    return {
        "id": f"/page/0/{kind}/0", "block_type": kind, "html": html, "polygon": [[0, 0]], "bbox": list(box),
        "children": list(children) or None, "section_hierarchy": {}, "images": None,
    }  # fmt: skip


MUONS = (
    "<p>Muons are <i>required</i> to have <math display='inline'>p_{\\mathrm{T}} &gt; 25~\\text{GeV}</math> and "
    "<math>\\left|\\eta\\right| &lt; 2.5</math>.</p>"
)
TABLE = (
    "<table><tbody><tr><th>Object</th><th>SR</th><th>CR</th></tr><tr><td colspan='3'>After triggers</td></tr>"
    "<tr><td>Jets</td><td>&ge; 2</td><td>≥ 3</td></tr>"
    "<tr><td>p<sub>T</sub><sup>miss</sup></td><td>1</td><td>0</td></tr>"
)
ANSWER = {
    "block_type": "Document",
    "children": [
        _block(
            "Page", "",
            _block("PageHeader", "<p>A note</p>"),
            _block("SectionHeader", "<h1>1 Event selection</h1>"),
            _block("Text", MUONS, box=(60, 80, 540, 120)),
            _block("ListGroup", "", _block("ListItem", "<li>two jets</li>"), _block("ListItem", "<li>no taus</li>")),
            _block("Equation", "<math display='block'>\\frac{p_T}{m_{\\gamma\\gamma}} \\geq 0.35</math>"),
            _block("TableGroup", "", _block("Caption", "<p>Table 1: Regions</p>"), _block("Table", TABLE)),
            _block("FigureGroup", "", _block("Figure", "<p>axis</p>"), _block("Caption", "<p>Figure 1: A plot</p>")),
            _block("Text", f"<p>{HIDDEN}</p>"),
            _block("SectionHeader", "<h2>References</h2>"),
            _block("Text", "<p>[1] A work, 2020.</p>"),
            _block("PageFooter", "<p>7</p>"),
        )
    ],
}  # fmt: skip


def _install(folder: Path, script: str) -> Path:
    """An environment whose marker is a script of the shell."""
    program = folder / "bin" / "marker_single"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program.parent / "python"


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The note, with a sentence that nobody sees."""
    folder = tmp_path_factory.mktemp("marker")
    document = pymupdf.open(typeset(folder, BODY, name="plain"))
    document[0].insert_text((72, 700), HIDDEN, color=(1, 1, 1))
    document.save(folder / "note.pdf")
    return folder / "note.pdf"


@pytest.fixture(scope="module")
def document(paper: Path, tmp_path_factory: pytest.TempPathFactory) -> Document:
    folder = tmp_path_factory.mktemp("environment")
    (folder / "answer.json").write_text(json.dumps(ANSWER))
    script = f'mkdir "$5/note" && cp "{folder}/answer.json" "$5/note/note.json" && echo {{}} > "$5/note/note_meta.json"'
    return read_with_marker(paper, _install(folder, script))


def test_blocks_become_passages(document: Document) -> None:
    assert document.converter == "marker"
    assert texts(document, "heading") == ["1 Event selection", "References"]
    assert texts(document, "paragraph") == [
        "Muons are required to have p_T > 25 GeV and |η| < 2.5.", "p_T/m_{γγ} ≥ 0.35",
    ]  # fmt: skip
    assert texts(document, "item") == ["two jets", "no taus"]
    assert texts(document, "caption") == ["Table 1: Regions", "Figure 1: A plot"]
    assert texts(document, "bibliography") == ["[1] A work, 2020."]
    assert [(s.number, s.title, s.level) for s in document.sections] == [
        ("1", "Event selection", 1),
        (None, "References", 2),
    ]
    assert "A note" not in document.text
    for word in document.words:
        assert document.text[word.start : word.end].strip()


def test_tables_have_their_labels(document: Document) -> None:
    (table,) = document.tables
    assert (table.label, table.caption) == ("Table 1", "Table 1: Regions")
    assert paths(table) == {
        "≥ 2": (("After triggers", "Jets"), ("SR",)),
        "≥ 3": (("After triggers", "Jets"), ("CR",)),
        "1": (("After triggers", "p_T^{miss}"), ("SR",)),
        "0": (("After triggers", "p_T^{miss}"), ("CR",)),
    }
    for cell in table.cells:
        assert document.text[cell.start : cell.end] == cell.text


def test_hidden_text_that_marker_reads_is_left_out(document: Document) -> None:
    assert "999" not in document.text
    assert "999" in document.hidden[0].text
    assert any("hidden on the page" in r for r in document.remarks)


def test_findings_are_grounded_with_boxes_on_the_page(document: Document) -> None:
    findings = read_findings(document)
    evidence = ground_findings(document, findings)
    grounded = {(f.variable, f.value): e for f, e in zip(findings, evidence, strict=True) if e.grounded}
    proof = grounded["pt", 25.0]
    assert proof.boxes
    assert all(60 < box.x0 < 540 and 70 < box.y0 < 130 and box.y1 - box.y0 < 20 for box in proof.boxes)


@pytest.mark.parametrize(
    ("script", "kind", "says"),
    [
        ("echo 'cannot load its models' >&2; exit 1", errors.PaperError, "cannot load its models"),
        ("exit 0", errors.PaperError, "marker failed"),
        ('echo "<html>" > "$5/note.json"', errors.PaperError, "not the JSON"),
        ("sleep 30", errors.PaperTooHeavy, "more than 0.5 s"),
    ],
)
def test_what_goes_wrong_is_one_line(
    paper: Path, tmp_path: Path, script: str, kind: type[errors.PaperError], says: str
) -> None:
    with pytest.raises(kind, match=says) as caught:
        read_with_marker(
            paper, _install(tmp_path, script), marker_limits=MarkerLimits(seconds=0.5 if "sleep" in script else 30)
        )
    assert "\n" not in str(caught.value)


def test_without_marker_one_line_says_what_to_do(paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PYTHON, raising=False)
    with pytest.raises(errors.UsageError, match="pip install marker-pdf"):
        read_with_marker(paper)
    with pytest.raises(errors.UsageError, match="no marker_single"):
        read_with_marker(paper, tmp_path / "python")


def test_a_strange_answer_is_an_error_or_nothing() -> None:
    for answer in (b"", b"[]", b'{"children": []}', b'{"children": [{"html": 3}]}'):
        with pytest.raises(errors.PaperError):
            read_answer(answer, "note.pdf")
    odd = {
        "children": [
            _block("Page", "", _block("Table", "<td>"), _block("Text", "<math>\\frac{<sub>"), _block("New", "<p>x"))
        ]
    }
    assert [f.text for f in flatten(read_answer(json.dumps(odd).encode(), "note.pdf"))][-1] == "x"


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"p_{\mathrm{T}}^{\gamma} > 25~\text{GeV}", "p_T^γ > 25 GeV"),
        (r"E_{\text{T}}^{\text{miss}}\geq 200\,\mathrm{GeV}", "E_T^{miss} ≥ 200 GeV"),
        (r"\Delta R = \sqrt{(\Delta\eta)^2 + (\Delta\phi)^2}", "ΔR = √((Δη)^2 + (Δφ)^2)"),
        (r"1.37<|\eta|<1.52", "1.37 < |η| < 1.52"),
        (r"H\to ZZ^{*}\to 4\ell", "H → ZZ^* → 4ℓ"),
        (r"t\bar{t}", "tt\u0304"),
        (r"120^\circ", "120°"),
        (r"m_{\ell\ell'}", "m_{ℓℓ′}"),
        (r"\frac{a + b}{c}", "(a + b)/c"),
        ("{" * 500 + "x", ""),
        (r"\frac{", "/"),
    ],
)
def test_formulas_are_written_plainly(latex: str, plain: str) -> None:
    assert write_plainly(latex) == plain


@pytest.mark.skipif(PYTHON not in os.environ, reason=f"needs an environment with marker-pdf, named by {PYTHON}")
def test_the_real_program_reads_a_note(tmp_path: Path) -> None:
    read = read_with_marker(typeset(tmp_path, BODY))
    assert read.converter == "marker"
    assert "Muons are required to have" in read.text
    assert len(read.words) > 10
