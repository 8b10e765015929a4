"""Findings of different readings that cannot both be right: one place of the text, one quantity, two meanings."""

from collections.abc import Mapping, Sequence

from extract.consensus.agreeing import conditions_score, labels_agree, names_agree, scopes_score
from extract.consensus.bounds import Intervals, intersect, list_allowed, spellings_agree
from extract.consensus.joining import Joined
from extract.consensus.names import About
from extract.consensus.statement import Content, are_near
from schemas.reading import Conflict


def find_conflicts(joined: Sequence[Joined], ids: Mapping[Joined, str]) -> tuple[Conflict, ...]:
    """Every conflict between grounded requirements, in order of the text; `ids` names the finding of each.

    A requirement is in one conflict only: with the one that more readings have. Where one reading has both, they are
    two requirements. The default is what most readings say; of equally many, the bound that contains the others, if
    there is one.
    """
    grounded = sorted((j for j in joined if j.grounded), key=lambda j: (-len(j.readings), j.sort_key))
    stars: list[tuple[Joined, list[tuple[Joined, str]]]] = []
    for one in grounded:
        for winner, losers in stars:
            why = _contradict(winner, one)
            if why is not None and all(one.readings.isdisjoint(other.readings) for other, _ in losers):
                losers.append((one, why))
                break
        else:
            stars.append((one, []))
    conflicts = [
        Conflict(
            findings=tuple(ids[j] for j in sorted((winner, *(o for o, _ in losers)), key=lambda j: j.sort_key)),
            why=_join_reasons([why for _, why in losers]),
            default=_find_default(winner, [other for other, _ in losers], ids),
        )
        for winner, losers in sorted(stars, key=lambda s: s[0].sort_key)
        if losers
    ]
    return tuple(conflicts)


def _contradict(a: Joined, b: Joined) -> str | None:
    """Why two requirements of different readings cannot both be right; None when they can."""
    x, y = a.content, b.content
    if x.about.variable != y.about.variable or not a.readings.isdisjoint(b.readings):
        return None
    if not are_near(a.places, b.places):
        return None
    if not names_agree(x.about, y.about, near=True):
        return "whom it holds for" if _differs_in_rank(x, y) else None
    scopes = scopes_score(x.scope, y.scope, near=True)
    conditions = conditions_score(x.condition, y.condition, near=True)
    if x.bound == y.bound and labels_agree(x, y, near=True):
        if not spellings_agree(x.spelling, y.spelling):
            return "what becomes of it" if x.spelling.goes != y.spelling.goes else "whether the limit belongs to it"
        return "the region it belongs to" if scopes is None and conditions is not None else None
    if scopes is None or conditions is None:
        return None  # two statements, each for its own case
    return _compare_bounds(x, y)


def _differs_in_rank(x: Content, y: Content) -> bool:
    """The same threshold, told of the leading object here and of every one there."""
    return x.bound == y.bound and names_agree(_drop_rank(x.about), _drop_rank(y.about), near=True)


def _drop_rank(about: About) -> About:
    return about._replace(subject=about.subject._replace(rank=""))


def _compare_bounds(x: Content, y: Content) -> str | None:
    a, b = x.bound, y.bound
    if a.direction == b.direction:
        return "the value"
    if not a.values or not b.values:
        return "pass or fail" if {a.direction, b.direction} == {"pass", "fail"} else None
    if a.unit != b.unit:
        return "the value"
    first, second = list_allowed(a), list_allowed(b)
    if first is None or second is None:
        return "what is asked"
    if set(a.values) & set(b.values):
        # "> 60" beside "60 to 120" says less, not something else; "> 60" beside "< 60" does.
        return None if _contains(first, second) or _contains(second, first) else "the direction"
    both = intersect(first, second)
    if {a.direction, b.direction} == {"lower", "upper"} and both:
        return None  # the two ends of a range, each found by one reading
    return "the value"


def _contains(outer: Intervals, inner: Intervals) -> bool:
    return intersect(outer, inner) == inner


def _find_default(winner: Joined, losers: Sequence[Joined], ids: Mapping[Joined, str]) -> str | None:
    tied = [winner, *(j for j in losers if len(j.readings) == len(winner.readings))]
    if len(tied) == 1:
        return ids[winner]
    sets = [(j, list_allowed(j.content.bound)) for j in tied]
    widest = [j for j, mine in sets if mine and all(other and _contains(mine, other) for _, other in sets)]
    if len(widest) > 1:  # the same limit: the sign that includes it is the wider one
        widest = [j for j in widest if j.content.spelling.strict is False or j.content.spelling.closed == "both"]
    return ids[widest[0]] if len(widest) == 1 else None


def _join_reasons(reasons: Sequence[str]) -> str:
    return "readings differ in " + " and ".join(dict.fromkeys(reasons))
