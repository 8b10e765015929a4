"""The offline engine against a vLLM of a few lines: batches, errors, its death. The real one: tests/vllm."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pipeline.models.access import ModelAccess
from pipeline.models.config import OFFLINE, ModelSettings, load_settings
from pipeline.models.offline import OfflinePort, open_offline
from pipeline.serving import HOW_TO_INSTALL, PYTHON_VARIABLE
from schemas.errors import ModelContextExceeded, ModelReplyFailed, ModelUnavailable, UsageError
from schemas.model_call import ModelReply
from tests.models.asking import GOOD, make_request

VLLM = """
import argparse, os, types

__version__ = "0.32.0"

class Parser(argparse.ArgumentParser):
    def parse_args(self, words):
        return self.parse_known_args(words)[0]

class EngineArgs:
    @staticmethod
    def add_cli_args(parser):
        parser.add_argument("--model")
        return parser
    @classmethod
    def from_cli_args(cls, parsed):
        made = cls()
        made.model = parsed.model
        return made

class SamplingParams:
    def __init__(self, **fields):
        self.__dict__.update(fields)

class Tokenizer:
    all_special_tokens = ["<|end|>"]
    def encode(self, text, add_special_tokens):
        return text.split()

class LLM:
    def __init__(self, model):
        config = types.SimpleNamespace(max_model_len=100)
        self.llm_engine = types.SimpleNamespace(model_config=config)
        print("vLLM prints to its standard output")
    def get_tokenizer(self):
        return Tokenizer()
    def chat(self, conversations, sampling, use_tqdm, chat_template_kwargs):
        asked = [c[-1]["content"] for c in conversations]
        if "die" in asked:
            raise RuntimeError("EngineCore encountered an issue")
        if "long" in asked:
            raise ValueError("the prompt is longer than the maximum model length of 100")
        if "odd" in asked:
            raise ValueError("no such schema")
        return [self.say(text, s, len(asked)) for text, s in zip(asked, sampling)]
    def say(self, text, sampling, together):
        finish = "length" if text == "cut" else "stop"
        words = "" if text == "cut" else f"<think>{together} at once, seed {sampling.seed}</think>"
        answer = words + '{"variable": "pt"}<|end|>'
        first = types.SimpleNamespace(text=answer, token_ids=[0] * 7, finish_reason=finish)
        return types.SimpleNamespace(outputs=[first], prompt_token_ids=[0] * 5)
"""


@pytest.fixture(autouse=True)
def vllm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "vllm/__init__.py": VLLM,
        "vllm/sampling_params.py": "class StructuredOutputsParams:\n    def __init__(self, **fields): pass\n",
        "vllm/utils/__init__.py": "",
        "vllm/utils/argparse_utils.py": "from vllm import Parser as FlexibleArgumentParser\n",
        "vllm-0.32.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0\n",
        "vllm/reasoning/__init__.py": '_ = {\n    "qwen3": (\n    ),\n}\n',
    }
    for name, text in files.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv(PYTHON_VARIABLE, sys.executable)


def _use(act: Callable[[OfflinePort], Awaitable[None]]) -> None:
    async def go() -> None:
        async with open_offline(ModelSettings(model="some/Qwen3-4B", url=OFFLINE)) as port:
            await act(port)

    asyncio.run(go())


def test_what_is_asked_together_is_answered_together() -> None:
    async def act(port: OfflinePort) -> None:
        assert await port.find_context_length() == 100
        assert await port.count_tokens("pT above 25 GeV") == 4
        replies = await asyncio.gather(*(port.ask(make_request("muons", sample=n)) for n in range(20)))
        assert {reply.text for reply in replies} == {GOOD}
        assert [reply.model for reply in replies] == ["some/Qwen3-4B"] * 20
        thoughts = [reply.reasoning or "" for reply in replies]
        assert [t.rpartition(" ")[2] for t in thoughts] == [str(n) for n in range(20)]
        assert len({t.partition(" ")[0] for t in thoughts}) <= 3  # batches, each says how many it has

    _use(act)


def test_one_bad_question_spoils_no_other() -> None:
    async def act(port: OfflinePort) -> None:
        asked = [make_request(text) for text in ("good", "long", "odd", "cut")]
        good, long, odd, cut = await asyncio.gather(*map(port.ask, asked), return_exceptions=True)
        assert isinstance(good, ModelReply)
        assert isinstance(long, ModelContextExceeded)
        assert isinstance(odd, ModelReplyFailed)
        assert "no such schema" in str(odd)
        assert isinstance(cut, ModelContextExceeded)  # 7 tokens: the context had no room for more
        assert isinstance(await port.ask(make_request("cut", max_tokens=7)), ModelReply)

    _use(act)


def test_a_dead_engine_leaves_nobody_waiting() -> None:
    async def act(port: OfflinePort) -> None:
        first = await asyncio.gather(*(port.ask(make_request(t)) for t in ("die", "good")), return_exceptions=True)
        assert all(isinstance(one, ModelUnavailable) for one in first), first
        assert "EngineCore encountered an issue" in str(first[0])
        with pytest.raises(ModelUnavailable):
            await port.ask(make_request("good"))

    _use(act)


def test_without_vllm_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PYTHON_VARIABLE, "/bin/false")

    async def act(port: OfflinePort) -> None:
        with pytest.raises(ModelUnavailable) as caught:
            await port.ask(make_request("good"))
        assert HOW_TO_INSTALL in str(caught.value)

    _use(act)


def test_settings_lead_to_the_engine_through_cache_and_record(tmp_path: Path) -> None:
    settings = load_settings(("some/Qwen3-4B@offline:",), environment={}, folder=tmp_path)
    access = ModelAccess(settings=settings, cache=tmp_path / "replies.sqlite")

    async def ask(replay: bool) -> ModelReply:
        async with access.model_copy(update={"replay": replay}).open(tmp_path / "run") as (port,):
            return await port.ask(make_request("good"))

    assert settings[0].url == OFFLINE
    assert not asyncio.run(ask(False)).cached
    assert asyncio.run(ask(True)).cached


def test_one_engine_is_one_model() -> None:
    other = ModelSettings(model="another", url=OFFLINE)
    settings = ModelSettings(model="some/Qwen3-4B", url=OFFLINE, roles={"resolver": other})

    async def go() -> None:
        with pytest.raises(UsageError, match="role resolver"):
            OfflinePort(settings)

    asyncio.run(go())
