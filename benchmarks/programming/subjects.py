"""The analyses that code is written for, and the events that it is tried on.

Each has three kinds of events. Those of the loop: a coder's program is compared with the baseline on them. The part
of these that the loop's own acceptance keeps apart (`codegen.coder.acceptance.split_data`), of which a coder hears one
bit. And those that are held out here, of which nobody hears anything: they are looked at when a run is over.
"""

import glob
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from benchmarks.programming.wording import state_in_words
from benchmarks.samples.collisions import Kind
from pipeline.comparing import Baseline
from pipeline.files import digest_sources, digest_text, explain, move_into
from schemas.analysis import BuiltInAnalysis
from schemas.criteria import SelectionCriteria
from schemas.cutflow import Cutflow
from schemas.errors import DataError, UsageError
from schemas.profile import Profile

DEFAULT = ("h4l", "diphoton", "leptoquark")
HELD_OUT = "held-out"  # folder beside the events of an analysis
SUFFIXES = (".root", ".jsonl")
EVENTS = 900  # of our own, in each file
PARTS = "abc"  # files of our own; the last one is held out
# What simulated events show of an analysis: in which of our samples its selection keeps and loses events at every step
KINDS: Mapping[str, Kind] = {
    "h4l": "four_leptons", "h4l_opendata": "four_leptons", "demo_h4l": "four_leptons", "diphoton": "diphoton",
    "leptoquark": "leptoquarks", "dimuon_z": "dimuon",
}  # fmt: skip


class Layout(NamedTuple):
    """Where events of an analysis stand below a folder: patterns of those of the loop, and of those held out."""

    loop: tuple[str, ...]
    held_out: tuple[str, ...] = ()


# Below a folder of released and generated events; an analysis may have a folder of its own instead
LAYOUTS: Mapping[str, Layout] = {
    "h4l": Layout(("atlas2020_4lep/*.root",), ("generated/mc_ggH4l.root", "generated/mc_ZZ4l.root")),
    "diphoton": Layout(("generated/mc_ggHyy.root",), ("generated/mc_yy.root", "generated/mc_yj.root")),
    "leptoquark": Layout(("generated/mc_LQ1000.root",)),
    "dimuon_z": Layout(("cms_dimuon/*.root",)),
}


class Files(NamedTuple):
    """Event files of one analysis with their digests. `origin` says in words what they are."""

    loop: Mapping[Path, str]
    held_out: Mapping[Path, str]
    origin: str


class Subject:
    """One analysis with its events. Cutflows of the baseline are made once, when they are asked for."""

    def __init__(self, analysis: BuiltInAnalysis, files: Files, baseline: Baseline | None = None) -> None:
        """`baseline` is that of the analysis, unless another one is given. Raises DataError for files that are not of
        one of its formats."""
        from pipeline.analyses import choose_profile
        from pipeline.compiling import find_profile
        from pipeline.reading import load_criteria

        self._made_of = (analysis, files, baseline)
        self.name = analysis.slug
        self.files = files
        self.source = analysis.criteria
        self.baseline = baseline or Baseline(analysis.slug, analysis, None)
        self.criteria: SelectionCriteria = load_criteria(analysis.criteria)
        self.profile_name = choose_profile(analysis, tuple(files.loop))
        self.profile: Profile = find_profile(self.profile_name, tuple(files.loop))

    def __reduce__(self) -> tuple[type["Subject"], tuple[BuiltInAnalysis, Files, Baseline | None]]:
        """Another process makes it again, without what was found out here."""
        return Subject, self._made_of

    @cached_property
    def loop_cutflow(self) -> Cutflow:
        """The baseline's cutflow of the events of the loop."""
        return self.baseline.load(tuple(self.files.loop), self.profile_name)

    @cached_property
    def held_out_cutflow(self) -> Cutflow:
        """The baseline's cutflow of the events that are held out. Raises DataError where none of them is new."""
        from codegen.coder.acceptance import judge_held_out

        found = self.baseline.load(tuple(self.files.held_out), self.profile_name)
        if judge_held_out(None, found, self.loop_cutflow).events == 0:
            names = ", ".join(path.name for path in self.files.held_out)
            raise DataError(f"{self.name}: no event of {names} is new, the loop has them all; give other events")
        return found

    @cached_property
    def worded(self) -> SelectionCriteria | None:
        """The criteria with something left in words, for hybrid coding; None where nothing is."""
        return state_in_words(self.criteria)

    @cached_property
    def digests(self) -> dict[str, str]:
        """What outcomes depend on: criteria, layout of the data and each event file."""
        return {
            "criteria": digest_text(self.criteria.model_dump_json()),
            "layout": digest_text(self.profile.model_dump_json()),
            **{f"events {path.name}": digest for path, digest in self.files.loop.items()},
            **{f"held-out events {path.name}": digest for path, digest in self.files.held_out.items()},
        }


def load_subjects(names: Sequence[str], data: Path | None, own: Path, tell: Callable[[str], None]) -> list[Subject]:
    """The analyses with their events: those below `data`; where it has none, or is None, events of our own, written to
    the folder `own`. `tell` hears in a line where the events come from.

    Raises UsageError for unknown names, DataError for a folder without events, or files that cannot be used.
    """
    from pipeline.analyses import list_analyses, load_analysis

    wanted = tuple(dict.fromkeys(names)) or DEFAULT
    unknown = next((name for name in wanted if name not in list_analyses()), None)
    if unknown is not None:
        raise UsageError(f"there is no built-in analysis '{unknown}'; there are: {', '.join(list_analyses())}")
    subjects = []
    for name in wanted:
        files = find_files(name, data, own)
        subjects.append(Subject(load_analysis(name), files))
        tell(f"{name}: {files.origin}")
    return subjects


def find_files(name: str, data: Path | None, own: Path) -> Files:
    """The event files of an analysis. Raises DataError as `load_subjects`."""
    from benchmarks.samples.layouts import SUFFIXES as WRITTEN
    from pipeline.analyses import choose_profile, load_analysis

    if data is None:
        made = list(write_own(name, own).items())
        return Files(dict(made[:-1]), dict(made[-1:]), "simulated events of our own")
    loop, held_out = _list_below(name, data)
    if not loop:
        layout = LAYOUTS.get(name)
        places = f"{name}/*.root" + (f" or {', '.join(layout.loop)}" if layout is not None else "")
        raise DataError(f"{data} has no events for {name} ({places}); put some there, or leave out --data")
    words = f"{', '.join(path.name for path in loop)} of {data.resolve().name}"
    if held_out:
        named = ", ".join(path.name for path in held_out)
        return Files(_digest(loop), _digest(held_out), f"{words}; held out: {named}")
    profile = choose_profile(load_analysis(name), loop)
    if name not in KINDS or profile not in WRITTEN:
        place = data / name / HELD_OUT
        raise DataError(
            f"{data} has no held-out events for {name}, and there are none of our own; put some into {place}"
        )
    made = list(write_own(name, own, layout=profile).items())
    return Files(_digest(loop), dict(made[-1:]), f"{words}; held out: simulated events of our own")


def _list_below(name: str, data: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    if (data / name).is_dir():
        return _list_files(data / name), _list_files(data / name / HELD_OUT)
    layout = LAYOUTS.get(name, Layout(()))
    return _match(data, layout.loop), _match(data, layout.held_out)


def _list_files(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.resolve() for path in folder.iterdir() if path.suffix in SUFFIXES))


def _match(data: Path, patterns: Sequence[str]) -> tuple[Path, ...]:
    return tuple(sorted(path.resolve() for pattern in patterns for path in data.glob(pattern)))


def _digest(files: Sequence[Path]) -> dict[Path, str]:
    from pipeline.event_data import digest_data, find_files

    return {path: digest_data(path) for path in find_files([glob.escape(str(file)) for file in files])}


def write_own(name: str, folder: Path, events: int = EVENTS, layout: str | None = None) -> dict[Path, str]:
    """Files of simulated events of our own, in this format or one that the analysis reads; the last one is to be
    held out.

    The same numbers give the same events, and the same digests: of what they were drawn with, since files carry the
    time when they were written. Files that are there are left as they are. Raises DataError for an analysis that none
    of our samples fits.
    """
    from benchmarks.samples.layouts import SUFFIXES as WRITTEN
    from pipeline.analyses import load_analysis
    from pipeline.compiling import DEFAULT_PROFILE

    kind = KINDS.get(name)
    # of several formats the one in which files tell events of other processes apart
    readable = sorted(load_analysis(name).profiles, key=lambda one: one != DEFAULT_PROFILE)
    layout = layout or next((one for one in readable if one in WRITTEN), None)
    if kind is None or layout is None:
        raise DataError(f"there are no events of our own for {name}; give a folder with {name}/*.root by --data")
    code = digest_sources(["benchmarks/samples"])
    made = {}
    for part, label in enumerate(PARTS):
        digest = digest_text(code, kind, layout, str(events), str(part))
        path = folder / digest[:12] / f"{name}-{label}{WRITTEN[layout]}"
        if not path.is_file():
            _write_part(path, kind, layout, events, part)
        made[path.resolve()] = digest
    return made


def _write_part(path: Path, kind: Kind, layout: str, events: int, part: int) -> None:
    from benchmarks.samples.collisions import draw_collisions
    from benchmarks.samples.layouts import write_events

    # numbered from 1 in each file: of other processes, so that they are other events
    drawn = [e._replace(process=e.process + 100 * part) for e in draw_collisions(kind, events, seed=5 + part)]
    with explain(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            move_into(write_events(Path(folder), path.stem, layout, drawn), path)
