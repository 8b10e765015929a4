"""What one sentence states: claims, what it leaves behind for the next sentence, and which object gets which bound."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.rules.clauses import Clause
from extract.rules.owners import TWO_OBJECT, Owner, Scene
from extract.rules.settling import NOMINAL
from extract.rules.statements import Bound, Statement
from extract.rules.subjects import RANK_NAMES, Noun
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
    counted_at: int | None = None  # place of the count it belongs to: the p_T of "at least two jets with p_T > 25 GeV"
    words: str = ""  # the noun as printed


class Context(NamedTuple):
    """What the text in front leaves behind: whom "they" are, the last cone, and a special kind that is the topic."""

    owner: Owner | None = None
    cone: Claim | None = None
    pair: Claim | None = None  # the last that was said of two objects
    special: Noun | None = None  # "FSR candidates": photons are such candidates until the passage ends


class Read(NamedTuple):
    """What a sentence says, and what it leaves behind for the next one."""

    claims: tuple[Claim, ...]
    context: Context
    kinds: tuple[str, ...] = ()  # of its words


class Setting(NamedTuple):
    """A clause in its sentence, as the steps from statement to claim see it."""

    text: str
    scene: Scene
    clause: Clause
    context: Context


_B_JETS = re.compile(
    r"(?:[^.,;]|\.(?=\d)){0,30}?(?:containing (?:a )?b[- ](?:hadron|quark)|(?:are|is) (?:identified|tagged|"
    r"considered) (?:as )?(?:an? )?(?:b[- ](?:tagged )?jets?"
    r"|(?:being )?b[- ]tagged|originating from (?:a )?b))", re.IGNORECASE,
)  # fmt: skip
# "For b-tagging the threshold is lowered to 20 GeV"
_FOR_B = re.compile(r"[Ff]or (?:the )?(?:b[- ]?tagging|jets (?:that|which) contain (?:a )?b[- ](?:hadron|quark))")
_COUNTED_B = re.compile(
    r" (?:must|(?:has|have|needs?|(?:is|are) required) to) be (?:identified as )?b[- ](?:tagged|jets?)|"
    r"(?:(?! (?:and|or) (?:at|exactly|no|one|two))[^.;]){0,45}?containing (?:a )?b[- ](?:hadron|quark)"
)


_SHORT_NAMES = {"z-boson": "Z", "w-boson": "W", "higgs": "H", "top": "t", "dilepton": "0", "dijet": "0", "event": "0"}


def make_claim(
    setting: Setting, statement: Statement, noun: Noun, variable: str, bound: Bound, effect: Effect,
    second: Noun | None = None, condition: str | None = None, name: str | None = None,
) -> Claim:  # fmt: skip
    """The claim that a statement makes of one object (`name` is its ranked subject)."""
    tokens = setting.scene.tokens
    subject = name or noun.subject
    special = setting.context.special
    rest = setting.text[tokens[statement.last - 1].end :]
    if subject == "jet" and (_COUNTED_B if statement.is_count else _B_JETS).match(rest):
        subject = "b-jet"  # "jets with |η| < 2.5 containing b-hadrons", "… are identified as b-jets"
    if subject in ("jet", "other:hadron") and _FOR_B.match(setting.text[tokens[setting.clause.first].start :]):
        subject = "b-jet"
    if variable == "p" and subject in ("jet", "b-jet", "fat-jet"):
        variable = "pt"  # the momentum threshold of a jet is one in p_T
    if special is not None and subject in ("photon", "other:candidate"):
        subject = special.subject
    if variable == NOMINAL:
        variable = NOMINAL.replace("*", _SHORT_NAMES.get(subject, re.sub(r"^other:| candidate$", "", subject)))
    return Claim(
        subject, variable, bound, effect, tokens[bound.at].start, tokens[statement.last - 1].end,
        second.names()[0] if second else None, condition, is_count=statement.is_count, words=noun.text,
    )  # fmt: skip


def quote_statements(setting: Setting, statements: Sequence[Statement]) -> str | None:
    """The printed words of statements, for a condition."""
    tokens = setting.scene.tokens
    printed = dict.fromkeys(setting.text[tokens[s.begin].start : tokens[s.last - 1].end] for s in statements)
    return ", ".join(printed) or None


def join_conditions(*parts: str | None) -> str | None:
    """Conditions in one line; None without any."""
    return "; ".join(p for p in parts if p) or None


def pair_up(statement: Statement, owner: Owner) -> Iterator[tuple[Noun, Noun | None, Bound, str]]:
    """Which noun gets which bound: lists go with ranks or nouns, twins with twins; else every noun gets every bound."""
    bounds, names = statement.bounds, [q.variable for q in statement.quantities]
    two = names[-1] in TWO_OBJECT
    nouns = [n._replace(ranks=(r,) if r else ()) for n in owner.nouns for r in (n.ranks or (0,))]
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
            yield from ((_rank(nouns[0], r), seconds[0], b, name) for r, b in enumerate(bounds, 1))
        else:
            yield from ((noun, second, b, name) for noun in nouns for second in seconds for b in bounds)


def _rank(noun: Noun, rank: int) -> Noun:
    """The `rank`-th of a list; of "additional leptons" it is no leading lepton of the event."""
    if noun.text.startswith("additional"):
        return Noun(f"other:{RANK_NAMES.get(rank, str(rank))} {noun.text.rstrip('s')}", (), noun.text)
    return noun._replace(ranks=(rank,))
