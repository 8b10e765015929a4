"""`paperfilter batch`: many papers, each in a process of its own."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from pipeline.commands.compile import command as compile_command
from pipeline.commands.extract import command as extract_command
from pipeline.commands.options import ManyData, json_option, quiet_option, runs_dir_option
from pipeline.commands.run import command as run_command

if TYPE_CHECKING:
    from pipeline.batch.orders import Order
    from pipeline.batch.records import Until

GIB = 2**30
JOBS_WITH_MODELS = 4  # a paper that waits for a model needs no processor
# of the commands of a paper: the batch sets them itself, or has another meaning for them
OWN = {"runs_dir", "as_json", "quiet", "output", "help", "program_seconds"}

EPILOG = """\b
Exit code: the worst of the papers, in this order:
 130  interrupted, or not finished; the same command goes on
  70  a bug, or a command that was killed
   8  a run folder cannot be read or written
   7  no sandbox works on this machine
   6  a data profile does not validate
  11  a language model: no server, nothing usable
   9  a download failed
   2  a line that is no source, a paper that cannot be found
   4  event data
  10  generated code did not finish
   3  a paper cannot be read, takes too long or too much memory
   5  criteria do not validate, or questions are open
   1  a cutflow does not match
   0  every paper is done

\b
When three papers in a row have no model server, no more are started for a while
(--server-wait, then twice as long, at most ten times); then one paper at a time finds out.
Papers that had no model server, even a single one, are tried once more at the end when
the server has answered a later paper. The same command tries papers again that failed
for want of a model (11) or a download (9); other failures want --resume.
"""


@click.command("batch", cls=ManyData, epilog=EPILOG)
@click.argument("sources", nargs=-1, metavar="LIST|SOURCE...")
@click.option(
    "--until",
    type=click.Choice(["extract", "codegen", "run"]),
    default="extract",
    show_default=True,
    help="Criteria, analysis.py, or a cutflow (--data).",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 256),
    default=None,
    help="Papers at once. [default: as many as processors; with a model, which is waited for, 4 or more]",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Try all failed papers again, not only those without model or network, and look again at open questions.",
)
@click.option("--retry-failed", is_flag=True, help="Also those that failed for reasons of their own (no PDF, a scan).")
@click.option("--dry-run", is_flag=True, help="Say what would be done. Nothing is written, no network is used.")
@click.option("--status", "show_status", is_flag=True, help="Where the papers stand; without a name, all batches.")
@click.option("--name", default=None, help="Name of the batch folder. [default: that of the list]")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=1),
    default=3600.0,
    show_default=True,
    help="Seconds that one paper may take.",
)
@click.option(
    "--memory-limit",
    type=click.FloatRange(min=0.25),
    default=4.0,
    show_default=True,
    help="GiB that the processes of one paper may have.",
)
@click.option(
    "--server-wait",
    type=click.FloatRange(min=0.1),
    default=30.0,
    show_default=True,
    help="Seconds until a model server that went away is tried again, at first.",
)
@runs_dir_option
@json_option
@quiet_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    sources: tuple[str, ...],
    until: "Until",
    jobs: int | None,
    resume: bool,
    retry_failed: bool,
    dry_run: bool,
    show_status: bool,
    name: str | None,
    time_limit: float,
    memory_limit: float,
    server_wait: float,
    runs_dir: Path,
    as_json: bool,
    quiet: bool,
    **passed: object,  # noqa: ARG001 - read by name, from the context
) -> int:
    """Do many papers, each in a process of its own; one that fails stops no other.

    LIST is a text file with one source per line (- for stdin): an arXiv id, a DOI, a report number, the address of a
    paper's page, the path of a PDF or of a criteria file, a built-in analysis; # begins a comment. Sources can also be
    named directly.

    The folder RUNS/batches/NAME has a status file for each paper and a summary. The same command goes on where an
    interrupted one stopped, tries papers again that had no model or no network, and does nothing twice.

    Other options are those of `extract`, `compile` and `run`, and are passed on to them.
    """
    from pipeline.batch.duplicates import drop_duplicates
    from pipeline.batch.entries import read_entries
    from pipeline.batch.folder import BATCHES
    from pipeline.batch.reporting import print_plan, print_status, print_summary
    from pipeline.run_store import make_slug
    from pipeline.terminal import print_json
    from schemas.errors import UsageError

    if show_status:
        print_status(runs_dir, name or (sources[0] if sources else None), as_json=as_json)
        return 0
    if not sources:
        raise UsageError("no papers; give a list of sources, or sources")
    runs_dir = runs_dir.absolute()  # what is written down must be right from elsewhere too
    order = _make_order(ctx, until, runs_dir, jobs, time_limit, memory_limit, server_wait, resume, retry_failed)
    listing = drop_duplicates(read_entries(sources), order.shelves)
    folder = runs_dir / BATCHES / make_slug(name or listing.name)
    if dry_run:
        print_plan(folder, listing, order, as_json=as_json)
        return 0
    from pipeline.batch.batch import run_batch

    summary = run_batch(folder, listing, order, sources, quiet=quiet)
    if as_json:
        print_json(summary.model_dump(mode="json"))
    elif not quiet:
        print_summary(summary)
    return summary.exit_code


def _make_order(
    ctx: click.Context,
    until: "Until",
    runs: Path,
    jobs: int | None,
    seconds: float,
    memory: float,
    server_wait: float,
    resume: bool,
    retry_failed: bool,
) -> "Order":
    import os

    from pipeline.batch.child import Limits
    from pipeline.batch.orders import Order
    from pipeline.event_data import find_files
    from pipeline.obtaining import Shelves
    from schemas.errors import UsageError

    patterns = ctx.params["data"]
    if until == "run" and not patterns:
        raise UsageError("--until run needs event data; name the files with --data, for example --data 'data/*.root'")
    if until != "run" and patterns:
        raise UsageError("--data is for --until run")
    if until != "run" and ctx.params["coder"] != "compiler":
        raise UsageError(f"--coder {ctx.params['coder']} is for --until run: a model's code is judged by its events")
    given = {name: _spell(ctx, option) for name, option in _PASSED.items()}
    reading = frozenset(str(p.name) for p in extract_command.params)
    then = {"extract": extract_command, "codegen": compile_command, "run": run_command}[until]

    models = _describe_models(ctx)

    def choose(other: click.Command, leave_out: frozenset[str] = frozenset()) -> tuple[str, ...]:
        names = [str(p.name) for p in other.params if p.name not in leave_out]
        return tuple(word for name in names for word in given.get(name, ()))

    return Order(
        until=until,
        runs=runs,
        jobs=jobs or max(os.cpu_count() or 1, JOBS_WITH_MODELS if models else 1),
        limits=Limits(seconds, int(memory * GIB)),
        resume=resume,
        retry_failed=retry_failed,
        server_wait=server_wait,
        reading=(*_spell_reading(given), *models),
        extract_options=choose(extract_command),
        compile_options=choose(compile_command),
        run_options=choose(run_command),  # those of reading too: they say the same as those of the extraction did
        later=choose(then, reading),
        data=find_files(patterns) if patterns else (),
        shelves=Shelves(
            library=ctx.params.get("library"),
            papers=ctx.params.get("papers", ()),
            offline=bool(ctx.params.get("offline")),
        ),
    )


def _spell_reading(given: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Options that decide what is read in a paper, besides the models; not where models, replies and papers are."""
    from pipeline.reading_options import ReadingOptions

    names = set(ReadingOptions.model_fields) - {"models"}
    return tuple(word for name in sorted(names) for word in given.get(name, ()))


def _describe_models(ctx: click.Context) -> tuple[str, ...]:
    """The models that read, and digests of how they are asked. Raises UsageError for settings that make no sense."""
    from pipeline.models.access import ModelAccess
    from pipeline.models.config import load_settings

    if ctx.params["no_model"]:
        return ()
    settings = load_settings(ctx.params["models"], ctx.params["url"], ctx.params["config"])
    models = ModelAccess(settings=settings, cache=Path()).describe()
    return tuple(f"{name} {digest}" for name, digest in sorted(models.items()))


def _spell(ctx: click.Context, option: click.Option) -> tuple[str, ...]:
    """The words that give an option its value; none where it was not given here (a child has our environment)."""
    if ctx.get_parameter_source(str(option.name)) is not ParameterSource.COMMANDLINE:
        return ()
    value = ctx.params[str(option.name)]
    long = max(option.opts, key=len)
    if option.is_flag:
        return (long,) if value else tuple(option.secondary_opts[:1])
    values = value if option.multiple or option.nargs != 1 else (value,)
    if option.nargs != 1:
        return (long, *map(str, values))
    return tuple(f"{long}={one}" for one in values)


def _list_passed() -> dict[str, click.Option]:
    """Options of the commands of a paper that are not set by the batch itself."""
    found: dict[str, click.Option] = {}
    for one in (extract_command, compile_command, run_command):
        for option in one.params:
            if isinstance(option, click.Option) and option.name not in OWN:
                found.setdefault(str(option.name), option)
    return found


_PASSED = _list_passed()
command.params += _PASSED.values()
