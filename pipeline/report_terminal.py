"""A report in the terminal: tables that fit a screen. Text of papers goes through `strip_controls`, never as markup."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.report import CriteriaGroup, CriterionRow, FlowTable, Report
from pipeline.report_readings import STATES
from pipeline.terminal import strip_controls
from pipeline.wording import (
    join_quote,
    list_pages,
    list_values,
    shorten,
    word_agreement,
    word_count,
    word_weighted,
)
from schemas.comparison import Comparison
from schemas.coverage import PrintedThreshold
from schemas.criteria import Question, SelectionCriteria
from schemas.document import Document

EXAMPLES = 5  # differing events that are shown
VALUES = 6  # of each
LISTED = 20  # refused findings and unused items; the file reports have all
WORK_STYLES = {"resolved": "green", "question": "yellow", "unresolved": "red"}
VERDICT_STYLES = {"=": "bold green", "≠": "bold red", "not evaluated": "yellow"}


def print_heading(console: Console, report: Report) -> None:
    """What the run is about."""
    request = report.manifest.request
    console.print(Text(strip_controls(report.title), style="bold"))
    line = f"{strip_controls(report.run)}  reader {request.reader}  coder {request.coder}"
    if request.profile:
        line += f"  profile {request.profile}"
    if report.n_events is not None:
        line += f"  {word_count(report.n_events)} events in {len(request.data)} files"
    console.print(Text(line, style="dim"), soft_wrap=True)
    if report.execution is not None and report.execution.tier == "none":
        console.print(Text("the generated code ran without a sandbox, as asked", style="yellow"))


def print_document(console: Console, document: Document) -> None:
    """Sections and tables of a paper as read, and hidden text."""
    console.print(Text(strip_controls(document.title or document.document_id), style="bold"))
    console.print(Text(f"{document.n_pages} pages, {len(document.passages)} passages, sha256 {document.sha256}"))
    for section in document.sections:
        number = f"{section.number} " if section.number else ""
        indent = "  " * max(section.level, 1)
        console.print(Text(f"{indent}{number}{strip_controls(section.title)}  p. {section.page}"))
    for table in document.tables:
        caption = shorten(strip_controls(table.caption))
        console.print(Text(f"  {table.label or 'table'} (p. {table.page}, {len(table.cells)} cells): {caption}"))
    for hidden in document.hidden:
        text = shorten(strip_controls(hidden.text), 80)
        console.print(Text(f"! hidden text ({hidden.reason}) on p. {hidden.page}: {text}", style="yellow"))
    for remark in document.remarks:
        console.print(Text(strip_controls(remark), style="yellow"))


def print_analysis(console: Console, criteria: SelectionCriteria) -> None:
    """What the criteria belong to."""
    analysis = criteria.analysis
    console.print(Text(strip_controls(analysis.title or analysis.slug), style="bold"))
    facts = [
        analysis.slug if analysis.title else "", analysis.paper or "", analysis.experiment or "",
        f"√s = {analysis.sqrt_s:g} TeV" if analysis.sqrt_s is not None else "",
        f"{analysis.luminosity:g} fb⁻¹" if analysis.luminosity is not None else "",
        analysis.final_state or "", f"SSC {criteria.schema_version}",
    ]  # fmt: skip
    console.print(Text(strip_controls("  ".join(f for f in facts if f)), style="dim"), soft_wrap=True)


def print_criteria(console: Console, groups: Iterable[CriteriaGroup]) -> None:
    """Criteria by object and region, with page and quote."""
    shown = list(groups)
    quoted = any(row.evidence for group in shown for row in group.rows)
    voted = any(row.agreement for group in shown for row in group.rows)
    table = make_table("Criteria")
    table.add_column("criterion", ratio=5)
    if voted:
        table.add_column("found in", justify="right")
    if quoted:
        table.add_column("page", justify="right", style="dim")
        table.add_column("quote", ratio=6, style="dim")
    for group in shown:
        table.add_row(Text.assemble((group.name, "bold cyan"), "  ", (strip_controls(group.about), "dim")))
        for row in group.rows:
            quote = join_quote(row.evidence[0]) if row.evidence else ""
            place = (Text(list_pages(row.evidence)), Text(shorten(quote))) if quoted else ()
            votes = (_agreement(row),) if voted else ()
            table.add_row(_criterion(row), *votes, *place)
    console.print(table)


def print_questions(console: Console, questions: Iterable[Question]) -> None:
    """Questions with their alternatives; the default is marked, an answer is shown with its author."""
    asked = list(questions)
    if not asked:
        return
    console.print(Text(f"\nQuestions ({sum(q.answer is None for q in asked)} open of {len(asked)})", style="bold"))
    for question in asked:
        style = "green" if question.answer else "yellow"
        console.print(Text.assemble(("● ", style), (question.id, style), "  ", strip_controls(question.text)))
        votes = f"  found in {word_agreement(question.agreement)} readings" if question.agreement else ""
        pages = list_pages(question.evidence)
        said = f"      {strip_controls(question.why)}{f', p. {pages}' if pages else ''}{votes}"
        console.print(Text(said, style="dim"), soft_wrap=True)
        for one in question.alternatives:
            chosen = question.answer is not None and question.answer.alternative == one.key
            note = f"  ← {strip_controls(question.answer.by)}" if chosen and question.answer else ""
            default = "  (default)" if one.key == question.default else ""
            text = f"      {one.key}: {strip_controls(one.text)}{default}{note}"
            console.print(Text(text, style="bold" if chosen else "dim"))


def print_coverage(console: Console, thresholds: int, unclaimed: Iterable[PrintedThreshold]) -> None:
    """Printed comparisons that no finding claims: what the reader may have missed."""
    left = list(unclaimed)
    console.print(
        Text(f"\nCoverage: {thresholds - len(left)} of {thresholds} printed thresholds are claimed", style="bold")
    )
    for one in left:
        console.print(Text.assemble((f"  p. {one.page:<3}", "dim"), shorten(strip_controls(one.text), 110)))


def print_warnings(console: Console, report: Report) -> None:
    """Hidden text, refused findings, what the format cannot evaluate."""
    for hidden in report.hidden:
        text = shorten(strip_controls(hidden.text), 80)
        console.print(Text(f"! hidden text ({hidden.reason}) on p. {hidden.page}, never used: {text}", style="yellow"))
    for attempt in report.reading.attempts:
        text = shorten(strip_controls(attempt.text), 80)
        where = "hidden text" if attempt.hidden else "text"
        line = f"! {where} on p. {attempt.page} addresses a program and was never used ({attempt.why}): {text}"
        console.print(Text(strip_controls(line), style="yellow"))
    if report.refused:
        console.print(Text(f"\nRefused: {len(report.refused)} findings whose quote does not say it", style="bold"))
        for one in report.refused[:LISTED]:
            console.print(Text(strip_controls(f"  {one.finding}: {one.reason or 'not found'}"), style="dim"))
        _print_rest(console, len(report.refused))
    if report.not_evaluable:
        profile = report.manifest.request.profile
        console.print(Text(f"\nNot evaluable in {profile} ({len(report.not_evaluable)})", style="bold"))
        for missing in report.not_evaluable:
            console.print(
                Text.assemble((f"  {missing.cut}: ", "yellow"), strip_controls(f"{missing.text}: {missing.reason}"))
            )
    if report.chosen_objects:
        console.print(Text("\nTaken otherwise, because the files lack what comes first in the format", style="bold"))
        for base, way in report.chosen_objects:
            said = strip_controls(f"{way.expression} (instead of {way.instead_of})")
            console.print(Text.assemble((f"  {base}: ", "yellow"), said), soft_wrap=True)


def print_readings(console: Console, report: Report) -> None:
    """Readings with their counts, conflicts, cited works, model usage; nothing where there was one reader alone."""
    reading = report.reading
    if reading.several:
        table = make_table("Readings")
        for column in ("reading", "mode"):
            table.add_column(column)
        for column in ("findings", "requirements", "items dropped", "questions", "failed"):
            table.add_column(column, justify="right")
        for row in reading.readings:
            numbers = (row.findings, row.requirements, row.dropped, row.asked, row.failed)
            table.add_row(Text(strip_controls(row.label)), row.mode, *map(str, numbers))
        console.print(table)
        if reading.votes:
            shares = ", ".join(f"{n} in {found}" for found, n in reading.votes)
            console.print(Text(f"  requirements by number of readings that have them: {shares}", style="dim"))
    for one in reading.dropped[:LISTED]:
        line = f"  dropped: {one.reading}, {one.dropped.label}: {one.dropped.reason}"
        console.print(Text(shorten(strip_controls(line), 150), style="dim"))
    _print_rest(console, len(reading.dropped))
    if reading.conflicts:
        console.print(Text(f"\nReadings differ ({len(reading.conflicts)})", style="bold"))
        for conflict in reading.conflicts:
            console.print(Text(f"  {conflict.why}", style="yellow"))
            for i, side in enumerate(conflict.sides):
                default = "  (default)" if conflict.decided and i == 0 else ""
                console.print(Text(f"      {strip_controls(side)}{default}", style="dim"))
    if reading.works:
        console.print(Text("\nCited works", style="bold"))
        for work in (w for w in reading.works if w.state != STATES["no_cut"]):
            where = strip_controls(f"{work.what}, p. {work.page}")
            state = (f"  {work.state:<11}", WORK_STYLES[work.state])
            console.print(Text.assemble(state, strip_controls(work.work), f"  {where}: ", strip_controls(work.reason)))
        aside = dict.fromkeys(w.work for w in reading.works if w.state == STATES["no_cut"])
        if aside:
            console.print(Text(strip_controls(f"  {STATES['no_cut']:<11}{'; '.join(aside)}"), style="dim"))
    if reading.usage:
        table = make_table("Questions to models")
        for column in ("role", "model"):
            table.add_column(column)
        for column in ("questions", "tokens (prompt + answer)", "s", "cost"):
            table.add_column(column, justify="right")
        for used in reading.usage:
            model = Text(strip_controls(used.model))
            table.add_row(used.role, model, used.calls, used.tokens, used.seconds, used.cost)
        console.print(table)


def print_flows(console: Console, flows: Sequence[FlowTable], *, against: bool) -> None:
    """The cutflow of every region, with the baseline beside it when it was compared."""
    bare = [flow.region for flow in flows if not flow.selects]
    for flow in flows:
        if not flow.selects:
            continue
        console.print(_flow_table(flow, against=against))
        if flow.channels:
            counts = "   ".join(f"{strip_controls(k)} {v}" for k, v in flow.channels.items())
            console.print(Text(f"  {counts}", style="cyan"))
    if bare:
        console.print(Text(f"no step of their own is evaluated: {strip_controls(', '.join(bare))}", style="yellow"))


def print_verdict(console: Console, comparison: Comparison) -> None:
    """The comparison in a line, and the first difference with events when there is one."""
    mark, style = ("✓", "bold green") if comparison.matched else ("✗", "bold red")
    console.print(Text(f"\n{mark} {strip_controls(comparison.summary)}", style=style))
    if comparison.first_difference:
        table = Table(box=box.SIMPLE, pad_edge=False)
        for column in ("event", "only in", "step"):
            table.add_column(column)
        table.add_column("analysis", justify="right")
        table.add_column("baseline", justify="right")
        for example in comparison.examples[:EXAMPLES]:
            for i, values in enumerate(list_values(example)[:VALUES]):
                key = "/".join(map(str, example.key)) if i == 0 else ""
                table.add_row(key, example.only if i == 0 else "", *map(Text, values))
        console.print(table)


def print_files(console: Console, folder: Path, names: Iterable[str]) -> None:
    """Where to look next."""
    console.print(Text(f"\n{folder}", style="bold"))
    for name in names:
        if (folder / name).is_file():
            console.print(Text(f"  {folder / name}"), soft_wrap=True)


def _agreement(row: CriterionRow) -> Text:
    if row.agreement is None:
        return Text("")
    share = row.agreement.found / max(row.agreement.of, 1)
    return Text(word_agreement(row.agreement), style="green" if share > 0.5 else "yellow")


def _print_rest(console: Console, number: int) -> None:
    if number > LISTED:
        console.print(Text(f"  and {number - LISTED} more", style="dim"))


def _criterion(row: CriterionRow) -> Text:
    style = "strike dim" if row.status == "rejected" else ""
    text = Text.assemble("  ", (strip_controls(row.text), style))
    if row.hand:
        style = "magenta" if row.hand.startswith(("edited", "added")) else "dim"
        text.append(f"  {strip_controls(row.hand)}", style=style)
    if row.not_evaluable:
        text.append("  not evaluable", style="yellow")
    if row.note and len({e.document_id for e in row.evidence}) > 1:
        text.append(f"  {strip_controls(row.note)}", style="cyan")
    if row.evidence and not any(e.grounded for e in row.evidence):
        text.append("  not grounded", style="red")
    return text


def _flow_table(flow: FlowTable, *, against: bool) -> Table:
    after = f" (after {flow.parent})" if flow.parent else ""
    table = make_table(f"Cutflow: {flow.region}{after}")
    table.add_column("step", ratio=5)
    table.add_column("events", justify="right", style="bold")
    if flow.weighted:
        table.add_column("weighted", justify="right")
    table.add_column("ε", justify="right", style="dim")
    if against:
        table.add_column("baseline", justify="right")
        table.add_column("event sets", justify="center")
    for row in flow.rows:
        cells: list[Text] = [Text(strip_controls(row.words)), Text(word_count(row.count))]
        if flow.weighted:
            cells.append(Text(word_weighted(row)))
        cells.append(Text(f"{100 * row.efficiency:.1f}%" if row.efficiency is not None else ""))
        if against:
            cells += [Text(word_count(row.baseline)), Text(row.verdict, style=VERDICT_STYLES.get(row.verdict, "dim"))]
        table.add_row(*cells, style="dim" if row.verdict == "not evaluated" else None)
    return table


def make_table(title: str = "") -> Table:
    """A table as wide as the terminal, with its title, if it has one, above it on the left."""
    named = Text(title, style="bold") if title else None
    return Table(title=named, title_justify="left", box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
