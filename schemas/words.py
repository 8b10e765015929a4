"""What criteria state in words because the language of expressions cannot say it: where it stands, what it may look at.

The words are data from a paper or a person: compared and shown, never followed.
"""

import builtins
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Literal

from schemas.criteria import ObjectDefinition, SelectionCriteria
from schemas.evidence import Evidence

Place = Literal["variable", "event", "object"]

TAKEN = ("np", "ak", "vector", "math", "itertools", "functools", "events", "objects")  # in sight of the functions
SHOWN = 4  # named in a message


@dataclass(frozen=True)
class WordedPart:
    """A variable, a cut of events or a cut on objects in words. `owner` is its variable, region or object."""

    place: Place
    name: str  # of the variable, or the id of the cut
    owner: str
    words: str
    evidence: tuple[Evidence, ...] = ()


def list_worded(ssc: SelectionCriteria) -> tuple[WordedPart, ...]:
    """Everything in words, in document order; rejected cuts are left out."""
    found = [
        WordedPart("object", cut.id, o.name, cut.words, cut.evidence)
        for o in ssc.objects for cut in o.cuts if cut.words is not None and cut.status != "rejected"
    ]  # fmt: skip
    found += [WordedPart("variable", v.name, v.name, v.words, v.evidence) for v in ssc.variables if v.words is not None]
    found += [
        WordedPart("event", cut.id, r.name, cut.words, cut.evidence)
        for r in ssc.regions for cut in r.cuts if cut.words is not None and cut.status != "rejected"
    ]  # fmt: skip
    return tuple(found)


def name_function(ssc: SelectionCriteria, name: str, *, is_variable: bool) -> str:
    """What a coder's function for something in words is called: like the variable or cut, where Python lets it."""
    return _name_functions(list_worded(ssc))[is_variable, name]


def _name_functions(parts: Iterable[WordedPart]) -> dict[tuple[bool, str], str]:
    """By whether it is a variable, and name; variables come first."""
    names: dict[tuple[bool, str], str] = {}
    taken = {*TAKEN, *dir(builtins)}
    for part in sorted(parts, key=lambda p: p.place != "variable"):
        found = re.sub(r"\W", "_", part.name, flags=re.ASCII)
        found = found if found[:1].isalpha() else f"cut_{found}"
        while found in taken or iskeyword(found):
            found += "_"
        taken.add(found)
        names[part.place == "variable", part.name] = found
    return names


def normalise_words(words: str) -> str:
    """The words as they are compared: one space between them, no full stop, compatible characters as one.

    Upper and lower case differ: they do in symbols.
    """
    return " ".join(unicodedata.normalize("NFKC", words).split()).rstrip(". ")


def name_worded(parts: Iterable[WordedPart]) -> str:
    """Names for a message: "variable sphericity and 2 more"."""
    names = [f"variable {p.name}" if p.place == "variable" else f"cut {p.name}" for p in parts]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def list_in_reach(ssc: SelectionCriteria, named: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """By object with cuts in words: the collections above it that these cuts may look at, as finally defined.

    A collection that is made with the help of the object itself cannot be looked at. `named` are the collections that
    the other cuts of each object name.
    """
    needs = _Needs(ssc, named)
    reach: dict[str, tuple[str, ...]] = {}
    for k, definition in enumerate(ssc.objects):
        if any(c.words is not None and c.status != "rejected" for c in definition.cuts):
            reach[definition.name] = tuple(
                other.name for other in ssc.objects[:k] if needs.add(definition.name, other.name)
            )
    return reach


class _Needs:
    """What each collection needs, before (`made`) and after (`final`) the ordered overlap removal."""

    def __init__(self, ssc: SelectionCriteria, named: Mapping[str, Iterable[str]]) -> None:
        self._needs: dict[tuple[str, str], set[tuple[str, str]]] = {}
        steps = [s for s in ssc.overlap if s.status != "rejected"]
        ordered = {name for s in steps for name in (s.remove, s.near)}
        removal = ("overlap", "")
        self._needs[removal] = {("made", name) for name in ordered}
        for definition in ssc.objects:
            name = definition.name
            others = [*_list_sources(definition), *named.get(name, ())]
            others += [r.with_ for r in definition.remove_overlap if r.status != "rejected"]
            self._needs["made", name] = {("final", other) for other in others}
            self._needs["final", name] = {("made", name), *([removal] if name in ordered else [])}

    def add(self, name: str, other: str) -> bool:
        """Let `name` need another collection; False, and nothing is changed, where that would be a circle."""
        if ("made", name) in self._list_all(("final", other)):
            return False
        self._needs["made", name].add(("final", other))
        return True

    def _list_all(self, start: tuple[str, str]) -> set[tuple[str, str]]:
        found, pending = {start}, [start]
        while pending:
            new = self._needs.get(pending.pop(), set()) - found
            found |= new
            pending += new
        return found


def _list_sources(definition: ObjectDefinition) -> Iterator[str]:
    yield from definition.union or ((definition.base,) if isinstance(definition.base, str) else definition.base or ())
