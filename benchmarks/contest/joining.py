"""Contests of several people, or held at several times, as one. What cannot be compared is refused."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from pydantic import JsonValue

from benchmarks.contest.measures import Item, Measure
from benchmarks.contest.metrics import BOTH
from benchmarks.contest.results import Manifest, Results
from schemas.errors import UsageError

R = TypeVar("R", Measure, Item)
V = TypeVar("V")

# not the same twice, even where everything else is: effort, and what depends on the other papers of the contest
VARYING = frozenset(m.name for m in BOTH) - {"failed"} | {"chance_others"}
AND = " and "
MAY_DIFFER = ("pdf",)  # digests of a paper: another typesetting or version of a PDF leaves the gold list as it is


class Cell(NamedTuple):
    """Where in a contest a row belongs, but for the contestant."""

    task: str
    subject: str
    mode: str
    run: int


def join_results(several: Sequence[Results]) -> Results:
    """All contestants of several contests in one.

    A contestant that is in two of them with the same results (the rules, a copied folder) is there once. One with other
    results under the same name is there twice, the second as "name (2)". What was made in different ways (versions,
    prompts, code that scores) is told in the notes of the manifest. Raises UsageError where nothing is given, and where
    contests disagree about what is right: gold list, criteria or events of one paper or analysis.
    """
    if not several:
        raise UsageError("there are no results to join; name at least one folder of a contest")
    joined = several[0]
    for other in several[1:]:
        joined = _join_two(joined, other)
    return joined


def _join_two(first: Results, second: Results) -> Results:
    _check_subjects(first, second)
    renamed: dict[str, str] = {}
    again: set[str] = set()
    known = {c.name: c for c in first.manifest.contestants}
    taken = {*known, *(c.name for c in second.manifest.contestants)}
    for contestant in second.manifest.contestants:
        name = contestant.name
        if name not in known:
            continue
        if known[name] == contestant and _is_same(name, first, second):
            again.add(name)
        else:
            renamed[name] = _find_name(name, taken)
            taken.add(renamed[name])
    measures = _join_rows(first.measures, second.measures, renamed, again)
    items = _join_rows(first.items, second.items, renamed, again)
    return Results(measures, items, _join_manifests(first.manifest, second.manifest, renamed, again))


def _check_subjects(first: Results, second: Results) -> None:
    """Raises UsageError where both judge one paper or analysis by different truths."""
    tasks = [{(m.task, m.subject) for m in results.measures} for results in (first, second)]
    for _, subject in sorted(tasks[0] & tasks[1]):
        one, other = (list_truths(results.manifest, subject) for results in (first, second))
        differing = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
        if differing:
            raise UsageError(
                f"the contests cannot be joined: {differing[0]} of '{subject}' is not the same in both; hold one of "
                "them again with the gold list, criteria and events of the other"
            )


def list_truths(manifest: Manifest, subject: str) -> dict[str, str]:
    """Digests of what a paper or analysis is judged by."""
    return {key: value for key, value in manifest.subjects.get(subject, {}).items() if key not in MAY_DIFFER}


def _is_same(name: str, first: Results, second: Results) -> bool:
    """Whether a contestant is the same in both: what it did twice came out the same, and it was made the same way."""
    rows = [_index(results.measures, name) for results in (first, second)]
    common = rows[0].keys() & rows[1].keys()
    if any(rows[0][cell] != rows[1][cell] for cell in common):
        return False
    made = [r.manifest.making.get(name) for r in (first, second)]
    if common or (None not in made and made[0] == made[1]):
        return True
    told = [(r.manifest.sampling.get(name), r.manifest.prompts, r.manifest.code) for r in (first, second)]
    return made[0] == made[1] and told[0] == told[1]


def _index(measures: Iterable[Measure], name: str) -> dict[Cell, set[Measure]]:
    found: dict[Cell, set[Measure]] = {}
    for measure in measures:
        if measure.contestant == name and measure.metric not in VARYING:
            found.setdefault(_find_cell(measure), set()).add(measure)
    return found


def _find_cell(row: Measure | Item) -> Cell:
    return Cell(row.task, row.subject, row.mode, row.run)


def _join_rows(first: Sequence[R], second: Sequence[R], renamed: Mapping[str, str], again: set[str]) -> tuple[R, ...]:
    done = {(row.contestant, _find_cell(row)) for row in first if row.contestant in again}
    rows = list(first)
    for row in second:
        if row.contestant in renamed:
            rows.append(dataclasses.replace(row, contestant=renamed[row.contestant]))
        elif (row.contestant, _find_cell(row)) not in done:
            rows.append(row)
    return tuple(rows)


def _join_manifests(first: Manifest, second: Manifest, renamed: Mapping[str, str], again: set[str]) -> Manifest:
    others = [
        c.model_copy(update={"name": renamed.get(c.name, c.name)}) for c in second.contestants if c.name not in again
    ]
    versions = (*first.paperfilter.split(AND), *second.paperfilter.split(AND))
    return Manifest(
        made=max(first.made, second.made),
        paperfilter=AND.join(dict.fromkeys(versions)),
        code={**second.code, **first.code},
        versions={**second.versions, **first.versions},
        machine=_join_machines(first.machine, second.machine),
        contestants=(*first.contestants, *others),
        subjects={
            name: {**second.subjects.get(name, {}), **first.subjects.get(name, {})}
            for name in dict.fromkeys((*first.subjects, *second.subjects))
        },
        modes=tuple(dict.fromkeys((*first.modes, *second.modes))),
        runs=max(first.runs, second.runs),
        seeds=_join_seeds(_rename(second.seeds, renamed), first.seeds),
        sampling={**_rename(second.sampling, renamed), **first.sampling},
        prompts={**second.prompts, **first.prompts},
        making={**_rename(second.making, renamed), **first.making},
        notes=tuple(dict.fromkeys((*first.notes, *second.notes, *_list_differences(first, second, renamed)))),
    )


def _list_differences(first: Manifest, second: Manifest, renamed: Mapping[str, str]) -> Iterator[str]:
    """What a reader of joined contests has to know."""
    for what, one, other in (
        ("code", first.code, second.code),
        ("libraries", first.versions, second.versions),
        ("prompts", first.prompts, second.prompts),
    ):
        if differing := sorted(key for key in one.keys() & other.keys() if one[key] != other[key]):
            yield f"joined contests differ in {what}: {', '.join(differing)}"
    for subject in sorted(first.subjects.keys() & second.subjects.keys()):
        files = [manifest.subjects[subject] for manifest in (first, second)]
        if any(key in files[0] and key in files[1] and files[0][key] != files[1][key] for key in MAY_DIFFER):
            yield f"joined contests read different files of {subject}"
    for name, new in renamed.items():
        yield f"{name} has other results in a second contest: there it is {new}"


def _join_machines(first: Mapping[str, JsonValue], second: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The one machine, or all of them under `machines`."""
    listed: list[JsonValue] = []
    for machine in (first, second):
        several = machine.get("machines")
        for one in several if isinstance(several, list) else [dict(machine)]:
            if one not in listed:
                listed.append(one)
    return dict(first) if len(listed) == 1 else {"machines": listed}


def _join_seeds(
    first: Mapping[str, tuple[int, ...]], second: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """Of a contestant in both, those of the one with more runs."""
    return {name: max(second.get(name, ()), first.get(name, ()), key=len) for name in {**first, **second}}


def _rename(mapping: Mapping[str, V], renamed: Mapping[str, str]) -> dict[str, V]:
    return {renamed.get(name, name): value for name, value in mapping.items()}


def _find_name(name: str, taken: set[str]) -> str:
    return next(new for k in range(2, len(taken) + 3) if (new := f"{name} ({k})") not in taken)
