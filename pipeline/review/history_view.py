"""The history of a review as its page shows it: the latest first, each line in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.review.parts import NOUNS
from pipeline.review.view_models import make_anchor
from schemas.review import (
    Accept,
    Action,
    Add,
    Attach,
    Claim,
    Dismiss,
    Edit,
    Move,
    Redo,
    Reject,
    Remove,
    Reopen,
    Reply,
    Revision,
    TakeDefaults,
    Undo,
)

MOST_CHANGES = 40  # of one line; --export has all


@dataclass(frozen=True)
class ChangeView:
    """What became of a part."""

    part: str
    anchor: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True)
class LineView:
    """One revision."""

    number: int
    what: str
    by: str
    at: str
    when: str
    why: str | None
    undone: bool
    changes: tuple[ChangeView, ...]
    more: int


@dataclass(frozen=True)
class HistoryView:
    """The whole history, the latest first."""

    title: str
    lines: tuple[LineView, ...]


def build_history(revisions: Sequence[Revision], title: str, known: frozenset[str] = frozenset()) -> HistoryView:
    """The page of the history. `known` are addresses that the criteria have now, to be linked."""
    undone: set[int] = set()
    for one in revisions:
        if one.undoes is not None:
            if isinstance(one.action, Redo):
                undone.discard(one.undoes)
            else:
                undone.add(one.undoes)
    return HistoryView(title, tuple(_make_line(one, one.number in undone, known) for one in reversed(revisions)))


def word_action(action: Action) -> str:
    """What was done, in a few words: "accepted cut m12", "edited candidate z1"."""
    match action:
        case Accept(parts=parts):
            return f"accepted {_name(parts[0])}" if len(parts) == 1 else f"accepted {len(parts)} parts"
        case Reject(part=part):
            return f"rejected {_name(part)}"
        case Reopen(part=part):
            return f"reopened {_name(part)}"
        case Edit(part=part):
            return f"edited {_name(part)}"
        case Add(owner=owner):
            return f"added to {_name(owner)}" if owner else "added a part"
        case Move(part=part):
            return f"moved {_name(part)}"
        case Remove(part=part):
            return f"removed {_name(part)}"
        case Attach(part=part):
            return f"quoted the paper for {_name(part)}"
        case Reply(question=question):
            return f"answered {question}"
        case TakeDefaults():
            return "took the documented defaults"
        case Claim(part=part):
            return f"claimed a printed threshold for {_name(part)}"
        case Dismiss():
            return "dismissed a printed threshold"
        case Undo():
            return "undid"
        case Redo():
            return "did again"
    return "rewrote the criteria"


def word_revision(revision: Revision) -> str:
    """What a revision did; of an undo, which one it took back."""
    words = word_action(revision.action)
    return f"{words} revision {revision.undoes}" if revision.undoes is not None else words


def _make_line(one: Revision, undone: bool, known: frozenset[str]) -> LineView:
    changes = tuple(
        ChangeView(c.part, make_anchor(c.part) if c.part in known else None, c.before, c.after)
        for c in one.changes[:MOST_CHANGES]
    )
    return LineView(
        one.number, word_revision(one), one.by, one.at, _word_time(one.at), one.why, undone, changes,
        len(one.changes) - len(changes),
    )  # fmt: skip


def _word_time(at: str) -> str:
    try:
        return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return at


def _name(address: str) -> str:
    kind, _, name = address.partition(":")
    noun = next((n for k, n in NOUNS.items() if k == kind), kind)
    return f"{noun} {name}"
