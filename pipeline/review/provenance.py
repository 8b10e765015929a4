"""Whose a part is after somebody accepted, rejected, edited or added it."""

from collections.abc import Sequence

from pipeline import editing
from pipeline.review.parts import Decided, Owner, name_part
from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Region,
    Threshold,
)
from schemas.cut_words import word_cut
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.review import AnyPart

# What a part says; the rest is its name, where it comes from, and how it is drawn.
SAYS: dict[type[Decided], tuple[str, ...]] = {
    Cut: editing.SAYS,
    OverlapRemoval: ("with_", "deltaR"),
    OverlapStep: ("remove", "near", "deltaR"),
    Candidate: editing.BUILDS,
    NamedVariable: ("expression", "words", "unit"),
}
PROVENANCE = ("evidence", "origin", "status", "agreement", "by", "history")


def accept(part: Decided, by: str) -> Decided:
    """The part with a person's yes; an edited one is decided and stays as it is, whoever edited it."""
    if part.status == "edited" or (part.status == "accepted" and part.by is not None):
        return part
    return _update(part, status="accepted", by=by)


def reject(part: Decided, address: str, by: str) -> Decided:
    """The part out of the selection. Raises CriteriaError for what expressions name."""
    if isinstance(part, Candidate | NamedVariable):
        raise CriteriaError(f"{name_part(address)} cannot be rejected, because expressions name it; remove or edit it")
    if part.status == "rejected" and part.by is not None:
        raise CriteriaError(f"{name_part(address)} is rejected already, by {part.by}")
    return _update(part, status="rejected", by=by)


def reopen(part: Decided, address: str, by: str) -> Decided:
    """The part undecided again; what a person wrote is edited again. Raises CriteriaError where nothing was decided."""
    if part.status == "proposed":
        raise CriteriaError(f"{name_part(address)} is open: nobody accepted or rejected it")
    if part.status == "edited":
        raise CriteriaError(f"{name_part(address)} was edited by {part.by or 'hand'}; undo the edit, or edit it again")
    if part.origin == "human" and part.history:
        return _update(part, status="edited", by=by)
    return _update(part, status="proposed", by=None)


def edit(before: Decided, after: Decided, quotes: Sequence[Evidence], by: str) -> Decided:
    """The part as it reads `after`, with its provenance.

    What says something else than before is the person's: status edited, origin human, no agreement, no literal; its
    evidence becomes history, and `quotes` are its evidence. What says the same keeps where it comes from.
    """
    kept = {field: getattr(before, field) for field in PROVENANCE}
    if says_same(before, after):
        printed = {"threshold": before.threshold} if isinstance(before, Cut) else {}
        new = tuple(q for q in quotes if q not in before.evidence)
        return after.model_copy(update={**kept, **printed, "evidence": (*new, *before.evidence)})
    past = (*before.history, *(e for e in before.evidence if e not in before.history and e not in quotes))
    edited = _update(
        after.model_copy(update=kept),
        status="rejected" if before.status == "rejected" else "edited",
        origin="human", by=by, agreement=None, evidence=tuple(quotes), history=past,
    )  # fmt: skip
    if not isinstance(edited, Cut) or not isinstance(before, Cut):
        return edited
    return _update(
        edited, threshold=_forget_literal(edited.threshold), note=note_past(before, edited.note, word_cut(before))
    )


def note_past(before: Cut, note: str | None, was: str) -> str:
    """The note of an edited cut: what it was when readers proposed it, said once."""
    if note and "was: " in note and before.status == "edited":
        return note
    return f"{note}; was: {was}" if note else f"was: {was}"


def says_same(before: Decided, after: Decided) -> bool:
    """Whether two parts ask for the same in the same words; the literal of the paper does not count."""
    for field in SAYS[type(before)]:
        one, other = getattr(before, field), getattr(after, field)
        if field == "threshold":
            one, other = _forget_literal(one), _forget_literal(other)
        if one != other:
            return False
    return True


def add(part: AnyPart, by: str) -> AnyPart:
    """A new part, and what it holds, as the person's: origin human, accepted, its evidence as given."""
    held = {
        field: tuple(add(own, by) for own in getattr(part, field))
        for field in ("cuts", "remove_overlap", "select")
        if hasattr(part, field)
    }
    if isinstance(part, ObjectDefinition | Region):
        return part.model_copy(update=held)
    own = {"origin": "human", "status": "accepted", "by": by, "agreement": None, "history": ()}
    return part.model_copy(update=own | held)


def is_added(part: Decided) -> bool:
    """Whether a person wrote it, rather than changed what a reader found."""
    return part.origin == "human" and not part.history


def keep_held(before: Owner, after: Owner) -> Owner:
    """An owner as it reads `after`, holding what it holds: its cuts and removals are parts of their own."""
    fields = [f for f in ("cuts", "remove_overlap", "select") if hasattr(before, f)]
    return after.model_copy(update={f: getattr(before, f) for f in fields})


def _forget_literal(threshold: Threshold | None) -> Threshold | None:
    return threshold.model_copy(update={"literal": None}) if threshold is not None else None


def _update(part: Decided, **fields: object) -> Decided:
    return part.model_copy(update=fields)
