"""Starting and ending the local server of a review."""

import errno
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from pipeline.obtaining import Shelves
from pipeline.person import find_person
from pipeline.review.app import make_app
from pipeline.review.desk import Desk
from pipeline.review.documents import close_documents, list_documents
from pipeline.review.finish_view import word_next
from pipeline.review.recomputing import open_recomputer
from pipeline.review.safety import Door
from pipeline.review.store import Review
from pipeline.review.view_models import Query
from pipeline.run_store import load_manifest
from schemas.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOST = "127.0.0.1"
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """Ctrl-C is how a review ends: it is no error, and not handed on."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Have signals end the server; another thread has none."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._end) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.force_exit = self.should_exit  # the second time at once
        self.should_exit = True


def open_socket(port: int) -> socket.socket:
    """A socket of this machine alone, on a port that is free where 0 is asked for. Raises UsageError."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        reason = {errno.EADDRINUSE: "in use", errno.EACCES: "not allowed for this user"}.get(
            error.errno or 0, error.strerror
        )
        raise UsageError(f"--port {port}: {reason}; leave --port out to have a free one") from error
    return listening


def find_port(listening: socket.socket) -> int:
    """The port that a socket has."""
    name: tuple[str, int] = listening.getsockname()
    return name[1]


def make_server(app: "ASGIApp") -> uvicorn.Server:
    """A quiet server for the application; what goes wrong in it is told by the application itself."""
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
            proxy_headers=False,  # nobody stands between the browser and us
            timeout_keep_alive=30,
            timeout_graceful_shutdown=2,
            h11_max_incomplete_event_size=65_536,
        )
    )


def serve(server: uvicorn.Server, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Answer requests until Ctrl-C, SIGTERM or `server.should_exit`; `ready` is called when the server listens."""
    listening.listen(128)  # a browser that comes before the loop runs waits instead of being refused
    ready()
    server.run(sockets=[listening])


def hold_review(
    run: Path, *, port: int, browser: bool, data: Sequence[str], profile: str | None, by: str | None, shelves: Shelves
) -> None:
    """Show a run to a person until Ctrl-C. Raises RunFolderError, CriteriaError, DataError, UsageError."""
    with open_socket(port) as listening:
        who = find_person(by)
        documents = list_documents(run, shelves, lambda line: print(line, file=sys.stderr))
        review = Review.open(run)
        request = load_manifest(run).request
        effects = open_recomputer(request, data, profile, lambda revision: review.before(revision).criteria)
        try:
            for document in documents[:1]:
                document.printer.start()  # its first page is wanted in a moment
            door = Door(find_port(listening))
            command = word_next(run, request.data, data, profile)
            desk = Desk(run, review, documents, effects, who, command)
            server = make_server(make_app(desk, door, find_port(listening)))
            address = f"http://{HOST}:{find_port(listening)}/enter?token={door.token}"

            def announce() -> None:
                print(address, flush=True)
                threading.Thread(target=desk.look, args=(Query(),), daemon=True).start()  # while the browser starts
                if browser and _has_browser():
                    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

            serve(server, listening, announce)
        finally:
            effects.close()
            if review.is_behind:
                print("writing criteria.yaml …", file=sys.stderr)
            review.close()
            close_documents(documents)


def _has_browser() -> bool:
    """Whether a browser has a screen to open on; one of the terminal would take this terminal."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
