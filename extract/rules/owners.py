"""Who a numeric statement is about: the noun that carries the quantity, in the sentence or before it.

In this order: the letters of the symbol (`p_T^γ`), a noun next to the quantity ("jet p_T", "mass of the lepton pair"),
a noun it hangs on ("jets with p_T > 30 GeV"), the grammatical subject of the clause ("muons are required to have"),
the noun of the condition in front ("for muons, the p_T must be …"), the subject of the text before.
"""

import re

from extract.rules.carriers import Owner, Scene, find_adjacent, find_carrier, find_for, find_relative, read_owner
from extract.rules.clauses import Clause
from extract.rules.partners import find_partners
from extract.rules.statements import Statement
from extract.rules.subjects import Noun, read_noun

__all__ = ["EVENT_QUANTITIES", "TWO_OBJECT", "Owner", "Scene", "find_counter", "find_owner"]

TWO_OBJECT = (
    "deltaR",
    "deltaphi",
    "abs_deltaphi",
    "deltaeta",
    "abs_deltaeta",
    "other:abs_deltay",
    "other:opening angle",
)
EVENT_QUANTITIES = ("ht", "st", "meff")
_EVENT_SCORES = re.compile(
    r"other:(?:.*(?:score|output|response|BDT|DNN|NN|spheric|aplanar|thrust|centrality|classifier|Fox.Wolfram)|"
    r"\|?cos ?θ_T(?:B|hrust)?\|?$|R_2$|[EpP]_T\^?miss/|E_(?:ECL|extra|res)|M_?miss|m_miss|χ\|?$|"
    r"[^/|]+\+[^/|]*(?:miss|[HS]_?T))",
    re.IGNORECASE,
)
# Half the rapidity difference of two jets, and whether they are in opposite halves.
_HALF_GAP = re.compile(r"other:\|?(?:y\^?\*|η_?\(?(?:1|j).*η_?\(?(?:2|j))")
_COMPOSITES = re.compile(r"other:.*(?:\^[^ ]*[0+\-±*]|meson|baryon|[BDKΛΞΩΣ] candidate)")
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
    if own and own[0].subject.startswith("other:") and quantity.variable.startswith("other:"):
        return Owner((Noun("event"),))
    if own:
        return Owner(own[:1])
    if quantity.variable == "isolation" and statement.share_of is not None:
        isolated = find_for(statement, clause, scene) or _find_isolated(statement, clause, scene)
        if isolated is not None:
            return isolated
    if quantity.variable == "mass" or "_minus_m" in quantity.variable:
        composite = None if find_adjacent(statement, scene) else _find_composite(clause, scene)
        if composite is not None:
            return Owner((composite,))
    found = (
        find_for(statement, clause, scene)
        or _find_inside(quantity.text)
        or find_adjacent(statement, scene)
        or find_relative(statement, clause, scene)
        or find_carrier(statement, clause, scene)
        or (scene.carried if quantity.variable != "mt" else _find_lepton(statement, scene))
    )
    if quantity.variable in ("met", "met_significance"):
        return Owner((Noun("met"),))
    if found is not None and found.nouns[0].subject == "vertex" and (formed := _find_former(clause, scene)):
        found = Owner((formed,))
    if found is not None and found.nouns[0].subject == "other:candidate":
        found = _replace_candidate(found, clause, scene)
    if _HALF_GAP.match(quantity.variable) and (found is None or found.nouns[0].subject in ("jet", "fat-jet", "event")):
        return Owner((Noun("dijet"),))
    if found is None:
        if re.search(r"χ", quantity.variable) and any(t.text.lower().startswith("vert") for t in scene.tokens):
            return Owner((Noun("vertex"),))
        of_event = quantity.variable.startswith("other:") or quantity.variable in ("mt", "mass", "chi2")
        return Owner((Noun("event"),)) if of_event else None
    subject = next((n.subject for i in clause.subject if (n := scene.tokens[i].noun)), None)
    if subject == "b-jet" and [n.subject for n in found.nouns] == ["jet"]:
        found = found._replace(nouns=(Noun("b-jet", found.nouns[0].ranks, found.nouns[0].text),))
    if ranks and not any(n.ranks for n in found.nouns):
        found = found._replace(nouns=tuple(n._replace(ranks=ranks) for n in found.nouns))
    if quantity.variable == "mass" or quantity.variable.startswith("other:abs_mass_minus"):
        found = found._replace(nouns=_pair_up(found.nouns, _count_of(found, scene)), twin=False)
    if quantity.variable == "mt" and len(found.nouns) == 2:
        return Owner(found.nouns[:1], found.nouns[1:])
    return found


def _find_isolated(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """Whose isolation a share of a momentum is: what the cone is around, else what the clause or the text is about."""
    before = scene.masked[clause.first : statement.first]
    around = [
        clause.first + m.end()
        for m in re.finditer(r"P[dwaKqnW]{0,5}(?=O)", before)
        if scene.tokens[clause.first + m.start()].text.lower() == "around"
    ]
    share = scene.letters[statement.first : statement.last]
    if around and "O" not in share:
        return read_owner(around[-1], scene)
    if "O" in share:
        return None
    subject = next((n for i in clause.subject if (n := scene.tokens[i].noun)), None)
    if subject is not None and subject.subject not in ("track", "event", "other:candidate"):
        return Owner((subject,))
    return scene.carried


def _find_composite(clause: Clause, scene: Scene) -> Noun | None:
    """Of "K_S^0 candidates are pairs of pions with a mass …" the hadron: the subject of the clause, or its lead's."""
    made = scene.masked[clause.first : clause.last]
    places = [*clause.subject[:1]] if re.search(r"O[wo]*[bF][^MSJ]*O", made) else []
    places += [i for i in range(clause.first, clause.lead) if scene.masked[i] == "O"][:1]
    for i in places:
        noun = scene.tokens[i].noun
        if noun is not None and _COMPOSITES.fullmatch(noun.subject):
            return noun
    return None


def _find_former(clause: Clause, scene: Scene) -> Noun | None:
    """What "must form a vertex of good quality": the subject of the clause has the quality of the fit."""
    noun = scene.tokens[clause.subject[0]].noun if clause.subject else None
    if noun is None or noun.subject in ("vertex", "event"):
        return None
    vertex = next(
        (i for i in range(clause.first, clause.last) if (n := scene.tokens[i].noun) and n.subject == "vertex"), 0
    )
    words = {t.text.lower() for t in scene.tokens[clause.subject[0] : vertex]}
    return noun if any(re.match(r".*(?:form|fit|share|mak|originat)", w) for w in words) else None


def _find_inside(words: str) -> Owner | None:
    """The object that the words of a quantity name: "the probability that a track is …" is the track's."""
    named = re.match(r"probability (?:that|of|for) (?:an? |the )?(\w+)", words)
    noun = read_noun(words, named.start(1)) if named else None
    return Owner((noun[0],)) if noun else None


def _find_lepton(statement: Statement, scene: Scene) -> Owner:
    """Whose transverse mass is meant where no object is named with it: the lepton that was spoken of."""
    nouns = [n for t in scene.tokens[: statement.begin] if (n := t.noun)]
    nouns += [*(scene.carried.nouns if scene.carried else ()), *(n for t in scene.tokens if (n := t.noun))]
    known = [n for n in nouns if n.subject in ("electron", "muon", "lepton", "tau", "dilepton")]
    single = known[0] if known and known[0].subject != "dilepton" else Noun("lepton")
    return Owner((single._replace(ranks=()),))


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
    carrier = find_relative(statement, clause, scene) or find_carrier(statement, clause, scene)
    if carrier is None:
        return (scene.carried or Owner((Noun("track"),))) if parts else None
    if parts:
        return carrier
    carries = ("vertex", "tau", "jet", "b-jet", "fat-jet", "other:track-jet")
    return carrier if carrier.nouns and carrier.nouns[0].subject in carries else None
