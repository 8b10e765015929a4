"""Notes of ours, read once for all tests of simulated readers."""

import pytest

from benchmarks.gold import load_gold
from benchmarks.notes.typeset import SOURCES, typeset_notes
from benchmarks.simulated.serving import Subject
from papers.read import read_paper
from tests.benchmarks.simulated.reading import NOTES


@pytest.fixture(scope="package")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Subject]:
    pytest.importorskip("typst", reason="needs the demo extra")
    folder = tmp_path_factory.mktemp("notes")
    typeset_notes(folder)
    return {g.paper: Subject(g, read_paper(folder / g.pdf)) for g in load_gold(SOURCES) if g.paper in NOTES}
