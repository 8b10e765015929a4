"""One requirement said in several pieces, or several in one: two bounds for a range, electrons and muons for leptons,
a threshold of its own for the objects that are counted.

Forms are alternatives only between readings. Where one reading has both, they are two requirements. The form that most
readings have stays, of equally many the one with fewer pieces; readings with another form vote for every piece of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from extract.consensus.agreeing import conditions_score, names_agree, scopes_score
from extract.consensus.bounds import DIRECTIONS, Intervals, intersect, list_allowed, unite
from extract.consensus.joining import Joined
from extract.consensus.names import About, Subject
from extract.consensus.statement import Span, Statement, are_near
from extract.consensus.words import read_phrase
from extract.grounding.reading import read_statement
from schemas.errors import CriteriaError
from schemas.units import to_base

LIMIT = 12  # requirements on one quantity in one place that are put together; more are a table, not a statement
LIGHT = ("electron", "muon")
MOMENTA = ("p_t", "pt", "e_t", "et", "momentum", "energy")
COUNTED = (">=", "<=", "==", "!=")


class Form(NamedTuple):
    """Pieces (indices of requirements) that say something together, and the readings that have all of them."""

    pieces: tuple[int, ...]
    readings: frozenset[str]


def settle_forms(joined: Sequence[Joined]) -> tuple[Joined, ...]:
    """The requirements in the forms that most readings have, in order of the text."""
    current = list(joined)
    for settle in (_settle_ranges, _settle_flavours, _settle_counts):
        settled: list[Joined | None] = list(current)
        settle(settled)
        current = sorted((j for j in settled if j is not None), key=lambda j: j.sort_key)
    return tuple(current)


def _settle_ranges(joined: list[Joined | None]) -> None:
    for known in tuple(_list_topics(joined)):
        topic = tuple(i for i in known if joined[i] is not None)
        forms: dict[Intervals, list[Form]] = {}
        for pieces in (*((i,) for i in topic), *combinations(topic, 2)):
            allowed = _find_allowed(joined, pieces)
            if allowed:
                readings = frozenset.intersection(*(_get(joined, i).readings for i in pieces))
                forms.setdefault(allowed, []).append(Form(pieces, readings))
        for same in forms.values():
            _settle(joined, same)


def _settle_flavours(joined: list[Joined | None]) -> None:
    """Leptons are electrons and muons: what is asked of both is asked of leptons."""
    for i, one in enumerate(joined):
        if one is None:
            continue
        about = one.content.about
        for whole in [a for a in (about.subject, about.second) if a is not None and a.kind == "lepton"]:
            parts = [_find_part(joined, i, whole, flavour) for flavour in LIGHT]
            if None not in parts and joined[i] is not None:
                pieces = tuple(p for p in parts if p is not None)
                both = frozenset.intersection(*(_get(joined, p).readings for p in pieces))
                _settle(joined, [Form((i,), one.readings), Form(pieces, both)])


def _settle_counts(joined: list[Joined | None]) -> None:
    """A count under a condition says the threshold of what is counted; readings may say that threshold on its own."""
    for i, count in enumerate(joined):
        if count is None or count.content.about.variable != "n" or not count.grounded:
            continue
        if not any(s.finding.condition for s in count.statements):
            continue
        for j, one in enumerate(joined):
            if one is None or count is not joined[i] or not one.grounded or not _may_be_counted(count, one):
                continue
            stating = [s for s in count.statements if _states(s, one)]
            if not stating or not are_near(count.places, one.places):
                continue
            words = min((s for s in stating), key=lambda s: s.sort_key).finding.condition
            full = frozenset(s.reading for s in stating)
            if full & one.readings:
                joined[j] = one.with_more(s for s in stating if s.reading not in one.readings)
            elif all(any(are_near((p,), count.places) for p in s.content.places) for s in one.statements):
                both = one.readings & count.readings
                count = count.with_more(
                    (s for s in one.statements if s.reading in both),
                    (s for s in one.statements if s.reading not in both),
                )
                count.condition = words
                joined[i], joined[j] = count, None


def _settle(joined: list[Joined | None], forms: Sequence[Form]) -> None:
    """Move the readings of all other forms to the best one."""
    live = [f for f in forms if f.readings and all(joined[i] is not None for i in f.pieces)]
    if len(live) < 2:
        return
    best = min(live, key=lambda f: (-len(f.readings), len(f.pieces), [_get(joined, i).sort_key for i in f.pieces]))
    for form in live:
        mine = set(form.pieces)
        if mine & set(best.pieces) or form.readings & _any_reading(joined, best.pieces):
            continue  # one reading tells them apart, or they share a piece
        if _any_reading(joined, form.pieces) & best.readings:
            continue
        places = tuple(p for i in best.pieces for p in _get(joined, i).places)
        said = [s for i in form.pieces for s in _get(joined, i).statements]
        moved = [s for s in said if s.reading in form.readings]
        # A piece alone says less than the form that stays; somewhere else it is a requirement of its own.
        rest = [s for s in said if s.reading not in form.readings and (not s.grounded or _stands_at(s, places))]
        for i in best.pieces:
            joined[i] = _get(joined, i).with_more(moved, rest)
        for i in form.pieces:
            left = [s for s in _get(joined, i).statements if s not in moved and s not in rest]
            joined[i] = Joined(left) if left else None


def _stands_at(statement: Statement, places: tuple[Span, ...]) -> bool:
    return are_near(statement.content.places, places)


def _any_reading(joined: Sequence[Joined | None], pieces: Sequence[int]) -> frozenset[str]:
    return frozenset().union(*(_get(joined, i).readings for i in pieces))


def _list_topics(joined: Sequence[Joined | None]) -> Iterator[tuple[int, ...]]:
    """Requirements on one quantity of the same objects under the same conditions, read from one place."""
    quantities: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for i, one in enumerate(joined):
        if one is not None and one.grounded and list_allowed(one.content.bound):
            quantities[one.content.about.variable, one.content.bound.unit].append(i)
    for alike in quantities.values():
        for n, i in enumerate(alike):
            near = [i, *(k for k in alike[n + 1 :] if _is_same_topic(_get(joined, i), _get(joined, k)))]
            if 2 < len(near) <= LIMIT:
                yield tuple(near)


def _is_same_topic(a: Joined, b: Joined) -> bool:
    x, y = a.content, b.content
    return (
        names_agree(x.about, y.about, near=True)
        and are_near(a.places, b.places)
        and scopes_score(x.scope, y.scope, near=True) is not None
        and conditions_score(x.condition, y.condition, near=True) is not None
    )


def _find_allowed(joined: Sequence[Joined | None], pieces: tuple[int, ...]) -> Intervals | None:
    """What the pieces allow together; None where one of them adds nothing."""
    sets = [list_allowed(_get(joined, i).content.bound) or () for i in pieces]
    if len(sets) == 1:
        return sets[0]
    together = unite(*sets) if _are_alternatives(_get(joined, pieces[0]), _get(joined, pieces[1])) else intersect(*sets)
    return together if together and together not in sets else None


def _are_alternatives(a: Joined, b: Joined) -> bool:
    """Whether most readings that have both join them by "or"."""
    both = a.readings & b.readings
    groups = {(s.reading, s.finding.group) for s in a.statements if s.finding.group is not None}
    joining = {s.reading for s in b.statements if (s.reading, s.finding.group) in groups}
    return 2 * len(joining & both) > len(both)


def _find_part(joined: Sequence[Joined | None], whole: int, part: Subject, flavour: str) -> int | None:
    """The requirement that says for one flavour what another says for leptons, in the same place."""
    one = _get(joined, whole)
    wanted = _replace(one.content.about, part, part._replace(kind=flavour))
    for i, other in enumerate(joined):
        if other is None or i == whole or other.content.about != wanted:
            continue
        x, y = one.content, other.content
        same = x.bound == y.bound and x.spelling.goes == y.spelling.goes and x.spelling.strict == y.spelling.strict
        if same and _is_same_topic_but_subject(one, other):
            return i
    return None


def _is_same_topic_but_subject(a: Joined, b: Joined) -> bool:
    x, y = a.content, b.content
    near = are_near(a.places, b.places) or not (a.grounded and b.grounded)
    scopes = scopes_score(x.scope, y.scope, near=True), conditions_score(x.condition, y.condition, near=True)
    return near and None not in scopes


def _replace(about: About, old: Subject, new: Subject) -> About:
    return about._replace(
        subject=new if about.subject == old else about.subject, second=new if about.second == old else about.second
    )


def _may_be_counted(count: Joined, threshold: Joined) -> bool:
    about = threshold.content.about
    return about.variable in ("pt", "et", "abs_eta") and about.subject == count.content.about.subject


def _states(statement: Statement, threshold: Joined) -> bool:
    """Whether the condition of a count is this threshold of what it counts."""
    count, other = statement.content, threshold.content
    if not statement.grounded or statement.finding.condition is None or other.bound.direction not in ("lower", "upper"):
        return False
    if other.about.subject != count.about.subject or other.about.second is not None or count.about.variable != "n":
        return False
    if other.about.variable not in _list_variables(statement.finding.condition):
        return False
    return any(
        value == other.bound.values[0] and direction == other.bound.direction
        for value, direction in _list_thresholds(statement.finding.condition)
    )


def _list_variables(condition: str) -> set[str]:
    lowered = condition.lower().replace("{", "").replace("}", "")
    found = {"pt", "et"} if any(symbol in lowered for symbol in MOMENTA) else set()
    return found | ({"abs_eta"} if "η" in lowered or "eta" in lowered else set())


@lru_cache(maxsize=1024)
def _list_thresholds(condition: str) -> tuple[tuple[float, str], ...]:
    return tuple(_read_thresholds(condition))


def _read_thresholds(condition: str) -> Iterator[tuple[float, str]]:
    numbers = read_statement(condition).numbers
    plain = read_phrase(condition)
    for number in numbers:
        directions = {DIRECTIONS[o] for o in number.operators if o in DIRECTIONS}
        if len(directions) == 1:
            try:
                value = to_base(number.value, number.unit)[0]
            except CriteriaError:
                value = number.value
            if any(abs(value - n) <= 1e-9 * max(abs(value), 1e-12) for n in plain.numbers) or not plain.numbers:
                yield float(f"{value:.9g}"), directions.pop()


def _get(joined: Sequence[Joined | None], i: int) -> Joined:
    one = joined[i]
    if one is None:
        raise LookupError(i)
    return one
