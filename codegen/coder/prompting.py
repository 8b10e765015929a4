"""Prompts of the loop, from their files. The same task and the same code so far give the same bytes.

What comes from a paper, a model or a program stands between the tags of FENCE, where it cannot end them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from schemas.coding import Branch, Offence
from schemas.criteria import (
    Candidate,
    Cut,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Region,
    SelectionCriteria,
)  # fmt: skip
from schemas.criteria_yaml import dump_criteria
from schemas.evidence import Evidence
from schemas.fencing import fence

if TYPE_CHECKING:
    from jinja2 import Environment

FENCE = "data"
LONGEST_QUOTE = 300  # characters
LONGEST_FEEDBACK = 8000

Part = TypeVar("Part", Cut, OverlapRemoval, OverlapStep, Candidate)
Words = Mapping[str, str | int | bool | Sequence[str] | Sequence[Offence] | None]


@cache
def _open_prompts() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent / "prompts")
    # a prompt is text for a model, never HTML: escaping would change code and criteria
    environment = Environment(loader=loader, undefined=StrictUndefined)  # noqa: S701
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment


def write_prompt(template: str, words: Words) -> str:
    """The text of a prompt file with these words in it."""
    return _open_prompts().get_template(f"{template}.md.jinja").render({"fence": FENCE, **words}).strip() + "\n"


def write_criteria(ssc: SelectionCriteria, *, notes: bool = True) -> str:
    """The criteria as YAML without machinery: no origins, votes, questions, evidence, nothing that was rejected."""

    def cuts(these: tuple[Cut, ...]) -> tuple[Cut, ...]:
        return tuple(_strip(c, notes) for c in these if c.status != "rejected")

    objects = tuple(
        o.model_copy(
            update={
                "cuts": cuts(o.cuts),
                "remove_overlap": tuple(_strip(r, notes) for r in o.remove_overlap if r.status != "rejected"),
            }
            | ({} if notes else {"note": None})
        )
        for o in ssc.objects
    )
    reduced = ssc.model_copy(
        update={
            "objects": objects,
            "overlap": tuple(_strip(s, notes) for s in ssc.overlap if s.status != "rejected"),
            "candidates": tuple(_strip(c, notes).model_copy(update={"select": cuts(c.select)}) for c in ssc.candidates),
            "regions": tuple(
                r.model_copy(update={"cuts": cuts(r.cuts)} | ({} if notes else {"note": None})) for r in ssc.regions
            ),
            "questions": (),
        }
    )
    return fence(dump_criteria(reduced)).strip()


def _strip(part: Part, notes: bool) -> Part:
    return part.model_copy(
        update={"evidence": (), "history": (), "origin": "human", "status": "proposed", "agreement": None, "by": None}
        | ({} if notes else {"note": None})
    )


def list_quotes(ssc: SelectionCriteria) -> tuple[str, ...]:
    """What the paper says about each cut: id, quote, page, one line each; fenced."""
    parts: list[tuple[str, tuple[Evidence, ...]]] = []

    def add(cuts: Sequence[Cut]) -> None:
        parts.extend((c.id, c.evidence) for c in cuts if c.status != "rejected")

    owners: Sequence[ObjectDefinition | Region] = (*ssc.objects, *ssc.regions)
    for owner in owners:
        add(owner.cuts)
    for candidate in ssc.candidates:
        parts.append((candidate.name, candidate.evidence))
        add(candidate.select)
    lines = []
    for name, evidence in parts:
        for one in evidence[:2]:
            quote = " … ".join(one.quote)
            words = " ".join(quote.split())
            page = f", p. {one.page}" if one.page is not None else ""
            lines.append(f'{name}{page}: "{words[:LONGEST_QUOTE]}{"…" if len(words) > LONGEST_QUOTE else ""}"')
    return tuple(fence(line) for line in dict.fromkeys(lines))


def number_lines(code: str) -> str:
    """Code with its line numbers, as errors name them; fenced."""
    lines = code.rstrip("\n").split("\n")
    width = len(str(len(lines)))
    return fence("\n".join(f"{i:>{width}} | {line}".rstrip() for i, line in enumerate(lines, start=1)))


def shorten(text: str, limit: int) -> str:
    """The beginning of a text, and a word that there was more."""
    return text if len(text) <= limit else text[:limit].rstrip() + "\n(shortened)"


def write_branches(branches: Sequence[Branch]) -> str:
    """The columns of the event files, one a line."""
    return "\n".join(fence(f"{b.name}: {b.shape}{f' of {b.kind}' if b.kind else ''}") for b in branches)
