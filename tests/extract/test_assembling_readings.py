"""Criteria from several readings and from cited works: agreement, conflicts, and what became of delegations."""

from extract.assembling.answers import accept_defaults
from extract.assembling.assemble import Assembly, assemble
from extract.consensus.merge import merge_readings
from schemas.citation import CitedWork, Resolution
from schemas.criteria import Agreement, Cut
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.reading import Reading

TEXT = "Muons are isolated as in Ref. [7]. Jets have p_T > 25 GeV. " * 20
DOCUMENT = Document(
    document_id="note", sha256="0", title="A note", n_pages=1, pages=(), text=TEXT, words=(), sections=(), passages=(),
    tables=(),
)  # fmt: skip


def say(name: str, subject: str, variable: str, operator: str, value: object = None, **more: object) -> Finding:
    fields = {"id": name, "stage": "object", "page": 1, "reader": "rules", "start": 100, "quote": ("words",)}
    given = {"subject": subject, "variable": variable, "operator": operator, "value": value}
    return Finding.model_validate(fields | given | more)


def prove(finding: Finding) -> Evidence:
    start = finding.start or 0
    return Evidence(
        document_id=finding.document or "note", page=finding.page, quote=finding.quote, spans=((start, start + 40),),
        alignment="exact", number="ok", unit="ok", operator="ok", polarity="ok", source=finding.source,
        finding=finding.id,
    )  # fmt: skip


def vote(*readings: tuple[Finding, ...], more: tuple[Finding, ...] = ()) -> Assembly:
    """Readings of one model merged and assembled; ids of findings are prefixed with the reading."""
    made = []
    for i, findings in enumerate(readings):
        named = tuple(f.model_copy(update={"id": f"m{i}.{f.id}"}) for f in findings)
        made.append(Reading(reader="llm:m", sample=i, mode="bulk", document_id="note", findings=named))
    everything = [f for r in made for f in r.findings]
    consensus = merge_readings(made, {f.id: prove(f) for f in everything})
    return assemble(DOCUMENT, [*everything, *more], [prove(f) for f in (*everything, *more)], consensus=consensus)


def cuts(assembly: Assembly) -> dict[str, Cut]:
    criteria = assembly.criteria
    every = [c for o in criteria.objects for c in o.cuts] + [c for r in criteria.regions for c in r.cuts]
    return {c.id: c for c in every}


def left_after_defaults(assembly: Assembly) -> set[str]:
    criteria = accept_defaults(assembly.criteria, "test", "now")
    every = [c for o in criteria.objects for c in o.cuts] + [c for r in criteria.regions for c in r.cuts]
    return {c.id for c in every if c.status != "rejected"}


PROSE = say("pt", "jet", "pt", ">", 25.0, unit="GeV")
TABLE = say("tab", "jet", "pt", ">", 25.0, unit="GeV", start=900, source="table")


def test_a_cut_says_in_how_many_readings_it_was_found() -> None:
    assembly = vote((PROSE, TABLE), (TABLE,), ())
    cut = cuts(assembly)["jet_pt"]
    assert cut.agreement == Agreement(found=2, of=3)
    assert [e.source for e in cut.evidence] == ["prose", "table"]
    assert {p.finding: p.cut for p in assembly.placements} == {
        "m0.pt": "jet_pt", "m0.tab": "jet_pt", "m1.tab": "jet_pt"
    }  # fmt: skip


def test_text_and_table_with_two_signs_share_their_readings() -> None:
    strict, loose = PROSE, TABLE.model_copy(update={"operator": ">="})
    assembly = vote((strict, loose), (strict,), (loose,))
    assert cuts(assembly)["jet_pt"].agreement == Agreement(found=3, of=3)
    assert [q.why for q in assembly.criteria.questions] == ["text and table differ"]


def test_readings_that_differ_are_asked_about_and_the_majority_is_the_default() -> None:
    other = PROSE.model_copy(update={"value": 35.0})
    assembly = vote((PROSE,), (other,), (PROSE,))
    (question,) = assembly.criteria.questions
    assert question.why == "readings differ in the value"
    assert [a.key for a in question.alternatives] == ["only_jet_pt", "only_jet_pt_2", "all", "leave_out"]
    assert "pt > 25 GeV (2/3)" in question.text
    assert "pt > 35 GeV (1/3)" in question.text
    assert question.default == "only_jet_pt"
    assert left_after_defaults(assembly) == {"jet_pt"}


def test_a_conflict_without_a_majority_is_left_out() -> None:
    regions = [say("n", "jet", "n", "==", 2.0, scope=scope) for scope in ("one tag", "two tags")]
    assembly = vote((regions[0],), (regions[1],))
    assert [q.default for q in assembly.criteria.questions] == ["leave_out"]
    assert left_after_defaults(assembly) == set()


def test_an_outvoted_removal_waits_for_an_answer() -> None:
    near = say("dr", "jet", "deltaR", "<", 0.4, second_subject="electron", effect="remove_object", stage="overlap")
    far = near.model_copy(update={"value": 0.2})
    assembly = vote((near,), (far,), (near,))
    (jets,) = [o for o in assembly.criteria.objects if o.name == "jets"]
    assert [(r.deltaR, r.agreement) for r in jets.remove_overlap] == [(0.4, Agreement(found=2, of=3))]
    assert {p.finding for p in assembly.placements} == {"m0.dr", "m1.dr", "m2.dr"}


def test_steps_candidates_and_what_has_no_place_say_their_votes() -> None:
    def near(name: str, gone: str, kept: str, start: int) -> Finding:
        more = {"second_subject": kept, "effect": "remove_object", "stage": "overlap", "start": start}
        return say(name, gone, "deltaR", "<", 0.2, **more)

    chosen = say(
        "near_z", "leading_pair", "other:abs_mass_minus_mZ", "minimise", stage="candidate", effect="choose", start=400
    )
    formula = say("odd", "jet", "other:formula", ">", 3.0, start=600)
    both = (near("je", "jet", "electron", 200), near("ej", "electron", "jet", 300))
    criteria = vote((*both, chosen, formula), (both[0], chosen), (formula,)).criteria
    assert [(s.remove, s.near, s.agreement) for s in criteria.overlap] == [
        ("jets", "electrons", Agreement(found=2, of=3)),
        ("electrons", "jets", Agreement(found=1, of=3)),
    ]
    assert {c.name: c.agreement for c in criteria.candidates} == {
        "z1": Agreement(found=2, of=3), "z2": Agreement(found=2, of=3), "higgs": None,
    }  # fmt: skip
    assert [q.agreement for q in criteria.questions if "formula" in q.text] == [Agreement(found=2, of=3)]


WORK = CitedWork(key="7", text="Collaboration, a paper", page=9, start=0, end=10, arxiv="1234.56789")


def resolve(status: str, name: str = "d1", delegation: dict[str, object] | None = None, **more: object) -> Resolution:
    delegated = {
        "id": name, "kind": "definition", "keys": ("7",), "subject": "muon", "variable": "isolation",
        "quote": ("Muons are isolated as in Ref. [7].",), "page": 1, "start": 0, "end": 34, "finding": "iso",
        "document_id": "note",
    }  # fmt: skip
    fields = {"work": WORK, "document_id": "1234.56789", "reason": "because", "status": status}
    return Resolution.model_validate(fields | {"delegation": delegated | (delegation or {})} | more)


DELEGATED = say("iso", "muon", "isolation", "pass", cites=("[7]",), start=0)
CITED = say(
    "c1", "muon", "isolation", "<", 0.16, start=5000, document="1234.56789", delegated_by="d1", page=15,
    quote=("less than 16% with 40% of the calorimeter energy",),
)  # fmt: skip


def run(resolutions: list[Resolution], *findings: Finding) -> Assembly:
    return assemble(DOCUMENT, findings, [prove(f) for f in findings], resolutions=resolutions)


def test_a_resolved_definition_is_a_cut_with_the_quotes_of_both() -> None:
    assembly = run([resolve("resolved", findings=("c1",))], DELEGATED, CITED, PROSE)
    cut = cuts(assembly)["muon_isolation"]
    assert cut.note == "taken from 1234.56789 [7]"
    assert cut.variable == "(track_isolation + 0.4 * calo_isolation) / pt"
    assert [(e.document_id, e.page) for e in cut.evidence] == [("note", 1), ("1234.56789", 15)]
    assert assembly.criteria.questions == ()
    assert {p.finding: p.cut for p in assembly.placements} == {
        "c1": "muon_isolation", "iso": "muon_isolation", "pt": "jet_pt"
    }  # fmt: skip


def test_a_cut_of_a_cited_work_says_how_many_readings_have_the_delegation() -> None:
    readings = [
        Reading(
            reader="llm:m", sample=i, mode="bulk", document_id="note",
            findings=tuple(
                f.model_copy(update={"id": f"m{i}.{f.id}"}) for f in ((DELEGATED, PROSE) if i < 2 else (PROSE,))
            ),
        )
        for i in range(3)
    ]  # fmt: skip
    every = [f for r in readings for f in r.findings]
    consensus = merge_readings(readings, {f.id: prove(f) for f in every})
    resolution = resolve("resolved", findings=("c1",), delegation={"finding": "m0.iso"})
    findings = [*every, CITED]
    assembly = assemble(
        DOCUMENT, findings, [prove(f) for f in findings], consensus=consensus, resolutions=[resolution]
    )  # fmt: skip
    assert cuts(assembly)["muon_isolation"].agreement == Agreement(found=2, of=3)
    assert cuts(assembly)["jet_pt"].agreement == Agreement(found=3, of=3)


def test_cited_findings_stand_where_they_are_delegated() -> None:
    before, after = (say(f"n{i}", "muon", "abs_eta", "<", 2.0 + i, start=at) for i, at in ((1, 10), (2, 200)))
    cited = CITED.model_copy(update={"variable": "pt", "value": 5.0, "unit": "GeV"})
    assembly = run([resolve("resolved", delegation={"start": 100, "end": 120})], before, after, cited)
    (muons,) = [o for o in assembly.criteria.objects if o.name == "muons"]
    assert [c.id for c in muons.cuts] == ["muon_abs_eta", "muon_pt", "muon_abs_eta_2"]


def test_a_chain_of_works_stands_where_the_paper_begins_it() -> None:
    first = resolve("resolved", delegation={"start": 100, "end": 120})
    second = resolve("resolved", "d2", {"start": 9000, "end": 9100, "document_id": "1234.56789"}, document_id="other")
    cited = CITED.model_copy(update={"document": "other", "delegated_by": "d2"})
    cut = cuts(run([first, second], cited))["muon_isolation"]
    assert cut.evidence[0].spans == ((100, 120),)


def test_the_paper_wins_over_the_work_that_it_cites() -> None:
    own = say("own", "muon", "pt", ">", 6.0, unit="GeV")
    cited = CITED.model_copy(update={"variable": "pt", "operator": ">", "value": 5.0, "unit": "GeV"})
    assembly = run([resolve("resolved")], own, cited)
    (question,) = assembly.criteria.questions
    assert question.why == "the paper and the work that it cites differ"
    assert question.default == "paper"
    assert left_after_defaults(assembly) == {"muon_pt_2"}  # the delegating sentence stands first
    assert [t.value for c in ("muon_pt", "muon_pt_2") if (t := cuts(assembly)[c].threshold)] == [5.0, 6.0]
    same = run([resolve("resolved")], own, cited.model_copy(update={"value": 6.0}))
    assert same.criteria.questions == ()
    assert cuts(same)["muon_pt"].note is None


def test_what_stays_with_a_cited_work_is_asked_and_names_it() -> None:
    for status, words in (("question", "of which no value is taken over"), ("unresolved", "which was not read")):
        assembly = run([resolve(status)], DELEGATED, CITED)
        (question,) = assembly.criteria.questions
        assert "1234.56789 [7]" in question.text
        assert words in question.text
        assert question.default == "leave_out"
        fate = {p.finding: p.question or p.refused for p in assembly.placements}
        assert fate == {"iso": question.id, "c1": "the paper does not take this definition over"}
        assert cuts(assembly) == {}


def test_a_calibration_adds_nothing() -> None:
    quiet = run([resolve("no_cut", delegation={"finding": None})], PROSE)
    assert quiet == run([], PROSE)


def test_cited_findings_without_a_delegation_of_the_paper_go_nowhere() -> None:
    assembly = run([], CITED)
    assert cuts(assembly) == {}
    assert [p.refused for p in assembly.placements] == ["no delegation of the paper leads to it"]


def test_a_region_of_the_cited_work_is_no_region_of_the_paper() -> None:
    cited = CITED.model_copy(update={"scope": "control region", "stage": "region", "variable": "n", "value": 2.0})
    assembly = run([resolve("resolved")], cited)
    assert [q.why for q in assembly.criteria.questions] == ["'control region' is a region of the cited work"]
    assert cuts(assembly) == {}
    own = say("own", "jet", "n", ">=", 3.0, scope="control region", stage="region", start=900)
    assert {c.note for c in cuts(run([resolve("resolved")], cited, own)).values()} == {
        None,
        "taken from 1234.56789 [7]",
    }


def test_alternatives_of_a_cited_work_wait_for_an_answer() -> None:
    loose, tight = (
        CITED.model_copy(update={"id": f"c{v:g}", "variable": "pt", "operator": ">", "value": v, "unit": "GeV"})
        for v in (5.0, 9.0)
    )
    assembly = run([resolve("question", findings=("c5", "c9"))], DELEGATED, loose, tight)
    (question,) = assembly.criteria.questions
    assert [a.key for a in question.alternatives] == ["only_muon_pt", "only_muon_pt_2", "all", "leave_out"]
    assert question.default == "leave_out"
    assert left_after_defaults(assembly) == set()
