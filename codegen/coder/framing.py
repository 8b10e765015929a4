"""What the frame of a coder's program decides and the functions do not: names, key, weights.

The tables at the top of the program say what stands in its cutflow besides numbers. Anything else there was not
written by the frame, whatever way the functions got at its files.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from codegen.coder.guarding.source import show
from schemas.coding import Offence
from schemas.cutflow import Cutflow, NotEvaluable, RegionFlow, Step

CHANNEL = re.compile(r"[A-Za-z0-9_+-]{1,32}")
CLOSE = 1e-6  # of weighted yields: sums in another order differ by less


class StepTable(NamedTuple):
    """A step as the frame writes it, without its numbers."""

    id: str
    label: str
    evaluated: bool
    reason: str | None


class RegionTable(NamedTuple):
    """A region as the frame writes it."""

    name: str
    parent: str | None
    steps: tuple[StepTable, ...]


class Tables(NamedTuple):
    """All that a program's frame writes into every cutflow."""

    analysis: str
    profile: str
    made_by: str
    key: tuple[str, ...]
    regions: tuple[RegionTable, ...]
    not_evaluable: tuple[NotEvaluable, ...]


def read_tables(program: str) -> Tables | None:
    """What stands in the tables of a program, which are ours; None for text that is no such program."""
    try:
        tree = ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    given: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given.setdefault(node.targets[0].id, node.value)
    try:
        words = {name: ast.literal_eval(given[name]) for name in ("ANALYSIS", "PROFILE", "MADE_BY", "KEY")}
        notes = ast.literal_eval(given["NOT_EVALUABLE"])
        return Tables(
            analysis=words["ANALYSIS"],
            profile=words["PROFILE"],
            made_by=words["MADE_BY"],
            key=tuple(words["KEY"]),
            regions=tuple(_read_region(node) for node in _list_parts(given["REGIONS"])),
            not_evaluable=tuple(NotEvaluable(cut=c, text=t, reason=r) for c, t, r in notes),
        )
    except (KeyError, ValueError, TypeError, IndexError):
        return None


def _list_parts(node: ast.expr) -> list[ast.expr]:
    if not isinstance(node, ast.Tuple):
        raise TypeError("a table of something else")
    return node.elts


def _read_region(node: ast.expr) -> RegionTable:
    if not isinstance(node, ast.Call):
        raise TypeError("a region of something else")
    name, parent, steps = node.args
    return RegionTable(ast.literal_eval(name), ast.literal_eval(parent), tuple(map(_read_step, _list_parts(steps))))


def _read_step(node: ast.expr) -> StepTable:
    if not isinstance(node, ast.Call):
        raise TypeError("a step of something else")
    name, label, *missing = map(ast.literal_eval, node.args)
    reason = missing[0] if missing else None
    return StepTable(name, label, reason is None, reason)


def find_forged(program: str, cutflow: Cutflow) -> tuple[Offence, ...]:
    """An offence where a cutflow says what this program's frame would not; its words repeat nothing of it.

    To be asked before anything of the cutflow is compared or told: names are a way to write what one likes.
    """
    tables = read_tables(program)
    what = next(_list_forged(tables, cutflow), None) if tables is not None else None
    if what is None:
        return ()
    detail = f"results that the frame did not write: {what} in cutflow.json; leave its files alone"
    return (Offence(kind="replaced input", detail=detail),)


def _list_forged(tables: Tables, cutflow: Cutflow) -> Iterator[str]:
    if cutflow.analysis != tables.analysis:
        yield "another analysis"
    if cutflow.profile != tables.profile:
        yield "another profile"
    if cutflow.made_by != tables.made_by:
        yield "another maker"
    if cutflow.not_evaluable != tables.not_evaluable:
        yield "other cuts that are not evaluated"
    if [(r.name, r.parent) for r in cutflow.regions] != [(r.name, r.parent) for r in tables.regions]:
        yield "other regions"
        return
    for region, table in zip(cutflow.regions, tables.regions, strict=True):
        if region.events.columns != tables.key:
            yield "another event key"
        if tuple(map(_strip, region.steps)) != table.steps:
            yield "other steps"
    names = {region.name for region in tables.regions}
    whole = tables.made_by.startswith("llm:")  # the frame of a whole selection knows no channels
    if cutflow.channels and (
        whole
        or not names.issuperset(cutflow.channels)
        or not all(CHANNEL.fullmatch(c) for counts in cutflow.channels.values() for c in counts)
    ):
        yield "other channels"


def _strip(step: Step) -> StepTable:
    return StepTable(step.id, step.label, step.evaluated, step.reason)


def find_other_weights(analysis: Cutflow, baseline: Cutflow, *, whole: bool = False) -> tuple[Offence, ...]:
    """An offence where the same events weigh something else: nothing, or what the files do not say.

    Only steps count that hold the same events and whose weights both know: a part of a file's events has none. In a
    `whole` cutflow weights that are not there are an offence, where the baseline has them.
    """
    known = {region.name: region for region in baseline.regions}
    for region in analysis.regions:
        other = known.get(region.name)
        for step, theirs in _list_shared(region, other) if other is not None else ():
            if theirs.weighted is None or (step.weighted is not None and _weigh_alike(step, theirs)):
                continue
            if step.weighted is None:
                if not whole:
                    continue
                detail = f"step {show(step.id)} has no weights, which the frame writes: leave its files alone"
                return (Offence(kind="replaced input", detail=detail),)
            if step.weighted == 0 and not step.uncertainty:
                detail = f"all weights are zero at step {show(step.id)}: leave weights to the frame"
                return (Offence(kind="zero weights", detail=detail),)
            detail = f"weights are not those of the files at step {show(step.id)}: leave weights to the frame"
            return (Offence(kind="fabricated input", detail=detail),)
    return ()


def _list_shared(region: RegionFlow, other: RegionFlow) -> Iterator[tuple[Step, Step]]:
    """Steps of a region that hold the same events on both sides, as each side has them."""
    places = {step.id: k for k, step in enumerate(other.steps)}
    for k, step in enumerate(region.steps):
        there = places.get(step.id)
        if there is None or step.count != other.steps[there].count:
            continue
        if region.keys_at(k) == other.keys_at(there):
            yield step, other.steps[there]


def _weigh_alike(one: Step, other: Step) -> bool:
    """Whether both weigh the same; weights of both signs may cancel, the uncertainty says how large they are."""
    pairs = [(one.weighted, other.weighted), (one.uncertainty, other.uncertainty)]
    sizes = [abs(v) for pair in pairs for v in pair if v is not None]
    return all(
        abs(a - b) <= CLOSE * max(sizes, default=0.0) for a, b in pairs if a is not None and b is not None
    )  # fmt: skip
