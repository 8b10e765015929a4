"""A gold list: the criteria of one version of one paper, and what the paper leaves open about them."""

from typing import Annotated, Literal, get_args

from pydantic import Field, FiniteFloat

from schemas.model import Model
from schemas.vocabulary import Closed, Source

Number = FiniteFloat
PageNumber = Annotated[int, Field(ge=1)]


class Points(Model):
    """The corners (x, y) of a piecewise linear threshold, ascending in x; y is None where the list does not say."""

    points: Annotated[tuple[tuple[Number, Number | None], ...], Field(min_length=2)]


GoldValue = Number | tuple[Number, ...] | Points | tuple[str, ...] | str

# What a paper can leave open about a criterion; a question about just that is raised rightly.
# ends: prose gives a range and does not say whether its ends belong to it.
# strictness: one threshold, two signs in two places (`operator_alt` is the other one), or words that can be either.
# value: there is a requirement, but no threshold or label that says where it is.
# which: one variable is bounded more than once, and the paper does not say which bound holds when.
# definition: a name ("tight") without what it means; `cites` are the works that define it, empty where none is named.
# condition: the paper does not say for which objects or events it holds.
# region: the paper does not say which region it belongs to.
# choice: the paper does not say which object or pair is taken, where the requirement needs one.
Open = Literal["ends", "strictness", "value", "which", "definition", "condition", "region", "choice"]

OPEN: tuple[Open, ...] = get_args(Open)


class GoldCriterion(Model):
    """One criterion. `operator_alt` is a second reading of the printed words that is as good as the first.

    `value` is in `unit`; operator and value are as printed, and `effect` says what happens to what fulfils them (d0 > 1
    mm, remove_object). `pages` are all pages on which the requirement stands, the first one in the first place.

    `open` are the kinds of things that the paper leaves open about it (see `Open`); empty: it is given in full, and a
    question about it is wrong. That the criteria language has no words for it (`executable` is false) is no mark.

    `cites` are the works that the paper names beside it, as printed ("[131]"). Only with the mark `definition` is its
    definition left to them, so that following them is right; without it the paper defines it itself, and a work that is
    named only explains or credits (the inventors of a jet algorithm), so that no cut comes from there.
    """

    id: str
    stage: str
    subject: str
    second_subject: str | None = None
    variable: str
    operator: str
    operator_alt: str | None = None
    value: GoldValue | None = None
    closed: Closed | None = None  # ends of a range as printed; None: no range, or the paper does not say (`ends`)
    unit: str | None = None
    effect: str = "keep"
    condition: str | None = None
    scope: str | None = None
    group: str | None = None  # criteria of one list with the same name here are joined by "or"
    pages: tuple[PageNumber, ...] = Field(min_length=1)
    literal: str | None = None  # number and unit as printed, where they are written differently ("500 MeV")
    quote: str = ""  # only of notes that are ours: no sentence of a paper stands in a list
    quote_2: str | None = None
    source: Source = "prose"
    cites: tuple[str, ...] = ()
    open: tuple[Open, ...] = ()
    numeric: bool
    executable: bool

    @property
    def counted(self) -> bool:
        """Numeric and executable: what the strict count is about."""
        return self.numeric and self.executable

    @property
    def delegated(self) -> tuple[str, ...]:
        """The works, as printed, to which the paper leaves the definition."""
        return self.cites if "definition" in self.open else ()


class GoldList(Model):
    """The criteria of one paper. `outside` stands on pages that were not read completely: true, but not counted.

    What names the paper (`arxiv` without version, `doi`, `report`) is for finding the PDF; `sha256` is of the PDF that
    was read, so that another version is noticed: page numbers, and sometimes thresholds, differ between versions.
    """

    paper: str
    pdf: str  # name of the file
    pages: tuple[PageNumber, ...] = Field(description="pages of the selection, from 1")
    criteria: tuple[GoldCriterion, ...]
    outside: tuple[GoldCriterion, ...] = ()
    title: str | None = None  # what it is, in our own words
    arxiv: str | None = None
    version: int | None = None  # of the arXiv version that was read
    doi: str | None = None
    report: str | None = None
    sha256: str | None = None
    readers: int = 1  # who read the pages independently of each other
    group: str | None = None  # of our notes: A to develop with, B to measure with
    notes: str | None = None  # what was left out on purpose, in our own words
    slug: str | None = None  # of the built-in analysis whose folder it is in

    @property
    def every(self) -> tuple[GoldCriterion, ...]:
        """All criteria, those outside the selection's pages too."""
        return (*self.criteria, *self.outside)

    @property
    def delegated(self) -> frozenset[str]:
        """All works, as printed, to which the paper leaves a definition."""
        return frozenset(key for c in self.every for key in c.delegated)
