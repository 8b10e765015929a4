"""A review of a run: the criteria as they stand, everything that was done to them, and doing something more.

The history is the truth: an action is done when its line is on disk. criteria.yaml follows: writing it anew with the
person's comments takes seconds, so that happens when nobody acts for a moment, and at the end. A process that is
killed in between loses nothing; the next one goes on from the history. Who edits criteria.yaml by hand acts, too: that
is taken in as a revision of its own, on top of what others did meanwhile.
"""

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from pipeline import artefacts
from pipeline.clock import note_time
from pipeline.files import explain, remove_leftovers, write_atomically
from pipeline.review.changes import list_changes
from pipeline.review.doing import Done, Record, check_seen, do_action
from pipeline.review.finding import GONE, Found, Looked, digest_present, find_hand_edit, load_made
from pipeline.review.journal import (
    FILE,
    FOLDER,
    Journal,
    KnownFile,
    append_revision,
    digest_criteria,
    has_state,
    load_state,
    read_journal,
    save_file,
    save_state,
)
from pipeline.review.later import Later
from pipeline.run_store import hold_folder, load_manifest
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError, PaperfilterError, RunFolderError, RunFolderInUse
from schemas.review import Action, ReviewState, Revision, Rewrite

WAIT = 2.0  # seconds for another process that acts, too
QUIET = 3.0  # seconds without an action after which criteria.yaml is written
LATEST = 60.0  # seconds after which it is written in any case
SAVING = 0.5  # seconds in which an editor may still be writing the file

Signature = tuple[int, int, int] | None


class Review:
    """The review of one run folder. Several threads may use it, and several processes may review one run."""

    def __init__(self, path: Path, *, held: bool) -> None:
        self.path = path
        self.problem: str | None = None
        """Why criteria.yaml, which somebody edited by hand, cannot be taken in; nothing can be done until it can."""
        self.notes: tuple[str, ...] = ()
        """What is to be told: a torn history."""
        self._held = held
        self._mutex = threading.RLock()
        self._writing = threading.Lock()
        self._later = Later(self._settle_later, QUIET, LATEST)
        self._signatures: tuple[Signature, ...] = ()
        self._journal = Journal((), 0, 0)
        self._recorded = ReviewState(criteria=SelectionCriteria())
        self._looked: Looked | None = None

    @classmethod
    def open(cls, run: Path, *, held: bool = False) -> Self:
        """The review of a run folder as it stands; what was edited by hand since is taken in.

        With `held`, this process holds the folder already. Raises RunFolderError when it is no run folder or its
        history is damaged, CriteriaError when criteria.yaml does not fit.
        """
        load_manifest(run)
        review = cls(run, held=held)
        review._look()
        review._wait_for_editor()
        if review._found is not None:
            with suppress(RunFolderError), review._holding(wait=0.0):  # else it is recorded with the next action
                review._look()
                review._take_in()
        return review

    @property
    def _record_now(self) -> Record:
        return Record(self.path, self._journal, self._recorded)

    @property
    def _found(self) -> Found | None:
        return self._looked.found if self._looked is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def state(self) -> ReviewState:
        """The criteria as they stand, and what was said of thresholds."""
        return self._found.state if self._found is not None else self._recorded

    @property
    def revision(self) -> int:
        """Number of the newest revision; 0: everything is as it was made."""
        return self._journal.newest

    @property
    def history(self) -> tuple[Revision, ...]:
        """Everything that was done, oldest first."""
        return self._journal.revisions

    @property
    def next_undo(self) -> Revision | None:
        """What undo would take back."""
        return self._record_now.next_undo

    @property
    def next_redo(self) -> Revision | None:
        """What redo would bring back."""
        return self._record_now.next_redo

    @property
    def is_behind(self) -> bool:
        """Whether criteria.yaml lacks something that is in the history, and is to be written."""
        looked = self._looked
        return looked is not None and looked.found is None and looked.known.revision < self._journal.newest

    def before(self, revision: int) -> ReviewState:
        """The state that an earlier revision left; 0: as everything was made. Raises RunFolderError."""
        with self._mutex:
            if revision == self._journal.newest:
                return self._recorded
            return load_state(self.path, revision)

    def find_asked(self, *questions: str) -> SelectionCriteria | None:
        """The criteria as they read when all of these questions were last open; None where that is not on record."""
        return self._record_now.load_asked(*questions)

    def refresh(self) -> bool:
        """Take in what somebody else did: another process, or a hand in criteria.yaml. True when anything changed.

        A file that does not fit, or that is still being written, is left alone; `problem` says what is wrong with it.
        """
        with self._mutex:
            signatures = self._sign()
            same = signatures == self._signatures and self._found is None
            if same or (signatures[2:] != self._signatures[2:] and self._is_fresh()):
                return False
            before = (self._journal.newest, self.state, self.problem)
            try:
                self._look()
                if self._found is not None:
                    with suppress(RunFolderInUse), self._holding(wait=0.0):
                        self._look()
                        self._take_in()
            except CriteriaError as error:
                self.problem = str(error)
            return before != (self._journal.newest, self.state, self.problem)

    def catch_up(self) -> bool:
        """As `refresh`, once the moment is over in which criteria.yaml may still be written."""
        until = time.monotonic() + 2 * SAVING
        while self._is_fresh() and time.monotonic() < until:
            time.sleep(SAVING / 10)
        return self.refresh()

    def act(
        self,
        action: Action,
        by: str,
        why: str | None = None,
        seen: Mapping[str, str] = {},
        at_revision: int | None = None,
    ) -> Revision:
        """Do something; when this returns it is on disk.

        `seen` says what the person looked at (address -> `digest_seen` of it), `at_revision` at which revision all of
        it was: when something of that is different now, nothing is done and StaleEdit says what. Raises CriteriaError
        for what makes no sense, RunFolderInUse while a run or another person's action goes on, RunFolderError when the
        folder cannot be written; nothing is changed then.
        """
        with self._mutex, self._holding(WAIT):
            remove_leftovers(self.path / FOLDER)
            self._look()
            self._wait_for_editor()
            self._take_in()
            check_seen(self._record_now, action, seen, at_revision)
            at = note_time()
            done = do_action(self._record_now, action, by, at, why)
            if isinstance(action, Rewrite):
                action = Rewrite()
            revision = self._record(action, done, by, at, why)
            self._later.want()
            return revision

    def settle(self) -> bool:
        """Write criteria.yaml as the newest revision has it, comments kept; True when there was something to write.

        Raises RunFolderInUse while another process holds the folder, RunFolderError when it cannot be written.
        """
        with self._writing:  # one after the other: who comes second mostly finds nothing to do
            return self._settle()

    def _settle(self) -> bool:
        from schemas.criteria_comments import rewrite_yaml
        from schemas.criteria_yaml import dump_criteria

        with self._mutex:
            self._look()
            if not self.is_behind or self._looked is None:
                return False
            known = self._looked.known
            number, criteria = self._journal.newest, self._recorded.criteria
        file = self.path / artefacts.CRITERIA
        if known.sha256 == GONE:
            text = dump_criteria(criteria)
        else:
            with explain(file, "read"):
                content = file.read_bytes()
            if _digest(content) != known.sha256:
                return False  # edited by hand this very moment
            # takes seconds: nobody has to wait for it
            text = rewrite_yaml(content.decode("utf-8"), criteria, known.criteria)
        with self._mutex, self._holding(0.0):
            if digest_present(file) != known.sha256:
                return False
            write_atomically(file, text)
            self._keep_known(KnownFile(sha256=_digest(text.encode()), revision=number, criteria=criteria))
        return True

    def leave_file(self) -> None:
        """Let criteria.yaml stay as it is: what was done since is in the history alone."""
        with self._mutex, self._holding(WAIT):
            if self._looked is not None:
                self._keep_known(self._looked.known.model_copy(update={"revision": self._journal.newest}))

    def close(self) -> None:
        """Write what has not been written to criteria.yaml; while a run works in the folder, that run does it."""
        self._later.cancel()
        with suppress(RunFolderInUse):
            while self.settle():
                pass

    def _look(self) -> None:
        """Read what stands on disk."""
        with self._mutex:
            signatures = self._sign()
            if signatures == self._signatures and self._found is None:  # a run may be about to say that it wrote it
                return
            journal = read_journal(self.path)
            fresh = journal.revisions[-1:] != self._journal.revisions[-1:] or journal.newest != self._journal.newest
            if not self._signatures or fresh or not journal.newest:
                self._recorded = load_state(self.path, journal.newest) if journal.newest else load_made(self.path)
            self._journal = journal
            self.problem = None
            self._looked = find_hand_edit(self.path, journal, self._recorded)
            self._signatures = signatures

    def _take_in(self) -> None:
        """Record what was found in criteria.yaml. The folder is held."""
        found = self._found
        if found is None:
            return
        changes = list_changes(self._recorded, found.state)
        self._record(Rewrite(), Done(found.state, changes), found.by, note_time(), found.why)
        self._keep_known(found.file.model_copy(update={"revision": self._journal.newest}))

    def _record(self, action: Action, done: Done, by: str, at: str, why: str | None) -> Revision:
        """Put an action on record. The folder is held."""
        number = self._journal.newest + 1
        revision = Revision(
            number=number, at=at, by=by, why=why, action=action, undoes=done.undoes, changes=done.changes,
            criteria_sha256=digest_criteria(done.state.criteria),
        )  # fmt: skip
        if number == 1 or not has_state(self.path, 0):
            save_state(self.path, 0, self._recorded if number == 1 else load_made(self.path))
        if self._looked is not None and not self._looked.kept:
            self._keep_known(self._looked.known)
        if self._journal.torn:
            note = f"{artefacts.HISTORY}: an action that was cut off before anybody was told of it is left out"
            self.notes = (*self.notes, note)
        save_state(self.path, number, done.state)
        self._journal = append_revision(self.path, self._journal, revision)
        self._recorded = done.state
        if self._looked is not None:
            self._looked = self._looked._replace(found=None)
        self._signatures = self._sign()
        return revision

    def _keep_known(self, known: KnownFile) -> None:
        save_file(self.path, known)
        self._looked = Looked(known, kept=True, found=None)
        self._signatures = self._sign()

    @contextmanager
    def _holding(self, wait: float) -> Iterator[None]:
        if self._held:
            yield
        else:
            with hold_folder(self.path, wait):
                yield

    def _settle_later(self) -> None:
        try:
            self.settle()
        except RunFolderInUse:
            self._later.want()
        except PaperfilterError as error:  # a full disk: the history is on disk, and the next action says the same
            self.notes = (*self.notes, str(error))

    def _sign(self) -> tuple[Signature, ...]:
        return tuple(_sign(self.path / name) for name in (artefacts.HISTORY, FILE, artefacts.CRITERIA))

    def _is_fresh(self) -> bool:
        try:
            age = time.time() - (self.path / artefacts.CRITERIA).stat().st_mtime
        except OSError:
            return False
        return 0 <= age < SAVING

    def _wait_for_editor(self) -> None:
        """Look again, where criteria.yaml says something new and may not be saved whole."""
        until = time.monotonic() + 2 * SAVING
        while self._found is not None and self._is_fresh() and time.monotonic() < until:
            time.sleep(SAVING / 10)
            self._look()


def _sign(path: Path) -> Signature:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
