"""What following the code says: steps, branches, constants, event numbers, places in the file."""

import ast
import difflib
from collections.abc import Iterator, Sequence

from codegen.coder.guarding.flow import Flow
from codegen.coder.guarding.seen import Added
from codegen.coder.guarding.source import offend, show, show_node
from schemas.coding import Offence

MOST_CLOSE = 3


def judge_steps(flow: Flow, tree: ast.Module, steps: Sequence[str]) -> Iterator[Offence]:
    """Steps that are unknown or missing, as far as their names stand in the code."""
    adds = [a for a in flow.added.values() if a.method == "add"]
    for noted in flow.noted.values():
        if noted.kind == "handed":
            detail = f"{show(noted.about)}: selection is there for selection.add and selection.store, nothing else"
            yield offend("forbidden call", noted.node, detail)
        if noted.kind == "selection":
            detail = f"selection.{show(noted.about)} is not for you: there are selection.add and selection.store"
            yield offend("not a selection", noted.node, detail)
    for added in flow.added.values():
        if added.method == "add" and isinstance(added.name.value, str) and added.name.value not in steps:
            near = _name_close(added.name.value, steps)
            detail = f"'{show(added.name.value)}' is no step of the criteria{near}"
            yield offend("not a selection", added.node, detail)
    written = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    literal = all(isinstance(a.name.value, str) for a in adds)
    made = any(isinstance(n, ast.JoinedStr) for n in ast.walk(tree)) or any(
        isinstance(n, ast.BinOp) and isinstance(n.op, ast.Add | ast.Mod) and _is_text(n) for n in ast.walk(tree)
    )
    found = {a.name.value for a in adds} if literal else written
    missing = [step for step in steps if step not in found]
    if missing and (literal or not made):
        names = ", ".join(f"'{show(m)}'" for m in missing[:6]) + (" and more" if len(missing) > 6 else "")
        yield offend("not a selection", None, f"never added: {names}; call selection.add once for every step")


def _is_text(node: ast.BinOp) -> bool:
    return any(isinstance(p, ast.Constant) and isinstance(p.value, str) for p in (node.left, node.right))


def _name_close(name: str, known: Sequence[str]) -> str:
    lowered = {k.lower(): k for k in reversed(known)}
    close = difflib.get_close_matches(name.lower()[:80], list(lowered), MOST_CLOSE, 0.6)
    return f"; close: {', '.join(lowered[c] for c in close)}" if close else ""


def judge_branches(flow: Flow, branches: Sequence[str]) -> Iterator[Offence]:
    """Branches that the files do not have, and columns that are taken from the events in another way."""
    known = set(branches)
    for node, index in flow.read.values():
        if isinstance(index.value, str) and index.value not in known:
            near = _name_close(index.value, branches)
            yield offend("wrong branch", node, f"no branch '{show(index.value)}' in the files{near}")
        elif "chosen" in index.marks:
            detail = f"{show_node(node)}: a branch that is looked for among the names; write its name out"
            yield offend("wrong branch", node, detail)
        elif index.constant and not isinstance(index.value, str | tuple):
            detail = f"{show_node(node)}: a branch is taken by its name, events['...']"
            yield offend("wrong branch", node, detail)
    for noted in flow.noted.values():
        if noted.kind == "attribute":
            near = f"; write events['{show(noted.about)}']" if noted.about in known else ""
            yield offend("wrong branch", noted.node, f"events.{show(noted.about)}: a branch is events['name']{near}")


def judge_replaced(flow: Flow) -> Iterator[Offence]:
    """Events or branches that are replaced by something else."""
    for noted in flow.noted.values():
        if noted.kind == "asked":
            yield offend(
                "replaced input", noted.node,
                f"asks whether the files have {show(noted.about)} and goes on without it: take the branch as it is; "
                "a missing one has to stop the program",
            )  # fmt: skip
        elif noted.kind == "rebound":
            detail = f"{show(noted.about)} is replaced by something that was not read: use what the frame gives"
            yield offend("replaced input", noted.node, detail)
        elif noted.kind == "overwritten":
            detail = f"{show(noted.about)} is changed: events are read, never written"
            yield offend("replaced input", noted.node, detail)


def judge_places(flow: Flow) -> Iterator[Offence]:
    """Results that depend on where in the file an event stands."""
    for noted in flow.noted.values():
        if noted.kind == "place":
            detail = f"{show(noted.about)}: events are chosen by their place in the file: treat all events alike"
            yield offend("subsampling", noted.node, detail)


def judge_passed(flow: Flow) -> Iterator[Offence]:
    """Steps that do not look at the event, or that know it by its number."""
    placed = any(n.kind == "place" for n in flow.noted.values())
    for added in flow.added.values():
        if added.method != "add" or not added.given:
            continue
        yield from _judge_one(added, flow, placed)


def _judge_one(added: Added, flow: Flow, placed: bool) -> Iterator[Offence]:
    marks, name = added.passed.marks, show(added.name.value if isinstance(added.name.value, str) else "a step")
    if {"key"} & marks:
        detail = f"step {name} depends on the number of the event: decide on what was measured"
        yield offend("listed events", flow.first.get("key", added.node), detail)
    elif "data" in marks:
        if "running" in marks and not placed:
            detail = f"step {name} depends on where in the file an event stands: treat all events alike"
            yield offend("subsampling", flow.first.get("place", added.node), detail)
    elif "written" in marks:
        detail = f"step {name} decides on numbers that stand in the code: take them from events[...]"
        yield offend("fabricated input", added.node, detail)
    elif "place" in marks:
        if not placed:
            detail = f"step {name} depends on where in the file an event stands: treat all events alike"
            yield offend("subsampling", flow.first.get("place", added.node), detail)
    else:
        detail = f"step {name} decides without looking at the event: compute it from events[...]"
        yield offend("constant cut", added.node, detail)
