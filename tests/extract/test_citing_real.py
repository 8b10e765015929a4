"""Real papers of the shared folder: what they leave to each other, and what they cite for other things."""

from functools import cache
from typing import NamedTuple

import pytest

from extract.citing.delegations import find_delegations
from extract.citing.following import choose_works
from extract.citing.resolving import resolve
from extract.citing.taking import take_findings
from extract.grounding.ground import ground_findings
from extract.rules.reader import read_findings
from papers.bibliography import read_bibliography
from papers.parse import parse_paper
from schemas.citation import Bibliography, Delegation
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding, Ramp
from tests.shared import require

FILES = {
    "1806.00425": "1806.00425v2.pdf",
    "2004.03447": "2004.03447v3.pdf",
    "2007.07830": "2007.07830v2.pdf",
    "2308.07216": "2308.07216v2.pdf",
    "2309.05471": "2309.05471v2.pdf",
    "CMS-PAS-EXO-19-016": "CMS-PAS-EXO-19-016.pdf",
}
WORKS = {
    "1806.00425": 55, "2004.03447": 172, "2007.07830": 142, "2308.07216": 38, "2309.05471": 39,
    "CMS-PAS-EXO-19-016": 125,
}  # fmt: skip


class Paper(NamedTuple):
    document: Document
    bibliography: Bibliography

    @property
    def findings(self) -> tuple[Finding, ...]:
        return find_all(self.document.document_id)

    def delegations(self) -> tuple[Delegation, ...]:
        return find_delegations(self.document, self.bibliography, self.findings)

    def find(self, subject: str, variable: str, kind: str = "definition") -> Delegation:
        return next(d for d in self.delegations() if (d.kind, d.subject, d.variable) == (kind, subject, variable))


@cache
def read(name: str) -> Paper:
    document = parse_paper(require(f"papers/pdf/{FILES[name]}"), max_pages=500)
    return Paper(document, read_bibliography(document))


@cache
def find_all(document_id: str) -> tuple[Finding, ...]:
    name = next(n for n, file in FILES.items() if file.startswith(document_id))
    return read_findings(read(name).document)


@pytest.mark.parametrize("name", FILES)
def test_every_entry_of_the_bibliography_is_there(name: str) -> None:
    """Keys are counted from 1 without a gap; nearly every work has an identifier."""
    works = read(name).bibliography.works
    assert [w.key for w in works] == [str(n) for n in range(1, WORKS[name] + 1)]
    named = [w for w in works if w.arxiv or w.doi or w.report]
    assert len(named) >= 0.96 * len(works)


@pytest.mark.parametrize("name", FILES)
def test_marks_are_where_the_file_links_them(name: str) -> None:
    """The links of the file are not used to read the marks here, only to check them: all are found, and no more."""
    document, bibliography = read(name)
    bare = read_bibliography(document.model_copy(update={"links": ()}))
    starts = [w.start for w in bibliography.works]
    entry = {s: w.key for s, w in zip(starts, bibliography.works, strict=True)}
    linked = [(x.start, x.end, entry[x.target]) for x in document.links if x.target in entry and x.start < starts[0]]
    linked = [(a, b, k) for a, b, k in linked if a < b]
    assert len(linked) > 50
    missed = [(a, k) for a, b, k in linked if not any(m.start < b and a < m.end and k in m.keys for m in bare.marks)]
    assert missed == []
    invented = [m for m in bare.marks if not any(m.start < b and a < m.end for a, b, _ in linked)]
    assert invented == []


def take(name: str, delegation: Delegation) -> tuple[tuple[Finding, ...], tuple[Evidence, ...]]:
    document, findings = read(name).document, read(name).findings
    taken = take_findings(delegation, document, findings, ground_findings(document, findings))
    return taken, ground_findings(document, taken)


@pytest.mark.parametrize("subject", ["muon", "electron"])
def test_isolation_is_taken_from_the_cited_paper(subject: str) -> None:
    paper = read("2007.07830")
    delegation = paper.find(subject, "isolation")
    assert (delegation.keys, delegation.page) == (("101",), 6)
    finding = next(f for f in paper.findings if f.id == delegation.finding)
    assert (finding.subject, finding.variable, finding.cites) == (subject, "isolation", ("[101]",))
    work = paper.bibliography.find("101")
    assert work is not None
    assert (work.arxiv, work.doi) == ("2004.03447", "10.1140/epjc/s10052-020-8227-9")

    taken, evidence = take("2004.03447", delegation)
    values = [(f.variable, f.operator, f.value, f.unit) for f in taken if not isinstance(f.value, Ramp)]
    assert sorted(values) == [
        ("deltaR", "<", 0.2, None),
        ("deltaR", "<", 0.3, None),
        ("isolation", "<", 16.0, "%"),
        ("pt", ">", 500.0, "MeV"),
        ("z0_sintheta", "<", 3.0, "mm"),
    ]
    ramps = [f.value for f in taken if isinstance(f.value, Ramp)]
    assert [(r.x, r.y) for r in ramps] == [((33.0, 50.0), (0.3, 0.2))]
    assert {f.subject for f in taken} == {subject, "track"}
    assert {(f.document, f.delegated_by, f.page) for f in taken} == {("2004.03447v3", delegation.id, 15)}
    assert all(e.grounded and e.page == 15 for e in evidence)

    resolution = resolve(delegation, paper.bibliography, read={"101": "2004.03447v3"}, taken=taken)
    assert (resolution.status, resolution.findings) == ("resolved", tuple(f.id for f in taken))


def test_a_similar_procedure_is_a_question_without_values() -> None:
    paper = read("2007.07830")
    delegation = next(d for d in paper.delegations() if d.kind == "similar")
    assert (delegation.keys, delegation.page) == (("101",), 6)
    assert "photon" in delegation.subject
    assert take("2004.03447", delegation)[0] == ()
    assert resolve(delegation, paper.bibliography, read={"101": "2004.03447v3"}).status == "question"


def test_the_work_with_the_isolation_is_followed_first() -> None:
    paper = read("2007.07830")
    works = choose_works(paper.delegations(), paper.bibliography, 3)
    assert works[0].arxiv == "2004.03447"
    assert len(works) == 3


def test_a_work_cited_for_calibration_gives_no_cut() -> None:
    paper = read("2308.07216")
    key = next(w.key for w in paper.bibliography.works if w.arxiv == "2309.05471")
    about = [d for d in paper.delegations() if key in d.keys]
    assert about
    assert {d.kind for d in about} == {"other"}
    for delegation in about:
        assert take_findings(delegation, read("2309.05471").document, (), ()) == ()
        resolution = resolve(delegation, paper.bibliography, read={key: "2309.05471v2"})
        assert (resolution.status, resolution.findings) == ("no_cut", ())
    followed = choose_works(paper.delegations(), paper.bibliography, 50)
    assert "2309.05471" not in {w.arxiv for w in followed}


def test_works_that_are_not_there_are_unresolved() -> None:
    paper = read("1806.00425")
    asked = [d for d in paper.delegations() if d.kind == "definition"]
    assert {("photon", "other:selection", ("6",)), ("event", "other:selection", ("5",))} <= {
        (d.subject, d.variable, d.keys) for d in asked
    }
    for delegation in asked:
        key = delegation.keys[0]
        resolution = resolve(delegation, paper.bibliography, missing={key: "not in the library"})
        assert resolution.status == "unresolved"
        assert "not in the library" in resolution.reason


def test_identification_of_a_note_of_another_experiment() -> None:
    definitions = {
        (d.subject, d.variable, d.keys) for d in read("CMS-PAS-EXO-19-016").delegations() if d.kind == "definition"
    }
    assert {("muon", "id", ("99",)), ("jet", "id", ("104",)), ("tau", "id", ("109",))} <= definitions
    others = {d.keys for d in read("CMS-PAS-EXO-19-016").delegations() if d.kind == "other"}
    assert {("103",), ("100", "101", "102"), ("95",)} <= others  # energy corrections, clustering, particle flow
