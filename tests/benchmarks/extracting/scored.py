"""Gold lists, findings and outcomes for tests of scoring."""

from benchmarks.contest.cells import Cell
from benchmarks.contest.contestants import Contestant
from benchmarks.contest.measures import Item, Measure
from benchmarks.extracting.outcome import ExtractOutcome
from benchmarks.extracting.scoring import Done
from benchmarks.gold import GoldCriterion, GoldList
from schemas.evidence import Evidence
from schemas.finding import Finding

MODEL = Contestant(name="m", kind="model", model="m")
Rows = tuple[list[Measure], list[Item]]


def criterion(**given: object) -> GoldCriterion:
    """A muon of more than 15 GeV on page 4, or what is given instead."""
    plain: dict[str, object] = {
        "id": "pt", "stage": "object", "subject": "muon", "variable": "pt", "operator": ">", "value": 15.0,
        "unit": "GeV", "pages": (4,), "numeric": True, "executable": True,
    }  # fmt: skip
    return GoldCriterion.model_validate(plain | given)


def finding(**given: object) -> Finding:
    """The finding that states this criterion, or what is given instead."""
    plain: dict[str, object] = {
        "id": "f", "stage": "object", "subject": "muon", "variable": "pt", "operator": ">", "value": 15.0,
        "unit": "GeV", "quote": ("pT > 15 GeV",), "page": 4, "reader": "rules",
    }  # fmt: skip
    return Finding.model_validate(plain | given)


def gold_list(*criteria: GoldCriterion, paper: str = "P") -> GoldList:
    return GoldList(paper=paper, pdf=f"{paper}.pdf", pages=(4,), criteria=criteria)


def outcome(*pairs: tuple[Finding, bool], **given: object) -> ExtractOutcome:
    """Findings, each grounded or not."""
    evidence = [
        Evidence(
            document_id="d", page=f.page, quote=f.quote, alignment="exact" if ok else "not_found", number="ok",
            unit="ok", operator="ok", polarity="ok",
        )
        for f, ok in pairs
    ]  # fmt: skip
    found = tuple(f for f, _ in pairs)
    return ExtractOutcome.model_validate({"findings": found, "evidence": tuple(evidence), **given})


def done(one: ExtractOutcome, run: int = 1, paper: str = "P") -> Done:
    return Cell(task="extract", contestant="m", subject=paper, mode="bulk", run=run), MODEL, one


def get(rows: Rows, metric: str, group: str = "", run: int = 1) -> Measure:
    (row,) = [m for m in rows[0] if (m.metric, m.group, m.run) == (metric, group, run)]
    return row


def ratio(rows: Rows, metric: str, group: str = "", run: int = 1) -> tuple[int | None, int | None]:
    row = get(rows, metric, group, run)
    return row.hits, row.of
