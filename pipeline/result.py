"""What `--json` prints: one document per command, with the artefacts of the run folder in it."""

import json
from pathlib import Path
from typing import TypedDict

from pipeline import artefacts
from pipeline.run_store import load_artefact
from schemas.coverage import Coverage
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class ExtractionResult(TypedDict):
    """`paperfilter extract --json`."""

    format: str
    run: str
    document: Json
    findings: list[Json]  # each with its `evidence`
    coverage: Json
    placements: Json
    criteria: Json  # the SSC
    votes: Json  # in how many readings each finding was found; nothing where there was one reading only
    conflicts: Json  # findings of different readings that cannot both be right
    resolutions: Json  # what became of each definition that is left to a cited work
    attempts: Json  # text that addresses a reader or a model, never used
    usage: Json  # questions to models: tokens, seconds, cost per role


class RunResult(TypedDict):
    """`paperfilter run --json`."""

    format: str
    run: str
    criteria: Json
    binding: Json
    cutflow: Json
    comparison: Json
    coding: Json  # the attempts of a model coder and what they took; nothing where the compiler wrote the code
    report: str | None
    matched: bool | None


def describe_extraction(folder: Path) -> ExtractionResult:
    """The result of an extraction in a run folder. Raises RunFolderError when the run did not come that far."""
    document = load_artefact(folder / artefacts.DOCUMENT, Document)
    findings = load_artefact(folder / artefacts.FINDINGS, tuple[Finding, ...])
    evidence = load_artefact(folder / artefacts.EVIDENCE, tuple[Evidence, ...])
    coverage = load_artefact(folder / artefacts.COVERAGE, Coverage)
    consensus, resolved = (read_json(folder / name) for name in (artefacts.CONSENSUS, artefacts.RESOLUTIONS))
    about = document.model_dump(mode="json", include={"document_id", "sha256", "title", "n_pages", "hidden", "remarks"})
    return ExtractionResult(
        format="paperfilter-extraction/1",
        run=str(folder),
        document=about,
        findings=[
            {**f.model_dump(mode="json"), "evidence": e.model_dump(mode="json"), "grounded": e.grounded}
            for f, e in zip(findings, evidence, strict=True)
        ],
        coverage={
            "thresholds": coverage.model_dump(mode="json")["thresholds"],
            "n_unclaimed": len(coverage.unclaimed),
        },
        placements=read_json(folder / artefacts.PLACEMENTS),
        criteria=read_json(folder / artefacts.CRITERIA_JSON),
        votes=_take(consensus, "votes"),
        conflicts=_take(consensus, "conflicts"),
        resolutions=_take(resolved, "resolutions"),
        attempts=read_json(folder / artefacts.ATTEMPTS),
        usage=read_json(folder / artefacts.USAGE),
    )


def _take(content: Json, name: str) -> Json:
    return content.get(name) if isinstance(content, dict) else None


def describe_run(folder: Path) -> RunResult:
    """The result of a run: what it has come to, nothing where a step was not asked for."""
    comparison = read_json(folder / artefacts.COMPARISON)
    matched = comparison.get("matched") if isinstance(comparison, dict) else None
    report = folder / artefacts.REPORT_HTML
    coding = read_json(folder / artefacts.CODING)
    if isinstance(coding, dict):
        matched = coding.get("ended") == "matched" and matched is not False
    return RunResult(
        format="paperfilter-run-result/1",
        run=str(folder),
        criteria=read_json(folder / artefacts.CRITERIA_JSON),
        binding=read_json(folder / artefacts.BINDING),
        cutflow=read_json(folder / artefacts.CUTFLOW),
        comparison=comparison,
        coding=coding,
        report=str(report) if report.is_file() else None,
        matched=matched if isinstance(matched, bool) else None,
    )


def read_json(path: Path) -> Json:
    """The content of one of our own JSON files, nothing where it is not there."""
    content: Json = json.loads(path.read_bytes()) if path.is_file() else None
    return content
