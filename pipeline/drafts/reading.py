"""What comes back from the editor: bytes of any kind, read as criteria, or what is wrong with them."""

from typing import NamedTuple

from pipeline.drafts.places import compose_text
from pipeline.drafts.problems import Problem, drop_problems, locate_problems
from pipeline.drafts.text import END, Taken, choose_marker, complete_answers, drop_comments, put_back
from pipeline.review.answering import Asked, reply, take_back
from pipeline.review.merging import merge_criteria
from schemas.criteria import SelectionCriteria
from schemas.criteria_yaml import list_text_problems, parse_criteria
from schemas.errors import CriteriaError
from schemas.review import Reply
from schemas.validation import list_problems

BYTE_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


class ReadDraft(NamedTuple):
    """A draft that is valid."""

    text: str
    """The criteria file as it was written, what answers change not yet in it."""
    criteria: SelectionCriteria
    """What it says, with that."""


def decode_draft(content: bytes) -> str | Problem:
    """The text of a draft with plain line ends, whatever the editor makes of them; a problem where it is no text."""
    encoding = next((name for mark, name in BYTE_MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n")
        return Problem(line, "this is not UTF-8 text; save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_draft(
    draft: str, base: str, before: SelectionCriteria | None, by: str, at: str, asked: Asked = lambda *_: None
) -> ReadDraft | tuple[Problem, ...]:
    """The criteria of a draft that was begun from the file `base`, or everything that is wrong with it, in lines of
    the draft without problems at its top.

    `before` is the content of `base`; None where that is not valid. Answers that were given take effect. What was wrong
    before is no problem of the draft. `asked` gives the criteria as they read when answered questions were last open.
    """
    marker = choose_marker(base)
    return _read(drop_problems(draft, marker), base, before, by, at, marker, asked)


def _read(
    draft: str, base: str, before: SelectionCriteria | None, by: str, at: str, marker: str, asked: Asked
) -> ReadDraft | tuple[Problem, ...]:
    if f"{marker} {END}" not in draft.split("\n"):
        line = len(draft.rstrip("\n").split("\n")) - 1
        return (Problem(line, f"the last line '{marker} {END}' is gone; put it back if everything is there"),)
    problems = list_text_problems(draft, "draft") if before is None else _check_syntax(draft)
    if problems:
        return locate_problems(problems, draft)
    taken = Taken(drop_comments(draft, marker).strip("\n") + "\n", frozenset())
    if before is not None:
        taken = complete_answers(put_back(draft, base), before, by, at)
    text = taken.text
    problems = (*taken.problems, *list_text_problems(text, "draft"))
    if problems:
        return locate_problems(problems, draft)
    criteria = parse_criteria(text, "draft")
    try:
        whole = criteria if before is None else _apply_answers(before, criteria, taken.answered, asked)
    except CriteriaError as error:
        return locate_problems([str(error)], draft)
    wrong = _list_new(before, whole)
    if wrong:
        return locate_problems(wrong, draft)
    return ReadDraft(text, whole)


def _check_syntax(draft: str) -> tuple[str, ...]:
    """What makes the draft no YAML, in lines of the draft; nothing else is known before everything is in its place."""
    return () if compose_text(draft) is not None else list_text_problems(draft, "draft")


def _apply_answers(
    before: SelectionCriteria, written: SelectionCriteria, answered: frozenset[str], asked: Asked
) -> SelectionCriteria:
    """The criteria with what answers change; what the person wrote by hand beside them stays."""
    old = {q.id: q for q in before.questions}
    after = before
    for question in written.questions:
        was, answer = old.get(question.id), question.answer
        if was is None:
            continue
        changed = question.id in answered or (answer is None and was.answer is not None)
        if changed and was.answer is not None:
            after = take_back(after, question.id, asked)
        if changed and answer is not None:
            said = Reply(question=question.id, alternative=answer.alternative, text=answer.text)
            after = reply(after, said, answer.by, answer.at)
    return merge_criteria(before, written, after)


def _list_new(before: SelectionCriteria | None, after: SelectionCriteria) -> list[str]:
    """Problems that were not there before; a repair may show what it has hidden."""
    known = list_problems(before) if before is not None else ()
    found = list_problems(after)
    return [] if set(known) - set(found) else [problem for problem in found if problem not in known]
