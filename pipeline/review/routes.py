"""Addresses of the review page and what they answer.

Every POST is a plain form and is answered with 303 back to the page. A script asks with the header `X-Fragment: 1` and
gets what changed, as `<template data-swap="#id">` elements. What cannot be done is answered with the page (or the
fragments) all the same: 422 with the errors at their fields, 409 where the part is another now than the page showed,
423 while another process works in the run folder.

`X-Revision` and `X-Effect` say what the script's page shows: what changed since then is sent, whoever changed it.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.review.answers import load_static, refuse, send_html, send_kept
from pipeline.review.desk import Desk
from pipeline.review.forms import FieldProblem, Fields, read_fields, read_form
from pipeline.review.pages import list_words
from pipeline.review.pages import render_page as draw_page
from pipeline.review.rendering import render_changes, render_layer, render_page
from pipeline.review.view import link_query
from pipeline.review.view_models import Query, Tag, make_anchor
from schemas.errors import CriteriaError, PaperfilterError, RunFolderError, RunFolderInUse, StaleEdit

FORM = "application/x-www-form-urlencoded"
WIDTH = 1400  # pixels of a page's picture where the request does not say
Answer = Callable[[Request], Awaitable[Response]]


class Routes:
    """The addresses of one review."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list_routes(self) -> list[Route]:
        """All addresses; what is not here does not exist."""
        get, post = self._get, self._post
        return [
            Route("/", get(self.show_page)),
            Route("/state", get(self.tell_state)),
            Route("/cards", get(self.show_changes)),
            Route("/pages/{doc:path}/{page:int}.png", get(self.show_picture)),
            Route("/pages/{doc:path}/{page:int}/layer", get(self.show_layer)),
            Route("/static/{name}", get(self.show_static)),
            Route("/act", post(self.act), methods=["POST"]),
        ]

    def show_page(self, request: Request) -> Response:
        """The whole page."""
        return send_html(render_page(self._desk.look(_read_query(dict(request.query_params)))))

    def show_changes(self, request: Request) -> Response:
        """What changed since the page was shown, as fragments."""
        return self._answer_changes(request, ())

    def tell_state(self, request: Request) -> Response:  # noqa: ARG002
        """Where the review stands, for a page that asks every few seconds."""
        problem = None
        try:
            self._desk.refresh()
        except PaperfilterError as error:
            problem = str(error)
        return JSONResponse({"revision": self._desk.revision, "effect": "", "problem": problem})

    def show_picture(self, request: Request) -> Response:
        """A page of a document as a picture."""
        document = self._desk.documents.get(request.path_params["doc"])
        width = request.query_params.get("w", str(WIDTH))
        if document is None or not (width.isascii() and width.isdigit() and len(width) < 6):
            return refuse(404, "there is no such page in this review")
        try:
            png = draw_page(document, request.path_params["page"], int(width))
        except RunFolderError as error:
            return refuse(404, str(error))
        return send_kept(request, png, "image/png")

    def show_layer(self, request: Request) -> Response:
        """The words of a page of a document, to be selected."""
        document = self._desk.documents.get(request.path_params["doc"])
        if document is None:
            return refuse(404, "there is no such page in this review")
        number = request.path_params["page"]
        try:
            words = list_words(document, number)
        except RunFolderError as error:
            return refuse(404, str(error))
        page = self._desk.find_page(document.id, number)
        return send_html(render_layer(page, words))

    def show_static(self, request: Request) -> Response:
        """Our own style, script and icon."""
        found = load_static().get(request.path_params["name"])
        return send_kept(request, *found) if found is not None else refuse(404, "there is no such file here")

    def act(self, request: Request, fields: Fields) -> Response:
        """Do what a form asks for."""
        state = self._desk.state
        asked = read_form(fields, state, self._desk.ground)
        if isinstance(asked, FieldProblem):
            return self._answer_problem(request, 422, asked)
        try:
            revision = self._desk.act(asked)
        except StaleEdit as error:
            return self._answer_problem(request, 409, FieldProblem("", str(error)))
        except CriteriaError as error:
            return self._answer_problem(request, 422, FieldProblem("", str(error)))
        except RunFolderInUse as error:
            return self._answer_problem(request, 423, FieldProblem("", str(error)))
        part = next((c.part for c in revision.changes), "")
        if _wants_fragment(request):
            return self._answer_changes(request, ())
        return _go_back(request, part or fields.one("part") or fields.one("threshold"))

    def _answer_changes(self, request: Request, messages: tuple[Tag, ...], status: int = 200) -> Response:
        query = _read_query(_read_page(request))
        before = self._desk.look_back(request.headers.get("x-revision", ""), query)
        return send_html(render_changes(before, self._desk.look(query, messages)), status)

    def _answer_problem(self, request: Request, status: int, problem: FieldProblem) -> Response:
        message = Tag(problem.text, "bad")
        if _wants_fragment(request):
            return self._answer_changes(request, (message,), status)
        return send_html(render_page(self._desk.look(_read_query(_read_page(request)), (message,))), status)

    def _get(self, work: Callable[[Request], Response]) -> Answer:
        async def answer(request: Request) -> Response:
            return await run_in_threadpool(_catch, work, request)

        return answer

    def _post(self, work: Callable[[Request, Fields], Response]) -> Answer:
        async def answer(request: Request) -> Response:
            if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
                return refuse(415, f"a form is sent as {FORM}")
            body = await request.body()

            def read_and_work(request: Request) -> Response:
                fields = read_fields(body)
                if isinstance(fields, FieldProblem):
                    return self._answer_problem(request, 422, fields)
                return work(request, fields)

            return await run_in_threadpool(_catch, read_and_work, request)

        return answer


def _catch(work: Callable[[Request], Response], request: Request) -> Response:
    """What is wrong with the run or a paper is a line, and no fault of ours."""
    try:
        return work(request)
    except RunFolderInUse as error:
        return refuse(423, str(error))
    except PaperfilterError as error:
        return refuse(422, str(error))


def _read_query(fields: dict[str, str]) -> Query:
    return Query(
        show=fields.get("show", "all")[:40] or "all",
        words=fields.get("q", "")[:200],
        document=fields.get("doc", "")[:300] or None,
    )


def _read_page(request: Request) -> dict[str, str]:
    """The query of the page that a request comes from."""
    parts = urlsplit(request.headers.get("referer", ""))
    return dict(parse_qsl(parts.query)) if parts.path in ("/", "") else {}


def _wants_fragment(request: Request) -> bool:
    return request.headers.get("x-fragment") == "1"


def _go_back(request: Request, address: str) -> Response:
    where = link_query(_read_query(_read_page(request)))
    anchor = f"#{quote(make_anchor(address), safe='')}" if address else ""
    return Response(status_code=303, headers={"Location": f"{where}{anchor}"})
