"""Two gold lists of one paper, by two readers: what both have, what one has alone, and about what they differ.

Criteria are paired one to one: first those that mean the same (subject, variable, what is kept, value and unit, a page
in common; by the rules of `benchmarks.claims` and `benchmarks.naming`), then those that are about the same thing and
differ in one or two of these. Scope, condition and ids are the readers' own words and are not compared; they only
decide between pairs that are equally good.

There are no criteria that both readers left out, so that Cohen's kappa of "is a criterion" has no fourth cell. Its
limit for many things that are no criteria is the positive specific agreement, 2 n(both) / (n(A) + n(B)) (Hripcsak and
Rothschild, J. Am. Med. Inform. Assoc. 12 (2005) 296). Kappa proper is given for what pairs are labelled with.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from benchmarks.claims import agree_in_bounds, read_criterion
from benchmarks.gold.lists import GoldCriterion, GoldList
from benchmarks.naming import agree, variables_agree, words_agree
from schemas.model import Model

Part = Literal["subject", "variable", "value", "unit", "operator", "polarity", "page", "stage", "open"]

MINOR: tuple[Part, ...] = ("stage", "open")  # told, but the criterion is the same
MOST = 2  # differences: what differs in more is another criterion

_BOUND: dict[Part, tuple[str, ...]] = {
    "operator": ("operator", "operator_alt"), "value": ("value",), "unit": ("unit",), "polarity": ("effect",),
}  # fmt: skip
_GOES = ("remove_object", "reject_event")


class Pair(Model):
    """A criterion of A and that of B which is, or may be, the same. `differences` are in the order of `Part`."""

    a: GoldCriterion
    b: GoldCriterion
    differences: tuple[Part, ...]

    @property
    def same(self) -> bool:
        """Whether they mean the same."""
        return not set(self.differences) - set(MINOR)


class Kappa(Model):
    """How far two readers give pairs the same label: the share, and Cohen's kappa (None where chance explains all)."""

    part: str
    same: int
    of: int
    kappa: float | None


class Comparison(Model):
    """What became of two lists."""

    paper: str
    pairs: tuple[Pair, ...]
    only_a: tuple[GoldCriterion, ...]
    only_b: tuple[GoldCriterion, ...]
    labels: tuple[Kappa, ...]

    @property
    def agreed(self) -> tuple[Pair, ...]:
        """Pairs that mean the same."""
        return tuple(p for p in self.pairs if p.same)

    @property
    def differing(self) -> tuple[Pair, ...]:
        """Pairs about the same thing that do not mean the same."""
        return tuple(p for p in self.pairs if not p.same)

    @property
    def agreement(self) -> float | None:
        """Positive specific agreement; None for two empty lists."""
        n = 2 * len(self.pairs) + len(self.only_a) + len(self.only_b)
        return 2 * len(self.agreed) / n if n else None


class _Candidate(NamedTuple):
    i: int
    j: int
    differences: tuple[Part, ...]
    worth: float


def compare_lists(a: GoldList, b: GoldList, *, counted: bool = False) -> Comparison:
    """Compare two lists. `counted`: only the numeric and executable criteria, those that recall is about."""
    marked = all(any(c.open for c in g.every) for g in (a, b))  # a list without any mark says nothing about them
    first, second = (
        [c if marked else c.model_copy(update={"open": ()}) for c in g.every if c.counted or not counted]
        for g in (a, b)
    )
    pairs = tuple(Pair(a=first[one.i], b=second[one.j], differences=one.differences) for one in _pair(first, second))
    used_a, used_b = {p.a.id for p in pairs}, {p.b.id for p in pairs}
    return Comparison(
        paper=a.paper,
        pairs=pairs,
        only_a=tuple(c for c in first if c.id not in used_a),
        only_b=tuple(c for c in second if c.id not in used_b),
        labels=tuple(_rate_labels(pairs)),
    )


def find_differences(a: GoldCriterion, b: GoldCriterion) -> tuple[Part, ...] | None:
    """In what two criteria differ; None when they are not about the same thing."""
    one, other = read_criterion(a), read_criterion(b)
    removes = "remove_object" in (a.effect, b.effect)
    variable = variables_agree(one.name.variable, other.name.variable)
    subject = agree(one.name, other.name._replace(variable=one.name.variable), removes=removes)
    page = bool(set(a.pages) & set(b.pages))
    named = subject and variable
    bound = _differ_in_bound(a, b, MOST if named and page else 0)
    if bound is None or not (page or named) or not (named or _is_telling(a)):
        return None
    differing: list[Part] = [] if subject else ["subject"]
    differing += [] if variable else ["variable"]
    differing += [*bound]
    differing += [] if page else ["page"]
    if len(differing) > MOST:
        return None
    differing += ["stage"] if a.stage != b.stage else []
    differing += ["open"] if set(a.open) != set(b.open) else []
    return tuple(differing)


def _is_telling(criterion: GoldCriterion) -> bool:
    """Whether the same number on the same page is enough to say that two names are meant for one thing."""
    count = criterion.variable == "n" or criterion.variable.startswith("other:n_")
    return criterion.numeric and not count


def _differ_in_bound(a: GoldCriterion, b: GoldCriterion, most: int) -> tuple[Part, ...] | None:
    """The fewest of operator, value, unit and polarity that, taken over from A, make B keep what A keeps."""
    claim = read_criterion(a)
    for number in range(most + 1):
        for parts in combinations(_BOUND, number):
            taken = {name: getattr(a, name) for part in parts for name in _BOUND[part]}
            if agree_in_bounds(claim, read_criterion(b.model_copy(update=taken))):
                return parts
    return None


def _pair(first: Sequence[GoldCriterion], second: Sequence[GoldCriterion]) -> list[_Candidate]:
    """A one-to-one choice of candidates: most pairs that are the same, then most of the others."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    found = {(c.i, c.j): c for c in _list_candidates(first, second)}
    worth = np.zeros((len(first), len(second)))
    for place, candidate in found.items():
        worth[place] = candidate.worth
    places = zip(*(axis.tolist() for axis in linear_sum_assignment(worth, maximize=True)), strict=True)
    return [found[place] for place in sorted(places) if place in found]


def _list_candidates(first: Sequence[GoldCriterion], second: Sequence[GoldCriterion]) -> Iterator[_Candidate]:
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            differences = find_differences(a, b)
            if differences is None:
                continue
            serious = len(set(differences) - set(MINOR))
            likeness = _are_alike(a.scope, b.scope) + _are_alike(a.condition, b.condition)
            likeness += (a.second_subject == b.second_subject) + (a.stage == b.stage) + (a.pages[0] == b.pages[0])
            yield _Candidate(i, j, differences, (1e6, 1e3, 1e1)[serious] + likeness)


def _are_alike(a: str | None, b: str | None) -> float:
    return 2.0 if a == b else 1.0 if a and b and words_agree(a, b) else 0.0


def _rate_labels(pairs: Sequence[Pair]) -> Iterator[Kappa]:
    labels: tuple[tuple[str, Callable[[GoldCriterion], Hashable]], ...] = (
        ("operator", lambda c: (c.operator, c.effect in _GOES)),
        ("effect", lambda c: c.effect),
        ("stage", lambda c: c.stage),
        ("open", lambda c: bool(c.open)),
        ("executable", lambda c: c.executable),
    )
    for name, label in labels:
        given = [(label(p.a), label(p.b)) for p in pairs]
        same, n = sum(x == y for x, y in given), len(given)
        yield Kappa(part=name, same=same, of=n, kappa=find_kappa(given))


def find_kappa(labels: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa, (observed - expected) / (1 - expected); None without labels, or where both always say the same one
    word (J. Cohen, Educ. Psychol. Meas. 20 (1960) 37).
    """
    n = len(labels)
    if n == 0:
        return None
    observed = sum(x == y for x, y in labels) / n
    first, second = Counter(x for x, _ in labels), Counter(y for _, y in labels)
    expected = sum(first[k] * second[k] for k in first) / n**2
    return None if expected == 1.0 else (observed - expected) / (1 - expected)
