"""Who takes part in a contest."""

from typing import Literal

from schemas.model import Model

Task = Literal["extract", "code"]

# rules, compiler: this program without a model. model: one reading, or one loop of coding. votes: several readings
# merged. with rules: a model's reading merged with that of the rules, as `paperfilter extract --model` does.
# simulated: a model server whose mistakes are drawn at rates that are known.
Kind = Literal["rules", "compiler", "model", "votes", "with rules", "simulated"]

RULES = "rules"
COMPILER = "compiler"


def choose_name(wanted: str, taken: set[str]) -> str:
    """A name that nobody in a contest has, `taken` from now on: a model may be called like somebody else."""
    name = wanted
    while name in taken:
        name += " (model)"
    taken.add(name)
    return name


class Contestant(Model):
    """One of those who take part. `name` is how tables and figures call it, and is unique in a contest."""

    name: str
    kind: Kind
    model: str | None = None  # the name under which its server knows it
    votes: int = 1  # readings that are merged
    simulated: bool = False  # its model is simulated: marked wherever it is shown

    @property
    def deterministic(self) -> bool:
        """Whether every run would be the same: then there is one."""
        return self.kind in ("rules", "compiler")
