"""Does a model answer here? Server, model, context length, enforced form, reasoning, speed: what `doctor` shows."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.doctor import Check
from pipeline.models.config import OFFLINE, ModelSettings, guess_settings
from pipeline.models.server import DEFAULT_CONTEXT, Card, Server
from schemas.errors import ModelError, ModelUnavailable, PaperfilterError
from schemas.model_call import Message, ModelPort, ModelReply, ModelRequest

SMALL = 8192  # tokens: with less, papers are read in many pieces
LONGEST = 120.0  # seconds for one short answer
QUESTION = Path(__file__).with_name("prompts") / "doctor.md"


def check_models(settings: Sequence[ModelSettings]) -> Iterator[Check]:
    """All checks of all models, one model after the other."""
    for one in settings:
        yield from asyncio.run(_collect(one))


def list_models(url: str) -> Sequence[Check]:
    """Which models the server at `url` has: for people who do not know yet which to name."""

    async def look() -> Card:
        async with Server(guess_settings(url)) as server:
            return await server.look()

    try:
        card = asyncio.run(look())
    except PaperfilterError as error:
        return [_fail("model server", error)]
    if not card.speaks_json:
        return [_deny_server(url, "check --url; a server that only answers questions is checked with --model")]
    detail = f"{url}: {', '.join(model.id for model in card.models) or 'does not tell its models'}"
    return [Check(name="model server", state="ok", detail=detail, advice="name one with --model to check it")]


async def _collect(settings: ModelSettings) -> list[Check]:
    return [check async for check in check_model(settings)]


async def check_model(settings: ModelSettings) -> AsyncIterator[Check]:
    """The checks of one model; ends with the first that makes the others pointless."""
    if settings.url == OFFLINE:
        yield _check_engine(settings)
        return
    try:
        async with Server(settings) as server:
            card = await server.find_model()
            version = await server.find_version()
            counts = await server.count_tokens("pT > 25 GeV") is not None
    except PaperfilterError as error:
        yield _fail("model server", error)
        return
    answers = None
    if not card.speaks_json:  # only an answer shows that there is a model at all
        answers = [check async for check in _check_answers(settings)]
        if answers[0].exit_code == ModelError.exit_code:
            yield _deny_server(settings.url, f"it said {_shorten(answers[0].detail)}; check --url")
            return
    told = f", version {version}" if version else ""
    yield Check(name="model server", state="ok", detail=f"{settings.url}{told}")
    served = card.find(settings.model)
    unsure = "" if served is not None else " (the server does not tell its models)"
    yield Check(name="model", state="ok", detail=f"{settings.model}{unsure}")
    yield _check_context(settings, served.max_model_len if served is not None else None, counts)
    if answers is None:
        answers = [check async for check in _check_answers(settings)]
    for check in answers:
        yield check


def _deny_server(url: str, advice: str) -> Check:
    detail = f"{url}: is no OpenAI-compatible server (it answers without JSON)"
    return Check(
        name="model server", state="failed", detail=detail, advice=advice, exit_code=ModelUnavailable.exit_code
    )


def _check_engine(settings: ModelSettings) -> Check:
    """Whether there is an engine to start; loading the model would take minutes."""
    from pipeline.serving import find_vllm

    try:
        vllm = find_vllm()
    except PaperfilterError as error:
        return _fail("offline engine", error)
    kind = "for processors" if vllm.cpu else "for graphics cards"
    return Check(
        name="offline engine", state="ok", detail=f"{settings.model}: vLLM {vllm.version} {kind}, {vllm.python}"
    )


def _check_context(settings: ModelSettings, told: int | None, counts: bool) -> Check:
    known = [length for length in (told, settings.context_length) if length is not None]
    length = min(known, default=DEFAULT_CONTEXT)
    how = "" if counts else "; tokens are estimated, the server does not count them"
    if not known:
        advice = "say it in paperfilter.toml: context_length = 32768"
        detail = f"the server does not tell; {length} tokens are assumed{how}"
        return Check(name="context length", state="warning", detail=detail, advice=advice)
    if length < SMALL:
        advice = "papers are read in many small pieces; serve the model with a longer context if it has one"
        return Check(name="context length", state="warning", detail=f"{length} tokens{how}", advice=advice)
    return Check(name="context length", state="ok", detail=f"{length} tokens{how}")


async def _check_answers(settings: ModelSettings) -> AsyncIterator[Check]:
    from pipeline.models.client import open_server

    brief = {"attempts": min(settings.attempts, 2), "timeout": min(settings.timeout, LONGEST)}
    try:
        async with open_server(settings.model_copy(update=brief)) as port:
            reply, followed = await _ask_in_form(port)
            form = port.form
    except ModelError as error:
        yield _fail("structured output", error)
        return
    seen = "reasons before it answers" if reply.reasoning else "answers at once"
    speed = f"{reply.completion_tokens} tokens in {reply.seconds:.1f} s"
    if followed and form in ("response_format", "structured_outputs"):
        yield Check(name="structured output", state="ok", detail=f"enforced by {form}; {speed}")
    elif _has_no_json(reply.text):
        detail = f"none, there is no JSON in the answer: {_shorten(reply.text)}"
        advice = "nothing can be read with this model; check --url and --model, or serve another model"
        yield Check(
            name="structured output", state="failed", detail=detail, advice=advice, exit_code=ModelError.exit_code
        )
    elif form not in ("response_format", "structured_outputs"):
        detail = "the server refuses a JSON Schema; the form is asked for in words"
        advice = "answers are repaired where they can be; vLLM enforces the form, see `paperfilter serve`"
        yield Check(name="structured output", state="warning", detail=detail, advice=advice)
    else:
        advice = "answers are repaired where they can be; vLLM enforces the form, see `paperfilter serve`"
        detail = f"not enforced: {_shorten(reply.text)}"
        yield Check(name="structured output", state="warning", detail=detail, advice=advice)
    yield Check(name="reasoning", state="ok", detail=seen)


async def _ask_in_form(port: ModelPort) -> tuple[ModelReply, bool]:
    """Ask for an answer that no model gives by itself: a word made up now, under a name made up now."""
    name, word = f"field_{secrets.token_hex(3)}", f"word-{secrets.token_hex(3)}"
    form = {
        "type": "object",
        "additionalProperties": False,
        "required": [name],
        "properties": {name: {"type": "string", "enum": [word]}},
    }
    request = ModelRequest(
        role="reader",
        messages=(Message(role="user", content=QUESTION.read_text(encoding="utf-8")),),
        answer_schema=json.dumps(form),
        max_tokens=None,
        label="doctor",
    )
    reply = await port.ask(request)
    try:
        return reply, _Answer.model_validate_json(reply.text).model_extra == {name: word}
    except ValidationError:
        return reply, False


def _has_no_json(text: str) -> bool:
    """Whether a reader could do nothing with this answer: no object in it, not even a broken or a cut one."""
    from extract.llm.parsing import parse_reply

    found = parse_reply(text)
    return found.complete and not found.objects and not found.broken


class _Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


def _fail(name: str, error: PaperfilterError) -> Check:
    line, _, advice = str(error).rpartition("; ")
    return Check(
        name=name, state="failed", detail=line or str(error), advice=advice if line else None, exit_code=error.exit_code
    )


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return f"'{line[:80]}…'" if len(line) > 80 else f"'{line}'"
