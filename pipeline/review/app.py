"""The review page as a web application: the addresses, behind the guard."""

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.review.answers import refuse
from pipeline.review.desk import Desk
from pipeline.review.routes import Routes
from pipeline.review.safety import Door, Guard, tell_failure

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def make_app(desk: Desk, door: Door, port: int) -> "ASGIApp":
    """The application for a server on a port of this machine."""
    app = Starlette(
        routes=Routes(desk).list_routes(), exception_handlers={HTTPException: _say_status, Exception: _say_failure}
    )
    return Guard(app, door, port)


def _say_failure(request: Request, error: Exception) -> Response:
    return refuse(500, tell_failure(error, request.scope))


def _say_status(request: Request, error: Exception) -> Response:  # noqa: ARG001
    status = error.status_code if isinstance(error, HTTPException) else 500
    lines = {404: "there is nothing at this address", 405: "this is not asked for in this way"}
    return refuse(status, lines.get(status, "this cannot be answered"))
