"""The command line: a thin shell. Heavy imports happen inside the commands that need them."""

import importlib
import importlib.metadata
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from schemas.errors import EXIT_INTERRUPTED, PaperfilterError

PROGRAM = "paperfilter"
EXIT_INTERNAL = 70

# name -> module of the command, and its line in the help (so that --help imports nothing)
COMMANDS = {
    "extract": ("pipeline.commands.extract", "Read a paper and write down its selection criteria."),
    "run": ("pipeline.commands.run", "Go all the way: paper, criteria or built-in analysis to a cutflow."),
    "batch": ("pipeline.commands.batch", "Do many papers, resumable, each in a process of its own."),
    "review": ("pipeline.commands.review", "Review criteria on a local page beside the paper."),
    "edit": ("pipeline.commands.edit", "Edit the criteria of a run or of a file in $EDITOR."),
    "answer": ("pipeline.commands.answer", "Answer open questions of a run or of a criteria file."),
    "history": ("pipeline.commands.history", "Who did what to the criteria of a run, when and why."),
    "compile": ("pipeline.commands.compile", "Turn criteria into a self-contained coffea analysis."),
    "validate": ("pipeline.commands.validate", "Check criteria, and what a data format can provide."),
    "show": ("pipeline.commands.show", "Show runs, criteria, questions, coverage, cutflow."),
    "diff": ("pipeline.commands.diff", "What differs between two criteria, by meaning."),
    "export": ("pipeline.commands.export", "Write criteria as YAML, JSON, ADL, a table; the JSON Schema."),
    "import": ("pipeline.commands.import_", "Make criteria from ADL, YAML or JSON."),
    "compare": ("pipeline.commands.compare", "Compare two cutflows event by event."),
    "explain": ("pipeline.commands.explain", "Why a run does not match its baseline, and the likely cause."),
    "profile": ("pipeline.commands.profile", "Data formats: list, show, check a file, draft a new one."),
    "witness": ("pipeline.commands.witness", "Which cuts does a program really implement? Synthetic events tell."),
    "papers": ("pipeline.commands.papers", "The library of papers: list, get, add, show."),
    "data": ("pipeline.commands.data", "List and download open data."),
    "serve": ("pipeline.commands.serve", "Serve an open-weight model with vLLM."),
    "doctor": ("pipeline.commands.doctor", "Check this machine: packages, sandbox, profiles."),
}

EPILOG = """\b
Exit codes:
   0  all is well
   1  the cutflow does not match; of diff: the criteria differ
   2  wrong arguments
   3  the paper cannot be read
   4  event data: no file, no tree, missing branch, no events
   5  criteria do not validate, or questions are open
   6  a data profile does not validate
   7  no sandbox works on this machine
   8  the run folder cannot be read or written
   9  a download failed
  10  generated code did not finish
  11  a language model: no server, wrong address, nothing usable
  70  a bug; the line says where the details are
 130  interrupted; the same command goes on where it stopped

\b
People read stderr, programs read stdout (--json).
"""


class Commands(click.Group):
    """Our commands by name, then those of other packages (entry points `paperfilter.commands`), imported when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Names in the order of the way through the house."""
        return [*COMMANDS, *sorted(set(_plugins()) - set(COMMANDS))]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now."""
        if name in COMMANDS:
            found = getattr(importlib.import_module(COMMANDS[name][0]), "command", None)
        else:
            plugin = _plugins().get(name)
            found = plugin.load() if plugin else None
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing any."""
        plugins = [(name, "From another package.") for name in sorted(set(_plugins()) - set(COMMANDS))]
        own = [("bench", "Measure readers, compilers and rules against truth.")] if "bench" in dict(plugins) else []
        others = [row for row in plugins if row[0] != "bench"]
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()] + own + others)


@click.group(
    cls=Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="paperfilter", prog_name=PROGRAM)
def cli() -> None:
    """From a particle-physics paper to an analysis that runs.

    \b
    paperfilter extract PAPER.pdf
    paperfilter run PAPER.pdf --data 'data/*.root' --against h4l --accept-defaults
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with a documented code; one line on stderr for everything that can go wrong."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    sys.exit(_run(given))


def _run(given: list[str]) -> int:
    try:
        code = cli.main(args=given, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        return _fail(given, error.format_message().replace("\n", " "), error.exit_code, type(error).__name__)
    except PaperfilterError as error:
        return _fail(given, str(error), error.exit_code, type(error).__name__)
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"{PROGRAM}: interrupted; the same command goes on where it stopped", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        where = _write_traceback(given)
        line = f"internal error: {type(error).__name__}: {_first_line(error)}; details are in {where}, please report it"
        return _fail(given, line, EXIT_INTERNAL, "InternalError")
    return code if isinstance(code, int) else 0


def _fail(given: Sequence[str], message: str, code: int, kind: str) -> int:
    from pipeline.terminal import print_json, strip_controls

    line = strip_controls(message).replace("\n", " ")
    click.echo(f"{PROGRAM}: {line}", err=True)
    if "--json" in given:
        print_json({"error": {"kind": kind, "message": line, "exit_code": code}})
    return code


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


def _write_traceback(given: Sequence[str]) -> str:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    handle, name = tempfile.mkstemp(prefix=f"{PROGRAM}-{stamp}-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{PROGRAM} {' '.join(given)}\n\n{traceback.format_exc()}")
    return str(Path(name))


def _plugins() -> dict[str, importlib.metadata.EntryPoint]:
    return {point.name: point for point in importlib.metadata.entry_points(group="paperfilter.commands")}


if __name__ == "__main__":
    raise SystemExit(main())
