"""Stage one as a graph: plan, load, read, ground, ask again, resolve, merge, cover, assemble, check.

Nodes take artefacts and return artefacts. While it works the graph streams what it does (`Said`), and after each node
what the node made, so that whoever drives it can show and keep it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Literal, NamedTuple, cast

from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph

from extract.assembling.assemble import assemble
from extract.attempts import find_attempts
from extract.cited_works import load_works, resolve_delegations
from extract.citing.delegations import find_delegations
from extract.citing.following import choose_works
from extract.consensus.merge import merge_readings
from extract.cover import cover
from extract.grounding.ground import ground_findings
from extract.llm.placing import merge_findings
from extract.llm.reader import read_with_model
from extract.llm.targeted import ask_about
from extract.rules.reader import READER, read_findings
from extract.stage_one import Services, StageOne, Wishes
from schemas.coverage import Coverage
from schemas.document import Document
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.model_call import ModelPort
from schemas.reading import Reading
from schemas.validation import validate_criteria

Step = Literal["plan", "load", "read", "ground", "ask", "resolve", "merge", "cover", "assemble", "check"]


class Said(NamedTuple):
    """A node has begun (`text` empty), or says what it is doing."""

    step: Step
    text: str = ""


class Made(NamedTuple):
    """A node has ended: what it added to the state; empty when all of that was there."""

    step: Step
    state: StageOne


Node = Callable[[StageOne], Coroutine[None, None, StageOne]]


async def run_graph(state: StageOne, services: Services, wishes: Wishes) -> AsyncIterator[Said | Made]:
    """Go through stage one from what `state` has; at least `document` and `bibliography`.

    Raises ModelUnavailable when a model is out of reach. A bad reply, a cited work that cannot be had and a
    quote that is not there are data.
    """
    graph = _build(_Nodes(services, wishes))
    async for kind, event in graph.astream(state, stream_mode=["updates", "custom"]):
        if kind == "custom":
            yield event
        else:
            for step, update in event.items():
                yield Made(step, cast(StageOne, update or {}))


def _build(nodes: "_Nodes") -> Any:
    graph: Any = StateGraph(StageOne)
    for name in ("plan", "load", "read", "ground", "ask", "resolve", "merge", "cover", "assemble", "check"):
        graph.add_node(name, _announce(name, getattr(nodes, name)))
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "load")
    graph.add_edge("load", "read")
    graph.add_edge("read", "ground")
    graph.add_conditional_edges("ground", nodes.has_open_thresholds, {True: "ask", False: "resolve"})
    graph.add_edge("ask", "resolve")
    graph.add_edge("resolve", "merge")
    graph.add_edge("merge", "cover")
    graph.add_edge("cover", "assemble")
    graph.add_edge("assemble", "check")
    graph.add_edge("check", END)
    return graph.compile()


def _announce(step: Step, node: Node) -> Node:
    async def run(state: StageOne) -> StageOne:
        get_stream_writer()(Said(step))
        return await node(state)

    return run


def _say(step: Step) -> Callable[[str], None]:
    write = get_stream_writer()
    return lambda text: write(Said(step, text))


class _Nodes:
    """The steps; each returns what it adds to the state."""

    def __init__(self, services: Services, wishes: Wishes) -> None:
        self._services = services
        self._wishes = wishes

    async def plan(self, state: StageOne) -> StageOne:
        """Text that addresses a program, and definitions that the paper leaves to cited works."""
        if "attempts" in state and "delegations" in state:
            return {}
        document = state["document"]
        delegations = find_delegations(document, state["bibliography"])
        return {"attempts": find_attempts(document), "delegations": delegations}

    async def load(self, state: StageOne) -> StageOne:
        """The cited works that definitions are left to."""
        if "resolutions" in state or self._services.load_work is None or not self._wishes.works:
            return {"works": {}}
        works = choose_works(state["delegations"], state["bibliography"], self._wishes.works)
        return {"works": await load_works(works, self._services.load_work, _say("load"))}

    async def read(self, state: StageOne) -> StageOne:
        """Every reader's findings: the rules at most once, each model as often as there are votes, all at once."""
        if "readings" in state:
            return {}
        document, wishes, say = state["document"], self._wishes, _say("read")
        models = [
            read_with_model(port, document, mode=wishes.mode, sample=sample, report=say)
            for port in self._services.ports
            for sample in range(wishes.first_sample, wishes.first_sample + wishes.votes)
        ]
        rules = [asyncio.to_thread(_read_with_rules, document)] if wishes.rules else []
        return {"readings": tuple(await asyncio.gather(*rules, *models))}

    async def ground(self, state: StageOne) -> StageOne:
        """Every finding of every reading against the text."""
        if {"findings", "coverage", "assembly"} <= state.keys():
            return {}
        return {"proofs": _ground(state["document"], state["readings"])}

    def has_open_thresholds(self, state: StageOne) -> bool:
        """Whether to ask the models again: about printed thresholds that nothing claims."""
        if not self._services.ports or not self._wishes.ask_again or "consensus" in state:
            return False
        if any(r.asked_again for r in state["readings"]):
            return False
        return bool(self._list_able(state)) and bool(_cover_readings(state).unclaimed)

    async def ask(self, state: StageOne) -> StageOne:
        """A second question to each model, once, about what nobody claimed; what it finds joins its first reading."""
        unclaimed = _cover_readings(state).unclaimed
        say = _say("ask")
        say(f"{len(unclaimed)} printed thresholds that nobody claimed")
        document, sample = state["document"], self._wishes.first_sample
        asked = await asyncio.gather(
            *(ask_about(p, document, unclaimed, sample=sample) for p in self._list_able(state))
        )
        more = {(r.reader, r.sample): r for r in asked}
        readings = tuple(_join(r, more.get((r.reader, r.sample))) for r in state["readings"])
        added = _ground(document, tuple(asked))
        return {"readings": readings, "proofs": state["proofs"] | added}

    def _list_able(self, state: StageOne) -> tuple[ModelPort, ...]:
        """The models that gave a usable reply; the others are not asked any more."""
        mute = {r.reader for r in state["readings"]} - {r.reader for r in state["readings"] if not r.unusable}
        return tuple(p for p in self._services.ports if f"llm:{p.model}" not in mute)

    async def resolve(self, state: StageOne) -> StageOne:
        """What became of each delegation, and the findings taken from cited works."""
        if "resolutions" in state:
            return {}
        services = self._services._replace(ports=self._list_able(state))
        return await resolve_delegations(state, services, self._wishes, _say("resolve"))

    async def merge(self, state: StageOne) -> StageOne:
        """All readings as one: findings with their evidence, and their votes when there are several readings."""
        if "findings" in state:
            return {}
        readings, proofs = state["readings"], state["proofs"]
        usable = [r for r in readings if not r.unusable]
        consensus = merge_readings(usable, proofs) if len(usable) > 1 else None
        alone = usable[0].findings if usable else ()  # () where a model was to read alone and said nothing usable
        findings = consensus.findings if consensus is not None else alone
        evidence = tuple(proofs[f.id] for f in findings)
        return {
            "consensus": consensus,
            "findings": (*findings, *state["taken"]),
            "evidence": (*evidence, *state["taken_evidence"]),
        }

    async def cover(self, state: StageOne) -> StageOne:
        """Which printed thresholds nothing claims."""
        if "coverage" in state:
            return {}
        return {"coverage": cover(state["document"], *_list_all(state), state["consensus"])}

    async def assemble(self, state: StageOne) -> StageOne:
        """The criteria, with the evidence of every finding of every reading."""
        if "assembly" in state:
            return {}
        findings, evidence = _list_all(state)
        return {
            "assembly": assemble(
                state["document"],
                (*findings, *state["taken"]),
                (*evidence, *state["taken_evidence"]),
                consensus=state["consensus"],
                resolutions=state["resolutions"],
            )
        }

    async def check(self, state: StageOne) -> StageOne:
        """What a compiler would not understand: told, not raised, since a person can edit it."""
        try:
            validate_criteria(state["assembly"].criteria)
        except CriteriaError as error:
            return {"problem": str(error)}
        return {"problem": None}


def _read_with_rules(document: Document) -> Reading:
    return Reading(reader=READER, mode="rules", document_id=document.document_id, findings=read_findings(document))


def _ground(document: Document, readings: Sequence[Reading]) -> dict[str, Evidence]:
    findings: list[Finding] = [f for r in readings for f in r.findings]
    return {f.id: e for f, e in zip(findings, ground_findings(document, findings), strict=True)}


def _cover_readings(state: StageOne) -> Coverage:
    return cover(state["document"], *_list_all(state))


def _list_all(state: StageOne) -> tuple[list[Finding], list[Evidence]]:
    """The findings of all readings with their evidence; one that another stands for still has a place of its own."""
    findings = [f for r in state["readings"] for f in r.findings]
    return findings, [state["proofs"][f.id] for f in findings]


def _join(reading: Reading, more: Reading | None) -> Reading:
    """A reading with what its model answered to the second question; what it only repeats there is not said twice."""
    if more is None:
        return reading
    return reading.model_copy(
        update={
            "findings": merge_findings((*reading.findings, *more.findings)),
            "dropped": reading.dropped + more.dropped,
            "asked": reading.asked + more.asked,
            "failed": reading.failed + more.failed,
            "asked_again": more.asked,
            "unusable": reading.unusable and more.unusable,
        }
    )
