"""What ADL answers by 1 or 0 and the criteria by words: working points, kinds, flavours, triggers."""

from collections.abc import Callable

from codegen.adl.known import THIS, Flavour, Probe
from codegen.adl.words import FLAVOUR_OF_PDG, IDENTIFICATION
from schemas.fields import EVENT_FIELDS, FIELDS


def find_probe(word: str, owner: Callable[[], str] | None) -> Probe | None:
    """What a word such as `tight` or `kind_is_calo_tagged` asks of an object; without an owner, of the event."""
    if owner is None:
        if word.startswith("HLT_"):
            return Probe("trigger", "==", word)
        return next((_probe(word, field, field) for field in EVENT_FIELDS if word.startswith(f"{field}_")), None)
    if word.lower() in IDENTIFICATION:
        return Probe(_of(owner(), "id"), ">=", word.lower())
    for field, definition in FIELDS.items():
        if definition.kind != "number" and word.startswith(f"{field}_"):
            return _probe(word, field, _of(owner(), field))
    return None


def _probe(word: str, field: str, variable: str) -> Probe:
    rest = word[len(field) + 1 :]
    for prefix, relation in (("is_", "=="), ("above_", ">")):
        if rest.startswith(prefix) and len(rest) > len(prefix):
            return Probe(variable, relation, rest[len(prefix) :])
    return Probe(variable, ">=", rest)


def _of(owner: str, field: str) -> str:
    return field if owner == THIS else f"{owner}.{field}"


def is_true(relation: str, value: float | None) -> bool | None:
    """Whether comparing an answer with a number asks for 1 (True) or for 0 (False); None for anything else."""
    if (relation, value) in {("==", 1), ("!=", 0), (">", 0), (">=", 1)}:
        return True
    if (relation, value) in {("==", 0), ("!=", 1), ("<", 1), ("<=", 0)}:
        return False
    return None


def pick_flavour(asked: Flavour, relation: str, number: float | None) -> str | None:
    """The flavour word of a comparison of an absolute particle number, or None."""
    if not asked.absolute or relation not in ("==", "!=") or number is None:
        return None
    return FLAVOUR_OF_PDG.get(int(number)) if number == int(number) else None
