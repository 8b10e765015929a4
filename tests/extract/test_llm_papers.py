"""Whole papers read by a model that knows them: nothing is lost on the way through prompts, replies and places."""

import asyncio
import random
from pathlib import Path

import pytest

from benchmarks.notes.typeset import typeset_notes
from extract.grounding.ground import ground_findings
from extract.llm.reader import read_with_model
from extract.rules.reader import read_findings
from papers.read import read_paper
from schemas.document import Document
from schemas.finding import Finding
from tests.extract.scripted_port import FAULTS, ScriptedPort
from tests.shared import require


def keep_grounded(document: Document, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    proofs = ground_findings(document, findings)
    return tuple(f for f, proof in zip(findings, proofs, strict=True) if proof.grounded)


def means(findings: tuple[Finding, ...]) -> set[tuple[object, ...]]:
    return {
        (f.subject, f.second_subject, f.variable, f.operator, f.value, f.unit, f.effect, f.condition, f.scope, f.page)
        for f in findings
    }


def check(document: Document, seeds: range) -> None:
    known = keep_grounded(document, read_findings(document))
    assert len(known) >= 10
    for seed in seeds:
        dice = random.Random(seed)
        port = ScriptedPort(known, lambda _, __, dice=dice: dice.choice(FAULTS) if dice.random() < 1 / 3 else None)
        reading = asyncio.run(read_with_model(port, document, mode="chunk", sample=seed))
        lost = means(known) - means(keep_grounded(document, reading.findings))
        assert len(lost) <= 0.02 * len(known), lost  # what stands outside the passages that a model is shown


@pytest.mark.parametrize("note", ["01-vbf-hww", "05-leptoquark"])
def test_a_note_is_read_through_faults(note: str, tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="needs the demo extra")
    path = next(p for p in typeset_notes(tmp_path) if p.stem == note)
    check(read_paper(path), range(3))


def test_a_paper_is_read_through_faults() -> None:
    check(read_paper(require("papers/pdf/CMS-PAS-EXO-19-016.pdf")), range(1))
