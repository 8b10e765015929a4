"""What a person says of printed thresholds that no finding claims."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from pipeline.editing import find_renamed
from pipeline.review.parts import find_part, list_parts, name_part, replace_part
from schemas.criteria import ObjectDefinition, Question, Region, SelectionCriteria
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.review import Claim, Dismiss, Mark, ReviewState

_ADDRESS = re.compile(r"threshold:(?P<document>.+)/(?P<start>\d+)-(?P<end>\d+)", re.DOTALL)


class Printed(NamedTuple):
    """Where a threshold is printed: the document, where it begins and ends in its text."""

    document_id: str
    start: int
    end: int


def read_address(address: str) -> Printed:
    """The place that the address of a threshold names. Raises CriteriaError."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise CriteriaError(f"'{address}' names no printed threshold; expected threshold:PAPER/BEGIN-END")
    return Printed(found["document"], int(found["start"]), int(found["end"]))


def claim(
    state: ReviewState, action: Claim, thresholds: Mapping[str, str], by: str, at: str, why: str | None
) -> ReviewState:
    """The threshold belongs to a part, and its quote is evidence of that part. Raises CriteriaError."""
    text = _find_text(action.threshold, thresholds, " … ".join(action.evidence.quote))
    state = _set_free(state, action.threshold)
    part = find_part(state.criteria, action.part)
    value = part.value
    if isinstance(value, ObjectDefinition | Region):
        raise CriteriaError(f"{name_part(part.address)} has no quotes; say to which of its cuts the threshold belongs")
    if isinstance(value, Question):
        raise CriteriaError(f"{name_part(part.address)} requires nothing; say to which cut the threshold belongs")
    if action.evidence not in value.evidence:
        value = value.model_copy(update={"evidence": (*value.evidence, action.evidence)})
    mark = Mark(threshold=action.threshold, text=text, part=part.address, by=by, at=at, why=why)
    criteria = replace_part(state.criteria, part.address, value)
    return ReviewState(criteria=criteria, marks=(*state.marks, mark))


def dismiss(
    state: ReviewState, action: Dismiss, thresholds: Mapping[str, str], by: str, at: str, why: str | None
) -> ReviewState:
    """The threshold is no requirement. Raises CriteriaError."""
    text = _find_text(action.threshold, thresholds, action.threshold)
    state = _set_free(state, action.threshold)
    mark = Mark(threshold=action.threshold, text=text, part=None, by=by, at=at, why=why)
    return state.model_copy(update={"marks": (*state.marks, mark)})


def drop_mark(state: ReviewState, threshold: str) -> ReviewState:
    """The threshold unclaimed again; the quote that came with a claim goes. Raises CriteriaError without a mark."""
    read_address(threshold)
    if not any(m.threshold == threshold for m in state.marks):
        raise CriteriaError(f"{name_part(threshold)} is neither claimed nor dismissed")
    return _set_free(state, threshold)


def rewrite_state(state: ReviewState, criteria: SelectionCriteria) -> ReviewState:
    """The state with criteria that were written anew: marks follow cuts that are called otherwise, and those of parts
    that are not there any more are dropped."""
    return follow_parts(state.model_copy(update={"criteria": criteria}), list_renamed(state.criteria, criteria))


def list_renamed(before: SelectionCriteria, after: SelectionCriteria) -> dict[str, str]:
    """New addresses of cuts that are called otherwise since, by their old ones."""
    return {f"cut:{old}": f"cut:{new}" for old, new in find_renamed(before, after).items()}


def follow_parts(state: ReviewState, renamed: Mapping[str, str], gone: frozenset[str] = frozenset()) -> ReviewState:
    """Marks with the new addresses of their parts; those of parts that are gone are dropped."""
    known = {p.address for p in list_parts(state.criteria)}
    moved = (
        m if m.part is None else m.model_copy(update={"part": renamed.get(m.part, m.part)})
        for m in state.marks
        if m.part not in gone
    )
    return state.model_copy(update={"marks": tuple(m for m in moved if m.part is None or m.part in known)})


def _set_free(state: ReviewState, threshold: str) -> ReviewState:
    mark = next((m for m in state.marks if m.threshold == threshold), None)
    if mark is None:
        return state
    marks = tuple(m for m in state.marks if m.threshold != threshold)
    criteria = state.criteria
    if mark.part is not None and mark.part in {p.address for p in list_parts(criteria)}:
        value = find_part(criteria, mark.part).value
        if not isinstance(value, ObjectDefinition | Region):
            printed = read_address(threshold)
            kept = tuple(e for e in value.evidence if not _is_quote_of(e, printed))
            criteria = replace_part(criteria, mark.part, value.model_copy(update={"evidence": kept}))
    return ReviewState(criteria=criteria, marks=marks)


def _is_quote_of(evidence: Evidence, printed: Printed) -> bool:
    """Whether a person pointed at the threshold with it; what comes from a reader has a finding."""
    return (
        evidence.finding is None
        and evidence.document_id == printed.document_id
        and any(start <= printed.start and printed.end <= end for start, end in evidence.spans)
    )


def _find_text(threshold: str, thresholds: Mapping[str, str], otherwise: str) -> str:
    read_address(threshold)
    if thresholds and threshold not in thresholds:
        raise CriteriaError(f"there is no {name_part(threshold)} in the coverage of the paper")
    return thresholds.get(threshold, otherwise)
