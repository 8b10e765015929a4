"""Attempts of a coder in the run folder: `coding/attempt-NN/`, each with everything that was asked, written and run.

`attempt.json` is written last: a folder that has it is finished and is not done again, as long as what the loop starts
from is the same (`task.json`). Others are done again; their calls are in the cache of replies.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from pipeline import artefacts
from pipeline.coding_calls import keep_call
from pipeline.coding_log import ATTEMPT, FUNCTIONS, name_attempt, write_logs
from pipeline.files import explain, remove_leftovers, write_atomically
from pipeline.models.config import Price
from pipeline.terminal import encode_json
from schemas.coding import Attempt, CodingRecord
from schemas.errors import RunFolderError
from schemas.model import Model

if TYPE_CHECKING:
    from codegen.coder.task import CodingState, Exchange, Round

FOLDER = "coding"
TASK = "task.json"
FEEDBACK = "feedback.md"
INSTRUCTION = "instruction.md"
ACCEPTANCE = "acceptance.json"
RESULTS = "results"  # what the program left


M = TypeVar("M", bound=Model)


class TaskRecord(Model):
    """What the loop starts from: label -> digest or setting."""

    inputs: dict[str, str]


class CodingStore:
    """The attempts of one run."""

    def __init__(self, run: Path, inputs: Mapping[str, str]) -> None:
        """Attempts that were made from other inputs are removed. Raises RunFolderError."""
        self.folder = run / FOLDER
        record = TaskRecord(inputs=dict(inputs))
        if _load(self.folder / TASK, TaskRecord) != record:
            with explain(self.folder):
                if self.folder.is_dir():
                    shutil.rmtree(self.folder)
                self.folder.mkdir(parents=True)
            write_atomically(self.folder / TASK, record.model_dump_json(indent=1) + "\n")
        remove_leftovers(self.folder)

    def find(self, number: int) -> Path:
        """The folder of an attempt, made if it is not there."""
        folder = self.folder / name_attempt(number)
        with explain(folder):
            folder.mkdir(exist_ok=True)
        return folder

    def clear_results(self, number: int, name: str = RESULTS) -> Path:
        """An empty folder in that of an attempt, for what its program leaves."""
        results = self.find(number) / name
        with explain(results):
            shutil.rmtree(results, ignore_errors=True)
            results.mkdir()
        return results

    def load(self, rounds: int) -> "CodingState":
        """The attempts that are finished, no more than `rounds`, with the code and the feedback they end with."""
        from codegen.coder.task import Acceptance, CodingState

        state = CodingState(attempts=())
        for number in range(1, rounds + 1):
            folder = self.folder / name_attempt(number)
            attempt = _load(folder / ATTEMPT, Attempt)
            if attempt is None or attempt.number != number:
                break
            state["attempts"] += (attempt,)
            state["feedback"] = _read(folder / FEEDBACK)
            if (folder / FUNCTIONS).is_file():
                state["functions"] = _read(folder / FUNCTIONS)
            state["acceptance"] = _load(folder / ACCEPTANCE, Acceptance)
            if attempt.accepted:
                break
        return state

    def keep_exchange(self, number: int, place: int, exchange: "Exchange", model: str, price: Price | None) -> None:
        """Write down a question of an attempt and its reply."""
        keep_call(
            self.find(number), place, exchange.request, exchange.reply, model=model, price=price,
            failure=exchange.failure,
        )  # fmt: skip

    def keep(self, last: "Round") -> None:
        """Write down a finished attempt; `attempt.json` comes last."""
        attempt = last.attempt
        folder = self.find(attempt.number)
        texts = {
            INSTRUCTION: last.instruction, FEEDBACK: last.feedback, FUNCTIONS: last.functions,
            artefacts.ANALYSIS: last.program,
        }  # fmt: skip
        for name, text in texts.items():
            _write(folder / name, text)
        models: Mapping[str, Model | None] = {
            artefacts.EXECUTION: attempt.execution, artefacts.CUTFLOW: last.cutflow,
            artefacts.COMPARISON: attempt.comparison, "explanation.json": attempt.explanation,
            ACCEPTANCE: last.acceptance,
        }  # fmt: skip
        for name, model in models.items():
            _write(folder / name, model.model_dump_json(indent=1) + "\n" if model is not None else None)
        guard = encode_json([o.model_dump(mode="json") for o in attempt.offences])
        write_atomically(folder / "guard.json", guard + "\n")
        write_atomically(folder / ATTEMPT, attempt.model_dump_json(indent=1) + "\n")
        write_logs(self.folder)

    def finish(self, record: CodingRecord) -> None:
        """Write the logs with how the loop ended."""
        write_logs(self.folder, record)


def find_program(folder: Path, record: CodingRecord) -> Path | None:
    """The program that a loop ends with: the accepted one, else the last that ran, else the last there is."""
    attempts = sorted(record.attempts, key=lambda a: (a.accepted, a.comparison is not None, a.number), reverse=True)
    paths = [folder / FOLDER / name_attempt(a.number) / artefacts.ANALYSIS for a in attempts]
    return next((path for path in paths if path.is_file()), None)


def _write(path: Path, text: str | None) -> None:
    if text is None:
        with explain(path):
            path.unlink(missing_ok=True)
    else:
        write_atomically(path, text)


def _load(path: Path, kind: type[M]) -> M | None:
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunFolderError(f"cannot read {path}: {error}; start a new run") from error
