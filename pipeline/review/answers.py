"""What the server sends: pages, lines that refuse, files that a browser may keep; and where a request comes from."""

from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlsplit

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import Response

from pipeline.review.view import link_query
from pipeline.review.view_models import Query, make_anchor

HTML = "text/html"


def send_html(content: str, status: int = 200) -> Response:
    """A page, or fragments of one."""
    return Response(content, status, media_type=HTML)


def refuse(status: int, line: str) -> Response:
    """One line that says why not."""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>paperfilter review</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/static/review.css"></head><body class="single"><main>'
        f'<h1>Not done</h1><p class="problem">{escape(line)}</p><p><a href="/">Back to the criteria</a></p>'
        "</main></body></html>\n"
    )
    return send_html(page, status)


def send_kept(request: Request, content: bytes, kind: str) -> Response:
    """Content that a browser keeps and asks about: another review may have the same address tomorrow."""
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)


def wants_fragment(request: Request) -> bool:
    """Whether a script asks, which puts parts of the page in their place."""
    return request.headers.get("x-fragment") == "1"


def read_query(fields: dict[str, str]) -> Query:
    """What the address of the page asks for."""
    return Query(
        show=fields.get("show", "all")[:40] or "all",
        words=fields.get("q", "")[:200],
        document=fields.get("doc", "")[:300] or None,
    )


def read_origin(request: Request) -> Query:
    """What the page asked for that a request comes from: its address is in the Referer."""
    parts = urlsplit(request.headers.get("referer", ""))
    return read_query(dict(parse_qsl(parts.query)) if parts.path in ("/", "") else {})


def go_back(request: Request, address: str) -> Response:
    """To the page that a form comes from, at the card of an address."""
    anchor = f"#{quote(make_anchor(address), safe='')}" if address else ""
    return Response(status_code=303, headers={"Location": f"{link_query(read_origin(request))}{anchor}"})
