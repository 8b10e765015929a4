"""Cited works: what a paper cites, which definitions it delegates to them, and what became of each delegation."""

from typing import Literal

from schemas.model import Model

Identified = Literal["text", "link", "inspire"]  # where the identifier was read

DelegationKind = Literal["definition", "similar", "other"]


class CitedWork(Model):
    """One entry of the bibliography. `key` is as printed, without brackets ("101", "ATL-PHYS-1")."""

    key: str
    text: str
    page: int
    start: int  # offsets into Document.text
    end: int
    arxiv: str | None = None  # "2004.03447", "hep-ex/0601001": without version
    doi: str | None = None  # lower case, without resolver
    report: str | None = None  # "ATLAS-CONF-2018-023"
    title: str | None = None
    identified: Identified | None = None

    @property
    def name(self) -> str:
        """The best identifier there is, for people and file names."""
        return self.arxiv or self.doi or self.report or f"[{self.key}]"


class Mark(Model):
    """A place that cites works: "[100, 101]", "Refs. [4-6]", a superscript. `keys` are all works it names."""

    keys: tuple[str, ...]
    start: int
    end: int
    page: int


class Bibliography(Model):
    """The works a document cites and the places where it does."""

    document_id: str
    works: tuple[CitedWork, ...]
    marks: tuple[Mark, ...] = ()

    def find(self, key: str) -> CitedWork | None:
        """The work of a key, with or without brackets."""
        plain = key.strip().strip("[]").strip()
        return next((w for w in self.works if w.key == plain), None)


class Delegation(Model):
    """A definition that the paper leaves to a cited work.

    `definition`: the values are there ("as described in Ref. [101]"); `similar`: only like it ("similar to", "based
    on"), which is a question; `other`: calibration, performance, a method or a tool: no cut comes from there.
    """

    id: str
    kind: DelegationKind
    keys: tuple[str, ...]
    subject: str  # vocabulary of findings
    variable: str  # vocabulary of findings; "other:..." where the paper names none
    quote: tuple[str, ...]
    page: int
    start: int
    end: int
    finding: str | None = None  # id of the finding whose value it is, if a reader made one
    document_id: str  # where it stands: the paper, or a work that delegates further


class Resolution(Model):
    """What became of a delegation."""

    delegation: Delegation
    status: Literal["resolved", "question", "unresolved", "no_cut"]
    work: CitedWork | None = None
    document_id: str | None = None  # of the work that was read
    findings: tuple[str, ...] = ()  # ids of the findings taken from it
    reason: str  # one line, for the person
