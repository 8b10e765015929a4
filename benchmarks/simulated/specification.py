"""What a simulated contestant gets wrong, and how often."""

import math

from pydantic import Field

from schemas.errors import UsageError
from schemas.model import Model

# the words of a specification, and the field that each of them sets
READER_WORDS = {"drop": "drop", "wrong": "wrong", "invent": "invent", "break": "broken", "fail": "mute"}
CODER_WORDS = {"right": "right", "break": "broken"}
SEED = "seed"
READER, CODER = "simulated reader", "simulated coder"  # what their names begin with
_LARGEST_SEED = 2**31 - 1

_Share = Field(default=0.0, ge=0.0, le=1.0)


class SimulatedReader(Model):
    """A reader that knows the gold list of a paper. All rates are shares from 0 to 1, each drawn independently."""

    drop: float = _Share  # of the criteria: it says nothing about them
    wrong: float = _Share  # of the criteria with a number: it says another number or another direction
    invent: float = _Share  # as many made up as this share of the criteria: half of them with a made-up quote
    broken: float = _Share  # of the replies: no JSON of the form that was asked for
    mute: float = _Share  # of the runs: every reply is broken
    seed: int = 0

    @property
    def name(self) -> str:
        """The model's name: the same rates have the same name, in whatever order they were given."""
        return _write_name(READER, self, READER_WORDS)


class SimulatedCoder(Model):
    """A coder that knows right code for an analysis, and mistakes that people and models make."""

    right: float = Field(default=1.0, ge=0.0, le=1.0)  # of the attempts: the code has no mistake
    broken: float = _Share  # of the replies: no code
    seed: int = 0

    @property
    def name(self) -> str:
        """The model's name: the same rates have the same name, in whatever order they were given."""
        return _write_name(CODER, self, CODER_WORDS)


def parse_simulated(spec: str) -> SimulatedReader:
    """The reader that `drop=20,invent=10,break=5,wrong=5,fail=10,seed=1` describes: percent, any order, all optional.

    Raises UsageError, naming the part that is wrong.
    """
    _check_said(spec, "drop=20,invent=10,break=5; drop=0 makes no mistake")
    return SimulatedReader.model_validate(_parse(spec, READER_WORDS))


def parse_simulated_coder(spec: str) -> SimulatedCoder:
    """The coder that `right=60,break=5,seed=1` describes; percent, in any order, all optional. Raises UsageError."""
    _check_said(spec, "right=60,break=5; right=100 makes no mistake")
    return SimulatedCoder.model_validate(_parse(spec, CODER_WORDS))


def parse_name(name: str) -> SimulatedReader | None:
    """The reader that goes by this name in a contest; None where it is not one of ours."""
    first, _, rest = name.partition(READER)
    try:
        reader = SimulatedReader.model_validate(_parse(",".join(rest.split()), READER_WORDS))
    except UsageError:
        return None
    return reader if not first and reader.name == name else None


def _check_said(spec: str, such_as: str) -> None:
    """An empty specification is more likely a variable that is not set than a contestant without mistakes."""
    if not spec.strip():
        raise UsageError(f"--simulated is empty; say what it gets wrong, in percent, such as {such_as}")


def _parse(spec: str, words: dict[str, str]) -> dict[str, float | int]:
    given: dict[str, float | int] = {}
    for part in filter(None, (p.strip() for p in spec.split(","))):
        word, _, number = (p.strip() for p in part.partition("="))
        field = SEED if word == SEED else words.get(word)
        if field is None:
            raise UsageError(f"--simulated {part}: '{word}' is none of {', '.join((*words, SEED))}")
        if field in given:
            raise UsageError(f"--simulated {spec}: '{word}' is given twice")
        given[field] = _read_seed(part, number) if word == SEED else _read_percent(part, number)
    return given


def _read_percent(part: str, number: str) -> float:
    try:
        percent = float(number.removesuffix("%"))
    except ValueError:
        percent = math.nan
    if not 0.0 <= percent <= 100.0:
        raise UsageError(f"--simulated {part}: it takes a percentage from 0 to 100, as in drop=20")
    return percent / 100.0


def _read_seed(part: str, number: str) -> int:
    if not number.isascii() or not number.isdigit() or int(number) > _LARGEST_SEED:
        raise UsageError(f"--simulated {part}: it takes a whole number from 0 to {_LARGEST_SEED}, as in seed=1")
    return int(number)


def _write_name(first: str, spec: SimulatedReader | SimulatedCoder, words: dict[str, str]) -> str:
    own = {word: getattr(spec, field) for word, field in words.items()}
    usual = {word: type(spec).model_fields[field].default for word, field in words.items()}
    said = [f"{word}={100 * own[word]:.6g}" for word in words if own[word] != usual[word] or word == "right"]
    return " ".join([first, *said, *([f"{SEED}={spec.seed}"] if spec.seed else [])])
