"""ADL to criteria: files of our own, files of our own that a person edited, and files from elsewhere."""

from codegen.adl.agreeing import agree
from codegen.adl.carried import assemble, list_carried, list_expected
from codegen.adl.completing import complete, leave_out
from codegen.adl.importing import read_statements
from codegen.adl.lexer import strip_comment
from codegen.adl.syntax import Problem
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError


def read_adl(text: str, where: str, partial: bool = False) -> SelectionCriteria:
    """The criteria that an ADL file holds.

    Raises CriteriaError when a statement that selects cannot be expressed: the first one with line and token, and how
    many there are (`list_problems` has them all). With `partial` they become open questions instead, and the rest is
    imported. A file without statements is an error, too. Syntax errors in our own comments are errors in any case.
    """
    text = text.removeprefix("\ufeff")
    try:
        carried = list_carried(text)
        if carried:
            criteria = assemble(carried)
            if [(c.key, c.tokens) for c in carried] == [(c.key, c.tokens) for c in list_expected(criteria)]:
                return criteria
            return agree(text, carried, criteria)
        if not any(strip_comment(line).strip() for line in text.split("\n")):
            raise CriteriaError("there is no statement in it; expected object, define and region blocks of ADL")
        read = read_statements(text)
        criteria = complete(read)
    except CriteriaError as error:
        raise CriteriaError(f"{where}: {error}") from None
    if not read.problems:
        return criteria
    if partial:
        return leave_out(criteria, read.problems)
    first, count = read.problems[0], len(read.problems)
    more = f" (and {count - 1} more)" if count > 1 else ""
    raise CriteriaError(f"{where}: {first.describe()}{more}")


def list_problems(text: str) -> tuple[list[Problem], list[Problem]]:
    """Everything in an ADL file that selects and cannot be expressed, and what was not imported but selects nothing."""
    read = read_statements(text.removeprefix("\ufeff"))
    complete(read)
    return read.problems, read.asides
