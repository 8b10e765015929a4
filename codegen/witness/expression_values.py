"""Numbers, conditions and cuts of one event, by the rules of the language."""

import math
from collections.abc import Sequence

from codegen.witness.arithmetic import NAN, Truth, apply_function, calculate, compare, join_and, join_or
from codegen.witness.examined import Examined
from codegen.witness.objects import Composite, Thing, find_distance, measure, wrap
from codegen.witness.objects import add as add_momenta
from codegen.witness.values import Entry, Numbers, Object, Truths, calculate_difference, interpolate, lift
from schemas.checked_cut import CheckedCut
from schemas.errors import CriteriaError
from schemas.expressions import nodes as n


class ExpressionValues(Examined):
    """Evaluates expressions and cuts on one event."""

    # ------------------------------------------------------------------ numbers

    def number(self, node: n.Node) -> Numbers:
        """A number, or one per member of the node's axis."""
        match node:
            case n.Number() | n.Constant():
                return node.value
            case n.Variable():
                if node.name not in self.variables:
                    self.variables[node.name] = self.number(self.of.checked.variables[node.name])
                return self.variables[node.name]
            case n.Field():
                return self._field(node)
            case n.Arithmetic():
                sign = node.operator
                return lift(lambda a, b: calculate(sign, a, b), self.number(node.left), self.number(node.right))
            case n.Call():
                return self._call(node)
            case n.Negative():
                return lift(lambda x: -x, self.number(node.argument))
            case n.Power():
                exponent = node.exponent
                return lift(lambda x: math.prod([x] * exponent), self.number(node.base))
            case n.Interpolation():
                return lift(lambda x: interpolate(x, node.x, node.y, self.shake), self.number(node.argument))
            case n.EventField():
                return self._event_number(node.name)
        raise CriteriaError(f"expected a number, found {type(node).__name__.lower()}")

    def _event_number(self, name: str) -> float:
        read = self.profile.event_fields.get(name)
        return read(self.event.whole, self.event) if read is not None else NAN

    def _field(self, node: n.Field) -> Numbers:
        if isinstance(node.owner, n.EventObject):
            return self._event_number(f"{node.owner.name}.{node.name}")
        return lift(lambda o: self._measure_one(o, node.name), self.objects(node.owner))

    def _measure_one(self, one: Object, name: str) -> float:
        if one is None:
            return NAN
        if isinstance(one, Thing):
            return one.field(name)
        return one.charge if name == "charge" else measure(one.four, name, self.shake)

    def _call(self, node: n.Call) -> Numbers:
        name, arguments = node.function, node.arguments
        if name in ("abs", "sqrt", "sin", "cos", "sign"):
            exact = name in ("abs", "sqrt", "sign")
            return lift(
                lambda x: apply_function(name, x) if exact or x == 0 else self.shake.apply(apply_function(name, x), x),
                self.number(arguments[0]),
            )
        if name in ("mass", "pt", "eta", "phi", "energy", "rapidity", "charge"):
            if len(arguments) == 1:
                return lift(lambda o: self._measure_one(o, name), self.objects(arguments[0]))
            return lift(lambda *each: self._measure_sum(name, each), *(self.objects(a) for a in arguments))
        if name in ("deltaR", "deltaphi", "deltaeta"):
            return self._distance(name, arguments)
        if name == "count":
            return self._count(arguments[0])
        if len(arguments) > 1:
            pick = min if name == "min" else max
            return lift(lambda *x: NAN if any(v != v for v in x) else pick(x), *(self.number(a) for a in arguments))
        values = self.number(arguments[0])
        if not isinstance(values, list) or any(v != v for v in values):
            return NAN
        if name == "sum":
            return float(sum(values))
        return (min if name == "min" else max)(values) if values else NAN

    def _measure_sum(self, name: str, each: Sequence[Object]) -> float:
        known = [o.four for o in each if o is not None]
        return measure(add_momenta(known), name, self.shake) if len(known) == len(each) else NAN

    def _distance(self, name: str, arguments: Sequence[n.Node]) -> Numbers:
        if len(arguments) == 1:
            return lift(lambda c: self._between(name, c), self.objects(arguments[0]))
        first, second = arguments

        def between(axis: str) -> Numbers:
            return lift(calculate_difference, self._angle(first, axis), self._angle(second, axis))

        if name == "deltaeta":
            return between("eta")
        if name == "deltaphi":
            return lift(wrap, between("phi"))
        return lift(find_distance, between("eta"), between("phi"))

    def _between(self, name: str, pair: Object) -> float:
        if not isinstance(pair, Composite) or len(pair.members) != 2:
            return NAN
        a, b = (thing for _, _, thing in pair.members)
        d_eta, d_phi = a.field("eta") - b.field("eta"), a.field("phi") - b.field("phi")
        return {"deltaeta": d_eta, "deltaphi": wrap(d_phi)}.get(name, find_distance(d_eta, d_phi))

    def _angle(self, node: n.Node, axis: str) -> Numbers:
        if isinstance(node, n.EventObject):
            return self._event_number(f"{node.name}.{axis}")
        return lift(lambda o: self._measure_one(o, axis), self.objects(node))

    def _count(self, node: n.Node) -> Numbers:
        if isinstance(node, n.Candidate):
            return 0.0 if self.candidate(node.name) is None else 1.0
        if isinstance(node, n.Composites):
            return float(len(self.assigned(node.name) or ()))
        if node.type.kind == "boolean":
            truths = self.truth(node)
            return float(sum(t is True for t in truths)) if isinstance(truths, list) else NAN
        listed = self.objects(node)
        return float(len(listed)) if isinstance(listed, list) else NAN

    # ------------------------------------------------------------------ conditions

    def truth(self, node: n.Node) -> Truths:
        """A condition, or one per member of the node's axis."""
        if id(node) in self.atoms:
            return lift(lambda _: self.atoms[id(node)], self._find_truth(node))
        return self._find_truth(node)

    def _find_truth(self, node: n.Node) -> Truths:
        match node:
            case n.Comparison():
                if node.left.type.kind == node.right.type.kind == "label":
                    owners = [self.objects(s.owner) for s in (node.left, node.right) if isinstance(s, n.Field)]
                    return lift(lambda a, b: _compare_flavours(node.relation, a, b), *owners)
                relation = node.relation
                return lift(lambda a, b: compare(relation, a, b), self.number(node.left), self.number(node.right))
            case n.Logic():
                join = join_and if node.operator == "and" else join_or
                return lift(lambda *each: join(each), *(self.truth(a) for a in node.arguments))
            case n.Not():
                return lift(lambda t: None if t is None else not t, self.truth(node.argument))
            case n.LabelTest():
                return self._label(node)
            case n.Variable():
                return self.truth(self.of.checked.variables[node.name])
            case n.Call(function="any" | "all"):
                each = self.truth(node.arguments[0])
                if not isinstance(each, list):
                    return None
                return join_and(each) if node.function == "all" else join_or(each)
        raise CriteriaError(f"expected a condition, found {type(node).__name__.lower()}")

    def _label(self, node: n.LabelTest) -> Truths:
        if isinstance(node.field, n.EventField):
            return self.profile.reach(self.event, node.field.name, node.relation, node.label)
        assert isinstance(node.field, n.Field)
        name = node.field.name

        def test(one: Object) -> Truth:
            if not isinstance(one, Thing):
                return None
            if name == "flavour":
                return (one.reader.base == node.label) == (node.relation == "==")
            return one.reader.reach(one.row, one.event, name, node.relation, node.label)

        return lift(test, self.objects(node.field.owner))

    # ------------------------------------------------------------------ cuts

    def decide(self, cut: CheckedCut, entry: Entry | None = None) -> bool:
        """Whether a cut is passed: surely true, for all or for any of the values; a false condition lets pass."""
        entry = entry or (cut.cut.id, ())
        if entry in self.force:
            return self.force[entry]
        test: Truths = self.truth(cut.test)
        if cut.condition is not None:
            test = lift(_apply_condition, self.truth(cut.condition), test)
        if isinstance(test, list):
            sure = [t is True for t in test]
            return any(sure) if cut.cut.quantifier == "any" else all(sure)
        return test is True


def _apply_condition(condition: Truth, test: Truth) -> Truth:
    return True if condition is False else None if condition is None else test


def _compare_flavours(relation: str, a: Object, b: Object) -> Truth:
    if not isinstance(a, Thing) or not isinstance(b, Thing):
        return None
    return (a.reader.base == b.reader.base) == (relation == "==")
