"""The demonstration note can be made anywhere, and its text layer has the traps of real papers."""

from itertools import pairwise
from pathlib import Path

import pymupdf
import pytest

from benchmarks.analyses import demo_h4l
from benchmarks.demo.typeset import typeset_note
from benchmarks.samples.make_demo import make_demo


def test_the_note_is_typeset_the_same_every_time(tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="needs the demo extra")
    note = typeset_note(tmp_path / "a")
    assert note.read_bytes() == typeset_note(tmp_path / "b").read_bytes()
    with pymupdf.open(note) as pdf:
        assert 2 <= len(pdf) <= 3
        text = pdf[0].get_text()
    assert "𝐸" in text and "|𝜂|" in text  # noqa: PT018  (mathematical italics, as in newer papers)


def test_every_step_of_the_demo_rejects_something_of_the_sample(tmp_path: Path) -> None:
    cutflow = demo_h4l.ANALYSIS.run_baseline([make_demo(tmp_path)])
    preselection, signal, sideband = cutflow.regions
    counts = [s.count for s in preselection.steps]
    assert all(after < before for before, after in pairwise(counts))
    simulated_signal = sum(key[2] == 910001 for key in signal.keys_at(1))
    assert simulated_signal > 0.8 * signal.steps[-1].count > 100
    assert not any(key[2] == 910001 for key in sideband.keys_at(1))
