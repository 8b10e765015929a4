"""What a program around a coder's functions says about their work: the branches that they read, and what each step did.

    {"format": "paperfilter-selection/1",
     "branches_read": ["lep_pt", ...],
     "not_found": ["lep_pT"],              names that were asked for and are not there, whatever became of it
     "steps": {"two_leptons": {"passed": 412, "read_before": ["lep_pt", ...]}}}

`passed` counts the events of all files that the step alone lets pass; `read_before` are the branches that were read
when the step was added.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from codegen.outputs import load_json
from schemas.errors import AnalysisFailed
from schemas.model import Model

ACCOUNT = "selection.json"  # beside cutflow.json
MOST_BYTES = 16 * 1024**2

Name = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Names = Annotated[tuple[Name, ...], Field(max_length=20_000)]


class StepAccount(Model):
    """One step: how many events pass it by itself, and what was read before it was added."""

    passed: int = Field(ge=0)
    read_before: Names = ()


class SelectionAccount(Model):
    """What the functions read and decided, in all files together."""

    format: Literal["paperfilter-selection/1"]
    branches_read: Names
    not_found: Names
    steps: Annotated[dict[Name, StepAccount], Field(max_length=10_000)]


def read_account(path: Path) -> SelectionAccount:
    """What is in a `selection.json`, which generated code wrote and may have forged.

    Raises AnalysisFailed with one clear line for a file that is missing, too large, or anything else.
    """
    load_json(path, MOST_BYTES)
    try:
        return SelectionAccount.model_validate_json(path.read_bytes(), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(ascii(part)[:60] for part in first["loc"])
        raise AnalysisFailed(f"{path.name} is no account of a selection: {place}: {first['msg'][:200]}") from None
