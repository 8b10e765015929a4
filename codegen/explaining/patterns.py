"""What the steps and regions alone say about a difference: order, steps that do nothing, events counted twice."""

from collections.abc import Iterator

from codegen.explaining.difference import Difference
from schemas.coding import Cause
from schemas.comparison import Comparison


def list_step_causes(difference: Difference, comparison: Comparison) -> Iterator[Cause]:
    """Causes that show in the chains of steps, without looking at single events."""
    pair, step = difference.pair, difference.step
    if not pair.analysis:
        yield Cause(kind="definition", text=f"the analysis has no region {difference.region}")
        return
    if not pair.baseline:
        yield Cause(kind="definition", text=f"the baseline has no region {difference.region}")
        return
    if pair.repeated:
        yield Cause(
            kind="definition",
            text="the analysis counts events more than once",
            evidence=f"{len(pair.repeated)} events",
        )
    if step.state == "only_in_baseline":
        yield Cause(kind="definition", text=f"the analysis does not apply {step.step}")
    if step.state == "only_in_analysis":
        yield Cause(kind="not evaluated", text=f"the analysis evaluates {step.step}, which the baseline does not")
    ours, theirs = [s.id for s in pair.analysis[1:]], [s.id for s in pair.baseline[1:]]
    here, there = [i for i in ours if i in theirs], [i for i in theirs if i in ours]
    moved = [a for a, b in zip(here, there, strict=True) if a != b]
    if moved:
        yield Cause(
            kind="order",
            text=f"the steps {', '.join(moved[:4])} stand in another order than in the criteria",
            evidence="the final events agree" if _ends_agree(difference, comparison) else "",
        )
    lost_all = not difference.only_analysis and not difference.agreed_kept and len(difference.only_baseline) > 1
    if lost_all and difference.row.analysis is not None:
        yield Cause(
            kind="unit",
            text="the analysis loses every event at this step: a unit, a constant, or a comparison the wrong way round",
            evidence=f"{len(difference.only_baseline) + len(difference.agreed_lost)} events",
        )
    kept_all = not difference.only_baseline and not difference.agreed_lost and len(difference.only_analysis) > 1
    if kept_all and difference.agreed_kept:
        yield Cause(
            kind="threshold",
            text="the step loses no event in the analysis: it is not applied, or what it compares always passes",
            evidence=f"{len(difference.only_analysis)} events that it must lose",
        )


def _ends_agree(difference: Difference, comparison: Comparison) -> bool:
    last = [s for s in comparison.steps if s.region == difference.region][-1]
    return not (last.only_analysis or last.only_baseline)
