"""Our comments in an ADL file: what a part of the document is, as JSON, above the statement that says it to ADL.

`#: cut {"id": "e_pt", ...}` stands above `select pT(ELE) > 7`; `#+` lines continue a long one. Characters that a
terminal or an editor would not show are escaped, so a quote from a paper can neither end the comment nor hide in it.
"""

import json
import re
from dataclasses import dataclass
from typing import Literal, get_args

from schemas.errors import CriteriaError
from schemas.model import Model

Kind = Literal[
    "document", "analysis", "object", "remove_overlap", "overlap", "candidate", "choice", "members", "variable",
    "region", "cut", "outputs", "question",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)

WIDTH = 160
_OPENING = re.compile(r"\s*#:\s*(?P<kind>\w+)\s+(?P<json>.*)")
_CONTINUED = re.compile(r"\s*#\+ ?(?P<json>.*)")
_STRING_OR_BREAK = re.compile(r'"(?:[^"\\]|\\.)*"|, ')


@dataclass(frozen=True)
class Comment:
    """One comment of ours: its kind, the JSON, and the line it starts in (0 when it was not read from a file)."""

    kind: str
    text: str
    line: int = 0

    def load(self) -> object:
        """The content. Raises CriteriaError that names the line."""
        try:
            return json.loads(self.text)
        except (json.JSONDecodeError, RecursionError) as error:
            problem = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            raise CriteriaError(f"line {self.line}: comment '#: {self.kind}': expected JSON: {problem}") from None


def write_comment(kind: Kind, content: object) -> Comment:
    """The comment that holds a part. `content` is plain data, as a model's dump gives it."""
    text = json.dumps(_shorten(content), ensure_ascii=False)
    return Comment(kind, "".join(c if c.isprintable() else _escape(c) for c in text))


def dump_part(part: Model, without: tuple[str, ...] = ()) -> dict[str, object]:
    """A part as plain data: what differs from the defaults, except the fields that have comments of their own."""
    content: dict[str, object] = part.model_dump(by_alias=True, exclude_defaults=True)
    return {k: v for k, v in content.items() if k not in without}


def lay_out(comment: Comment, indent: str) -> list[str]:
    """The lines of a comment; long ones are broken between the elements of the JSON."""
    lines: list[str] = []
    current = f"{indent}#: {comment.kind} "
    start = 0
    for match in _STRING_OR_BREAK.finditer(comment.text):
        if match.group() == ", ":
            piece = comment.text[start : match.end()]
            start = match.end()
            if len(current) + len(piece) > WIDTH and not current.endswith((f"#: {comment.kind} ", "#+ ")):
                lines.append(current.rstrip(" "))
                current = f"{indent}#+ "
            current += piece
    rest = comment.text[start:]
    if len(current) + len(rest) > WIDTH and not current.endswith((f"#: {comment.kind} ", "#+ ")):
        lines.append(current.rstrip(" "))
        current = f"{indent}#+ "
    return [*lines, current + rest]


def read_comments(lines: list[str]) -> dict[int, Comment]:
    """All comments of ours, by the number (from 1) of the line in which each ends. Raises CriteriaError."""
    found: dict[int, Comment] = {}
    current: Comment | None = None
    for number, line in enumerate(lines, start=1):
        if (opening := _OPENING.fullmatch(line)) is not None:
            if opening["kind"] not in KINDS:
                raise CriteriaError(f"line {number}: '#: {opening['kind']}': expected one of {', '.join(KINDS)}")
            current = Comment(opening["kind"], opening["json"], number)
        elif (continued := _CONTINUED.fullmatch(line)) is not None:
            if current is None:
                raise CriteriaError(f"line {number}: '#+': expected a line with '#:' above it")
            del found[number - 1]
            current = Comment(current.kind, f"{current.text} {continued['json']}", current.line)
        else:
            current = None
            continue
        found[number] = current
    return found


def _shorten(value: object) -> object:
    """The same data with 7 for 7.0."""
    match value:
        case dict():
            return {k: _shorten(v) for k, v in value.items()}
        case list() | tuple():
            return [_shorten(v) for v in value]
        case float() if value.is_integer() and abs(value) < 1e15:
            return int(value)
    return value


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
