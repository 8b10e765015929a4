"""Mistakes of a simulated reader: statements with another number, and requirements that no paper states."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from benchmarks.gold import GoldCriterion, GoldList
from benchmarks.matching import is_true
from benchmarks.mutations import change_digits
from benchmarks.simulated.drawing import choose, draw
from benchmarks.simulated.statements import Statement
from extract.grounding.folding import fold_quote
from extract.grounding.ground import ground
from extract.grounding.index import GroundingIndex
from extract.llm.answers import Item
from extract.llm.placing import make_finding
from schemas.document import Document
from schemas.finding import Finding
from schemas.vocabulary import Operator

Made = Literal["made up", "misread"]  # the quote is made up; the quote is real and says something else

_TURNED: dict[Operator, Operator] = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_SUBJECTS = ("electron", "muon", "photon", "jet", "tau", "track", "fat-jet", "vertex", "c-jet", "leptoquark")
_TRIES = 5  # statements from which a requirement is tried to be made
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


def may_misread(item: Item) -> bool:
    """Whether the words of a quote bear the item with another subject: what is counted stands beside its number."""
    return is_numeric(item) and item.variable != "n" and not (item.other_variable or "").startswith("n_")


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


def invent(
    own: Statement, donors: Sequence[Statement], gold: GoldList, index: GroundingIndex, *names: object
) -> Invention | None:
    """A requirement that the paper does not state, half of them with a made-up quote.

    It is made from a statement that `may_misread`: `own` if it does, else one of `donors`. A misread one has the quote,
    the number and the relation of a true one, and another subject that the quote does not contradict: the truth about
    it is that it passes grounding. None where nothing of the kind can be made.
    """
    made: Made = choose(("made up", "misread"), *names, "kind")
    order = sorted(donors, key=lambda s: draw(*names, "donor", s.criterion.id))
    for donor in ([own] if own in donors else []) + order[:_TRIES]:
        ways = [donor.item.model_copy(update={"subject": s, "other_subject": None}) for s in _SUBJECTS]
        ways = [w for w in ways if not _is_part(w.subject, donor.item.subject) and not _is_true(w, gold)]
        if made == "made up" and ways:
            return _make_up(choose(ways, *names, "way"), own.item.page, index.document, *names)
        borne = [w for w in ways if _is_borne(w, donor, index)] if made == "misread" else []
        if borne:
            return Invention(made, choose(borne, *names, "way"))
    return None


def _make_up(item: Item, page: int | None, document: Document, *names: object) -> Invention | None:
    number = item.value if isinstance(item.value, float | int) else 7.0
    line = choose(_INVENTED, *names, "line").format(n=f"{number:g}")
    if fold_quote(line) in fold_quote(document.text):
        return None
    return Invention("made up", item.model_copy(update={"quote": (line,), "source": "prose", "page": page}))


def _is_borne(item: Item, donor: Statement, index: GroundingIndex) -> bool:
    """Whether the quote does not contradict the item, as far as anybody can tell from the words alone."""
    start = donor.start or 0
    return ground(index, make_finding(item, index, [(start, start + 1)], "simulated", "x")).grounded


def _is_part(subject: str, own: str) -> bool:
    """Whether a subject is the own one or a kind of it: leptons read as electrons are half right, not wrong."""
    return subject == own or (own.endswith("lepton") and subject in ("electron", "muon"))


def _is_true(item: Item, gold: GoldList) -> bool:
    """Whether the paper's criteria bear the item, on whatever page: nothing that is true is a mistake."""
    finding = read_item(item)
    every: tuple[GoldCriterion, ...] = (*gold.criteria, *gold.outside)
    return is_true(finding, every, on_page=False)


def read_item(item: Item) -> Finding:
    """What a numeric item says, as a finding."""
    names = {
        key: f"other:{other}" if (other := getattr(item, f"other_{key}")) else getattr(item, key)
        for key in ("subject", "second_subject", "variable")
    }
    said = item.model_dump(include={"stage", "operator", "value", "unit", "effect", "condition", "scope", "quote"})
    return Finding.model_validate({**said, **names, "id": "simulated", "page": item.page or 1, "reader": "simulated"})
