"""An answer may change cuts, candidates, objects, variables and the overlap removal."""

from schemas.alternatives import apply_alternative
from schemas.comparing import compare_criteria
from schemas.criteria import Alternative, SelectionCriteria
from schemas.criteria_yaml import load_criteria, parse_criteria
from schemas.validation import list_problems
from tests.schemas.examples import H4L

QUESTION = """
questions:
  - id: q1
    text: is the pair chosen by mass or by momentum, and which objects overlap?
    why: the text does not say
    default: momentum
    alternatives:
      - {key: mass, text: by mass}
      - key: momentum
        text: by momentum, with an ordered overlap removal
        candidates: [{name: z1, pair: leptons, require: [same_flavour, opposite_charge], maximise: pt(z1)}]
        objects: [{name: jets, base: jet, cuts: [
          {id: j_pt, variable: pt, operator: ">", threshold: {value: 25, unit: GeV}}]}]
        overlap: [{remove: jets, near: electrons, deltaR: 0.2}, {remove: electrons, near: muons, deltaR: 0.1}]
        variables: [{name: m12, expression: mass(z1), unit: GeV}]
        rejects: [jpsi]
        changes: [{id: l1_pt, variable: "higgs.leptons[0].pt", operator: ">", threshold: {value: 25, unit: GeV}}]
"""


def choose(criteria: SelectionCriteria, key: str) -> Alternative:
    return next(a for q in criteria.questions for a in q.alternatives if a.key == key)


def test_an_alternative_changes_what_it_names_and_nothing_else() -> None:
    criteria = parse_criteria(H4L + QUESTION, "asked")
    assert list_problems(criteria) == ()
    assert compare_criteria(load_criteria(H4L), apply_alternative(criteria, choose(criteria, "mass"))).same
    changed = apply_alternative(criteria, choose(criteria, "momentum"))
    assert list_problems(changed) == ()
    told = [c.text for c in compare_criteria(criteria, changed).changes if c.effect != "none"]
    assert told == [
        "overlap, jets near electrons: added: ΔR < 0.2",
        "overlap, electrons near muons: added: ΔR < 0.1",
        "candidate z1: chosen by: smallest abs(mass(z1) - mZ) → largest pt(z1)",
        "region preselection, cut jpsi: removed: "
        "mass(pairs(higgs.leptons, same_flavour, opposite_charge)) > 5 GeV (rejected now)",
        "region preselection, cut l1_pt: threshold: 20 GeV → 25 GeV",
        "object jets, overlap with muons: removed: ΔR < 0.1",
        "object jets, overlap with electrons: removed: ΔR < 0.2",
        "object jets, cut j_eta: removed: abs(eta) < 4.5",
        "object jets, cut j_pt: threshold: 30 GeV → 25 GeV",
    ]


def test_what_a_person_edited_is_more_than_an_alternative() -> None:
    criteria = parse_criteria(H4L.replace("{name: z1,", "{name: z1, status: edited,") + QUESTION, "asked")
    changed = apply_alternative(criteria, choose(criteria, "momentum"))
    assert changed.candidates[0].minimise == "abs(mass(z1) - mZ)"


def test_what_a_person_decided_of_a_held_cut_stays_when_its_object_is_another() -> None:
    text = H4L.replace("{id: j_eta,", "{id: j_eta, status: edited, by: A. Physicist,")
    criteria = parse_criteria(text.replace("{with: muons,", "{with: muons, status: rejected,") + QUESTION, "asked")
    changed = apply_alternative(criteria, choose(criteria, "momentum"))
    jets = changed.objects[3]
    assert [(c.id, c.status) for c in jets.cuts] == [("j_pt", "proposed"), ("j_eta", "edited")]
    assert [(r.with_, r.status) for r in jets.remove_overlap] == [("muons", "rejected")]


def test_whose_answer_it_is_does_not_stand_in_the_cut() -> None:
    by_a_reader = "origin: rules, status: accepted, by: A. Physicist,"
    text = H4L.replace("{id: jpsi,", f"{{id: jpsi, {by_a_reader}").replace("{id: l1_pt,", f"{{id: l1_pt, {by_a_reader}")
    changed = apply_alternative(parse_criteria(text, "asked"), choose(parse_criteria(H4L + QUESTION, "q"), "momentum"))
    cuts = {c.id: (c.status, c.by) for r in changed.regions for c in r.cuts}
    assert (cuts["jpsi"], cuts["l1_pt"]) == (("rejected", None), ("accepted", None))
    mine = H4L.replace("{id: jpsi,", "{id: jpsi, status: rejected, by: A. Physicist,")
    kept = apply_alternative(parse_criteria(mine, "mine"), choose(parse_criteria(H4L + QUESTION, "q"), "momentum"))
    assert next(c.by for r in kept.regions for c in r.cuts if c.id == "jpsi") == "A. Physicist"
