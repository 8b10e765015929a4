"""The one with the highest or lowest something: kept, or removed; and the leading ones."""

import re
from collections.abc import Iterator

from extract.rules.choosing import CHOSEN, NOT_CHOSEN, TRAINING, choose, find_condition
from extract.rules.drafts import Draft
from extract.rules.prose import Sentence, find_mentions, find_objects
from extract.rules.variables import read_symbol, read_words
from schemas.vocabulary import Operator

_GONE = re.compile(r"\b(?:is|are|be)(?: then| always)? (?:removed|rejected|discarded|dropped|excluded|vetoed)\b")
_EXTREME = re.compile(
    r"(?:the |only the |with the |whose |having the )?(?P<how>highest|largest|greatest|higher|larger|maximum|maximal"
    r"|best|lowest|smallest|lower|smaller"
    r"|minimum|minimal) (?P<what>(?:(?:value of |vector |scalar |total |absolute |summed )*(?:the )?)"
    r"(?:sum of (?:the |their )?)?(?P<quantity>[^\s,;.()]+(?: [^\s,;.()]+){0,3}))"
)
_LARGE = ("highest", "largest", "greatest", "higher", "larger", "maximum", "maximal", "best")
_LEADING = re.compile(
    r"[Oo]nly (?:the )?(?P<first>p_T-leading|leading|highest[- ]p_T|two leading|two highest[- ]p_T)(?:(?: and"
    r"|,) (?:p_T-)?subleading)?"
    r" (?P<what>[\w-]+(?: [\w-]+){0,2}?)(?: with [^.;,]{0,40})? (?:is|are) (?:considered|used|retained|kept|selected)"
)
_TWO = re.compile(
    r"(?P<what>two highest[- ]p_T [\w-]+|two leading(?:-p_T)? [\w-]+"
    r"|highest[- ]p_T [\w-]+)(?P<with> with [^.;,]{0,40})?"
    r" (?:is|are)(?: \w+)? (?:chosen|selected|taken|retained|kept)"
)
_PARTS = ("electron", "muon", "lepton", "tau", "photon", "jet", "b-jet")


def read_extremes(sentence: Sentence) -> Iterator[Draft]:
    """The one with the highest (lowest) quantity is retained, or removed."""
    text = sentence.text
    if TRAINING.search(text):
        return
    for match in _EXTREME.finditer(text):
        variable = _read_quantity(match["quantity"], match["what"])
        if variable is None:
            continue
        before, after = (
            text[max(0, match.start() - 100) : match.start()],
            text[match.start("quantity") : match.end() + 140],
        )
        goes = _GONE.search(after)
        prefers = re.search(r"preference|priority|prefer", before)
        if not (sentence.asked or CHOSEN.search(after) or goes or prefers or CHOSEN.search(before)):
            continue
        subject = _find_bearer(sentence, match.start())
        if subject is None or subject == "vertex":
            continue
        operator: Operator = "maximise" if match["how"] in _LARGE else "minimise"
        overlap = re.search(r"overlap|share|close to each other|within", text) is not None
        condition = find_condition(text[: match.start()])
        yield choose(
            match, subject, variable, operator, effect="remove_object" if goes else "choose",
            stage="overlap" if overlap else "candidate", condition=condition,
            second=subject if overlap and not subject.startswith("other:") else None,
        )  # fmt: skip


def _read_quantity(words: str, phrase: str) -> str | None:
    """The variable at the start of the words, as symbol or in words; sums keep their own name."""
    words = re.sub(r"^(?:vertex|fit|track|dijet|di-jet|pair) (?=\S)", "", words)
    named = read_words(words, 0)
    if named is not None and named[0].variable.startswith("other:") is False:
        variable = named[0].variable
    elif re.match(r"[pPE]_?\{?T\}?", words):
        variable = read_symbol(words.split()[0]).variable
    elif score := re.match(
        r"(?:matrix[- ]element|BDT|DNN|NN|MVA|likelihood|probability|discriminant|isolation|b-tagging)[\w -]{0,20}",
        words,
    ):
        name = (
            re.sub(r"[- ](?:value|score|output|probability|discriminant)s?.*$", "", score.group())
            .strip()
            .replace("-", "_")
        )
        variable = f"other:{name.replace(' ', '_')}"
    else:
        symbol = words.split()[0]
        if not re.match(r"(?:ΔR|Δη|Δφ|m_|χ\^|H_T|E\b)", symbol):
            return None
        variable = read_symbol(symbol).variable
    if "sum" in phrase or "vector" in phrase or "scalar" in phrase:
        return f"other:sum_{variable.removeprefix('other:')}"
    return variable


def _find_bearer(sentence: Sentence, position: int) -> str | None:
    """Who has the quantity: the noun right in front ("the photon with the highest p_T"), or the owner of the clause."""
    front = sentence.text[:position]
    joined = re.search(
        r"(?P<noun>[^\s,;]+(?: [^\s,;]+){0,3}?)(?: (?:with|having|that has|which has|of))?(?: the| a)? ?$", front
    )
    if re.search(r"\bpair (?:formed|made|consisting|composed|built)\b", front):
        parts = dict.fromkeys(m.subject for m in find_objects(front) if m.subject in _PARTS)
        if len(parts) == 2:
            return f"other:{'-'.join(parts)} pair"
    if joined:
        mentions = find_mentions(joined["noun"])
        if mentions and mentions[-1].subject not in NOT_CHOSEN:
            return mentions[-1].subject
        if re.search(r"\b(?:candidates?|ones?)$", joined["noun"]):
            objects = find_objects(front)
            return objects[0].subject if objects else sentence.topic
    mentions = tuple(m for m in find_mentions(front) if m.subject not in (*NOT_CHOSEN, "met"))
    if mentions:
        return mentions[-1].subject
    return sentence.topic


def read_leading(sentence: Sentence) -> Iterator[Draft]:
    """The leading ones are taken: "only the leading and subleading photons are considered"."""
    text = sentence.text
    match = _LEADING.search(text) or _TWO.search(text)
    if match is None or re.search(r"\bBDT|input|training", text):
        return
    words = match["what"]
    mentions = find_mentions(re.sub(r"^(?:two )?(?:highest[- ]p_T|leading(?:-p_T)?) ", "", words))
    subject = mentions[0].subject if mentions else None
    if subject is None or subject in NOT_CHOSEN:
        topics = [m.subject for m in find_mentions(text[: match.start()]) if m.subject not in NOT_CHOSEN]
        subject = topics[-1] if topics else sentence.topic
    if subject is None:
        return
    yield choose(
        match,
        subject,
        "pt",
        "maximise",
        match.group().split(" is ")[0].split(" are ")[0].strip(),
        condition=find_condition(text[: match.start()]),
    )
