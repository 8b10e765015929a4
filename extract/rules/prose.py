"""Sentences of the passages that speak of selection, and whom a sentence is about."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from extract.rules.sections import judge_headings, read_headings
from extract.rules.subjects import read_noun
from schemas.document import Document

About = Literal["selection", "data"]

_DATA = re.compile(r"\bdata\b|data[- ]?(?:set|sample|taking)|samples?\b|trigger|collision", re.I)
_ON_DATA = re.compile(r"trigger|quality|operational|functional", re.I)
_ASKS = re.compile(
    r"\b(?:requir\w+|must|select(?:ed|ion|s)|reject(?:ed|s)|discarded|satisf\w+|vetoed|retained|kept|pass(?:es|ing)?|"
    r"chosen|removed)\b",
    re.I,
)
_ESTIMATE = re.compile(
    r"control (?:region|sample)|validation region|application region|fake[- ](?:factor|rate)|\bFFs?\b|misidentif"
    r"|template"
    r"|efficienc|uncertaint|invert|background (?:estimat|is estimated|yield)",
    re.I,
)
_END = re.compile(
    r"(?<!\bRef)(?<!\bRefs)(?<!\bFig)(?<!\bFigs)(?<!\bEq)(?<!\bEqs)(?<!\bSec)(?<!\bSect)(?<!\bSects)(?<!\bNo)(?<!\bvs)"
    r"(?<!\bi\.e)(?<!\be\.g)(?<!\bal)(?<!\bcf)(?<!\betc)(?<!\bapprox)(?<!\bTab)(?<!\bi)(?<!\bMt)"
    r"[.?!](?:\^\{?\d+\}?)?[’”\"]?(?:\s*\[[\d, –-]+\]\.?)?\s+(?=[\"‘“(]?[A-ZΔ√0-9(•\[−-]|\w_|\w\^)"
)
_VERB = re.compile(
    r"\b(?:are|is|was|were|must|should|have|has|may|can|need|needs|include|includes|with|satisfy|pass|originate|"
    r"containing|contain|contains)\b"
)
# What stands in front of the main clause and is not its subject: "Similarly to muons, …", "To reject …, …".
_INTRODUCTION = re.compile(
    r"(?:Similarly|Similar|As|Like|Unlike|In contrast|Compared|In addition|Apart|Besides|To|In order|After|Before"
    r"|Since|Because|Due"
    r"|While|Although|If|When|Further|Following|Given|For|In)\b[^,;]*(?:\([^()]*\)[^,;]*)*, "
)
_CLAUSE = re.compile(r"[;:]|, (?:while|whereas|and (?:the|all|each|any)|but)\b|\bwhile\b|\bwhereas\b")

# Nouns that carry labels: physics objects. Events, triggers, clusters and tracks are talked about in passing.
_OBJECTS = (
    "electron", "muon", "lepton", "photon", "jet", "b-jet", "c-jet", "fat-jet", "tau", "dilepton", "diphoton", "dijet",
    "quadruplet", "leptoquark", "z-boson", "w-boson", "higgs", "top",
)  # fmt: skip


class Sentence(NamedTuple):
    """A sentence with its place in Document.text.

    `topic` is the object that the text in front of it speaks of, the last one that stood before a verb; `title` is the
    innermost heading. `about` is "data" in passages on data sets, where only triggers and data quality are asked for.
    """

    text: str
    start: int
    title: str
    about: About
    topic: str | None
    earlier: str  # the passage up to this sentence
    asked: bool = False  # the place asks by itself: a cell of a selection table needs no "are required to"


class Mention(NamedTuple):
    """A noun in a text: its subject and place."""

    subject: str
    start: int
    end: int


def find_sentences(document: Document) -> Iterator[Sentence]:
    """The sentences that speak of selection, in order of the text; those on data sets and triggers with them.

    Under a heading that does not tell, only sentences that ask for something are read.
    """
    for passage in document.passages:
        if passage.kind not in ("paragraph", "item"):
            continue
        headings = read_headings(document, passage.section)
        trust = judge_headings(headings)
        on_data = any(_DATA.search(h) for h in headings)
        text = document.passage_text(passage)
        if trust == "none" and not (on_data and _ON_DATA.search(text)):
            continue
        for sentence in split_passage(text, passage.start, headings[-1] if headings else ""):
            asks = _ASKS.search(sentence.text) is not None and not _ESTIMATE.search(sentence.text)
            if trust == "selection" or (trust == "neutral" and asks):
                yield sentence
            elif on_data:
                yield sentence._replace(about="data")


@lru_cache(maxsize=2048)
def split_passage(text: str, start: int = 0, title: str = "") -> tuple[Sentence, ...]:
    """The sentences of one passage that starts at `start`."""
    topic = next((m.subject for m in find_objects(title)), None)
    sentences: list[Sentence] = []
    begin = 0
    for end in [m.end() for m in _END.finditer(text)] + [len(text)]:
        sentence = text[begin:end].rstrip()
        if sentence:
            sentences.append(Sentence(sentence, start + begin, title, "selection", topic, text[:begin]))
            topic = _find_topic(sentence) or topic
        begin = end
    return tuple(sentences)


@lru_cache(maxsize=8192)
def find_mentions(text: str) -> tuple[Mention, ...]:
    """The nouns of a text from left to right, without overlap."""
    found: list[Mention] = []
    position = 0
    for word in re.finditer(r"(?<![\w_^{])[A-Za-zα-ωτℓ][\w-]*", text):
        if word.start() < position:
            continue
        noun = read_noun(text, word.start())
        if noun is not None:
            found.append(Mention(noun[0].subject, word.start(), noun[1]))
            position = noun[1]
    return tuple(found)


def find_objects(text: str) -> tuple[Mention, ...]:
    """The nouns that name physics objects, without those that only qualify ("jets from pile-up", "fake muons")."""
    mentions = find_mentions(text)
    return tuple(
        m
        for m in mentions
        if m.subject in _OBJECTS
        or "FSR" in m.subject
        or ("candidate" in m.subject and m.subject not in ("other:candidate", "other:candidates"))
    )


def find_owner(sentence: Sentence, position: int) -> str | None:
    """The object that the words at `position` of the sentence say something about; None when the text names none.

    It is the first object of the clause; in a clause without one, the first of the sentence, its introduction last;
    then what the text in front was about; then any object that comes later in the sentence.
    """
    begins = [m.end() for m in _CLAUSE.finditer(sentence.text, 0, position)][-1:]
    introduction = _INTRODUCTION.match(sentence.text)
    if introduction and introduction.end() <= position:
        begins.append(introduction.end())
    for begin in [*begins, 0]:
        objects = find_objects(sentence.text[begin:position])
        if objects:
            return objects[0].subject
    if sentence.topic is not None:
        return sentence.topic
    later = find_objects(sentence.text[position:])
    return later[0].subject if later else None


def find_cites(text: str) -> tuple[str, ...]:
    """The keys of cited works: `[26, 27]` gives "[26]" and "[27]"; ranges are spelled out."""
    keys: list[str] = []
    for group in re.findall(r"\[(\d+(?:\s*[,–-]\s*\d+)*)\]", text):
        for part in re.split(r"\s*,\s*", group):
            ends = [int(n) for n in re.split(r"\s*[–-]\s*", part)]
            keys += [f"[{n}]" for n in range(ends[0], min(ends[-1], ends[0] + 20) + 1)]
    return tuple(dict.fromkeys(keys))


def _find_topic(sentence: str) -> str | None:
    verb = _VERB.search(sentence)
    objects = find_objects(sentence[: verb.start()] if verb else sentence[:40])
    return objects[0].subject if objects else None
