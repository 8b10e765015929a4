"""Nouns as owners of quantities: lists of nouns, the noun beside a quantity, and the noun a statement hangs on."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from extract.rules.clauses import HARD, Clause
from extract.rules.lexemes import Token
from extract.rules.statements import Statement
from extract.rules.subjects import Noun

_FILL = r"[dwaKqnW]{0,5}"
_JOIN = r"(?:(?:,A|[AX,])[dwaKqnWo]{0,5}"
_LIST = rf"O(?:\((?P<t>{_FILL}O){_FILL}\)(?P<more>O)?)?{_JOIN}(?:O|(?P<met>V)(?![RCs])))*"
_LIST_BACK = re.compile(rf"O(?:\({_FILL}O\))?O?{_JOIN}O(?:\({_FILL}O\))?)*$")
_CONTAINERS = ("event", "quadruplet", "other:signal candidate")
# Which quantities which nouns cannot have.
_CANNOT: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("d0", "dz", "z0", "z0_sintheta", "d0_sig", "isolation"),
     ("vertex", "event", "met", "jet", "dilepton", "trigger")),
    (("pt", "et", "eta", "abs_eta", "energy", "p"), ("event", "vertex")),
    (("deltaR",), ("event", "vertex")),
    (("mass",), ("event", "met")),
    (("mt",), ("event", "met", "z-boson", "jet", "b-jet", "vertex")),
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


def read_nouns(first: int, scene: Scene) -> tuple[tuple[Noun, ...], bool]:
    """The noun list that starts at token `first` ("electrons and muons"), and whether it is "electron (muon)"."""
    spelled = scene.masked if scene.masked[first] == "O" else scene.letters
    found = re.match(_LIST, spelled[first:])
    if found is None:
        return (), False
    nouns: list[Noun] = []
    for k, letter in enumerate(found.group()):
        token = scene.tokens[first + k]
        if letter == "O" and token.noun:
            if any((n.subject, n.ranks) == (token.noun.subject, token.noun.ranks) for n in nouns):
                continue  # "signal jets, called VBF jets"
            nouns.append(token.noun)
        elif letter == "V" and token.quantity and token.quantity.variable == "met":
            nouns.append(Noun("met", (), token.text))
    if found.group("t") is None:
        return tuple(dict.fromkeys(nouns)), False
    if nouns[0].subject in ("lepton", "event") and nouns[1].subject in ("electron", "muon"):
        return (nouns[0],), False  # an explanation: "leptons (electrons or muons)"
    if found.group("more"):
        nouns = nouns[:2]  # "electron (muon) track"
    return tuple(nouns), True


def read_owner(first: int, scene: Scene) -> Owner | None:
    nouns, twin = read_nouns(first, scene)
    return Owner(nouns, twin=twin) if nouns else None


def find_adjacent(statement: Statement, scene: Scene) -> Owner | None:
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
            return read_owner(statement.first + share.start(), scene)
    if name:
        of = re.match(rf"o{_FILL}(?=O)", letters[begin + name.end() :])
        if of:
            return read_owner(begin + name.end() + of.end(), scene)
    if before and name:
        single = "(" not in before.group()
        return read_owner(first - 1 if single else before.start(), scene)
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
    owner = read_owner(end, scene)
    return owner if owner and owner.nouns[0].subject != "event" else None


def find_relative(statement: Statement, clause: Clause, scene: Scene) -> Owner | None:
    """The noun of a relative clause: "jets, the first (second) of which has", "electrons that are …, or that have"."""
    before = scene.masked[clause.first : statement.begin]
    of_which = re.search(
        r"[Os](?:s|\([^()]*\))*,[da]*(?P<k>(?P<a>K)(?:\((?P<b>K)\))?[dw]{0,2})?(?:o|I|P)L(?:[MHwVP]|TO?)*$", before
    )
    if of_which:
        place = clause.first + of_which.start()
        counted = next((s for s in scene.statements if s.first <= place < s.last and s.counted), None)
        owner = Owner(counted.counted, counted_at=counted.first) if counted else read_owner(place, scene)
        if owner is None or of_which.group("k") is None:
            return owner
        ranks = [r for g in "ab" if of_which.group(g) for r in scene.tokens[clause.first + of_which.start(g)].ranks]
        return owner._replace(nouns=tuple(owner.nouns[0]._replace(ranks=(r,)) for r in ranks), twin=len(ranks) > 1)
    again = re.search(r"(?P<o>O)L[^LMSJF;]*(?:,?X|,?A)L[HbwaC]*$", before)
    return read_owner(clause.first + again.start("o"), scene) if again else None


def find_carrier(statement: Statement, clause: Clause, scene: Scene, start: int | None = None) -> Owner | None:
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
        named = re.match(rf"I{_FILL}(?=O)", masked[i : statement.begin]) if letter == "I" else None
        if named:
            return read_owner(i + named.end(), scene)  # "for muons it is …"
        joined = (
            letter == "H"
            and i > floor
            and masked[i - 1] in "A,"
            and tokens[i].text.lower() in ("has", "have", "contains", "contain")
        )
        again = (
            letter == "H" and i > floor + 1 and masked[i - 2 : i] == "sA" and _subject_carries(statement, clause, scene)
        )
        if again or (letter == "G" and any(v < i for v in clause.verbs) and _subject_carries(statement, clause, scene)):
            break  # "… and with fewer than three tracks", "are reconstructed from clusters in the region |η| < 4.5"
        if letter == "o" and i > floor and masked[i - 1] == "," and clause.subject:
            break  # "photons are clusters that …, of energy above 50 MeV"
        if joined and clause.subject:
            break  # "lies within ΔR < 0.4 of a muon and has …": the clause's subject has it
        if (letter in "HLPGCEI(:" or (letter == "o" and masked[i + 1] in "Vs" and masked[i - 1] != "V")) and not (
            letter == "P" and tokens[i].text.lower() == "by" and hung
        ):
            hung = True
        elif letter == "O" and hung and re.search(r"so[dwaKq]*$", masked[floor:i]):
            pass  # "within ΔR = 1.0 of the jet or within ΔR = 1.5 of the lepton": the jet is a partner
        elif letter == "O" and hung:
            noun = tokens[i].noun
            variable = statement.quantities[-1].variable if statement.quantities else "n"
            if noun is None or can_carry(noun, variable):
                return read_owner(_find_head(i, floor, scene), scene)
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
        return read_owner(clause.subject[0], scene)
    counted = next((s for s in scene.statements if clause.first <= s.first < clause.lead and s.counted), None)
    if counted is not None:
        return Owner(counted.counted, twin=counted.twin)
    return _read_lead(clause, scene)


def _subject_carries(statement: Statement, clause: Clause, scene: Scene) -> bool:
    """Whether the clause has a subject that can have the statement's quantity."""
    noun = scene.tokens[clause.subject[0]].noun if clause.subject else None
    variable = statement.quantities[-1].variable if statement.quantities else "n"
    return noun is not None and noun.subject != "event" and can_carry(noun, variable)


def _read_lead(clause: Clause, scene: Scene) -> Owner | None:
    """The nouns of "For electrons and for photons with p_T < 3.5 GeV, …"; a purpose ("To reduce …") has none."""
    lead = scene.masked[clause.first : clause.lead]
    if lead.startswith("T") or scene.tokens[clause.first].text.lower().startswith(("in order", "against")):
        return None
    places = [m.end() - 1 for m in re.finditer(rf"I{_FILL}O", lead)] or ([lead.index("O")] if "O" in lead else [])
    owners = [o for p in places if (o := read_owner(clause.first + p, scene))]
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
