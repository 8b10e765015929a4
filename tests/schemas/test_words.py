"""Criteria in words: what may stand in words, what it means for validation and comparing, and that it stays data."""

import pytest

from codegen.adl.read import read_adl
from codegen.adl.write import write_adl
from codegen.profiles import load_profile
from codegen.tables.latex import write_latex
from codegen.tables.markdown import write_markdown
from codegen.witness.differences import interpret
from pipeline.editing import mark_edits
from pipeline.gate import accept_part, list_ungrounded
from schemas.alternatives import apply_alternative
from schemas.comparing import compare_criteria
from schemas.criteria import SelectionCriteria
from schemas.criteria_comments import rewrite_yaml
from schemas.criteria_yaml import dump_criteria, list_text_problems, load_criteria
from schemas.errors import CriteriaError
from schemas.remarks import list_remarks
from schemas.validation import check_criteria, find_reach, list_problems
from schemas.words import list_worded, name_function, normalise_words

TEXT = """
schema_version: "1.0"
analysis: {slug: shapes}
objects:
  - name: muons
    base: muon
    cuts: [{id: m_pt, variable: pt, operator: ">", threshold: {value: 10, unit: GeV}}]
  - name: jets
    base: jet
    cuts:
      - {id: clear, words: "no muon within 0.04 + 10 GeV / pT of it"}  # depends on pT
variables:
  - {name: sphericity, words: "transverse sphericity of jets and muons"}
  - {name: st, words: "scalar sum of all pT", unit: GeV}
regions:
  - name: signal
    cuts:
      - {id: round, variable: sphericity, operator: ">", threshold: {value: 0.2}}
      - {id: hard, variable: st + muons[0].pt, operator: ">", threshold: {value: 0.5, unit: TeV}}
      - {id: best, words: "the best pair of jets has the largest sum of b-tags", condition: count(jets) >= 2}
outputs: [sphericity, st]
"""


def change(old: str, new: str) -> SelectionCriteria:
    assert old in TEXT
    return load_criteria(TEXT.replace(old, new))


def test_a_quantity_in_words_has_a_type_and_a_unit() -> None:
    checked = check_criteria(load_criteria(TEXT))
    assert [(p.place, p.name, p.owner) for p in list_worded(checked.criteria)] == [
        ("object", "clear", "jets"), ("variable", "sphericity", "sphericity"), ("variable", "st", "st"),
        ("event", "best", "signal"),
    ]  # fmt: skip
    assert find_reach(checked) == {"jets": ("muons",)}
    (remark,) = list_remarks(checked.criteria)  # nothing is unused: words may be about all that stands above
    assert "cut clear, variable sphericity, variable st, cut best" in remark


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (', unit: GeV}\nregions', '}\nregions', "region 'signal', cut 'hard': "),
        ("unit: GeV}\nregions", "unit: MeV}\nregions", "variable 'st': unit 'MeV': expected GeV"),
        ("unit: GeV}\nregions", "unit: parsec}\nregions", "variable 'st': "),
        ("condition: count(jets) >= 2", "condition: jets.pt > 2", "the condition is about single objects"),
        ("sphericity, operator", "spherocity, operator", "spherocity"),
        ('id: best, words: "', 'id: best, words: "', ""),
    ],
)  # fmt: skip
def test_validation_names_the_cut(old: str, new: str, expected: str) -> None:
    problems = list_problems(change(old, new))
    assert (not problems) == (not expected)
    assert all(expected in p for p in problems[:1]), problems


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('id: best, words: "', 'id: best, variable: st, words: "', "variable beside words"),
        ("condition: count(jets) >= 2", "operator: pass", "operator beside words"),
        ("condition: count(jets) >= 2", "threshold: {value: 1}", "threshold beside words"),
        ("condition: count(jets) >= 2", "quantifier: any", "quantifier 'any' beside words"),
        ('words: "transverse sphericity of jets and muons"', "unit: GeV", "expression is missing"),
        ("{name: sphericity, ", "{name: sphericity, expression: muons[0].pt, ", "expression beside words"),
        ('words: "scalar sum of all pT"', 'words: " - "', "expected a sentence"),
        ('words: "scalar sum of all pT"', "words: 7", "expected a text"),
        ("{id: round, variable: sphericity, ", "{id: round, ", "variable is missing"),
        ('operator: ">", threshold: {value: 0.2}', "", "operator is missing"),
    ],
)
def test_what_does_not_go_together_is_said(old: str, new: str, expected: str) -> None:
    assert old in TEXT
    problems = list_text_problems(TEXT.replace(old, new), "criteria")
    assert len(problems) == 1
    assert expected in problems[0], problems


def test_a_candidate_cannot_choose_by_words() -> None:
    candidate = """candidates:
  - name: pair
    pair: muons
    minimise: mass(pair)
    select: [{id: near, words: "they are near each other"}]
variables:"""
    with pytest.raises(CriteriaError, match="candidate 'pair', cut 'near': words in a candidate's select"):
        check_criteria(change("variables:", candidate))
    scored = candidate.replace("mass(pair)", "sphericity * mass(pair)").replace('words: "they are near each other"', "")
    with pytest.raises(CriteriaError, match="sphericity"):
        check_criteria(change("variables:", scored.split("    select")[0] + "variables:"))


def test_a_collection_made_with_the_object_is_not_in_its_reach() -> None:
    near = 'cuts: [{id: m_pt, variable: pt, operator: ">", threshold: {value: 10, unit: GeV}}]\n'
    criteria = change(near, near + "    remove_overlap: [{with: jets, deltaR: 0.4}]\n")
    assert find_reach(check_criteria(criteria)) == {"jets": ()}
    listed = change("variables:", "overlap: [{remove: muons, near: jets, deltaR: 0.2}]\nvariables:")
    assert find_reach(check_criteria(listed)) == {"jets": ()}


def test_words_are_compared_as_words() -> None:
    ours = load_criteria(TEXT)
    same = change("transverse sphericity of jets and muons", "transverse  sphericity of jets and muons.")
    found = compare_criteria(ours, same)
    assert found.same
    assert [c.kind for c in found.changes] == ["spelled"]
    other = compare_criteria(ours, change("transverse sphericity", "sphericity"))
    assert [(c.effect, c.where) for c in other.changes] == [("selection", "variable sphericity")]
    cut = compare_criteria(ours, change("largest sum", "smallest sum"))
    assert [(c.effect, c.where, c.field) for c in cut.changes] == [("selection", "region signal, cut best", "words")]
    assert normalise_words("p_T  of the jet. ") == "p_T of the jet"
    renamed = compare_criteria(ours, change("id: best", "id: b_pair"))
    assert renamed.same
    collection = compare_criteria(ours, change("value: 10, unit: GeV", "value: 12, unit: GeV"))
    assert [c.effect for c in collection.changes] == ["selection"]


def test_every_form_keeps_them() -> None:
    criteria = load_criteria(TEXT)
    assert load_criteria(dump_criteria(criteria)) == criteria
    assert load_criteria(dump_criteria(criteria, "json")) == criteria
    adl = write_adl(criteria)
    assert "ADL has no words for this" in adl
    assert read_adl(adl, "file.adl") == criteria
    changed = rewrite_yaml(TEXT, change("no muon within", "no lepton within"))
    assert "no lepton within" in changed
    assert "# depends on pT" in changed


def test_tables_show_them_as_plain_text() -> None:
    criteria = change("scalar sum of all pT", r"\\input{/etc/passwd} & <script>alert(1)</script> | 50% $x$ of `it`")
    latex, markdown = write_latex(criteria), write_markdown(criteria)
    assert r"\input{" not in latex.replace(r"\textbackslash", "")
    assert "<script>" not in markdown
    assert "in words: no muon within" in latex
    assert "in words: no muon within" in markdown


def test_nothing_in_words_passes_the_gate_without_a_quote_or_a_name() -> None:
    criteria = load_criteria(TEXT.replace('jets and muons"}', 'jets and muons", origin: "llm:x"}'))
    assert list_ungrounded(criteria) == ("sphericity",)
    assert list_ungrounded(accept_part(criteria, "sphericity", "A. Physicist")) == ()
    assert list_ungrounded(load_criteria(TEXT)) == ()  # a person wrote it


def test_an_edit_makes_them_the_persons() -> None:
    made = load_criteria(TEXT.replace('jets and muons"}', 'jets and muons", origin: "llm:x", status: accepted}'))
    new = load_criteria(TEXT.replace('jets and muons"}', 'jets only", origin: "llm:x", status: accepted}'))
    edited = mark_edits(new, made, "ann")
    variable = edited.variables[0]
    assert (variable.status, variable.origin, variable.by) == ("edited", "human", "ann")
    assert mark_edits(made, made, "ann") == made


def test_an_answer_may_say_it_in_words() -> None:
    question = """questions:
  - id: q
    text: which
    why: open
    cuts: [round]
    alternatives:
      - {key: words, text: as stated, changes: [{id: round, words: "the event is round"}]}
      - {key: other, text: another shape, variables: [{name: sphericity, words: "sphericity in three dimensions"}]}
outputs:"""
    criteria = change("outputs:", question)
    assert list_problems(criteria) == ()
    first, second = criteria.questions[0].alternatives
    answered = apply_alternative(criteria, first)
    assert [p.name for p in list_worded(answered)] == ["clear", "sphericity", "st", "round", "best"]
    cut = answered.regions[0].cuts[0]
    assert (cut.words, cut.variable, cut.operator, cut.threshold) == ("the event is round", "", None, None)
    assert load_criteria(dump_criteria(answered)) == answered
    assert apply_alternative(criteria, second).variables[0].words == "sphericity in three dimensions"


def test_functions_have_names_of_their_own() -> None:
    criteria = change("id: best", "id: sphericity")
    assert name_function(criteria, "sphericity", is_variable=True) == "sphericity"
    assert name_function(criteria, "sphericity", is_variable=False) == "sphericity_"
    odd = change("id: best", "id: 2.b-jets")
    assert name_function(odd, "2.b-jets", is_variable=False) == "cut_2_b_jets"
    assert name_function(change("id: best", "id: open"), "open", is_variable=False) == "open_"


def test_witness_events_say_why_there_are_none() -> None:
    with pytest.raises(CriteriaError, match="stated in words: cut clear, variable sphericity, variable st, cut best"):
        interpret(load_criteria(TEXT), load_profile("atlas_mini"))
