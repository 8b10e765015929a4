"""The places of a cited work that define what a paper leaves to it."""

import re
from collections.abc import Iterator, Sequence

from extract.attempts import leave_out
from extract.citing.families import words_of_subject, words_of_variable
from extract.citing.naming import SELECTION
from extract.rules.identification import GRADE
from extract.rules.kinds import selects
from extract.rules.prose import Sentence, split_passage
from extract.rules.sections import find_speaking
from schemas.citation import Delegation
from schemas.document import Cell, Document, Table

_FIGURE = re.compile(r"Fig(?:ure|\.)", re.I)
_MEASURED = re.compile(
    r"efficienc|scale factors?|uncertaint|calibrat|simulat|performance|background (?:estimat|from)|control region|fake"
    r"|invert|relaxed|misidentif",
    re.I,
)
_ASKED = re.compile(
    r"\b(?:requir\w+|must|select\w*|criteri\w+|defin\w+|satisf\w+|pass(?:es|ing)?|sum|cone|cut|appl(?:y|ied)|impos\w+|reject\w*"
    r"|less than|greater than|smaller|larger|identified|calculated|removed|within)\b|[<>≤≥]",
    re.I,
)


# A threshold, a cone, a named working point: what makes a sentence a definition and not a mention.
_TELLS = re.compile(
    rf"[<>≤≥]\s?[\d.]|\d ?%|\b(?:less|greater|more|larger|smaller|lower|higher) than|\bcones?\b|{GRADE}"
)
# A cited work's own regions and categories are no definition of its objects.
_SPECIAL = re.compile(r"categor|classif|\bregions?\b|control|validation|background|fiducial", re.I)
_GENERAL = re.compile(r"select|object|reconstruct|preselect|definition", re.I)


def find_passages(document: Document, delegation: Delegation) -> tuple[tuple[int, int], ...]:
    """Where the cited work `document` defines what is delegated: stretches of its text, in order.

    Whole passages of its selection that define the subject's variable, and rows of tables that do; those that only
    mention it are left out where others tell a threshold, a cone or a working point. For a whole selection of events
    every passage of its selection. Empty where it says nothing about them. Sections on regions, categories and
    backgrounds of the cited work are not looked at.
    """
    document = leave_out(document)
    found = {*_find_prose(document, delegation), *_find_rows(document, delegation)}
    telling = {(start, end) for start, end, tells in found if tells}
    return tuple(sorted(telling or {(start, end) for start, end, _ in found}))


def _find_prose(document: Document, delegation: Delegation) -> Iterator[tuple[int, int, bool]]:
    subject, variable = words_of_subject(delegation.subject), words_of_variable(delegation.variable)
    everything = delegation.subject == "event"
    for speaking in find_speaking(document):
        passage = speaking.passage
        if speaking.trust != "selection" and (passage.kind == "caption" or delegation.variable == SELECTION):
            continue
        if passage.kind == "caption" and _FIGURE.match(speaking.text):
            continue
        if is_special(speaking.headings):
            continue
        title = speaking.headings[-1] if speaking.headings else ""
        if delegation.variable == "isolation" and "solat" not in speaking.text:
            continue  # a cone alone may be anything
        about = subject.search(" ".join(speaking.headings)) is not None
        for sentence in split_passage(speaking.text, passage.start, title):
            topical = everything or about or subject.search(sentence.text) is not None or _continues(sentence, subject)
            said = variable is None or variable.search(sentence.text) is not None
            if topical and said and _defines(sentence.text):
                yield passage.start, passage.end, variable is None or _TELLS.search(sentence.text) is not None


def _continues(sentence: Sentence, subject: re.Pattern[str]) -> bool:
    """Whether the text in front of the sentence is about the subject."""
    return subject.search(sentence.topic or "") is not None or subject.search(sentence.earlier[-300:]) is not None


def _defines(text: str) -> bool:
    """Whether a sentence asks or defines rather than tells how well something works."""
    asked = len(_ASKED.findall(text))
    return asked > 0 and asked >= len(_MEASURED.findall(text))


def _find_rows(document: Document, delegation: Delegation) -> Iterator[tuple[int, int, bool]]:
    """The rows of selection tables that speak of subject and variable, from their first to their last cell."""
    subject, variable = words_of_subject(delegation.subject), words_of_variable(delegation.variable)
    for table in document.tables:
        if not table.cells or not selects(table):
            continue
        for row, cells in _list_rows(table):
            words = " ".join([table.caption, *(w for c in cells for w in (*c.row_path, *c.header_path)), row])
            topical = delegation.subject == "event" or subject.search(words) is not None
            if topical and (variable is None or variable.search(words) is not None):
                yield min(c.start for c in cells), max(c.end for c in cells), _TELLS.search(row) is not None


def _list_rows(table: Table) -> Iterator[tuple[str, list[Cell]]]:
    rows: dict[int, list[Cell]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell)
    for cells in rows.values():
        if any(not c.is_label and c.text.strip() for c in cells):
            yield " ".join(c.text for c in cells), cells


def is_special(headings: Sequence[str]) -> bool:
    """Whether the innermost heading is one of regions, categories or backgrounds, and not of objects or selection."""
    return bool(headings) and _SPECIAL.search(headings[-1]) is not None and _GENERAL.search(headings[-1]) is None
