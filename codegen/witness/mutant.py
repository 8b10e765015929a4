"""A mistake in criteria, as a document."""

from typing import NamedTuple

from schemas.criteria import SelectionCriteria

KINDS = (
    "strictness", "operator", "number", "unit", "range end", "label", "quantifier", "condition", "group", "cut dropped",
    "cut order", "object", "index", "field", "function", "sign", "abs", "constant", "base", "union", "overlap",
    "choice", "require", "exclude", "candidate", "parent", "early cut",
)  # fmt: skip


class Mutant(NamedTuple):
    """Criteria with one thing changed. `item` is the cut, candidate or removal that was changed."""

    kind: str
    item: str
    text: str
    criteria: SelectionCriteria
