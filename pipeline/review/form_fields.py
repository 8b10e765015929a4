"""The fields of a form as they were sent."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

from pipeline.terminal import strip_controls

MOST_FIELDS = 20_000
MOST_CHARACTERS = 50_000  # of one field
IN_LINES = ("yaml", "words", "note", "text")  # fields that may have more than one line


class FieldProblem(NamedTuple):
    """What is wrong with a field of a form, in one line; of the whole form when `field` is empty."""

    field: str
    text: str


class Fields:
    """The fields of a form: texts without control characters and without space around them."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            text = strip_controls(value.replace("\r\n", "\n"))
            self._values.setdefault(name, []).append(text if name in IN_LINES else text.replace("\n", " "))

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def one(self, name: str) -> str:
        """The value of a field, empty where it is not there; the last, where it is there more than once."""
        return self._values.get(name, [""])[-1].strip()

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a field, each once."""
        return tuple(dict.fromkeys(v.strip() for v in self._values.get(name, ()) if v.strip()))

    def each(self, name: str) -> tuple[str, ...]:
        """The values of a field as they came."""
        return tuple(v.strip() for v in self._values.get(name, ()))

    def typed(self) -> dict[str, str]:
        """What stood in the fields, to be shown again."""
        return {name: values[-1] for name, values in self._values.items()}


def read_fields(body: bytes) -> Fields | FieldProblem:
    """The fields of a body of kind application/x-www-form-urlencoded."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return FieldProblem("", f"this is no form, or it has more than {MOST_FIELDS} fields")
    for name, value in pairs:
        if len(value) > MOST_CHARACTERS:
            return FieldProblem(name, f"more than {MOST_CHARACTERS // 1000} thousand characters; shorten it")
    return Fields(pairs)
