"""A finding without a number against its located text: labels, choices, orders, and keys of cited works."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from extract.grounding.comparing import compare, find_outcome, is_negative
from extract.grounding.folding import fold, normalise
from extract.grounding.grades import find_grade_owner, find_grade_twin, find_unsaid_grade
from extract.grounding.judgement import Judgement, Reading
from extract.grounding.quantities import name_symbol
from extract.grounding.tokens import split_tokens
from schemas.evidence import Check
from schemas.finding import Finding

_EMPTY = frozenset((
    "the", "a", "an", "of", "and", "or", "as", "in", "on", "by", "for", "with", "to", "from", "at", "is", "are", "be",
    "that", "which", "not", "wp", "cut", "only", "than", "using", "used", "via",
))  # fmt: skip
_SPELLINGS = {
    "mu": "μ", "tau": "τ", "gamma": "γ", "dR": "Δr", "deltaR": "Δr", "WP": "working", "WPs": "working",
    "stand-alone": "standalone", "id": "identification",
}  # fmt: skip
_ALIKE = {
    "sign": ("charge", "charged"), "charge": ("sign",), "charged": ("sign",),
    "flavor": ("flavour",), "flavour": ("flavor",), "mz": ("z boson mass", "z mass", "m_z", "mass of the z"),
}  # fmt: skip
_LOW = re.compile(
    r"\b(?:minimi[sz]\w*|smallest|lowest|closest|nearest|least|minimum|minimal|shortest|smaller|lower|closer"
    r"|softest|lightest|weakest|fewest|narrowest|slowest|earliest|most\s+(?:isolated|central|collimated|compact))\b",
    re.IGNORECASE,
)
_HIGH = re.compile(
    r"\b(?:maximi[sz]\w*|largest|highest|hardest|greatest|maximum|maximal|leading|higher|larger|greater|best"
    r"|heaviest|strongest|longest|farthest|furthest|latest|widest|fastest"
    r"|most\s+(?:energetic|massive|probable|likely|significant|displaced|forward|distant|precise)"
    r"|least\s+(?:isolated|central|collimated))\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:order\w*|priorit\w+|preference|precedence|sort\w*|rank\w*|sequen\w+|closest|descending|ascending|first|second|then"
    r"|before|exclusive|(?:most|least)\s+\w+)\b",
    re.IGNORECASE,
)
_WEAK = ("leading", "best", "least", "minimum", "maximum")  # these are names as often as superlatives
_SIGNS = (">", ">=", "<", "<=")
_SIGNS_PRINTED = {">": (">", "<"), "<": ("<", ">"), "≥": (">=", "<="), "≤": ("<=", ">=")}
_NEGATION = re.compile(r"\b(?:not|never|without|fail\w*)\b", re.IGNORECASE)
_KEY = re.compile(r"\d+")
_INVERTED = (
    r"\b(?:(?<!not )(?:invert|revers|fail)\w*|non-|anti-(?=isolat)|not(?!\s+(?:fail|invert|only)))"
    r"(?:\s?[^\s,;:.]+\s){{0,4}}?[\w-]*?(?:{})",
    r"(?:{})[\w-]*(?:\s[^\s,;:.]+){{0,4}}?\s(?:is|are|was|were|be|been)\s(?:inverted|reversed|failed"
    r"|not\s(?:fulfilled|satisfied|met|passed|required))",
)
_NAMED = {"isolation": "isolat", "id": "identif|ID", "btag": "b[- ]?tag"}  # how a variable is spoken of


def judge_label(finding: Finding, readings: tuple[Reading, ...]) -> Judgement:
    """A finding whose value is a label or a list of labels: their words must stand there, in the order of an order."""
    labels = (finding.value,) if isinstance(finding.value, str) else finding.value
    assert isinstance(labels, tuple)
    places: list[tuple[Reading, int, int]] = []
    for label in labels:
        assert isinstance(label, str)
        missing, place = _find_label(label, readings)
        if missing is not None:
            return Judgement(number="absent", reason=f"'{missing}' of the label is not printed there")
        if place is not None:
            places.append(place)
    swapped = any(b[1] <= a[1] for a, b in pairwise(places) if a[0] is b[0])
    if finding.operator == "order" and swapped:
        return Judgement("ok", operator="wrong", reason="the text names them in another order")
    unsaid = find_unsaid_grade([str(v) for v in labels], readings)
    if unsaid is not None:
        return Judgement(number="absent", reason=f"'{unsaid}' is not printed there")
    if finding.operator in _SIGNS:
        return _judge_compared(finding, places) if places else Judgement(number="absent", reason="the limit is empty")
    stolen = find_grade_twin(finding, readings) or find_grade_owner(finding, readings)
    if stolen is not None:
        return Judgement(number="wrong", reason=stolen)
    return _judge_outcome(finding, readings, places, "ok")


def _judge_compared(finding: Finding, places: list[tuple[Reading, int, int]]) -> Judgement:
    """A limit in words or symbols ("m_Z - 25 GeV"): the relation printed right before or behind it."""
    printed: frozenset[str] = frozenset()
    for reading, first, last in places[:1]:
        before, behind = reading.statement.text[:first].rstrip(" (|"), reading.statement.text[last:].lstrip(" )|")
        for sign, (operator, flipped) in _SIGNS_PRINTED.items():
            if before.endswith(sign):
                printed = frozenset((operator,))
            elif behind.startswith(sign) and not printed:
                printed = frozenset((flipped,))
        worded = [p for p in reading.statement.phrases if p.side != "after" and 0 <= first - p.end <= 12]
        printed = printed or (worded[-1].operators if worded else frozenset())
    reading, first, last = places[0]
    relation = compare(finding, finding.operator, printed, find_outcome(finding, reading, first, last))
    return Judgement("ok", "not_applicable", relation.operator, relation.polarity, relation.reason)


def judge_choice(finding: Finding, readings: tuple[Reading, ...]) -> Judgement:
    """A finding that chooses (minimise, maximise, order): a superlative or an order must be printed."""
    if isinstance(finding.value, str):
        label = _ORDER.sub(" ", finding.value) if finding.operator == "order" else finding.value
        missing, _ = _find_label(label, readings)
        if missing is not None:
            return Judgement(number="absent", reason=f"'{missing}' of the label is not printed there")
    wanted, other = {"minimise": (_LOW, _HIGH), "maximise": (_HIGH, _LOW), "order": (_ORDER, None)}[finding.operator]
    chosen = _find_nearest(finding, readings, wanted, other)
    if chosen is None:
        return Judgement(operator="absent", reason=f"nothing there says {finding.operator}")
    reading, match, right = chosen
    if not right:
        return Judgement(operator="wrong", reason=f"operator {finding.operator}, but the text says '{match[0]}'")
    outcome = find_outcome(finding, reading, match.start(), match.end())
    if is_negative(finding) != outcome.positive:
        return Judgement(operator="ok", polarity="ok")
    why = f"'{outcome.words}' turns it round" if outcome.words else "nothing in the text turns it away"
    return Judgement(operator="ok", polarity="wrong", reason=f"effect {finding.effect}, but {why}")


def _find_nearest(
    finding: Finding, readings: tuple[Reading, ...], wanted: re.Pattern[str], other: re.Pattern[str] | None
) -> tuple[Reading, re.Match[str], bool] | None:
    """The superlative nearest to the variable (or the first), and whether it is of the wanted kind."""
    found: list[tuple[int, int, bool, Reading, re.Match[str]]] = []
    for order, reading in enumerate(readings):
        text = reading.statement.text
        spots = _find_variable(finding.variable, reading)
        for right, pattern in ((True, wanted), (False, other)):
            for match in pattern.finditer(text, reading.first, reading.last) if pattern is not None else ():
                if "isolated" in match[0].lower() and ":" not in finding.variable and finding.variable != "isolation":
                    continue
                weak = match[0].lower() in _WEAK
                distance = min((abs(match.start() - s) for s in spots), default=500 + match.start() - reading.first)
                found.append((distance + 1000 * weak, order, right, reading, match))
    if not found:
        return None
    _, _, right, reading, match = min(found, key=lambda f: f[:2])
    return reading, match, right


def _find_variable(variable: str, reading: Reading) -> list[int]:
    """Where the names in a variable of the paper's own words stand in a quote."""
    folded = fold(reading.statement.text.lower())
    words = re.split(r"[\W_]+", variable.removeprefix("other:"))
    keys = [fold(_symbolise(w)).text for w in words if len(w) > 2]
    spots = [int(folded.positions[m.start()]) for k in keys for m in re.finditer(re.escape(k), folded.text)]
    if ":" not in variable:
        spots += [t.start for t in reading.statement.tokens if t.kind == "symbol" and variable in name_symbol(t.text)]
        stem = variable if len(variable) < 6 else variable[:6]
        spots += [m.start() for m in re.finditer(rf"\b{stem}", reading.statement.text) if len(stem) > 3]
    return [s for s in spots if reading.first <= s < reading.last]


def judge_passing(finding: Finding, readings: tuple[Reading, ...]) -> Judgement:
    """A finding without value (pass, fail, a delegated definition): only what becomes of it can be checked."""
    if finding.operator == "fail" and finding.effect == "keep":
        if any(_is_inverted(finding, r) for r in readings):
            return Judgement("not_applicable", operator="ok", polarity="ok")
        if finding.variable in _NAMED:
            return Judgement("not_applicable", operator="ok", polarity="wrong", reason="nothing there turns it round")
    return _judge_outcome(finding, readings, [], "not_applicable")


def _is_inverted(finding: Finding, reading: Reading) -> bool:
    """ "inverting the muon isolation", "the isolation is inverted": words next to the variable's own turn it round."""
    name = re.split(r"[\W_]+", finding.variable.removeprefix("other:"))[-1]
    said = _NAMED.get(name, re.escape(name))
    words = reading.statement.text[reading.first : reading.last]
    return any(re.search(pattern.format(said), words, re.IGNORECASE) for pattern in _INVERTED)


def check_cites(finding: Finding, passages: Sequence[str]) -> str | None:
    """The first key of a cited work that the passages of the quote do not cite; None when all are there."""
    if not finding.cites:
        return None
    printed = frozenset(k for text in passages for t in split_tokens(text) if t.kind == "mark" for k in _expand(t.text))
    for cite in finding.cites:
        keys = _KEY.findall(cite)
        if keys and not printed.issuperset(keys):
            return cite
        if not keys and not any(cite.strip("[]") in text for text in passages):
            return cite
    return None


def _expand(text: str) -> Iterator[str]:
    """The keys of a citation; "[100–102]" cites three works."""
    for match in re.finditer(r"(\d+)(?:\s?[–-]\s?(\d+))?", text):
        first, last = int(match[1]), int(match[2] or match[1])
        yield from (str(n) for n in range(first, min(last, first + 50) + 1))
        yield match[1]


def _judge_outcome(
    finding: Finding, readings: tuple[Reading, ...], places: list[tuple[Reading, int, int]], number: Check
) -> Judgement:
    """Pass or fail, kept or turned away, against what the clause of the label does."""
    if finding.effect in ("choose", "define") and finding.operator not in ("fail", "!="):
        return Judgement(number)
    reading, first, last = places[0] if places else (readings[0], readings[0].first, readings[0].first + 1)
    claims = (finding.operator not in ("fail", "!=")) != is_negative(finding)
    outcome = find_outcome(finding, reading, first, last)
    value = finding.value
    words = " ".join(str(v) for v in value) if isinstance(value, tuple) else value
    if isinstance(words, str) and any(_stem(w) in outcome.words.lower() for w in _split(words) if len(w) > 4):
        return Judgement(number, operator="ok", polarity="ok")  # the word of rejection is part of the label
    inside = len(_NEGATION.findall(reading.statement.text[first:last])) if places else 0
    own = len(_NEGATION.findall(words)) if isinstance(words, str) else 0
    if claims == (outcome.positive == ((inside - own) % 2 == 0)):
        return Judgement(number, operator="ok", polarity="ok")
    why = f"'{outcome.words}' turns it round" if outcome.words else "nothing in the text turns it away"
    return Judgement(
        number, operator="ok", polarity="wrong", reason=f"{finding.operator} with effect {finding.effect}, but {why}"
    )


def _find_label(label: str, readings: tuple[Reading, ...]) -> tuple[str | None, tuple[Reading, int, int] | None]:
    """The first word of a label that is not printed, or the stretch where its words stand closest together."""
    words = _split(label)
    whole: list[tuple[int, Reading, int, int]] = []
    for reading in readings:
        places = [_find_word(w, reading) for w in words]
        if words and all(places):
            stretches = [_gather(first, places) for first in places[0]]
            first, last = min(stretches, key=lambda s: s[1] - s[0])
            whole.append((last - first, reading, first, last))
    if whole:
        _, reading, first, last = min(whole, key=lambda w: w[0])
        return None, (reading, first, last)
    for word in words:
        if not any(_find_word(word, r) for r in readings):
            return word, None
    place = next(((r, *_find_word(words[0], r)[0]) for r in readings if words and _find_word(words[0], r)), None)
    return None, place


def _gather(first: tuple[int, int], places: list[list[tuple[int, int]]]) -> tuple[int, int]:
    """The stretch from a place of the first word over the nearest places of the others."""
    stretch = first
    for spots in places[1:]:
        near = min(spots, key=lambda s: abs(s[0] - first[0]))
        stretch = min(stretch[0], near[0]), max(stretch[1], near[1])
    return stretch


def _split(label: str) -> list[str]:
    words = re.findall(r"\d+(?:\.\d+)?\s?%|[\w'’μτγℓ]+(?:\.\d+)?", normalise(label))
    return [w for w in words if w.lower() not in _EMPTY]


@lru_cache(maxsize=1024)
def _stem(word: str) -> str:
    plain = word.lower()
    return plain if len(plain) < 5 else plain[: max(4, len(plain) - 3)]


def _find_word(word: str, reading: Reading) -> list[tuple[int, int]]:
    """Where a word of a label stands: in the quote, or else in its sentence. Numbers must match whole."""
    text = reading.statement.text
    plain = normalise(text).lower()
    plain = plain if len(plain) == len(text) else text.lower()
    if word[0].isdigit():
        pattern = rf"(?<![\d.]){re.escape(word.replace(' ', ''))}" + (r"(?!\d|\.\d)" if word[-1].isdigit() else "")
    else:
        stems = sorted(
            {_stem(word), _stem(_SPELLINGS.get(word, word)), *(_stem(w) for w in _ALIKE.get(word.lower(), ()))}
        )
        pattern = r"(?<![^\W\d_])(?:" + "|".join(re.escape(s) for s in stems) + ")"
    compiled = re.compile(pattern)
    spans = [m.span() for m in compiled.finditer(plain, reading.first, reading.last)] or [
        m.span() for m in compiled.finditer(plain)
    ]
    if not spans and (len(word) < 5 or not word.isalpha()):  # a symbol: its letters, scripts folded away
        folded, needle = fold(plain), fold(_symbolise(word)).text
        at = folded.text.find(needle)
        return [folded.span(at, at + len(needle))] if at >= 0 else []
    return spans


def _symbolise(word: str) -> str:
    plain = word.lower().replace("ℓ", "l")
    for name, letter in (("mu", "μ"), ("tau", "τ"), ("gamma", "γ"), ("pi", "π")):
        plain = plain.replace(name, letter)
    return plain
