"""What an error reply of a model server means: ask again, give up on this question, or on the server."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple

Kind = Literal["again", "context", "key", "model", "refused"]
TOO_LONG = (
    "maximum context length",
    "context_length_exceeded",
    "maximum model length",
    "exceeds the context",
    "exceeds the available context",  # llama.cpp
    "context window",
    "prompt is too long",
    "input is too long",
    "longer than the maximum",
)
NO_MONEY = ("insufficient_quota", "exceeded your current quota", "billing")
PASSING = frozenset({408, 409, 425, 429})
SHOWN = 300  # characters of a server's message


class Trouble(NamedTuple):
    """What to do, the server's own words in one line, and how long it asks to wait (seconds)."""

    kind: Kind
    message: str
    wait: float | None = None


class BadStatus(Exception):
    """The reply has an error status."""

    def __init__(self, status: int, body: str, headers: Mapping[str, str]) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.body = body
        self.headers = headers


class NoReply(Exception):
    """The connection failed, or nothing came in time."""


class BadReply(Exception):
    """Something came that is no answer."""


def judge(status: int, body: str, headers: Mapping[str, str], now: datetime | None = None) -> Trouble:
    """What an HTTP error status means for the question that was asked."""
    message = f"status {status}: {read_message(body)}"
    low = body.lower()
    if status == 413 or (status in (400, 422) and any(sign in low for sign in TOO_LONG)):
        return Trouble("context", message)
    if status in (401, 402, 403) or (status == 429 and any(sign in low for sign in NO_MONEY)):
        return Trouble("key", message)
    if status == 404:
        return Trouble("model", message)
    if status in PASSING or (status >= 500 and status != 501):
        return Trouble("again", message, _read_wait(headers, now or datetime.now(UTC)))
    return Trouble("refused", message)


def read_message(body: str) -> str:
    """The message in the body of an error reply, in one line."""
    text = body
    try:
        parsed = json.loads(body)
        inner = parsed.get("error", parsed) if isinstance(parsed, dict) else parsed
        found = inner.get("message", inner.get("detail")) if isinstance(inner, dict) else inner
        text = found if isinstance(found, str) else body
    except ValueError:
        pass
    line = " ".join(text.split())
    return line[:SHOWN] if line else "no message"


def _read_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Retry-After (RFC 9110, 10.2.3): seconds or a date; None when it is not there or makes no sense."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return max(seconds, 0.0) if seconds < float("inf") else None
