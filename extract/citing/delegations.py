"""Definitions that a paper leaves to cited works, and what else it cites works for where it speaks of its selection."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.attempts import leave_out
from extract.citing.families import states_itself
from extract.citing.language import Phrase, Word, compares, find_phrase, list_words
from extract.citing.naming import name_delegated
from extract.rules.prose import Sentence, find_objects, split_passage
from extract.rules.sections import Trust, find_speaking
from schemas.citation import Bibliography, Delegation, DelegationKind, Mark
from schemas.document import Document
from schemas.finding import Finding

_LONGEST_CLAUSE = 260
_ASKS = re.compile(
    r"\b(?:requir\w+|must|select(?:ed|ion|s)?|criteri\w+|isolat\w+|identif\w+|working[- ]points?|vetoed|rejected"
    r"|removal|passing|satisf\w+|object definitions?)\b",
    re.I,
)
# words that ask for something, without telling what, where no phrase leaves it to the cited work
_SPECIAL = re.compile(r"required|must|defined|quality|selections?|strateg\w+|definitions?|fiducial", re.I)
_NAMED = re.compile(r"\bisolat|criteri|requirements?|discrimina|identif|\b(?:loose|medium|tight)", re.I)
_BOUNDARY = re.compile(r";|, (?:while|whereas|but)\b")
_OF_TRIGGERS = re.compile(r"(?:[\w-]+ ){0,4}triggers?\b", re.I)
# "the same isolation criteria as the other leptons": told in the paper itself
_WITHIN = re.compile(r"\bsame\b.{0,80}\bas (?:the|those|that|for|all|in)\b", re.I)
_LIST = re.compile(r"^(?:,? (?:and )?|–)$")


class _Cited(NamedTuple):
    """A mark in its sentence: where it stands there, and where the words that belong to it begin."""

    mark: Mark
    start: int
    end: int
    begin: int


def find_delegations(
    document: Document, bibliography: Bibliography, findings: Sequence[Finding] = ()
) -> tuple[Delegation, ...]:
    """The delegations of the passages that speak of selection, in order of the text.

    `kind` is `definition`, `similar`, or `other` (calibration, performance, tools and the like: no cut comes from
    there; told only in sections about selection), also where a finding of the paper states the value itself nearby.
    Names are those of findings; where a finding of a reader states the
    same sentence with the same citation, the delegation has its id in `finding`. Ids are unique among all documents.
    """
    document = leave_out(document)
    found: list[Delegation] = []
    starts = [m.start for m in bibliography.marks]
    for speaking in find_speaking(document):
        passage = speaking.passage
        title = speaking.headings[-1] if speaking.headings else ""
        for sentence in split_passage(speaking.text, passage.start, title):
            end = sentence.start + len(sentence.text)
            marks = bibliography.marks[bisect_left(starts, sentence.start) : bisect_left(starts, end)]
            for cited in _place(sentence, marks):
                found += _judge(document, sentence, cited, speaking.trust)
    named = [_link(d, document, findings) for d in found]
    named = [
        d.model_copy(update={"kind": "other"}) if d.kind == "definition" and states_itself(d, findings) else d
        for d in named
    ]
    return tuple(d.model_copy(update={"id": f"{document.document_id}-d{n:02d}"}) for n, d in enumerate(named, 1))


def _place(sentence: Sentence, marks: Sequence[Mark]) -> Iterator[_Cited]:
    """The marks of a sentence; those that follow each other as a list ("[5], [6]") are one."""
    text, shift = sentence.text, sentence.start
    begin = 0
    waiting: _Cited | None = None
    for mark in marks:
        start, end = mark.start - shift, mark.end - shift
        if waiting is not None and _LIST.match(text[waiting.end : start]):
            keys = tuple(dict.fromkeys(waiting.mark.keys + mark.keys))
            joined = mark.model_copy(update={"keys": keys, "start": waiting.mark.start})
            waiting = waiting._replace(mark=joined, end=end)
            continue
        if waiting is not None:
            yield waiting
            begin = waiting.end
        bounds = [m.end() for m in _BOUNDARY.finditer(text, begin, start)]
        waiting = _Cited(mark, start, end, max([begin, start - _LONGEST_CLAUSE, *bounds[-1:]]))
    if waiting is not None:
        yield waiting


def _judge(document: Document, sentence: Sentence, cited: _Cited, trust: Trust) -> Iterator[Delegation]:
    text = sentence.text
    phrase = find_phrase(text[: cited.start], text[cited.end :])
    begin, end = cited.begin, min(cited.start, phrase.start if phrase else cited.start)
    if phrase and end - begin < 12:
        begin = 0  # the phrase stands right behind another mark, or at the beginning
    kind, begin, end = _classify(text, begin, end, cited, phrase)
    if trust != "selection" and (kind == "other" or not _ASKS.search(text)):
        return
    named = name_delegated(sentence, begin, end)
    if (
        phrase is None
        and named[0][0] == "event"
        and not re.search(r"criteri|requirement|overlap", text[begin:end], re.I)
    ):
        kind = "other"  # a discriminant of events
    for subject, variable in named[: 1 if kind == "other" else None]:
        yield Delegation(
            id="d",
            kind=kind,
            keys=cited.mark.keys,
            subject=subject,
            variable=variable,
            quote=(text,),
            page=document.page_at(cited.mark.start),
            start=sentence.start,
            end=sentence.start + len(text),
            document_id=document.document_id,
        )


def _classify(text: str, begin: int, end: int, cited: _Cited, phrase: Phrase | None) -> tuple[DelegationKind, int, int]:
    """What the work is cited for, and the words that tell whose definition it is."""
    words = [w for w in list_words(text[:end]) if w.start >= begin]
    last = words[-1] if words else None
    if _OF_TRIGGERS.match(text[begin:end].lstrip(" ,")) or _OF_TRIGGERS.match(text):
        return "other", begin, end
    if compares(text[begin:end]) and not (phrase and phrase.similar):
        return "other", begin, end
    if phrase is None:
        # how an object is built does not tell whether a requirement follows
        telling = [w for w in words if w.topic != "building"]
        asked = telling and _is_asked_for(telling[-1], text[begin:end])
        return ("definition" if asked else "other"), begin, end
    if last is None:
        behind = list_words(text[cited.end : cited.end + 120])
        last = behind[0] if behind else None
        if last is None:
            # "the jets are trimmed as recommended in": an object, and nothing that speaks against a definition
            objects = find_objects(text[begin:end])
            return ("definition" if objects and not phrase.similar else "other"), begin, end
        begin, end = 0, len(text)
    if last.topic == "other":
        return "other", begin, end
    return ("similar" if phrase.similar else "definition"), begin, end


def _is_asked_for(last: Word | None, clause: str) -> bool:
    """Whether a bare mark stands behind a requirement: the last word that tells is one of selection."""
    if last is None or last.topic != "selection" or _WITHIN.search(clause):
        return False
    return _SPECIAL.fullmatch(last.text) is None or _NAMED.search(clause) is not None


def _link(delegation: Delegation, document: Document, findings: Sequence[Finding]) -> Delegation:
    """The delegation with the finding whose value it is: of the same sentence, by citation or by name."""
    best: tuple[int, Finding] | None = None
    keys = set(delegation.keys)
    for finding in findings:
        if finding.document is not None or not _is_in(finding, delegation, document):
            continue
        cites = bool(keys & {c.strip("[] ") for c in finding.cites})
        same = (finding.subject == delegation.subject) + 2 * (finding.variable == delegation.variable)
        if not (cites and same >= 1) and same < 3:
            continue
        score = same + 2 * cites + (finding.value is None) - (finding.variable == "algorithm")
        if best is None or score > best[0]:
            best = (score, finding)
    if best is None:
        return delegation
    update: dict[str, str] = {"finding": best[1].id}
    if delegation.kind != "other" and keys & {c.strip("[] ") for c in best[1].cites}:
        update |= {"subject": best[1].subject}
        if delegation.variable.startswith("other:"):
            update |= {"variable": best[1].variable}
    return delegation.model_copy(update=update)


def _is_in(finding: Finding, delegation: Delegation, document: Document) -> bool:
    if finding.start is not None:
        return delegation.start <= finding.start < delegation.end
    said = document.text[delegation.start : delegation.end]
    return finding.page == delegation.page and any(q in said or said in q for q in finding.quote)
