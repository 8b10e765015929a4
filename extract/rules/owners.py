"""Who a numeric statement is about: the noun that carries the quantity, in the sentence or before it.

In this order: the letters of the symbol (`p_T^γ`), a noun next to the quantity ("jet p_T", "mass of the lepton pair"),
a noun it hangs on ("jets with p_T > 30 GeV"), the grammatical subject of the clause ("muons are required to have"),
the noun of the condition in front ("for muons, the p_T must be …"), the subject of the text before.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from extract.rules.clauses import HARD, Clause
from extract.rules.comparisons import Statement
from extract.rules.subjects import Noun
from extract.rules.tokens import Token

TWO_OBJECT = ("deltaR", "deltaphi", "abs_deltaphi", "deltaeta", "abs_deltaeta", "other:abs_deltay")
EVENT_QUANTITIES = ("ht", "st", "meff")
_EVENT_SCORES = re.compile(
    r"other:.*(?:score|output|response|BDT|DNN|NN|spheric|aplanar|thrust|centrality|classifier)", re.IGNORECASE
)
_ISOLATED = re.compile(r"^isolat", re.IGNORECASE)
_PAIR_OF = {
    "lepton": "dilepton", "muon": "dilepton", "electron": "dilepton", "photon": "diphoton", "jet": "dijet",
    "b-jet": "dijet", "tau": "other:ditau",
}  # fmt: skip
_FILL = r"[dwaKqnW]{0,5}"
_JOIN = r"(?:(?:,A|[AX,])[dwaKqnWo]{0,5}"
_LIST = rf"O(?:\((?P<t>{_FILL}O){_FILL}\)(?P<more>O)?)?{_JOIN}(?:O|(?P<met>V)(?![RCs])))*"
_LIST_BACK = re.compile(rf"O(?:\({_FILL}O\))?O?{_JOIN}O(?:\({_FILL}O\))?)*$")
_CONTAINERS = ("event", "quadruplet", "other:signal candidate")


# Which quantities which nouns cannot have.
_CANNOT: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("d0", "dz", "z0", "z0_sintheta", "d0_sig", "isolation"), ("vertex", "event", "met", "jet", "dilepton", "trigger")),
    (("pt", "et", "eta", "abs_eta", "energy", "p"), ("event", "vertex")),
    (("deltaR",), ("event", "vertex")),
    (("mass",), ("event", "met")),
)  # fmt: skip


class Owner(NamedTuple):
    """The nouns a statement is about; `second` is the other partner of a two-object quantity; `twin`: A (B)."""

    nouns: tuple[Noun, ...]
    second: tuple[Noun, ...] = ()
    twin: bool = False
    counted_at: int | None = None  # the first token of the count it comes from: "at least two jets with …"


class Scene(NamedTuple):
    """A sentence as the search for owners sees it."""

    tokens: Sequence[Token]
    letters: str
    masked: str
    statements: Sequence[Statement]
    carried: Owner | None


def find_owner(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """The owner of a statement that is no count; None when nothing in the text says whose quantity it is."""
    quantity = statement.quantities[-1]
    own = tuple(n for n in quantity.subjects if n.subject)
    ranks = tuple(r for n in quantity.subjects if not n.subject for r in n.ranks)
    if quantity.variable in TWO_OBJECT:
        return _find_partners(statement, clause, scene, own)
    if quantity.variable in EVENT_QUANTITIES or _EVENT_SCORES.match(quantity.variable):
        return Owner((Noun("event"),))
    if quantity.variable == "mt" and len(own) > 1:
        return Owner(own[:1], own[1:2])
    if own:
        return Owner(own[:1])
    found = (
        find_for(statement, clause, scene)
        or _find_adjacent(statement, scene)
        or _find_carrier(statement, clause, scene)
        or (scene.carried if quantity.variable != "mt" else None)
    )
    if quantity.variable in ("met", "met_significance"):
        return Owner((Noun("met"),))
    if found is not None and found.nouns[0].subject == "other:candidate":
        found = _replace_candidate(found, clause, scene)
    if found is None:
        return Owner((Noun("event"),)) if quantity.variable.startswith("other:") or quantity.variable == "mt" else None
    if ranks and not any(n.ranks for n in found.nouns):
        found = found._replace(nouns=tuple(n._replace(ranks=ranks) for n in found.nouns))
    if quantity.variable == "mass":
        found = found._replace(nouns=_pair_up(found.nouns, _count_of(found, scene)), twin=False)
    if quantity.variable == "mt" and len(found.nouns) == 2:
        return Owner(found.nouns[:1], found.nouns[1:])
    return found


def _replace_candidate(found: Owner, clause: Clause, scene: Scene) -> Owner:
    """ "muons are selected from candidates with p_T > 3 GeV": plain candidates are what the clause or the text is about."""
    subject = next((n for i in clause.subject if (n := scene.tokens[i].noun) and n.subject != "other:candidate"), None)
    if subject is not None and subject.subject != "event":
        return found._replace(nouns=(subject,))
    if scene.carried is not None and subject is None:
        return scene.carried
    return found


def read_nouns(first: int, scene: Scene) -> tuple[tuple[Noun, ...], bool]:
    """The noun list that starts at token `first` ("electrons and muons"), and whether it is "electron (muon)"."""
    spelled = scene.masked if scene.masked[first] == "O" else scene.letters
    found = re.match(_LIST, spelled[first:])
    if found is None:
        return (), False
    nouns = []
    for k, letter in enumerate(found.group()):
        token = scene.tokens[first + k]
        if letter == "O" and token.noun:
            nouns.append(token.noun)
        elif letter == "V" and token.quantity and token.quantity.variable == "met":
            nouns.append(Noun("met", (), token.text))
    if found.group("t") is None:
        return tuple(nouns), False
    if nouns[0].subject in ("lepton", "event") and nouns[1].subject in ("electron", "muon"):
        return (nouns[0],), False  # an explanation: "leptons (electrons or muons)"
    if found.group("more"):
        nouns = nouns[:2]  # "electron (muon) track"
    return tuple(nouns), True


def _read_owner(first: int, scene: Scene) -> Owner | None:
    nouns, twin = read_nouns(first, scene)
    return Owner(nouns, twin=twin) if nouns else None


def _find_adjacent(statement: Statement, scene: Scene) -> Owner | None:
    """The noun right in front of the quantity, or behind it after "of"; the noun whose share is meant."""
    begin, letters = statement.begin, scene.letters
    first = begin
    while first and letters[first - 1] == "V":
        first -= 1
    before = _LIST_BACK.search(letters[:first]) if statement.named or letters[begin] == "V" else None
    name = re.match(r"V+(?:\(V+\))?", letters[begin:])
    if statement.share_of is not None and statement.share_of.variable != "mass":
        share = re.search(r"O(?=V*$)", letters[statement.first : statement.last])
        if share:
            return _read_owner(statement.first + share.start(), scene)
    if name:
        of = re.match(rf"o{_FILL}(?=O)", letters[begin + name.end() :])
        if of:
            return _read_owner(begin + name.end() + of.end(), scene)
    if before and name:
        single = "(" not in before.group()
        return _read_owner(first - 1 if single else before.start(), scene)
    return None


def find_for(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """The nouns of "for electrons (muons)" or "is required for photons" right behind the statement."""
    found = re.match(rf"(?:M|M?I){_FILL}(?=O)", scene.masked[statement.last : clause.last])
    if found is None:
        return None
    text = " ".join(t.text.lower() for t in scene.tokens[statement.last : statement.last + found.end()])
    end = statement.last + found.end()
    if "for" not in text.split() or re.match(r"O[wq]*[HL]", scene.masked[end:]):
        return None
    owner = _read_owner(end, scene)
    return owner if owner and owner.nouns[0].subject != "event" else None


def _find_carrier(statement: Statement, clause: Clause, scene: Scene, start: int | None = None) -> Owner | None:
    """The noun the statement hangs on with "with" or "having", else the clause's subject, else the lead's noun."""
    masked, tokens = scene.masked, scene.tokens
    hung = False
    floor = clause.lead if statement.first >= clause.lead else clause.first
    i = (start if start is not None else statement.begin) - 1
    while i >= floor:
        letter = masked[i]
        if letter == "s":
            other = next((s for s in scene.statements if s.first <= i < s.last), None)
            if other is not None and other.counted and hung and other.counted[0].subject != "event":
                return Owner(other.counted, twin=other.twin, counted_at=other.first)
            i = (other.first if other else i) - 1
            continue
        if letter == ")":
            opening = masked.rfind("(", floor, i)
            i = (opening if opening >= 0 else i) - 1
            continue
        if letter == "I" and tokens[i].text.lower().startswith(HARD):
            break  # "a jet is tagged if its mass …": the clause's subject has it
        joined = letter == "H" and i > floor and masked[i - 1] in "A," and tokens[i].text.lower() in ("has", "have", "contains", "contain")
        if joined and clause.subject:
            break  # "lies within ΔR < 0.4 of a muon and has …": the clause's subject has it
        if (letter in "HLPGCEI(:" or (letter == "o" and masked[i + 1] in "Vs")) and not (
            letter == "P" and tokens[i].text.lower() == "by" and hung
        ):
            hung = True
        elif letter == "O" and hung:
            noun = tokens[i].noun
            variable = statement.quantities[-1].variable if statement.quantities else "n"
            if noun is None or can_carry(noun, variable):
                return _read_owner(_find_head(i, floor, scene), scene)
        elif letter == "P" and tokens[i].text.lower() == "by" and hung:
            break  # "must be matched by having": the subject has it
        elif letter in "MSJF":
            asked = next((s for s in scene.statements if s.last == i and s.counted), None)
            if hung and asked is not None:  # "at least one jet is required, with p_T > 30 GeV"
                return Owner(asked.counted, twin=asked.twin, counted_at=asked.first)
            break
        i -= 1
    variable = statement.quantities[-1].variable if statement.quantities else "n"
    if clause.subject and can_carry(tokens[clause.subject[0]].noun or Noun("event"), variable):
        return _read_owner(clause.subject[0], scene)
    counted = next((s for s in scene.statements if clause.first <= s.first < clause.lead and s.counted), None)
    if counted is not None:
        return Owner(counted.counted, twin=counted.twin)
    return _read_lead(clause, scene)


def _read_lead(clause: Clause, scene: Scene) -> Owner | None:
    """The nouns of "For electrons and for photons with p_T < 3.5 GeV, …"."""
    lead = scene.masked[clause.first : clause.lead]
    places = [m.end() - 1 for m in re.finditer(rf"I{_FILL}O", lead)] or ([lead.index("O")] if "O" in lead else [])
    owners = [o for p in places if (o := _read_owner(clause.first + p, scene))]
    nouns = tuple(n for o in owners for n in o.nouns if n.subject != "event")
    return Owner(nouns, twin=len(owners) == 1 and owners[0].twin) if nouns else None


def can_carry(noun: Noun, variable: str) -> bool:
    """Whether such an object can have the quantity: no vertex has an impact parameter, no event a pseudorapidity."""
    return not any(variable in variables and noun.subject in nouns for variables, nouns in _CANNOT)


def _find_head(at: int, floor: int, scene: Scene) -> int:
    """The noun that "with" belongs to: the list that ends at `at`, or for "leptons in the event with" the leptons."""
    before = scene.masked[floor : at + 1]
    noun = scene.tokens[at].noun
    if noun is not None and noun.subject in _CONTAINERS:
        outer = re.search(rf"O[wq]*P{_FILL}O$", before)
        if outer:
            return floor + outer.start()
    listed = _LIST_BACK.search(before)
    return floor + listed.start() if listed else at


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
        plural = noun.text.rstrip().endswith("s") or len(noun.ranks) > 1
        pair = _PAIR_OF.get(noun.subject)
        paired.append(Noun(pair, (), noun.text) if pair and plural else noun)
    return tuple(dict.fromkeys(paired))


def _find_partners(statement: Statement, clause: Clause, scene: Scene, own: tuple[Noun, ...]) -> Owner | None:
    """Both partners of a distance: from the symbol's arguments, else "between A and B", else carrier and other noun."""
    spoken = re.match(rf"[wq]{{0,2}}B[dwaKqoW]{{0,5}}(?=O)", scene.masked[statement.last : clause.last])
    if len(own) >= 2 and not spoken:
        return Owner((_unrank(own[0]),), (_unrank(own[1]),))
    around = _find_around(statement, clause, scene)
    if around is not None:
        return around
    if len(own) == 1 and own[0].subject in ("dilepton", "dijet", "diphoton"):
        return Owner(own)
    between = _find_between(statement, clause, scene)
    if between is not None:
        return between
    other, begin = _find_other(statement, clause, scene)
    carrier = _find_carrier(statement, clause, scene, begin) or scene.carried
    if carrier is None:
        return Owner(other.nouns[:1], own[:1]) if other else None
    if own:
        return carrier._replace(second=own[:1])
    if other is not None and (other.nouns != carrier.nouns or other.twin):
        return carrier._replace(second=other.nouns, twin=other.twin or carrier.twin)
    if len(carrier.nouns) == 2 and not carrier.twin:
        return Owner(carrier.nouns[:1], carrier.nouns[1:])
    if carrier.nouns[0].subject == "other:ditau":
        return Owner((Noun("tau"),), (Noun("tau"),))
    return carrier


def _find_around(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """A cone "around the muon or electron" is the lepton's; one of "isolated … within ΔR" the subject's."""
    found = re.match(rf"P{_FILL}(?=O)", scene.masked[statement.last : clause.last])
    if found and scene.tokens[statement.last].text.lower() == "around":
        nouns, twin = read_nouns(statement.last + found.end(), scene)
        if {n.subject for n in nouns} == {"electron", "muon"} and not twin:
            return Owner((Noun("lepton", (), nouns[0].text),))
        return Owner(nouns, twin=twin) if nouns else None
    isolated = any(_ISOLATED.search(t.text) for t in scene.tokens[clause.first : statement.first])
    if isolated and clause.subject:
        return _read_owner(clause.subject[0], scene)
    return None


def _unrank(noun: Noun) -> Noun:
    return noun._replace(ranks=()) if len(noun.ranks) > 1 else noun


def _find_between(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """ "the separation between the leptons and the jet is …", "|Δη| < 3 between the two jets", "… of the two jets"."""
    for place, pattern in (
        (statement.last, r"[wq,M]{0,2}B[dwaKqoW]{0,5}(?=O)"),
        (statement.begin, r"V*(?:\(V\))?[Bo][dwaKqoW]{0,5}(?=O)"),
    ):
        found = re.match(pattern, scene.masked[place : clause.last])
        if found is None:
            continue
        nouns, _ = read_nouns(place + found.end(), scene)
        if len(nouns) >= 2:
            return Owner((_unrank(nouns[0]),), (_unrank(nouns[1]),))
        if nouns:
            pair = nouns[0].subject in ("dilepton", "dijet", "diphoton")
            return Owner(nouns[:1]) if pair else Owner((_unrank(nouns[0]),), (_unrank(nouns[0]),))
    before = re.search(
        rf"B[dwaKqoW]{{0,5}}(?P<o>O(?:(?:,A|[AX,]){_FILL}[OV])*)(?:[MHbwLP]|V)*$",
        scene.masked[clause.first : statement.begin],
    )
    if before:
        nouns, _ = read_nouns(clause.first + before.start("o"), scene)
        if len(nouns) >= 2:
            return Owner((_unrank(nouns[0]),), (_unrank(nouns[1]),))
        return Owner((_unrank(nouns[0]),), (_unrank(nouns[0]),)) if nouns else None
    return None


def _find_other(statement: Statement, clause: Clause, scene: Scene) -> tuple[Owner | None, int | None]:
    """The second noun, and where its phrase begins when it stands in front: "to the nearest lepton", "with a muon", "from the selected leptons by ΔR > 0.5"."""
    after = re.match(
        rf"(?:[wqSM]{{0,3}}[THPo])[wq]{{0,3}}[THPo]?{_FILL}(?=O)", scene.masked[statement.last : clause.last]
    )
    if after:
        return _read_owner(statement.last + after.end(), scene), None
    before = re.search(
        rf"[PTo]{_FILL}(?P<o>O(?:\(O\))?(?:[AX]{_FILL}O)*)(?:HV*s+)?[PHbwL]{{1,3}}V*$",
        scene.masked[clause.first : statement.begin],
    ) or re.search(rf"H{_FILL}(?P<o>O(?:\(O\))?(?:[AX]{_FILL}O)*)PV*$", scene.masked[clause.first : statement.begin])
    if before is None:
        return None, None
    return _read_owner(clause.first + before.start("o"), scene), clause.first + before.start()


def find_counter(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """What carries counted tracks or hits: "a vertex with at least two tracks"; None when the event does."""
    parts = statement.part is not None
    named = [n for q in statement.quantities for n in q.subjects]
    if not parts and all(n.subject != "track" for n in (*statement.counted, *named)):
        return None
    carrier = _find_carrier(statement, clause, scene)
    if carrier is None:
        return (scene.carried or Owner((Noun("track"),))) if parts else None
    if parts:
        return carrier
    carries = ("vertex", "tau", "jet", "b-jet", "fat-jet", "other:track-jet")
    return carrier if carrier.nouns and carrier.nouns[0].subject in carries else None
