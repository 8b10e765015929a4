"""Files of ours that a person edited: the statement wins over the comment above it, and it is said."""

from codegen.adl.carried import Carried
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError


def agree(text: str, carried: list[Carried], criteria: SelectionCriteria) -> SelectionCriteria:
    raise CriteriaError("edited")
