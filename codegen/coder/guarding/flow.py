"""A selection followed from the events to its steps: what each step depends on, without running anything."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from codegen.coder.guarding import library
from codegen.coder.guarding.calls import always_raises
from codegen.coder.guarding.names import Modules, list_parameters
from codegen.coder.guarding.origins import NOTHING, UNKNOWN, Handle, Mark, Origin, join, mix
from codegen.coder.guarding.shape import MUTATING

MOST_WORK = 150_000  # nodes looked at; a selection of twenty steps takes a few thousand
MOST_CALLS = 40  # of the coder's functions inside each other


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


Scope = dict[str, Origin]


class Flow:
    """Follows functions. `added`, `read` and `noted` hold what was seen on the way."""

    def __init__(self, tree: ast.Module, modules: Modules, keys: Sequence[str], counters: Sequence[str]) -> None:
        self.modules, self.keys, self.counters = modules, set(keys), set(counters)
        self.functions: dict[str, tuple[ast.FunctionDef | ast.Lambda, Scope]] = {}
        self.added: dict[tuple[int, int, str], Added] = {}
        self.read: dict[tuple[int, int], tuple[ast.AST, Origin]] = {}
        self.noted: dict[tuple[str, int, int], Noted] = {}
        self.first: dict[Mark, ast.AST] = {}  # where a mark first comes from
        self.control: list[frozenset[Mark]] = []
        self.returned: list[list[Origin]] = []
        self.known: dict[tuple[object, ...], Origin] = {}
        self.active: list[str] = []
        self.work = 0
        self.idle = False  # where there are no events
        self.top: Scope = {}
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef | ast.Assign | ast.AnnAssign):
                self._run(statement, self.top)

    def follow(self, name: str, handles: Sequence[Handle]) -> Origin:
        """What a function of the coder's returns when it is called with the things that the frame gives."""
        given = [Origin(handle=h, rows=h == "events") for h in handles]
        return self._call_own(name, given, {}, None)

    # ---------------------------------------------------------------- statements

    def _run_all(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        depth = len(self.control)
        for statement in body:
            self._run(statement, scope)
            if isinstance(statement, ast.If) and _leaves(statement):  # what follows depends on it as well
                self.control.append(self._look(statement.test, scope).marks)
        del self.control[depth:]

    def _run(self, node: ast.stmt, scope: Scope) -> None:
        self._spend()
        match node:
            case ast.FunctionDef():
                scope[node.name] = self._keep(node, f"{node.name}:{node.lineno}", scope)
            case ast.Assign():
                value = self._look(node.value, scope)
                for target in node.targets:
                    self._bind(target, value, scope)
            case ast.AnnAssign():
                if node.value is not None:
                    self._bind(node.target, self._look(node.value, scope), scope)
            case ast.AugAssign():
                before = self._look_at_target(node.target, scope)
                value = self._combine(node, node.op, before, self._look(node.value, scope), None)
                self._bind(node.target, value, scope)
            case ast.Return():
                value = self._look(node.value, scope) if node.value is not None else NOTHING
                if self.returned:
                    self.returned[-1].append(self._controlled(value))
            case ast.Expr():
                self._look(node.value, scope)
            case ast.If():
                self._run_branches(node, scope)
            case ast.While():
                for _ in range(2):
                    self._inside(self._look(node.test, scope).marks, [*node.body], scope)
                self._run_all(node.orelse, scope)
            case ast.For():
                self._run_loop(node, scope)
            case ast.With():
                for item in node.items:
                    given = self._look(item.context_expr, scope)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, given, scope)
                self._run_all(node.body, scope)
            case ast.Try() | ast.TryStar():
                self._run_all(node.body, scope)
                for handler in node.handlers:
                    self._run_all(handler.body, scope)
                self._run_all([*node.orelse, *node.finalbody], scope)
            case ast.Match():
                marks = self._look(node.subject, scope).marks
                for case in node.cases:
                    self._inside(marks, case.body, scope)
            case ast.Raise() | ast.Assert() | ast.Delete():
                for part in ast.iter_child_nodes(node):
                    if isinstance(part, ast.expr):
                        self._look(part, scope)

    def _run_branches(self, node: ast.If, scope: Scope) -> None:
        test = self._look(node.test, scope)
        asked = self._find_asked(node.test, scope)
        if asked and not always_raises(node.body) and not (node.orelse and always_raises(node.orelse)):
            self._note("asked", node, asked)
        one, other = dict(scope), dict(scope)
        idle, self.idle = self.idle, self.idle or self._is_empty(node.test, scope)
        self._inside(test.marks, node.body, one)
        self.idle = idle
        self._inside(test.marks, node.orelse, other)
        for name in {*one, *other}:
            found = [s[name] for s in (one, other) if name in s]
            scope[name] = join(found) if len(found) > 1 and found[0] is not found[1] else found[0]

    def _is_empty(self, test: ast.expr, scope: Scope) -> bool:
        """Whether a condition holds only where there are no events: what is added then decides about none."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._look(operand, scope).marks == {"count"}
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
                sides = (self._look(left, scope), self._look(right, scope))
                return any(a.marks == {"count"} and b.constant and b.value == 0 for a, b in (sides, sides[::-1]))
        return False

    def _find_asked(self, test: ast.expr, scope: Scope) -> str:
        """The branch that a condition asks for, as written, when it asks whether the files have it."""
        for part in ast.walk(test):
            if not isinstance(part, ast.Compare) or not any(isinstance(op, ast.In | ast.NotIn) for op in part.ops):
                continue
            if any(self._look(c, scope).handle in ("fields", "events") for c in part.comparators):
                value = self._look(part.left, scope).value
                return value if isinstance(value, str) else "a name"
        return ""

    def _run_loop(self, node: ast.For, scope: Scope) -> None:
        element, marks = self._iterate(node.iter, scope)
        for _ in range(2):
            self._bind(node.target, element, scope)
            self._inside(marks, node.body, scope)
        self._run_all(node.orelse, scope)

    def _inside(self, marks: frozenset[Mark], body: Sequence[ast.stmt], scope: Scope) -> None:
        self.control.append(marks)
        self._run_all(body, scope)
        self.control.pop()

    def _controlled(self, value: Origin) -> Origin:
        return value.plus(frozenset[Mark]().union(*self.control))

    def _bind(self, target: ast.expr, value: Origin, scope: Scope) -> None:
        match target:
            case ast.Name():
                before = scope.get(target.id)
                if before is not None and before.handle in ("events", "selection") and not value.handle:
                    self._note("rebound" if "data" not in value.marks else "filtered", target, before.handle)
                scope[target.id] = self._controlled(value)
            case ast.Starred():
                self._bind(target.value, replace(value, parts=None), scope)
            case ast.Tuple() | ast.List():
                parts = value.parts
                if parts is None or len(parts) != len(target.elts) or any(
                    isinstance(e, ast.Starred) for e in target.elts
                ):  # fmt: skip
                    parts = tuple(Origin(marks=value.marks) for _ in target.elts)
                for element, part in zip(target.elts, parts, strict=True):
                    self._bind(element, part, scope)
            case ast.Subscript() | ast.Attribute():
                if isinstance(target, ast.Subscript):
                    index = self._look(target.slice, scope).without("place", "count")
                    value = mix([value, index])
                self._pour(target, value, scope)

    def _pour(self, target: ast.expr, value: Origin, scope: Scope) -> None:
        """Let what is stored into a part of a value become part of what the whole depends on."""
        root = target
        while isinstance(root, ast.Subscript | ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return
        before = scope.get(root.id, NOTHING)
        if before.handle in ("events", "selection"):
            self._note("overwritten", target, before.handle)
            return
        if before.rows and before.marks == {"data"} and isinstance(target, ast.Subscript) and "data" not in value.marks:
            pass  # a copy or the data themselves: whether it matters shows when it runs
        scope[root.id] = self._controlled(replace(before, parts=None, value=UNKNOWN).plus(value.marks))

    # ---------------------------------------------------------------- expressions

    def _spend(self) -> None:
        self.work += 1
        if self.work > MOST_WORK:
            raise TooMuch

    def _look_at_target(self, target: ast.expr, scope: Scope) -> Origin:
        if isinstance(target, ast.Name):
            return scope.get(target.id, self.top.get(target.id, NOTHING))
        return self._look(target, scope)

    def _look(self, node: ast.expr, scope: Scope) -> Origin:
        self._spend()
        match node:
            case ast.Constant():
                return Origin(value=node.value)
            case ast.Name():
                return scope.get(node.id, self.top.get(node.id, NOTHING))
            case ast.NamedExpr():
                value = self._look(node.value, scope)
                self._bind(node.target, value, scope)
                return value
            case ast.Lambda():
                return self._keep(node, f"lambda:{node.lineno}:{node.col_offset}", scope)
            case ast.BinOp():
                left, right = self._look(node.left, scope), self._look(node.right, scope)
                same = ast.dump(node.left) == ast.dump(node.right)
                return self._combine(node, node.op, left, right, same)
            case ast.UnaryOp():
                return mix([self._look(node.operand, scope)])
            case ast.BoolOp():
                return mix([self._look(v, scope) for v in node.values])
            case ast.Compare():
                return self._compare(node, scope)
            case ast.IfExp():
                test = self._look(node.test, scope)
                asked = self._find_asked(node.test, scope)
                if asked:
                    self._note("asked", node, asked)
                return join([self._look(node.body, scope), self._look(node.orelse, scope)]).plus(test.marks)
            case ast.Tuple() | ast.List():
                parts = tuple(self._look(e, scope) for e in node.elts)
                whole = tuple(p.value for p in parts) if all(p.constant for p in parts) else UNKNOWN
                return Origin(mix(parts).marks, parts=parts, value=whole)
            case ast.Set():
                return replace(mix([self._look(e, scope) for e in node.elts]), rows=False)
            case ast.Dict():
                given = [*(k for k in node.keys if k is not None), *node.values]
                return replace(mix([self._look(e, scope) for e in given]), rows=False)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehend(node, scope)
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.Starred():
                return self._look(node.value, scope)
            case ast.Slice():
                return mix([self._look(p, scope) for p in (node.lower, node.upper, node.step) if p is not None])
            case ast.JoinedStr():
                return replace(mix([self._look(v, scope) for v in node.values]), rows=False)
            case ast.FormattedValue() | ast.Await() | ast.YieldFrom():
                return self._look(node.value, scope)
            case ast.Yield():
                value = self._look(node.value, scope) if node.value is not None else NOTHING
                if self.returned:
                    self.returned[-1].append(self._controlled(value))
        return NOTHING

    def _combine(self, node: ast.AST, op: ast.operator, left: Origin, right: Origin, same: bool | None) -> Origin:
        """Arithmetic. What is multiplied with zero, or'ed with True or taken from itself depends on nothing."""
        found = mix([left, right])
        for one in (left.value, right.value):
            nought = isinstance(one, int | float) and one == 0
            if (isinstance(op, ast.Mult) and nought) or (isinstance(op, ast.BitOr) and one is True):
                return found.without("data")
            if isinstance(op, ast.BitAnd) and (one is False or (nought and one is not False)):
                return found.without("data")
        if isinstance(op, ast.Pow) and right.constant and right.value == 0:
            return found.without("data")
        if same and isinstance(op, ast.Sub | ast.BitXor):
            return found.without("data")
        if isinstance(op, ast.BitOr | ast.BitAnd) and isinstance(node, ast.BinOp) and _are_opposite(node):
            return found.without("data")
        if isinstance(op, ast.Mod) and "place" in left.marks and "data" not in found.marks:
            self._note("place", node, ast.unparse(node) if isinstance(node, ast.expr) else "")
        if left.constant and right.constant and isinstance(op, ast.Mult | ast.Add) and isinstance(left.value, tuple):
            return replace(found, value=left.value)
        return found

    def _compare(self, node: ast.Compare, scope: Scope) -> Origin:
        sides = [self._look(part, scope) for part in (node.left, *node.comparators)]
        found = mix(sides)
        for one, other, op in zip(sides, sides[1:], node.ops, strict=False):
            for a, b in ((one, other), (other, one)):
                plain = not b.marks and not b.handle
                number = b.value if isinstance(b.value, int | float) else None
                if a.marks == {"count"} and plain and b.constant and number not in (0, 1, None):
                    self._note("place", node, ast.unparse(node))
                if "place" in a.marks and "data" not in a.marks and number != 0 and plain:
                    self._note("place", node, ast.unparse(node))
            named = "key" in one.marks or "key" in other.marks
            if named and len(sides) == 2 and not {"counter"} & found.marks:
                ordered = isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
                if ("key" in one.marks and "key" in other.marks) or (ordered and one.constant != other.constant):
                    found = found.without("key")  # periods of data taking; simulation told from collisions
        return found

    def _comprehend(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: Scope) -> Origin:
        inner = dict(scope)
        marks: frozenset[Mark] = frozenset()
        rows = len(node.generators) == 1
        for generator in node.generators:
            element, own = self._iterate(generator.iter, inner)
            source = self._look(generator.iter, inner)
            rows = rows and source.rows and not generator.ifs
            self._bind(generator.target, element, inner)
            marks |= own
            for test in generator.ifs:
                marks |= self._look(test, inner).marks
        given = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        found = mix([self._look(e, inner) for e in given], rows=rows)
        return found.plus(marks)

    def _iterate(self, node: ast.expr, scope: Scope) -> tuple[Origin, frozenset[Mark]]:
        """An element of what is iterated over, and what the number of rounds depends on."""
        source = self._look(node, scope)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            name = node.func.id
            if name == "enumerate" and name not in scope:
                element, marks = self._iterate(node.args[0], scope)
                inner = self._look(node.args[0], scope)
                place = self._place(node) if inner.rows else NOTHING
                return Origin(marks=element.marks | place.marks, parts=(place, element)), marks
            if name == "zip" and name not in scope:
                pairs = [self._iterate(a, scope) for a in node.args if not isinstance(a, ast.Starred)]
                if len(pairs) == len(node.args):
                    parts = tuple(p for p, _ in pairs)
                    return replace(join(parts), parts=parts, handle="", function=""), frozenset[Mark]().union(
                        *(m for _, m in pairs)
                    )
            if name == "range" and name not in scope:
                counted = [self._look(a, scope) for a in node.args]
                if any("count" in c.marks for c in counted):
                    if len(counted) == 3 and counted[2].constant and counted[2].value not in (1, -1):
                        self._note("place", node, ast.unparse(node))
                    if any(isinstance(a, ast.Call) for a in node.args) and self._is_cut_short(node):
                        self._note("place", node, ast.unparse(node))
                    return self._place(node), frozenset()
        if source.parts is not None and source.parts:
            return join(source.parts), frozenset()
        if source.constant:
            return NOTHING, frozenset()
        if source.rows:
            return replace(source, rows=False, parts=None, handle=""), frozenset()
        return Origin(marks=source.marks), source.marks - {"place", "count"}

    def _is_cut_short(self, node: ast.Call) -> bool:
        return any(isinstance(a, ast.Call) and isinstance(a.func, ast.Name) and a.func.id == "min" for a in node.args)

    def _place(self, node: ast.AST) -> Origin:
        self.first.setdefault("place", node)
        return Origin(frozenset({"place"}))

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Origin:
        if self.modules.resolve(node) is not None and not (
            isinstance(node.value, ast.Name) and node.value.id in scope
        ):  # fmt: skip
            return NOTHING
        owner = self._look(node.value, scope)
        if owner.handle == "events":
            if node.attr == "fields":
                return Origin(handle="fields")
            self._note("attribute", node, node.attr)
            return Origin(frozenset({"data"}), rows=True)
        if owner.handle == "objects":
            return Origin(frozenset({"data"}), rows=True)
        if owner.handle == "selection":
            if node.attr not in ("add", "store"):
                self._note("selection", node, node.attr)
                return NOTHING
            return Origin(handle="add" if node.attr == "add" else "store")
        if node.attr in ("shape", "size", "ndim") and owner.rows:
            return Origin(frozenset({"count"}))
        return Origin(owner.marks, rows=owner.rows and node.attr not in ("shape", "size", "ndim", "layout", "T"))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Origin:
        owner, index = self._look(node.value, scope), self._look(node.slice, scope)
        if owner.handle == "events":
            return self._take_branch(node, index)
        if owner.handle == "objects":
            return Origin(frozenset({"data"}), rows=True)
        if owner.marks == {"count"} and owner.constant is False and isinstance(node.value, ast.Attribute):
            return owner  # x.shape[0]
        if owner.parts is not None and isinstance(index.value, int) and -len(owner.parts) <= index.value < len(
            owner.parts
        ):  # fmt: skip
            return owner.parts[index.value]
        first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        if isinstance(first, ast.Slice):
            if owner.rows and self._is_part(first, scope):
                self._note("place", node, ast.unparse(node))
            return mix([owner, index.without("place", "count")], rows=owner.rows)
        picks = index.constant and isinstance(index.value, int) and not isinstance(index.value, bool)
        placed = "place" in index.marks and not isinstance(node.slice, ast.Tuple)
        named = isinstance(index.value, str)
        return mix([owner, index.without("place", "count")], rows=owner.rows and (named or not (picks or placed)))

    def _is_part(self, cut: ast.Slice, scope: Scope) -> bool:
        """Whether a slice leaves something out."""
        low, high, step = (self._look(p, scope) if p is not None else None for p in (cut.lower, cut.upper, cut.step))
        starts = low is not None and not (low.constant and low.value in (0, None))
        stops = high is not None and not (high.constant and high.value is None) and high.marks != {"count"}
        strides = step is not None and not (step.constant and step.value in (1, -1, None))
        return starts or stops or strides

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

    # ---------------------------------------------------------------- calls

    def _call(self, node: ast.Call, scope: Scope) -> Origin:
        whole = None
        if not (isinstance(node.func, ast.Name) and node.func.id in scope):
            whole = self.modules.resolve(node.func)
        given = [self._look(a, scope) for a in node.args]
        named = {k.arg or "**": self._look(k.value, scope) for k in node.keywords}
        out = next((k.value for k in node.keywords if k.arg == "out"), None)
        if whole is not None:
            found = self._call_library(node, whole, given, named)
            if out is not None:
                self._bind(out, found, scope) if isinstance(out, ast.Name) else self._pour(out, found, scope)
            return found
        if isinstance(node.func, ast.Attribute):
            return self._call_method(node, node.func, given, named, scope)
        called = self._look(node.func, scope)
        if called.handle in ("add", "store"):
            return self._take_down(node, called.handle, given, named)
        if called.function:
            return self._call_own(called.function, given, named, (node, scope))
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "len" and given:
            return (
                Origin(frozenset({"count"})) if given[0].rows else replace(given[0], rows=False, handle="", parts=None)
            )
        if name in ("list", "tuple", "reversed", "iter") and given:
            return replace(given[0], value=UNKNOWN)
        if name in ("enumerate", "zip") and given:
            return Origin(mix(given).marks, rows=all(g.rows for g in given))
        if name == "range":
            return Origin(mix(given).marks - {"count"} | ({"place"} if "count" in mix(given).marks else set()))
        if name in ("abs", "round"):
            return mix(given)
        return self._apply([called, *given, *named.values()])

    def _apply(self, given: Sequence[Origin]) -> Origin:
        """Something unknown called with these: functions of the coder's among them are called with the others."""
        marks = frozenset[Mark]().union(*(g.marks for g in given))
        others = [Origin(marks) for g in given if not g.function]
        for one in given:
            if one.function:
                number = len(list_parameters(self.functions[one.function][0].args))
                marks |= self._call_own(one.function, (others * number)[:number] or [], {}, None).marks
        return Origin(marks)

    def _call_method(
        self, node: ast.Call, func: ast.Attribute, given: list[Origin], named: dict[str, Origin], scope: Scope
    ) -> Origin:
        owner = self._look(func.value, scope)
        if owner.handle == "selection":
            if func.attr in ("add", "store"):
                return self._take_down(node, func.attr, given, named)
            self._note("selection", node, func.attr)
            return NOTHING
        if owner.handle == "events":
            self._note("attribute", node, func.attr)
            return Origin(frozenset({"data"}))
        if func.attr in MUTATING:
            self._pour(func.value, mix([*given, *named.values()]), scope)
        if owner.handle == "fields":
            return owner
        bound = mix([owner, *given, *named.values()], rows=False)
        if func.attr in ("astype", "copy", "to_list", "tolist", "view", "clip", "round", "to_numpy"):
            return replace(bound, rows=owner.rows)
        if func.attr in library.REDUCING:
            return replace(bound, rows=owner.rows and self._keeps_events(node, 0))
        if func.attr in library.RUNNING and not self._keeps_events(node, 0):
            return self._place(node).plus(bound.marks)
        functions = [g for g in (*given, *named.values()) if g.function]
        return bound.plus(self._apply([owner, *given, *named.values()]).marks) if functions else bound

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

    def _keeps_events(self, node: ast.Call, position: int) -> bool:
        """Whether an axis is given, and it is not that of the events."""
        axis = next((k.value for k in node.keywords if k.arg == "axis"), None)
        if axis is None and len(node.args) > position:
            axis = node.args[position]
        try:
            number = ast.literal_eval(axis) if axis is not None else None
        except ValueError:
            return True
        return isinstance(number, int) and number != 0

    def _call_library(self, node: ast.Call, whole: str, given: list[Origin], named: dict[str, Origin]) -> Origin:
        module, _, name = whole.partition(".")
        name = name.rpartition(".")[2] or name
        everything = [*given, *(v for k, v in named.items() if k not in ("axis", "dtype", "out"))]
        found = mix(everything, rows=False)
        if module not in ("numpy", "awkward"):
            return self._apply(everything) if any(g.function for g in everything) else found
        if name in library.SHAPED:
            like = mix(given[1:] if name == "full_like" else [], rows=given[0].rows if given else False)
            if given and "data" in given[0].marks:
                like = like.plus({"shape"})
            return like.plus(named["fill_value"].marks) if "fill_value" in named else like
        if name in library.FILLED:
            array_first = name in ("broadcast_to", "tile", "repeat")
            fill = given[:1] if array_first else given[1:2] if name == "full" else []
            filled = mix([*fill, *([named["fill_value"]] if "fill_value" in named else [])], rows=False)
            written = array_first and self._is_written(given)
            return replace(filled.plus({"written"} if written else ()), rows="count" in found.marks)
        if name in library.SPREAD and "data" not in found.marks:
            return found.without("count").plus({"written"})
        if name in library.RANGES and "data" not in found.marks:
            return self._place(node) if "count" in found.marks else found
        if name == "local_index" and not self._keeps_events(node, 1):
            deepest = len(node.args) < 2 and not any(k.arg == "axis" for k in node.keywords)
            return replace(found, rows=True) if deepest else self._place(node)
        if name in library.RUNNING and not self._keeps_events(node, 1):
            return self._place(node).plus(found.marks)
        same = len(given) == 3 and given[1].constant and given[2].constant and given[1].value == given[2].value
        if name == "where" and same:
            return Origin(rows=given[0].rows)
        if name in ("logical_or", "bitwise_or", "logical_and", "bitwise_and", "multiply"):
            operators = {"logical_or": ast.BitOr(), "bitwise_or": ast.BitOr(), "multiply": ast.Mult()}
            if len(given) >= 2:
                return self._combine(node, operators.get(name, ast.BitAnd()), given[0], given[1], None)
        if name in ("mod", "remainder", "fmod") and len(given) == 2:
            return self._combine(node, ast.Mod(), given[0], given[1], None)
        if name in library.ARRAYS and self._is_written(given):
            return found.plus({"written"})
        if name in library.REDUCING or name == "num":
            keeps = self._keeps_events(node, 1) or (name == "num" and len(node.args) + len(node.keywords) == 1)
            found = found.plus({"data"}) if "shape" in found.marks and keeps else found
            return replace(found, rows=bool(given) and given[0].rows and keeps)
        by_event = name in library.BY_EVENT.get(module, ())
        crosses = any(k.arg == "axis" and not self._keeps_events(node, 99) for k in node.keywords)
        rows = by_event and not crosses and any(g.rows or any(p.rows for p in g.parts or ()) for g in everything)
        found = replace(found, rows=rows)
        return found.plus(self._apply(everything).marks) if any(g.function for g in everything) else found

    def _is_written(self, given: Sequence[Origin]) -> bool:
        """Whether an array is made of several different numbers that stand in the code."""
        if not given or given[0].marks or not given[0].constant:
            return False
        value = given[0].value
        return isinstance(value, tuple) and len({str(v) for v in value}) > 1

    def _keep(self, node: ast.FunctionDef | ast.Lambda, name: str, scope: Scope) -> Origin:
        self.functions[name] = (node, scope)
        return Origin(function=name)

    def _call_own(
        self, name: str, given: Sequence[Origin], named: dict[str, Origin], site: tuple[ast.Call, Scope] | None
    ) -> Origin:
        """What a function of the coder's returns for these arguments."""
        if name not in self.functions:
            name = next((f for f in self.functions if f.startswith(f"{name}:")), name)
        if name not in self.functions:
            return mix([*given, *named.values()])
        function, outer = self.functions[name]
        control = frozenset[Mark]().union(*self.control)
        situation = (
            name,
            tuple(given),
            tuple(sorted(named.items(), key=lambda n: n[0])),
            control,
            self._outside(outer),
        )
        if situation in self.known:
            return self.known[situation]
        if self.active.count(name) > 1 or len(self.active) >= MOST_CALLS:
            return mix([*given, *named.values()])
        scope = dict(outer) if outer is not self.top else {}
        self._hand_over(function, given, named, scope)
        self.active.append(name)
        if isinstance(function, ast.Lambda):
            result = self._look(function.body, scope)
        else:
            self.returned.append([])
            self._run_all(function.body, scope)
            result = join(self.returned.pop())
        self.active.pop()
        self._hand_back(function, scope, site)
        self.known[situation] = result
        return result

    def _outside(self, outer: Scope) -> object:
        return None if outer is self.top else tuple((k, v.marks, v.rows) for k, v in sorted(outer.items()))

    def _hand_over(
        self, function: ast.FunctionDef | ast.Lambda, given: Sequence[Origin], named: dict[str, Origin], scope: Scope
    ) -> None:
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        everything = mix([*given, *named.values()], rows=False)
        defaults = [None] * (len(positional) - len(arguments.defaults)) + [*arguments.defaults]
        for k, parameter in enumerate(positional):
            default = defaults[k]
            if k < len(given):
                scope[parameter.arg] = given[k]
            elif parameter.arg in named:
                scope[parameter.arg] = named[parameter.arg]
            else:
                scope[parameter.arg] = self._look(default, self.top) if default is not None else everything
        for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            own = self._look(default, self.top) if default is not None else everything
            scope[parameter.arg] = named.get(parameter.arg, own)
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                scope[extra.arg] = everything

    def _hand_back(
        self, function: ast.FunctionDef | ast.Lambda, scope: Scope, site: tuple[ast.Call, Scope] | None
    ) -> None:
        """What a function put into its arguments stays in them."""
        if site is None:
            return
        call, outside = site
        for parameter, argument in zip(function.args.args, call.args, strict=False):
            if isinstance(argument, ast.Name) and argument.id in outside:
                inside, before = scope.get(parameter.arg, NOTHING), outside[argument.id]
                if not before.handle and not before.function and inside.marks > before.marks:
                    outside[argument.id] = before.plus(inside.marks)

    def _note(self, kind: str, node: ast.AST, about: str = "") -> None:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        self.noted.setdefault((kind, line, column), Noted(kind, node, about))


def _are_opposite(node: ast.BinOp) -> bool:
    """Whether one side is the other one inverted: with `or` always true, with `and` never."""
    sides = (node.left, node.right)
    return any(
        isinstance(a, ast.UnaryOp) and isinstance(a.op, ast.Invert) and ast.dump(a.operand) == ast.dump(b)
        for a, b in (sides, sides[::-1])
    )


def _leaves(node: ast.If) -> bool:
    """Whether a branch may leave the loop or the function."""
    leaving = (ast.Return, ast.Break, ast.Continue)
    return any(isinstance(part, leaving) for s in (*node.body, *node.orelse) for part in ast.walk(s))
