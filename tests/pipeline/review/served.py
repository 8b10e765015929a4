"""A review that is really served: uvicorn in a thread, on a free port of this machine, and a browser without a face."""

import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import httpx

from pipeline.review.app import make_app
from pipeline.review.desk import Desk
from pipeline.review.documents import ReviewedDocument, close_documents
from pipeline.review.finish_view import word_next
from pipeline.review.recomputing import open_recomputer
from pipeline.review.safety import Door
from pipeline.review.serving import find_port, make_server, open_socket, serve
from pipeline.review.store import Review
from schemas.document import Document, Page, Passage, Word

TEXT = (
    "Muons must satisfy pT > 20 GeV and |eta| < 2.4 in all regions.\n"
    "The trigger is called <script>alert(1)</script> there."
)
PAPER = "hep-ex/0512020"  # old identifiers have a slash


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str


class Served(NamedTuple):
    """A review that is served, and the browser that has its cookie."""

    port: int
    door: Door
    desk: Desk
    client: httpx.Client

    @property
    def home(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def act(self, *, fragment: bool = False, path: str = "/act", **fields: object) -> httpx.Response:
        """Send a form, as a page of the review does."""
        headers = {"X-Fragment": "1"} if fragment else {}
        return self.client.post(path, data=fields, headers=headers)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request with exactly these headers, without cookie and without anything a library adds but Host."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {"Host": f"127.0.0.1:{self.port}"} | dict(headers or {})
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in given.items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in given:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    @property
    def cookie(self) -> str:
        """What the browser sends as Cookie."""
        return self.door.set_cookie.split(";")[0]


def write_form(**fields: object) -> bytes:
    """A form as it is sent."""
    return urlencode(fields).encode()


def make_document(text: str = TEXT) -> ReviewedDocument:
    """A paper of one page, without a PDF."""
    words, at, x = [], 0, 60.0
    for word in text.replace("\n", " ").split(" "):
        words.append(Word(at, at + len(word), 1, x, 100.0, x + 5.0 * len(word), 112.0))
        at, x = at + len(word) + 1, x + 5.0 * len(word) + 4
    document = Document(
        document_id=PAPER, sha256="0" * 64, title="Muons <b>of</b> our own", n_pages=1,
        pages=(Page(number=1, width=595, height=842),), text=text, words=tuple(words), sections=(),
        passages=tuple(_list_passages(text)), tables=(),
    )  # fmt: skip
    return ReviewedDocument(document, None, is_paper=True)


def _list_passages(text: str) -> Iterator[Passage]:
    at = 0
    for line in text.split("\n"):
        yield Passage(kind="paragraph", start=at, end=at + len(line), page=1, section=None)
        at += len(line) + 1


@contextmanager
def serve_review(run: Path, *documents: ReviewedDocument, by: str = "A. Physicist") -> Iterator[Served]:
    """The review of a run, served until the block ends."""
    with open_socket(0) as listening, Review.open(run) as review:
        port = find_port(listening)
        door = Door(port)
        effects = open_recomputer(None, (), None, lambda revision: review.before(revision).criteria)
        desk = Desk(run, review, documents, effects, by, word_next(run, (), (), None))
        server = make_server(make_app(desk, door, port))
        thread = threading.Thread(target=serve, args=(server, listening, lambda: None))
        thread.start()
        try:
            home = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=home, headers={"Origin": home}, timeout=60, trust_env=False) as client:
                yield Served(port, door, desk, client)
        finally:
            server.should_exit = True
            thread.join(30)
            effects.close()
            close_documents(documents)
        assert not thread.is_alive()


def enter(served: Served) -> Served:
    """The same, with the cookie."""
    assert served.client.get("/enter", params={"token": served.door.token}).status_code == 303
    return served
