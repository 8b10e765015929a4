"""A review as one HTML file to be mailed: the look of the page, nothing to do in it, nothing fetched, nothing run."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.files import write_atomically
from pipeline.obtaining import NO_SHELVES, Shelves
from pipeline.review.coverage_marks import list_unclaimed
from pipeline.review.documents import ReviewedDocument, close_documents, list_documents
from pipeline.review.finding import load_state_of
from pipeline.review.history_view import HistoryView, build_history
from pipeline.review.journal import read_journal
from pipeline.review.parts import list_parts
from pipeline.review.pictures import PageKey, draw_pages
from pipeline.review.rendering import GLYPHS, STATIC, TEMPLATES, WORDS
from pipeline.review.typeset import set_quote
from pipeline.review.view import Standing, build_view
from pipeline.review.view_models import Card, DocumentView, PageView, ReviewView
from pipeline.terminal import strip_controls

STYLES = (STATIC / "review.css", TEMPLATES / "static_report.css")
DARK = "@media (prefers-color-scheme: dark)"


@dataclass(frozen=True)
class WrittenReport:
    """A report that was written."""

    path: Path
    size: int
    """Bytes."""
    pages: int
    """Pages of papers in it."""
    width: int
    """Pixels of each."""
    reviewed: int
    all: int

    @property
    def words(self) -> str:
        """The file in a line."""
        pages = f"{self.pages} page{'' if self.pages == 1 else 's'} as pictures of {self.width} pixels"
        return f"{self.path}: {self.size / 1e6:.1f} MB, {self.reviewed} of {self.all} reviewed, {pages}"


@dataclass(frozen=True)
class ShownPage:
    """A page that carries quotes, with its picture."""

    view: PageView
    picture: str


@dataclass(frozen=True)
class ShownDocument:
    """A document of which some pages are shown."""

    view: DocumentView
    pages: tuple[ShownPage, ...]

    @property
    def left_out(self) -> int:
        """Pages without a quote."""
        return len(self.view.pages) - len(self.pages)


def write_static_report(run: Path, path: Path, shelves: Shelves = NO_SHELVES) -> WrittenReport:
    """Write the review of a run folder, as it stands, to `path` as one HTML file.

    Raises RunFolderError for a folder that is no run or a file that cannot be written, CriteriaError for criteria that
    do not validate.
    """
    documents = list_documents(run, shelves)
    try:
        state = load_state_of(run)
        revisions = read_journal(run).revisions
        thresholds = list_unclaimed(run, documents, state)
        view = build_view(state, documents, thresholds, Standing(run.name, "", len(revisions)))
        known = frozenset(p.address for p in list_parts(state.criteria))
        history = build_history(revisions, view.title, known)
        pictures, width = _draw(documents, view)
    finally:
        close_documents(documents)
    html = render_static(view, history, pictures, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    write_atomically(path, html)
    done = view.progress
    return WrittenReport(path, len(html.encode()), len(pictures), width, done.reviewed, done.all)


def render_static(view: ReviewView, history: HistoryView, pictures: Mapping[PageKey, str], at: str) -> str:
    """The file. `pictures` are data URIs of the pages that are shown, `at` says when it was made."""
    style = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    style = style.replace(DARK, "@media screen and (prefers-color-scheme: dark)")  # paper is white
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    shown = tuple(
        ShownDocument(d, tuple(ShownPage(p, pictures[k, p.number]) for p in d.pages if (k, p.number) in pictures))
        for k, d in enumerate(view.documents)
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.filters["typeset"] = set_quote
    return environment.get_template("static_report.html.jinja").render(
        view=view,
        history=history,
        documents=tuple(d for d in shown if d.pages),
        targets=_list_targets(shown),
        at=at,
        style=Markup(style),  # noqa: S704 - our own files
        style_hash=digest,
        words_of=WORDS,
        glyphs=GLYPHS,
        facets=[f for f in view.filters if f.count],
        is_sorted=_is_reviewed,
    )


def _draw(documents: Sequence[ReviewedDocument], view: ReviewView) -> tuple[dict[PageKey, str], int]:
    wanted = [(k, p.number) for k, d in enumerate(view.documents) for p in d.pages if p.marks]
    return draw_pages(documents, wanted)


def _list_targets(documents: Sequence[ShownDocument]) -> Mapping[tuple[str, str], str]:
    """By the ids of a card and of a page: the id of the card's first mark there, to go to."""
    pages = [p.view for d in documents for p in d.pages]
    return {(m.anchor, p.anchor): f"{p.anchor}.{m.anchor}" for p in pages for m in p.marks}


def _is_reviewed(card: Card) -> bool:
    return card.status not in ("open", "none")


def _clean(value: object) -> object:
    if isinstance(value, Markup):
        return value
    return strip_controls(value) if isinstance(value, str) else value
