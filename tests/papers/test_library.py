"""The library of papers: finding, adding, damage, several processes, death at any moment."""

import hashlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from papers.identifiers import Identifier, parse_identifier
from papers.library import Library, find_library_folder
from schemas.errors import LibraryError, NotAPdf, UsageError

ROOT = Path(__file__).resolve().parents[2]


def name(text: str) -> Identifier:
    found = parse_identifier(text)
    assert found is not None
    return found


def write(path: Path, content: str) -> Path:
    path.write_bytes(b"%PDF-1.7\n" + content.encode() + b"\n%%EOF\n")
    return path


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def test_a_paper_is_found_by_all_its_names(library: Library, tmp_path: Path) -> None:
    paper = write(tmp_path / "draft.pdf", "one")
    assert library.find(name("2004.03447")) is None
    assert not library.folder.exists()  # looking creates nothing
    holding = library.add(paper, [name("2004.03447v2"), name("10.1140/epjc/s10052-020-8227-9")], title="A title")
    assert holding.sha256 == hashlib.sha256(paper.read_bytes()).hexdigest()
    for text in ("arXiv:2004.03447v2", "2004.03447", "doi:10.1140/EPJC/s10052-020-8227-9"):
        found = library.find(name(text))
        assert found is not None
        assert found.name == "2004.03447v2.pdf"
        assert found.read_bytes() == paper.read_bytes()
    assert library.find(name("2004.03447v3")) is None
    assert paper.exists()


def test_the_newest_version_is_meant_when_none_is_named(library: Library, tmp_path: Path) -> None:
    for version in (10, 2, 9):  # by number, not by spelling or time
        library.add(write(tmp_path / "p.pdf", f"version {version}"), [name(f"2004.03447v{version}")])
    library.add(write(tmp_path / "p.pdf", "of a version that is not known"), [name("2004.03447")])
    newest, second = library.find(name("2004.03447")), library.find(name("2004.03447v2"))
    assert newest is not None
    assert second is not None
    assert b"version 10" in newest.read_bytes()
    assert b"version 2\n" in second.read_bytes()


def test_the_same_content_is_stored_once_with_all_its_names(library: Library, tmp_path: Path) -> None:
    paper = write(tmp_path / "my paper (final).pdf", "one")
    library.add(paper)
    (only,) = library.list()
    assert (only.file, only.identifiers) == ("my_paper_final.pdf", ())
    library.add(paper, [name("CMS-PAS-EXO-19-016")])
    library.add(paper, [name("CMS-PAS-EXO-19-016")])
    (only,) = library.list()
    assert only.identifiers == (name("CMS-PAS-EXO-19-016"),)
    assert len(only.origins) == 2
    assert library.find(name("CMS PAS EXO-19-016")) == library.locate(only)


def test_a_name_is_not_given_to_another_content_unasked(library: Library, tmp_path: Path) -> None:
    first = library.add(write(tmp_path / "p.pdf", "one"), [name("2004.03447v1"), name("10.1140/epjc/x")])
    other = write(tmp_path / "q.pdf", "two")
    with pytest.raises(UsageError, match=re.escape(str(library.locate(first)))):
        library.add(other, [name("2004.03447v1")], others="refuse")
    assert library.list() == (first,)
    assert library.add(tmp_path / "p.pdf", [name("2004.03447v1")], others="refuse") == first  # its own content
    library.add(other, [name("2004.03447v2")], others="refuse")
    second = library.add(other, [name("2004.03447v1")], others="replace")
    assert library.find(name("2004.03447v1")) == library.locate(second)
    assert library.find(name("10.1140/epjc/x")) == library.locate(first)  # what was not asked for is kept
    assert library.find_files([name("2004.03447"), name("2004.03447v2"), name("2004.03447v3")]) == dict.fromkeys(
        [name("2004.03447"), name("2004.03447v2")], library.locate(second)
    )
    library.locate(second).write_bytes(b"%PDF-1.7 torn")
    library.add(write(tmp_path / "r.pdf", "three"), [name("2004.03447v1")], others="refuse")  # a torn one keeps nothing


def test_what_is_no_paper_is_refused(library: Library, tmp_path: Path) -> None:
    page = tmp_path / "page.pdf"
    page.write_text("<!doctype html><title>Please wait</title>")
    with pytest.raises(NotAPdf, match=r"page\.pdf is not a PDF"):
        library.add(page, [name("2004.03447")])
    with pytest.raises(UsageError, match="no such file"):
        library.add(tmp_path / "nothing.pdf")
    assert library.list() == ()
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="--library"):
        Library(tmp_path / "file").add(write(tmp_path / "p.pdf", "x"))


@pytest.mark.parametrize(
    "damage", ["", "{", "{}", "[]", '{"papers": {"arxiv:2004.03447": "../../etc"}, "records": {}}']
)
def test_a_damaged_index_is_made_again(library: Library, tmp_path: Path, damage: str) -> None:
    library.add(write(tmp_path / "p.pdf", "one"), [name("2004.03447v1")])
    index = library.folder / "index.json"
    if damage:
        index.write_text(damage)
    else:
        index.unlink()
    assert library.find(name("2004.03447")) is not None
    library.add(write(tmp_path / "p.pdf", "two"), [name("2004.03447v2")])
    assert '"arxiv:2004.03447v2"' in index.read_text()
    newest = library.find(name("2004.03447"))
    assert newest is not None
    assert newest.name == "2004.03447v2.pdf"


def test_an_index_that_lies_is_not_believed(library: Library, tmp_path: Path) -> None:
    one = library.add(write(tmp_path / "p.pdf", "one"), [name("2004.03447v1")])
    two = library.add(write(tmp_path / "p.pdf", "two"), [name("1207.7214v2")])
    index = library.folder / "index.json"
    index.write_text(index.read_text().replace(one.sha256, two.sha256, 1))
    found = library.find(name("2004.03447v1"))
    assert found == library.locate(one)


def test_a_damaged_record_or_paper(library: Library, tmp_path: Path) -> None:
    holding = library.add(write(tmp_path / "p.pdf", "one"), [name("hep-ex/0601001v1")], title="A title")
    paper = library.locate(holding)
    (paper.parent / "record.json").write_text('{"sha256": "')
    assert library.find(name("hep-ex/0601001")) == paper  # its file still says what it is
    for _ in range(2):  # with the damaged record, and with the new one
        paper.write_bytes(b"%PDF-1.7 torn")
        assert library.find(name("hep-ex/0601001")) is None
        library.add(tmp_path / "p.pdf", [name("hep-ex/0601001v1")])
        assert library.find(name("hep-ex/0601001")) == paper


def test_a_record_cannot_name_a_file_elsewhere(library: Library, tmp_path: Path) -> None:
    holding = library.add(write(tmp_path / "p.pdf", "one"), [name("2004.03447v1")])
    record = library.locate(holding).parent / "record.json"
    record.write_text(record.read_text().replace("2004.03447v1.pdf", "../../../../p.pdf"))
    assert library.find(name("2004.03447v1")) is None


ADDING = """
import sys
from pathlib import Path
from papers.identifiers import parse_identifier
from papers.library import Library
library, folder, who = Library(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
for i in range(1, 26):
    own = folder / f"{who}-{i}.pdf"
    own.write_bytes(b"%PDF-1.7 " + (f"{who} {i}" if i % 2 else f"both {i}").encode() + b"%%EOF")
    library.add(own, [parse_identifier(f"2004.{i:05}v{1 if who == 'a' else 2}")])
    print(i, flush=True)
"""


def start(library: Library, folder: Path, who: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ADDING, str(library.folder), str(folder), who]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_processes_at_once_lose_nothing(library: Library, tmp_path: Path) -> None:
    both = [start(library, tmp_path, who) for who in "ab"]
    for one in both:
        one.communicate()
        assert one.returncode == 0
    for i in range(1, 26):
        assert library.find(name(f"2004.{i:05}v1")) is not None
        assert library.find(name(f"2004.{i:05}v2")) is not None
    assert len(library.list()) == 25 + 13  # every even one is the same paper in both


def test_a_process_killed_at_any_moment_leaves_a_library_that_works(library: Library, tmp_path: Path) -> None:
    for rounds in range(1, 6):
        killed = start(library, tmp_path, "a")
        assert killed.stdout is not None
        done = 0
        for _ in range(rounds * 4):
            done = int(killed.stdout.readline())
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
        for i in range(1, done + 1):
            assert library.find(name(f"2004.{i:05}")) is not None
        assert len(library.list()) in (done, done + 1, done + 2) or rounds > 1
    last = start(library, tmp_path, "a")
    last.communicate()
    assert len(library.list()) == 25


def test_what_killed_processes_left_goes_when_it_is_old(library: Library, tmp_path: Path) -> None:
    library.add(write(tmp_path / "p.pdf", "one"))
    left = [library.folder / "files" / ".new-a", library.folder / ".new-b", library.folder / ".new-c"]
    left[0].mkdir()
    for path in left[1:]:
        path.write_text("half")
    for path in left[:2]:
        os.utime(path, (0, 0))
    library.add(write(tmp_path / "p.pdf", "two"))
    assert [path.exists() for path in left] == [False, False, True]  # the last one may be somebody's


def test_where_the_library_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAPERFILTER_LIBRARY", str(tmp_path / "mine"))
    assert find_library_folder() == tmp_path / "mine"
    monkeypatch.delenv("PAPERFILTER_LIBRARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert find_library_folder() == tmp_path / "paperfilter" / "papers"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")  # the specification: to be ignored
    assert find_library_folder() == Path.home() / ".local" / "share" / "paperfilter" / "papers"
