"""What a person changes in criteria.yaml is theirs from then on, in what goes into code and in every report."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.editing import mark_edits
from pipeline.report import build_report
from pipeline.report_html import render_html
from pipeline.report_markdown import render_markdown
from pipeline.report_terminal import print_criteria
from pipeline.run_store import list_runs
from schemas.criteria import Cut, SelectionCriteria, Threshold
from schemas.criteria_yaml import load_criteria
from tests.papers.typesetting import typeset
from tests.pipeline.calling import call

NOTE = r"""
= Object selection
Muons must satisfy $p_T > 6$ GeV and $|eta| < 2.6$.
= Event selection
Events are required to have at least two muons. The missing transverse momentum must be greater than 25 GeV.
"""

HAND = """
      - id: by_hand
        variable: met.pt
        operator: "<"
        threshold: {value: 900, unit: GeV}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    called = call("extract", typeset(tmp_path, NOTE), "--runs-dir", tmp_path / "runs", "-q")
    assert called.code == 0, called.err
    (run,) = list_runs(tmp_path / "runs")
    return run


def list_cuts(criteria: SelectionCriteria) -> dict[float, Cut]:
    cuts = [c for o in criteria.objects for c in o.cuts] + [c for r in criteria.regions for c in r.cuts]
    return {c.threshold.value: c for c in cuts if c.threshold is not None and c.threshold.value is not None}


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "criteria.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def accept(folder: Path) -> dict[float, Cut]:
    called = call("compile", folder, "--accept-defaults")
    assert called.code == 0, called.err
    return list_cuts(load_criteria(folder / "accepted.yaml"))


def test_an_edited_threshold_is_no_reading_any_more(folder: Path) -> None:
    found = list_cuts(load_criteria(folder / "criteria.yaml"))
    edit(folder, "value: 25", "value: 27")
    cuts = accept(folder)
    assert 25.0 not in cuts
    cut = cuts[27.0]
    assert (cut.status, cut.origin, cut.agreement, cut.by) == ("edited", "human", None, "A. Physicist")
    assert cut.threshold is not None
    assert cut.threshold.literal is None
    assert cut.evidence == ()
    assert cut.history == found[25.0].evidence != ()
    assert all(cuts[value] == found[value] for value in found if value != 25.0)

    report = build_report(folder)
    out = StringIO()
    print_criteria(Console(file=out, width=200), report.criteria)
    for shown in (out.getvalue(), render_html(report, folder), render_markdown(report)):
        assert shown.count("edited by A. Physicist") == 1
    assert "edited by A. Physicist" in call("show", folder, "--runs-dir", folder.parent.parent).out.replace("\n", " ")


def test_evidence_origin_and_agreement_are_never_what_the_file_says(folder: Path) -> None:
    found = list_cuts(load_criteria(folder / "criteria.yaml"))
    path = folder / "criteria.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("origin: rules", "origin: llm:other"), encoding="utf-8")
    assert accept(folder) == found


def test_a_cut_added_by_hand_is_the_persons(folder: Path) -> None:
    text = (folder / "criteria.yaml").read_text(encoding="utf-8")
    head, regions = text.split("\nregions:\n")
    name, cuts = regions.split("    cuts:\n", 1)
    (folder / "criteria.yaml").write_text(f"{head}\nregions:\n{name}    cuts:{HAND}{cuts}", encoding="utf-8")
    accepted = accept(folder)
    assert (accepted[900.0].origin, accepted[900.0].by) == ("human", "A. Physicist")
    assert "added by A. Physicist" in render_markdown(build_report(folder))
    assert accepted[25.0].origin == "rules"


def test_answers_are_no_edits_and_a_default_never_undoes_an_edit(folder: Path) -> None:
    before = load_criteria(folder / "criteria.yaml")
    called = call("answer", folder, "--defaults", "--by", "Someone")
    assert called.code == 0, called.err
    assert not any(c.by for c in accept(folder).values())
    edit(folder, "value: 2.6", "value: 2.7")
    assert accept(folder)[2.7].status == "edited"
    assert before.questions == () or all(q.answer for q in load_criteria(folder / "accepted.yaml").questions)


def test_a_cut_that_is_called_otherwise_keeps_its_quotes(folder: Path) -> None:
    made = load_criteria(folder / "criteria.yaml")
    names = {value: cut.id for value, cut in list_cuts(made).items()}
    edit(folder, f"- id: {names[6.0]}\n", "- id: hard\n")
    edit(folder, f"- id: {names[25.0]}\n", "- id: missing\n")
    edit(folder, "value: 25", "value: 27")
    marked = list_cuts(mark_edits(load_criteria(folder / "criteria.yaml"), made, "Marie"))
    past = list_cuts(made)
    assert marked[6.0] == past[6.0].model_copy(update={"id": "hard"})
    assert (marked[27.0].status, marked[27.0].evidence, marked[27.0].by) == ("edited", (), "Marie")
    assert marked[27.0].history == past[25.0].evidence != ()
    assert marked[27.0].threshold == Threshold(value=27, unit="GeV")
