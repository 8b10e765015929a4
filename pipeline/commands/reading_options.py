"""Options of the commands that read a paper: which models, how often, and whether cited works are followed."""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import click
from click.core import ParameterSource

from pipeline.reading_options import ReadingOptions

if TYPE_CHECKING:
    from pipeline.extracting import Desk
    from pipeline.models.config import ModelSettings
    from pipeline.obtaining import Shelves

F = TypeVar("F", bound=Callable[..., object])


class Readers(NamedTuple):
    """What the command line says about reading, and where models and their replies are."""

    options: ReadingOptions
    url: str | None
    config: Path | None
    timeout: float | None  # seconds
    cache: Path | None
    replay: bool
    given: frozenset[str]  # fields of `options` that the command line itself says
    settings: "tuple[ModelSettings, ...]"  # of `options.models`, as file, environment and command line have them

    def change(self, before: ReadingOptions) -> ReadingOptions:
        """How a run that exists is read from now on: as it began, but for what the command line itself says.

        What the environment or a settings file would choose for a new run changes nothing in an old one.
        """
        return before.model_copy(update={name: getattr(self.options, name) for name in sorted(self.given)})

    def open_desk(
        self, shelves: "Shelves", runs: Path, *, reading: ReadingOptions | None = None, identified: bool
    ) -> AbstractContextManager["Desk"]:
        """The desk for one command; `reading` is what a run that exists was begun with."""
        from pipeline.desk import open_desk

        chosen = reading or self.options
        return open_desk(
            chosen, shelves, runs, cache=self.cache, config=self.config, timeout=self.timeout, replay=self.replay,
            identified=identified, settings=self.settings if chosen.models == self.options.models else None,
        )  # fmt: skip


_FIELDS = frozenset(ReadingOptions.model_fields)
_OPTIONS = (
    click.option(
        "--model",
        "models",
        multiple=True,
        metavar="NAME[@URL]",
        help="A model that reads besides the rules; may be repeated. [default: $PAPERFILTER_MODEL or paperfilter.toml]",
    ),
    click.option("--url", metavar="URL", help="OpenAI-compatible server, such as vLLM. [default: $PAPERFILTER_URL]"),
    click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        help="Settings of models and roles. [default: the nearest paperfilter.toml]",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        envvar="PAPERFILTER_TIMEOUT",
        metavar="SECONDS",
        help="How long one answer of a model may take before it is asked again. [default: 600]",
    ),
    click.option(
        "--no-model", is_flag=True, help="The rules read alone, whatever the environment and paperfilter.toml say."
    ),
    click.option(
        "--votes", type=click.IntRange(1, 100), default=1, show_default=True, help="Readings by each model, merged."
    ),
    click.option(
        "--mode",
        type=click.Choice(["auto", "bulk", "chunk"]),
        default="auto",
        show_default=True,
        help="bulk: the selection text in one question; chunk: section by section.",
    ),
    click.option(
        "--ask-again/--no-ask-again",
        default=True,
        help="Ask the models about printed thresholds that no reading claims. [default: yes]",
    ),
    click.option(
        "--follow",
        type=click.Choice(["auto", "no", "local", "web"]),
        default="auto",
        show_default=True,
        help="Where cited works come from that define a cut: the library and folders (local), or the network too. "
        "auto: web if the paper is named by an identifier, else local.",
    ),
    click.option(
        "--depth", type=click.IntRange(1, 5), default=2, show_default=True, help="How far works that cite are followed."
    ),
    click.option(
        "--max-works", type=click.IntRange(0, 50), default=8, show_default=True, help="Cited works followed at most."
    ),
    click.option(
        "--cache",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="PAPERFILTER_CACHE",
        help="Replies of models, so that nothing is asked twice. [default: replies.sqlite in the runs folder]",
    ),
    click.option("--replay", is_flag=True, help="Ask no model: replies come from the cache alone."),
    click.option("--ocr", is_flag=True, help="Recognise the text of pages that are pictures (needs tesseract)."),
    click.option(
        "--converter",
        type=click.Choice(["pymupdf", "marker"]),
        default="pymupdf",
        show_default=True,
        help="What turns the PDF into text; marker runs in the environment of $PAPERFILTER_MARKER_PYTHON.",
    ),
)


def reading_options(function: F) -> F:
    """All of them, in the order of the help; the function takes them as one `readers`."""

    @functools.wraps(function)
    def gathered(
        *,
        url: str | None,
        config: Path | None,
        timeout: float | None,
        cache: Path | None,
        replay: bool,
        no_model: bool,
        models: tuple[str, ...],
        votes: int,
        mode: Any,
        ask_again: bool,
        follow: Any,
        depth: int,
        max_works: int,
        ocr: bool,
        converter: Any,
        **others: object,
    ) -> object:
        from pipeline.models.config import load_settings
        from schemas.errors import UsageError

        if no_model and (models or url):
            raise UsageError("--no-model and --model (--url) contradict each other; leave one out")
        settings = () if no_model else load_settings(models, url, config)
        options = ReadingOptions(
            models=tuple(f"{s.model}@{s.url}" for s in settings),
            votes=votes,
            mode=mode,
            ask_again=ask_again,
            follow=follow,
            depth=depth,
            max_works=max_works,
            ocr=ocr,
            converter=converter,
        )
        context = click.get_current_context()
        said = {n for n in context.params if context.get_parameter_source(n) is ParameterSource.COMMANDLINE}
        given = frozenset((said | ({"models"} if said & {"url", "config", "no_model"} else set())) & _FIELDS)
        readers = Readers(options, url, config, timeout, cache, replay, given, settings)
        return function(readers=readers, **others)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return cast(F, gathered)
