"""What was asked in a run and what it cost: one readable file per question, one line per call, one summary."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from pipeline.artefacts import USAGE
from pipeline.files import explain, write_atomically
from pipeline.models.config import ModelSettings, Price
from pipeline.terminal import encode_json, strip_controls
from schemas.errors import ModelError
from schemas.model import Model
from schemas.model_call import ModelReply, ModelRequest, Role

FOLDER = "model"
CALLS = "calls.jsonl"
SLUG = re.compile(r"[^a-z0-9]+")
LONGEST_SLUG = 40
MILLION = 1_000_000


class Call(Model):
    """One question of this run, answered or not. `cached`: an earlier run, or this one before it was interrupted,
    had asked it already."""

    key: str
    role: Role
    model: str
    label: str
    sample: int
    cached: bool = False
    attempts: int = 1
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    finish: str | None = None
    failure: str | None = None  # the line, when there was no reply
    cost: float | None = None  # of what was asked now; None: no price is known


class Usage(Model):
    """Calls of one role with one model, or of all. Tokens and seconds are of calls that a model answered for this run;
    seconds of calls in flight at the same time add up."""

    role: Role | None = None  # None: all
    model: str | None = None
    calls: int = 0
    cached: int = 0
    failures: int = 0
    attempts: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0  # of replies that cost nothing
    seconds: float = 0.0
    cost: float | None = None  # None: a price is missing


class RunUsage(Model):
    """usage.json of a run folder."""

    total: Usage
    roles: tuple[Usage, ...]


class Record:
    """The record of one run folder. What an interrupted run has written stays and counts."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the run folder. Raises RunFolderError when it cannot be written."""
        self.folder = folder
        self._home = folder / FOLDER
        with explain(self._home):
            self._home.mkdir(parents=True, exist_ok=True)
        self._calls = {call.key: call for call in _read_calls(self._home / CALLS)}

    def keep(self, key: str, settings: ModelSettings, request: ModelRequest, reply: ModelReply) -> None:
        """Write down a question and its reply."""
        of_role = settings.of(request.role)
        before = self._calls.get(key)
        call = Call(
            key=key,
            role=request.role,
            model=reply.model,
            label=request.label,
            sample=request.sample,
            cached=reply.cached,
            attempts=reply.attempts,
            seconds=round(reply.seconds, 3),
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            finish=reply.finish,
            cost=None if reply.cached or of_role.price is None else price_reply(of_role.price, reply),
        )
        if before is not None and before.failure is None and not before.cached:
            return  # this run has paid for it before it was interrupted, and it is written
        self._add(call)
        self._write(call, request, reply)

    def keep_failure(self, key: str, settings: ModelSettings, request: ModelRequest, error: ModelError) -> None:
        """Write down a question that got no reply."""
        self._add(
            Call(
                key=key,
                role=request.role,
                model=settings.of(request.role).model,
                label=request.label,
                sample=request.sample,
                failure=str(error),
            )
        )

    def summarise(self) -> RunUsage:
        """Tokens, seconds and cost per role and model, and in total."""
        calls = tuple(self._calls.values())
        pairs = sorted({(call.role, call.model) for call in calls})
        roles = tuple(_add_up([c for c in calls if (c.role, c.model) == pair], *pair) for pair in pairs)
        return RunUsage(total=_add_up(calls), roles=roles)

    def close(self) -> None:
        """Write usage.json."""
        write_atomically(self.folder / USAGE, encode_json(self.summarise().model_dump(mode="json")) + "\n")

    def _add(self, call: Call) -> None:
        self._calls[call.key] = call
        path = self._home / CALLS
        with explain(path), path.open("a", encoding="utf-8") as file:
            file.write(f"{call.model_dump_json()}\n")

    def _write(self, call: Call, request: ModelRequest, reply: ModelReply) -> None:
        slug = SLUG.sub("-", f"{call.role}-{call.label}".lower())[:LONGEST_SLUG].strip("-")
        path = self._home / f"{slug}-{call.sample}-{call.key[:10]}.md"
        source = "from the cache" if call.cached else f"{call.seconds:.1f} s, attempts: {call.attempts}"
        parts = [
            f"# {call.role}: {call.label or 'no label'} (sample {call.sample}, {call.model})",
            f"{call.prompt_tokens} + {call.completion_tokens} tokens, {source}, finish: {call.finish}",
            *(f"## {message.role}\n\n{message.content}" for message in request.messages),
            *([f"## reasoning\n\n{reply.reasoning}"] if reply.reasoning else []),
            f"## reply\n\n{reply.text}",
        ]
        with explain(path):
            path.write_text(strip_controls("\n\n".join(parts)) + "\n", encoding="utf-8")


def load_usage(folder: Path) -> RunUsage | None:
    """usage.json of a run folder; None when no model was asked there. Raises nothing for a folder without one."""
    try:
        return RunUsage.model_validate_json((folder / USAGE).read_bytes())
    except (OSError, ValidationError):
        return None


def price_reply(price: Price, reply: ModelReply) -> float:
    """What a reply cost when it was asked for, in the currency of the price."""
    return (reply.prompt_tokens * price.prompt + reply.completion_tokens * price.completion) / MILLION


def _read_calls(path: Path) -> Iterable[Call]:
    if not path.is_file():
        return
    with explain(path, "read"):
        lines = path.read_bytes().split(b"\n")
    for line in lines:
        try:
            yield Call.model_validate_json(line)
        except ValidationError:  # the line that was being written when the process was killed
            continue


def _add_up(calls: Sequence[Call], role: Role | None = None, model: str | None = None) -> Usage:
    asked = [call for call in calls if not call.cached and call.failure is None]
    cached = [call for call in calls if call.cached]
    costs = [call.cost for call in asked if call.cost is not None]
    return Usage(
        role=role,
        model=model,
        calls=len(calls),
        cached=len(cached),
        failures=sum(call.failure is not None for call in calls),
        attempts=sum(call.attempts for call in asked),
        prompt_tokens=sum(call.prompt_tokens for call in asked),
        completion_tokens=sum(call.completion_tokens for call in asked),
        cached_tokens=sum(call.prompt_tokens + call.completion_tokens for call in cached),
        seconds=round(sum(call.seconds for call in asked), 3),
        cost=round(sum(costs), 6) if len(costs) == len(asked) else None,
    )
