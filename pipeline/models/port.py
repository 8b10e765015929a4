"""Questions on their way to a model: answered from the cache, asked once, kept and written down."""

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from pipeline.files import digest_text
from pipeline.models.cache import ReplyCache
from pipeline.models.config import ModelSettings
from pipeline.models.question import describe_question, name_question
from pipeline.models.record import Record
from pipeline.models.server import DEFAULT_CONTEXT, estimate_tokens
from schemas.errors import ModelContextExceeded, ModelError, ModelReplyFailed, ModelUnavailable
from schemas.model_call import ModelPort, ModelReply, ModelRequest


class KeptPort:
    """A ModelPort in front of another one. Without another one (replay) only what is in the cache is answered.

    The same question in flight is asked once: here, and among all processes that share the cache.
    """

    def __init__(
        self,
        port: ModelPort | None,
        settings: ModelSettings,
        cache: ReplyCache | None = None,
        record: Record | None = None,
    ) -> None:
        self.settings = settings
        self._port = port
        self._cache = cache
        self._record = record
        self._asking: dict[str, asyncio.Task[ModelReply]] = {}
        self._counts: dict[str, int] = {}

    @property
    def model(self) -> str:
        """The model's name."""
        return self.settings.model

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop what nobody waits for any more, and write the usage."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._record is not None:
            self._record.close()

    async def ask(self, request: ModelRequest) -> ModelReply:
        """The reply; see ModelPort."""
        question = describe_question(self.settings, request)
        key = name_question(question)
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._answer(key, question, request))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        # Who stops waiting must not take the reply from the others.
        return await asyncio.shield(task)

    async def count_tokens(self, text: str) -> int:
        """Tokens of a text; once counted, always the same, so that a replay cuts the paper in the same places."""
        key = f"tokens:{self.model}:{digest_text(text)}"
        known = self._counts.get(key)
        if known is None and self._cache is not None:
            known = self._cache.get_number(key)
        if known is None:
            known = await self._port.count_tokens(text) if self._port is not None else estimate_tokens(text)
            if self._cache is not None and self._port is not None:
                self._cache.put_number(key, known)
        self._counts[key] = known
        return known

    async def find_context_length(self) -> int:
        """Tokens that prompt and answer may have together; what the server said last, when it does not answer now."""
        key = f"context:{self.model}"
        known = self._cache.get_number(key) if self._cache is not None else None
        if self._port is None:
            return known or self.settings.context_length or DEFAULT_CONTEXT
        try:
            told = await self._port.find_context_length()
        except ModelUnavailable:
            if known is None:
                raise
            return known
        if self._cache is not None and told != known:
            self._cache.put_number(key, told)
        return told

    async def _answer(self, key: str, question: str, request: ModelRequest) -> ModelReply:
        try:
            reply = await self._find_or_ask(key, question, request)
        except ModelError as error:
            if self._record is not None:
                self._record.keep_failure(key, self.settings, request, error)
            raise
        if self._record is not None:
            self._record.keep(key, self.settings, request, reply)
        return reply

    async def _find_or_ask(self, key: str, question: str, request: ModelRequest) -> ModelReply:
        kept = self._cache.get(key) if self._cache is not None else None
        if kept is not None and (self._port is None or _answers(request, kept)):
            return kept
        if self._port is None:
            self._fail_again(key)
            what = f"{request.role}{f' ({request.label})' if request.label else ''}, sample {request.sample}"
            raise ModelUnavailable(
                f"replay: model {self.settings.of(request.role).model} was never asked this: {what}, question "
                f"{key[:10]}; run it without --replay"
            )
        async with AsyncExitStack() as held:
            if self._cache is not None:
                await held.enter_async_context(self._cache.claim(key))
                kept = self._cache.get(key)  # another process may have asked meanwhile
                if kept is not None and _answers(request, kept):
                    return kept
            try:
                reply = await self._port.ask(request)
            except (ModelContextExceeded, ModelReplyFailed) as error:
                if self._cache is not None:  # for replays alone: who has a server asks again
                    self._cache.put_failure(key, type(error).__name__, str(error))
                raise
            if self._cache is not None:
                self._cache.put(key, question, reply)
        return reply

    def _fail_again(self, key: str) -> None:
        """Raise what became of a question that got no reply when it was asked last."""
        failure = self._cache.get_failure(key) if self._cache is not None else None
        if failure is not None:
            kind = ModelContextExceeded if failure[0] == ModelContextExceeded.__name__ else ModelReplyFailed
            raise kind(failure[1])

    def _forget(self, key: str, done: asyncio.Task[ModelReply]) -> None:
        self._asking.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen, even when nobody waits for it any more


def _answers(request: ModelRequest, reply: ModelReply) -> bool:
    """Whether a kept reply is worth keeping to: where JSON was asked for, one without any is asked for again.

    It stays in the cache for replays. A server that was broken for an hour would otherwise be believed for ever.
    """
    return request.answer_schema is None or "{" in reply.text
