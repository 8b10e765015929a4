"""Names of the files in a run folder."""

DOCUMENT = "document.json"
READINGS = "readings.json"  # what each reader made of the paper
CONSENSUS = "consensus.json"  # all readings merged by meaning: votes and conflicts
BIBLIOGRAPHY = "bibliography.json"  # cited works and the places that cite them
RESOLUTIONS = "resolutions.json"  # what became of each definition that is left to a cited work
USAGE = "usage.json"  # model calls: tokens, seconds, cost per role
DELEGATIONS = "delegations.json"  # definitions that the text leaves to cited works
ATTEMPTS = "attempts.json"  # text that addresses a reader or a model
FINDINGS = "findings.json"
EVIDENCE = "evidence.json"
PROOFS = "proofs.json"  # the evidence of every finding of every reading
COVERAGE = "coverage.json"
PLACEMENTS = "placements.json"  # where each finding ended
CRITERIA = "criteria.yaml"  # the SSC, for people: the file to edit
ASSEMBLED = "assembled.json"  # the SSC before anybody edited it: what the readers found, and only that
CRITERIA_JSON = "criteria.json"  # the same for programs
HISTORY = "review/history.jsonl"  # what people did in a review, one line per revision
ACCEPTED = "accepted.yaml"  # the SSC that went into code: no open question, nothing ungrounded
ANALYSIS = "analysis.py"
CODING = "coding.json"  # how a model's attempts at the code went; each has its folder in coding/
BINDING = "binding.json"  # what was compiled and what the format cannot evaluate
EXECUTION = "execution.json"
CUTFLOW = "cutflow.json"
HISTOGRAMS = "histograms.json"
CANDIDATES = "candidates.csv"  # selected events: key, channel, weight, outputs
BASELINE = "baseline.json"  # the baseline's cutflow
COMPARISON = "comparison.json"
EXPLANATION = "explanation.json"  # of a mismatch: where, which events, likely causes
FIGURES = "figures.json"  # what was drawn
REPORT_HTML = "report.html"
REPORT_MARKDOWN = "report.md"

REVIEWED = (CRITERIA, ASSEMBLED, HISTORY)  # what the criteria of a run are read from
REPORTED = (
    DOCUMENT, EVIDENCE, COVERAGE, ACCEPTED, BINDING, CUTFLOW, EXECUTION, BASELINE, COMPARISON, EXPLANATION, FIGURES,
    READINGS, CONSENSUS, FINDINGS, RESOLUTIONS, ATTEMPTS, PROOFS, CODING,
)  # fmt: skip
