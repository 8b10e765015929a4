"""Who may talk to the page, and what every answer carries: the wall between a review and the web around it.

The server listens on loopback only, but every page that the person's browser has open can send requests there. So a
request is heard only when it names this server (against rebinding of names), comes from a page of this server (against
forged forms, other ports of this machine and frames) and carries the cookie that was given for the one-time token.
"""

import asyncio
import hmac
import secrets
import sys
import tempfile
import traceback
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_BODY = 1_000_000  # bytes; a form of one part has a few thousand
MOST_READ = 8 * LONGEST_BODY  # and thrown away, because browsers show an answer only when they have sent everything
LONGEST_WAIT = 30.0  # seconds for a body
LONGEST_QUERY = 8_000  # bytes
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer makes browsers send `Origin: null` with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
UNLESS_SAID = {"Cache-Control": "no-store"}  # of what does not say it itself
OLD_ADDRESS = "this address was used already; `paperfilter review` prints a new one when it is started again"
NO_COOKIE = "this browser is not known here; open the address that `paperfilter review` printed, it works once"


class Door:
    """The one-time token, and the cookie that it is exchanged for."""

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(32)
        self.cookie = f"paperfilter_review_{port}"  # cookies know no ports: two reviews must not share one
        self._session = secrets.token_urlsafe(32)
        self._used = False

    @property
    def set_cookie(self) -> str:
        """The header that gives a browser its cookie; gone when the browser is closed."""
        return f"{self.cookie}={self._session}; Path=/; HttpOnly; SameSite=Strict"

    def enter(self, token: str) -> bool:
        """Whether the token opens the door; it does so once."""
        right = self.is_token(token) and not self._used
        self._used = self._used or right
        return right

    def is_token(self, text: str) -> bool:
        """Whether this is the token, used or not."""
        return hmac.compare_digest(text.encode("utf-8", "replace"), self.token.encode())

    def knows(self, cookies: str) -> bool:
        """Whether a Cookie header carries the cookie."""
        pairs = [cookie.strip().partition("=") for cookie in cookies.split(";")]
        given = [value.encode("utf-8", "replace") for name, _, value in pairs if name == self.cookie]
        return any(hmac.compare_digest(value, self._session.encode()) for value in given)


class Guard:
    """An ASGI application around another: what may not pass never reaches it, what fails in it ends as one line."""

    def __init__(self, app: "ASGIApp", door: Door, port: int) -> None:
        self._app = app
        self._door = door
        names = ("127.0.0.1", "localhost")
        self._hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        answer = _Answer(send, with_body=scope["method"] != "HEAD")
        try:
            await self._serve(scope, receive, answer)
        except Exception as error:  # of our own code: the page says so in a line and the server lives on
            if not answer.started:  # else the application has told it
                await answer.refuse(500, tell_failure(error, scope))

    async def _serve(self, scope: "Scope", receive: "Receive", answer: "_Answer") -> None:
        headers = _read_headers(scope["headers"])
        refused = self._judge(scope, headers)
        if refused is not None:
            await answer.refuse(*refused)
            return
        if scope["path"] == "/enter":
            await self._enter(scope, headers, answer)
            return
        if not self._door.knows(headers.get("cookie", "")):
            await answer.refuse(403, NO_COOKIE)
            return
        if scope["method"] != "POST":
            await self._app(scope, receive, answer)
            return
        body = await _read_body(headers, receive)
        if isinstance(body, str):
            await answer.refuse(413 if "larger" in body else 408, body)
            return
        await self._app(scope, _replay(body, receive), answer)

    def _judge(self, scope: "Scope", headers: Mapping[str, str]) -> tuple[int, str] | None:
        """Status and line for a request that is not heard."""
        method, path = scope["method"], scope["path"]
        if "\n" in headers.get("host", "\n") or headers["host"].lower() not in self._hosts:
            return 421, "this server answers only under the address that `paperfilter review` printed, port included"
        if method not in ("GET", "HEAD", "POST"):
            return 405, "only GET, HEAD and POST are understood here"
        if len(scope["query_string"]) > LONGEST_QUERY:
            return 414, "the address is too long"
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        foreign = (origin is not None and origin.lower() not in self._origins) or site in ("cross-site", "same-site")
        if method == "POST":
            if foreign or (origin is None and site != "same-origin"):
                return 403, "this form was not sent by a page of this review"
        elif foreign and path != "/enter":  # the token of /enter says enough
            return 403, "this was not asked for by a page of this review"
        return None

    async def _enter(self, scope: "Scope", headers: Mapping[str, str], answer: "_Answer") -> None:
        """Exchange the token for the cookie. A browser that has it already is let in with any token."""
        if scope["method"] != "GET":
            await answer.refuse(405, "only GET is understood here")
            return
        if "prefetch" in headers.get("sec-purpose", headers.get("purpose", "")):
            await answer.refuse(403, "not before somebody asks for it")
            return
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        foreign = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        if self._door.enter(token):
            more = [("Set-Cookie", self._door.set_cookie)]
        elif self._door.knows(headers.get("cookie", "")) and not foreign:
            more = []
        else:
            await answer.refuse(403, OLD_ADDRESS if self._door.is_token(token) else NO_COOKIE)
            return
        if foreign:  # a redirection on behalf of another page would come without the cookie
            await answer.write(200, '<p><a href="/">Open the review</a></p>', more)
        else:
            await answer.write(303, "", [*more, ("Location", "/")])


class _Answer:
    """What is sent back: every start of an answer gets the headers, and a second start is left out."""

    def __init__(self, send: "Send", *, with_body: bool) -> None:
        self._send = send
        self._with_body = with_body
        self.started = False

    async def __call__(self, message: "Message") -> None:
        if message["type"] == "http.response.start":
            self.started = True
            own = [(k, v) for k, v in message.get("headers", []) if k.decode("latin-1").title() not in HEADERS]
            said = {k.decode("latin-1").title() for k, _ in own}
            added = HEADERS | {k: v for k, v in UNLESS_SAID.items() if k not in said}
            message = {**message, "headers": [*own, *((k.encode(), v.encode()) for k, v in added.items())]}
        await self._send(message)

    async def refuse(self, status: int, line: str) -> None:
        """One line that says why, as a page; nothing when an answer is under way already."""
        await self.write(status, f"<p>{_escape(line)}</p>", [])

    async def write(self, status: int, content: str, headers: Iterable[tuple[str, str]]) -> None:
        """A page of a line."""
        if self.started:
            return
        page = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>paperfilter review</title></head>'
            f"<body><main>{content}</main></body></html>\n"
        ).encode()
        fields = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page))), *headers]
        if status in (408, 413):
            fields.append(("Connection", "close"))  # what is left of the body is not read
        started = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in fields]
        await self({"type": "http.response.start", "status": status, "headers": started})
        await self({"type": "http.response.body", "body": page if self._with_body else b""})


def _read_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """By name in lower case; of a name that is there twice both values, with a line break that no value has."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        join = "; " if key == "cookie" else "\n"
        headers[key] = f"{headers[key]}{join}{text}" if key in headers else text
    return headers


async def _read_body(headers: Mapping[str, str], receive: "Receive") -> bytes | str:
    """The body, or the line that says why it is not taken."""
    too_large = f"what was sent is larger than {LONGEST_BODY // 1_000_000} MB; no form of a review is"
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length[:12]) > MOST_READ:
        return too_large
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return "the connection was closed before all was sent"
                piece: bytes = message.get("body", b"")
                size += len(piece)
                if size <= LONGEST_BODY:
                    body += piece
                elif size > MOST_READ:
                    return too_large
                if not message.get("more_body", False):
                    return bytes(body) if size <= LONGEST_BODY else too_large
    except TimeoutError:
        return "not all was sent in time; try again"


def _replay(body: bytes, receive: "Receive") -> "Receive":
    """A body that was read, for the application to read."""
    given = False

    async def again() -> "Message":
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _escape(text: str) -> str:
    from markupsafe import escape

    return str(escape(text))


def tell_failure(error: Exception, scope: "Scope") -> str:
    """The line that tells a failure of our own code; it goes to the terminal as well, and the rest into a file that
    only this user can read."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="paperfilter-review-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
    ) as file:
        file.write(f"{scope['method']} {scope['path']!r}\n\n")
        file.writelines(traceback.format_exception(error))
    line = f"internal error: {type(error).__name__}; details are in {file.name}, please report it"
    sys.stderr.write(f"paperfilter: {line}\n")
    return line
