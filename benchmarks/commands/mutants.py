"""`bench mutants`: which mistakes do witness events show?."""

import json

import click

from schemas.errors import PaperfilterError


@click.command("mutants")
@click.option("--profile", "profiles", multiple=True, help="data format; may be repeated  [default: atlas_mini]")
@click.option("--sample", type=click.IntRange(0), default=20, show_default=True, help="mutants to compile and run")
@click.option("--json", "as_json", is_flag=True, help="scores as JSON on stdout")
@click.argument("analyses", nargs=-1)
def command(analyses: tuple[str, ...], profiles: tuple[str, ...], sample: int, as_json: bool) -> None:
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
