"""What a person has before their eyes when they act, and whether it is still so."""

from hashlib import sha256

from pipeline.review.parts import (
    Decided,
    digest_part,
    digest_whole,
    list_held,
    list_parts,
    word_part,
)
from schemas.criteria import Question
from schemas.review import Mark, ReviewState, Shown

UNMARKED = "unmarked"  # of a threshold of which nobody said anything


def find_value(state: ReviewState, address: str) -> Shown | Mark | None:
    """The part, or what was said of the threshold, at an address; None where there is nothing."""
    if address.startswith("threshold:"):
        return next((m for m in state.marks if m.threshold == address), None)
    return next((p.value for p in list_parts(state.criteria) if p.address == address), None)


def digest_seen(state: ReviewState, address: str, *, whole: bool = False) -> str:
    """What optimistic locking compares: of a part its `digest_part`, with what it holds where it is the `whole`; of a
    threshold its mark; empty for a part that is not there."""
    value = find_value(state, address)
    if address.startswith("threshold:"):
        return digest_mark(value if isinstance(value, Mark) else None)
    if value is None or isinstance(value, Mark):
        return ""
    return digest_whole(value) if whole else digest_part(value)


def digest_mark(mark: Mark | None) -> str:
    """What was said of a threshold, as a word without spaces: another one when somebody said otherwise."""
    return UNMARKED if mark is None else sha256(mark.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()


def word_seen(state: ReviewState, address: str, *, whole: bool = False) -> str | None:
    """A part, or what was said of a threshold, in a line with what was decided; None for a part
    that is not there. The `whole` is what is removed with it, too."""
    value = find_value(state, address)
    if value is None:
        return "unclaimed" if address.startswith("threshold:") else None
    if isinstance(value, Mark):
        return f"belongs to {value.part}" if value.part is not None else "no requirement"
    if isinstance(value, Question):
        answer = value.answer
        return f"{value.text} ({'open' if answer is None else answer.alternative or answer.text})"
    words = word_part(value)
    if isinstance(value, Decided) and value.status != "proposed":
        words = f"{words} ({value.status}{f' by {value.by}' if value.by else ''})"
    if whole and list_held(value):
        words = f"{words}, with {'; '.join(map(word_part, list_held(value)))}"
    return words
