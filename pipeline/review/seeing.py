"""What a person has before their eyes when they act, and whether it is still so."""

from pipeline.review.parts import Decided, digest_part, list_parts, word_part
from schemas.criteria import Question
from schemas.review import Mark, ReviewState, Shown


def find_value(state: ReviewState, address: str) -> Shown | Mark | None:
    """The part, or what was said of the threshold, at an address; None where there is nothing."""
    if address.startswith("threshold:"):
        return next((m for m in state.marks if m.threshold == address), None)
    return next((p.value for p in list_parts(state.criteria) if p.address == address), None)


def digest_seen(state: ReviewState, address: str) -> str:
    """What optimistic locking compares: of a part its `digest_part`, of a threshold its mark; empty for nothing."""
    value = find_value(state, address)
    if value is None:
        return ""
    return value.model_dump_json() if isinstance(value, Mark) else digest_part(value)


def word_seen(state: ReviewState, address: str) -> str | None:
    """A part, or what was said of a threshold, in a line with what was decided; None where there is nothing."""
    value = find_value(state, address)
    if value is None:
        return None
    if isinstance(value, Mark):
        return f"belongs to {value.part}" if value.part is not None else "no requirement"
    if isinstance(value, Question):
        answer = value.answer
        return f"{value.text} ({'open' if answer is None else answer.alternative or answer.text})"
    if isinstance(value, Decided) and value.status != "proposed":
        return f"{word_part(value)} ({value.status}{f' by {value.by}' if value.by else ''})"
    return word_part(value)
