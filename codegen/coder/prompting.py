"""Prompts of the loop, from their files. The same task and the same code so far give the same bytes.

What comes from a paper, a model or a program stands between tags, where it cannot end them: data of the paper and of
programs between those of FENCE, the supervisor's instruction, the coder's own code and what is told about it between
tags of their own.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from schemas.coding import Offence
from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Region,
    SelectionCriteria,
    Threshold,
)  # fmt: skip
from schemas.criteria_yaml import dump_criteria
from schemas.evidence import Evidence
from schemas.fencing import fence
from schemas.units import find_unit, to_base

if TYPE_CHECKING:
    from jinja2 import Environment

FENCE = "data"
TAGS = {"fence": FENCE, "instruction_tag": "supervisor", "code_tag": "code", "feedback_tag": "report"}
LONGEST_QUOTE = 300  # characters
LONGEST_FEEDBACK = 8000
PAGES = re.compile(r"^pp?\. ?\d+(?:\s*[,–-]\s*\d+)*\s*(?:[;:,]\s*|$)")  # at the beginning of a note
PRINTED_NUMBER = re.compile(r"\d+(?:\.\d+)?")

Part = TypeVar("Part", Cut, OverlapRemoval, OverlapStep, Candidate, NamedVariable)
Noted = TypeVar("Noted", Cut, OverlapRemoval, OverlapStep, Candidate, NamedVariable, ObjectDefinition, Region)
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
    return _open_prompts().get_template(f"{template}.md.jinja").render({**TAGS, **words}).strip() + "\n"


def write_criteria(ssc: SelectionCriteria, *, notes: bool = True, unused: Collection[str] = ()) -> str:
    """The criteria as YAML, as a coder reads them; fenced.

    Without machinery (origins, votes, questions, evidence, nothing that was rejected), without what only people or
    histograms need, and without the `unused` definitions. Thresholds are in the units that everything is computed in;
    `literal` is what the paper prints, where that is something else.
    """

    def cuts(these: tuple[Cut, ...]) -> tuple[Cut, ...]:
        return tuple(_strip(_convert(c), notes) for c in these if c.status != "rejected")

    objects = tuple(
        _strip_note(o, notes).model_copy(
            update={
                "cuts": cuts(o.cuts),
                "remove_overlap": tuple(_strip(r, notes) for r in o.remove_overlap if r.status != "rejected"),
            }
        )
        for o in ssc.objects
        if o.name not in unused
    )
    reduced = ssc.model_copy(
        update={
            "analysis": ssc.analysis.model_copy(update={"luminosity": None}),
            "objects": objects,
            "overlap": tuple(_strip(s, notes) for s in ssc.overlap if s.status != "rejected"),
            "candidates": tuple(
                _strip(c, notes).model_copy(update={"select": cuts(c.select)})
                for c in ssc.candidates
                if c.name not in unused
            ),
            "variables": tuple(
                _strip(v, notes).model_copy(update={"binning": None}) for v in ssc.variables if v.name not in unused
            ),
            "regions": tuple(_strip_note(r, notes).model_copy(update={"cuts": cuts(r.cuts)}) for r in ssc.regions),
            "questions": (),
        }
    )
    return fence(dump_criteria(reduced)).strip()


def _strip(part: Part, notes: bool) -> Part:
    machinery = {"evidence": (), "history": (), "origin": "human", "status": "proposed", "agreement": None, "by": None}
    return _strip_note(part, notes).model_copy(update=machinery)


def _strip_note(part: Noted, notes: bool) -> Noted:
    """Without the note, or without the pages that a note begins with."""
    note = PAGES.sub("", part.note) if part.note is not None and notes else ""
    return part.model_copy(update={"note": note or None})


def _convert(cut: Cut) -> Cut:
    """With the threshold in GeV, mm and rad, and its literal only where that says more."""
    old = cut.threshold
    if old is None:
        return cut
    numbers = (old.value,) if old.value is not None else old.values or old.range or ()
    unit = to_base(1.0, old.unit)[1]
    if unit == (old.unit or None) or not (numbers or old.expression):
        keep = old.literal is not None and not _repeats(old.literal, old, numbers)
        return cut.model_copy(update={"threshold": old if keep else old.model_copy(update={"literal": None})})
    new = tuple(to_base(number, old.unit)[0] for number in numbers)
    printed = old.expression or " ".join(f"{number:.12g}" for number in numbers)
    update = {
        "value": new[0] if old.value is not None else None,
        "values": new if old.values is not None else None,
        "range": new if old.range is not None else None,
        "expression": _convert_expression(old.expression, old.unit),
        "unit": unit,
        "literal": old.literal or f"{printed} {old.unit}",
    }
    return cut.model_copy(update={"threshold": old.model_copy(update=update)})


def _convert_expression(expression: str | None, unit: str | None) -> str | None:
    """Plain numbers in a unit, as they are compiled; what has a dimension of its own is in base units already."""
    known = find_unit(unit) if unit else None
    if expression is None or known is None or known.multiply == known.divide:
        return expression
    factors = (f" * {known.multiply:.17g}" if known.multiply != 1.0 else "") + (
        f" / {known.divide:.17g}" if known.divide != 1.0 else ""
    )
    return f"({expression}){factors}"


def _repeats(literal: str, threshold: Threshold, numbers: Sequence[float]) -> bool:
    """Whether a literal is no more than the threshold itself."""
    if threshold.label is not None:
        return literal == threshold.label
    rest = PRINTED_NUMBER.sub("", literal)
    if threshold.unit:
        rest = rest.replace(threshold.unit, "").replace(find_unit(threshold.unit).name, "")
    return [float(n) for n in PRINTED_NUMBER.findall(literal)] == list(numbers) and not rest.strip(" ,;-–")


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
