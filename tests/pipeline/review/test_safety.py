"""The page belongs to one browser of this machine: everything else on it, and on the web, is shut out."""

import asyncio
import re
import socket
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.review.safety import HEADERS, LONGEST_BODY, Door, Guard
from pipeline.review.serving import open_socket
from schemas.errors import UsageError
from tests.pipeline.review.runs import make_run
from tests.pipeline.review.served import PAPER, Served, enter, make_document, serve_review, write_form

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ACCEPT = write_form(do="accept", part="cut:mu_pt")
GETS = (
    "/", "/state", "/cards", "/history", "/history.json", "/add?kind=cut", "/edit/cut:mu_pt", "/static/review.css",
    f"/pages/{PAPER}/1.png", f"/pages/{PAPER}/1/layer", "/nothing",
)  # fmt: skip
POSTS = ("/act", "/preview", "/finish", "/nothing")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A review that somebody else has entered already; `ask` has no cookie of its own."""
    run = make_run(tmp_path_factory.mktemp("run"))
    with serve_review(run, make_document()) as review:
        yield enter(review)


def with_cookie(served: Served, **more: str) -> dict[str, str]:
    return {"Cookie": served.cookie} | {name.replace("_", "-"): value for name, value in more.items()}


def test_nothing_is_shown_or_done_without_the_cookie(served: Served) -> None:
    own = {"Origin": served.home}
    for path in GETS:
        assert served.ask("GET", path).status == 403, path
        assert served.ask("GET", path, {"Cookie": f"{served.door.cookie}=guess"}).status == 403, path
        assert served.ask("HEAD", path).status == 403, path
    for path in POSTS:
        assert served.ask("POST", path, FORM | own, ACCEPT).status == 403, path
        wrong = {"Cookie": f"{served.door.cookie}={served.door.token}"}  # the token is no cookie
        assert served.ask("POST", path, FORM | own | wrong, ACCEPT).status == 403, path
    assert served.desk.revision == 0


def test_the_token_opens_once_and_only_for_a_person(tmp_path: Path) -> None:
    with serve_review(make_run(tmp_path)) as fresh:
        token = fresh.door.token
        for wrong in ("", "x", token[:-1], f"{token}x", "é", token.swapcase()):
            answer = fresh.ask("GET", f"/enter?token={wrong.encode().hex() if wrong == 'é' else wrong}")
            assert (answer.status, "Set-Cookie" in answer.headers) == (403, False), wrong
        for kept in ({"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}):
            assert fresh.ask("GET", f"/enter?token={token}", kept).status == 403
        for method in ("HEAD", "POST"):
            own = {"Origin": fresh.home}
            assert fresh.ask(method, f"/enter?token={token}", own, b"" if method == "POST" else None).status == 405
        assert fresh.ask("GET", f"/enter?token={token}", {"Host": f"localhost.evil:{fresh.port}"}).status == 421
        first = fresh.ask("GET", f"/enter?token={token}")
        assert (first.status, first.headers["Location"]) == (303, "/")
        cookie = first.headers["Set-Cookie"]
        assert cookie == fresh.door.set_cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert token not in cookie
        again = fresh.ask("GET", f"/enter?token={token}")
        assert (again.status, "Set-Cookie" in again.headers) == (403, False)
        assert "used already" in again.text
        known = fresh.ask("GET", f"/enter?token={token}", {"Cookie": cookie.split(";")[0]})  # the link, clicked again
        assert known.status == 303
        assert fresh.ask("GET", "/", {"Cookie": cookie.split(";")[0]}).status == 200


def test_an_entrance_from_another_page_is_a_link_that_keeps_the_cookie(tmp_path: Path) -> None:
    with serve_review(make_run(tmp_path)) as fresh:
        answer = fresh.ask("GET", f"/enter?token={fresh.door.token}", {"Sec-Fetch-Site": "cross-site"})
        assert answer.status == 200  # a redirection would come without the cookie
        assert '<a href="/">' in answer.text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "localhost", "localhost.evil:{port}", "127.0.0.1:1", "localhost:80",
     "127.0.0.1:{port}.evil.example", "127.0.0.1.evil.example:{port}", "[::1]:{port}", "0.0.0.0:{port}", "127.1:{port}",
     "evil@127.0.0.1:{port}", "127.0.0.1:{port}, evil.example", ""],
)  # fmt: skip
def test_a_name_that_was_bent_to_this_machine_is_not_answered(served: Served, host: str) -> None:
    bent = with_cookie(served, Host=host.format(port=served.port))
    assert served.ask("GET", "/", bent).status == 421
    bent["Origin"] = f"http://{bent['Host']}"
    assert served.ask("POST", "/act", FORM | bent, ACCEPT).status == 421
    assert served.desk.revision == 0


def test_a_second_host_and_none_are_not_answered(served: Served) -> None:
    host = f"127.0.0.1:{served.port}"
    for lines in ((f"Host: {host}", "Host: evil.example"), (f"Host: {host}", f"Host: {host}"), ()):
        said = "\r\n".join(("GET / HTTP/1.1", f"Cookie: {served.cookie}", *lines, "Connection: close", "", ""))
        with socket.create_connection(("127.0.0.1", served.port), timeout=30) as raw:
            raw.sendall(said.encode())
            assert re.match(rb"HTTP/1.1 4(00|21) ", raw.recv(100)), lines


@pytest.mark.parametrize(
    "said",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil"},
     {"Origin": "http://127.0.0.1:1"}, {"Origin": "https://127.0.0.1:{port}"}, {"Origin": "http://127.0.0.1:{port}/"},
     {"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "cross-site"}, {"Origin": ""},
     {"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}, {}],
)  # fmt: skip
def test_a_form_of_another_page_is_refused_cookie_or_not(served: Served, said: dict[str, str]) -> None:
    headers = with_cookie(served) | {name: value.format(port=served.port) for name, value in said.items()}
    for path in POSTS:
        assert served.ask("POST", path, FORM | headers, ACCEPT).status == 403, path
    if said and set(said.values()) != {"none"}:
        for path in GETS:  # no picture and no text of it for other pages either
            assert served.ask("GET", path, headers).status == 403, path
    assert served.desk.revision == 0


def test_only_forms_of_sensible_size_are_read(served: Served) -> None:
    own = with_cookie(served, Origin=served.home)
    many = b"a&" * (LONGEST_BODY // 2)
    assert served.ask("POST", "/act", FORM | own, b"x" * (LONGEST_BODY + 1)).status == 413
    assert served.ask("POST", "/act", FORM | own | {"Content-Length": "9" * 30}).status in (400, 413)
    assert served.ask("POST", "/act", FORM | own | {"Content-Length": "-1"}).status in (400, 413)
    assert served.ask("POST", "/act", FORM | own, many).status == 422
    assert served.ask("POST", "/act", own | {"Content-Type": "multipart/form-data; boundary=x"}, b"--x--").status == 415
    assert served.ask("POST", "/act", own | {"Content-Type": "application/json"}, b"{}").status == 415
    assert served.ask("POST", "/act", FORM | own, b"do=accept&part=" + b"\xff\xfe").status == 422
    long = write_form(do="edit", part="cut:mu_pt", note="x" * 60_000)
    assert served.ask("POST", "/act", FORM | own, long).status == 422
    assert served.ask("GET", "/?q=" + "x" * 20_000, own).status in (400, 414)
    assert served.desk.revision == 0
    assert served.ask("GET", "/", own).status == 200  # it lives on


def test_a_body_in_pieces_is_counted_too(served: Served) -> None:
    head = (
        f"POST /act HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nCookie: {served.cookie}\r\nOrigin: {served.home}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as raw:
        raw.sendall(head.encode())
        for _ in range(LONGEST_BODY // 0x10000 + 2):
            raw.sendall(piece)
        raw.sendall(b"0\r\n\r\n")
        assert b" 413 " in raw.recv(100)
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as raw:
        raw.sendall(head.encode())
        with pytest.raises(ConnectionError):  # it hangs up long before
            raw.sendall(piece * 1000)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_not_understood(served: Served, method: str) -> None:
    answer = served.ask(method, "/act", with_cookie(served, Origin=served.home), b"")
    assert answer.status in (400, 405)
    assert "access-control-allow-origin" not in {name.lower() for name in answer.headers}


@pytest.mark.parametrize(
    "path",
    ["/static/../store.py", "/static/%2e%2e/store.py", "/static/..%2fstore.py", "/static/review.css%00.py",
     "/static//etc/passwd", "/static/%2Fetc%2Fpasswd", "/static/", "/pages/../../etc/passwd/1.png",
     "/pages/%2e%2e%2f%2e%2e%2fetc%2fpasswd/1.png", "/pages//etc/passwd/1.png", "/pages/hep-ex%2F0512020/2.png",
     "/pages/hep-ex/0512020/0.png", "/pages/hep-ex/0512020/-1.png", "/pages/hep-ex/0512020/1.png?w=1e9",
     "/pages/hep-ex/0512020/99999999999999999999.png", "/pages/hep-ex/0512020/1/layer/../../x", "/edit/cut:nobody",
     "/edit/../../etc/passwd", "/edit/", "/criteria.yaml", "/review/history.jsonl", "/manifest.json",
     "//evil.example/"],
)  # fmt: skip
def test_no_file_and_no_page_but_its_own_can_be_named(served: Served, path: str) -> None:
    answer = served.ask("GET", path, with_cookie(served))
    assert answer.status == 404, answer.text[:300]
    assert "root:" not in answer.text


def test_what_is_its_own_is_there(served: Served) -> None:
    for path in (*GETS[:-1], "/pages/hep-ex%2F0512020/1.png", f"/pages/{PAPER}/1.png?w=300"):
        assert served.ask("GET", path, with_cookie(served)).status == 200, path
    picture = served.ask("GET", f"/pages/{PAPER}/1.png", with_cookie(served))
    kept = with_cookie(served) | {"If-None-Match": picture.headers["etag"]}
    assert served.ask("GET", f"/pages/{PAPER}/1.png", kept).status == 304


def test_every_answer_has_the_headers_whatever_it_says(served: Served) -> None:
    cookie, own = with_cookie(served), with_cookie(served, Origin=served.home)
    answers = [
        *(served.ask("GET", path, cookie) for path in GETS),
        *(served.ask("POST", path, FORM | own, b"do=nothing") for path in POSTS),
        served.ask("GET", "/"), served.ask("GET", "/", cookie | {"Host": "evil"}), served.ask("PUT", "/", cookie),
        served.ask("POST", "/act", FORM | own, b"x" * (LONGEST_BODY + 1)), served.ask("GET", "/act", cookie),
        served.ask("POST", "/", FORM | own, b""), served.ask("GET", "/enter?token=x", cookie),
    ]  # fmt: skip
    assert {a.status for a in answers} >= {200, 303, 403, 404, 405, 413, 421, 422}
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (answer.status, name)
        assert "server" not in {name.lower() for name in answer.headers}
        assert re.search(
            "no-store|no-cache", answer.headers.get("Cache-Control", answer.headers.get("cache-control", ""))
        )
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy


def test_pages_have_no_script_and_no_style_of_their_own(served: Served) -> None:
    for path in ("/", "/history", "/add?kind=cut", "/edit/cut:mu_pt", "/edit/cut:nobody", "/nothing"):
        text = served.ask("GET", path, with_cookie(served)).text
        assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)|<style|\sstyle=|\son\w+=|javascript:", text), path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), path  # nothing from elsewhere


def test_no_field_gets_into_a_header(served: Served) -> None:
    own = with_cookie(served, Origin=served.home)
    evil = "cut:x\r\nSet-Cookie: a=b\r\n\r\n<script>"
    for form in (
        write_form(do="accept", part=evil), write_form(do="dismiss", threshold=f"threshold:{evil}/1-2"),
        write_form(do="undo", part=evil, why=evil), write_form(do=evil),
    ):  # fmt: skip
        for referer in (f"{served.home}/?show=a%0d%0aX-Evil:%201&q=%0d%0a", "http://evil.example/?show=x", "/\x85?q=1"):
            answer = served.ask("POST", "/act", FORM | own | {"Referer": referer}, form)
            assert not {"X-Evil", "set-cookie", "Set-Cookie"} & set(answer.headers)
            assert "<script>" not in answer.text
    moved = served.act(do="accept", part="cut:mu_eta")
    assert moved.headers["location"].startswith("/#")
    away = served.client.post(
        "/act", data={"do": "reopen", "part": "cut:mu_eta"}, headers={"Referer": "http://evil.example//evil?show=open"}
    )
    assert away.headers["location"] == "/#cut-mu_eta"


def test_what_goes_wrong_inside_is_a_line_and_the_server_lives_on(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret of /home/somebody <script>")

    monkeypatch.setattr(served.desk, "look", fail)
    answer = served.ask("GET", "/", with_cookie(served))
    assert answer.status == 500
    assert "RuntimeError" in answer.text
    assert "Traceback" not in answer.text
    assert "secret" not in answer.text  # the person finds it in the file
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    file = Path(re.search(r"details are in (\S+),", told)[1])  # type: ignore[index]
    assert "secret of" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    file.unlink()
    monkeypatch.undo()
    assert served.ask("GET", "/", with_cookie(served)).status == 200


def test_the_guard_itself_tells_what_goes_wrong_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("secret")

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    sent: list[MutableMapping[str, Any]] = []
    door = Door(80)
    headers = [(b"host", b"127.0.0.1"), (b"cookie", door.set_cookie.split(";")[0].encode())]
    asked = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers}
    asyncio.run(Guard(fail, door, 80)(asked, receive, send))
    assert sent[0]["status"] == 500
    assert b"secret" not in sent[1]["body"]
    Path(re.search(r"details are in (\S+),", capsys.readouterr().err)[1]).unlink()  # type: ignore[index]


def test_the_socket_is_of_this_machine_alone() -> None:
    with open_socket(0) as listening:
        listening.listen()
        assert listening.getsockname()[0] == "127.0.0.1"
        with pytest.raises(UsageError, match=r"--port \d+: in use"):
            open_socket(listening.getsockname()[1])
