"""The fate of each finding: in a cut, in a question, or refused."""

from schemas.model import Model


class Placement(Model):
    """Where a finding ended: in a cut, in an open question, or refused because its quote does not say it."""

    finding: str
    cut: str | None = None
    question: str | None = None
    refused: str | None = None
