"""Findings, evidence and values in words, as a person reads them."""

import re
from collections.abc import Iterable
from typing import Protocol

from pipeline.terminal import strip_controls
from schemas.comparison import EventDifference
from schemas.criteria import Agreement, Cut
from schemas.cut_words import SIGNS, word_number
from schemas.evidence import Evidence
from schemas.finding import Finding, Ramp

NUMBER = re.compile(r"\d+(?:\.\d+)?")
QUOTE = 96  # characters of a quote in a table


class Weighted(Protocol):
    """Something with a weighted yield."""

    @property
    def weighted(self) -> float | None:
        """Sum of weights."""

    @property
    def uncertainty(self) -> float | None:
        """Square root of the sum of squared weights."""


def word_agreement(agreement: Agreement | None) -> str:
    """In how many readings something was found: `7/10`; nothing where there was only one."""
    return f"{agreement.found}/{agreement.of}" if agreement is not None else ""


def word_finding(finding: Finding) -> str:
    """A finding as one line: subject, variable, sign, value, unit, outcome, condition and scope."""
    value = finding.value
    if isinstance(value, Ramp):
        points = ", ".join(f"{word_number(y)} at {word_number(x)}" for x, y in zip(value.x, value.y, strict=True))
        said = f"({points}, linear in {value.argument})"
    elif isinstance(value, tuple):
        said = f"({', '.join(word_number(v) if isinstance(v, int | float) else v for v in value)})"
    else:
        said = word_number(value) if isinstance(value, int | float) else value or ""
    names = (finding.subject, finding.second_subject or "", finding.variable)
    subject, partner, variable = (n.removeprefix("other:").replace("_", " ") for n in names)
    about = f"{subject} and {partner}" if partner else subject
    parts = [about, variable, SIGNS.get(finding.operator, finding.operator), said, finding.unit or ""]
    text = " ".join(p for p in parts if p)
    if finding.effect in ("remove_object", "reject_event"):
        text += f" {'removed' if finding.effect == 'remove_object' else 'rejected'}"
    text += f", if {finding.condition}" if finding.condition else ""
    return text + (f", in {finding.scope}" if finding.scope else "")


def list_numbers(cut: Cut) -> tuple[str, ...]:
    """The numbers of a cut's threshold as a paper prints them."""
    if cut.threshold is None:
        return ()
    printed = cut.threshold.literal or cut.threshold.expression or ""
    values = (*(cut.threshold.range or ()), *(() if cut.threshold.value is None else (cut.threshold.value,)))
    return tuple(dict.fromkeys((*NUMBER.findall(printed), *(word_number(value) for value in values))))


def list_values(example: EventDifference) -> tuple[tuple[str, str, str], ...]:
    """Step and the values on both sides, for the steps where a side has a value; at least one row."""
    names = dict.fromkeys((*example.analysis_values, *example.baseline_values))
    sides = [(n, example.analysis_values.get(n), example.baseline_values.get(n)) for n in names]
    told = [(n, a, b) for n, a, b in sides if a not in (None, ()) or b not in (None, ())]
    return tuple((strip_controls(n), word_value(a), word_value(b)) for n, a, b in told) or (("", "-", "-"),)


def word_example(example: EventDifference) -> str:
    """One differing event: its key, the side that has it, the values on both sides."""
    key = "/".join(map(str, example.key))
    values = "; ".join(f"{name} {ours} | {theirs}" for name, ours, theirs in list_values(example) if name)
    return f"{key} only in the {example.only}" + (f": {values} (analysis | baseline)" if values else "")


def word_value(value: float | tuple[float, ...] | None) -> str:
    """A value of an event, or a dash."""
    if value is None or value == ():
        return "-"
    return ", ".join(f"{v:.6g}" for v in value) if isinstance(value, tuple) else f"{value:.6g}"


def join_quote(evidence: Evidence) -> str:
    """The fragments of a quote as one line."""
    return " … ".join(strip_controls(" ".join(fragment.split())) for fragment in evidence.quote)


def list_pages(evidence: Iterable[Evidence]) -> str:
    """Pages on which a criterion stands; those of a cited work behind its name."""
    pages: dict[str, set[int]] = {}
    for e in evidence:
        if e.page is not None:
            pages.setdefault(e.document_id, set()).add(e.page)
    told = [(document, ", ".join(str(p) for p in sorted(found))) for document, found in pages.items()]
    return "; ".join(f"{document} p. {found}" if i else found for i, (document, found) in enumerate(told))


def word_place(evidence: Evidence, first: Evidence) -> str:
    """The page of a quote, with the name of the work where that is not the work of the first quote."""
    if evidence.page is None:
        return ""
    page = f"p. {evidence.page}"
    return page if evidence.document_id == first.document_id else f"{evidence.document_id} {page}"


def shorten(text: str, limit: int = QUOTE) -> str:
    """`text` in one line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def word_count(count: int | None) -> str:
    """A number of events with thin groups of three digits, nothing for None."""
    return "" if count is None else f"{count:,}".replace(",", "\u2009")


def word_channel(name: str) -> str:
    """A channel with Greek letters: `2e2mu` becomes 2e2μ."""
    if re.fullmatch(r"(?:\d*(?:mu|tau|e))+", name):
        return name.replace("mu", "μ").replace("tau", "τ")
    return name


def word_weighted(row: Weighted) -> str:
    """A weighted yield with its uncertainty."""
    return "" if row.weighted is None else f"{row.weighted:.5g} ± {row.uncertainty or 0:.2g}"
