"""What a person decided about findings that no gold criterion states.

A judgement is of a finding with its meaning and page, and also of one that says the same in other words, by the rules
of matching (`benchmarks.matching`): judgements of one reader's findings serve for those of another.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML

from benchmarks.gold import GoldCriterion
from benchmarks.matching import states
from schemas.errors import UsageError
from schemas.finding import Finding, Ramp
from schemas.model import Model

JUDGEMENTS = Path(__file__).parent / "judgements"


class Judgement(Model):
    """A verdict on a finding, known by its meaning and page."""

    subject: str
    variable: str
    operator: str
    value: float | tuple[float, ...] | tuple[str, ...] | str | None = None
    unit: str | None = None
    page: int
    verdict: bool
    reason: str


_LIST = TypeAdapter(tuple[Judgement, ...])


def load_judgements(directory: Path = JUDGEMENTS) -> dict[str, tuple[Judgement, ...]]:
    """The judgements of each paper, by the paper's name. Raises UsageError for a malformed file."""
    lists = {}
    for path in sorted(directory.glob("*.yaml")):
        try:
            lists[path.stem] = _LIST.validate_python(YAML(typ="safe").load(path) or ())
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise UsageError(f"judgements {path.name}, entry {place}: {first['msg']}; correct the file") from error
    return lists


def find_verdict(finding: Finding, judgements: Sequence[Judgement]) -> Judgement | None:
    """The judgement of a finding with this meaning on this page, if there is one; else of one that says the same."""
    meaning = describe(finding)
    exact = next((j for j in judgements if _meaning(j) == meaning), None)
    return exact or next((j for j in judgements if states(finding, _make_criterion(j))), None)


def describe(finding: Finding) -> tuple[object, ...]:
    """The meaning by which a finding is known: subject, variable, operator, value, unit, page."""
    value: object = finding.value
    if isinstance(value, Ramp):
        value = tuple(n for point in zip(value.x, value.y, strict=False) for n in point)
    plain = tuple(value) if isinstance(value, list | tuple) else value
    return finding.subject, finding.variable, finding.operator, plain, finding.unit, finding.page


def _meaning(judgement: Judgement) -> tuple[object, ...]:
    j = judgement
    return j.subject, j.variable, j.operator, j.value, j.unit, j.page


@lru_cache(maxsize=4096)
def _make_criterion(judgement: Judgement) -> GoldCriterion:
    """What the judged finding states, as kept: judgements do not say what happens to what fulfils them."""
    named = judgement.model_dump(include={"subject", "variable", "operator", "unit"})
    more = {"id": "judged", "stage": "event", "value": judgement.value, "pages": (judgement.page,)}
    return GoldCriterion.model_validate({**named, **more, "numeric": True, "executable": True})


def judge(
    findings: Sequence[Finding], paper: str, judgements: Mapping[str, Sequence[Judgement]]
) -> tuple[tuple[Finding, Judgement | None], ...]:
    """Each finding with its judgement."""
    return tuple((f, find_verdict(f, judgements.get(paper, ()))) for f in findings)
