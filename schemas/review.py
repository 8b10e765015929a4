"""What a person does to criteria in a review, and the record of it.

A part of the criteria is named by its address: the kind and the name, as in

    cut:preselection_m12        a cut, by its id
    object:electrons            an object definition
    removal:jets/muons          an overlap removal of the object `jets`, near `muons`
    step:jets/muons             a line of the ordered overlap removal
    candidate:z1, variable:m4l, region:preselection, question:q12_isolation
    threshold:2004.03447/1520-1528   a printed threshold: the document, where it begins and ends in its text
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Question,
    Region,
    SelectionCriteria,
)
from schemas.evidence import Evidence
from schemas.model import Model

AnyPart = Cut | ObjectDefinition | OverlapRemoval | OverlapStep | Candidate | NamedVariable | Region
Shown = AnyPart | Question

PartKind = Literal["cut", "object", "removal", "step", "candidate", "variable", "region", "question", "threshold"]


class Described(Model):
    """Base of what stands in the history: the text under a field says what it is."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Accept(Described):
    """These parts are right as they are."""

    do: Literal["accept"] = "accept"
    parts: tuple[str, ...] = Field(min_length=1)


class Reject(Described):
    """This cut or overlap removal does not belong: it stays in the document and selects nothing."""

    do: Literal["reject"] = "reject"
    part: str


class Reopen(Described):
    """Back to undecided: a part that was accepted or rejected, a question that was answered, a threshold's mark. What
    an answer changed goes back with it to what it was, where nobody decided otherwise since."""

    do: Literal["reopen"] = "reopen"
    part: str


class Edit(Described):
    """A part reads otherwise now. Names of cuts and definitions may change with it where nothing else uses them."""

    do: Literal["edit"] = "edit"
    part: str
    after: AnyPart
    """As it reads now. Where it comes from is not taken from here, nor what an object, a candidate or a region holds:
    cuts and removals are parts of their own."""
    quotes: tuple[Evidence, ...] = ()
    """Quotes that say what it says now: its evidence. Those that it had become history."""


class Add(Described):
    """A new part. `owner` is the address of the object, candidate or region of a cut, or of the object of an overlap
    removal; definitions and lines of the ordered overlap removal have none."""

    do: Literal["add"] = "add"
    owner: str | None = None
    added: AnyPart
    at: int | None = None
    """Its place among its like, from 0; at the end without one."""


class Move(Described):
    """A part at another place among its like; a cut may go to another owner, where it is an edited one."""

    do: Literal["move"] = "move"
    part: str
    at: int
    owner: str | None = None


class Remove(Described):
    """A definition, or a part that a person added, is taken out; refused where something uses it."""

    do: Literal["remove"] = "remove"
    part: str


class Attach(Described):
    """A further quote of a part. What the person pointed at stands first."""

    do: Literal["attach"] = "attach"
    part: str
    evidence: Evidence


class Reply(Described):
    """The answer to a question: one of its alternatives, or words of one's own, which change nothing else. What an
    earlier answer changed is taken back first."""

    do: Literal["answer"] = "answer"
    question: str
    """Id of the question, without the kind."""
    alternative: str | None = None
    text: str | None = None


class TakeDefaults(Described):
    """Every open question that has a documented default is answered by it."""

    do: Literal["defaults"] = "defaults"


class Claim(Described):
    """A printed threshold that no finding claims belongs to this part. Its quote becomes evidence of it."""

    do: Literal["claim"] = "claim"
    threshold: str
    part: str
    evidence: Evidence


class Dismiss(Described):
    """A printed threshold is no requirement of this selection."""

    do: Literal["dismiss"] = "dismiss"
    threshold: str


class Undo(Described):
    """The latest action that stands is taken back."""

    do: Literal["undo"] = "undo"


class Redo(Described):
    """The action that was taken back last is done again."""

    do: Literal["redo"] = "redo"


class Rewrite(Described):
    """The criteria file was written anew: in an editor, with `paperfilter edit`, or by a program outside the review."""

    do: Literal["rewrite"] = "rewrite"
    criteria: SelectionCriteria | None = None
    """What it says now; absent in the history, where the snapshot of the revision says it."""


Action = Annotated[
    Accept | Reject | Reopen | Edit | Add | Move | Remove | Attach | Reply | TakeDefaults | Claim | Dismiss
    | Undo | Redo | Rewrite,
    Field(discriminator="do"),
]  # fmt: skip


class Mark(Described):
    """What a person said of a printed threshold that no finding claims."""

    threshold: str
    """Its address."""
    text: str
    """As printed, with a little around it."""
    part: str | None
    """The part that it belongs to; None: it is no requirement of the selection."""
    by: str
    at: str
    why: str | None = None


class ReviewState(Model):
    """What a review is about: the criteria as they stand, and what was said of thresholds that nothing claims."""

    criteria: SelectionCriteria
    marks: tuple[Mark, ...] = ()


class Change(Described):
    """What an action changed, in words; None where the part was not there before, or is not after."""

    part: str
    before: str | None
    after: str | None


class Revision(Described):
    """One line of the history: who did what, when and why."""

    number: int = Field(ge=1)
    """From 1 in the order in which they were done; 0 is what the readers made."""
    at: str
    """ISO 8601, UTC."""
    by: str
    why: str | None = None
    action: Action
    undoes: int | None = None
    """Of an undo: the revision that is taken back; of a redo: the one that stands again."""
    changes: tuple[Change, ...]
    criteria_sha256: str
    """Of the criteria as this revision left them: their canonical JSON (sorted keys, no spaces, no defaults)."""
