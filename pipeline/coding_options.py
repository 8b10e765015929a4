"""How a selection is turned into code: part of a run's request, so that a run goes on as it began."""

from pydantic import Field

from schemas.coding import Coder
from schemas.model import Model

ROUNDS = 5
WALL = 4.0  # times the limit of CPU
LEAST_MORE = 60.0  # seconds


class CodingOptions(Model):
    """Who writes the code. The model is `NAME@URL` once it is settled; keys are never in here."""

    coder: Coder = "compiler"
    model: str | None = None
    rounds: int = Field(default=ROUNDS, ge=1, le=100)  # attempts that a model has
    supervised: bool = True  # a model in the role of supervisor instructs the coder
    held_out: tuple[str, ...] = ()  # absolute paths of files that are never in the loop; none: chosen by themselves
    classify: bool = False  # ask a model for the class of a failure that rules cannot name
    seconds: float = Field(default=600.0, gt=0)  # of CPU that a program may take
    sample: int = Field(default=0, ge=0)  # tells independent tries apart

    @property
    def wall_seconds(self) -> float:
        """How long a program may take by the clock: long enough that on a busy machine its own work decides."""
        return max(WALL * self.seconds, self.seconds + LEAST_MORE)

    @property
    def label(self) -> str:
        """The coder, for the name of the run folder."""
        name = (self.model or "").partition("@")[0].rstrip("/").rpartition("/")[2]
        sample = f"-{self.sample}" if self.sample else ""
        return "compiler" if self.coder == "compiler" else f"{self.coder}-{name}{sample}"
