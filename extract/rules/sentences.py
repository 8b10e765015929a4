"""One sentence to findings: statements named, placed in their clause, given to their objects, and spelled out.

`read_sentence` is also what tables use: a row label and headers make the default subject and scope of a cell.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.rules.clauses import Clause, Doing, decide, split_clauses
from extract.rules.comparisons import Bound, Statement, find_statements
from extract.rules.naming import mask, name_statements
from extract.rules.owners import TWO_OBJECT, Owner, find_for, find_owner
from extract.rules.subjects import Noun
from extract.rules.tokens import Token, scan, spell
from schemas.vocabulary import Effect, Operator


class Claim(NamedTuple):
    """A requirement as read from one sentence; places are offsets into the sentence's text."""

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
    threshold_of_count: bool = False  # "at least two jets with p_T > 25 GeV": the p_T


class Read(NamedTuple):
    """What a sentence says, and whom the next sentence continues to speak of."""

    claims: tuple[Claim, ...]
    topic: Owner | None


def read_sentence(text: str, carried: Owner | None = None) -> Read:
    """The requirements of one sentence. `carried` is the owner that "they" and missing subjects stand for."""
    tokens = scan(text)
    letters = spell(tokens)
    raw = find_statements(tokens, letters)
    statements = name_statements(raw, tokens, letters)
    masked = mask(statements, letters)
    clauses = split_clauses(tokens, masked)
    reader = _Reader(text, tokens, letters, masked, clauses, carried)
    claims = list(reader.read(statements))
    return Read(tuple(claims), reader.topic)


class _Reader:
    """The state of reading one sentence: its spellings, its clauses, and the owner found last."""

    def __init__(
        self, text: str, tokens: list[Token], letters: str, masked: str, clauses: list[Clause], carried: Owner | None
    ) -> None:
        self.text, self.tokens, self.letters, self.masked, self.clauses = text, tokens, letters, masked, clauses
        self.topic = carried

    def read(self, statements: Sequence[Statement]) -> Iterator[Claim]:
        for clause in self.clauses:
            own = [s for s in statements if clause.first <= s.first < clause.last]
            doings = [decide(s, clause, self.tokens, self.masked) for s in own]
            if clause.subject:
                nouns = tuple(n for i in clause.subject if (n := self.tokens[i].noun))
                if nouns[0].subject != "event":
                    self.topic = Owner(nouns)
            yield from self._read_clause(clause, own, doings)

    def _read_clause(self, clause: Clause, own: list[Statement], doings: list[Doing]) -> Iterator[Claim]:
        lead = self._quote(s for s, d in zip(own, doings, strict=True) if d == "lead")
        for i, (statement, doing) in enumerate(zip(own, doings, strict=True)):
            if doing in ("lead", "condition", "nothing"):
                continue
            behind = self._quote(
                s for s, d in zip(own[i + 1 :], doings[i + 1 :], strict=True) if d == "condition"
            ) if doings[i + 1 : i + 2] == ["condition"] else None  # fmt: skip
            condition = "; ".join(c for c in (lead, behind) if c) or None
            yield from self._expand(statement, doing, clause, condition)

    def _expand(self, statement: Statement, doing: Doing, clause: Clause, condition: str | None) -> Iterator[Claim]:
        events = any(n.subject == "event" for i in clause.subject if (n := self.tokens[i].noun))
        negative: Effect = "reject_event" if events or statement.is_count else "remove_object"
        effect: Effect = {"veto": negative, "define": "define"}.get(doing, "keep")  # type: ignore[assignment]
        if statement.is_count:
            yield from self._expand_count(statement, effect, clause, condition)
            return
        owner = find_owner(statement, clause, self.tokens, self.letters, self.masked, self.topic)
        after = find_for(statement, clause, self.tokens, self.masked)
        if after is not None and statement.quantities[-1].variable not in TWO_OBJECT:
            owner = after
        if owner is None:
            return
        for noun, second, bound, quantity in _pair_up(statement, owner):
            variable = quantity
            for name in noun.names():
                yield self._claim(statement, name, variable, bound, effect, second, condition)

    def _claim(
        self, statement: Statement, subject: str, variable: str, bound: Bound, effect: Effect, second: Noun | None,
        condition: str | None,
    ) -> Claim:  # fmt: skip
        start, end = self.tokens[statement.first].start, self.tokens[statement.last - 1].end
        place = self.tokens[bound.at].start
        del start
        return Claim(
            subject, variable, bound, effect, place, end, second.names()[0] if second else None, condition,
            is_count=statement.is_count,
        )  # fmt: skip

    def _expand_count(
        self, statement: Statement, effect: Effect, clause: Clause, condition: str | None
    ) -> Iterator[Claim]:
        if statement.counted is not None:
            for name in statement.counted.names():
                yield self._claim(statement, name, "n", statement.bounds[0], effect, None, condition)

    def _quote(self, statements: Iterator[Statement]) -> str | None:
        spans = [self.text[self.tokens[s.first].start : self.tokens[s.last - 1].end] for s in statements]
        return ", ".join(spans) or None


def _pair_up(statement: Statement, owner: Owner) -> Iterator[tuple[Noun, Noun | None, Bound, str]]:
    """Which noun gets which bound: lists go with ranks or nouns, twins with twins; else every noun gets every bound."""
    bounds, names = statement.bounds, [q.variable for q in statement.quantities]
    nouns = (
        [n._replace(ranks=(r,)) for n in owner.nouns for r in n.ranks]
        if any(n.ranks for n in owner.nouns)
        else list(owner.nouns)
    )
    seconds: list[Noun | None] = list(owner.second) or [None]
    if len(names) > 1 and len(names) == len(bounds):
        for name, bound in zip(names, bounds, strict=True):
            for noun in nouns:
                yield noun, seconds[0], bound, name
        return
    for name in names:
        if len(bounds) > 1 and len(bounds) == len(nouns):
            for noun, bound in zip(nouns, bounds, strict=True):
                yield noun, seconds[0], bound, name
        elif len(bounds) > 1 and len(bounds) == len(seconds):
            for second, bound in zip(seconds, bounds, strict=True):
                for noun in nouns:
                    yield noun, second, bound, name
        elif len(bounds) > 1 and len(nouns) == 1 and not statement.twin:
            for rank, bound in enumerate(bounds, 1):
                yield nouns[0]._replace(ranks=(rank,)), seconds[0], bound, name
        else:
            for noun in nouns:
                for second in seconds:
                    for bound in bounds:
                        yield noun, second, bound, name
