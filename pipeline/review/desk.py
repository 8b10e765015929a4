"""What a review works with while its page is open: the store, the papers, the effects, and who reviews."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pipeline import gate
from pipeline.review.coverage_marks import list_unclaimed
from pipeline.review.documents import ReviewedDocument
from pipeline.review.effect_view import build_effect
from pipeline.review.forms import Asked
from pipeline.review.history_view import word_action
from pipeline.review.kept_cards import KeptCards
from pipeline.review.parts import list_parts
from pipeline.review.printed import list_printed
from pipeline.review.proving import prove_action
from pipeline.review.recomputing import Recomputer
from pipeline.review.selections import make_evidence
from pipeline.review.store import Review
from pipeline.review.view import Standing, build_view, make_page_anchor
from pipeline.review.view_models import PageView, Query, ReviewView, Tag
from pipeline.run_store import reopen_run
from pipeline.running import accept_criteria
from pipeline.terminal import Progress
from schemas.criteria import Cut, SelectionCriteria
from schemas.errors import CriteriaError, PaperfilterError, RunFolderInUse
from schemas.evidence import Evidence
from schemas.review import Action, Claim, Dismiss, ReviewState, Revision

KEPT = 12  # views; one of a long paper has some megabytes


class Snapshot(NamedTuple):
    """Where a review stands at one moment."""

    state: ReviewState
    history: tuple[Revision, ...]
    undo: Revision | None
    redo: Revision | None
    told: tuple[Tag, ...]

    @property
    def revision(self) -> int:
        """Number of the newest revision."""
        return len(self.history)


class Desk:
    """One review that is open. Requests come in threads: who acts takes turns, who looks waits for nobody."""

    def __init__(
        self,
        run: Path,
        review: Review,
        documents: tuple[ReviewedDocument, ...],
        effects: Recomputer,
        by: str,
        command: str,
    ) -> None:
        """`command` is what to type when the criteria are accepted."""
        self.run = run
        self.command = command
        self.effects = effects
        self.by = by
        self.documents: Mapping[str, ReviewedDocument] = {d.id: d for d in documents}
        self._review = review
        self._turn = threading.Lock()
        self._views: OrderedDict[tuple[int, Query], tuple[ReviewState, ReviewView]] = OrderedDict()
        self._cards = KeptCards()
        self._now = self._take_snapshot()
        self.effects.submit(self.revision, self.state.criteria)

    @property
    def state(self) -> ReviewState:
        """The criteria and marks as they stand."""
        return self._now.state

    @property
    def history(self) -> tuple[Revision, ...]:
        """Everything that was done, oldest first."""
        return self._now.history

    @property
    def revision(self) -> int:
        """Number of the newest revision."""
        return self._now.revision

    @property
    def problem(self) -> str | None:
        """Why nothing can be done at present: somebody edited criteria.yaml by hand and it does not fit."""
        return self._review.problem

    def look(self, query: Query, messages: tuple[Tag, ...] = ()) -> ReviewView:
        """The page as the review stands."""
        now = self._now
        view = self._build(now.revision, now.state, query)
        return replace(
            view,
            undo=word_action(now.undo.action) if now.undo is not None else None,
            redo=word_action(now.redo.action) if now.redo is not None else None,
            effect=build_effect(self.effects.latest),
            messages=(*now.told, *messages),
        )

    def look_back(self, revision: str, effect: str, query: Query) -> ReviewView | None:
        """The page as it was at a revision, with the effect of a number if that is the latest; to be compared with.

        None for a revision that there never was.
        """
        if not (revision.isascii() and revision.isdigit() and len(revision) < 9):
            return None
        number = int(revision)
        known = self._views.get((number, query))
        if known is not None:
            view = known[1]
        elif number > self.revision:
            return None
        else:
            try:
                view = self._build(number, self._review.before(number), query)
            except PaperfilterError:
                return None
        latest = build_effect(self.effects.latest)
        return replace(view, effect=latest if latest.number == effect else None)

    def find_page(self, document: str, number: int) -> PageView | None:
        """A page of a document as the page shows it."""
        for index, (name, known) in enumerate(self.documents.items()):
            if name == document and 0 < number <= known.pages:
                page = known.page(number)
                return PageView(make_page_anchor(index, number), number, page.width, page.height, "", "")
        return None

    def refresh(self) -> bool:
        """Whether somebody else changed the run since. Raises RunFolderError for a damaged history."""
        if not self._turn.acquire(blocking=False):
            return False  # somebody acts, and takes in what others did
        try:
            changed = self._review.refresh()
            if changed:
                self._now = self._take_snapshot()
        finally:
            self._turn.release()
        if changed:
            self.effects.submit(self.revision, self.state.criteria)
        return changed

    def act(self, asked: Asked) -> Revision:
        """Do it. Raises CriteriaError (StaleEdit for a part that is another now), RunFolderError."""
        action = self.prove(asked.action, self.state)
        with self._turn:
            try:
                revision = self._review.act(action, self.by, asked.why, asked.seen, asked.revision)
            finally:
                self._now = self._take_snapshot()
        self.effects.submit(self.revision, self.state.criteria)
        return revision

    def prove(self, action: Action, state: ReviewState) -> Action:
        """The action with its quotes judged for the part that they are given to. Raises CriteriaError."""
        documents = tuple(self.documents.values())
        if isinstance(action, Claim | Dismiss) and action.threshold not in list_printed(self.run):
            raise CriteriaError(f"'{action.threshold}' is no threshold that the paper prints")
        return prove_action(documents, state.criteria, action)

    def ground(self, document: str, start: int, end: int, cut: Cut | None) -> Evidence:
        """A selection as evidence. Raises CriteriaError."""
        known = self.documents.get(document)
        if known is None:
            raise CriteriaError(f"there is no document '{document[:80]}' in this review; select the words again")
        return make_evidence(known, start, end, cut)

    def finish(self) -> None:
        """Let the criteria through the gate into accepted.yaml.

        Raises OpenQuestions while something is open, RunFolderError while another process works in the run folder.
        """
        self.refresh()
        with suppress(RunFolderInUse):
            self._review.settle()  # the long part, while others still act
        with self._turn, reopen_run(self.run) as run:
            # also where an earlier run let the same criteria through with defaults that are not on record
            gate.check_gate(self._review.state.criteria, str(self.run), reviewable=True)
            accept_criteria(run, Progress(quiet=True), accept_defaults=False)

    def _take_snapshot(self) -> Snapshot:
        review = self._review
        told = [Tag(note, "warn") for note in review.notes]
        told += [Tag(review.problem, "bad")] if review.problem is not None else []
        return Snapshot(review.state, review.history, review.next_undo, review.next_redo, tuple(told))

    def _build(self, revision: int, state: ReviewState, query: Query) -> ReviewView:
        """The view of a state alone; the last ones are kept, because what changed is told by comparing."""
        known = self._views.get((revision, query))
        if known is not None and known[0] is state:
            return known[1]
        documents = tuple(self.documents.values())
        standing = Standing(str(self.run), self.by, revision)
        view = build_view(state, documents, list_unclaimed(self.run, documents, state), standing, query, self._cards)
        self._views[revision, query] = state, view
        while len(self._views) > KEPT:
            self._views.popitem(last=False)
        return view


def list_shut(criteria: SelectionCriteria) -> tuple[str, ...]:
    """Addresses of what keeps the gate shut, in the order of the page."""
    loose = set(gate.list_ungrounded(criteria))
    questions = {f"question:{q.id}" for q in gate.list_open(criteria)}
    return tuple(p.address for p in list_parts(criteria) if p.address in questions or _name_at_gate(p.address) in loose)


def _name_at_gate(address: str) -> str:
    """What the gate calls a part."""
    kind, _, name = address.partition(":")
    if kind in ("removal", "step"):
        return " near ".join(name.partition("#")[0].split("/", 1))
    return name if kind != "question" else ""
