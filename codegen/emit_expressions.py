"""Typed expressions to numpy code.

Tables have the shape (slots, events) and NaN where a value is missing, so arithmetic needs no care. A condition is
true, false, or missing; it is written as one of two masks, "surely true" or "surely false", and a negation only swaps
them. So a comparison with a missing value is neither, and `not` of it, too.
"""

from dataclasses import dataclass

from codegen.bind import FLAVOURS, label_column
from codegen.emit_tables import ATOM, BIT_AND, BIT_OR, COMPARISON, PRODUCT, SUM, UNARY, Code, TableCode
from schemas.errors import CriteriaError
from schemas.expressions.branches import Branch
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
    Slice,
    This,
    Variable,
    Worded,
)

FALSE_WHEN: dict[Relation, Relation] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
NUMPY = {"sqrt": "np.sqrt", "sin": "np.sin", "cos": "np.cos", "sign": "np.sign", "abs": "abs",
         "sinh": "np.sinh", "cosh": "np.cosh", "tanh": "np.tanh", "asinh": "np.arcsinh",
         "floor": "np.floor"}  # fmt: skip
DISTANCES = {"deltaR": "delta_r", "deltaeta": "delta_eta", "deltaphi": "delta_phi"}


@dataclass(frozen=True)
class Emitter(TableCode):
    """Writes numbers and conditions in one place of the code."""

    # ------------------------------------------------------------------ numbers

    def number(self, node: Node) -> Code:
        """Code of a number."""
        code = self._number(node)
        of_event = self.rows is not None and isinstance(node, Variable | Call | Field) and node.axis is None
        if of_event and not any(isinstance(part, Branch) for part in node.walk()):
            return Code(f"{code.within(ATOM)}[{self.rows}]")  # a quantity of the event, for each stored object
        return code

    def _number(self, node: Node) -> Code:
        if node in self.aliases:
            return Code(self.aliases[node])
        match node:
            case Number():
                return write_number(node.value)
            case Constant():
                return Code(node.name)
            case Variable():
                return Code(self.names.name_variable(node.name))
            case Branch():
                return Code(self.flat[f"branch:{node.name}"])
            case EventField():
                return Code(self.events[node.name])
            case Field():
                return self._field(node)
            case Negative():
                return Code(f"-{self.number(node.argument).within(UNARY)}", UNARY)
            case Arithmetic():
                return self._arithmetic(node)
            case Power():
                base = self.number(node.base).within(UNARY)
                return Code(" * ".join([base] * node.exponent), PRODUCT)
            case Interpolation():
                x = self.number(node.argument).text
                return Code(f"np.interp({x}, {_write_list(node.x)}, {_write_list(node.y)})")
            case Call():
                return self._call(node)
        raise CriteriaError(f"not supported yet: {type(node).__name__.lower()} as a number")

    def _field(self, node: Field) -> Code:
        if isinstance(node.owner, EventObject):
            return Code(self.events[f"{node.owner.name}.{node.name}"])
        if node.name in ("mass", "rapidity", "energy") and not self._is_stored(node):
            return Code(f"{self.momentum(node.owner)}.{node.name}")
        return Code(self.column(node.owner, node.name))

    def _is_stored(self, node: Field) -> bool:
        return any(n.column.field == node.name for n in self.binding.list_needs(node))

    def _arithmetic(self, node: Arithmetic) -> Code:
        left, right = self.number(node.left), self.number(node.right)
        match node.operator:
            case "+":
                return Code(f"{left.within(SUM)} + {right.within(SUM)}", SUM)
            case "-":
                return Code(f"{left.within(SUM)} - {right.within(PRODUCT)}", SUM)
            case "*":
                return Code(f"{left.within(PRODUCT)} * {right.within(UNARY)}", PRODUCT)
        safe = isinstance(node.right, Number | Constant) or (
            isinstance(node.right, Call) and node.right.function == "cosh"
        )
        if safe and not (isinstance(node.right, Number) and node.right.value == 0):
            return Code(f"{left.within(PRODUCT)} / {right.within(UNARY)}", PRODUCT)
        return Code(f"divide({left.text}, {right.text})")

    def _call(self, node: Call) -> Code:
        name, arguments = node.function, node.arguments
        if name in NUMPY:
            return Code(f"{NUMPY[name]}({self.number(arguments[0]).text})")
        if name in ("exp", "log"):
            return Code(f"finite(np.{name}({self.number(arguments[0]).text}))")
        if name == "atan2":
            return Code(f"np.arctan2({self.number(arguments[0]).text}, {self.number(arguments[1]).text})")
        if name == "bit":
            return Code(f"take_bit({self.number(arguments[0]).text}, {self.number(arguments[1]).text})")
        if name in ("mass", "pt", "eta", "phi", "energy", "rapidity"):
            sum_of = " + ".join(self.momentum(a) for a in arguments)
            return Code(f"({sum_of}).{name}" if len(arguments) > 1 else f"{sum_of}.{name}")
        if name == "charge":
            if isinstance(arguments[0], Item):
                return Code(f"{self.composite(arguments[0].owner)}.charge[{arguments[0].index}]")
            return Code(f"{self.composite(arguments[0])}.charge")
        if name in DISTANCES:
            return self._distance(name, arguments)
        if name == "count":
            return self._count(arguments[0])
        if len(arguments) > 1:
            texts = [self.number(a).text for a in arguments]
            joined = texts[0]
            for text in texts[1:]:
                joined = f"np.{name}imum({joined}, {text})"
            return Code(joined)
        axis = arguments[0].axis
        assert axis is not None
        reduce = {"min": "smallest", "max": "largest", "sum": "total"}[name]
        return self._known(f"{reduce}({self.number(arguments[0]).text}, {self.present(axis)})", axis)

    def _distance(self, name: str, arguments: tuple[Node, ...]) -> Code:
        if len(arguments) == 1:
            return Code(f"{self.composite(arguments[0])}.{DISTANCES[name]}")
        first, second = arguments
        if name == "deltaR":
            parts = (
                self.angle(first, "eta"),
                self.angle(first, "phi"),
                self.angle(second, "eta"),
                self.angle(second, "phi"),
            )
            return Code(f"delta_r({', '.join(parts)})")
        axis = {"deltaeta": "eta", "deltaphi": "phi"}[name]
        difference = f"{self.angle(first, axis)} - {self.angle(second, axis)}"
        return Code(f"wrap({difference})") if axis == "phi" else Code(difference, SUM)

    def _count(self, node: Node) -> Code:
        match node:
            case Candidate() | Composites():
                return Code(f"{self.composite(node)}.count")
            case Collection():
                return Code(f"{self.names.name_table(node)}.count")
            case Members() | Pairs():
                return self._known(f"{self.names.name_table(node)}.count", node)
            case Slice():
                return self._known(f"np.minimum({self._count(node.owner).text}, {node.stop})", node)
        axis = node.axis
        assert axis is not None
        return self._known(f"how_many({self.true(node).text}, {self.present(axis)})", axis)

    def _known(self, text: str, axis: Node) -> Code:
        anchor = self.anchor(axis)
        return Code(f"known({text}, {anchor})" if anchor else text)

    # ------------------------------------------------------------------ conditions

    def true(self, node: Node) -> Code:
        """Mask of where a condition is surely true."""
        return self._mask(node, True)

    def false(self, node: Node) -> Code:
        """Mask of where a condition is surely false."""
        return self._mask(node, False)

    def _mask(self, node: Node, wanted: bool) -> Code:
        match node:
            case Not():
                return self._mask(node.argument, not wanted)
            case Logic():
                level = BIT_AND if (node.operator == "and") == wanted else BIT_OR
                sign = " & " if level == BIT_AND else " | "
                parts = [self._mask(a, wanted) for a in node.arguments]
                return Code(sign.join(p.within(level) for p in parts), level)
            case Comparison():
                return self._comparison(node, wanted)
            case LabelTest():
                return self._label(node, wanted)
            case Worded():
                return Code(f"{self.aliases[node]} == {int(wanted)}", COMPARISON)
            case Variable():
                inner = self.binding.checked.variables[node.name]
                return self._mask(inner, wanted)
            case Call(function="any" | "all"):
                return self._quantified(node, wanted)
        raise CriteriaError(f"not supported yet: {type(node).__name__.lower()} as a condition")

    def _comparison(self, node: Comparison, wanted: bool) -> Code:
        relation = node.relation if wanted else FALSE_WHEN[node.relation]
        left, right = self._side(node.left), self._side(node.right)
        if relation == "!=":
            return Code(f"differ({left.text}, {right.text})")
        return Code(f"{left.within(BIT_OR)} {relation} {right.within(BIT_OR)}", COMPARISON)

    def _side(self, node: Node) -> Code:
        if isinstance(node, Field) and node.type.kind == "label":
            return Code(self.column(node.owner, node.name))  # two flavours
        return self.number(node)

    def _label(self, node: LabelTest, wanted: bool) -> Code:
        column = label_column(node)
        swapped = node.relation in ("!=", "<", "<=")
        if column.field == "flavour":
            assert isinstance(node.field, Field)
            if node.relation not in ("==", "!=") or node.label not in FLAVOURS:
                raise CriteriaError(f"'flavour {node.relation} {node.label}': expected == or != and a base object")
            flavour = self.column(node.field.owner, "flavour")
            if wanted != swapped:
                return Code(f"{flavour} == {FLAVOURS[node.label]}", COMPARISON)
            return Code(f"differ({flavour}, {FLAVOURS[node.label]})")
        if isinstance(node.field, Field) and isinstance(node.field.owner, This) and self.table is None:
            return self._mask(self.labels[column.name], wanted != swapped)
        text = self.label_values(node)
        return Code(f"{text} == {int(wanted != swapped)}", COMPARISON)

    def label_values(self, node: LabelTest) -> str:
        """The array that holds 1 where a label is reached, 0 where not, and NaN where that is not known."""
        column = label_column(node)
        if isinstance(node.field, EventField):
            return self.events[column.name]
        assert isinstance(node.field, Field)
        return self.column(node.field.owner, column.name)

    def _quantified(self, node: Call, wanted: bool) -> Code:
        condition = node.arguments[0]
        axis = condition.axis
        assert axis is not None
        function = "every" if (node.function == "all") == wanted else "some"
        return self.reduce(function, self._mask(condition, wanted), axis)

    def reduce(self, function: str, mask: Code, axis: Node) -> Code:
        """`every` or `some` of the objects of an axis; of an absent candidate's members, neither."""
        text = f"{function}({mask.text}, {self.present(axis)})"
        anchor = self.anchor(axis)
        return Code(f"{text} & {anchor}", BIT_AND) if anchor else Code(text)


def write_number(value: float) -> Code:
    """A number that reads back as the same float64, whole numbers without a decimal point."""
    text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return Code(text, UNARY if text.startswith("-") else ATOM)


def _write_list(values: tuple[float, ...]) -> str:
    return f"[{', '.join(write_number(v).text for v in values)}]"
