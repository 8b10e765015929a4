"""A run as one value: everything a report shows, whatever it is rendered to."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from extract.attempts import REFUSED
from pipeline import artefacts
from pipeline.compiling import BindingRecord
from pipeline.editing import tell_hand, was_read
from pipeline.figures import Figure
from pipeline.manifest import Manifest
from pipeline.reading import load_criteria, load_marked
from pipeline.report_coding import CodingReport, load_coding_report
from pipeline.report_readings import ReadingReport, load_reading_report
from pipeline.run_store import load_artefact, load_manifest
from pipeline.wording import list_numbers, word_channel
from schemas.coding import Explanation
from schemas.comparison import Comparison
from schemas.coverage import Coverage, PrintedThreshold
from schemas.criteria import (
    Agreement,
    Candidate,
    Cut,
    NamedVariable,
    OverlapRemoval,
    OverlapStep,
    Question,
    SelectionCriteria,
    Status,
)
from schemas.cut_words import word_candidate, word_cut, word_object, word_removal, word_variable
from schemas.cutflow import Cutflow, NotEvaluable
from schemas.document import Document, HiddenText
from schemas.evidence import Evidence
from schemas.execution import Execution
from schemas.model import Model
from schemas.profile import Chosen

T = TypeVar("T")

VERDICTS = {
    "equal": "=",
    "different": "≠",
    "only_in_analysis": "only in analysis",
    "only_in_baseline": "only in baseline",
    "no_baseline": "no baseline",
    "not_evaluated": "not evaluated",
}


class CriterionRow(Model):
    """One criterion in words with the places that state it."""

    id: str
    text: str
    evidence: tuple[Evidence, ...] = ()
    origin: str = "human"
    status: Status = "proposed"
    note: str | None = None
    numbers: tuple[str, ...] = ()  # of the threshold, to be marked in the quote
    not_evaluable: str | None = None  # why the format cannot evaluate it
    agreement: Agreement | None = None  # in how many readings it was found
    by: str | None = None  # who accepted, rejected, edited or added it
    history: tuple[Evidence, ...] = ()  # of what it said before it was edited
    read: bool = True  # whether readers made the criteria, rather than a person

    @property
    def hand(self) -> str:
        """Whose hand it is by, or who decided, if anybody: "edited by NAME"."""
        if not self.by:
            return "edited by hand" if self.status == "edited" else ""
        return f"{tell_hand(self, read=self.read)} by {self.by}"


class CriteriaGroup(Model):
    """A heading (an object, the candidates, a region) and its criteria."""

    name: str
    about: str
    rows: tuple[CriterionRow, ...]


class FlowRow(Model):
    """A step of the cutflow with the baseline beside it."""

    step: str
    label: str
    count: int | None
    weighted: float | None
    uncertainty: float | None
    efficiency: float | None  # with respect to the step before
    baseline: int | None
    verdict: str  # =, ≠, not evaluated, or nothing without a baseline
    reason: str | None = None

    @property
    def words(self) -> str:
        """The step in words; one that the format cannot evaluate says so: its count is that of the step before."""
        if self.verdict != "not evaluated":
            return self.label
        return f"{self.label} [not evaluated{f': {self.reason}' if self.reason else ''}]"


class FlowTable(Model):
    """The cutflow of one region."""

    region: str
    parent: str | None
    rows: tuple[FlowRow, ...]
    channels: dict[str, int]

    @property
    def selects(self) -> bool:
        """Whether the region has a step of its own that is evaluated."""
        return any(row.verdict != "not evaluated" for row in self.rows[1:])

    @property
    def weighted(self) -> bool:
        """Whether events have weights other than one."""
        return any(r.weighted is not None and r.weighted != r.count for r in self.rows)


class Report(Model):
    """Everything that a report of a run shows. What the run has not reached is empty."""

    run: str
    title: str
    manifest: Manifest
    criteria: tuple[CriteriaGroup, ...] = ()
    questions: tuple[Question, ...] = ()
    n_findings: int = 0
    refused: tuple[Evidence, ...] = ()
    thresholds: int = 0
    unclaimed: tuple[PrintedThreshold, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    remarks: tuple[str, ...] = ()
    not_evaluable: tuple[NotEvaluable, ...] = ()
    chosen: tuple[Chosen, ...] = ()  # alternatives of the format that these files made necessary
    n_events: int | None = None
    flows: tuple[FlowTable, ...] = ()
    comparison: Comparison | None = None
    explanation: Explanation | None = None  # of a mismatch
    execution: Execution | None = None
    figures: tuple[Figure, ...] = ()
    reading: ReadingReport = ReadingReport()
    coding: CodingReport | None = None  # None: no model wrote code
    ocr_pages: tuple[int, ...] = ()  # pages whose text was recognised from a picture
    converter: str = "pymupdf"

    @property
    def chosen_objects(self) -> tuple[tuple[str, Chosen], ...]:
        """Whole collections that are taken otherwise than the format's first way: other objects may be selected."""
        places = ((one.place.split("."), one) for one in self.chosen)
        return tuple((parts[1], one) for parts, one in places if len(parts) == 2 and parts[0] == "collections")

    @property
    def voted(self) -> bool:
        """Whether criteria say in how many readings they were found."""
        return any(row.agreement is not None for group in self.criteria for row in group.rows)


def build_report(folder: Path) -> Report:
    """The report of a run folder, as far as the run has come. Raises RunFolderError for damaged artefacts."""
    manifest = load_manifest(folder)
    document = _load(folder / artefacts.DOCUMENT, Document)
    evidence = _load(folder / artefacts.EVIDENCE, tuple[Evidence, ...]) or ()
    proofs = _load(folder / artefacts.PROOFS, tuple[Evidence, ...]) or evidence
    coverage = _load(folder / artefacts.COVERAGE, Coverage)
    cutflow = _load(folder / artefacts.CUTFLOW, Cutflow)
    comparison = _load(folder / artefacts.COMPARISON, Comparison)
    criteria = load_run_criteria(folder)
    binding = _load(folder / artefacts.BINDING, BindingRecord)
    not_evaluable = cutflow.not_evaluable if cutflow else ()
    return Report(
        run=f"{folder.parent.name}/{folder.name}",
        title=_find_title(criteria, document, manifest),
        manifest=manifest,
        criteria=group_criteria(criteria, not_evaluable) if criteria else (),
        questions=criteria.questions if criteria else (),
        n_findings=len(evidence),
        refused=list_refused(proofs),
        thresholds=len(coverage.thresholds) if coverage else 0,
        unclaimed=coverage.unclaimed if coverage else (),
        hidden=document.hidden if document else (),
        remarks=document.remarks if document else (),
        not_evaluable=not_evaluable,
        chosen=binding.chosen if binding else (),
        n_events=cutflow.n_events if cutflow else None,
        flows=lay_out_flows(cutflow, comparison) if cutflow else (),
        comparison=comparison,
        explanation=_load(folder / artefacts.EXPLANATION, Explanation),
        execution=_load(folder / artefacts.EXECUTION, Execution),
        figures=_load(folder / artefacts.FIGURES, tuple[Figure, ...]) or (),
        coding=load_coding_report(folder),
        reading=load_reading_report(folder, evidence),
        ocr_pages=document.ocr_pages if document else (),
        converter=document.converter if document else "pymupdf",
    )


def list_refused(proofs: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Findings of all readings whose quote does not say it; those that quote an order to a program come first."""
    refused = [e for e in proofs if not e.grounded]
    return tuple(sorted(refused, key=lambda e: not (e.reason or "").startswith(REFUSED)))


def load_run_criteria(folder: Path) -> SelectionCriteria | None:
    """The criteria that went into code, else those that wait for answers."""
    if (folder / artefacts.ACCEPTED).is_file():
        return load_criteria(folder / artefacts.ACCEPTED)
    return load_marked(folder) if (folder / artefacts.CRITERIA).is_file() else None


def group_criteria(
    criteria: SelectionCriteria, not_evaluable: tuple[NotEvaluable, ...] = ()
) -> tuple[CriteriaGroup, ...]:
    """Objects, overlap removal, candidates, variables and regions, each with its criteria in words."""
    missing = {entry.cut: entry.reason for entry in not_evaluable}
    groups = []
    for one in criteria.objects:
        rows = [_row(cut, missing) for cut in one.cuts]
        rows += [_row_of(r, f"{one.name}.remove_overlap", word_removal(r)) for r in one.remove_overlap]
        about = f"{word_object(one)}; {one.note}" if one.note else word_object(one)
        groups.append(CriteriaGroup(name=one.name, about=about, rows=tuple(rows)))
    if criteria.overlap:
        steps = tuple(_row_of(s, "overlap", word_removal(s)) for s in criteria.overlap)
        groups.append(CriteriaGroup(name="overlap removal", about="in this order", rows=steps))
    built: list[CriterionRow] = []
    for c in criteria.candidates:
        built.append(_row_of(c, c.name, f"{c.name}: {word_candidate(c)}"))
        built += [_row(cut, missing, f"{c.name}, before the choice: ") for cut in c.select]
    if built:
        groups.append(CriteriaGroup(name="candidates", about="in this order", rows=tuple(built)))
    if criteria.variables:
        named = tuple(_row_variable(v, criteria.outputs) for v in criteria.variables)
        groups.append(CriteriaGroup(name="variables", about="of the event", rows=named))
    for region in criteria.regions:
        about = f"region, after {region.parent}" if region.parent else "region"
        about = f"{about}; {region.note}" if region.note else about
        groups.append(
            CriteriaGroup(name=region.name, about=about, rows=tuple(_row(cut, missing) for cut in region.cuts))
        )
    if was_read(criteria):
        return tuple(groups)
    written = (tuple(row.model_copy(update={"read": False}) for row in group.rows) for group in groups)
    return tuple(g.model_copy(update={"rows": rows}) for g, rows in zip(groups, written, strict=True))


def _row_of(part: OverlapRemoval | OverlapStep | Candidate | NamedVariable, name: str, text: str) -> CriterionRow:
    return CriterionRow(
        id=name, text=text, evidence=part.evidence, origin=part.origin, status=part.status, note=part.note,
        agreement=part.agreement, by=part.by, history=part.history,
    )  # fmt: skip


def _row_variable(variable: NamedVariable, outputs: Sequence[str]) -> CriterionRow:
    unit = f" ({variable.unit})" if variable.unit else ""
    stored = ", stored and drawn" if variable.name in outputs else ""
    text = f"{variable.name} = {word_variable(variable)}{unit}{stored}"
    if variable.words is not None or variable.by is not None:
        return _row_of(variable, variable.name, text)
    return CriterionRow(id=variable.name, text=text, note=variable.note)


def lay_out_flows(cutflow: Cutflow, comparison: Comparison | None) -> tuple[FlowTable, ...]:
    """The cutflow region by region, with what the comparison says about each step."""
    compared = {(s.region, s.step): s for s in comparison.steps} if comparison else {}
    tables = []
    for region in cutflow.regions:
        rows: list[FlowRow] = []
        before: int | None = None
        for step in region.steps:
            other = compared.get((region.name, step.id))
            rows.append(
                FlowRow(
                    step=step.id,
                    label=step.label if rows or region.parent is None else f"after {region.parent}",
                    count=step.count,
                    weighted=step.weighted,
                    uncertainty=step.uncertainty,
                    efficiency=step.count / before if before and (step.evaluated or not rows) else None,
                    baseline=other.baseline_count if other else None,
                    verdict="not evaluated" if not step.evaluated else VERDICTS[other.state] if other else "",
                    reason=step.reason,
                )
            )
            before = step.count
        seen = {step.id for step in region.steps}
        rows += [
            FlowRow(
                step=s.step, label=s.label, count=None, weighted=None, uncertainty=None, efficiency=None,
                baseline=s.baseline_count, verdict=VERDICTS[s.state],
            )
            for s in compared.values()
            if s.region == region.name and s.step not in seen
        ]  # fmt: skip
        channels = {word_channel(k): n for k, n in cutflow.channels.get(region.name, {}).items()}
        tables.append(FlowTable(region=region.name, parent=region.parent, rows=tuple(rows), channels=channels))
    return tuple(tables)


def _row(cut: Cut, missing: dict[str, str], before: str = "") -> CriterionRow:
    text = f"{before}{word_cut(cut)}"
    return CriterionRow(
        id=cut.id,
        text=f"{text} (one of {cut.group})" if cut.group else text,
        evidence=cut.evidence,
        origin=cut.origin,
        status=cut.status,
        note=cut.note,
        numbers=list_numbers(cut),
        not_evaluable=missing.get(cut.id),
        agreement=cut.agreement,
        by=cut.by,
        history=cut.history,
    )


def _find_title(criteria: SelectionCriteria | None, document: Document | None, manifest: Manifest) -> str:
    titles = (criteria.analysis.title if criteria else None, document.title if document else None)
    return next((t for t in titles if t), Path(manifest.request.source).name)


def _load(path: Path, kind: type[T]) -> T | None:
    return load_artefact(path, kind) if path.is_file() else None
