"""Options of the commands that turn criteria into code: who writes it, how often, and what is kept from them."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import click
from click.core import ParameterSource

from pipeline.coding_options import ROUNDS, CodingOptions

F = TypeVar("F", bound=Callable[..., object])
FIELDS = {
    "coder": "coder", "rounds": "rounds", "held_out": "held_out", "supervisor": "supervised", "classify": "classify",
    "program_seconds": "seconds", "sample": "sample",
}  # fmt: skip
OPTIONS = {
    "rounds": "--rounds", "held_out": "--held-out", "supervised": "--supervisor/--no-supervisor",
    "classify": "--classify", "seconds": "--time-limit", "sample": "--sample",
}  # fmt: skip


class Coders(NamedTuple):
    """What the command line says about coding. The model is named by `--model`, as that of a reader is."""

    options: CodingOptions
    given: frozenset[str]  # fields of `options` that the command line itself says

    def change(self, before: CodingOptions) -> CodingOptions:
        """How a run that exists is coded from now on: as it began, but for what the command line itself says."""
        return before.model_copy(update={name: getattr(self.options, name) for name in sorted(self.given)})

    def refuse_idle(self) -> None:
        """Raise UsageError for options that mean nothing where the compiler writes the code."""
        from schemas.errors import UsageError

        idle = [OPTIONS[field] for field in OPTIONS if field in self.given]
        if idle:
            raise UsageError(f"{', '.join(idle)}: for a model that codes; give --coder llm or --coder hybrid")


_OPTIONS = (
    click.option(
        "--coder",
        type=click.Choice(["compiler", "llm", "hybrid"]),
        default="compiler",
        show_default=True,
        help="Who writes the code. llm: a model (--model) writes the whole selection and corrects it until the events "
        "are those of --against; hybrid: only what the criteria state in words. Of several models the first one codes.",
    ),
    click.option(
        "--rounds",
        type=int,
        default=ROUNDS,
        show_default=True,
        metavar="N",
        help="Attempts that a model has at most.",
    ),
    click.option(
        "--held-out",
        multiple=True,
        metavar="FILE",
        help="Event file that is kept out of the loop and decides about acceptance; may be repeated. [default: one of "
        "--data; half of the events where there is only one]",
    ),
    click.option(
        "--supervisor/--no-supervisor",
        default=True,
        help="Whether a model in the role of supervisor instructs the coder in words. [default: yes]",
    ),
    click.option(
        "--classify", is_flag=True, help="Ask a model why an attempt failed where no rule can tell (role classifier)."
    ),
    click.option(
        "--time-limit",
        "program_seconds",
        type=click.FloatRange(min=1),
        default=600.0,
        metavar="SECONDS",
        help="How long a program that a model wrote may compute (CPU time). It is stopped as well when four times as "
        "long, and a minute more at least, has passed by the clock: a busy machine does not count against it, waiting "
        "does. [default: 600]",
    ),
    click.option(
        "--sample",
        type=click.IntRange(0, 10_000),
        default=0,
        help="A number that tells independent tries of the same task apart; each is asked anew. [default: 0]",
    ),
)


def coding_options(function: F) -> F:
    """All of them, in the order of the help; the function takes them as one `coders`."""

    @functools.wraps(function)
    def gathered(
        *, coder: Any, rounds: int, held_out: tuple[str, ...], supervisor: bool, classify: bool,
        program_seconds: float, sample: int, **others: object,
    ) -> object:  # fmt: skip
        from schemas.errors import UsageError

        if not 1 <= rounds <= 100:
            raise UsageError(f"--rounds {rounds}: a model has between 1 and 100 attempts")
        options = CodingOptions(
            coder=coder, rounds=rounds, held_out=held_out, supervised=supervisor, classify=classify,
            seconds=program_seconds, sample=sample,
        )  # fmt: skip
        context = click.get_current_context()
        given = frozenset(
            field for name, field in FIELDS.items()
            if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        )  # fmt: skip
        return function(coders=Coders(options, given), **others)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return cast(F, gathered)
