"""Cards: a part, a question or a printed threshold as the page shows it."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

from codegen.tables.formulas import Names
from pipeline.review.coverage_marks import CoveredThreshold
from pipeline.review.parts import Part, digest_part, is_required
from pipeline.review.seeing import digest_mark
from pipeline.review.typeset import name_plainly, set_part, set_quote, write_line
from pipeline.review.view_models import Card, CardStatus, Choice, Link, Quote, Tag, make_anchor
from pipeline.wording import list_numbers
from schemas.criteria import (
    Agreement,
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Question,
    Region,
)
from schemas.evidence import Evidence

Required = Cut | OverlapRemoval | OverlapStep | Candidate | NamedVariable
PageNames = Mapping[tuple[str, int], str]  # (document, page) to the id of the page in the page

_CHECKS = ("number", "unit", "operator", "polarity")
_FAULTS = {"wrong": "{} differs", "absent": "no {}"}


def make_card(part: Part, names: Names, pages: PageNames, paper: str, questions: Iterable[Question]) -> Card:
    """The card of a part. `questions` are those that touch it; the name of `paper` goes without saying."""
    value = part.value
    if isinstance(value, Question):
        return _make_question(part, value, pages, paper)
    if isinstance(value, ObjectDefinition | Region):
        return _make_definition(part, value, names)
    return _make_requirement(part, value, names, pages, paper, questions)


def make_threshold_card(covered: CoveredThreshold, pages: PageNames, paper: str) -> Card:
    """The card of a printed threshold that no finding claims, with what a person said of it."""
    threshold, document, mark, address = covered.threshold, covered.document, covered.mark, covered.address
    page = pages.get((document, threshold.page))
    place = f"p. {threshold.page}" if document == paper else f"{document} p. {threshold.page}"
    text = set_quote(threshold.text, (threshold.number,))
    status: CardStatus = "open"
    tags: tuple[Tag, ...] = ()
    if mark is not None:
        status = "accepted" if mark.part else "rejected"
        said = f"belongs to {mark.part}" if mark.part else "no requirement"
        tags = (Tag(said, "good" if mark.part else "plain", f"{mark.by}, {mark.at}"),)
    return Card(
        anchor=make_anchor(address),
        address=address,
        kind="threshold",
        name="",
        title=text,
        plain=f"{threshold.number}, page {threshold.page}",
        about=place,
        owner=None,
        digest=digest_mark(mark),
        status=status,
        counts=False,
        tags=tags,
        quotes=(Quote(text, place, page),),
        note=mark.why if mark is not None else None,
        actions=("claim", "dismiss") if mark is None else ("reopen",),
        facets=("unclaimed",) if mark is None else (),
        search=f"{threshold.text} {threshold.number} {place}".lower(),
        number=threshold.number,
        document=document,
        start=threshold.start,
        end=threshold.end,
    )


def make_quotes(
    evidence: Iterable[Evidence], numbers: tuple[str, ...], pages: PageNames, paper: str
) -> tuple[Quote, ...]:
    """Quotes of a part, each with the page that it links to and what it fails to say."""
    quotes: list[Quote] = []
    for one in evidence:
        place = f"p. {one.page}" if one.page is not None else "not found"
        if one.document_id != paper:
            place = f"{one.document_id} {place}"
        text = Markup(" … ").join(set_quote(fragment, numbers) for fragment in one.quote)
        page = pages.get((one.document_id, one.page)) if one.page is not None else None
        quotes.append(Quote(text, place, page, None if one.grounded else _say_problem(one), one.recognised))
    return tuple(quotes)


def is_low(agreement: Agreement | None) -> bool:
    """No more than half of the readings have it."""
    return agreement is not None and 2 * agreement.found <= agreement.of


def _say_problem(evidence: Evidence) -> str:
    if evidence.reason:
        return evidence.reason
    if evidence.alignment == "not_found":
        return "these words are not in the document"
    faults = [(name, getattr(evidence, name)) for name in _CHECKS]
    said = [_FAULTS[check].format(name) for name, check in faults if check in _FAULTS]
    return f"the quote does not say it: {', '.join(said)}"


def _make_requirement(
    part: Part, value: Required, names: Names, pages: PageNames, paper: str, questions: Iterable[Question]
) -> Card:
    per_event = part.owner is not None and part.owner.startswith("region:")
    numbers = list_numbers(value) if isinstance(value, Cut) else _list_radius(value)
    grounded = any(e.grounded for e in value.evidence)
    stated = isinstance(value, Cut) or (isinstance(value, NamedVariable) and value.words is not None)
    ungrounded = not grounded and (bool(value.evidence) or (stated and value.origin != "human"))
    counts = is_required(value)
    waits: CardStatus = "open" if counts or ungrounded else "none"  # a formula only names things
    status: CardStatus = waits if value.status == "proposed" else value.status
    plain = write_line(value, names, per_event=per_event)
    open_here = tuple(q for q in questions if q.answer is None)
    rejectable = isinstance(value, Cut | OverlapRemoval | OverlapStep)
    actions: tuple[str, ...] = ("accept",) if value.status == "proposed" else ()
    actions += ("edit",)
    if rejectable and status != "rejected":
        actions += ("reject",)
    if status in ("accepted", "rejected", "edited"):
        actions += ("reopen",)
    if not rejectable or value.origin == "human":
        actions += ("remove",)
    facets = _list_facets(value, status, ungrounded=ungrounded and status == "open", asked=bool(open_here))
    quotes = " ".join(" ".join(e.quote) for e in value.evidence)
    name = value.id if isinstance(value, Cut) else part.address.partition(":")[2]
    return Card(
        anchor=make_anchor(part.address),
        address=part.address,
        kind=part.kind,
        name=name,
        title=set_part(value, names, per_event=per_event),
        plain=plain,
        about=name_plainly(part.owner.partition(":")[2]) if part.owner else "",
        owner=part.owner,
        digest=digest_part(value),
        status=status,
        counts=counts,
        tags=_tag(value, status, ungrounded=ungrounded, group=value.group if isinstance(value, Cut) else None),
        quotes=make_quotes(value.evidence, numbers, pages, paper),
        former=make_quotes(value.history, (), pages, paper),
        note=value.note,
        made_by=_say_maker(value.origin),
        links=tuple(Link(make_anchor(f"question:{q.id}"), escape(_shorten(q.text))) for q in open_here),
        actions=actions,
        facets=facets,
        search=f"{plain} {name} {part.owner or ''} {quotes} {value.note or ''}".lower(),
    )


def _list_radius(value: Required) -> tuple[str, ...]:
    return (f"{value.deltaR:g}",) if isinstance(value, OverlapRemoval | OverlapStep) else ()


def _list_facets(value: Required, status: CardStatus, *, ungrounded: bool, asked: bool) -> tuple[str, ...]:
    facets = {
        "open": status == "open" or asked,
        "ungrounded": ungrounded,
        "low": is_low(value.agreement),
        "edited": status == "edited" or (value.origin == "human" and value.by is not None),
        "rejected": status == "rejected",
    }
    return tuple(name for name, holds in facets.items() if holds)


def _tag(value: Required, status: CardStatus, *, ungrounded: bool, group: str | None) -> tuple[Tag, ...]:
    tags: list[Tag] = []
    if ungrounded:
        tags.append(Tag("not grounded", "bad", "No quote says so: it reaches code only if a person accepts it."))
    if value.agreement is not None:
        found = f"{value.agreement.found} of {value.agreement.of}"
        tags.append(Tag(found, "warn" if is_low(value.agreement) else "plain", f"found in {found} readings"))
    if group is not None:
        tags.append(Tag("or", "plain", f"Joined by or with the other cuts of {name_plainly(group)}."))
    if status in ("accepted", "edited", "rejected"):
        said = f"{status} by {value.by}" if value.by else status
        tags.append(Tag(said, "good" if status == "accepted" else "plain", is_status=True))
    return tuple(tags)


def _make_definition(part: Part, value: ObjectDefinition | Region, names: Names) -> Card:
    name = name_plainly(value.name)
    says = set_part(value, names)
    plain = f"{name}: {write_line(value, names)}"
    return Card(
        anchor=make_anchor(part.address),
        address=part.address,
        kind=part.kind,
        name=value.name,
        title=says,
        plain=plain,
        about=name,
        owner=None,
        digest=digest_part(value),
        status="none",
        counts=False,
        note=value.note,
        actions=("edit", "remove"),
        search=f"{plain} {value.note or ''}".lower(),
    )


def _make_question(part: Part, question: Question, pages: PageNames, paper: str) -> Card:
    answer = question.answer
    tags = [Tag("answered by " + answer.by, "good", answer.at, is_status=True)] if answer is not None else []
    if is_low(question.agreement) and question.agreement is not None:
        found = f"{question.agreement.found} of {question.agreement.of}"
        tags.append(Tag(found, "warn", f"found in {found} readings"))
    facets = ("open",) if answer is None else ()
    quotes = " ".join(" ".join(e.quote) for e in question.evidence)
    keys = " ".join(a.text for a in question.alternatives)
    return Card(
        anchor=make_anchor(part.address),
        address=part.address,
        kind="question",
        name=question.id,
        title=escape(question.text),
        plain=question.text,
        about="question",
        owner=None,
        digest=digest_part(question),
        status="open" if answer is None else "answered",
        counts=True,
        tags=tuple(tags),
        quotes=make_quotes(question.evidence, (), pages, paper),
        why=escape(question.why),
        choices=tuple(
            Choice(
                a.key,
                escape(a.text),
                a.key == question.default,
                answer is not None and answer.alternative == a.key,
                _count_effect(len(a.changes), len(a.rejects)),
            )
            for a in question.alternatives
        ),
        answer=answer.text if answer is not None else None,
        links=tuple(Link(make_anchor(f"cut:{cut}"), escape(cut)) for cut in question.cuts),
        actions=("answer",) if answer is None else ("reopen",),
        facets=(*facets, *(("low",) if is_low(question.agreement) else ())),
        search=f"{question.text} {question.why} {question.id} {keys} {quotes}".lower(),
    )


def _count_effect(changed: int, rejected: int) -> str:
    parts = []
    if changed:
        parts.append(f"{changed} {'cut changes' if changed == 1 else 'cuts change'}")
    if rejected:
        parts.append(f"{rejected} {'cut goes' if rejected == 1 else 'cuts go'}")
    return ", ".join(parts)


def _say_maker(origin: str) -> str:
    if origin == "rules":
        return "found by the rules"
    if origin == "human":
        return "added or edited by a person"
    return f"found by {origin.removeprefix('llm:')}"


def _shorten(text: str, limit: int = 90) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def title_object(name: str) -> Markup:
    """The heading of an object or a region: its name in words."""
    plain = name_plainly(name)
    return escape(plain[:1].upper() + plain[1:])
