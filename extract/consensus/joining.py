"""Statements of all readings joined into requirements: first those of one place of the text, then across places.

Everything that decides is content, so neither the order of readings nor that of findings plays a role. Two different
statements of one reading are never joined: a reader that tells two things apart has a reason.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from extract.consensus.agreeing import agree, find_block, repeats
from extract.consensus.bounds import spellings_agree
from extract.consensus.statement import Content, Span, Statement, are_near, overlap
from extract.consensus.words import Phrase, phrases_agree, refines

Score = Callable[["Joined", "Joined"], float | None]


class Joined:
    """Statements of one meaning. `implied` say less than the others do; they are kept without counting as a vote."""

    def __init__(self, statements: Iterable[Statement], implied: Iterable[Statement] = ()) -> None:
        """`statements` is not empty."""
        self.statements = tuple(sorted(statements, key=lambda s: s.sort_key))
        self.implied = tuple(sorted(implied, key=lambda s: s.sort_key))
        self.condition: str | None = None  # one that another form of the same statement gives

    @cached_property
    def readings(self) -> frozenset[str]:
        """Names of the readings that say so; where some quotes say it, a reading without such a quote has no vote."""
        return frozenset(s.reading for s in self._speaking)

    @cached_property
    def grounded(self) -> bool:
        """Whether at least one quote says so."""
        return any(s.grounded for s in self.statements)

    @cached_property
    def contents(self) -> tuple[Content, ...]:
        """The different contents, the most frequent one first."""
        readings: dict[Content, set[str]] = defaultdict(set)
        first: dict[Content, tuple[object, ...]] = {}
        for s in self.statements:
            readings[s.content].add(s.reading)
            first[s.content] = min(first.get(s.content, s.sort_key), s.sort_key)
        return tuple(sorted(readings, key=lambda c: (not c.grounded, -len(readings[c]), first[c])))

    @cached_property
    def content(self) -> Content:
        """The content most readings have, with the scope and the condition most readings have."""
        return self.contents[0]._replace(scope=self.scope, condition=self.asked_condition)

    @cached_property
    def scope(self) -> Phrase | None:
        """The scope that most readings have; of equally many, a named one."""
        return _choose_phrase([(s.content.scope, s.reading) for s in self._speaking])

    @cached_property
    def asked_condition(self) -> Phrase | None:
        """The condition that most readings have; of equally many, a named one."""
        return _choose_phrase([(s.content.condition, s.reading) for s in self._speaking])

    @cached_property
    def places(self) -> tuple[Span, ...]:
        """Every place where it stands."""
        return tuple(sorted({p for s in self._speaking for p in s.content.places}))

    @cached_property
    def sort_key(self) -> tuple[object, ...]:
        """Where it stands first, then what it says."""
        return self.statements[0].sort_key

    @property
    def _speaking(self) -> tuple[Statement, ...]:
        return tuple(s for s in self.statements if s.grounded) or self.statements

    def with_more(self, statements: Iterable[Statement] = (), implied: Iterable[Statement] = ()) -> "Joined":
        """The same with further statements."""
        more = {s.id: s for s in (*self.statements, *statements)}
        rest = {s.id: s for s in (*self.implied, *implied) if s.id not in more}
        joined = Joined(more.values(), rest.values())
        joined.condition = self.condition
        return joined


def join_statements(statements: Sequence[Statement]) -> tuple[Joined, ...]:
    """Requirements, in order of the text. Statements without a grounded quote join those that have one, if they can."""
    blocks: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in statements:
        blocks[find_block(statement.content)].append(statement)
    joined = [j for block in blocks.values() for j in _join_block(block)]
    return tuple(sorted(joined, key=lambda j: j.sort_key))


def _join_block(block: Sequence[Statement]) -> Sequence[Joined]:
    same: dict[Content, list[Statement]] = defaultdict(list)
    for statement in block:
        same[statement.content].append(statement)
    items = [Joined(group) for group in same.values()]
    grounded = _link([i for i in items if i.grounded], _score_near)
    grounded = _link(grounded, _score_far)
    loose = _link([i for i in items if not i.grounded], _score_loose)
    for item in loose:
        scores = [(s, other) for other in grounded if (s := _score_loose(other, item)) is not None]
        if scores:
            _, best = min(scores, key=lambda pair: (-pair[0], pair[1].sort_key))
            grounded[grounded.index(best)] = best.with_more(item.statements)
        else:
            grounded.append(item)
    return grounded


def _link(items: Sequence[Joined], score: Score) -> list[Joined]:
    """Join items, the best agreeing first, as long as every pair in a group agrees."""
    ordered = sorted(items, key=lambda i: i.sort_key)
    scores: dict[tuple[int, int], float] = {}
    for i, a in enumerate(ordered):
        for j in range(i + 1, len(ordered)):
            found = score(a, ordered[j])
            if found is not None and not _tells_apart(a, ordered[j]):
                scores[i, j] = found
    group = list(range(len(ordered)))
    members = {i: [i] for i in group}
    for i, j in sorted(scores, key=lambda pair: (-scores[pair], pair)):
        first, second = sorted((group[i], group[j]))
        if first == second or any(
            (min(a, b), max(a, b)) not in scores for a in members[first] for b in members[second]
        ):
            continue
        members[first] += members.pop(second)
        for member in members[first]:
            group[member] = first
    return [
        Joined([s for m in found for s in ordered[m].statements]) if len(found) > 1 else ordered[found[0]]
        for found in members.values()
    ]


def _tells_apart(a: Joined, b: Joined) -> bool:
    """Whether one reading has both, and not as a repetition."""
    both = a.readings & b.readings
    if not both:
        return False
    mine: dict[str, list[Content]] = defaultdict(list)
    for s in a.statements:
        mine[s.reading].append(s.content)
    return any(not repeats(c, s.content) for s in b.statements for c in mine.get(s.reading, ()))


def _score_near(a: Joined, b: Joined) -> float | None:
    """Of two contents: how well they agree, if they stand in one place."""
    share = overlap(a.places, b.places)
    if not are_near(a.places, b.places):
        return None
    score = agree(a.content, b.content, near=True)
    return None if score is None else score + share


def _score_far(a: Joined, b: Joined) -> float | None:
    if not _spell_alike(a, b):
        return None
    return agree(a.content, b.content, near=False, elsewhere=a.content.source != b.content.source)


def _score_loose(a: Joined, b: Joined) -> float | None:
    """Where a quote is not to be had, pages that are far apart only make the agreement weaker."""
    score = agree(a.content, b.content, near=True)
    if score is None or not _spell_alike(a, b):
        return None
    distance = min(abs(x.page - y.page) for x in a.contents for y in b.contents)
    return score + overlap(a.places, b.places) - min(distance, 8)


def _spell_alike(a: Joined, b: Joined) -> bool:
    return all(spellings_agree(x.spelling, y.spelling) for x in a.contents for y in b.contents)


def _choose_phrase(said: Sequence[tuple[Phrase | None, str]]) -> Phrase | None:
    readings: dict[Phrase | None, set[str]] = defaultdict(set)
    for phrase, reading in said:
        readings[phrase].add(reading)
    total: Counter[Phrase | None] = Counter()
    for phrase in readings:
        alike = [p for p in readings if p == phrase or (p and phrase and _are_one_name(p, phrase))]
        total[phrase] = len(frozenset().union(*(readings[p] for p in alike)))
    return min(
        readings,
        key=lambda p: (-total[p], p is None, -len(readings[p]), -(len(p.parts) if p else 0), p or ((), (), (), "")),
    )


def _are_one_name(a: Phrase, b: Phrase) -> bool:
    return phrases_agree(a, b, 60.0) or refines(a, b)
