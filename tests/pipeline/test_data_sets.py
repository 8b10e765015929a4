"""Downloads, tried against a server of our own that behaves badly in the usual ways."""

import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.data_sets import DATA_SETS, DataFile, DataSet, fetch_data_set, get_data_set, list_data_sets
from schemas.errors import DataError, NetworkError, UsageError
from tests.shared import require

CONTENT = bytes(range(256)) * 4000  # about a megabyte


class Behaviour:
    """What the server does, and what it was asked."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.ranges = True
        self.drop_after: int | None = None  # bytes sent before the connection is cut
        self.drops = 0  # how many answers are cut
        self.failures: list[int] = []  # status codes given before the file
        self.asked: list[str | None] = []  # Range header of every request
        self.address = ""


class Handler(BaseHTTPRequestHandler):
    """Serves one content under every path."""

    behaviour: Behaviour

    def do_GET(self) -> None:
        b = self.behaviour
        wanted = self.headers.get("Range")
        b.asked.append(wanted)
        if b.failures:
            self.send_error(b.failures.pop(0))
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and b.ranges else 0  # type: ignore[index]
        body = b.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(b.content) - 1}/{len(b.content)}")
        self.end_headers()
        if b.drops and b.drop_after is not None:
            b.drops -= 1
            body = body[: b.drop_after]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Behaviour]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    behaviour = Behaviour()
    handler = type("Configured", (Handler,), {"behaviour": behaviour})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        behaviour.address = f"http://127.0.0.1:{running.server_address[1]}/events.root"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield behaviour
        running.shutdown()
        thread.join()


def data_set(*addresses: str) -> DataSet:
    file = DataFile(
        name="events.root", size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest(), addresses=addresses
    )
    return DataSet(name="d", title="t", page="the page", licence="l", profile="p", events=1, files=(file,))


def fetch(server: Behaviour, folder: Path) -> list[Path]:
    return fetch_data_set(data_set(server.address), folder, longest_wait=0.01)


def test_a_file_arrives_with_progress(server: Behaviour, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    paths = fetch_data_set(data_set(server.address), tmp_path / "new", lambda *step: seen.append(step))
    assert paths == [tmp_path / "new" / "events.root"]
    assert paths[0].read_bytes() == CONTENT
    assert [p.name for p in paths[0].parent.iterdir()] == ["events.root"]
    assert seen[0] == ("events.root", 0, len(CONTENT))
    assert seen[-1] == ("events.root", len(CONTENT), len(CONTENT))
    assert [here for _, here, _ in seen] == sorted(here for _, here, _ in seen)


def test_what_is_there_is_not_fetched_again(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "events.root").write_bytes(CONTENT)
    fetch(server, tmp_path)
    assert server.asked == []
    (tmp_path / "events.root").write_bytes(CONTENT[:-1] + b"x")
    fetch(server, tmp_path)
    assert (tmp_path / "events.root").read_bytes() == CONTENT


def test_a_partial_file_is_continued(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "events.root.part").write_bytes(CONTENT[:1000])
    fetch(server, tmp_path)
    assert server.asked == ["bytes=1000-"]
    assert (tmp_path / "events.root").read_bytes() == CONTENT


def test_a_server_without_ranges_starts_over(server: Behaviour, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / "events.root.part").write_bytes(CONTENT[:1000])
    fetch(server, tmp_path)
    assert server.asked == ["bytes=1000-"]
    assert (tmp_path / "events.root").read_bytes() == CONTENT


def test_a_dropped_connection_goes_on_where_it_stopped(server: Behaviour, tmp_path: Path) -> None:
    server.drop_after, server.drops = 300_000, 2
    fetch(server, tmp_path)
    assert server.asked == [None, "bytes=300000-", "bytes=600000-"]
    assert (tmp_path / "events.root").read_bytes() == CONTENT


def test_a_connection_that_keeps_dropping_is_given_up_and_can_be_resumed(server: Behaviour, tmp_path: Path) -> None:
    server.drop_after, server.drops = 1000, 100
    with pytest.raises(NetworkError, match=r"events\.root cannot be downloaded \(127\.0\.0\.1: the connection broke\)"):
        fetch(server, tmp_path)
    assert len(server.asked) == 4
    assert (tmp_path / "events.root.part").read_bytes() == CONTENT[:4000]
    server.drops = 0
    fetch(server, tmp_path)
    assert server.asked[-1] == "bytes=4000-"


def test_a_stale_partial_file_does_no_harm(server: Behaviour, tmp_path: Path) -> None:
    for stale in (b"other content", b"x" * len(CONTENT), b"x" * (len(CONTENT) + 1)):
        (tmp_path / "events.root").unlink(missing_ok=True)
        (tmp_path / "events.root.part").write_bytes(stale)
        fetch(server, tmp_path)
        assert (tmp_path / "events.root").read_bytes() == CONTENT


@pytest.mark.parametrize("content", [b"y" * len(CONTENT), CONTENT + b"more", CONTENT[:-5]])
def test_another_content_is_never_kept(server: Behaviour, tmp_path: Path, content: bytes) -> None:
    server.content = content
    with pytest.raises(NetworkError, match=r"not the published file|larger than the published file|connection broke"):
        fetch(server, tmp_path)
    assert not (tmp_path / "events.root").exists()


def test_a_busy_server_is_asked_again_and_a_missing_file_is_not(server: Behaviour, tmp_path: Path) -> None:
    server.failures = [503, 429]
    fetch(server, tmp_path)
    assert len(server.asked) == 3
    server.failures = [404]
    with pytest.raises(NetworkError, match="it answers 404 Not Found"):
        fetch(server, tmp_path / "other")
    assert len(server.asked) == 4
    assert list((tmp_path / "other").iterdir()) == []


def test_the_second_address_is_tried(server: Behaviour, tmp_path: Path) -> None:
    server.failures = [404]
    fetch_data_set(data_set(server.address, server.address), tmp_path, longest_wait=0.01)
    assert (tmp_path / "events.root").read_bytes() == CONTENT


def test_no_network_is_one_clear_line(tmp_path: Path, server: Behaviour) -> None:
    unused = "http://127.0.0.1:9/events.root"  # the discard port
    with pytest.raises(NetworkError) as failure:
        fetch_data_set(data_set(unused), tmp_path, longest_wait=0.01)
    line = str(failure.value)
    assert line == (
        "events.root cannot be downloaded (127.0.0.1: no connection); check the network and run the command again "
        f"(it resumes), or put the file into {tmp_path} by hand from the page"
    )
    assert failure.value.exit_code == 9
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_named(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"folder .*file/below cannot be used for data"):
        fetch(server, tmp_path / "file" / "below")


def test_an_unknown_name_says_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no data set 'atlas'; known: atlas-2020-4lep"):
        get_data_set("atlas", tmp_path)


def test_the_catalogue_describes_the_real_files() -> None:
    folder = require("data/atlas2020_4lep")
    (real,) = (d for d in list_data_sets() if d.name == "atlas-2020-4lep")
    assert get_data_set("atlas-2020-4lep", folder) == [folder / f.name for f in real.files]
    assert real.size == sum(f.stat().st_size for f in folder.glob("data_*.root"))
    assert all(a.startswith("https://") and a.endswith(f.name) for f in real.files for a in f.addresses)
    assert set(DATA_SETS) == {d.name for d in list_data_sets()}
