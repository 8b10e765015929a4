"""The history of a review for other programs and for people: JSON, a table of values, Markdown."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, get_args

from pydantic import JsonValue

from pipeline.markdown import escape, write_table
from pipeline.review.history_view import word_revision
from pipeline.review.undoing import stack_revisions
from pipeline.terminal import encode_json, strip_controls
from schemas.review import Change, Revision

Form = Literal["json", "csv", "md"]
FORMS: tuple[Form, ...] = get_args(Form)

COLUMNS = ("revision", "at", "by", "action", "what", "stands", "part", "before", "after", "why")
BEGINS = re.compile(r"(^|;\s*)(?=[=+\-@＝＋－＠])")  # what a spreadsheet may take for the beginning of a formula


class Row(NamedTuple):
    """One change of one revision, or the revision alone where nothing changed in a part."""

    revision: Revision
    stands: bool
    change: Change | None


def write_history(history: Sequence[Revision], form: Form, title: str) -> str:
    """The whole history as a text, oldest first. `title` is what the review is of."""
    match form:
        case "json":
            return encode_json(describe_history(history)) + "\n"
        case "csv":
            return _write_csv(history)
        case "md":
            return _write_markdown(history, title)


def describe_history(history: Sequence[Revision]) -> list[dict[str, JsonValue]]:
    """Each revision with all that is on record of it, and whether it stands."""
    standing = frozenset(stack_revisions(history).done)
    return [
        r.model_dump(mode="json", by_alias=True) | {"what": word_revision(r), "stands": r.number in standing}
        for r in history
    ]


def list_rows(history: Sequence[Revision]) -> Iterator[Row]:
    """The history change by change. An undo and a redo stand for what they name and do not stand themselves."""
    standing = frozenset(stack_revisions(history).done)
    for revision in history:
        for change in revision.changes or (None,):
            yield Row(revision, revision.number in standing, change)


def _write_csv(history: Sequence[Revision]) -> str:
    """Every cell in quotes, so that no other separator cuts it; one that looks like a formula gets an apostrophe."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in list_rows(history):
        writer.writerow([_neutralise(cell) for cell in _list_cells(row)])
    return stream.getvalue()


def _write_markdown(history: Sequence[Revision], title: str) -> str:
    head = ("", "when", "who", "what", "part", "before", "after", "why")
    rows = []
    last = 0
    for row in list_rows(history):
        number, at, by, _, what, stands, *others = _list_cells(row)
        again = row.revision.number == last
        last = row.revision.number
        told = what if stands == "yes" or row.revision.undoes is not None else f"{what} (taken back)"
        rows.append(("", "", "", "", *others[:3], "") if again else (number, at, by, told, *others))
    return "\n".join((f"# Review of {escape(title)}", "", *write_table(head, rows)))


def _list_cells(row: Row) -> tuple[str, ...]:
    revision, change = row.revision, row.change
    part, before, after = (change.part, change.before, change.after) if change is not None else ("", None, None)
    return (
        str(revision.number), revision.at, revision.by, revision.action.do, word_revision(revision),
        "yes" if row.stands else "no", part, before or "", after or "", revision.why or "",
    )  # fmt: skip


def _neutralise(cell: str) -> str:
    """One line that is a formula neither as a cell nor where a semicolon is taken for the end of one."""
    return BEGINS.sub(r"\1'", " ".join(strip_controls(cell).split()))
