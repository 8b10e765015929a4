"""Specifications of simulated contestants, and chance that can be repeated."""

import pytest

from benchmarks.simulated.drawing import choose, draw
from benchmarks.simulated.specification import (
    SimulatedCoder,
    SimulatedReader,
    parse_name,
    parse_simulated,
    parse_simulated_coder,
)
from schemas.errors import UsageError


def test_rates_are_percentages_in_any_order() -> None:
    reader = parse_simulated("break=5, drop=20,invent=12.5%,wrong=0,fail=100,seed=7")
    assert reader == SimulatedReader(drop=0.2, invent=0.125, broken=0.05, mute=1.0, seed=7)
    assert parse_simulated("drop=0") == SimulatedReader()
    assert parse_simulated_coder("right=60,break=10") == SimulatedCoder(right=0.6, broken=0.1)


def test_equal_readers_have_one_name_and_different_ones_have_not() -> None:
    assert parse_simulated("drop=20,wrong=5").name == parse_simulated("wrong=5.0,drop=20%,invent=0").name
    names = {
        parse_simulated(s).name for s in ("drop=0", "drop=2", "drop=20", "wrong=2", "invent=2", "break=2", "seed=2")
    }
    names |= {parse_simulated_coder(s).name for s in ("right=100", "right=50", "break=2", "seed=2")}
    assert len(names) == 11


def test_a_name_says_what_reader_it_is() -> None:
    for spec in ("drop=0", "drop=20,wrong=12.5,seed=4", "fail=3"):
        assert parse_name(parse_simulated(spec).name) == parse_simulated(spec)
    assert parse_name("a simulated reader") is None
    assert parse_name("simulated reader of novels") is None


@pytest.mark.parametrize(
    "spec", ["drop", "drop=", "drop=x", "drop=101", "drop=-1", "drop=nan", "drop=5,drop=6", "lose=5", "seed=1.5", "20"]
)
def test_what_is_no_specification_is_named(spec: str) -> None:
    with pytest.raises(UsageError, match=spec.split(",")[-1].split("=")[0]):
        parse_simulated(spec)


def test_chance_is_uniform_and_depends_on_names_alone() -> None:
    drawn = [draw("reader", n, "paper", "item") for n in range(20_000)]
    assert drawn == [draw("reader", n, "paper", "item") for n in range(20_000)]
    for share in (0.05, 0.3, 0.9):
        found = sum(d < share for d in drawn) / len(drawn)
        assert abs(found - share) < 4 * (share * (1 - share) / len(drawn)) ** 0.5
    assert draw("a", "bc") != draw("ab", "c")
    counted = [choose("abc", n) for n in range(3000)]
    assert all(900 < counted.count(letter) < 1100 for letter in "abc")


@pytest.mark.parametrize("spec", ["", " "])
def test_nothing_said_is_no_contestant_without_mistakes(spec: str) -> None:
    for parse in (parse_simulated, parse_simulated_coder):
        with pytest.raises(UsageError, match="--simulated is empty"):
            parse(spec)
