"""Numeric comparisons in selection passages that no finding claims: how a person sees what a reader missed."""

from schemas.model import Model


class PrintedThreshold(Model):
    """A numeric comparison as printed, and which finding claims it, if one does."""

    page: int
    start: int
    end: int
    text: str  # the comparison with a little context around it
    number: str  # as printed
    claimed_by: str | None = None


class Coverage(Model):
    """All numeric comparisons of the selection passages, in order of the text."""

    thresholds: tuple[PrintedThreshold, ...]

    @property
    def unclaimed(self) -> tuple[PrintedThreshold, ...]:
        """Those that no finding claims."""
        return tuple(t for t in self.thresholds if t.claimed_by is None)
