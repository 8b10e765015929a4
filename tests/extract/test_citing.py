"""Taking a delegated definition from a cited work, what becomes of a delegation, and which works are worth getting."""

import pytest

from extract.citing.following import choose_works, plan_steps
from extract.citing.passages import find_passages
from extract.citing.resolving import resolve
from extract.citing.taking import is_ambiguous, take_findings
from extract.grounding.ground import ground_findings
from extract.rules.reader import read_findings
from schemas.citation import Bibliography, CitedWork, Delegation
from schemas.document import Document
from schemas.finding import Finding
from tests.extract.documents import Block, Rows, make_document, write_document

ISOLATION = (
    "Each muon must have a longitudinal impact parameter |z_0 sin θ| < 0.5 mm. The track isolation is the scalar sum "
    "of the p_T of tracks with p_T > 1 GeV in a cone of ΔR = 0.3 around the lepton. The lepton isolation must be less "
    "than 15% of the lepton p_T."
)
CITED: tuple[Block, ...] = (
    ("heading", "2 Simulation"),
    ("paragraph", "Simulated leptons with an isolation below 70% of the p_T are generated."),
    ("heading", "4 Object selection"),
    ("paragraph", "Electrons satisfy loose identification criteria. Electrons must have E_T > 7 GeV and |η| < 2.47."),
    ("paragraph", "Muons are required to have p_T > 5 GeV and satisfy medium identification criteria."),
    ("paragraph", ISOLATION),
    ("paragraph", "Jets are required to have p_T > 30 GeV. Jets within ΔR < 0.2 of an electron are removed."),
    ("heading", "5 Control regions"),
    ("paragraph", "In the control region the lepton isolation must be greater than 40% of the lepton p_T."),
)


@pytest.fixture(scope="module")
def cited() -> Document:
    return make_document(CITED).model_copy(update={"document_id": "cited"})


def delegation(subject: str, variable: str, quote: str = "As described in Ref. [7].", **more: object) -> Delegation:
    told: dict[str, object] = {
        "id": "paper-d01", "kind": "definition", "keys": ("7",), "subject": subject, "variable": variable,
        "quote": (quote,), "page": 6, "start": 100, "end": 140, "document_id": "paper",
    }  # fmt: skip
    return Delegation.model_validate({**told, **more})


def take(document: Document, asked: Delegation) -> tuple[Finding, ...]:
    findings = read_findings(document)
    return take_findings(asked, document, findings, ground_findings(document, findings))


def told(findings: tuple[Finding, ...]) -> set[tuple[str, str, object]]:
    return {(f.subject, f.variable, f.value) for f in findings}


@pytest.mark.parametrize("subject", ["muon", "electron", "lepton"])
def test_isolation_comes_with_its_cone_and_tracks(cited: Document, subject: str) -> None:
    taken = take(cited, delegation(subject, "isolation"))
    assert {(v, x) for _, v, x in told(taken)} == {("isolation", 15.0), ("deltaR", 0.3), ("pt", 1.0)}
    assert {f.subject for f in taken if f.variable == "isolation"} == {subject}
    assert {(f.document, f.delegated_by) for f in taken} == {("cited", "paper-d01")}
    assert all(f.id.startswith("paper-d01:") and not is_ambiguous(f) for f in taken)


def test_identification_is_the_subjects_own(cited: Document) -> None:
    assert told(take(cited, delegation("electron", "id"))) == {("electron", "id", "loose")}
    assert told(take(cited, delegation("muon", "id"))) == {("muon", "id", "medium")}


def test_another_working_point_than_the_papers_is_a_question(cited: Document) -> None:
    asked = delegation("muon", "id", "Muons satisfy tight identification criteria [7].")
    taken = take(cited, asked)
    assert [is_ambiguous(f) for f in taken] == [True]
    bibliography = Bibliography(document_id="paper", works=(make_work("7"),))
    assert resolve(asked, bibliography, read={"7": "cited"}, taken=taken).status == "question"


def test_a_selection_is_all_cuts_of_its_objects(cited: Document) -> None:
    taken = told(take(cited, delegation("muon", "other:selection")))
    assert taken >= {("muon", "pt", 5.0), ("muon", "id", "medium"), ("muon", "isolation", 15.0)}
    assert not {s for s, _, _ in taken} & {"electron", "jet"}
    assert told(take(cited, delegation("event", "other:overlap removal"))) == {("jet", "deltaR", 0.2)}


def test_what_is_only_similar_or_ungrounded_is_not_taken(cited: Document) -> None:
    assert take(cited, delegation("muon", "isolation", kind="similar")) == ()
    assert take(cited, delegation("muon", "isolation", kind="other")) == ()
    findings = tuple(f.model_copy(update={"quote": ("The isolation must vanish.",)}) for f in read_findings(cited))
    assert take_findings(delegation("muon", "isolation"), cited, findings, ground_findings(cited, findings)) == ()
    assert take(cited, delegation("photon", "isolation")) == ()


def test_several_thresholds_are_a_choice() -> None:
    text = (
        "Two isolation selections are defined. The lepton isolation must be less than 15% of the lepton p_T. "
        "The lepton isolation must be less than 6% of the lepton p_T."
    )
    document = make_document([("heading", "4 Lepton selection"), ("paragraph", text)])
    taken = take(document, delegation("muon", "isolation"))
    assert {f.value for f in taken} == {15.0, 6.0}
    assert all(is_ambiguous(f) for f in taken)


def test_passages_are_those_that_define(cited: Document) -> None:
    spans = find_passages(cited, delegation("muon", "isolation"))
    assert [cited.text[a:b] for a, b in spans] == [ISOLATION]
    assert find_passages(cited, delegation("photon", "isolation")) == ()


def test_rows_of_tables_are_passages_too() -> None:
    rows = Rows(
        "Selection criteria.", ("Object", "Requirement"), [("Muons", "isolation < 15%"), ("Jets", "p_T > 30 GeV")]
    )
    document = write_document(("Objects are listed in Table 1.",), table=rows)
    spans = find_passages(document, delegation("muon", "isolation"))
    assert ["isolation < 15%" in document.text[a:b] and "Jets" not in document.text[a:b] for a, b in spans] == [True]


def make_work(key: str, **more: object) -> CitedWork:
    told: dict[str, object] = {"key": key, "text": f"Work {key}", "page": 9, "start": int(key), "end": int(key) + 1}
    return CitedWork.model_validate({**told, "arxiv": f"2001.{int(key):05d}", **more})


def test_what_becomes_of_a_delegation(cited: Document) -> None:
    bibliography = Bibliography(document_id="paper", works=(make_work("7"), make_work("8", arxiv=None)))
    asked = delegation("muon", "isolation")
    taken = take(cited, asked)
    resolved = resolve(asked, bibliography, read={"7": "cited"}, taken=taken)
    assert (resolved.status, resolved.document_id, len(resolved.findings)) == ("resolved", "cited", 3)
    assert "muon isolation" in resolved.reason
    assert "2001.00007" in resolved.reason
    assert resolve(asked, bibliography, read={"7": "cited"}).status == "question"
    missing = resolve(asked, bibliography, missing={"7": "no such paper"})
    assert (missing.status, missing.findings) == ("unresolved", ())
    assert "no such paper" in missing.reason
    assert resolve(delegation("muon", "id", keys=("8",)), bibliography).status == "unresolved"
    assert resolve(delegation("muon", "id", keys=("99",)), bibliography).status == "unresolved"
    similar = resolve(delegation("muon", "id", kind="similar"), bibliography, read={"7": "cited"}, taken=taken)
    assert (similar.status, similar.findings) == ("question", ())
    assert resolve(delegation("muon", "id", kind="other"), bibliography).status == "no_cut"
    for one in (resolved, missing, similar):
        assert "\n" not in one.reason


def test_the_most_important_works_come_first() -> None:
    works = tuple(make_work(str(n)) for n in range(1, 7))
    unnamed = make_work("9", arxiv=None)
    bibliography = Bibliography(document_id="paper", works=(*works, unnamed))
    delegations = [
        delegation("event", "other:selection", keys=("1",)),
        delegation("muon", "isolation", keys=("2",)),
        delegation("electron", "id", keys=("3", "4")),
        delegation("electron", "isolation", keys=("2",)),
        delegation("photon", "isolation", kind="similar", keys=("5",)),
        delegation("jet", "other:selection", kind="other", keys=("6",)),
        delegation("muon", "id", keys=("9",)),
    ]
    chosen = [w.key for w in choose_works(delegations, bibliography, 9)]
    assert chosen == ["2", "3", "4", "1", "9"]
    assert [w.key for w in choose_works(delegations, bibliography, 2)] == ["2", "3"]
    assert choose_works(delegations, bibliography, 0) == ()


def test_following_is_bounded_in_number_and_depth() -> None:
    near, far = make_work("1"), make_work("2")
    papers = {
        "paper": Bibliography(document_id="paper", works=(near,)),
        "cited": Bibliography(document_id="cited", works=(near, far)),
    }
    asked = {
        "paper": [delegation("muon", "id", keys=("1",))],
        "cited": [delegation("muon", "id", keys=("1", "2"), id="cited-d01", document_id="cited")],
    }
    depths = {"paper": 0, "cited": 1}
    steps = plan_steps(asked, papers, depths, most=5, deepest=2)
    assert [(s.work.key, s.depth) for s in steps] == [("1", 1), ("2", 2)]
    assert [s.work.key for s in plan_steps(asked, papers, depths, most=5, deepest=1)] == ["1"]
    assert [s.work.key for s in plan_steps(asked, papers, depths, most=1, deepest=2)] == ["1"]
    assert plan_steps(asked, papers, depths, most=1, deepest=2, followed=(near.name,)) == ()
