"""One sentence to claims: statements named, placed in their clause, given to their objects, and spelled out.

`read_sentence` is also what tables use: a row label and headers make the default subject and scope of a cell.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.rules.clauses import Clause, Doing, decide, split_clauses
from extract.rules.comparisons import Bound, Statement, find_statements
from extract.rules.naming import mask, name_statements
from extract.rules.owners import TWO_OBJECT, Owner, Scene, find_counter, find_owner
from extract.rules.ramps import Ramped, find_ramps
from extract.rules.relevance import is_about_something_else
from extract.rules.subjects import Noun
from extract.rules.tokens import Token, scan, spell
from schemas.vocabulary import Effect


class Claim(NamedTuple):
    """A requirement as read from one sentence; `start` and `end` are offsets into the sentence's text."""

    subject: str
    variable: str
    bound: Bound
    effect: Effect
    start: int
    end: int
    second: str | None = None
    condition: str | None = None
    group: str | None = None
    is_count: bool = False
    of_count: bool = False  # the p_T of "at least two jets with p_T > 25 GeV"
    words: str = ""  # the noun as printed


class Read(NamedTuple):
    """What a sentence says, and whom the next sentence continues to speak of."""

    claims: tuple[Claim, ...]
    topic: Owner | None


def read_sentence(text: str, carried: Owner | None = None) -> Read:
    """The requirements of one sentence. `carried` is the owner that "they" and missing subjects stand for."""
    tokens = scan(text)
    letters = spell(tokens)
    ramps = find_ramps(tokens, letters)
    raw = [s for s in find_statements(tokens, letters) if not any(r.covers(s) for r in ramps)]
    statements = name_statements(raw, tokens, letters)
    masked = mask(statements, letters)
    clauses = split_clauses(tokens, masked)
    reader = _Reader(text, Scene(tokens, letters, masked, statements, carried))
    claims = [c for clause in clauses for c in reader.read_clause(clause, ramps)]
    return Read(tuple(claims), reader.scene.carried)


class _Reader:
    """Reading one sentence: what it looks like, and the owner that was found last."""

    def __init__(self, text: str, scene: Scene) -> None:
        self.text = text
        self.scene = scene

    def read_clause(self, clause: Clause, ramps: Sequence[Ramped]) -> Iterator[Claim]:
        scene = self.scene
        own = [s for s in scene.statements if clause.first <= s.first < clause.last]
        doings = [decide(s, clause, scene.tokens, scene.masked) for s in own]
        doings = [
            "nothing" if is_about_something_else(s, d, clause, scene.tokens, scene.masked, self.text) else d
            for s, d in zip(own, doings, strict=True)
        ]
        nouns = tuple(n for i in clause.subject if (n := scene.tokens[i].noun))
        if nouns and nouns[0].subject != "event":
            self.scene = scene = scene._replace(carried=Owner(nouns))
        lead = self._quote([s for s, d in zip(own, doings, strict=True) if d == "lead"])
        if not any(d in ("cut", "veto", "define") for d in doings) and _is_range_of_validity(clause, scene.tokens):
            doings = ["cut" if d == "lead" else d for d in doings]
            lead = None
        for i, (statement, doing) in enumerate(zip(own, doings, strict=True)):
            if doing in ("lead", "condition", "nothing"):
                continue
            behind = []
            for later, what in zip(own[i + 1 :], doings[i + 1 :], strict=True):
                if what != "condition" and behind:
                    break
                if what == "condition":
                    behind.append(later)
            yield from self._expand(statement, doing, clause, lead, behind)
        yield from self._veto_presence(clause, own)

    def _expand(
        self, statement: Statement, doing: Doing, clause: Clause, lead: str | None, behind: list[Statement]
    ) -> Iterator[Claim]:
        effect = self._find_effect(statement, doing, clause)
        if statement.is_count:
            yield from self._expand_count(statement, effect, clause, lead)
            return
        owner = find_owner(statement, clause, self.scene)
        if owner is None:
            return
        for k, (noun, second, bound, variable) in enumerate(_pair(statement, owner)):
            twin = statement.twin and len(behind) == len(statement.bounds)
            condition = self._join(lead, self._quote(behind[k : k + 1] if twin else behind))
            for name in noun.names():
                yield self._claim(statement, name, variable, bound, effect, second, condition, noun.text)

    def _find_effect(self, statement: Statement, doing: Doing, clause: Clause) -> Effect:
        if any(q.variable == "radius" for q in statement.quantities) or doing == "define":
            return "define"
        if doing != "veto":
            return "keep"
        tokens = self.scene.tokens
        subjects = [n for i in clause.subject if (n := tokens[i].noun)]
        behind = [n for i in clause.verbs for t in tokens[i + 1 : i + 4] if (n := t.noun)]
        events = any(n.subject == "event" for n in (*subjects[:1], *behind[:1]))
        return "reject_event" if events or statement.is_count or not subjects else "remove_object"

    def _expand_count(self, statement: Statement, effect: Effect, clause: Clause, condition: str | None) -> Iterator[Claim]:
        counter = find_counter(statement, clause, self.scene)
        bounds = statement.bounds
        if statement.part is not None:
            if counter is not None:
                for noun in counter.nouns:
                    yield self._claim(statement, noun.subject, f"other:{statement.part}", bounds[0], effect, None, condition, noun.text)
            return
        for noun in statement.counted:
            if counter is not None and noun.subject == "track":
                for carrier in counter.nouns:
                    yield self._claim(statement, carrier.subject, "other:n_tracks", bounds[0], effect, None, condition, carrier.text)
                return
            for name in noun._replace(ranks=()).names():
                yield self._claim(statement, name, "n", bounds[0], effect, None, condition, noun.text)

    def _veto_presence(self, clause: Clause, own: Sequence[Statement]) -> Iterator[Claim]:
        """ "events with additional leptons are rejected": at least one of them rejects the event."""
        scene = self.scene
        verb = next((v for v in clause.verbs if scene.tokens[v].kind == "reject"), None)
        if verb is None or own:
            return
        found = re.search(r"O(?P<h>H)(?P<a>a?)[wqaKZ]{0,3}(?P<o>O(?:[AX]O)*)", scene.masked[clause.first : clause.last])
        if found is None:
            return
        head = scene.tokens[clause.first + found.start()].noun
        places = range(clause.first + found.start("o"), clause.first + found.end("o"))
        nouns = [n for i in places if (n := scene.tokens[i].noun)]
        if head is None or head.subject != "event" or not nouns or not found.group("a"):
            return
        at = clause.first + found.start("a")
        bound = Bound(">=", 1.0, None, at)
        both = {n.subject for n in nouns} == {"electron", "muon"}
        for noun in [Noun("lepton", (), nouns[0].text)] if both else nouns[:1]:
            statement = Statement(at, places[-1] + 1, (bound,), counted=(noun,))
            yield self._claim(statement, noun.subject, "n", bound, "reject_event", None, None, noun.text)

    def _claim(
        self, statement: Statement, subject: str, variable: str, bound: Bound, effect: Effect, second: Noun | None,
        condition: str | None, words: str,
    ) -> Claim:  # fmt: skip
        tokens = self.scene.tokens
        return Claim(
            subject, variable, bound, effect, tokens[bound.at].start, tokens[statement.last - 1].end,
            second.names()[0] if second else None, condition, is_count=statement.is_count, words=words,
        )  # fmt: skip

    def _quote(self, statements: Sequence[Statement]) -> str | None:
        tokens = self.scene.tokens
        return ", ".join(self.text[tokens[s.begin].start : tokens[s.last - 1].end] for s in statements) or None

    def _join(self, *parts: str | None) -> str | None:
        return "; ".join(p for p in parts if p) or None


_RECONSTRUCTS = re.compile(r"reconstruct|identif|accept|consider|select|used", re.IGNORECASE)


def _is_range_of_validity(clause: Clause, tokens: Sequence[Token]) -> bool:
    """ "In the region 2.5 < |η| < 2.7, muons are reconstructed from …": where such objects are taken."""
    opener = tokens[clause.first]
    if opener.kind not in ("range", "preposition") or not clause.verbs or not clause.subject:
        return False
    verb = tokens[clause.verbs[0]]
    return verb.kind == "select" and _RECONSTRUCTS.search(verb.text) is not None


def _pair(statement: Statement, owner: Owner) -> Iterator[tuple[Noun, Noun | None, Bound, str]]:
    """Which noun gets which bound: lists go with ranks or nouns, twins with twins; else every noun gets every bound."""
    bounds, names = statement.bounds, [q.variable for q in statement.quantities]
    two = names[-1] in TWO_OBJECT
    nouns = [n._replace(ranks=(r,)) for n in owner.nouns for r in (n.ranks or (0,))]
    nouns = [n if n.ranks != (0,) else n._replace(ranks=()) for n in nouns]
    seconds: list[Noun | None] = list(owner.second) or [None]
    if len(names) == len(bounds) > 1:
        yield from ((noun, seconds[0], b, name) for name, b in zip(names, bounds, strict=True) for noun in nouns)
        return
    for name in names:
        if len(bounds) == len(nouns) > 1:
            yield from ((noun, seconds[0], b, name) for noun, b in zip(nouns, bounds, strict=True))
        elif len(bounds) == len(seconds) > 1:
            yield from ((noun, second, b, name) for second, b in zip(seconds, bounds, strict=True) for noun in nouns)
        elif len(bounds) > 1 and len(nouns) == 1 and not (statement.twin or statement.alternatives or two):
            yield from ((nouns[0]._replace(ranks=(r,)), seconds[0], b, name) for r, b in enumerate(bounds, 1))
        else:
            yield from ((noun, second, b, name) for noun in nouns for second in seconds for b in bounds)
