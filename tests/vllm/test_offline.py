"""vLLM without a server: the same port, the same answers, the same errors. Runs before the server starts (memory)."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from extract.llm.answers import ChunkAnswer, write_schema
from pipeline.models.config import OFFLINE, ModelSettings
from pipeline.models.offline import OPTIONS_VARIABLE, open_offline
from schemas.errors import ModelContextExceeded, ModelReplyFailed
from schemas.model_call import Message, ModelReply, ModelRequest
from tests.pipeline.calling import ROOT, clean_environment
from tests.vllm.conftest import AT_ONCE, Place, extract
from tests.vllm.judging import check_form, check_grounded, read_cache

pytestmark = pytest.mark.vllm

TEXT = "Electrons are required to have a transverse momentum above 25 GeV and a pseudorapidity below 2.47. "
OPTIONS = " ".join(AT_ONCE)


def _ask_about(text: str, sample: int = 0, **changed: object) -> ModelRequest:
    messages = (Message(role="system", content="Write down what is required."), Message(role="user", content=text))
    schema = write_schema(ChunkAnswer)
    request = ModelRequest(
        role="reader", messages=messages, answer_schema=schema, sample=sample, label=f"part {sample}"
    )
    return request.model_copy(update=changed)


def test_the_engine_answers_like_a_server(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (place.environment | {OPTIONS_VARIABLE: OPTIONS}).items():
        monkeypatch.setenv(name, value)

    async def go() -> None:
        settings = ModelSettings(model=str(place.model), url=OFFLINE)
        async with open_offline(settings) as port:
            assert await port.find_context_length() == 16384
            assert 10 < await port.count_tokens(TEXT) < len(TEXT)
            good = await asyncio.gather(*(port.ask(_ask_about(TEXT * 3, n)) for n in range(12)))
            for reply in good:
                assert reply.finish == "stop"
                ChunkAnswer.model_validate_json(reply.text)
                assert reply.prompt_tokens > 0
                assert reply.completion_tokens > 0
            assert any(reply.reasoning for reply in good)
            assert len({reply.text for reply in good}) > 6  # each sample has its own seed
            assert (await port.ask(_ask_about(TEXT * 3, 5))).text == good[5].text

            batch = (
                _ask_about(TEXT, 1),
                _ask_about(TEXT * 1000, 2),
                _ask_about(TEXT, 3, answer_schema='{"type": "no such type"}'),
                _ask_about(TEXT, 4, max_tokens=3),
                _ask_about(TEXT, 5, answer_schema=None, max_tokens=20),
            )
            one, long, odd, cut, free = await asyncio.gather(*map(port.ask, batch), return_exceptions=True)
            assert isinstance(one, ModelReply), one
            assert isinstance(long, ModelContextExceeded), long
            assert isinstance(odd, ModelReplyFailed), odd
            assert isinstance(cut, ModelReply), cut
            assert (cut.finish, cut.completion_tokens) == ("length", 3)
            assert isinstance(free, ModelReply), free

    asyncio.run(go())


def test_the_engine_ends_with_who_started_it(place: Place, tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from pipeline.models.config import OFFLINE, ModelSettings\n"
        "from pipeline.models.offline import open_offline\n"
        "async def go():\n"
        "    async with open_offline(ModelSettings(model=sys.argv[1], url=OFFLINE)) as port:\n"
        "        await port.find_context_length()\n"
        "        print(port._process.pid, flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(go())\n"
    )
    environment = clean_environment() | place.environment | {OPTIONS_VARIABLE: OPTIONS}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(place.model)], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        group = int(parent.stdout.readline())
        assert _list_group(group)
        parent.kill()
    end = time.monotonic() + 60
    while _list_group(group):
        assert time.monotonic() < end, _list_group(group)
        time.sleep(0.5)


def test_stage_one_without_a_server(place: Place, tmp_path: Path, notes: Path) -> None:
    cache = tmp_path / "replies.sqlite"
    options = ("--model", place.model, "--url", OFFLINE, "--cache", cache, "--votes", 2)
    environment = place.environment | {OPTIONS_VARIABLE: OPTIONS}
    _, folder = extract(notes / "12-wgamma.pdf", tmp_path / "runs", *options, **environment)
    exchanges = read_cache(cache)
    assert len(exchanges) > 1
    check_form(exchanges)
    check_grounded(folder)


def _list_group(group: int) -> list[int]:
    """Processes of a group that are not dead yet."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(pgrp) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found
