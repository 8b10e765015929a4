"""The hybrid way: criteria are compiled, and a coder writes one function for each thing that they state in words.

    def NAME(events, objects): ...

- `events` are the branches of the files, as for a coder that writes a whole selection (`codegen.coder.program`), of the
  events that are still looked at.
- `objects["jets"]` are objects as the criteria define them, by event, as awkward records in GeV, mm and rad.
- A variable is one number per event, a cut on events one bool per event, a cut on objects one bool per object.
- Anything else ends the program with one line that names the function, a trace into it and an exit code that is not 0:
  10 for what cannot be used, 1 for a crash, as in a whole selection.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from codegen.absent import leave_out_absent
from codegen.bind import FLAVOURS
from codegen.coder.branches import choose_told
from codegen.coder.program import CoderProgram, find_problem, set_in, write_refusal
from codegen.compile import CompiledAnalysis, Written, compile_analysis
from codegen.offered import list_offers
from codegen.wording import clean, shorten
from schemas.coding import Branch
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError
from schemas.expressions.nodes import Candidate, Composites, EventObject, Node, Worded
from schemas.fencing import fence
from schemas.model import Model
from schemas.profile import Profile
from schemas.validation import CheckedCriteria, check_criteria
from schemas.words import WordedPart, list_worded, name_function

if TYPE_CHECKING:
    from jinja2 import Template

MOST_QUOTES = 3


class GivenObjects(Model):
    """What is behind a key of `objects`. `shape` is what an event has of it."""

    key: str
    shape: Literal["a list", "one record", "one record or None"]
    fields: tuple[tuple[str, str], ...]  # name and unit
    roles: tuple[str, ...] = ()  # of an assignment: fields that are records themselves


class WordTask(Model):
    """A function that a coder has to write. `owner` is the region of a cut on events, the collection of one on objects.

    Words and quotes are data from a paper or a person.
    """

    name: str  # of the function
    kind: Literal["variable", "event cut", "object cut"]
    id: str  # of the variable or the cut
    owner: str
    words: str
    unit: str = ""
    quotes: tuple[str, ...] = ()
    objects: tuple[GivenObjects, ...] = ()


def list_tasks(ssc: SelectionCriteria, profile: Profile) -> tuple[WordTask, ...]:
    """What is to be written, in document order; empty when nothing stands in words. Raises CriteriaError."""
    checked, _ = leave_out_absent(check_criteria(ssc), profile)
    return tuple(_make_task(checked, profile, part) for part in list_worded(ssc))


def make_hybrid_program(functions: str, ssc: SelectionCriteria, profile: Profile, made_by: str) -> CoderProgram:
    """The compiled program with these functions in a block of their own. `steps` are the names of the functions.

    Same input, same bytes. Functions that are no Python make a program that says so and ends with exit code 10. Raises
    CriteriaError when the criteria are not right, or state nothing in words.
    """
    tasks = list_tasks(ssc, profile)
    if not tasks:
        raise CriteriaError("nothing is stated in words: the compiler can say it all; use --coder compiler")
    made_by = shorten(made_by, 200)
    start = "def write_functions():"

    def build(body: Sequence[str], text: str) -> CompiledAnalysis:
        lines = (
            f"# {f' functions of {made_by}: begin ':-^100}",
            start,
            *body,
            "    return locals()",
            "",
            "",
            f"# {f' functions of {made_by}: end ':-^100}",
        )
        written = Written(functions=text, lines=lines, made_by=made_by)
        return compile_analysis(ssc, profile, "numpy", written)

    made = build(set_in(functions), functions)
    problem = find_problem(made.source, functions)
    if problem is not None:
        made = build(write_refusal(functions, problem), "")
    return CoderProgram(
        source=made.source,
        first_line=made.source.split("\n").index(start) + 2,
        steps=tuple(task.name for task in tasks),
        outputs=(),
        not_evaluable=made.not_evaluable,
        branches=made.branches,
    )


def write_hybrid_guide(
    ssc: SelectionCriteria, profile: Profile, branches: Sequence[Branch], *, examples: bool = True, far: bool = True
) -> str:
    """The part of a prompt that says what functions to write, what they are given and what they return.

    Same input, same bytes; nothing of it depends on events. `branches` are those of the files; without `examples` there
    is no example code, without `far` no branch is named. Raises CriteriaError.
    """
    tasks = list_tasks(ssc, profile)
    alike: dict[GivenObjects, dict[str, None]] = {}  # what has the same fields is listed together
    for given in (given for task in tasks for given in task.objects):
        alike.setdefault(given.model_copy(update={"key": ""}), {})[given.key] = None
    text = _open_template().render(
        tasks=[_show(task) for task in tasks],
        objects=[
            (tuple(keys), given, [f"{n} [{u}]" if u else n for n, u in given.fields]) for given, keys in alike.items()
        ],
        flavours=[(base, FLAVOURS[base]) for base in FLAVOURS if base in profile.collections],
        examples=examples,
        told=choose_told(branches, (), far, profile.key),
        title=profile.title,
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


class _Shown(Model):
    """A task as the template has it; text of others is fenced."""

    name: str
    kind: str
    id: str
    owner: str
    unit: str
    words: str
    quotes: tuple[str, ...]
    keys: tuple[str, ...]


def _show(task: WordTask) -> _Shown:
    return _Shown(
        name=task.name,
        kind=task.kind,
        id=task.id,
        owner=task.owner,
        unit=task.unit,
        words=_quote(task.words),
        quotes=tuple(_quote(quote) for quote in task.quotes),
        keys=tuple(given.key for given in task.objects),
    )


def _quote(text: str) -> str:
    """Text of others on one line that stands between quotes and cannot end them."""
    return fence(clean(text).replace('"', "'"))


@cache
def _open_template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent)
    # a prompt is text for a model, never HTML: escaping would change code
    environment = Environment(loader=loader, undefined=StrictUndefined)  # noqa: S701
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment.get_template("hybrid_guide.md.jinja")


def _make_task(checked: CheckedCriteria, profile: Profile, part: WordedPart) -> WordTask:
    node = _find_node(checked, part)
    kinds: dict[str, Literal["variable", "event cut", "object cut"]] = {
        "variable": "variable", "event": "event cut", "object": "object cut",
    }  # fmt: skip
    units = {v.name: v.unit or "" for v in checked.criteria.variables}
    return WordTask(
        name=name_function(checked.criteria, part.name, is_variable=part.place == "variable"),
        kind=kinds[part.place],
        id=part.name,
        owner=part.owner,
        words=part.words,
        unit=units[part.name] if part.place == "variable" else "",
        quotes=tuple(" … ".join(e.quote) for e in part.evidence if e.grounded)[:MOST_QUOTES],
        objects=tuple(
            GivenObjects(key=o.key, shape=_tell_shape(o.node), fields=o.columns, roles=_list_roles(checked, o.node))
            for o in list_offers(checked, profile, node)
        ),
    )


def _find_node(checked: CheckedCriteria, part: WordedPart) -> Worded:
    if part.place == "variable":
        found = checked.variables[part.name]
    else:
        owners = checked.objects if part.place == "object" else checked.regions
        found = next(c.test for c in owners[part.owner] if c.cut.id == part.name)
    assert isinstance(found, Worded)
    return found


def _tell_shape(node: Node) -> Literal["a list", "one record", "one record or None"]:
    if isinstance(node, EventObject):
        return "one record"
    return "one record or None" if isinstance(node, Candidate) else "a list"


def _list_roles(checked: CheckedCriteria, node: Node) -> tuple[str, ...]:
    return checked.scope.candidates[node.name].roles if isinstance(node, Composites) else ()
