"""What a person sees who lets the criteria through the gate: the next command, or what is still in the way."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from codegen.tables.formulas import list_names
from pipeline.review.parts import find_part
from pipeline.review.typeset import set_part
from pipeline.review.view_models import Link, make_anchor
from schemas.criteria import Question, SelectionCriteria

SHOWN = 12


@dataclass(frozen=True)
class FinishView:
    """How it went. `command` is what to type next; empty while the gate is shut."""

    title: str
    problem: str
    command: str
    links: tuple[Link, ...]
    """What is in the way, first things first."""
    more: int
    """How many there are beyond those."""


def word_next(run: Path, recorded: Sequence[str], data: Sequence[str], profile: str | None) -> str:
    """What to type when the criteria are accepted. `data` and `profile` are the review's, `recorded` the run's data."""
    words = ["paperfilter", "run", str(run)]
    words += ["--data", *data] if data else []
    words += ["--profile", profile] if profile is not None else []
    return shlex.join(words) + ("" if data or recorded else " --data FILES")


def build_finish(criteria: SelectionCriteria, shut: Sequence[str], problem: str, command: str) -> FinishView:
    """`shut` are the addresses of what keeps the gate shut, `problem` what it said, empty when it let all through."""
    names = list_names(criteria)
    links = []
    for address in shut[:SHOWN]:
        part = find_part(criteria, address)
        per_event = part.owner is not None and part.owner.startswith("region:")
        text = Markup("{}").format(part.value.text) if isinstance(part.value, Question) else None
        links.append(Link(make_anchor(address), text or set_part(part.value, names, per_event=per_event)))
    return FinishView(
        criteria.analysis.title or criteria.analysis.slug,
        problem,
        command if not problem else "",
        tuple(links) if problem else (),
        max(len(shut) - SHOWN, 0) if problem else 0,
    )
