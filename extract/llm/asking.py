"""One question until there is an answer: a bad reply is asked again, and a bad reply is never an error.

A question that is asked again is another question (it says why), or a cache would give the same bad reply; its
beginning stays the same, so that a server's prefix cache hits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from extract.llm.answers import Item, Verdict, write_schema
from extract.llm.fencing import fence
from extract.llm.naming import Unusable
from extract.llm.parsing import parse_reply
from extract.llm.prompting import Words, make_messages
from extract.llm.repair import read_verdict, repair_item
from schemas.errors import ModelContextExceeded, ModelError, ModelReplyFailed, ModelUnavailable
from schemas.model import Model
from schemas.model_call import ModelPort, ModelRequest, Role
from schemas.reading import Dropped

ATTEMPTS = 5  # questions at most, as long as no reply can be used
EMPTY_ATTEMPTS = 3  # as long as the reply is empty where the text compares numbers; 2 where it is one number

End = Literal["whole", "cut", "too_long", "failed", "unavailable"]


class Answer(NamedTuple):
    """What came of one question, all its attempts together."""

    end: End
    items: tuple[Item, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    asked: int = 0
    error: ModelError | None = None


class Question(NamedTuple):
    """A question before it is asked. `write` gives its text, with the reason why it is asked again, if it is."""

    role: Role
    label: str
    write: Callable[[Mapping[str, Words] | None], str]
    schema: type[Model]
    sample: int = 0
    examples: bool = True
    may_split: bool = True  # whether a shorter question is tried where no item fits into an answer
    suspicious: tuple[str, ...] = ()  # numbers of the text; an empty answer is asked again when there are some


async def ask(port: ModelPort, question: Question) -> Answer:
    """The answer, after as many attempts as it takes and ATTEMPTS at most. Raises nothing of the ModelError family.

    Where the form of some items of a reply is bad, the good ones are kept and the question is asked once more.
    """
    again: dict[str, Words] | None = None
    kept = _Kept()
    dropped: list[Dropped] = []
    empty = 0
    for attempt in range(1, ATTEMPTS + 1):
        request = ModelRequest(
            role=question.role, messages=make_messages(question.write(again), examples=question.examples),
            answer_schema=write_schema(question.schema), sample=question.sample, label=question.label,
        )  # fmt: skip
        try:
            reply = await port.ask(request)
        except (ModelContextExceeded, ModelReplyFailed, ModelUnavailable) as error:
            return _fail(question, kept, dropped, attempt, error)
        read = _read(reply.text, question.label)
        cut = reply.finish == "length" or not read.complete
        if read.items or read.verdicts:
            dropped += read.dropped
            repeated = kept.any
            kept.add(read, whole=not cut)
            # a second reply that is cut where the first was whole is as bad as none
            enough = not (cut and kept.whole) if repeated else not read.dropped
            if enough:
                return kept.close(dropped, attempt)
            kept.why = kept.why or _list_reasons(read.dropped)
            again = {"again": "some", "why": kept.why, "attempt": attempt + 1}
            continue
        bad = _judge(read, cut=cut, text=reply.text)
        if bad is None and kept.any:
            return kept.close(dropped, attempt)
        if bad is None:
            empty += 1
            if empty >= min(EMPTY_ATTEMPTS, 1 + len(question.suspicious)):
                return Answer("whole", dropped=(*dropped, *read.dropped), asked=attempt)
            again = {"again": "empty", "numbers": list(question.suspicious[:3]), "attempt": attempt + 1}
            continue
        dropped += [*read.dropped, Dropped(label=question.label, reason=f"reply {attempt} not usable: {bad}")]
        again = {"again": "some" if kept.any else "bad", "why": kept.why or bad, "attempt": attempt + 1}
        if cut and attempt >= 2 and question.may_split and not kept.any:
            return Answer("cut", dropped=tuple(dropped), asked=attempt)
    return kept.close(dropped, ATTEMPTS) if kept.any else Answer("failed", dropped=tuple(dropped), asked=ATTEMPTS)


@dataclass
class _Kept:
    """What the replies to one question brought that can be used."""

    items: dict[str, Item] = field(default_factory=dict)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    whole: bool = False  # whether one of the replies came to its end
    why: str = ""  # why more is asked for

    @property
    def any(self) -> bool:
        return bool(self.items or self.verdicts)

    def add(self, read: "_Read", *, whole: bool) -> None:
        for item in read.items:
            self.items.setdefault(item.model_dump_json(), item)
        for verdict in read.verdicts:
            self.verdicts.setdefault(verdict.threshold, verdict)
        self.whole = self.whole or whole

    def close(self, dropped: Sequence[Dropped], asked: int, error: ModelError | None = None) -> Answer:
        end: End = "whole" if self.whole else "cut"
        return Answer(end, tuple(self.items.values()), tuple(self.verdicts.values()), tuple(dropped), asked, error)


def _list_reasons(dropped: Sequence[Dropped]) -> str:
    """Why items could not be used, once each; what a model wrote is in it, so it is fenced."""
    return fence("; ".join(list(dict.fromkeys(d.reason for d in dropped))[:3]))


def _fail(question: Question, kept: _Kept, dropped: list[Dropped], attempt: int, error: ModelError) -> Answer:
    """The answer where no reply came; what an earlier reply brought is kept."""
    if isinstance(error, ModelContextExceeded):
        return kept.close(dropped, attempt) if kept.any else Answer("too_long", (), (), tuple(dropped), attempt, error)
    last = Dropped(label=question.label, reason=f"no reply: {_one_line(str(error))}")
    if kept.any:
        return kept.close((*dropped, last), attempt, error)
    end: End = "unavailable" if isinstance(error, ModelUnavailable) else "failed"
    return Answer(end, (), (), (*dropped, last), attempt, error)


class _Read(NamedTuple):
    items: tuple[Item, ...]
    verdicts: tuple[Verdict, ...]
    dropped: tuple[Dropped, ...]
    complete: bool
    any_json: bool
    empty_list: bool


def _read(text: str, label: str) -> _Read:
    parsed = parse_reply(text)
    items: dict[str, Item] = {}
    verdicts: list[Verdict] = []
    dropped = [Dropped(label=label, reason="not readable as JSON", item=_shorten(b)) for b in parsed.broken]
    empty = False
    for raw in parsed.objects:
        lists = [v for v in raw.values() if isinstance(v, list)]
        if len(lists) == len(raw) and not any(lists):
            empty = True  # {"findings": []}, also without any key
            continue
        if (verdict := read_verdict(raw)) is not None:
            verdicts.append(verdict)
            continue
        try:
            item = repair_item(raw)
        except Unusable as reason:
            dropped.append(Dropped(label=label, reason=str(reason), item=_shorten(repr(raw))))
            continue
        items.setdefault(item.model_dump_json(), item)  # a model that loops says the same again and again
    return _Read(tuple(items.values()), tuple(verdicts), tuple(dropped), parsed.complete, parsed.any_json, empty)


def _judge(read: _Read, *, cut: bool, text: str) -> str | None:
    """Why a reply without any usable item has to be asked again; None when it is an answer: nothing there."""
    if read.dropped:
        return f"none of its items had the required form: {_list_reasons(read.dropped)}"
    if cut and "{" in text:
        return "it was cut off before the first item was complete"
    if read.empty_list or text.strip() == "[]":
        return None
    return "it was empty" if not text.strip() else "it held no JSON object of the required form"


def _shorten(text: str) -> str:
    plain = _one_line(text)
    return plain if len(plain) <= 300 else plain[:297] + "..."


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
