"""What the page shows, ready for its templates: texts are escaped or typeset, every link and name is decided.

Two views of one run can be compared: what is equal is shown alike, so only what differs has to be sent again.
"""

import re
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

CardStatus = Literal["open", "accepted", "edited", "rejected", "answered", "none"]
TagKind = Literal["plain", "good", "warn", "bad"]

_PLAIN = re.compile(r"[^A-Za-z0-9_-]")


def make_anchor(address: str) -> str:
    """The id of an address in the page: letters, digits, dashes and underscores; different for different addresses."""
    kind, _, name = address.partition(":")
    return f"{kind}-" + _PLAIN.sub(lambda m: f".{ord(m[0]):x}.", name)


@dataclass(frozen=True)
class Query:
    """What the address of the page asks for: a filter, words to be found, a document."""

    show: str = "all"
    words: str = ""
    document: str | None = None
    at: str | None = None
    """The card to begin at, by its address."""


@dataclass(frozen=True)
class Quote:
    """A passage and the place it links to."""

    text: Markup
    place: str
    """ "p. 12", or with the work before it."""
    page: str | None
    """The id of its page in the page; None where it was not found."""
    problem: str | None = None
    """Why it does not prove the requirement."""
    recognised: bool = False


@dataclass(frozen=True)
class Tag:
    """A word or two about a card."""

    text: str
    kind: TagKind = "plain"
    title: str = ""
    is_status: bool = False
    """It says what the card's sign says already, and by whom."""


@dataclass(frozen=True)
class Choice:
    """An alternative of a question."""

    key: str
    text: Markup
    is_default: bool
    chosen: bool
    effect: str


@dataclass(frozen=True)
class Link:
    """A card that another one speaks of."""

    anchor: str
    text: Markup


@dataclass(frozen=True)
class Card:
    """One part, question or printed threshold."""

    anchor: str
    address: str
    kind: str
    name: str
    title: Markup
    plain: str
    """The title without markup, for labels and announcements."""
    about: str
    """Whose it is, in words: "electrons", "preselection"."""
    owner: str | None
    digest: str
    status: CardStatus
    counts: bool
    """It is one of those that a review goes through."""
    joined: bool = False
    """It is joined to the card before it by "or"."""
    tags: tuple[Tag, ...] = ()
    quotes: tuple[Quote, ...] = ()
    former: tuple[Quote, ...] = ()
    """Quotes of what it said before it was edited."""
    note: str | None = None
    why: Markup | None = None
    made_by: str = ""
    choices: tuple[Choice, ...] = ()
    answer: str | None = None
    links: tuple[Link, ...] = ()
    actions: tuple[str, ...] = ()
    """Of accept, edit, reject, reopen, remove, answer, claim, dismiss."""
    facets: tuple[str, ...] = ()
    search: str = ""
    """Everything that a search looks at, in lower case."""
    hidden: bool = False
    number: str = ""
    """Of a threshold: the number as printed."""
    document: str = ""
    """Of a threshold: where it is printed."""
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Group:
    """An object, a candidate, a region with its requirements; or cards of one kind."""

    anchor: str
    title: Markup
    plain: str
    head: Card | None
    """The definition itself, where it is a part."""
    cards: tuple[Card, ...]
    adds: tuple[tuple[str, str], ...] = ()
    """What can be added here: the kind, and the words of the button."""
    owner: str | None = None
    note: str | None = None

    @property
    def undecided(self) -> tuple[Card, ...]:
        """Cards that "accept the rest" accepts: undecided, and a quote says so."""
        cards = ((self.head,) if self.head is not None else ()) + self.cards
        return tuple(c for c in cards if c.status == "open" and "accept" in c.actions and "ungrounded" not in c.facets)

    @property
    def hidden(self) -> bool:
        """Nothing in it is asked for."""
        cards = ((self.head,) if self.head is not None else ()) + self.cards
        return bool(cards) and all(c.hidden for c in cards)


@dataclass(frozen=True)
class Section:
    """A part of the document: objects, candidates, regions, questions, coverage."""

    anchor: str
    title: str
    groups: tuple[Group, ...]
    about: str = ""
    adds: tuple[tuple[str, str], ...] = ()

    @property
    def hidden(self) -> bool:
        """Nothing in it is asked for."""
        return bool(self.groups) and all(g.hidden for g in self.groups)


@dataclass(frozen=True)
class Rectangle:
    """A box on a page in its points, y downwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class MarkView:
    """A quote on its page."""

    anchor: str
    """Of its card."""
    status: CardStatus
    grounded: bool
    label: str
    boxes: tuple[Rectangle, ...]
    is_former: bool = False
    """It says what the part said before it was edited."""


@dataclass(frozen=True)
class WordView:
    """A word on its page, and where it stands in the document's text."""

    text: str
    start: int
    end: int
    x: float
    y: float
    """Of its baseline."""
    width: float
    height: float


@dataclass(frozen=True)
class PageView:
    """A page of a document: where its picture and its words are to be had, and the quotes on it."""

    anchor: str
    number: int
    width: float
    height: float
    image: str
    layer: str
    marks: tuple[MarkView, ...] = ()


@dataclass(frozen=True)
class DocumentView:
    """A document in its tab."""

    anchor: str
    id: str
    title: str
    is_paper: bool
    shown: bool
    pages: tuple[PageView, ...]
    remark: str | None
    """Why there is no PDF."""
    href: str


@dataclass(frozen=True)
class Filter:
    """A filter and how many cards it leaves."""

    key: str
    text: str
    count: int
    chosen: bool
    href: str


@dataclass(frozen=True)
class ProgressView:
    """How far the review is."""

    reviewed: int
    all: int
    questions: int
    """Open ones."""
    ungrounded: int
    """Undecided without a quote that says so."""
    ready: bool
    """Nothing stands against the gate."""


@dataclass(frozen=True)
class FlowLine:
    """A step of the cutflow, before and now."""

    label: str | Markup
    before: str
    after: str
    change: str
    anchor: str
    """The card of the cut."""
    reason: str = ""
    """Why the data format cannot evaluate it."""


@dataclass(frozen=True)
class FlowView:
    """A region's cutflow."""

    region: str
    lines: tuple[FlowLine, ...]


@dataclass(frozen=True)
class EffectView:
    """What the data say to the criteria as they stand."""

    words: str
    running: bool
    problem: str | None = None
    changed: tuple[FlowView, ...] = ()
    """Steps that differ from the last revision that selected otherwise."""
    original: tuple[FlowView, ...] = ()
    """Steps that differ from what the readers made, where that is another revision."""
    flows: tuple[FlowView, ...] = ()
    """The whole cutflow."""
    told: tuple[str, ...] = ()
    number: str = ""
    """Changes whenever something of it changes."""


@dataclass(frozen=True)
class ReviewView:
    """The whole page."""

    title: str
    paper: str | None
    run: str
    author: str
    revision: int
    undo: str | None
    """What would be undone, in words."""
    redo: str | None
    progress: ProgressView
    documents: tuple[DocumentView, ...]
    sections: tuple[Section, ...]
    filters: tuple[Filter, ...]
    query: Query
    parts: tuple[tuple[str, str], ...]
    """Addresses that a threshold can be claimed for, with their words."""
    effect: EffectView | None = None
    messages: tuple[Tag, ...] = ()

    @property
    def cards(self) -> tuple[Card, ...]:
        """All cards in page order, definitions before what belongs to them."""
        groups = [g for s in self.sections for g in s.groups]
        return tuple(c for g in groups for c in ((g.head,) if g.head is not None else ()) + g.cards)
