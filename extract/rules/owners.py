"""Who a numeric statement is about: the noun that carries the quantity, in the sentence or before it.

In this order: the letters of the symbol (`p_T^γ`), a noun next to the quantity ("jet p_T", "mass of the lepton pair"),
a noun it hangs on ("jets with p_T > 30 GeV"), the grammatical subject of the clause ("muons are required to have"),
the subject of the text before ("they are required"), the heading.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from extract.rules.clauses import Clause
from extract.rules.comparisons import Statement
from extract.rules.subjects import Noun
from extract.rules.tokens import Token

TWO_OBJECT = ("deltaR", "deltaphi", "abs_deltaphi", "deltaeta", "abs_deltaeta", "other:abs_deltay")
EVENT_QUANTITIES = ("ht", "st", "meff", "mt")
_PAIR_OF = {
    "lepton": "dilepton", "muon": "dilepton", "electron": "dilepton", "photon": "diphoton", "jet": "dijet",
    "b-jet": "dijet", "tau": "other:ditau",
}  # fmt: skip
_ADJECTIVES = r"[dwaKqn]{0,5}"


class Owner(NamedTuple):
    """The nouns a statement is about; `second` is the other partner of a two-object quantity; `twin`: A (B)."""

    nouns: tuple[Noun, ...]
    second: tuple[Noun, ...] = ()
    twin: bool = False


def find_owner(
    statement: Statement, clause: Clause, tokens: Sequence[Token], letters: str, masked: str, carried: Owner | None
) -> Owner | None:
    """The owner of a statement that is no count; None when nothing in the text says whose quantity it is."""
    quantity = statement.quantities[-1]
    own = tuple(n for n in quantity.subjects if n.subject)
    ranks = tuple(r for n in quantity.subjects if not n.subject for r in n.ranks)
    if quantity.variable in TWO_OBJECT:
        return _find_partners(statement, clause, tokens, letters, masked, carried, own)
    if own and quantity.variable not in ("mt",):
        return Owner(own[:1])
    found = (
        _find_adjacent(statement, tokens, letters)
        or _find_carrier(statement, clause, tokens, letters, masked)
        or _find_later(statement, clause, tokens, masked)
        or carried
    )
    if found is None:
        return Owner((Noun("event"),)) if quantity.variable in EVENT_QUANTITIES else None
    if ranks and not any(n.ranks for n in found.nouns):
        found = found._replace(nouns=tuple(n._replace(ranks=ranks) for n in found.nouns))
    if quantity.variable == "mass":
        found = found._replace(nouns=tuple(_pair_up(n, statement, letters, tokens) for n in found.nouns))
    return found


def read_nouns(first: int, tokens: Sequence[Token], letters: str) -> tuple[tuple[Noun, ...], bool, int]:
    """The noun list that starts at token `first` ("electrons and muons", "electron (muon)"), and where it ends."""
    found = re.match(
        rf"O(?:\((?P<t>{_ADJECTIVES}O){_ADJECTIVES}\)O?)?(?:(?:,A|[AX,]){_ADJECTIVES}O(?!{_ADJECTIVES}[MSJFb]))*",
        letters[first:],
    )
    if found is None:
        return (), False, first
    nouns = [n for k, c in enumerate(found.group()) if c == "O" and (n := tokens[first + k].noun)]
    twin = found.group("t") is not None
    if twin and not _are_twins(nouns[0], nouns[1]):
        return (nouns[0],), False, first + found.end()
    if twin and len(nouns) == 3 and letters[first + found.end("t") + 1 :][:1] == "O":
        nouns = nouns[:2]  # "electron (muon) track"
    return tuple(nouns), twin, first + found.end()


def _are_twins(a: Noun, b: Noun) -> bool:
    """Whether `a (b)` are two objects, not one with an explanation ("leptons (electrons or muons)")."""
    return not (a.subject == "lepton" and b.subject in ("electron", "muon")) and a.subject != "event"


def _find_adjacent(statement: Statement, tokens: Sequence[Token], letters: str) -> Owner | None:
    """The noun right in front of the quantity, or behind it after "of"."""
    first = statement.first
    inner = letters[first : statement.last]
    name = re.match(r"V+(?:\(V\))?", inner)
    before = re.search(r"O(?:\(O\))?$", letters[:first])
    if before and name:
        nouns, twin, _ = read_nouns(before.start(), tokens, letters[:first])
        return Owner(nouns, twin=twin) if nouns else None
    if name:
        of = re.match(rf"[o]{_ADJECTIVES}(?=O)", inner[name.end() :])
        if of:
            nouns, twin, end = read_nouns(first + name.end() + of.end(), tokens, letters)
            return Owner(_combine(nouns, letters[first:end]), twin=twin) if nouns else None
    return None


def _combine(nouns: tuple[Noun, ...], spelled: str) -> tuple[Noun, ...]:
    return nouns


def _find_carrier(
    statement: Statement, clause: Clause, tokens: Sequence[Token], letters: str, masked: str
) -> Owner | None:
    """The noun the statement hangs on with "with" or "having", else the clause's subject."""
    before = masked[clause.first : statement.first]
    hung = re.search(
        rf"(?P<o>O)(?:\((?:{_ADJECTIVES}O{_ADJECTIVES}|[^()]*)\))?(?:O)?[wq]{{0,4}}(?:(?:P|T|o)[dwaKq]{{0,3}}(?:O|V)?)?,?[nwb]?(?:L?[HLPGwCb]|s|\(|:)"
        r"(?:[HLGVPwqnbodE,AXC:s(]|\([^()]*\))*$",
        before,
    )
    counted = _find_counted(statement, clause, tokens, masked)
    if hung:
        at = clause.first + hung.start("o")
        verbs = [v for v in clause.verbs if at < v < statement.first]
        if not verbs and (counted is None or counted[0] < at):
            start = at
            listed = re.search(rf"O(?:\(O\))?(?:(?:,A|[AX,]){_ADJECTIVES}O(?:\(O\))?)*$", before[: hung.end("o")])
            if listed:
                start = clause.first + listed.start()
            nouns, twin, _ = read_nouns(start, tokens, letters)
            return Owner(nouns, twin=twin) if nouns else None
    if counted is not None:
        return Owner((counted[1],))
    if clause.subject:
        nouns, twin, _ = read_nouns(clause.subject[0], tokens, letters)
        return Owner(nouns, twin=twin) if nouns else None
    return None


def _find_counted(
    statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str
) -> tuple[int, Noun] | None:
    """The noun of a count right in front: "at least two jets with p_T > 25 GeV"."""
    found = re.search(
        r"s(?:[wqPodV]*)(?:,?[HL]|,|A|s)(?:[HLGVPwqnbodE,AXs]|\([^()]*\))*$", masked[clause.first : statement.first]
    )
    if found is None:
        return None
    for at in range(statement.first - 1, clause.first - 1, -1):
        if masked[at] in "MSJF;":
            return None
        if masked[at] == "s" and tokens[at].noun is not None:
            noun = tokens[at].noun
            return (at, noun) if noun is not None and noun.subject != "event" else None
        if masked[at] == "O":
            return None
    return None


def _find_later(statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str) -> Owner | None:
    """A noun behind the statement: "p_T > 7 GeV for electrons", "E_T > 25 GeV is required for the photon"."""
    found = re.match(rf"[wqMb]{{0,3}}(?:I|P|o){_ADJECTIVES}(?=O)", masked[statement.last : clause.last])
    if found is None:
        return None
    nouns, twin, _ = read_nouns(statement.last + found.end(), tokens, masked)
    return Owner(nouns, twin=twin) if nouns else None


def find_for(statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str) -> Owner | None:
    """The nouns of "for electrons (muons)" right behind the statement."""
    found = re.match(rf"I{_ADJECTIVES}(?=O)", masked[statement.last : clause.last])
    if found is None or tokens[statement.last].text.lower() != "for":
        return None
    nouns, twin, _ = read_nouns(statement.last + found.end(), tokens, masked)
    return Owner(nouns, twin=twin) if nouns else None


def _pair_up(noun: Noun, statement: Statement, letters: str, tokens: Sequence[Token]) -> Noun:
    """The mass of "the two leading jets" is that of the pair."""
    plural = noun.text.rstrip().endswith("s") or len(noun.ranks) > 1
    if noun.subject in _PAIR_OF and (plural or len(noun.ranks) > 1):
        return Noun(_PAIR_OF[noun.subject], (), noun.text)
    return noun


def _find_partners(
    statement: Statement, clause: Clause, tokens: Sequence[Token], letters: str, masked: str,
    carried: Owner | None, own: tuple[Noun, ...],
) -> Owner | None:  # fmt: skip
    """Both partners of a distance: from the symbol's arguments, else "between A and B", else carrier and other noun."""
    if len(own) >= 2:
        return Owner(own[:1], own[1:2])
    if len(own) == 1 and own[0].subject in ("dilepton", "dijet", "diphoton"):
        return Owner(own)
    between = re.match(rf"[wq,]{{0,2}}o{_ADJECTIVES}(?=O)", masked[statement.last : clause.last])
    if between and tokens[statement.last + between.end() - 1].text.lower() != "of":
        nouns, _, _ = read_nouns(statement.last + between.end(), tokens, masked)
        if len(nouns) >= 2:
            return Owner(nouns[:1], nouns[1:2])
        if nouns:
            return Owner(nouns, nouns)
    carrier = _find_carrier(statement, clause, tokens, letters, masked) or carried
    other = _find_other(statement, clause, tokens, letters, masked, carrier)
    if carrier is None:
        return Owner(other.nouns[:1], own[:1]) if other else None
    if own:
        return Owner(carrier.nouns, own[:1], carrier.twin)
    if other is not None:
        return Owner(carrier.nouns, other.nouns, other.twin or carrier.twin)
    nouns = carrier.nouns
    if len(nouns) == 2 and not carrier.twin:
        return Owner(nouns[:1], nouns[1:])
    return Owner(nouns, ())


def _find_other(
    statement: Statement, clause: Clause, tokens: Sequence[Token], letters: str, masked: str, carrier: Owner | None
) -> Owner | None:
    """The second noun: "to the nearest lepton", "with a muon", "from the selected leptons by ΔR > 0.5"."""
    after = re.match(
        rf"(?:[wq]{{0,2}}[THPo]|[wq]{{1,2}})[wq]{{0,3}}[THPo]?{_ADJECTIVES}(?=O)", masked[statement.last : clause.last]
    )
    if after:
        nouns, twin, _ = read_nouns(statement.last + after.end(), tokens, masked)
        return Owner(nouns, twin=twin) if nouns else None
    before = re.search(
        rf"[PTo]{_ADJECTIVES}(?P<o>O(?:\(O\))?(?:[AX]{_ADJECTIVES}O)*)[PHbwL]{{1,3}}$",
        masked[clause.first : statement.first],
    )
    if before:
        nouns, twin, _ = read_nouns(clause.first + before.start("o"), tokens, letters)
        if carrier is None or nouns != carrier.nouns:
            return Owner(nouns, twin=twin) if nouns else None
    return None
