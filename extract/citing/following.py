"""Which cited works are worth getting, the most important first, and how far to go."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from extract.citing.naming import OVERLAP, SELECTION
from schemas.citation import Bibliography, CitedWork, Delegation

_WEIGHTS = {"isolation": 40, "id": 30, "btag": 25, "jvt": 20, OVERLAP: 30, SELECTION: 15}
_OTHER_VARIABLE = 10
_OPEN = 20  # a reader found the requirement, and its value is not in the paper
_SHARED = 4  # less for each further work that the same sentence cites
_UNNAMED = 1000  # what has no identifier cannot be got: last


class Step(NamedTuple):
    """A work to get, what it is needed for, and how many works lie between it and the paper (1: cited by it)."""

    work: CitedWork
    delegations: tuple[str, ...]
    depth: int


def choose_works(delegations: Sequence[Delegation], bibliography: Bibliography, most: int) -> tuple[CitedWork, ...]:
    """The works that definitions are left to, at most `most`, the most important first; each work once.

    Important are definitions of what every object must pass (isolation, identification, tagging), works that several
    definitions are left to, and works with an identifier. Works that are only similar, or cited for something else than
    a definition, are none of them.
    """
    return tuple(step.work for step in _rank(delegations, bibliography, 1)[: max(most, 0)])


def plan_steps(
    delegations: Mapping[str, Sequence[Delegation]],
    bibliographies: Mapping[str, Bibliography],
    depths: Mapping[str, int],
    *,
    most: int,
    deepest: int,
    followed: Sequence[str] = (),
) -> tuple[Step, ...]:
    """The works to get next for several documents that were read: the paper (depth 0) and works it delegates to.

    `delegations`, `bibliographies` and `depths` are by document id; `followed` names the works (`CitedWork.name`) that
    were tried already, which count against `most`. Nothing lies deeper than `deepest`; nearer works come first.
    """
    left = max(most - len(set(followed)), 0)
    seen = set(followed)
    steps: list[Step] = []
    for name in sorted(delegations, key=lambda d: depths.get(d, 0)):
        depth = depths.get(name, 0) + 1
        if depth > deepest or name not in bibliographies:
            continue
        for step in _rank(delegations[name], bibliographies[name], depth):
            if step.work.name not in seen:
                seen.add(step.work.name)
                steps.append(step)
    return tuple(steps[:left])


def _rank(delegations: Sequence[Delegation], bibliography: Bibliography, depth: int) -> list[Step]:
    weights: dict[str, float] = {}
    works: dict[str, CitedWork] = {}
    needed: dict[str, list[str]] = {}
    for delegation in delegations:
        if delegation.kind != "definition":
            continue
        weight = _WEIGHTS.get(delegation.variable, _OTHER_VARIABLE) + _OPEN * (delegation.finding is not None)
        for place, key in enumerate(delegation.keys):
            work = bibliography.find(key)
            if work is None:
                continue
            works.setdefault(work.name, work)
            weights[work.name] = weights.get(work.name, 0.0) + max(weight - _SHARED * place, 1)
            needed.setdefault(work.name, []).append(delegation.id)
    for name, work in works.items():
        if work.arxiv is None and work.doi is None:
            weights[name] -= _UNNAMED if work.report is None else _UNNAMED / 2
    order = sorted(works, key=lambda name: (-weights[name], works[name].start))
    return [Step(works[name], tuple(needed[name]), depth) for name in order]
