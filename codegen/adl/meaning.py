"""ADL expressions in the language of the criteria. Raises NotExpressible with line, token and what was expected."""

from collections.abc import Callable

from codegen.adl.comparisons import compare
from codegen.adl.expressions import write_number
from codegen.adl.known import (
    AND,
    COMPARISON,
    NOT,
    OR,
    POWER,
    PRIMARY,
    PRODUCT,
    SUM,
    THIS,
    UNARY,
    Flavour,
    Known,
    Meaning,
    Probe,
    Quantified,
    Things,
    Value,
)
from codegen.adl.probes import find_probe
from codegen.adl.properties import (
    get_field,
    read_composed,
    read_distance,
    read_interpolation,
    read_property,
    read_subjettiness,
)
from codegen.adl.spelling import show
from codegen.adl.suggestions import explain_function, is_tagger
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
from codegen.adl.words import DISTANCE_OF_WORD, FIELD_OF_WORD
from schemas.constants import CONSTANTS
from schemas.fields import EVENT_FIELDS

_FUNCTIONS = ("abs", "sqrt", "sin", "cos", "sign", "min", "max", "sum")


class Interpreter:
    """Says what expressions of one block mean.

    `this` holds the names of the object that is cut on; `ask` is told of words that leave something open;
    `inline` writes variables out, for where the criteria have no names of variables.
    """

    def __init__(
        self,
        known: Known,
        this: frozenset[str] = frozenset(),
        ask: Callable[[str], None] | None = None,
        inline: bool = False,
    ) -> None:
        self.known = known
        self.this = this
        self.ask = ask
        self.inline = inline or bool(this)

    def number(self, expression: Expression) -> Value:
        """The expression as a number; met stands for its pT."""
        found = self.mean(expression)
        if isinstance(found, Things) and found.parts == ("met",):
            return Value("met.pt")
        if isinstance(found, Value) and not found.is_condition:
            return found
        if isinstance(found, Probe | Flavour):
            raise self.fail(expression, "expected a comparison with a number, as in tight(ELE) == 1")
        what = "a condition" if isinstance(found, Value) else "objects"
        raise self.fail(expression, f"expected a number, found {what}")

    def condition(self, expression: Expression) -> Value:
        """The expression as a condition."""
        found = self.mean(expression)
        if isinstance(found, Value) and found.is_condition:
            return found
        raise self.fail(expression, "expected a condition")

    def things(self, expression: Expression) -> Things:
        """The expression as objects."""
        found = self.mean(expression)
        if isinstance(found, Quantified) and isinstance(found.value, Things):
            return found.value
        if not isinstance(found, Things):
            raise self.fail(expression, "expected objects")
        return found

    def one(self, expression: Expression) -> str:
        """The expression as one object or collection."""
        found = self.things(expression)
        if len(found.parts) != 1:
            raise self.fail(expression, "expected one object or collection, found a sum of several")
        return found.parts[0]

    def fail(self, expression: Expression, expected: str) -> NotExpressible:
        return NotExpressible(expression.line, show(expression), expected)

    def mean(self, expression: Expression) -> Meaning:
        match expression:
            case Number(value=value):
                return Value(write_number(value), constant=value)
            case Name():
                return self._name(expression)
            case Index():
                return self._index(expression)
            case Call():
                return self._call(expression)
            case Together(parts=parts):
                return Things(tuple(p for part in parts for p in self.things(part).parts))
            case Minus(argument=argument):
                return self._minus(argument)
            case Binary():
                return self._binary(expression)
            case Comparison(operator=operator) if operator not in ("~=", "~!"):
                return compare(self, expression)
            case Logic(operator=operator, parts=parts):
                level = AND if operator == "and" else OR
                return Value(f" {operator} ".join(self.condition(p).within(level + 1) for p in parts), level, True)
            case Not(argument=argument):
                return Value(f"not {self.condition(argument).within(PRIMARY)}", NOT, True)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                return self._choice(condition, then, otherwise)
            case Text():
                raise self.fail(expression, "expected a number or an object, found a text")
        raise self.fail(expression, "expected an expression; ~= and ~! stand alone after select")

    def _choice(self, condition: Expression, then: Expression, otherwise: Expression | None) -> Value:
        when = self.condition(condition)
        branches = (
            [f"({when.within(AND + 1)} and {self.condition(then).within(AND + 1)})"]
            if not _is_all(then)
            else [when.text]
        )
        if otherwise is None or _is_all(otherwise):
            branches.append(f"not {when.within(PRIMARY)}")
        elif not _is_none(otherwise):
            branches.append(f"(not {when.within(PRIMARY)} and {self.condition(otherwise).within(AND + 1)})")
        return Value(" or ".join(branches), OR if len(branches) > 1 else PRIMARY, True)

    def _name(self, expression: Name) -> Meaning:
        name, known = expression.text, self.known
        if name in self.this:
            return Things((THIS,))
        split = known.split_index(name)
        if split is not None and known.find_things(name) is None:
            owner, index = split
            return self._index(Index(expression.line, Name(expression.line, owner), index))
        things = known.find_things(name)
        if things is not None:
            return Things(things)
        if name in known.numbers:
            value = known.numbers[name]
            return Value(name) if CONSTANTS.get(name) == value else Value(write_number(value), constant=value)
        if name in known.variables:
            written_out = known.expanded[name]
            return written_out if self.inline else Value(known.variables[name], PRIMARY, written_out.is_condition)
        if name in known.broken:
            raise self.fail(expression, known.suggest(name))
        if self.this and name.lower() in {
            *FIELD_OF_WORD,
            "abseta",
            "pdgid",
            "btag",
            "ctag",
            "tight",
            "medium",
            "loose",
        }:
            return read_property(self, Call(expression.line, name, (Name(expression.line, next(iter(self.this))),)))
        probe = find_probe(name, None)
        if probe is not None:
            return probe
        if name in EVENT_FIELDS:
            return Value(name)
        if self.this and is_tagger(name):
            raise self.fail(expression, explain_function(name))
        raise self.fail(expression, known.suggest(name))

    def _index(self, expression: Index) -> Things:
        owner = self.things(expression.owner)
        if owner.parts == ("met",):
            return owner
        first, last = expression.first, expression.last
        if len(owner.parts) != 1 or owner.parts[0] == THIS:
            raise self.fail(expression, "expected a collection before the brackets")
        base = owner.parts[0]
        if base in self.known.candidates.values() and base not in self.known.composites:
            if first == 0 and not expression.is_slice:
                return owner
            raise self.fail(expression, "expected [0]; there is one such candidate")
        if base.startswith("pairs("):
            raise self.fail(
                expression, "combinations without a choice have no order; expected ~= or ~! in their definition"
            )
        if expression.is_slice:
            if first not in (None, 0) or (last is not None and last < 0):
                raise self.fail(expression, "expected a slice from the start; the criteria have the first n only")
            return Things((base if last is None else f"{base}[:{last + 1}]",))
        if first is None:
            return owner
        if first < 0:
            raise self.fail(
                expression,
                "an open index; expected it in a definition of two equal ones, as in define Z = ELE[-1] ELE[-1]",
            )
        return Things((f"{base}[{first}]",))

    def _minus(self, argument: Expression) -> Value:
        inner = self.number(argument)
        if inner.constant is not None:
            return Value(write_number(-inner.constant), UNARY, constant=-inner.constant)
        return Value(f"-{inner.within(POWER)}", UNARY)

    def _binary(self, expression: Binary) -> Meaning:
        operator = expression.operator
        ratio = read_subjettiness(self, expression)
        if ratio is not None:
            return ratio
        left = self.mean(expression.left)
        if operator == "+" and isinstance(left, Things) and left.parts != ("met",):
            return Things((*left.parts, *self.things(expression.right).parts))
        if operator == "+" and isinstance(left, Things):
            right = self.mean(expression.right)
            if isinstance(right, Things) and right.parts != ("met",):
                return Things((*left.parts, *right.parts))
        if operator == "^":
            return self._power(expression)
        a, b = self.number(expression.left), self.number(expression.right)
        if a.constant is not None and b.constant is not None:
            folded = _calculate(operator, a.constant, b.constant)
            if folded is not None:
                return Value(write_number(folded), PRIMARY if folded >= 0 else UNARY, constant=folded)
        level = SUM if operator in "+-" else PRODUCT
        return Value(f"{a.within(level)} {operator} {b.within(level + 1)}", level)

    def _power(self, expression: Binary) -> Value:
        base, exponent = self.number(expression.left), self.number(expression.right).constant
        if exponent in (2, 3, 4):
            return Value(f"{base.within(POWER + 1)}**{int(exponent)}", POWER)
        if exponent == 0.5:
            return Value(f"sqrt({base.text})")
        raise self.fail(expression.right, "expected an exponent of 2, 3, 4 or 0.5")

    def _call(self, expression: Call) -> Meaning:
        name = expression.function.lower()
        arguments = expression.arguments
        match name, arguments:
            case (("size" | "count" | "numof"), [counted]):
                return self._count(counted)
            case (("anyof" | "allof"), [inner]):
                return self._quantify(name[:3], inner)
            case "fht", [collection]:
                return Value(f"sum({get_field(self.one(collection), 'pt')})")
            case "abs", [Call(function=inner, arguments=[owner])] if inner.lower() == "pdgid":
                return Flavour(self.one(owner), absolute=True)
            case "hlt", [Text(text=trigger)]:
                return Value(f"trigger == {trigger}", COMPARISON, True)
            case "interp", [argument, *points] if len(points) % 2 == 0 and points:
                return read_interpolation(self, argument, points)
            case (("pairs" | "role" | "members"), [owner, *rest]):
                return read_composed(self, expression, name, owner, rest)
        if name in _FUNCTIONS and arguments:
            if name not in ("min", "max") and len(arguments) != 1:
                raise self.fail(expression, f"expected one argument of {name}")
            return Value(f"{name}({', '.join(self.number(a).text for a in arguments)})")
        if name.removeprefix("signed_") in DISTANCE_OF_WORD and len(arguments) in (1, 2):
            return read_distance(self, name, arguments)
        if len(arguments) == 1:
            return read_property(self, expression)
        raise NotExpressible(expression.line, expression.function, explain_function(expression.function))

    def _count(self, counted: Expression) -> Value:
        found = self.mean(counted)
        if isinstance(found, Value) and found.is_condition:
            return Value(f"count({found.text})")
        if not isinstance(found, Things) or len(found.parts) != 1 or found.parts[0] in (THIS, "met"):
            raise self.fail(counted, "expected a collection or a candidate")
        return Value(f"count({found.parts[0]})")

    def _quantify(self, word: str, inner: Expression) -> Meaning:
        found = self.mean(inner)
        if isinstance(found, Value) and found.is_condition:
            return Value(f"{word}({found.text})", PRIMARY, True)
        if isinstance(found, Value | Things):
            return Quantified(word, found)
        raise self.fail(inner, "expected a number or a condition")


def _calculate(operator: str, a: float, b: float) -> float | None:
    match operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
    return a / b if b else None


def _is_all(expression: Expression) -> bool:
    return isinstance(expression, Name) and expression.text.lower() == "all"


def _is_none(expression: Expression) -> bool:
    return isinstance(expression, Name) and expression.text.lower() == "none"
