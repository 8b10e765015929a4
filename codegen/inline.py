"""Copies the parts of the templates that an analysis uses, so that it stands alone."""

import ast
import re
from functools import cache, lru_cache
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
MODULES = ("events", "flow", "slices", "kinematics", "objects", "stored", "composites", "reductions", "results")
READERS = {"root": "reading_root", "jsonl": "reading_lines"}  # define the same functions, one of them is copied
CHOSEN = ("chosen_branches", "chosen", "chosen_running")
OPENERS = {"root": "open_root", "jsonl": "open_lines"}
STAND_INS = ("process_chunk", "write_results")  # of a coder's frame, for those of the compiler
LINT_ONLY = re.compile(r"  # (?:noqa|type: ignore|fmt: skip)[^\n]*")


@cache
def read_parts(reader: str = "root", coder: bool = False, worded: bool = False) -> dict[str, str]:
    """Source of every function and class of the templates, by name, in the order in which it is written down.

    Around the functions of a `coder` some stand in for those of the compiler; those that are `worded` have more.
    """
    parts: dict[str, str] = {}
    for module in (*MODULES, READERS[reader], "running", "script", *list_coders(reader, coder, worded)):
        text = (TEMPLATES / f"{module}.py").read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                if worded and node.name in parts and node.name not in STAND_INS:
                    continue  # the compiler's, which is used beside the functions
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                parts[node.name] = LINT_ONLY.sub("", "\n".join(lines[first - 1 : node.end_lineno]))
    return parts


def list_coders(reader: str, coder: bool, worded: bool) -> tuple[str, ...]:
    """The templates around a coder's functions."""
    return (*CHOSEN, OPENERS[reader], *(("worded",) if worded else ())) if coder else ()


def find_parts(code: str, parts: dict[str, str]) -> list[str]:
    """The names of the parts that a piece of code needs, directly or through other parts."""
    found: set[str] = set()
    pending = set(list_names(code) & set(parts))
    while pending:
        name = pending.pop()
        found.add(name)
        pending |= (list_names(parts[name]) & set(parts)) - found
    return [name for name in parts if name in found]


@lru_cache(maxsize=1024)  # parts of the templates are asked about for every program
def list_names(code: str) -> frozenset[str]:
    """Every bare name in a piece of code, and those inside annotations."""
    return frozenset(node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name))


def drop_unused_methods(source: str, used: set[str]) -> str:
    """A class without the properties and methods that nothing asks for by name."""
    tree = ast.parse(source)
    (top,) = tree.body
    if not isinstance(top, ast.ClassDef):
        return source
    lines = source.splitlines()
    drop: set[int] = set()
    for node in top.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__") and node.name not in used:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            drop |= set(range(first - 2, node.end_lineno or first))  # with the empty line before it
    return "\n".join(line for k, line in enumerate(lines) if k not in drop).rstrip()


def list_attributes(code: str) -> set[str]:
    """Every attribute name in a piece of code."""
    return {node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)}
