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
@click.option("--by", default=None, help="Who answers. [default: the name in git's settings]")
@runs_dir_option
def command(
    what: str, answers: tuple[str, ...], accepted: tuple[str, ...], defaults: bool, by: str | None, runs_dir: Path
) -> None:
    """Answer open questions of WHAT (a run or a criteria file), in place. Without answers, list the questions.

    Comments in the file and the order of what is in it stay.

    `paperfilter run RUN` then redoes what depends on them.
    """
    from pipeline import artefacts, gate
    from pipeline.files import write_atomically
    from pipeline.person import find_person
    from pipeline.reading import load_criteria
    from pipeline.report_terminal import print_questions
    from pipeline.run_store import find_run
    from pipeline.terminal import make_console
    from schemas.criteria_comments import rewrite_yaml
    from schemas.criteria_yaml import dump_criteria

    run = find_run(runs_dir, what) if not Path(what).is_file() else None
    path = run / artefacts.CRITERIA if run is not None else Path(what)
    criteria = load_criteria(path)
    who = by or find_person()
    for answer in answers:
        question, equals, key = answer.partition("=")
        if not equals:
            raise click.UsageError(f"'{answer}' is not QUESTION=KEY")
        criteria = gate.answer_question(criteria, question, key, who)
    for cut in accepted:
        criteria = gate.accept_part(criteria, cut)
    if defaults:
        criteria = gate.accept_defaults(criteria, who)
    if answers or accepted or defaults:
        is_json = path.suffix.lower() == ".json"
        text = dump_criteria(criteria, "json") if is_json else rewrite_yaml(path.read_text(encoding="utf-8"), criteria)
        write_atomically(path, text)
    console = make_console(stderr=False)
    print_questions(console, criteria.questions)
    left = len(gate.list_open(criteria))
    console.print(f"{path}: {left} open", markup=False, soft_wrap=True)
