"""ADL to criteria: files of our own, files of our own that a person edited, and files from elsewhere."""

from codegen.adl.carried import assemble, find_first_statement, list_carried, list_expected
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError


def read_adl(text: str, where: str) -> SelectionCriteria:
    """The criteria that an ADL file holds. Raises CriteriaError: the first problem with line and token, and how many."""
    try:
        carried = list_carried(text)
        if carried and find_first_statement(text) is None:
            criteria = assemble(carried)
            expected = list_expected(criteria)
            if [(c.key, c.tokens) for c in carried] == [(c.key, c.tokens) for c in expected]:
                return criteria
    except CriteriaError as error:
        raise CriteriaError(f"{where}: {error}") from None
    raise CriteriaError(f"{where}: not written by paperfilter")
