"""What a cell of a contest took."""

from schemas.model import Model


class Effort(Model):
    """What models were asked, and what it took."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0  # of models; of the rules by the clock
    cost: float | None = None  # None: no price is known
