"""What the names of criteria stand for, in the words of a finding: collections, their members, composites."""

import re
from collections.abc import Iterable

from schemas.criteria import Candidate, NamedVariable, ObjectDefinition, SelectionCriteria
from schemas.fields import BASES

_BASES = {base: base.replace("_", "-") for base in BASES}
_TAGGED = re.compile(r"(?:^|_)b(?:_?jets?|_?tag\w*)(?:$|_)", re.IGNORECASE)
_RANKS = ("leading", "subleading", "third", "fourth")
_PAIRS = {"lepton": "dilepton", "electron": "dilepton", "muon": "dilepton", "photon": "diphoton", "jet": "dijet"}
_FIRST_OF = re.compile(r"^\s*(\w+)\s*(?:\[.*\])?\s*$")  # `leptons[:2]`
_DEEPEST = 20  # definitions that build on definitions


class Names:
    """The definitions of criteria by name."""

    def __init__(self, criteria: SelectionCriteria) -> None:
        """Looks nothing up yet."""
        self.objects: dict[str, ObjectDefinition] = {o.name: o for o in criteria.objects}
        self.candidates: dict[str, Candidate] = {c.name: c for c in criteria.candidates}
        self.variables: dict[str, NamedVariable] = {v.name: v for v in criteria.variables}

    def find_kind(self, collection: str, depth: int = 0) -> str | None:
        """The subject of a collection's objects: `muon` for `muons`, `lepton` for electrons and muons together.

        What is defined from several kinds of objects is `other:` with its name; None for an unknown name.
        """
        if collection in _BASES:
            return _BASES[collection]
        definition = self.objects.get(collection)
        if definition is None or depth > _DEEPEST:
            return None
        return self.name_kind(definition, depth)

    def name_kind(self, definition: ObjectDefinition, depth: int = 0) -> str:
        """The subject of a definition's objects, as `find_kind`."""
        base = definition.base if definition.base is not None else definition.union or ()
        sources: Iterable[str] = (base,) if isinstance(base, str) else base
        kinds = {self.find_kind(s, depth + 1) for s in sources}
        if kinds and kinds <= {"electron", "muon", "lepton"}:
            return "lepton" if len(kinds) > 1 else str(kinds.pop())
        only = kinds.pop() if len(kinds) == 1 else None
        if only == "jet" and _TAGGED.search(definition.name):
            return "b-jet"
        return only if only is not None else say_other(definition.name)

    def find_members(self, candidate: str, name: str | None = None) -> str | None:
        """The subject of a candidate's members; with a name, of those from that collection or role."""
        made = self.candidates.get(candidate)
        if made is None:
            return None
        if name is not None:
            role = (made.assign or {}).get(name)
            return self._kind_of(role) if role is not None else self.find_kind(name)
        kinds = {self._kind_of(c) for c in self._list_collections(made)}
        return kinds.pop() if len(kinds) == 1 else None

    def name_composite(self, candidate: str) -> str | None:
        """The subject that a candidate is: `diphoton`, `leading_pair`, `quadruplet`; None for an unknown name."""
        made = self.candidates.get(candidate)
        if made is None:
            return None
        kind = self.find_members(candidate)
        if made.pair is not None and made.pairing is None:
            if kind in ("lepton", "electron", "muon") and self._is_one_of_two(candidate):
                return "subleading_pair" if made.exclude else "leading_pair"
            return _PAIRS.get(kind or "", say_other(candidate))
        if made.leading is not None and made.n == 2:
            return _PAIRS.get(kind or "", say_other(candidate))
        if kind in ("lepton", "electron", "muon") and self._count(made) == 4:
            return "quadruplet"
        return say_other(candidate)

    def _is_one_of_two(self, candidate: str) -> bool:
        return any(c.sum is not None and candidate in c.sum and len(c.sum) == 2 for c in self.candidates.values())

    def _count(self, made: Candidate, depth: int = 0) -> int:
        if depth > _DEEPEST:
            return 0
        if made.leading is not None:
            return made.n or 0
        if made.pairing is not None:
            return 2 * len(made.pairing)
        if made.pair is not None:
            return 2
        return sum(self._count(self.candidates[s], depth + 1) for s in made.sum or () if s in self.candidates)

    def _list_collections(self, made: Candidate, depth: int = 0) -> list[str]:
        if depth > _DEEPEST:
            return []
        own = [made.pair, made.leading, *(made.assign or {}).values()]
        parts = [self.candidates[s] for s in made.sum or () if s in self.candidates]
        return [c for c in own if c is not None] + [c for p in parts for c in self._list_collections(p, depth + 1)]

    def _kind_of(self, collection: str) -> str | None:
        """The subject of a collection, or of its first objects."""
        match = _FIRST_OF.match(collection)
        return self.find_kind(match[1]) if match is not None else None


def name_rank(kind: str, index: int) -> str:
    """The subject of the object at a place of its collection: `leading_muon` for the first."""
    if kind.startswith("other:") or kind in ("track", "vertex", "fat-jet", "c-jet") or index >= len(_RANKS):
        return kind
    ranked = f"{_RANKS[index]}_{kind}"
    known = {"lepton": 4, "jet": 4, "electron": 2, "muon": 2, "photon": 2, "b-jet": 2, "tau": 1}
    return ranked if index < known.get(kind, 0) else say_other(f"{_RANKS[index]} {kind}")


def name_pair(kind: str | None) -> str:
    """The subject of any two objects of a kind."""
    return _PAIRS.get(kind or "", say_other(f"pair of {kind or 'objects'}"))


def say_other(words: str) -> str:
    """A subject or a variable outside the closed lists."""
    return f"other:{words.replace('_', ' ').strip() or '?'}"[:200]
