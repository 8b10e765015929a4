"""The notes of our own: each can be typeset, and its gold list says what the pages say."""

import json
import re
from pathlib import Path

import pytest
from rapidfuzz import fuzz

from benchmarks.gold import load_gold, load_gold_list
from benchmarks.gold.checking import check_list
from benchmarks.notes.typeset import SOURCES, list_notes, typeset_notes
from papers.read import read_paper
from schemas.document import Document

SAME = 95  # of 100: scripts may come out in another order
NOTES = [path.stem for path in list_notes()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("typst", reason="needs the demo extra")
    folder = tmp_path_factory.mktemp("notes")
    typeset_notes(folder)
    return folder


def pages_of(document: Document) -> dict[int, str]:
    texts: dict[int, list[str]] = {}
    for word in document.words:
        texts.setdefault(word.page, []).append(document.text[word.start : word.end])
    return {page: bare(" ".join(words)) for page, words in texts.items()}


def bare(text: str) -> str:
    """What does not depend on spaces and on the braces of scripts."""
    return re.sub(r"[\s{}_^]", "", text)


@pytest.mark.parametrize("note", NOTES)
def test_quotes_and_numbers_stand_on_their_pages(note: str, folder: Path) -> None:
    gold = json.loads((SOURCES / f"{note}.json").read_text(encoding="utf-8"))
    document = read_paper(folder / gold["pdf"])
    assert check_list(load_gold_list(SOURCES / f"{note}.json"), document).misses == ()
    pages = pages_of(document)
    assert 1 <= len(pages) <= 3
    for criterion in gold["criteria"]:
        text = "".join(pages[page] for page in sorted({criterion["page"], *criterion["also_pages"]}))
        assert fuzz.partial_ratio(bare(criterion["quote"]), text) >= SAME, criterion["id"]


def test_every_note_is_counted(folder: Path) -> None:
    lists = load_gold(SOURCES)
    assert [g.paper for g in lists] == NOTES
    assert {g.pdf for g in lists} == {path.name for path in folder.iterdir()}
    assert all(sum(c.counted for c in g.criteria) >= 15 for g in lists)
