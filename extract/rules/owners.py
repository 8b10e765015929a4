"""Who a numeric statement is about: the noun that carries the quantity, in the sentence or before it.

In this order: the letters of the symbol (`p_T^γ`), a noun next to the quantity ("jet p_T", "mass of the lepton pair"),
a noun it hangs on ("jets with p_T > 30 GeV"), the grammatical subject of the clause ("muons are required to have"),
the noun of the condition in front ("for muons, the p_T must be …"), the subject of the text before.
"""

import re

from extract.rules.carriers import Owner, Scene, find_adjacent, find_carrier, find_for
from extract.rules.clauses import Clause
from extract.rules.partners import find_partners
from extract.rules.statements import Statement
from extract.rules.subjects import Noun

__all__ = ["EVENT_QUANTITIES", "TWO_OBJECT", "Owner", "Scene", "find_counter", "find_owner"]

TWO_OBJECT = ("deltaR", "deltaphi", "abs_deltaphi", "deltaeta", "abs_deltaeta", "other:abs_deltay")
EVENT_QUANTITIES = ("ht", "st", "meff")
_EVENT_SCORES = re.compile(
    r"other:.*(?:score|output|response|BDT|DNN|NN|spheric|aplanar|thrust|centrality|classifier)", re.IGNORECASE
)
_PAIR_OF = {
    "lepton": "dilepton", "muon": "dilepton", "electron": "dilepton", "photon": "diphoton", "jet": "dijet",
    "b-jet": "dijet", "fat-jet": "dijet", "tau": "other:ditau",
}  # fmt: skip


def find_owner(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """The owner of a statement that is no count; None when nothing in the text says whose quantity it is."""
    quantity = statement.quantities[-1]
    own = tuple(n for n in quantity.subjects if n.subject)
    ranks = tuple(r for n in quantity.subjects if not n.subject for r in n.ranks)
    if quantity.variable in TWO_OBJECT:
        return find_partners(statement, clause, scene, own)
    if quantity.variable in EVENT_QUANTITIES or _EVENT_SCORES.match(quantity.variable):
        return Owner((Noun("event"),))
    if quantity.variable == "mt" and len(own) > 1:
        return Owner(own[:1], own[1:2])
    if own:
        return Owner(own[:1])
    found = (
        find_for(statement, clause, scene)
        or find_adjacent(statement, scene)
        or find_carrier(statement, clause, scene)
        or (scene.carried if quantity.variable != "mt" else None)
    )
    if quantity.variable in ("met", "met_significance"):
        return Owner((Noun("met"),))
    if found is not None and found.nouns[0].subject == "other:candidate":
        found = _replace_candidate(found, clause, scene)
    if found is None:
        of_event = quantity.variable.startswith("other:") or quantity.variable in ("mt", "mass")
        return Owner((Noun("event"),)) if of_event else None
    subject = next((n.subject for i in clause.subject if (n := scene.tokens[i].noun)), None)
    if subject == "b-jet" and [n.subject for n in found.nouns] == ["jet"]:
        found = found._replace(nouns=(Noun("b-jet", found.nouns[0].ranks, found.nouns[0].text),))
    if ranks and not any(n.ranks for n in found.nouns):
        found = found._replace(nouns=tuple(n._replace(ranks=ranks) for n in found.nouns))
    if quantity.variable == "mass":
        found = found._replace(nouns=_pair_up(found.nouns, _count_of(found, scene)), twin=False)
    if quantity.variable == "mt" and len(found.nouns) == 2:
        return Owner(found.nouns[:1], found.nouns[1:])
    return found


def _replace_candidate(found: Owner, clause: Clause, scene: Scene) -> Owner:
    """ "muons are selected from candidates with p_T > 3 GeV": plain candidates are what the clause or the text
    is about.
    """
    subject = next((n for i in clause.subject if (n := scene.tokens[i].noun) and n.subject != "other:candidate"), None)
    if subject is not None and subject.subject != "event":
        return found._replace(nouns=(subject,))
    if scene.carried is not None and subject is None:
        return scene.carried
    return found


def _count_of(owner: Owner, scene: Scene) -> object:
    """How many objects the count says that the owner comes from; None without a count."""
    return next((s.bounds[0].value for s in scene.statements if s.first == owner.counted_at), None)


def _pair_up(nouns: tuple[Noun, ...], count: object) -> tuple[Noun, ...]:
    """The mass of "the two leading jets", or of "jets", is that of the pair; that of "three jets" of their system."""
    if isinstance(count, float) and count > 2 and len(nouns) == 1:
        return (Noun(f"other:{count:.0f}-{nouns[0].subject} system", (), nouns[0].text),)
    if len(nouns) > 1 and not any(n.ranks for n in nouns):
        kinds = {n.subject for n in nouns}
        if kinds <= {"electron", "muon"}:
            return (Noun("dilepton", (), nouns[0].text),)
        if len(kinds) > 1 and not kinds <= {"dilepton", "diphoton", "dijet"}:
            words = " and ".join(n.text for n in nouns)
            return (Noun(f"other:{words}", (), words),)
    paired = []
    for noun in nouns:
        plural = (noun.text.rstrip().endswith("s") and noun.subject != "fat-jet") or len(noun.ranks) > 1
        pair = _PAIR_OF.get(noun.subject)
        paired.append(Noun(pair, (), noun.text) if pair and plural else noun)
    return tuple(dict.fromkeys(paired))


def find_counter(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """What carries counted tracks or hits: "a vertex with at least two tracks"; None when the event does."""
    parts = statement.part is not None
    named = [n for q in statement.quantities for n in q.subjects]
    if not parts and all(n.subject != "track" for n in (*statement.counted, *named)):
        return None
    carrier = find_carrier(statement, clause, scene)
    if carrier is None:
        return (scene.carried or Owner((Noun("track"),))) if parts else None
    if parts:
        return carrier
    carries = ("vertex", "tau", "jet", "b-jet", "fat-jet", "other:track-jet")
    return carrier if carrier.nouns and carrier.nouns[0].subject in carries else None
