"""One ADL expression from its tokens. Raises NotExpressible, which names the token and what was expected."""

from collections.abc import Sequence

from codegen.adl.lexer import Token
from codegen.adl.syntax import (
    Binary,
    Call,
    Choice,
    Comparison,
    Expression,
    Index,
    Logic,
    Minus,
    Name,
    Not,
    NotExpressible,
    Number,
    Text,
    Together,
)
from schemas.units import UNIT_ALIASES, UNITS

_RELATIONS = {
    "<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "==", "!=": "!=", "[]": "[]", "][": "][", "~=": "~=", "~!": "~!",
    "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "EQ": "==", "NE": "!=",
}  # fmt: skip
_AND, _OR, _NOT = ("and", "AND", "&&"), ("or", "OR", "||"), ("not", "NOT", "!")
_WORDS = {*_AND, *_OR, *_NOT, "LT", "LE", "GT", "GE", "EQ", "NE"}


class Parser:
    """Reads the tokens of one statement from left to right."""

    def __init__(self, tokens: Sequence[Token], line: int) -> None:
        self.tokens = tokens
        self.at = 0
        self.line = line
        self.depth = 0

    def peek(self, ahead: int = 0) -> Token | None:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def sees(self, *texts: str) -> bool:
        token = self.peek()
        return token is not None and token.kind in ("sign", "name") and token.text in texts

    def fail(self, expected: str) -> NotExpressible:
        token = self.peek()
        if token is None:
            last = self.tokens[-1] if self.tokens else None
            return NotExpressible(
                last.line if last else self.line, last.text if last else "", f"expected {expected} after it"
            )
        return NotExpressible(token.line, token.text, f"expected {expected}")

    def take(self, *texts: str) -> Token:
        if texts and not self.sees(*texts):
            raise self.fail(" or ".join(f"'{t}'" for t in texts))
        token = self.peek()
        if token is None:
            raise self.fail("more")
        self.at += 1
        return token

    def finish(self) -> None:
        """Raises NotExpressible when tokens are left."""
        if self.peek() is not None:
            raise self.fail("the end of the statement")

    def condition(self) -> Expression:
        """Everything, with `? :` binding least."""
        self.depth += 1
        if self.depth > 60:
            raise self.fail("less nesting")
        first = self._or()
        if self.sees("?"):
            line = self.take().line
            if self.peek() is None or self.sees(")"):
                raise self.fail("a condition")
            then = self.condition()
            otherwise = None
            if self.sees(":"):
                self.take()
                otherwise = self.condition()
            first = Choice(line, first, then, otherwise)
        self.depth -= 1
        return first

    def _or(self) -> Expression:
        parts = [self._and()]
        while self.sees(*_OR):
            self.take()
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Logic(parts[0].line, "or", tuple(parts))

    def _and(self) -> Expression:
        parts = [self._not()]
        while self.sees(*_AND):
            self.take()
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else Logic(parts[0].line, "and", tuple(parts))

    def _not(self) -> Expression:
        if self.sees(*_NOT):
            line = self.take().line
            return Not(line, self._not())
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self.sum()
        if not self.sees(*_RELATIONS):
            return left
        relation = _RELATIONS[self.take().text]
        if relation in ("[]", "]["):
            # Both ends stand side by side, so a minus before the second is its sign.
            return Comparison(left.line, relation, left, self._product(), self._product())
        return Comparison(left.line, relation, left, self.sum())

    def sum(self) -> Expression:
        """Terms joined by + and -."""
        left = self._product()
        while self.sees("+", "-"):
            operator = self.take().text
            left = Binary(left.line, operator, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._unary()
        while self.sees("*", "/"):
            operator = self.take().text
            left = Binary(left.line, operator, left, self._unary())
        return left

    def _unary(self) -> Expression:
        if self.sees("-"):
            line = self.take().line
            return Minus(line, self._unary())
        if self.sees("+"):
            self.take()
            return self._unary()
        return self._power()

    def _power(self) -> Expression:
        base = self._together()
        if self.sees("^"):
            self.take()
            return Binary(base.line, "^", base, self._unary())
        return base

    def _together(self) -> Expression:
        """One thing, or objects side by side."""
        parts = [self._postfix()]
        token = self.peek()
        if isinstance(parts[0], Number) and token is not None and {token.text} & {*UNITS, *UNIT_ALIASES}:
            raise NotExpressible(token.line, token.text, "ADL's numbers have no unit; leave it out (GeV, mm, rad)")
        while self._starts_object():
            parts.append(self._postfix())
        return parts[0] if len(parts) == 1 else Together(parts[0].line, tuple(parts))

    def _starts_object(self) -> bool:
        token = self.peek()
        return token is not None and token.kind == "name" and token.text not in _WORDS

    def _postfix(self) -> Expression:
        current = self._primary()
        while True:
            if self.sees("["):
                current = self._index(current)
            elif self.sees("."):
                self.take()
                token = self.take()
                if token.kind != "name":
                    raise NotExpressible(token.line, token.text, "expected a property after the dot, as in jets[0].pT")
                current = Call(token.line, token.text, (current,))
            else:
                return current

    def _index(self, owner: Expression) -> Expression:
        line = self.take("[").line
        first = self._integer()
        if self.sees(":"):
            self.take()
            last = self._integer()
            self._close()
            return Index(line, owner, first, last, is_slice=True)
        self._close()
        return Index(line, owner, first)

    def _close(self) -> None:
        """The end of an index; in jets[0:2][1] it stands together with the start of the next."""
        if self.sees("]["):
            self.tokens = [
                *self.tokens[: self.at],
                self.tokens[self.at]._replace(text="["),
                *self.tokens[self.at + 1 :],
            ]
            return
        self.take("]")

    def _integer(self) -> int | None:
        sign = -1 if self.sees("-") else 1
        if sign < 0:
            self.take()
        token = self.peek()
        if token is None or token.kind != "number":
            if sign < 0:
                raise self.fail("a number")
            return None
        self.at += 1
        if not token.text.isdigit():
            raise NotExpressible(token.line, token.text, "expected a whole number in the brackets")
        return sign * int(token.text)

    def _primary(self) -> Expression:
        token = self.peek()
        if token is None:
            raise self.fail("an expression")
        if token.kind == "number":
            self.at += 1
            return Number(token.line, float(token.text), token.text)
        if token.kind == "string":
            self.at += 1
            return Text(token.line, token.text[1:-1])
        if token.text == "(":
            self.take()
            inner = self.condition()
            self.take(")")
            return inner
        if token.text == "{":
            return self._braces()
        if token.text == "|":
            self.take()
            inner = self.sum()
            self.take("|")
            return Call(token.line, "abs", (inner,))
        if token.kind == "name" and token.text not in _WORDS:
            self.at += 1
            if self.sees("("):
                return self._call(token)
            return Name(token.line, token.text)
        raise self.fail("a number, a name, or a bracket")

    def _braces(self) -> Expression:
        self.take("{")
        arguments = [self.condition()]
        while self.sees(","):
            self.take()
            arguments.append(self.condition())
        self.take("}")
        token = self.take()
        if token.kind != "name":
            raise NotExpressible(token.line, token.text, "expected a property after the brace, as in {jets[0]}pT")
        return Call(token.line, token.text, tuple(arguments))

    def _call(self, function: Token) -> Expression:
        self.take("(")
        arguments: list[Expression] = []
        keywords: list[str] = []
        while not self.sees(")"):
            following = self.peek(1)
            if following is not None and following.text == "=":
                keywords.append(self.take().text)
                self.take("=")
            arguments.append(self.condition())
            if not self.sees(")"):
                self.take(",", ")")
        self.take(")")
        if keywords and len(keywords) != len(arguments):
            raise NotExpressible(function.line, function.text, "expected a name for every argument, or for none")
        return Call(function.line, function.text, tuple(arguments), tuple(keywords))
