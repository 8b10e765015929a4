"""`paperfilter answer`: answer open questions, accept a cut by name."""

from pathlib import Path

import click

from pipeline.commands.options import runs_dir_option


@click.command("answer")
@click.argument("what")
@click.argument("answers", nargs=-1, metavar="[QUESTION=KEY]...")
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="CUT",
    help="Accept a cut, a candidate or an overlap removal ('jets near muons') that has no grounded quote.",
)
@click.option("--defaults", is_flag=True, help="Take the documented default of every question that is still open.")
@click.option(
    "--by",
    default=None,
    help="Who answers. [default: [person] name in paperfilter.toml, else the name in git's settings]",
)
@runs_dir_option
def command(
    what: str, answers: tuple[str, ...], accepted: tuple[str, ...], defaults: bool, by: str | None, runs_dir: Path
) -> None:
    """Answer open questions of WHAT (a run or a criteria file), in place. Without answers, list the questions.

    Comments in the file and the order of what is in it stay. In a run, who answered and accepted what goes on record:
    `paperfilter history RUN` shows it, `paperfilter review RUN` takes it back.

    `paperfilter run RUN` then redoes what depends on them.
    """
    from pipeline import artefacts, gate
    from pipeline.answering import answer_file, answer_run
    from pipeline.person import find_person
    from pipeline.reading import load_criteria, load_marked
    from pipeline.report_terminal import print_questions
    from pipeline.run_store import find_run
    from pipeline.terminal import make_console

    run = find_run(runs_dir, what) if not Path(what).is_file() else None
    path = run / artefacts.CRITERIA if run is not None else Path(what)
    asked = []
    for answer in answers:
        question, equals, key = answer.partition("=")
        if not equals:
            raise click.UsageError(f"'{answer}' is not QUESTION=KEY")
        asked.append((question, key))
    if asked or accepted or defaults:
        who = find_person(by)
        if run is not None:
            criteria = answer_run(run, asked, accepted, who, defaults=defaults)
        else:
            criteria = answer_file(path, asked, accepted, who, defaults=defaults)
    else:
        criteria = load_marked(run) if run is not None else load_criteria(path)
    console = make_console(stderr=False)
    print_questions(console, criteria.questions)
    left = len(gate.list_open(criteria))
    console.print(f"{path}: {left} open", markup=False, soft_wrap=True)
