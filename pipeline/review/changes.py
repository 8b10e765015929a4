"""What is different between two states of a review, part by part, in words."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.review.parts import Decided, Part, digest_part, list_parts, name_part, word_part
from schemas.criteria import Question
from schemas.review import Change, Mark, ReviewState

Parts = Mapping[str, Part]


class _Facet(NamedTuple):
    """Something about a part beside what it asks for, before and after."""

    before: str
    after: str


def list_changes(
    before: ReviewState, after: ReviewState, renamed: Mapping[str, str] | None = None, moved: str | None = None
) -> tuple[Change, ...]:
    """One change per part that is another, stands elsewhere or is marked otherwise, in the order of the page.

    `renamed` gives new addresses by the old ones, `moved` is the part that somebody moved: without it, the fewest
    parts that make the one order from the other are told.
    """
    renamed = renamed or {}
    old = {renamed.get(p.address, p.address): p for p in list_parts(before.criteria)}
    new = {p.address: p for p in list_parts(after.criteria)}
    return (
        *_list_gone(old, new),
        *_list_different(old, new, renamed),
        *_list_moved(old, new, renamed, moved),
        *_list_marks(before, after),
    )


def _list_gone(old: Parts, new: Parts) -> Iterator[Change]:
    for address, part in old.items():
        if address not in new:
            yield Change(part=part.address, before=word_part(part.value), after=None)


def _list_different(old: Parts, new: Parts, renamed: Mapping[str, str]) -> Iterator[Change]:
    for address, part in new.items():
        past = old.get(address)
        if past is None:
            yield Change(part=address, before=None, after=word_part(part.value))
            continue
        facets = list(_list_facets(past, part, renamed))
        if facets or (past.value is not part.value and digest_part(past.value) != digest_part(part.value)):
            yield _tell(past, part, facets)


def _tell(past: Part, part: Part, facets: Sequence[_Facet]) -> Change:
    if isinstance(past.value, Question) and isinstance(part.value, Question) and past.value.text == part.value.text:
        before, after = "; ".join(f.before for f in facets), "; ".join(f.after for f in facets)
        return Change(part=part.address, before=before or "otherwise", after=after or "changed")
    told = [
        word_part(value) + (f" ({'; '.join(side)})" if side else "")
        for value, side in ((past.value, [f.before for f in facets]), (part.value, [f.after for f in facets]))
    ]
    return Change(part=part.address, before=told[0], after=told[1])


def _list_facets(past: Part, part: Part, renamed: Mapping[str, str]) -> Iterator[_Facet]:
    """What is different beside what the part asks for: its name, owner, status, answer, quotes, note."""
    if past.value is not part.value and past.address.partition("#")[0] != part.address.partition("#")[0]:
        yield _Facet(name_part(past.address), name_part(part.address))
    if past.owner != part.owner and renamed.get(past.owner or "", past.owner) != part.owner:
        yield _Facet(f"in {name_part(past.owner or '')}", f"in {name_part(part.owner or '')}")
    one, other = past.value, part.value
    if isinstance(one, Question) and isinstance(other, Question):
        if one.answer != other.answer:
            yield _Facet(_word_answer(one), _word_answer(other))
        yield from _tell_quotes(len(one.evidence), len(other.evidence), one.evidence != other.evidence)
        return
    if isinstance(one, Decided) and isinstance(other, Decided):
        if (one.status, one.by) != (other.status, other.by):
            yield _Facet(_word_status(one), _word_status(other))
        yield from _tell_quotes(len(one.evidence), len(other.evidence), one.evidence != other.evidence)
    notes = [None if isinstance(value, Question) else value.note for value in (one, other)]
    if notes[0] != notes[1]:
        yield _Facet(*(f"note: {note}" if note else "no note" for note in notes))


def _tell_quotes(before: int, after: int, different: bool) -> Iterator[_Facet]:
    if different:
        words = [f"{n} quote{'' if n == 1 else 's'}" if n else "no quote" for n in (before, after)]
        yield _Facet(words[0], words[1] if before != after else f"{words[1]}, others")


def _list_moved(old: Parts, new: Parts, renamed: Mapping[str, str], moved: str | None) -> Iterator[Change]:
    lists: dict[tuple[str, str | None], list[str]] = {}
    for address, part in new.items():
        past = old.get(address)
        if past is not None and renamed.get(past.owner or "", past.owner) == part.owner:
            lists.setdefault((part.kind, part.owner), []).append(address)
    for (_, owner), addresses in lists.items():
        places = [old[a].index for a in addresses]
        if places == sorted(places):
            continue
        kept = _find_kept(places)
        told = [moved] if moved in addresses else [a for k, a in enumerate(addresses) if k not in kept]
        where = f" in {name_part(owner)}" if owner else ""
        for address in told:
            if address is not None:
                before, after = _word_place(old[address].index), _word_place(new[address].index)
                yield Change(part=address, before=f"{before}{where}", after=f"{after}{where}")


def _find_kept(places: Sequence[int]) -> frozenset[int]:
    """Indices of the longest run of entries that keep their order: patience sorting."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for k, place in enumerate(places):
        n = bisect_left(tails, place)
        previous.append(ends[n - 1] if n else None)
        tails[n : n + 1] = [place]
        ends[n : n + 1] = [k]
    kept: set[int] = set()
    at = ends[-1] if ends else None
    while at is not None:
        kept.add(at)
        at = previous[at]
    return frozenset(kept)


def _word_place(index: int) -> str:
    number = index + 1
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _list_marks(before: ReviewState, after: ReviewState) -> Iterator[Change]:
    old, new = ({m.threshold: m for m in state.marks} for state in (before, after))
    for threshold in dict.fromkeys((*old, *new)):
        one, other = old.get(threshold), new.get(threshold)
        shown = one or other
        if shown is not None:
            words = _word_mark(one, shown), _word_mark(other, shown)
            if words[0] != words[1]:  # who said the same again, later, said nothing new
                yield Change(part=threshold, before=words[0], after=words[1])


def _word_mark(mark: Mark | None, shown: Mark) -> str:
    if mark is None:
        return f"{shown.text} (unclaimed)"
    what = f"belongs to {name_part(mark.part)}" if mark.part else "no requirement"
    return f"{mark.text} ({what}, says {mark.by})"


def _word_status(part: Decided) -> str:
    return f"{part.status} by {part.by}" if part.by else part.status


def _word_answer(question: Question) -> str:
    answer = question.answer
    if answer is None:
        return "open"
    chosen = next((a.text for a in question.alternatives if a.key == answer.alternative), answer.alternative)
    return f"{chosen if chosen is not None else answer.text}, says {answer.by}"
