"""What can be said about criteria without running them: problems, open questions, doubts, missing columns."""

from pipeline import gate
from pipeline.criteria_sources import CriteriaSource, read_source
from pipeline.editing import describe_hands
from pipeline.reading import count_cuts, load_marked
from schemas.criteria_yaml import list_text_problems, parse_criteria
from schemas.cutflow import NotEvaluable
from schemas.errors import CriteriaError
from schemas.model import Model
from schemas.remarks import list_remarks
from schemas.validation import list_problems


class CheckedFile(Model):
    """What came out of checking one criteria document."""

    name: str
    valid: bool
    problems: tuple[str, ...] = ()
    cuts: int = 0
    open_questions: tuple[str, ...] = ()
    ungrounded: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()  # allowed, but perhaps not meant
    edited: str = ""  # what was edited, accepted or rejected by hand, and by whom
    profile: str | None = None
    not_evaluable: tuple[NotEvaluable, ...] = ()


def check_source(source: CriteriaSource, profile: str | None) -> CheckedFile:
    """One criteria document, checked; with a profile also bound to a data format.

    What cannot be read, and what cannot be left out in the format without changing the meaning of the rest, is a
    problem. Raises ProfileError for a bad profile.
    """
    try:
        text = read_source(source)
    except CriteriaError as error:
        return CheckedFile(name=source.name, valid=False, problems=(str(error),))
    problems = list_text_problems(text, source.name)
    if problems:
        return CheckedFile(name=source.name, valid=False, problems=problems)
    if source.kind == "run" and source.path is not None:
        ssc = load_marked(source.path)
    else:
        ssc = parse_criteria(text, source.name)
    problems = list_problems(ssc)
    if problems:
        return CheckedFile(name=source.name, valid=False, problems=problems, cuts=count_cuts(ssc))
    missing: tuple[NotEvaluable, ...] = ()
    if profile is not None:
        from pipeline.compiling import find_missing

        try:
            missing = find_missing(ssc, profile)
        except CriteriaError as error:
            problems = (f"in {profile}: {error}",)
            return CheckedFile(name=source.name, valid=False, problems=problems, cuts=count_cuts(ssc), profile=profile)
    return CheckedFile(
        name=source.name,
        valid=True,
        cuts=count_cuts(ssc),
        open_questions=tuple(q.id for q in gate.list_open(ssc)),
        ungrounded=gate.list_ungrounded(ssc),
        remarks=list_remarks(ssc),
        edited=describe_hands(ssc),
        profile=profile,
        not_evaluable=missing,
    )
