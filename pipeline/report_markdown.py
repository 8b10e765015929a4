"""A report as Markdown, for a merge request, a note or a diff."""

from collections.abc import Iterator

from pipeline.markdown import escape, write_table
from pipeline.report import FlowTable, Report
from pipeline.report_coding import list_cells
from pipeline.report_explanation import write_explanation
from pipeline.wording import (
    join_quote,
    list_pages,
    shorten,
    word_agreement,
    word_count,
    word_example,
    word_weighted,
)


def render_markdown(report: Report) -> str:
    """The report; text of papers is escaped."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    request = report.manifest.request
    yield f"# {escape(report.title)}"
    yield ""
    about = f"Run `{report.run}`, reader {request.reader}, coder {request.coder}"
    yield about + (f", profile {escape(request.profile)}" if request.profile else "")
    yield ""
    if report.comparison:
        yield f"**{'Match' if report.comparison.matched else 'Mismatch'}**: {escape(report.comparison.summary)}"
        yield ""
    if report.execution is not None and report.execution.tier == "none":
        yield "The generated code ran without a sandbox, as asked on the command line."
        yield ""
    for flow in report.flows:
        if flow.selects:
            yield from _flow(flow, compared=report.comparison is not None)
    bare = [flow.region for flow in report.flows if not flow.selects]
    if bare:
        yield f"No step of their own is evaluated: {escape(', '.join(bare))}"
        yield ""
    yield from write_explanation(report.explanation)
    if report.comparison and report.comparison.first_difference and report.explanation is None:
        yield f"First differing step: {escape(report.comparison.first_difference)}"
        yield ""
        yield from (f"- {escape(word_example(example))}" for example in report.comparison.examples)
        yield ""
    yield from _coding(report)
    for figure in report.figures:
        yield f"![{escape(figure.title)}]({figure.png})"
        yield ""
    yield from _criteria(report)
    yield from _questions(report)
    yield from _readings(report)
    yield from _cited_works(report)
    yield from _rest(report)


def _flow(flow: FlowTable, *, compared: bool) -> Iterator[str]:
    yield f"## Cutflow: {escape(flow.region)}" + (f" (after {escape(flow.parent)})" if flow.parent else "")
    yield ""
    yield from write_table(
        ("step", "events", "weighted", "ε") + (("baseline", "event sets") if compared else ()),
        (
            (
                row.words,
                word_count(row.count),
                word_weighted(row),
                "" if row.efficiency is None else f"{100 * row.efficiency:.1f}%",
            )
            + ((word_count(row.baseline), row.verdict) if compared else ())
            for row in flow.rows
        ),
    )
    if flow.channels:
        yield "Channels: " + ", ".join(f"{escape(name)} {n}" for name, n in flow.channels.items())
        yield ""


def _coding(report: Report) -> Iterator[str]:
    coding = report.coding
    if coding is None:
        return
    yield "## Coder"
    yield ""
    supervised = f", supervised by {coding.supervisor}" if coding.supervisor not in ("", coding.model) else ""
    yield f"{escape(coding.model + supervised)} ({coding.coder}): **{escape(coding.ended)}**"
    yield ""
    head = ("round", "lines", "outcome", "first difference", "class", "tokens", "s", "why")
    yield from write_table(head, ((*list_cells(row), row.problem) for row in coding.rounds))
    yield from (f"- {escape(name)}: {escape(value)}" for name, value in coding.facts)
    yield ""


def _criteria(report: Report) -> Iterator[str]:
    if not report.criteria:
        return
    yield "## Criteria"
    yield ""
    for group in report.criteria:
        yield f"### {escape(group.name)} ({escape(group.about)})"
        yield ""
        rows = []
        for row in group.rows:
            said = "rejected" if row.status == "rejected" else "not evaluable" if row.not_evaluable else ""
            state = ", ".join(s for s in (said if said not in row.hand else "", row.hand) if s)
            quote = f"“{shorten(join_quote(row.evidence[0]), 160)}”" if row.evidence else ""
            votes = (word_agreement(row.agreement),) if report.voted else ()
            note = f"; {row.note}" if row.note else ""
            rows.append((f"{row.text}{note}", *votes, list_pages(row.evidence), quote, state))
        head = ("criterion", *(("found in",) if report.voted else ()), "page", "quote", "")
        if rows:
            yield from write_table(head, rows)


def _questions(report: Report) -> Iterator[str]:
    if not report.questions:
        return
    yield "## Questions"
    yield ""
    for question in report.questions:
        yield f"- `{question.id}` {escape(question.text)} ({escape(question.why)})"
        for one in question.alternatives:
            default = ", default" if one.key == question.default else ""
            yield f"  - `{one.key}`{default}: {escape(one.text)}"
        answer = question.answer
        if answer is None:
            yield "  - **open**"
        else:
            given = escape(answer.alternative or answer.text or "")
            yield f"  - answered by {escape(answer.by)} ({answer.at}): {given}"
    yield ""


def _readings(report: Report) -> Iterator[str]:
    reading = report.reading
    if reading.several:
        yield "## Readings"
        yield ""
        yield from write_table(
            ("reading", "mode", "findings", "requirements", "items dropped", "questions", "failed"),
            (
                (
                    row.label,
                    row.mode,
                    str(row.findings),
                    str(row.requirements),
                    str(row.dropped),
                    str(row.asked),
                    str(row.failed),
                )
                for row in reading.readings
            ),
        )
        if reading.votes:
            shares = ", ".join(f"{number} in {found}" for found, number in reading.votes)
            yield f"Requirements by number of readings that have them: {shares}"
            yield ""
    if reading.conflicts:
        yield "### Where readings differ"
        yield ""
        for conflict in reading.conflicts:
            yield f"- {escape(conflict.why)}"
            for i, side in enumerate(conflict.sides):
                yield f"  - {escape(side)}" + (", default" if conflict.decided and i == 0 else "")
        yield ""
    if reading.dropped:
        yield "### Unusable items of replies"
        yield ""
        for one in reading.dropped:
            yield f"- {escape(one.reading)}, {escape(one.dropped.label)}: {escape(one.dropped.reason)}"
        yield ""
    if reading.usage:
        yield "## Questions to models"
        yield ""
        yield from write_table(
            ("role", "model", "questions", "tokens (prompt + answer)", "s", "cost"),
            ((u.role, u.model, u.calls, u.tokens, u.seconds, u.cost) for u in reading.usage),
        )


def _cited_works(report: Report) -> Iterator[str]:
    if report.reading.works:
        yield "## Cited works"
        yield ""
        yield from write_table(
            ("", "cited work", "definition", "page", "what became of it"),
            ((w.state, w.work, w.what, str(w.page), w.reason) for w in report.reading.works),
        )


def _rest(report: Report) -> Iterator[str]:
    if report.thresholds:
        claimed = report.thresholds - len(report.unclaimed)
        yield "## Coverage"
        yield ""
        yield f"{claimed} of {report.thresholds} numeric comparisons in selection passages are claimed by a finding."
        yield ""
        yield from (f"- p. {one.page}: {escape(one.text)}" for one in report.unclaimed)
        yield ""
    if report.not_evaluable:
        yield f"## Not evaluable in {escape(report.manifest.request.profile or 'this format')}"
        yield ""
        yield from write_table(
            ("cut", "criterion", "reason"), ((one.cut, one.text, one.reason) for one in report.not_evaluable)
        )
    if report.chosen:
        yield "## Taken otherwise"
        yield ""
        yield "The files lack what comes first in the format. Of a whole collection, other objects may be selected."
        yield ""
        yield from write_table(
            ("what", "taken", "instead of"), ((c.place, c.expression, c.instead_of) for c in report.chosen)
        )
    if report.refused:
        yield "## Refused"
        yield ""
        yield from (f"- {escape(one.finding or '')}: {escape(one.reason or 'not found')}" for one in report.refused)
        yield ""
    if report.hidden or report.remarks or report.reading.attempts or report.ocr_pages:
        yield "## About the file"
        yield ""
        for attempt in report.reading.attempts:
            where = "hidden text" if attempt.hidden else "text"
            told = f"{where} on p. {attempt.page} addresses a program and was never used"
            yield f"- {told} ({escape(attempt.why)}): {escape(shorten(attempt.text, 300))}"
        if report.ocr_pages:
            yield f"- recognised from pictures, wrong letters are likely: p. {', '.join(map(str, report.ocr_pages))}"
        yield from (f"- {escape(remark)}" for remark in report.remarks)
        for one in report.hidden:
            yield f"- hidden text ({one.reason}) on p. {one.page}, never used: {escape(shorten(one.text, 200))}"
        yield ""
