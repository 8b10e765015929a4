"""A selection followed from the events to its steps: what each step depends on, without running anything."""

import ast
from collections.abc import Sequence
from dataclasses import replace

from codegen.coder.guarding.calls import Calls
from codegen.coder.guarding.forbidden import always_raises
from codegen.coder.guarding.names import Modules
from codegen.coder.guarding.origins import NOTHING, UNKNOWN, Handle, Mark, Origin, join, mix
from codegen.coder.guarding.seen import Scope


class Flow(Calls):
    """Follows functions, statement by statement."""

    def __init__(self, tree: ast.Module, modules: Modules, keys: Sequence[str], counters: Sequence[str]) -> None:
        super().__init__(modules, keys, counters)
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef | ast.Assign | ast.AnnAssign):
                self._run(statement, self.top)

    def follow(self, name: str, handles: Sequence[Handle]) -> Origin:
        """What a function of the coder's returns when it is called with the things that the frame gives."""
        given = [Origin(handle=h, rows=h == "events") for h in handles]
        return self._call_own(name, given, {}, None)

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
                subject = self._look(node.subject, scope)
                if subject.handle in ("selection", "add", "store", "events", "objects"):
                    self._note("handed", node, ast.unparse(node.subject))
                marks = subject.marks
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
                    index = self._look(target.slice, scope).without("place", "running", "count")
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


def _leaves(node: ast.If) -> bool:
    """Whether a branch may leave the loop or the function."""
    leaving = (ast.Return, ast.Break, ast.Continue)
    return any(isinstance(part, leaving) for s in (*node.body, *node.orelse) for part in ast.walk(s))
