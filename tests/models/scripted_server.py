"""A model server whose answers come from a script or a function, and which misbehaves for a share of its replies.

    with ScriptedServer(lambda question: '{"items": []}', faults=Faults(share=1 / 3, seed=4)) as server:
        ...  # server.url, server.server.model
    assert server.answered[digest] == 1

As a process of its own: `python -m tests.models.scripted_server --answers package.module:function --share 0.33`.
"""

import argparse
import hashlib
import importlib
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from benchmarks.stand_in import Answer, Break, ChatBody, Hang, Refusal, Said, Server, StandIn

Fault = Literal["truncated", "prose", "enum", "empty", "busy", "broken", "hang", "closed", "reset", "too_long"]
CONTENT: tuple[Fault, ...] = ("truncated", "prose", "enum", "empty")  # a complete reply that is bad
WIRE: tuple[Fault, ...] = ("busy", "broken", "hang", "closed", "reset")  # no reply: asking again helps
ALL: tuple[Fault, ...] = CONTENT + WIRE  # `too_long` only when asked for

Script = Callable[[ChatBody], str | Answer]


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Which share of replies is bad, and how.

    What happens depends on the seed, the question and how often it was asked before, never on the order in which
    questions arrive: the same run gets the same faults.
    """

    share: float = 1 / 3
    kinds: tuple[Fault, ...] = ALL
    seed: int = 0
    retry_after: str = "0"
    hang: float = 3600.0
    in_a_row: int | None = None  # at most so many faults of one question, then it is answered well

    def choose(self, digest: str, before: int) -> tuple[Fault | None, random.Random]:
        """The fault of a question that was asked `before` times already, and where its details come from."""
        luck = random.Random(hashlib.sha256(f"{self.seed}:{digest}:{before}".encode()).digest())
        bad = luck.random() < self.share and (self.in_a_row is None or before < self.in_a_row)
        return (luck.choice(self.kinds) if bad else None), luck


class Logged(NamedTuple):
    """One question as it was met. `complete`: a whole reply with some text was sent to a client
    that still waited, good or bad."""

    number: int
    digest: str
    fault: Fault | None
    complete: bool
    at: float  # seconds of a monotonic clock, when it came
    seconds: float
    question: ChatBody


def play(answers: Iterable[str | Answer]) -> Script:
    """Answers in turn, whatever is asked."""
    turns = iter(answers)
    return lambda question: next(turns)


class ScriptedServer(StandIn):
    """The server. `log` and `answered` may be read while it runs."""

    def __init__(
        self,
        script: Script,
        *,
        faults: Faults | None = None,
        latency: float = 0.0,
        server: Server | None = None,
        log_file: Path | None = None,
    ) -> None:
        described = server or Server()
        super().__init__(self._say, replace(described, latency=latency or described.latency), self._write_down)
        self.log: list[Logged] = []
        self.answered: Counter[str] = Counter()  # complete replies by digest of the question
        self._before: Counter[str] = Counter()
        self._now: dict[int, tuple[float, Fault | None]] = {}
        self._script = script
        self._faults = faults or Faults(share=0.0)
        self._log_file = log_file

    @property
    def asked_twice(self) -> list[ChatBody]:
        """Questions that were asked again although they had got a complete reply."""
        twice = {digest for digest, times in self.answered.items() if times > 1}
        return [entry.question for entry in self.log if entry.digest in twice]

    async def _say(self, question: ChatBody) -> Said:
        digest = question.digest
        fault, luck = self._faults.choose(digest, self._before[digest])
        self._before[digest] += 1
        self._now[id(question)] = (time.monotonic(), fault)
        return self._misbehave(fault, luck, question) if fault else _as_answer(self._script(question))

    def _write_down(self, question: ChatBody, said: Said, sent: bool) -> None:
        start, fault = self._now.pop(id(question), (time.monotonic(), None))
        complete = sent and isinstance(said, Answer) and bool(said.text.strip())
        digest = question.digest
        self.answered[digest] += complete
        entry = Logged(len(self.log), digest, fault, complete, start, time.monotonic() - start, question)
        self.log.append(entry)
        if self._log_file is not None:
            with self._log_file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**entry._asdict(), "question": question.model_dump(mode="json")}) + "\n")

    def _misbehave(self, fault: Fault, luck: random.Random, question: ChatBody) -> Said:
        if fault == "busy":
            return Refusal(429, "Too many requests", self._faults.retry_after)
        if fault == "broken":
            return Refusal(500, "Internal server error")
        if fault == "too_long":
            limit = self.server.max_model_len
            return Refusal(400, f"This model's maximum context length is {limit} tokens. Please reduce the length.")
        if fault == "hang":
            return Hang(self._faults.hang)
        answer = _as_answer(self._script(question))
        if fault == "reset":
            return Break(0.0, answer)
        if fault == "closed":
            return Break(luck.uniform(0.3, 0.95), answer)
        return _spoil(fault, answer, luck, question)


def _as_answer(said: str | Answer) -> Answer:
    return Answer(said) if isinstance(said, str) else said


def _spoil(fault: Fault, answer: Answer, luck: random.Random, question: ChatBody) -> Answer:
    text = answer.text
    if fault == "truncated":
        return answer._replace(text=text[: int(len(text) * luck.uniform(0.1, 0.95))], finish="length")
    if fault == "prose":
        return answer._replace(text=f"Sure, here is what I found:\n```json\n{text}\n```\nShall I add {{more}}?")
    if fault == "empty":
        return answer._replace(text=luck.choice(["", "  \n"]))
    return answer._replace(text=_break_a_choice(text, luck, question))


def _break_a_choice(text: str, luck: random.Random, question: ChatBody) -> str:
    """`text` with one value of a closed list of the schema replaced by a word that is not in the list."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    allowed = set(_list_choices(question.schema_asked))
    places = [(holder, key) for holder, key in _list_strings(parsed) if holder[key] in allowed]
    if not places:
        return text
    holder, key = luck.choice(places)
    holder[key] = "somewhat"
    return json.dumps(parsed, ensure_ascii=False)


def _list_choices(schema: object) -> Iterable[str]:
    if isinstance(schema, Mapping):
        choices = schema.get("enum")
        if isinstance(choices, list):
            yield from (choice for choice in choices if isinstance(choice, str))
        for value in schema.values():
            yield from _list_choices(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _list_choices(value)


def _list_strings(value: object) -> Iterable[tuple[dict | list, str | int]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        if isinstance(inner, str):
            yield value, key
        else:
            yield from _list_strings(inner)


def main() -> None:
    """Serve until interrupted; the first line on stdout is the URL."""
    parser = argparse.ArgumentParser(description="A model server for tests.")
    parser.add_argument("--answers", required=True, metavar="MODULE:FUNCTION", help="question -> text or Answer")
    parser.add_argument("--model", default="stand-in")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--max-model-len", type=int, default=32768)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--share", type=float, default=0.0, help="of replies that are bad")
    parser.add_argument("--kinds", nargs="+", choices=get_args(Fault), default=list(ALL))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=Path, help="one JSON line per question")
    given = parser.parse_args()
    module, _, function = given.answers.partition(":")
    script = getattr(importlib.import_module(module), function)
    faults = Faults(share=given.share, kinds=tuple(given.kinds), seed=given.seed)
    server = Server(model=given.model, port=given.port, max_model_len=given.max_model_len)
    with ScriptedServer(script, faults=faults, latency=given.latency, server=server, log_file=given.log) as running:
        print(running.url, flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
