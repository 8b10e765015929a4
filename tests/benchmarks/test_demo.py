"""The demonstration note can be made anywhere, and its text layer has the traps of real papers."""

from itertools import pairwise
from pathlib import Path

import pymupdf
import pytest

from benchmarks.analyses import demo_h4l
from benchmarks.demo.typeset import typeset_note
from benchmarks.samples.make_demo import make_demo
from extract.assembling.assemble import assemble
from extract.grounding.ground import ground_findings
from extract.rules.reader import read_findings
from papers.read import read_paper
from schemas.criteria import Cut, SelectionCriteria
from schemas.criteria_yaml import load_criteria
from schemas.validation import list_cuts


def test_the_note_is_typeset_the_same_every_time(tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="needs the demo extra")
    note = typeset_note(tmp_path / "a")
    assert note.read_bytes() == typeset_note(tmp_path / "b").read_bytes()
    with pymupdf.open(note) as pdf:
        assert 2 <= len(pdf) <= 3
        text = pdf[0].get_text()
    assert "𝐸" in text and "|𝜂|" in text  # noqa: PT018  (mathematical italics, as in newer papers)


def test_every_step_of_the_demo_rejects_something_of_the_sample(tmp_path: Path) -> None:
    cutflow = demo_h4l.ANALYSIS.run_baseline([make_demo(tmp_path)], "atlas_mini")
    preselection, signal, sideband = cutflow.regions
    counts = [s.count for s in preselection.steps]
    assert all(after < before for before, after in pairwise(counts))
    simulated_signal = sum(key[2] == 910001 for key in signal.keys_at(1))
    assert simulated_signal > 0.8 * signal.steps[-1].count > 100
    assert not any(key[2] == 910001 for key in sideband.keys_at(1))


def test_the_note_reads_as_its_accepted_criteria(tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="needs the demo extra")
    document = read_paper(typeset_note(tmp_path))
    findings = read_findings(document)
    read = assemble(document, findings, ground_findings(document, findings)).criteria
    accepted = load_criteria(demo_h4l.ANALYSIS.criteria)
    assert _meanings(read) == _meanings(accepted)
    assert [(r.name, r.parent) for r in read.regions] == [(r.name, r.parent) for r in accepted.regions]
    for ours, theirs in zip(read.candidates, accepted.candidates, strict=True):
        assert (ours.name, ours.pair, ours.exclude, ours.sum) == (theirs.name, theirs.pair, theirs.exclude, theirs.sum)
        assert (set(ours.require), ours.minimise) == (set(theirs.require), theirs.minimise)
    removals = [{o.name: {(r.with_, r.deltaR) for r in o.remove_overlap} for o in c.objects} for c in (read, accepted)]
    assert removals[0] == removals[1]


def _meanings(criteria: SelectionCriteria) -> dict[str, tuple[object, ...]]:
    return {cut.id: _mean(cut) for cut in list_cuts(criteria)}


def _mean(cut: Cut) -> tuple[object, ...]:
    threshold = cut.threshold.model_dump(exclude={"literal"}, exclude_none=True) if cut.threshold else None
    return cut.variable, cut.operator, threshold, cut.condition, cut.quantifier, cut.group
