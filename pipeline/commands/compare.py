"""`paperfilter compare`: two cutflows, event by event."""

from pathlib import Path

import click

from pipeline.commands.options import json_option, runs_dir_option


@click.command("compare")
@click.argument("analysis")
@click.argument("baseline", required=False)
@click.option("--against", metavar="NAME|CUTFLOW.json", help="A built-in analysis or a cutflow file.")
@runs_dir_option
@json_option
def command(analysis: str, baseline: str | None, against: str | None, runs_dir: Path, as_json: bool) -> int:
    """Compare ANALYSIS (a run or a cutflow.json) with a baseline, step by step, as sets of events.

    Exits with 1 when they do not match.
    """
    from pipeline.comparing import compare_files
    from pipeline.report import lay_out_flows
    from pipeline.report_terminal import print_flows, print_verdict
    from pipeline.terminal import make_console, print_json
    from schemas.errors import EXIT_MISMATCH, EXIT_OK, UsageError

    if (baseline is None) == (against is None):
        raise UsageError("give one baseline: a second cutflow.json, or --against NAME|CUTFLOW.json")
    cutflow, comparison = compare_files(analysis, against or baseline or "", runs_dir)
    if as_json:
        print_json(comparison.model_dump(mode="json"))
    else:
        console = make_console(stderr=False)
        print_flows(console, lay_out_flows(cutflow, comparison), against=True)
        print_verdict(console, comparison)
    return EXIT_OK if comparison.matched else EXIT_MISMATCH
