"""What a report says, in order; the page and the Markdown only lay it out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from benchmarks.contest.contestants import Task
from benchmarks.contest.metrics import BOTH, CODE, EXTRACT, Metric
from benchmarks.contest.results import Manifest, Results
from benchmarks.contest.summary import Summary
from benchmarks.contest.tables import NOTE, Grid, lay_out, lay_out_differences, name_line
from benchmarks.reporting.figures.catalogue import Figure
from benchmarks.reporting.runs import list_medians_with_runs, list_runs
from benchmarks.reporting.standings import Lane, Standings

TITLES: Mapping[Task, str] = {"extract": "Reading papers", "code": "Writing code"}
OWN = ("rules", "compiler")  # kinds of contestants that need no model
SUBJECTS: Mapping[Task, tuple[str, str]] = {"extract": ("paper", "papers"), "code": ("analysis", "analyses")}


class Section(NamedTuple):
    """Everything about one task."""

    task: Task
    title: str
    about: str
    grids: tuple[Grid, ...]
    figures: tuple[Figure, ...]
    runs_together: tuple[Grid, ...]  # all papers together: one line for each contestant
    runs: tuple[Grid, ...]  # a line for each run, a table for each paper
    definitions: tuple[Metric, ...]


class Contents(NamedTuple):
    """The whole report."""

    title: str
    meta: str
    verdict: str
    measured: bool  # a model that is not simulated
    sections: tuple[Section, ...]
    note: str
    facts: tuple[Grid, ...]  # the manifest
    remarks: tuple[str, ...]


def compile_contents(
    results: Results, summaries: Sequence[Summary], standings: Standings, figures: Iterable[Figure]
) -> Contents:
    """The report of a contest with these figures."""
    drawn = tuple(figures)
    sections = tuple(_compile_section(standings, task, summaries, drawn) for task in standings.tasks)
    manifest = results.manifest
    runs = f"{manifest.runs} {'run' if manifest.runs == 1 else 'runs'} of each model"
    return Contents(
        title="paperfilter contest: " + (" and ".join(s.title.lower() for s in sections) or "no results"),
        meta=f"paperfilter {manifest.paperfilter} · made {manifest.made} · {runs}",
        verdict=word_verdict(standings),
        measured=standings.measured,
        sections=sections,
        note=NOTE,
        facts=tuple(_list_facts(manifest)),
        remarks=manifest.notes,
    )


def word_verdict(standings: Standings) -> str:
    """Who was measured, in one sentence; that no model was, where that is so."""
    lanes = [lane for task in standings.tasks for lane in standings.lanes(task)]
    real = _name(lane for lane in lanes if not lane.simulated and lane.kind not in OWN)
    simulated = _name(lane for lane in lanes if lane.simulated)
    own = " and ".join(_name(lane for lane in lanes if lane.kind in OWN)) or "nobody"
    if standings.measured:
        what = "contestant is made" if len(real) == 1 else "contestants are made"
        also = f", {len(simulated)} of simulated ones" if simulated else ""
        return f"{len(real)} {what} of language models{also}; beside them {own}."
    if simulated:
        return (
            f"No model was measured: beside {own} only simulated ones took part, whose mistakes are drawn at known "
            "rates. What they reach says how well this is measured, and nothing about any language model."
        )
    return f"No model was measured: only {own} took part."


def _compile_section(
    standings: Standings, task: Task, summaries: Sequence[Summary], figures: Sequence[Figure]
) -> Section:
    subjects = standings.subjects(task)
    one, several = SUBJECTS[task]
    named = ", ".join(subjects)
    return Section(
        task=task,
        title=TITLES[task],
        about=f"{len(subjects)} {one if len(subjects) == 1 else several}: {named}",
        grids=(*lay_out([s for s in summaries if s.task == task]), *lay_out_differences(standings.results, task)),
        figures=tuple(figure for figure in figures if figure.task == task),
        runs_together=tuple(list_medians_with_runs(standings, task)),
        runs=tuple(list_runs(standings, task)),
        definitions=(*(EXTRACT if task == "extract" else CODE), *BOTH),
    )


def _list_facts(manifest: Manifest) -> Iterator[Grid]:
    """The manifest as tables."""
    yield Grid(
        "Contestants",
        ("name", "kind", "model", "readings merged", "seeds"),
        tuple(
            (name_line(c.name, c.simulated), c.kind, c.model or "", f"{c.votes}", _span(manifest.seeds.get(c.name, ())))
            for c in manifest.contestants
        ),
        names=5,
    )
    yield Grid(
        "Papers and analyses", ("name", "what", "digest"),
        tuple((name, what, digest) for name, digests in manifest.subjects.items() for what, digest in digests.items()),
        names=3,
    )  # fmt: skip
    yield _pair("Sampling", ("model", "settings"), {k: _word(v) for k, v in manifest.sampling.items()})
    yield _pair("Prompts", ("prompt", "digest"), manifest.prompts)
    yield _pair("Code of paperfilter", ("package", "digest"), manifest.code)
    yield _pair("Versions", ("library", "version"), manifest.versions)
    yield _pair("Machine", ("", ""), {k: _word(v) for k, v in manifest.machine.items()})


def _pair(title: str, head: tuple[str, str], rows: Mapping[str, str]) -> Grid:
    return Grid(title, head, tuple(rows.items()), names=2)


def _word(value: JsonValue) -> str:
    """A value of the manifest in words."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_word(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_word, value))
    return "none" if value is None else f"{value}"


def _span(numbers: Sequence[int]) -> str:
    """Numbers in their order; those that follow one another as a range."""
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))


def _name(lanes: Iterable[Lane]) -> list[str]:
    return list(dict.fromkeys(lane.contestant for lane in lanes))
