"""What an action changed, part by part, in words."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.review.parts import Decided, Part, digest_part, list_parts, name_part, word_part
from schemas.criteria import Question
from schemas.review import Change, Mark, ReviewState


class _Facet(NamedTuple):
    """Something about a part beside what it asks for, before and after."""

    before: str
    after: str


def list_changes(before: ReviewState, after: ReviewState, renamed: Mapping[str, str]) -> tuple[Change, ...]:
    """One change per part that is another, in the order of the page; `renamed` gives new addresses by the old ones."""
    return (*_list_parts(before, after, renamed), *_list_marks(before, after))


def tell_place(part: Part, of: int) -> str:
    """Where a part stands: "2nd of 7 in region 'preselection'"."""
    number = part.index + 1
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} of {of}" + (f" in {name_part(part.owner)}" if part.owner else "")


def _list_parts(before: ReviewState, after: ReviewState, renamed: Mapping[str, str]) -> Iterator[Change]:
    old = {renamed.get(p.address, p.address): p for p in list_parts(before.criteria)}
    new = {p.address: p for p in list_parts(after.criteria)}
    for address, part in old.items():
        if address not in new:
            yield Change(part=part.address, before=word_part(part.value), after=None)
    for address, part in new.items():
        past = old.get(address)
        if past is None:
            yield Change(part=address, before=None, after=word_part(part.value))
        elif past.owner != part.owner and renamed.get(past.owner or "", past.owner) != part.owner:
            yield _tell(past, part, _Facet(f"in {name_part(past.owner or '')}", f"in {name_part(part.owner or '')}"))
        elif past.value is not part.value and (
            digest_part(past.value) != digest_part(part.value) or past.address != part.address
        ):
            yield _tell(past, part)


def _tell(past: Part, part: Part, *more: _Facet) -> Change:
    words = (word_part(past.value), word_part(part.value))
    facets = [*more, *_list_facets(past, part)]
    told = [
        word + (f" ({'; '.join(side for side in sides if side)})" if any(sides) else "")
        for word, sides in zip(words, (tuple(f.before for f in facets), tuple(f.after for f in facets)), strict=True)
    ]
    return Change(part=part.address, before=told[0], after=told[1])


def _list_facets(past: Part, part: Part) -> Iterator[_Facet]:
    if past.address.partition("#")[0] != part.address.partition("#")[0]:
        yield _Facet(name_part(past.address), name_part(part.address))
    one, other = past.value, part.value
    if isinstance(one, Question) and isinstance(other, Question):
        if one.answer != other.answer:
            yield _Facet(_word_answer(one), _word_answer(other))
    elif isinstance(one, Decided) and isinstance(other, Decided):
        if (one.status, one.by) != (other.status, other.by):
            yield _Facet(_word_status(one), _word_status(other))
    elif isinstance(one, Decided | Question) or isinstance(other, Decided | Question):
        return
    if isinstance(one, Decided | Question) and isinstance(other, Decided | Question) and one.evidence != other.evidence:
        yield _Facet(_count(len(one.evidence)), _count(len(other.evidence)))
    notes = [None if isinstance(value, Question) else value.note for value in (one, other)]
    if notes[0] != notes[1]:
        yield _Facet(*(f"note: {note}" if note else "no note" for note in notes))


def _list_marks(before: ReviewState, after: ReviewState) -> Iterator[Change]:
    old, new = ({m.threshold: m for m in state.marks} for state in (before, after))
    for threshold in dict.fromkeys((*old, *new)):
        one, other = old.get(threshold), new.get(threshold)
        if one != other:
            yield Change(part=threshold, before=_word_mark(one, other), after=_word_mark(other, one))


def _word_mark(mark: Mark | None, otherwise: Mark | None) -> str:
    text = (mark or otherwise or Mark(threshold="", text="", part=None, by="", at="")).text
    if mark is None:
        return f"{text} (unclaimed)"
    return f"{text} ({f'belongs to {name_part(mark.part)}' if mark.part else 'no requirement'}, says {mark.by})"


def _word_status(part: Decided) -> str:
    return f"{part.status} by {part.by}" if part.by else part.status


def _word_answer(question: Question) -> str:
    answer = question.answer
    if answer is None:
        return "open"
    chosen = next((a.text for a in question.alternatives if a.key == answer.alternative), answer.alternative)
    return f"{answer.by}: {chosen if chosen is not None else answer.text}"


def _count(number: int) -> str:
    return f"{number} quote{'' if number == 1 else 's'}" if number else "no quote"
