"""The demo: `python -m benchmarks.demo --out DIR`. A note of our own, a sample of our own, the whole way, offline."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

ANALYSIS = "demo_h4l"


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="folder to write to")
@click.pass_context
def main(context: click.Context, out: Path) -> None:
    """Typeset the note, generate the sample, and go from the one to the other's cutflow."""
    from benchmarks.demo.typeset import typeset_note
    from benchmarks.samples.make_demo import make_demo

    _say("a note of our own, typeset here")
    note = typeset_note(out)
    _say(f"    {note}")
    _say("simulated events of our own, generated here")
    sample = make_demo(out)
    _say(f"    {sample}")
    command = ["run", str(note), "--data", str(sample), "--against", ANALYSIS, "--accept-defaults"]
    command += ["--runs-dir", str(out / "runs"), *_choose_sandbox()]
    _say(f"\n$ paperfilter {' '.join(command)}")
    done = subprocess.run([sys.executable, "-m", "pipeline.cli", *command], check=False)  # noqa: S603 - our own program
    if done.returncode == 0:
        _name_results(out / "runs")
    context.exit(done.returncode)


def _choose_sandbox() -> Sequence[str]:
    """Without a sandbox the demo goes on: the code there is compiled by us from a note of ours. It is recorded."""
    from codegen.sandbox import probe_sandbox

    report = probe_sandbox()
    if report.usable:
        return ()
    _say(f"no sandbox here ({report.detail}); going on without one, because this code is our own; {report.advice}")
    return ("--unsafe-no-sandbox",)


def _name_results(runs: Path) -> None:
    newest = max(runs.glob("*/*/report.html"), key=lambda path: path.stat().st_mtime)
    _say(f"\nreport   {newest}")
    for picture in sorted(newest.parent.glob("figure-m4l-*.png"))[:1]:
        _say(f"picture  {picture}")


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    main()
