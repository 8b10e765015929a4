"""`paperfilter validate`: is a criteria file right, and can a data format provide what it asks for?"""

from pathlib import Path

import click

from pipeline.commands.options import json_option


@click.command("validate")
@click.argument("criteria", type=click.Path(path_type=Path))
@click.option("--profile", default=None, metavar="NAME", help="Also bind to this data profile.")
@json_option
def command(criteria: Path, profile: str | None, as_json: bool) -> None:
    """Check a CRITERIA file: names, units, types, cycles; with --profile, what the data format can evaluate."""
    from pipeline import gate
    from pipeline.compiling import compile_criteria
    from pipeline.reading import count_cuts, load_criteria
    from pipeline.terminal import make_console, print_json, strip_controls
    from schemas.validation import validate_criteria

    ssc = load_criteria(criteria)
    validate_criteria(ssc)
    missing = compile_criteria(ssc, profile).not_evaluable if profile else ()
    open_now = gate.list_open(ssc)
    loose = [cut.id for cut in gate.list_cuts(ssc) if gate.is_ungrounded(cut)]
    if as_json:
        print_json(
            {
                "valid": True,
                "cuts": count_cuts(ssc),
                "open_questions": [q.id for q in open_now],
                "ungrounded": loose,
                "profile": profile,
                "not_evaluable": [m.model_dump(mode="json") for m in missing],
            }
        )
        return
    console = make_console(stderr=False)
    state = f"{criteria}: valid, {count_cuts(ssc)} cuts, {len(open_now)} open questions, {len(loose)} not grounded"
    console.print(state, markup=False, soft_wrap=True)
    for one in missing:
        line = f"  not evaluable in {profile}: {one.cut}: {one.text}: {one.reason}"
        console.print(strip_controls(line), markup=False, soft_wrap=True)
