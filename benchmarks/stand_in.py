"""A server that speaks like a model server: OpenAI-compatible over HTTP, in a thread, with answers of our choice.

It answers `/v1/models`, `/v1/chat/completions`, `/tokenize`, `/health` and `/version` as vLLM does, checks the model's
name, the key and the context length, keeps connections open, and can be told to misbehave on the wire.
"""

import argparse
import asyncio
import hashlib
import json
import re
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, JsonValue

Options = Literal["response_format", "structured_outputs", "json_object"]
TOKEN = re.compile(r"\w+|[^\w\s]")
START = 10.0  # seconds that the server may take to listen


class Turn(BaseModel):
    """One message of a question."""

    model_config = ConfigDict(extra="allow")
    role: str
    content: str


class ChatBody(BaseModel):
    """What a client posts to /v1/chat/completions, as far as it matters here."""

    model_config = ConfigDict(extra="allow")
    model: str
    messages: tuple[Turn, ...]
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    seed: int | None = None
    stream: bool = False
    response_format: Mapping[str, JsonValue] | None = None
    structured_outputs: Mapping[str, JsonValue] | None = None

    @property
    def prompt(self) -> str:
        """All messages, one after the other."""
        return "\n".join(turn.content for turn in self.messages)

    @property
    def tokens(self) -> int:
        """Tokens of all messages."""
        return sum(count_tokens(turn.content) for turn in self.messages)

    @property
    def schema_asked(self) -> Mapping[str, JsonValue] | None:
        """The JSON Schema that the answer must follow, by whichever option it was asked for."""
        asked = (self.structured_outputs or {}).get("json")
        wrapped = (self.response_format or {}).get("json_schema")
        found = wrapped.get("schema") if isinstance(wrapped, dict) else asked
        return found if isinstance(found, dict) else None

    @property
    def digest(self) -> str:
        """The same for every request that asks the same."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Answer(NamedTuple):
    """What the model says."""

    text: str
    reasoning: str | None = None
    finish: str = "stop"


class Refusal(NamedTuple):
    """Any other HTTP reply than an answer."""

    status: int
    message: str
    retry_after: str | None = None


class Hang(NamedTuple):
    """Nothing is sent for so long, then the connection is closed."""

    seconds: float = 3600.0


class Break(NamedTuple):
    """The connection is closed after this share of the answer; 0: before the first byte."""

    share: float
    answer: Answer


Said = Answer | Refusal | Hang | Break
Speak = Callable[[ChatBody], Awaitable[Said]]
Finish = Callable[[ChatBody, Said, bool], None]  # whether the reply was sent as a whole, to somebody still there


@dataclass(frozen=True, kw_only=True)
class Server:
    """What the server is like."""

    model: str = "stand-in"
    max_model_len: int = 32768
    api_key: str | None = None
    accepts: frozenset[Options] = frozenset({"response_format", "structured_outputs", "json_object"})
    refuses: frozenset[str] = frozenset()  # fields of a request that the model does not know
    tokenizes: bool = True
    tells_context: bool = True
    latency: float = 0.0  # seconds from the arrival of a question to its reply, whatever the server does meanwhile
    port: int = 0


@lru_cache(4096)
def count_tokens(text: str) -> int:
    """Tokens of this server: words and signs."""
    return len(TOKEN.findall(text))


class StandIn:
    """The server, between `with` and its end. `speak` decides what every question gets, `finish` hears what became."""

    def __init__(self, speak: Speak, server: Server | None = None, finish: Finish | None = None) -> None:
        self.server = server or Server()
        self.most_in_flight = 0
        self.asked = 0
        self.seen_keys: set[str] = set()  # what came as authorization
        self._speak = speak
        self._finish = finish or (lambda _question, _said, _sent: None)
        self._in_flight = 0
        self._port = self.server.port
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def url(self) -> str:
        """What a client is given."""
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(START):
            raise RuntimeError("the stand-in server does not start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Close all connections and listen no more. May be called twice."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._talk(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        listener = await asyncio.start_server(connect, "127.0.0.1", self._port, backlog=512)
        self._port = listener.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._handle(reader, writer):
                    pass
        finally:
            writer.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path = first.split()[1]
        if path != "/v1/chat/completions":
            status, reply = self._look_up(path, headers, body)
            writer.write(_write_http(status, reply))
            await writer.drain()
            return True
        return await self._complete(headers, body, reader, writer)

    def _look_up(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, JsonValue]]:
        if not self._admits(headers) and path.startswith("/v1"):
            return 401, _describe_error(401, "Unauthorized")
        if path == "/v1/models":
            card: dict[str, JsonValue] = {"id": self.server.model, "object": "model", "owned_by": "stand-in"}
            if self.server.tells_context:
                card["max_model_len"] = self.server.max_model_len
            return 200, {"object": "list", "data": [card]}
        if path == "/tokenize" and self.server.tokenizes:
            count = count_tokens(json.loads(body).get("prompt", ""))
            return 200, {"count": count, "max_model_len": self.server.max_model_len, "tokens": list(range(count))}
        if path == "/health":
            return 200, {}
        if path == "/version":
            return 200, {"version": "0.0.0"}
        return 404, _describe_error(404, "Not Found")

    def _admits(self, headers: Mapping[str, str]) -> bool:
        return self.server.api_key is None or headers.get("authorization") == f"Bearer {self.server.api_key}"

    async def _complete(
        self, headers: Mapping[str, str], body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        loop = asyncio.get_running_loop()
        arrived = loop.time()
        question = ChatBody.model_validate_json(body)
        self.seen_keys.add(headers.get("authorization", ""))
        self.asked += 1
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            said = self._refuse(headers, question) or await self._speak(question)
            if isinstance(said, Hang):
                self._finish(question, said, False)
                await asyncio.sleep(said.seconds)
                return False
            reply = self._write(said, question)
            await asyncio.sleep(max(arrived + self.server.latency - loop.time(), 0.0))
        finally:
            self._in_flight -= 1
        there = not reader.at_eof() and not writer.transport.is_closing()
        self._finish(question, said, there and not isinstance(said, Break))
        writer.write(reply)
        await writer.drain()
        return not isinstance(said, Break)

    def _write(self, said: Answer | Refusal | Break, question: ChatBody) -> bytes:
        if isinstance(said, Refusal):
            extra = {"retry-after": said.retry_after} if said.retry_after is not None else {}
            return _write_http(said.status, _describe_error(said.status, said.message), extra)
        if isinstance(said, Break):
            whole = _write_http(200, self._complete_with(said.answer, question))
            return whole[: int(len(whole) * said.share)]
        return _write_http(200, self._complete_with(said, question))

    def _refuse(self, headers: Mapping[str, str], question: ChatBody) -> Refusal | None:
        if not self._admits(headers):
            return Refusal(401, "Unauthorized")
        if question.model != self.server.model:
            return Refusal(404, f"The model `{question.model}` does not exist.")
        if question.stream:
            return Refusal(400, "this server does not stream")
        unknown = next((name for name in self.server.refuses if question.model_dump().get(name) is not None), None)
        if unknown is not None:
            instead = ". Use 'max_completion_tokens' instead." if unknown == "max_tokens" else ""
            return Refusal(400, f"Unsupported parameter: '{unknown}' is not supported with this model{instead}")
        kind = (question.response_format or {}).get("type")
        option = {"json_schema": "response_format", "json_object": "json_object"}.get(str(kind))
        if option is not None and option not in self.server.accepts:
            return Refusal(400, f"response_format of type '{kind}' is not supported")
        if question.structured_outputs is not None and "structured_outputs" not in self.server.accepts:
            return Refusal(400, "structured_outputs: extra inputs are not permitted")
        prompt = question.tokens
        wanted = question.max_completion_tokens or question.max_tokens or 1
        if prompt + wanted > self.server.max_model_len:
            return Refusal(
                400,
                f"This model's maximum context length is {self.server.max_model_len} tokens. However, you requested "
                f"{wanted} output tokens and your prompt contains {prompt} input tokens. Please reduce the length.",
            )
        return None

    def _complete_with(self, answer: Answer, question: ChatBody) -> Mapping[str, JsonValue]:
        prompt, completion = question.tokens, count_tokens(answer.text)
        message: dict[str, JsonValue] = {"role": "assistant", "content": answer.text, "tool_calls": []}
        if answer.reasoning is not None:
            message["reasoning"] = answer.reasoning
        return {
            "id": f"chatcmpl-{self.asked}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.server.model,
            "choices": [{"index": 0, "message": message, "finish_reason": answer.finish, "logprobs": None}],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": completion,
                "total_tokens": prompt + completion,
            },
        }


def _describe_error(status: int, message: str) -> Mapping[str, JsonValue]:
    return {"error": {"message": message, "type": "BadRequestError", "param": None, "code": status}}


def _write_http(status: int, body: Mapping[str, JsonValue], extra: Mapping[str, str] | None = None) -> bytes:
    data = json.dumps(body, ensure_ascii=False).encode()
    headers = {"content-type": "application/json", "content-length": str(len(data)), **(extra or {})}
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + data


def main() -> None:
    """Serve one answer after a fixed time until interrupted; the first line on stdout is the URL."""
    parser = argparse.ArgumentParser(description="A model server that always says the same.")
    parser.add_argument("--answer", default="{}")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()

    async def speak(_: ChatBody) -> Said:
        return Answer(given.answer)

    with StandIn(speak, Server(port=given.port, latency=given.latency)) as running:
        print(running.url, flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
