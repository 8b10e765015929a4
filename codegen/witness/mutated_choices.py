"""Candidates chosen in another way: by something else, together, in another order, or after a cut that comes later."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from codegen.witness.mutant import Mutant
from schemas.criteria import Candidate, Cut, ObjectDefinition, Region, SelectionCriteria, Threshold

MEMBERS = re.compile(r"\b(\w+)\.(\w+)\b")
NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
CALL = re.compile(r"[\w.]+(\([\w\[\]., ]*\))?")


def list_choices(criteria: SelectionCriteria) -> Iterator[Mutant]:
    """Criteria whose candidates are chosen in another way. Not all of them are valid."""
    for k, candidate in enumerate(criteria.candidates):
        if candidate.pair is not None and candidate.pairing is None:
            yield from _list_scores(criteria, k)
            yield from _list_shared(criteria, k)
            for j in range(k + 1, len(criteria.candidates)):
                if is_chosen_after(candidate, criteria.candidates[j]):
                    yield from _list_joint(criteria, k, j)
                    yield from _list_exchanged(criteria, k, j)
        elif candidate.pairing is not None:
            yield from _list_split(criteria, k)
    yield from list_early_cuts(criteria)


def is_chosen_after(one: Candidate, other: Candidate) -> bool:
    """Whether two pairs are chosen from the same objects in the same way, the second from what the first leaves."""
    return (
        one.pair == other.pair
        and one.pairing is None
        and other.pairing is None
        and one.require == other.require
        and set(other.exclude) == {one.name, *one.exclude}
        and bool(find_score(one))
        and bool(find_score(other))
    )


def find_score(candidate: Candidate) -> str | None:
    """What a candidate minimises, as one expression; None where it has none, or several."""
    if candidate.maximise is not None:
        return f"-({candidate.maximise})"
    scores = (candidate.minimise,) if isinstance(candidate.minimise, str) else candidate.minimise or ()
    return scores[0] if len(scores) == 1 else None


def _put(criteria: SelectionCriteria, k: int, *new: Candidate, drop: int | None = None) -> SelectionCriteria:
    """The criteria with other candidates in one place, without the later candidate `drop`."""
    candidates = criteria.candidates
    rest = (c for j, c in enumerate(candidates) if j > k and j != drop)
    return criteria.model_copy(update={"candidates": (*candidates[:k], *new, *rest)})


def _list_scores(criteria: SelectionCriteria, k: int) -> Iterator[Mutant]:
    """A pair that is chosen by something else."""
    one = criteria.candidates[k]
    for update, text in (
        ({"minimise": None, "maximise": f"pt({one.name})"}, "by the largest pT"),
        ({"minimise": None, "maximise": f"mass({one.name})"}, "by the largest mass"),
        ({"minimise": f"mass({one.name})", "maximise": None}, "by the smallest mass"),
        ({"minimise": f"deltaR({one.name})", "maximise": None}, "by the smallest distance of its members"),
    ):
        yield Mutant("choice", one.name, text, _put(criteria, k, one.model_copy(update=update)))
    if one.maximise is not None:
        first = one.model_copy(update={"maximise": None})
        yield Mutant("choice", one.name, "the first combination", _put(criteria, k, first))


def _list_shared(criteria: SelectionCriteria, k: int) -> Iterator[Mutant]:
    """A pair that is another one than those before it, but may have a member in common with them."""
    one = criteria.candidates[k]
    before = [c.name for c in criteria.candidates[:k] if c.name in one.exclude and c.pair == one.pair]
    if before and not one.select:
        zero = Threshold(value=0, unit="GeV")
        others = tuple(
            Cut(id=f"{one.name}_not_{name}", variable=f"abs(mass({one.name}) - mass({name}))", operator=">",
                threshold=zero)
            for name in before
        )  # fmt: skip
        shared = one.model_copy(update={"exclude": (), "select": others})
        text = f"one member of {' or '.join(before)} allowed"
        yield Mutant("exclude", one.name, text, _put(criteria, k, shared))


def _list_joint(criteria: SelectionCriteria, k: int, j: int) -> Iterator[Mutant]:
    """Pairs that are chosen together. By the first score, then the second, is no other choice of two pairs where
    neither has cuts of its own."""
    one, other = criteria.candidates[k], criteria.candidates[j]
    a, b = find_score(one), find_score(other)
    ways: list[tuple[str, tuple[str, ...]]] = [
        ("by the sum of the scores", (f"({a}) + ({b})", str(a))),
        ("by the sum of the scores, in any order", (f"({a}) + ({b})",)),
        ("by the worse of the scores", (f"max({a}, {b})", str(a))),
    ]
    if one.select or other.select:
        ways.append(("by the first score, then the second", (str(a), str(b))))
    for text, scores in ways:
        both = Candidate(
            name=f"{one.name}_and_{other.name}", pair=one.pair, pairing=(one.name, other.name), require=one.require,
            exclude=one.exclude, select=(*one.select, *other.select), minimise=scores,
        )  # fmt: skip
        yield Mutant("choice", one.name, f"together with {other.name}, {text}", _put(criteria, k, both, drop=j))


def _list_exchanged(criteria: SelectionCriteria, k: int, j: int) -> Iterator[Mutant]:
    """The second pair chosen first, the first one from what is left."""
    one, other = criteria.candidates[k], criteria.candidates[j]
    between = criteria.candidates[k + 1 : j]
    if any(one.name in (*(c.sum or ()), *c.exclude) for c in between):
        return
    first = other.model_copy(update={"exclude": one.exclude})
    second = one.model_copy(update={"exclude": (*one.exclude, other.name)})
    yield Mutant("choice", one.name, f"after {other.name}", _put(criteria, k, first, second, drop=j))


def _list_split(criteria: SelectionCriteria, k: int) -> Iterator[Mutant]:
    """Pairs that are chosen one after the other instead of together, each by the score that is about it."""
    one = criteria.candidates[k]
    names = one.pairing or ()
    scores = (one.minimise,) if isinstance(one.minimise, str) else one.minimise or ()
    if len(scores) == len(names):
        split = [
            Candidate(name=name, pair=one.pair, require=one.require, minimise=score, exclude=(*one.exclude, *names[:j]))
            for j, (name, score) in enumerate(zip(names, scores, strict=True))
        ]
        whole = Candidate(name=one.name, sum=names)
        text = "the pairs one after the other instead of together"
        yield Mutant("choice", one.name, text, _put(criteria, k, *split, whole))


# ---------------------------------------------------------------------- cuts before the choice


def list_early_cuts(criteria: SelectionCriteria) -> Iterator[Mutant]:
    """Cuts of regions on a chosen candidate, or on its members, that are applied before it is chosen as well."""
    for region in criteria.regions:
        for step in _list_steps(region):
            for k, candidate in enumerate(criteria.candidates):
                moved = [_move_to_candidate(cut, candidate, criteria) for cut in step]
                known = tuple(cut for cut in moved if cut is not None)
                if known and len(known) == len(moved):
                    new = candidate.model_copy(update={"select": (*candidate.select, *known)})
                    yield Mutant("early cut", step[0].id, f"before {candidate.name} is chosen", _put(criteria, k, new))
            if len(step) == 1:
                yield from _list_object_cuts(criteria, step[0])


def _list_steps(region: Region) -> list[list[Cut]]:
    """The cuts of a region, alternatives together."""
    kept = [c for c in region.cuts if c.status != "rejected" and c.words is None]
    return [list(cuts) for _, cuts in groupby(kept, lambda c: c.group or c.id)]


def _move_to_candidate(cut: Cut, candidate: Candidate, criteria: SelectionCriteria) -> Cut | None:
    """A cut of a region as one on the combinations of a candidate; None where it is about something else."""
    own = {candidate.name, *(candidate.pairing or ())}
    if not (candidate.pair or candidate.assign):
        return None
    texts = [_expand(t, criteria) for t in (cut.variable, _read_limit(cut.threshold), cut.condition or "")]
    made = {n for c in criteria.candidates for n in (c.name, *(c.pairing or ()))}
    things = {*made, *(o.name for o in criteria.objects)}
    named = {name for text in texts for name in NAME.findall(text) if name in things}
    if not named or not named <= own or "count(" in texts[0]:
        return None
    update: dict[str, object] = {"id": f"{cut.id}_before", "variable": texts[0]}
    if cut.threshold is not None and cut.threshold.expression is not None:
        update["threshold"] = cut.threshold.model_copy(update={"expression": texts[1]})
    if cut.condition is not None:
        update["condition"] = texts[2]
    if cut.group is not None:
        update["group"] = f"{cut.group}_before"
    return cut.model_copy(update=update)


def _read_limit(threshold: Threshold | None) -> str:
    return (threshold.expression or "") if threshold is not None else ""


def _expand(text: str, criteria: SelectionCriteria) -> str:
    """An expression with every variable written out."""
    meanings = {v.name: v.expression for v in criteria.variables if v.expression is not None}
    for _ in range(len(meanings)):
        new = NAME.sub(lambda m: _bracket(meanings[m[0]]) if m[0] in meanings else m[0], text)
        if new == text:
            break
        text = new
    return text


def _bracket(expression: str) -> str:
    """An expression as a part of another one."""
    return expression if CALL.fullmatch(expression) else f"({expression})"


def _list_object_cuts(criteria: SelectionCriteria, cut: Cut) -> Iterator[Mutant]:
    """A cut on the members of a candidate that all objects of the event must pass before the choice."""
    made = {c.name for c in criteria.candidates}
    owners: Sequence[tuple[str, str]] = [
        (m[1], m[2]) for m in MEMBERS.finditer(cut.variable) if m[1] in made and "pairs(" not in cut.variable
    ]
    if not owners or "[" in cut.variable or cut.group is not None or cut.quantifier == "any":
        return
    for k, definition in enumerate(criteria.objects):
        names = {owner for owner, part in owners if part == definition.name}
        if len(names) == 1:
            variable = re.sub(rf"\b\w+\.{definition.name}\.", "", cut.variable)
            moved = cut.model_copy(update={"id": f"{cut.id}_before", "variable": variable})
            text = f"on all {definition.name} before {names.pop()} is chosen"
            yield Mutant("early cut", cut.id, text, _with_cut(criteria, k, definition, moved))


def _with_cut(criteria: SelectionCriteria, k: int, definition: ObjectDefinition, cut: Cut) -> SelectionCriteria:
    new = definition.model_copy(update={"cuts": (*definition.cuts, cut)})
    return criteria.model_copy(update={"objects": (*criteria.objects[:k], new, *criteria.objects[k + 1 :])})
