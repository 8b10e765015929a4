"""ADL's select and reject as cuts of the criteria."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from codegen.adl.comparisons import split_comparison
from codegen.adl.known import AND, PRIMARY, THIS, Quantified, Things, Value, Word
from codegen.adl.meaning import Interpreter
from codegen.adl.spelling import show
from codegen.adl.syntax import Call, Choice, Comparison, Expression, Logic, Name, Not, NotExpressible
from codegen.adl.words import DISTANCE_OF_WORD
from schemas.criteria import Cut, Threshold

_OPENING, _CLOSING = (">", ">="), ("<", "<=")


@dataclass(frozen=True)
class Away:
    """Objects closer than `radius` to those of a collection go."""

    near: str
    radius: float
    is_exact: bool  # an object at exactly this distance stays


@dataclass(frozen=True)
class Maker:
    """Makes the cuts of one object, candidate or region. Ids come from `name_cut`, group names from `name_group`."""

    interpreter: Interpreter
    name_cut: Callable[[str], str]
    name_group: Callable[[str], str]

    def select(self, body: Expression, when: Value | None = None, quantifier: str = "all") -> list[Cut]:
        """What `select body` requires. Raises NotExpressible."""
        match body:
            case Name(text=text) if text.lower() == "all":
                return []
            case Logic(operator="and", parts=parts):
                joined = self._join_range(body, when, quantifier)
                if joined is not None:
                    return [joined]
                if quantifier == "all":
                    return [c for p in parts for c in self.select(p, when)]
            case Logic(operator="or", parts=parts):
                return self._either(body, parts, when, quantifier)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                return list(self._choose(condition, then, otherwise, when, quantifier))
            case Not(argument=argument) if quantifier == "all":
                return self.reject(argument, when)
            case Call(function=function, arguments=(inner,)) if function.lower() in ("anyof", "allof"):
                if isinstance(inner, Comparison | Logic | Choice | Not):
                    return self.select(inner, when, function[:3].lower())
            case Comparison():
                return [self._compare(body, when, quantifier)]
        return [self._cut(self._condition(body).text, "pass", None, when, quantifier)]

    def reject(self, body: Expression, when: Value | None = None) -> list[Cut]:
        """What `reject body` requires: a veto keeps its polarity. Raises NotExpressible."""
        match body:
            case Logic(operator="or", parts=parts):
                return [c for p in parts for c in self.reject(p, when)]
            case Choice(condition=condition, then=then, otherwise=otherwise):
                branches = self.reject(then, self._both(when, self.interpreter.condition(condition)))
                if otherwise is not None and not _is_word(otherwise, "none"):
                    branches += self.reject(otherwise, self._both(when, self._unless(condition)))
                return branches
            case Not(argument=argument):
                return self.select(argument, when)
        return [self._cut(self._condition(body).text, "fail", None, when)]

    def find_away(self, verb: str, body: Expression) -> Away | None:
        """The overlap removal that a requirement on the distance to other objects is, or None."""
        if not isinstance(body, Comparison) or not isinstance(body.left, Call):
            return None
        call = body.left
        wanted = _OPENING if verb == "select" else _CLOSING
        if (
            DISTANCE_OF_WORD.get(call.function.lower()) != "deltaR"
            or len(call.arguments) != 2
            or body.operator not in wanted
        ):
            return None
        objects = [self.interpreter.one(a) for a in call.arguments]
        others = [o for o in objects if o != THIS]
        if len(others) != 1:
            return None
        radius = self.interpreter.number(body.right).constant
        if radius is None or not radius > 0:
            raise NotExpressible(body.line, show(body.right), "expected a positive number as distance")
        if not others[0].isidentifier():
            raise NotExpressible(body.line, show(call), "expected the distance to a whole collection")
        return Away(others[0], radius, body.operator in (">=", "<"))

    def _condition(self, body: Expression) -> Value:
        return self.interpreter.condition(body)

    def _unless(self, condition: Expression) -> Value:
        return Value(f"not {self._condition(condition).within(PRIMARY)}", AND + 1, True)

    def _both(self, one: Value | None, other: Value) -> Value:
        return other if one is None else Value(f"{one.within(AND)} and {other.within(AND + 1)}", AND, True)

    def _either(self, body: Logic, parts: tuple[Expression, ...], when: Value | None, quantifier: str) -> list[Cut]:
        joined = self._join_range(body, when, quantifier)
        if joined is not None:
            return [joined]
        if when is None and quantifier == "all":
            branches = [self.select(p) for p in parts]
            if all(len(b) == 1 and b[0].group is None and b[0].condition is None for b in branches):
                group = self.name_group(branches[0][0].id)
                return [b[0].model_copy(update={"group": group}) for b in branches]
        return [self._cut(self._condition(body).text, "pass", None, when, quantifier)]

    def _choose(
        self, condition: Expression, then: Expression, otherwise: Expression | None, when: Value | None, quantifier: str
    ) -> Iterator[Cut]:
        if otherwise is not None and _is_word(otherwise, "none"):
            yield from self.select(condition, when, quantifier)
            yield from self.select(then, when, quantifier)
            return
        yield from self.select(then, self._both(when, self._condition(condition)), quantifier)
        if otherwise is not None:
            yield from self.select(otherwise, self._both(when, self._unless(condition)), quantifier)

    def _compare(self, body: Comparison, when: Value | None, quantifier: str) -> Cut:
        found = self.interpreter.mean(body.left) if isinstance(body.left, Call) else None
        if isinstance(found, Quantified):
            if isinstance(found.value, Things):
                raise self.interpreter.fail(body.left, "expected a quantity of the objects inside")
            assert isinstance(body.left, Call)
            return self._compare(replace(body, left=body.left.arguments[0]), when, found.word)
        if isinstance(body.left, Call) and body.left.function.lower() in ("anyof", "allof"):
            return self._compare(replace(body, left=body.left.arguments[0]), when, body.left.function[:3].lower())
        variable, relation, right = split_comparison(self.interpreter, body)
        if variable.constant is not None:
            raise self.interpreter.fail(body, "compares two numbers; expected a quantity")
        if isinstance(right, tuple):
            low, high = (end.constant for end in right)
            if low is None or high is None:
                return self._cut(self._condition(body).text, "pass", None, when, quantifier)
            if not low < high:
                raise self.interpreter.fail(body, "expected the lower end first")
            limits = Threshold(range=(low, high), closed="both" if relation == "[]" else None)
            return self._cut(variable.text, "between" if relation == "[]" else "outside", limits, when, quantifier)
        if isinstance(right, Word):
            return self._cut(variable.text, relation, Threshold(label=right.text), when, quantifier)
        if variable.text.rpartition(".")[2] == "flavour":
            return self._cut(self._condition(body).text, "pass", None, when, quantifier)
        if right.constant is not None:
            return self._cut(variable.text, relation, Threshold(value=right.constant), when, quantifier)
        return self._cut(variable.text, relation, Threshold(expression=right.text), when, quantifier)

    def _join_range(self, body: Logic, when: Value | None, quantifier: str = "all") -> Cut | None:
        """Two bounds of one quantity as one range: `x > a and x < b`, `x < a or x > b`."""
        first_signs, second_signs = (_OPENING, _CLOSING) if body.operator == "and" else (_CLOSING, _OPENING)
        match body.parts:
            case (Comparison(operator=one, second=None) as a, Comparison(operator=other, second=None) as b):
                if one not in first_signs or other not in second_signs:
                    return None
            case _:
                return None
        (x, one, low), (y, other, high) = split_comparison(self.interpreter, a), split_comparison(self.interpreter, b)
        if isinstance(low, tuple) or isinstance(high, tuple) or x.text != y.text:
            return None
        if low.constant is None or high.constant is None or not low.constant < high.constant:
            return None
        ends = {">=": True, "<=": True, ">": False, "<": False}
        left, right = ends[one], ends[other]
        if body.operator == "or":
            left, right = not left, not right  # the ends belong to the middle when the sides leave them out
        closed = {(False, False): None, (True, False): "left", (False, True): "right", (True, True): "both"}[
            left, right
        ]
        limits = Threshold.model_validate({"range": (low.constant, high.constant), "closed": closed})
        return self._cut(x.text, "between" if body.operator == "and" else "outside", limits, when, quantifier)

    def _cut(
        self, variable: str, operator: str, threshold: Threshold | None, when: Value | None, quantifier: str = "all"
    ) -> Cut:
        content = {
            "id": self.name_cut(variable), "variable": variable, "operator": operator, "threshold": threshold,
            "quantifier": quantifier, "condition": when.text if when is not None else None, "status": "accepted",
        }  # fmt: skip
        return Cut.model_validate(content)


def _is_word(expression: Expression, word: str) -> bool:
    return isinstance(expression, Name) and expression.text.lower() == word
