"""Expressions of a coder's functions: where their values come from."""

import ast
from abc import abstractmethod
from dataclasses import replace

from codegen.coder.guarding.origins import NOTHING, UNKNOWN, Mark, Origin, join, mix
from codegen.coder.guarding.seen import Scope, Seen


class Values(Seen):
    """Looks at expressions. What assignments and calls do is said by whoever follows statements."""

    @abstractmethod
    def _bind(self, target: ast.expr, value: Origin, scope: Scope) -> None: ...

    @abstractmethod
    def _call(self, node: ast.Call, scope: Scope) -> Origin: ...

    @abstractmethod
    def _keep(self, node: ast.FunctionDef | ast.Lambda, name: str, scope: Scope) -> Origin: ...

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
                pieces = [self._look(v, scope) for v in node.values]
                if all(isinstance(piece.value, str) for piece in pieces):
                    return Origin(value="".join(str(piece.value) for piece in pieces))
                return mix(pieces, rows=False)
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
        if isinstance(left.value, str) and isinstance(right.value, str) and isinstance(op, ast.Add):
            return Origin(value=left.value + right.value)
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
        numbered = "running" in left.marks or ("place" in left.marks and "data" not in found.marks)
        if isinstance(op, ast.Mod) and numbered:
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
                if "total" in a.marks and not a.rows and plain and b.constant and number not in (0, 1, None):
                    self._note("place", node, ast.unparse(node))
                numbered = "running" in a.marks or ("place" in a.marks and "data" not in a.marks)
                part = b.marks == {"count"} and isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) and not b.rows
                if numbered and ((plain and number != 0) or (part and self._is_share(node))):
                    self._note("place", node, ast.unparse(node))
            named = "key" in one.marks or "key" in other.marks
            if named and len(sides) == 2 and not {"counter"} & found.marks:
                ordered = isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
                if ("key" in one.marks and "key" in other.marks) or (ordered and one.constant != other.constant):
                    found = found.without("key")  # periods of data taking; simulation told from collisions
        return found

    def _is_share(self, node: ast.Compare) -> bool:
        """Whether something is compared with a part of the number of events, as in `i < len(events) / 2`."""
        sides = (node.left, *node.comparators)
        return any(isinstance(s, ast.BinOp) and isinstance(s.op, ast.Mult | ast.Div | ast.FloorDiv) for s in sides)

    def _find_asked(self, test: ast.expr, scope: Scope) -> str:
        """The branch that a condition asks for, as written, when it asks whether the files have it."""
        for part in ast.walk(test):
            if not isinstance(part, ast.Compare) or not any(isinstance(op, ast.In | ast.NotIn) for op in part.ops):
                continue
            if any(self._look(c, scope).handle in ("fields", "events") for c in part.comparators):
                value = self._look(part.left, scope).value
                return value if isinstance(value, str) else "a name"
        return ""

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
        if source.handle == "fields":
            return Origin(frozenset({"chosen"})), frozenset()
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
        return Origin(marks=source.marks), source.marks - {"place", "running", "count"}

    def _is_cut_short(self, node: ast.Call) -> bool:
        return any(isinstance(a, ast.Call) and isinstance(a.func, ast.Name) and a.func.id == "min" for a in node.args)

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
        if node.attr in ("shape", "size", "ndim", "nbytes") and owner.rows:
            return Origin(frozenset({"count"}))
        return Origin(owner.marks, rows=owner.rows and node.attr not in ("shape", "size", "ndim", "layout", "T"))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Origin:
        owner, index = self._look(node.value, scope), self._look(node.slice, scope)
        if owner.handle == "events":
            return self._take_branch(node, index)
        if owner.handle == "fields":
            return Origin(frozenset({"chosen"}))
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
            return mix([owner, index.without("place", "running", "count")], rows=owner.rows)
        picks = index.constant and isinstance(index.value, int) and not isinstance(index.value, bool)
        placed = "place" in index.marks and not isinstance(node.slice, ast.Tuple)
        named = isinstance(index.value, str)
        return mix(
            [owner, index.without("place", "running", "count")], rows=owner.rows and (named or not (picks or placed))
        )

    def _is_part(self, cut: ast.Slice, scope: Scope) -> bool:
        """Whether a slice leaves something out."""
        low, high, step = (self._look(p, scope) if p is not None else None for p in (cut.lower, cut.upper, cut.step))
        starts = low is not None and not (low.constant and low.value in (0, None))
        stops = high is not None and not (high.constant and high.value is None) and high.marks != {"count"}
        strides = step is not None and not (step.constant and step.value in (1, -1, None))
        return starts or stops or strides


def _are_opposite(node: ast.BinOp) -> bool:
    """Whether one side is the other one inverted: with `or` always true, with `and` never."""
    sides = (node.left, node.right)
    return any(
        isinstance(a, ast.UnaryOp) and isinstance(a.op, ast.Invert) and ast.dump(a.operand) == ast.dump(b)
        for a, b in (sides, sides[::-1])
    )
