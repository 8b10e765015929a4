"""One form for expressions that mean the same, to compare two documents by.

Only what holds for all numbers is used: `a < b` is `b > a`; terms of a sum and factors of a product commute (in
floating point up to the last digit); `abs(x) < 2` is `-2 < x and x < 2`; `not` goes inwards (De Morgan's rules hold
for true, false and missing); `not any` is `all not`.
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
    Worded,
)

Form = tuple[object, ...]

COMPLEMENT: dict[Relation, Relation] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
SYMMETRIC = ("deltaR", "mass", "pt", "eta", "phi", "energy", "rapidity", "charge")


class Canon:
    """Makes forms. `names` says what a definition is called in the other document; `variables` are written out.

    `roles` says so of the roles of an assignment: (its name in the other document, role) -> role in the other one.
    """

    def __init__(
        self, names: Mapping[str, str] | None = None, variables: Mapping[str, Node] | None = None,
        roles: Mapping[tuple[str, str], str] | None = None,
    ) -> None:  # fmt: skip
        self._roles: Mapping[tuple[str, str], str] = {} if roles is None else roles  # may grow, too
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
                return ("role", self.form(node.owner), self._role(node))
            case Item():
                return ("item", self.form(node.owner), node.index)
            case Slice():
                return ("first", self.form(node.owner), node.stop)
            case Pairs():
                return ("pairs", self.form(node.owner), node.flags)
            case Field():
                return ("field", self.form(node.owner), node.name)
            case Worded():
                return ("words", node.words)
            case Interpolation():
                return ("interp", self.form(node.argument), node.x, node.y)
            case Negative():
                return _join_sum(self._list_terms(node, 1))
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
        if isinstance(left, Interpolation) and isinstance(right, Number) and _is_scaled(node):
            # a threshold in another unit: its points are converted
            y = tuple(v * right.value if node.operator == "*" else v / right.value for v in left.y)
            return ("interp", self.form(left.argument), left.x, y)
        if node.operator in "+-":
            return _join_sum(self._list_terms(node, 1))
        return ("*", *_sort(self._list_factors(node, 1)))

    def _list_terms(self, node: Node, sign: int) -> list[Form]:
        """The terms of a sum, those that are taken away as ("-", term)."""
        if isinstance(node, Negative):
            return self._list_terms(node.argument, -sign)
        if isinstance(node, Arithmetic) and node.operator in "+-":
            right = sign if node.operator == "+" else -sign
            return [*self._list_terms(node.left, sign), *self._list_terms(node.right, right)]
        if isinstance(node, Number | Constant):
            return [("number", sign * node.value + 0.0)]
        form = self.form(node)
        return [form if sign > 0 else ("-", form)]

    def _list_factors(self, node: Node, power: int) -> list[Form]:
        """The factors of a product, divisors as ("/", divisor)."""
        if isinstance(node, Arithmetic) and node.operator in "*/" and not _is_scaled(node):
            right = power if node.operator == "*" else -power
            return [*self._list_factors(node.left, power), *self._list_factors(node.right, right)]
        form = self.form(node)
        if form[0] == "*" and power > 0:
            return [f for f in form[1:] if isinstance(f, tuple)]
        return [form if power > 0 else ("/", form)]

    def _role(self, node: Role) -> str:
        names = (n.name for n in node.owner.walk() if isinstance(n, Composites | Trial | Candidate))
        return self._roles.get((self._name(next(names, "")), node.role), node.role)

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
        for inner, limit, inside in ((left, right, True), (right, left, False)):
            if relation in ("<", "<=") and inner[:2] == ("call", "abs") and limit[0] == "number":
                size = limit[1]
                if isinstance(size, float) and size > 0:
                    low, high = ("number", -size), ("number", size)
                    sides = ((low, inner[2]), (inner[2], high)) if inside else ((inner[2], low), (high, inner[2]))
                    return _join("and" if inside else "or", (("compare", relation, *side) for side in sides))
        return ("compare", relation, left, right)

    def _name(self, name: str) -> str:
        return self._names.get(name, name)


def _is_scaled(node: Arithmetic) -> bool:
    """Whether this is an interpolation times or over a number."""
    return (
        node.operator in "*/" and isinstance(node.left, Interpolation)
        and isinstance(node.right, Number) and bool(node.right.value)
    )  # fmt: skip


def join_alternatives(forms: Iterable[Form]) -> Form:
    """The form of conditions that are joined by "or"."""
    return _join("or", forms)


def _join_sum(terms: list[Form]) -> Form:
    return terms[0] if len(terms) == 1 else ("+", *_sort(terms))


def _join(joint: str, parts: Iterable[Form]) -> Form:
    flat: dict[Form, None] = {}
    for part in parts:
        inner = part[1:] if part[0] == joint else (part,)
        flat.update(dict.fromkeys(p for p in inner if isinstance(p, tuple)))
    return next(iter(flat)) if len(flat) == 1 else (joint, *_sort(list(flat)))


def _sort(forms: list[Form]) -> list[Form]:
    return sorted(forms, key=repr)
