"""The document that our comments in an ADL file carry, and which of its parts still say what their statements say."""

import json
from dataclasses import dataclass, field

from pydantic import ValidationError

from codegen.adl.comments import Comment, read_comments
from codegen.adl.lexer import list_tokens
from codegen.adl.write import Writer
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError

Plain = dict[str, object]

_OWNED = {"cut": ("cuts", "select"), "remove_overlap": ("remove_overlap",)}


@dataclass(frozen=True)
class Carried:
    """One comment, what it holds, and the statements below it: (line, tokens)."""

    comment: Comment
    content: object
    statements: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def key(self) -> str:
        """The same for comments that hold the same."""
        return f"{self.comment.kind} {json.dumps(self.content, sort_keys=True)}"

    @property
    def tokens(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tokens for _, tokens in self.statements)


@dataclass
class Assembled:
    """A document as plain data, with the place of each comment in it."""

    document: Plain = field(default_factory=dict)
    analysis: object = None
    parts: dict[str, list[Plain]] = field(
        default_factory=lambda: {
            k: [] for k in ("objects", "overlap", "candidates", "variables", "regions", "questions")
        }
    )
    outputs: object = None


def list_carried(text: str) -> list[Carried]:
    """Every comment of ours with the statements below it, in order; an empty list when there is none.

    Raises CriteriaError that names the line.
    """
    lines = text.split("\n")
    comments = read_comments(lines)
    carried: list[Carried] = []
    current: Comment | None = None
    statements: list[tuple[int, tuple[str, ...]]] = []

    def finish() -> None:
        # What stands above the first comment counts as standing below it: it has no comment of its own.
        if current is not None:
            carried.append(Carried(current, current.load(), tuple(statements)))
            statements.clear()

    for number, line in enumerate(lines, start=1):
        if number in comments:
            finish()
            current = comments[number]
            continue
        tokens = tuple(t.text for t in list_tokens(line, number))
        if tokens:
            statements.append((number, tokens))
    finish()
    return carried


def assemble(carried: list[Carried]) -> SelectionCriteria:
    """The document that the comments hold. Raises CriteriaError that names the line of the one that does not fit."""
    made = Assembled()
    owner: tuple[str, Plain] | None = None
    for one in carried:
        kind, content = one.comment.kind, one.content
        if kind in ("members", "outputs"):
            made.outputs = content if kind == "outputs" and made.outputs is None else made.outputs
            continue
        if not isinstance(content, dict):
            raise CriteriaError(f"line {one.comment.line}: comment '#: {kind}': expected a JSON object")
        match kind:
            case "document":
                made.document = dict(content)
            case "analysis":
                made.analysis = content
            case "cut" | "remove_overlap" | "choice":
                if owner is None:
                    raise CriteriaError(f"line {one.comment.line}: comment '#: {kind}': expected an owner above it")
                _give(owner, kind, content, one.comment.line)
            case _:
                part = dict(content)
                plural = {"overlap": "overlap"}.get(kind, f"{kind}s")
                made.parts[plural].append(part)
                owner = (kind, part)
    return _validate(made, carried)


def _give(owner: tuple[str, Plain], kind: str, content: Plain, line: int) -> None:
    owner_kind, part = owner
    if kind == "choice" and owner_kind == "candidate":
        part.update(content)
        return
    name = {("cut", "candidate"): "select", ("cut", "object"): "cuts", ("cut", "region"): "cuts"}.get(
        (kind, owner_kind)
    )
    if kind == "remove_overlap" and owner_kind == "object":
        name = "remove_overlap"
    if name is None:
        raise CriteriaError(f"line {line}: comment '#: {kind}': does not belong to the {owner_kind} above it")
    listed = part.setdefault(name, [])
    assert isinstance(listed, list)
    listed.append(content)


def _validate(made: Assembled, carried: list[Carried]) -> SelectionCriteria:
    order = made.document.pop("order", None)
    if isinstance(order, list):
        # The places in the document of the objects in the order of the file; there may be new ones at the end.
        places = [*(p for p in order if isinstance(p, int)), *range(len(order), len(made.parts["objects"]))]
        together = zip(places, made.parts["objects"], strict=False)
        made.parts["objects"] = [part for _, part in sorted(together, key=lambda pair: pair[0])]
    content: Plain = made.document | {k: v for k, v in made.parts.items() if v}
    if made.analysis is not None:
        content["analysis"] = made.analysis
    if made.outputs is not None:
        content["outputs"] = made.outputs
    try:
        return SelectionCriteria.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place_of = " ".join(str(step) for step in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ").replace("\n", " ")
        line = _find_line(first["loc"], content, carried)
        raise CriteriaError(f"{line}comment '#:': {place_of}: {message}") from None


def _find_line(place: tuple[int | str, ...], content: object, carried: list[Carried]) -> str:
    """ "line 7: " for the innermost part of a place in the document that is a comment of its own."""
    found = ""
    for step in place:
        if isinstance(content, dict):
            content = content.get(step)
        elif isinstance(content, list) and isinstance(step, int) and step < len(content):
            content = content[step]
        for one in carried:
            held = one.content
            if isinstance(content, dict) and isinstance(held, dict) and held and held.items() <= content.items():
                found = f"line {one.comment.line}: "
                break
    return found


def list_expected(ssc: SelectionCriteria) -> list[Carried]:
    """What the comments and statements of a document would be if we wrote it now."""
    expected: list[Carried] = []
    for block in Writer(ssc).write():
        for entry in block:
            tokens = [tuple(t.text for t in list_tokens(line, 0)) for line in entry.lines]
            statements = tuple((0, t) for t in tokens if t)
            for k, comment in enumerate(entry.comments):
                last = k == len(entry.comments) - 1
                expected.append(Carried(comment, json.loads(comment.text), statements if last else ()))
    return expected
