"""`bench`: measurements of the parts against truth."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from schemas.errors import PaperfilterError

if TYPE_CHECKING:
    from benchmarks.extraction import Score

Show = Literal["missed", "unmatched", "all"]


@click.group()
def bench() -> None:
    """Measure readers, compilers and rules against truth."""


@bench.command()
@click.option("--gold", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--pdf", type=click.Path(path_type=Path, exists=True, file_okay=False), help="folder of the PDFs")
@click.option(
    "--findings",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="folder of <paper>.json files with findings, instead of reading PDFs",
)
@click.option("--paper", "papers", multiple=True, help="only this paper (its name in the gold list); may be repeated")
@click.option("--all", "everything", is_flag=True, help="count the non-numeric criteria too")
@click.option("--json", "as_json", is_flag=True, help="scores as JSON on stdout")
@click.option("--show", type=click.Choice(["missed", "unmatched", "all"]), help="list criteria and findings")
def extract(
    gold: Path,
    pdf: Path | None,
    findings: Path | None,
    papers: tuple[str, ...],
    everything: bool,
    as_json: bool,
    show: Show | None,
) -> None:
    """Score the reading of papers against gold criteria: recall, precision, chance, seconds."""
    from benchmarks.extraction import score
    from benchmarks.gold import load_gold
    from benchmarks.judging import load_judgements
    from benchmarks.reading import load_findings, read_with_rules
    from benchmarks.tables import print_details, print_scores

    if (pdf is None) == (findings is None):
        raise click.UsageError("give either --pdf or --findings")
    try:
        lists = load_gold(gold)
        readings = [
            load_findings(g.paper, findings / f"{g.paper}.json")
            if findings is not None
            else read_with_rules(g.paper, (pdf or Path()) / g.pdf)
            for g in lists
        ]
        judgements = load_judgements()
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    unknown = set(papers) - {g.paper for g in lists}
    if unknown:
        raise click.UsageError(f"no gold list for {', '.join(sorted(unknown))}")
    scores = [
        score(g, r, [o for o in readings if o.paper != g.paper], judgements, everything=everything)
        for g, r in zip(lists, readings, strict=True)
        if not papers or g.paper in papers
    ]
    if as_json:
        click.echo(json.dumps([_summarise(s) for s in scores], ensure_ascii=False, indent=1))
        return
    print_scores(scores)
    if show is not None:
        print_details(scores, show)


@bench.command()
@click.option("--gold", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--pdf", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True, help="the PDFs")
@click.option("--json", "as_json", is_flag=True, help="rates and failures as JSON on stdout")
def grounding(gold: Path, pdf: Path, as_json: bool) -> None:
    """Test grounding by mutation: true findings must be kept, false ones refused; every wrong verdict is listed."""
    from benchmarks.gold import load_gold
    from benchmarks.grounding import list_quotes, measure, read_documents
    from benchmarks.tables import print_grounding

    try:
        lists = load_gold(gold)
        documents = read_documents(lists, pdf)
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    scores = [measure(g, documents[g.paper], list_quotes(lists, g.paper)) for g in lists]
    if as_json:
        click.echo(json.dumps([s.model_dump(mode="json") for s in scores], ensure_ascii=False, indent=1))
    else:
        print_grounding(scores)


@bench.command()
@click.option("--requests", type=click.IntRange(1), default=320, show_default=True)
@click.option("--in-flight", type=click.IntRange(1, 1024), default=32, show_default=True)
@click.option("--latency", type=click.FloatRange(0, min_open=True), default=2.0, show_default=True, help="seconds")
@click.option("--json", "as_json", is_flag=True, help="the figures as JSON on stdout")
@click.argument("papers", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def serving(papers: tuple[Path, ...], requests: int, in_flight: int, latency: float, as_json: bool) -> None:
    """Measure how full the model client keeps a server that answers after a fixed time, with the model reader's
    questions about PAPERS (PDF; our own notes where none are given)."""
    import tempfile

    from benchmarks.notes.typeset import typeset_notes
    from benchmarks.serving import measure_throughput

    try:
        with tempfile.TemporaryDirectory() as folder:
            found = measure_throughput(papers or typeset_notes(Path(folder)), requests, in_flight, latency)
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    if as_json:
        click.echo(json.dumps({**found.model_dump(mode="json"), "ratio": found.ratio}, indent=1))
        return
    click.echo(f"{found.requests} requests of {found.latency:g} s, {found.in_flight} in flight")
    click.echo(f"ideal {found.ideal:.2f} s, measured {found.measured:.2f} s: {found.ratio:.1%} of the ideal throughput")
    click.echo(f"client: {1000 * found.client_cpu / found.requests:.1f} ms of processor time per request")
    click.echo(f"prompts: {found.shared_prefix:.0%} of the characters are shared with the prompt before")


@bench.command()
@click.argument("analyses", nargs=-1)
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="a file of the format atlas_mini, one for each analysis; without any, they are made (needs ROOT)",
)
@click.option("--events", type=click.IntRange(1), default=1_000_000, show_default=True, help="in files that are made")
@click.option("--sources", type=click.Path(path_type=Path, exists=True, file_okay=False), help="folder of event files")
@click.option("--root-python", envvar="PAPERFILTER_ROOT_PYTHON", default="python3", help="a Python that has ROOT")
@click.option("--repeat", type=click.IntRange(1), default=5, show_default=True)
@click.option("--chunk-size", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="all runs as JSON on stdout")
def speed(
    analyses: tuple[str, ...], files: tuple[Path, ...], events: int, sources: Path | None, root_python: str,
    repeat: int, chunk_size: int, as_json: bool,
) -> None:  # fmt: skip
    """Measure compiled ANALYSES (h4l, diphoton, leptoquark) beside reading alone and hand-written selections.

    Files that are made repeat the events below --sources with new event numbers, in std::vector branches.
    """
    import tempfile

    from benchmarks.speed.measuring import measure_speed
    from benchmarks.speed.preparing import ANALYSES, make_sample, write_program
    from benchmarks.speed.report import list_lines

    wanted = analyses or ANALYSES
    unknown = [name for name in wanted if name not in ANALYSES]
    if unknown:
        raise click.UsageError(f"no hand-written selection of {unknown[0]}; there is {', '.join(ANALYSES)}")
    if files and len(files) != len(wanted):
        raise click.UsageError(f"{len(wanted)} analyses and {len(files)} files; give a --file for each")
    if not files and sources is None:
        raise click.UsageError("give a --file for each analysis, or --sources, the folder of events to repeat")
    results = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            for k, name in enumerate(wanted):
                file = files[k] if files else make_sample(name, sources or Path(), Path(folder), events, root_python)
                program = write_program(name, Path(folder))
                found = measure_speed(name, program, file, repeat, chunk_size, lambda line: click.echo(line, err=True))
                results.append(found)
                if not as_json:
                    click.echo("\n".join([*list_lines(found), ""]))
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    if as_json:
        click.echo(json.dumps([r.model_dump(mode="json") for r in results], indent=1))


@bench.command()
@click.option("--profile", "profiles", multiple=True, help="data format; may be repeated  [default: atlas_mini]")
@click.option("--sample", type=click.IntRange(0), default=20, show_default=True, help="mutants to compile and run")
@click.option("--json", "as_json", is_flag=True, help="scores as JSON on stdout")
@click.argument("analyses", nargs=-1)
def mutants(analyses: tuple[str, ...], profiles: tuple[str, ...], sample: int, as_json: bool) -> None:
    """Score witness events by mutation: which mistakes in the criteria of ANALYSES (files, runs, built-in analyses; all
    built-in ones where none are given) do they show? Every mutant that survives is listed with the reason."""
    from benchmarks.criteria_mutations import measure
    from benchmarks.tables import print_mutants
    from pipeline.analyses import list_analyses

    scores = []
    for name in analyses or list_analyses():
        for profile in profiles or ("atlas_mini",):
            try:
                score = measure(name, profile, sample)
            except PaperfilterError as error:
                click.echo(f"error: {name}, {profile}: {error}", err=True)
                raise SystemExit(error.exit_code) from error
            scores.append(score)
            if not as_json:
                print_mutants(score)
    if as_json:
        click.echo(json.dumps([s.model_dump(mode="json") for s in scores], ensure_ascii=False, indent=1))


@bench.command()
@click.argument("analyses", nargs=-1)
@click.option("--coder", "names", multiple=True, help="only this coder; may be repeated  [default: all]")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="folder with atlas2020_4lep/ and generated/; without it, simulated events of our own only",
)
@click.option("--time-limit", type=click.FloatRange(1), default=60.0, show_default=True, help="seconds of a program")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="keep the runs in this folder")
@click.option("--json", "as_json", is_flag=True, help="what became of each attempt, as JSON on stdout")
def coders(
    analyses: tuple[str, ...], names: tuple[str, ...], data: Path | None, time_limit: float, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Let scripted coders write the code of ANALYSES (h4l, diphoton, leptoquark): does each end as it should?

    Each is a model server whose replies are known: right at once, after some rounds, never; cheating, attacking, slow.
    Everything else is what `paperfilter run --coder llm` does. Exits with 1 when anything is not as expected.
    """
    import tempfile

    from benchmarks.coders.bench import measure
    from benchmarks.coders.table import print_row, print_summary

    try:
        with tempfile.TemporaryDirectory() as scratch:
            tell = print_row if not as_json else lambda _: None
            rows = measure(analyses, names, data, out or Path(scratch), time_limit, tell)
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    if as_json:
        click.echo(json.dumps([row.model_dump(mode="json") for row in rows], ensure_ascii=False, indent=1))
    else:
        print_summary(rows)
    if any(row.surprises for row in rows):
        raise SystemExit(1)


@bench.command()
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True, help="event files"
)
@click.option("--part", type=click.Choice(["made-with", "held-out", "all"]), default="all", show_default=True)
@click.option("--only", multiple=True, metavar="WORD", help="mistakes with this in their name; may be repeated")
@click.option("--show", is_flag=True, help="what is said of every mistake")
@click.option("--json", "as_json", is_flag=True, help="everything as JSON on stdout")
def explain(data: Path, part: str, only: tuple[str, ...], show: bool, as_json: bool) -> None:
    """Measure how often the explanation of a mismatch names the true cause: known mistakes are put into compiled
    analyses, which run on the files below --data (atlas2020_4lep/, generated/) against the baselines."""
    from benchmarks.explaining import is_held_out, load_bugs, measure, say, summarise

    bugs = load_bugs()
    numbers = [
        k
        for k, bug in enumerate(bugs)
        if (part == "all" or is_held_out(k) == (part == "held-out"))
        and (not only or any(word in bug.name for word in only))
    ]
    try:
        found = measure(data, bugs, numbers, lambda one: click.echo(say(one, show), err=True))
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    if as_json:
        click.echo(json.dumps([f.model_dump(mode="json") for f in found], ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(summarise(found)))


def _summarise(scored: "Score") -> dict[str, object]:
    lower, upper = scored.precision
    plain: dict[str, object] = scored.model_dump(mode="json", exclude={"missed"})
    return {**plain, "missed": [c.id for c in scored.missed], "recall": scored.recall, "precision": [lower, upper]}
