"""What exactly is asked: the request with the settings of its role, and the digest that names it."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from pipeline.files import digest_text
from pipeline.models.config import ModelSettings
from schemas.model_call import ModelRequest

FORMAT = "1"  # of what is digested: another one makes every kept reply unknown


class Drawn(NamedTuple):
    """How one answer is drawn."""

    temperature: float
    seed: int
    top_p: float | None
    max_tokens: int | None
    extra: Mapping[str, JsonValue]


def draw(settings: ModelSettings, request: ModelRequest) -> Drawn:
    """Sample 0 with the role's temperature, the others with that of votes; each with its own seed."""
    sampling = settings.of(request.role).sampling
    return Drawn(
        temperature=sampling.vote_temperature if request.sample else sampling.temperature,
        seed=sampling.seed + request.sample,
        top_p=sampling.top_p,
        max_tokens=request.max_tokens if request.max_tokens is not None else sampling.max_tokens,
        extra=sampling.extra,
    )


def describe_question(settings: ModelSettings, request: ModelRequest) -> str:
    """Everything that determines the reply, as JSON in which equal questions are equal; not where it is asked."""
    return json.dumps(
        {
            "format": FORMAT,
            "model": settings.of(request.role).model,
            "messages": [[message.role, message.content] for message in request.messages],
            "schema": request.answer_schema,
            "sample": request.sample,
            **draw(settings, request)._asdict(),
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def name_question(description: str) -> str:
    """The key of a question: 64 hexadecimal digits."""
    return digest_text(description)
