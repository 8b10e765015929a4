"""One call of `paperfilter edit`: from a draft over as many looks into the editor as it takes to what is applied."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.clock import note_time
from pipeline.drafts.bringing import merge_texts
from pipeline.drafts.keeping import Draft, begin_draft, find_draft
from pipeline.drafts.problems import Problem, add_problems, drop_problems, word_problem
from pipeline.drafts.reading import ReadDraft, decode_draft, read_draft
from pipeline.drafts.targets import Source, Target, parse_source
from pipeline.drafts.text import choose_marker, drop_comments, make_draft, wrap_invalid
from pipeline.editor import run_editor
from schemas.errors import CriteriaError, PaperfilterError, StaleEdit
from schemas.review import Change

MOST_LOOKS = 50  # an editor that is a program may never write anything valid


@dataclass(frozen=True)
class Session:
    """How to edit: the editor, who it is, why, and where to tell what happens."""

    editor: Sequence[str]
    by: str
    why: str | None
    tell: Callable[[str], None]
    """A line for the person."""
    go_on: Callable[[str], bool]
    """Asks whether to go on with a draft that is there."""


def edit_criteria(target: Target, session: Session) -> tuple[Change, ...]:
    """Open the criteria in the editor, again while they are not valid, and apply them; what changed, if anything.

    Raises CriteriaError when what was written is not valid and was given up, StaleEdit when somebody else changed the
    file meanwhile, UsageError when the editor fails; the draft is kept then, and its place is told.
    """
    source = target.load()
    draft, continued = _choose_draft(target, source, session)
    try:
        return _look(target, source, draft, session, continued=continued)
    except StaleEdit:
        session.tell(f"theirs is in {target.path}; yours is kept in {draft.path}")
        session.tell(f"`paperfilter edit {target.name}` brings the two together")
        raise
    except PaperfilterError:
        if draft.path.exists():
            session.tell(f"nothing was applied; the draft is kept in {draft.path}")
            session.tell(f"`paperfilter edit {target.name}` goes on with it")
        raise
    finally:
        draft.close()


def _choose_draft(target: Target, source: Source, session: Session) -> tuple[Draft, bool]:
    """The draft to open, and whether it is one that was there."""
    draft = find_draft(target.folder)
    if draft is not None:
        if session.go_on(f"there is a draft of {draft.begun} that was not applied, {draft.path}; go on with it?"):
            session.tell(f"this is the draft of {draft.begun}, {draft.path}")
            _bring_up(draft, source, session)
            return draft, True
        draft.close()
        session.tell(f"the draft of {draft.begun} stays in {draft.path}")
    return begin_draft(target.folder, _write(source), source.text), False


def _bring_up(draft: Draft, source: Source, session: Session) -> None:
    """Bring what others changed since a draft was begun into it."""
    base = draft.base
    if base == source.text:
        return
    text = decode_draft(draft.read())
    if isinstance(text, Problem):
        raise CriteriaError(f"the draft {draft.path} cannot be read: {text.text}")
    mine = drop_problems(text, choose_marker(base))
    before = parse_source(base, source.title)
    merged = merge_texts(_write(before), mine, _write(source), "the draft", f"{source.title} now")
    draft.write(merged.text, base=source.text)
    session.tell("the criteria were changed since it was begun; the draft has these changes now")
    if merged.conflicts:
        places = f"{merged.conflicts} place{'' if merged.conflicts == 1 else 's'}"
        session.tell(f"both changed {places}: look for <<<<<<< and leave what is right")


def _write(source: Source) -> str:
    if source.criteria is None:
        return wrap_invalid(source.text, source.title, source.problem or "")
    return make_draft(source.text, source.criteria, source.title, source.tail)


def _look(target: Target, source: Source, draft: Draft, session: Session, *, continued: bool) -> tuple[Change, ...]:
    last: tuple[Problem, ...] = ()
    marker = choose_marker(source.text)
    for _ in range(MOST_LOOKS):
        before, stamp = draft.read(), draft.stamp()
        run_editor(session.editor, draft.path)
        content = draft.read() if draft.path.is_file() else b""
        text = decode_draft(content)
        if isinstance(text, str) and not drop_comments(text, marker).strip():
            return _stop_empty(draft, before, session, keep=continued or bool(last))
        if content == before:
            if last:
                raise CriteriaError(f"not applied, it is still not valid: {_word(last)}")
            if not continued or draft.stamp() == stamp:
                return _stop_unchanged(draft, session, keep=continued)
        if isinstance(text, Problem):
            last = (text,)
            kept = draft.keep_aside(content)
            text = content.decode("utf-8", errors="replace")
            session.tell(f"what the editor wrote is kept in {kept}")
        else:
            read = read_draft(text, source.text, source.criteria, session.by, note_time(), target.find_asked)
            if isinstance(read, ReadDraft):
                return _apply(target, read, source, draft, session)
            last = read
        text, last = add_problems(text, last, marker)
        draft.write(text)
        session.tell(f"not valid: {_word(last)}")
    raise CriteriaError(f"not applied after {MOST_LOOKS} looks, it is still not valid: {_word(last)}")


def _stop_empty(draft: Draft, before: bytes, session: Session, *, keep: bool) -> tuple[Change, ...]:
    if keep:
        draft.write(before)
        session.tell(f"the draft was emptied: nothing was done; what stood in it before is kept in {draft.path}")
    else:
        draft.drop()
        session.tell("the draft was emptied: nothing was done")
    return ()


def _stop_unchanged(draft: Draft, session: Session, *, keep: bool) -> tuple[Change, ...]:
    if keep:
        session.tell(f"nothing was changed; the draft stays in {draft.path}")
    else:
        draft.drop()
        session.tell("nothing was changed (an editor that returns at once has an option to wait, as in `code --wait`)")
    return ()


def _apply(target: Target, read: ReadDraft, source: Source, draft: Draft, session: Session) -> tuple[Change, ...]:
    if read.criteria == source.criteria and read.text == source.text:
        draft.drop()
        session.tell("nothing was changed: it says what it said")
        return ()
    changes = target.apply(read, source, session.by, session.why)
    draft.drop()
    return tuple(changes)


def _word(problems: Sequence[Problem]) -> str:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{word_problem(problems[0])}{more}"
