"""What an action comes to on top of what is on record, and whether it is still about what the person saw."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.editing import mark_edits
from pipeline.review.answering import find_asked
from pipeline.review.changes import list_changes
from pipeline.review.journal import Journal, load_state
from pipeline.review.marks import list_renamed, rewrite_state
from pipeline.review.parts import list_parts
from pipeline.review.printed import list_printed
from pipeline.review.seeing import digest_seen, word_seen
from pipeline.review.undoing import stack_revisions, turn_changes
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError, StaleEdit
from schemas.review import Action, Change, Claim, Dismiss, Redo, Remove, ReviewState, Revision, Rewrite, Undo

LOOKED_BACK = 50  # revisions in which the part is looked for that a page showed


class Record(NamedTuple):
    """What is on record of a run: its history, and the state that its newest revision left."""

    run: Path
    journal: Journal
    state: ReviewState

    @property
    def next_undo(self) -> Revision | None:
        """What undo would take back."""
        done = stack_revisions(self.journal.revisions).done
        return self.journal.revisions[done[-1] - 1] if done else None

    @property
    def next_redo(self) -> Revision | None:
        """What redo would bring back."""
        undone = stack_revisions(self.journal.revisions).undone
        return self.journal.revisions[undone[-1] - 1] if undone else None

    def load_asked(self, *questions: str) -> SelectionCriteria | None:
        """The criteria as they read when all of these questions were last open."""
        parts = {f"question:{name}" for name in questions}
        touched = (r.number for r in reversed(self.journal.revisions) if any(c.part in parts for c in r.changes))
        return find_asked((load_state(self.run, number - 1).criteria for number in touched), questions)


class Done(NamedTuple):
    """What an action comes to."""

    state: ReviewState
    changes: tuple[Change, ...]
    undoes: int | None = None


def do_action(record: Record, action: Action, by: str, at: str, why: str | None) -> Done:
    """What the action makes of what is on record. Raises CriteriaError for what makes no sense."""
    match action:
        case Undo():
            last = record.next_undo
            if last is None:
                raise CriteriaError("there is nothing to undo")
            under = stack_revisions(record.journal.revisions).standing
            return Done(load_state(record.run, under), turn_changes(last.changes), last.number)
        case Redo():
            again = record.next_redo
            if again is None:
                raise CriteriaError("there is nothing to redo")
            return Done(load_state(record.run, again.number), again.changes, again.number)
        case Rewrite():
            return _rewrite(record.state, action, by)
        case _:
            from pipeline.review.acting import Background, act

            thresholds = list_printed(record.run) if isinstance(action, Claim | Dismiss) else {}
            background = Background(asked=record.load_asked, thresholds=thresholds)
            acted = act(record.state, action, by, at, why, background)
            return Done(acted.state, tuple(acted.changes))


def check_seen(record: Record, action: Action, seen: Mapping[str, str], at_revision: int | None) -> None:
    """Raises StaleEdit, with both versions, when what the person saw (address -> `digest_seen`) is another now, or
    anything at all since a revision. What is removed with a part was seen with it."""
    newest = record.journal.newest
    if at_revision is not None and at_revision != newest:
        by = record.journal.revisions[-1].by if newest else None
        raise StaleEdit("the review", f"revision {at_revision}", f"revision {newest}", by)
    for address, digest in seen.items():
        whole = isinstance(action, Remove) and action.part == address
        if digest_seen(record.state, address, whole=whole) != digest:
            before = _find_seen(record, address, digest, whole=whole)
            now = word_seen(record.state, address, whole=whole)
            raise StaleEdit(address, before, now, _find_hand(record, address, whole=whole))


def _rewrite(state: ReviewState, action: Rewrite, by: str) -> Done:
    from schemas.validation import list_problems

    if action.criteria is None:
        raise CriteriaError("there are no criteria to be taken")
    new = rewrite_state(state, mark_edits(action.criteria, state.criteria, by))
    if new == state:
        raise CriteriaError("nothing is different")
    problems = list_problems(new.criteria)
    known = list_problems(state.criteria) if problems else ()
    worse = next((p for p in problems if p not in known), None)
    if worse is not None:
        raise CriteriaError(worse)
    return Done(new, list_changes(state, new, list_renamed(state.criteria, new.criteria)))


def _find_seen(record: Record, address: str, digest: str, *, whole: bool) -> str | None:
    newest = record.journal.newest
    for number in range(newest - 1, max(-1, newest - LOOKED_BACK), -1):
        state = load_state(record.run, number)
        if digest_seen(state, address, whole=whole) == digest:
            return word_seen(state, address, whole=whole)
    return None


def _find_hand(record: Record, address: str, *, whole: bool) -> str | None:
    parts = list_parts(record.state.criteria) if whole else ()
    meant = {address, *(p.address for p in parts if p.owner == address)}
    return next((r.by for r in reversed(record.journal.revisions) if any(c.part in meant for c in r.changes)), None)
