"""What a coder's functions must not do, as far as reading them shows: every offence with its line and what to do.

This is lint, not a wall: code that wants to hide can. What keeps it in is the sandbox, and what it claims is checked by
running it in other ways (`codegen.coder.probes`) and on events that it never saw (`codegen.coder.acceptance`). Reading
comes first because it is quick, and because it can say what is wrong. Where it cannot be sure, it says nothing.
"""

import ast
from collections.abc import Iterator, Sequence

from codegen.coder.guarding.flow import Flow
from codegen.coder.guarding.forbidden import find_forbidden, find_swallowed
from codegen.coder.guarding.literals import find_lists
from codegen.coder.guarding.names import Modules
from codegen.coder.guarding.origins import Handle
from codegen.coder.guarding.seen import TooMuch
from codegen.coder.guarding.shape import find_misshapen, find_tampering
from codegen.coder.guarding.source import offend, read_source
from codegen.coder.guarding.steps import (
    judge_branches,
    judge_passed,
    judge_places,
    judge_replaced,
    judge_steps,
)
from schemas.coding import Branch, Offence

MOST_OFFENCES = 20
# Branches that name an event, of the formats that are known, where a profile does not say its own.
KEYS = ("runNumber", "eventNumber", "run", "event", "luminosityBlock", "EventInfoAuxDyn.eventNumber",
        "EventInfoAux.eventNumber", "EventInfoAuxDyn.runNumber", "entry")  # fmt: skip


def check_functions(
    functions: str,
    *,
    steps: Sequence[str],
    branches: Sequence[Branch],
    hybrid: bool = False,
    keys: Sequence[str] = (),
) -> tuple[Offence, ...]:
    """Offences in the functions that a coder wrote, in order of lines; empty when none is found.

    `steps` are the ids that have to be added; in hybrid mode, the names of the functions `(events, objects)` that have
    to be there. `keys` are the branches that number an event (of the profile). Never
    raises: whatever a model writes is data.
    """
    tree = read_source(functions)
    if isinstance(tree, Offence):
        return (tree,)
    try:
        found = list(_list_offences(tree, steps, branches, hybrid, keys))
    except (TooMuch, RecursionError, MemoryError):
        return (offend("not a selection", None, "too complicated to be followed: write fewer, simpler functions"),)
    unique = {(o.kind, o.line, o.detail): o for o in found}
    return tuple(sorted(unique.values(), key=lambda o: o.line or 0))[:MOST_OFFENCES]


def _list_offences(
    tree: ast.Module,
    steps: Sequence[str],
    branches: Sequence[Branch],
    hybrid: bool,
    keys: Sequence[str],
) -> Iterator[Offence]:
    modules = Modules(tree)
    wanted = (
        [(s, 2, f"{s}(events, objects)") for s in steps] if hybrid else [("select", 2, "select(events, selection)")]
    )
    yield from find_misshapen(tree, modules, wanted)
    yield from find_tampering(tree, modules)
    yield from find_forbidden(tree, modules)
    yield from find_swallowed(tree)
    yield from find_lists(tree)
    all_keys = (*keys, *(k for k in KEYS if k not in keys))
    counters = [k for k in all_keys if k.lower().endswith(("event", "eventnumber", "evt", "entry"))]
    flow = Flow(tree, modules, all_keys, counters)
    handles: tuple[Handle, Handle] = ("events", "objects") if hybrid else ("events", "selection")
    top = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    names = [b.name for b in branches]
    for name in [w[0] for w in wanted if w[0] in top]:
        result = flow.follow(name, handles)
        if hybrid:
            yield from _judge_result(tree, name, result.marks)
    yield from judge_branches(flow, names)
    yield from judge_replaced(flow)
    yield from judge_places(flow)
    if not hybrid and "select" in top:
        yield from judge_passed(flow)
        yield from judge_steps(flow, tree, steps)


def _judge_result(tree: ast.Module, name: str, marks: frozenset[str]) -> Iterator[Offence]:
    """What a function of the hybrid mode returns, which has to look at the event."""
    node = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
    if "key" in marks:
        yield offend("listed events", node, f"{name} depends on the number of the event: decide on what was measured")
    elif "data" not in marks:
        yield offend("constant cut", node, f"{name} returns something that does not depend on the event")
    elif "running" in marks:
        yield offend("subsampling", node, f"{name} depends on where in the file an event stands: treat all alike")
