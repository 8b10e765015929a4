"""What happens to what a number or a label describes: taken, or turned away. "Rejected" belongs to its own clause.

`read_outcome` counts what turns a statement round at one place: verbs of rejection that govern it, negations before
it, an absence it describes ("no jets with …"). Purposes ("… to remove background") turn nothing round that stands
before them, tools ("rejected using …") nothing that stands after.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_ADVERBS = r"(?:(?:also|then|therefore|thus|hence|further|subsequently|finally|instead|\w+ly)\s+)*"
_BE = r"(?:is|are|was|were|be|been|being|gets?)"
_GONE = (
    r"(?:rejected|removed|discarded|vetoed|excluded|suppressed|dropped|ignored|eliminated|disregarded"
    r"|omitted|masked|killed|inverted|reversed|thrown\s+away|left\s+out|taken\s+out|thrown\s+out|ruled\s+out|skipped|lost|barred|filtered\s+out|cut\s+away|set\s+aside|dismissed|"
    r"(?:not|neither|never)\s+"
    + _ADVERBS
    + r"(?:considered|used|selected|accepted|retained|kept|included|allowed|permitted|counted|taken))"
)
_TAKEN = (
    r"(?:required|selected|kept|retained|accepted|considered|used|applied|imposed|allowed|chosen|identified|reconstructed|assigned"
    r"|classified|categori[sz]ed|defined|demanded|requested|restricted|preserved|included|taken|formed|collected|built)"
)
# What is counted, and what may stand between a word that counts and it.
_THINGS = (
    r"(?:[\w-]*(?:jets?|leptons?|electrons?|muons?|photons?|taus?|tracks?|vertices|hits?|tags?|candidates?|pairs?|clusters?"
    r"|objects?|particles?|kaons?|pions?|protons?|showers?|prongs?|subjets?)|[τμγℓ]\S*)(?!\w)"
)
_DESCRIBED = r"(?!(?:for|of|in|at|to|is|are|with|and|or|from|by)\b)[\w-]+"
_PASSIVE = re.compile(
    rf"\b(?:{_BE}|and|or|,)\s+(?:then\s+)?{_ADVERBS}{_GONE}\b|\b(?:lead|leads|leading|result|results|resulting)\s+(?:to|in)\s+(?:the\s+|an?\s+)?(?:rejection|veto|removal|exclusion)"
    r"|\b(?:do|does|did)\s+not\s+(?:enter|count|contribute|qualify|survive)\b",
    re.IGNORECASE,
)
_ACTIVE = re.compile(
    r"\b(?:reject|remove|discard|exclude|drop|eliminate|suppress|avoid|mask|ignore)(?:s|es|ing|ting|ping)?\b"
    r"|\b(?:to|we|which|that|then|also)\s+veto(?:es)?\b|(?<!for\s)(?<!of\s)(?<!the\s)(?<!these\s)(?<!such\s)\bvetoes\s+"
    rf"(?=(?:{_DESCRIBED}\s+){{0,3}}?{_THINGS})"
    r"|\bvetoing\b|\bveto(?:es|ed)?\s+(?:all\s+|any\s+)?(?=events?\b|candidates?\b)"
    r"|\b(?:leav|throw|rul|tak|cut)(?:e|es|s|ing|ting)?\s+out\b|\bskip(?:s|ping)?\b"
    r"|\b(?:removing|excluding|eliminating)\b|\bveto(?:es|s)?\s+(?:is\s+applied\s+)?(?:on|of|against|for|to)\b"
    r"|\b(?:rejection|removal|exclusion|exception)\s+of\b|\bexcept\b(?:\s+for)?|\bapart\s+from\b|\bother\s+than\b",
    re.IGNORECASE,
)
_MAIN = re.compile(
    rf"\b(?:{_BE}|have\s+been|has\s+been)\s+{_ADVERBS}{_TAKEN}\b|\b(?:must|should|shall|has\s+to|have\s+to|need\s+to|needs\s+to|requires?|requiring|selects?|keeps?)\b",
    re.IGNORECASE,
)
_FAIL = re.compile(r"\bfail(?:s|ed|ing)?\b", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?:not|cannot|never)\s+(?:\w+\s+){0,2}?(?:pass|satisfy|fulfill?|meet|have|contain|lie|fall(?!\s+(?:below|under|short))|differ|deviate|depart|vary|stray|extend|spread|within|in|inside|between|passing"
    r"|satisfying|fulfilling|meeting|having|containing|lying|falling|identified\s+as|tagged\s+as|consistent\s+with|accompanied\s+by|include|including)(?=\W|$)",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\b(?:not|never)\s+(?:be\s+|been\s+|being\s+)?|\b(?:non|anti)-|\binvert(?:ed|ing|s)?\s+(?:the\s+)?", re.IGNORECASE
)
# "zero" negates in front of what is counted, behind a word that asks for it.
_COUNTING = re.compile(
    r"(?:^|[,;:(]|\b(?:with|have|has|having|contain\w*|requir\w*|demand\w*|exactly|precisely|and|or|either|are|is|be|to"
    r"|of|for|into|in|select\w*|hold\w*|includ\w*|keep\w*|accept\w*|us\w+|all|reject\w*|veto\w*|discard\w*|where))\s*$",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:\b(?:no|without(?!\s+(?:\w+\s+){0,2}(?:region|range|window|interval|gap|crack)\b)|absence\s+of|lack\s+of|lacks?|lacking|free\s+of|free\s+from|devoid\s+of)"
    rf"|(?<![\w-])zero(?=\s+(?:{_DESCRIBED}\s+){{0,3}}?{_THINGS}))\s+(?!more\b|less\b|fewer\b|greater\b|larger\b|later\b|higher\b|lower\b)",
    re.IGNORECASE,
)
_UNLESS = re.compile(r"\bunless\b", re.IGNORECASE)
_ANY_DENIAL = re.compile(rf"\b(?:not|no|never|without|fail\w*|neither|none)\b|{_ACTIVE.pattern}", re.IGNORECASE)
_NONE_OF = re.compile(r"\b(?:none|neither)\s+of\s+", re.IGNORECASE)
_HARD_BREAK = re.compile(r"[;:]|\.\s|\b(?:otherwise|whereas|while|but|unless)\b", re.IGNORECASE)
_SOFT_BREAK = re.compile(
    r"[\s,](?=and\s+(?:the\b|those\b|if\b|when\b|in\s+case\b|(?:[\w-]+\s){0,2}?"
    r"(?:events|jets|electrons|muons|leptons|photons|tracks|taus|candidates|pairs)\b))",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|must|needs?|should|satisfy|pass|count|enter|contribute|qualify|survive|remain)\b",
    re.IGNORECASE,
)
_TOOL = re.compile(
    r"\b(?:by\s+(?:requir\w*|demand\w*|apply\w*|ask\w*|means|using|cut\w*|the|an?)|using|via|through|with\s+the\s+help|based\s+on|if\s+not)\b",
    re.IGNORECASE,
)
_CARRIES = re.compile(
    r"\b(?:with|having|have|has|whose|where|when|if|in|within|inside|outside|that|which|for|containing|contain|at|below|above|region|range|window"
    r"|closer|less|greater|larger|smaller)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"\b(?:that|which|who)\b(?:\s+\w+){0,2}\s*$", re.IGNORECASE)
_COUNTED = re.compile(r"\b(?:at\s+least|at\s+most|exactly)\b", re.IGNORECASE)


class Outcome(NamedTuple):
    """`positive`: what is described is taken. `absence`: it describes what must not be there. `words`: why."""

    positive: bool
    absence: bool
    words: str


class _Turn(NamedTuple):
    """A word that turns round what stands between `first` and `last`."""

    first: int
    last: int
    text: str
    absence: bool
    rejects: bool = False


def read_outcome(text: str, start: int, end: int, *, described: bool = False) -> Outcome:
    """What becomes of what is described at `start` to `end` of a sentence.

    With `described` only whether it is said to be so or not so counts, not what is done with it.
    """
    turns = [t for t in _find_turns(text) if t.first <= start and end <= t.last and not (described and t.rejects)]
    words = ", ".join(t.text for t in turns)
    absence = any(t.absence for t in turns)
    return Outcome(sum(not t.absence for t in turns) % 2 == 0, absence, words)


@lru_cache(maxsize=512)
def _find_turns(text: str) -> tuple[_Turn, ...]:
    turns: list[_Turn] = []
    passive = [m for m in _PASSIVE.finditer(text) if _is_passive(text, m)]
    spans = [(m.start(), m.end()) for m in passive]
    for match in passive:
        turns.append(_Turn(_clause_start(text, match.start()), match.start(), match[0], False, rejects=True))
        turns.extend(_turn_after(text, match))
    for match in _ACTIVE.finditer(text):
        if not any(a <= match.start() < b for a, b in spans):
            turns.extend(_turn_object(text, match))
    for pattern in (_FAIL, _NEGATED):
        turns.extend(_Turn(m.end(), _object_end(text, m.end()), m[0], False) for m in pattern.finditer(text)
                     if not any(a <= m.start() < b for a, b in spans))  # fmt: skip
    for match in _NEXT.finditer(text):  # "not tight": only the word behind it
        word = re.compile(r"[^\W_]+").match(text, match.end())
        if word is not None and not any(a <= match.start() < b for a, b in spans):
            turns.append(_Turn(match.end(), word.end(), match[0].strip(), False))
    for match in _NONE.finditer(text):
        if match[0][:4].lower() == "zero" and not _COUNTING.search(text[max(match.start() - 40, 0) : match.start()]):
            continue  # "the radiation zero" is a name
        counted = _COUNTED.search(text, match.end())
        last = min(_object_end(text, match.end()), counted.start() if counted else len(text))
        turns.append(_Turn(match.end(), last, match[0].strip(), True))
    denied = _ANY_DENIAL.search(text) if _UNLESS.search(text) else None
    first = min([a for a, _ in spans] + ([denied.start()] if denied else []), default=len(text))
    for match in _UNLESS.finditer(text):  # "are kept unless they have …"; "are rejected unless …" is turned twice
        if match.start() <= first:
            stop = re.compile(r"[;:]|\.\s|$").search(text, match.end())
            turns.append(_Turn(match.end(), stop.start() if stop else len(text), match[0], False, rejects=True))
    for match in _NONE_OF.finditer(text):  # "none of the jets may have …" denies what follows of them
        stop = re.compile(r"[,;:]|\.\s|$").search(text, match.end())
        turns.append(_Turn(match.end(), stop.start() if stop else len(text), match[0].strip(), False))
    return tuple(turns)


def _is_passive(text: str, match: re.Match[str]) -> bool:
    """Whether the participle is a verb of its clause: after "and" only when a passive stands before it."""
    if match[0][:1] == "," or match[0].lower().startswith(("and", "or")):
        return bool(
            re.search(
                rf"\b{_BE}\s+{_ADVERBS}\w+ed\b[^,;]*$", text[max(match.start() - 80, 0) : match.start()], re.IGNORECASE
            )
        )
    return True


def _clause_start(text: str, end: int) -> int:
    """Where the subject of a verb at `end` begins."""
    first = max((m.end() for m in _HARD_BREAK.finditer(text, 0, end)), default=0)
    for match in _SOFT_BREAK.finditer(text, first, end):
        if _FINITE.search(text, first, match.start()):  # a clause has ended, not a noun in a list
            first = match.end()
    for match in _MAIN.finditer(text, first, end):
        if not _is_relative(text, match) and not re.search(
            r"\b(?:if|when)\b[^,]*$", text[: match.start()], re.IGNORECASE
        ):
            first = match.end()
    for match in _PASSIVE.finditer(text, first, max(end - 1, first)):
        if re.match(rf"{_BE}\b", match[0], re.IGNORECASE) and not _is_relative(text, match):
            first = match.end()
    return first


def _clause_end(text: str, start: int) -> int:
    """Where a clause that goes on at `start` ends: at a hard break, or where the next main verb's subject begins."""
    hard = _HARD_BREAK.search(text, start)
    last = hard.start() if hard else len(text)
    main = next((m for m in _MAIN.finditer(text, start, last) if not _is_relative(text, m)), None)
    if main is None:
        return last
    return max((m.start() for m in _SOFT_BREAK.finditer(text, start, main.start())), default=main.start())


def _is_relative(text: str, match: re.Match[str]) -> bool:
    """Whether a verb belongs to a relative clause: "which must have"."""
    return _CLAUSE.search(text[: match.start()]) is not None


def _turn_after(text: str, match: re.Match[str]) -> list[_Turn]:
    """Conditions of a rejection: "are removed if …", "are vetoed in the range …"; what is inverted has none."""
    if re.search(r"\b(?:inverted|reversed)$", match[0], re.IGNORECASE):
        return []
    last = _clause_end(text, match.end())
    if not re.match(r"\s*,?\s*(?:if|when|where|in\s+case|unless)\b", text[match.end() :]):
        ends = (m.start() for m in _SOFT_BREAK.finditer(text, match.end(), last) if _FINITE.search(text, m.end(), last))
        last = next(ends, last)
    tool = _TOOL.search(text, match.end(), last)
    last = tool.start() if tool else last
    carries = _CARRIES.search(text, match.end(), last)
    if re.search(r"\b(?:allowed|permitted)$", match[0]) and text[match.end() :].startswith(" to "):
        return [_Turn(match.end(), last, match[0], False, rejects=True)]
    relative = re.match(r"\s*,?\s*(?:to|in\s+order|as(?!\s+well\b)|since|because)\b", text[match.end() :])
    return [_Turn(carries.start(), last, match[0], False, rejects=True)] if carries and not relative else []


def _turn_object(text: str, match: re.Match[str]) -> list[_Turn]:
    """The object of an active verb of rejection: "reject events with …", "excluding the region …"."""
    word = match[0].lower()
    narrow = word.startswith(("exclud", "except", "apart", "other", "exclusion"))
    initial = re.match(r"\s*(?:in\s+order\s+)?to\s*$", text[: match.start()], re.IGNORECASE)
    last = _clause_end(text, match.end())
    if narrow or initial:
        comma = re.search(r"[,)]", text[match.end() : last])
        last = match.end() + comma.start() if comma else last
    tool = _TOOL.search(text, match.end(), last)
    last = tool.start() if tool else last
    carries = _CARRIES.search(text, match.end(), last)
    if narrow or carries is None:
        stop = re.search(r",|\band\b", text[match.end() : last]) if not narrow else None
        last = match.end() + stop.start() if stop else last
        return [_Turn(match.end(), last, match[0], False, rejects=not narrow)]
    return [_Turn(min(carries.start(), last), last, match[0], False, rejects=True)]


def _object_end(text: str, start: int) -> int:
    """How far a negation or a failure reaches: to the next clause, comma or closing parenthesis."""
    last = _clause_end(text, start)
    stop = re.search(r"[,)]|\b(?:and|but|that|which|are|is)\b", text[start:last])
    return start + stop.start() if stop else last
