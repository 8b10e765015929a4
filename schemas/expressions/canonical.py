"""One form for expressions that mean the same, to compare two documents by.

Only what holds exactly is used: `a < b` is `b > a`; sums and products of two commute; `not` goes inwards (De Morgan's
rules hold for true, false and missing); `not any` is `all not`. Sums of more than two are left as they stand, because
floating-point addition depends on the order.
"""

from collections.abc import Iterable, Mapping

from schemas.expressions.nodes import (
    Arithmetic,
    Call,
    Candidate,
    Collection,
    Comparison,
    Composites,
    Constant,
    EventField,
    EventObject,
    Field,
    Interpolation,
    Item,
    LabelTest,
    Logic,
    Members,
    Negative,
    Node,
    Not,
    Number,
    Pairs,
    Power,
    Relation,
    Role,
    Slice,
    This,
    Trial,
    Variable,
)

Form = tuple[object, ...]

COMPLEMENT: dict[Relation, Relation] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
SYMMETRIC = ("deltaR", "mass", "pt", "eta", "phi", "energy", "rapidity", "charge")


class Canon:
    """Makes forms. `names` says what a definition is called in the other document; `variables` are written out."""

    def __init__(self, names: Mapping[str, str] | None = None, variables: Mapping[str, Node] | None = None) -> None:
        self._names: Mapping[str, str] = {} if names is None else names  # may grow while documents are compared
        self._variables: Mapping[str, Node] = {} if variables is None else variables

    def form(self, node: Node) -> Form:
        """A hashable form: equal forms mean the same quantity or condition."""
        match node:
            case Number():
                return ("number", node.value + 0.0)  # no negative zero
            case Constant():
                return ("number", node.value)
            case Variable():
                known = self._variables.get(node.name)
                return self.form(known) if known is not None else ("name", self._name(node.name))
            case Collection() | Candidate() | Composites() | Trial():
                return ("name", self._name(node.name))
            case This():
                return ("this",)
            case EventObject() | EventField():
                return ("event", node.name)
            case Members():
                return ("members", self.form(node.owner), self._name(node.part))
            case Role():
                return ("role", self.form(node.owner), node.role)
            case Item():
                return ("item", self.form(node.owner), node.index)
            case Slice():
                return ("first", self.form(node.owner), node.stop)
            case Pairs():
                return ("pairs", self.form(node.owner), node.flags)
            case Field():
                return ("field", self.form(node.owner), node.name)
            case Interpolation():
                return ("interp", self.form(node.argument), node.x, node.y)
            case Negative():
                return ("-", self.form(node.argument))
            case Power():
                return ("**", self.form(node.base), node.exponent)
            case Arithmetic():
                return self._arithmetic(node)
            case Call():
                arguments = [self.form(a) for a in node.arguments]
                free = node.function in ("min", "max") or (node.function in SYMMETRIC and len(arguments) == 2)
                return ("call", node.function, *(_sort(arguments) if free else arguments))
            case Comparison() | LabelTest() | Logic() | Not():
                return self._condition(node, wanted=True)
        raise TypeError(f"no form for {type(node).__name__}")

    def _arithmetic(self, node: Arithmetic) -> Form:
        left, right = node.left, node.right
        if isinstance(left, Interpolation) and isinstance(right, Number) and right.value and node.operator in "*/":
            # a threshold in another unit: its points are converted
            y = tuple(v * right.value if node.operator == "*" else v / right.value for v in left.y)
            return ("interp", self.form(left.argument), left.x, y)
        sides = [self.form(node.left), self.form(node.right)]
        return (node.operator, *(_sort(sides) if node.operator in "+*" else sides))

    def _condition(self, node: Node, *, wanted: bool) -> Form:
        """The form of a condition, or of its negation."""
        match node:
            case Not():
                return self._condition(node.argument, wanted=not wanted)
            case Comparison():
                return self._comparison(node, wanted=wanted)
            case LabelTest():
                relation = node.relation if wanted else COMPLEMENT[node.relation]
                return ("label", relation, self.form(node.field), node.label)
            case Logic():
                joint = node.operator if wanted else ("or" if node.operator == "and" else "and")
                return _join(joint, (self._condition(a, wanted=wanted) for a in node.arguments))
            case Call(function="any" | "all"):
                word = node.function if wanted else ("all" if node.function == "any" else "any")
                return ("call", word, self._condition(node.arguments[0], wanted=wanted))
            case Variable() if node.name in self._variables:
                return self._condition(self._variables[node.name], wanted=wanted)
        return self.form(node) if wanted else ("not", self.form(node))

    def _comparison(self, node: Comparison, *, wanted: bool) -> Form:
        relation = node.relation if wanted else COMPLEMENT[node.relation]
        left, right = self.form(node.left), self.form(node.right)
        if relation in (">", ">="):
            relation, left, right = ("<" if relation == ">" else "<="), right, left
        if relation in ("==", "!="):
            left, right = _sort([left, right])
        return ("compare", relation, left, right)

    def _name(self, name: str) -> str:
        return self._names.get(name, name)


def _join(joint: str, parts: Iterable[Form]) -> Form:
    flat: dict[Form, None] = {}
    for part in parts:
        inner = part[1:] if part[0] == joint else (part,)
        flat.update(dict.fromkeys(p for p in inner if isinstance(p, tuple)))
    return next(iter(flat)) if len(flat) == 1 else (joint, *_sort(list(flat)))


def _sort(forms: list[Form]) -> list[Form]:
    return sorted(forms, key=repr)
