"""Prompts from their files: messages whose common part stands first, the same bytes for every chunk and every paper."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from extract.llm.fencing import FENCE
from schemas.model_call import Message
from schemas.vocabulary import OPERATORS, SUBJECTS, VARIABLES, Stage

if TYPE_CHECKING:
    from jinja2 import Environment

Words = str | int | bool | None | list[str] | list[dict[str, str]]


@cache
def _open_prompts() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent / "prompts")
    # a prompt is text for a model, never HTML: escaping would change the paper's characters
    environment = Environment(loader=loader, undefined=StrictUndefined)  # noqa: S701
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment


@cache
def write_system(*, examples: bool = True) -> str:
    """What every question starts with; without worked examples for a model with little room."""
    from typing import get_args

    return _open_prompts().get_template("system.md.jinja").render(
        fence=FENCE, stages=get_args(Stage), subjects=SUBJECTS, variables=VARIABLES, operators=OPERATORS,
        examples=examples,
    )  # fmt: skip


def write_question(template: str, words: Mapping[str, Words], again: Mapping[str, Words] | None = None) -> str:
    """A question. `again` says why it is asked another time; the words come last, the beginning stays the same."""
    values = {"fence": FENCE, "again": None, **words, **(again or {})}
    return _open_prompts().get_template(f"{template}.md.jinja").render(values).strip() + "\n"


def make_messages(question: str, *, examples: bool = True) -> tuple[Message, ...]:
    """The messages of a request: what all share, then the question."""
    return Message(role="system", content=write_system(examples=examples)), Message(role="user", content=question)
