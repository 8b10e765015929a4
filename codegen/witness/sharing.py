"""What criteria with one mistake have in common with the original need not be worked out again for an event."""

from collections.abc import Mapping
from typing import NamedTuple

from codegen.witness.evaluate import Interpreter, Look, Outcome
from codegen.witness.stored import Event
from codegen.witness.values import Entry


class Common(NamedTuple):
    """What two documents have in common: from the objects on, each part is common only if the parts before it are.

    `cuts` are the region cuts that give the same outcome in both.
    """

    objects: bool
    candidates: bool
    variables: bool
    cuts: frozenset[str]


def find_common(original: Interpreter, other: Interpreter) -> Common:
    """The parts of two documents, in one format, that give the same for every event."""
    a, b = original.checked.criteria, other.checked.criteria
    same = original.profile == other.profile and original.missing == other.missing
    objects = same and a.objects == b.objects and a.overlap == b.overlap
    candidates = objects and a.candidates == b.candidates
    variables = candidates and a.variables == b.variables
    if not variables:
        return Common(objects, candidates, variables, frozenset())
    known = {c.id: c for region in a.regions for c in region.cuts}
    cuts = frozenset(c.id for region in b.regions for c in region.cuts if known.get(c.id) == c)
    return Common(objects, candidates, variables, cuts)


ALL = Common(True, True, True, frozenset())


def run_alike(
    other: Interpreter, common: Common, look: Look, event: Event, force: Mapping[Entry, bool] | None = None
) -> Outcome:
    """What becomes of an event in other criteria, briefly. `look` is the event in the original, finished.

    `force` overrides the outcome of cuts. Only `last` and `outputs` of the outcome, and the cuts that it needed, are
    there.
    """
    known: dict[Entry, bool] = {(name, ()): v for name, v in look.passed.items() if name in common.cuts}
    again = other.look(event, {**known, **(force or {})}, look.shake)
    if common.objects:
        again.things, again.state, again.removed = dict(look.things), dict(look.state), look.removed
    if common.candidates:
        again.candidates, again.composites = dict(look.candidates), dict(look.composites)
    if common.variables:
        again.variables = dict(look.variables)
    return again.finish(brief=True)


def share_choices(look: Look, other: Look) -> None:
    """Let another look at the same event, in the same criteria, have the collections and candidates of a first one."""
    other.things, other.state, other.removed = dict(look.things), dict(look.state), look.removed
    other.candidates, other.composites = dict(look.candidates), dict(look.composites)
