"""What stands at the top of a coder's functions, and what it does to things that are not its own."""

import ast
from collections.abc import Iterator, Sequence

from codegen.coder.guarding.names import Modules, list_locals, list_parameters
from codegen.coder.guarding.source import offend, show
from schemas.coding import Offence

MUTATING = {
    "append", "extend", "insert", "add", "update", "pop", "popitem", "clear", "remove", "discard", "setdefault",
    "sort", "reverse", "fill", "put", "itemset",
    # of ak.ArrayBuilder
    "real", "integer", "boolean", "complex", "null", "begin_list", "end_list", "begin_record", "end_record",
    "begin_tuple", "end_tuple", "field", "index",
}  # fmt: skip
FRAME = "the frame needs it as it is"
BASES = {"object", "dict", "list", "tuple", "typing.NamedTuple"}
KEEPING = {"functools.lru_cache", "functools.cache", "functools.cached_property", "functools.singledispatch"}


def find_misshapen(tree: ast.Module, modules: Modules, wanted: Sequence[tuple[str, int, str]]) -> Iterator[Offence]:
    """Anything at the top but imports, functions and constants; functions that are missing or take something else.

    `wanted` are the functions that must be there: name, number of parameters, and how it is written.
    """
    for statement in tree.body:
        yield from _judge_top(statement, modules)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name, number, written in wanted:
        function = functions.get(name)
        if function is None:
            yield offend("not a selection", None, f"no function {show(name)}: write def {show(written)}")
            continue
        arguments = function.args
        required = len(arguments.posonlyargs) + len(arguments.args)
        if required - len(arguments.defaults) > number or (required < number and arguments.vararg is None):
            detail = f"def {show(name)} does not take {number} arguments: write def {show(written)}"
            yield offend("not a selection", function, detail)
        elif function.decorator_list:
            yield offend("not a selection", function, f"a decorator of {show(name)}: write the function alone")


def _judge_top(statement: ast.stmt, modules: Modules) -> Iterator[Offence]:
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return
    if isinstance(statement, ast.FunctionDef):
        for decorator in statement.decorator_list:
            name = modules.resolve(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if name is None or not name.startswith("functools."):
                yield offend("not a selection", decorator, "a decorator: write the function alone")
        defaults = [*statement.args.defaults, *(d for d in statement.args.kw_defaults if d is not None)]
        for default in defaults:
            if not _is_constant(default, modules):
                yield offend("not a selection", default, "a default value that is computed: give a constant")
        return
    if isinstance(statement, ast.ClassDef):
        yield from _judge_class(statement, modules)
        return
    if isinstance(statement, ast.Expr):
        value = statement.value
        registers = isinstance(value, ast.Call) and modules.resolve(value.func) == "vector.register_awkward"
        if not isinstance(value, ast.Constant) and not registers:
            yield offend("not a selection", statement, "a statement outside functions: only select is run; move it in")
        return
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        given = statement.value
        if given is not None and not _is_constant(given, modules):
            yield offend(
                "not a selection", statement,
                "a value computed outside functions: only constants stand there; compute it in select",
            )  # fmt: skip
        return
    if isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test):
        yield offend("not a selection", statement, "a main block: the frame calls select; leave it out")
        return
    what = type(statement).__name__.lower().removesuffix("def")
    yield offend("not a selection", statement, f"{what} outside functions: only functions, imports and constants")


def _judge_class(statement: ast.ClassDef, modules: Modules) -> Iterator[Offence]:
    """A class that holds values or gathers functions, of no other base than those that do the same."""
    bases = [modules.resolve(b) or (b.id if isinstance(b, ast.Name) else "") for b in statement.bases]
    own_name = statement.name in ("Selection", "Branches", "Analysis")
    if own_name or statement.keywords or statement.decorator_list or any(b not in BASES for b in bases):
        detail = f"class {show(statement.name)} is built on something else: a plain class or a NamedTuple holds values"
        yield offend("not a selection", statement, detail)
    for part in statement.body:
        plain = isinstance(part, ast.Pass | ast.AnnAssign | ast.FunctionDef) or (
            isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
        )
        if not plain:
            yield offend("not a selection", part, "a class holds functions and fields, nothing else")
        elif isinstance(part, ast.FunctionDef | ast.AnnAssign):
            yield from _judge_top(part, modules)


def _is_constant(node: ast.expr, modules: Modules) -> bool:
    """Numbers, text, and lists, tables and arithmetic of them; constants and functions of math and numpy."""
    match node:
        case ast.Constant() | ast.Lambda():
            return True
        case ast.Name():
            return True  # another constant; what is not defined fails when it runs
        case ast.Tuple() | ast.List() | ast.Set():
            return all(_is_constant(e, modules) for e in node.elts)
        case ast.Dict():
            return all(k is not None and _is_constant(k, modules) for k in node.keys) and all(
                _is_constant(v, modules) for v in node.values
            )
        case ast.UnaryOp():
            return _is_constant(node.operand, modules)
        case ast.BinOp():
            return _is_constant(node.left, modules) and _is_constant(node.right, modules)
        case ast.Attribute():
            return modules.resolve(node) is not None
        case ast.Subscript():
            return _is_constant(node.value, modules) and _is_constant(node.slice, modules)
        case ast.Call():
            whole = modules.resolve(node.func) or (node.func.id if isinstance(node.func, ast.Name) else "")
            allowed = whole.startswith(("math.", "numpy.")) or whole in ("float", "int", "frozenset", "set", "tuple")
            return allowed and all(_is_constant(a, modules) for a in node.args)
    return False


def _list_top_names(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name, statement
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                for node in ast.walk(target):
                    if isinstance(node, ast.Name):
                        yield node.id, statement


def find_tampering(tree: ast.Module, modules: Modules) -> Iterator[Offence]:
    """What changes modules, the frame, or values that stay from one chunk of events to the next."""
    shared = {name for name, _ in _list_top_names(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            names = ", ".join(map(show, node.names))
            yield offend("forbidden call", node, f"global {names}: nothing may stay from one chunk to the next")
        elif isinstance(node, ast.Attribute | ast.Name) and modules.resolve(node) in KEEPING:
            detail = f"{show(modules.resolve(node))}: nothing may stay from one chunk to the next"
            yield offend("forbidden call", node, detail)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATING:
            whole = modules.resolve(node.func.value)
            if whole == "awkward.behavior" or (
                whole is not None and whole.startswith(("awkward.behavior.", "vector."))
            ):
                yield offend("forbidden call", node, f"{show(whole)} is changed: {FRAME}")
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            whole = modules.resolve(node)
            if whole is not None:
                yield offend("forbidden call", node, f"{show(whole)} is changed: {FRAME}")
            elif isinstance(node.value, ast.Name) and node.value.id in shared:
                detail = f"{show(node.value.id)}.{show(node.attr)} is set: nothing may stay from one chunk to the next"
                yield offend("forbidden call", node, detail)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            whole = modules.resolve(node.value)
            if whole is not None and whole.partition(".")[0] in ("numpy", "awkward", "vector", "math"):
                yield offend("forbidden call", node, f"{show(whole)} is changed: {FRAME}")
    for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
        yield from _judge_lasting(function, shared)


def _judge_lasting(function: ast.FunctionDef, shared: set[str]) -> Iterator[Offence]:
    """Changes to values that a function does not make itself: constants at the top, default values."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = [*positional[len(positional) - len(arguments.defaults) :], *arguments.kwonlyargs]
    defaults = [*arguments.defaults, *arguments.kw_defaults]
    mutable = {
        a.arg
        for a, d in zip(with_default, defaults, strict=True)
        if isinstance(d, ast.List | ast.Dict | ast.Set | ast.Call)
    }  # fmt: skip
    assigned = list_locals(function) - {a.arg for a in list_parameters(arguments)}
    lasting = (shared - list_locals(function)) | (mutable - assigned)
    for node in ast.walk(function):
        name = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATING:
            name = node.func.value
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            name = node.value
        if isinstance(name, ast.Name) and name.id in lasting:
            yield offend("forbidden call", node, f"{show(name.id)} is changed: nothing may stay between chunks")
