"""From a typeset note in one of several citation styles to the values of the note that it cites."""

from pathlib import Path

import pytest
import typst

from extract.citing.delegations import find_delegations
from extract.citing.resolving import resolve
from extract.citing.taking import take_findings
from extract.grounding.ground import ground_findings
from extract.rules.reader import read_findings
from papers.bibliography import read_bibliography
from papers.parse import parse_paper
from schemas.document import Document

WORKS = """
@article{iso, author={Ivy, I. and Moss, M.}, title={Isolated muons}, journal={J. Inv. Phys.}, volume={12}, pages={345},
  year={2020}, doi={10.1234/jip.2020.12.345}}
@article{ele, author={Ash, A.}, title={Electrons}, journal={J. Inv. Phys.}, volume={13}, pages={1}, year={2021}}
@article{cal, author={Oak, O.}, title={Calibration}, journal={J. Inv. Phys.}, volume={14}, pages={2}, year={2019}}
@article{old, author={Elm, E.}, title={An old search}, journal={J. Inv. Phys.}, volume={1}, pages={2}, year={2009}}
"""
HEAD = """
#set page(paper: "a4", margin: 2.4cm, numbering: "1")
#set text(size: 10.5pt, font: "New Computer Modern")
#set super(typographic: false)
#set par(justify: true)
#set heading(numbering: "1.1")
"""
CITING = """
= Introduction
Rare decays were searched for before @old. #lorem(40)
= Object selection
Muons need $p_"T" > 10$ GeV and $|eta| < 2.5$. To reject muons from hadron decays they must be isolated as described in
Ref. @iso. Electrons have to satisfy the medium identification criteria @ele and $E_"T" > 12$ GeV. Their energy is
calibrated following the procedure described in Ref. @cal. The selection of photons is similar to that in Ref. @old.
#bibliography("works.bib", style: "STYLE", title: [References])
"""
CITED = """
= Introduction
#lorem(30)
= Muon selection
Muons must have $p_"T" > 6$ GeV. The track isolation is the scalar sum of the transverse momenta of tracks with
$p_"T" > 1$ GeV in a cone of $Delta R = 0.3$ around the muon. The muon isolation must be less than 12% of the muon
$p_"T"$.
"""


def typeset(folder: Path, body: str) -> Document:
    (folder / "works.bib").write_text(WORKS, encoding="utf-8")
    (folder / "note.typ").write_text(HEAD + body, encoding="utf-8")
    typst.compile(str(folder / "note.typ"), output=str(folder / "note.pdf"))
    return parse_paper(folder / "note.pdf", max_pages=9)


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Document:
    return typeset(tmp_path_factory.mktemp("cited"), CITED).model_copy(update={"document_id": "cited"})


@pytest.mark.parametrize("style", ["american-physics-society", "nature", "apa", "vancouver", "chicago-author-date"])
def test_a_definition_is_followed_in_every_style(tmp_path: Path, cited: Document, style: str) -> None:
    paper = typeset(tmp_path, CITING.replace("STYLE", style))
    bibliography = read_bibliography(paper)
    delegations = find_delegations(paper, bibliography, read_findings(paper))
    assert [(d.kind, d.subject, d.variable) for d in delegations] == [
        ("definition", "muon", "isolation"),
        ("definition", "electron", "id"),
        ("other", "electron", delegations[2].variable),
        ("similar", "photon", "other:selection"),
    ]
    isolation = delegations[0]
    work = bibliography.find(isolation.keys[0])
    assert work is not None
    assert "Isolated muons" in work.text.replace("Isolated Muons", "Isolated muons")
    findings = read_findings(cited)
    taken = take_findings(isolation, cited, findings, ground_findings(cited, findings))
    assert {(f.variable, f.value) for f in taken} == {("isolation", 12.0), ("deltaR", 0.3), ("pt", 1.0)}
    assert resolve(isolation, bibliography, read={work.key: "cited"}, taken=taken).status == "resolved"
