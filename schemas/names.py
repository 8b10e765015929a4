"""Which names a criteria document may give to its objects, candidates and variables."""

import re
from collections.abc import Iterable
from keyword import iskeyword

from schemas.constants import CONSTANTS
from schemas.errors import CriteriaError
from schemas.expressions.functions import FUNCTIONS
from schemas.expressions.nodes import FLAGS
from schemas.fields import BASES, EVENT_FIELDS, EVENT_OBJECTS, FIELDS

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
RESERVED = {*FIELDS, *FUNCTIONS, *CONSTANTS, *EVENT_FIELDS, *EVENT_OBJECTS, *FLAGS, *BASES}


def check_name(name: str, noun: str, taken: Iterable[str]) -> None:
    """Nothing when `name` is a free identifier; else raises CriteriaError that names the noun."""
    if not NAME.fullmatch(name) or iskeyword(name):
        raise CriteriaError(f"{noun} '{name}': expected a name of letters, digits and _, not starting with a digit")
    if name in RESERVED:
        raise CriteriaError(f"{noun} '{name}': the expression language uses this name; expected another one")
    if name in taken:
        raise CriteriaError(f"{noun} '{name}': the name is used twice; expected unique names")
