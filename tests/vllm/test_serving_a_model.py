"""What our client and reader get from a real vLLM server: form, reasoning, limits, checks."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from extract.llm.answers import ChunkAnswer, write_schema
from extract.llm.reader import read_with_model
from papers.parse import parse_paper
from pipeline.models.client import open_server
from pipeline.models.config import ModelSettings
from schemas.errors import ModelContextExceeded, ModelUnavailable
from schemas.model_call import Message, ModelPort, ModelReply, ModelRequest
from tests.papers.typesetting import read_note
from tests.pipeline.calling import call
from tests.vllm.conftest import NAME
from tests.vllm.judging import Exchange, check_form

pytestmark = pytest.mark.vllm

T = TypeVar("T")
RULES = "Events with fewer than {n} jets above {e} GeV are rejected, and muons must have a momentum above {m} GeV. "


class Listening:
    """A ModelPort that keeps what went through it."""

    def __init__(self, port: ModelPort) -> None:
        self._port = port
        self.exchanges: list[Exchange] = []

    @property
    def model(self) -> str:
        return self._port.model

    async def ask(self, request: ModelRequest) -> ModelReply:
        reply = await self._port.ask(request)
        self.exchanges.append(Exchange(request.answer_schema or "", reply))
        return reply

    async def count_tokens(self, text: str) -> int:
        return await self._port.count_tokens(text)

    async def find_context_length(self) -> int:
        return await self._port.find_context_length()


def _with_server(url: str, use: Callable[[ModelPort], Awaitable[T]], **changed: object) -> T:
    async def go() -> T:
        async with open_server(ModelSettings.model_validate({"url": url, "model": NAME} | changed)) as port:
            return await use(port)

    return asyncio.run(go())


@pytest.mark.parametrize("note", ["01-vbf-hww", "10-vhbb"])
def test_every_reply_has_the_form_that_was_asked_for(url: str, notes: Path, note: str) -> None:
    document = parse_paper(notes / f"{note}.pdf", max_pages=20)

    async def read(port: ModelPort) -> None:
        listening = Listening(port)
        readings = await asyncio.gather(
            *(read_with_model(listening, document, mode="chunk", sample=n) for n in range(3)),
            read_with_model(listening, document, mode="bulk", sample=3),
        )
        assert [r.mode for r in readings] == ["chunk"] * 3 + ["bulk"]
        assert len(listening.exchanges) >= 3
        assert check_form(listening.exchanges) > 0
        assert not any("JSON" in d.reason for r in readings for d in r.dropped)

    _with_server(url, read)


def test_reasoning_is_kept_beside_the_answer(url: str) -> None:
    async def ask(port: ModelPort) -> list[ModelReply]:
        asked = (_ask_about("Muons above 25 GeV are kept.", sample=n) for n in range(1, 9))
        return await asyncio.gather(*map(port.ask, asked))

    replies = _with_server(url, ask)
    assert any(reply.reasoning for reply in replies)
    assert all(reply.text.startswith("{") for reply in replies)


def test_a_prompt_that_is_too_long_is_told_so(url: str) -> None:
    async def ask(port: ModelPort) -> None:
        with pytest.raises(ModelContextExceeded):
            await port.ask(_ask_about("Muons above 25 GeV are kept. " * 4000))
        assert await port.find_context_length() == 16384

    _with_server(url, ask)


def test_what_does_not_fit_at_once_is_read_in_chunks(url: str, tmp_path: Path) -> None:
    body = "= Event selection\n" + "\n\n".join(
        "".join(RULES.format(n=n % 7 + 1, e=20 + n, m=5 + n) for n in range(start, start + 5))
        for start in range(0, 300, 5)
    )
    document = read_note(tmp_path, body)

    async def read(port: ModelPort) -> None:
        listening = Listening(port)
        reading = await read_with_model(listening, document, mode="bulk")
        assert reading.mode == "chunk"
        assert len(listening.exchanges) > 5
        check_form(listening.exchanges)

    _with_server(url, read)


def test_a_model_that_is_not_served_is_named(url: str) -> None:
    async def ask(port: ModelPort) -> None:
        with pytest.raises(ModelUnavailable, match=r"no model 'another'.*tiny"):
            await port.ask(_ask_about("Muons above 25 GeV are kept."))

    _with_server(url, ask, model="another")


def test_doctor_is_content(url: str, tmp_path: Path) -> None:
    called = call("doctor", "--model", NAME, "--url", url, "--runs-dir", tmp_path, "--json")
    checks = {check["name"]: check for check in called.json()}
    for name in ("model server", "model", "context length", "structured output", "reasoning"):
        assert checks[name]["state"] == "ok", checks[name]
    assert "16384" in checks["context length"]["detail"]


def _ask_about(text: str, sample: int = 0) -> ModelRequest:
    messages = (Message(role="system", content="Write down what is required."), Message(role="user", content=text))
    return ModelRequest(role="reader", messages=messages, answer_schema=write_schema(ChunkAnswer), sample=sample)
