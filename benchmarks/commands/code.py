"""`bench code`: who writes right code for an analysis, and how often?"""

from pathlib import Path

import click


@click.command("code")
@click.option(
    "--models",
    "models",
    multiple=True,
    metavar="NAME[@URL],…",
    help="models that write code; may be repeated  [default: $PAPERFILTER_MODEL or paperfilter.toml]",
)
@click.option("--url", metavar="URL", help="OpenAI-compatible server, such as vLLM  [default: $PAPERFILTER_URL]")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="settings of models and roles  [default: the nearest paperfilter.toml]",
)
@click.option("--no-model", is_flag=True, help="no model, whatever the environment and paperfilter.toml say")
@click.option("--runs", type=click.IntRange(1, 1000), default=10, show_default=True, help="runs of each model")
@click.option("--mode", default="llm", show_default=True, metavar="llm,hybrid", help="what models write")
@click.option(
    "--analyses", multiple=True, metavar="NAME,…", help="built-in analyses  [default: h4l,diphoton,leptoquark]"
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="folder with ANALYSIS/*.root and ANALYSIS/held-out/*.root, or atlas2020_4lep/ and generated/; without it, "
    "simulated events of our own",
)
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True, help="attempts of a run")
@click.option(
    "--supervisor/--no-supervisor", default=True, help="whether a supervisor instructs the coder  [default: yes]"
)
@click.option(
    "--time-limit",
    type=click.FloatRange(1),
    default=120.0,
    show_default=True,
    help="seconds that a program may compute",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="runs at the same time")
@click.option(
    "--cache",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="PAPERFILTER_CACHE",
    help="replies of models  [default: replies.sqlite in the contest's folder]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("contest-code"),
    show_default=True,
    help="folder of the contest",
)
@click.option("--json", "as_json", is_flag=True, help="the results as JSON on stdout")
def command(
    models: tuple[str, ...], url: str | None, config: Path | None, no_model: bool, runs: int, mode: str,
    analyses: tuple[str, ...], data: Path | None, rounds: int, supervisor: bool, time_limit: float, jobs: int,
    cache: Path | None, out: Path, as_json: bool,
) -> int:  # fmt: skip
    """Who writes right code? Models go through the loop of `paperfilter run --coder`, run after run; the compiler is
    always one of the contestants.

    What is done is kept in the folder of the contest: an interrupted contest goes on by the same command, and a further
    model reruns nothing else. A server that is out of reach is told, the others go on, and the command exits with 11.
    """
    from benchmarks.programming.contest import Wishes, hold_contest

    wishes = Wishes(
        models=models, url=url, config=config, no_model=no_model, runs=runs, modes=mode, analyses=analyses, data=data,
        rounds=rounds, supervised=supervisor, seconds=time_limit, jobs=jobs, cache=cache, out=out, as_json=as_json,
    )  # fmt: skip
    return hold_contest(wishes)
