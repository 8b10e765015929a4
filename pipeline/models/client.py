"""Any OpenAI-compatible server as a ModelPort. The only file that knows langchain."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

# What is asked and answered leaves this machine for the model's server only.
for _name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
    os.environ[_name] = "false"
os.environ.pop("LANGCHAIN_TRACING", None)

import openai  # noqa: E402
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun  # noqa: E402
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage  # noqa: E402
from langchain_core.outputs import ChatResult  # noqa: E402
from langchain_openai import ChatOpenAI  # noqa: E402
from pydantic import SecretStr  # noqa: E402
from tenacity import (  # noqa: E402
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from pipeline.models.cache import ReplyCache  # noqa: E402
from pipeline.models.config import ModelSettings, Structured  # noqa: E402
from pipeline.models.dialect import Dialect, Wording  # noqa: E402
from pipeline.models.port import KeptPort  # noqa: E402
from pipeline.models.question import Drawn, draw  # noqa: E402
from pipeline.models.record import Record  # noqa: E402
from pipeline.models.server import (  # noqa: E402
    DEFAULT_CONTEXT,
    Card,
    Server,
    estimate_tokens,
    is_local,
    miss_model,
    refuse_key,
)
from pipeline.models.troubles import Trouble, judge  # noqa: E402
from schemas.errors import ModelContextExceeded, ModelReplyFailed  # noqa: E402
from schemas.model_call import Finish, Message, ModelReply, ModelRequest  # noqa: E402

MESSAGES: Mapping[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
FINISHES: Mapping[str, Finish] = {"stop": "stop", "length": "length"}
TEMPLATE = 64  # tokens that a chat template may add to the messages
SHORTEST = 64  # tokens: with less room there is no answer
FIRST_WAIT = 0.5  # seconds, doubled at every further attempt
NO_KEY = "none"  # the SDK wants one; without this it would send whatever OPENAI_API_KEY says to any address


@asynccontextmanager
async def open_model(
    settings: ModelSettings, cache: ReplyCache | None = None, record: Record | None = None, *, replay: bool = False
) -> AsyncIterator[KeptPort]:
    """A model behind an OpenAI-compatible address, between `async with` and its end.

    Nothing is asked before the first question. `replay` asks no model: the cache alone answers.
    """
    async with AsyncExitStack() as opened:
        port = None if replay else await opened.enter_async_context(open_server(settings))
        yield await opened.enter_async_context(KeptPort(port, settings, cache, record))


@asynccontextmanager
async def open_server(settings: ModelSettings) -> AsyncIterator["OpenAIPort"]:
    """The same without cache and record: every question goes to the server."""
    async with AsyncExitStack() as opened:
        yield OpenAIPort(
            settings,
            await opened.enter_async_context(_open_endpoint(settings)),
            {
                role: await opened.enter_async_context(_open_endpoint(own))
                for role, own in settings.roles.items()
                if (own.url, own.model) != (settings.url, settings.model)
            },
        )


class OpenAIPort:
    """A ModelPort over the endpoints of a model and of roles that have their own."""

    def __init__(self, settings: ModelSettings, main: "_Endpoint", of_roles: Mapping[str, "_Endpoint"]) -> None:
        self.settings = settings
        self._main = main
        self._of_roles = of_roles

    @property
    def model(self) -> str:
        """The model's name."""
        return self.settings.model

    @property
    def form(self) -> Structured | None:
        """By which option the server was last asked for an answer of a given form; None before it was."""
        return self._main.dialect.last

    async def ask(self, request: ModelRequest) -> ModelReply:
        """The reply; see ModelPort."""
        endpoint = self._of_roles.get(request.role, self._main)
        return await endpoint.ask(request, draw(self.settings, request))

    async def count_tokens(self, text: str) -> int:
        """Tokens of a text; see ModelPort."""
        return await self._main.count_tokens(text)

    async def find_context_length(self) -> int:
        """Context of the model; see ModelPort."""
        return await self._main.find_context_length()


class Chat(ChatOpenAI):
    """ChatOpenAI that keeps the reasoning, which vLLM and others send beside the content.

    Requests and replies go through the SDK's client as JSON: making its typed objects of them takes more time than all
    the rest of a call.
    """

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        extra = payload.pop("extra_body", {})
        body = {**payload, **extra}
        reply = await self.root_async_client.post("/chat/completions", body=body, cast_to=object)
        if not isinstance(reply, dict):
            raise ValueError("the reply is no JSON object")
        result = self._create_chat_result(reply)
        for generation, choice in zip(result.generations, reply["choices"], strict=True):
            sent = choice["message"]
            generation.message.additional_kwargs["reasoning"] = sent.get("reasoning") or sent.get("reasoning_content")
        return result


class _Again(Exception):
    """The attempt failed in a way that passes."""

    def __init__(self, trouble: Trouble, *, unreachable: bool = False) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble
        self.unreachable = unreachable


class _Refused(Exception):
    """The server does not take the request as it is."""


class _Said(NamedTuple):
    message: AIMessage
    seconds: float


@asynccontextmanager
async def _open_endpoint(settings: ModelSettings) -> AsyncIterator["_Endpoint"]:
    async with AsyncExitStack() as opened:
        server = await opened.enter_async_context(Server(settings))
        client = openai.DefaultAsyncHttpxClient(trust_env=not is_local(settings.url))
        opened.push_async_callback(client.aclose)
        key = settings.api_key
        chat = Chat(
            model=settings.model,
            base_url=settings.url,
            api_key=key if key is not None else SecretStr(NO_KEY),
            http_async_client=client,
            timeout=settings.timeout,
            max_retries=0,  # ours know Retry-After of the whole server and what became of the question
            use_responses_api=False,
            cache=False,
        )
        yield _Endpoint(settings, server, chat)


class _Endpoint:
    """One model at one address."""

    def __init__(self, settings: ModelSettings, server: Server, chat: Chat) -> None:
        self.settings = settings
        self._server = server
        self._chat = chat
        self._slots = asyncio.Semaphore(settings.in_flight)
        self.dialect = Dialect(settings.structured)
        self._meeting = asyncio.Lock()
        self._card: Card | None = None
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
        """Ask again what fails in a way that passes, as often as the settings allow."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(self.settings.attempts),
            wait=self._choose_wait,
            reraise=True,
        )
        try:
            said: _Said = await retrying(self._attempt, request, drawn, option, max_tokens)
        except _Again as error:
            if error.unreachable:
                await self._server.look()  # says better what is wrong when nothing answers at all
            raise ModelReplyFailed(
                f"{self._name(request)}: no reply after {self.settings.attempts} attempts, the last: {error}"
            ) from error
        return self._read(said, int(retrying.statistics["attempt_number"]))

    async def _attempt(self, request: ModelRequest, drawn: Drawn, option: Structured, max_tokens: int | None) -> _Said:
        await self._be_quiet()
        async with self._slots:
            start = time.monotonic()
            wording = self.dialect.word(option, request.answer_schema, max_tokens, drawn)
            try:
                async with asyncio.timeout(self.settings.timeout):
                    message = await self._chat.ainvoke(
                        _write_messages(request.messages, wording.remark),
                        extra_body=dict(wording.fields),
                    )
            except openai.APIStatusError as error:
                raise await self._explain(error, request, wording) from error
            except (openai.APIConnectionError, TimeoutError) as error:
                what = "no answer in time" if isinstance(error, (TimeoutError, openai.APITimeoutError)) else str(error)
                raise _Again(Trouble("again", what), unreachable=True) from error
            except (openai.APIError, ValueError, TypeError, KeyError, AttributeError) as error:
                # The status was 200 and the body was no chat completion.
                raise _Again(Trouble("again", f"an unreadable reply ({type(error).__name__})")) from error
            seconds = time.monotonic() - start
        if not _get_text(message).strip() and message.response_metadata.get("finish_reason") != "length":
            raise _Again(Trouble("again", "an empty reply"))
        return _Said(message, seconds)

    async def _explain(self, error: openai.APIStatusError, request: ModelRequest, sent: Wording) -> Exception:
        """The exception that an error status stands for."""
        trouble = judge(error.status_code, error.response.text, error.response.headers)
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
            return miss_model(self.settings, await self._server.look())
        if self.dialect.give_way(message, sent):
            return _Again(trouble._replace(message=message, wait=0.0))
        return _Refused(message)

    async def _be_quiet(self) -> None:
        """Wait until the server wants questions again; not all at once then."""
        loop = asyncio.get_running_loop()
        while (pause := self._quiet_until - loop.time()) > 0:
            await asyncio.sleep(pause + random.uniform(0, min(0.1 * pause, 1.0)))  # noqa: S311

    def _choose_wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, _Again) and error.trouble.wait is not None:
            return 0.0  # the pause is the server's: see _be_quiet
        return wait_random_exponential(multiplier=FIRST_WAIT, max=self.settings.longest_wait)(state)

    def _read(self, said: _Said, attempts: int) -> ModelReply:
        text, reasoning = _split_reasoning(_get_text(said.message), said.message.additional_kwargs.get("reasoning"))
        usage = said.message.usage_metadata
        return ModelReply(
            text=text,
            reasoning=reasoning,
            finish=FINISHES.get(str(said.message.response_metadata.get("finish_reason")), "other"),
            model=self.settings.model,
            prompt_tokens=usage["input_tokens"] if usage else 0,
            completion_tokens=usage["output_tokens"] if usage else 0,
            seconds=said.seconds,
            attempts=attempts,
        )

    def _name(self, request: ModelRequest) -> str:
        return f"{self.settings.model}, {request.role}{f' ({request.label})' if request.label else ''}"

    def _hide_key(self, message: str) -> str:
        key = self.settings.api_key
        return message.replace(key.get_secret_value(), "***") if key is not None else message


def _write_messages(messages: Sequence[Message], remark: str | None) -> list[BaseMessage]:
    written = [MESSAGES[message.role](content=message.content) for message in messages]
    return [*written, HumanMessage(content=remark)] if remark is not None else written


def _get_text(message: AIMessage) -> str:
    return message.content if isinstance(message.content, str) else ""


def _split_reasoning(text: str, reasoning: object) -> tuple[str, str | None]:
    """Answer and reasoning; a server that does not know the model leaves both in one text."""
    beside = reasoning if isinstance(reasoning, str) and reasoning else None
    inside, end, answer = text.partition("</think>")
    if beside is None and end and not inside.lstrip().startswith(("{", "[")):
        return answer.strip(), inside.strip().removeprefix("<think>").strip() or None
    return text, beside
