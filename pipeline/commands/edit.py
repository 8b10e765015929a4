"""`paperfilter edit`: criteria in an editor."""

from pathlib import Path

import click

from pipeline.commands.options import runs_dir_option


@click.command("edit")
@click.argument("what")
@click.option("--by", default=None, metavar="NAME", help="Who edits. [default: the name in the settings, or git's]")
@click.option("--why", default=None, metavar="TEXT", help="The reason, for the history.")
@click.option("--fresh", is_flag=True, help="Begin anew; a draft that was not applied stays where it is.")
@runs_dir_option
def command(what: str, by: str | None, why: str | None, fresh: bool, runs_dir: Path) -> None:
    """Open the criteria of WHAT (a run or a criteria file) in $VISUAL, $EDITOR or vi.

    Every cut has its quotes above it, every question its alternatives; accept, reject, change, add and answer in the
    text. What is not valid opens again with the error on top. What does not change, or is emptied, changes nothing and
    ends with 0. A draft that could not be applied is kept and opened next time.
    """
    import sys

    from pipeline.criteria_sources import find_criteria
    from pipeline.drafts.session import Session, edit_criteria
    from pipeline.drafts.targets import FileTarget, RunTarget, Target, find_run_of
    from pipeline.editor import find_editor
    from pipeline.person import find_person
    from pipeline.terminal import make_console, strip_controls
    from schemas.errors import UsageError

    source = find_criteria(what, runs_dir)
    if source.path is None or source.kind == "analysis":
        raise UsageError(f"'{what}' cannot be edited; write it to a file with `paperfilter export {what} -o FILE.yaml`")
    run = source.path if source.kind == "run" else find_run_of(source.path)
    target: Target = FileTarget(source.path) if run is None else RunTarget(run, what)
    console = make_console()

    def tell(line: str) -> None:
        console.print(strip_controls(line), markup=False, soft_wrap=True)

    def go_on(question: str) -> bool:
        if fresh:
            return False
        return click.confirm(question, default=True, err=True) if sys.stdin.isatty() else True

    changes = edit_criteria(target, Session(find_editor(), by or find_person(), why, tell, go_on))
    for change in changes:
        if change.before is None:
            tell(f"  new      {change.part}: {change.after}")
        elif change.after is None:
            tell(f"  removed  {change.part}: {change.before}")
        else:
            tell(f"  changed  {change.part}: {change.before} → {change.after}")
    if changes:
        tell(f"{target.path}: {len(changes)} part{'' if len(changes) == 1 else 's'} changed")
