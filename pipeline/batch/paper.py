"""One paper of a batch: its commands one after the other, and what became of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from pipeline import artefacts, gate
from pipeline.batch.child import Outcome
from pipeline.batch.folder import BatchFolder
from pipeline.batch.orders import Order, order_extraction, order_rest
from pipeline.batch.plan import Job, find_signed, sign
from pipeline.batch.records import Counts, PaperStatus, State
from pipeline.batch.usage import read_usage
from pipeline.clock import note_time
from pipeline.reading import count_cuts
from pipeline.run_store import BATCH_VARIABLE, load_artefact
from schemas.criteria import SelectionCriteria
from schemas.errors import (
    EXIT_INTERRUPTED,
    EXIT_MISMATCH,
    EXIT_OK,
    CriteriaError,
    LibraryError,
    OpenQuestions,
    PaperError,
    RunFolderError,
)
from schemas.evidence import Evidence

PASSING = ("TimeLimit", "MemoryLimit", LibraryError.__name__)  # exit code 3, and not because of the paper's content

Call = Callable[[list[str], Mapping[str, str]], Awaitable[Outcome]]  # a command and its environment


async def do_paper(job: Job, order: Order, batch: BatchFolder, call: Call) -> PaperStatus:
    """Where the paper stands after its commands; not written yet."""
    began, since = time.monotonic(), time.time()
    signature = sign(batch.record.identity, job.entry, job.status.extraction)
    environment = {BATCH_VARIABLE: signature}
    code = batch.find_code(job.entry.key) if order.until == "codegen" and not _is_paper(job) else None
    run = job.run
    if _is_paper(job) and run is None:
        outcome = await call(order_extraction(job.entry, order), environment)
        run = _read_run(outcome)
    else:
        outcome = Outcome(EXIT_OK, {}, None, None, "", 0.0)
    if outcome.code == EXIT_OK:
        command = order_rest(job.entry, order, run, code)
        if command is not None:
            outcome = await call(command, environment)
            run = _read_run(outcome) or run
    return await asyncio.to_thread(_judge, job, order, outcome, run, code, since, began, signature)


def _judge(
    job: Job,
    order: Order,
    outcome: Outcome,
    run: Path | None,
    code: Path | None,
    since: float,
    began: float,
    signature: str,
) -> PaperStatus:
    if run is None:  # a command that failed does not say where it worked
        known = find_signed(order.runs, signature.split("/")[0], since - 1).get(signature)
        run = known.path if known is not None else None
    state = _name_state(outcome, order)
    status = job.status
    if state == "waiting":
        return status.model_copy(update={"state": state, "run": str(run) if run else None, "problem": "interrupted"})
    return status.model_copy(
        update={
            "state": state,
            "exit_code": outcome.code,
            "problem": outcome.problem if outcome.code != EXIT_OK else None,
            "final": outcome.code == PaperError.exit_code and outcome.kind not in PASSING,
            "run": str(run) if run is not None else None,
            "analysis": str(code) if code is not None and code.is_file() else None,
            "finished": note_time(),
            "seconds": round(time.monotonic() - began, 2),
            "counts": _count(run) if run is not None else Counts(),
            "usage": read_usage(run, status.usage) if run is not None else status.usage,
        }
    )


def _name_state(outcome: Outcome, order: Order) -> State:
    if outcome.code == EXIT_INTERRUPTED:
        return "waiting"
    if outcome.code == EXIT_OK or (outcome.code == EXIT_MISMATCH and order.until == "run"):
        return "done"
    return "questions" if outcome.kind == OpenQuestions.__name__ else "failed"


def _count(run: Path) -> Counts:
    """What the artefacts of a run say; nothing where it did not come that far or they are not what they should be."""
    counts = Counts()
    try:
        evidence = load_artefact(run / artefacts.EVIDENCE, tuple[Evidence, ...])
        counts = Counts(findings=len(evidence), grounded=sum(e.grounded for e in evidence))
        criteria = load_artefact(run / artefacts.CRITERIA_JSON, SelectionCriteria)
        return counts.model_copy(update={"cuts": count_cuts(criteria), "questions": len(gate.list_open(criteria))})
    except (RunFolderError, CriteriaError, ValidationError):
        return counts


def _read_run(outcome: Outcome) -> Path | None:
    run = outcome.result.get("run")
    return Path(run) if isinstance(run, str) else None


def _is_paper(job: Job) -> bool:
    return job.entry.kind in ("paper", "identifier")
