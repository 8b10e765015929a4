"""What becomes of a form that was sent: it is done, refused with the errors at their fields, or only previewed."""

from starlette.requests import Request
from starlette.responses import Response

from pipeline.clock import note_time
from pipeline.gate import list_open
from pipeline.reading import count
from pipeline.review.acting import act
from pipeline.review.answers import go_back, read_origin, refuse, send_html, wants_fragment
from pipeline.review.desk import Desk, list_shut
from pipeline.review.finish_view import build_finish
from pipeline.review.form_fields import FieldProblem, Fields
from pipeline.review.form_view import FormView, PreviewView, build_form, build_preview
from pipeline.review.forms import Asked, read_form
from pipeline.review.part_forms import place_problem
from pipeline.review.parts import find_part
from pipeline.review.rendering import (
    render_changes,
    render_finish,
    render_finish_page,
    render_form_again,
    render_form_page,
    render_page,
    render_preview,
)
from pipeline.review.view_models import Tag
from schemas.criteria import Question
from schemas.errors import CriteriaError, OpenQuestions, RunFolderInUse, StaleEdit
from schemas.evidence import Evidence
from schemas.review import Action, Add, Claim, Dismiss, Edit, PartKind, ReviewState, TakeDefaults

FORMS = ("edit", "add")  # what has a form of its own, in which errors stand


class Submissions:
    """The forms of one review."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def act(self, request: Request, fields: Fields) -> Response:
        """Do what a form asks for."""
        asked = read_form(fields, self._desk.state, self._desk.ground)
        if isinstance(asked, FieldProblem):
            return self._refuse(request, fields, 422, asked)
        if asked.revision is not None and wants_fragment(request):
            # a script sends one after the other: the form may be older than the page that its sender has seen by now
            shown = request.headers.get("x-revision", "")
            asked = asked._replace(revision=int(shown) if shown.isascii() and shown.isdigit() else asked.revision)
        try:
            revision = self._desk.act(asked)
        except StaleEdit as error:
            return self._refuse(request, fields, 409, FieldProblem("", str(error)))
        except CriteriaError as error:
            return self._refuse(request, fields, 422, place_problem(str(error), fields))
        except RunFolderInUse as error:
            return self._refuse(request, fields, 423, FieldProblem("", str(error)))
        if wants_fragment(request):
            return self.send_changes(request, self._tell_left(asked.action))
        changed = next((c.part for c in revision.changes), "")
        marked = fields.one("threshold") if isinstance(asked.action, Claim | Dismiss) else ""
        return go_back(request, marked or changed or fields.one("part"))

    def preview(self, request: Request, fields: Fields) -> Response:
        """What an edit or a new part would do; nothing is done."""
        state = self._desk.state
        asked = read_form(fields, state, self._desk.ground)
        if isinstance(asked, FieldProblem):
            return self._refuse_preview(request, fields, asked)
        if not isinstance(asked.action, Edit | Add):
            return refuse(422, "only an edit or a new part can be previewed")
        try:
            preview = self._make_preview(fields, state, asked, asked.action)
        except CriteriaError as error:
            return self._refuse_preview(request, fields, place_problem(str(error), fields))
        if wants_fragment(request):
            return send_html(render_preview(preview))
        return send_html(render_form_page(self.make_form(fields), preview))

    def finish(self, request: Request, fields: Fields) -> Response:  # noqa: ARG002
        """Let the criteria through the gate, or say what keeps it shut."""
        try:
            self._desk.finish()
        except OpenQuestions as error:
            status, problem = 422, str(error)
        except RunFolderInUse as error:
            status, problem = 423, str(error)
        else:
            status, problem = 200, ""
        criteria = self._desk.state.criteria
        finish = build_finish(criteria, list_shut(criteria), problem, self._desk.command)
        if wants_fragment(request):
            return send_html(render_finish(finish), status)
        return send_html(render_finish_page(finish), status)

    def send_changes(self, request: Request, messages: tuple[Tag, ...] = (), status: int = 200) -> Response:
        """What changed since the revision that the script's page shows, as fragments."""
        query = read_origin(request)
        shown = request.headers.get("x-revision", ""), request.headers.get("x-effect", "")
        before = self._desk.look_back(*shown, query)
        return send_html(render_changes(before, self._desk.look(query, messages)), status)

    def make_form(self, fields: Fields, problems: tuple[FieldProblem, ...] = (), *, stale: bool = False) -> FormView:
        """The form as it was filled in. Raises CriteriaError for a part that is not there."""
        typed = fields.typed()
        if stale:
            typed.pop("seen", None)  # sent again, it overrules what the person has seen now
        selection, proof = self.read_selection(fields)
        return build_form(
            self._desk.state.criteria,
            address=fields.one("part") or None if fields.one("do") == "edit" else None,
            kind=read_kind(fields.one("kind")),
            owner=fields.one("owner") or None,
            selection=selection,
            proof=proof,
            typed=typed,
            problems=problems,
            stale=stale,
        )

    def read_selection(self, fields: Fields) -> tuple[tuple[str, int, int] | None, Evidence | None]:
        """The selection that fields name, and what it proves; nothing where none is selected or it is no text."""
        doc, start, end = (fields.one(name) for name in ("doc", "start", "end"))
        if not doc or not all(n.isascii() and n.isdigit() and len(n) < 10 for n in (start, end)):
            return None, None
        try:
            return (doc, int(start), int(end)), self._desk.ground(doc, int(start), int(end), None)
        except CriteriaError:
            return None, None

    def _make_preview(self, fields: Fields, state: ReviewState, asked: Asked, action: Edit | Add) -> PreviewView:
        now = note_time()
        acted = act(state, self._desk.prove(action, state), self._desk.by, now, asked.why)
        before = find_part(state.criteria, action.part) if isinstance(action, Edit) else None
        value = action.after if isinstance(action, Edit) else action.added
        owner = before.owner if before is not None else action.owner if isinstance(action, Add) else None
        proofs = next(
            (e for e in (_list_evidence(acted.state, c.part) for c in acted.changes if c.after is not None) if e), ()
        )
        return build_preview(
            self.make_form(fields).anchor,
            acted.state.criteria,
            before=before.value if before is not None and not isinstance(before.value, Question) else None,
            after=value,
            owner=owner,
            proofs=proofs,
            code=self._desk.effects.show_code(state.criteria, acted.state.criteria),
        )

    def _tell_left(self, action: Action) -> tuple[Tag, ...]:
        """Why questions stay open where every documented default was taken."""
        if not isinstance(action, TakeDefaults):
            return ()
        left = list_open(self._desk.state.criteria)
        held = sum(q.default is not None for q in left)
        told = []
        if held:
            stay, what = ("stay", "their defaults are") if held > 1 else ("stays", "its default is")
            told.append(f"{count(held, 'question')} {stay} open: {what} against what you accepted; answer one by one")
        if len(left) > held:
            stay, what = ("stay", "they have") if len(left) - held > 1 else ("stays", "it has")
            told.append(f"{count(len(left) - held, 'question')} {stay} open: {what} no documented default")
        return tuple(Tag(line, "warn") for line in told)

    def _refuse(self, request: Request, fields: Fields, status: int, problem: FieldProblem) -> Response:
        """The form again with the error, where there is one; else a line above the page as it stands."""
        if fields.one("do") in FORMS:
            try:
                form = self.make_form(fields, (problem,), stale=status == 409)
            except CriteriaError:
                pass  # its part is gone
            else:
                if wants_fragment(request):
                    return send_html(render_form_again(form), status)
                return send_html(render_form_page(form), status)
        message = Tag(problem.text, "bad")
        if wants_fragment(request):
            return self.send_changes(request, (message,), status)
        return send_html(render_page(self._desk.look(read_origin(request), (message,))), status)

    def _refuse_preview(self, request: Request, fields: Fields, problem: FieldProblem) -> Response:
        try:
            form = self.make_form(fields, (problem,))
        except CriteriaError as error:
            return refuse(422, str(error))
        if wants_fragment(request):
            empty = PreviewView(form.anchor, None, None, (problem,))
            return send_html(render_preview(empty), 422)
        return send_html(render_form_page(form), 422)


def read_kind(text: str) -> PartKind:
    """The kind of a new part; a cut where the form does not say."""
    from pipeline.review.part_yaml import MODELS

    return next((kind for kind in MODELS if kind == text), "cut")


def _list_evidence(state: ReviewState, address: str) -> tuple[Evidence, ...]:
    try:
        evidence: tuple[Evidence, ...] = getattr(find_part(state.criteria, address).value, "evidence", ())
    except CriteriaError:
        return ()
    return evidence
