"""Pairings, choices and orders: which of several candidates is taken."""

from collections.abc import Callable, Iterator

from extract.rules.drafts import Draft, keep_distinct, write_finding
from extract.rules.extremes import read_extremes, read_leading
from extract.rules.pairings import read_closest, read_minima
from extract.rules.preferences import read_orders, read_overlaps, read_vertices
from extract.rules.prose import Sentence, find_sentences
from schemas.document import Document
from schemas.finding import Finding


def read_choices(document: Document) -> list[Finding]:
    """The findings that choose among candidates, in order of the text: operators minimise, maximise and order."""
    findings = [
        write_finding(draft, sentence, document, "choice")
        for sentence in find_sentences(document)
        if sentence.about == "selection"
        for draft in read_choice_sentence(sentence)
    ]
    return list(keep_distinct(findings))


def read_choice_sentence(sentence: Sentence) -> list[Draft]:
    """What one sentence chooses."""
    readers: tuple[Callable[[Sentence], Iterator[Draft]], ...] = (
        read_closest, read_extremes, read_leading, read_minima, read_vertices, read_orders, read_overlaps,
    )  # fmt: skip
    return [draft for reader in readers for draft in reader(sentence)]
