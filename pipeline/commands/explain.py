"""`paperfilter explain`: why two cutflows differ, as a colleague would say it."""

from pathlib import Path

import click

from pipeline.commands.options import json_option, runs_dir_option


@click.command("explain")
@click.argument("what", metavar="RUN|CUTFLOW.json")
@click.option("--against", metavar="NAME|CUTFLOW.json", help="Another baseline than that of the run.")
@click.option("--attempt", type=click.IntRange(1), metavar="N", help="An attempt of a model at the code.")
@runs_dir_option
@json_option
def command(what: str, against: str | None, attempt: int | None, runs_dir: Path, as_json: bool) -> int:
    """Explain why a RUN does not match its baseline: the first differing step, events with the values that decide, what
    the criteria ask, and likely causes.

    Exits with 1 when there is a mismatch, with 0 when there is nothing to explain.
    """
    from codegen.explaining.words import write_for_person
    from pipeline.explaining import explain_named
    from pipeline.terminal import make_console, print_json, strip_controls
    from schemas.errors import EXIT_MISMATCH, EXIT_OK

    found = explain_named(what, runs_dir, against, attempt)
    if as_json:
        explanation = found.explanation.model_dump(mode="json") if found.explanation is not None else None
        print_json(
            {
                "format": "paperfilter-explanation/1",
                "matched": found.matched,
                "summary": found.summary,
                "explanation": explanation,
            }
        )
    else:
        text = write_for_person(found.explanation) if found.explanation is not None else ""
        mark = "✓ the events match" if found.matched else "✗ the events do not match"
        lines = [f"{mark}: {found.summary}" if found.summary else mark, *(["", text.rstrip()] if text else [])]
        make_console(stderr=False).print(
            strip_controls("\n".join(lines)), markup=False, highlight=False, soft_wrap=True
        )
    return EXIT_OK if found.matched else EXIT_MISMATCH
