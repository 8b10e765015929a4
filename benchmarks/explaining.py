"""How often does the explanation of a mismatch name the true cause? Known mistakes put into compiled analyses."""

import hashlib
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from benchmarks.samples.collisions import Kind, draw_collisions
from benchmarks.samples.layouts import write_events
from benchmarks.samples.recorded import RecordedEvent, RecordedJet, RecordedLepton, RecordedPhoton
from codegen.compare import compare_cutflows
from codegen.explain import explain_events
from codegen.explaining.explain import explain_mismatch, list_keys
from codegen.explaining.words import write_for_coder, write_for_person
from codegen.outputs import read_cutflow
from codegen.sandbox import run_sandboxed
from pipeline.analyses import load_analysis
from pipeline.compiling import compile_criteria, find_profile
from schemas.coding import Explanation
from schemas.criteria_yaml import load_criteria
from schemas.cutflow import Cutflow
from schemas.errors import DataError
from schemas.model import Model

BUGS = Path(__file__).with_name("explaining_bugs.yaml")
PROFILE = "atlas_mini"
SAMPLES: Mapping[str, str] = {
    "real": "atlas2020_4lep/*.root", "zz": "generated/mc_ZZ4l.root", "hyy": "generated/mc_ggHyy.root",
    "yj": "generated/mc_yj.root", "yy": "generated/mc_yy.root", "lq": "generated/mc_LQ1000.root",
}  # fmt: skip
KINDS: Mapping[str, Kind] = {"h4l": "four_leptons", "diphoton": "diphoton", "leptoquark": "leptoquarks"}
One = TypeVar("One", RecordedLepton, RecordedPhoton, RecordedJet)

EDGES = (5.0, 7.0, 10.0, 15.0, 20.0, 25.0, 35.0, 50.0)  # GeV; a transverse momentum is set to one of them


class Edit(Model):
    """A piece of code and what stands in its place."""

    old: str
    new: str


class Bug(Model):
    """One mistake, and a pattern of what is said when it is found."""

    name: str
    analysis: str
    sample: str
    says: str
    edits: tuple[Edit, ...]


class Found(Model):
    """What was said of one mistake. `place` of the true cause among those named, from 1; None: not named.

    `shown` is false where the data do not show the mistake at all: nothing can be said then.
    """

    bug: str
    analysis: str
    held_out: bool
    shown: bool
    place: int | None = None
    causes: tuple[str, ...] = ()
    step: str = ""
    seconds: float = 0.0
    person: str = ""
    coder: str = ""


class Prepared(NamedTuple):
    """An analysis with its data: what does not depend on the mistake."""

    source: str
    files: tuple[Path, ...]
    baseline: Cutflow


def load_bugs(path: Path = BUGS) -> list[Bug]:
    """The mistakes of the benchmark."""
    from ruamel.yaml import YAML

    return [Bug.model_validate(entry) for entry in YAML(typ="safe").load(path.read_text(encoding="utf-8"))]


def is_held_out(number: int) -> bool:
    """Whether the mistake with this number, from 0, is one that rules are not made with."""
    return number % 3 == 2


def measure(
    data: Path, bugs: Sequence[Bug], numbers: Sequence[int], tell: Callable[[Found], None] = lambda _: None
) -> list[Found]:
    """What is said of the mistakes with these numbers. Raises DataError where a sample is not below `data`."""
    found = []
    with tempfile.TemporaryDirectory(prefix="paperfilter-") as scratch:
        prepare = cache(lambda analysis, sample: _prepare(data, analysis, sample, Path(scratch)))
        for number in numbers:
            bug = bugs[number]
            one = try_bug(bug, prepare(bug.analysis, bug.sample), is_held_out(number))
            found.append(one)
            tell(one)
    return found


def try_bug(bug: Bug, prepared: Prepared, held_out: bool) -> Found:
    """Run the analysis with a mistake and explain what differs. Raises DataError when that cannot be done."""
    source = prepared.source
    for edit in bug.edits:
        source = source.replace(edit.old, edit.new)
    if source == prepared.source:
        raise DataError(f"{bug.name}: the code to change is not in the compiled analysis; look at explaining_bugs.yaml")
    analysis = load_analysis(bug.analysis)
    ssc, profile = load_criteria(analysis.criteria), find_profile(PROFILE, prepared.files)
    with tempfile.TemporaryDirectory(prefix="paperfilter-") as folder:
        out, program = Path(folder, "out"), Path(folder, "analysis.py")
        out.mkdir()
        program.write_text(source, encoding="utf-8")
        execution = run_sandboxed(program, [], prepared.files, out)
        if execution.outcome != "ok":
            raise DataError(f"{bug.name}: the analysis does not run: {execution.stderr.strip()[-200:]}")
        ours = read_cutflow(out / "cutflow.json")
        comparison = compare_cutflows(ours, prepared.baseline)
        plain = Found(bug=bug.name, analysis=bug.analysis, held_out=held_out, shown=not comparison.matched)
        if comparison.matched:
            return plain
        began = time.monotonic()
        keys = list_keys(ssc, ours, prepared.baseline, comparison)
        explanation = explain_mismatch(
            ssc, profile, ours, prepared.baseline, comparison, explain_events(program, keys, prepared.files),
            analysis.explain_events(prepared.files, keys, PROFILE), files=prepared.files,
        )  # fmt: skip
        return plain.model_copy(
            update={
                "place": find_place(bug, explanation),
                "causes": tuple(c.text for c in explanation.causes),
                "step": f"{explanation.region}/{explanation.step}",
                "seconds": time.monotonic() - began,
                "person": write_for_person(explanation),
                "coder": write_for_coder(explanation),
            }
        )


def find_place(bug: Bug, explanation: Explanation) -> int | None:
    """The place of the true cause among those named, from 1."""
    texts = [cause.text for cause in explanation.causes]
    return next((k for k, text in enumerate(texts, 1) if re.search(bug.says, text, re.IGNORECASE | re.DOTALL)), None)


def _prepare(data: Path, name: str, sample: str, scratch: Path) -> Prepared:
    if sample == "edges":
        files: tuple[Path, ...] = (make_edges(name, scratch),)
    else:
        files = tuple(sorted(data.glob(SAMPLES[sample])))
        if not files:
            raise DataError(f"{data}: no {SAMPLES[sample]}; give the folder with the event files as --data")
    analysis = load_analysis(name)
    program = compile_criteria(load_criteria(analysis.criteria), find_profile(PROFILE, files))
    return Prepared(program.source, files, analysis.run_baseline(files, PROFILE))


def make_edges(name: str, folder: Path) -> Path:
    """Events some of whose transverse momenta lie exactly on a threshold."""
    seed = int(hashlib.sha256(name.encode()).hexdigest()[:6], 16)
    events = draw_collisions(KINDS[name], 3000, seed)
    changed = [_move_to_edge(event, k) for k, event in enumerate(events)]
    return write_events(folder, f"edges_{name}", PROFILE, changed)


def _move_to_edge(event: RecordedEvent, number: int) -> RecordedEvent:
    """Every other few events: the momentum next to a threshold lies on it."""
    edge = EDGES[number % len(EDGES)]
    if number // len(EDGES) % 2 == 0:
        return event
    return event._replace(
        leptons=_move_nearest(event.leptons, edge), photons=_move_nearest(event.photons, edge),
        jets=_move_nearest(event.jets, edge),
    )  # fmt: skip


def _move_nearest(ones: tuple[One, ...], edge: float) -> tuple[One, ...]:
    nearest = min((abs(one.pt - edge) for one in ones), default=0.0)
    return tuple(_move(one, edge) if abs(one.pt - edge) == nearest else one for one in ones)


def _move(one: One, pt: float) -> One:
    moved: One = one._replace(pt=pt)
    return moved


def say(found: Found, whole: bool = False) -> str:
    """One mistake on a line, with the causes below where the true one is not the first."""
    mark = f"named in place {found.place}" if found.place else "not named" if found.shown else "not shown by the data"
    lines = [f"{found.bug}: {mark}{f', {found.step}, {found.seconds:.1f} s' if found.shown else ''}"]
    if found.shown and found.place != 1:
        lines += [f"  - {cause}" for cause in found.causes]
    return "\n".join([*lines, *([found.person] if whole and found.shown else [])])


def summarise(found: Sequence[Found]) -> Iterator[str]:
    """In how many the first, and any, named cause is the true one."""
    for title, group in (
        ("rules were made with", [f for f in found if not f.held_out]),
        ("held out", [f for f in found if f.held_out]),
    ):
        shown = [f for f in group if f.shown]
        if group:
            first, named = sum(f.place == 1 for f in shown), sum(f.place is not None for f in shown)
            yield (
                f"{title}: {len(group)} mistakes, {len(shown)} show in the data; the true cause is named first in "
                f"{first}, among the causes in {named}"
            )
