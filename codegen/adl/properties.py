"""Properties of objects in ADL (pT, m, tight, dR, ...) in the language of the criteria."""

from math import pi
from typing import TYPE_CHECKING

from codegen.adl.known import PRIMARY, SUM, THIS, Flavour, Meaning, Probe, Things, Value
from codegen.adl.probes import find_probe
from codegen.adl.suggestions import explain_function
from codegen.adl.syntax import Binary, Call, Expression, Minus, Name, NotExpressible
from codegen.adl.words import ABSOLUTE_DISTANCES, DISTANCE_OF_WORD, FIELD_OF_WORD, TAGS
from schemas.expressions.nodes import FLAGS
from schemas.fields import COMPOSITE_FIELDS, FIELDS

if TYPE_CHECKING:
    from codegen.adl.meaning import Interpreter

_KINEMATIC = ("mass", "pt", "eta", "phi")


def read_property(interpreter: "Interpreter", expression: Call) -> Meaning:
    """A property of one object, of each object of a collection, or of a sum of objects."""
    name, owner = expression.function, expression.arguments[0]
    low = name.lower()
    if low == "abseta":
        return Value(f"abs({_field_of(interpreter, 'eta', interpreter.things(owner), expression)})")
    if low == "pdgid":
        return Flavour(interpreter.one(owner), absolute=False)
    if low in TAGS:
        return Probe(get_field(interpreter.one(owner), TAGS[low]), ">=", "medium", is_open=True)
    if low in ("met", "pt") and interpreter.things(owner).parts == ("met",):
        return Value("met.pt")
    field = name if name in FIELDS else FIELD_OF_WORD.get(low)
    if field is not None and FIELDS[field].kind != "label":
        found = interpreter.things(owner)
        text = _field_of(interpreter, field, found, expression)
        return Value(text, SUM if " + " in text and not text.endswith(")") else PRIMARY)
    probe = find_probe(name, lambda: interpreter.one(owner))
    if probe is None:
        raise NotExpressible(expression.line, name, explain_function(name))
    return probe


def _field_of(interpreter: "Interpreter", field: str, owner: Things, expression: Call) -> str:
    parts = owner.parts
    if "met" in parts:
        if parts == ("met",) and field in ("pt", "phi"):
            return f"met.{field}"
        raise interpreter.fail(expression, "met has pT and phi only; sums with it have no four-momentum")
    if len(parts) > 1:
        if THIS in parts or field not in (*_KINEMATIC, "charge", "energy"):
            raise interpreter.fail(expression, "expected m, pT, eta, phi, E or q of a sum of objects")
        if field in _KINEMATIC:
            return f"{field}({', '.join(parts)})"
        return " + ".join(get_field(p, field) for p in parts)
    part = parts[0]
    root = part.split("[")[0]
    made = root in interpreter.known.candidates.values() and "." not in part
    if (made or part.startswith("pairs(")) and field not in COMPOSITE_FIELDS:
        raise interpreter.fail(expression, f"expected one of {', '.join(sorted(COMPOSITE_FIELDS))} of a composite")
    if (made or part.startswith("pairs(")) and field in _KINEMATIC:
        return f"{field}({part})"
    return get_field(part, field)


def read_composed(
    interpreter: "Interpreter", expression: Call, name: str, owner: Expression, rest: list[Expression]
) -> Things:
    words = [r.text for r in rest if isinstance(r, Name)]
    if len(words) != len(rest) or (name != "pairs" and len(words) != 1):
        raise interpreter.fail(expression, f"expected {name}(X, …) with plain names")
    if name == "pairs":
        if not set(words) <= set(FLAGS):
            raise interpreter.fail(expression, f"expected pairs(X, …) with {', '.join(FLAGS)}")
        return Things((f"pairs({', '.join((interpreter.one(owner), *words))})",))
    part = words[0] if name == "role" else interpreter.known.collections.get(words[0], words[0])
    return Things((f"{interpreter.one(owner)}.{part}",))


def read_interpolation(interpreter: "Interpreter", argument: Expression, points: list[Expression]) -> Value:
    half = len(points) // 2
    x, y = ([interpreter.number(p).text for p in part] for part in (points[:half], points[half:]))
    return Value(f"interp({interpreter.number(argument).text}, [{', '.join(x)}], [{', '.join(y)}])")


def read_subjettiness(interpreter: "Interpreter", expression: Binary) -> Value | None:
    """tau2(X) / tau1(X) and tau3(X) / tau2(X), which the criteria have as fields."""
    match expression:
        case Binary(
            operator="/", left=Call(function=above, arguments=(x,)), right=Call(function=below, arguments=(y,))
        ):
            pass
        case Binary(operator="/", left=Name(text=above) as x, right=Name(text=below) as y) if interpreter.this:
            x = y = Name(expression.line, next(iter(interpreter.this)))
        case _:
            return None
    field = {("tau2", "tau1"): "tau21", ("tau3", "tau2"): "tau32"}.get((above.lower(), below.lower()))
    if field is None or interpreter.one(x) != interpreter.one(y):
        return None
    return Value(get_field(interpreter.one(x), field))


def read_distance(interpreter: "Interpreter", name: str, arguments: tuple[Expression, ...]) -> Value:
    """A distance of two objects, or of the two in a pair. ADL's dPhi and dEta are absolute values."""
    function = DISTANCE_OF_WORD[name.removeprefix("signed_")]
    backwards = [isinstance(a, Minus) for a in arguments]
    if any(backwards) and name != "dphi":
        raise interpreter.fail(arguments[backwards.index(True)], "expected an object; only dPhi takes its negative")
    objects = [interpreter.one(a.argument if isinstance(a, Minus) else a) for a in arguments]
    if THIS in objects:
        place = arguments[objects.index(THIS)]
        raise interpreter.fail(
            place, "distances of the object itself: expected dR(object, collection) compared with a number"
        )
    text = f"{function}({', '.join(objects)})"
    if sum(backwards) == 1:
        return Value(f"{pi!r} - abs({text})", SUM)  # the negative of a vector points the other way
    return Value(f"abs({text})" if function in ABSOLUTE_DISTANCES and name in DISTANCE_OF_WORD else text)


def get_field(owner: str, field: str) -> str:
    """A field of an object in the language of the criteria."""
    return field if owner == THIS else f"{owner}.{field}"
