"""What a finding about a criterion has right, attribute by attribute."""

import random
from collections.abc import Sequence

import pytest

from benchmarks.extracting.aligning import Exactness, judge_exactness
from benchmarks.extracting.scoring import score_outcomes
from benchmarks.gold import GoldCriterion
from benchmarks.matching import is_true
from schemas.finding import Finding
from tests.benchmarks.extracting.scored import criterion, done, finding, gold_list, outcome, ratio

RIGHT = (True, True, True, True)
D0: dict[str, object] = {"variable": "d0", "unit": "mm", "value": 1.0}


def judge(gold: Sequence[GoldCriterion], found: Sequence[Finding]) -> tuple[Exactness, ...]:
    return judge_exactness(gold, found, lambda f: is_true(f, gold))


@pytest.mark.parametrize(
    ("gold", "found", "exact"),
    [
        ({}, {}, RIGHT),
        ({}, {"value": 15000.0, "unit": "MeV"}, RIGHT),
        ({}, {"operator": "<=", "effect": "remove_object"}, RIGHT),
        ({}, {"value": 51.0}, (False, True, True, True)),
        ({}, {"unit": "MeV"}, (True, False, True, True)),
        ({}, {"unit": None}, (True, False, True, True)),
        ({}, {"value": 51.0, "unit": "MeV"}, (False, False, True, True)),
        ({}, {"operator": ">="}, (True, True, False, True)),
        ({}, {"operator": "<"}, (True, True, False, True)),
        ({}, {"effect": "remove_object"}, (True, True, True, False)),
        ({}, {"operator": "<", "effect": "remove_object"}, (True, True, False, True)),
        (D0 | {"effect": "remove_object"}, D0, (True, True, True, False)),
        (D0 | {"effect": "remove_object"}, D0 | {"operator": "<="}, RIGHT),
        (D0 | {"effect": "remove_object"}, D0 | {"operator": "<"}, (True, True, False, True)),
        (D0 | {"effect": "remove_object"}, D0 | {"effect": "reject_event"}, (True, True, True, False)),
        ({"operator_alt": ">="}, {"operator": ">="}, RIGHT),
        ({"variable": "n", "unit": None, "value": 2.0, "operator": ">="},
         {"variable": "n", "unit": None, "value": 1.0}, RIGHT),
        ({"variable": "n", "unit": None, "value": 2.0, "operator": ">="},
         {"variable": "n", "unit": None, "value": 2.0}, (True, True, False, True)),
        ({"operator": "between", "value": (10.0, 20.0)},
         {"operator": "between", "value": (10.0, 25.0)}, (False, True, True, True)),
        ({"operator": "outside", "value": (1.37, 1.52), "unit": None},
         {"operator": "between", "value": (1.37, 1.52), "unit": None}, (True, True, False, True)),
        ({"operator": "outside", "value": (1.37, 1.52), "unit": None},
         {"operator": "outside", "value": (1.37, 1.52), "unit": None, "effect": "remove_object"},
         (True, True, True, False)),
    ],
)  # fmt: skip
def test_each_attribute_is_judged_for_itself(
    gold: dict[str, object], found: dict[str, object], exact: tuple[bool, ...]
) -> None:
    (one,) = judge([criterion(**gold)], [finding(**found)])
    assert one[1:] == exact


@pytest.mark.parametrize(
    "found", [{"page": 9}, {"subject": "electron"}, {"variable": "et"}, {"value": 15.5, "unit": "mm"}]
)
def test_what_is_about_something_else_is_not_judged(found: dict[str, object]) -> None:
    assert judge([criterion()], [finding(**found)]) == ()


def test_a_repeated_statement_says_nothing_about_another_criterion() -> None:
    gold = [criterion(id="low"), criterion(id="high", value=27.0)]
    twice = [finding(id="a"), finding(id="b", stage="event")]
    assert [e.criterion for e in judge(gold, twice)] == ["low"]
    wrong = judge(gold, [*twice, finding(id="c", value=72.0)])
    assert [(e.criterion, e.value) for e in wrong] == [("low", True), ("high", False)]


def test_the_alignment_agrees_best_in_total_in_any_order() -> None:
    gold = [criterion(id="a", value=20.0), criterion(id="b", value=30.0), criterion(id="c", operator="<", value=90.0)]
    found = [
        finding(id="1", value=30.0, unit="MeV"), finding(id="2", value=20.0, operator=">="),
        finding(id="3", operator="<", value=95.0),
    ]  # fmt: skip
    wanted = [("a", (True, True, False, True)), ("b", (True, False, True, True)), ("c", (False, True, True, True))]
    for seed in range(5):
        random.Random(seed).shuffle(found)
        assert [(e.criterion, e[1:]) for e in judge(gold, found)] == wanted


def test_rows_count_the_criteria_that_some_finding_is_about() -> None:
    gold = gold_list(criterion(), criterion(id="eta", variable="abs_eta", operator="<", value=2.5, unit=None))
    read = outcome((finding(value=51.0), True), (finding(id="x", variable="abs_eta", value=2.5, unit=None), False))
    rows = score_outcomes(gold, [done(read)], {})
    assert [ratio(rows, f"{name}_exact") for name in ("value", "unit", "operator", "polarity")] == [
        (0, 1), (1, 1), (1, 1), (1, 1),
    ]  # fmt: skip
