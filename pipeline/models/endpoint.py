"""One model at one address: how often it is asked again, what is too long, when it wants quiet."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from pydantic import JsonValue
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from pipeline.models.config import ModelSettings, Structured
from pipeline.models.dialect import Dialect, Wording
from pipeline.models.question import Drawn
from pipeline.models.server import DEFAULT_CONTEXT, Card, Server, estimate_tokens, miss_model, refuse_key
from pipeline.models.troubles import BadReply, BadStatus, NoReply, Trouble, judge
from schemas.errors import ModelContextExceeded, ModelReplyFailed
from schemas.model_call import Finish, Message, ModelReply, ModelRequest, Role

TEMPLATE = 64  # tokens that a chat template may add to the messages
SHORTEST = 64  # tokens: with less room there is no answer
APART = 0.006  # seconds between two questions: what the handling of one takes this process
WRITING: frozenset[Role] = frozenset({"supervisor", "coder", "classifier"})  # roles of stage two
EMPTY_REPLIES = 2  # to one of their questions, then the empty one is the answer
FIRST_WAIT = 0.5  # seconds, doubled at every further attempt


class Completion(NamedTuple):
    """What a server answered."""

    text: str
    reasoning: str | None
    finish: Finish
    prompt_tokens: int
    completion_tokens: int


# Sends messages and further fields of the request. Raises BadStatus, NoReply, BadReply.
Speak = Callable[[tuple[Message, ...], Mapping[str, JsonValue]], Awaitable[Completion]]


class _Again(Exception):
    """The attempt failed in a way that passes."""

    def __init__(self, trouble: Trouble, *, unreachable: bool = False) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble
        self.unreachable = unreachable


class _Refused(Exception):
    """The server does not take the request as it is."""


class _Said(NamedTuple):
    completion: Completion
    seconds: float


class Endpoint:
    """One model at one address. `speak` sends one request, `server` says what there is."""

    def __init__(self, settings: ModelSettings, server: Server, speak: Speak) -> None:
        self.settings = settings
        self._server = server
        self._speak = speak
        self._slots = asyncio.Semaphore(settings.in_flight)
        self.dialect = Dialect(settings.structured)
        self._meeting = asyncio.Lock()
        self._card: Card | None = None
        self._next_turn = 0.0
        self._quiet_until = 0.0  # the server asked for a pause: of the event loop's clock

    async def ask(self, request: ModelRequest, drawn: Drawn) -> ModelReply:
        """The reply to one question, in the first form that the server takes."""
        await self._meet()
        max_tokens = await self._fit(request, drawn)
        refusal: _Refused | None = None
        for option in self.dialect.list_options(request.answer_schema):
            try:
                reply = await self._ask_until(request, drawn, option, max_tokens)
            except _Refused as error:
                refusal = refusal or error
                continue
            self.dialect.learn(request.answer_schema, option)
            return reply
        raise ModelReplyFailed(f"{self._name(request)}: the server refuses the question ({refusal})")

    async def count_tokens(self, text: str) -> int:
        """As the server counts, else an upper estimate."""
        await self._meet()
        counted = await self._server.count_tokens(text)
        return counted if counted is not None else estimate_tokens(text)

    async def find_context_length(self) -> int:
        """What the server says, but no more than the settings; the settings where it says nothing."""
        served = (await self._meet()).find(self.settings.model)
        told = served.max_model_len if served is not None else None
        known = [length for length in (told, self.settings.context_length) if length is not None]
        return min(known, default=DEFAULT_CONTEXT)

    async def _meet(self) -> Card:
        """The server's card, asked for once. Raises ModelUnavailable."""
        if self._card is None:
            async with self._meeting:
                if self._card is None:
                    self._card = await self._server.find_model()
        return self._card

    async def _fit(self, request: ModelRequest, drawn: Drawn) -> int | None:
        """How long the answer may be: a bound of the settings gives way to a long prompt, the question's does not."""
        wanted = drawn.max_tokens
        if wanted is None or request.max_tokens is not None:
            return wanted
        context = await self.find_context_length()
        prompt = "\n".join(message.content for message in request.messages)
        if len(prompt.encode()) + TEMPLATE + wanted <= context:  # no tokenizer makes more tokens than bytes
            return wanted
        # Message by message: the long one in front is the same for many questions, and its estimate is remembered.
        if sum(estimate_tokens(message.content) for message in request.messages) + TEMPLATE + wanted <= context:
            return wanted
        room = context - await self.count_tokens(prompt) - TEMPLATE
        if room < SHORTEST:
            raise ModelContextExceeded(f"{self._name(request)}: the prompt does not fit into {context} tokens")
        return min(wanted, room)

    async def _ask_until(
        self, request: ModelRequest, drawn: Drawn, option: Structured, max_tokens: int | None
    ) -> ModelReply:
        """Ask again what fails in a way that passes, as often as the settings allow.

        A reader's empty reply is such a thing: a passage without an answer would be lost. Of a role that writes code
        it is a reply after all, when it comes again: whoever asked says so, and asks something else.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(self.settings.attempts),
            wait=self._choose_wait,
            reraise=True,
        )
        patience = self.settings.attempts
        if request.role in WRITING:
            patience = min(patience, EMPTY_REPLIES)
        empty = 0

        async def attempt() -> _Said:
            nonlocal empty
            said = await self._attempt(request, drawn, option, max_tokens)
            if said.completion.text.strip() or said.completion.finish == "length":
                return said
            empty += 1
            if request.role in WRITING and empty >= patience:
                return said
            raise _Again(Trouble("again", "an empty reply"))

        try:
            said: _Said = await retrying(attempt)
        except _Again as error:
            if error.unreachable:
                await self._server.look()  # says better what is wrong when nothing answers at all
            raise ModelReplyFailed(
                f"{self._name(request)}: no reply after {self.settings.attempts} attempts, the last: {error}"
            ) from error
        completion = said.completion
        text, reasoning = split_reasoning(completion.text, completion.reasoning)
        return ModelReply(
            text=text,
            reasoning=reasoning,
            finish=completion.finish,
            model=self.settings.model,
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            seconds=said.seconds,
            attempts=int(retrying.statistics["attempt_number"]),
        )

    async def _attempt(self, request: ModelRequest, drawn: Drawn, option: Structured, max_tokens: int | None) -> _Said:
        await self._be_quiet()
        async with self._slots:
            await self._take_turn()
            start = time.monotonic()
            wording = self.dialect.word(option, request.answer_schema, max_tokens, drawn)
            remark = () if wording.remark is None else (Message(role="user", content=wording.remark),)
            try:
                async with asyncio.timeout(self.settings.timeout):
                    completion = await self._speak((*request.messages, *remark), wording.fields)
            except BadStatus as error:
                raise await self._explain(error, request, wording) from error
            except (NoReply, TimeoutError) as error:
                what = str(error) if isinstance(error, NoReply) else "no answer in time"
                raise _Again(Trouble("again", what), unreachable=True) from error
            except BadReply as error:
                raise _Again(Trouble("again", str(error))) from error
            seconds = time.monotonic() - start
        await asyncio.sleep(0)  # the next question goes out before this one is written down
        return _Said(completion, seconds)

    async def _explain(self, error: BadStatus, request: ModelRequest, sent: Wording) -> Exception:
        """The exception that an error status stands for."""
        trouble = judge(error.status, error.body, error.headers)
        message = self._hide_key(trouble.message)
        if trouble.kind == "again":
            if trouble.wait is not None:
                wait = min(trouble.wait, self.settings.longest_wait)
                self._quiet_until = max(self._quiet_until, asyncio.get_running_loop().time() + wait)
            return _Again(trouble._replace(message=message))
        if trouble.kind == "context":
            return ModelContextExceeded(f"{self._name(request)}: prompt and answer do not fit ({message})")
        if trouble.kind == "key":
            return refuse_key(self.settings, message)
        if trouble.kind == "model":
            return miss_model(self.settings, await self._server.look(), message)
        if self.dialect.give_way(message, sent):
            return _Again(trouble._replace(message=message, wait=0.0))
        return _Refused(message)

    async def _be_quiet(self) -> None:
        """Wait until the server wants questions again; not all at once then."""
        loop = asyncio.get_running_loop()
        while (pause := self._quiet_until - loop.time()) > 0:
            await asyncio.sleep(pause + random.uniform(0, min(0.1 * pause, 1.0)))  # noqa: S311

    async def _take_turn(self) -> None:
        """Keep questions a little apart. Replies to questions that went out together come back together, and then all
        wait for each other's handling, in every round anew; apart, each is handled while the others are out."""
        loop = asyncio.get_running_loop()
        turn = max(loop.time(), self._next_turn)
        self._next_turn = turn + APART
        await asyncio.sleep(turn - loop.time())

    def _choose_wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, _Again) and error.trouble.wait is not None:
            return 0.0  # the pause is the server's: see _be_quiet
        return wait_random_exponential(multiplier=FIRST_WAIT, max=self.settings.longest_wait)(state)

    def _name(self, request: ModelRequest) -> str:
        return f"{self.settings.model}, {request.role}{f' ({request.label})' if request.label else ''}"

    def _hide_key(self, message: str) -> str:
        key = self.settings.api_key
        return message.replace(key.get_secret_value(), "***") if key is not None else message


def split_reasoning(text: str, reasoning: str | None) -> tuple[str, str | None]:
    """Answer and reasoning; a server that does not know the model leaves both in one text."""
    inside, end, answer = text.partition("</think>")
    if not reasoning and end and not inside.lstrip().startswith(("{", "[")):
        return answer.strip(), inside.strip().removeprefix("<think>").strip() or None
    return text, reasoning or None
