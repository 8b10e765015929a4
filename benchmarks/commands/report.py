"""`bench report`: contests, joined, as a page, Markdown and figures."""

from pathlib import Path

import click

from pipeline.commands.options import quiet_option


@click.command("report")
@click.argument(
    "folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of the report. [default: that of the contest, where it is one]",
)
@click.option(
    "--figure",
    "figures",
    multiple=True,
    metavar="NAME",
    help="Only this figure, as PNG, straight into --out; may be repeated.",
)
@click.option("--markdown", is_flag=True, help="Only the tables, as Markdown on stdout; nothing is written.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Only the tables that are marked in this Markdown file, written anew there.",
)
@quiet_option
def command(
    folders: tuple[Path, ...],
    out: Path | None,
    figures: tuple[str, ...],
    markdown: bool,
    into: Path | None,
    quiet: bool,
) -> None:
    """Draw the report of the contests in DIR... again: report.html, report.md and figures. Several contests are joined,
    so that models which different people have measured stand in one table; contests that disagree about the gold list
    or the criteria of a paper are refused. No contest is held and no model is asked."""
    from benchmarks.contest.joining import join_results
    from benchmarks.contest.publishing import name_tables, publish_file
    from benchmarks.contest.storing import load_results, write_results
    from benchmarks.contest.summarising import summarise
    from benchmarks.reporting.writing import write_figures, write_report
    from schemas.errors import UsageError

    if sum((out is not None or bool(figures), markdown, into is not None)) > 1:
        raise UsageError("a report or figures (--out), --markdown and --into are different things; ask for one of them")
    if markdown or into is not None:
        results = join_results([load_results(folder) for folder in folders])
        if markdown:
            click.echo("\n".join(name_tables(results, summarise(results)).values()), nl=False)
        elif into is not None and publish_file(into, results, summarise(results)) and not quiet:
            click.echo(into)
        return
    if out is None and (len(folders) > 1 or figures):
        raise UsageError("say with --out where the report goes")
    place = out or folders[0]
    if place.exists() and not place.is_dir():
        raise UsageError(f"{place}: is a file; --out takes a folder")
    results = join_results([load_results(folder) for folder in folders])
    summaries = summarise(results)
    if figures:
        written = write_figures(place, results, summaries, figures)
    else:
        tables = write_results(place, results) if len(folders) > 1 else ()
        written = (*tables, *write_report(place, results, summaries))
    if not quiet:
        for path in written:
            click.echo(path)
