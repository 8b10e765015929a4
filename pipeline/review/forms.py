"""What a person sent with a form, as an action on the criteria; or which field says what cannot be.

Every form is one POST of plain fields:

    do      accept, reject, reopen, edit, add, move, remove, attach, answer, defaults, claim, dismiss, undo, redo
    part    the address it is about; with accept as many as there are
    seen    digest of the part as the page showed it, one for each `part`; or ADDRESS=DIGEST of any
    why     the reason, in the history
    revision    with undo and redo: the revision that the page showed, so that nobody takes back what they have not seen
    add, edit   `kind`, `owner` and `at` (of add); of a cut `id`, `variable`, `operator`, `threshold`, `unit`,
            `quantifier`, `condition`, `group`, `words`, `note`; of anything else `yaml`, which a cut may have instead
    add, attach, claim    `doc`, `start`, `end`: a selection of the text, which becomes the quote
    move    `to` (up, down or a place from 0), `owner`
    answer  `alternative` or `text`
    claim, dismiss    `threshold`, the address of a printed threshold
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from pipeline.review.form_fields import FieldProblem, Fields
from pipeline.review.part_forms import LONGEST_NOTE, read_value
from pipeline.review.part_yaml import MODELS
from pipeline.review.parts import Part, find_part, list_parts, name_part
from schemas.criteria import Cut, Question
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.review import (
    Accept,
    Action,
    Add,
    Attach,
    Claim,
    Dismiss,
    Edit,
    Move,
    PartKind,
    Redo,
    Reject,
    Remove,
    Reopen,
    Reply,
    ReviewState,
    TakeDefaults,
    Undo,
)

LONGEST_NAME = 300
LONGEST_WHY = 500
PLACES = "threshold:"
OWNERS: Mapping[str, tuple[str, ...]] = {"cut": ("object", "candidate", "region"), "removal": ("object",)}

Ground = Callable[[str, int, int, Cut | None], Evidence]
"""The evidence that a selection is: document, where it begins and ends in its text, the cut that it is for."""


class Addition(NamedTuple):
    """A new part that somebody wants to describe: the form for it is to be shown."""

    kind: PartKind
    owner: str | None
    selection: tuple[str, int, int] | None
    """Document, begin and end of what was selected in its text."""
    proof: Evidence | None


class Asked(NamedTuple):
    """An action that somebody asked for."""

    action: Action
    why: str | None
    seen: Mapping[str, str]
    """Address -> digest of the part as the page showed it."""
    revision: int | None = None
    """The revision that the page showed, where the action is about all of it: undo, redo."""


def read_form(fields: Fields, state: ReviewState, ground: Ground) -> Asked | FieldProblem:
    """The action that the fields ask for."""
    why = fields.one("why") or None
    if why is not None and len(why) > LONGEST_WHY:
        return FieldProblem("why", f"more than {LONGEST_WHY} characters; a note may be longer")
    action = read_action(fields, state, ground)
    if isinstance(action, FieldProblem):
        return action
    shown = fields.one("revision") if isinstance(action, Undo | Redo) else ""
    return Asked(action, why, _read_seen(fields), int(shown) if _is_count(shown) else None)


def _read_seen(fields: Fields) -> dict[str, str]:
    """Digests by address: of a bare digest, the part that stands at the same place among the parts of the form."""
    parts = fields.each("part")
    if fields.one("question"):
        parts = (f"question:{fields.one('question').removeprefix('question:')}",)
    seen = {}
    for k, entry in enumerate(fields.each("seen")):
        address, equals, digest = entry.rpartition("=")
        if equals:
            seen[address] = digest
        elif digest and k < len(parts):
            seen[parts[k]] = digest
    return seen


def read_action(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:
    """The action alone, without reason and digests."""
    do = fields.one("do")
    if do not in READERS:
        return FieldProblem("do", f"'{do[:40]}' is nothing that can be done here")
    for name in ("part", "owner", "threshold", "question"):
        if name != "threshold" or do in ("claim", "dismiss"):
            long = next((v for v in fields.all(name) if len(v) > LONGEST_NAME), None)
            if long is not None:
                return FieldProblem(name, f"more than {LONGEST_NAME} characters; no name is that long")
    return READERS[do](fields, state, ground)


def _accept(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:  # noqa: ARG001
    parts = fields.all("part")
    return Accept(parts=parts) if parts else FieldProblem("part", "nothing is chosen")


def _decide(kind: type[Reject | Reopen | Remove]) -> "Reader":
    def read(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:  # noqa: ARG001
        part = fields.one("part")
        return kind(part=part) if part else FieldProblem("part", "nothing is chosen")

    return read


def _edit(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:  # noqa: ARG001
    part = _find(state, fields.one("part"))
    if isinstance(part, FieldProblem):
        return part
    if isinstance(part.value, Question):
        return FieldProblem("part", "a question is answered, not edited")
    after = read_value(fields, part.kind, part.value, state)
    return after if isinstance(after, FieldProblem) else Edit(part=part.address, after=after)


def _add(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:
    kind = fields.one("kind") or "cut"
    if kind not in MODELS:
        return FieldProblem("kind", f"'{kind[:40]}' cannot be added; there are {', '.join(MODELS)}")
    known = cast("PartKind", kind)
    added = read_value(fields, known, None, state)
    if isinstance(added, FieldProblem):
        return added
    if fields.one("doc"):
        quote = _read_selection(fields, added if isinstance(added, Cut) else None, ground)
        if isinstance(quote, FieldProblem):
            return quote
        if "evidence" not in type(added).model_fields:
            return FieldProblem("", f"an {kind} has no quote of its own; its requirements have" if kind == "object"
                                else f"a {kind} has no quote of its own; its requirements have")  # fmt: skip
        added = added.model_copy(update={"evidence": (quote,)})
    at = _read_number(fields, "at") if fields.one("at") else None
    if isinstance(at, FieldProblem):
        return at
    return Add(owner=fields.one("owner") or None, added=added, at=at)


def read_addition(fields: Fields, state: ReviewState, ground: Ground) -> Addition | FieldProblem:
    """What kind of part is to be added where, with which quote; or what of it does not exist."""
    kind = fields.one("kind") or "cut"
    if kind not in MODELS:
        return FieldProblem("kind", f"'{kind[:40]}' cannot be added; there are {', '.join(MODELS)}")
    owner = fields.one("owner")[:LONGEST_NAME] or None
    part = _find(state, owner) if owner is not None else None
    if isinstance(part, FieldProblem):
        return part
    if part is not None and part.kind not in OWNERS.get(kind, ()):
        return FieldProblem("owner", f"a {kind} cannot be added to {name_part(part.address)}")
    known = cast("PartKind", kind)
    if not any(fields.one(name) for name in ("doc", "start", "end")):
        return Addition(known, owner, None, None)
    proof = _read_selection(fields, None, ground)
    if isinstance(proof, FieldProblem):
        return proof
    return Addition(known, owner, (fields.one("doc"), int(fields.one("start")), int(fields.one("end"))), proof)


def _move(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:  # noqa: ARG001
    part = _find(state, fields.one("part"))
    if isinstance(part, FieldProblem):
        return part
    to, owner = fields.one("to"), fields.one("owner") or None
    if to in ("up", "down"):
        at = part.index + (1 if to == "down" else -1)
        last = max(p.index for p in list_parts(state.criteria) if (p.kind, p.owner) == (part.kind, part.owner))
        if not 0 <= at <= last:
            return FieldProblem("to", "it is the first already" if at < 0 else "it is the last already")
        return Move(part=part.address, at=at)
    number = _read_number(fields, "to")
    return number if isinstance(number, FieldProblem) else Move(part=part.address, at=number, owner=owner)


def _attach(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:
    part = _find(state, fields.one("part"))
    if isinstance(part, FieldProblem):
        return part
    quote = _read_selection(fields, part.value if isinstance(part.value, Cut) else None, ground)
    return quote if isinstance(quote, FieldProblem) else Attach(part=part.address, evidence=quote)


def _answer(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:  # noqa: ARG001
    question = (fields.one("question") or fields.one("part")).removeprefix("question:")
    alternative, text = fields.one("alternative") or None, fields.one("text") or None
    if alternative is None and text is None:
        return FieldProblem("alternative", "choose an alternative, or write an answer")
    if alternative is not None and text is not None:
        return FieldProblem("text", "an alternative is chosen as well; clear one of them (a reason goes into why)")
    if text is not None and len(text) > LONGEST_NOTE:
        return FieldProblem("text", f"more than {LONGEST_NOTE} characters; shorten it")
    return Reply(question=question, alternative=alternative, text=text)


def _claim(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:
    threshold = fields.one("threshold")
    place = read_place(threshold)
    if place is None:
        return FieldProblem("threshold", f"'{threshold[:80]}' is no printed threshold")
    part = _find(state, fields.one("part"))
    if isinstance(part, FieldProblem):
        return part
    cut = part.value if isinstance(part.value, Cut) else None
    quote = _read_selection(fields, cut, ground) if fields.one("doc") else _ground(*place, cut, ground)
    if isinstance(quote, FieldProblem):
        return quote
    return Claim(threshold=threshold, part=part.address, evidence=quote)


def _dismiss(fields: Fields, state: ReviewState, ground: Ground) -> Action | FieldProblem:  # noqa: ARG001
    threshold = fields.one("threshold")
    if read_place(threshold) is None:
        return FieldProblem("threshold", f"'{threshold[:80]}' is no printed threshold")
    return Dismiss(threshold=threshold)


Reader = Callable[[Fields, ReviewState, Ground], Action | FieldProblem]
READERS: Mapping[str, Reader] = {
    "accept": _accept,
    "reject": _decide(Reject),
    "reopen": _decide(Reopen),
    "remove": _decide(Remove),
    "edit": _edit,
    "add": _add,
    "move": _move,
    "attach": _attach,
    "answer": _answer,
    "defaults": lambda *_: TakeDefaults(),
    "claim": _claim,
    "dismiss": _dismiss,
    "undo": lambda *_: Undo(),
    "redo": lambda *_: Redo(),
}


def read_place(address: str) -> tuple[str, int, int] | None:
    """Document, begin and end of the address of a printed threshold."""
    document, _, span = address.removeprefix(PLACES).rpartition("/")
    start, _, end = span.partition("-")
    if not (address.startswith(PLACES) and document and _is_count(start) and _is_count(end)):
        return None
    return document, int(start), int(end)


def _find(state: ReviewState, address: str) -> Part | FieldProblem:
    try:
        return find_part(state.criteria, address)
    except CriteriaError as error:
        return FieldProblem("part", str(error))


def _read_selection(fields: Fields, cut: Cut | None, ground: Ground) -> Evidence | FieldProblem:
    start, end = _read_number(fields, "start"), _read_number(fields, "end")
    if isinstance(start, FieldProblem):
        return start
    return end if isinstance(end, FieldProblem) else _ground(fields.one("doc"), start, end, cut, ground)


def _ground(doc: str, start: int, end: int, cut: Cut | None, ground: Ground) -> Evidence | FieldProblem:
    if start >= end:
        return FieldProblem("doc", "nothing is selected; select the words that say it")
    try:
        return ground(doc, start, end, cut)
    except CriteriaError as error:
        return FieldProblem("doc", str(error))


def _read_number(fields: Fields, name: str) -> int | FieldProblem:
    text = fields.one(name)
    return int(text) if _is_count(text) else FieldProblem(name, f"{name}: expected a whole number from 0")


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9
