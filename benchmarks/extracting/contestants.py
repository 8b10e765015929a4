"""Who reads in a contest: the rules, models, simulated models, and what is merged of their readings."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.contest.contestants import RULES, Contestant, Kind, choose_name
from benchmarks.simulated.specification import SimulatedReader
from pipeline.models.config import ModelSettings
from schemas.errors import UsageError


class Entrant(NamedTuple):
    """A contestant and what its readings are made of. `key` names the model that is asked; None: the rules alone.

    `votes` runs of the model alone make one run of the entrant; its reading by itself is made by asking the model.
    `majority`: of what they found, that which more than half of them found; else all of it, as `paperfilter extract
    --votes` shows it, each with its votes.
    """

    contestant: Contestant
    key: str | None = None
    settings: ModelSettings | None = None  # None: the rules, or a simulated model before its server is there
    simulated: SimulatedReader | None = None
    with_rules: bool = False
    majority: bool = False

    @property
    def asks(self) -> bool:
        """Whether its runs are readings of a model; else they are made of readings that exist."""
        return self.contestant.kind in ("model", "simulated")


def plan_entrants(
    settings: Sequence[ModelSettings], simulated: Sequence[SimulatedReader], votes: Sequence[int], *, with_rules: bool
) -> tuple[Entrant, ...]:
    """The rules, then each model alone, with each number of votes and their majority, and with the rules.

    Raises UsageError for a model that is called as one of the simulated readers is: its runs would be that one's.
    """
    alike = {s.model for s in settings} & {reader.name for reader in simulated}
    if alike:
        raise UsageError(f"--models and --simulated name '{min(alike)}' both; hold one of them in a contest of its own")
    entrants = [Entrant(Contestant(name=RULES, kind="rules"))]
    taken = {RULES}
    for base in (*map(_enter_model, settings), *map(_enter_simulated, simulated)):
        ways = [base, base._replace(with_rules=True)]
        for number in sorted(set(votes) - {1}):
            voted = base._replace(contestant=base.contestant.model_copy(update={"votes": number}))
            ways += [voted, voted._replace(majority=True), voted._replace(with_rules=True)]
        entrants += [_name(way, taken) for way in ways if with_rules or not way.with_rules]
    return tuple(entrants)


def _enter_model(settings: ModelSettings) -> Entrant:
    name = settings.model
    return Entrant(Contestant(name=name, kind="model", model=name), key=name, settings=settings)


def _enter_simulated(reader: SimulatedReader) -> Entrant:
    name = reader.name
    who = Contestant(name=name, kind="simulated", model=name, simulated=True)
    return Entrant(who, key=name, simulated=reader)


def _name(entrant: Entrant, taken: set[str]) -> Entrant:
    votes = entrant.contestant.votes
    kind: Kind = "with rules" if entrant.with_rules else "votes" if votes > 1 else entrant.contestant.kind
    ensemble = f", majority of {votes}" if entrant.majority else f", {votes} votes" if votes > 1 else ""
    name = choose_name(f"{entrant.key}{ensemble}{' + rules' if entrant.with_rules else ''}", taken)
    return entrant._replace(contestant=entrant.contestant.model_copy(update={"name": name, "kind": kind}))
