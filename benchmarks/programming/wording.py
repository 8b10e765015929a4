"""Criteria whose quantities stand in words: what is left for a coder when everything else is compiled."""

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError
from schemas.words import list_worded

FILE = Path(__file__).parent / "words.yaml"


def state_in_words(criteria: SelectionCriteria) -> SelectionCriteria | None:
    """The criteria with quantities in words in the place of expressions; as they are, where they have some in words.

    None where nothing is in words and no words are known for the analysis. Raises CriteriaError for words about a
    variable that the criteria do not have.
    """
    if list_worded(criteria):
        return criteria
    slug = criteria.analysis.slug
    words = load_words().get(slug)
    if words is None:
        return None
    unknown = set(words) - {variable.name for variable in criteria.variables}
    if unknown:
        raise CriteriaError(f"{FILE.name}: {slug} has no variable {', '.join(sorted(unknown))}")
    variables = [
        v.model_copy(update={"expression": "", "words": words[v.name], "note": None}) if v.name in words else v
        for v in criteria.variables
    ]
    return SelectionCriteria.model_validate(criteria.model_copy(update={"variables": tuple(variables)}).model_dump())


@cache
def load_words() -> dict[str, dict[str, str]]:
    """Words for quantities, by analysis and variable."""
    text = FILE.read_text(encoding="utf-8")
    return TypeAdapter(dict[str, dict[str, str]]).validate_python(YAML(typ="safe").load(text))
