"""The rule reader: a Document to Findings, offline and the same every time.

Numbers in prose are read sentence by sentence here; labels (working points), choices (pairings, orders) and tables have
readers of their own.
"""

from collections.abc import Iterable, Iterator, Sequence

from extract.attempts import leave_out
from extract.rules.choices import read_choices
from extract.rules.labels import read_labels
from extract.rules.relevance import is_asked_anywhere
from extract.rules.sentences import Claim, Context, read_sentence
from extract.rules.splitting import Sentence, split_document
from extract.rules.stages import find_scope, find_stage
from extract.rules.tables import read_tables
from schemas.document import Document
from schemas.finding import Finding, Ramp
from schemas.vocabulary import Source

READER = "rules"


def read_findings(document: Document) -> tuple[Finding, ...]:
    """Every requirement that the rules read, in order of the text; each with the words it was read from.

    Text that addresses a reader program is not read.
    """
    document = leave_out(document)
    prose = list(drop_object_thresholds(list(read_prose(document))))
    found = [*prose, *read_labels(document), *read_choices(document), *read_tables(document)]
    found.sort(key=lambda f: (f.start if f.start is not None else -1, f.page))
    return tuple(f.model_copy(update={"id": f"r{i:03d}"}) for i, f in enumerate(keep_distinct(found), 1))


class _Told(Finding):
    """A finding that remembers whether it is the threshold of counted objects."""

    of_count: bool = False


def read_prose(document: Document) -> Iterator[_Told]:
    """The numeric requirements of running text, captions and lists."""
    context = Context()
    headings: tuple[str, ...] = ()
    cone: tuple[str, ...] = ()  # the words that state the last cone: a ramp starts from its size
    for sentence in split_document(document):
        if sentence.headings != headings:
            context, headings = Context(), sentence.headings
        if sentence.first:
            context = context._replace(special=None)
        read = read_sentence(sentence.text, context)
        cone = cone if read.context.cone is context.cone else sentence.fragments()
        context = read.context
        if sentence.trust == "neutral" and not is_asked_anywhere(sentence.text, read.kinds):
            continue
        for claim in read.claims:
            told = _build(claim, sentence, document, cone)
            # "the threshold ranged from 20 to 26 GeV" is no window
            if told.stage != "trigger" or told.operator not in ("between", "outside"):
                yield told


def _build(claim: Claim, sentence: Sentence, document: Document, cone: tuple[str, ...]) -> _Told:
    start = sentence.locate(claim.start)
    source: Source = "caption" if sentence.kind == "caption" else "prose"
    scope = find_scope(sentence.text, claim.start, sentence.headings)
    ramp = isinstance(claim.bound.value, Ramp) and claim.variable == "deltaR"
    before = cone if ramp and cone != sentence.fragments() else ()
    group = f"{claim.group}@{sentence.locate(0)}" if claim.group else None
    return _Told(
        id="r", stage=find_stage(claim, sentence.text, scope), subject=claim.subject, second_subject=claim.second,
        variable=claim.variable, operator=claim.bound.operator, value=claim.bound.value, closed=claim.bound.closed,
        unit=claim.bound.unit, effect=claim.effect, condition=claim.condition, scope=scope, group=group,
        quote=(*before, *sentence.fragments()), source=source, page=document.page_at(start), start=start, reader=READER,
        of_count=claim.counted_at is not None,
    )  # fmt: skip


def drop_object_thresholds(findings: Sequence[_Told]) -> Iterator[Finding]:
    """The findings without those thresholds of counted objects that only repeat the objects' definition."""
    defined: set[tuple[object, ...]] = set()
    for finding in findings:
        if finding.of_count and _meaning(finding) in defined:
            continue
        if not finding.of_count and finding.stage == "object" and finding.scope is None:
            defined.add(_meaning(finding))
        yield Finding(**finding.model_dump(exclude={"of_count"}))


def _meaning(finding: Finding) -> tuple[object, ...]:
    return finding.subject, finding.variable, finding.operator, finding.value, finding.unit


def keep_distinct(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, one of those that say the same in the same words."""
    seen: dict[tuple[object, ...], list[str]] = {}
    for finding in findings:
        key = (
            *_meaning(finding), finding.second_subject, finding.effect, finding.scope, finding.condition, finding.page,
        )  # fmt: skip
        words = " ".join(finding.quote)
        quotes = seen.setdefault(key, [])
        if not any(words in quote or quote in words for quote in quotes):
            quotes.append(words)
            yield finding
