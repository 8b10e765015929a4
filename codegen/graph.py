"""Stage two with models as a graph: bind, then rounds of instruct, write, guard, execute, compare, accept, fix.

An attempt ends in `fix`: accepted, or told what is wrong, and then the next one begins if one is left. While it works
the graph streams what it does (`Said`), and after each node what the node made, so that whoever drives it can show and
keep it. What a model, its code and its results do wrong is data; only a model that is out of reach, and a machine that
does not work, are exceptions.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Literal, NamedTuple, cast

from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph

from codegen.coder.nodes import Nodes
from codegen.coder.task import CodingServices, CodingState, CodingTask

Step = Literal["bind", "instruct", "write", "guard", "execute", "compare", "accept", "explain", "fix"]
STEPS: tuple[Step, ...] = ("bind", "instruct", "write", "guard", "execute", "compare", "accept", "explain", "fix")


class Said(NamedTuple):
    """A node has begun (`text` empty), or says what it is doing."""

    step: Step
    number: int  # of the attempt; 0 before the first
    text: str = ""


class Made(NamedTuple):
    """A node has ended: what it added to the state."""

    step: Step
    state: CodingState


Node = Callable[[CodingState], Coroutine[None, None, CodingState]]


async def run_coding(
    task: CodingTask, services: CodingServices, state: CodingState | None = None
) -> AsyncIterator[Said | Made]:
    """Write, run, explain and fix until the events match or no round is left; the last state holds a `record`.

    `state` has the attempts of an interrupted loop, which are not done again. Raises CriteriaError when the criteria
    make no program whatever is written, ModelUnavailable when a model is out of reach, ModelReplyFailed when its server
    gives no reply, and whatever the services raise when the machine does not do its part.
    """
    graph = _build(Nodes(task, services))
    # each round is at most eight nodes, and langgraph counts them all
    config = {"recursion_limit": len(STEPS) * (task.rounds + 2)}
    async for kind, event in graph.astream(state or CodingState(), config, stream_mode=["updates", "custom"]):
        if kind == "custom":
            yield event
        else:
            for step, update in event.items():
                yield Made(step, cast(CodingState, update or {}))


def _build(nodes: Nodes) -> Any:
    graph: Any = StateGraph(CodingState)
    for name in STEPS:
        graph.add_node(name, _announce(name, getattr(nodes, name)))
    graph.add_edge(START, "bind")
    graph.add_conditional_edges("bind", nodes.has_ended, {True: END, False: "instruct"})
    graph.add_edge("instruct", "write")
    graph.add_conditional_edges("write", nodes.is_spoilt, {True: "explain", False: "guard"})
    graph.add_conditional_edges("guard", nodes.is_spoilt, {True: "explain", False: "execute"})
    graph.add_conditional_edges("execute", nodes.is_spoilt, {True: "explain", False: "compare"})
    graph.add_conditional_edges("compare", nodes.is_spoilt, {True: "explain", False: "accept"})
    graph.add_conditional_edges("accept", nodes.is_spoilt, {True: "explain", False: "fix"})
    graph.add_edge("explain", "fix")
    graph.add_conditional_edges("fix", nodes.has_ended, {True: END, False: "instruct"})
    return graph.compile()


def _announce(step: Step, node: Node) -> Node:
    async def run(state: CodingState) -> CodingState:
        get_stream_writer()(Said(step, 0 if step == "bind" else state["number"]))
        return await node(state)

    return run
