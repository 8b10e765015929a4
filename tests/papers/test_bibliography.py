"""Bibliographies in the styles of different journals: entries, identifiers, marks in the text, links."""

from pathlib import Path

import pytest
import typst

from papers.bibliography import read_bibliography
from papers.parse import parse_paper
from schemas.citation import Bibliography
from schemas.document import Document
from tests.papers.typesetting import read_note

WORKS = """
@article{iso, author={Ivy, I.}, title={Muon isolation in dense events at the Zeta detector},
  journal={J. Invented Phys.}, volume={12}, pages={345}, year={2020}, doi={10.1234/jip.2020.12.345}}
@article{ele, author={Ash, A. and Beech, B.}, title={Electron identification with the Zeta detector},
  journal={J. Invented Phys.}, volume={13}, pages={1}, year={2021}, doi={10.1234/jip-2021(13)1}}
@article{jets, author={Arbor, A. and Birch, B. and Cedar, C.}, title={Clustering with trees},
  journal={Eur. J. Gardens}, volume={3}, pages={77}, year={2015}}
@techreport{cal, author={Oak, O.}, title={Energy calibration with leaves}, number={ZETA-CONF-2019-007},
  institution={Zeta}, year={2019}}
@article{five, author={Doe, D.}, journal={Z. Invented}, volume={5}, pages={5}, year={2005},
  title={A fifth work about nothing of much length, so that its entry goes over two lines and perhaps three}}
@article{six, author={Elm, E. and Fir, F.}, title={Sixth}, journal={Z. Invented}, volume={6}, pages={6}, year={2006}}
"""
NOTE = """
#set page(paper: "a4", margin: 2.2cm, numbering: "1", columns: COLUMNS)
#set text(size: 10pt, font: "New Computer Modern", lang: "en", hyphenate: true)
#set super(typographic: false)
#set par(justify: true)
#set heading(numbering: "1.1")
= Introduction
The search follows earlier ones @five @six @iso. The detector is described elsewhere @cal. #lorem(60)
= Object selection
Muons must have $p_"T" > 10$ GeV and $|eta| < 2.5$, and must be isolated as described in Ref. @iso. Electrons
satisfy the medium criteria @ele and have $p_"T" > 12$ GeV in $139 "fb"^(-1)$. Jets are built with the anti-$k_t$
algorithm @jets with $R = 0.4$ and $chi^2 < 5$. Photons outside the interval [1.37, 1.52] are kept, masses in the range
[1, 2] TeV are not, five (4) candidates stay and $p_T^2$ is summed up to 3 cm#super[2]. Several works agree @iso @ele
@jets @cal.
= Results
#lorem(150)
#bibliography("works.bib", style: "STYLE", title: [References])
"""
TEXTS = [["five", "six", "iso"], ["cal"], ["iso"], ["ele"], ["jets"], ["iso", "ele", "jets", "cal"]]
TITLES = {
    "five": "fifth work",
    "six": "sixth",
    "iso": "muon iso",
    "cal": "calibration",
    "ele": "electron",
    "jets": "trees",
}
FAMILIES = {"five": "Doe", "six": "Elm", "iso": "Ivy", "cal": "Oak", "ele": "Ash", "jets": "Arbor"}


class Typesetter:
    """The note in each style, typeset once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read: dict[tuple[str, int], Document] = {}

    def __call__(self, style: str, columns: int) -> Document:
        if (style, columns) not in self.read:
            self.read[style, columns] = _typeset(self.folder, style, columns)
        return self.read[style, columns]


@pytest.fixture(scope="module")
def typeset(tmp_path_factory: pytest.TempPathFactory) -> Typesetter:
    return Typesetter(tmp_path_factory.mktemp("styles"))


def _typeset(folder: Path, style: str, columns: int) -> Document:
    (folder / "works.bib").write_text(WORKS, encoding="utf-8")
    source = folder / "note.typ"
    source.write_text(NOTE.replace("STYLE", style).replace("COLUMNS", str(columns)), encoding="utf-8")
    typst.compile(str(source), output=str(folder / "note.pdf"))
    return parse_paper(folder / "note.pdf", max_pages=9)


def cited_families(document: Document, bibliography: Bibliography) -> list[list[str]]:
    """For each mark the first author's names of its works; marks that follow each other directly are one."""
    out: list[list[str]] = []
    last = -10
    for mark in bibliography.marks:
        names = []
        for key in mark.keys:
            work = bibliography.find(key)
            assert work is not None
            names.append(next(f for k, f in FAMILIES.items() if f in work.text[:40] or TITLES[k] in work.text.lower()))
        if mark.start - last <= 2:
            out[-1] += names
        else:
            out.append(names)
        last = mark.end
        assert mark.page == document.page_at(mark.start)
    return out


@pytest.mark.parametrize("links", [True, False], ids=["links", "no-links"])
@pytest.mark.parametrize(
    ("style", "columns"),
    [
        ("american-physics-society", 1),
        ("american-physics-society", 2),
        ("ieee", 2),
        ("nature", 1),
        ("american-chemical-society", 2),
        ("vancouver", 1),
        ("springer-basic", 2),
        ("apa", 1),
        ("harvard-cite-them-right", 2),
    ],
)
def test_a_style_has_its_entries_and_marks(typeset: Typesetter, style: str, columns: int, links: bool) -> None:
    document = typeset(style, columns)
    if not links:
        document = document.model_copy(update={"links": ()})
    bibliography = read_bibliography(document)
    assert len(bibliography.works) == 6
    assert all(document.page_at(w.start) == w.page and w.start < w.end for w in bibliography.works)
    found = [sorted(names) for names in cited_families(document, bibliography)]
    assert found == [sorted(FAMILIES[k] for k in keys) for keys in TEXTS]


@pytest.mark.parametrize(
    ("style", "key"), [("ieee", "4"), ("american-chemical-society", "4"), ("apa", "Oak 2019"), ("springer-basic", "5")]
)
def test_dois_and_reports_are_whole(typeset: Typesetter, style: str, key: str) -> None:
    bibliography = read_bibliography(typeset(style, 2))
    dois = {w.doi for w in bibliography.works if w.doi}
    assert {"10.1234/jip.2020.12.345", "10.1234/jip-2021(13)1"} == dois
    work = bibliography.find(key)
    assert work is not None
    if style == "springer-basic":  # prints no report numbers
        assert work.doi == "10.1234/jip-2021(13)1"
    else:
        assert (work.report, work.identified) == ("ZETA-CONF-2019-007", "text")


BY_HAND = """
#set page(width: 9.2cm, height: 24cm, margin: 1cm)
#set text(size: 10pt, font: "New Computer Modern", hyphenate: true)
#set par(justify: true, first-line-indent: 0pt)
= 1 Object selection
The muons are selected as in Refs. [3–5, 1] and in [2, Sec. 3], the electrons as in [AB15], by Reed et al. (2011a), and
#lorem(40)
= References
"""
NUMBERED = """
[1] Zeta Collaboration, Muons of the first kind, JINST 3 (2018) P07017, arXiv: 2004.#linebreak()03447 [hep-ex].

[2] R. Reed et al., Trees and their leaves, Nucl. Inv. 5 (1999) 7, arXiv:hep-#linebreak()ex/9901001v2.

[3] Zeta Collaboration, Rings, Eur. Inv. J. C 7 (2017) 1, doi:10.1140/epjc/#linebreak()s10052-017-5004-5,
arXiv:1603.#linebreak()02934.

[4] Zeta Collaboration, Notes, ZETA-CONF-#linebreak()2018-023, 2018, url: https://zeta.example/record/1234567.

[5] S. Sorrel and T. Thyme, Herbs of high energy, Inv. Rev. 8 (2009) 034022 [0907.1111].

"""


def test_identifiers_may_be_broken_over_lines(tmp_path: Path) -> None:
    document = read_note(tmp_path, NUMBERED, head=BY_HAND)
    bibliography = read_bibliography(document)
    assert [(w.key, w.arxiv, w.report) for w in bibliography.works] == [
        ("1", "2004.03447", None),
        ("2", "hep-ex/9901001", None),
        ("3", "1603.02934", None),
        ("4", None, "ZETA-CONF-2018-023"),
        ("5", "0907.1111", None),
    ]
    assert bibliography.works[2].doi == "10.1140/epjc/s10052-017-5004-5"
    assert bibliography.works[0].title == "Muons of the first kind"
    assert [m.keys for m in bibliography.marks] == [("3", "4", "5", "1"), ("2",)]
    first = bibliography.marks[0]
    assert document.text[first.start : first.end] == "[3–5, 1]"


def test_keys_of_letters(tmp_path: Path) -> None:
    entries = "[AB15] A. Ash and B. Beech, Bark, Inv. Rev. 1 (2015) 2.\n\n[Zet+20] Zeta Collaboration, Rings, 2020.\n"
    bibliography = read_bibliography(read_note(tmp_path, entries, head=BY_HAND))
    assert [w.key for w in bibliography.works] == ["AB15", "Zet+20"]
    assert [m.keys for m in bibliography.marks] == [("AB15",)]


def test_entries_that_hang_out_need_no_gap_between_them(tmp_path: Path) -> None:
    entries = (
        "#set par(hanging-indent: 1.5em, spacing: 0.65em)\n"
        "Ash, A., 2010. Bark and branches of the tree in all seasons of the year, Inv. Rev. 1, 2.\n\n"
        "Reed, R., Rush, S., 2011a. Water plants, Inv. Rev. 2, 3.\n\n"
        "Reed, R., 2011b. Further plants of the water and the growth that they show in summer. Inv. Rev. 2, 9.\n"
    )
    bibliography = read_bibliography(read_note(tmp_path, entries, head=BY_HAND))
    assert [w.key for w in bibliography.works] == ["Ash 2010", "Reed 2011a", "Reed 2011b"]
    assert [m.keys for m in bibliography.marks] == [("Reed 2011a",)]


def test_links_lie_on_words_and_lead_to_entries(typeset: Typesetter) -> None:
    document = typeset("ieee", 1)
    inside = [link for link in document.links if link.target is not None and link.start < document.text.find("[1] ")]
    leads = {document.text[x.start : x.end].strip(".,"): document.text[x.target or 0 :][:3] for x in inside}
    assert leads.pop("[1]") in ("[1]", "Ref")  # to the heading right above it
    assert {k: v for k, v in leads.items() if k != v} == {}
    assert len(leads) == 5
    outside = {x.uri for x in document.links if x.uri.startswith("https://doi.org/")}
    assert "https://doi.org/10.1234/jip.2020.12.345" in outside


def test_a_paper_without_bibliography_cites_nothing(tmp_path: Path) -> None:
    document = read_note(tmp_path, "= Selection\nMuons outside [1.37, 1.52] and in [1, 2] GeV are kept [3].")
    assert read_bibliography(document).works == ()
    assert read_bibliography(document).marks == ()
