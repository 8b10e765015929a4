"""A ModelPort for machines without a server: vLLM's batch engine in a process of its own, for as long as it is open."""

import asyncio
import json
import os
import shlex
import signal
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, ValidationError

from pipeline.models.config import OFFLINE, ModelSettings
from pipeline.models.question import draw
from pipeline.reasoning_parsers import choose_family, look_up
from pipeline.serving import ServeRequest, choose_environment, choose_options, find_vllm
from schemas.errors import ModelContextExceeded, ModelReplyFailed, ModelUnavailable, UsageError
from schemas.model import Model
from schemas.model_call import ModelReply, ModelRequest

OPTIONS_VARIABLE = "PAPERFILTER_VLLM_OPTIONS"  # further options of vLLM's engine, as in a shell
WORKER = Path(__file__).with_name("offline_worker.py")
LINE = 1 << 26  # bytes of one reply
GRACE = 10.0  # seconds in which the engine may end by itself
KEPT_LINES = 40  # of what vLLM prints, for the error message


class _Ready(Model):
    context: int
    version: str


class _Answer(Model):
    """A line of the worker."""

    id: int = -1
    ready: _Ready | None = None
    tokens: int | None = None
    text: str | None = None
    reasoning: str | None = None
    finish: Literal["stop", "length", "other"] = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    error: Literal["context", "failed"] | None = None
    message: str = ""


class OfflinePort:
    """One model, loaded once. All questions that wait are answered together, in one batch after the other."""

    def __init__(self, settings: ModelSettings) -> None:
        """Raises UsageError when a role wants another model: there is one engine."""
        self.settings = settings
        for role, own in settings.roles.items():
            if (own.url, own.model) != (OFFLINE, settings.model):
                what = f"the offline engine is {settings.model} and nothing else"
                raise UsageError(f"role {role}: {what}; start a server to ask {own.model} too")
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[int, asyncio.Future[_Answer]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._ready: asyncio.Future[_Ready] = asyncio.get_running_loop().create_future()
        self._printed: deque[str] = deque(maxlen=KEPT_LINES)
        self._last = 0
        self._starting = asyncio.Lock()

    @property
    def model(self) -> str:
        """The model's name."""
        return self.settings.model

    async def _wait(self) -> _Ready:
        """Wait until the engine is loaded; the first to come here starts it. Raises ModelUnavailable."""
        async with self._starting:
            if self._process is None:
                await self._start()
        return await asyncio.shield(self._ready)

    async def _start(self) -> None:
        vllm = await asyncio.to_thread(find_vllm)
        length = str(self.settings.context_length) if self.settings.context_length is not None else None
        options, _ = choose_options(ServeRequest(model=self.model, max_model_len=length), vllm, look_up(self.model))
        family = choose_family(self.model, look_up(self.model))
        end = family.end if family is not None and "--reasoning-parser" in options else ""
        extra = shlex.split(os.environ.get(OPTIONS_VARIABLE, ""))
        added = choose_environment(self.model, vllm, os.environ)
        self._process = await asyncio.create_subprocess_exec(
            str(vllm.python), str(WORKER), "--end-of-thought", end, "--model", self.model, *options, *extra,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **added}, limit=LINE, start_new_session=True,
        )  # fmt: skip
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._overhear())]

    async def close(self) -> None:
        """End the engine and everything that it started."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE)
        with suppress(ProcessLookupError):  # children may be left of an engine that crashed
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, request: ModelRequest) -> ModelReply:
        """The reply; see ModelPort."""
        drawn = draw(self.settings, request)
        extra = dict(drawn.extra)
        template = extra.pop("chat_template_kwargs", {})
        sampling: dict[str, JsonValue] = {"temperature": drawn.temperature, "seed": drawn.seed, **extra}
        # None means all that the context leaves: vLLM's own default would be 16
        sampling["max_tokens"] = drawn.max_tokens
        if drawn.top_p is not None:
            sampling["top_p"] = drawn.top_p
        answer = await self._send(
            {
                "messages": [{"role": m.role, "content": m.content} for m in request.messages],
                "schema": json.loads(request.answer_schema) if request.answer_schema is not None else None,
                "sampling": sampling,
                "template": template,
            }
        )
        if answer.error == "context":
            raise ModelContextExceeded(f"{request.label or request.role}: {answer.message}")
        if answer.error is not None or answer.text is None:
            raise ModelReplyFailed(f"{request.label or request.role}: vLLM refused it: {answer.message}")
        return ModelReply(
            text=answer.text,
            reasoning=answer.reasoning,
            finish=answer.finish,
            model=self.model,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            seconds=answer.seconds,
        )

    async def count_tokens(self, text: str) -> int:
        """Tokens of a text, by the model's own tokenizer."""
        return (await self._send({"count": text})).tokens or 0

    async def find_context_length(self) -> int:
        """Tokens that prompt and answer may have together. Waits until the model is loaded; raises ModelUnavailable."""
        return (await self._wait()).context

    async def _send(self, message: Mapping[str, JsonValue]) -> _Answer:
        await self._wait()
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            raise self._explain()
        self._last += 1
        number = self._last
        future: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            process.stdin.write(json.dumps({"id": number, **message}).encode() + b"\n")
            await process.stdin.drain()
            return await future
        except (BrokenPipeError, ConnectionResetError) as error:
            raise self._explain() from error
        finally:
            self._waiting.pop(number, None)

    async def _listen(self) -> None:
        """Hand every answer to who waits for it; at the end nobody is left waiting."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                with suppress(ValidationError):
                    self._take(_Answer.model_validate_json(line))
        except ValueError:  # a line beyond all limits
            pass
        await process.wait()
        await asyncio.sleep(0.1)  # its last words may still be on their way
        error = self._explain()
        if not self._ready.done():
            self._ready.set_exception(error)
            self._ready.exception()  # seen, even when nobody asks any more
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(error)

    def _take(self, answer: _Answer) -> None:
        if answer.ready is not None and not self._ready.done():
            self._ready.set_result(answer.ready)
        future = self._waiting.get(answer.id)
        if future is not None and not future.done():
            future.set_result(answer)

    async def _overhear(self) -> None:
        process = self._process
        assert process is not None
        assert process.stderr is not None
        with suppress(ValueError):
            async for line in process.stderr:
                self._printed.append(line.decode("utf-8", "replace").strip())

    def _explain(self) -> ModelUnavailable:
        errors = [line for line in self._printed if "Error" in line] or list(self._printed)
        said = f": {errors[-1][-300:]}" if errors else ""
        return ModelUnavailable(f"{self.model}: the offline engine ended{said}; see {OPTIONS_VARIABLE} for its options")


@asynccontextmanager
async def open_offline(settings: ModelSettings) -> AsyncIterator[OfflinePort]:
    """The engine for these settings, for as long as it is open. It is started by the first question."""
    port = OfflinePort(settings)
    try:
        yield port
    finally:
        await port.close()
