"""What differs in one event, in words: members of lists, and objects that one side has and the other has not."""

from collections.abc import Sequence

from codegen.explaining.quantities import find_unit_name, word_float
from codegen.explaining.sights import is_close
from codegen.explaining.trials import VALUE, read_value
from codegen.witness.evaluate import Look
from codegen.witness.objects import Thing
from schemas.analysis import StepValue
from schemas.errors import PaperfilterError

ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}
MOST_OBJECTS = 6
MOST_FAILING = 3


def word_members(ours: StepValue, right: StepValue) -> str:
    """Which members of two lists differ, where only some do."""
    if not isinstance(ours, tuple) or not isinstance(right, tuple) or len(ours) != len(right) or len(ours) < 2:
        return ""
    differ = [k for k, (a, b) in enumerate(zip(ours, right, strict=True)) if not is_close(a, b, VALUE)]
    if not differ or len(differ) == len(ours):
        return ""
    said = [
        f"{ORDINALS.get(k + 1, f'{k + 1}th')}: {word_float(ours[k])}, right {word_float(right[k])}"
        for k in differ[:MOST_FAILING]
    ]
    return f" (only some differ: {'; '.join(said)}{'; …' if len(differ) > MOST_FAILING else ''})"


def list_objects(look: Look, names: Sequence[str]) -> str:
    """The selected objects of collections, and those that fail, with the number that fails."""
    said = []
    for name in names:
        definition = look.of.definitions.get(name)
        if definition is None:
            continue
        things = look.collection(name)
        if not things:
            said.append(f"no {name}")
        elif "pt" in things[0].reader.fields:
            more = ", …" if len(things) > MOST_OBJECTS else ""
            pts = ", ".join(word_float(t.field("pt")) for t in things[:MOST_OBJECTS])
            said.append(f"{name} with pT = {pts}{more} GeV")
        said += _list_failing(look, name)
    return f" ({'; '.join(said)})" if said else ""


def compare_objects(ours: Look, right: Look, names: Sequence[str]) -> str:
    """The objects that the analysis lacks or has too many, each with what fails it on the other side."""
    said = []
    for name in names:
        if name not in right.of.definitions or name not in ours.of.definitions:
            continue
        mine, yours = ours.collection(name), right.collection(name)
        lacks = [t for t in yours if t.ref not in {m.ref for m in mine}]
        extra = [right.find_thing(name, t.ref) or t for t in mine if t.ref not in {y.ref for y in yours}]
        if lacks:
            said.append(f"of the {name} it lacks {_word_things(lacks, ours, name)}")
        if extra:
            said.append(f"among the {name} it has {_word_things(extra, right, name)}")
    return f" ({'; '.join(said)})" if said else ""


def _word_things(things: Sequence[Thing], where: Look, name: str) -> str:
    said = []
    for thing in things[:MOST_FAILING]:
        pt = f"the one with pT = {word_float(thing.field('pt'))} GeV" if "pt" in thing.reader.fields else "one"
        there = where.find_thing(name, thing.ref)
        why = _find_failing(where, name, there) if there is not None else None
        said.append(f"{pt}{f', which fails {why}' if why else ''}")
    return f"{' and '.join(said)}{' and others' if len(things) > MOST_FAILING else ''}"


def _find_failing(look: Look, name: str, thing: Thing) -> str | None:
    """The first cut or removal of a collection that an object fails, with the number that it fails with."""
    for cut in look.of.checked.objects.get(name, ()):
        if look.single.get((cut.cut.id, (thing.ref,))) is False:
            outer, look.this = look.this, thing
            try:
                value = read_value(look, cut.variable) if cut.variable.type.kind == "number" else None
            except (PaperfilterError, ArithmeticError):
                value = None
            look.this = outer
            if isinstance(value, float) and (cut.cut.threshold is None or cut.cut.threshold.label is None):
                shown = cut.cut.variable if len(cut.cut.variable) <= 30 else "value"
                return f"{cut.cut.id}: {shown} = {word_float(value)}{find_unit_name([cut.cut])}"
            return cut.cut.id
    for (item, refs), passed in look.single.items():
        if not passed and refs == (thing.ref,) and item.startswith(f"{name} near "):
            return f"the overlap removal {item}"
    return None


def _list_failing(look: Look, name: str) -> list[str]:
    """One failing object of each cut, at most a few."""
    found: dict[str, str] = {}
    chosen = {t.ref for t in look.collection(name)}
    for (_, refs), passed in list(look.single.items()):
        thing = look.find_thing(name, refs[0]) if not passed and len(refs) == 1 and refs[0] not in chosen else None
        why = _find_failing(look, name, thing) if thing is not None else None
        if why is not None:
            found.setdefault(why.split(":")[0], why)
    return [f"another fails {why}" for why in list(found.values())[:MOST_FAILING]]
