"""`bench code`: who writes right code for an analysis, and how often?"""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from pipeline.commands.options import json_option, quiet_option

if TYPE_CHECKING:
    from benchmarks.programming.holding import Held
    from pipeline.models.config import ModelSettings
    from schemas.coding import Coder

MODES = ("llm", "hybrid")


@click.command("code")
@click.option(
    "--models",
    "models",
    multiple=True,
    metavar="NAME[@URL],…",
    help="Models that write code; may be repeated. [default: $PAPERFILTER_MODEL or paperfilter.toml]",
)
@click.option("--url", metavar="URL", help="OpenAI-compatible server, such as vLLM. [default: $PAPERFILTER_URL]")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Settings of models and roles. [default: the nearest paperfilter.toml]",
)
@click.option("--no-model", is_flag=True, help="No model, whatever the environment and paperfilter.toml say.")
@click.option(
    "--simulated",
    multiple=True,
    metavar="SPEC",
    help="A simulated model with known mistakes in percent: right=60,break=5; may be repeated.",
)
@click.option("--runs", type=click.IntRange(1, 1000), default=10, show_default=True, help="Runs of each model.")
@click.option(
    "--mode",
    default="llm",
    show_default=True,
    metavar="llm,hybrid",
    help="llm: a model writes the whole selection; hybrid: only what the criteria state in words.",
)
@click.option(
    "--analyses",
    multiple=True,
    metavar="NAME,…",
    help="Built-in analyses; may be repeated. [default: h4l,diphoton,leptoquark]",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with ANALYSIS/*.root and ANALYSIS/held-out/*.root, or with atlas2020_4lep/ and generated/. [default: "
    "simulated events of our own]",
)
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True, help="Attempts of a run.")
@click.option(
    "--supervisor/--no-supervisor",
    "supervised",
    default=True,
    help="Whether a model in the role of supervisor instructs the coder. [default: yes]",
)
@click.option(
    "--time-limit",
    "seconds",
    type=click.FloatRange(min=1),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a program may compute.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    envvar="PAPERFILTER_TIMEOUT",
    metavar="SECONDS",
    help="How long one answer of a model may take before it is asked again. [default: 600]",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Runs at the same time.")
@click.option(
    "--cache",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="PAPERFILTER_CACHE",
    help="Replies of models. [default: replies.sqlite in the folder of the contest]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("contest-code"),
    show_default=True,
    help="Folder of the contest.",
)
@json_option
@quiet_option
def command(
    models: tuple[str, ...],
    url: str | None,
    config: Path | None,
    no_model: bool,
    simulated: tuple[str, ...],
    runs: int,
    mode: str,
    analyses: tuple[str, ...],
    data: Path | None,
    rounds: int,
    supervised: bool,
    seconds: float,
    timeout: float | None,
    jobs: int,
    cache: Path | None,
    out: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Who writes right code? Models go through the loop of `paperfilter run --coder llm`, run after run, and the last
    program of every run is tried on events that were never in the loop and on witness events. The compiler is always
    one of the contestants.

    What is done is kept in the folder of the contest: an interrupted contest goes on by the same command, and a further
    model or analysis reruns nothing else. A server that is out of reach is told, the others go on, and the command
    exits with 11 in the end. Without a model the compiler alone takes part; no network is needed.

    The results hold more than this command names: contestants, analyses and modes that earlier commands measured in the
    same folder stay in tables and report, as long as criteria, events and the code that judges are the same, and of
    those who take part again, the settings too. What cannot stay is told in a line, and is back when it is named again:
    nothing that is kept is done again. What is named is shown as it is named now, with as many runs. Contests that
    should not be shown together belong in folders of their own (--out).
    """
    from benchmarks.programming.contestants import plan_entrants
    from benchmarks.programming.holding import hold_contest
    from benchmarks.programming.looping import Rules
    from benchmarks.programming.progress import Teller
    from benchmarks.programming.running import REPLIES, Plan
    from benchmarks.simulated.specification import parse_simulated_coder
    from pipeline.terminal import Progress
    from schemas.errors import UsageError

    modes = _read_modes(mode)
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is a file; --out takes the folder of the contest")
    names = _split(analyses)
    if analyses and not names:
        raise UsageError("--analyses names no analysis; name some, or leave it out")
    settings = _find_settings(models, url, config, timeout, no_model=no_model)
    entrants = plan_entrants(settings, [parse_simulated_coder(spec) for spec in dict.fromkeys(simulated)])
    plan = Plan(
        subjects=(), entrants=entrants, modes=modes, runs=runs, rules=Rules(rounds, seconds, supervised), folder=out,
        cache=cache or out / REPLIES, jobs=jobs,
    )  # fmt: skip
    held = hold_contest(names, data, plan, Teller(Progress(quiet=quiet)))
    _show(held, out, as_json=as_json, quiet=quiet)
    if held.trouble is not None:
        raise held.trouble


def _split(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for one in given for name in one.split(",") if name.strip()))


def _read_modes(given: str) -> "tuple[Coder, ...]":
    names = _split((given,))
    unknown = [name for name in names if name not in MODES]
    if unknown or not names:
        raise click.BadParameter(f"'{', '.join(unknown) or given}' is none of {', '.join(MODES)}", param_hint="--mode")
    return cast("tuple[Coder, ...]", names)


def _find_settings(
    models: tuple[str, ...], url: str | None, config: Path | None, timeout: float | None, *, no_model: bool
) -> "tuple[ModelSettings, ...]":
    from pipeline.models.config import load_settings
    from schemas.errors import UsageError

    names = _split(models)
    if no_model:
        if names or url:
            raise UsageError("--no-model and --models (--url) contradict each other; leave one out")
        return ()
    if models and not names:
        raise UsageError("--models names no model; give NAME@URL, or leave it out")
    settings = load_settings(names, url, config)
    return settings if timeout is None else tuple(s.model_copy(update={"timeout": timeout}) for s in settings)


def _show(held: "Held", out: Path, *, as_json: bool, quiet: bool) -> None:
    from benchmarks.contest.summarising import summarise
    from benchmarks.contest.tables import print_tables
    from benchmarks.reporting.writing import write_report
    from pipeline.terminal import make_console, print_json

    summaries = summarise(held.results)
    files = (*held.files, *write_report(out, held.results, summaries))
    if as_json:
        document = {
            "manifest": held.results.manifest.model_dump(mode="json"),
            "files": [str(path) for path in files],
            "summaries": [summary.model_dump(mode="json") for summary in summaries],
            "trouble": str(held.trouble) if held.trouble is not None else None,
        }
        print_json(document)
        if held.trouble is not None:  # one document, in which it is said
            raise SystemExit(held.trouble.exit_code)
    elif not quiet:
        console = make_console(stderr=False)
        print_tables(summaries, console)
        shown = [path for path in files if path.parent == out]
        console.print(f"files: {', '.join(map(str, shown))}", markup=False, soft_wrap=True)
