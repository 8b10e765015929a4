"""The rule reader: a Document to Findings, offline and the same every time."""

from collections.abc import Iterator

from extract.rules.sentences import Claim, Context, read_sentence
from extract.rules.splitting import Sentence, split_document
from schemas.document import Document
from schemas.finding import Finding
from schemas.vocabulary import Source

READER = "rules"


def read_findings(document: Document) -> tuple[Finding, ...]:
    """Every requirement that the rules read, in order of the text; each with the sentence it was read from."""
    findings = list(_read_prose(document))
    findings.sort(key=lambda f: (f.start or 0, f.id))
    return tuple(f.model_copy(update={"id": f"r{i:03d}"}) for i, f in enumerate(findings, 1))


def _read_prose(document: Document) -> Iterator[Finding]:
    context = Context()
    headings: tuple[str, ...] = ()
    for sentence in split_document(document):
        if sentence.headings != headings:
            context, headings = Context(), sentence.headings
        if sentence.first:
            context = context._replace(special=None)
        read = read_sentence(sentence.text, context)
        context = read.context
        for claim in read.claims:
            yield _build(claim, sentence, document)


def _build(claim: Claim, sentence: Sentence, document: Document) -> Finding:
    start = sentence.locate(claim.start)
    source: Source = "caption" if sentence.kind == "caption" else "prose"
    return Finding(
        id="r", stage="object", subject=claim.subject, second_subject=claim.second, variable=claim.variable,
        operator=claim.bound.operator, value=claim.bound.value, closed=claim.bound.closed, unit=claim.bound.unit,
        effect=claim.effect, condition=claim.condition, group=claim.group, quote=sentence.fragments(), source=source,
        page=document.page_at(start), start=start, reader=READER,
    )  # fmt: skip
