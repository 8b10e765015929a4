"""What a person changed in criteria by hand: it is theirs, and no reader's any more."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    OverlapRemoval,
    OverlapStep,
    Question,
    SelectionCriteria,
    Status,
)
from schemas.cut_words import word_cut
from schemas.errors import CriteriaError
from schemas.evidence import Evidence

# What a cut says; the rest is where it comes from. `group` joins it to others by "or".
SAYS = ("variable", "operator", "words", "threshold", "quantifier", "condition", "group")
BUILDS = (
    "pair", "pairing", "leading", "n", "assign", "sum", "exclude", "require", "minimise", "maximise",
)  # fmt: skip

Marked = Cut | OverlapRemoval | OverlapStep | Candidate | NamedVariable  # parts with a hand
Owned = tuple[str, Cut]  # the object, candidate or region of a cut
Part = TypeVar("Part", Cut, OverlapRemoval, OverlapStep, Candidate, NamedVariable)


class Handed(Protocol):
    """Something that a person may have decided about."""

    @property
    def origin(self) -> str:
        """Who found it."""

    @property
    def status(self) -> Status:
        """What was decided."""

    @property
    def history(self) -> tuple[Evidence, ...]:
        """Evidence of what it said before."""


def mark_edits(criteria: SelectionCriteria, made: SelectionCriteria, by: str) -> SelectionCriteria:
    """The criteria with everything that differs from what was `made` marked as edited or added by the person `by`.

    An edited cut has status `edited`, origin `human`, no agreement and no literal, and its evidence becomes history. A
    cut that says what it said has the evidence, origin and agreement that it was made with, whatever the file says.
    Answers to questions are no edits: they are given again to what was made, and it is compared with that.
    """
    made = _answer_again(made, criteria.questions)
    cuts = {key: (owner, cut) for owner, cut in _list_cuts(made) for key in (cut.id, f"{owner}/{cut.id}")}
    former = {new: cuts[old] for old, new in find_renamed(made, criteria).items()}
    cuts |= {key: (owner, cut) for new, (owner, cut) in former.items() for key in (new, f"{owner}/{new}")}
    steps = {(s.remove, s.near): s for s in made.overlap}
    built = {c.name: c for c in made.candidates}
    variables = {v.name: v for v in made.variables}
    removals = {(o.name, r.with_): r for o in made.objects for r in o.remove_overlap}

    def mark(owner: str, own: Sequence[Cut]) -> tuple[Cut, ...]:
        return tuple(_mark_cut(owner, cut, cuts, by) for cut in own)

    return criteria.model_copy(
        update={
            "objects": tuple(
                o.model_copy(
                    update={
                        "cuts": mark(f"object {o.name}", o.cuts),
                        "remove_overlap": tuple(
                            _mark(r, removals.get((o.name, r.with_)), ("deltaR",), by) for r in o.remove_overlap
                        ),
                    }
                )
                for o in criteria.objects
            ),
            "overlap": tuple(_mark(s, steps.get((s.remove, s.near)), ("deltaR",), by) for s in criteria.overlap),
            "candidates": tuple(
                _mark(c, built.get(c.name), BUILDS, by).model_copy(
                    update={"select": mark(f"candidate {c.name}", c.select)}
                )
                for c in criteria.candidates
            ),
            "variables": tuple(
                _mark(v, variables.get(v.name), ("expression", "words"), by) if _is_marked(v, variables) else v
                for v in criteria.variables
            ),
            "regions": tuple(
                r.model_copy(update={"cuts": mark(f"region {r.name}", r.cuts)}) for r in criteria.regions
            ),
        }
    )  # fmt: skip


def find_renamed(before: SelectionCriteria, after: SelectionCriteria) -> dict[str, str]:
    """New ids of cuts by their old ones: an id that is gone and a new one in the same place, of cuts that say the same,
    else of the only ones there that bound one variable the same way."""
    old, new = ({cut.id: (owner, cut) for owner, cut in _list_cuts(c)} for c in (before, after))
    gone = {i: old[i] for i in old if i not in new}
    come = {i: new[i] for i in new if i not in old}
    renamed: dict[str, str] = {}
    for fields in (SAYS, ("variable", "operator", "words")):
        said = [_group_ids({i: own[i] for i in own if i not in taken}, fields)
                for own, taken in ((gone, renamed.keys()), (come, set(renamed.values())))]  # fmt: skip
        renamed |= {
            ids[0]: said[1][key][0] for key, ids in said[0].items() if len(ids) == len(said[1].get(key, ())) == 1
        }
    return renamed


def _group_ids(cuts: Mapping[str, Owned], fields: Sequence[str]) -> dict[str, list[str]]:
    """Ids of the cuts that have the same owner and agree in these fields."""
    groups: dict[str, list[str]] = {}
    for name, (owner, cut) in cuts.items():
        groups.setdefault(repr((owner, *(getattr(cut, field) for field in fields))), []).append(name)
    return groups


def describe_hands(criteria: SelectionCriteria) -> str:
    """How many parts were edited or added, accepted, and rejected by hand, and by whom; empty when none was."""
    read = was_read(criteria)
    hands = [(tell_hand(part, read=read), part.by) for part in _list_parts(criteria) if part.by is not None]
    kinds = {"edited or added": ("edited", "added"), "accepted": ("accepted",), "rejected": ("rejected",)}
    told = []
    for kind, words in kinds.items():
        names = [by for word, by in hands if word in words]
        if names:
            told.append(f"{len(names)} {kind} by {', '.join(sorted(set(names)))}")
    return ", ".join(told)


def tell_hand(part: Handed, *, read: bool) -> str:
    """What the person `by` did to a part: edited, added, accepted or rejected it.

    In criteria that readers made (`read`), a person's part without a past was added. In those that a person wrote it
    may have been there before, and all that is sure is who accepted it.
    """
    if part.status in ("edited", "rejected"):
        return part.status
    return "added" if part.origin == "human" and not part.history and read else "accepted"


def was_read(criteria: SelectionCriteria) -> bool:
    """Whether readers made the criteria, or some of them."""
    return any(part.origin != "human" for part in _list_parts(criteria))


def _list_parts(criteria: SelectionCriteria) -> list[Marked]:
    return [
        *(cut for _, cut in _list_cuts(criteria)), *criteria.overlap, *criteria.candidates, *criteria.variables,
        *(r for o in criteria.objects for r in o.remove_overlap),
    ]  # fmt: skip


def _is_marked(variable: NamedVariable, made: Mapping[str, NamedVariable]) -> bool:
    """A formula is what it is, whoever wrote it; what stands in words has a source."""
    before = made.get(variable.name)
    return variable.words is not None or (before is not None and before.words is not None)


def _mark_cut(owner: str, cut: Cut, made: Mapping[str, Owned], by: str) -> Cut:
    where, before = made.get(f"{owner}/{cut.id}", made.get(cut.id, (owner, None)))
    fields = SAYS if where == owner else ()
    marked = _mark(cut, before, fields, by)
    if before is None or marked.status != "edited" or _say_same(cut, before, fields):
        return marked
    was = word_cut(before) if where == owner else f"{word_cut(before)}, in {where}"
    threshold = cut.threshold.model_copy(update={"literal": None}) if cut.threshold is not None else None
    return marked.model_copy(update={"threshold": threshold, "note": _note_past(before, cut.note, was)})


def _note_past(before: Cut, note: str | None, was: str) -> str:
    """The note of an edited cut: what it was when it was made, said once."""
    if note and "was: " in note and before.status == "edited":
        return note
    return f"{note}; was: {was}" if note else f"was: {was}"


def _say_same(part: Part, before: Part, fields: Sequence[str]) -> bool:
    """Whether two parts agree in these fields; in none, they are taken for different."""
    return bool(fields) and all(getattr(part, f) == getattr(before, f) for f in fields)


def _mark(part: Part, before: Part | None, fields: Sequence[str], by: str) -> Part:
    """A part with its provenance. `fields` are compared; none to compare: it is edited."""
    if before is None:
        status = "rejected" if part.status == "rejected" else "edited" if part.evidence else "accepted"
        return _take_over(part, status, by)
    if _say_same(part, before, fields):
        kept = ("evidence", "origin", "by", "history", "agreement")
        status = part.status if part.status != "edited" or before.status == "edited" else before.status
        same = part.model_copy(update={f: getattr(before, f) for f in kept} | {"status": status})
        decided = status != before.status and status in ("accepted", "rejected")
        return same.model_copy(update={"by": by}) if decided else same
    return _take_over(part.model_copy(update={"evidence": before.evidence}), "edited", by)


def _take_over(part: Part, status: str, by: str) -> Part:
    update: dict[str, object] = {
        "status": "rejected" if part.status == "rejected" else status,
        "origin": "human",
        "by": by,
        "history": part.evidence,
        "evidence": (),
        "agreement": None,
    }
    return part.model_copy(update=update)


def _answer_again(made: SelectionCriteria, questions: Sequence[Question]) -> SelectionCriteria:
    """What was made, with the answers that were given since."""
    from extract.assembling.answers import answer_question

    given = {q.id: q.answer.alternative for q in made.questions if q.answer is not None}
    for question in questions:
        answer = question.answer
        if answer is None or answer.alternative is None or given.get(question.id) == answer.alternative:
            continue
        try:
            made = answer_question(made, question.id, answer.alternative, answer.by, answer.at)
        except CriteriaError:  # a question or an alternative that a person wrote
            continue
    return made


def _list_cuts(criteria: SelectionCriteria) -> list[Owned]:
    return [
        *((f"object {o.name}", cut) for o in criteria.objects for cut in o.cuts),
        *((f"candidate {c.name}", cut) for c in criteria.candidates for cut in c.select),
        *((f"region {r.name}", cut) for r in criteria.regions for cut in r.cuts),
    ]
