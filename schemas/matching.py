"""Which definitions and cuts of two criteria documents belong together, also when they were renamed or moved."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from schemas.checked_cut import CheckedCut
from schemas.expressions.canonical import Canon, Form
from schemas.expressions.nodes import This, Trials

T = TypeVar("T")


class OwnedCut(NamedTuple):
    """A cut that is not rejected, and the definition it stands in, by the name that has in the first document."""

    owner: str  # "object electrons"
    checked: CheckedCut
    plain: Form  # with named variables as names
    written_out: Form  # with named variables written out
    fields: Mapping[str, Form | None]  # variable and condition alone, written out

    @property
    def id(self) -> str:
        """The id of the cut."""
        return self.checked.cut.id

    def means(self, other: "OwnedCut") -> bool:
        """Whether both ask the same of the same things."""
        return self.plain == other.plain or self.written_out == other.written_out


def match_named(
    first: Sequence[T],
    second: Sequence[T],
    name: Callable[[T], str],
    alike: Callable[[T, T], bool],
    similar: Callable[[T, T], bool],
    learn: Callable[[str, str], None],
) -> list[tuple[T, T]]:
    """Pairs of definitions in order of the second list: same name, else alike in content, else the only similar one.

    `learn` is told of every pair that has two names, before later definitions are looked at.
    """
    known = {name(a): a for a in first}
    free = [a for a in first if name(a) not in {name(b) for b in second}]
    pairs: list[tuple[T, T]] = []
    for b in second:
        found = known.get(name(b))
        if found is None:
            found = next((a for a in free if alike(a, b)), None)
            near = [a for a in free if similar(a, b)] if found is None else []
            found = near[0] if len(near) == 1 else found
            if found is not None:
                free.remove(found)
                learn(name(b), name(found))
        if found is not None:
            pairs.append((found, b))
    return pairs


def match_cuts(first: Sequence[OwnedCut], second: Sequence[OwnedCut]) -> list[tuple[OwnedCut, OwnedCut]]:
    """Pairs of cuts in order of the second list. A cut has one partner at most.

    Tried in this order: same id and meaning in one owner, same meaning in one owner, same id in one owner, same id
    elsewhere, same meaning elsewhere, and the only cut of one owner that compares the same variable.
    """
    rules: tuple[Callable[[OwnedCut, OwnedCut], bool], ...] = (
        lambda a, b: a.owner == b.owner and a.id == b.id and a.means(b),
        lambda a, b: a.owner == b.owner and a.means(b),
        lambda a, b: a.owner == b.owner and a.id == b.id,
        lambda a, b: a.id == b.id and a.owner.split()[0] == b.owner.split()[0],
        lambda a, b: a.means(b) and a.owner.split()[0] == b.owner.split()[0],
        lambda a, b: a.owner == b.owner and a.checked.cut.variable == b.checked.cut.variable,
    )
    pairs: dict[int, tuple[OwnedCut, OwnedCut]] = {}
    left, right = list(first), list(enumerate(second))
    for rule in rules:
        for position, b in list(right):
            found = [a for a in left if rule(a, b)]
            if found and (rule is not rules[-1] or len(found) == 1):
                pairs[position] = (found[0], b)
                left.remove(found[0])
                right.remove((position, b))
    return [pairs[k] for k in sorted(pairs)]


def make_owned(owner: str, checked: CheckedCut, plain: Canon, written_out: Canon) -> OwnedCut:
    """A cut with the forms of its meaning."""
    condition = None if checked.condition is None else written_out.form(checked.condition)
    fields = {"variable": written_out.form(checked.variable), "condition": condition}
    return OwnedCut(owner, checked, _form_cut(checked, plain), _form_cut(checked, written_out), fields)


def list_in_order(first: Sequence[str], second: Sequence[str]) -> tuple[list[str], list[str]]:
    """What both sequences have, each in its own order; equal lists when the order is the same."""
    common = set(first) & set(second)
    return [x for x in first if x in common], [x for x in second if x in common]


def _form_cut(checked: CheckedCut, canon: Canon) -> Form:
    test = canon.form(checked.test)
    axis = checked.variable.axis
    per_object = axis is not None and not isinstance(axis, This | Trials)
    if checked.condition is not None:
        test = ("if", canon.form(checked.condition), test)
    return ("call", checked.cut.quantifier, test) if per_object else test
