"""Reports: hostile text stays text, numbers are marked, figures show what they say."""

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.figures import Histogram, choose_histograms, split_channels, word_variable
from pipeline.manifest import Manifest, Request
from pipeline.report import FlowRow, FlowTable, Report, group_criteria
from pipeline.report_html import render_html
from pipeline.report_markdown import render_markdown
from pipeline.report_terminal import print_criteria, print_questions, print_verdict, print_warnings
from pipeline.wording import word_cut
from schemas.comparison import Comparison, EventDifference
from schemas.coverage import PrintedThreshold
from schemas.criteria import Alternative, Analysis, Cut, ObjectDefinition, Question, SelectionCriteria, Threshold
from schemas.cutflow import Cutflow, EventTable, RegionFlow, Step
from schemas.document import HiddenText
from schemas.evidence import Evidence

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
