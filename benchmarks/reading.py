"""The reader under test: a paper's PDF, or findings that were written down earlier, as a Reading."""

from pathlib import Path
from time import perf_counter

from pydantic import TypeAdapter, ValidationError

from benchmarks.extraction import Reading
from schemas.errors import UsageError
from schemas.finding import Finding

_FINDINGS = TypeAdapter(tuple[Finding, ...])


def read_with_rules(paper: str, pdf: Path) -> Reading:
    """The rule reader's findings of a PDF, with the seconds that the text and the findings took."""
    from extract.rules.reader import read_findings
    from papers.read import read_paper

    if not pdf.is_file():
        raise UsageError(f"no PDF '{pdf.name}' for {paper}; give the folder of the PDFs with --pdf")
    start = perf_counter()
    document = read_paper(pdf)
    between = perf_counter()
    findings = read_findings(document)
    end = perf_counter()
    return Reading(paper=paper, findings=tuple(findings), seconds_text=between - start, seconds_findings=end - between)


def load_findings(paper: str, path: Path) -> Reading:
    """Findings from a JSON list, as any reader writes them. Raises UsageError when the file does not hold findings."""
    try:
        return Reading(paper=paper, findings=_FINDINGS.validate_json(path.read_bytes()))
    except (OSError, ValidationError) as error:
        raise UsageError(f"no findings in '{path.name}': {str(error).splitlines()[0]}") from error
