"""The findings of a cited work that are a delegated definition: told apart from everything else that it selects."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from extract.citing.families import covers, is_core, is_part, words_of_variable
from extract.citing.naming import SELECTION, find_grade
from extract.citing.passages import find_passages
from extract.rules.prose import split_passage
from schemas.citation import Delegation
from schemas.document import Document, Passage
from schemas.evidence import Evidence
from schemas.finding import Finding, Value

AMBIGUOUS = "one of several alternatives in the cited work"
"""How the note of a taken finding begins when the cited work states the quantity in more than one way."""

_ISOLATING = re.compile(r"isolat|\bcones?\b", re.I)
_CRITERIA = re.compile(r"criteri|requirements?\b|working[- ]points?|\bWPs?\b|operating[- ]points?", re.I)
_CLEAR = re.compile(r"loose|medium|tight|\d|gradient|veto|\b[A-Z][A-Za-z_]*(?:Loose|Medium|Tight)", re.I)
_SPECIAL = re.compile(r"\b(?:inverted|relaxed|anti-|fail(?:s|ing|ed)?|control|validation|background|fake)\b", re.I)


def take_findings(
    delegation: Delegation, document: Document, findings: Sequence[Finding], evidence: Sequence[Evidence]
) -> tuple[Finding, ...]:
    """Of the findings of the cited work `document` those that are what was delegated, to stand beside the paper's.

    `evidence` belongs to `findings` one by one. Taken are grounded findings of any reader from passages that define the
    delegated variable, of the right subject (a cut on leptons is one on electrons and on muons; the paper's own subject
    is written down), with the parts that belong to them: the cone, the tracks and the ramp of an isolation. Regions and
    categories of the cited work are left out. Ids begin with the delegation's; `document` and `delegated_by` are set.
    Where the work states the quantity in more than one way, each is taken and its note begins with `AMBIGUOUS`. Nothing
    is taken for a delegation that is no `definition`.
    """
    if delegation.kind != "definition":
        return ()
    spans = find_passages(document, delegation)
    grounded = [f for f, e in zip(findings, evidence, strict=True) if e.grounded and f.document is None]
    inside = [(f, place) for f in grounded if (place := _locate(document, f)) is not None and _is_in(place, spans)]
    plain = [(f, p) for f, p in inside if f.stage not in ("region", "trigger") and not _is_special(f)]
    plain, unsure = _keep_grade(delegation, document, plain)
    cores = _keep_closest(delegation, [(f, p) for f, p in plain if is_core(delegation.variable, f)])
    cores = _drop_vague([(f, p) for f, p in cores if f.value is not None or f.operator in ("minimise", "maximise")])
    parts = list(_find_parts(delegation, document, plain, cores))
    chosen = _drop_repeated([*cores, *parts])
    ambiguous = {f.id for f, _ in cores} if unsure else _find_alternatives(delegation, [f for f, _ in cores])
    return tuple(_adopt(f, delegation, document, f.id in ambiguous) for f, _ in sorted(chosen, key=lambda x: x[1]))


def is_ambiguous(finding: Finding) -> bool:
    """Whether a taken finding is only one of several ways in which the cited work states the quantity."""
    return (finding.note or "").startswith(AMBIGUOUS)


def _locate(document: Document, finding: Finding) -> int | None:
    """Where the finding stands in the text: its start, else where its longest fragment is found."""
    if finding.start is not None and 0 <= finding.start <= len(document.text):
        return finding.start
    place = document.text.find(max(finding.quote, key=len))
    return place if place >= 0 else None


def _is_in(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place <= end for start, end in spans)


def _is_special(finding: Finding) -> bool:
    """Whether it holds in a region, category or channel of the cited work only, or for what fails there."""
    if finding.operator == "fail" and finding.effect == "keep":
        return True
    scope = finding.scope
    return bool(scope and scope != "?") or _SPECIAL.search(finding.condition or "") is not None


def _keep_closest(delegation: Delegation, found: Sequence[tuple[Finding, int]]) -> list[tuple[Finding, int]]:
    """Those of the delegated subject itself; where the work has none, those of a subject that covers it."""
    if delegation.subject == "event":
        return list(found)
    fitting = [(f, p) for f, p in found if covers(delegation.subject, f.subject)]
    own = [(f, p) for f, p in fitting if f.subject == delegation.subject]
    if delegation.variable == SELECTION or delegation.subject == "lepton":
        return fitting
    return own or fitting


def _keep_grade(
    delegation: Delegation, document: Document, found: Sequence[tuple[Finding, int]]
) -> tuple[list[tuple[Finding, int]], bool]:
    """What the cited work says of the working point that the paper names; everything, where the paper names none.

    Where the work states the quantity, but not of that working point, everything too, and True: nobody can be sure.
    """
    grade = find_grade(" ".join(delegation.quote), delegation.variable)
    if grade is None or delegation.variable not in ("id", "btag", "jvt", "isolation"):
        return list(found), False
    cores = [(f, p) for f, p in found if is_core(delegation.variable, f)]
    named = [(f, p) for f, p in cores if grade in f"{_write(f.value)} {_read_sentence(document, p).lower()}"]
    if not named:
        return list(found), True
    others = {f.id for f, _ in cores} - {f.id for f, _ in named}
    return [(f, p) for f, p in found if f.id not in others], False


def _drop_vague(found: Sequence[tuple[Finding, int]]) -> list[tuple[Finding, int]]:
    """Without plain "isolated" and "is identified", where a threshold or a working point is told too."""
    clear = {(f.subject, f.variable) for f, _ in found if not isinstance(f.value, str) or _CLEAR.search(f.value)}
    return [
        (f, p)
        for f, p in found
        if not isinstance(f.value, str) or _CLEAR.search(f.value) or (f.subject, f.variable) not in clear
    ]


def _find_parts(
    delegation: Delegation,
    document: Document,
    plain: Sequence[tuple[Finding, int]],
    cores: Sequence[tuple[Finding, int]],
) -> Iterator[tuple[Finding, int]]:
    """What belongs to the quantity, from the same passages, in sentences that speak of it."""
    said = words_of_variable(delegation.variable) or _ISOLATING
    taken = {f.id for f, _ in cores}
    homes = {_find_home(document, p) for _, p in cores}
    for finding, place in plain:
        if finding.id in taken or not is_part(delegation.variable, finding):
            continue
        # tracks and clusters are what the isolation is made of
        isolating = delegation.variable in ("isolation", SELECTION)
        if not covers(delegation.subject, finding.subject) and not (isolating and finding.subject == "track"):
            continue
        sentence = _read_sentence(document, place)
        if _find_home(document, place) not in homes or not said.search(sentence):
            continue
        if isolating or _CRITERIA.search(sentence):
            yield finding, place


def _find_home(document: Document, place: int) -> Passage | int | None:
    """The passage of a place; of a cell, its table."""
    passage = next((p for p in document.passages if p.start <= place <= p.end), None)
    return passage.table if passage is not None and passage.table is not None else passage


def _read_sentence(document: Document, place: int) -> str:
    passage = next((p for p in document.passages if p.start <= place <= p.end), None)
    if passage is None:
        return ""
    sentences = split_passage(document.passage_text(passage), passage.start)
    said = next((s.text for s in sentences if s.start <= place <= s.start + len(s.text)), "")
    if passage.kind == "cell" and passage.table is not None:
        cell = next((c for c in document.tables[passage.table].cells if c.start <= place <= c.end), None)
        said += " ".join((*cell.row_path, *cell.header_path)) if cell else ""
    return said


def _drop_repeated(found: Sequence[tuple[Finding, int]]) -> list[tuple[Finding, int]]:
    """One finding of those that say the same: prose and table of a work repeat each other, and so do its readers."""
    kept: dict[tuple[object, ...], tuple[Finding, int]] = {}
    for finding, place in found:
        kept.setdefault(_meaning(finding), (finding, place))
    return list(kept.values())


def _meaning(finding: Finding) -> tuple[object, ...]:
    value, unit = finding.value, finding.unit
    if isinstance(value, float) and unit == "%":
        value, unit = round(value / 100, 9), None
    condition = finding.condition if finding.stage != "definition" else None
    return (finding.subject, finding.second_subject, finding.variable, finding.operator, _write(value), unit, condition)


def _find_alternatives(delegation: Delegation, cores: Sequence[Finding]) -> set[str]:
    """The ids of those that cannot all be meant: the same bound of the same subject with different values."""
    if delegation.variable == SELECTION and delegation.subject == "event":
        # the whole selection of another analysis: a person has to say what of it holds here
        return {f.id for f in cores}
    by_name: defaultdict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for f in cores:
        by_name[(f.subject, f.second_subject, f.variable, f.operator, f.condition)].append(f)
    out: set[str] = set()
    for alike in by_name.values():
        if len({_meaning(f) for f in alike}) > 1:
            out |= {f.id for f in alike}
    return out


def _write(value: Value | None) -> str:
    return str(value).lower()


def _adopt(finding: Finding, delegation: Delegation, document: Document, ambiguous: bool) -> Finding:
    """The finding as one of the paper: its place stays in the cited work, its subject becomes the paper's."""
    subject = finding.subject
    if covers(delegation.subject, subject) and delegation.subject not in ("event", "lepton"):
        subject = delegation.subject
    notes = [AMBIGUOUS] if ambiguous else []
    if subject != finding.subject:
        notes.append(f"said of {finding.subject} in the cited work")
    notes += [finding.note] if finding.note else []
    return finding.model_copy(
        update={
            "id": f"{delegation.id}:{finding.id}",
            "subject": subject,
            "document": document.document_id,
            "delegated_by": delegation.id,
            "note": "; ".join(notes) or None,
        }
    )
