"""What running shows that reading cannot: input that is replaced, steps that look at nothing, results that depend on
where an event stands, weights that are gone.

`look` costs nothing: it reads what the run left, after every run that finished. `probe` runs the program again, twice
(three times where the first differs): only for code that otherwise matches, since each run has to start and each piece
has its cost. It may be given a part of the files.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from codegen.coder.acceptance import BY_ROW
from codegen.coder.account import ACCOUNT, read_account
from codegen.coder.framing import find_other_weights
from codegen.coder.guarding.source import show
from codegen.coder.printed import quote_words
from codegen.outputs import read_cutflow
from schemas.coding import Offence
from schemas.cutflow import Cutflow, EventKey
from schemas.errors import AnalysisFailed
from schemas.execution import Execution
from schemas.profile import Profile

CUTFLOW = "cutflow.json"
CHUNKS = 13  # so many pieces a probe cuts the events into, more or less; each takes some tenths of a second
LARGEST = 20_011  # events in one of them

# Runs a program on files with these arguments and leaves what it writes in the folder; in the sandbox.
Run = Callable[[str, Sequence[str | Path], Sequence[Path], Path], Execution]


def look(folder: Path, cutflow: Cutflow, baseline: Cutflow, numbers: Collection[str] = ()) -> tuple[Offence, ...]:
    """Offences that a finished run shows. `folder` holds its selection.json, `baseline` has the same events.

    `numbers` are branches that name an event and that the criteria do not ask for (`list_numbers`): reading one, by
    whatever name it was asked for, is an offence. The words tell no totals. Never raises for what generated code wrote.
    """
    weights = _look_at_weights(cutflow, baseline) or find_other_weights(cutflow, baseline)
    return (*_look_at_selection(folder, numbers), *_look_at_events(cutflow, baseline), *weights)


def list_numbers(profile: Profile, needed: Collection[str]) -> tuple[str, ...]:
    """Branches that name an event and are none of the functions' business; `needed` is what the criteria ask for."""
    return tuple(name for name in profile.key if name not in needed)


def _look_at_selection(folder: Path, numbers: Collection[str]) -> list[Offence]:
    try:
        found = read_account(folder / ACCOUNT)
    except AnalysisFailed:
        detail = "the run left no usable selection.json, which the frame writes: leave its files alone"
        return [Offence(kind="replaced input", detail=detail)]
    offences = [
        Offence(
            kind="replaced input",
            detail=f"asked for branch '{show(name)}', which the files do not have, and went on: "
            "a missing branch has to stop the program",
        )
        for name in found.not_found[:5]
    ]
    offences += [
        Offence(kind="listed events", detail=f"reads {name}, which names the event: decide on what was measured")
        for name in numbers
        if name in found.branches_read
    ]
    offences += [
        Offence(kind="constant cut", detail=f"step {show(name)} was decided before any branch was read")
        for name, step in found.steps.items()
        if not step.read_before
    ]
    return offences


def _look_at_events(cutflow: Cutflow, baseline: Cutflow) -> list[Offence]:
    """Events of the files that are left out, and events that are in no file."""
    ours, theirs = _list_keys(cutflow), _list_keys(baseline)
    offences = []
    if theirs - ours or cutflow.n_events < baseline.n_events:
        detail = (
            "events are left out before the first step: all of the files have to be counted (those of the baseline)"
        )
        offences.append(Offence(kind="subsampling", detail=detail))
    if ours - theirs or cutflow.n_events > baseline.n_events:
        detail = "there are events that the files do not hold: only what was read may be counted (as the baseline did)"
        offences.append(Offence(kind="fabricated input", detail=detail))
    return offences


def _list_keys(cutflow: Cutflow) -> frozenset[EventKey]:
    return frozenset(key for region in cutflow.regions if region.parent is None for key in region.events.keys)


def _look_at_weights(cutflow: Cutflow, baseline: Cutflow) -> list[Offence]:
    """Weighted yields of exactly nothing where the baseline has some for the same number of events."""
    known = {(r.name, s.id): s for r in baseline.regions for s in r.steps}
    for region in cutflow.regions:
        for step in region.steps:
            other = known.get((region.name, step.id))
            if step.count == 0 or step.weighted is None or step.weighted != 0 or step.uncertainty != 0:
                continue
            if other is not None and other.count > 0 and other.uncertainty == 0:
                continue  # in these files the weights are nothing
            detail = f"all weights are zero at step {show(step.id)}: leave weights to the frame"
            return [Offence(kind="zero weights", detail=detail)]
    return []


def probe(program: str, files: Sequence[Path], folder: Path, cutflow: Cutflow, run: Run) -> tuple[Offence, ...]:
    """Offences that further runs show. `cutflow` is what the program wrote for exactly these files.

    It runs in small pieces with the files in another order (the same events must pass), and on a file that holds
    nothing (no event may come out of it). `folder` is for what these runs write. Raises what `run` raises.
    """
    return (*_probe_pieces(program, files, folder, cutflow, run), *_probe_nothing(program, files, folder, run))


def _probe_pieces(program: str, files: Sequence[Path], folder: Path, cutflow: Cutflow, run: Run) -> tuple[Offence, ...]:
    size = choose_chunk(cutflow.n_events)
    numbered = all(region.events.columns != BY_ROW for region in cutflow.regions)
    turned = [*reversed(files)] if numbered else [*files]
    pieces = _run_again(program, ["--chunk-size", str(size)], turned, folder / "pieces", run)
    expected = _trace_events(cutflow)
    if isinstance(pieces, str):
        detail = f"with the events in smaller pieces {pieces}: it has to work for any number of events"
        return (Offence(kind="not a selection", detail=detail),)
    if _trace_events(pieces) == expected:
        return ()
    again = _run_again(program, [], files, folder / "again", run)
    where = _find_step(cutflow, pieces)
    if isinstance(again, str) or _trace_events(again) != expected:
        detail = f"two runs differ at {where}: nothing may be drawn at random; take values from events[...]"
        return (Offence(kind="fabricated input", detail=detail),)
    detail = f"{where} depends on which events stand beside it or where in the file it stands: treat all events alike"
    return (Offence(kind="subsampling", detail=detail),)


def choose_chunk(events: int) -> int:
    """A number of events per piece, odd, so that no round number divides it; at least two pieces where it can be."""
    return max(1, min(LARGEST, events // CHUNKS)) | 1 if events > 2 else 1


def _run_again(
    program: str, arguments: Sequence[str | Path], files: Sequence[Path], folder: Path, run: Run
) -> Cutflow | str:
    """The cutflow of another run, or in a few words why there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    execution = run(program, arguments, files, folder)
    if execution.outcome != "ok":
        return _word_end(execution)
    try:
        return read_cutflow(folder / CUTFLOW)
    except AnalysisFailed:
        return "what it writes cannot be used"


def _word_end(execution: Execution) -> str:
    """How a program ended that did not end well; of what it printed only the line about the functions."""
    last = next((line for line in reversed(execution.stderr.splitlines()) if line.strip()), "")
    _, functions, said = last.partition(" of the functions: ")
    told = f", its last words: {quote_words(said)}" if functions else ""
    known = {"timeout": "it takes too long", "memory": "it takes too much memory"}
    return known.get(execution.outcome, f"it crashes{told}")


def _trace_events(cutflow: Cutflow) -> Mapping[EventKey, tuple[tuple[str, int], ...]]:
    """The last step of each event in each region."""
    fates: dict[EventKey, list[tuple[str, int]]] = {}
    for region in cutflow.regions:
        for key, last in zip(region.events.keys, region.events.last_step, strict=True):
            fates.setdefault(key, []).append((region.name, last))
    return {key: tuple(sorted(fate)) for key, fate in fates.items()}


def _find_step(one: Cutflow, other: Cutflow) -> str:
    """The first step after which two cutflows have other events, in words."""
    others = {region.name: region for region in other.regions}
    for region in one.regions:
        second = others.get(region.name)
        for k, step in enumerate(region.steps):
            if second is None or k >= len(second.steps) or region.keys_at(k) != second.keys_at(k):
                return f"step {show(step.id)}"
    return "a step"


def _probe_nothing(program: str, files: Sequence[Path], folder: Path, run: Run) -> tuple[Offence, ...]:
    """A file of no bytes under the name of the first one: a program that finds events in it made them up."""
    nothing = folder / "nothing"
    nothing.mkdir(parents=True, exist_ok=True)
    empty = nothing / (files[0].name if files else "events.root")
    empty.write_bytes(b"")
    empty.chmod(0o644)
    found = _run_again(program, [], [empty], nothing / "out", run)
    if isinstance(found, str) or found.n_events == 0:
        return ()
    detail = "it finds events in a file that holds none: a file that cannot be read has to stop the program"
    return (Offence(kind="replaced input", detail=detail),)
