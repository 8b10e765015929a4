"""`bench extract`: who reads best? Models, their votes and the rules against gold criteria."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click

from pipeline.commands.options import json_option, library_option, quiet_option

if TYPE_CHECKING:
    from benchmarks.contest.summary import Summary
    from benchmarks.extracting.holding import Held
    from pipeline.models.config import ModelSettings

Follow = Literal["no", "local", "web"]
MODES = ("bulk", "chunk")


@click.command("extract")
@click.option(
    "--models",
    "models",
    multiple=True,
    metavar="NAME[@URL],…",
    help="Models that read; may be repeated. [default: $PAPERFILTER_MODEL or paperfilter.toml]",
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
    help="A simulated model with known mistakes in percent: drop=20,invent=10,break=5,wrong=5; may be repeated.",
)
@click.option("--runs", type=click.IntRange(1, 1000), default=10, show_default=True, help="Readings by each model.")
@click.option(
    "--mode",
    default="bulk,chunk",
    show_default=True,
    metavar="bulk,chunk",
    help="bulk: the selection text in one question; chunk: section by section.",
)
@click.option(
    "--votes",
    multiple=True,
    type=click.IntRange(2, 1000),
    metavar="N",
    help="Ensembles too: groups of N runs of each model, merged; may be repeated.",
)
@click.option(
    "--with-rules/--no-with-rules",
    default=True,
    help="Each run of a model, and each ensemble, merged with the rules' reading too. [default: yes]",
)
@click.option(
    "--papers",
    multiple=True,
    metavar="PDF|FOLDER|NAME",
    help="PDFs, folders of PDFs, names of gold lists, arXiv ids; may be repeated. [default: our own notes]",
)
@click.option(
    "--gold",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Further gold lists: a file or a folder; may be repeated.",
)
@click.option("--paper", "only", multiple=True, metavar="NAME", help="Only this one of the papers; may be repeated.")
@click.option("--group", type=click.Choice(["A", "B"]), help="Only this group of our notes.")
@click.option(
    "--ask-again/--no-ask-again",
    default=True,
    help="Ask a model about printed thresholds that it does not claim. [default: yes]",
)
@click.option(
    "--follow",
    type=click.Choice(["no", "local", "web"]),
    default="no",
    show_default=True,
    help="Where cited works come from that define a cut: not at all, the library (local), the network too (web).",
)
@click.option("--depth", type=click.IntRange(1, 5), default=2, show_default=True, help="How far works are followed.")
@click.option("--max-works", type=click.IntRange(1, 50), default=8, show_default=True, help="Works followed at most.")
@library_option
@click.option("--offline", is_flag=True, help="No network: papers and cited works come from this machine alone.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    envvar="PAPERFILTER_TIMEOUT",
    metavar="SECONDS",
    help="How long one answer of a model may take before it is asked again. [default: 600]",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=8, show_default=True, help="Readings by one model at the same time."
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="PAPERFILTER_CACHE",
    help="Replies of models. [default: replies.sqlite in the folder of the contest]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("contest-extract"),
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
    votes: tuple[int, ...],
    with_rules: bool,
    papers: tuple[str, ...],
    gold: tuple[Path, ...],
    only: tuple[str, ...],
    group: str | None,
    ask_again: bool,
    follow: Follow,
    depth: int,
    max_works: int,
    library: Path | None,
    offline: bool,
    timeout: float | None,
    jobs: int,
    cache: Path | None,
    out: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Who reads best? Models read papers run after run, and what they find is held against gold criteria: recall,
    precision, invented criteria, exactness, questions, agreement, cost. The rules are always one of the contestants.

    What is done is kept in the folder of the contest: an interrupted contest goes on by the same command, and a further
    model or paper reads nothing else again. A server that is out of reach is told, the others go on, and the command
    exits with 11 in the end. Without a model the rules alone read our notes; no network is needed.

    The results hold more than this command names: contestants, papers and modes that earlier commands measured in the
    same folder stay in tables and report, as long as the gold list and the code that scores are the same, and of those
    who take part again, the settings too. What cannot stay is told in a line, and is back when it is named again:
    nothing that is kept is read again. What is named is shown as it is named now, with as many runs. Contests that
    should not be shown together belong in folders of their own (--out).
    """
    import tempfile

    from benchmarks.contest.locking import lock_folder
    from benchmarks.extracting.contestants import plan_entrants
    from benchmarks.extracting.digests import Terms
    from benchmarks.extracting.holding import Setting, hold_contest
    from benchmarks.extracting.subjects import choose_papers, find_papers, load_lists
    from benchmarks.simulated.specification import parse_simulated
    from pipeline.obtaining import Shelves
    from pipeline.terminal import Progress
    from schemas.errors import UsageError

    modes = _read_modes(mode)
    _check_votes(votes, runs)
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is a file; --out takes the folder of the contest")
    settings = _find_settings(models, url, config, timeout, no_model=no_model)
    entrants = plan_entrants(
        settings, [parse_simulated(spec) for spec in dict.fromkeys(simulated)], votes, with_rules=with_rules
    )
    terms = Terms(modes, runs, ask_again, max_works if follow != "no" else 0, depth, jobs)
    progress = Progress(quiet=quiet)
    notes: list[str] = []

    def tell(line: str) -> None:
        notes.append(line)
        progress.note(line)

    with tempfile.TemporaryDirectory(prefix="paperfilter-") as scratch:
        found = find_papers(papers, load_lists(gold), Path(scratch), Shelves(library, offline=offline), tell)
        chosen = choose_papers(found, only, group)
        setting = Setting(out, cache, Shelves(library, offline=offline or follow != "web"))
        with lock_folder(out):
            held = hold_contest(chosen, entrants, terms, setting, progress, notes)
            _show(held, out, as_json=as_json, quiet=quiet)
    if held.trouble is not None:
        raise held.trouble


def _read_modes(given: str) -> tuple[Literal["bulk", "chunk"], ...]:
    names = tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    unknown = [name for name in names if name not in MODES]
    if unknown or not names:
        raise click.BadParameter(f"'{', '.join(unknown) or given}' is none of {', '.join(MODES)}", param_hint="--mode")
    return cast(tuple[Literal["bulk", "chunk"], ...], names)


def _check_votes(votes: tuple[int, ...], runs: int) -> None:
    too_many = [number for number in votes if number > runs]
    if too_many:
        raise click.BadParameter(
            f"an ensemble of {too_many[0]} readings needs --runs {too_many[0]} at least, not {runs}",
            param_hint="--votes",
        )


def _find_settings(
    models: tuple[str, ...], url: str | None, config: Path | None, timeout: float | None, *, no_model: bool
) -> "tuple[ModelSettings, ...]":
    from pipeline.models.config import load_settings
    from schemas.errors import UsageError

    names = tuple(name.strip() for given in models for name in given.split(",") if name.strip())
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
        print_json(_describe(held, summaries, files))
        if held.trouble is not None:  # one document, in which it is said
            raise SystemExit(held.trouble.exit_code)
    elif not quiet:
        console = make_console(stderr=False)
        print_tables(summaries, console)
        shown = [path for path in files if path.parent == out]
        console.print(f"files: {', '.join(map(str, shown))}", markup=False, soft_wrap=True)


def _describe(held: "Held", summaries: "tuple[Summary, ...]", files: tuple[Path, ...]) -> dict[str, object]:
    return {
        "manifest": held.results.manifest.model_dump(mode="json"),
        "files": [str(path) for path in files],
        "summaries": [summary.model_dump(mode="json") for summary in summaries],
        "trouble": str(held.trouble) if held.trouble is not None else None,
    }
