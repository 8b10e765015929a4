"""What witness events say about one part of a program."""

from typing import Literal

from schemas.model import Model

Judgement = Literal["implemented", "wrong", "absent", "hidden", "not witnessed"]


class Verdict(Model):
    """What is known about one cut, candidate or overlap removal of a program.

    `event` is the number of the first witness event that shows it; `expected` and `found` name the last step that the
    event passes; `likely` are single mistakes that would explain everything that was seen.
    """

    item: str
    owner: str
    verdict: Judgement
    detail: str = ""
    event: int | None = None
    region: str | None = None
    shows: str = ""
    values: str = ""
    expected: str | None = None
    found: str | None = None
    likely: tuple[str, ...] = ()
