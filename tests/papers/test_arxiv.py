"""Getting papers from arXiv: versions, what is missing, what breaks off, what is no PDF, and death in between."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from papers.getting import Web, get_paper, open_web
from papers.identifiers import Identifier, parse_identifier
from papers.library import Library
from schemas.errors import NetworkError
from tests.papers.stand_in import FEED, WAITING_PAGE, Paper, StandIn, Trouble, make_pdf, serve, write_entry

ROOT = Path(__file__).resolve().parents[2]
ONE, TWO, THREE = (make_pdf(f"version {n}") for n in (1, 2, 3))


def name(text: str) -> Identifier:
    found = parse_identifier(text)
    assert found is not None
    return found


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serve() as running:
        running.add(
            Paper("2004.03447", {1: ONE, 2: TWO, 3: THREE}, title="A & B in 4ℓ", doi="10.1140/epjc/s10052-020-8227-9")
        )
        running.add(Paper("hep-ex/0601001", {1: ONE}))
        running.add(Paper("1806.00425", {1: ONE, 2: None}, comment="This paper has been withdrawn by the authors"))
        yield running


@pytest.fixture
def web(server: StandIn, tmp_path: Path) -> Iterator[Web]:
    with open_web(
        arxiv_base=server.base, inspire_base=server.base, state=tmp_path, sleep=lambda seconds: None
    ) as opened:
        assert opened is not None
        yield opened


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def pdfs_asked(server: StandIn) -> list[str]:
    return [path for path in server.asked if path.startswith("/pdf/")]


def test_what_arxiv_says_about_a_paper(web: Web) -> None:
    paper = web.arxiv.describe(name("2004.03447"))
    assert paper is not None
    assert paper.identifier == name("2004.03447v3")
    assert paper.title == "A & B in 4ℓ"  # one line, entities resolved
    assert paper.authors == ("A Collaboration",)
    assert paper.doi == name("10.1140/epjc/s10052-020-8227-9")
    assert not paper.says_withdrawn
    old = web.arxiv.describe(name("2004.03447v1"))
    assert old is not None
    assert old.identifier.version == 1
    assert web.arxiv.describe(name("2004.03447v4")) is None
    assert web.arxiv.describe(name("2104.00001")) is None


def test_an_answer_about_another_version_or_paper_is_none(server: StandIn, web: Web) -> None:
    entry = write_entry(server.papers["2004.03447"], 3)
    server.troubles = [Trouble(page=FEED.format(asked="x", total=1, entries=entry).encode())] * 3
    assert web.arxiv.describe(name("2004.03447v4")) is None
    assert web.arxiv.describe(name("2004.03448")) is None
    assert web.arxiv.describe(name("2004.03447")) is not None


def test_the_newest_version_or_the_one_asked_for(server: StandIn, web: Web, library: Library) -> None:
    newest = get_paper(name("2004.03447"), library, web)
    assert (newest.name, newest.read_bytes()) == ("2004.03447v3.pdf", THREE)
    first = get_paper(name("2004.03447v1"), library, web)
    assert (first.name, first.read_bytes()) == ("2004.03447v1.pdf", ONE)
    old = get_paper(name("hep-ex/0601001"), library, web)
    assert old.read_bytes() == ONE
    assert pdfs_asked(server) == ["/pdf/2004.03447v3", "/pdf/2004.03447v1", "/pdf/hep-ex/0601001v1"]
    (holding,) = (h for h in library.list() if name("2004.03447v3") in h.identifiers)
    assert holding.title == "A & B in 4ℓ"
    assert holding.origins[0].place == f"{server.base}/pdf/2004.03447v3"


def test_what_is_in_the_library_is_not_asked_for(server: StandIn, web: Web, library: Library) -> None:
    paper = get_paper(name("2004.03447v2"), library, web)
    asked = len(server.asked)
    for text in ("2004.03447v2", "2004.03447", "10.1140/epjc/s10052-020-8227-9"):
        assert get_paper(name(text), library, web) == paper
        assert get_paper(name(text), library, None) == paper  # offline
    assert len(server.asked) == asked
    assert get_paper(name("2004.03447"), library, web, newest=True).name == "2004.03447v3.pdf"
    pdfs = len(pdfs_asked(server))
    get_paper(name("2004.03447"), library, web, newest=True)
    assert len(pdfs_asked(server)) == pdfs  # the newest is here by now


def test_a_folder_of_pdfs_comes_before_the_network(server: StandIn, web: Web, library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "2004.03447v1.pdf").write_bytes(ONE)
    (folder / "2004.03447v2.pdf").write_bytes(TWO)
    (folder / "2004.03447v10.pdf").write_text("<html>a login page, saved as PDF</html>")
    (folder / "CMS-PAS-EXO-19-016.pdf").write_bytes(ONE)
    (folder / "notes.txt").write_text("2004.03447")
    folders = (tmp_path / "missing", folder)
    assert get_paper(name("2004.03447"), library, None, folders=folders).read_bytes() == TWO
    assert get_paper(name("CMS PAS EXO-19-016"), library, None, folders=folders).read_bytes() == ONE
    assert server.asked == []
    with pytest.raises(NetworkError, match=r"arXiv:2004\.03447v5 is not in the library .* papers add FILE --as"):
        get_paper(name("2004.03447v5"), library, None, folders=folders)


def test_what_arxiv_does_not_have(web: Web, library: Library) -> None:
    with pytest.raises(NetworkError, match=r"arXiv has no paper 2104\.00001; check the number"):
        get_paper(name("2104.00001"), library, web)
    with pytest.raises(NetworkError, match=r"no paper 2004\.03447, or no version 4 of it"):
        get_paper(name("2004.03447v4"), library, web)
    with pytest.raises(NetworkError, match=r"1806\.00425v2 was withdrawn .* earlier version, like 1806\.00425v1"):
        get_paper(name("1806.00425"), library, web)
    assert get_paper(name("1806.00425v1"), library, web).read_bytes() == ONE


def test_a_version_can_be_had_while_the_api_is_down(server: StandIn, web: Web, library: Library) -> None:
    server.troubles = [Trouble(status=503)] * 4
    assert get_paper(name("2004.03447v2"), library, web).read_bytes() == TWO
    server.troubles = [Trouble(status=503)] * 4
    with pytest.raises(NetworkError, match="it answers 503"):
        get_paper(name("hep-ex/0601001"), library, web)  # which version is the newest, nobody says


def test_an_error_entry_and_what_is_no_feed(server: StandIn, web: Web) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>'
    server.troubles = [Trouble(page=bomb), Trouble(page=b"<feed><entry>")]
    for _ in range(2):
        with pytest.raises(NetworkError, match=r"no Atom feed|damaged"):
            web.arxiv.describe(name("2004.03447"))
    server.papers.clear()
    wrong = Identifier.model_construct(kind="arxiv", value="not-an-id", version=None)
    with pytest.raises(NetworkError, match="arXiv says of arXiv:not-an-id: incorrect id format"):
        web.arxiv.describe(wrong)


PASSING = {
    "dropped twice": [Trouble(drop_after=50_000), Trouble(drop_after=70_000)],
    "dropped at once": [Trouble(drop_after=0), Trouble(slam=True)],
    "busy": [Trouble(status=503), Trouble(status=429, retry_after="2")],
    "being made": [Trouble(page=WAITING_PAGE), Trouble(page=WAITING_PAGE)],
    "announced too short": [Trouble(length=90_000)],
    "announced too long": [Trouble(length=900_000)],
    "everything": [Trouble(drop_after=1000), Trouble(page=WAITING_PAGE), Trouble(status=500)],
}


@pytest.mark.parametrize("troubles", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("kind", ["etags", "no validator", "no ranges"])
def test_a_pdf_arrives_whole_in_spite_of(
    server: StandIn, web: Web, library: Library, troubles: list[Trouble], kind: str
) -> None:
    server.pdf_troubles = list(troubles)
    server.etags, server.resumes = kind == "etags", kind != "no ranges"
    assert get_paper(name("2004.03447v3"), library, web).read_bytes() == THREE
    assert list((library.folder / "incoming").iterdir()) == []


def test_a_dropped_download_goes_on_where_it_stopped(server: StandIn, web: Web, library: Library) -> None:
    server.pdf_troubles = [Trouble(drop_after=50_000), Trouble(drop_after=70_000)]
    get_paper(name("2004.03447v3"), library, web)
    assert server.ranges == [None, "bytes=50000-", "bytes=120000-"]


@pytest.mark.parametrize("minds_conditions", [True, False])
def test_two_versions_of_a_file_are_never_glued_together(
    server: StandIn, web: Web, library: Library, minds_conditions: bool
) -> None:
    server.minds_conditions = minds_conditions
    server.pdf_troubles = [Trouble(drop_after=50_000)] + [Trouble(status=404)] * 1
    with pytest.raises(NetworkError, match=r"arXiv has no PDF of arXiv:2004\.03447v3"):
        get_paper(name("2004.03447v3"), library, web)
    again = make_pdf("version 3, made again from its source", 150_000)
    server.papers["2004.03447"].versions[3] = again
    assert get_paper(name("2004.03447v3"), library, web).read_bytes() == again
    assert "bytes=50000-" in server.ranges


def test_what_never_becomes_a_pdf_is_one_clear_line(server: StandIn, web: Web, library: Library) -> None:
    server.pdf_troubles = [Trouble(page=WAITING_PAGE)] * 10
    with pytest.raises(NetworkError) as failure:
        get_paper(name("2004.03447v3"), library, web)
    assert "it sends a web page instead of the file" in str(failure.value)
    assert "\n" not in str(failure.value)
    assert library.list() == ()
    assert len(pdfs_asked(server)) == 4
    server.pdf_troubles = []
    assert get_paper(name("2004.03447v3"), library, web).read_bytes() == THREE


def test_a_server_that_drips_is_left_and_the_next_attempt_goes_on(
    server: StandIn, web: Web, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = web.arxiv.describe(name("2004.03447v3"))
    assert known is not None
    monkeypatch.setattr("papers.downloads.LONGEST_ATTEMPT", -1.0)  # the first piece already takes too long
    with pytest.raises(NetworkError, match="it sends too slowly"):
        web.arxiv.fetch_pdf(known.identifier, library.folder.parent / "x.pdf")
    assert len(server.ranges) > 1
    assert None not in server.ranges[1:]
    with pytest.raises(NetworkError, match="it sends too slowly"):
        web.arxiv.describe(name("2004.03447v3"))


def test_a_paper_that_is_too_large_is_refused(server: StandIn, web: Web, library: Library) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("papers.arxiv.LARGEST", 100_000)
        with pytest.raises(NetworkError, match="larger than"):
            get_paper(name("2004.03447v3"), library, web)
    assert library.list() == ()


def test_an_address_with_suffix_is_redirected(server: StandIn, web: Web, tmp_path: Path) -> None:
    target = tmp_path / "x.pdf"
    assert web.inspire.fetch_pdf("/pdf/2004.03447v1.pdf", "x", target)
    assert target.read_bytes() == ONE


GETTING = """
import sys
from pathlib import Path
from papers.getting import get_paper, open_web
from papers.identifiers import parse_identifier
from papers.library import Library
with open_web(arxiv_base=sys.argv[1], inspire_base=sys.argv[1], state=Path(sys.argv[2])) as web:
    for text in sys.argv[3:]:
        print(get_paper(parse_identifier(text), Library(Path(sys.argv[2]) / "library"), web), flush=True)
"""


def start(server: StandIn, tmp_path: Path, *names: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", GETTING, server.base, str(tmp_path), *names]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_download_killed_half_way_is_resumed_by_the_next_process(server: StandIn, tmp_path: Path) -> None:
    server.pdf_troubles = [Trouble(stall_after=150_000)]
    first = start(server, tmp_path, "2004.03447")
    assert server.pdf_reached.wait(60)
    partial = tmp_path / "library" / "incoming" / "2004.03447v3.pdf.part"
    while not partial.exists() or partial.stat().st_size == 0:
        assert first.poll() is None
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    server.released.set()
    size = partial.stat().st_size
    assert 0 < size <= 150_000
    assert Library(tmp_path / "library").list() == ()
    second = start(server, tmp_path, "2004.03447")
    out, _ = second.communicate()
    assert second.returncode == 0
    assert Path(out.strip()).read_bytes() == THREE
    assert server.ranges == [None, f"bytes={size}-"]
    assert not partial.exists()


def test_two_processes_fetch_a_paper_once(server: StandIn, tmp_path: Path) -> None:
    server.pdf_troubles = [Trouble(stall_after=100_000)]
    both = [start(server, tmp_path, "2004.03447", "2004.03447v1") for _ in range(2)]
    assert server.pdf_reached.wait(60)
    server.released.set()
    printed = [one.communicate()[0].splitlines() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert printed[0] == printed[1]
    assert [Path(p).read_bytes() for p in printed[0]] == [THREE, ONE]
    assert sorted(pdfs_asked(server)) == ["/pdf/2004.03447v1", "/pdf/2004.03447v3"]
