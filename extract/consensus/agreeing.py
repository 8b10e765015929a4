"""Whether two statements say the same, and how well they agree; decided from their contents alone."""

from extract.consensus.bounds import read_label_words, spellings_agree
from extract.consensus.names import BETWEEN_TWO, About, Subject, subjects_agree, variables_agree
from extract.consensus.statement import Content
from extract.consensus.words import GRADES, NEGATIONS, Phrase, phrases_agree, refines

NEAR_RATIO, FAR_RATIO = 60.0, 80.0


def find_block(content: Content) -> tuple[object, ...]:
    """What statements must have in common before anything else is asked: what survives, in numbers."""
    bound = content.bound
    return bound.direction, bound.values, bound.unit


def agree(a: Content, b: Content, *, near: bool, elsewhere: bool = False) -> float | None:
    """How well two statements of one block agree (more is better), None when they say different things.

    `near`: both are read from one place of the text, so a scope or condition that one of them leaves out contradicts
    nothing. Of two places the fuller one may be a statement of its own, unless one is prose and the other a table
    (`elsewhere`): these repeat each other.
    """
    if not spellings_agree(a.spelling, b.spelling) or (not near and not _same_strictness(a, b)):
        return None
    if not names_agree(a.about, b.about, near=near):
        return None
    if a.removed is not None and b.removed is not None and not subjects_agree(a.removed, b.removed, near=near):
        return None
    if not labels_agree(a, b, near=near) or not _effects_agree(a.effect, b.effect, near=near):
        return None
    scope = scopes_score(a.scope, b.scope, near=near or elsewhere)
    condition = conditions_score(a.condition, b.condition, near=near or elsewhere)
    if scope is None or condition is None:
        return None
    exact = (a.about == b.about) + (a.spelling == b.spelling) + (a.effect == b.effect) + (a.bound == b.bound)
    return 8 * scope + 8 * condition + exact


def names_agree(a: About, b: About, *, near: bool) -> bool:
    """Whether both are about the same quantity of the same objects; two partners may change places."""
    if not variables_agree(a, b, near=near):
        return False
    if subjects_agree(a.subject, b.subject, near=near) and _partners_agree(a.second, b.second, near=near):
        return True
    if a.variable not in BETWEEN_TWO or a.second is None or b.second is None:
        return False
    return subjects_agree(a.subject, b.second, near=near) and subjects_agree(a.second, b.subject, near=near)


def labels_agree(a: Content, b: Content, *, near: bool) -> bool:
    """Whether two labels say the same; in one place a missing one ("as described there") agrees with all but grades."""
    x, y = read_label_words(a.bound), read_label_words(b.bound)
    if a.bound.direction in ("order", "not order") and a.bound.label and b.bound.label:
        return a.bound.label == b.bound.label or _phrases_agree(x, y, near=near)
    if x is None and y is None:
        return True
    if x is None or y is None:
        named = x or y
        return near and named is not None and not any(GRADES.search(g) for g in named.guards)
    return _phrases_agree(x, y, near=near)


def scopes_score(a: Phrase | None, b: Phrase | None, *, near: bool) -> float | None:
    """1 for the same scope, less when one leaves it out or names it less fully, None when they contradict."""
    if a == b:
        return 1.0
    if a is None or b is None:
        return 0.5 if near else None
    if phrases_agree(a, b, NEAR_RATIO if near else FAR_RATIO):
        return 0.8
    return 0.7 if near and refines(a, b) else None


def conditions_score(a: Phrase | None, b: Phrase | None, *, near: bool) -> float | None:
    """The same for conditions. In one place any words may be two readers' words for one condition, but not other
    numbers, and no words that tell one of several cases apart.
    """
    score = scopes_score(a, b, near=near)
    if score is not None or not near or a is None or b is None:
        return score
    if a.numbers != b.numbers or not (set(a.guards) <= set(b.guards) or set(b.guards) <= set(a.guards)):
        return None
    return None if (set(a.guards) ^ set(b.guards)) & NEGATIONS else 0.6 if _share_words(a, b) else 0.4


def repeats(a: Content, b: Content) -> bool:
    """Whether one reading says the same thing twice: nothing but the place and the named outcome differ."""
    same = (a.about, a.bound, a.scope, a.condition, a.effect) == (b.about, b.bound, b.scope, b.condition, b.effect)
    outcomes = not (a.spelling.goes and b.spelling.goes) or (a.spelling.goes, a.removed) == (b.spelling.goes, b.removed)
    return same and outcomes and (a.spelling.strict, a.spelling.closed) == (b.spelling.strict, b.spelling.closed)


def _same_strictness(a: Content, b: Content) -> bool:
    """In two places of a text "< 0.1 removed" and "≥ 0.1 kept" agree; here nothing says that both mean one sign."""
    x, y = a.spelling.strict, b.spelling.strict
    return x == y or x is None or y is None


def _partners_agree(a: Subject | None, b: Subject | None, *, near: bool) -> bool:
    if a is None or b is None:
        return a == b or near
    return subjects_agree(a, b, near=near)


def _effects_agree(a: str, b: str, *, near: bool) -> bool:
    return a == b or near


def _phrases_agree(a: Phrase | None, b: Phrase | None, *, near: bool) -> bool:
    if a is None or b is None:
        return a is b
    return phrases_agree(a, b, NEAR_RATIO if near else FAR_RATIO)


def _share_words(a: Phrase, b: Phrase) -> bool:
    return bool(set(a.words) & set(b.words))
