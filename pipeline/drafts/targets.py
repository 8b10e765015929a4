"""What an editor can be opened on: a criteria file, or the criteria of a run."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Protocol

from pipeline import artefacts
from pipeline.drafts.keeping import find_state_folder
from pipeline.drafts.reading import ReadDraft
from pipeline.drafts.unclaimed import list_unclaimed
from pipeline.editing import mark_edits
from pipeline.files import explain, write_atomically
from pipeline.review.changes import list_changes
from pipeline.review.marks import list_renamed
from pipeline.review.parts import Decided, list_parts
from pipeline.review.store import Review
from pipeline.run_store import MANIFEST, hold_folder
from schemas.criteria import SelectionCriteria
from schemas.criteria_comments import rewrite_yaml
from schemas.criteria_yaml import check_size, dump_criteria, parse_criteria
from schemas.errors import CriteriaError, StaleEdit
from schemas.review import Change, ReviewState, Rewrite

DRAFTS = Path("review") / "drafts"
PATIENCE = 5.0  # seconds for another process that acts


class Source(NamedTuple):
    """The criteria as they stand: the text of the file, and its content where it is valid."""

    text: str
    criteria: SelectionCriteria | None
    problem: str | None = None
    """Why it is not."""
    title: str = ""
    """What it is, for the first line of a draft."""
    tail: tuple[str, ...] = ()
    """What a draft says at its end."""


class Target(Protocol):
    """Something whose criteria can be edited."""

    name: str
    """What a person calls it on the command line."""
    path: Path
    """The file."""
    folder: Path
    """Where its drafts are kept."""

    def load(self) -> Source:
        """The criteria now. Raises CriteriaError when the file cannot be read."""

    def find_asked(self, *questions: str) -> SelectionCriteria | None:
        """The criteria as they read when answered questions were last open, where that is known."""

    def apply(self, read: ReadDraft, base: Source, by: str, why: str | None) -> Sequence[Change]:
        """Put what was written into its place; what changed. Raises StaleEdit when the file is not `base` any more."""


class FileTarget:
    """A criteria file without a run folder; it is changed in place."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.path = path.resolve()
        key = sha256(str(self.path).encode()).hexdigest()[:12]
        self.folder = find_state_folder() / f"{self.path.stem}-{key}"
        self._is_json = self.path.suffix.lower() == ".json"

    def load(self) -> Source:
        """The file; a JSON file as YAML."""
        source = parse_source(_read(self.path)[0], f"Criteria in {self.path.name}")
        if self._is_json and source.criteria is not None:
            return source._replace(text=dump_criteria(source.criteria))
        return source

    def find_asked(self, *questions: str) -> SelectionCriteria | None:  # noqa: ARG002
        """Not known: a file has no history."""
        return None

    def apply(self, read: ReadDraft, base: Source, by: str, why: str | None) -> Sequence[Change]:  # noqa: ARG002
        """Write the file, with its own line ends. What a reader found and the person changed is marked as theirs."""
        _check_same(self.load(), base, self.path.name, None)
        before = base.criteria if base.criteria is not None else SelectionCriteria()
        after = _mark(read.criteria, before, by)
        text = dump_criteria(after, "json") if self._is_json else rewrite_yaml(read.text, after)
        mode = self.path.stat().st_mode
        write_atomically(self.path, text.replace("\n", _read(self.path)[1]))
        with explain(self.path):
            self.path.chmod(mode & 0o7777)
        renamed = list_renamed(before, after)
        return list_changes(ReviewState(criteria=before), ReviewState(criteria=after), renamed)


class RunTarget:
    """The criteria of a run folder; every change is a revision of its history."""

    def __init__(self, run: Path, name: str) -> None:
        self.name = name
        self.path = run / artefacts.CRITERIA
        self.folder = run / DRAFTS
        self._run = run
        self._review: Review | None = None
        self._revision = 0
        self._text = ""

    def load(self) -> Source:
        """The criteria as the review has them, after what somebody wrote into criteria.yaml has become a revision."""
        title = f"Criteria of run {'/'.join(self._run.resolve().parts[-2:])}"
        text = _read(self.path)[0]
        source = parse_source(text, title)
        if source.criteria is None:
            self._review = None
            return source
        self._text = text
        self._review = Review.open(self._run)
        self._revision = self._review.revision
        criteria = self._review.state.criteria
        told = f"{title}, revision {self._revision}" if self._revision else title
        tail = list_unclaimed(self._run, self._review.state)
        return Source(rewrite_yaml(text, criteria), criteria, None, told, tail)

    def find_asked(self, *questions: str) -> SelectionCriteria | None:
        """From the history."""
        return self._review.find_asked(*questions) if self._review is not None else None

    def apply(self, read: ReadDraft, base: Source, by: str, why: str | None) -> Sequence[Change]:
        """Do it as one revision; then the file has the person's text, comments and all."""
        if self._review is None:
            _check_same(parse_source(_read(self.path)[0], base.title), base, self.path.name, None)
            write_atomically(self.path, read.text)
            with Review.open(self._run) as review:
                return review.history[-1].changes if review.history else ()
        with self._review as review:
            review.catch_up()
            before, revision = review.state.criteria, review.revision
            if before != base.criteria or _read(self.path)[0] not in (self._text, base.text):
                by_whom = review.history[-1].by if revision != self._revision else None
                _check_same(Source("", before), base, self.path.name, by_whom)
            after = mark_edits(read.criteria, before, by)
            text = rewrite_yaml(read.text, after)  # takes seconds: before it is done, so that nothing is in between
            changes: Sequence[Change] = ()
            if after != before:  # else comments alone
                changes = review.act(Rewrite(criteria=read.criteria), by, why, at_revision=revision).changes
            if review.state.criteria == after:
                with hold_folder(self._run, PATIENCE):
                    write_atomically(self.path, text)
        return changes


def find_run_of(file: Path) -> Path | None:
    """The run folder whose criteria a file is; None for any other file."""
    folder = file.resolve().parent
    return folder if file.name == artefacts.CRITERIA and (folder / MANIFEST).is_file() else None


def parse_source(text: str, title: str) -> Source:
    """What a text says, or why it is not valid."""
    try:
        return Source(text, parse_criteria(text, "criteria"), None, title)
    except CriteriaError as error:
        return Source(text, None, str(error).removeprefix("criteria: "), title)


def _check_same(now: Source, base: Source, name: str, by: str | None) -> None:
    """Raises StaleEdit, with both versions of the first part that differs, when `now` is not `base` any more."""
    if now.text == base.text:
        return
    if now.criteria is None or base.criteria is None:
        raise StaleEdit(name, "the text as it was opened", "another text", by)
    changes = list_changes(ReviewState(criteria=base.criteria), ReviewState(criteria=now.criteria), {})
    if not changes:
        raise StaleEdit(name, "the comments as they were", "other comments", by)
    raise StaleEdit(changes[0].part, changes[0].before, changes[0].after, by)


def _mark(after: SelectionCriteria, before: SelectionCriteria, by: str) -> SelectionCriteria:
    """What a reader found and a person changed is theirs; in a file that people wrote there is nothing to mark."""
    read = any(isinstance(p.value, Decided) and p.value.origin != "human" for p in list_parts(before))
    return mark_edits(after, before, by) if read else after


def _read(path: Path) -> tuple[str, str]:
    """The text of a file with plain line ends, and the line ends that it has. Raises CriteriaError."""
    try:
        check_size(path.stat().st_size, path.name)
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CriteriaError(f"cannot read criteria file '{path}': {reason}") from None
    return text.replace("\r\n", "\n"), "\r\n" if "\r\n" in text else "\n"
