"""What a model is asked to fill in: a flat, bounded twin of a Finding, and its JSON Schema for constrained output.

Everything is bounded (strings, lists, numbers): a model that loops under a grammar stops at a bound, and an unbounded
number comes back as infinity. No pattern, no uniqueItems, no multipleOf: grammar back ends refuse or ignore them.
A closed list has one word more than the finding's, `other`; the paper's own words stand beside it.
"""

from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from schemas.model import Model
from schemas.vocabulary import Closed, Effect, Operator, Source, Stage, SubjectName, VariableName

BULK_ITEMS = 240  # findings in one reply about a whole selection
CHUNK_ITEMS = 80  # about one chunk
MOST_THRESHOLDS = 12  # asked about in one question

_LARGEST = 1e7
_Number = Annotated[float, Field(ge=-_LARGEST, le=_LARGEST)]
_Words = Annotated[str, Field(max_length=200)]
_Symbol = Annotated[str, Field(max_length=60)]


class RampAnswer(Model):
    """A threshold that depends on another quantity: straight lines through the points (x, y), constant outside."""

    argument: _Symbol
    x: Annotated[tuple[_Number, ...], Field(min_length=2, max_length=8)]
    y: Annotated[tuple[_Number, ...], Field(min_length=2, max_length=8)]
    x_unit: _Symbol | None = None


ValueAnswer = (
    _Number
    | _Words
    | Annotated[tuple[_Number, ...], Field(min_length=1, max_length=8)]
    | Annotated[tuple[_Words, ...], Field(min_length=1, max_length=8)]
    | RampAnswer
    | None
)


class Item(Model):
    """One requirement as a model writes it down. The quote comes first: what is copied is then interpreted."""

    quote: Annotated[tuple[Annotated[str, Field(max_length=500)], ...], Field(min_length=1, max_length=6)]
    source: Source = "prose"
    page: Annotated[int, Field(ge=1, le=5000)] | None = None
    stage: Stage
    subject: SubjectName | Literal["other"]
    other_subject: _Words | None = None
    second_subject: SubjectName | Literal["other"] | None = None
    other_second_subject: _Words | None = None
    variable: VariableName | Literal["other"]
    other_variable: _Words | None = None
    operator: Operator
    value: ValueAnswer = None
    unit: _Symbol | None = None
    closed: Closed | None = None
    effect: Effect = "keep"
    effect_target: _Words | None = None
    condition: _Words | None = None
    scope: _Words | None = None
    group: _Symbol | None = None
    order: Annotated[int, Field(ge=0, le=100)] | None = None
    cites: Annotated[tuple[_Symbol, ...], Field(max_length=6)] = ()


class BulkAnswer(Model):
    """The requirements of a whole selection."""

    findings: Annotated[tuple[Item, ...], Field(max_length=BULK_ITEMS)]


class ChunkAnswer(Model):
    """The requirements of one part of a paper."""

    findings: Annotated[tuple[Item, ...], Field(max_length=CHUNK_ITEMS)]


class Verdict(Model):
    """What a printed threshold is, by its number in the question."""

    threshold: Annotated[int, Field(ge=1, le=MOST_THRESHOLDS)]
    says: Literal["selection", "condition", "no_selection"]


class TargetedAnswer(Model):
    """One verdict per threshold asked about, and the requirements that they state."""

    verdicts: Annotated[tuple[Verdict, ...], Field(max_length=MOST_THRESHOLDS)]
    findings: Annotated[tuple[Item, ...], Field(max_length=2 * MOST_THRESHOLDS)]


@cache
def write_schema(answer: type[Model]) -> str:
    """The JSON Schema of an answer type as JSON text: titles and descriptions left out, the same bytes every time."""
    import json

    return json.dumps(_strip(answer.model_json_schema()), ensure_ascii=False, separators=(",", ":"))


def _strip(node: object) -> object:
    """The schema without what guides nobody and costs a grammar compiler time."""
    if isinstance(node, dict):
        kept = {k: v for k, v in node.items() if k not in ("description", "default") and not _is_title(k, v)}
        return {k: _strip(v) for k, v in kept.items()}
    return [_strip(v) for v in node] if isinstance(node, list) else node


def _is_title(key: str, value: object) -> bool:
    return key == "title" and isinstance(value, str)
