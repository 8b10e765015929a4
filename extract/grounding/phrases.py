"""Relations in words, and which side the number stands on.

Strictness is the words' own: "at least" is >=, "above", "greater than", "exceed" are >, "below", "less than", "within"
are <. A threshold or a limit that does not say whether it belongs to the accepted side allows both.
"""

import re
from typing import Literal, NamedTuple

Side = Literal["before", "after", "scope"]


class Phrase(NamedTuple):
    """A relation in words. `before` a number, `after` it, or `scope`: for numbers further on in its clause."""

    start: int
    end: int
    operators: frozenset[str]
    side: Side
    text: str


_MORE = r"(?:greater|larger|higher|more|bigger|harder|longer)"
_LESS = r"(?:less|smaller|lower|fewer|softer|shorter)"
_NOT = r"(?:not|no|never|n't|cannot|neither|none|nor)(?:\s(?:be|to|have|having|contain|containing|being|any|a|an))*"

_TABLE: tuple[tuple[str, Side, tuple[str, ...]], ...] = (
    (r"(?:raised|increased|lowered|reduced|tightened|loosened|relaxed)\sto", "before", (">", ">=")),
    (r"thresholds?\s(?:of|up\sto|as\s(?:low|high)\sas|ranging\sfrom)", "before", (">", ">=")),
    (rf"{_NOT}\s(?:{_MORE}\sthan|above|over|in\sexcess\sof|exceed(?:s|ed|ing)?)", "before", ("<=",)),
    (rf"{_NOT}\s(?:{_LESS}\sthan|below|under)", "before", (">=",)),
    (rf"without\sexceeding|(?:not|never)\s(?:go|reach|lie|be)\sbeyond|{_NOT}\s(?:farther|further)\sthan",
     "before", ("<=",)),
    (rf"{_NOT}\s(?:closer|nearer)\sthan|(?:not|never)\sfall\s(?:below|under|short\sof)", "before", (">=",)),
    (r"(?:not|never)\s(?:reach|attain)", "before", ("<",)),
    (r"falls?\sshort\sof", "before", ("<",)),
    (r"(?:reach|attain)(?:es|s|ing)?", "before", (">=",)),
    (r"(?:cuts?|requirements?)\s(?:at|of)", "before", ("cut",)),
    (rf"{_MORE}\s(?:than\s)?or\sequal\s(?:to|than)|equal\s(?:to\s)?or\s(?:{_MORE}\sthan|above)|at\sor\sabove",
     "before", (">=",)),
    (rf"{_LESS}\s(?:than\s)?or\sequal\s(?:to|than)|equal\s(?:to\s)?or\s(?:{_LESS}\sthan|below)|at\sor\sbelow",
     "before", ("<=",)),
    (rf"(?:or|and)\s(?:{_MORE}|above|over|beyond|upwards?)(?!\s(?:than|or|\d))", "after", (">=",)),
    (rf"(?:or|and)\s(?:{_LESS}|below|under)(?!\s(?:than|or|\d))", "after", ("<=",)),
    (r"at\s(?:the\s)?(?:very\s)?least|minim(?:um|al)\sof", "before", (">=",)),
    (r"at\s(?:the\s)?(?:very\s)?most|up\sto|maxim(?:um|al)\sof", "before", ("<=",)),
    (rf"{_MORE}\sthan|above|over|in\sexcess\sof|exceed(?:s|ed|ing)?|beyond|surpass(?:es|ing)?|farther\sthan|further\sthan",
     "before", (">",)),
    (rf"{_LESS}\sthan|below|under|closer\sthan|nearer\sthan", "before", ("<",)),
    (r"exactly|precisely|equal(?:s|\sto)?", "before", ("==",)),
    (r"different\sfrom|unequal\sto|other\sthan", "before", ("!=",)),
    (r"only", "before", ("==", "<=")),
    (r"(?:outside|beyond)\s(?:of\s)?(?:a|the)\scones?", "scope", (">",)),
    (r"(?:distance|radius|size|width)\sparameters?", "scope", ("==",)),
    (r"cones?|in\s(?:a|the)\s(?:radius|distance)", "scope", ("<", "cone")),
    (r"within|inside", "scope", ("<",)),
    (r"(?:restricted|limited|constrained|confined)\sto", "scope", ("<", "<=")),
    (r"minim(?:um|al)", "scope", (">=",)),
    (r"lower\s(?:limit|bound|cut)", "scope", (">", ">=")),
    (r"maxim(?:um|al)", "scope", ("<=",)),
    (r"upper\s(?:limit|bound|cut)", "scope", ("<", "<=")),
    (r"thresholds?", "scope", (">", ">=")),
)  # fmt: skip
# Every phrase begins with one of these: looked for first, because most words begin none.
_FIRST = (
    r"thresh|fall|reach|attain|cut|requirem|rais|incr|red|tight|loos|relax|n[oe]|cannot|with|great|larg|high|more|bigg|hard|long|less|small|lower|few|soft|short|equal|at|or|and|mi|max"
    r"|up|above|over|in|exce|bey|surp|far|furt|bel|und|clos|near|exac|prec|diff|uneq|oth|only|dist|rad|size|width|cone|outs"
    r"|restr|limit|constr|conf"
)
_PHRASES = re.compile(
    rf"\b(?={_FIRST})(?:" + "|".join(rf"(?P<p{i}>(?:{p})\b)" for i, (p, _, _) in enumerate(_TABLE)) + ")", re.IGNORECASE
)


def find_phrases(text: str) -> tuple[Phrase, ...]:
    """The relations in words of a statement, in order, the longest reading at each place."""
    found = []
    for match in _PHRASES.finditer(text):
        _, side, operators = _TABLE[int((match.lastgroup or "p0")[1:])]
        found.append(Phrase(match.start(), match.end(), frozenset(operators), side, match[0]))
    return tuple(found)
