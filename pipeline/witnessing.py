"""Witness events of criteria, written to a file, and any program run on them in the sandbox."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.criteria import SelectionCriteria
from schemas.errors import AnalysisFailed, CriteriaError, PaperfilterError
from schemas.model import Model
from schemas.verdict import Verdict

if TYPE_CHECKING:
    from codegen.witness.collecting import WitnessSet

TABLE = "witnesses.md"
MOST_TEXT = 16 * 1024**2


class WitnessLine(Model):
    """One witness event: which one it is, what it is for, what it shows, and the compared values."""

    event: int
    item: str
    shows: str
    values: str
    last_step: dict[str, str]  # by region, what a right program gives


class WitnessReport(Model):
    """What a program does with the witness events. `problem` is set when it wrote nothing usable."""

    analysis: str
    profile: str
    code: str
    file: str
    events: int
    verdicts: tuple[Verdict, ...] = ()
    problem: str | None = None
    witnesses: tuple[WitnessLine, ...] = ()

    @property
    def right(self) -> bool:
        """Whether every cut that can be witnessed is implemented."""
        return self.problem is None and all(v.verdict in ("implemented", "not witnessed") for v in self.verdicts)

    def count(self) -> dict[str, int]:
        """How many cuts there are of each verdict."""
        return dict(Counter(v.verdict for v in self.verdicts))


def write_witnesses(found: "WitnessSet", folder: Path, filling: int = 0) -> Path:
    """The witness events as a file of their format, and a table of them; gives the path of the file.

    Fillings differ in the order of events, their keys, and what no criterion reads.
    """
    from codegen.witness.filling import number_events
    from codegen.witness.writing import write_events
    from pipeline.files import write_atomically

    folder.mkdir(parents=True, exist_ok=True)
    profile = found.layout.profile
    path = folder / ("witness.jsonl" if profile.reader == "jsonl" else "witness.root")
    write_events(path, found.layout, [w.event for w in found.witnesses], filling)
    numbers = number_events(len(found.witnesses), filling)
    rows = ["| event | number in the file | cut | shows | values | last step |", "|---|---|---|---|---|---|"]
    for line in list_lines(found):
        steps = ", ".join(f"{region}: {step}" for region, step in line.last_step.items())
        rows.append(
            f"| {line.event} | {numbers[line.event - 1]} | {_cell(line.item)} | {_cell(line.shows)} | "
            f"{_cell(line.values)} | {_cell(steps)} |"
        )
    write_atomically(folder / TABLE, "\n".join(rows) + "\n")
    return path


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def list_lines(found: "WitnessSet") -> list[WitnessLine]:
    """The witness events in words."""
    interpreter = found.interpreter
    lines = []
    for k, witness in enumerate(found.witnesses, start=1):
        last = interpreter.run(witness.event).last
        steps = {
            region: "(not in the region)" if at < 0 else ["initial", *(n for n, _ in interpreter.steps[region])][at]
            for region, at in last.items()
        }
        lines.append(
            WitnessLine(event=k, item=witness.item, shows=witness.shows, values=witness.values, last_step=steps)
        )
    return lines


def compile_for(criteria: SelectionCriteria, found: "WitnessSet", folder: Path) -> Path:
    """Freshly compiled code for the witness file."""
    from codegen.compile import compile_analysis
    from pipeline.files import write_atomically

    path = folder / "analysis.py"
    write_atomically(path, compile_analysis(criteria, found.layout.profile).source)
    return path


def examine(found: "WitnessSet", code: Path, data: Path, folder: Path, *, unsafe: bool) -> WitnessReport:
    """Run a program on the witness events and judge what it writes.

    Code that crashes or writes nonsense is a report with a `problem`. Raises SandboxUnavailable and RunFolderError.
    """
    from codegen.outputs import read_cutflow
    from codegen.sandbox import run_sandboxed
    from codegen.witness.judging import judge, read_marks, read_outputs
    from pipeline.running import OUTCOMES

    report = WitnessReport(
        analysis=found.interpreter.checked.criteria.analysis.slug,
        profile=found.layout.profile.name,
        code=str(code),
        file=str(data),
        events=len(found.witnesses),
        witnesses=tuple(list_lines(found)),
    )
    out = folder / "out"
    out.mkdir(parents=True, exist_ok=True)
    execution = run_sandboxed(code, [], [data], out, unsafe_no_sandbox=unsafe)
    if execution.outcome != "ok":
        last = next((t.strip() for t in reversed(execution.stderr.splitlines()) if t.strip()), "no message")
        what = OUTCOMES.get(execution.outcome, execution.outcome)
        return report.model_copy(update={"problem": f"{code.name} {what}: {last[:300]}"})
    try:
        cutflow = read_cutflow(out / "cutflow.json")
        stored = read_outputs(read_text(out / "candidates.csv"), found.interpreter)
        marks = read_marks(cutflow, found.interpreter, len(found.witnesses), stored)
    except (AnalysisFailed, CriteriaError, ValueError, IndexError) as error:
        return report.model_copy(update={"problem": f"{code.name}: {_first_line(error)}"})
    if cutflow.n_events != len(found.witnesses):
        seen = f"{cutflow.n_events} of {len(found.witnesses)} witness events"
        return report.model_copy(update={"problem": f"{code.name}: its cutflow counts {seen}"})
    verdicts = judge(found.interpreter, found.witnesses, found.unreached, marks, [*found.killed])
    return report.model_copy(update={"verdicts": tuple(verdicts)})


def read_text(path: Path) -> str:
    """The text of a file that a program may have written; empty where there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")[:MOST_TEXT]
    except OSError:
        return ""


def _first_line(error: Exception) -> str:
    text = str(error) if isinstance(error, PaperfilterError) else f"its cutflow cannot be used: {error}"
    return text.splitlines()[0][:300] if text else type(error).__name__


def describe_verdict(verdict: Verdict) -> str:
    """What is wrong with one cut, on one line."""
    if verdict.verdict == "not witnessed":
        return verdict.detail
    parts: Sequence[str] = ()
    if verdict.event is not None:
        shows = f" ({verdict.shows}{': ' + verdict.values if verdict.values else ''})"
        what = "last step " if verdict.region is not None else ""
        parts = (f"event {verdict.event}{shows}: expected {what}{verdict.expected}, found {verdict.found}",)
    if verdict.likely:
        parts = (*parts, "looks like " + " or ".join(verdict.likely))
    if verdict.consequence_of:
        parts = (*parts, f"perhaps only a consequence of {verdict.consequence_of}")
    return "; ".join(p for p in (verdict.detail, *parts) if p)
