"""What earlier commands measured in the folder of a contest stays in its results, beside what is named now.

What the present command did stands for itself: of a contestant on a paper (or analysis) in a mode that it has rows of,
nothing earlier is shown. Everything else stays as long as it can be compared: judged by the same truth (gold list,
criteria, events) and the same code that scores, and, of a model, rules or compiler that take part now, made the same
way. What does not stay is told, and is in the results again when it is named again: cells are kept.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.contest.contestants import Contestant, Task
from benchmarks.contest.joining import join_results, list_truths
from benchmarks.contest.measures import Item, Measure
from benchmarks.contest.results import ITEMS, MANIFEST, MEASURES, SIMULATED, Manifest, Results, name_scorer
from benchmarks.contest.storing import load_results, write_results
from pipeline.files import explain
from schemas.errors import RunFolderError

SAFE = ".earlier"  # the earlier results while new ones are written: a killed command loses nobody
COPY = ".earlier-unfinished"
FILES = (*(f"{name}.{kind}" for name in (MEASURES, ITEMS) for kind in ("parquet", "csv")), MANIFEST)

ABOUT = "earlier results: "  # notes of the present command about those of earlier ones: never carried on
CARRIED = "earlier: "  # a note of an earlier command about what is still there
AGAIN = "name them again, nothing that is kept is done again"
OTHER_TASK = "is of a contest of another kind, which needs a folder of its own"
OTHER_SCORER = f"was measured with an earlier scorer; {AGAIN}"
OTHER_TRUTH = f"was measured with an earlier gold list, criteria or events; {AGAIN}"
OTHER_MAKING = f"was made with other settings or by an earlier program; {AGAIN}"


class Place(NamedTuple):
    """Rows that are there together or not at all: agreement, for one, is of all runs."""

    contestant: str
    subject: str
    mode: str


class Joined(NamedTuple):
    """Results with what stays of earlier ones; `remarks` say in one line each what does not."""

    results: Results
    remarks: tuple[str, ...]


def write_joined(
    folder: Path, present: Results, task: Task, tell: Callable[[str], None]
) -> tuple[Results, tuple[Path, ...]]:
    """Write what a command measured, and what stays of the results in its folder; the results and the files.

    Hold the folder. Earlier results that cannot be read are told, and left out. Raises RunFolderError when the folder
    cannot be written.
    """
    earlier, remarks = _load_earlier(folder, tell)
    joined = present
    if earlier is not None:
        joined, remarks = join_earlier(present, earlier, task)
        for remark in remarks:
            tell(remark)
    notes = (*joined.manifest.notes, *remarks)
    joined = joined._replace(manifest=joined.manifest.model_copy(update={"notes": notes}))
    files = write_results(folder, joined)
    shutil.rmtree(folder / SAFE, ignore_errors=True)
    return joined, files


def join_earlier(present: Results, earlier: Results, task: Task) -> Joined:
    """The present results with what stays of earlier ones."""
    done = {_place(row) for row in present.measures}
    reasons: dict[Place, str | None] = {}
    for row in earlier.measures:
        place = _place(row)
        if row.task != task:
            reasons[place] = OTHER_TASK
        elif place not in done and place not in reasons:
            reasons[place] = _find_reason(place, present.manifest, earlier.manifest, task)
    kept = {place for place, reason in reasons.items() if reason is None}
    remarks = tuple(_word_remarks(reasons))
    if not kept:
        return Joined(present, remarks)
    measures = tuple(m for m in earlier.measures if m.task == task and _place(m) in kept)
    items = tuple(i for i in earlier.items if i.task == task and _place(i) in kept)
    manifest = _cut_manifest(earlier.manifest, present.manifest, kept, max(m.run for m in measures))
    return Joined(join_results([present, Results(measures, items, manifest)]), remarks)


def _place(row: Measure | Item) -> Place:
    return Place(row.contestant, row.subject, row.mode)


def _find_reason(place: Place, present: Manifest, earlier: Manifest, task: Task) -> str | None:
    """Why rows cannot stand beside the present ones; None: they can."""
    scorers = [manifest.code.get(name_scorer(task)) for manifest in (present, earlier)]
    if scorers[0] is None or scorers[0] != scorers[1]:
        return OTHER_SCORER
    if place.subject in present.subjects and list_truths(present, place.subject) != list_truths(earlier, place.subject):
        return OTHER_TRUTH
    who = next((c for c in earlier.contestants if c.name == place.contestant), None)
    now = [c for c in present.contestants if c.name == place.contestant]
    if who is None or any(c != who for c in now):
        return OTHER_MAKING
    if who.simulated and present.code.get(SIMULATED) != earlier.code.get(SIMULATED):
        return OTHER_MAKING  # `bench simulated` could not say any more what it knew
    # what is merged of a model's readings is made as the model's readings are
    alike = now or [c for c in present.contestants if _find_model(c) == _find_model(who)]
    making = earlier.making.get(place.contestant)
    if alike and making not in [present.making.get(c.name) for c in alike if c.name in present.making]:
        return OTHER_MAKING
    return None


def _find_model(contestant: Contestant) -> tuple[str | None, bool]:
    return contestant.model, contestant.simulated


def _word_remarks(reasons: Mapping[Place, str | None]) -> Iterable[str]:
    for reason in (OTHER_TASK, OTHER_SCORER, OTHER_TRUTH, OTHER_MAKING):
        named: dict[str, dict[str, None]] = {}
        for place in (p for p, r in reasons.items() if r == reason):
            named.setdefault(place.contestant, {})[place.subject] = None
        if named:
            who = "; ".join(f"{name} on {_list_some(subjects)}" for name, subjects in list(named.items())[:5])
            more = f"; and {len(named) - 5} more" if len(named) > 5 else ""
            yield f"{ABOUT}left out is what {reason} ({who}{more})"


def _list_some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")


def _cut_manifest(earlier: Manifest, present: Manifest, kept: set[Place], runs: int) -> Manifest:
    """The manifest of the rows that stay, without what it says about others."""
    names, subjects, modes = ({place[i] for place in kept} for i in range(3))
    # of whom the present command speaks itself, and who is not there any more
    silent = {c.name for c in present.contestants} | set(present.subjects)
    silent |= ({c.name for c in earlier.contestants} - names) | (earlier.subjects.keys() - subjects)
    notes = [note.removeprefix(CARRIED) for note in earlier.notes if not note.startswith(ABOUT)]
    return earlier.model_copy(
        update={
            "contestants": tuple(c for c in earlier.contestants if c.name in names),
            "subjects": {name: digests for name, digests in earlier.subjects.items() if name in subjects},
            "modes": tuple(mode for mode in earlier.modes if mode in modes),
            "runs": runs,
            "seeds": {name: seeds for name, seeds in earlier.seeds.items() if name in names},
            "sampling": {name: drawn for name, drawn in earlier.sampling.items() if name in names},
            "making": {name: making for name, making in earlier.making.items() if name in names},
            "notes": tuple(
                CARRIED + note
                for note in notes
                if note not in present.notes and not any(note.startswith(f"{name}: ") for name in silent)
            ),
        }
    )


def _load_earlier(folder: Path, tell: Callable[[str], None]) -> tuple[Results | None, tuple[str, ...]]:
    """The results in a folder, kept safe while they are written anew, and what is to be noted where they are lost."""
    safe = folder / SAFE
    if not safe.is_dir() and not any((folder / name).exists() for name in FILES):
        return None, ()
    try:
        earlier = load_results(folder)
    except RunFolderError as error:
        with suppress(RunFolderError):  # a command was killed while it wrote
            return load_results(safe), ()
        remark = f"{ABOUT}left out is what cannot be read; {AGAIN}"
        tell(f"{remark} ({error})")  # the error names a path, which is not for the manifest
        return None, (remark,)
    _keep_safe(folder)
    return earlier, ()


def _keep_safe(folder: Path) -> None:
    """Copy the results, which were just read, to where they are found when the command is killed."""
    safe, copy = folder / SAFE, folder / COPY
    with explain(safe):
        for path in (safe, copy):
            if path.is_dir():
                shutil.rmtree(path)
        copy.mkdir()
        for name in FILES:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, copy / name)
        copy.rename(safe)
