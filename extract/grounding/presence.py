"""Numbers of objects that are asked for without a number: a veto, or the mere presence of something."""

import re
from collections.abc import Iterator

from extract.grounding.belonging import CLASSES, find_kinds
from extract.grounding.comparing import compare_counts, find_outcome
from extract.grounding.judgement import Judgement, Reading, mark
from extract.grounding.polarity import Outcome
from extract.grounding.statements import PrintedNumber
from schemas.evidence import Check
from schemas.finding import Finding

_VETO = re.compile(
    r"[^\s]*(?:[\s-](?!and\b|or\b|but\b)\w+){0,2}[\s-]veto(?:e?s)?\b(?!\s+(?:on|of|for|against|events?|any|all|candidates?))"
)
_VETO_OF = re.compile(
    r"(?:\bveto(?:es)?\s(?:on|of|against)|\bvetoes|\bvetoing|\b(?:we|which|that|must|then)\sveto)"
    r"(?!\s(?:are|is|was|were|and|or|in|with)\b)\s(?:(?!events?\b)[^\s,;]+\s){0,4}$",
    re.IGNORECASE,
)
_VETOED = re.compile(r"\bvetoed$")
_MORE = re.compile(
    r"\b(?:additional|extra|further|second|third|other|any|more|loose\w*|all)\s(?:\S+\s){0,4}$", re.IGNORECASE
)
_PAIRS = re.compile(r"\s?(?:pairs?|combinations?|systems?)\b")
_PAIRS_OF = re.compile(r"\b(?:pairs?|combinations?)\sof\s(?:\S+\s){0,2}$", re.IGNORECASE)
_NONE_OF = re.compile(
    r"\b(?:none|neither)\sof\s([^,;:]*?)\s(?:is|are|may|must|can|should|has|have|pass\w*|satisf\w+)\s", re.I
)
_ZERO = re.compile(r"\bzero-(?:\S+-)?$", re.IGNORECASE)
_ABSENT = re.compile(
    r"[^,;.<>=≤≥]{0,30}?\b(?:(?:is|are|be)\s(?:absent|missing)|(?:must|may|should|can)\s?not\sbe\s(?:present|found)"
    r"|(?:is|are)\snot\s(?:present|allowed|permitted))\b(?=[,;.]|\s(?:and|or|in\s(?:the|an|any|such|these)\sevents?)\b|$)"
)
_NEITHER = re.compile(r"\b(?:neither|nor)\s(?:(?:an?|any|[\w-]+)\s){0,2}?$", re.IGNORECASE)
_HOLDS_NEITHER = re.compile(r"\b(?:contain\w*|have|has|having|with|hold\w*)\sneither\b[^,;]*$", re.IGNORECASE)
_THERE = re.compile(
    r"[^,;]*?\b(?:present|found|exist)\b(?=[,;.]|\s(?:and|or|in\s(?:the|an|any|such|these)\sevents?)\b|$)"
)
# What takes away objects of one kind from another: "the timing cut vetoes cosmic muons".
_FILTERS = re.compile(
    r"\b(?:cuts?|requirements?|criteri(?:on|a)|conditions?|counters?|detectors?|systems?|algorithms?|taggers?|shields?|timing)"
    r"\s(?:\w+ly\s)?veto(?:es)?\s[^,;]*$",
    re.IGNORECASE,
)
_INVERTED = re.compile(r"\b(?:invert\w*|revers\w*|relax\w*|dropping|without)\s(?:\S+\s){0,3}$", re.IGNORECASE)
_UNDONE = re.compile(
    r"[^\s]*(?:[\s-]\w+)?[\s-]veto(?:e?s)?\s(?:is|are)\s(?:inverted|reversed|relaxed|dropped|removed|not)\b"
)
_EVENT = re.compile(r"\b(?:events?|candidates?)\b", re.IGNORECASE)
_ASKED = re.compile(
    r"\b(?:must\s(?:have|contain)|contain(?:s|ing)?|requir(?:e|es|ing)|has\sto\s(?:have|contain)|have\sto\s(?:have|contain)|with|having)"
    r"\s(?:an?|another)\s(?:[\w-]+\s){0,4}$",
    re.IGNORECASE,
)
_REQUIRED = re.compile(
    r"(?:[^,;.]|\.(?=\d)){0,90}?\b(?:(?:is|are)\s(?:required|demanded|requested|needed)|must\s(?:be\s(?:present|found|reconstructed)|exist))\b"
)
_ARTICLE = re.compile(r"\b(?:an?|another)\s(?:[\w-]+\s){0,4}$", re.IGNORECASE)
_ORDINALS = ("zeroth", "first", "second", "third", "fourth", "fifth", "sixth")
_ORDINAL = re.compile(r"\b(second|third|fourth|fifth|sixth)\s(?:[\w-]+\s)?$", re.IGNORECASE)
_POSITIVE = Outcome(positive=True, absence=False, words="")
_NEGATIVE = Outcome(positive=False, absence=False, words="veto")


def judge_presence(finding: Finding, reading: Reading) -> Judgement | None:
    """A finding about a number of objects against a text without one; None if the text says nothing of the kind.

    "Events with additional leptons are discarded" and "an extra-lepton veto is applied" want none of them, "an event
    must have a vertex" wants one or more. A number of objects in the same part of the text takes their place.
    """
    veto, asked = _find_veto(finding, reading), _find_asked(finding, reading)
    if veto is not None:
        rank = _ORDINAL.search(reading.statement.text[: veto[0]])
        others = [(_imagine(float(_ORDINALS.index(rank[1].lower())), ">="), _NEGATIVE)] if rank else []
        printed, where = [(_imagine(0.0, "=="), _POSITIVE), *others], veto
    elif asked is not None:
        printed, where = [(_imagine(1.0, ">="), _POSITIVE)], asked
    else:
        return None
    relations = [compare_counts(finding, number, outcome) for number, outcome in printed]
    relation = next((r for r in relations if r.reason is None), relations[0])
    state: Check = "ok" if relation.reason is None else "wrong"
    unit: Check = "wrong" if finding.unit else "not_applicable"
    return Judgement(state, unit, relation.operator, relation.polarity, relation.reason, (mark(reading, *where),))


def _imagine(value: float, operator: str) -> PrintedNumber:
    return PrintedNumber(
        token=0, start=0, end=0, text="none" if value == 0 else "one", value=value, worded=True, unit=None,
        own_unit=False, operators=frozenset((operator,)), variables=frozenset(("n",)), counts=True, related=True,
        leader=None, position=0, twin=None,
    )  # fmt: skip


def _find_veto(finding: Finding, reading: Reading) -> tuple[int, int] | None:
    text = reading.statement.text
    for n in reading.statement.numbers:
        inside = n.counts and n.value > 0 and reading.holds(n.start, n.end)
        if inside and not find_outcome(finding, reading, n.start, n.end).positive:
            return None
    for name in find_kinds(finding):
        for match in _find_named(name, finding, reading):
            if _INVERTED.search(text[: match.start()]) or _UNDONE.match(text, match.end()):
                continue
            if _FILTERS.search(text[: match.start()]):
                continue
            if _VETO.match(text[match.end() :]) or _VETO_OF.search(text[: match.start()]):
                return match.span()
            outcome = find_outcome(finding, reading, match.start(), match.end())
            denied = _NONE_OF.search(text)
            if denied is not None:  # "none of the jets is b tagged" leaves jets, without a tag
                if match.start() >= denied.end() and not re.search(r"[,;:]", text[denied.end() : match.start()]):
                    return match.span()
                continue
            before = text[: match.start()]
            if _is_denied(text, match) and (outcome.positive or outcome.absence):
                return match.span()
            paired = _PAIRS.match(text, match.end()) or _PAIRS_OF.search(before)
            if (
                not outcome.positive
                and _VETOED.search(outcome.words)
                and (_MORE.search(before) or (paired and "dilepton" in finding.subject))
            ):
                return match.span()
            if not outcome.positive and _EVENT.search(reading.statement.lead + text):
                return match.span()
    return None


def _is_denied(text: str, match: re.Match[str]) -> bool:
    """Whether objects are said not to be there: "must be absent", "zero-jet", "contain neither electrons nor muons"."""
    before = text[: match.start()]
    if _ZERO.search(before) or _ABSENT.match(text, match.end()):
        return True
    return bool(_NEITHER.search(before) and (_HOLDS_NEITHER.search(before) or _THERE.match(text, match.end())))


def _find_named(name: str, finding: Finding, reading: Reading) -> Iterator[re.Match[str]]:
    """Where the quote names a kind of object; the jet in "b-tagged jet" is no plain jet."""
    text = reading.statement.text
    if name not in CLASSES:
        yield from re.compile(re.escape(name)).finditer(text, reading.first, reading.last)
        return
    narrow = [] if "b-jet" in find_kinds(finding) else [m.span() for m in CLASSES["b-jet"].finditer(text)]
    for match in CLASSES[name].finditer(text, reading.first, reading.last):
        if not any(a < match.end() and match.start() < b for a, b in narrow):
            yield match


def _find_asked(finding: Finding, reading: Reading) -> tuple[int, int] | None:
    text = reading.statement.text
    if any(n.counts and reading.holds(n.start, n.end) for n in reading.statement.numbers):
        return None
    for name in find_kinds(finding):
        for match in _find_named(name, finding, reading):
            before = text[: match.start()]
            asked = _ASKED.search(before) or (_ARTICLE.search(before) and _REQUIRED.match(text, match.end()))
            if asked and find_outcome(finding, reading, *match.span()).positive:
                return match.span()
    return None
