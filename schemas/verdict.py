"""What witness events say about one part of a program."""

from collections.abc import Iterable
from typing import Literal

from schemas.model import Model

Judgement = Literal["implemented", "wrong", "absent", "hidden", "not witnessed"]


class Verdict(Model):
    """What is known about one cut, candidate or overlap removal of a program.

    `event` is the number of the first witness event that shows it; `expected` and `found` name the last step that the
    event passes; `likely` are single mistakes that would explain everything that was seen. Of several parts that look
    wrong, `place` 1 is the likeliest to be so; `consequence_of` names another part whose being wrong explains all that
    is seen of this one.
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
    place: int | None = None
    consequence_of: str = ""


def list_wrong(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Parts of the criteria that a program does not implement as they are written, the likeliest culprit first.

    What is perhaps only a consequence of another one comes last.
    """
    wrong = [v for v in verdicts if v.verdict in ("wrong", "absent", "hidden")]
    return sorted(wrong, key=lambda v: (bool(v.consequence_of), v.place is None, v.place or 0))
