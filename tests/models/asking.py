"""Questions for tests, and the client with a server, a cache and a record around it."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

from pipeline.models.cache import ReplyCache
from pipeline.models.client import open_model
from pipeline.models.config import ModelSettings
from pipeline.models.record import Record
from schemas.errors import ModelError
from schemas.model_call import Message, ModelReply, ModelRequest, Role

SCHEMA = json.dumps({"type": "object", "properties": {"variable": {"enum": ["pt", "eta"]}}})
GOOD = '{"variable": "pt"}'


def make_request(
    text: str, *, sample: int = 0, schema: str | None = SCHEMA, role: Role = "reader", max_tokens: int | None = None
) -> ModelRequest:
    """A question about a text."""
    messages = (Message(role="system", content="Which variable is it?"), Message(role="user", content=text))
    return ModelRequest(
        role=role, messages=messages, answer_schema=schema, sample=sample, max_tokens=max_tokens, label=text[:20]
    )


def make_settings(url: str, **changed: object) -> ModelSettings:
    """Settings for a server of a test: impatient."""
    return ModelSettings.model_validate(
        {"url": url, "model": "stand-in", "timeout": 5.0, "longest_wait": 0.2, "attempts": 12} | changed
    )


def ask_all(
    settings: ModelSettings,
    requests: Iterable[ModelRequest],
    *,
    cache: Path | None = None,
    record: Path | None = None,
    replay: bool = False,
) -> list[ModelReply | ModelError]:
    """Ask all at once; a question that failed gives its error."""

    async def ask() -> list[ModelReply | ModelError]:
        kept = ReplyCache(cache) if cache is not None else None
        try:
            async with open_model(settings, kept, Record(record) if record else None, replay=replay) as port:
                found = await asyncio.gather(*map(port.ask, requests), return_exceptions=True)
        finally:
            if kept is not None:
                kept.close()
        for one in found:
            if not isinstance(one, (ModelReply, ModelError)):
                raise one
        return found

    return asyncio.run(ask())


def ask_one(settings: ModelSettings, request: ModelRequest) -> ModelReply:
    """Ask one question. Raises what it fails with."""
    (found,) = ask_all(settings, [request])
    if isinstance(found, ModelError):
        raise found
    return found
