"""Comparing cutflows as sets of events."""

from collections.abc import Sequence

import pytest

from codegen.compare import attach_values, compare_cutflows
from schemas.cutflow import Cutflow, EventTable, RegionFlow, Step
from schemas.errors import DataError, ProfileError

COLUMNS = ("runNumber", "eventNumber")


def flow(
    name: str, steps: Sequence[str], lasts: dict[int, int], *, columns: tuple[str, ...] = COLUMNS, skipped: str = ""
) -> RegionFlow:
    """A region whose event `n` ends at step `lasts[n]`; `skipped` is not evaluated."""
    return RegionFlow(
        name=name,
        steps=tuple(
            Step(
                id=step,
                label=f"label of {step}",
                count=(count := sum(last >= i for last in lasts.values())),
                weighted=float(count),
                uncertainty=count**0.5,
                evaluated=step != skipped,
                reason="no such branch" if step == skipped else None,
            )
            for i, step in enumerate(steps)
        ),
        events=EventTable(
            columns=columns,
            keys=tuple((7, n) if columns[0] == "runNumber" else (n, 7) for n in lasts),
            last_step=tuple(lasts.values()),
        ),
    )


def cutflow(*regions: RegionFlow, made_by: str = "compiler") -> Cutflow:
    return Cutflow(analysis="demo", made_by=made_by, n_events=len(regions[0].events.keys), regions=regions)


def baseline(*regions: RegionFlow) -> Cutflow:
    return cutflow(*regions, made_by="baseline")


STEPS = ("initial", "two_leptons", "mass")


def test_equal_cutflows_match() -> None:
    lasts = {n: n % 3 for n in range(30)}
    result = compare_cutflows(cutflow(flow("signal", STEPS, lasts)), baseline(flow("signal", STEPS, lasts)))
    assert result.matched
    assert [s.state for s in result.steps] == ["equal"] * 3
    assert [s.analysis_count for s in result.steps] == [30, 20, 10]
    assert (result.first_difference, result.examples) == (None, ())
    assert result.summary == "the same events after every one of 3 evaluated steps in 1 region"


def test_equal_final_counts_with_other_events_do_not_match() -> None:
    ours = {n: 2 if n < 10 else 1 for n in range(20)}
    theirs = ours | {0: 1, 15: 2}
    result = compare_cutflows(cutflow(flow("signal", STEPS, ours)), baseline(flow("signal", STEPS, theirs)))
    assert not result.matched
    assert result.first_difference == "signal/mass"
    last = result.steps[-1]
    assert (last.analysis_count, last.baseline_count, last.only_analysis, last.only_baseline) == (10, 10, 1, 1)
    assert {(e.key, e.only) for e in result.examples} == {((7, 0), "analysis"), ((7, 15), "baseline")}
    assert "the final counts agree (10) but the events do not" in result.summary
    assert "\n" not in result.summary


def test_the_first_differing_step_is_named_with_ten_events_of_both_sides() -> None:
    ours = dict.fromkeys(range(100), 2)
    theirs = {n: 0 if n < 30 else 2 for n in range(98)} | {500: 2, 501: 1}
    result = compare_cutflows(cutflow(flow("signal", STEPS, ours)), baseline(flow("signal", STEPS, theirs)))
    assert result.first_difference == "signal/initial"
    assert [e.key[1] for e in result.examples] == [98, 99, 500, 501]
    second = result.steps[1]
    assert (second.only_analysis, second.only_baseline, second.state) == (32, 2, "different")
    assert len(compare_cutflows(cutflow(flow("s", STEPS, ours)), baseline(flow("s", STEPS, {}))).examples) == 10


def test_a_step_that_neither_side_evaluates_is_listed_and_no_mismatch() -> None:
    steps = ("initial", "two_leptons", "vertex", "mass")
    ours = {n: 3 if n % 2 else 1 if n % 4 else 0 for n in range(20)}
    ours = {n: 3 if last == 1 else last for n, last in ours.items()}
    skipping = flow("signal", steps, ours, skipped="vertex")
    without = flow("signal", STEPS, {n: 2 if last == 3 else last for n, last in ours.items()})
    for other in (skipping, without):
        result = compare_cutflows(cutflow(skipping), baseline(other))
        assert result.matched, result.summary
        assert [s.state for s in result.steps] == ["equal", "equal", "not_evaluated", "equal"]
        assert result.summary.endswith("1 not evaluated: vertex")


def test_a_step_marked_as_not_evaluated_must_keep_its_events() -> None:
    lasts = {n: 2 if n else 0 for n in range(5)}
    result = compare_cutflows(
        cutflow(flow("signal", STEPS, lasts, skipped="two_leptons")),
        baseline(flow("signal", STEPS, lasts, skipped="two_leptons")),
    )
    assert not result.matched
    assert "marked as not evaluated, yet events are lost there in the analysis and the baseline" in result.summary


def test_a_step_evaluated_on_one_side_only_is_a_mismatch() -> None:
    lasts = dict.fromkeys(range(5), 2)
    result = compare_cutflows(
        cutflow(flow("signal", STEPS, lasts, skipped="mass")), baseline(flow("signal", STEPS, lasts))
    )
    assert not result.matched
    assert (result.first_difference, result.steps[2].state) == ("signal/mass", "only_in_baseline")
    assert "evaluated in the baseline only, the analysis does not evaluate it (no such branch)" in result.summary
    fewer = compare_cutflows(cutflow(flow("signal", STEPS, lasts)), baseline(flow("signal", STEPS[:2], {0: 1})))
    assert fewer.steps[2].state == "only_in_analysis"
    extra = compare_cutflows(
        cutflow(flow("signal", STEPS, {0: 2, 1: 1, 2: 2})), baseline(flow("signal", STEPS[:2], {0: 1, 1: 1, 2: 1}))
    )
    assert extra.first_difference == "signal/mass"
    assert (extra.steps[2].only_baseline, extra.examples[0].key) == (1, (7, 1))
    assert "the baseline has no such step" in extra.summary


def test_another_order_of_the_same_steps_is_said() -> None:
    swapped = ("initial", "mass", "two_leptons")
    ours = {0: 0, 1: 1, 2: 2, 3: 0}
    theirs = {0: 0, 1: 0, 2: 2, 3: 1}
    result = compare_cutflows(cutflow(flow("signal", STEPS, ours)), baseline(flow("signal", swapped, theirs)))
    assert not result.matched
    assert (
        "the same steps stand in another order in region 'signal' "
        "(analysis: two_leptons, mass; baseline: mass, two_leptons)"
    ) in result.summary
    assert {s.step for s in result.steps} == set(STEPS)


def test_a_region_that_the_analysis_lacks_is_a_mismatch_one_that_the_baseline_lacks_is_listed() -> None:
    one, two = flow("signal", STEPS, {0: 2}), flow("control", STEPS, {0: 1})
    missing = compare_cutflows(cutflow(one), baseline(one, two))
    assert "the analysis has no region 'control'" in missing.summary
    assert {s.state for s in missing.steps if s.region == "control"} == {"only_in_baseline"}
    more = compare_cutflows(cutflow(one, two), baseline(one))
    assert more.matched
    assert "no baseline for region control" in more.summary
    assert {s.state for s in more.steps if s.region == "control"} == {"no_baseline"}
    nothing = compare_cutflows(cutflow(two), baseline(one))
    assert not nothing.matched


def test_first_lines_belong_together_whatever_they_are_called() -> None:
    ours = flow("signal", ("vertex", "mass"), {0: 1, 1: 0}, skipped="vertex")
    theirs = flow("signal", ("isolation", "mass"), {0: 1, 1: 0})
    result = compare_cutflows(cutflow(ours), baseline(theirs))
    assert result.matched, result.summary
    assert len(result.steps) == 2


def test_nothing_to_compare_is_no_match() -> None:
    assert not compare_cutflows(
        Cutflow(analysis="demo", made_by="compiler", n_events=0, regions=()),
        Cutflow(analysis="demo", made_by="baseline", n_events=0, regions=()),
    ).matched


def test_key_columns_must_be_the_same() -> None:
    lasts = dict.fromkeys(range(5), 2)
    ours = cutflow(flow("signal", STEPS, lasts))
    turned = baseline(flow("signal", STEPS, lasts, columns=("eventNumber", "runNumber")))
    assert compare_cutflows(ours, turned).matched
    other = baseline(flow("signal", STEPS, lasts, columns=("event", "runNumber")))
    with pytest.raises(
        ProfileError, match=r"\(runNumber, eventNumber\).*\(event, runNumber\); give the profile's event"
    ):
        compare_cutflows(ours, other)


def test_events_counted_twice_are_found() -> None:
    region = flow("signal", STEPS, {0: 2, 1: 1})
    table = EventTable(columns=COLUMNS, keys=((7, 0), (7, 1), (7, 0)), last_step=(2, 1, 2))
    counts = (3, 3, 2)
    steps = tuple(s.model_copy(update={"count": n}) for s, n in zip(region.steps, counts, strict=True))
    twice = region.model_copy(update={"events": table, "steps": steps})
    result = compare_cutflows(cutflow(twice), baseline(region))
    assert not result.matched
    assert result.examples[0].key == (7, 0)
    assert "the analysis counts 1 events more than once" in result.summary
    with pytest.raises(DataError, match="1 event keys occur more than once in region 'signal' of the baseline"):
        compare_cutflows(cutflow(region), baseline(twice))


def test_other_weights_of_the_same_events_are_remarked() -> None:
    region = flow("signal", STEPS, {0: 2})
    heavier = tuple(s.model_copy(update={"weighted": 2.5}) if s.id == "mass" else s for s in region.steps)
    result = compare_cutflows(cutflow(region.model_copy(update={"steps": heavier})), baseline(region))
    assert result.matched
    assert "weighted yields differ at signal/mass (2.5, 1)" in result.summary


def test_deciding_values_are_attached() -> None:
    result = compare_cutflows(
        cutflow(flow("signal", STEPS, {0: 2, 1: 2})), baseline(flow("signal", STEPS, {0: 2, 1: 1}))
    )
    with_values = attach_values(
        result,
        {(7, 1): {"two_leptons": 2.0, "mass": (91.2, 30.0)}, (7, 0): {"mass": 1.0}},
        {(7, 1): {"two_leptons": None}},
    )
    assert with_values.examples[0].analysis_values == {"mass": (91.2, 30.0)}
    assert with_values.examples[0].baseline_values == {"two_leptons": None}
    assert with_values.steps == result.steps
