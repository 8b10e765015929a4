"""Every criterion of every gold list: what states it in other words matches, what says something else does not."""

import random
from itertools import combinations
from pathlib import Path

import pytest

from benchmarks.gold import GoldList, load_built_in_gold, load_gold
from benchmarks.matching import is_true, match, states
from benchmarks.naming import names_agree
from schemas.finding import Finding
from tests.benchmarks.matching_variants import make_finding, mutate, reword
from tests.shared import SHARED

# A longer and a shorter name: who leaves a word out is not wrong.
SHORTER = {("χ2/ndf", "χ2_vtx/ndf"), ("distance", "transverse distance"), ("BDT score", "BDT score O_VBF"),
           ("BDT score", "BDT score O_ggF")}  # fmt: skip
LISTS = load_built_in_gold()


def list_gold() -> list[GoldList]:
    folder = SHARED / "papers/gold"
    return [*LISTS, *(load_gold(folder) if Path(folder).is_dir() else ())]


@pytest.mark.parametrize("gold", list_gold(), ids=lambda gold: str(gold.paper))
def test_no_mutated_finding_matches(gold: GoldList) -> None:
    wrong = [(c.id, v) for c in gold.every for v in mutate(c) if match([c], v.findings)]
    assert wrong == []


@pytest.mark.parametrize("gold", list_gold(), ids=lambda gold: str(gold.paper))
def test_every_reworded_finding_matches(gold: GoldList) -> None:
    missed = [(c.id, v) for c in gold.every for v in reword(c) if not match([c], v.findings)]
    assert missed == []


@pytest.mark.parametrize("gold", LISTS, ids=lambda gold: str(gold.paper))
def test_a_perfect_reading_recovers_everything_in_any_order(gold: GoldList) -> None:
    perfect = [make_finding(c, i) for i, c in enumerate(gold.criteria)]
    ids = [c.id for c in gold.criteria]
    assert [m.criterion.id for m in match(gold.criteria, perfect)] == ids
    random.Random(7).shuffle(perfect)
    assert [m.criterion.id for m in match(gold.criteria, perfect)] == ids
    assert len(match(gold.criteria, perfect[5:])) == len(ids) - 5


@pytest.mark.parametrize("gold", LISTS, ids=lambda gold: str(gold.paper))
def test_the_order_of_the_findings_decides_nothing(gold: GoldList) -> None:
    """Readings with repeats and variants, where there is something to choose."""
    dice = random.Random(3)
    read: list[Finding] = []
    for c in gold.criteria:
        ways = [v.findings for v in reword(c)]
        for findings in dice.sample(ways, min(2, len(ways))):
            read += [f.model_copy(update={"id": f"f{len(read) + i}"}) for i, f in enumerate(findings)]
    first = [(m.criterion.id, [f.id for f in m.findings]) for m in match(gold.criteria, read)]
    for _ in range(3):
        dice.shuffle(read)
        assert [(m.criterion.id, [f.id for f in m.findings]) for m in match(gold.criteria, read)] == first


def test_of_several_pairs_the_one_of_the_same_scope_is_taken() -> None:
    (note,) = [g for g in LISTS if g.paper == "05-leptoquark"]
    base = next(c for c in note.criteria if c.counted)
    gold = [base.model_copy(update={"id": s, "scope": f"region {s}"}) for s in ("one", "two", "three")]
    found = make_finding(gold[1])
    assert [m.criterion.id for m in match(gold, [found])] == ["two"]


def test_one_end_of_a_range_is_true_and_does_not_recover_it() -> None:
    (note,) = [g for g in LISTS if g.paper == "09-dijet"]
    window = next(c for c in note.criteria if c.operator == "between" and c.variable == "abs_deltaeta")
    low, high = (f for v in reword(window) if v.kind == "range in two" for f in v.findings[:1])
    assert is_true(low, [window])
    assert is_true(high, [window])
    assert not states(low, window)
    assert match([window], [low]) == ()
    assert not is_true(low.model_copy(update={"operator": "<"}), [window])


def test_a_range_states_two_criteria_that_give_its_ends() -> None:
    (note,) = [g for g in LISTS if g.paper == "09-dijet"]
    window = next(c for c in note.criteria if c.operator == "between" and c.variable == "abs_deltaeta")
    assert isinstance(window.value, tuple)
    low, high = window.value
    ends = [
        window.model_copy(update={"id": i, "operator": o, "value": v})
        for i, o, v in (("low", ">=", low), ("high", "<", high))
    ]
    whole = make_finding(window)
    assert [m.criterion.id for m in match(ends, [whole])] == ["low", "high"]
    assert is_true(whole, ends)
    assert match(ends[:1], [whole]) == ()  # nobody gives the other end
    assert not is_true(whole, ends[:1])


@pytest.mark.parametrize("gold", list_gold(), ids=lambda gold: str(gold.paper))
def test_names_of_one_list_are_told_apart(gold: GoldList) -> None:
    for names in ({c.variable for c in gold.every}, {c.subject for c in gold.every}):
        own = sorted(n.removeprefix("other:") for n in names if n.startswith("other:"))
        assert {(a, b) for a, b in combinations(own, 2) if names_agree(a, b)} <= SHORTER
