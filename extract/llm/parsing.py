"""The JSON objects in a model's reply, whatever stands around them and wherever the reply ends.

An object counts when its closing brace is there: what a reply was cut in is left out, everything before it is kept.
Nothing here recurses, and nothing raises: a reply is untrusted text.
"""

import json
import re
from bisect import bisect_right
from typing import NamedTuple, cast

_LONGEST = 2_000_000  # characters of a reply that are read
_LONGEST_OBJECT = 20_000
_MOST = 2000  # objects of one reply
_THINK = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.S | re.I)
_THOUGHT = re.compile(r"</(?:think|thinking|reasoning)>", re.I)
_COMMA = re.compile(r",(\s*[}\]])")
_WORD = re.compile(r"[A-Za-z]+")
_ITEM = re.compile(r'\{\s*"quote"')
_WORDS = {"None": "null", "True": "true", "False": "false", "undefined": "null"}

Json = dict[str, object]


class Parsed(NamedTuple):
    """The complete objects of a reply, taken out of their lists; whether its JSON came to an end; unreadable ones."""

    objects: tuple[Json, ...]
    complete: bool
    broken: tuple[str, ...] = ()
    any_json: bool = False


def parse_reply(text: str) -> Parsed:
    """Every object that stands in a list or alone and contains no other such object."""
    plain = drop_thoughts(text[:_LONGEST])
    objects: list[Json] = []
    broken: list[str] = []
    spans, open_ended = find_objects(plain)
    spans = sorted({*spans, *_find_lost(plain, spans)})
    for start, end in spans[:_MOST]:
        piece = plain[start:end]
        found = _load(piece) if len(piece) <= _LONGEST_OBJECT else None
        if found is not None:
            objects.append(found)
        else:
            broken.append(piece)
    return Parsed(tuple(objects), not open_ended, tuple(broken), bool(spans) or bool(re.search(r"[\[{]", plain)))


def drop_thoughts(text: str) -> str:
    """The reply without what a model thought aloud in front of it; a quote may hold such a tag too."""
    if text.lstrip().startswith(("{", "[", "```")):
        return text
    plain = _THINK.sub(" ", text)
    parts = _THOUGHT.split(plain)
    if len(parts) > 1:
        return parts[-1]
    unfinished = re.search(r"<(?:think|thinking|reasoning)>", plain, re.I)
    return plain[: unfinished.start()] if unfinished else plain


def find_objects(text: str) -> tuple[list[tuple[int, int]], bool]:
    """Where the objects stand that are no part of another object's value, and whether the JSON was left open.

    An object that holds such objects (in a list) is not one itself. A string that never ends is given up at the next
    object that starts a line or follows a closed one.
    """
    spans: list[tuple[int, int]] = []
    stack: list[tuple[str, int, bool]] = []  # bracket, where, whether an object was found inside
    i, n = 0, len(text)
    while i < n:
        char = text[i]
        if char == '"' and stack:
            end = _end_string(text, i)
            if end is None:
                return spans, True
            i = end
        elif char in "{[":
            stack.append((char, i, False))
        elif char in "}]" and stack:
            wanted = "{" if char == "}" else "["
            while stack and stack[-1][0] != wanted:  # a bracket that was never closed
                stack.pop()
            if not stack:
                i += 1
                continue
            _, start, filled = stack.pop()
            inside = filled
            if char == "}" and not filled and (not stack or stack[-1][0] == "["):
                spans.append((start, i + 1))
                inside = True
            if stack and inside:
                stack[-1] = (stack[-1][0], stack[-1][1], True)
        i += 1
    return spans, bool(stack)


def _find_lost(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Items that a bracket or a string which nobody closed has swallowed: each looked for from its own beginning."""
    starts = [m.start() for m in _ITEM.finditer(text)][:_MOST]
    known = sorted(spans)
    lost = []
    for start, after in zip(starts, [*starts[1:], len(text)], strict=False):
        i = bisect_right(known, (start, len(text) + 1)) - 1
        if i >= 0 and start < known[i][1]:
            continue
        found, _ = find_objects(text[start:after])
        lost += [(start + a, start + b) for a, b in found[:1] if a == 0]
    return lost


def _end_string(text: str, start: int) -> int | None:
    """Where a string that starts at `start` ends; a quotation mark inside it that nobody escaped does not end it."""
    i, n = start + 1, len(text)
    while i < n:
        if text[i] == "\\":
            i += 2
            continue
        if text[i] == '"':
            after = text[i + 1 : i + 40].lstrip()
            if not after or after[0] in ",:]}":
                return i
        i += 1
    return None


def _load(piece: str) -> Json | None:
    for attempt in (piece, _mend(piece)):
        try:
            found = json.loads(attempt, strict=False, parse_int=_read_int)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return cast("Json", found)
    return None


def _read_int(digits: str) -> float | int:
    return int(digits) if len(digits) < 20 else float(digits)


def _mend(piece: str) -> str:
    """Trailing commas, Python's words, and quotation marks inside strings, as models that nobody constrains write."""
    out: list[str] = []
    i, n = 0, len(piece)
    while i < n:
        if piece[i] != '"':
            word = _WORD.match(piece, i)
            if word:
                out.append(_WORDS.get(word[0], word[0]))
                i += len(word[0])
            else:
                out.append(piece[i])
                i += 1
            continue
        end = _end_string(piece, i)
        if end is None:
            return piece
        body = piece[i + 1 : end]
        out.append('"' + re.sub(r'(?<!\\)"', r"\"", body) + '"')
        i = end + 1
    return _COMMA.sub(r"\1", "".join(out))
