"""Papers by name on the command line: the library, folders of PDFs, the network and its absence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from papers.identifiers import parse_identifier
from papers.library import Library
from pipeline.batch.entries import read_entries
from pipeline.cli import _run
from pipeline.obtaining import Shelves, obtain_paper
from pipeline.sources import find_source
from schemas.errors import NetworkError, UsageError
from tests.papers.stand_in import Paper, StandIn, Trouble, serve
from tests.pipeline.papers import write_paper


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StandIn]:
    with serve() as running:
        content = write_paper(tmp_path / "served.pdf").read_bytes()
        running.add(Paper("2004.03447", {1: content + b"% 1\n%%EOF\n", 3: content}, title="A title \u202e turned"))
        yield running


@pytest.fixture
def shelves(server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelves:
    monkeypatch.setenv("PAPERFILTER_ARXIV_URL", server.base)
    monkeypatch.setenv("PAPERFILTER_INSPIRE_URL", server.base)
    return Shelves(library=tmp_path / "library")


class Called(NamedTuple):
    """What a call left."""

    code: int
    out: str
    err: str


class Papers:
    """`paperfilter papers` in this process, with a library and a pace of its own."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: object) -> Called:
        self._capture.readouterr()
        code = _run(["papers", *map(str, arguments)])
        return Called(code, *self._capture.readouterr())


@pytest.fixture
def papers(
    shelves: Shelves, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Papers:
    monkeypatch.setenv("PAPERFILTER_LIBRARY", str(shelves.library))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Papers(capsys)


def test_the_library_from_the_command_line(papers: Papers, tmp_path: Path) -> None:
    got = papers("get", "https://arxiv.org/abs/2004.03447", "2004.03447v1")
    assert got.code == 0, got.err
    paths = [Path(line) for line in got.out.split()]
    assert [p.name for p in paths] == ["2004.03447v3.pdf", "2004.03447v1.pdf"]
    again = papers("get", "2004.03447", "--offline", "--json")
    assert json.loads(again.out) == [str(paths[0])]
    listed = papers("list")
    assert listed.out.count("arXiv:2004.03447v") == 2
    assert "A title" in listed.out
    assert "\u202e" not in listed.out
    own = tmp_path / "my copy.pdf"
    own.write_bytes(paths[0].read_bytes() + b"\n%%EOF\n")
    added = papers("add", own, "--as", "CMS PAS EXO-19-016", "--title", "Our summary")
    assert added.out == "my copy.pdf: CMS-PAS-EXO-19-016\n"
    shown = papers("show", "CMS-PAS-EXO-19-016")
    assert "Our summary" in shown.out
    assert str(own) in shown.out
    assert json.loads(papers("show", "2004.03447", "--json").out)["path"] == str(paths[0])


def test_what_cannot_be_had_is_one_line_with_a_code(papers: Papers, tmp_path: Path) -> None:
    page = tmp_path / "page.pdf"
    page.write_text("<html>")
    for arguments, code, word in (
        (("get", "not-a-paper"), 2, "no arXiv id"),
        (("get", "2104.00001"), 9, "arXiv has no paper 2104.00001"),
        (("get", "2004.03447", "--offline"), 9, "papers add FILE --as 2004.03447"),
        (("get", "2004.03447", "--papers", tmp_path / "nowhere"), 2, "no such folder"),
        (("show", "2004.03447"), 2, "papers get 2004.03447"),
        (("add", page), 3, "not a PDF"),
        (("add", page, page, "--as", "2004.03447"), 2, "one file"),
        (("add", tmp_path / "served.pdf", "--library", page), 3, "--library"),
    ):
        called = papers(*arguments)
        lines = [line for line in called.err.splitlines() if line.startswith("paperfilter: ")]
        assert (called.code, len(lines), word in lines[0]) == (code, 1, True), (arguments, called)


def test_a_folder_is_taken_over(papers: Papers, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("hep-ex_0601001v2.pdf", "2104.00001v1.PDF", "thesis.pdf"):
        (folder / name).write_bytes(f"%PDF-1.7 {name} %%EOF".encode())
    added = papers("add", folder)
    assert (added.code, added.out.count("\n")) == (0, 3)
    assert "hep-ex_0601001v2.pdf: arXiv:hep-ex/0601001v2" in added.out
    assert "thesis.pdf: thesis.pdf (its name says no identifier; --as gives one)" in added.out
    for name in ("a.pdf", "b.pdf"):
        (folder / name).write_text("<html>")
    again = papers("add", folder)
    assert (again.code, again.out) == (3, added.out)  # the good ones are taken
    assert "a.pdf is not a PDF" in again.err
    assert "(and 1 more of 5 files)" in again.err
    assert len(json.loads(papers("list", "--json").out)) == 3


def test_two_contents_of_one_name(papers: Papers, shelves: Shelves, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(f"%PDF-1.7 {name} %%EOF".encode())
    assert papers("add", tmp_path / "a.pdf", "--as", "1207.7214v2").code == 0
    refused = papers("add", tmp_path / "b.pdf", "--as", "1207.7214v2")
    assert refused.code == 2
    assert "1207.7214v2.pdf; give the new file" in refused.err
    assert len(json.loads(papers("list", "--json").out)) == 1
    assert papers("add", tmp_path / "b.pdf", "--as", "1207.7214v2", "--replace").code == 0
    assert "b.pdf" in papers("show", "1207.7214").out
    assert "sha256" not in papers("list").out  # the name is one file's again
    identifier = parse_identifier("1207.7214v2")
    assert identifier is not None
    Library(shelves.library).add(tmp_path / "c.pdf", [identifier])  # as two downloads may end
    lines = [line for line in papers("list").out.splitlines() if line.startswith("arXiv:1207.7214v2")]
    assert len(set(lines)) == 2
    assert ["not found by" in line for line in lines] == [True, False]


def test_an_empty_name_is_named(shelves: Shelves, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is empty"):
        obtain_paper("", shelves)
    with pytest.raises(UsageError, match="is empty"):
        find_source(" ", tmp_path, shelves)
    with pytest.raises(UsageError, match="is empty"):
        read_entries(("",))


def test_a_source_may_be_an_identifier(server: StandIn, shelves: Shelves, tmp_path: Path) -> None:
    source = find_source("arXiv:2004.03447", tmp_path / "runs", shelves)
    assert (source.kind, source.slug) == ("paper", "2004.03447v3")
    assert source.path.read_bytes().startswith(b"%PDF-")
    assert obtain_paper("2004.03447v3", shelves._replace(offline=True)) == source.path
    with pytest.raises(UsageError, match="neither a file, a run, an arXiv id"):
        find_source("2013.03447", tmp_path / "runs", shelves)


def test_a_file_comes_before_a_name(shelves: Shelves, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "2004.03447").write_bytes(b"%PDF-1.7")
    assert obtain_paper("2004.03447", shelves) == Path("2004.03447")
    with pytest.raises(UsageError, match=r"paper\.pdf: no such file, and no arXiv id"):
        obtain_paper("paper.pdf", shelves)


def test_no_network_by_environment(shelves: Shelves, server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERFILTER_OFFLINE", "1")
    with pytest.raises(NetworkError, match="there is to be no network"):
        obtain_paper("2004.03447", shelves)
    assert server.asked == []
    monkeypatch.setenv("PAPERFILTER_OFFLINE", "0")
    seen: list[tuple[str, int, int]] = []
    obtain_paper("2004.03447", shelves, lambda *step: seen.append(step))
    assert seen[0][:2] == ("2004.03447v3.pdf", 0)
    assert seen[-1][1] == seen[-1][2] > 0


def test_a_folder_that_is_damaged_by_somebody_else(server: StandIn, shelves: Shelves) -> None:
    server.pdf_troubles = [Trouble(drop_after=500)]
    path = obtain_paper("2004.03447", shelves)
    path.write_bytes(b"%PDF-1.7 torn")
    assert obtain_paper("2004.03447", shelves).read_bytes() == server.papers["2004.03447"].versions[3]
