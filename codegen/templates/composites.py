"""Composites: pairs of objects, the choice among combinations, and what is chosen in each event."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations, product

import numpy as np

from codegen.templates.kinematics import FourMomenta, delta_r, once, wrap
from codegen.templates.objects import Objects


class Pairs:
    """All pairs of different objects of a collection, in the order (0,1), (0,2), … (1,2), …; tables (pairs, events)."""

    def __init__(self, objects: Objects, i: np.ndarray, j: np.ndarray, wanted: np.ndarray | None = None) -> None:
        self.objects, self.i, self.j, self.wanted = objects, i, j, wanted

    @classmethod
    def of(cls, objects: Objects, first: int | None = None) -> Pairs:
        """All pairs, or those of the first few objects."""
        slots = len(objects.rows) if first is None else min(first, len(objects.rows))
        i, j = np.array(list(combinations(range(slots), 2)), dtype=np.intp).reshape(-1, 2).T
        return cls(objects, i, j)

    @once
    def present(self) -> np.ndarray:
        """True where both objects are there, and the pair is a wanted one."""
        both = self.j[:, np.newaxis] < self.objects.count
        return both if self.wanted is None else both & self.wanted

    @property
    def count(self) -> np.ndarray:
        return self.present.sum(axis=0, dtype=np.int16).astype(np.intp)

    @once
    def p4(self) -> FourMomenta:
        pair, event = np.nonzero(self.present)
        first, second = self.objects.rows[self.i[pair], event], self.objects.rows[self.j[pair], event]
        rows = np.full(self.present.shape, -1)
        rows[pair, event] = np.arange(len(pair))
        objects = self.objects.source.p4
        both = objects[np.append(first, -1)] + objects[np.append(second, -1)]
        return both.spread(rows)

    @property
    def charge(self) -> np.ndarray:
        return self.objects.charge[self.i] + self.objects.charge[self.j]

    @once
    def same_flavour(self) -> np.ndarray:
        return self.objects.flavour[self.i] == self.objects.flavour[self.j]

    @property
    def opposite_flavour(self) -> np.ndarray:
        return self.present & ~self.same_flavour

    @once
    def opposite_charge(self) -> np.ndarray:
        return self.objects.charge[self.i] * self.objects.charge[self.j] < 0

    @property
    def same_charge(self) -> np.ndarray:
        return self.objects.charge[self.i] * self.objects.charge[self.j] > 0

    @property
    def delta_eta(self) -> np.ndarray:
        return self.objects.eta[self.i] - self.objects.eta[self.j]

    @property
    def delta_phi(self) -> np.ndarray:
        return wrap(self.objects.phi[self.i] - self.objects.phi[self.j])

    @property
    def delta_r(self) -> np.ndarray:
        eta, phi = self.objects.eta, self.objects.phi
        return delta_r(eta[self.i], phi[self.i], eta[self.j], phi[self.j])

    def where(self, wanted: np.ndarray) -> Pairs:
        """Only the wanted pairs."""
        return Pairs(self.objects, self.i, self.j, wanted if self.wanted is None else wanted & self.wanted)

    def share(self, candidate: Candidate | Composites) -> np.ndarray:
        """True where a pair has an object that the candidate has, too."""
        shared = np.zeros(self.present.shape, dtype=bool)
        for objects, slots in candidate.members:
            if objects is self.objects and not has_identity(objects):
                for slot in slots:
                    shared |= (self.i[:, np.newaxis] == slot) | (self.j[:, np.newaxis] == slot)
            else:
                taken = self.objects.match(objects.take(slots, candidate.exists))
                shared |= taken[self.i] | taken[self.j]
        return shared

    def choose(self, allowed: np.ndarray, *scores: np.ndarray) -> Candidate:
        """The allowed pair with the smallest score in each event; equal scores: the first one."""
        return self.pick(*choose(allowed & self.present, *scores))

    def pick(self, row: np.ndarray, exists: np.ndarray) -> Candidate:
        """One pair per event."""
        slots = np.where(exists, np.stack([self.i[row], self.j[row]]), -1)
        return Candidate(exists, self.p4.pick(row, exists), [(self.objects, slots)])


def pair_up(pairs: Pairs, number: int) -> list[Pairs]:
    """All ways to take so many pairs without a common object, one list of pairs for each place."""
    i, j = pairs.i.tolist(), pairs.j.tolist()
    ways = [
        way
        for way in permutations(range(len(i)), number)
        if len({slot for row in way for slot in (i[row], j[row])}) == 2 * number
    ]
    places = np.array(ways, dtype=np.intp).reshape(-1, number).T
    return [Pairs(pairs.objects, pairs.i[rows], pairs.j[rows]) for rows in places]


def choose_together(places: list[Pairs], allowed: np.ndarray, *scores: np.ndarray) -> list[Candidate]:
    """The allowed way with the smallest scores, the earlier ones first; one candidate for each place."""
    row, exists = choose(np.all([pairs.present for pairs in places], axis=0) & allowed, *scores)
    return [pairs.pick(row, exists) for pairs in places]


class Candidate:
    """A composite per event: whether it exists, its four-momentum, and its members (-1 where it does not exist)."""

    def __init__(self, exists: np.ndarray, p4: FourMomenta, members: list[tuple[Objects, np.ndarray]]) -> None:
        self.exists, self.p4, self.members = exists, p4, members

    @classmethod
    def leading(cls, objects: Objects, n: int, *excluded: Candidate | Composites) -> Candidate:
        """The first n objects of a collection, members of other candidates left out."""
        if not excluded:
            exists, p4 = objects.count >= n, objects.first(n).p4
            slots = np.where(exists, np.arange(n)[:, np.newaxis], -1)
            return cls(exists, add_up([p4[slot] for slot in range(n)]), [(objects, slots)])
        free = objects.present
        for candidate in excluded:
            for owner, slots in candidate.members:
                if owner is objects and not has_identity(objects):
                    free = free & np.all(np.arange(len(free))[:, np.newaxis] != slots[:, np.newaxis], axis=0)
                else:
                    free = free & ~objects.match(owner.take(slots, candidate.exists))
        exists = free.sum(axis=0) >= n
        slots = np.where(exists, np.argsort(~free, axis=0, kind="stable")[:n], -1)
        taken = objects.take(slots, exists).p4
        return cls(exists, add_up([taken[row] for row in range(n)]), [(objects, slots)])

    @classmethod
    def sum(cls, first: Candidate, *others: Candidate) -> Candidate:
        """Candidates taken together."""
        exists, p4, members = first.exists, first.p4, list(first.members)
        for other in others:
            exists, p4, members = exists & other.exists, p4 + other.p4, members + other.members
        return cls(exists, p4, members)

    @property
    def count(self) -> np.ndarray:
        return self.exists.astype(np.float64)

    def list_members(self, objects: Objects) -> Objects:
        """The members that come from a collection, in its order."""
        slots = np.sort(np.concatenate([slots for owner, slots in self.members if owner is objects]), axis=0)
        return objects.take(slots, self.exists)

    @property
    def charge(self) -> np.ndarray:
        total = np.where(self.exists, 0.0, np.nan)
        for objects, slots in self.members:
            total = total + objects.take(slots, self.exists).charge.sum(axis=0)
        return total

    @property
    def delta_eta(self) -> np.ndarray:
        first, second = self._list_two("eta")
        return first - second

    @property
    def delta_phi(self) -> np.ndarray:
        first, second = self._list_two("phi")
        return wrap(first - second)

    @property
    def delta_r(self) -> np.ndarray:
        return np.sqrt(self.delta_eta * self.delta_eta + self.delta_phi * self.delta_phi)

    def _list_two(self, name: str) -> list[np.ndarray]:
        return [row for objects, slots in self.members for row in getattr(objects.take(slots, self.exists), name)]


class Roles:
    """All ways to give every one of n composites one object of each role; tables (composites, ways, events)."""

    def __init__(self, n: int, **roles: Objects) -> None:
        others = [list(permutations(range(n)))] * (len(roles) - 1)
        ways = [(tuple(range(n)), *way) for way in product(*others)]
        self.n, self.roles = n, {role: objects.first(n) for role, objects in roles.items()}
        self.slots = dict(zip(roles, np.array(ways, dtype=np.intp).transpose(1, 2, 0), strict=True))
        self.present = np.all([objects.count >= n for objects in roles.values()], axis=0)

    def __getattr__(self, role: str) -> Dealt:
        try:
            return Dealt(self.__dict__["roles"][role], self.__dict__["slots"][role])
        except KeyError:
            raise AttributeError(role) from None

    @once
    def p4(self) -> FourMomenta:
        return add_up([getattr(self, role).p4 for role in self.roles])

    @property
    def charge(self) -> np.ndarray:
        return np.sum([getattr(self, role).charge for role in self.roles], axis=0)

    def share(self, candidate: Candidate | Composites) -> np.ndarray:
        """True where one of the objects to give is an object that the candidate has, too; one value per event."""
        shared = np.zeros(self.present.shape, dtype=bool)
        for objects, slots in candidate.members:
            taken = objects.take(slots, candidate.exists)
            for own in self.roles.values():
                shared |= np.any(own.match(taken), axis=0)
        return shared

    def choose(self, allowed: np.ndarray, *scores: np.ndarray) -> Composites:
        """The allowed way with the smallest scores, the earlier ones first."""
        ways = next(iter(self.slots.values())).shape[1]
        row, exists = choose(np.broadcast_to(allowed & self.present, (ways, len(self.present))), *scores)
        chosen = {r: self.roles[r].take(np.where(exists, s[:, row], -1), exists) for r, s in self.slots.items()}
        return Composites(self.n, exists, chosen)


class Dealt:
    """The objects of one role as they are dealt in each way."""

    def __init__(self, objects: Objects, slots: np.ndarray) -> None:
        self.objects, self.slots = objects, slots

    def __getattr__(self, name: str) -> np.ndarray:
        return getattr(self.__dict__["objects"], name)[self.__dict__["slots"]]

    @property
    def p4(self) -> FourMomenta:
        return self.objects.p4[self.slots]


class Composites:
    """The chosen composites; composite k has object k of the first role. Tables (composites, events)."""

    def __init__(self, n: int, exists: np.ndarray, roles: dict[str, Objects]) -> None:
        self.exists, self.roles = exists, roles
        self.count = np.where(exists, n, 0)
        self.present = np.broadcast_to(exists, (n, len(exists)))

    @property
    def members(self) -> list[tuple[Objects, np.ndarray]]:
        slots = np.where(self.exists, np.arange(len(self.present))[:, np.newaxis], -1)
        return [(objects, slots) for objects in self.roles.values()]

    def __getattr__(self, role: str) -> Objects:
        try:
            return self.__dict__["roles"][role]
        except KeyError:
            raise AttributeError(role) from None

    @once
    def p4(self) -> FourMomenta:
        return add_up([objects.p4 for objects in self.roles.values()])

    @property
    def charge(self) -> np.ndarray:
        return np.sum([objects.charge for objects in self.roles.values()], axis=0)


def has_identity(objects: Objects) -> bool:
    """Whether it is noted which stored object each one is; without that, a slot of a collection tells."""
    return "identity" in objects.source.columns


def add_up(momenta: Sequence[FourMomenta]) -> FourMomenta:
    total = momenta[0]
    for other in momenta[1:]:
        total = total + other
    return total


def choose(allowed: np.ndarray, *scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The row with the smallest score among the allowed ones of each event, and whether there is one.

    Later scores decide between equal earlier ones, then the order of the rows. A missing score is never chosen.
    """
    for score in scores:
        usable = np.where(allowed & np.isfinite(score), score, np.inf)
        allowed = (usable == usable.min(axis=0)) & (usable < np.inf)
    row = np.zeros(allowed.shape[1], dtype=np.intp)
    for k in reversed(range(len(allowed))):
        np.copyto(row, k, where=allowed[k])
    return row, np.any(allowed, axis=0)
