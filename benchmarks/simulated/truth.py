"""What a simulated reader says of a paper in one run, and what of it is right: known before anybody is asked."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.gold import GoldList
from benchmarks.simulated.drawing import draw
from benchmarks.simulated.mistakes import Invention, change, invent, may_misread
from benchmarks.simulated.specification import SimulatedReader
from benchmarks.simulated.statements import Statement
from extract.grounding.index import GroundingIndex
from extract.llm.answers import Item
from schemas.model import Model


class Known(NamedTuple):
    """What a simulated reader knows of a paper. `shown`: ids of the criteria whose words a model is given to read."""

    gold: GoldList
    lookup: GroundingIndex
    statements: tuple[Statement, ...]
    shown: frozenset[str]


class Truth(Model):
    """One run over one paper. Criteria by id; every criterion of the list is in exactly one of the four."""

    paper: str
    run: int
    told: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()  # told with another number or direction
    unasked: tuple[str, ...] = ()  # their words stand in no text that a model is given to read
    made_up: int = 0  # invented items with a made-up quote
    misread: int = 0  # invented items with a quote that says something else
    mute: bool = False  # every reply of this run is broken: nothing of all this is heard


class Plan(NamedTuple):
    """What is said where a statement stands: nothing, the criterion, the criterion changed, or something made up."""

    truth: Truth
    items: Mapping[str, tuple[Item, ...]]  # by the id of the criterion at whose place they are told


def plan_run(reader: SimulatedReader, known: Known, run: int) -> Plan:
    """The items of a run. Each is drawn by seed, run, paper and criterion: in bulk and in chunks it says the same."""
    gold, lookup, statements, shown = known
    names = (reader.seed, run, gold.paper)
    donors = tuple(s for s in statements if s.criterion.id in shown and may_misread(s.item))
    items: dict[str, tuple[Item, ...]] = {}
    fates: dict[str, list[str]] = {"told": [], "dropped": [], "wrong": [], "unasked": []}
    inventions: list[Invention] = []
    for statement in statements:
        name = statement.criterion.id
        said: list[Item] = []
        if name not in shown:
            fates["unasked"].append(name)
            continue
        changed = None
        if draw(*names, name, "wrong") < reader.wrong:
            changed = change(statement, gold, *names, name, "change")
        if draw(*names, name, "drop") < reader.drop:
            fates["dropped"].append(name)
        elif changed is not None:
            fates["wrong"].append(name)
            said.append(changed)
        else:
            fates["told"].append(name)
            said.append(statement.item)
        if draw(*names, name, "invent") < reader.invent:
            made = invent(statement, donors, gold, lookup, *names, name, "invent")
            if made is not None:
                inventions.append(made)
                said.append(made.item)
        items[name] = tuple(said)
    truth = Truth(
        paper=gold.paper, run=run, **{fate: tuple(ids) for fate, ids in fates.items()},
        made_up=sum(i.made == "made up" for i in inventions), misread=sum(i.made == "misread" for i in inventions),
        mute=is_mute(reader, gold.paper, run),
    )  # fmt: skip
    return Plan(truth, items)


def is_mute(reader: SimulatedReader, paper: str, run: int) -> bool:
    """Whether every reply of this run is broken."""
    return draw(reader.seed, run, paper, "mute") < reader.mute
