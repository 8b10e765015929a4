"""What is wrong with a draft, each with the line of the draft and the field."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.drafts.comments import clean_line
from pipeline.drafts.places import compose_text, find_line
from pipeline.drafts.text import ERROR

MOST = 12
_LINE = re.compile(r"^(?:[^:]+: )?line (\d+): (.*)$", re.S)


class Problem(NamedTuple):
    """One thing that is wrong: the line of the draft, from 0, where it is known."""

    line: int | None
    text: str


def locate_problems(messages: Sequence[str], draft: str) -> tuple[Problem, ...]:
    """Messages of validation with the lines of the draft that they are about, in that order."""
    root = compose_text(draft)
    located = []
    for message in messages:
        syntax = _LINE.match(message)
        if syntax is not None:
            located.append(Problem(int(syntax[1]) - 1, syntax[2]))
        else:
            located.append(Problem(find_line(root, message.partition(": ")[0]), message))
    return tuple(sorted(located, key=lambda problem: -1 if problem.line is None else problem.line))


def add_problems(draft: str, problems: Sequence[Problem], marker: str) -> tuple[str, tuple[Problem, ...]]:
    """The draft with what is wrong at its top, and the problems with the numbers that the lines have then.

    `problems` are about the draft without any at its top.
    """
    clean = drop_problems(draft, marker)
    shown = problems[:MOST]
    n_lines = len(shown) + 1 + (len(problems) > MOST) + 1
    moved = tuple(p if p.line is None else p._replace(line=p.line + n_lines) for p in problems)
    lines = ["NOT APPLIED: this is not valid yet. These lines go away by themselves.", *map(word_problem, moved[:MOST])]
    if len(problems) > MOST:
        lines.append(f"and {len(problems) - MOST} more")
    told = [f"{marker}{ERROR} {clean_line(line)}" for line in lines]
    return "\n".join([*told, f"{marker}{ERROR}", clean]), moved


def word_problem(problem: Problem) -> str:
    """A problem with its line, counted from 1."""
    return problem.text if problem.line is None else f"line {problem.line + 1}: {problem.text}"


def drop_problems(draft: str, marker: str) -> str:
    """The draft without the problems at its top."""
    lines = draft.split("\n")
    start = 0
    while start < len(lines) and lines[start].startswith(f"{marker}{ERROR}"):
        start += 1
    return "\n".join(lines[start:])
