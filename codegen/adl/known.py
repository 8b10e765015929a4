"""The names that an ADL file has defined so far, and what they are in the criteria."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches

from codegen.adl.words import BASE_OF_WORD, MISSING_MOMENTUM

THIS = "this"  # the object that an object's own cuts are about; no name of the criteria

OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, POWER, PRIMARY = range(1, 10)
_INDEXED = re.compile(r"(?P<name>[A-Za-z]\w*?)_(?P<index>\d*)")


@dataclass(frozen=True)
class Value:
    """A number or a condition in the language of the criteria. `constant` is the value of a plain number."""

    text: str
    level: int = PRIMARY
    is_condition: bool = False
    constant: float | None = None

    def within(self, level: int) -> str:
        """The text, in brackets where it binds less tightly than `level`."""
        return f"({self.text})" if self.level < level else self.text


@dataclass(frozen=True)
class Word(Value):
    """A label, such as a working point, on the right of a comparison."""


@dataclass(frozen=True)
class Things:
    """Objects: expressions of the criteria, `THIS`, or met. Several of them stand for their sum."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Probe:
    """A question about an object (or the event) that ADL answers by 1 or 0: does its field satisfy this?"""

    variable: str
    relation: str
    label: str
    is_open: bool = False  # a tag whose working point ADL does not say


@dataclass(frozen=True)
class Flavour:
    """The (absolute) particle number of one object."""

    owner: str
    absolute: bool


@dataclass(frozen=True)
class Quantified:
    """`anyof(...)`, `allof(...)` around a number or a condition."""

    word: str  # any, all
    value: "Value | Things"


Meaning = Value | Things | Probe | Flavour | Quantified


@dataclass
class Known:
    """Names of the file. Values are texts in the language of the criteria."""

    make_base: Callable[[str], str]  # the name of a collection that has all objects of a base
    collections: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, str] = field(default_factory=dict)
    particles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    expanded: dict[str, Value] = field(default_factory=dict)  # variables written out, for where they have no name
    composites: set[str] = field(default_factory=set)  # candidates (their names in the criteria) that are assignments
    met: set[str] = field(default_factory=lambda: set(MISSING_MOMENTUM))
    regions: set[str] = field(default_factory=set)
    broken: dict[str, int] = field(default_factory=dict)  # names whose definition could not be expressed: its line

    def is_met(self, name: str) -> bool:
        defined = name in self.variables or name in self.numbers or name in self.collections or name in self.particles
        return name in self.met or (name.lower() in MISSING_MOMENTUM and not defined and name not in self.broken)

    def find_things(self, name: str) -> tuple[str, ...] | None:
        """The objects that a name stands for, or None."""
        if name in self.candidates:
            return (self.candidates[name],)
        if name in self.particles:
            return self.particles[name]
        if name in self.collections:
            return (self.collections[name],)
        if name in self.variables or name in self.numbers or name in self.broken:
            return None
        if self.is_met(name):
            return ("met",)
        if name.lower() in BASE_OF_WORD:
            return (self.make_base(BASE_OF_WORD[name.lower()]),)
        return None

    def split_index(self, name: str) -> tuple[str, int | None] | None:
        """`jets_0` as (jets, 0) and `jets_` as (jets, None), where jets is known and jets_0 is not."""
        match = _INDEXED.fullmatch(name)
        if match is None or name in self.variables or name in self.numbers:
            return None
        owner = match["name"]
        if owner in self.collections or owner in self.candidates or owner.lower() in BASE_OF_WORD or self.is_met(owner):
            return owner, int(match["index"]) if match["index"] else None
        return None

    def suggest(self, name: str) -> str:
        """What is wrong with a name that is not known."""
        if name in self.broken:
            return f"its definition in line {self.broken[name]} could not be expressed"
        if name in self.regions:
            return "is a region; expected it alone after select or take"
        names = [*self.collections, *self.candidates, *self.particles, *self.numbers, *self.variables]
        close = get_close_matches(name, names, n=2)
        return "is not defined above" + (f"; did you mean {' or '.join(close)}?" if close else "")
