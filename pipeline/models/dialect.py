"""How a server wants to be asked for an answer of a given form; what it refuses is found out by asking."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import JsonValue

from pipeline.models.config import Structured
from pipeline.models.question import Drawn

LADDER: tuple[Structured, ...] = ("response_format", "structured_outputs", "json_object", "none")
DROPPABLE = frozenset({"temperature", "seed", "top_p"})
UNKNOWN = ("unsupported", "not support", "unrecognized", "unknown", "not permitted", "not allowed")
NAME = "answer"  # OpenAI's format wants a name for the schema


class Wording(NamedTuple):
    """What a request has besides its messages, and what is said in addition."""

    fields: Mapping[str, JsonValue]
    remark: str | None = None


class Dialect:
    """What one server understands. Starts with the best option and goes down when the server refuses it."""

    def __init__(self, structured: Structured) -> None:
        self._first = 0 if structured == "auto" else LADDER.index(structured)
        self._fixed = structured != "auto"
        self._known: dict[str, int] = {}  # by schema: a server may refuse one and take another
        self._tokens_field = "max_tokens"
        self._dropped: set[str] = set()
        self.last: Structured | None = None  # the option that was understood last

    def list_options(self, schema: str | None) -> Sequence[Structured]:
        """Options to try for this schema, the known one first."""
        if schema is None:
            return ("none",)
        start = self._known.get(schema, self._first)
        return LADDER[start : start + 1] if self._fixed or schema in self._known else LADDER[start:]

    def learn(self, schema: str | None, option: Structured) -> None:
        """This option was understood; what stands before it was refused."""
        self.last = option if schema is not None else self.last
        if schema is not None and not self._fixed:
            self._known[schema] = LADDER.index(option)
            self._first = max(self._first, LADDER.index(option)) if option != "none" else self._first

    def word(self, option: Structured, schema: str | None, max_tokens: int | None, drawn: Drawn) -> Wording:
        """The fields for this option, and how the answer is drawn."""
        fields: dict[str, JsonValue] = {"temperature": drawn.temperature, "seed": drawn.seed}
        if drawn.top_p is not None:
            fields["top_p"] = drawn.top_p
        fields = {name: value for name, value in fields.items() if name not in self._dropped} | dict(drawn.extra)
        if max_tokens is not None:
            fields[self._tokens_field] = max_tokens
        if schema is None:
            return Wording(fields)
        parsed = _parse_schema(schema)
        if option == "response_format":
            form: JsonValue = {"name": NAME, "schema": parsed, "strict": True}
            return Wording({**fields, "response_format": {"type": "json_schema", "json_schema": form}})
        if option == "structured_outputs":
            return Wording({**fields, "structured_outputs": {"json": parsed}})
        if option == "json_object":
            fields["response_format"] = {"type": "json_object"}
        return Wording(fields, _ask_for_json(schema))

    def give_way(self, message: str, sent: Wording) -> bool:
        """Adapt to a refusal that names a field that was sent: some models take the bound of an answer only by its new
        name, and no temperature or seed. Whether it is worth asking again."""
        if "max_tokens" in sent.fields and "max_completion_tokens" in message:
            self._tokens_field = "max_completion_tokens"
            return True
        low = message.lower()
        named = next((field for field in sorted(DROPPABLE) if field in sent.fields and field in low), None)
        if named is None or not any(sign in low for sign in UNKNOWN):
            return False
        self._dropped.add(named)
        return True


@cache
def _parse_schema(schema: str) -> JsonValue:
    parsed: JsonValue = json.loads(schema)
    return parsed


@cache
def _ask_for_json(schema: str) -> str:
    # The prompt goes to a model, not to a browser: nothing to escape.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).with_name("prompts")), undefined=StrictUndefined
    )
    return environment.get_template("json_mode.md.jinja").render(schema=schema)
