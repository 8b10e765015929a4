"""What a coder's loop is served with: programs run in the sandbox, the baseline's events, and acceptance."""

import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import artefacts
from pipeline.coding_store import CodingStore
from pipeline.comparing import Baseline
from pipeline.running import OUTCOMES
from schemas.criteria import SelectionCriteria
from schemas.cutflow import Cutflow, EventKey
from schemas.errors import AnalysisFailed, CriteriaError, DataError, PaperfilterError
from schemas.execution import Execution, Limits
from schemas.profile import Profile

if TYPE_CHECKING:
    from codegen.coder.acceptance import Split, Witnessed
    from codegen.coder.stored import Stored
    from codegen.coder.task import Acceptance, Ran, Values

FILLINGS = (0, 1)  # of what the criteria do not read in witness events: code must be right with both
MOST_LACKING = 5  # branches that are named


class Workshop:
    """Runs and judges what a coder wrote. Everything blocks; the loop calls it in threads."""

    def __init__(
        self,
        store: CodingStore,
        criteria: SelectionCriteria,
        profile: Profile,
        profile_name: str,
        split: "Split",
        baseline: Baseline,
        limits: Limits,
        arguments: Sequence[str],
        say: Callable[[str], None],
        *,
        unsafe: bool,
    ) -> None:
        self._store = store
        self._criteria = criteria
        self._profile = profile
        self._name = profile_name
        self._split = split
        self._against = baseline
        self._limits = limits
        self._arguments = list(arguments)
        self._say = say
        self._unsafe = unsafe
        self._compiled: list[Stored | None] = []  # empty before it is needed
        self._whole: dict[int, Cutflow] = {}  # by attempt, where one file is both loop and held out
        self.loop, self.held_out = self._load_baselines()
        self._check_held_out()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the loop."""
        return self._split.loop

    @property
    def secret(self) -> tuple[Cutflow, ...]:
        """Cutflows whose totals a coder must not know: of the loop, held out, and of both together."""
        keep = (self._whole_baseline,) if self._split.keep is not None else ()
        return (self.loop, self.held_out, *keep)

    def _load_baselines(self) -> tuple[Cutflow, Cutflow]:
        """The baseline's cutflows of the loop's events and of those held out."""
        from codegen.coder.acceptance import restrict_cutflow, settle_split

        baseline = self._whole_baseline = self._against.load(self._split.loop, self._name)
        self._split = settle_split(self._split, baseline)
        keep = self._split.keep
        if keep is None:
            return baseline, self._against.load(self._split.held_out, self._name)
        return restrict_cutflow(baseline, keep), restrict_cutflow(baseline, lambda key: not keep(key))

    def _check_held_out(self) -> None:
        """Raises DataError, before any model is asked, where nothing that is held out could decide."""
        from codegen.coder.acceptance import judge_held_out

        if judge_held_out(None, self.held_out, self.loop).events == 0:
            raise DataError(
                f"{self._split.words}: none of its events is new, the loop has them all; name a file with other events "
                "by --held-out"
            )

    def run(self, source: str, number: int) -> "Ran":
        """A program over the events of the loop."""
        from codegen.coder.acceptance import restrict_cutflow
        from codegen.coder.task import Ran

        folder = self._store.clear_results(number)
        execution, cutflow, problem = self._execute(source, self._split.loop, folder)
        if cutflow is not None and self._split.keep is not None:
            self._whole[number] = cutflow
            cutflow = restrict_cutflow(cutflow, self._split.keep)
        return Ran(execution, cutflow, problem, folder)

    def _execute(
        self, source: str, files: Sequence[Path], folder: Path
    ) -> tuple[Execution, Cutflow | None, str | None]:
        from codegen.outputs import read_cutflow
        from codegen.sandbox import run_sandboxed

        execution = run_sandboxed(source, self._arguments, files, folder, self._limits, unsafe_no_sandbox=self._unsafe)
        if execution.outcome != "ok":
            return execution, None, word_failure(execution)
        try:
            return execution, read_cutflow(folder / artefacts.CUTFLOW), None
        except AnalysisFailed as error:
            return execution, None, str(error)

    def find_values(self, source: str, keys: Collection[EventKey]) -> "Values":
        """What both sides compared in these events; nothing where a side does not say."""
        from codegen.coder.task import Values
        from codegen.explain import explain_events

        if not keys:
            return Values({}, {})
        try:
            ours = explain_events(source, keys, self._split.loop, self._limits, unsafe_no_sandbox=self._unsafe)
        except AnalysisFailed:
            ours = {}
        return Values(ours, self._against.explain(self._split.loop, keys, self._name))

    def accept(self, source: str, number: int, ran: "Ran") -> "Acceptance":
        """Whether a program that matches in the loop is right: further runs, held-out events, witness events.

        Witness events are tried even where held-out events differ: a coder may be told about them.
        """
        from codegen.coder.acceptance import decide, judge_held_out
        from codegen.coder.framing import find_forged, find_other_weights
        from codegen.coder.probes import probe

        assert ran.cutflow is not None
        self._say("the same events in other pieces and another order")
        whole = self._whole.get(number, ran.cutflow)
        folder = self._store.clear_results(number, "probes")
        offences = (
            *find_other_weights(whole, self._whole_baseline, whole=True),
            *probe(source, self._split.loop, folder, whole, self._run_probe),
        )
        if offences:
            return decide(offences, None, None)
        other = self._find_other_output(ran.folder)
        if other is not None:
            return decide((), None, None).model_copy(update={"problem": other})
        self._say("held-out events")
        shared = self.loop if self._split.keep is None else None
        found = self._find_held_out(source, number)
        if found is not None and find_forged(source, found):
            found = None
        held_out = judge_held_out(found, self.held_out, shared)
        if held_out.same and found is not None and find_other_weights(found, self.held_out):
            problem = "its events weigh something else than the files say on data outside the loop"
            held_out = held_out.model_copy(update={"same": False, "problem": problem})
        acceptance = decide((), held_out, self._witness(source, number, ran.folder))
        return acceptance.model_copy(update={"differing": held_out.differing})

    def _find_other_output(self, folder: Path) -> str | None:
        """What a program stored otherwise than the compiled one, in the loop's events; None where nothing differs, or
        the criteria do not compile."""
        from codegen.coder.stored import find_other_output, read_stored, word_other

        names = len(self._whole_baseline.regions[0].events.columns)
        if not self._compiled:
            self._compiled.append(self._run_compiled(names))
        expected = self._compiled[0]
        if expected is None:
            return None
        keep = self._split.keep or (lambda _: True)
        found = find_other_output(read_stored(folder / artefacts.CANDIDATES, names), expected, keep)
        return word_other(found) if found is not None else None

    def _run_compiled(self, names: int) -> "Stored | None":
        """What the compiled program stores for the loop's files; None where there is none, or it does not run."""
        from codegen.coder.stored import read_stored
        from codegen.compile import compile_analysis

        try:
            source = compile_analysis(self._criteria, self._profile).source
        except CriteriaError:  # stated in words
            return None
        with tempfile.TemporaryDirectory(prefix="paperfilter-") as folder:
            _, cutflow, _ = self._execute(source, self._split.loop, Path(folder))
            return read_stored(Path(folder, artefacts.CANDIDATES), names) if cutflow is not None else None

    def _run_probe(
        self, source: str, arguments: Sequence[str | Path], files: Sequence[Path], folder: Path
    ) -> Execution:
        from codegen.sandbox import run_sandboxed

        return run_sandboxed(source, arguments, files, folder, self._limits, unsafe_no_sandbox=self._unsafe)

    def _find_held_out(self, source: str, number: int) -> Cutflow | None:
        """The program's cutflow of the held-out events; None when it does not finish on them."""
        from codegen.coder.acceptance import restrict_cutflow

        keep = self._split.keep
        if keep is not None:
            return restrict_cutflow(self._whole[number], lambda key: not keep(key))
        folder = self._store.clear_results(number, "held-out")
        return self._execute(source, self._split.held_out, folder)[1]

    def _witness(self, source: str, number: int, loop: Path) -> "Witnessed | None":
        """What the program does with the witness events; None where the criteria have none. `loop` is what it left."""
        from codegen.coder.acceptance import judge_witnesses
        from pipeline.witness_cache import find_witnesses
        from pipeline.witnessing import read_text, write_witnesses

        self._say("witness events")
        try:
            found, _ = find_witnesses(self._criteria, self._profile, lambda text: self._say(f"witness events: {text}"))
        except CriteriaError:
            return None
        if not found.witnesses:
            return None
        folder = self._store.clear_results(number, "witness")
        for filling in FILLINGS:
            events = write_witnesses(found, folder, filling)
            results = self._store.clear_results(number, "witness-results")
            execution, cutflow, problem = self._execute(source, [events], results)
            judged = judge_witnesses(found, cutflow, read_text(results / artefacts.CANDIDATES), filling)
            if problem is not None or not judged.right:
                break
        if problem is None:
            return judged
        # nothing about these events is secret; they have the branches that the format's description names, no others
        lacking = list_lacking(loop, events, self._profile, execution.stderr)
        told = word_lacking(lacking) if lacking else f"{judged.problem}: {problem}"
        return judged.model_copy(update={"problem": told})


def list_lacking(loop: Path, events: Path, profile: Profile, stderr: str) -> tuple[str, ...]:
    """Branches that a program read in the loop and that a file lacks; none where it did not fail for one of them.

    `loop` is the folder with its account of what it read there, `stderr` what it printed about the file.
    """
    from codegen.coder.account import ACCOUNT, read_account
    from codegen.coder.guarding.source import show
    from pipeline.columns import FileColumns

    try:
        read = read_account(loop / ACCOUNT).branches_read
        there = set(FileColumns(events, profile.tree if profile.reader == "root" else None).names)
    except PaperfilterError:
        return ()
    lacking = tuple(name for name in dict.fromkeys(read) if name not in there)
    return tuple(map(show, lacking)) if any(name in stderr for name in lacking) else ()


def word_lacking(lacking: Sequence[str]) -> str:
    """What to do about branches that made-up events do not have."""
    names = ", ".join(f"'{name}'" for name in lacking[:MOST_LACKING])
    return (
        "it does not finish on made-up events: they have the branches that the description of the data names, and no "
        f"others; do without {names}{', …' if len(lacking) > MOST_LACKING else ''}"
    )


def word_failure(execution: Execution) -> str:
    """How a program failed, with the last line it printed, quoted as its words; no place of this machine in it."""
    from codegen.coder.printed import quote_last_words

    what = OUTCOMES.get(execution.outcome, execution.outcome)
    if execution.outcome == "timeout":
        return f"it {what}: {word_time(execution)} were not enough"
    words = quote_last_words(execution.stderr)
    return f"it {what}; {words}" if words else f"it {what}"


def word_time(execution: Execution) -> str:
    """The limit of time that a program passed: of computing, or, where the clock ended it, of waiting."""
    limits = execution.limits
    by_clock = execution.exit_code is None and execution.seconds >= limits.wall_seconds
    return f"{limits.wall_seconds:g} s by the clock" if by_clock else f"{limits.cpu_seconds} s of computing"
