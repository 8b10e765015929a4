"""Findings to criteria: names, merging, members of candidates, and what is asked instead of guessed."""

import pytest

from extract.assembling.answers import accept_defaults, answer_question, open_questions
from extract.assembling.assemble import Assembly, assemble
from extract.assembling.conditions import parse_channels, parse_condition
from schemas.criteria import Cut
from schemas.document import Document
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.finding import Finding, Ramp

DOCUMENT = Document(
    document_id="note", sha256="0", title="A note", n_pages=1, pages=(), text="The ATLAS detector, 13 TeV.", words=(),
    sections=(), passages=(), tables=(),
)  # fmt: skip


def find(position: int, subject: str, variable: str, operator: str, value: object = None, **more: object) -> Finding:
    fields = {"stage": "object", "quote": (f"quote {position}",), "page": 1, "reader": "rules", "start": position}
    return Finding.model_validate(
        {"id": f"f{position}", "subject": subject, "variable": variable, "operator": operator, "value": value}
        | fields
        | more
    )


def prove(finding: Finding, grounded: bool = True) -> Evidence:
    start = finding.start or 0
    return Evidence(
        document_id="note", page=1, quote=finding.quote, spans=((start, start + 5),) if grounded else (),
        alignment="exact" if grounded else "not_found", number="ok", unit="ok", operator="ok", polarity="ok",
        source=finding.source, finding=finding.id, reason=None if grounded else "the quote is not in the paper",
    )  # fmt: skip


def run(*findings: Finding) -> Assembly:
    return assemble(DOCUMENT, findings, [prove(f) for f in findings])


def cuts_of(assembly: Assembly, name: str) -> dict[str, Cut]:
    owners = {o.name: o.cuts for o in assembly.criteria.objects} | {r.name: r.cuts for r in assembly.criteria.regions}
    return {c.id: c for c in owners[name]}


FOUR_LEPTONS = (
    find(100, "dilepton", "n", ">=", 2.0, stage="candidate", quote=("two same-flavour, opposite-charge pairs",)),
    find(110, "leading_pair", "other:abs_mass_minus_mZ", "minimise", stage="candidate", effect="choose"),
    find(120, "leading_lepton", "pt", ">", 20.0, unit="GeV", stage="candidate"),
    find(130, "leading_pair", "mass", "between", (50.0, 106.0), unit="GeV", closed="none", stage="candidate"),
    find(140, "subleading_pair", "mass", "<", 115.0, unit="GeV", stage="candidate"),
    find(
        150, "subleading_pair", "mass", ">", Ramp(argument="m_{4ℓ}", x=(140.0, 190.0), y=(12.0, 50.0)),
        unit="GeV", stage="candidate",
    ),
    find(160, "electron", "d0_sig", "<", 5.0),
    find(
        170, "quadruplet", "mass", "between", (115.0, 130.0),
        unit="GeV", closed="none", stage="region", scope="signal region",
    ),
)  # fmt: skip


def test_four_leptons_become_pairs_a_ramp_and_members() -> None:
    assembly = run(*FOUR_LEPTONS)
    criteria = assembly.criteria
    assert [c.name for c in criteria.candidates] == ["z1", "z2", "higgs"]
    assert criteria.candidates[0].require == ("same_flavour", "opposite_charge")
    assert criteria.candidates[1].exclude == ("z1",)
    cuts = cuts_of(assembly, "preselection")
    assert list(cuts) == [
        "quadruplet_n", "leading_lepton_pt", "leading_pair_mass", "subleading_pair_mass_min",
        "subleading_pair_mass_max", "electron_d0_sig",
    ]  # fmt: skip
    assert cuts["leading_lepton_pt"].variable == "higgs.leptons[0].pt"
    ramp = cuts["subleading_pair_mass_min"].threshold
    assert ramp is not None
    assert ramp.expression == "interp(m4l, [140, 190], [12, 50])"
    # Told after the candidate is formed, so asked of its members, not of every electron.
    assert cuts["electron_d0_sig"].variable == "abs(higgs.electrons.d0sig)"
    assert [r.parent for r in criteria.regions] == [None, "preselection"]
    assert not criteria.questions


def test_told_before_the_candidate_is_asked_of_every_object() -> None:
    early = find(50, "electron", "d0_sig", "<", 5.0)
    assembly = run(early, *[f for f in FOUR_LEPTONS if f.variable != "d0_sig"])
    assert cuts_of(assembly, "electrons")["electron_d0_sig"].variable == "abs(d0sig)"


def test_units_become_base_units_and_the_literal_stays() -> None:
    cut = cuts_of(run(find(1, "electron", "pt", ">", 500.0, unit="MeV")), "electrons")["electron_pt"]
    assert cut.threshold is not None
    assert (cut.threshold.value, cut.threshold.unit, cut.threshold.literal) == (0.5, "GeV", "500 MeV")


def test_prose_and_table_merge_with_both_evidences() -> None:
    prose = find(1, "jet", "pt", ">", 30.0, unit="GeV")
    table = find(90, "jet", "pt", ">", 30.0, unit="GeV", source="table")
    cuts = cuts_of(run(prose, table), "jets")
    assert [len(c.evidence) for c in cuts.values()] == [2]


def test_text_and_table_with_different_signs_are_a_question() -> None:
    assembly = run(
        find(1, "jet", "pt", ">", 35.0, unit="GeV"), find(90, "jet", "pt", ">=", 35.0, unit="GeV", source="table")
    )
    (question,) = assembly.criteria.questions
    strict = accept_defaults(assembly.criteria, "a person", "2026-01-01")
    assert [c.operator for o in strict.objects for c in o.cuts] == [">"]
    other = answer_question(assembly.criteria, question.id, "sign_1", "a person", "2026-01-01")
    assert [c.operator for o in other.objects for c in o.cuts] == [">="]
    assert not open_questions(other)


def test_rejected_objects_are_kept_on_the_other_side() -> None:
    cut = cuts_of(run(find(1, "muon", "d0", ">", 1.0, unit="mm", effect="remove_object")), "muons")["muon_d0"]
    assert (cut.variable, cut.operator) == ("abs(d0)", "<=")


def test_rejecting_one_or_the_other_keeps_what_fails_both() -> None:
    veto = {"stage": "event", "effect": "reject_event", "group": "veto"}
    assembly = run(find(1, "b-jet", "n", ">=", 1.0, **veto), find(2, "muon", "n", ">", 2.0, **veto))
    cuts = cuts_of(assembly, "preselection")
    assert {c.id: (c.operator, c.group) for c in cuts.values()} == {"b_jet_n": ("<", None), "muon_n": ("<=", None)}


def test_a_condition_without_an_expression_is_asked_and_left_out_by_default() -> None:
    assembly = run(find(1, "muon", "pt", ">", 15.0, unit="GeV", condition="in events taken at night"))
    (question,) = assembly.criteria.questions
    assert question.cuts == ("muon_pt",)
    answered = accept_defaults(assembly.criteria, "a person", "2026-01-01")
    assert [c.status for o in answered.objects for c in o.cuts] == ["rejected"]


def test_threshold_for_the_others_needs_no_condition_when_the_named_ones_have_a_tighter_one() -> None:
    cuts = cuts_of(
        run(
            find(1, "muon", "pt", ">", 15.0, unit="GeV", condition="calorimeter-tagged"),
            find(2, "muon", "pt", ">", 5.0, unit="GeV", condition="not calorimeter-tagged"),
        ),
        "muons",
    )
    assert {c.threshold.value: c.condition for c in cuts.values() if c.threshold} == {
        15.0: "kind == calo_tagged",
        5.0: None,
    }


def test_several_bounds_without_a_condition_are_a_question_that_the_table_answers() -> None:
    assembly = run(
        find(1, "muon", "abs_eta", "<", 2.5),
        find(2, "muon", "abs_eta", "<", 0.1),
        find(90, "muon", "abs_eta", "<", 2.7, source="table"),
    )
    answered = accept_defaults(assembly.criteria, "a person", "2026-01-01")
    kept = [c.threshold.value for o in answered.objects for c in o.cuts if c.status != "rejected" and c.threshold]
    assert kept == [2.7]


def test_what_has_no_name_is_a_question_never_dropped() -> None:
    findings = (find(1, "other:displaced vertex", "other:R_xy", ">", 4.0, unit="mm"), find(2, "jet", "pt", ">", 30.0))
    assembly = run(*findings)
    assert {p.finding for p in assembly.placements} == {"f1", "f2"}
    assert [p.question is not None for p in assembly.placements if p.finding == "f1"] == [True]


def test_what_is_not_grounded_reaches_no_cut() -> None:
    finding = find(1, "jet", "pt", ">", 30.0, unit="GeV")
    assembly = assemble(DOCUMENT, [finding], [prove(finding, grounded=False)])
    assert not assembly.criteria.objects
    assert assembly.placements[0].refused == "the quote is not in the paper"


def test_same_input_same_document() -> None:
    assert run(*FOUR_LEPTONS).model_dump_json() == run(*FOUR_LEPTONS).model_dump_json()


@pytest.mark.parametrize(
    ("printed", "expression"),
    [
        ("|η| < 2.4 and p_T < 60 GeV", "abs(eta) < 2.4 and pt < 60"),
        ("2.4 < |η| < 4.5", "2.4 < abs(eta) and abs(eta) < 4.5"),
        ("p_T > 500 MeV", "pt > 0.5"),
        ("calorimeter-tagged or stand-alone muons", "kind == calo_tagged or kind == stand_alone"),
        ("not calorimeter-tagged", "kind != calo_tagged"),
        ("calorimeter-tagged and isolated", None),
        ("the event was recorded in 2016", None),
    ],
)
def test_conditions(printed: str, expression: str | None) -> None:
    assert parse_condition(printed) == expression


def test_channels_in_a_scope_are_a_condition() -> None:
    assert parse_channels("4e and 4μ", "higgs") == "count(higgs.electrons) == 4 or count(higgs.muons) == 4"
    assert parse_channels("signal region", "higgs") is None


def test_an_unknown_answer_is_an_error() -> None:
    with pytest.raises(CriteriaError, match="no question 'q9'"):
        answer_question(run().criteria, "q9", "x", "a person", "2026-01-01")


def test_ranges_that_exclude_each_other_are_categories_and_select_nothing() -> None:
    findings = [
        find(i, "jet", "n", op, value, stage="event") for i, (op, value) in enumerate((("==", 0.0), (">=", 2.0)))
    ]
    answered = accept_defaults(run(*findings).criteria, "a person", "2026-01-01")
    assert [c.status for r in answered.regions for c in r.cuts] == ["rejected", "rejected"]


def test_ranges_of_an_object_that_exclude_each_other_are_alternatives() -> None:
    findings = (
        find(1, "photon", "abs_eta", "<", 1.37),
        find(2, "photon", "abs_eta", "between", (1.52, 2.37), closed="none"),
    )
    answered = accept_defaults(run(*findings).criteria, "a person", "2026-01-01")
    assert [c.group for o in answered.objects for c in o.cuts] == ["photons_abs_eta", "photons_abs_eta"]


def test_a_region_without_a_name_is_asked_for() -> None:
    answered = accept_defaults(run(find(1, "jet", "n", ">=", 3.0, stage="region")).criteria, "a person", "2026-01-01")
    assert [c.status for r in answered.regions for c in r.cuts] == ["rejected"]


def test_removals_in_both_directions_become_one_ordered_list() -> None:
    near = {"variable": "deltaR", "operator": "<", "stage": "overlap", "effect": "remove_object"}
    assembly = run(
        find(1, "jet", value=0.2, second_subject="electron", **near),
        find(2, "electron", value=0.4, second_subject="jet", **near),
    )
    steps = [(s.remove, s.near, s.deltaR) for s in assembly.criteria.overlap]
    assert steps == [("jets", "electrons", 0.2), ("electrons", "jets", 0.4)]
    assert not any(o.remove_overlap for o in assembly.criteria.objects)


def test_a_removal_under_a_condition_is_asked_for() -> None:
    removal = find(
        1, "jet", "deltaR", "<", 0.4, second_subject="muon", stage="overlap", effect="remove_object",
        condition="it has fewer than three tracks",
    )  # fmt: skip
    assembly = run(removal)
    assert not assembly.criteria.overlap
    assert not any(o.remove_overlap for o in assembly.criteria.objects)
    assert len(assembly.criteria.questions) == 1


def test_a_unit_that_does_not_measure_the_variable_is_asked_about() -> None:
    assembly = run(
        find(1, "jet", "n", ">=", 2.0, stage="event"),
        find(2, "dijet", "abs_deltaphi", ">", 50.0, unit="GeV", stage="event"),
        find(3, "dijet", "mass", ">", 400.0, unit="GeV", stage="event"),
    )
    assert list(cuts_of(assembly, "preselection")) == ["jet_n", "dijet_mass"]
    (question,) = assembly.criteria.questions
    assert "GeV" in question.why


def test_missing_momentum_and_a_jet() -> None:
    assembly = run(
        find(1, "met", "met", ">", 200.0, unit="GeV", stage="event"),
        find(2, "leading_jet", "abs_deltaphi", ">", 0.4, second_subject="met", stage="event"),
    )
    cuts = cuts_of(assembly, "preselection")
    assert [c.variable for c in cuts.values()] == ["met.pt", "abs(deltaphi(jets[0], met))"]


def test_a_veto_on_a_third_lepton_keeps_events_that_have_two() -> None:
    veto = find(1, "third_lepton", "pt", ">", 15.0, unit="GeV", stage="event", effect="reject_event")
    (cut,) = cuts_of(run(veto), "preselection").values()
    assert (cut.variable, cut.operator) == ("leptons[2].pt", "<=")
    assert cut.condition == "count(leptons) >= 3"  # false: the event passes
    asked = find(1, "third_lepton", "pt", ">", 15.0, unit="GeV", stage="event")
    (cut,) = cuts_of(run(asked), "preselection").values()
    assert cut.condition is None
