"""What stands above a part in a draft: its quotes with pages, its votes, what is wrong with them, how to answer.

A comment is one line for YAML whatever a paper's text holds: everything that ends a line or drives a terminal goes.
"""

import textwrap
from collections.abc import Iterable, Sequence

from pipeline.wording import word_agreement
from schemas.criteria import (
    Alternative,
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Question,
    Region,
    SelectionCriteria,
)
from schemas.cut_words import word_candidate, word_cut, word_object, word_removal, word_variable
from schemas.evidence import Evidence
from schemas.review import Shown

Sourced = Cut | OverlapRemoval | OverlapStep | Candidate | NamedVariable

WIDTH = 112  # of a line, indentation included
NARROWEST = 40
MOST_QUOTES = 4
LONGEST = 700  # characters of a quote; the page has the rest
CHECKS = ("number", "unit", "operator", "polarity")
MISSES = {"wrong": "contradicts the", "absent": "does not say the"}


def describe_part(part: Shown, criteria: SelectionCriteria) -> tuple[str, ...]:
    """The paragraphs above a part, not wrapped yet; none where there is nothing to say."""
    if isinstance(part, Question):
        return _describe_question(part)
    if isinstance(part, ObjectDefinition | Region):
        return ()
    told = list(_list_quotes(part.evidence, criteria))
    asked = [q.id for q in criteria.questions if q.answer is None and isinstance(part, Cut) and part.id in q.cuts]
    if _needs_quote(part) and not any(e.grounded for e in part.evidence):
        told.append("NOT GROUNDED: " + (_find_reason(part.evidence) or "no quote of the paper says this"))
    source = [] if part.origin == "human" and part.agreement is None else [f"found by {part.origin}"]
    if part.agreement is not None:
        source.append(f"in {word_agreement(part.agreement)} readings")
    if part.by:
        source.append(f"{part.status} by {part.by}")
    source += [f"open question: {name}" for name in asked]
    return (*told, *(["; ".join(source)] if source else []))


def wrap_comment(paragraphs: Iterable[str], marker: str, indent: int) -> list[str]:
    """The lines of a comment. Further lines of a paragraph are set in."""
    start = f"{' ' * indent}{marker} "
    lines = []
    for paragraph in paragraphs:
        text = clean_line(paragraph)
        lead = " " * (len(paragraph) - len(paragraph.lstrip(" ")))
        lines += textwrap.wrap(
            text, max(WIDTH, indent + NARROWEST), initial_indent=start + lead, subsequent_indent=f"{start}{lead}  ",
            break_on_hyphens=False,
        ) or [start.rstrip()]  # fmt: skip
    return lines


def clean_line(text: str) -> str:
    """The text on one line, with nothing in it that YAML or an editor takes for a line's end or a command."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def _list_quotes(evidence: Sequence[Evidence], criteria: SelectionCriteria) -> Iterable[str]:
    for e in evidence[:MOST_QUOTES]:
        quote = " … ".join(" ".join(fragment.split()) for fragment in e.quote)
        quote = quote if len(quote) <= LONGEST else f"{quote[:LONGEST]}…"
        work = "" if _is_paper(e.document_id, criteria) else f"{e.document_id} "
        page = f"p. {e.page}" if e.page is not None else "found on no page"
        kind = "" if e.source == "prose" else f" ({e.source})"
        yield f"{work}{page}: “{quote}”{kind}"
    if len(evidence) > MOST_QUOTES:
        yield f"and {len(evidence) - MOST_QUOTES} more"


def _is_paper(document: str, criteria: SelectionCriteria) -> bool:
    return criteria.analysis.paper is None or document == criteria.analysis.paper.removeprefix("arXiv:")


def _needs_quote(part: Sourced) -> bool:
    if part.evidence:
        return True
    return (isinstance(part, Cut) or (isinstance(part, NamedVariable) and part.words is not None)) and (
        part.origin != "human"
    )


def _find_reason(evidence: Sequence[Evidence]) -> str | None:
    for e in evidence:
        if e.reason:
            return e.reason
        if e.alignment == "not_found":
            return "the quote is not in the paper"
        misses = [f"the quote {MISSES[getattr(e, c)]} {c}" for c in CHECKS if getattr(e, c) in MISSES]
        if misses:
            return ", ".join(misses)
    return None


def _describe_question(question: Question) -> tuple[str, ...]:
    told = [question.text, f"Why it is open: {question.why}"]
    quotes = [" … ".join(e.quote) for e in question.evidence[:1]]
    pages = [f"p. {e.page}: " if e.page is not None else "" for e in question.evidence[:1]]
    told += [f"{page}“{' '.join(quote.split())[:LONGEST]}”" for page, quote in zip(pages, quotes, strict=True)]
    for one in question.alternatives:
        default = "  [default]" if one.key == question.default else ""
        told.append(f"  {one.key}: {one.text}{default}{_describe_effect(one)}")
    if question.answer is None:
        keys = " or ".join(a.key for a in question.alternatives)
        own = 'answer: {text: "in your own words"}'
        told.append(f"OPEN. Write behind answer: {keys}; or {own}" if keys else f"OPEN. Write {own}")
    else:
        told.append("Take the answer out, and the question is open again.")
    return tuple(told)


def _describe_effect(alternative: Alternative) -> str:
    effects = [f"{c.id}: {word_cut(c)}" for c in alternative.changes]
    effects += [f"{name} is left out" for name in alternative.rejects]
    effects += [f"{o.name}: {word_object(o)}" for o in alternative.objects]
    effects += [f"{c.name}: {word_candidate(c)}" for c in alternative.candidates]
    effects += [f"{v.name}: {word_variable(v)}" for v in alternative.variables]
    effects += [word_removal(s) for s in alternative.overlap or ()]
    return f" → {'; '.join(effects[:6])}{' …' if len(effects) > 6 else ''}" if effects else ""
