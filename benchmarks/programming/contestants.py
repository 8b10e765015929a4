"""Who writes code in a contest: the compiler, models, simulated models."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.contest.contestants import COMPILER, Contestant, choose_name
from benchmarks.simulated.specification import SimulatedCoder
from pipeline.models.config import ModelSettings
from schemas.coding import Coder


class Entrant(NamedTuple):
    """A contestant and the model that it is; neither settings nor a simulated one: the compiler."""

    contestant: Contestant
    settings: ModelSettings | None = None  # None: the compiler, or a simulated model before its server is there
    simulated: SimulatedCoder | None = None

    @property
    def asks(self) -> bool:
        """Whether a model writes the code."""
        return not self.contestant.deterministic

    def list_modes(self, modes: Sequence[Coder]) -> tuple[Coder, ...]:
        """The ways in which it writes code, of those that were asked for."""
        return tuple(modes) if self.asks else ("compiler",)


def plan_entrants(settings: Sequence[ModelSettings], simulated: Sequence[SimulatedCoder]) -> tuple[Entrant, ...]:
    """The compiler, then the models. Each has a name of its own, whatever the model is called."""
    entrants = [Entrant(Contestant(name=COMPILER, kind="compiler"))]
    taken = {COMPILER}
    for one in settings:
        who = Contestant(name=choose_name(one.model, taken), kind="model", model=one.model)
        entrants.append(Entrant(who, settings=one))
    for coder in simulated:
        name = choose_name(coder.name, taken)
        who = Contestant(name=name, kind="simulated", model=coder.name, simulated=True)
        entrants.append(Entrant(who, simulated=coder))
    return tuple(entrants)
