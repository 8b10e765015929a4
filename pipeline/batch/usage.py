"""What a paper's model readings took, from usage.json of its run folder."""

from pathlib import Path

from pipeline.batch.records import Usage
from pipeline.models.record import load_usage


def read_usage(run: Path, before: Usage | None) -> Usage | None:
    """Questions, tokens, seconds and cost of a run; `before` where no model was asked there."""
    found = load_usage(run)
    if found is None:
        return before
    total = found.total
    return Usage(
        asked=total.calls - total.cached - total.failures,
        cached=total.cached,
        failures=total.failures,
        prompt_tokens=total.prompt_tokens,
        completion_tokens=total.completion_tokens,
        seconds=total.seconds,
        cost=total.cost,
    )


def sum_usage(usages: list[Usage]) -> Usage | None:
    """All of them together, None when there are none. The cost is None when that of one is not known."""
    if not usages:
        return None
    costs = [u.cost for u in usages if u.cost is not None]
    return Usage(
        asked=sum(u.asked for u in usages),
        cached=sum(u.cached for u in usages),
        failures=sum(u.failures for u in usages),
        prompt_tokens=sum(u.prompt_tokens for u in usages),
        completion_tokens=sum(u.completion_tokens for u in usages),
        seconds=round(sum(u.seconds for u in usages), 3),
        cost=round(sum(costs), 6) if len(costs) == len(usages) else None,
    )
