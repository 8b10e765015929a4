"""Mistakes that coders make, as small edits of the right selections, and what must notice each of them."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from benchmarks.coders.right import read_right
from schemas.coding import FailureClass, OffenceKind
from schemas.errors import CriteriaError
from schemas.model import Model

# In the order in which an attempt meets them
ShownBy = Literal["reply", "guard", "run", "comparison", "held out", "probe", "witness"]


class Edit(Model):
    """Text of the right functions, and what stands there instead."""

    old: str
    new: str


class Bug(Model):
    """A mistake. `shown_by` is what notices it first, `first` the first step that differs where events are compared.

    Where it depends on the events, there is more than one of them.
    """

    name: str
    edits: tuple[Edit, ...]
    shown_by: tuple[ShownBy, ...]
    failure: FailureClass
    offence: OffenceKind | None = None
    first: tuple[str, ...] = ()  # region/step


@cache
def load_bugs(analysis: str) -> dict[str, Bug]:
    """The known mistakes in an analysis, by name. Raises CriteriaError for two of one name."""
    path = Path(__file__).parent / f"{analysis}.yaml"
    bugs = TypeAdapter(tuple[Bug, ...]).validate_python(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    by_name = {bug.name: bug for bug in bugs}
    if len(by_name) != len(bugs):
        raise CriteriaError(f"two mistakes of {analysis} have one name")
    return by_name


def write_functions(analysis: str, bugs: tuple[str, ...] = ()) -> str:
    """The right functions with these mistakes in them, all at once.

    Raises CriteriaError for a mistake that is not known, or one whose text is not there exactly once.
    """
    functions, known = read_right(analysis), load_bugs(analysis)
    for name in bugs:
        if name not in known:
            raise CriteriaError(f"{analysis} has no mistake '{name}'; there is {', '.join(known)}")
        for edit in known[name].edits:
            if functions.count(edit.old) != 1:
                raise CriteriaError(
                    f"{analysis}, '{name}': {edit.old!r} stands there {functions.count(edit.old)} times"
                )
            functions = functions.replace(edit.old, edit.new)
    return functions
