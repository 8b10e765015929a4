"""The page of a review as HTML: everything is escaped, no script and no style stands in it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.review.finish_view import FinishView
from pipeline.review.form_view import UNITS, FormView, PreviewView
from pipeline.review.history_view import HistoryView
from pipeline.review.pages import PlacedWord
from pipeline.review.typeset import set_quote
from pipeline.review.view_models import Card, Group, PageView, ReviewView, Section, Tag, TagKind, WordView
from pipeline.terminal import strip_controls

TEMPLATES = Path(__file__).with_name("templates")
STATIC = Path(__file__).with_name("static")

KINDS = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}  # fmt: skip
WORDS = {
    "open": "undecided", "accepted": "accepted", "edited": "edited", "rejected": "rejected", "answered": "answered",
    "none": "definition",
}  # fmt: skip
GLYPHS = {"open": "○", "accepted": "✓", "edited": "✎", "rejected": "✕", "answered": "✓", "none": "·"}


@lru_cache(maxsize=1)
def load_static() -> Mapping[str, tuple[bytes, str]]:
    """Our own files that the page asks for: name -> content and kind."""
    return {f.name: (f.read_bytes(), KINDS[f.suffix]) for f in sorted(STATIC.iterdir()) if f.suffix in KINDS}


def render_page(view: ReviewView) -> str:
    """The whole page."""
    return _render("page.html.jinja", view=view)


def render_layer(page: PageView, words: Sequence[PlacedWord]) -> str:
    """The words of a page as SVG text in its coordinates, to be selected; each knows its place in the document."""
    return _render("layer.svg.jinja", page=page, words=[place_word(w) for w in words])


def render_form(form: FormView) -> str:
    """The form alone, to stand in a slot of the page."""
    return _render("form.html.jinja", form=form)


def render_form_page(form: FormView, preview: PreviewView | None = None) -> str:
    """The form as a page of its own, with what was previewed."""
    return _render("form_page.html.jinja", form=form, preview=preview)


def render_form_again(form: FormView) -> str:
    """The form with its errors, as a swap."""
    return _swap(f"{form.anchor}-form", render_form(form))


def render_finish(finish: FinishView) -> str:
    """How the gate answered, announced, as a swap."""
    inner = Markup(_render("finish.html.jinja", finish=finish))  # noqa: S704 - rendered
    return _swap("notices", Markup('<div id="notices" role="status" aria-live="polite">{}</div>').format(inner))


def render_finish_page(finish: FinishView) -> str:
    """How the gate answered, as a page of its own."""
    return _render("finish_page.html.jinja", finish=finish)


def render_preview(preview: PreviewView) -> str:
    """What an edit would do, as a swap."""
    return _swap(f"{preview.anchor}-preview", _render("preview.html.jinja", preview=preview))


def render_notice(text: str, kind: TagKind = "plain") -> str:
    """A line for the person, announced, as a swap."""
    return _swap("notices", _render("notice.html.jinja", messages=(Tag(text, kind),)))


def render_history(history: HistoryView) -> str:
    """The page of the history."""
    return _render("history.html.jinja", history=history)


def render_changes(before: ReviewView | None, after: ReviewView) -> str:
    """What to put in the place of what, as `<template data-swap="#id">` elements; everything without `before`.

    What is equal in both views is left out.
    """
    return "".join(_swap(anchor, html) for anchor, html in _list_changes(before, after))


def place_word(word: PlacedWord) -> WordView:
    """A word on the baseline of its box."""
    height = word.y1 - word.y0
    return WordView(
        strip_controls(word.text), word.start, word.end, round(word.x0, 1), round(word.y1 - 0.22 * height, 1),
        round(max(word.x1 - word.x0, 0.1), 1), round(max(height, 1.0), 1),
    )  # fmt: skip


def _list_changes(before: ReviewView | None, after: ReviewView) -> Iterator[tuple[str, str]]:
    yield "bar", _render("bar.html.jinja", view=after)
    yield "filters", _render("filters.html.jinja", view=after)
    if after.messages:
        yield "notices", _render("notice.html.jinja", messages=after.messages)
    if before is None or before.effect != after.effect:
        yield "effect", f'<div id="effect">{_render("effect.html.jinja", view=after)}</div>'
    if before is None or [s.anchor for s in before.sections] != [s.anchor for s in after.sections]:
        yield "cards", _render("cards.html.jinja", view=after)
    else:
        for old, new in zip(before.sections, after.sections, strict=True):
            yield from _list_section_changes(old, new, after)
    if before is None or before.parts != after.parts:
        yield "parts", _render("parts.html.jinja", view=after)
    known = {p.anchor: p for d in before.documents for p in d.pages} if before is not None else {}
    for document in after.documents:
        for page in document.pages:
            if known.get(page.anchor) != page:
                yield f"{page.anchor}-marks", _render("marks.html.jinja", page=page)


def _list_section_changes(old: Section, new: Section, view: ReviewView) -> Iterator[tuple[str, str]]:
    if old == new:
        return
    if [g.anchor for g in old.groups] != [g.anchor for g in new.groups]:
        yield new.anchor, _render("section.html.jinja", section=new, view=view)
        return
    if (old.about, old.title) != (new.about, new.title):
        yield f"{new.anchor}-head", _render("section_head.html.jinja", section=new, view=view)
    for group, now in zip(old.groups, new.groups, strict=True):
        yield from _list_group_changes(group, now)


def _list_group_changes(old: Group, new: Group) -> Iterator[tuple[str, str]]:
    if old == new:
        return
    before, after = _list_cards(old), _list_cards(new)
    if [c.anchor for c in before] != [c.anchor for c in after]:
        yield new.anchor, _render("group.html.jinja", group=new)
        return
    yield f"{new.anchor}-head", _render("group_head.html.jinja", group=new)
    for card, now in zip(before, after, strict=True):
        if card != now:
            yield now.anchor, _render("card.html.jinja", card=now)


def _list_cards(group: Group) -> tuple[Card, ...]:
    return ((group.head,) if group.head is not None else ()) + group.cards


def _swap(anchor: str, html: str) -> str:
    return str(Markup('<template data-swap="#{}">{}</template>\n').format(anchor, Markup(html)))  # noqa: S704 - rendered


def _render(template: str, **values: object) -> str:
    return _make_environment().get_template(template).render(**values)


@lru_cache(maxsize=1)
def _make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    environment.filters["typeset"] = set_quote
    environment.globals["words_of"] = WORDS
    environment.globals["glyphs"] = GLYPHS
    environment.globals["units"] = UNITS
    return environment


def _clean(value: object) -> object:
    if isinstance(value, Markup):
        return value
    return strip_controls(value) if isinstance(value, str) else value
