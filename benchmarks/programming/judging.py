"""What the last program of a run does with events that it never met: held-out files, and witness events."""

import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.programming.outcome import Decided
from benchmarks.programming.subjects import Subject
from pipeline import artefacts
from pipeline.coding_services import FILLINGS
from schemas.cutflow import Cutflow
from schemas.errors import AnalysisFailed, CriteriaError
from schemas.execution import Execution, Limits
from schemas.verdict import Verdict, list_wrong

if TYPE_CHECKING:
    from codegen.witness.collecting import WitnessSet
    from codegen.witness.search import Tell

DEFINITION = "definition"  # owner of what the criteria name and cuts use


class Ran(NamedTuple):
    """A program that ran over files; `cutflow` is None when it did not finish, or what it wrote cannot be used."""

    execution: Execution
    cutflow: Cutflow | None
    stored: str  # the text of its candidates.csv


class Judge:
    """Judges programs for one analysis. Witness events are searched once, which takes up to some minutes."""

    def __init__(self, subject: Subject, limits: Limits, found: "WitnessSet | None") -> None:
        """`found` is None where the criteria have no witness events."""
        self._subject = subject
        self._limits = limits
        self._found = found

    @cached_property
    def parts(self) -> dict[str, str]:
        """What witness events can show to be wrong, by the name of the part: owner/part."""
        return list_parts(self._found) if self._found is not None else {}

    def decide_all(self) -> tuple[Decided, ...]:
        """What a program decides that is right in every witness event."""
        return tuple(Decided(cut=name, right=True) for name in self.parts.values())

    def decide_nothing(self) -> tuple[Decided, ...]:
        """What a run without a program decides."""
        return tuple(Decided(cut=name, right=False) for name in self.parts.values())

    def keeps_held_out(self, source: str) -> bool:
        """Whether a program has the baseline's events on the held-out files, with the weights of the files.

        Raises SandboxUnavailable.
        """
        from codegen.coder.acceptance import judge_held_out
        from codegen.coder.framing import find_forged, find_other_weights

        subject = self._subject
        ran = self.run(source, tuple(subject.files.held_out))
        if ran.cutflow is None or find_forged(source, ran.cutflow):
            return False
        same = judge_held_out(ran.cutflow, subject.held_out_cutflow, subject.loop_cutflow).same
        return same and not find_other_weights(ran.cutflow, subject.held_out_cutflow)

    def decide(self, source: str) -> tuple[Decided, ...]:
        """Which parts of the criteria a program decides rightly in all witness events, however these are filled; none
        for one that fails on them. Raises SandboxUnavailable."""
        if self._found is None:
            return ()
        wrong: set[str] = set()
        for filling in FILLINGS:
            verdicts = self._examine(self._found, source, filling)
            if verdicts is None:
                return self.decide_nothing()
            wrong |= {verdict.item for verdict in list_wrong(verdicts)}
        return tuple(Decided(cut=name, right=item not in wrong) for item, name in self.parts.items())

    def _examine(self, found: "WitnessSet", source: str, filling: int) -> Sequence[Verdict] | None:
        """Verdicts on every part; None for a program that does not finish, or writes nothing usable."""
        from codegen.coder.acceptance import judge_witnesses
        from pipeline.witnessing import write_witnesses

        with tempfile.TemporaryDirectory(prefix="paperfilter-") as folder:
            ran = self.run(source, (write_witnesses(found, Path(folder), filling),))
        if ran.cutflow is None:
            return None
        return judge_witnesses(found, ran.cutflow, ran.stored, filling).verdicts or None

    def run(self, source: str, files: Sequence[Path]) -> Ran:
        """A program over files, in the sandbox."""
        from codegen.outputs import read_cutflow
        from codegen.sandbox import run_sandboxed
        from pipeline.witnessing import read_text

        with tempfile.TemporaryDirectory(prefix="paperfilter-") as name:
            folder = Path(name)
            execution = run_sandboxed(source, [], files, folder, self._limits)
            if execution.outcome != "ok":
                return Ran(execution, None, "")
            try:
                return Ran(
                    execution, read_cutflow(folder / artefacts.CUTFLOW), read_text(folder / artefacts.CANDIDATES)
                )
            except AnalysisFailed:
                return Ran(execution, None, "")


def list_parts(found: "WitnessSet") -> dict[str, str]:
    """Everything that witness events tell from a mistake in it: name -> owner/name. Cuts, candidates and overlap
    removals come first, then definitions."""
    from codegen.witness.differences import mark_steps
    from codegen.witness.judging import judge, list_items

    interpreter = found.interpreter
    right = [mark_steps(interpreter, interpreter.run(witness.event)) for witness in found.witnesses]
    verdicts = judge(interpreter, found.witnesses, found.unreached, right, found.killed)
    parts = {v.item: f"{v.owner}/{v.item}" for v in verdicts if v.verdict == "implemented"}
    known = {item.name for item in list_items(interpreter)}
    others = sorted({mutant.item for mutant in found.killed} - known)
    return parts | {name: f"{DEFINITION}/{name}" for name in others}


def find_judge(subject: Subject, limits: Limits, tell: "Tell") -> Judge:
    """The judge of an analysis, with its witness events: searched now, unless they are in the cache already."""
    from pipeline.witness_cache import find_witnesses

    try:
        found, _ = find_witnesses(subject.criteria, subject.profile, tell)
    except CriteriaError:  # stated in words
        return Judge(subject, limits, None)
    return Judge(subject, limits, found if found.witnesses else None)
