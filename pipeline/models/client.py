"""Any OpenAI-compatible server as a ModelPort. The only file that knows langchain."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

# What is asked and answered leaves this machine for the model's server only.
for _name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
    os.environ[_name] = "false"
os.environ.pop("LANGCHAIN_TRACING", None)

import openai  # noqa: E402
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun  # noqa: E402
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage  # noqa: E402
from langchain_core.outputs import ChatResult  # noqa: E402
from langchain_openai import ChatOpenAI  # noqa: E402
from pydantic import JsonValue, SecretStr  # noqa: E402

from pipeline.models.cache import ReplyCache  # noqa: E402
from pipeline.models.config import ModelSettings, Structured  # noqa: E402
from pipeline.models.endpoint import Completion, Endpoint  # noqa: E402
from pipeline.models.port import KeptPort  # noqa: E402
from pipeline.models.question import draw  # noqa: E402
from pipeline.models.record import Record  # noqa: E402
from pipeline.models.server import Server, is_local  # noqa: E402
from pipeline.models.troubles import BadReply, BadStatus, NoReply  # noqa: E402
from schemas.model_call import Finish, Message, ModelReply, ModelRequest  # noqa: E402

MESSAGES: Mapping[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
FINISHES: Mapping[str, Finish] = {"stop": "stop", "length": "length"}
LONGEST_REPLY = 1 << 20  # characters: no answer that was asked for comes near
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

    def __init__(self, settings: ModelSettings, main: "Endpoint", of_roles: Mapping[str, "Endpoint"]) -> None:
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

    async def speak(self, messages: tuple[Message, ...], fields: Mapping[str, JsonValue]) -> Completion:
        """One answer. Raises BadStatus, NoReply and BadReply; see Endpoint."""
        written = [MESSAGES[message.role](content=message.content) for message in messages]
        try:
            said = await self.ainvoke(written, extra_body=dict(fields))
        except openai.APIStatusError as error:
            raise BadStatus(error.status_code, error.response.text, error.response.headers) from error
        except openai.APITimeoutError as error:
            raise NoReply("no answer in time") from error
        except openai.APIConnectionError as error:
            raise NoReply(str(error.__cause__ or error) or "the connection failed") from error
        except (openai.APIError, ValueError, TypeError, LookupError, AttributeError) as error:
            # The status was 200 and the body was no chat completion.
            raise BadReply(f"an unreadable reply ({type(error).__name__})") from error
        if len(str(said.content)) > LONGEST_REPLY:
            raise BadReply(f"a reply of {len(str(said.content)):,} characters, far beyond what was asked for")
        usage = said.usage_metadata
        reasoning = said.additional_kwargs.get("reasoning")
        return Completion(
            text=said.content if isinstance(said.content, str) else "",
            reasoning=reasoning if isinstance(reasoning, str) else None,
            finish=FINISHES.get(str(said.response_metadata.get("finish_reason")), "other"),
            prompt_tokens=usage["input_tokens"] if usage else 0,
            completion_tokens=usage["output_tokens"] if usage else 0,
        )


@asynccontextmanager
async def _open_endpoint(settings: ModelSettings) -> AsyncIterator[Endpoint]:
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
            max_retries=0,  # the endpoint's know when the server wants quiet
            use_responses_api=False,
            cache=False,
        )
        yield Endpoint(settings, server, chat.speak)
