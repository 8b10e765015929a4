"""Calls in a coder's functions: of its own functions, of numpy and awkward, and of what the frame gives."""

import ast
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from codegen.coder.guarding import library
from codegen.coder.guarding.names import Modules, list_parameters
from codegen.coder.guarding.origins import NOTHING, UNKNOWN, Mark, Origin, join, mix
from codegen.coder.guarding.seen import Scope
from codegen.coder.guarding.shape import MUTATING
from codegen.coder.guarding.values import Values

MOST_CALLS = 40  # of the coder's functions inside each other


class Calls(Values):
    """Looks at calls. The coder's own functions are followed each time with what they are given."""

    def __init__(self, modules: Modules, keys: Sequence[str], counters: Sequence[str]) -> None:
        super().__init__(modules, keys, counters)
        self.functions: dict[str, tuple[ast.FunctionDef | ast.Lambda, Scope]] = {}
        self.known: dict[tuple[object, ...], Origin] = {}
        self.active: list[str] = []

    @abstractmethod
    def _run_all(self, body: Sequence[ast.stmt], scope: Scope) -> None: ...

    @abstractmethod
    def _pour(self, target: ast.expr, value: Origin, scope: Scope) -> None: ...

    def _call(self, node: ast.Call, scope: Scope) -> Origin:
        whole = None
        if not (isinstance(node.func, ast.Name) and node.func.id in scope):
            whole = self.modules.resolve(node.func)
        given = [self._look(a, scope) for a in node.args]
        named = {k.arg or "**": self._look(k.value, scope) for k in node.keywords}
        out = next((k.value for k in node.keywords if k.arg == "out"), None)
        if whole is not None:
            found = self._call_library(node, whole, given, named)
            if whole.endswith(".at") and len(given) > 1:  # np.maximum.at(target, index, values)
                values = mix([given[1].without("place", "running", "count"), *given[2:]])
                self._pour(node.args[0], values, scope)
            self._judge_handed(node, [*given, *named.values()])
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
        self._judge_handed(node, [*given, *named.values()])
        if name == "len" and given:
            return (
                Origin(frozenset({"count"})) if given[0].rows else replace(given[0], rows=False, handle="", parts=None)
            )
        if name in ("list", "tuple", "reversed", "iter") and given:
            return replace(given[0], value=UNKNOWN)
        if name in ("enumerate", "zip") and given:
            return Origin(mix(given).marks, rows=all(g.rows for g in given))
        if name == "range":
            return Origin(mix(given).marks - {"count", "total"} | ({"place"} if "count" in mix(given).marks else set()))
        if name in ("abs", "round"):
            return mix(given)
        return self._apply([called, *given, *named.values()])

    def _judge_handed(self, node: ast.Call, given: Sequence[Origin]) -> None:
        """The selection goes to functions of the coder's, and to nothing that takes it apart."""
        whole = self.modules.resolve(node.func) or (node.func.id if isinstance(node.func, ast.Name) else "")
        if whole == "functools.partial" or whole in ("print", "isinstance", "callable") or whole[:1].isupper():
            return
        if any(g.handle == "selection" for g in given):
            self._note("handed", node, ast.unparse(node))

    def _apply(self, given: Sequence[Origin]) -> Origin:
        """Something unknown called with these: functions of the coder's among them are called with the others."""
        marks = frozenset[Mark]().union(*(g.marks for g in given))
        if any(g.handle in ("events", "objects") for g in given):  # whoever has them looks at them
            marks |= {"data"}
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
        if any(g.handle in ("events", "objects") for g in (*given, *named.values())):
            bound = bound.plus({"data"})
        if func.attr in ("astype", "copy", "to_list", "tolist", "view", "clip", "round", "to_numpy"):
            return replace(bound, rows=owner.rows)
        if func.attr in library.REDUCING:
            if func.attr in library.TOTALS and owner.rows and not self._keeps_events(node, 0):
                bound = bound.plus({"total"})
            return replace(bound, rows=owner.rows and self._keeps_events(node, 0))
        if func.attr in library.RUNNING and owner.rows and not self._keeps_events(node, 0):
            return self._place(node).plus(bound.marks | {"running"})
        functions = [g for g in (*given, *named.values()) if g.function]
        return bound.plus(self._apply([owner, *given, *named.values()]).marks) if functions else bound

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
        found, found_rows = mix(everything, rows=False), any(g.rows for g in given)
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
        if name in library.RUNNING and found_rows and not self._keeps_events(node, 1):
            return self._place(node).plus(found.marks | {"running"})
        if name == "bincount" and given:  # which bin is no more than an index
            return mix([given[0].without("place", "running", "count"), *given[1:], *named.values()], rows=False)
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
            if name in library.TOTALS and not keeps and given and given[0].rows and "data" in found.marks:
                found = found.plus({"total"})
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
            tuple(repr(g.value)[:80] for g in (*given, *named.values()) if g.constant),
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
