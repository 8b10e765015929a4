"""`paperfilter compile`: criteria to a self-contained analysis."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import (
    ManyData,
    accept_defaults_option,
    backend_option,
    json_option,
    profile_option,
    runs_dir_option,
)

if TYPE_CHECKING:
    from schemas.backend import Backend
    from schemas.cutflow import NotEvaluable


@click.command("compile", cls=ManyData)
@click.argument("criteria")
@profile_option
@backend_option
@click.option(
    "--data",
    multiple=True,
    metavar="FILES",
    help="Event files: of a format whose files differ, what these ones hold. [default: those of a run]",
)
@accept_defaults_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write. [default: stdout; of a run: analysis.py of its folder]",
)
@runs_dir_option
@json_option
def command(
    criteria: str,
    profile: str | None,
    backend: "Backend | None",
    data: tuple[str, ...],
    accept_defaults: bool,
    output: Path | None,
    runs_dir: Path,
    as_json: bool,
) -> None:
    """Compile CRITERIA to one analysis.py: coffea, awkward, uproot, numpy and hist, nothing of ours.

    CRITERIA is a file, a run, a built-in analysis, or - for standard input.

    Refused while questions are open or cuts are not grounded. With --json, stdout says what cannot be evaluated.
    """
    import sys

    from pipeline import gate
    from pipeline.analyses import load_analysis
    from pipeline.compiling import DEFAULT_PROFILE, compile_criteria, find_profile, guess_profile
    from pipeline.criteria_sources import find_criteria, load_source
    from pipeline.event_data import find_files
    from pipeline.files import write_atomically
    from pipeline.person import find_person
    from pipeline.terminal import print_json, strip_controls
    from schemas.errors import UsageError

    shadowed = ("awkward", "coffea", "distributed", "hist", "numba", "numpy", "uproot", "vector")
    if output is not None and (output.stem in shadowed or output.stem in sys.stdlib_module_names):
        raise UsageError(f"{output}: a program of this name hides the package {output.stem} from itself; name another")
    source = find_criteria(criteria, runs_dir)
    written: Path | None
    if source.kind == "run" and source.path is not None:
        missing, written = _compile_run(source.path, profile, backend, data, accept_defaults=accept_defaults)
        if output is not None and written is not None:
            write_atomically(output, written.read_bytes())
            written = output
    else:
        ssc = load_source(source)
        if profile is None and not data and source.kind == "analysis":
            profile = load_analysis(criteria).profiles[0]
        if accept_defaults:
            ssc = gate.accept_defaults(ssc, find_person())
        gate.check_gate(ssc, criteria)
        files = find_files(data) if data else ()
        fitted = find_profile(profile or (guess_profile(files[0]) if files else DEFAULT_PROFILE), files)
        compiled = compile_criteria(ssc, fitted, backend or "numpy")
        missing, written = compiled.not_evaluable, output
        if fitted.varies and not data:
            click.echo(f"files of profile {fitted.name} differ: --data FILES compiles for what yours hold", err=True)
        if output is not None:
            write_atomically(output, compiled.source)
        elif not as_json:
            sys.stdout.write(compiled.source)
    if as_json:
        print_json(
            {
                "run": str(source.path) if source.kind == "run" else None,
                "analysis": str(written) if written is not None else None,
                "not_evaluable": [m.model_dump(mode="json") for m in missing],
            }
        )
    if written is not None:
        click.echo(f"{written}: written", err=True)
    for one in missing:
        click.echo(strip_controls(f"not evaluable: {one.cut}: {one.text}: {one.reason}"), err=True)


def _compile_run(
    folder: Path, profile: str | None, backend: "Backend | None", data: tuple[str, ...], *, accept_defaults: bool
) -> "tuple[tuple[NotEvaluable, ...], Path]":
    """Compile the criteria of a run in its folder. A run that is refused stays as it is."""
    from pipeline import artefacts, gate
    from pipeline.compiling import DEFAULT_PROFILE, BindingRecord
    from pipeline.event_data import find_files
    from pipeline.person import find_person
    from pipeline.reading import load_marked
    from pipeline.run_store import load_artefact, load_manifest, reopen_run
    from pipeline.running import accept_criteria, compile_run
    from pipeline.terminal import Progress

    request = load_manifest(folder).request
    files = find_files(data) if data else tuple(path for path in map(Path, request.data) if path.is_file())
    ssc = load_marked(folder)
    ssc = gate.accept_defaults(ssc, find_person()) if accept_defaults else ssc
    gate.check_gate(ssc, str(folder), reviewable=True)
    with reopen_run(folder) as run:
        progress = Progress(quiet=True)
        accept_criteria(run, progress, accept_defaults=accept_defaults)
        profile = profile or request.profile or DEFAULT_PROFILE
        compile_run(run, progress, profile, files, backend or request.backend)
    missing = load_artefact(folder / artefacts.BINDING, BindingRecord).not_evaluable
    return tuple(missing), folder / artefacts.ANALYSIS
