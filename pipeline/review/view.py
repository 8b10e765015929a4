"""From the state of a review to what its page shows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from markupsafe import Markup

from codegen.tables.formulas import list_names
from pipeline.gate import list_open, list_ungrounded
from pipeline.review.cards import make_threshold_card, title_object
from pipeline.review.coverage_marks import CoveredThreshold
from pipeline.review.documents import ReviewedDocument
from pipeline.review.kept_cards import KeptCards
from pipeline.review.parts import Part, count_progress, list_parts
from pipeline.review.placing import place_evidence
from pipeline.review.question_words import set_cuts, set_question
from pipeline.review.typeset import name_plainly
from pipeline.review.view_models import (
    Card,
    DocumentView,
    EffectView,
    Filter,
    FlowView,
    Group,
    MarkView,
    PageView,
    ProgressView,
    Query,
    Rectangle,
    ReviewView,
    Section,
    Tag,
    make_anchor,
)
from schemas.criteria import Cut, Question, SelectionCriteria
from schemas.document import Box
from schemas.evidence import Evidence
from schemas.review import ReviewState

FILTERS = (
    ("all", "All"), ("open", "Open"), ("ungrounded", "Not grounded"), ("low", "Low agreement"),
    ("unclaimed", "Unclaimed"), ("edited", "Edited"), ("rejected", "Rejected"),
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """Where a review stands, beside what its state says."""

    run: str
    author: str
    revision: int
    undo: str | None = None
    redo: str | None = None
    effect: EffectView | None = None
    messages: tuple[Tag, ...] = ()


def build_view(
    state: ReviewState,
    documents: Sequence[ReviewedDocument],
    thresholds: Sequence[CoveredThreshold],
    standing: Standing,
    query: Query = Query(),  # noqa: B008 - frozen
    kept: KeptCards | None = None,
) -> ReviewView:
    """Everything that the page shows of a review. `thresholds` are those that no finding and no part claims.

    `kept` has the cards of the last view.
    """
    criteria = state.criteria
    paper = next((d.id for d in documents if d.is_paper), documents[0].id if documents else "")
    pages = {(d.id, n): make_page_anchor(k, n) for k, d in enumerate(documents) for n in range(1, d.pages + 1)}
    parts = list_parts(criteria)
    by_cut = _list_questions(criteria)
    names = list_names(criteria)
    cards = (kept or KeptCards()).make(parts, names, pages, paper, by_cut)
    cuts = {p.value.id: p.value for p in parts if isinstance(p.value, Cut)}
    cards |= {
        p.address: _set_question(cards[p.address], p.value, set_cuts(p.value, cuts, names))
        for p in parts
        if isinstance(p.value, Question)
    }
    covered = tuple(make_threshold_card(t, pages, paper) for t in thresholds)
    cards = {address: _filter(card, query) for address, card in cards.items()}
    covered = tuple(_filter(card, query) for card in covered)
    sections = _arrange(criteria, parts, cards, covered)
    done = count_progress(state)
    ungrounded = list_ungrounded(criteria)
    shown = next((d.id for d in documents if d.id == query.document), paper)
    everything = (*cards.values(), *covered)
    return ReviewView(
        title=criteria.analysis.title or criteria.analysis.slug,
        paper=criteria.analysis.paper,
        run=standing.run,
        author=standing.author,
        revision=standing.revision,
        undo=standing.undo,
        redo=standing.redo,
        progress=ProgressView(
            done.reviewed,
            done.all,
            len(list_open(criteria)),
            len(ungrounded),
            not list_open(criteria) and not ungrounded,
        ),
        documents=tuple(
            _show_document(
                k, d, (*_list_marks(d, parts, cards), *_mark_thresholds(d, thresholds)), d.id == shown, query
            )
            for k, d in enumerate(documents)
        ),
        sections=sections,
        filters=_count_filters(everything, query),
        query=query,
        parts=tuple(
            (c.address, f"{c.about}: {c.plain}" if c.about else c.plain)
            for c in cards.values()
            if c.counts and c.kind != "question"
        ),
        effect=_title_flows(standing.effect, everything) if standing.effect is not None else None,
        messages=standing.messages,
    )


def make_page_anchor(document: int, number: int) -> str:
    """The id of a page in the page: the document by its place among the tabs."""
    return f"page-{document}-{number}"


def link_query(now: Query) -> str:
    """The address of the page that asks for this."""
    fields = {"show": now.show if now.show != "all" else None, "q": now.words or None, "doc": now.document}
    told = {name: value for name, value in fields.items() if value}
    return f"/?{urlencode(told)}" if told else "/"


def _name(part: Part) -> str:
    return part.address.partition(":")[2]


def _list_questions(criteria: SelectionCriteria) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {}
    for question in criteria.questions:
        for cut in question.cuts:
            found.setdefault(cut, []).append(question)
    return found


def _set_question(card: Card, question: Question, cuts: Mapping[str, Markup]) -> Card:
    """The card with the cuts that it names as formulas."""
    said = {a.key: a.text for a in question.alternatives}
    choices = tuple(replace(c, text=set_question(said[c.key], cuts)) for c in card.choices)
    return replace(card, title=set_question(question.text, cuts), choices=choices)


def _filter(card: Card, query: Query) -> Card:
    wanted = query.show == "all" or query.show in card.facets
    words = query.words.lower().split()
    hidden = not wanted or any(word not in card.search for word in words)
    return replace(card, hidden=True) if hidden else card


def _count_filters(cards: Iterable[Card], query: Query) -> tuple[Filter, ...]:
    everything = tuple(cards)
    filters = []
    for key, text in FILTERS:
        count = sum(key == "all" or key in c.facets for c in everything)
        filters.append(Filter(key, text, count, key == query.show, link_query(replace(query, show=key))))
    return tuple(filters)


def _arrange(
    criteria: SelectionCriteria, parts: Sequence[Part], cards: Mapping[str, Card], covered: tuple[Card, ...]
) -> tuple[Section, ...]:
    placed, general = _place_questions(criteria, parts, cards)

    def list_cards(owner: str) -> tuple[Card, ...]:
        found: list[Card] = []
        group: str | None = None
        for part in parts:
            if part.owner != owner:
                continue
            now = getattr(part.value, "group", None)
            joined = now is not None and now == group
            group = now
            found += [replace(cards[part.address], joined=joined), *placed.get(part.address, ())]
        return tuple(found)

    def list_alone(kind: str) -> tuple[Card, ...]:
        found: list[Card] = []
        for part in parts:
            if part.kind == kind:
                found += [cards[part.address], *placed.get(part.address, ()), *list_cards(part.address)]
        return tuple(found)

    objects = tuple(
        Group(
            f"group-{cards[f'object:{o.name}'].anchor}", title_object(o.name), name_plainly(o.name),
            cards[f"object:{o.name}"], list_cards(f"object:{o.name}"),
            (("cut", "+ cut"), ("removal", "+ overlap removal")), f"object:{o.name}",
        )
        for o in criteria.objects
    )  # fmt: skip
    regions = tuple(
        Group(
            f"group-{cards[f'region:{r.name}'].anchor}", title_object(r.name), name_plainly(r.name),
            cards[f"region:{r.name}"], list_cards(f"region:{r.name}"), (("cut", "+ cut"),), f"region:{r.name}",
        )
        for r in criteria.regions
    )  # fmt: skip
    steps, candidates, variables = (list_alone(kind) for kind in ("step", "candidate", "variable"))
    open_ones = sum(c.status == "open" for c in general)
    left = sum(c.status == "open" for c in covered)
    sections = (
        Section("objects", "Objects", objects, "each may build on those above it", (("object", "+ object"),)),
        Section("overlap", "Overlap removal", _make_plain("steps", steps), "in this order", (("step", "+ step"),)),
        Section("candidates", "Candidates", _make_plain("built", candidates), "", (("candidate", "+ candidate"),)),
        Section("variables", "Variables", _make_plain("named", variables), "", (("variable", "+ variable"),)),
        Section("regions", "Event selection", regions, "in the order of the cutflow", (("region", "+ region"),)),
        Section("questions", "Other questions", _make_plain("asked", general), f"{open_ones} open" if general else ""),
        Section("coverage", "Coverage", _make_plain("printed", covered), _say_coverage(left, len(covered))),
    )
    return tuple(s for s in sections if s.groups or s.adds)


def _make_plain(name: str, cards: tuple[Card, ...]) -> tuple[Group, ...]:
    return (Group(f"group-{name}", Markup(""), "", None, cards),) if cards else ()


def _say_coverage(left: int, everything: int) -> str:
    if not everything:
        return "every printed threshold of the selection passages is claimed by a finding"
    return f"{left} of {everything} printed thresholds that no finding claims wait for a word"


def _place_questions(
    criteria: SelectionCriteria, parts: Sequence[Part], cards: Mapping[str, Card]
) -> tuple[dict[str, tuple[Card, ...]], tuple[Card, ...]]:
    """Questions below the last cut they touch, and those that touch none."""
    places = {_name(p): k for k, p in enumerate(parts) if p.kind == "cut"}
    placed: dict[str, tuple[Card, ...]] = {}
    general: list[Card] = []
    for question in criteria.questions:
        card = cards[f"question:{question.id}"]
        touched = [places[cut] for cut in question.cuts if cut in places]
        if touched:
            address = parts[max(touched)].address
            placed[address] = (*placed.get(address, ()), card)
        else:
            general.append(card)
    return placed, tuple(general)


def _show_document(
    index: int, document: ReviewedDocument, marks: Iterable[tuple[int, MarkView]], shown: bool, query: Query
) -> DocumentView:
    by_page: dict[int, list[MarkView]] = {}
    for number, mark in marks:
        by_page.setdefault(number, []).append(mark)
    encoded = quote(document.id, safe="")
    pages = tuple(
        PageView(
            make_page_anchor(index, page.number), page.number, page.width, page.height,
            f"/pages/{encoded}/{page.number}.png", f"/pages/{encoded}/{page.number}/layer",
            tuple(by_page.get(page.number, ())),
        )
        for page in document.document.pages
    )  # fmt: skip
    return DocumentView(
        f"document-{index}", document.id, document.title, document.is_paper, shown, pages, document.remark,
        link_query(replace(query, document=document.id)),
    )  # fmt: skip


def _list_marks(
    document: ReviewedDocument, parts: Sequence[Part], cards: Mapping[str, Card]
) -> Iterator[tuple[int, MarkView]]:
    for part in parts:
        card = cards[part.address]
        now: tuple[Evidence, ...] = getattr(part.value, "evidence", ())
        former: tuple[Evidence, ...] = getattr(part.value, "history", ())
        for one, is_former in (*((e, False) for e in now), *((e, True) for e in former)):
            if one.document_id == document.id:
                for page, boxes in _measure(place_evidence(document, one).boxes).items():
                    yield page, MarkView(card.anchor, card.status, one.grounded, card.plain, boxes, is_former)


def _mark_thresholds(
    document: ReviewedDocument, thresholds: Iterable[CoveredThreshold]
) -> Iterator[tuple[int, MarkView]]:
    for one in thresholds:
        if one.document == document.id and one.mark is None:
            for page, boxes in _measure(one.boxes).items():
                yield page, MarkView(make_anchor(one.address), "none", True, one.threshold.number, boxes)


def _title_flows(effect: EffectView, cards: Iterable[Card]) -> EffectView:
    """The cutflow with its steps as the cards of their cuts say them."""
    titles = {card.anchor: card.title for card in cards}

    def title(flows: Iterable[FlowView]) -> tuple[FlowView, ...]:
        return tuple(
            replace(f, lines=tuple(replace(line, label=titles.get(line.anchor or "", line.label)) for line in f.lines))
            for f in flows
        )

    return replace(effect, changed=title(effect.changed), flows=title(effect.flows))


def _measure(boxes: Iterable[Box]) -> dict[int, tuple[Rectangle, ...]]:
    by_page: dict[int, tuple[Rectangle, ...]] = {}
    for box in dict.fromkeys(boxes):
        width, height = round(box.x1 - box.x0, 1), round(box.y1 - box.y0, 1)
        rectangle = Rectangle(round(box.x0, 1), round(box.y0, 1), width, height)
        by_page[box.page] = (*by_page.get(box.page, ()), rectangle)
    return by_page
