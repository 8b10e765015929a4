"""Taggers: b-tagging working points named by their efficiency, and jets from pile-up."""

import re
from collections.abc import Iterator

from extract.rules.drafts import Draft
from extract.rules.identification import APPLIED, BTAG
from extract.rules.prose import Sentence, find_cites, find_owner

_WORKING_POINT = re.compile(r"working[- ]points?|\bWPs?\b|operating[- ]points?|fixed[- ]cut", re.I)
_PERCENT = r"\d{1,2}(?:\.\d+)?\s?%"
_EFFICIENCY = re.compile(
    rf"(?P<first>{_PERCENT})(?: \((?P<twin>{_PERCENT})\))?(?:[ -](?:signal|b[- ]tagging|b[- ]jet|tagging|average"
    rf"|selection|mean))*"
    rf"[ -]efficienc(?:y|ies)"
    rf"|efficienc(?:y|ies)(?: (?:for|of|in) (?!about|approx|the (?:same|order)|{_PERCENT})[^,;.%]{{1,40}}?)?(?: of"
    rf"| is| equal to| at)?"
    rf"(?: (?:about|approximately|around|roughly))? (?P<after>{_PERCENT})"
    rf"|(?P<wp>{_PERCENT}) (?:working[- ]point|WP|operating[- ]point)"
)
_LIST_EFFICIENCY = re.compile(
    rf"(?P<list>{_PERCENT}(?:,? (?:and )?{_PERCENT})+) efficiency (?:working|operating)[- ]points?"
)
_NOT_SIGNAL = re.compile(
    r"mis-?(?:identif|tag)|rejection|uncertaint|trigger|reconstruction|scale factor|about \d+%? of", re.I
)
_PILEUP = re.compile(
    r"(?P<jvt>f?JVT\b|(?:forward )?jet[- ]vertex[- ]tagg\w+)"
    r"|(?P<id>pile-?up[- ](?:jet )?(?:identification|ID|rejection)(?: discriminant| algorithm| criteria)?)"
    r"|(?P<words>identification requirements? [^.;]{0,110}pile-?up)"
)


def read_efficiencies(sentence: Sentence) -> Iterator[Draft]:
    """Working points named by their efficiency: "the 85% efficiency working point", "60% (85%) efficiency"."""
    text = sentence.text
    listed = _LIST_EFFICIENCY.search(text)
    is_btag = bool(BTAG.search(text) or BTAG.search(sentence.earlier[-400:]))
    if listed and is_btag:
        points = tuple(f"{p} efficiency" for p in re.findall(r"\d+(?:\.\d+)?%", listed["list"]))
        yield Draft(
            listed.start(), listed.end(), "object", "b-jet", "btag", "in", points, effect="define",
            cites=find_cites(text),
        )  # fmt: skip
        return
    if not (_WORKING_POINT.search(text) or re.search(r"b-tagging algorithm|b[- ]tagg", text)):
        return
    if re.search(r"\b(?:inputs?|variables?|trained|training)\b", text):
        return
    if not (sentence.asked or APPLIED.search(text)) or re.search(
        r"efficienc\w+ of the [\w ]+ (?:is|are|was|were)\b", text
    ):
        return
    for match in _EFFICIENCY.finditer(text):
        numbers = [n for n in (match["first"], match["twin"], match["after"], match["wp"]) if n]
        if _NOT_SIGNAL.search(text[max(0, match.start() - 25) : match.end() + 22]):
            continue
        owner = "b-jet" if is_btag else find_owner(sentence, match.start())
        if owner not in ("b-jet", "tau", "electron", "muon", "photon", "fat-jet", "c-jet"):
            continue
        variable = "btag" if owner == "b-jet" else "id"
        for number in numbers:
            label = f"{number.replace(' ', '')} {'efficiency' if 'efficien' in match.group() else 'WP'}"
            # which jets are b-jets is a definition where the sentence rejects those, or has several points
            defines = len(numbers) > 1 or re.search(r"reject|veto|discard", text) is not None
            yield Draft(
                match.start(), match.end(), "object", owner, variable, "pass", label,
                effect="define" if defines else "keep", cites=find_cites(text),
            )  # fmt: skip


def read_pileup_jets(sentence: Sentence) -> Iterator[Draft]:
    """Jets from pile-up that a tagger removes; a threshold on its output is left to the reader of numbers."""
    text = sentence.text
    match = _PILEUP.search(text)
    if match is None or re.match(r"\)?\s*(?:[<>≥≤=]|score|output)", text[match.end() :].lstrip(" )")):
        return
    asks = r"reject|suppress|requir|must|pass|satisf|discard|remov|appl|mitigat"
    if not re.search(asks, text, re.I) or re.search(r"scale factor|efficienc(?:y|ies) (?:of|for)", text):
        return
    rejected = re.search(r"(?:do not|not|fail\w*)[^.;]{0,90}(?:rejected|removed|discarded)", text)
    condition = re.search(
        r"\bjets? (?:with|in|having|within) ((?:[^,;.]|\.\d)*?)(?= (?:that|are|is|must|have|were)\b|,|\.$)", text, re.I
    )
    yield Draft(
        match.start(), match.end(), "object", "jet", "jvt" if match["jvt"] else "id",
        "fail" if rejected else "pass",
        "jet vertex tagger" if match["jvt"] else "pileup jet identification",
        effect="remove_object" if rejected else "keep",
        condition=condition.group(1) if condition and re.search(r"\d", condition.group(1)) else None,
        cites=find_cites(text[match.start() :]),
    )  # fmt: skip
