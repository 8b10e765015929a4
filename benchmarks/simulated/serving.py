"""Simulated readers behind a model server: the real questions over HTTP, answered from gold with known mistakes."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import NamedTuple

from benchmarks.gold import GoldList
from benchmarks.simulated.breaking import Broken, break_reply
from benchmarks.simulated.drawing import draw
from benchmarks.simulated.questions import Asked, KnownPaper, read_question
from benchmarks.simulated.specification import SimulatedReader
from benchmarks.simulated.statements import Statement, list_statements
from benchmarks.simulated.truth import Known, Plan, Truth, plan_run
from benchmarks.stand_in import Answer, ChatBody, Refusal, Said, Server, StandIn
from extract.llm.answers import Item
from extract.llm.chunks import Chunk, write_chunk
from extract.llm.prepared import prepare
from extract.llm.synonyms import read_number
from schemas.document import Document

CONTEXT = 131072  # tokens: every paper fits into one question


class Subject(NamedTuple):
    """A paper that a simulated reader is asked about."""

    gold: GoldList
    document: Document


class Reply(NamedTuple):
    """One reply that was given: about which paper, in which run, how many items it has, how it was broken."""

    paper: str
    run: int
    items: int
    broken: Broken | None


class Knowledge:
    """What a simulated reader knows of some papers, and what it says of them run by run."""

    def __init__(self, reader: SimulatedReader, papers: Mapping[str, Subject]) -> None:
        """`papers` by name. Quotes are looked up in the documents once: about a second per paper."""
        self.reader = reader
        self.papers: dict[str, KnownPaper] = {}
        self._known: dict[str, Known] = {}
        self._plans: dict[tuple[str, int], Plan] = {}
        self._lock = Lock()
        self._asked = Counter[str]()
        for name, (gold, whole) in papers.items():
            document, index, blocks, _ = prepare(whole)
            statements = list_statements(gold, index)
            paper = self.papers[name] = KnownPaper(name, document, statements)
            shown = paper.find_statements(write_chunk(Chunk(blocks)))
            self._known[name] = Known(gold, index, statements, frozenset(s.criterion.id for s in shown))

    def tell_truth(self, paper: str, run: int) -> Truth:
        """What the reader says of a paper in a run, and what of it is right."""
        return self.plan(paper, run).truth

    def plan(self, paper: str, run: int) -> Plan:
        """Everything that is said of a paper in a run."""
        if (paper, run) not in self._plans:
            self._plans[paper, run] = plan_run(self.reader, self._known[paper], run)
        return self._plans[paper, run]

    def count(self, paper: str) -> int:
        """How many criteria the gold list of a paper has."""
        return len(self._known[paper].gold.criteria)

    def count_counted(self, paper: str) -> int:
        """How many of them are numeric and executable."""
        return len(self._list_counted(paper))

    def count_told(self, truth: Truth) -> int:
        """How many of those were told rightly in a run."""
        return len(self._list_counted(truth.paper) & set(truth.told))

    def _list_counted(self, paper: str) -> frozenset[str]:
        return frozenset(c.id for c in self._known[paper].gold.criteria if c.counted)

    def count_before(self, question: ChatBody) -> int:
        """How often this very question came before: a client asks again where a reply was empty."""
        with self._lock:
            self._asked[question.digest] += 1
            return self._asked[question.digest] - 1

    def find_paper(self, asked: Asked) -> KnownPaper | None:
        """The paper that a question is about: by its title, and by the lines of its text."""
        named = [p for p in self.papers.values() if p.title and p.title == asked.title]
        counted = [(p.count_lines(asked.text), p) for p in named or self.papers.values()]
        count, paper = max(counted, key=lambda pair: pair[0], default=(0, None))
        return paper if count else None

    def answer(self, asked: Asked, paper: KnownPaper, run: int) -> dict[str, object]:
        """The reply to a question, unbroken, in the form that it asks for."""
        if asked.kind == "resolver":
            return {"findings": []}
        found = paper.find_statements(asked.text)
        plan = self.plan(paper.name, run)
        if asked.kind == "reader":
            return {"findings": [_dump(item) for s in found for item in plan.items.get(s.criterion.id, ())]}
        told = set(plan.truth.told)
        meant = [s for s in found if s.criterion.id in told and _has_number(s, asked.numbers.values())]
        claimed = {n for n, number in asked.numbers.items() if any(_has_number(s, (number,)) for s in meant)}
        verdicts = [
            {"threshold": n, "says": "selection" if n in claimed else "no_selection"} for n in sorted(asked.numbers)
        ]
        return {"verdicts": verdicts, "findings": [_dump(s.item) for s in meant]}


def serve_simulated(
    reader: SimulatedReader, papers: Mapping[str, Subject], replies: list[Reply] | None = None
) -> StandIn:
    """A server, not yet started, whose model is the reader: its name is `reader.name`, the run is the question's seed.

    `replies` hears of every reply that was given.
    """
    return serve_knowledge(Knowledge(reader, papers), replies)


def serve_knowledge(knowledge: Knowledge, replies: list[Reply] | None = None) -> StandIn:
    """The same for a reader whose knowledge is kept for its truth."""

    async def speak(question: ChatBody) -> Said:
        return await asyncio.to_thread(_speak, knowledge, question, replies)

    return StandIn(speak, Server(model=knowledge.reader.name, max_model_len=CONTEXT))


def _speak(knowledge: Knowledge, question: ChatBody, replies: list[Reply] | None) -> Said:
    asked = read_question(question)
    paper = knowledge.find_paper(asked) if asked is not None else None
    if asked is None or (paper is None and asked.kind != "resolver"):
        return Refusal(400, "this model knows its gold lists only, and this question is about none of their papers")
    if paper is None:
        return Answer(json.dumps({"findings": []}))
    run = question.seed or 0
    reply = knowledge.answer(asked, paper, run)
    text = json.dumps(reply, ensure_ascii=False)
    count = len(reply["findings"]) if isinstance(reply["findings"], list) else 0
    kind, answer = _break(knowledge, question, paper.name, run, text)
    if replies is not None:
        replies.append(Reply(paper.name, run, count, kind))
    return answer


def _break(knowledge: Knowledge, question: ChatBody, paper: str, run: int, text: str) -> tuple[Broken | None, Answer]:
    """The reply, or what is left of it: drawn by what was asked, so that a question that is asked again may get it."""
    reader = knowledge.reader
    mute = knowledge.tell_truth(paper, run).mute
    names = (reader.seed, run, paper, question.messages[-1].content, knowledge.count_before(question))
    if mute:
        return "prose", break_reply(text, *names)[1]._replace(text="I am sorry, there is nothing that I can say.")
    if draw(*names, "break") < reader.broken:
        return break_reply(text, *names)
    return None, Answer(text)


def _dump(item: Item) -> dict[str, object]:
    return item.model_dump(mode="json", exclude_none=True)


def _has_number(statement: Statement, numbers: Iterable[str]) -> bool:
    """Whether one of the printed numbers is that of the statement."""
    value = statement.item.value
    own = value if isinstance(value, tuple) else (value,)
    printed = {read_number(n) for n in numbers}
    return any(isinstance(v, float | int) and float(v) in printed for v in own)
