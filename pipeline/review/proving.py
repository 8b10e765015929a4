"""The quotes that an action brings, judged for the part that they are given to before it is done."""

from collections.abc import Mapping, Sequence

from extract.restating.findings import Owner, restate
from pipeline.review.documents import ReviewedDocument
from pipeline.review.judging import judge_evidence
from pipeline.review.parts import find_part
from pipeline.review.placing import place_evidence
from pipeline.review.selections import find_sentence, make_evidence
from schemas.criteria import (
    Candidate,
    Cut,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Question,
    Region,
    SelectionCriteria,
)
from schemas.evidence import Evidence
from schemas.review import Action, Add, Attach, Claim, Edit, Shown


def prove_action(documents: Sequence[ReviewedDocument], criteria: SelectionCriteria, action: Action) -> Action:
    """An action with its quotes judged for the part that they are given to; other actions as they are.

    An edit that brings no quotes gets those of the part's old ones that say what it says now. The quote of a claim is
    the sentence around the number, where nothing but the number was pointed at.
    """
    by_id = {d.id: d for d in documents}
    match action:
        case Edit(quotes=()):
            return action.model_copy(update={"quotes": reground(documents, criteria, action.part, action.after)})
        case Add():
            if isinstance(action.added, ObjectDefinition | Region) or not action.added.evidence:
                return action
            owner = _find_owner(criteria, action.owner)
            proofs = tuple(_judge_again(by_id, e, action.added, criteria, owner) for e in action.added.evidence)
            return action.model_copy(update={"added": action.added.model_copy(update={"evidence": proofs})})
        case Attach():
            part = find_part(criteria, action.part)
            owner = _find_owner(criteria, part.owner)
            return action.model_copy(
                update={"evidence": _judge_again(by_id, action.evidence, part.value, criteria, owner)}
            )
        case Claim():
            part = find_part(criteria, action.part)
            owner = _find_owner(criteria, part.owner)
            quoted = action.evidence
            doc = by_id.get(quoted.document_id)
            if (
                doc is not None
                and len(quoted.spans) == 1
                and action.threshold.endswith("/{}-{}".format(*quoted.spans[0]))
            ):
                quoted = make_evidence(doc, *find_sentence(doc, *quoted.spans[0]))
            return action.model_copy(update={"evidence": _judge_again(by_id, quoted, part.value, criteria, owner)})
    return action


def reground(
    documents: Sequence[ReviewedDocument], criteria: SelectionCriteria, address: str, after: Shown
) -> tuple[Evidence, ...]:
    """The quotes of the part at an address, and of what it said before, that prove what it says `after` an edit.

    Each is judged anew. Empty where none proves it, and where what it says cannot be judged. Raises CriteriaError for a
    part that is not there.
    """
    part = find_part(criteria, address)
    owner = _find_owner(criteria, part.owner)
    before = part.value
    if not isinstance(after, Cut | OverlapRemoval | OverlapStep) or type(after) is not type(before):
        return ()
    if isinstance(before, ObjectDefinition | Region | Question) or restate(after, criteria, owner) is None:
        return ()
    by_id = {d.id: d for d in documents}
    found: dict[tuple[str, tuple[str, ...]], Evidence] = {}
    for old in (*before.evidence, *before.history):
        doc = by_id.get(old.document_id)
        key = old.document_id, old.quote
        if doc is None or key in found or old.alignment == "not_found":
            continue
        judged = judge_evidence(doc, place_evidence(doc, old), after, criteria, owner)
        if judged.spans and judged.grounded and "ok" in (judged.number, judged.operator):
            found[key] = judged
    return tuple(found.values())


def _judge_again(
    documents: Mapping[str, ReviewedDocument],
    evidence: Evidence,
    part: Shown,
    criteria: SelectionCriteria,
    owner: Owner | None,
) -> Evidence:
    doc = documents.get(evidence.document_id)
    if doc is None or evidence.alignment == "not_found":
        return evidence
    return judge_evidence(doc, evidence, part, criteria, owner)


def _find_owner(criteria: SelectionCriteria, address: str | None) -> Owner | None:
    """What is at the address of an owner. Raises CriteriaError when nothing is."""
    value = find_part(criteria, address).value if address is not None else None
    return value if isinstance(value, ObjectDefinition | Candidate | Region) else None
