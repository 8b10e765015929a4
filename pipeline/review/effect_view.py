"""What the data say to the criteria as they stand, as the page shows it: what changed first, then the whole cutflow."""

from collections.abc import Mapping, Sequence

from pipeline.review.cutflow_changes import RegionChange, StepChange
from pipeline.review.recomputing import Effect
from pipeline.review.view_models import EffectView, FlowLine, FlowView, make_anchor
from pipeline.wording import word_count

_KINDS: Mapping[str, str] = {"new": "new", "removed": "gone", "moved": "moved"}


def build_effect(effect: Effect) -> EffectView:
    """The effect in words and tables. Raises nothing: what is wrong is said in it."""
    known = effect.original if effect.since != 0 else None
    return EffectView(
        words=_say(effect),
        running=effect.running,
        problem=effect.problem,
        changed=_make_flows(effect.regions, only_changed=True) if effect.since is not None else (),
        original=_make_flows(known.regions, only_changed=True) if known is not None else (),
        flows=_make_flows(effect.regions),
        told=effect.told,
        number=str(effect.number),
    )


def _say(effect: Effect) -> str:
    if effect.running:
        return "The cutflow is being computed …"
    if effect.problem is not None or not effect.regions:
        return "No cutflow"
    events = f"{word_count(effect.n_events)} events"
    if effect.since is None:
        return f"Cutflow of {events}"
    changed = [(r, s) for r in effect.regions for s in r.steps[1:] if s.kind != "same"]
    if not changed:
        return f"Cutflow of {events}: nothing changed"
    first = next((found for found in changed if found[1].before != found[1].after), changed[0])
    return f"Cutflow of {events}: {_say_step(*first)}{_say_more(changed)}"


def _say_step(region: RegionChange, step: StepChange) -> str:
    return f"{region.name.replace('_', ' ')}, {step.label}: {word_count(step.before)} → {word_count(step.after)}"


def _say_more(changed: Sequence[object]) -> str:
    return f", and {len(changed) - 1} more" if len(changed) > 1 else ""


def _make_flows(regions: Sequence[RegionChange], *, only_changed: bool = False) -> tuple[FlowView, ...]:
    """The regions of which a step is to be shown."""
    flows = (_make_flow(region, only_changed=only_changed) for region in regions)
    return tuple(flow for flow in flows if flow.lines)


def _make_flow(region: RegionChange, *, only_changed: bool = False) -> FlowView:
    steps = region.steps[1:]  # what a region starts from stands with its parent
    if only_changed:
        steps = tuple(s for s in steps if s.kind != "same")
    name = region.name.replace("_", " ")
    return FlowView(name, tuple(_make_line(s, compared=only_changed) for s in steps))


def _make_line(step: StepChange, *, compared: bool) -> FlowLine:
    moved = [f"+{word_count(step.gained)}" if step.gained else "", f"−{word_count(step.lost)}" if step.lost else ""]
    said = " ".join(m for m in moved if m) or _KINDS.get(step.kind, "")
    return FlowLine(
        label=step.label,
        before=word_count(step.before) if compared else "",
        after=word_count(step.after),
        change=said if compared else "",
        anchor=make_anchor(step.part) if step.part is not None else "",
        reason=step.reason or "",
    )
