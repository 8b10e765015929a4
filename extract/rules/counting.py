"""Counts as claims: objects of the event, tracks and hits of an object, and objects whose presence rejects the
event.
"""

import re
from collections.abc import Iterator, Sequence

from extract.rules.claims import Claim, Setting, make_claim, quote_statements
from extract.rules.owners import find_counter, find_owner
from extract.rules.statements import Bound, Statement
from extract.rules.subjects import Noun
from schemas.vocabulary import Effect

_OPEN_END = re.compile(r"\b(?:last|latter|where the)\b[^.;]{0,60}\bor more\b", re.IGNORECASE)


# "events with (any) … are rejected", "an event is rejected if it has …"; "if a further … is present, the event is …"
_WITH = re.compile(
    r"(?P<e>O)(?:J?I[pdwa]{0,3}H|JIwb|H|PL)(?P<a>a?)[wqaKd]{0,4}(?P<o>O(?:[AX][dwa]{0,2}O)*)(?P<t>[wq]{0,2}[HL]?)"
)
_PRESENT = re.compile(
    r"w?I(?P<a>a?)[wqad]{0,3}(?P<o>O(?:[AX][dwa]{0,2}O)*)(?:[HL](?:V*s|[VA,PwO])+)?(?P<t>S|bw),[dw]?(?P<e>O)J"
)


def claim_count(setting: Setting, statement: Statement, effect: Effect, condition: str | None) -> Iterator[Claim]:
    """The claims of a count: of tracks and hits of what carries them, else of the event's objects."""
    counter = find_counter(statement, setting.clause, setting.scene)
    bounds = statement.bounds
    if statement.part is not None:
        for noun in counter.nouns if counter else ():
            yield make_claim(setting, statement, noun, f"other:{statement.part}", bounds[0], effect, None, condition)
        return
    for noun in statement.counted:
        if noun.subject == "other:converted photon":
            yield make_claim(
                setting, statement, noun, "other:n_converted", bounds[0], effect, None, condition, name="photon"
            )
        elif counter is not None and noun.subject == "track":
            for carrier in counter.nouns:
                yield make_claim(setting, statement, carrier, "other:n_tracks", bounds[0], effect, None, condition)
        else:
            kind = _resolve_such(setting, statement, noun)
            for bound in bounds:
                if not _is_open_end(setting, bound):
                    yield make_claim(setting, statement, kind, "n", bound, effect, None, condition)


def _is_open_end(setting: Setting, bound: Bound) -> bool:
    """Whether "2-jet" is said to hold "two or more" further on in the sentence, where it is read."""
    tokens = setting.scene.tokens
    if "-" not in tokens[bound.at].text or bound.operator != "==":
        return False
    last = max(i for i, t in enumerate(tokens) if t.kind == "count" and "-" in t.text)
    return bound.at == last and _OPEN_END.search(setting.text[tokens[last].end :]) is not None


def _resolve_such(setting: Setting, statement: Statement, noun: Noun) -> Noun:
    """ "at least one such jet": the kind of jet that was counted before."""
    scene = setting.scene
    if not any(t.text.lower() == "such" for t in scene.tokens[statement.first : statement.last]):
        return noun._replace(ranks=())
    earlier = [n for s in scene.statements if s.last <= statement.first for n in s.counted]
    return next((n for n in reversed(earlier) if n.subject.endswith(noun.subject)), noun)


def find_qualifying(setting: Setting, count: Statement) -> list[Statement]:
    """The statements that say which objects are counted: "at least two jets with p_T > 25 GeV"."""
    clause = setting.clause
    found = []
    for statement in setting.scene.statements:
        if statement.is_count or not count.first < statement.first < clause.last:
            continue
        owner = find_owner(statement, clause, setting.scene)
        if owner is not None and owner.counted_at == count.first:
            found.append(statement)
    return found


def is_absence(setting: Setting, first: int) -> bool:
    """Whether the objects counted at token `first` must be absent: their thresholds only say which are meant."""
    count = next((s for s in setting.scene.statements if s.first == first), None)
    if count is None:
        return False
    bound = count.bounds[0]
    return bound.value == 0.0 or (bound.operator in ("<", "<=") and bound.value == 1.0)


def counts_parts(setting: Setting, first: int) -> bool:
    """Whether the count at token `first` is one of the tracks of an object: "three tracks within ΔR = 0.2"."""
    count = next((s for s in setting.scene.statements if s.first == first), None)
    tracks = count is not None and all(n.subject == "track" for n in count.counted)
    return count is not None and tracks and find_counter(count, setting.clause, setting.scene) is not None


def claim_presence(setting: Setting, own: Sequence[Statement]) -> Iterator[Claim]:
    """ "events with additional leptons (with p_T > 10 GeV) are rejected": at least one of them rejects the event."""
    found = _find_presence(setting)
    if found is None or any(s.is_count for s in own):
        return
    at, last, nouns = found
    apart = any(t.kind == "any" for t in setting.scene.tokens[at + 1 : last])  # "a second muon or any electron"
    if {n.subject for n in nouns} == {"electron", "muon"} and not apart:
        nouns = [Noun("lepton", (), nouns[0].text)]
    for noun in nouns if apart else nouns[:1]:
        bound = Bound(">=", float(max(noun.ranks, default=1)), None, at)
        counted = noun._replace(ranks=())
        statement = Statement(at, last, (bound,), counted=(counted,))
        yield make_claim(setting, statement, counted, "n", bound, "reject_event", None, quote_statements(setting, own))


def is_presence(setting: Setting, own: Sequence[Statement]) -> bool:
    """Whether the clause rejects events for objects that its thresholds only qualify."""
    return _find_presence(setting) is not None and not any(s.is_count for s in own)


def _find_presence(setting: Setting) -> tuple[int, int, list[Noun]] | None:
    """The tokens and nouns of the objects for which the clause rejects events."""
    scene, clause = setting.scene, setting.clause
    if not any(scene.tokens[v].kind == "reject" for v in clause.verbs):
        return None
    masked = scene.masked[clause.first : clause.last]
    found = _WITH.search(masked) or (_PRESENT.match(masked) if clause.lead > clause.first else None)
    if found is None:
        return None
    head = scene.tokens[clause.first + found.start("e")].noun
    places = range(clause.first + found.start("o"), clause.first + found.end("o"))
    nouns = [n for i in places if (n := scene.tokens[i].noun)]
    if head is None or head.subject != "event" or not nouns or any(n.subject == "event" for n in nouns):
        return None
    many = any(t.kind == "any" for i in places if (t := scene.tokens[i]))
    if any(n.ranks for n in nouns) and (len(nouns) == 1 or nouns[0].ranks == (1,)):
        return None  # "with a third muon with p_T > 15 GeV": the threshold says it all
    qualified = found.group("t").endswith(("H", "L", "S"))
    plural = scene.tokens[places[0]].text.endswith("s")
    conditional = masked.lstrip("w,").startswith("I")  # "if the event contains a b-jet it is not used"
    if not (found.group("a") or qualified or plural or many or conditional):
        return None
    if any(n.subject in ("dilepton", "diphoton", "dijet", "met", "vertex") for n in nouns):
        return None
    return clause.first + found.start("a"), places[-1] + 1, nouns
