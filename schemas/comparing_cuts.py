"""Compares the cuts of two criteria documents: what changed in which cut, their order, and what is joined by "or"."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from schemas.criteria import Candidate, Cut, NamedVariable, OverlapRemoval, OverlapStep
from schemas.cut_words import word_cut
from schemas.difference import Change
from schemas.difference_words import list_differences, narrow
from schemas.expressions.canonical import join_alternatives
from schemas.matching import OwnedCut, match_cuts

PROVENANCE = ("evidence", "origin", "agreement", "by", "history", "note")

Part = Cut | OverlapRemoval | OverlapStep | Candidate | NamedVariable
Pairs = Sequence[tuple[OwnedCut, OwnedCut]]


def compare_cuts(
    first: Sequence[OwnedCut], second: Sequence[OwnedCut], told: set[str], rejected: Sequence[frozenset[str]]
) -> list[Change]:
    """What changed in the cuts. Cuts of the owners in `told` are neither added nor removed: the owner is.

    `rejected` are the ids of the rejected cuts of both documents, which are not among the cuts.
    """
    joined = list(_match_groups(first, second))
    taken = {id(c) for sides in joined for side in sides for c in side}
    pairs = match_cuts([c for c in first if id(c) not in taken], [c for c in second if id(c) not in taken])
    matched = [taken | {id(a) for a, _ in pairs}, taken | {id(b) for _, b in pairs}]
    changes: list[Change] = []
    for before, after in joined:
        words = [" or ".join(word_cut(c.checked.cut) for c in side) for side in (before, after)]
        where = f"{before[0].owner}, cut {before[0].id}"
        changes.append(Change(effect="none", kind="spelled", where=where, before=words[0], after=words[1]))
    for cut in (c for c in first if id(c) not in matched[0] and c.owner not in told):
        what = word_cut(cut.checked.cut) + (" (rejected now)" if cut.id in rejected[1] else "")
        changes.append(Change(effect="selection", kind="removed", where=f"{cut.owner}, cut {cut.id}", before=what))
    for cut in (c for c in second if id(c) not in matched[1] and c.owner not in told):
        what = word_cut(cut.checked.cut) + (" (was rejected)" if cut.id in rejected[0] else "")
        changes.append(Change(effect="selection", kind="added", where=f"{cut.owner}, cut {cut.id}", after=what))
    for a, b in pairs:
        changes += _compare_cut(a, b)
    where_in_second = {id(c): k for k, c in enumerate(second)}
    steps = sorted([*pairs, *((a[0], b[0]) for a, b in joined)], key=lambda pair: where_in_second[id(pair[1])])
    changes += _compare_order(steps, {c.id: k for k, c in enumerate(first)})
    changes += _compare_groups(pairs)
    return changes


def _match_groups(
    first: Sequence[OwnedCut], second: Sequence[OwnedCut]
) -> Iterator[tuple[Sequence[OwnedCut], Sequence[OwnedCut]]]:
    """One cut in one document, and cuts joined by "or" in the other, that ask the same of the same things."""
    for singles, others, swapped in ((first, second, False), (second, first, True)):
        groups: dict[tuple[str, str], list[OwnedCut]] = {}
        for c in others:
            if c.checked.cut.group is not None:
                groups.setdefault((c.owner, c.checked.cut.group), []).append(c)
        free = [c for c in singles if c.checked.cut.group is None]
        for (owner, _), members in groups.items():
            form = join_alternatives(c.written_out for c in members)
            same = [c for c in free if c.owner == owner and c.written_out == form]
            if len(members) > 1 and same and not any(same[0].means(c) for c in others):
                free.remove(same[0])
                yield (members, same[:1]) if swapped else (same[:1], members)


def tell_origin(where: str, before: Part, after: Part) -> Iterator[Change]:
    """Where it comes from, and what a person made of it."""
    told = [f for f in PROVENANCE if getattr(before, f) != getattr(after, f)]
    literals = [c.threshold.literal if isinstance(c, Cut) and c.threshold else None for c in (before, after)]
    told += ["literal"] if literals[0] != literals[1] else []
    if told:
        yield Change(effect="none", kind="provenance", where=where, field=", ".join(told))
    if before.status != after.status:
        yield Change(
            effect="none", kind="provenance", where=where, field="status", before=before.status, after=after.status
        )


def _compare_cut(a: OwnedCut, b: OwnedCut) -> Iterator[Change]:
    where = f"{a.owner}, cut {a.id}"
    if a.owner != b.owner:
        yield Change(effect="selection", kind="moved", where=where, before=a.owner, after=b.owner)
    if a.id != b.id:
        yield Change(effect="none", kind="renamed", where=where, before=a.id, after=b.id)
    mine, theirs = a.checked.cut, b.checked.cut
    same = a.means(b)
    told = list_differences(mine, theirs, a.fields, b.fields)
    for field, before, after, alike in told:
        if same:
            yield Change(effect="none", kind="spelled", where=where, field=field, before=before, after=after)
        elif not alike:
            yield Change(effect="selection", kind="changed", where=where, field=field, before=before, after=after)
    if not same and all(alike for *_, alike in told):
        yield Change(effect="selection", kind="changed", where=where, before=word_cut(mine), after=word_cut(theirs))
    yield from tell_origin(where, mine, theirs)


def _compare_order(pairs: Pairs, places: Mapping[str, int]) -> Iterator[Change]:
    """Cuts of events in another order make another cutflow; those of objects have no order."""
    for owner in dict.fromkeys(a.owner for a, b in pairs if a.owner == b.owner):
        new = [a.id for a, b in pairs if a.owner == b.owner == owner]
        old = sorted(new, key=places.__getitem__)
        if old != new:
            low, high = narrow(old, new)
            before, after = ", ".join(old[low:high]), ", ".join(new[low:high])
            yield Change(
                effect="cutflow" if owner.startswith("region ") else "none", kind="reordered", where=owner,
                field="cuts", before=before, after=after,
            )  # fmt: skip


def _compare_groups(pairs: Pairs) -> Iterator[Change]:
    """Which cuts are joined by "or"; what a group is called only names its step."""
    partners = {b.id: a.id for a, b in pairs}
    first = _collect((a for a, _ in pairs), {})
    second = _collect((b for _, b in pairs), partners)
    done: set[frozenset[str]] = set()
    for a, b in pairs:
        before, after = first.get(a.id, frozenset()), second.get(a.id, frozenset())
        old, new = a.checked.cut.group, b.checked.cut.group
        if before != after and not {before, after} & done:
            shown = [" or ".join(sorted(ids)) or "not joined" for ids in (before, after)]
            where = f"{a.owner}, cut {a.id}"
            yield Change(
                effect="selection", kind="changed", where=where, field="group", before=shown[0], after=shown[1]
            )
            done |= {g for g in (before, after) if g}
        elif before == after and before and old != new and before not in done:
            yield Change(effect="none", kind="renamed", where=a.owner, field="group", before=old, after=new)
            done.add(before)


def _collect(owned: Iterable[OwnedCut], names: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """By id of a cut the ids of all that are joined with it; `names` maps ids to those of the first document."""
    groups: dict[tuple[str, str], set[str]] = {}
    for c in owned:
        if c.checked.cut.group is not None:
            groups.setdefault((c.owner, c.checked.cut.group), set()).add(names.get(c.id, c.id))
    return {i: frozenset(ids) for ids in groups.values() if len(ids) > 1 for i in ids}
