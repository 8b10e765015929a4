"""The parts read from ADL statements as one checked document: units, open working points, what does not fit."""

import re
from dataclasses import replace

from codegen.adl.expressions import write_number
from codegen.adl.ledger import Read
from codegen.adl.lexer import strip_comment
from codegen.adl.syntax import Problem
from schemas.criteria import Alternative, Cut, Question, SelectionCriteria, Threshold
from schemas.errors import CriteriaError
from schemas.expressions.dimension import Dimension
from schemas.expressions.parser import parse_expression
from schemas.expressions.scope import Scope
from schemas.validation import check_criteria

WORKING_POINTS = ("loose", "medium", "tight")
_UNITS: dict[tuple[float, float, float], str | None] = {
    (1, 0, 0): "GeV", (2, 0, 0): "GeV^2", (0, 1, 0): "mm", (0, 0, 1): None, (0, 0, 0): None,
}  # fmt: skip
_PART = re.compile(r"(?P<kind>object|candidate|variable|cut|region) '(?P<name>[^']+)'")
_OUTPUT = re.compile(r"outputs: '(?P<name>[^']+)'")


def complete(read: Read) -> SelectionCriteria:
    """The document. What does not validate is taken out and added to the problems of `read`."""
    scope = _find_scope(read)
    if scope is not None:
        read.objects[:] = [
            d.model_copy(update={"cuts": tuple(_add_unit(c, _limit(scope, d.name)) for c in d.cuts)})
            for d in read.objects
        ]
        read.candidates[:] = [
            c.model_copy(update={"select": tuple(_add_unit(cut, scope) for cut in c.select)}) for c in read.candidates
        ]
        read.regions[:] = [
            r.model_copy(update={"cuts": tuple(_add_unit(cut, scope) for cut in r.cuts)}) for r in read.regions
        ]
        read.variables[:] = [
            v.model_copy(update={"unit": "GeV"}) if _find_unit(v.expression, scope) == "GeV" else v
            for v in read.variables
        ]
    while True:
        document = _assemble(read)
        try:
            check_criteria(document)
            return document
        except CriteriaError as error:
            if not _take_out(read, str(error)):
                return document


def leave_out(document: SelectionCriteria, problems: list[Problem]) -> SelectionCriteria:
    """The document with every problem as an open question: what it selects by, the criteria do not say yet."""
    questions = [
        Question(
            id=f"adl_{k}", text=problem.describe(),
            why="this statement of the ADL file selects, and the criteria cannot express it; it is left out",
            alternatives=(Alternative(key="left_out", text="it stays left out"),),
        )
        for k, problem in enumerate(problems, start=1)
    ]  # fmt: skip
    return document.model_copy(update={"questions": (*document.questions, *questions)})


def _assemble(read: Read) -> SelectionCriteria:
    content = {
        "analysis": read.analysis, "objects": tuple(read.objects), "candidates": tuple(read.candidates),
        "variables": tuple(read.variables), "regions": tuple(read.regions), "outputs": tuple(read.outputs),
    }  # fmt: skip
    document = SelectionCriteria.model_validate(content)
    cuts = [c for r in read.regions for c in r.cuts]
    cuts += [c for d in read.objects for c in d.cuts] + [c for k in read.candidates for c in k.select]
    questions = tuple(_ask(c, read.tags[c.id]) for c in cuts if c.id in read.tags)
    return document.model_copy(update={"questions": questions})


def _ask(cut: Cut, variable: str) -> Question:
    field = variable.rpartition(".")[2]
    return Question(
        id=f"{cut.id}_working_point", text=f"Which working point of {field} does the tag mean?",
        why=f"ADL says of {variable} only that it is 1 or 0", cuts=(cut.id,),
        alternatives=tuple(
            Alternative(key=word, text=f"{field} >= {word}", changes=(_set_word(cut, field, word),))
            for word in WORKING_POINTS
        ),
    )  # fmt: skip


def _set_word(cut: Cut, field: str, word: str) -> Cut:
    if cut.threshold is not None and cut.threshold.label is not None:
        return cut.model_copy(update={"threshold": cut.threshold.model_copy(update={"label": word})})
    variable = re.sub(rf"(\b{field} (?:>=|<)) medium\b", rf"\1 {word}", cut.variable)
    return cut.model_copy(update={"variable": variable})


def _find_scope(read: Read) -> Scope | None:
    """The names of the document, from its parts without their cuts; parts that do not fit are taken out."""
    while True:
        bare = SelectionCriteria.model_validate({
            "objects": tuple(d.model_copy(update={"cuts": ()}) for d in read.objects),
            "candidates": tuple(c.model_copy(update={"select": ()}) for c in read.candidates),
            "variables": tuple(read.variables),
        })  # fmt: skip
        try:
            return check_criteria(bare).scope
        except CriteriaError as error:
            if not _take_out(read, str(error)):
                return None


def _take_out(read: Read, message: str) -> bool:
    """Remove the part that a message is about, and note the problem; False when it names none."""
    output = _OUTPUT.match(message)
    if output is not None and output["name"] in read.outputs:
        read.outputs.remove(output["name"])
        line = read.lines.get(f"variable {output['name']}", 0)
        read.asides.append(Problem(line, output["name"], message[output.end() :].lstrip(": ")))
        return True
    found = list(_PART.finditer(message))
    for match in reversed(found):
        kind, name = match["kind"], match["name"]
        line = read.lines.get(f"{kind} {name}", 0)
        before = _count(read)
        match kind:
            case "cut":
                read.objects[:] = [
                    d.model_copy(update={"cuts": tuple(c for c in d.cuts if c.id != name)}) for d in read.objects
                ]
                read.candidates[:] = [
                    k.model_copy(update={"select": tuple(c for c in k.select if c.id != name)}) for k in read.candidates
                ]
                read.regions[:] = [
                    r.model_copy(update={"cuts": tuple(c for c in r.cuts if c.id != name)}) for r in read.regions
                ]
            case "object":
                read.objects[:] = [d for d in read.objects if d.name != name]
            case "candidate":
                read.candidates[:] = [c for c in read.candidates if c.name != name]
            case "variable":
                read.variables[:] = [v for v in read.variables if v.name != name]
            case _:
                read.regions[:] = [r for r in read.regions if r.name != name]
        if _count(read) != before:
            read.problems.append(
                Problem(line, _find_token(read, line, name), message[match.end() :].lstrip(",: ") or message)
            )
            read.problems.sort(key=lambda p: p.line)
            return True
    read.problems.append(Problem(0, "", message))
    return False


def _find_token(read: Read, line: int, name: str) -> str:
    """A name where it stands in its line of the file; names that we made, as those of cuts, give way to the line."""
    text = strip_comment(read.text[line - 1]).strip() if 0 < line <= len(read.text) else ""
    return name if not text or re.search(rf"\b{re.escape(name)}\b", text) else text


def _count(read: Read) -> tuple[int, ...]:
    cuts = sum(len(d.cuts) for d in read.objects) + sum(len(k.select) for k in read.candidates)
    cuts += sum(len(r.cuts) for r in read.regions)
    return len(read.objects), len(read.candidates), len(read.variables), len(read.regions), cuts


def _limit(scope: Scope, this: str) -> Scope:
    """The names in reach of an object's own cuts."""
    others = {k: v for k, v in scope.collections.items() if k != this}
    return replace(scope, collections=others, candidates={}, variables={}, this=this)


def _find_dimension(text: str, scope: Scope) -> Dimension | None:
    try:
        node = parse_expression(text, scope, "")
    except CriteriaError:
        return None
    if node.type.kind == "object":
        return Dimension(energy=1)  # met stands for its magnitude
    return node.type.dimension if node.type.kind in ("number", "graded") else None


def _find_unit(text: str, scope: Scope) -> str | None:
    dimension = _find_dimension(text, scope)
    return None if dimension is None else _UNITS.get((dimension.energy, dimension.length, dimension.angle))


def _add_unit(cut: Cut, scope: Scope) -> Cut:
    """The cut with the unit of its variable; ADL's numbers are in GeV, mm and rad."""
    threshold = cut.threshold
    if threshold is None or threshold.label is not None:
        return cut
    if threshold.expression is not None:
        limit = _find_dimension(threshold.expression, scope)
        unit = _find_unit(cut.variable, scope) if limit is not None and limit.free else None
        return cut.model_copy(update={"threshold": threshold.model_copy(update={"unit": unit})})
    dimension = _find_dimension(cut.variable, scope)
    if dimension is None:
        return cut
    key = (dimension.energy, dimension.length, dimension.angle)
    if key in _UNITS:
        return cut.model_copy(update={"threshold": threshold.model_copy(update={"unit": _UNITS[key]})})
    # No unit has this dimension; inside an expression a bare number takes it.
    return cut.model_copy(update={"variable": _spell(cut, threshold), "operator": "pass", "threshold": None})


def _spell(cut: Cut, threshold: Threshold) -> str:
    variable = f"({cut.variable})"
    if threshold.range is None:
        return f"{variable} {cut.operator} {write_number(threshold.value or 0.0)}"
    low, high = (write_number(v) for v in threshold.range)
    left, right = threshold.closed in ("left", "both"), threshold.closed in ("right", "both")
    inside = f"{low} {'<=' if left else '<'} {variable} {'<=' if right else '<'} {high}"
    return inside if cut.operator == "between" else f"not ({inside})"
