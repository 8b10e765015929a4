"""A criteria document is checked as a whole."""

import re

import pytest

from schemas.criteria_yaml import load_criteria, parse_criteria
from schemas.errors import CriteriaError
from schemas.expressions.nodes import Comparison, Logic, Number
from schemas.validation import check_criteria, list_problems, validate_criteria
from tests.schemas.examples import ALL, DIPHOTON, H4L, LEPTOQUARK
from tests.shared import require


def test_the_worked_examples_are_right_as_they_are_printed() -> None:
    page = require("design/criteria.md").read_text(encoding="utf-8")
    printed = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    assert len(printed) == 3
    for text in printed:
        assert list_problems(parse_criteria(text, "printed")) == ()


@pytest.mark.parametrize("name", ALL)
def test_the_examples_are_right(name: str) -> None:
    validate_criteria(load_criteria(ALL[name]))


@pytest.mark.parametrize(
    ("text", "old", "new", "says"),
    [
        (H4L, "value: 7, unit: GeV", "value: 7", "cut 'e_pt': no unit: expected the unit of an energy"),
        (H4L, "value: 7, unit: GeV", "value: 7, unit: mm", "cut 'e_pt': unit 'mm'"),
        (H4L, "value: 7, unit: GeV", "value: 7, unit: furlong", "'furlong' is not known"),
        (H4L, "value: 2.47}", "value: 2.47, unit: GeV}", "'e_eta': unit 'GeV': expected none for a plain"),
        (H4L, "id: mu_pt,", "id: e_pt,", "cut 'e_pt': the id is used twice"),
        (H4L, "union: [electrons, muons]", "union: [electrons, taus]", "'leptons': 'taus': expected a collection"),
        (H4L, "base: electron,", "base: elektron,", "did you mean electron"),
        (H4L, "name: muons,", "name: electrons,", "object 'electrons': the name is used twice"),
        (H4L, "name: jets,", "name: mass,", "object 'mass': the expression language uses this name"),
        (H4L, "exclude: [z1]", "exclude: [z3]", "exclude 'z3'"),
        (H4L, "sum: [z1, z2]", "sum: [z1, higgs]", "sum 'higgs'"),
        (H4L, "[same_flavour, opposite_charge], min", "[same_flavor], min", "require 'same_flavor'"),
        (H4L, "mass(z1) - mZ)", "mass(z2) - mZ)", "candidate 'z1', minimise: 'z2'"),
        (H4L, "parent: preselection", "parent: preselektion", "did you mean preselection"),
        (H4L, "outputs: [m12", "outputs: [m13", "outputs: 'm13'"),
        (H4L, "range: [50, 106]", "range: [106, 50]", "range [106, 50]: expected the lower end below"),
        (H4L, "{with: muons", "{with: mouns", "'mouns': expected a defined collection; did you mean muons"),
        (H4L, "variable: m34, operator: \">\"", "variable: dR, operator: \">\"", "cut 'm34_low': 'dR'"),
        (H4L, "condition: kind == calo_tagged", "condition: kind", "found a word"),
        (H4L, "[12, 50])\", unit: GeV", "[12, 50])\"", "cut 'm34_low': no unit"),
        (H4L, "\">=\", threshold: {label: loose}", "pass, threshold: {label: loose}", "no threshold"),
        (DIPHOTON, "operator: fail", "operator: minimise", "cut 'not_both_tight'"),
        (DIPHOTON, "value: 0.35", "value: 0.35, unit: GeV", "cut 'y1_rel': unit 'GeV'"),
        (DIPHOTON, "parent: non_tight", "parent: sidebands", "circle"),
        (LEPTOQUARK, "jet: \"jets[:2]\"", "jet: jets", "role 'jet': 'jets': expected the first n"),
        (LEPTOQUARK, "{same_flavour: lepton}", "{same_flavour: muon}", "require 'same_flavour: muon'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, old: str, new: str, says: str) -> None:
    assert old in text
    with pytest.raises(CriteriaError) as refusal:
        validate_criteria(load_criteria(text.replace(old, new, 1)))
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_cut_becomes_one_boolean_in_base_units() -> None:
    text = H4L.replace("value: 7, unit: GeV", "value: 7000, unit: MeV")
    cut = check_criteria(load_criteria(text)).objects["electrons"][0]
    assert isinstance(cut.test, Comparison)
    assert cut.test.left == cut.variable
    assert isinstance(cut.test.right, Number)
    assert cut.test.right.value == 7.0


def test_closed_ends_and_their_complement() -> None:
    text = DIPHOTON.replace("range: [1.37, 1.52]", "range: [1.37, 1.52], closed: left")
    crack = check_criteria(load_criteria(text)).objects["photons"][2].test
    assert isinstance(crack, Logic)
    relations = [part.relation for part in crack.arguments if isinstance(part, Comparison)]
    # inside is 1.37 <= x < 1.52, so outside is x < 1.37 or 1.52 <= x
    assert (crack.operator, relations) == ("or", ["<", "<="])


def test_rejected_cuts_are_left_out_and_need_not_be_right() -> None:
    text = H4L.replace("{id: e_id, variable: id,", "{id: e_id, status: rejected, variable: nonsense(,")
    text = text.replace("nonsense(,", "'nonsense(',")
    checked = check_criteria(load_criteria(text))
    assert [c.cut.id for c in checked.objects["electrons"]] == ["e_pt", "e_eta", "e_z0"]


def test_a_variable_is_in_the_unit_that_its_values_have() -> None:
    criteria = load_criteria(H4L)
    named = next(v for v in criteria.variables if v.unit == "GeV")
    wrong = named.model_copy(update={"unit": "MeV"})
    others = tuple(wrong if v is named else v for v in criteria.variables)
    with pytest.raises(CriteriaError, match=r"unit 'MeV': expected GeV"):
        check_criteria(criteria.model_copy(update={"variables": others}))
