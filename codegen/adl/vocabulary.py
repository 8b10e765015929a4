"""What the names of one document are called in its ADL file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from codegen.adl.words import EXTERNAL

Composition = Literal["comb", "sum", "assign"]  # how a candidate is made: chosen, put together, one of each role


class Unsayable(Exception):
    """Not an expression of the criteria, or without words in ADL."""


@dataclass
class Vocabulary:
    """What the names of one document are called in its ADL file, and which external functions were needed."""

    collections: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, Composition] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # of candidates and variables
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    members: dict[tuple[str, str], str] = field(default_factory=dict)  # (candidate, part): the object that lists them
    constants: set[str] = field(default_factory=set)
    external: set[str] = field(default_factory=set)
    name_members: Callable[[str, str], str] = lambda candidate, part: f"{candidate}_{part}"

    def call(self, function: str, *arguments: str) -> str:
        """The call of a function; an external one is noted down."""
        if function in EXTERNAL:
            self.external.add(function)
        return f"{function}({', '.join(arguments)})"

    def find_members(self, candidate: str, part: str) -> str:
        """The name of the object that lists the members of a candidate."""
        key = (candidate, part)
        if key not in self.members:
            self.members[key] = self.name_members(candidate, part)
        return self.members[key]
