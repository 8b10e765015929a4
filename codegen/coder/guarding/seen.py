"""What is seen on the way through a coder's functions: steps, branches, and what is wrong at a place."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from codegen.coder.guarding.names import Modules
from codegen.coder.guarding.origins import NOTHING, Mark, Origin, join

MOST_WORK = 150_000  # nodes looked at; a selection of twenty steps takes a thousand

Scope = dict[str, Origin]


class TooMuch(Exception):
    """The functions cannot be followed in reasonable time."""


@dataclass(frozen=True)
class Added:
    """A call of selection.add or selection.store: the name as far as it is known, and where the values come from."""

    node: ast.Call
    method: str
    name: Origin
    passed: Origin
    given: bool


@dataclass(frozen=True)
class Noted:
    """Something that is wrong at a place, whatever becomes of it. `about` is what it concerns, as it is written."""

    kind: str
    node: ast.AST
    about: str = ""


class Seen:
    """`added`, `read` and `noted` are what was seen so far, `first` says where a mark first comes from.

    `control` is what the statement that is followed depends on, because it stands inside others.
    """

    def __init__(self, modules: Modules, keys: Sequence[str], counters: Sequence[str]) -> None:
        self.modules, self.keys, self.counters = modules, set(keys), set(counters)
        self.added: dict[tuple[int, int, str], Added] = {}
        self.read: dict[tuple[int, int], tuple[ast.AST, Origin]] = {}
        self.noted: dict[tuple[str, int, int], Noted] = {}
        self.first: dict[Mark, ast.AST] = {}
        self.control: list[frozenset[Mark]] = []
        self.returned: list[list[Origin]] = []  # of the functions that are being followed
        self.work = 0
        self.idle = False  # where there are no events
        self.top: Scope = {}

    def _spend(self) -> None:
        self.work += 1
        if self.work > MOST_WORK:
            raise TooMuch

    def _note(self, kind: str, node: ast.AST, about: str = "") -> None:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        self.noted.setdefault((kind, line, column), Noted(kind, node, about))

    def _place(self, node: ast.AST) -> Origin:
        self.first.setdefault("place", node)
        return Origin(frozenset({"place"}))

    def _controlled(self, value: Origin) -> Origin:
        return value.plus(frozenset[Mark]().union(*self.control))

    def _take_branch(self, node: ast.Subscript, index: Origin) -> Origin:
        if isinstance(node.slice, ast.Slice):
            self._note("place", node, ast.unparse(node))
            return Origin(frozenset({"data"}), rows=True)
        self.read[node.lineno, node.col_offset] = (node, index)
        marks: set[Mark] = {"data"}
        if isinstance(index.value, str) and index.value in self.keys:
            marks.add("key")
            self.first.setdefault("key", node)
            if index.value in self.counters:
                marks.add("counter")
        return Origin(frozenset(marks), rows=True)

    def _take_down(self, node: ast.Call, method: str, given: list[Origin], named: dict[str, Origin]) -> Origin:
        """A call of selection.add or selection.store."""
        names, values = ("step", "passed") if method == "add" else ("name", "values")
        if self.idle:
            return NOTHING
        name = given[0] if given else named.get(names, NOTHING)
        passed = given[1] if len(given) > 1 else named.get(values)
        key = (node.lineno, node.col_offset, str(name.value) if name.constant else "")
        controlled = self._controlled(passed or NOTHING)
        before = self.added.get(key)
        if before is not None:
            controlled = join([before.passed, controlled])
        self.added[key] = Added(node, method, name, controlled, passed is not None)
        return NOTHING
