"""One event under examination: what is known of it so far, and the objects that names in expressions stand for."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from codegen.witness.objects import Composite, Thing, compose
from codegen.witness.stored import Event, Shake
from codegen.witness.values import ABSENT, Entry, Numbers, Objects, lift, match_flag
from schemas.errors import CriteriaError
from schemas.expressions import nodes as n

if TYPE_CHECKING:
    from codegen.witness.evaluate import Interpreter


class Examined(ABC):
    """What is known of one event, and the objects in it."""

    def __init__(
        self,
        of: "Interpreter",
        event: Event,
        force: Mapping[Entry, bool],
        shake: Shake,
        atoms: Mapping[int, bool] | None = None,
    ) -> None:
        self.of, self.event, self.force, self.shake, self.atoms = of, event, force, shake, atoms or {}
        self.profile = of.read_profile(shake)
        self.single: dict[Entry, bool] = {}
        self.passed: dict[str, bool] = {}
        self.things: dict[str, list[Thing]] = {}
        self.state: dict[str, str] = {}
        self.candidates: dict[str, Composite | None] = {}
        self.composites: dict[str, list[Composite] | None] = {}
        self.variables: dict[str, Numbers] = {}
        self.this: Thing | None = None
        self.trials: dict[str, Composite] = {}
        self.removed = False

    @abstractmethod
    def collection(self, name: str) -> list[Thing]:
        """A collection as finally defined, by descending pT."""

    @abstractmethod
    def candidate(self, name: str) -> Composite | None:
        """The chosen composite, None where no combination qualifies."""

    @abstractmethod
    def assigned(self, name: str) -> list[Composite] | None:
        """The chosen composites of an assignment, None where no way qualifies."""

    def objects(self, node: n.Node) -> Objects:
        """The object, or the list of objects, that a node stands for."""
        match node:
            case n.This():
                return self.this
            case n.Collection():
                return list(self.collection(node.name))
            case n.Candidate():
                return self.candidate(node.name)
            case n.Composites():
                found = self.assigned(node.name)
                return ABSENT if found is None else list(found)
            case n.Trial():
                return self.trials[node.name]
            case n.Members():
                return self._members(node)
            case n.Item():
                listed = self.objects(node.owner)
                return listed[node.index] if isinstance(listed, list) and node.index < len(listed) else None
            case n.Slice():
                listed = self.objects(node.owner)
                return listed[: node.stop] if isinstance(listed, list) else listed
            case n.Role():
                return lift(lambda c: c.roles.get(node.role) if isinstance(c, Composite) else None,
                             self.objects(node.owner))  # fmt: skip
            case n.Pairs():
                return self._pairs(node)
        raise CriteriaError(f"expected an object, found {type(node).__name__.lower()}")

    def _members(self, node: n.Members) -> Objects:
        assert isinstance(node.owner, n.Candidate)
        owner = self.candidate(node.owner.name)
        if owner is None:
            return ABSENT
        whole = node.part in self.of.checked.scope.candidates[node.owner.name].members
        members = [m for m in owner.members if (m[0] == node.part if whole else node.part in m[2].parts)]
        return [m[2] for m in sorted(members, key=lambda m: (m[0], m[1]))]

    def _pairs(self, node: n.Pairs) -> Objects:
        listed = self.objects(node.owner)
        if not isinstance(listed, list):
            return ABSENT
        things = [t for t in listed if isinstance(t, Thing)]
        numbered = list(enumerate(things))
        return [
            compose([("", i, a), ("", j, b)])
            for (i, a), (j, b) in combinations(numbered, 2)
            if all(match_flag(f, a, b) for f in node.flags)
        ]
