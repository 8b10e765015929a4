"""The comprehensive log of a model coder: everything that was asked, answered, written and run, from top to bottom.

It is made from the files of the attempts alone (`attempt.json`, `functions.py`, the calls), so it can be written again
at any time, after a resume for example, and comes out the same. Text of models and of programs is fenced, names are
escaped, control characters are stripped; a long text is cut, with a note where all of it is.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from codegen.coder.classes import find_rule
from codegen.coder.task import Acceptance
from codegen.explaining.words import write_for_person
from pipeline.coding_calls import KeptCall, load_calls, word_call
from pipeline.coding_validation import render_validation, word_end
from pipeline.files import explain, write_atomically
from pipeline.markdown import escape, fence_text
from pipeline.run_store import load_artefact
from schemas.coding import Attempt, CodingRecord
from schemas.execution import Execution

LOG = "log.md"
VALIDATION = "validation.md"
ATTEMPT = "attempt.json"
FUNCTIONS = "functions.py"
ACCEPTANCE = "acceptance.json"
EXPLANATION = "explanation.json"
LARGEST = 2_000_000  # bytes of the functions that are read


class KeptAttempt(NamedTuple):
    """An attempt as its folder has it."""

    folder: str
    attempt: Attempt
    calls: tuple[KeptCall, ...]
    functions: str | None
    acceptance: Acceptance | None  # None: it did not come that far


def name_attempt(number: int) -> str:
    """The folder of an attempt: `attempt-01`."""
    return f"attempt-{number:02d}"


def load_attempts(coding: Path) -> tuple[KeptAttempt, ...]:
    """Every attempt that came to its end, in order. Raises RunFolderError for damaged files."""
    folders = (path.parent for path in coding.glob(f"attempt-*/{ATTEMPT}"))
    return tuple(sorted((_load_attempt(folder) for folder in folders), key=lambda kept: kept.attempt.number))


def write_logs(coding: Path, record: CodingRecord | None = None) -> None:
    """Write `log.md` and `validation.md` into the folder that holds the attempts.

    `record` is how the loop ended, once it has. Raises RunFolderError.
    """
    attempts = load_attempts(coding)
    write_atomically(coding / LOG, render_log(attempts, record))
    write_atomically(
        coding / VALIDATION, render_validation([(kept.attempt, kept.acceptance) for kept in attempts], record)
    )


def render_log(attempts: tuple[KeptAttempt, ...], record: CodingRecord | None = None) -> str:
    """The whole loop as Markdown."""
    return "\n\n".join(_lines(attempts, record)) + "\n"


def _load_attempt(folder: Path) -> KeptAttempt:
    path = folder / FUNCTIONS
    functions = None
    if path.is_file():
        with explain(path, "read"), path.open("rb") as file:
            functions = file.read(LARGEST).decode("utf-8", "replace")
    attempt, judged = load_artefact(folder / ATTEMPT, Attempt), folder / ACCEPTANCE
    acceptance = load_artefact(judged, Acceptance) if judged.is_file() else None
    return KeptAttempt(folder.name, attempt, load_calls(folder)[: len(attempt.calls)], functions, acceptance)


def _lines(attempts: tuple[KeptAttempt, ...], record: CodingRecord | None) -> Iterator[str]:
    yield "# Coder: everything that was asked, answered, written and run"
    if record is not None:
        yield word_end(record)
    told: dict[str, str] = {}  # prompt -> where it stands, so that the guide is printed once
    for kept in attempts:
        yield from _write_attempt(kept, told)


def _write_attempt(kept: KeptAttempt, told: dict[str, str]) -> Iterator[str]:
    attempt = kept.attempt
    yield f"## Attempt {attempt.number}"
    yield word_verdict(attempt)
    for call in kept.calls:
        yield from _write_call(kept, call, told)
    if kept.functions is not None:
        yield "### Code"
        yield fence_text(kept.functions, "python", whole=f"{kept.folder}/{FUNCTIONS}")
    yield "### Guard"
    yield (
        "\n".join(
            f"- {o.kind}{f', line {o.line}' if o.line is not None else ''}: {escape(o.detail)}"
            for o in attempt.offences
        )
        or "Nothing was found that an attempt must not do."
    )
    if attempt.execution is not None:
        yield from _write_execution(attempt.execution, kept.folder)
    if attempt.comparison is not None:
        yield "### Comparison"
        yield f"{escape(attempt.comparison.summary)}\n\nEvery step is in `{VALIDATION}`."
    if attempt.explanation is not None:
        yield "### Explanation"
        yield fence_text(write_for_person(attempt.explanation), whole=f"{kept.folder}/{EXPLANATION}")


def word_verdict(attempt: Attempt) -> str:
    """Why an attempt was not accepted, and the class of its failure with the rule that gave it."""
    if attempt.accepted:
        return "**Accepted.**"
    said = f"**Not accepted**: {escape(attempt.problem or '')}"
    if attempt.failure is None:
        return said
    rule = find_rule(attempt)
    because = f": {rule.because}" if rule.failure == attempt.failure else ""  # rules may have changed since
    by = "by a model" if attempt.classified_by == "model" else f"by rules{because}"
    return f"{said}\n\nClass: **{attempt.failure}** ({by})"


def _write_call(kept: KeptAttempt, call: KeptCall, told: dict[str, str]) -> Iterator[str]:
    whole = f"{kept.folder}/{call.name}.md"
    yield f"### Call {call.number}: {call.request.role}"
    yield word_call(call)
    for message in call.request.messages:
        yield f"#### {call.request.role} was told ({message.role})"
        before = told.setdefault(message.content, whole)
        same = before != whole
        yield f"The same as in `{before}`." if same else fence_text(message.content, "markdown", whole=whole)
    if call.reply is not None:
        if call.reply.reasoning:
            yield f"#### {call.request.role} thought"
            yield fence_text(call.reply.reasoning, whole=whole)
        yield f"#### {call.request.role} answered"
        yield fence_text(call.reply.text, "markdown", whole=whole)


def _write_execution(run: Execution, folder: str) -> Iterator[str]:
    yield "### Run"
    code = "none, it was stopped" if run.exit_code is None else str(run.exit_code)
    limits = run.limits
    yield (
        f"Outcome {run.outcome}, exit code {code}, {run.seconds:.2f} s, sandbox {run.tier}. Limits: "
        f"{limits.wall_seconds:g} s, {limits.cpu_seconds} s of CPU, {limits.memory_bytes / 2**30:.3g} GiB, "
        f"{limits.processes} processes."
    )
    if run.outputs or run.refused:
        taken = [f"- `{o.name}`, {o.size} bytes, sha256 `{o.sha256}`" for o in run.outputs]
        refused = [f"- refused: {escape(r.name)}: {escape(r.reason)}" for r in run.refused]
        yield "\n".join([*taken, *refused])
    for name, text in (("stdout", run.stdout), ("stderr", run.stderr)):
        if text.strip():
            yield f"#### {name}"
            yield fence_text(text, whole=f"{folder}/execution.json")
