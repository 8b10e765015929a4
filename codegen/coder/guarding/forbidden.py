"""Functions, attributes and statements that have no business in a selection: lint with a reason, not a wall."""

import ast
import re
from collections.abc import Iterator

from codegen.coder.guarding.names import ALLOWED_IMPORTS, Modules, list_locals
from codegen.coder.guarding.source import offend, show, show_node
from schemas.coding import Offence, OffenceKind

FILES = "files are read and written by the frame: take branches with events[...], hand results to selection"
DYNAMIC = "write the function or the branch out by name"

# Built-in functions, each with what to do instead.
BUILTINS = {
    "open": FILES,
    "exec": DYNAMIC, "eval": DYNAMIC, "compile": DYNAMIC, "__import__": "import at the top, numpy and awkward only",
    "globals": DYNAMIC, "locals": DYNAMIC, "vars": DYNAMIC, "dir": DYNAMIC, "delattr": DYNAMIC, "setattr": DYNAMIC,
    "breakpoint": "nobody is there to answer", "input": "nobody is there to answer; the events are in `events`",
    "help": "nobody reads it", "exit": "let the function end", "quit": "let the function end",
    "memoryview": "use arrays", "print": "nothing reads what is printed: use selection.add and selection.store",
    "SystemExit": "let the function end", "KeyboardInterrupt": "let the function end", "id": "compare values",
    "hash": "a cut depends on what was measured",
}  # fmt: skip

# What may not be used of the modules that are there: a whole name, and everything below it.
MODULES: dict[str, tuple[OffenceKind, str]] = {
    "numpy.random": ("fabricated input", "random numbers are no data: use what is in `events`"),
    "random": ("fabricated input", "random numbers are no data: use what is in `events`"),
    "secrets": ("fabricated input", "random numbers are no data: use what is in `events`"),
    "uuid": ("fabricated input", "random numbers are no data: use what is in `events`"),
}
FILE_FUNCTIONS = (
    *(f"numpy.{n}" for n in (
        "load", "save", "savez", "savez_compressed", "savetxt", "loadtxt", "genfromtxt", "fromfile", "memmap",
        "fromregex", "rec", "DataSource", "lib", "ctypeslib", "core", "_core", "f2py", "testing", "distutils", "info",
        "show_config", "show_runtime", "setbufsize", "seterrcall",
    )),
    *(f"awkward.{n}" for n in (
        "to_parquet", "to_parquet_row_groups", "to_parquet_dataset", "from_parquet", "metadata_from_parquet",
        "to_feather", "from_feather", "to_json", "from_json", "from_avro_file", "to_rdataframe", "from_rdataframe",
        "to_dataframe", "to_buffers", "from_buffers", "to_torch", "from_torch", "to_tensorflow", "from_tensorflow",
        "to_cudf", "to_cupy", "from_cupy", "to_jax", "from_jax", "numba", "jax", "cling", "forth", "cppyy",
        "_connect", "_ext", "_nplikes", "_do", "_util", "_backends", "_kernels", "_v2",
    )),
    *(f"typing.{n}" for n in ("sys", "types", "functools", "collections", "operator", "copyreg", "contextlib")),
    *(f"collections.{n}" for n in ("abc.sys", "sys")),
)  # fmt: skip
METHODS = {
    "tofile": FILES, "dump": FILES, "to_parquet": FILES, "to_feather": FILES, "write": FILES, "writelines": FILES,
    "ctypes": "work on arrays, not on memory", "data_as": "work on arrays, not on memory",
    **dict.fromkeys(
        ("gi_frame", "cr_frame", "ag_frame", "tb_frame", "tb_next", "f_back", "f_locals", "f_globals", "f_builtins",
         "f_code", "gi_code", "mro"), "a selection does not look into the interpreter",
    ),
}  # fmt: skip
PRIVATE_FIELD = re.compile(r"\{[^{}]*[.\[]_")  # "{0._passed}".format(selection)
CLOCK = {"now", "today"}  # what numpy reads as a date
FRAME_FIELDS = {
    "_passed", "_stored", "_branches", "_watch", "_counts", "_events", "_known", "_number", "_steps", "_note_absent",
}  # fmt: skip
HARMLESS_DUNDERS = {"__len__", "__getitem__", "__contains__", "__iter__", "__name__"}


def find_forbidden(tree: ast.Module, modules: Modules) -> Iterator[Offence]:
    """Imports off the list, and functions and attributes that reach out of the selection."""
    own = {name for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.Lambda) for name in list_locals(f)}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    fields = _list_own_fields(tree)
    for node in ast.walk(tree):
        if id(node) in fields:
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _judge_import(node)
        elif isinstance(node, ast.Name):
            yield from _judge_name(node, own)
            if node.id in ("getattr", "hasattr") and node.id not in own and id(node) not in called:
                yield offend("forbidden call", node, f"{node.id} handed to something else: {DYNAMIC}")
            if id(node) not in inner:
                yield from _judge_whole(node, modules)
        elif isinstance(node, ast.Attribute):
            yield from _judge_attribute(node, modules)
            if id(node) not in inner:
                yield from _judge_whole(node, modules)
        elif isinstance(node, ast.Call):
            yield from _judge_call(node)
            if isinstance(node.func, ast.Name) and node.func.id == "getattr" and id(node) not in inner:
                yield from _judge_whole(node, modules)
        elif isinstance(node, ast.MatchClass):
            for name in (name for name in node.kwd_attrs if name.startswith("_")):
                detail = f"a pattern with {show(name)}: what begins with _ is not yours; use what is documented"
                yield offend("forbidden call", node, detail)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _judge_text(node, node.value)
        elif isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
            yield offend("forbidden call", node, "async code: the frame calls select as a plain function")


def _list_own_fields(tree: ast.Module) -> set[int]:
    """Where a class of the coder's uses fields of its own that begin with _: `self._masks`, which it sets itself."""
    found: set[int] = set()
    for owner in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        uses = [
            node
            for node in ast.walk(owner)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
            and node.attr.startswith("_") and not node.attr.startswith("__") and node.attr not in FRAME_FIELDS
        ]  # fmt: skip
        own = {node.attr for node in uses if isinstance(node.ctx, ast.Store)}
        found |= {id(node) for node in uses if node.attr in own}
    return found


def _judge_import(node: ast.Import | ast.ImportFrom) -> Iterator[Offence]:
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if module == "__future__":
            yield offend("forbidden call", node, "from __future__: leave it out, the frame has it")
            return
        names = [f"{module}.{name.name}" for name in node.names] if module else ["."]
        if any(name.name == "*" for name in node.names):
            yield offend("forbidden call", node, f"from {show(module)} import *: import what is used by name")
            return
    else:
        names = [name.name for name in node.names]
    for name in names:
        found = _find_module(name)
        if found is not None:
            kind, instead = found
            yield offend(kind, node, f"import of {show(name)}: {instead}")
            continue
        within = name if isinstance(node, ast.Import) else (node.module or ".")
        if within not in ALLOWED_IMPORTS or name in FILE_FUNCTIONS or name.partition(".")[2].startswith("_"):
            known = ", ".join(ALLOWED_IMPORTS[:6])
            yield offend("forbidden call", node, f"import of {show(name)}: a selection has {known}, nothing else")


def _find_module(whole: str) -> tuple[OffenceKind, str] | None:
    for name, found in MODULES.items():
        if whole == name or whole.startswith(f"{name}."):
            return found
    return None


def _judge_name(node: ast.Name, own: set[str]) -> Iterator[Offence]:
    name = node.id
    if name in BUILTINS and name not in own and isinstance(node.ctx, ast.Load):
        yield offend("forbidden call", node, f"{name}: {BUILTINS[name]}")
    elif name.startswith("__") and name.endswith("__") and name not in (*BUILTINS, "__name__"):  # of a main block
        yield offend("forbidden call", node, f"{show(name)}: a selection does not look into the interpreter")


def _judge_attribute(node: ast.Attribute, modules: Modules) -> Iterator[Offence]:
    name = node.attr
    if name.startswith("__") and name not in HARMLESS_DUNDERS:
        yield offend("forbidden call", node, f".{show(name)}: a selection does not look into the interpreter")
    elif name.startswith("_") and not name.startswith("__"):
        yield offend("forbidden call", node, f".{show(name)}: what begins with _ is not yours; use what is documented")
    elif name in METHODS and modules.resolve(node) is None:
        yield offend("forbidden call", node, f".{name}: {METHODS[name]}")


def _judge_whole(node: ast.Name | ast.Attribute | ast.Call, modules: Modules) -> Iterator[Offence]:
    """Judge what a chain of attributes stands for as a whole."""
    whole = modules.resolve(node)
    if whole is None or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    found = _find_module(whole)
    if found is not None:
        yield offend(found[0], node, f"{show(whole)}: {found[1]}")
    elif any(whole == name or whole.startswith(f"{name}.") for name in FILE_FUNCTIONS):
        yield offend("forbidden call", node, f"{show(whole)}: {FILES}")


def _judge_text(node: ast.Constant, text: str) -> Iterator[Offence]:
    if PRIVATE_FIELD.search(text):
        yield offend("forbidden call", node, "a text with a place for what begins with _: use what is documented")
    elif text.strip().lower() in CLOCK:
        yield offend("forbidden call", node, f"the time ({show(text)}): a cut depends on what was measured")


def _judge_call(node: ast.Call) -> Iterator[Offence]:
    if isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr"):
        name = node.args[1] if len(node.args) > 1 else None
        text = name.value if isinstance(name, ast.Constant) else None
        if not isinstance(text, str) or text.startswith("_"):
            yield offend("forbidden call", node, f"{node.func.id} of a name that is made up: {DYNAMIC}")
    elif isinstance(node.func, ast.Name) and node.func.id == "type" and len(node.args) > 1:
        yield offend("forbidden call", node, "type with three arguments: a selection needs no classes")


def find_swallowed(tree: ast.Module) -> Iterator[Offence]:
    """Handlers after which the program goes on as if nothing had happened."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try | ast.TryStar):
            for handler in node.handlers:
                if not always_raises(handler.body):
                    caught = show_node(handler.type) if handler.type is not None else "everything"
                    yield offend(
                        "swallowed exception", handler,
                        f"except {caught} goes on as if nothing had happened: let the error be seen, or raise again",
                    )  # fmt: skip
            for statement in node.finalbody:
                for part in ast.walk(statement):
                    if isinstance(part, ast.Return | ast.Break | ast.Continue):
                        yield offend("swallowed exception", part, "leaving a finally block drops the error: end it")
        elif isinstance(node, ast.With):
            for item in node.items:
                name = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
                if isinstance(name, ast.Attribute | ast.Name) and show_node(name).split(".")[-1] == "suppress":
                    yield offend("swallowed exception", node, "suppress: let the error be seen")


def always_raises(body: list[ast.stmt]) -> bool:
    """Whether no way through these statements comes out at their end."""
    for statement in body:
        if isinstance(statement, ast.Raise):
            return True
        if isinstance(statement, ast.Return | ast.Break | ast.Continue):
            return False
        if isinstance(statement, ast.If) and always_raises(statement.body) and always_raises(statement.orelse):
            return True
        if isinstance(statement, ast.With) and always_raises(statement.body):
            return True
        leaves = (ast.Return, ast.Break, ast.Continue)
        if any(isinstance(part, leaves) for part in ast.walk(statement)):
            return False
    return False
