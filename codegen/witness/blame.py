"""Which part of the criteria is most likely the one that a program has wrong, when no known mistake explains it all.

Events that go wrong belong to many parts: an event made for a cut on leptons is lost as well when the number of leptons
is compared wrongly. What a part can do is known: an event cut decides about the events that come to it, and changes
nothing before its own step; a cut of objects or a choice decides about those that some mistake in it changes. The
likeliest culprit is the part whose events are most nearly those that went wrong; what it cannot explain is asked again.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from codegen.witness.differences import END, OUTPUT, Marks, interpret, mark_steps, tell_apart
from codegen.witness.evaluate import Interpreter
from codegen.witness.mutant import Mutant
from codegen.witness.search import Witness
from schemas.errors import CriteriaError

MOST_WRONG = 24  # events that went wrong and are looked at
MOST_RIGHT = 24  # and others beside them
MOST_CULPRITS = 4
ENOUGH = 0.15  # of the events of a part and of those that went wrong, as many are both


class Culprit(NamedTuple):
    """A part that is likely wrong, and the events that it explains (places in the list of witnesses)."""

    item: str
    explains: frozenset[int]


def find_culprits(
    interpreter: Interpreter, witnesses: Sequence[Witness], steps: Mapping[str, tuple[str, str]],
    expected: Sequence[Marks], found: Sequence[Marks], wrong: Sequence[int], mutants: Sequence[Mutant],
) -> list[Culprit]:  # fmt: skip
    """The parts that explain what went wrong, likeliest first; empty where none does.

    `steps` are region and step of the event cuts. An event is explained once.
    """
    at_fault = set(wrong)
    left = set(_spread(wrong, MOST_WRONG))
    looked = left | set(_spread([k for k in range(len(witnesses)) if k not in at_fault], MOST_RIGHT))
    reach = _find_reach(interpreter, witnesses, steps, expected, found, looked, at_fault, mutants)
    culprits: list[Culprit] = []
    while left and len(culprits) < MOST_CULPRITS:
        right = looked - at_fault
        scores = {item: len(events & left) / len((events & right) | left) for item, events in reach.items()}
        item = max(scores, key=lambda name: scores[name], default=None)
        if item is None or scores[item] < ENOUGH:
            break
        culprits.append(Culprit(item, frozenset(reach[item] & left)))
        left -= reach.pop(item)
    return culprits


def _spread(places: Sequence[int], most: int) -> list[int]:
    """Up to so many, from all over the list."""
    return [places[k * len(places) // most] for k in range(most)] if len(places) > most else list(places)


def _find_reach(
    interpreter: Interpreter, witnesses: Sequence[Witness], steps: Mapping[str, tuple[str, str]],
    expected: Sequence[Marks], found: Sequence[Marks], looked: set[int], at_fault: set[int], mutants: Sequence[Mutant],
) -> dict[str, set[int]]:  # fmt: skip
    """The events that each part can decide about. One that went wrong counts where it would go wrong in that way."""
    firsts = {k: list_first_steps(interpreter, expected[k], found[k]) for k in looked}
    reach: dict[str, set[int]] = {}
    for item, step in steps.items():
        here = {step}
        reach[item] = {
            k for k in looked if (firsts[k] == here if k in at_fault else _comes_to(interpreter, expected[k], step))
        }
    for mutant in mutants:
        events = reach.setdefault(mutant.item, set())
        rest = looked - events
        if mutant.item in steps or not rest:
            continue
        try:
            other = interpret(mutant.criteria, interpreter.profile)
        except CriteriaError:
            continue
        for k in rest:
            marks = mark_steps(other, other.run(witnesses[k].event, brief=True))
            if not tell_apart(expected[k], marks):
                continue
            if k not in at_fault or firsts[k] <= list_first_steps(interpreter, expected[k], marks):
                events.add(k)
    return reach


def list_first_steps(interpreter: Interpreter, expected: Marks, found: Marks) -> set[tuple[str, str]]:
    """In each region the first step after which an event should be left and is not, or the reverse.

    A region that differs from its beginning does so because of the one before it, and is left out where that differs.
    """
    firsts: set[tuple[str, str]] = set()
    for region in interpreter.regions:
        names = ("", *(step for step, _ in interpreter.steps[region.name]), END)
        keys = ((region.name, name) for name in names)
        first = next((key for key in keys if key in found and key in expected and found[key] != expected[key]), None)
        if first is not None and first[1] != "":
            firsts.add(first)
    if not firsts and tell_apart(expected, found):
        firsts.add((OUTPUT, ""))
    return firsts


def _comes_to(interpreter: Interpreter, expected: Marks, step: tuple[str, str]) -> bool:
    """Whether an event passes everything before a step."""
    region, name = step
    names = ["", *(other for other, _ in interpreter.steps[region])]
    before = names[names.index(name) - 1] if name in names[1:] else ""
    return bool(expected.get((region, before), False))
