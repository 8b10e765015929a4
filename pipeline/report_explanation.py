"""The explanation of a mismatch in a report."""

from collections.abc import Iterator

from pipeline.markdown import escape
from schemas.coding import Explanation


def write_explanation(explanation: Explanation | None) -> Iterator[str]:
    """A section in Markdown: where, which events, what is asked, likely causes, examples. Nothing for a match."""
    if explanation is None:
        return
    e = explanation
    yield "## Why they differ"
    yield ""
    yield f"First differing step: {escape(e.region)}/{escape(e.step)} ({escape(e.label)})"
    yield ""
    yield f"- only in the analysis: {e.only_analysis} events; only in the baseline: {e.only_baseline}"
    if e.cut:
        yield f"- asked: {escape(e.cut)}"
    if e.quote:
        yield f"- {escape(f'“{e.quote}”')} {escape(place_quote(e))}"
    for cause in e.causes:
        yield f"- likely cause: {escape(cause.text)}" + (f" {escape(f'({cause.evidence})')}" if cause.evidence else "")
    yield ""
    for example in e.examples:
        yield f"- event {' / '.join(map(str, example.key))}, kept by the {example.kept_by} only"
        yield f"  - analysis: {escape(example.analysis)}"
        yield f"  - baseline: {escape(example.baseline)}"
    yield ""
    if e.also:
        yield f"Later: {escape('; '.join(e.also))}"
        yield ""


def place_quote(explanation: Explanation) -> str:
    """Where a quote stands, in brackets."""
    page = f"p. {explanation.page}" if explanation.page else ""
    where = ", ".join(w for w in (explanation.document or "", page) if w)
    return f"({where})" if where else ""
