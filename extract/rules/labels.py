"""Requirements without a number: working points, triggers, data quality, charges, algorithms, delegations."""

from collections.abc import Callable, Iterator

from extract.rules.drafts import Draft, keep_distinct, write_finding
from extract.rules.identification import (
    read_graded_objects,
    read_identification,
    read_isolation,
    read_working_points,
)
from extract.rules.prose import Sentence, find_sentences
from extract.rules.reconstruction import (
    read_charges,
    read_delegations,
    read_jet_algorithm,
    read_same_selections,
    read_scores,
)
from extract.rules.taggers import read_efficiencies, read_pileup_jets
from extract.rules.triggers import read_data_quality, read_trigger_matching, read_triggers
from schemas.document import Document
from schemas.finding import Finding

Reader = Callable[[Sentence], Iterator[Draft]]

ON_DATA: tuple[Reader, ...] = (read_triggers, read_data_quality)
ON_SELECTION: tuple[Reader, ...] = (
    *ON_DATA,
    read_trigger_matching,
    read_working_points,
    read_graded_objects,
    read_efficiencies,
    read_isolation,
    read_identification,
    read_pileup_jets,
    read_jet_algorithm,
    read_charges,
    read_delegations,
    read_same_selections,
    read_scores,
)


def read_labels(document: Document) -> list[Finding]:
    """The findings without a threshold, in order of the text. Values are labels, or None when a cited work has them."""
    findings = [
        write_finding(draft, sentence, document, "label")
        for sentence in find_sentences(document)
        for draft in read_label_sentence(sentence)
    ]
    return list(keep_distinct(findings))


def read_label_sentence(sentence: Sentence) -> list[Draft]:
    """What one sentence asks for, without what another finding of the same sentence already says better.

    A delegation gives way to a label that cites the same work or says the same quantity; a working point named by its
    efficiency, and plain "isolated", give way to a grade.
    """
    readers = ON_DATA if sentence.about == "data" else ON_SELECTION
    drafts = [draft for reader in readers for draft in reader(sentence)]
    graded = {(d.subject, d.variable) for d in drafts if isinstance(d.value, str) and not _is_weak(d.value)}
    cited = {(d.subject, cite) for d in drafts if d.value is not None for cite in d.cites}

    def says_less(d: Draft) -> bool:
        known = (d.subject, d.variable) in graded
        if d.value is None and d.cites:
            return known or all((d.subject, cite) in cited for cite in d.cites)
        return known and isinstance(d.value, str) and _is_weak(d.value)

    return [d for d in drafts if not says_less(d)]


def _is_weak(label: str) -> bool:
    return label[0].isdigit() or label == "isolated"
