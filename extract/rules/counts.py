"""Counts in a sentence: "at least two jets", "no b-jets", "zero, one or at least two tracks"."""

import re

from extract.rules.lexemes import Token
from extract.rules.statements import Bound, Statement, read_operator
from extract.rules.subjects import Noun
from schemas.vocabulary import Operator

_LARGEST_COUNT = 30
_COUNTED = re.compile(
    r"O(?:\((?P<t>[dwaKq]{0,2}O)\)(?:O|w)?|(?:(?:,[dwaKq]{0,2}O)*,?(?:A[dwaKq]{0,3}O(?![dwaKq]{0,3}(?:[MSJF]|b))|"
    r"X[dwaKq]{0,3}O))?)"
)
_B_TAGGED = re.compile(r"\bb[- ]?(?:tagged|jets?|labelled)|tagged as (?:a )?b", re.IGNORECASE)


def build_count(name: str, match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    first, last = match.span()
    target = tokens[match.start("o")]
    if name == "series":
        return _build_series(match, tokens, letters)
    if name == "none":
        bound = Bound("==", 0.0, None, first)
    else:
        at = match.start("n")
        number = tokens[at].value
        if number is None or not number.is_integer() or not 0 <= number <= _LARGEST_COUNT:
            return None
        if name == "exact_count" and first and tokens[first - 1].kind == "preposition" and "-" not in tokens[at].text:
            return None
        be = name == "exact_count" and first > 1 and tokens[first - 1].kind == "be"
        if be and tokens[first - 2].text.lower() != "there":
            return None  # "if there are two jets", no "the largest are two jets"
        operator: Operator = "=="
        value: float | tuple[float, ...] = number
        if name == "count_between":
            bound = Bound("between", (number, tokens[match.start("m")].value or 0.0), None, at, "both")
            return Statement(first, last, (bound,), counted=(target.noun,) if target.noun else ())
        if name == "count_list":
            numbers = tuple(t.value or 0.0 for i, t in enumerate(tokens[at : match.end("m")], at) if letters[i] in "WN")
            bound = Bound("in", numbers, None, at)
            return Statement(first, last, (bound,), counted=(target.noun,) if target.noun else ())
        if name == "count_set":
            operator, value = "in", (number, tokens[match.start("m")].value or 0.0)
        elif name == "count_more":
            after = tokens[at + 1] if tokens[at + 1].kind == "compare" else tokens[at + 2]
            if not after.text.lower().startswith(("or ", "more", "fewer", "less", "greater")):
                return None
            operator = ">=" if after.operator in (">", ">=") else "<="
        elif name in ("count", "of_which"):
            bounded = at > first and tokens[at - 1].operator is not None
            operator = read_operator(tokens[at - 1].operator or "==") if bounded else ">="
        bound = Bound(operator, value, None, at)
    if name == "of_which":  # "at least two of which must be b-tagged"
        words = " ".join(t.text for t in tokens[match.start("o") : match.start("o") + 6])
        tagged = _B_TAGGED.search(words) and ("oL" in letters[max(first - 2, 0) : match.end()])
        return (
            Statement(first, match.start("o"), (bound,), counted=(Noun("b-jet", (), "of which"),)) if tagged else None
        )
    if target.noun is None:
        return Statement(first, last, (bound,), part=target.text)
    listed = _COUNTED.match(letters, match.start("o"))
    if listed is None:
        return Statement(first, last, (bound,), counted=(target.noun,))
    places = range(listed.start(), listed.end())
    nouns = tuple(n for i in places if letters[i] == "O" and (n := tokens[i].noun))
    if any(n.ranks for n in nouns[1:]) or any(n.subject == "met" for n in nouns[1:]):
        return Statement(first, match.end(), (bound,), counted=(target.noun,))
    twin = listed.group("t") is not None and nouns[0].subject not in ("lepton", "event")
    return Statement(first, listed.end(), (bound,), counted=_count_together(nouns, twin), twin=twin)


def _build_series(match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    """ "zero, one or at least two jets": one bound for each."""
    bounds: list[Bound] = []
    for at in range(match.start(), match.start("o")):
        value = tokens[at].value
        if letters[at] in "WN" and value is not None:
            operator = read_operator(tokens[at - 1].operator or "==") if letters[at - 1] == "C" else "=="
            bounds.append(Bound(operator, value, None, at))
    noun = tokens[match.start("o")].noun
    return Statement(*match.span(), tuple(bounds), counted=(noun,), alternatives=True) if noun else None


def _count_together(nouns: tuple[Noun, ...], twin: bool) -> tuple[Noun, ...]:
    """ "electrons or muons" are counted as leptons; "electron (muon)" are two counts; else the first noun counts."""
    if twin:
        return nouns[:2]
    if len(nouns) > 1 and {n.subject for n in nouns} == {"electron", "muon"}:
        more = "additional " if nouns[0].text.startswith("additional") else ""
        return (Noun("lepton", nouns[0].ranks, f"{more}leptons"),)
    if len(nouns) > 1 and nouns[0].subject == "lepton":
        return nouns[:1]
    return nouns


def build_counted_value(match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    """ "the number of tracks must be one or three", "the sum of the charges has to be zero"."""
    first = match.start()
    values = [(t.value or 0.0, i) for i, t in enumerate(tokens[first : match.end()], first) if letters[i] == "W"]
    operator = read_operator(tokens[first].operator or "==")
    if match.group("m") and tokens[match.start("m")].text.lower().startswith("or "):
        operator = ">=" if tokens[match.start("m")].operator in (">", ">=") else "<="
    start = first + 1 if letters[first] in "Mb" else first
    if len(values) > 1:
        bounds = (Bound("in", tuple(v for v, _ in values), None, values[0][1]),)
    else:
        bounds = (Bound(operator, values[0][0], None, values[0][1]),)
    return Statement(start, match.end(), bounds)
