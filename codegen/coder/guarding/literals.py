"""Long lists of numbers in the code: events by their number, or data that was never read."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from codegen.coder.guarding.source import offend
from schemas.coding import Offence

MANY = 20  # numbers in one list; tables of thresholds and of interpolation points are shorter, or rise
FEW = 6  # of numbers that look like those of events
LARGE = 100_000
DIGITS = 40  # of one integer


def find_lists(tree: ast.Module) -> Iterator[Offence]:
    """Lists, tables and texts that hold many numbers in no order."""
    seen = _list_docstrings(tree)
    for node in ast.walk(tree):
        if id(node) in seen:
            continue
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            inside = [n for n in ast.walk(node) if isinstance(n, ast.Constant)]
            seen |= {id(n) for n in ast.walk(node)}
            numbers = [n.value for n in inside if isinstance(n.value, int | float) and not isinstance(n.value, bool)]
            yield from _judge(node, numbers)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            numbers = [int(n[:DIGITS]) for n in re.findall(r"\d+", text)]
            long = len(text) > 400 and " " not in text[:400]
            if long or len(numbers) >= MANY:
                yield offend("listed events", node, "a text full of numbers or code: write thresholds as numbers")
        elif isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value.bit_length() > 4 * DIGITS:
            yield offend("listed events", node, "an integer of many digits: write thresholds as plain numbers")


def _judge(node: ast.expr, numbers: list[int | float]) -> Iterator[Offence]:
    rises = all(a <= b for a, b in pairwise(numbers)) and len({*numbers}) > 1
    whole = [n for n in numbers if isinstance(n, int) and abs(n) >= 1000]
    steps = {b - a for a, b in pairwise(whole)}
    round_numbers = all(n % 500 == 0 for n in whole)
    if len(whole) >= FEW and not round_numbers and len(steps) > 1:
        yield offend("listed events", node, "a list of large integers: events are chosen by what was measured")
    elif len(numbers) >= MANY and not rises:
        yield offend("fabricated input", node, f"{len(numbers)} numbers in a list: data come from events[...]")


def _list_docstrings(tree: ast.Module) -> set[int]:
    """The nodes that are docstrings, by identity."""
    owners = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef) and node.body]
    firsts = [owner.body[0] for owner in owners]
    return {id(first.value) for first in firsts if isinstance(first, ast.Expr)}
