"""`bench serving`: how full does the client keep a model server?."""

import json
from pathlib import Path

import click

from schemas.errors import PaperfilterError


@click.command("serving")
@click.option("--requests", type=click.IntRange(1), default=320, show_default=True)
@click.option("--in-flight", type=click.IntRange(1, 1024), default=32, show_default=True)
@click.option("--latency", type=click.FloatRange(0, min_open=True), default=2.0, show_default=True, help="seconds")
@click.option("--json", "as_json", is_flag=True, help="the figures as JSON on stdout")
@click.argument("papers", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def command(papers: tuple[Path, ...], requests: int, in_flight: int, latency: float, as_json: bool) -> None:
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
