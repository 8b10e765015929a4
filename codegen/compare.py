"""Two cutflows compared as sets of events: the analysis under test against the independent baseline."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from codegen.event_sets import RegionPair, Row, align_steps, pair_regions
from schemas.analysis import StepValue, StepValues
from schemas.comparison import Comparison, StepComparison
from schemas.cutflow import Cutflow, EventKey, Step

State = Literal["equal", "different", "only_in_analysis", "only_in_baseline", "not_evaluated", "no_baseline"]


class Verdict(NamedTuple):
    """One step compared. `reach` are the indices whose events were compared; `words` say what does not match."""

    step: StepComparison
    pair: RegionPair
    reach: Row
    words: str | None


def compare_cutflows(analysis: Cutflow, baseline: Cutflow) -> Comparison:
    """Compare regions by name and steps by id: the same events must be left after every step that is evaluated.

    A region that the baseline does not have is listed, and nothing is claimed about it. A step that neither side
    evaluates is listed and is no mismatch, as long as it leaves the events alone; one that
    only one side evaluates is a mismatch, and so is an event that the analysis counts twice. Raises ProfileError when
    the two identify events by different columns, and DataError when a baseline key occurs more than once: sets of
    events could then hide a difference.
    """
    verdicts: list[Verdict] = []
    remarks: list[str] = []
    for pair in pair_regions(analysis, baseline):
        rows, in_order = align_steps(pair.analysis, pair.baseline)
        verdicts += _judge_rows(pair, rows)
        if not in_order:
            remarks.append(_describe_order(pair))
    first = next((v for v in verdicts if v.words is not None), None)
    return Comparison(
        analysis=f"{analysis.analysis} ({analysis.made_by})",
        baseline=f"{baseline.analysis} ({baseline.made_by})",
        matched=first is None and any(v.step.state == "equal" for v in verdicts),
        steps=tuple(v.step for v in verdicts),
        first_difference=f"{first.step.region}/{first.step.step}" if first else None,
        examples=first.pair.pick_examples(first.reach) if first else (),
        summary=_summarise(verdicts, first, [*remarks, *([] if first else _compare_weights(analysis, baseline))]),
    )


def attach_values(
    comparison: Comparison,
    analysis_values: Mapping[EventKey, StepValues],
    baseline_values: Mapping[EventKey, StepValues],
) -> Comparison:
    """The comparison with the values that decide, as both sides give them by event and step.

    For each example event: what each side computed at the first differing step; where it has nothing for that step,
    all that it has for the event.
    """
    step = (comparison.first_difference or "/").split("/", 1)[1]

    def pick(values: Mapping[EventKey, StepValues], key: EventKey) -> dict[str, StepValue]:
        of_event = values.get(key, {})
        return {step: of_event[step]} if step in of_event else dict(of_event)

    examples = tuple(
        example.model_copy(
            update={
                "analysis_values": pick(analysis_values, example.key),
                "baseline_values": pick(baseline_values, example.key),
            }
        )
        for example in comparison.examples
    )
    return comparison.model_copy(update={"examples": examples})


def _judge_rows(pair: RegionPair, rows: Sequence[Row]) -> Iterator[Verdict]:
    """A verdict for every row; where one side has no such step, its events are those after its step before."""
    at = rows[0]
    for row in rows:
        at = Row(
            at.analysis if row.analysis is None else row.analysis, at.baseline if row.baseline is None else row.baseline
        )
        yield _judge(pair, row, at)


def _judge(pair: RegionPair, row: Row, reach: Row) -> Verdict:
    ours = pair.analysis[row.analysis] if row.analysis is not None else None
    theirs = pair.baseline[row.baseline] if row.baseline is not None else None
    only_ours, only_theirs = pair.count_differences(reach)
    state: State
    words: str | None = None
    if not pair.baseline:
        state = "no_baseline"
    elif _is_evaluated(ours, row.analysis) and _is_evaluated(theirs, row.baseline):
        same = not (only_ours or only_theirs) and _count(ours) == _count(theirs)
        state = "equal" if same else "different"
        words = None if same else _describe_counts(pair, ours, theirs, only_ours, only_theirs)
    elif _is_evaluated(ours, row.analysis):
        state, words = "only_in_analysis", _describe_one_sided(pair, ("analysis", "baseline"), theirs)
    elif _is_evaluated(theirs, row.baseline):
        state, words = "only_in_baseline", _describe_one_sided(pair, ("baseline", "analysis"), ours)
    else:
        losing = [side for side, loses in zip(Row._fields, pair.loses_events(row), strict=True) if loses]
        state = "different" if losing else "not_evaluated"
        if losing:
            words = f"marked as not evaluated, yet events are lost there in the {' and the '.join(losing)}"
    named = ours or theirs
    step = StepComparison(
        region=pair.name,
        step=named.id if named else "",
        label=named.label if named else "",
        analysis_count=_count(ours),
        baseline_count=_count(theirs),
        only_analysis=only_ours,
        only_baseline=only_theirs,
        state=state,
    )
    return Verdict(step, pair, reach, words)


def _is_evaluated(step: Step | None, index: int | None) -> bool:
    """The first line of a region holds events even where it is named after a step that is not evaluated."""
    return step is not None and (step.evaluated or index == 0)


def _count(step: Step | None) -> int | None:
    return None if step is None else step.count


def _describe_counts(pair: RegionPair, ours: Step | None, theirs: Step | None, only_ours: int, only_theirs: int) -> str:
    repeated = sum(pair.repeated.values())
    return (
        f"{_count(ours)} events in the analysis, {_count(theirs)} in the baseline, "
        f"{only_ours} only in the analysis, {only_theirs} only in the baseline"
        + (f"; the analysis counts {repeated} events more than once" if repeated else "")
    )


def _describe_one_sided(pair: RegionPair, sides: tuple[str, str], other: Step | None) -> str:
    has, lacks = sides
    if not (pair.analysis and pair.baseline):
        return f"the {lacks} has no region '{pair.name}'"
    why = "has no such step" if other is None else f"does not evaluate it ({other.reason or 'no reason given'})"
    return f"evaluated in the {has} only, the {lacks} {why}"


def _describe_order(pair: RegionPair) -> str:
    """The stretch over which the steps that both have stand in another order."""
    ours, theirs = [s.id for s in pair.analysis[1:]], [s.id for s in pair.baseline[1:]]
    here, there = [i for i in ours if i in theirs], [i for i in theirs if i in ours]
    differing = [i for i, (a, b) in enumerate(zip(here, there, strict=True)) if a != b]
    stretch = slice(differing[0], differing[-1] + 1)
    return (
        f"the same steps stand in another order in region '{pair.name}' "
        f"(analysis: {_shorten(here[stretch])}; baseline: {_shorten(there[stretch])})"
    )


def _shorten(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _summarise(verdicts: Sequence[Verdict], first: Verdict | None, remarks: Sequence[str]) -> str:
    """The verdict in one line."""
    steps = [v.step for v in verdicts]
    equal = sum(s.state == "equal" for s in steps)
    not_evaluated = list(dict.fromkeys(s.step for s in steps if s.state == "not_evaluated"))
    if first is not None:
        head = [f"first difference at {first.step.region}/{first.step.step}: {first.words}"]
        head += _describe_end([s for s in steps if s.region == first.step.region][-1])
    elif equal:
        regions = len({s.region for s in steps if s.state != "no_baseline"})
        head = [f"the same events after every one of {equal} evaluated steps in {regions} region{'s'[: regions > 1]}"]
    else:
        head = ["nothing to compare: no step is evaluated on both sides"]
    tail = [f"{len(not_evaluated)} not evaluated: {_shorten(not_evaluated)}"] if not_evaluated else []
    alone = list(dict.fromkeys(s.region for s in steps if s.state == "no_baseline"))
    tail += [f"no baseline for region{'s'[: len(alone) > 1]} {_shorten(alone)}"] if alone else []
    return "; ".join([*head, *remarks, *tail])


def _describe_end(end: StepComparison) -> Iterator[str]:
    """What the end of the differing region looks like, where its counts alone would mislead."""
    if end.analysis_count is not None and end.analysis_count == end.baseline_count:
        differ = end.only_analysis or end.only_baseline
        yield (
            f"the final counts agree ({end.analysis_count}) but the events do not"
            if differ
            else (f"the final events agree ({end.analysis_count})")
        )


def _compare_weights(analysis: Cutflow, baseline: Cutflow) -> Iterator[str]:
    """The first step at which the weighted yields of the same events differ."""
    theirs = {(region.name, step.id): step for region in baseline.regions for step in region.steps}
    for region in analysis.regions:
        for step in region.steps:
            other = theirs.get((region.name, step.id))
            if other is None or step.weighted is None or other.weighted is None:  # a program need not give weights
                continue
            if abs(step.weighted - other.weighted) > 1e-6 * max(1.0, abs(other.weighted)):
                yield f"weighted yields differ at {region.name}/{step.id} ({step.weighted:g}, {other.weighted:g})"
                return
