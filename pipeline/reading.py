"""From a source to criteria.yaml: the steps of a paper, or the adoption of criteria that exist."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from pipeline import artefacts
from pipeline.files import digest_file, digest_sources
from pipeline.run_store import RunFolder, dump_artefact, load_artefact
from pipeline.terminal import Progress
from schemas.coverage import Coverage
from schemas.criteria import SelectionCriteria
from schemas.document import Document
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.finding import Finding


def extract_criteria(run: RunFolder, paper: Path, progress: Progress) -> None:
    """Read a paper: document, findings, evidence, coverage, criteria. Raises PaperError when it cannot be read."""
    papers, extract = ({"paperfilter code": digest_sources([layer, "schemas"])} for layer in ("papers", "extract"))
    with progress.stage("read") as stage:
        stage.update(paper.name)
        stage.reused = not run.do(
            "read",
            lambda folder: _read(paper, folder),
            writes=[artefacts.DOCUMENT],
            digests={"paper": run.manifest.request.source_sha256, **papers},
        )
        document = load_artefact(run.path / artefacts.DOCUMENT, Document)
        stage.detail = f"{paper.name}: {_count(document.n_pages, 'page')}, {_count(len(document.tables), 'table')}"
    for remark in document.remarks:
        progress.note(remark)
    if document.hidden:
        pages = ", ".join(str(p) for p in sorted({h.page for h in document.hidden}))
        progress.note(f"hidden text on page {pages}: reported, never used")
    with progress.stage("find") as stage:
        stage.reused = not run.do(
            "find",
            lambda folder: _find(document, folder),
            reads=[artefacts.DOCUMENT],
            writes=[artefacts.FINDINGS],
            digests=extract,
            settings={"reader": run.manifest.request.reader},
        )
        findings = load_artefact(run.path / artefacts.FINDINGS, tuple[Finding, ...])
        stage.detail = _count(len(findings), "finding")
    with progress.stage("ground") as stage:
        stage.reused = not run.do(
            "ground",
            lambda folder: _ground(document, findings, folder),
            reads=[artefacts.DOCUMENT, artefacts.FINDINGS],
            writes=[artefacts.EVIDENCE],
            digests=extract,
        )
        evidence = load_artefact(run.path / artefacts.EVIDENCE, tuple[Evidence, ...])
        refused = sum(not e.grounded for e in evidence)
        stage.detail = f"{len(evidence) - refused} grounded, {refused} refused"
    with progress.stage("cover") as stage:
        stage.reused = not run.do(
            "cover",
            lambda folder: _cover(document, findings, evidence, folder),
            reads=[artefacts.DOCUMENT, artefacts.FINDINGS, artefacts.EVIDENCE],
            writes=[artefacts.COVERAGE],
            digests=extract,
        )
        coverage = load_artefact(run.path / artefacts.COVERAGE, Coverage)
        claimed = len(coverage.thresholds) - len(coverage.unclaimed)
        stage.detail = f"{claimed} of {_count(len(coverage.thresholds), 'printed threshold')} claimed"
    with progress.stage("assemble") as stage:
        edited = run.edited("assemble")
        stage.reused = not run.do(
            "assemble",
            lambda folder: _assemble(document, findings, evidence, folder),
            reads=[artefacts.DOCUMENT, artefacts.FINDINGS, artefacts.EVIDENCE],
            writes=[artefacts.CRITERIA, artefacts.PLACEMENTS],
            digests=extract,
        )
        stage.detail = _describe(load_criteria(run.path / artefacts.CRITERIA))
    if edited:
        progress.note(f"{', '.join(edited)}: edited by hand and kept; what comes after is redone")
    _export(run)


def adopt_criteria(run: RunFolder, source: Path, progress: Progress) -> None:
    """Start from criteria that exist. Raises CriteriaError when they do not validate."""
    with progress.stage("criteria") as stage:
        edited = run.edited("adopt")
        stage.reused = not run.do(
            "adopt",
            lambda folder: _adopt(source, folder),
            writes=[artefacts.CRITERIA],
            digests={"criteria": digest_file(source)},
        )
        stage.detail = f"{source.name}: {_describe(load_criteria(run.path / artefacts.CRITERIA))}"
    if edited:
        progress.note(f"{', '.join(edited)}: edited by hand and kept; what comes after is redone")
    _export(run)


def load_criteria(path: Path) -> SelectionCriteria:
    """The criteria of a YAML or JSON file; the same content is parsed once. Raises CriteriaError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CriteriaError(f"cannot read criteria file '{path}': {error.strerror}") from error
    return _parse_criteria(path, content)


@lru_cache(maxsize=8)
def _parse_criteria(path: Path, content: bytes) -> SelectionCriteria:  # noqa: ARG001 - the content is the key
    from schemas.criteria_yaml import load_criteria as load

    return load(path)


def count_cuts(criteria: SelectionCriteria) -> int:
    """Cuts that are not rejected."""
    cuts = [c for o in criteria.objects for c in o.cuts] + [c for r in criteria.regions for c in r.cuts]
    return sum(c.status != "rejected" for c in cuts)


def _describe(criteria: SelectionCriteria) -> str:
    n_open = sum(q.answer is None for q in criteria.questions)
    regions = _count(len(criteria.regions), "region")
    return f"{_count(count_cuts(criteria), 'cut')} in {regions}, {_count(n_open, 'open question')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _read(paper: Path, folder: Path) -> None:
    from papers.read import read_paper

    dump_artefact(folder / artefacts.DOCUMENT, read_paper(paper))


def _find(document: Document, folder: Path) -> None:
    from extract.rules.reader import read_findings

    dump_artefact(folder / artefacts.FINDINGS, read_findings(document))


def _ground(document: Document, findings: tuple[Finding, ...], folder: Path) -> None:
    from extract.grounding.ground import ground_findings

    dump_artefact(folder / artefacts.EVIDENCE, ground_findings(document, findings))


def _cover(document: Document, findings: tuple[Finding, ...], evidence: tuple[Evidence, ...], folder: Path) -> None:
    from extract.cover import cover

    dump_artefact(folder / artefacts.COVERAGE, cover(document, findings, evidence))


def _assemble(document: Document, findings: tuple[Finding, ...], evidence: tuple[Evidence, ...], folder: Path) -> None:
    from extract.assembling.assemble import assemble

    assembly = assemble(document, findings, evidence)
    _write_yaml(folder / artefacts.CRITERIA, _leave_out_copies(assembly.criteria))
    dump_artefact(folder / artefacts.PLACEMENTS, assembly.placements)


def _leave_out_copies(criteria: SelectionCriteria) -> SelectionCriteria:
    """The criteria without the evidence that alternatives repeat from the cuts that they change."""
    questions = []
    for question in criteria.questions:
        alternatives = tuple(
            a.model_copy(update={"changes": tuple(c.model_copy(update={"evidence": ()}) for c in a.changes)})
            for a in question.alternatives
        )
        questions.append(question.model_copy(update={"alternatives": alternatives}))
    return criteria.model_copy(update={"questions": tuple(questions)})


def _adopt(source: Path, folder: Path) -> None:
    criteria = load_criteria(source)
    if source.suffix.lower() in (".yaml", ".yml"):
        (folder / artefacts.CRITERIA).write_bytes(source.read_bytes())  # with the comments in it
    else:
        _write_yaml(folder / artefacts.CRITERIA, criteria)


def _write_yaml(path: Path, criteria: SelectionCriteria) -> None:
    from schemas.criteria_yaml import dump_criteria

    path.write_text(dump_criteria(criteria), encoding="utf-8")


def _export(run: RunFolder) -> None:
    make: Callable[[Path], None] = lambda folder: dump_artefact(  # noqa: E731
        folder / artefacts.CRITERIA_JSON, load_criteria(run.path / artefacts.CRITERIA)
    )
    run.do("export", make, reads=[artefacts.CRITERIA], writes=[artefacts.CRITERIA_JSON])
