"""Compares two criteria documents by meaning."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from schemas.checked_candidate import CheckedCandidate
from schemas.checked_cut import CheckedCut
from schemas.comparing_cuts import Part, compare_cuts, tell_origin
from schemas.criteria import (
    Candidate,
    NamedVariable,
    ObjectDefinition,
    OverlapStep,
    Question,
    Region,
    SelectionCriteria,
)
from schemas.cut_words import word_number, word_object, word_variable
from schemas.difference import Change, Difference, Effect, Kind
from schemas.difference_words import list_sources, word_answer, word_definitions, word_part
from schemas.expressions.canonical import Canon, Form
from schemas.expressions.nodes import Node
from schemas.matching import OwnedCut, list_in_order, make_owned, match_named
from schemas.remarks import list_used_names
from schemas.validation import CheckedCriteria, check_criteria, list_cuts

ORDER = ("selection", "cutflow", "outputs", "unused", "none")


def compare_criteria(first: SelectionCriteria, second: SelectionCriteria) -> Difference:
    """What changed from the first document to the second. Raises CriteriaError when one of them is not valid.

    The same value in another unit is no change; a definition or cut with another name and the same content is renamed.
    Rejected cuts count as absent.
    """
    comparing = _Comparing(check_criteria(first), check_criteria(second))
    changes = comparing.run()
    return Difference(changes=tuple(sorted(changes, key=lambda c: ORDER.index(c.effect))))


class _Comparing:
    """One comparison. `names` maps a definition's name in the second document to that in the first."""

    def __init__(self, a: CheckedCriteria, b: CheckedCriteria) -> None:
        self.a, self.b = a, b
        self.used = list_used_names(a), list_used_names(b)
        self.names: dict[str, str] = {}
        self.regions: dict[str, str] = {}
        self.changes: list[Change] = []
        self.roles: dict[tuple[str, str], str] = {}  # (assignment, role in the second document) -> role in the first
        self._plain = (Canon(), Canon(self.names, None, self.roles))
        self._out = (Canon(None, a.variables), Canon(self.names, b.variables, self.roles))

    def run(self) -> list[Change]:
        a, b = self.a.criteria, self.b.criteria
        self._describe(a, b)
        objects = match_named(a.objects, b.objects, _name, self._alike_objects, self._similar_objects, self._learn)
        self._report_definitions("object", word_definitions(a.objects), word_definitions(b.objects), _pairs(objects))
        for one, other in objects:
            self._compare_object(one, other)
        self._compare_steps(a.overlap, b.overlap)
        made = match_named(
            a.candidates, b.candidates, _name, self._alike_candidates, self._similar_candidates, self._learn
        )
        self._report_definitions(
            "candidate", word_definitions(a.candidates), word_definitions(b.candidates), _pairs(made)
        )
        for first, second in made:
            self._compare_candidate(first, second)
        variables = match_named(a.variables, b.variables, _name, self._alike_variables, _never, self._learn)
        self._report_definitions(
            "variable", word_definitions(a.variables), word_definitions(b.variables), _pairs(variables)
        )
        for before, after in variables:
            self._compare_variable(before, after)
        regions = match_named(a.regions, b.regions, _name, self._alike_regions, _share_cuts, self.regions.__setitem__)
        self._report_definitions("region", word_definitions(a.regions), word_definitions(b.regions), _pairs(regions))
        for old, new in regions:
            parent = self.regions.get(new.parent, new.parent) if new.parent is not None else None
            if old.parent != parent:
                self._note("selection", "changed", f"region {old.name}", "parent", old.parent, new.parent)
            self._note_text(f"region {old.name}", old.note, new.note)
        listed = self._list_cuts(self.a, 0), self._list_cuts(self.b, 1)
        told = {c.where for c in self.changes if c.kind in ("added", "removed")}
        self.changes.extend(compare_cuts(*listed, told, [_list_rejected(a), _list_rejected(b)]))
        self._compare_outputs(a.outputs, b.outputs)
        self._compare_questions(a.questions, b.questions)
        return [self._weigh(change) for change in self.changes]

    def _weigh(self, change: Change) -> Change:
        """The change; of an object or a candidate that no cut and no output needs, as one of what is unused."""
        noun, _, rest = change.where.partition(" ")
        name = rest.partition(",")[0]
        if change.effect != "selection" or noun not in ("object", "candidate"):
            return change
        needed = self.used[0] | set(self._map(self.used[1]))
        return change if name in needed else change.model_copy(update={"effect": "unused"})

    # ------------------------------------------------------------------ notes

    def _note(
        self, effect: Effect, kind: Kind, where: str, field: str | None = None, before: str | None = None,
        after: str | None = None,
    ) -> None:  # fmt: skip
        self.changes.append(Change(effect=effect, kind=kind, where=where, field=field, before=before, after=after))

    def _note_text(self, where: str, before: str | None, after: str | None) -> None:
        if before != after:
            self._note("none", "described", where, "note", before, after)

    def _note_origin(self, where: str, before: Part, after: Part) -> None:
        self.changes.extend(tell_origin(where, before, after))

    def _learn(self, new: str, old: str) -> None:
        self.names[new] = old

    def _map(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.names.get(n, n) for n in names)

    def _report_definitions(
        self, noun: str, first: Mapping[str, str], second: Mapping[str, str], pairs: Mapping[str, str]
    ) -> None:
        """What only one document has, what was renamed, and another order. `pairs` maps second names to first ones."""
        for name, words in first.items():
            if name not in pairs.values():
                used = noun == "region" or name in self.used[0]
                self._note("selection" if used else "unused", "removed", f"{noun} {name}", None, words)
        for name, words in second.items():
            if name not in pairs:
                used = noun == "region" or name in self.used[1]
                self._note("selection" if used else "unused", "added", f"{noun} {name}", None, None, words)
            elif pairs[name] != name:
                self._note("none", "renamed", noun, None, pairs[name], name)
        old, new = list_in_order(tuple(first), tuple(pairs[n] for n in second if n in pairs))
        if old != new:
            self._note("none", "reordered", f"{noun}s", None, ", ".join(old), ", ".join(new))

    # ------------------------------------------------------------------ alike in content, under another name

    def _alike_objects(self, a: ObjectDefinition, b: ObjectDefinition) -> bool:
        mine = [c.plain for c in self._own(f"object {a.name}", self.a.objects[a.name], 0)]
        theirs = [c.plain for c in self._own("object ?", self.b.objects[b.name], 1)]
        return (
            list_sources(a) == self._map(list_sources(b))
            and sorted(map(repr, mine)) == sorted(map(repr, theirs))
            and self._form_removals(a, 0) == self._form_removals(b, 1)
        )

    def _alike_candidates(self, a: Candidate, b: Candidate) -> bool:
        names = {b.name: a.name, **dict(zip(b.pairing or (), a.pairing or (), strict=False))}
        kept = dict(self.names)
        self.names.update(names)
        same = all(x == y for x, y in self._list_parts(a, b).values())
        if not same:
            self.names.clear()
            self.names.update(kept)
        return same

    def _alike_variables(self, a: NamedVariable, b: NamedVariable) -> bool:
        return self._out[0].form(self.a.variables[a.name]) == self._out[1].form(self.b.variables[b.name])

    def _alike_regions(self, a: Region, b: Region) -> bool:
        mine = [c.written_out for c in self._own("region ?", self.a.regions[a.name], 0)]
        theirs = [c.written_out for c in self._own("region ?", self.b.regions[b.name], 1)]
        parent = self.regions.get(b.parent, b.parent) if b.parent is not None else None
        return mine == theirs and a.parent == parent

    def _similar_objects(self, a: ObjectDefinition, b: ObjectDefinition) -> bool:
        """Made from the same, with cuts of the same name."""
        shared = {c.id for c in a.cuts} & {c.id for c in b.cuts}
        return list_sources(a) == self._map(list_sources(b)) and 2 * len(shared) > max(len(a.cuts), len(b.cuts))

    def _similar_candidates(self, a: Candidate, b: Candidate) -> bool:
        """Built in the same way from the same collection, with another choice."""
        parts = self._list_parts(a, b)
        same = [field for field, (x, y) in parts.items() if x == y]
        return a.pair is not None and "made from" in same and len(same) >= len(parts) - 1

    def _own(self, owner: str, cuts: Iterable[CheckedCut], side: int) -> list[OwnedCut]:
        return [make_owned(owner, cut, self._plain[side], self._out[side]) for cut in cuts]

    # ------------------------------------------------------------------ definitions of the same name

    def _compare_object(self, a: ObjectDefinition, b: ObjectDefinition) -> None:
        where = f"object {a.name}"
        if (a.union is None, list_sources(a)) != (b.union is None, self._map(list_sources(b))):
            self._note("selection", "changed", where, "made from", word_object(a), word_object(b))
        self._note_text(where, a.note, b.note)
        mine, theirs = self._form_removals(a, 0), self._form_removals(b, 1)
        entries = {r.with_: r for r in a.remove_overlap}, {self._map([r.with_])[0]: r for r in b.remove_overlap}
        for near in dict.fromkeys((*entries[0], *entries[1])):
            before, after = mine.get(near), theirs.get(near)
            about = f"{where}, overlap with {near}"
            if before != after:
                kind: Kind = "changed" if before and after else "added" if after else "removed"
                shown = [None if r is None else f"ΔR < {word_number(r)}" for r in (before, after)]
                self._note("selection", kind, about, "deltaR" if before and after else None, *shown)
            if near in entries[0] and near in entries[1]:
                self._note_origin(about, entries[0][near], entries[1][near])

    def _form_removals(self, definition: ObjectDefinition, side: int) -> dict[str, float]:
        """The distance for each collection; of several entries for one, the largest decides."""
        found: dict[str, float] = {}
        for r in definition.remove_overlap:
            if r.status != "rejected":
                near = r.with_ if side == 0 else self._map([r.with_])[0]
                found[near] = max(found.get(near, 0.0), r.deltaR)
        return found

    def _compare_steps(self, a: Sequence[OverlapStep], b: Sequence[OverlapStep]) -> None:
        def form(step: OverlapStep, side: int) -> str:
            names = (step.remove, step.near) if side == 0 else self._map((step.remove, step.near))
            return " near ".join(names)

        first = {form(s, 0): s for s in a if s.status != "rejected"}
        second = {form(s, 1): s for s in b if s.status != "rejected"}
        for name in dict.fromkeys((*first, *second)):
            before, after = first.get(name), second.get(name)
            where = f"overlap, {name}"
            if before is None or after is None or before.deltaR != after.deltaR:
                kind: Kind = "changed" if before and after else "added" if after else "removed"
                shown = [None if s is None else f"ΔR < {word_number(s.deltaR)}" for s in (before, after)]
                self._note("selection", kind, where, "deltaR" if before and after else None, *shown)
            if before is not None and after is not None:
                self._note_origin(where, before, after)
        old, new = list_in_order(tuple(first), tuple(second))
        if old != new:
            self._note("selection", "reordered", "overlap", None, "; ".join(old), "; ".join(new))

    def _list_parts(self, a: Candidate, b: Candidate) -> dict[str, tuple[object, object]]:
        """Each part of two candidates as forms that can be compared; select cuts are compared as cuts."""
        one, other = self.a.candidates[a.name], self.b.candidates[b.name]
        mine, theirs = self._plain
        called = self._learn_roles(one, other)

        def roles(made: CheckedCandidate, canon: Canon, called: Mapping[str, str]) -> tuple[tuple[str, Form], ...]:
            return tuple((called.get(role, role), canon.form(node)) for role, node in made.roles.items())

        def require(candidate: Candidate, called: Mapping[str, str]) -> list[str]:
            asked = [{r: ""} if isinstance(r, str) else r for r in candidate.require]
            return sorted({f"{flag} {called.get(role, role)}" for one in asked for flag, role in one.items()})

        def scores(made: CheckedCandidate, canon: Canon) -> tuple[Form, ...]:
            return tuple(canon.form(node) for node in made.scores)

        def source(node: Node | None, canon: Canon) -> Form | None:
            return canon.form(node) if node is not None else None

        return {
            "made from": (
                (source(one.source, mine), roles(one, mine, {}), a.n, sorted(a.sum or ())),
                (source(other.source, theirs), roles(other, theirs, called), b.n, sorted(self._map(b.sum or ()))),
            ),
            "pairing": (a.pairing, None if b.pairing is None else self._map(b.pairing)),
            "exclude": (sorted(a.exclude), sorted(self._map(b.exclude))),
            "require": (require(a, {}), require(b, called)),
            "chosen by": (scores(one, mine), scores(other, theirs)),
        }

    def _learn_roles(self, a: CheckedCandidate, b: CheckedCandidate) -> dict[str, str]:
        """What the roles of an assignment are called in the first document, when they stand for the same objects."""
        name = a.candidate.name
        for key in [key for key in self.roles if key[0] == name]:
            del self.roles[key]
        sources = [
            [canon.form(node) for node in made.roles.values()] for made, canon in zip((a, b), self._plain, strict=True)
        ]
        called = dict(zip(b.roles, a.roles, strict=True)) if sources[0] == sources[1] else {}
        self.roles.update({(name, role): old for role, old in called.items()})
        return called

    def _compare_candidate(self, a: Candidate, b: Candidate) -> None:
        for new, old in zip(b.pairing or (), a.pairing or (), strict=False):
            self.names.setdefault(new, old)
        where = f"candidate {a.name}"
        for field, (before, after) in self._list_parts(a, b).items():
            if before != after:
                words = [word_part(c, field) for c in (a, b)]
                self._note("selection", "changed", where, field, *words)
        for (name, new_role), old_role in self.roles.items():
            if name == a.name and new_role != old_role:
                self._note("none", "renamed", f"{where}: role", None, old_role, new_role)
        self._note_origin(where, a, b)

    def _compare_variable(self, a: NamedVariable, b: NamedVariable) -> None:
        where = f"variable {a.name}"
        plain = [c.form(n) for c, n in zip(self._plain, self._nodes(a, b), strict=True)]
        if plain[0] != plain[1] and not self._alike_variables(a, b):
            used = a.name in self.used[0] or b.name in self.used[1]
            self._note("selection" if used else "unused", "changed", where, None, word_variable(a), word_variable(b))
        elif word_variable(a) != word_variable(b):
            self._note("none", "spelled", where, None, word_variable(a), word_variable(b))
        for field in ("unit", "note"):
            if getattr(a, field) != getattr(b, field):
                self._note("none", "described", where, field, getattr(a, field), getattr(b, field))
        self._note_origin(where, a, b.model_copy(update={"note": a.note}))
        if a.binning != b.binning:
            self._note("none", "described", where, "binning")

    def _nodes(self, a: NamedVariable, b: NamedVariable) -> tuple[Node, Node]:
        return self.a.variables[a.name], self.b.variables[b.name]

    # ------------------------------------------------------------------ cuts

    def _list_cuts(self, checked: CheckedCriteria, side: int) -> list[OwnedCut]:
        names, regions = (self.names, self.regions) if side else ({}, {})
        groups = [
            *((f"object {names.get(n, n)}", cuts) for n, cuts in checked.objects.items()),
            *((f"candidate {names.get(n, n)}", made.select) for n, made in checked.candidates.items()),
            *((f"region {regions.get(n, n)}", cuts) for n, cuts in checked.regions.items()),
        ]
        return list(chain.from_iterable(self._own(owner, cuts, side) for owner, cuts in groups))

    # ------------------------------------------------------------------ the rest

    def _compare_outputs(self, a: Sequence[str], b: Sequence[str]) -> None:
        new = self._map(b)
        for name in a:
            if name not in new:
                self._note("outputs", "removed", "outputs", None, name)
        for name in new:
            if name not in a:
                self._note("outputs", "added", "outputs", None, None, name)
        before, after = list_in_order(a, new)
        if before != after:
            self._note("none", "reordered", "outputs", None, ", ".join(before), ", ".join(after))

    def _compare_questions(self, a: Sequence[Question], b: Sequence[Question]) -> None:
        first, second = {q.id: q for q in a}, {q.id: q for q in b}
        for name in dict.fromkeys((*first, *second)):
            before, after = first.get(name), second.get(name)
            where = f"question {name}"
            if before is None or after is None:
                asked = before or after
                said = f"{asked.text} ({word_answer(asked)})" if asked else ""
                self._note("none", "question", where, None, said if before else None, said if after else None)
                continue
            if before.answer != after.answer:
                self._note("none", "question", where, "answer", word_answer(before), word_answer(after))
            fields = ("text", "why", "alternatives", "default", "cuts", "evidence", "agreement")
            told = [f for f in fields if getattr(before, f) != getattr(after, f)]
            if told:
                self._note("none", "question", where, ", ".join(told))

    def _describe(self, a: SelectionCriteria, b: SelectionCriteria) -> None:
        for field in type(a.analysis).model_fields:
            before, after = getattr(a.analysis, field), getattr(b.analysis, field)
            if before != after:
                shown = [None if v is None else str(v) for v in (before, after)]
                self._note("none", "described", "analysis", field, *shown)


def _list_rejected(criteria: SelectionCriteria) -> frozenset[str]:
    return frozenset(c.id for c in list_cuts(criteria) if c.status == "rejected")


def _never(a: object, b: object) -> bool:  # noqa: ARG001 - another name and another content: another thing
    return False


def _share_cuts(a: Region, b: Region) -> bool:
    shared = {c.id for c in a.cuts} & {c.id for c in b.cuts}
    return 2 * len(shared) > max(len(a.cuts), len(b.cuts))


def _name(part: ObjectDefinition | Candidate | NamedVariable | Region) -> str:
    return part.name


def _pairs(
    pairs: Iterable[tuple[ObjectDefinition, ObjectDefinition]]
    | Iterable[tuple[Candidate, Candidate]]
    | Iterable[tuple[NamedVariable, NamedVariable]]
    | Iterable[tuple[Region, Region]],
) -> dict[str, str]:
    return {b.name: a.name for a, b in pairs}
