"""What undo takes back and what redo brings back: it follows from the history alone."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.review import Change, Redo, Revision, Undo


class Stacks(NamedTuple):
    """Numbers of revisions: those that stand, and those that were taken back and can be done again."""

    done: tuple[int, ...] = ()
    undone: tuple[int, ...] = ()

    @property
    def standing(self) -> int:
        """The revision whose state undo goes back to: the one below the latest that stands."""
        return self.done[-2] if len(self.done) > 1 else 0


def stack_revisions(history: Sequence[Revision]) -> Stacks:
    """What stands after a history. Anything new makes what was undone before it impossible to redo."""
    done: list[int] = []
    undone: list[int] = []
    for revision in history:
        match revision.action:
            case Undo():
                undone.append(done.pop())
            case Redo():
                done.append(undone.pop())
            case _:
                done.append(revision.number)
                undone.clear()
    return Stacks(tuple(done), tuple(undone))


def turn_changes(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes of taking these back."""
    return tuple(Change(part=c.part, before=c.after, after=c.before) for c in reversed(changes))
