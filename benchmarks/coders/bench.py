"""Every scripted coder in every analysis, through the command that people use; does each end as it should?"""

import contextlib
import io
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.coders.bugs import ShownBy
from benchmarks.coders.right import ANALYSES
from benchmarks.coders.scripts import Expected, Script, expect, load_scripts
from benchmarks.coders.speaking import serve_script
from benchmarks.samples.collisions import Kind, draw_collisions
from benchmarks.samples.layouts import write_events
from schemas.coding import Attempt, CodingRecord, FailureClass, OffenceKind
from schemas.errors import DataError, UsageError
from schemas.model import Model

SECONDS = 60.0  # that a program of a coder may take; right ones take one or two on an idle machine
EVENTS = 900  # of our own, in each of two files
KINDS: dict[str, Kind] = {"h4l": "four_leptons", "diphoton": "diphoton", "leptoquark": "leptoquarks"}
# below a folder of event files, by analysis: what the events are called, and which files hold them
FILES: dict[str, dict[str, tuple[str, ...]]] = {
    "h4l": {"real": ("atlas2020_4lep/*.root",), "generated": ("generated/mc_ggH4l.root", "generated/mc_ZZ4l.root")},
    "diphoton": {"generated": ("generated/mc_ggHyy.root", "generated/mc_yy.root")},
    "leptoquark": {"generated": ("generated/mc_LQ1000.root",)},
}
OWN = "our own"
TEXTS = ("coding/log.md", "coding/validation.md", "report.md")  # that people read in a terminal


class Seen(Model):
    """What became of an attempt."""

    failure: FailureClass | None
    shown_by: ShownBy | None
    first: str | None
    offences: tuple[OffenceKind, ...]
    problem: str | None


class Row(Model):
    """A coder in an analysis: how it ended, and everything that is not as it should be."""

    coder: str
    analysis: str
    data: str
    ended: str
    exit_code: int
    seconds: float
    attempts: tuple[Seen, ...]
    expected: tuple[Expected, ...]
    surprises: tuple[str, ...]


def list_data(analysis: str, events: Path | None, folder: Path) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """Event files for an analysis: those below `events`, and two of our own, written to the folder.

    Raises DataError for files that are not there.
    """
    for name, patterns in FILES[analysis].items() if events is not None else ():
        assert events is not None
        found = tuple(sorted(path for pattern in patterns for path in events.glob(pattern)))
        if not found:
            raise DataError(f"no file matches {', '.join(patterns)} in {events}; give the folder that they are in")
        yield name, found
    yield OWN, write_sample(analysis, folder)


def write_sample(analysis: str, folder: Path, events: int = EVENTS) -> tuple[Path, ...]:
    """Two files of simulated events of our own. The same numbers give the same events."""
    files = []
    for part, name in enumerate("ab"):
        drawn = draw_collisions(KINDS[analysis], events, seed=5 + part)
        # numbered from 1 in each file: of other processes, so that they are other events
        apart = [event._replace(process=event.process + 100 * part) for event in drawn]
        files.append(write_events(folder, f"{analysis}-{name}", "atlas_mini", apart))
    return tuple(files)


def measure(
    analyses: Sequence[str], coders: Sequence[str], events: Path | None, keep: Path, seconds: float,
    tell: Callable[[Row], None],
) -> list[Row]:  # fmt: skip
    """Run the coders (all where none is named) in the analyses (likewise); `tell` hears of each as it ends.

    `events` is the folder of event files (None: only events of our own), runs are left in the folder `keep`, and a
    program may take so many `seconds`. Raises UsageError for names that are not known, DataError for files that are not
    there.
    """
    scripts = load_scripts()
    for kind, wanted, known in (("analysis", analyses, ANALYSES), ("coder", coders, tuple(scripts))):
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise UsageError(f"no {kind} is called {unknown[0]}; there is {', '.join(known)}")
    rows = []
    for analysis in analyses or ANALYSES:
        folder = keep / "events"
        folder.mkdir(parents=True, exist_ok=True)
        for name, files in list_data(analysis, events, folder):
            for coder in coders or scripts:
                runs = keep / f"{analysis}-{name.replace(' ', '-')}-{coder}"
                rows.append(run_script(scripts[coder], analysis, name, files, runs, seconds))
                tell(rows[-1])
    return rows


def run_script(
    script: Script, analysis: str, data: str, files: Sequence[Path], runs: Path, seconds: float = SECONDS
) -> Row:
    """One coder in one analysis, by `paperfilter run`; runs are kept in the folder `runs`."""
    from pipeline.run_store import list_runs, load_artefact

    name = f"scripted-{script.name}"
    turns = script.list_turns(analysis)
    began = time.monotonic()
    with serve_script(script, analysis, name) as server:
        code, said = call(
            "run", analysis, "--data", *map(str, files), "--against", analysis, "--coder", "llm", "--model", name,
            "--url", server.url, "--rounds", str(len(turns)), "--time-limit", str(seconds), "--runs-dir", str(runs),
            "--quiet",
        )  # fmt: skip
    folders = list_runs(runs) if runs.is_dir() else []
    record = load_artefact(folders[0] / "coding.json", CodingRecord) if folders and code in (0, 1) else None
    expected = tuple(expect(analysis, turn) for turn in turns)
    surprises = [f"exit code {code}: {said}"] if record is None else list_surprises(record, expected, code)
    return Row(
        coder=script.name, analysis=analysis, data=data, ended=record.ended if record else "failed", exit_code=code,
        seconds=round(time.monotonic() - began, 1), attempts=tuple(map(look_at, record.attempts)) if record else (),
        expected=expected, surprises=(*surprises, *(list_escapes(folders[0]) if record else ())),
    )  # fmt: skip


def call(*arguments: str) -> tuple[int, str]:
    """The exit code of a command, run in this process, and the last line that it said."""
    from pipeline.cli import main

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code
    lines = said.getvalue().strip().splitlines() or [""]
    return code if isinstance(code, int) else 1, lines[-1]


def look_at(attempt: Attempt) -> Seen:
    """What became of an attempt, and what noticed it."""
    compared = attempt.comparison
    if attempt.accepted:
        shown_by: ShownBy | None = None
    elif attempt.code_sha256 is None:
        shown_by = "reply"
    elif attempt.execution is None:
        shown_by = "guard"
    elif compared is None:
        shown_by = "run"
    elif not compared.matched:
        shown_by = "comparison"
    elif attempt.held_out is False:
        shown_by = "held out"
    else:
        shown_by = "witness" if attempt.witness is False else "probe"
    return Seen(
        failure=attempt.failure,
        shown_by=shown_by,
        first=compared.first_difference if compared is not None else None,
        offences=tuple(dict.fromkeys(offence.kind for offence in attempt.offences)),
        problem=attempt.problem,
    )


def list_surprises(record: CodingRecord, expected: Sequence[Expected], code: int) -> list[str]:
    """Everything in a record that is not as it should be, one line each."""
    accepted = next((n for n, one in enumerate(expected, start=1) if one.failure is None), None)
    ended, rounds = ("not matched", len(expected)) if accepted is None else ("matched", accepted)
    found = []
    if (record.ended, len(record.attempts)) != (ended, rounds):
        found.append(f"{record.ended} after {len(record.attempts)} rounds instead of {ended} after {rounds}")
    if code != (0 if ended == "matched" else 1):
        found.append(f"exit code {code} where it is {ended}")
    for attempt, one in zip(record.attempts, expected, strict=False):
        seen, where = look_at(attempt), f"attempt {attempt.number}"
        if seen.failure != one.failure:
            found.append(
                f"{where}: {seen.failure or 'accepted'} instead of {one.failure or 'accepted'} ({seen.problem})"
            )
        elif one.shown_by and seen.shown_by not in one.shown_by:
            found.append(f"{where}: noticed by {seen.shown_by} instead of {' or '.join(one.shown_by)} ({seen.problem})")
        elif one.offence is not None and one.offence not in seen.offences:
            found.append(f"{where}: no offence '{one.offence}' among {', '.join(seen.offences) or 'none'}")
        elif one.first and seen.shown_by == "comparison" and seen.first not in one.first:
            found.append(f"{where}: first difference {seen.first} instead of {' or '.join(one.first)}")
    return found


def list_escapes(run: Path) -> list[str]:
    """Texts of a run that would reach into the terminal of whoever reads them."""
    found = [run / name for name in TEXTS if (run / name).is_file()]
    return [f"{p.name} holds terminal escapes" for p in found if any(c in p.read_bytes() for c in (b"\x1b", b"\x07"))]
