"""Typed expressions to code for one event at a time.

What needs a loop of its own (a sum, "all of them") is written as lines before the place where its value stands. NaN is
a missing value; a condition is written as "surely true" or "surely false", so a comparison with a missing value is
neither.
"""

from dataclasses import dataclass
from typing import cast

from codegen.bind import FLAVOURS, label_column
from codegen.emit_expressions import FALSE_WHEN, NUMPY, write_number
from codegen.loops.emit_rows import RowCode
from codegen.loops.lines import AND, ATOM, CHOICE, COMPARISON, OR, PRODUCT, SUM, UNARY, Code
from schemas.errors import CriteriaError
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
    Slice,
    Trial,
    Variable,
)

FUNCTIONS = NUMPY | {"sign": "sign_of"}  # np.sign of a missing value is not missing in machine code
MEASURES = ("mass", "pt", "eta", "phi", "energy", "rapidity")


@dataclass(frozen=True)
class Scalars(RowCode):
    """Writes numbers and conditions in one place of the loop."""

    # ------------------------------------------------------------------ numbers

    def number(self, node: Node) -> Code:
        """Code of a number."""
        if node in self.aliases:
            return Code(self.aliases[node])
        match node:
            case Number():
                return level_number(node.value)
            case Constant():
                return Code(node.name)
            case Variable() if node.axis is None:
                return Code(self.kernel.names.name_variable(node.name))
            case Variable():
                return self.number(self.kernel.usage.binding.checked.variables[node.name])
            case EventField():
                return Code(self.kernel.event_array(node.name))
            case Field():
                return self.field(node)
            case Negative():
                return Code(f"-{self.number(node.argument).within(UNARY)}", UNARY)
            case Arithmetic():
                return self.arithmetic(node)
            case Power():
                base = self.number(node.base).within(UNARY)
                return Code(" * ".join([base] * node.exponent), PRODUCT)
            case Interpolation():
                points = f"{_write_tuple(node.x)}, {_write_tuple(node.y)}"
                return Code(f"interpolate({self.number(node.argument).text}, {points})")
            case Call():
                return self.call(node)
        raise CriteriaError(f"not supported in a loop: {type(node).__name__.lower()} as a number")

    def field(self, node: Field) -> Code:
        """A quantity of one object."""
        if isinstance(node.owner, EventObject):
            return Code(self.kernel.event_array(f"{node.owner.name}.{node.name}"))
        if node.name in ("mass", "rapidity", "energy") and not self.is_stored(node):
            return Code(f"{node.name}_of({self.momentum(node.owner)})")
        return Code(self.cell(self.row(node.owner), node.name))

    def is_stored(self, node: Field) -> bool:
        """Whether the format has this field, or it is made from a four-momentum."""
        return any(n.column.field == node.name for n in self.kernel.usage.binding.list_needs(node))

    def arithmetic(self, node: Arithmetic) -> Code:
        """A sum, difference, product or quotient, in the order in which it is written."""
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
        return Code(f"ratio({left.text}, {right.text})")

    def call(self, node: Call) -> Code:
        """A function of its arguments."""
        name, arguments = node.function, node.arguments
        if name in FUNCTIONS:
            return Code(f"{FUNCTIONS[name]}({self.number(arguments[0]).text})")
        if name in ("exp", "log"):
            return Code(f"valid(np.{name}({self.number(arguments[0]).text}))")
        if name in ("atan2", "bit"):
            function = {"atan2": "np.arctan2", "bit": "bit_of"}[name]
            return Code(f"{function}({self.number(arguments[0]).text}, {self.number(arguments[1]).text})")
        if name in MEASURES:
            total = ""
            for argument in arguments:
                total = f"add({total}, {self.momentum(argument)})" if total else self.momentum(argument)
            return Code(f"{name}_of({total})")
        if name == "charge":
            return self._charge(arguments[0])
        if name in ("deltaR", "deltaeta", "deltaphi"):
            return self._distance(name, arguments)
        if name == "count":
            return self._count(arguments[0])
        if name in ("min", "max") and len(arguments) > 1:
            joined = self.number(arguments[0]).text
            for other in arguments[1:]:
                joined = f"np.{name}imum({joined}, {self.number(other).text})"
            return Code(joined)
        if name in ("min", "max", "sum"):
            return self._reduce(name, arguments[0])
        raise CriteriaError(f"not supported in a loop: function {name}")

    def _charge(self, node: Node) -> Code:
        match node:
            case Candidate():
                slots = [
                    f"total_charge({self.kernel.table(root)}, {array}, {self.kernel.exists(node.name)})"
                    for (name, root), (array, _) in self.kernel.slots.items() if name == node.name
                ]  # fmt: skip
                return Code(" + ".join(slots), SUM if len(slots) > 1 else ATOM)
            case Trial() | Pairs():
                first, second = self.pair_rows(node)
                return Code(f"{self.cell(first, 'charge')} + {self.cell(second, 'charge')}", SUM)
        owner = node.owner if isinstance(node, Item) else node
        if isinstance(owner, Composites):
            index = str(node.index) if isinstance(node, Item) else self.at[owner][0]
            roles = self.kernel.usage.binding.checked.candidates[owner.name].roles
            cells = [self.cell(self._dealt(owner.name, role, index), "charge") for role in roles]
            return Code(" + ".join(cells), SUM)
        raise CriteriaError(f"not supported in a loop: charge of a {type(node).__name__.lower()}")

    def _distance(self, name: str, arguments: tuple[Node, ...]) -> Code:
        def angles(axis: str) -> tuple[str, str]:
            if len(arguments) == 2:
                return self.angle(arguments[0], axis), self.angle(arguments[1], axis)
            (pair,) = arguments
            if isinstance(pair, Candidate):
                found = [v for (n, _), v in self.kernel.slots.items() if n == pair.name]
                (root,) = (r for n, r in self.kernel.slots if n == pair.name)
                table, column = self.kernel.table(root), self.kernel.column(axis)
                return cast(tuple[str, str], tuple(f"member({table}, {found[0][0]}, {k}, {column})" for k in range(2)))
            first, second = self.pair_rows(pair)
            return self.cell(first, axis), self.cell(second, axis)

        if name == "deltaR":
            (eta1, eta2), (phi1, phi2) = angles("eta"), angles("phi")
            return Code(f"distance({eta1}, {phi1}, {eta2}, {phi2})")
        first, second = angles("eta" if name == "deltaeta" else "phi")
        return Code(f"{first} - {second}", SUM) if name == "deltaeta" else Code(f"wrapped({first} - {second})")

    def _count(self, node: Node) -> Code:
        match node:
            case Candidate():
                return Code(f"1.0 if {self.kernel.exists(node.name)} else 0.0", CHOICE)
            case Composites():
                composites = self.kernel.usage.binding.checked.scope.candidates[node.name].composites
                return Code(f"{composites}.0 if {self.kernel.exists(node.name)} else 0.0", CHOICE)
            case Collection() | Members() | Slice():
                return self._known(f"float({self.count(node)})", node)
        axis = node.axis
        assert axis is not None
        number = self.kernel.fresh("number")
        self.lines.line(f"{number} = 0.0")
        with self.each(axis) as inner:
            assert isinstance(inner, Scalars)
            if node is not axis:
                self.lines.open(f"if {inner.true(node).text}:")
            self.lines.line(f"{number} += 1")
        return self._known(number, axis)

    def _reduce(self, name: str, values: Node) -> Code:
        axis = values.axis
        assert axis is not None
        result = self.kernel.fresh({"min": "smallest", "max": "largest", "sum": "total"}[name])
        present = self.kernel.fresh(f"{result}_known") if name != "sum" else ""
        start = {"min": "np.inf", "max": "-np.inf", "sum": "0.0"}[name]
        self.lines.line(f"{result} = {start}")
        if present:
            self.lines.line(f"{present} = False")
        with self.each(axis) as inner:
            assert isinstance(inner, Scalars)
            value = inner.number(values)
            if name == "sum":
                self.lines.line(f"{result} += {value.text}")
            else:
                self.lines.line(f"{result} = np.{name}imum({result}, {value.text})")
                self.lines.line(f"{present} = True")
        if present:
            return Code(f"{result} if {present} else np.nan", CHOICE)
        return self._known(result, axis)

    def _known(self, text: str, axis: Node) -> Code:
        anchor = self.anchor(axis)
        return Code(f"{text} if {anchor} else np.nan", CHOICE) if anchor else Code(text)

    # ------------------------------------------------------------------ conditions

    def true(self, node: Node) -> Code:
        """Code of whether a condition is surely true."""
        return self.test(node, True)

    def false(self, node: Node) -> Code:
        """Code of whether a condition is surely false."""
        return self.test(node, False)

    def test(self, node: Node, wanted: bool) -> Code:
        """Code of whether a condition surely is as wanted."""
        match node:
            case Not():
                return self.test(node.argument, not wanted)
            case Logic():
                level = AND if (node.operator == "and") == wanted else OR
                parts = [self.test(a, wanted) for a in node.arguments]
                return Code((" and " if level == AND else " or ").join(p.within(level) for p in parts), level)
            case Comparison():
                return self._comparison(node, wanted)
            case LabelTest():
                return self.label(node, wanted)
            case Variable():
                return self.test(self.kernel.usage.binding.checked.variables[node.name], wanted)
            case Call(function="any" | "all"):
                return self._quantified(node, wanted)
        raise CriteriaError(f"not supported in a loop: {type(node).__name__.lower()} as a condition")

    def _comparison(self, node: Comparison, wanted: bool) -> Code:
        relation = node.relation if wanted else FALSE_WHEN[node.relation]
        left, right = self._side(node.left), self._side(node.right)
        if relation == "!=":
            return Code(f"differs({left.text}, {right.text})")
        return Code(f"{left.within(SUM)} {relation} {right.within(SUM)}", COMPARISON)

    def _side(self, node: Node) -> Code:
        if isinstance(node, Field) and node.type.kind == "label":
            return Code(self.flavour(node))
        return self.number(node)

    def flavour(self, node: Field) -> str:
        """Code of the flavour of an object."""
        return self.cell(self.row(node.owner), "flavour")

    def label(self, node: LabelTest, wanted: bool) -> Code:
        """A field against a word."""
        column = label_column(node)
        swapped = node.relation in ("!=", "<", "<=")
        if column.field == "flavour":
            assert isinstance(node.field, Field)
            if node.relation not in ("==", "!=") or node.label not in FLAVOURS:
                raise CriteriaError(f"'flavour {node.relation} {node.label}': expected == or != and a base object")
            flavour, code = self.flavour(node.field), FLAVOURS[node.label]
            if wanted != swapped:
                return Code(f"{flavour} == {code}", COMPARISON)
            return Code(f"differs({flavour}, {code})")
        return Code(f"{self.label_value(node)} == {int(wanted != swapped)}", COMPARISON)

    def label_value(self, node: LabelTest) -> str:
        """Code of 1 where a label is reached, 0 where not, and NaN where that is not known."""
        column = label_column(node)
        if isinstance(node.field, EventField):
            return self.kernel.event_array(column.name)
        assert isinstance(node.field, Field)
        return self.cell(self.row(node.field.owner), column.name)

    def _quantified(self, node: Call, wanted: bool) -> Code:
        condition = node.arguments[0]
        axis = condition.axis
        assert axis is not None
        every = (node.function == "all") == wanted
        result = self.kernel.fresh("all_of_them" if every else "any_of_them")
        anchor = self.anchor(axis)
        self.lines.line(f"{result} = {(anchor or 'True') if every else 'False'}")
        with self.each(axis) as inner:
            assert isinstance(inner, Scalars)
            test = inner.test(condition, wanted)
            joint = f"and {test.within(AND)}" if every else f"or {test.within(OR)}"
            self.lines.line(f"{result} = {result} {joint}")
        return Code(result)


def level_number(value: float) -> Code:
    """A literal that reads back as the same float64."""
    text = write_number(value).text
    return Code(text, UNARY if text.startswith("-") else ATOM)


def _write_tuple(values: tuple[float, ...]) -> str:
    return f"({', '.join(repr(float(v)) for v in values)})"
