"""Names of the files in a run folder."""

DOCUMENT = "document.json"
FINDINGS = "findings.json"
EVIDENCE = "evidence.json"
COVERAGE = "coverage.json"
PLACEMENTS = "placements.json"  # where each finding ended
CRITERIA = "criteria.yaml"  # the SSC, for people: the file to edit
CRITERIA_JSON = "criteria.json"  # the same for programs
ACCEPTED = "accepted.yaml"  # the SSC that went into code: no open question, nothing ungrounded
ANALYSIS = "analysis.py"
BINDING = "binding.json"  # what was compiled and what the format cannot evaluate
EXECUTION = "execution.json"
CUTFLOW = "cutflow.json"
HISTOGRAMS = "histograms.json"
CANDIDATES = "candidates.csv"  # selected events: key, channel, weight, outputs
BASELINE = "baseline.json"  # the baseline's cutflow
COMPARISON = "comparison.json"
FIGURES = "figures.json"  # what was drawn
REPORT_HTML = "report.html"
REPORT_MARKDOWN = "report.md"

REPORTED = (
    DOCUMENT, EVIDENCE, COVERAGE, ACCEPTED, CUTFLOW, EXECUTION, BASELINE, COMPARISON, FIGURES,
)  # fmt: skip
