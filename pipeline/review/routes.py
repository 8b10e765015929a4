"""Addresses of the review page and what they answer.

Every POST is a plain form and is answered with 303 back to the page. A script asks with the header `X-Fragment: 1` and
gets what changed, as `<template data-swap="#id">` elements. What cannot be done is answered with the page (or the
fragments) all the same: 422 with the errors at their fields, 409 where the part is another now than the page showed,
423 while another process works in the run folder. The header `X-Revision` says which revision the script's page shows:
what changed since then is sent, whoever changed it.
"""

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.review.answers import read_query, refuse, send_html, send_kept, wants_fragment
from pipeline.review.desk import Desk
from pipeline.review.form_fields import FieldProblem, Fields, read_fields
from pipeline.review.form_view import build_form
from pipeline.review.forms import read_addition
from pipeline.review.history import FORMS, write_history
from pipeline.review.history_view import build_history
from pipeline.review.pages import list_words
from pipeline.review.pages import render_page as draw_page
from pipeline.review.parts import list_parts
from pipeline.review.rendering import (
    load_static,
    render_form,
    render_form_page,
    render_history,
    render_layer,
    render_notice,
    render_page,
)
from pipeline.review.submitting import Submissions
from schemas.errors import CriteriaError, PaperfilterError, RunFolderError, RunFolderInUse

FORM = "application/x-www-form-urlencoded"
KINDS = {"json": "application/json", "csv": "text/csv", "md": "text/markdown"}
WIDTH = 1400  # pixels of a page's picture where the request does not say
Answer = Callable[[Request], Awaitable[Response]]


class Routes:
    """The addresses of one review."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._submissions = Submissions(desk)

    def list_routes(self) -> list[Route]:
        """All addresses; what is not here does not exist."""
        forms = self._submissions
        return [
            Route("/", _get(self.show_page)),
            Route("/state", _get(self.tell_state)),
            Route("/cards", _get(forms.send_changes)),
            Route("/pages/{doc:path}/{page:int}.png", _get(self.show_picture)),
            Route("/pages/{doc:path}/{page:int}/layer", _get(self.show_layer)),
            Route("/edit/{address:path}", _get(self.show_edit)),
            Route("/add", _get(self.show_add)),
            Route("/history", _get(self.show_history)),
            Route("/history.{form}", _get(self.export_history)),
            Route("/static/{name}", _get(self.show_static)),
            Route("/act", _post(forms.act), methods=["POST"]),
            Route("/preview", _post(forms.preview), methods=["POST"]),
            Route("/finish", _post(forms.finish), methods=["POST"]),
        ]

    def show_page(self, request: Request) -> Response:
        """The whole page."""
        return send_html(render_page(self._desk.look(read_query(dict(request.query_params)))))

    def tell_state(self, request: Request) -> Response:  # noqa: ARG002
        """Where the review stands, for a page that asks every few seconds."""
        problem = None
        try:
            self._desk.refresh()
            problem = self._desk.problem
        except PaperfilterError as error:
            problem = str(error)
        effect = self._desk.effects.latest
        return JSONResponse({
            "revision": self._desk.revision,
            "effect": effect.number,
            "running": effect.running,
            "problem": problem,
        })  # fmt: skip

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
        number = request.path_params["page"]
        try:
            page = self._desk.find_page(document.id, number) if document is not None else None
            if document is None or page is None:
                return refuse(404, "there is no such page in this review")
            return send_html(render_layer(page, list_words(document, number)))
        except RunFolderError as error:
            return refuse(404, str(error))

    def show_edit(self, request: Request) -> Response:
        """The form of a part."""
        try:
            form = build_form(self._desk.state.criteria, address=request.path_params["address"])
        except CriteriaError as error:
            return refuse(404, str(error))
        return send_html(render_form(form) if wants_fragment(request) else render_form_page(form))

    def show_add(self, request: Request) -> Response:
        """The form of a new part, with what is selected as its quote."""
        asked = Fields(tuple(request.query_params.multi_items()))
        new = read_addition(asked, self._desk.state, self._desk.ground)
        if isinstance(new, FieldProblem):
            return _say(request, 422, new.text)
        form = build_form(
            self._desk.state.criteria, kind=new.kind, owner=new.owner, selection=new.selection, proof=new.proof
        )
        return send_html(render_form(form) if wants_fragment(request) else render_form_page(form))

    def show_history(self, request: Request) -> Response:  # noqa: ARG002
        """Who did what, when and why."""
        criteria = self._desk.state.criteria
        known = frozenset(p.address for p in list_parts(criteria))
        title = criteria.analysis.title or criteria.analysis.slug
        return send_html(render_history(build_history(self._desk.history, title, known)))

    def export_history(self, request: Request) -> Response:
        """The same as a file: JSON, CSV, Markdown."""
        form = next((f for f in FORMS if f == request.path_params["form"]), None)
        if form is None:
            return refuse(404, f"a history is had as {', '.join(FORMS)}")
        text = write_history(self._desk.history, form, self._desk.state.criteria.analysis.slug)
        named = {"Content-Disposition": f'attachment; filename="history.{form}"'}
        return Response(text, media_type=KINDS[form], headers=named)

    def show_static(self, request: Request) -> Response:
        """Our own style, script and icon."""
        found = load_static().get(request.path_params["name"])
        return send_kept(request, *found) if found is not None else refuse(404, "there is no such file here")


def _get(work: Callable[[Request], Response]) -> Answer:
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(_catch, work, request)

    return answer


def _post(work: Callable[[Request, Fields], Response]) -> Answer:
    async def answer(request: Request) -> Response:
        body = await request.body()
        if body and request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
            return refuse(415, f"a form is sent as {FORM}")

        def read_and_work(request: Request) -> Response:
            fields = read_fields(body)
            if isinstance(fields, FieldProblem):
                return _say(request, 422, fields.text)
            return work(request, fields)

        return await run_in_threadpool(_catch, read_and_work, request)

    return answer


def _catch(work: Callable[[Request], Response], request: Request) -> Response:
    """What is wrong with the run or a paper is a line, and no fault of ours."""
    try:
        return work(request)
    except RunFolderInUse as error:
        return _say(request, 423, str(error))
    except PaperfilterError as error:
        return _say(request, 422, str(error))


def _say(request: Request, status: int, line: str) -> Response:
    """A line for the page that a script has, or as a page of its own."""
    return send_html(render_notice(line, "bad"), status) if wants_fragment(request) else refuse(status, line)
