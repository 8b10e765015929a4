"""What the server sends: pages, lines that refuse, files that a browser may keep."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).with_name("static")
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def send_html(content: str, status: int = 200) -> Response:
    """A page, or fragments of one."""
    return Response(content, status, media_type="text/html")


def refuse(status: int, line: str) -> Response:
    """One line that says why not."""
    from markupsafe import escape

    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>paperfilter review</title>'
        f'<link rel="stylesheet" href="/static/review.css"></head><body><main><p>{escape(line)}</p>'
        '<p><a href="/">Back to the review</a></p></main></body></html>\n'
    )
    return send_html(page, status)


def send_kept(request: Request, content: bytes, kind: str) -> Response:
    """Content that a browser keeps and asks about: another review may have the same address tomorrow."""
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)


@cache
def load_static() -> Mapping[str, tuple[bytes, str]]:
    """What may be asked for below /static: name -> content and kind. Nothing else on this machine can be named."""
    files = sorted(STATIC.iterdir())
    return {f.name: (f.read_bytes(), KINDS[f.suffix]) for f in files if f.suffix in KINDS}
