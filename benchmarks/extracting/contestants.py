"""Who reads in a contest: the rules, models, simulated models, and what is merged of their readings."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.contest.contestants import RULES, Contestant, Kind
from benchmarks.simulated.specification import SimulatedReader
from pipeline.models.config import ModelSettings


class Entrant(NamedTuple):
    """A contestant and what its readings are made of. `key` names the model that is asked; None: the rules alone.

    `votes` runs of the model alone make one run of the entrant; its reading by itself is made by asking the model.
    """

    contestant: Contestant
    key: str | None = None
    settings: ModelSettings | None = None  # None: the rules, or a simulated model before its server is there
    simulated: SimulatedReader | None = None
    with_rules: bool = False

    @property
    def asks(self) -> bool:
        """Whether its runs are readings of a model; else they are made of readings that exist."""
        return self.contestant.kind in ("model", "simulated")


def plan_entrants(
    settings: Sequence[ModelSettings], simulated: Sequence[SimulatedReader], votes: Sequence[int], *, with_rules: bool
) -> tuple[Entrant, ...]:
    """The rules, then each model alone, with each number of votes, and the same with the rules."""
    entrants = [Entrant(Contestant(name=RULES, kind="rules"))]
    taken = {RULES}
    for base in (*map(_enter_model, settings), *map(_enter_simulated, simulated)):
        for number in (1, *sorted(set(votes) - {1})):
            for joined in (False, True) if with_rules else (False,):
                entrants.append(_derive(base, number, taken, with_rules=joined))
    return tuple(entrants)


def _enter_model(settings: ModelSettings) -> Entrant:
    name = settings.model
    return Entrant(Contestant(name=name, kind="model", model=name), key=name, settings=settings)


def _enter_simulated(reader: SimulatedReader) -> Entrant:
    name = reader.name
    who = Contestant(name=name, kind="simulated", model=name, simulated=True)
    return Entrant(who, key=name, simulated=reader)


def _derive(base: Entrant, votes: int, taken: set[str], *, with_rules: bool) -> Entrant:
    kind: Kind = "with rules" if with_rules else "votes" if votes > 1 else base.contestant.kind
    name = f"{base.key}{f', {votes} votes' if votes > 1 else ''}{' + rules' if with_rules else ''}"
    while name in taken:  # a model may be called like somebody else
        name += " (model)"
    taken.add(name)
    contestant = base.contestant.model_copy(update={"name": name, "kind": kind, "votes": votes})
    return base._replace(contestant=contestant, with_rules=with_rules)
