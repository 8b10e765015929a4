"""A threshold reads as it was written, and as people write them."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.review.threshold_text import read_threshold, takes_threshold, write_threshold
from schemas.criteria import Threshold
from schemas.errors import CriteriaError
from schemas.vocabulary import CutOperator
from tests.schemas.documents import ODD_TEXTS, numbers, several, texts

COMPARED: tuple[CutOperator, ...] = (">", ">=", "<", "<=", "==", "!=")
words = st.one_of(texts, st.sampled_from(["loose", "m34", "mZ", "50", "2 jets", "a or b", "to", "= x", '"', "50 GeV"]))
expressions = st.one_of(words.filter(bool), st.sampled_from(["interp(m4l, [140, 190], [12, 50])", "0.2 * m34", "-m34"]))
ends = st.tuples(numbers, numbers).filter(lambda two: two[0] < two[1])
units = st.sampled_from([None, "GeV", "mm", "%", "odd"])

single = st.tuples(
    st.sampled_from(COMPARED),
    st.one_of(
        st.builds(Threshold, value=numbers, unit=units),
        st.builds(Threshold, label=words, unit=units),
        st.builds(Threshold, expression=expressions, unit=units),
    ),
)
ranges = st.tuples(
    st.sampled_from(["between", "outside"]),
    st.builds(Threshold, range=ends, closed=st.sampled_from([None, "none", "left", "right", "both"]), unit=units),
)
lists = st.tuples(
    st.just("in"),
    st.one_of(
        st.builds(Threshold, values=several(numbers, 4, 1), unit=units),
        st.builds(Threshold, labels=several(words, 4, 1), unit=units),
    ),
)


@given(st.one_of(single, ranges, lists))
@settings(max_examples=400, deadline=None)
def test_what_is_written_reads_the_same(given_: tuple[CutOperator, Threshold]) -> None:
    operator, threshold = given_
    text = write_threshold(threshold)
    assert "\n" not in text
    assert read_threshold(text, operator, threshold.unit) == threshold
    assert read_threshold(f"  {text} ", operator, threshold.unit) == threshold


@given(st.one_of(st.text(max_size=30), st.sampled_from(ODD_TEXTS)), st.sampled_from(get_args(CutOperator)))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_threshold_or_one_line(text: str, operator: CutOperator) -> None:
    try:
        threshold = read_threshold(text, operator)
    except CriteriaError as error:
        lines = len(str(error).splitlines())
    else:
        lines = 1
        assert read_threshold(write_threshold(threshold), operator, threshold.unit) == threshold
    assert lines == 1


@pytest.mark.parametrize(
    ("operator", "text", "threshold"),
    [
        (">", "50", Threshold(value=50)),
        (">", "−2.5e3 MeV", Threshold(value=-2500, unit="MeV")),
        ("<", "0.5mm", Threshold(value=0.5, unit="mm")),
        ("<", "30 %", Threshold(value=30, unit="%")),
        (">=", "loose", Threshold(label="loose")),
        (">=", "very tight", Threshold(label="very tight")),
        ("==", '"2017"', Threshold(label="2017")),
        (">", "mZ", Threshold(expression="mZ")),
        (">", "= m34", Threshold(expression="m34")),
        (">", "0.5 * m34", Threshold(expression="0.5 * m34")),
        ("between", "50 to 106", Threshold(range=(50, 106))),
        ("between", "50–106 GeV", Threshold(range=(50, 106), unit="GeV")),
        ("between", "-2.5 - 2.5", Threshold(range=(-2.5, 2.5))),
        ("between", "[105, 160)", Threshold(range=(105, 160), closed="left")),
        ("between", "]105, 160[", Threshold(range=(105, 160), closed="none")),
        ("between", "]105, 160]", Threshold(range=(105, 160), closed="right")),
        ("outside", "1.37, 1.52", Threshold(range=(1.37, 1.52))),
        ("in", "1, 2, 3", Threshold(values=(1, 2, 3))),
        ("in", "11 or 13", Threshold(values=(11, 13))),
        ("in", "loose or tight", Threshold(labels=("loose", "tight"))),
        ("in", 'loose, "2 or 3"', Threshold(labels=("loose", "2 or 3"))),
    ],
)
def test_people_write_it_like_this(operator: CutOperator, text: str, threshold: Threshold) -> None:
    assert read_threshold(text, operator) == threshold


def test_a_word_that_names_a_variable_is_that_variable() -> None:
    assert read_threshold("m34", ">", names=["m34"]) == Threshold(expression="m34")
    assert read_threshold('"m34"', ">", names=["m34"]) == Threshold(label="m34")
    assert read_threshold("nan", ">", names=["nan"]) == Threshold(expression="nan")
    assert write_threshold(Threshold(label="inf")) == '"inf"'


@pytest.mark.parametrize(
    ("operator", "text", "unit", "expected"),
    [
        (">", "", None, "the threshold is missing; expected a number such as 50"),
        (">", "50 to 106", None, "threshold '50 to 106': > takes one number; a range goes with between or outside"),
        ("between", "50", None, "threshold '50': expected a range such as 50 to 106"),
        ("between", "106 to 50", None, "threshold '106 to 50': expected the lower end first"),
        ("between", "(105, 160", None, r"threshold '\(105, 160': expected a range"),
        (">", "50 GeV", "MeV", "threshold '50 GeV': the unit is given as MeV as well; expected one of them"),
        ("in", "pt > 5", None, "threshold 'pt > 5': expected a list such as 1, 2, 3 or loose or tight"),
        ("pass", "5", None, "threshold '5': a cut that holds takes none; clear it"),
        (">", "1e999", None, "threshold '1e999': expected a number that a computer can hold"),
        (">", "inf", "GeV", "threshold 'inf': inf is no finite number; expected a number such as 50"),
        ("<", "-NaN", None, "threshold '-NaN': -NaN is no finite number; expected a number"),
        ("between", "50 to ∞", None, "threshold '50 to ∞': ∞ is no finite number; expected a range"),
        (">", "=", None, "the threshold is missing; expected an expression after ="),
    ],
)
def test_what_is_no_threshold_says_what_was_expected(
    operator: CutOperator, text: str, unit: str | None, expected: str
) -> None:
    with pytest.raises(CriteriaError, match=f"^{expected}"):
        read_threshold(text, operator, unit)


def test_pass_and_fail_take_no_threshold() -> None:
    assert [o for o in get_args(CutOperator) if not takes_threshold(o)] == ["pass", "fail"]
