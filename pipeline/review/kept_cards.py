"""Cards of parts that stay: an action changes one part or few, and a long paper has hundreds."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from codegen.tables.formulas import Names
from pipeline.review.cards import PageNames, make_card
from pipeline.review.parts import Part
from pipeline.review.view_models import Card
from schemas.criteria import Question


class _Made(NamedTuple):
    """A card and everything that it was made from."""

    part: Part
    names: Names
    pages: PageNames
    paper: str
    questions: Sequence[Question]
    card: Card

    def fits(self, part: Part, names: Names, pages: PageNames, paper: str, questions: Sequence[Question]) -> bool:
        """Whether the card is that of this part. What is equal and another thing counts as different: it is rare."""
        return (
            self.part.value is part.value
            and (self.part.address, self.part.owner, self.part.index) == (part.address, part.owner, part.index)
            and len(self.questions) == len(questions)
            and all(a is b for a, b in zip(self.questions, questions, strict=True))
            and (self.paper, self.names) == (paper, names)
            and self.pages == pages
        )


class KeptCards:
    """Makes cards, or gives those that it made last for parts that are the same. Several threads may use it."""

    def __init__(self) -> None:
        self._made: Mapping[str, _Made] = {}

    def make(
        self,
        parts: Sequence[Part],
        names: Names,
        pages: PageNames,
        paper: str,
        questions: Mapping[str, Sequence[Question]],
    ) -> dict[str, Card]:
        """The cards of all parts by their addresses. `questions` by the names of the cuts that they touch."""
        before, now = self._made, dict[str, _Made]()
        for part in parts:
            asked = questions.get(part.address.partition(":")[2], ())
            known = before.get(part.address)
            if known is None or not known.fits(part, names, pages, paper, asked):
                known = _Made(part, names, pages, paper, asked, make_card(part, names, pages, paper, asked))
            now[part.address] = known
        self._made = now
        return {address: made.card for address, made in now.items()}
