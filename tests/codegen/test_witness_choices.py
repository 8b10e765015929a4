"""Candidates that are chosen in another way: listed as mistakes, and shown by events."""

import pytest

from codegen.witness.choosing import find_choice, read_choice
from codegen.witness.collecting import WitnessSet, collect_witnesses, prepare
from codegen.witness.differences import Distinguisher, interpret, mark_steps, tell_apart
from codegen.witness.mutant import Mutant
from codegen.witness.mutants import list_mutants
from codegen.witness.search import Searcher
from codegen.witness.sharing import find_common
from pipeline.compiling import find_profile
from schemas.criteria import SelectionCriteria
from schemas.criteria_yaml import load_criteria
from schemas.validation import list_problems

PAIRS = """
analysis: {slug: pairs}
objects:
  - {name: muons, base: muon, cuts: [{id: mu_pt, variable: pt, operator: ">", threshold: {value: 10, unit: GeV}}]}
candidates:
  - {name: z1, pair: muons, require: [opposite_charge], minimise: abs(mass(z1) - mZ)}
  - {name: z2, pair: muons, exclude: [z1], require: [opposite_charge], minimise: abs(mass(z2) - mZ)}
variables:
  - {name: m12, expression: mass(z1)}
  - {name: m34, expression: mass(z2)}
regions:
  - name: signal
    cuts:
      - {id: both, variable: count(z2), operator: ">=", threshold: {value: 1}}
      - {id: first, variable: m12, operator: between, threshold: {range: [50, 106], unit: GeV}}
      - {id: second, variable: m34, operator: ">", threshold: {value: 12, unit: GeV}}
outputs: [m12, m34]
"""
TOGETHER = PAIRS[: PAIRS.index("candidates:")] + (
    "candidates:\n  - {name: zz, pair: muons, pairing: [z1, z2], require: [opposite_charge], "
    'minimise: ["abs(mass(z1) - mZ) + abs(mass(z2) - mZ)", "abs(mass(z1) - mZ)"]}\n'
) + PAIRS[PAIRS.index("variables:") :]  # fmt: skip
WAYS = [
    ("z1", "by the largest pT"), ("z1", "the first combination"), ("z1", "after z2"),
    ("z1", "together with z2, by the sum of the scores"), ("z1", "together with z2, by the worse of the scores"),
    ("z2", "members of z1 allowed"), ("z2", "one member of z1 allowed"), ("first", "before z1 is chosen"),
    ("second", "before z2 is chosen"),
]  # fmt: skip


def find_mutant(criteria: SelectionCriteria, item: str, text: str) -> Mutant:
    (found,) = (m for m in list_mutants(criteria) if (m.item, m.text) == (item, text))
    return found


@pytest.fixture(scope="module")
def found() -> WitnessSet:
    return collect_witnesses(load_criteria(PAIRS), find_profile("atlas_mini"))


@pytest.mark.parametrize(("item", "text"), WAYS)
def test_every_other_way_to_choose_is_shown_by_an_event(found: WitnessSet, item: str, text: str) -> None:
    mutant = find_mutant(found.interpreter.checked.criteria, item, text)
    assert list_problems(mutant.criteria) == ()
    other = interpret(mutant.criteria, found.interpreter.profile)
    assert any(
        tell_apart(*(mark_steps(one, one.run(w.event)) for one in (found.interpreter, other)))
        for w in found.witnesses
    )  # fmt: skip


def test_what_means_the_same_is_no_mistake() -> None:
    """Two pairs are always left for both, or for neither, by charges alone; a count is not known before the choice."""
    listed = [(m.item, m.text) for m in list_mutants(load_criteria(PAIRS))]
    assert not any("first score, then" in text for _, text in listed)
    assert not any(item == "both" and "before" in text and "chosen" in text for item, text in listed)
    assert len(set(listed)) == len(listed)


def test_pairs_that_are_chosen_together_are_taken_by_the_right_document() -> None:
    """The mutant of pairs in order is what a document says that wants them together."""
    mutant = find_mutant(load_criteria(PAIRS), "z1", "together with z2, by the sum of the scores")
    profile = find_profile("atlas_mini")
    wanted, made = (interpret(c, profile) for c in (load_criteria(TOGETHER), mutant.criteria))
    original, layout, _ = prepare(load_criteria(PAIRS), profile)
    search = Searcher(interpret(load_criteria(PAIRS), original), layout, 3)
    events = [search.maker.make_event(4, 7) for _ in range(40)]
    choices = [[read_choice(one.look(event)) for event in events] for one in (wanted, made, search.interpreter)]
    assert choices[0] == choices[1]
    assert any(a["z1"] != b["z1"] for a, b in zip(choices[1], choices[2], strict=True))


def test_an_event_is_led_to_where_a_choice_decides() -> None:
    profile = find_profile("atlas_mini")
    criteria = load_criteria(PAIRS)
    fitted, layout, interpreter = prepare(criteria, profile)
    search = Searcher(interpreter, layout, 1)
    search.prepare()
    distinguisher = Distinguisher(search)
    mutant = find_mutant(criteria, "z1", "together with z2, by the sum of the scores")
    other = interpret(mutant.criteria, fitted)
    common = find_common(interpreter, other)
    event = find_choice(search, mutant, other, [], lambda e: distinguisher.differs(other, common, e, keep=False))
    assert event is not None
    assert tell_apart(mark_steps(interpreter, interpreter.run(event)), mark_steps(other, other.run(event)))
    assert len(event.stored["lep_"]) > 4
