"""What a review works with while its page is open: the store, the papers, the effects, and who reviews."""

import threading
from collections.abc import Mapping
from pathlib import Path

from pipeline import gate
from pipeline.review.coverage_marks import list_unclaimed
from pipeline.review.documents import ReviewedDocument
from pipeline.review.effect_view import build_effect
from pipeline.review.forms import Asked
from pipeline.review.history_view import word_action
from pipeline.review.parts import list_parts
from pipeline.review.proving import prove_action
from pipeline.review.recomputing import Recomputer
from pipeline.review.selections import make_evidence
from pipeline.review.store import Review
from pipeline.review.view import Standing, build_view, make_page_anchor
from pipeline.review.view_models import PageView, Query, ReviewView, Tag
from pipeline.run_store import load_manifest, reopen_run
from pipeline.running import accept_criteria
from pipeline.terminal import Progress
from schemas.criteria import Cut, SelectionCriteria
from schemas.errors import CriteriaError, PaperfilterError
from schemas.evidence import Evidence
from schemas.review import Action, ReviewState, Revision


class Desk:
    """One review that is open. Requests come in threads: what changes or reads the store takes turns, nothing else."""

    def __init__(
        self, run: Path, review: Review, documents: tuple[ReviewedDocument, ...], effects: Recomputer, by: str
    ) -> None:
        self.run = run
        self.data = load_manifest(run).request.data
        self.effects = effects
        self.by = by
        self.documents: Mapping[str, ReviewedDocument] = {d.id: d for d in documents}
        self._review = review
        self._turn = threading.RLock()
        self._recompute()

    @property
    def state(self) -> ReviewState:
        """The criteria and marks as they stand."""
        with self._turn:
            return self._review.state

    @property
    def history(self) -> tuple[Revision, ...]:
        """Everything that was done, oldest first."""
        with self._turn:
            return self._review.history

    @property
    def problem(self) -> str | None:
        """Why nothing can be done at present: somebody edited criteria.yaml by hand and it does not fit."""
        return self._review.problem

    @property
    def revision(self) -> int:
        """Number of the newest revision."""
        with self._turn:
            return self._review.revision

    def look(self, query: Query, messages: tuple[Tag, ...] = ()) -> ReviewView:
        """The page as the review stands."""
        with self._turn:
            state, revision = self._review.state, self._review.revision
            undo, redo = self._review.next_undo, self._review.next_redo
            told = [Tag(note, "warn") for note in self._review.notes]
            told += [Tag(self._review.problem, "bad")] if self._review.problem is not None else []
        standing = Standing(
            str(self.run), self.by, revision,
            word_action(undo.action) if undo is not None else None,
            word_action(redo.action) if redo is not None else None,
            build_effect(self.effects.latest), (*told, *messages),
        )  # fmt: skip
        return self._build(state, standing, query)

    def look_back(self, revision: str, effect: str, query: Query) -> ReviewView | None:
        """The page as it was at a revision, with the effect of a number if that is the latest; to be compared with.

        None for a revision that there never was.
        """
        if not (revision.isascii() and revision.isdigit() and len(revision) < 9):
            return None
        with self._turn:
            if int(revision) > self._review.revision:
                return None
            try:
                state = self._review.before(int(revision))
            except PaperfilterError:
                return None
        latest = build_effect(self.effects.latest)
        known = latest if latest is not None and latest.number == effect else None
        return self._build(state, Standing(str(self.run), self.by, int(revision), effect=known), query)

    def find_page(self, document: str, number: int) -> PageView | None:
        """A page of a document as the page shows it."""
        for index, (name, known) in enumerate(self.documents.items()):
            if name == document and 0 < number <= known.pages:
                page = known.page(number)
                return PageView(make_page_anchor(index, number), number, page.width, page.height, "", "")
        return None

    def refresh(self) -> bool:
        """Whether somebody else changed the run since. Raises CriteriaError for a file that does not validate."""
        with self._turn:
            changed = self._review.refresh()
        if changed:
            self._recompute()
        return changed

    def act(self, asked: Asked) -> Revision:
        """Do it. Raises CriteriaError (StaleEdit for a part that is another now), RunFolderError."""
        with self._turn:
            action = self.prove(asked.action, self._review.state)
            revision = self._review.act(action, self.by, asked.why, asked.seen)
        self._recompute()
        return revision

    def prove(self, action: Action, state: ReviewState) -> Action:
        """The action with its quotes judged for the part that they are given to. Raises CriteriaError."""
        return prove_action(tuple(self.documents.values()), state.criteria, action)

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
        with self._turn:
            self._review.refresh()
            with reopen_run(self.run) as run:
                accept_criteria(run, Progress(quiet=True), accept_defaults=False)

    def _recompute(self) -> None:
        with self._turn:
            revision, criteria = self._review.revision, self._review.state.criteria
        self.effects.submit(revision, criteria)

    def _build(self, state: ReviewState, standing: Standing, query: Query) -> ReviewView:
        documents = tuple(self.documents.values())
        return build_view(state, documents, list_unclaimed(self.run, documents, state), standing, query)


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
