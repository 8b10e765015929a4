"""What a new cut may say: read from the words that a person selected, by the rules that read papers.

A suggestion stands in the fields of a form and is nothing before the person adds it.
"""

from extract.assembling.aliases import COLLECTIONS, FIELDS
from extract.rules.sentences import Claim, read_sentence
from pipeline.review.parts import find_free_id
from pipeline.review.threshold_text import write_threshold
from schemas.criteria import SelectionCriteria, Threshold
from schemas.evidence import Evidence

_KEPT = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "between": "outside", "outside": "between", "==": "!="}


def suggest_values(criteria: SelectionCriteria, owner: str | None, proof: Evidence | None) -> dict[str, str]:
    """Fields of the form for a new cut of an owner: a free id, and what the selected words say."""
    kind, _, name = (owner or "").partition(":")
    claim = _choose(_read(proof), kind, name, criteria) if proof is not None else None
    values = {} if claim is None else _fill(claim, kind, criteria)
    about = values.get("variable", "").replace("abs(", "").replace(")", "").replace("count(", "n_") or "cut"
    return values | {"id": find_free_id(criteria, f"{name}_{about}".strip("_"))}


def _read(proof: Evidence) -> tuple[Claim, ...]:
    return tuple(claim for fragment in proof.quote for claim in read_sentence(fragment).claims)


def _choose(claims: tuple[Claim, ...], kind: str, name: str, criteria: SelectionCriteria) -> Claim | None:
    """The first that is about the owner, else the first that one number can stand for."""
    plain = [c for c in claims if isinstance(c.bound.value, float) or _is_range(c)]
    about = [c for c in plain if kind == "object" and name in _list_collections(c.subject, criteria)]
    if kind == "object":
        about = [c for c in about or plain if not c.is_count]
    return next(iter(about or plain), None)


def _fill(claim: Claim, kind: str, criteria: SelectionCriteria) -> dict[str, str]:
    bound = claim.bound
    goes = claim.effect in ("remove_object", "reject_event")
    operator = _KEPT.get(bound.operator, bound.operator) if goes else bound.operator
    values = {"operator": operator, "unit": bound.unit or "", "variable": _find_variable(claim, kind, criteria)}
    if isinstance(bound.value, tuple):
        low, high = bound.value[0], bound.value[1]
        values["threshold"] = write_threshold(Threshold(range=(low, high), closed=bound.closed))
    elif isinstance(bound.value, float):
        values["threshold"] = write_threshold(Threshold(value=bound.value))
    return values


def _find_variable(claim: Claim, kind: str, criteria: SelectionCriteria) -> str:
    collections = _list_collections(claim.subject, criteria)
    if claim.variable == "n":
        return f"count({collections[0]})" if collections else ""
    if claim.variable == "met":
        return "met.pt"
    return FIELDS.get(claim.variable, "") if kind == "object" else ""


def _list_collections(subject: str, criteria: SelectionCriteria) -> list[str]:
    usual = COLLECTIONS.get(subject)
    return [o.name for o in criteria.objects if o.name == usual or o.base == subject]


def _is_range(claim: Claim) -> bool:
    return claim.bound.operator in ("between", "outside") and isinstance(claim.bound.value, tuple)
