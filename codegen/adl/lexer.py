"""ADL text to tokens, line by line."""

import re
from typing import Literal, NamedTuple

TokenKind = Literal["name", "number", "string", "sign", "bad"]


class Token(NamedTuple):
    """One token and where it stands. `glued` says that no space is before it."""

    kind: TokenKind
    text: str
    line: int
    glued: bool = False


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>"[^"]*")
    |(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z]\w*)
    |(?P<sign>==|!=|<=|>=|~=|~!|\[\]|\]\[|&&|\|\||\+-|-\+|<<|>>|[-+*/^<>=()\[\]{},:?.&|!_])
    |(?P<bad>.)""",
    re.VERBOSE | re.ASCII,
)


def strip_comment(line: str) -> str:
    """The line without what follows a # outside of quotation marks."""
    quoted = False
    for k, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == "#" and (not quoted or '"' not in line[k:]):
            return line[:k]
    return line


def list_tokens(line: str, number: int) -> list[Token]:
    """The tokens of one line. Characters that ADL does not have come back as tokens of kind `bad`."""
    tokens: list[Token] = []
    glued = False
    for match in _TOKEN.finditer(strip_comment(line)):
        kind = match.lastgroup
        if kind == "space":
            glued = False
            continue
        assert kind is not None
        tokens.append(Token(kind, match.group(), number, glued))  # type: ignore[arg-type]
        glued = True
    return tokens
