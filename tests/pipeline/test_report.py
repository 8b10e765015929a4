"""Reports: hostile text stays text, numbers are marked, figures show what they say."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from pipeline import artefacts
from pipeline.figures import Histogram, choose_histograms, split_channels, word_variable
from pipeline.manifest import Manifest, Request
from pipeline.report import FlowRow, FlowTable, Report, group_criteria, lay_out_flows
from pipeline.report_html import render_html
from pipeline.report_markdown import render_markdown
from pipeline.report_readings import (
    STATES,
    AttemptRow,
    ConflictRow,
    DroppedRow,
    ReadingReport,
    ReadingRow,
    UsageRow,
    WorkRow,
    load_reading_report,
)
from pipeline.report_terminal import (
    print_criteria,
    print_flows,
    print_questions,
    print_readings,
    print_verdict,
    print_warnings,
)
from pipeline.run_store import dump_artefact
from pipeline.wording import list_pages
from schemas.citation import Delegation, Resolution
from schemas.comparison import Comparison, EventDifference
from schemas.coverage import PrintedThreshold
from schemas.criteria import (
    Agreement,
    Alternative,
    Analysis,
    Cut,
    ObjectDefinition,
    Question,
    SelectionCriteria,
    Threshold,
)
from schemas.cut_words import word_cut
from schemas.cutflow import Cutflow, EventTable, RegionFlow, Step
from schemas.document import HiddenText
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.reading import Conflict, Consensus, Dropped, Reading, Vote

EVIL = "<script>alert(1)</script>\x1b[31m [bold]x[/bold] | pT > 7 GeV `rm` \u202e"

REQUEST = Request(
    command="run", kind="paper", source=EVIL, source_sha256="0" * 64, reader="rules", coder="compiler", profile="p"
)


def cite(quote: str) -> Evidence:
    return Evidence(
        document_id="d", page=3, quote=(quote,), alignment="exact", number="ok", unit="ok", operator="ok",
        polarity="ok", finding="r1",
    )  # fmt: skip


@pytest.fixture
def report() -> Report:
    cut = Cut(
        id="electron_pt", variable="pt", operator=">", threshold=Threshold(value=7.0, unit="GeV"), note=EVIL,
        evidence=(cite(EVIL),), origin="rules",
    )  # fmt: skip
    criteria = SelectionCriteria(
        analysis=Analysis(slug="s", title=EVIL),
        objects=(ObjectDefinition(name="electrons", base="electron", cuts=(cut,)),),
        questions=(Question(id="q1", text=EVIL, why=EVIL, alternatives=(Alternative(key="a", text=EVIL),)),),
    )
    row = FlowRow(
        step="s", label=EVIL, count=3, weighted=3.5, uncertainty=1.0, efficiency=None, baseline=4, verdict="≠"
    )
    return Report(
        run="slug/run",
        title=EVIL,
        manifest=Manifest(request=REQUEST, created="now", versions={"python": "3"}),
        criteria=group_criteria(criteria),
        questions=criteria.questions,
        thresholds=1,
        unclaimed=(PrintedThreshold(page=1, start=0, end=1, text=EVIL, number="1"),),
        hidden=(HiddenText(page=1, text=EVIL, reason="white"),),
        remarks=(EVIL,),
        flows=(FlowTable(region="r", parent=None, rows=(row, row), channels={EVIL: 1}),),
        comparison=Comparison(
            analysis="a", baseline="b", matched=False, steps=(), first_difference="r/s", summary=EVIL,
            examples=(EventDifference(key=(1, 2), only="analysis", analysis_values={"s": 1.0, "other": None}),),
        ),
    )  # fmt: skip


def test_hostile_text_is_text_in_html(report: Report, tmp_path: Path) -> None:
    html = render_html(report, tmp_path)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "pT &gt; <mark>7</mark> GeV" in html
    assert html.count("<mark>") == 1  # the 1 of alert(1) is not the threshold


def test_hostile_text_is_text_in_markdown(report: Report) -> None:
    markdown = render_markdown(report)
    assert not re.search(r"(?<!\\)<script", markdown)
    assert "\x1b" not in markdown
    for line in markdown.splitlines():
        if line.startswith("| pt"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 5


def test_hostile_text_is_text_in_the_terminal(report: Report) -> None:
    stream = StringIO()
    console = Console(file=stream, width=200, force_terminal=True, color_system=None)
    print_criteria(console, report.criteria)
    print_questions(console, report.questions)
    print_warnings(console, report)
    assert report.comparison is not None
    print_verdict(console, report.comparison)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())  # rich's own styles
    assert "\x1b" not in shown
    assert "[bold]x[/bold]" in shown  # no markup of the paper's


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (Cut(id="a", variable="pt", operator=">=", threshold=Threshold(value=7.0, unit="GeV")), "pt ≥ 7 GeV"),
        (
            Cut(id="a", variable="m", operator="between", threshold=Threshold(range=(50.0, 106.5), closed="left")),
            "50 ≤ m < 106.5",
        ),
        (
            Cut(id="a", variable="abs(eta)", operator="outside", threshold=Threshold(range=(1.37, 1.52))),
            "abs(eta) outside (1.37, 1.52)",
        ),
        (Cut(id="a", variable="id", operator=">=", threshold=Threshold(label="loose")), "id ≥ loose"),
        (Cut(id="a", variable="all(x)", operator="fail"), "fail all(x)"),
        (
            Cut(id="a", variable="pt", operator=">", threshold=Threshold(value=15.0), quantifier="any", condition="c"),
            "any: pt > 15, if c",
        ),
    ],
)  # fmt: skip
def test_cuts_in_words(cut: Cut, words: str) -> None:
    assert word_cut(cut) == words


def test_variables_as_axis_labels() -> None:
    assert word_variable("m4l") == r"$m_{4\ell}$"
    assert word_variable("m12") == "$m_{12}$"
    assert word_variable("myy") == r"$m_{\gamma\gamma}$"
    assert word_variable("m_lq_min") == "m lq min"
    assert word_variable("cost$") == r"cost\$"


def make_histogram(variable: str, region: str, counts: tuple[float, ...]) -> Histogram:
    return Histogram(
        variable=variable, region=region, unit="GeV", edges=(0.0, 1.0, 2.0), counts=counts, variances=counts,
        underflow=0.0, overflow=0.0,
    )  # fmt: skip


def test_a_region_that_selects_nothing_of_its_own_is_not_drawn() -> None:
    def flow(name: str, parent: str | None, evaluated: bool) -> RegionFlow:
        steps = tuple(
            Step(id=i, label=i, count=1, weighted=1.0, uncertainty=1.0, evaluated=e)
            for i, e in (("initial", True), ("cut", evaluated))
        )
        return RegionFlow(
            name=name, parent=parent, steps=steps, events=EventTable(columns=("a",), keys=((1,),), last_step=(1,))
        )

    cutflow = Cutflow(
        analysis="a", made_by="compiler", n_events=1,
        regions=(flow("top", None, True), flow("selects", "top", True), flow("bare", "top", False)),
    )  # fmt: skip
    names = [(v, r) for v in ("m12", "m4l") for r in ("top", "selects", "bare")]
    drawn = choose_histograms([make_histogram(v, r, (1.0, 0.0)) for v, r in names], cutflow)
    assert [(h.variable, h.region) for h in drawn] == [("m4l", "top"), ("m4l", "selects"), ("m12", "top")]
    assert choose_histograms([make_histogram("m4l", "top", (0.0, 0.0))], cutflow) == ()


def test_channels_add_up_in_the_bins_of_the_histogram(tmp_path: Path) -> None:
    path = tmp_path / "candidates.csv"
    path.write_text(
        "region,channel,weight,m4l\ntop,4e,0.5,0.5\ntop,4e,0.25,1.0\ntop,4mu,1.0,0.1\n"
        "top,4mu,1.0,2.0\nother,4e,9.0,0.5\ntop,4e,9.0,\n"
    )
    channels = split_channels(path, make_histogram("m4l", "top", (1.0, 1.0)))
    assert {c.name: c.counts for c in channels} == {"4e": (0.5, 0.25), "4mu": (1.0, 0.0)}


READING = ReadingReport(
    readings=tuple(
        ReadingRow(name=name, mode="bulk", findings=9, requirements=7, dropped=1, asked=3, failed=1)
        for name in ("rules", f"llm:{EVIL}#0")
    ),
    dropped=(DroppedRow(reading="llm:m#0", dropped=Dropped(label=EVIL, reason=EVIL, item=EVIL)),),
    conflicts=(ConflictRow(why="readings differ in the value", sides=(EVIL, "jet pt > 30 GeV (1/2)"), decided=True),),
    votes=((2, 5), (1, 4)),
    works=tuple(
        WorkRow(work=f"[{n}] {EVIL}", what="isolation of muon", page=6, state=state, reason=EVIL, findings=0)
        for n, state in enumerate(STATES.values(), 1)
    ),
    usage=(UsageRow(role="reader", model=EVIL, calls="3 (1 failed)", tokens="900 + 40", seconds="2.5", cost="0.0100"),),
    attempts=(AttemptRow(page=2, text=EVIL, why="gives orders", hidden=True),),
)


def render_all(report: Report, folder: Path) -> dict[str, str]:
    out = StringIO()
    console = Console(file=out, width=200)
    print_criteria(console, report.criteria)
    print_readings(console, report)
    print_warnings(console, report)
    return {"html": render_html(report, folder), "markdown": render_markdown(report), "terminal": out.getvalue()}


def test_readers_models_and_cited_works_are_shown_and_stay_text(report: Report, tmp_path: Path) -> None:
    row = report.criteria[0].rows[0].model_copy(update={"agreement": Agreement(found=7, of=10)})
    group = report.criteria[0].model_copy(update={"rows": (row,)})
    full = report.model_copy(update={"reading": READING, "criteria": (group,), "ocr_pages": (4,)})
    for kind, text in render_all(full, tmp_path).items():
        for told in ("7/10", "readings differ in the value", "isolation of muon", "unresolved", "no cut", "900 + 40"):
            assert told in text, (kind, told)
        assert "addresses a program" in text
        assert "\x1b[31m" not in text
        assert "\u202e" not in text
        assert kind != "html" or "<script" not in text


def test_a_run_without_models_shows_no_trace_of_them(report: Report, tmp_path: Path) -> None:
    for text in render_all(report, tmp_path).values():
        for heading in ("Readings", "found in", "Cited works", "Questions to models", "addresses a program"):
            assert heading not in text


def test_readings_and_cited_works_of_a_run_folder(tmp_path: Path) -> None:
    finding = Finding(
        id="m0.1", stage="object", subject="jet", variable="pt", operator=">", value=25.0, unit="GeV",
        quote=("jets above 25 GeV",), page=3, reader="llm:m",
    )  # fmt: skip
    other = finding.model_copy(update={"id": "m1.1", "value": 30.0})
    readings = [
        Reading(reader="llm:m", sample=i, mode="chunk", document_id="d", findings=(f,), asked=2, failed=i)
        for i, f in enumerate((finding, other))
    ]
    consensus = Consensus(
        findings=(finding, other),
        votes=tuple(
            Vote(finding=r.findings[0].id, found_in=(r.name,), of=2, merged=(r.findings[0].id,)) for r in readings
        ),
        conflicts=(Conflict(findings=("m1.1", "m0.1"), why="readings differ in the value", default="m0.1"),),
    )
    delegation = Delegation(
        id="d1", kind="similar", keys=("7",), subject="muon", variable="isolation", quote=("as in [7]",), page=2,
        start=0, end=9, document_id="d",
    )  # fmt: skip
    resolved = {"resolutions": [Resolution(delegation=delegation, status="question", reason="similar").model_dump()]}
    dump_artefact(tmp_path / artefacts.READINGS, readings)
    dump_artefact(tmp_path / artefacts.CONSENSUS, consensus)
    (tmp_path / artefacts.RESOLUTIONS).write_text(json.dumps(resolved))
    evidence = [cite("jets above 25 GeV").model_copy(update={"finding": f.id}) for f in (finding, other)]
    shown = load_reading_report(tmp_path, evidence)
    assert [(r.name, r.requirements, r.failed) for r in shown.readings] == [("llm:m#0", 1, 0), ("llm:m#1", 1, 1)]
    assert shown.conflicts[0].sides == ("p. 3: jet pt > 25 GeV (1/2)", "p. 3: jet pt > 30 GeV (1/2)")
    assert shown.votes == ((1, 2),)
    assert [(w.work, w.what, w.state) for w in shown.works] == [("[7]", "isolation of muon", "question")]
    assert load_reading_report(tmp_path / "old", []) == ReadingReport()


def test_pages_of_a_cited_work_carry_its_name() -> None:
    own = cite("as in the cited work")
    assert list_pages([own, own.model_copy(update={"document_id": "2004.00001", "page": 15})]) == "3; 2004.00001 p. 15"


def test_step_that_is_not_evaluated_says_so_without_a_baseline(report: Report, tmp_path: Path) -> None:
    events = EventTable(columns=("n",), keys=((1,), (2,)), last_step=(2, 1))
    lines = (
        Step(id="initial", label="all events", count=2, weighted=2, uncertainty=1.4),
        Step(id="met", label="MET over 25 GeV", count=2, weighted=2, uncertainty=1.4, evaluated=False, reason="no MET"),
        Step(id="two", label="two muons", count=1, weighted=1, uncertainty=1),
    )
    region = RegionFlow(name="sr", steps=lines, events=events)
    flows = lay_out_flows(Cutflow(analysis="a", made_by="compiler", n_events=2, regions=(region,)), None)
    assert [row.efficiency for row in flows[0].rows] == [None, None, 0.5]
    alone = report.model_copy(update={"flows": flows, "comparison": None})
    screen = StringIO()
    print_flows(Console(file=screen, width=120), flows, against=False)
    for text in (screen.getvalue(), render_markdown(alone), render_html(alone, tmp_path)):
        line = next(line for line in text.splitlines() if "MET over 25 GeV" in line)
        assert "not evaluated" in line
        assert "no MET" in line
        assert "%" not in line
        assert not any("not evaluated" in other for other in text.splitlines() if "two muons" in other)
