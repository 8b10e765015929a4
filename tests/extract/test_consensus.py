"""Readings merged by meaning: what is one requirement, what are two, and what cannot both be right."""

from collections.abc import Mapping, Sequence
from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.consensus.merge import merge_readings
from extract.grounding.tokens import split_tokens
from schemas.evidence import Evidence
from schemas.finding import Finding, Ramp
from schemas.reading import Consensus, Reading, Vote
from schemas.vocabulary import OPERATORS


def say(subject: str, variable: str, operator: str, value: object = None, at: int = 100, **more: object) -> Finding:
    """A finding whose quote stands at an offset of the text, 40 characters long."""
    fields = {"id": "f", "stage": "object", "page": 1, "reader": "rules", "start": at, "quote": (f"words at {at}",)}
    given = {"subject": subject, "variable": variable, "operator": operator, "value": value}
    return Finding.model_validate(fields | given | more)


def prove(finding: Finding, grounded: bool = True) -> Evidence:
    start = finding.start or 0
    return Evidence(
        document_id="note", page=1, quote=finding.quote, spans=((start, start + 40),) if grounded else (),
        alignment="exact" if grounded else "not_found", number="ok", unit="ok", operator="ok", polarity="ok",
        source=finding.source, finding=finding.id,
    )  # fmt: skip


def read(*readings: Sequence[Finding]) -> tuple[list[Reading], dict[str, Evidence]]:
    """Readings of one model, each finding grounded unless its note says otherwise; ids are made unique."""
    made, evidence = [], dict[str, Evidence]()
    for sample, findings in enumerate(readings):
        named = tuple(f.model_copy(update={"id": f"m{sample}.{i}"}) for i, f in enumerate(findings))
        made.append(Reading(reader="llm:m", sample=sample, mode="bulk", document_id="note", findings=named))
        evidence |= {f.id: prove(f, f.note != "loose") for f in named}
    return made, evidence


def merge(*readings: Sequence[Finding]) -> Consensus:
    return merge_readings(*read(*readings))


def count(consensus: Consensus) -> list[tuple[int, int]]:
    return [(len(v.found_in), v.of) for v in consensus.votes]


OVERLAP = say("jet", "deltaR", "<", 0.1, second_subject="muon", effect="remove_object", stage="overlap")

SAME = [
    (OVERLAP, say("jet", "deltaR", ">", 0.1, second_subject="muon", stage="overlap")),
    (OVERLAP, say("muon", "deltaR", ">=", 0.1, second_subject="jet")),
    (say("lepton", "n", ">=", 1.0, effect="reject_event"), say("lepton", "n", "==", 0.0)),
    (say("lepton", "n", ">", 0.0, effect="reject_event"), say("lepton", "n", "<", 1.0)),
    (say("jet", "pt", ">", 7.0, unit="TeV"), say("jet", "pt", ">", 7000.0, unit="GeV")),
    (say("muon", "d0", "<", 1.0, unit="mm"), say("muon", "d0", ">=", 0.1, unit="cm", effect="remove_object")),
    (say("jet", "abs_eta", "<", 2.5), say("jet", "eta", "<", 2.5)),
    (say("jet", "abs_eta", "<", 2.5), say("jet", "eta", "between", (-2.5, 2.5))),
    (say("dilepton", "deltaR", ">", 0.2), say("lepton", "deltaR", ">", 0.2, second_subject="lepton")),
    (say("leading_lepton", "d0", ">", 20.0, condition="muons"), say("leading_muon", "d0", ">", 20.0)),
    (say("other:small-R jets", "pt", ">", 20.0, unit="GeV"), say("jet", "pt", ">", 20.0, unit="GeV")),
    (say("event", "other:visible mass", ">", 9.0), say("event", "other:the visible masses", ">", 9.0)),
    (say("lepton", "charge", "==", "opposite sign"), say("lepton", "charge", "==", "opposite charges")),
    (say("jet", "n", ">", 2.0, scope="SR"), say("jet", "n", ">=", 3.0, scope="signal region")),
    (say("jet", "pt", ">", 20.0, unit="GeV", condition="|η| < 2.4"), say("jet", "pt", ">", 20.0, unit="GeV")),
    (say("jet", "n", ">", 2.0, scope="VBF"), say("jet", "n", ">", 2.0, scope="N_{jet} ≥ 2 VBF category")),
    (say("jet", "n", ">", 2.0, scope="μμjj, M_{X} = 3 TeV"), say("jet", "n", ">", 2.0, scope="M_X = 3 TeV")),
    (say("jet", "n", ">", 2.0, scope="one-jet category"), say("jet", "n", ">", 2.0, scope="1-jet")),
    (say("track", "other:χ2_IP", ">", 9.0), say("track", "other:χ_{IP}^2", ">", 9.0)),
    (say("jet", "pt", ">", 20.0, unit="GeV", at=100), say("jet", "pt", ">", 20.0, unit="GeV", at=4000, source="table")),
    (say("jet", "pt", ">", 20.0, unit="GeV", at=100), say("jet", "pt", ">", 20.0, unit="GeV", at=120)),
]  # fmt: skip


@pytest.mark.parametrize("pair", SAME, ids=lambda p: f"{p[0].subject}-{p[0].variable}-{p[1].operator}-{p[1].value}")
def test_one_requirement_in_two_spellings(pair: tuple[Finding, Finding]) -> None:
    merged = merge(pair[:1], pair[1:])
    assert count(merged) == [(2, 2)]
    assert merged.votes[0].merged == ("m0.0", "m1.0")
    assert merged.conflicts == ()


DIFFERENT = [
    (say("jet", "pt", ">", 25.0, unit="GeV"), say("jet", "pt", ">", 30.0, unit="GeV", at=900)),
    (say("jet", "pt", ">", 25.0, unit="GeV"), say("jet", "pt", ">", 25.0, unit="MeV")),
    (say("jet", "pt", ">", 25.0, unit="GeV"), say("muon", "pt", ">", 25.0, unit="GeV")),
    (say("jet", "pt", ">", 25.0, unit="GeV"), say("leading_jet", "pt", ">", 25.0, unit="GeV")),
    (say("photon", "id", "pass", "loose"), say("photon", "id", "pass", "tight")),
    (say("photon", "id", "pass", "very tight"), say("photon", "id", "pass", "tight")),
    (say("lepton", "charge", "==", "opposite sign"), say("lepton", "charge", "==", "same sign")),
    (say("lepton", "n", ">=", 1.0), say("lepton", "n", ">", 1.0)),
    (say("dijet", "mass", "<", 60.0, unit="GeV"), say("dijet", "mass", ">", 60.0, unit="GeV")),
    (say("jet", "pt", ">", 25.0, unit="GeV", scope="1b"), say("jet", "pt", ">", 25.0, unit="GeV", scope="2b", at=900)),
    (
        say("jet", "pt", ">", 25.0, unit="GeV", condition="|η| < 2.4"),
        say("jet", "pt", ">", 25.0, unit="GeV", condition="2.4 < |η| < 4.5"),
    ),
    (say("jet", "n", ">", 2.0, scope="μμjj"), say("jet", "n", ">", 2.0, scope="μνjj", at=900)),
    (say("jet", "n", ">", 2.0, scope="SR-2j"), say("jet", "n", ">", 2.0, scope="SR-4j", at=900)),
    (say("jet", "n", ">", 2.0, scope="not in the SR"), say("jet", "n", ">", 2.0, scope="SR", at=900)),
    (say("other:collinear photon", "pt", ">", 1.0), say("other:non-collinear photon", "pt", ">", 1.0)),
]  # fmt: skip


@pytest.mark.parametrize("pair", DIFFERENT, ids=lambda p: f"{p[0].subject}-{p[0].variable}-{p[1].subject}-{p[1].value}")
def test_two_requirements_stay_two(pair: tuple[Finding, Finding]) -> None:
    assert count(merge(pair[:1], pair[1:])) == [(1, 2), (1, 2)]
    together = merge(pair, pair)
    assert count(together) == [(2, 2), (2, 2)]
    assert together.conflicts == ()


def test_what_one_reading_tells_apart_stays_apart() -> None:
    regions = [say("jet", "pt", ">", 25.0, unit="GeV", scope=s, at=at) for s, at in (("1b", 100), ("2b", 900))]
    nothing_named = [f.model_copy(update={"scope": None}) for f in regions]
    merged = merge(regions, nothing_named, nothing_named[:1])
    assert count(merged) == [(3, 3), (2, 3)]
    assert [f.scope for f in merged.findings] == [None, "2b"]  # of the first, two of three readings name no region


def test_a_reading_counts_once_however_often_it_repeats() -> None:
    prose, table = (
        say("jet", "pt", ">", 25.0, unit="GeV"),
        say("jet", "pt", ">", 25.0, unit="GeV", at=900, source="table"),
    )
    merged = merge([prose, table, table], [table], [])
    assert count(merged) == [(2, 3)]
    assert merged.findings[0].source == "prose"


def test_two_bounds_are_a_range() -> None:
    whole = say("dijet", "mass", "between", (60.0, 120.0), unit="GeV", closed="none")
    ends = [say("dijet", "mass", ">", 60.0, unit="GeV"), say("dijet", "mass", "<", 120.0, unit="GeV")]
    merged = merge([whole], ends, [whole])
    assert count(merged) == [(3, 3)]
    assert merged.findings[0].operator == "between"
    assert count(merge([whole], ends, ends)) == [(3, 3), (3, 3)]
    assert sorted(count(merge([whole], ends[:1], [whole]))) == [(1, 3), (2, 3)]  # one end alone is no range


def test_a_gap_in_an_interval_is_two_intervals() -> None:
    gap = [say("photon", "abs_eta", "<", 2.37), say("photon", "abs_eta", "outside", (1.37, 1.52))]
    parts = [
        say("photon", "abs_eta", "<", 1.37, group="g"),
        say("photon", "abs_eta", "between", (1.52, 2.37), group="g"),
    ]
    assert count(merge(gap, gap, parts)) == [(3, 3), (3, 3)]
    joined = merge(gap, parts, parts)
    assert count(joined) == [(3, 3), (3, 3)]
    assert joined.findings[0].group == joined.findings[1].group is not None


def test_leptons_are_electrons_and_muons() -> None:
    parts = [say("electron", "z0_sintheta", "<", 0.5, unit="mm"), say("muon", "z0_sintheta", "<", 0.5, unit="mm")]
    leptons = say("lepton", "z0_sintheta", "<", 0.5, unit="mm")
    assert count(merge(parts, [leptons], parts)) == [(3, 3), (3, 3)]
    assert count(merge(parts, [leptons], [leptons])) == [(3, 3)]
    assert count(merge(parts[:1], [leptons])) == [(1, 2), (1, 2)]


def test_the_threshold_of_counted_objects_belongs_to_the_count() -> None:
    full = say("jet", "n", ">=", 2.0, condition="p_T > 25 GeV")
    pieces = [say("jet", "n", ">=", 2.0), say("jet", "pt", ">", 25.0, unit="GeV")]
    merged = merge([full], pieces, pieces)
    assert count(merged) == [(3, 3)]
    assert merged.findings[0].condition == "p_T > 25 GeV"
    defined = say("jet", "pt", ">", 25.0, unit="GeV", at=900)  # an object definition, told somewhere else
    assert count(merge([full], [*pieces, defined], pieces)) == [(3, 3), (2, 3)]


def test_ungrounded_findings_lose_silently() -> None:
    right = say("jet", "pt", ">", 25.0, unit="GeV")
    wrong = say("jet", "pt", ">", 35.0, unit="GeV", note="loose")
    unquoted = right.model_copy(update={"note": "loose"})
    merged = merge([right], [wrong], [unquoted], [right])
    assert count(merged) == [(2, 4), (1, 4)]
    assert merged.votes[0].merged == ("m0.0", "m2.0", "m3.0")
    assert merged.conflicts == ()


CONTRADICTIONS = [
    ({"value": 35.0}, "the value"),
    ({"operator": ">="}, "whether the limit belongs to it"),
    ({"operator": "<"}, "the direction"),
    ({"scope": "2b"}, "the region it belongs to"),
    ({"subject": "leading_jet"}, "whom it holds for"),
]


@pytest.mark.parametrize(("change", "why"), CONTRADICTIONS)
def test_readings_that_differ_about_one_place_conflict(change: Mapping[str, object], why: str) -> None:
    right = say("jet", "pt", ">", 25.0, unit="GeV", scope="1b")
    other = right.model_copy(update=dict(change))
    merged = merge([right], [other], [right])
    (conflict,) = merged.conflicts
    assert conflict.why == f"readings differ in {why}"
    assert set(conflict.findings) == {f.id for f in merged.findings}
    assert conflict.default == "m0.0"
    assert merge([right, other], [other], [right]).conflicts == ()  # one reading tells them apart


def test_of_equally_many_readings_the_wider_bound_is_the_default() -> None:
    low, high = say("jet", "pt", ">", 25.0, unit="GeV"), say("jet", "pt", ">", 35.0, unit="GeV")
    assert merge([high], [low]).conflicts[0].default == "m1.0"
    regions = [low.model_copy(update={"scope": s}) for s in ("1b", "2b")]
    assert merge(regions[:1], regions[1:]).conflicts[0].default is None


def test_ends_that_different_readings_found_do_not_conflict() -> None:
    ends = [say("dijet", "mass", ">", 60.0, unit="GeV"), say("dijet", "mass", "<", 120.0, unit="GeV")]
    assert merge(ends[:1], ends[1:]).conflicts == ()


FINDINGS = st.builds(
    say,
    st.sampled_from(["jet", "muon", "lepton", "leading_jet", "other:soft jet", "electron"]),
    st.sampled_from(["pt", "abs_eta", "eta", "n", "other:sphericity"]),
    st.sampled_from([">", ">=", "<", "<="]),
    st.sampled_from([1.0, 2.0, 25.0]),
    at=st.sampled_from([100, 110, 900, 2000]),
    effect=st.sampled_from(["keep", "remove_object"]),
    scope=st.sampled_from([None, "SR", "control region"]),
    condition=st.sampled_from([None, "p_T > 25 GeV", "electrons"]),
    source=st.sampled_from(["prose", "table"]),
    note=st.sampled_from([None, None, "loose"]),
)
READINGS = st.lists(st.lists(FINDINGS, max_size=6), min_size=1, max_size=4)


def describe(consensus: Consensus) -> tuple[tuple[Finding, ...], tuple[Vote, ...], object]:
    return consensus.findings, consensus.votes, consensus.conflicts


@settings(max_examples=80, deadline=None)
@given(READINGS, st.randoms(use_true_random=False))
def test_the_order_of_readings_and_findings_plays_no_role(readings: list[list[Finding]], random: object) -> None:
    made, evidence = read(*readings)
    shuffled = []
    for reading in made:
        findings = list(reading.findings)
        random.shuffle(findings)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        shuffled.append(reading.model_copy(update={"findings": tuple(findings)}))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert describe(merge_readings(made, evidence)) == describe(merge_readings(shuffled, evidence))


@settings(max_examples=80, deadline=None)
@given(st.lists(FINDINGS, max_size=8), st.integers(1, 5))
def test_a_reading_agrees_with_itself(findings: list[Finding], times: int) -> None:
    merged = merge(*[findings] * times)
    assert all(votes == (times, times) for votes in count(merged))
    assert merged.conflicts == ()
    assert {i for v in merged.votes for i in v.merged} == {
        f"m{s}.{i}" for s in range(times) for i in range(len(findings))
    }


@settings(max_examples=80, deadline=None)
@given(READINGS, FINDINGS)
def test_a_value_that_nobody_else_has_is_never_merged(readings: list[list[Finding]], finding: Finding) -> None:
    changed = finding.model_copy(update={"value": 37.0, "variable": "pt"})
    merged = merge(*readings, [changed])
    mine = f"m{len(readings)}.0"
    assert [v.merged for v in merged.votes if mine in v.merged] == [(mine,)]


ANYTHING = st.builds(
    say,
    st.sampled_from(["jet", "other:²", "other:e^+ from the 3rd", "dilepton"]),
    st.sampled_from(["pt", "n", "eta", "other:n_", "other:χ^2/ndf", "charge"]),
    st.sampled_from(OPERATORS),
    st.one_of(
        st.none(), st.floats(), st.tuples(st.floats(), st.floats()), st.lists(st.floats(), max_size=4).map(tuple),
        st.text(max_size=8), st.lists(st.text(max_size=5), max_size=3).map(tuple),
        st.lists(st.floats(0, 9), max_size=3).map(lambda x: Ramp(argument="x", x=tuple(x), y=tuple(x))),
    ),
    unit=st.one_of(st.none(), st.sampled_from(["GeV", "furlong", "°", "%"])),
    effect=st.sampled_from(["keep", "remove_object", "reject_event", "choose", "define"]),
    condition=st.one_of(st.none(), st.text(max_size=30)),
    scope=st.one_of(st.none(), st.text(max_size=12)),
    quote=st.lists(st.text(max_size=30), min_size=1, max_size=3).map(tuple),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(ANYTHING, max_size=4), max_size=3))
def test_whatever_a_model_says_every_finding_is_in_the_record(readings: list[list[Finding]]) -> None:
    merged = merge(*readings)
    said = {f"m{s}.{i}" for s, findings in enumerate(readings) for i in range(len(findings))}
    assert {i for v in merged.votes for i in v.merged} == said
    assert len(merged.findings) == len(merged.votes)


def test_a_fraction_of_nothing_is_no_number() -> None:
    (token,) = split_tokens("0/0")
    assert token.value is not None
    assert isnan(token.value)
