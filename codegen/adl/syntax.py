"""What ADL statements are made of: expressions, statements, blocks, and what can be wrong with them."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """Something that cannot be read or expressed. `token` is where it is seen."""

    line: int
    token: str
    message: str

    def describe(self) -> str:
        """On one line: "line 12: 'fMT2': …"."""
        return f"line {self.line}: '{self.token}': {self.message}"


class NotExpressible(Exception):
    """Carries a problem out of an expression."""

    def __init__(self, line: int, token: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(line, token, message)


@dataclass(frozen=True)
class Expression:
    """Base of all expressions; `line` is that of its first token."""

    line: int


@dataclass(frozen=True)
class Number(Expression):
    value: float
    text: str


@dataclass(frozen=True)
class Text(Expression):
    text: str


@dataclass(frozen=True)
class Name(Expression):
    text: str


@dataclass(frozen=True)
class Index(Expression):
    """`jets[0]`, or with `last` the slice `jets[0:2]`, both ends included; None is an open end."""

    owner: Expression
    first: int | None
    last: int | None = None
    is_slice: bool = False


@dataclass(frozen=True)
class Call(Expression):
    """`pT(jets[0])`, `{jets[0]}pT` and `jets[0].pT` are all this."""

    function: str
    arguments: tuple[Expression, ...]
    keywords: tuple[str, ...] = ()  # of assign(r = X, s = Y)


@dataclass(frozen=True)
class Together(Expression):
    """Objects side by side, as in `m(jets[0] jets[1])`: their sum."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Binary(Expression):
    operator: str  # + - * / ^
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Minus(Expression):
    argument: Expression


@dataclass(frozen=True)
class Comparison(Expression):
    """`second` is the other end of a range (`[]`, `][`)."""

    operator: str  # < <= > >= == != [] ][ ~= ~!
    left: Expression
    right: Expression
    second: Expression | None = None


@dataclass(frozen=True)
class Logic(Expression):
    operator: Literal["and", "or"]
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Not(Expression):
    argument: Expression


@dataclass(frozen=True)
class Choice(Expression):
    """`condition ? then : otherwise`; without the last part, everything passes where the condition is false."""

    condition: Expression
    then: Expression
    otherwise: Expression | None


@dataclass(frozen=True)
class Statement:
    """A line of a block. `body` is the expression of select, reject and bin; `words` are the tokens of the others."""

    verb: str  # select, reject, take, bin, histo, weight, save, print, sort, counts, refer
    line: int
    body: Expression | None = None
    words: tuple[str, ...] = ()
    label: str | None = None  # of a bin
    values: tuple[Expression, ...] = ()  # of a histogram, or what is saved
    numbers: tuple[float, ...] = ()  # of a histogram: bins, low, high


@dataclass
class Block:
    """A block of the file: info, object, define, region, histolist, or one that only tells (table, counts)."""

    kind: str
    name: str
    line: int
    body: Expression | None = None
    alias: str | None = None
    statements: list[Statement] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)  # of an info block
