"""The Python code in what a model replied. Which code is allowed and right is judged by others.

Of several fenced blocks the last one counts that defines a wanted function, and with it those that define names it
uses: helper functions in blocks of their own. A fence that was never closed ends with the reply. Without any fence the
reply itself is the code if it is Python from its first definition on.
"""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from codegen.outputs import clean_text

MOST_REPLY = 400_000  # characters that are looked at
MOST_CODE = 40_000  # characters of functions: several times what the largest selection needs
FENCE = re.compile(r"^[ \t]*(?P<marks>`{3,}|~{3,})[ \t]*(?P<word>[^`\n]*)$")
PYTHON = frozenset({"", "python", "py", "python3", "ipython", "py3"})
DEFINITION = re.compile(r"^(?:async[ ]+)?(?:def|class)[ ]+(\w+)|^(\w+)[ ]*(?::[^=\n]+)?=[^=]", re.MULTILINE)
START = re.compile(r"^(?:import|from|def|class|@)\b", re.MULTILINE)


class Reply(NamedTuple):
    """The code of a reply; or, where there is none that can be used, why not, in one line."""

    functions: str | None
    problem: str | None = None


class _Block(NamedTuple):
    text: str
    word: str  # the language, as the fence names it
    closed: bool


def read_reply(text: str, wanted: Sequence[str] = ("select",), *, cut: bool = False) -> Reply:
    """The functions in a reply. `wanted` are the names of those asked for, `cut` says that it ended at its limit."""
    plain = clean_text(text[:MOST_REPLY].encode("utf-8", "replace"))
    if not plain.strip():
        return Reply(None, "the reply was cut off before it said anything" if cut else "the reply was empty")
    blocks = _find_blocks(plain)
    if blocks and cut and not blocks[-1].closed:
        return Reply(None, "the reply was cut off in the middle of the code")
    usable = [b.text for b in blocks if _is_python(b)]
    if not blocks:
        bare = _find_bare(plain)
        usable = [bare] if bare else []
    if not usable:
        ending = ", and was cut off" if cut else ""
        what = "no Python block" if blocks else "no code"
        return Reply(None, f"the reply held {what}{ending}")
    code = "\n\n\n".join(t.strip("\n") for t in _choose(usable, wanted)) + "\n"
    if not code.strip():
        return Reply(None, "the Python block was empty")
    if len(code) > MOST_CODE:
        return Reply(None, f"the code has {len(code)} characters, more than the {MOST_CODE} that are allowed")
    return Reply(code)


def _find_blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    lines: list[str] = []
    opened: re.Match[str] | None = None
    for line in text.split("\n"):
        fence = FENCE.match(line)
        if opened is None:
            if fence is not None:
                opened, lines = fence, []
        elif fence is not None and not fence["word"].strip() and fence["marks"].startswith(opened["marks"]):
            blocks.append(_make_block(lines, opened, closed=True))
            opened = None
        else:
            lines.append(line)
    if opened is not None:
        blocks.append(_make_block(lines, opened, closed=False))
    return blocks


def _make_block(lines: Sequence[str], opened: re.Match[str], *, closed: bool) -> _Block:
    words = opened["word"].lower().replace("{", " ").replace(":", " ").split()
    text = textwrap.dedent("\n".join(line.rstrip() for line in lines))
    return _Block(text, words[0].lstrip(".") if words else "", closed)


def _is_python(block: _Block) -> bool:
    """A block without a language is Python if it reads as such and defines something."""
    if block.word not in PYTHON:
        return False
    return bool(block.word) or bool(_list_defined(block.text))


def _find_bare(text: str) -> str | None:
    """Code that was written without a fence: from its first definition or import on."""
    start = START.search(text)
    if start is None:
        return None
    code = "\n".join(line.rstrip() for line in text[start.start() :].split("\n"))
    return code if _parse(code) is not None and re.search(r"^def ", code, re.MULTILINE) else None


def _choose(blocks: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The blocks that are meant, in the order in which they stand."""
    defined = [_list_defined(block) for block in blocks]
    chosen = {max((i for i, names in enumerate(defined) if name in names), default=-1) for name in wanted} - {-1}
    if not chosen:  # nothing that was asked for: the guard will name what is missing
        return [max(reversed(blocks), key=len)]
    while True:
        have = {name for i in chosen for name in defined[i]}
        used = {name for i in chosen for name in _list_used(blocks[i])} - have
        more = {max(i for i, names in enumerate(defined) if name in names) for name in used if _any(defined, name)}
        more = {i for i in more - chosen if not defined[i] & have}
        if not more:
            return [blocks[i] for i in sorted(chosen)]
        chosen |= {max(more)}


def _any(defined: Iterable[frozenset[str]], name: str) -> bool:
    return any(name in names for names in defined)


def _list_defined(code: str) -> frozenset[str]:
    """Names that code defines at its top level; by its look where it does not parse."""
    tree = _parse(code)
    if tree is None:
        return frozenset(a or b for a, b in DEFINITION.findall(code))
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return frozenset(names)


def _list_used(code: str) -> frozenset[str]:
    tree = _parse(code)
    if tree is None:
        return frozenset(re.findall(r"[A-Za-z_]\w*", code))
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))


def _parse(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\\d" in a text of the model's is no matter of ours
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
