"""The functions that a coder wrote as a syntax tree, or why there is none."""

import ast
import re
import warnings

from schemas.coding import Offence, OffenceKind

MOST_BYTES = 100_000  # a whole selection of twenty steps has 5 000 to 10 000
MOST_NODES = 30_000
MOST_DEPTH = 120
MOST_SHOWN = 60

# Control characters and marks that turn the direction of writing: what is read is then not what runs.
HIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def offend(kind: OffenceKind, node: ast.AST | None, detail: str) -> Offence:
    """An offence at a node of the tree."""
    return Offence(kind=kind, detail=detail, line=getattr(node, "lineno", None))


def show(text: object) -> str:
    """A name or a piece of code of the coder's as it may stand in a message: one line, bounded, printable."""
    line = " ".join(HIDDEN.sub("?", str(text)[:500]).split())
    line = line.encode("utf-8", "replace").decode("utf-8")
    return line if len(line) <= MOST_SHOWN else f"{line[: MOST_SHOWN - 3]}..."


def show_node(node: ast.AST) -> str:
    """The code of a node, bounded."""
    return show(ast.unparse(node))


def read_source(functions: str) -> ast.Module | Offence:
    """The tree of a coder's functions. An Offence for text that is empty, too large, too deeply nested, or no Python.

    Never raises: whatever a model writes is data.
    """
    if not functions.strip():
        return Offence(kind="not a selection", detail="no code: write a function select(events, selection)")
    size = len(functions.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        return Offence(
            kind="not a selection",
            detail=f"{size} bytes of code, at most {MOST_BYTES} are read: write the selection with loops and functions",
        )
    hidden = HIDDEN.search(functions)
    if hidden is not None:
        line = functions.count("\n", 0, hidden.start()) + 1
        detail = f"the character U+{ord(hidden.group()):04X}, which cannot be seen: write plain text"
        return Offence(kind="syntax", detail=detail, line=line)
    deep = "the code is nested too deeply to be read: use intermediate variables and functions"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(functions, "functions.py")
            problem = _measure(tree)
            if problem is not None:
                return Offence(kind="not a selection", detail=problem)
            compile(tree, "functions.py", "exec", dont_inherit=True)  # `return` outside a function, `nonlocal`
    except SyntaxError as error:
        line_number = error.lineno if error.lineno else None
        written = f": {show(error.text.strip())}" if error.text and error.text.strip() else ""
        return Offence(kind="syntax", detail=f"{show(error.msg)}{written}", line=line_number)
    except (RecursionError, MemoryError):
        return Offence(kind="not a selection", detail=deep)
    except (ValueError, OverflowError, UnicodeError) as error:
        return Offence(kind="syntax", detail=f"no Python: {show(error)}")
    return tree


def _measure(tree: ast.Module) -> str | None:
    """What is too large in a tree, counted without recursion."""
    number, layer, depth = 0, [tree], 0
    waiting: list[ast.AST] = list(layer)
    while waiting:
        number, depth = number + len(waiting), depth + 1
        if number > MOST_NODES:
            return f"more than {MOST_NODES} pieces of syntax: write the selection with loops and functions"
        if depth > MOST_DEPTH:
            return f"expressions nested more than {MOST_DEPTH} deep: use intermediate variables"
        waiting = [child for node in waiting for child in ast.iter_child_nodes(node)]
    return None
