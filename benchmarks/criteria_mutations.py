"""How many mistakes in a selection do its witness events show? Mutants of the criteria, compiled and run on them."""

import contextlib
import importlib.util
import io
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from codegen.compile import compile_analysis
from codegen.outputs import read_cutflow
from codegen.witness.collecting import WitnessSet, collect_witnesses
from codegen.witness.differences import Marks, Survivor, mark_steps, tell_apart
from codegen.witness.judging import read_marks, read_outputs
from codegen.witness.mutant import KINDS, Mutant
from codegen.witness.writing import write_events
from pipeline.compiling import find_profile
from pipeline.criteria_sources import find_and_load
from schemas.errors import CriteriaError
from schemas.model import Model


class Row(Model):
    """Mutants of one kind: all that can differ in the format, those that are caught, and those that cannot differ."""

    kind: str
    mutants: int
    killed: int
    equivalent: int


class Survived(Model):
    """A mutant that no witness event shows, and why. `equivalent`: no event of the format can tell it apart."""

    kind: str
    item: str
    text: str
    reason: str
    equivalent: bool


class Score(Model):
    """The mutation score of one analysis in one format.

    `cuts` are all cuts, `witnessed` those with an event of their own, `unreached` the others with the reason.
    `checked` mutants were compiled and run on the witness file; `missed` of them wrote the cutflow of the original.
    """

    analysis: str
    profile: str
    cuts: int
    witnessed: int
    unreached: dict[str, str]
    events: int
    rows: tuple[Row, ...]
    refused: int
    survivors: tuple[Survived, ...]
    checked: int
    missed: tuple[str, ...]
    seconds: float

    @property
    def killed(self) -> int:
        """Mutants that the witness events show."""
        return sum(row.killed for row in self.rows)

    @property
    def meaningful(self) -> int:
        """Mutants that are not known to be equivalent."""
        return sum(row.mutants - row.equivalent for row in self.rows)


def measure(source: str, profile: str, sample: int, runs: Path = Path("runs")) -> Score:
    """The mutation score of criteria (a file, a run or a built-in analysis).

    Every mutant is interpreted; a `sample` of the killed ones, spread over all, is also compiled and run in this
    process on the written file.
    """
    began = time.monotonic()
    criteria = find_and_load(source, runs)
    found = collect_witnesses(criteria, find_profile(profile))
    checked, missed = check_compiled(found, sample)
    cuts = [c.id for owner in (criteria.objects, criteria.regions) for o in owner for c in o.cuts]
    cuts += [c.id for candidate in criteria.candidates for c in candidate.select]
    shown = {w.item for w in found.witnesses}
    return Score(
        analysis=criteria.analysis.slug,
        profile=profile,
        cuts=len(cuts),
        witnessed=sum(c in shown for c in cuts),
        unreached={c: found.unreached.get(c, "no event depends on it alone") for c in cuts if c not in shown},
        events=len(found.witnesses),
        rows=_count(found),
        refused=len(found.refused),
        survivors=tuple(_describe(s) for s in found.survivors),
        checked=checked,
        missed=missed,
        seconds=time.monotonic() - began,
    )


def _count(found: WitnessSet) -> tuple[Row, ...]:
    killed = Counter(m.kind for m in found.killed)
    left = Counter(s.mutant.kind for s in found.survivors)
    equivalent = Counter(s.mutant.kind for s in found.survivors if s.equivalent)
    return tuple(
        Row(kind=k, mutants=killed[k] + left[k], killed=killed[k], equivalent=equivalent[k])
        for k in KINDS
        if killed[k] + left[k]
    )


def _describe(survivor: Survivor) -> Survived:
    mutant = survivor.mutant
    return Survived(
        kind=mutant.kind, item=mutant.item, text=mutant.text, reason=survivor.reason, equivalent=survivor.equivalent
    )


def check_compiled(found: WitnessSet, sample: int) -> tuple[int, tuple[str, ...]]:
    """How many killed mutants were compiled and run, and those whose output is that of the original after all."""
    interpreter = found.interpreter
    expected = [mark_steps(interpreter, interpreter.run(w.event)) for w in found.witnesses]
    step = max(len(found.killed) // sample, 1) if sample else 0
    chosen = found.killed[::step] if step else []
    missed, checked = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data = folder / ("witness.jsonl" if found.layout.profile.reader == "jsonl" else "witness.root")
        write_events(data, found.layout, [w.event for w in found.witnesses])
        for k, mutant in enumerate(chosen):
            try:
                marks = run_mutant(mutant, found, data, folder, f"mutant_{k}")
            except CriteriaError:
                continue  # the compiler does not have everything that the criteria can say
            checked += 1
            absent = set(expected[0]) - set(marks[0]) if marks else set()
            same = not any(tell_apart(a, b) for a, b in zip(expected, marks, strict=True))
            if same and not any(step for _, step in absent if not step.startswith("(")):
                missed.append(f"{mutant.item}: {mutant.text}")
    return checked, tuple(missed)


def run_mutant(mutant: Mutant, found: WitnessSet, data: Path, folder: Path, name: str) -> Sequence[Marks]:
    """What the compiled mutant does with the witness events. Raises CriteriaError when it cannot be compiled."""
    path = folder / f"{name}.py"
    path.write_text(compile_analysis(mutant.criteria, found.layout.profile).source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    arguments = sys.argv
    try:
        spec.loader.exec_module(module)
        sys.argv = [path.name, str(data), "--out", str(folder / name)]
        with contextlib.redirect_stdout(io.StringIO()):
            module.main()
    finally:
        sys.argv = arguments
        del sys.modules[name]
    cutflow = read_cutflow(folder / name / "cutflow.json")
    stored = read_outputs((folder / name / "candidates.csv").read_text(encoding="utf-8"), found.interpreter)
    return read_marks(cutflow, found.interpreter, len(found.witnesses), stored)
