"""Asking a model why an attempt failed, where the rules do not know.

The question is bounded: what was found, the end of what the program printed, and the code as far as there is room. The
answer is one word of a closed list; whatever else comes back leaves the class as it was. Nothing of it ever reaches a
coder, and nothing is decided by it.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Annotated, NamedTuple

from pydantic import Field, ValidationError

from codegen.coder.classes import classify
from codegen.coder.prompting import write_prompt
from schemas.coding import Attempt, FailureClass
from schemas.errors import ModelContextExceeded, ModelReplyFailed
from schemas.fencing import fence
from schemas.model import Model
from schemas.model_call import Message, ModelPort, ModelReply, ModelRequest

LINE = 500  # characters of a problem or an offence
OFFENCES = 10
ERRORS = 4000  # characters of the end of stderr
PRINTED = 600  # of stdout
CODE = 12_000
ANSWER_TOKENS = 2048  # a model that thinks does so within them
LONGEST_REPLY = 50_000  # characters that are looked at
MOST_OBJECTS = 200  # of a reply, from its end


class Answer(Model):
    """What a model answers. The reason comes first: what was noticed is then named."""

    reason: Annotated[str, Field(max_length=300)] = ""
    failure: FailureClass


class Classified(NamedTuple):
    """The class that stands in the end, and the question that was asked for it, if one was."""

    failure: FailureClass
    by_model: bool
    request: ModelRequest | None = None
    reply: ModelReply | None = None
    problem: str | None = None  # why the reply, or that there is none, changed nothing


async def classify_with_model(
    port: ModelPort | None, attempt: Attempt, functions: str | None, *, sample: int = 0
) -> Classified:
    """The class of a failed attempt: by rules, and by a model where they say "other" and there is one to ask.

    A reply that names none of the classes, or none at all, leaves it at "other". Raises ModelUnavailable.
    """
    failure = classify(attempt)
    if port is None or failure != "other":
        return Classified(failure, by_model=False)
    asked: Classified | None = None
    for code, errors in ((CODE, ERRORS), (0, ERRORS), (0, LINE)):
        request = _make_request(attempt, functions, code, errors, sample)
        if asked is not None and asked.request is not None and asked.request.messages == request.messages:
            continue
        try:
            reply = await port.ask(request)
        except (ModelContextExceeded, ModelReplyFailed) as error:
            asked = Classified("other", by_model=False, request=request, problem=str(error))
            if isinstance(error, ModelReplyFailed):
                break
            continue
        answer = read_answer(reply.text)
        if answer is None:
            return Classified("other", False, request, reply, "the reply names none of the classes")
        return Classified(answer.failure, True, request, reply)
    return asked or Classified("other", by_model=False)


@cache
def write_schema() -> str:
    """The JSON Schema of an answer, closed and bounded, as constrained output wants it."""
    schema = Answer.model_json_schema()
    schema["required"] = ["reason", "failure"]
    return json.dumps(schema)  # in this order: back ends write the members as the schema lists them


def read_answer(text: str) -> Answer | None:
    """The last object of a reply that is an answer; None where there is none. Raises nothing."""
    text = text[-LONGEST_REPLY:]
    end = len(text)
    for _ in range(MOST_OBJECTS):
        end = text.rfind("{", 0, end)
        if end < 0:
            return None
        answer = _read_object(text[end:])
        if answer is not None:
            return answer
    return None


def _read_object(text: str) -> Answer | None:
    try:
        content, _ = json.JSONDecoder().raw_decode(text)
        if isinstance(content.get("reason"), str):
            content["reason"] = content["reason"][:300]
        return Answer.model_validate(content)
    except (ValueError, ValidationError, RecursionError):
        return None


def _make_request(attempt: Attempt, functions: str | None, code: int, errors: int, sample: int) -> ModelRequest:
    run = attempt.execution
    comparison = attempt.comparison
    words = {
        "problem": _line(attempt.problem or "not said"),
        "offences": [_line(f"{o.kind}: {o.detail}") for o in attempt.offences[:OFFENCES]],
        "outcome": run.outcome if run else "",
        "exit_code": str(run.exit_code) if run and run.exit_code is not None else "none",
        "difference": "".join(_describe_difference(attempt)) if comparison is not None else "",
        "stderr": _end(run.stderr, errors) if run else "",
        "stdout": _end(run.stdout, PRINTED) if run else "",
        "code": fence((functions or "")[:code]).strip(),
    }
    return ModelRequest(
        role="classifier",
        messages=(Message(role="user", content=write_prompt("classifier", words)),),
        answer_schema=write_schema(),
        sample=sample,
        max_tokens=ANSWER_TOKENS,
        label=f"attempt {attempt.number}",
    )


def _describe_difference(attempt: Attempt) -> Iterator[str]:
    comparison = attempt.comparison
    if comparison is not None and comparison.first_difference:
        yield f"the first step that differs is {_line(comparison.first_difference)}"
    elif comparison is not None:
        yield "the same events"


def _line(text: str) -> str:
    return fence(" ".join(text[:LINE].split()))


def _end(text: str, limit: int) -> str:
    return fence(text.rstrip()[-limit:]).strip()
