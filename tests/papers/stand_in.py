"""A stand-in for arXiv and INSPIRE on this machine: their formats, papers of our own, and the usual misbehaviour."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

WAITING_PAGE = b"<!DOCTYPE html><html><head><title>Generating PDF</title></head><body>Please try again.</body></html>"


class Trouble(NamedTuple):
    """What goes wrong with one answer."""

    status: int = 200  # of an error answer
    retry_after: str | None = None
    page: bytes | None = None  # sent instead of what was asked for, as HTML
    drop_after: int | None = None  # bytes of the body after which the connection is cut
    stall_after: int | None = None  # bytes of the body after which nothing more comes, until `released`
    length: int | None = None  # a wrong Content-Length
    slam: bool = False  # the connection is closed without an answer


@dataclass
class Paper:
    """A paper at arXiv: the PDF of every version; None is a version without one (withdrawn)."""

    arxiv: str
    versions: dict[int, bytes | None]
    title: str = "Measurement of something in pp collisions"
    doi: str | None = None
    comment: str | None = None
    summary: str = "We measure something."


@dataclass
class Record:
    """A work in INSPIRE. `references` are dictionaries as the API gives them."""

    recid: int
    title: str = "A work"
    arxiv: str | None = None
    dois: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    journal: dict[str, object] | None = None
    references: list[dict[str, object]] = field(default_factory=list)
    documents: list[dict[str, object]] = field(default_factory=list)


class StandIn:
    """The server's content, its troubles to come, and what it was asked."""

    def __init__(self) -> None:
        self.base = ""
        self.papers: dict[str, Paper] = {}
        self.records: list[Record] = []
        self.files: dict[str, bytes] = {}
        self.troubles: list[Trouble] = []  # one for every answer to come
        self.pdf_troubles: list[Trouble] = []  # one for every answer of a PDF to come
        self.asked: list[str] = []  # path and query of every request
        self.ranges: list[str | None] = []  # Range header of every request for a PDF
        self.agents: set[str] = set()
        self.etags = True
        self.resumes = True
        self.minds_conditions = True  # If-Range
        self.pdf_reached = threading.Event()
        self.released = threading.Event()
        self.under_way = 0
        self.most_at_once = 0
        self.lock = threading.Lock()

    def add(self, paper: Paper) -> Paper:
        self.papers[paper.arxiv] = paper
        return paper


def make_pdf(text: str, size: int = 200_000) -> bytes:
    """Bytes that begin and end like a PDF."""
    body = f"%PDF-1.7\n% {text}\n".encode()
    filling = bytes(i % 251 for i in range(size - len(body) - 7))
    return body + filling + b"\n%%EOF\n"


@contextmanager
def serve() -> Iterator[StandIn]:
    """A running stand-in."""
    stand_in = StandIn()
    handler = type("Configured", (Handler,), {"at": stand_in})
    with Server(("127.0.0.1", 0), handler) as server:
        stand_in.base = f"http://127.0.0.1:{server.server_address[1]}"
        before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy", "PAPERFILTER_OFFLINE")}
        os.environ |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1")  # a proxy of this machine has no part in it
        os.environ.pop("PAPERFILTER_OFFLINE", None)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield stand_in
        finally:
            stand_in.released.set()
            server.shutdown()
            thread.join()
            for name, value in before.items():
                os.environ.pop(name, None)
                os.environ |= {name: value} if value is not None else {}


class Server(ThreadingHTTPServer):
    """Clients that vanish are part of the play."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing is printed."""


class Handler(BaseHTTPRequestHandler):
    """Answers like arXiv and INSPIRE."""

    at: StandIn
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        at = self.at
        with at.lock:
            at.asked.append(self.path)
            at.agents.add(self.headers.get("User-Agent", ""))
            at.under_way += 1
            at.most_at_once = max(at.most_at_once, at.under_way)
        try:
            self._answer()
        finally:
            with at.lock:
                at.under_way -= 1

    def _answer(self) -> None:
        at, url = self.at, urlsplit(self.path)
        path, query = unquote(url.path), parse_qs(url.query)
        is_pdf = path.startswith(("/pdf/", "/files/"))
        if is_pdf:
            at.ranges.append(self.headers.get("Range"))
        trouble = at.troubles.pop(0) if at.troubles else Trouble()
        if is_pdf and at.pdf_troubles:
            trouble = at.pdf_troubles.pop(0)
        if trouble.slam:
            self.close_connection = True
            return
        if trouble.status != 200:
            headers = {"Retry-After": trouble.retry_after} if trouble.retry_after else {}
            self._send(trouble.status, b"Rate exceeded.", "text/plain", headers, trouble)
        elif trouble.page is not None:
            self._send(200, trouble.page, "text/html; charset=utf-8", {}, trouble)
        elif path == "/api/query":
            self._send(200, self._feed(query["id_list"][0]), "application/atom+xml; charset=utf-8", {}, trouble)
        elif path.startswith("/pdf/"):
            self._send_pdf(path.removeprefix("/pdf/"), trouble)
        elif path.startswith("/files/"):
            self._send_content(at.files.get(path.removeprefix("/files/")), trouble)
        elif path == "/api/literature":
            self._send_json(self._search(query), trouble)
        elif path.startswith("/api/"):
            self._send_json(self._record(path.removeprefix("/api/")), trouble)
        else:
            self._send(404, b"Not found", "text/html", {}, trouble)

    def _feed(self, asked: str) -> bytes:
        match = re.fullmatch(r"(\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?:v(\d+))?", asked)
        if match is None:
            entries = ERROR_ENTRY.format(asked=escape(asked))
        else:
            paper = self.at.papers.get(match[1])
            version = int(match[2]) if match[2] else max(paper.versions) if paper else 0
            entries = write_entry(paper, version) if paper and version in paper.versions else ""
        return FEED.format(asked=escape(asked), total=int(bool(entries)), entries=entries).encode()

    def _send_pdf(self, name: str, trouble: Trouble) -> None:
        if name.endswith(".pdf"):
            self._send(301, b"", "text/html", {"Location": f"/pdf/{name.removesuffix('.pdf')}"}, trouble)
            return
        match = re.fullmatch(r"(.+?)(?:v(\d+))?", name)
        paper = self.at.papers.get(match[1]) if match else None
        version = int(match[2]) if match and match[2] else max(paper.versions) if paper else 0
        self._send_content(paper.versions.get(version) if paper else None, trouble)

    def _send_content(self, content: bytes | None, trouble: Trouble) -> None:
        if content is None:
            self._send(404, b"<html>No PDF</html>", "text/html", {}, trouble)
            return
        etag = f'"{hash(content):x}"'
        headers = {"Accept-Ranges": "bytes"} | ({"ETag": etag} if self.at.etags else {})
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        condition = self.headers.get("If-Range")
        if wanted and self.at.resumes and (condition in (None, etag) or not self.at.minds_conditions):
            start = int(wanted[1])
            if start >= len(content):
                self._send(416, b"", "text/plain", {"Content-Range": f"bytes */{len(content)}"}, trouble)
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._send(206, content[start:], "application/pdf", headers, trouble)
        else:
            self._send(200, content, "application/pdf", headers, trouble)

    def _search(self, query: dict[str, list[str]]) -> dict[str, object]:
        asked = query["q"][0]
        hits = [r for r in self.at.records if finds(asked, r)]
        size = int(query.get("size", ["10"])[0])
        fields = query["fields"][0].split(",")
        shown = [write_record(r, self.at.base, fields) for r in hits[:size]]
        return {"hits": {"hits": shown, "total": len(hits)}, "links": {"self": f"{self.at.base}{self.path}"}}

    def _record(self, path: str) -> dict[str, object] | None:
        kind, _, value = path.partition("/")
        for r in self.at.records:
            dois = [d.lower() for d in r.dois]
            if {"arxiv": r.arxiv == value, "doi": value.lower() in dois, "literature": str(r.recid) == value}.get(kind):
                return write_record(r, self.at.base, None)
        return None

    def _send_json(self, data: dict[str, object] | None, trouble: Trouble) -> None:
        if data is None:
            self._send(404, b'{"status": 404, "message": "PID does not exist."}', "application/json", {}, trouble)
        else:
            self._send(200, dumps(data).encode(), "application/json", {}, trouble)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str], trouble: Trouble) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(trouble.length or len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if trouble.drop_after is not None:
            body, self.close_connection = body[: trouble.drop_after], True
        if trouble.length is not None:
            body, self.close_connection = body[: trouble.length], True
        if trouble.stall_after is not None:
            self.wfile.write(body[: trouble.stall_after])
            self.wfile.flush()
            self.at.pdf_reached.set()
            self.at.released.wait(60)
            body = body[trouble.stall_after :]
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?search_query%3D%26id_list%3D{asked}" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query: search_query=&amp;id_list={asked}&amp;start=0&amp;max_results=1</title>
  <id>http://arxiv.org/api/q0aB5vCg8M7DvHg</id>
  <updated>2026-11-20T00:00:00-05:00</updated>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{total}</opensearch:totalResults>
  <opensearch:startIndex xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">0</opensearch:startIndex>
  <opensearch:itemsPerPage xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">1</opensearch:itemsPerPage>
  {entries}
</feed>
"""

ERROR_ENTRY = """<entry>
    <id>http://arxiv.org/api/errors#incorrect_id_format_for_{asked}</id>
    <title>Error</title>
    <summary>incorrect id format for {asked}</summary>
    <updated>2026-11-20T00:00:00-05:00</updated>
    <link href="http://arxiv.org/api/errors#incorrect_id_format" rel="alternate" type="text/html"/>
    <author><name>arXiv api core</name></author>
  </entry>"""


def write_entry(paper: Paper, version: int) -> str:
    """The entry of a version, titles broken over lines as arXiv does."""
    exact = f"{paper.arxiv}v{version}"
    extras = f'<arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">{paper.doi}</arxiv:doi>' if paper.doi else ""
    if paper.comment:
        comment = escape(paper.comment)
        extras += f'<arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">{comment}</arxiv:comment>'
    title = escape(paper.title).replace(" in ", "\n  in ")
    return f"""<entry>
    <id>http://arxiv.org/abs/{exact}</id>
    <updated>2021-05-13T09:31:12Z</updated>
    <published>2020-04-07T14:41:24Z</published>
    <title>{title}</title>
    <summary>  {escape(paper.summary)}
</summary>
    <author>
      <name>A Collaboration</name>
    </author>
    {extras}
    <link href="http://arxiv.org/abs/{exact}" rel="alternate" type="text/html"/>
    <link title="pdf" href="http://arxiv.org/pdf/{exact}" rel="related" type="application/pdf"/>
    <arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="hep-ex"
      scheme="http://arxiv.org/schemas/atom"/>
    <category term="hep-ex" scheme="http://arxiv.org/schemas/atom"/>
  </entry>"""


def finds(query: str, record: Record) -> bool:
    """Whether a query finds a record; report numbers are searched fuzzily, as INSPIRE does."""
    if " or " in query:
        return any(finds(one, record) for one in query.split(" or "))
    match = re.fullmatch(r'(arxiv|doi|recid):"?([^"]+)"?|(r|j) "([^"]+)"', query)
    assert match is not None, f"a query that INSPIRE might not understand: {query}"
    kind, value = match[1] or match[3], match[2] or match[4]
    if kind == "r":
        return any(r.startswith(value) or value.startswith(r) for r in record.reports)
    if kind == "j":
        title, volume, page = value.split(",")
        place = record.journal or {}
        pages = (place.get("page_start"), place.get("artid"))
        return (place.get("journal_title"), place.get("journal_volume")) == (title, volume) and page in pages
    known = {"arxiv": [record.arxiv], "doi": [d.lower() for d in record.dois], "recid": [str(record.recid)]}
    return value in known[kind]


def write_record(record: Record, base: str, fields: list[str] | None) -> dict[str, object]:
    """A record as the REST API gives it; `fields` as asked for in a search."""
    metadata: dict[str, object] = {
        "$schema": f"{base}/schemas/records/hep.json",
        "control_number": record.recid,
        "document_type": ["article"],
        "titles": [{"source": "arXiv", "title": record.title}],
        "authors": [{"full_name": "Author, Anne", "record": {"$ref": f"{base}/api/authors/1"}}],
        "collaborations": [{"value": "ATLAS"}],
        "references": record.references,
        "citation_count": 12,
    }
    if record.arxiv:
        metadata["arxiv_eprints"] = [{"value": record.arxiv, "categories": ["hep-ex"]}]
    if record.dois:
        metadata["dois"] = [{"value": doi, "material": "publication"} for doi in record.dois]
    if record.reports:
        metadata["report_numbers"] = [{"value": r} for r in record.reports]
    if record.journal:
        metadata["publication_info"] = [record.journal]
    if record.documents:
        metadata["documents"] = record.documents
    kept = {k: v for k, v in metadata.items() if fields is None or k in fields or k == "$schema"}
    return {
        "id": str(record.recid),
        "created": "2020-04-08T00:00:00.000000+00:00",
        "updated": formatdate(0),
        "links": {"json": f"{base}/api/literature/{record.recid}?format=json"},
        "metadata": kept,
    }


def cite(label: str, recid: int | None, base: str = "https://inspirehep.net", **printed: object) -> dict[str, object]:
    """An entry of a bibliography as the REST API gives it."""
    entry: dict[str, object] = {"reference": {"label": label} | printed, "raw_refs": [{"schema": "text", "value": "x"}]}
    return entry | ({"record": {"$ref": f"{base}/api/literature/{recid}"}, "curated_relation": False} if recid else {})


def put_folder(stand_in: StandIn, folder: Path) -> None:
    """Serve the PDFs of a folder that are named by arXiv id and version."""
    for path in sorted(folder.glob("*.pdf")):
        match = re.fullmatch(r"(\d{4}\.\d{4,5})v(\d+)", path.stem)
        if match:
            paper = stand_in.papers.setdefault(match[1], Paper(match[1], {}))
            paper.versions[int(match[2])] = path.read_bytes()
