"""Mistakes of a simulated reader: statements with another number, and requirements that no paper states."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from benchmarks.gold import GoldCriterion, GoldList
from benchmarks.matching import states
from benchmarks.mutations import change_digits
from benchmarks.simulated.drawing import choose
from benchmarks.simulated.statements import Statement
from extract.grounding.folding import fold_quote
from extract.llm.answers import Item
from schemas.document import Document
from schemas.finding import Finding
from schemas.vocabulary import Operator

Made = Literal["made up", "misread"]  # the quote is made up; the quote is real and says something else

_TURNED: dict[Operator, Operator] = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_SUBJECTS = ("electron", "muon", "photon", "jet", "tau", "track", "fat-jet", "vertex", "c-jet", "leptoquark")
_INVENTED = (
    "Particles that were stopped in the shielding count only if {n} of them stay together for a while",
    "whenever the weather allows it, everything beyond {n} goes into the seventh drawer of the cupboard",
    "A librarian would further ask for no fewer than {n} such books on each of the shelves",
)


class Invention(NamedTuple):
    """An item that states no criterion of the paper, and how it was made."""

    made: Made
    item: Item


def is_numeric(item: Item) -> bool:
    """Whether the value is a number or a range."""
    value = item.value
    return isinstance(value, float | int) or (isinstance(value, tuple) and all(isinstance(v, float) for v in value))


def change(statement: Statement, gold: GoldList, *names: object) -> Item | None:
    """The statement with another number or direction that states no criterion; None where it has no number."""
    item = statement.item
    if not is_numeric(item):
        return None
    ways: list[Item] = []
    printed = fold_quote(" ".join(item.quote))
    if isinstance(item.value, float | int):
        numbers = [n for n in change_digits(float(item.value)) if n >= 0 and f"{n:g}" not in printed]
        ways += [item.model_copy(update={"value": n}) for n in numbers]
    elif isinstance(item.value, tuple):
        first, *rest = (float(v) for v in item.value if isinstance(v, float | int))
        lower = [n for n in change_digits(first) if 0 <= n < min(rest, default=n) and f"{n:g}" not in printed]
        ways += [item.model_copy(update={"value": (n, *rest)}) for n in lower]
    if item.operator in _TURNED:
        ways += [item.model_copy(update={"operator": _TURNED[item.operator]})] * max(len(ways) // 3, 1)
    ways = [way for way in ways if not _is_true(way, gold)]
    return choose(ways, *names) if ways else None


def invent(donors: Sequence[Statement], gold: GoldList, document: Document, *names: object) -> Invention | None:
    """A requirement made from one of the numeric statements; half of them with a made-up quote.

    None where nothing false can be made of it.
    """
    if not donors:
        return None
    donor = choose(donors, *names, "donor").item
    made: Made = choose(("made up", "misread"), *names, "kind")
    ways = [donor.model_copy(update={"subject": s, "other_subject": None}) for s in _SUBJECTS if s != donor.subject]
    ways = [way for way in ways if not _is_true(way, gold)]
    if not ways:
        return None
    item = choose(ways, *names, "way")
    if made == "misread":
        return Invention(made, item)
    number = item.value if isinstance(item.value, float | int) else 7.0
    line = choose(_INVENTED, *names, "line").format(n=f"{number:g}")
    if fold_quote(line) in fold_quote(document.text):
        return None
    return Invention(made, item.model_copy(update={"quote": (line,), "source": "prose"}))


def _is_true(item: Item, gold: GoldList) -> bool:
    """Whether the item states some criterion of the paper, on whatever page."""
    finding = read_item(item)
    every: tuple[GoldCriterion, ...] = (*gold.criteria, *gold.outside)
    return any(states(finding, criterion, on_page=False) for criterion in every)


def read_item(item: Item) -> Finding:
    """What a numeric item says, as a finding."""
    names = {
        key: f"other:{other}" if (other := getattr(item, f"other_{key}")) else getattr(item, key)
        for key in ("subject", "second_subject", "variable")
    }
    said = item.model_dump(include={"stage", "operator", "value", "unit", "effect", "condition", "scope", "quote"})
    return Finding.model_validate({**said, **names, "id": "simulated", "page": item.page or 1, "reader": "simulated"})
