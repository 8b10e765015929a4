"""Properties of grounding: only the printed number, unit and relation pass, whichever they are."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from extract.grounding.ground import ground_findings
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.units import to_base
from tests.extract.documents import write_document

SIGNS = {
    "p_T > {}": ">",
    "p_T ≥ {}": ">=",
    "p_T < {}": "<",
    "p_T ≤ {}": "<=",
    "p_T >= {}": ">=",
    "{} < p_T": ">",
    "{} ≥ p_T": "<=",
}
WORDS = {
    "a p_T above {}": ">", "a p_T greater than {}": ">", "a p_T that exceeds {}": ">", "a p_T of at least {}": ">=",
    "a p_T below {}": "<", "a p_T less than {}": "<", "a p_T of at most {}": "<=", "a p_T not exceeding {}": "<=",
    "a p_T of {} or more": ">=", "a p_T no smaller than {}": ">=", "a minimum p_T of {}": ">=",
    "a p_T in excess of {}": ">", "a p_T of up to {}": "<=", "a p_T smaller than or equal to {}": "<=",
}  # fmt: skip
OPERATORS = (">", ">=", "<", "<=", "==", "!=")

numbers = st.decimals(min_value="0.01", max_value="9999", places=2).map(lambda d: d.normalize()).map(lambda d: f"{d:f}")
units = st.sampled_from(["MeV", "GeV", "TeV"])
relations = st.sampled_from(sorted((SIGNS | WORDS).items()))


def judge(text: str, quote: str | tuple[str, ...] | None = None, **claim: object) -> Evidence:
    fields: dict[str, object] = {
        "id": "f", "stage": "object", "subject": "muon", "variable": "pt", "page": 1,
        "quote": quote if isinstance(quote, tuple) else (quote or text,),
        "reader": "test",
    }  # fmt: skip
    finding = Finding.model_validate(fields | claim)
    (evidence,) = ground_findings(write_document([text]), [finding])
    return evidence


@given(number=numbers, unit=units, relation=relations)
def test_what_is_printed_is_grounded(number: str, unit: str, relation: tuple[str, str]) -> None:
    text = f"Muons are required to have {relation[0].format(f'{number} {unit}')}."
    evidence = judge(text, operator=relation[1], value=float(number), unit=unit)
    assert evidence.grounded, evidence.reason


@given(number=numbers, other=numbers, unit=units, claimed=units)
def test_number_and_unit_must_agree_together(number: str, other: str, unit: str, claimed: str) -> None:
    evidence = judge(
        f"Muons are required to have p_T > {number} {unit}.", operator=">", value=float(other), unit=claimed
    )
    exponents = {"MeV": -3, "GeV": 0, "TeV": 3}
    equal = Decimal(number).scaleb(exponents[unit]) == Decimal(other).scaleb(exponents[claimed])
    assert evidence.grounded is equal


@given(number=numbers, unit=units, relation=relations, operator=st.sampled_from(OPERATORS))
def test_only_the_printed_relation_passes(number: str, unit: str, relation: tuple[str, str], operator: str) -> None:
    text = f"Muons are required to have {relation[0].format(f'{number} {unit}')}."
    assert judge(text, operator=operator, value=float(number), unit=unit).grounded is (operator == relation[1])


@given(
    number=numbers,
    unit=units,
    relation=relations,
    verb=st.sampled_from(["rejected", "removed", "kept", "not considered"]),
)
def test_rejection_turns_a_relation_round(number: str, unit: str, relation: tuple[str, str], verb: str) -> None:
    text = f"Muons with {relation[0].format(f'{number} {unit}')} are {verb}."
    kept = judge(text, operator=relation[1], value=float(number), unit=unit).grounded
    removed = judge(text, operator=relation[1], value=float(number), unit=unit, effect="remove_object").grounded
    assert (kept, removed) == ((True, False) if verb == "kept" else (False, True))


@given(
    low=numbers,
    high=numbers,
    unit=units,
    signs=st.sampled_from(["<<", "<≤", "≤<", "≤≤"]),
    closed=st.sampled_from(["none", "left", "right", "both"]),
)
def test_ranges_keep_their_ends(low: str, high: str, unit: str, signs: str, closed: str) -> None:
    low, high = sorted((low, high), key=float)
    if float(low) == float(high):
        return
    text = f"Pairs must satisfy {low} {unit} {signs[0]} m_{{μμ}} {signs[1]} {high} {unit}."
    claim: dict[str, object] = {"variable": "mass", "unit": unit, "operator": "between"}
    value = (float(low), float(high))
    printed = {"<<": "none", "<≤": "right", "≤<": "left", "≤≤": "both"}[signs]
    assert judge(text, value=value, **claim).grounded
    assert judge(text, value=value, closed=closed, **claim).grounded is (closed == printed)
    assert not judge(text, value=value[::-1], **claim).grounded
    assert not judge(text, value=value, **claim | {"operator": "outside"}).grounded


@given(number=numbers, position=st.integers(0, 5), digit=st.integers(0, 9))
def test_a_changed_digit_in_the_quote_is_not_found(number: str, position: int, digit: int) -> None:
    text = f"Muons are required to have p_T > {number} GeV and |η| < 2.47."
    digits = [i for i, c in enumerate(number) if c.isdigit()]
    at = digits[position % len(digits)]
    changed = number[:at] + str(digit) + number[at + 1 :]
    evidence = judge(text, text.replace(f"> {number} ", f"> {changed} "), operator=">", value=float(number), unit="GeV")
    assert (evidence.alignment == "not_found") is (changed != number)


@given(kept=st.lists(st.booleans(), min_size=40, max_size=40))
@settings(max_examples=50)
def test_spaces_and_script_marks_do_not_matter(kept: list[bool]) -> None:
    text = "Candidates with m_{12} < 106 GeV and E_T^{miss} > 60 GeV are kept if p_T^{ℓ} is above 5 GeV."
    keep = iter(kept)
    quote = "".join(c for c in text if c not in "_^{} " or (next(keep, True) and c != " ") or (c == " "))
    evidence = judge(text, quote, operator=">", value=60.0, unit="GeV", variable="met", subject="met")
    assert evidence.grounded, evidence.reason


@given(
    value=st.floats(1e-3, 1e4, allow_nan=False).map(lambda v: float(f"{v:.3g}")),
    unit=st.sampled_from(["μm", "mm", "cm"]),
)
def test_lengths_are_accepted_in_base_units(value: float, unit: str) -> None:
    base, base_unit = to_base(value, unit)
    text = f"Tracks must have |d_0| < {Decimal(repr(value)):f} {unit}."
    claim: dict[str, object] = {"subject": "track", "variable": "d0", "operator": "<", "unit": base_unit}
    assert judge(text, value=base, **claim).grounded
    assert not judge(text, value=base * 10, **claim).grounded


@given(
    quotes=st.lists(
        st.text(alphabet="pT>≥ 27.5GeV|η<()[]{}_^-–,\\n'no not and …", max_size=30), min_size=1, max_size=3
    ),
    value=st.one_of(
        st.none(),
        st.floats(),
        st.text(max_size=8),
        st.tuples(st.floats(), st.floats()),
        st.lists(st.text(max_size=4), min_size=1, max_size=3).map(tuple),
    ),
    operator=st.sampled_from(["between", "outside", "in", "pass", "fail", "minimise", "maximise", "order", *OPERATORS]),
    unit=st.one_of(st.none(), st.text(max_size=3)),
)
def test_nothing_that_a_reader_hands_in_raises(
    quotes: list[str], value: object, operator: str, unit: str | None
) -> None:
    text = "Muons have p_T > 27.5 GeV, |η| < 2.5 and no more than [2] and not 7, (5–9) or G."
    evidence = judge(text, tuple(quotes), operator=operator, value=value, unit=unit)
    assert (evidence.alignment == "not_found") is (evidence.page is None)
    assert evidence.grounded is (evidence.reason is None)
