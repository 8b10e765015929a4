"""Reading what generated code wrote: printed text without control characters, JSON that cannot hurt its reader."""

import json
import math
import re
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey, RegionFlow
from schemas.errors import AnalysisFailed
from schemas.model import Model

MOST_BYTES = 128 * 1024**2
MOST_CONTAINERS = 4_000_000  # lists and objects; a cutflow has one list per event
MOST_DIGITS = 20  # event numbers are 64 bit

ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|\x9b[0-?]*[ -/]*[@-~]?"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC: titles, links, clipboard
    r"|[\x90\x98\x9d-\x9f][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# C0 but newline and tab, DEL, C1, line separators, marks that turn the direction of writing, byte order mark
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

JSON_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)")
HARMLESS_ESCAPES = {r"\"", r"\\", r"\/", r"\n", r"\t"}


class _Watched(Model):
    """One event that an analysis was asked about: the last step it passed in each region, and what steps compared."""

    key: EventKey
    last_step: dict[str, str]
    values: StepValues


class _Values(Model):
    """What an analysis writes about events that it was asked about."""

    format: Literal["paperfilter-values/1"]
    columns: tuple[str, ...]
    events: tuple[_Watched, ...]


def clean_text(captured: bytes) -> str:
    """Captured output as text that a terminal prints and does not obey. Bad UTF-8 becomes U+FFFD."""
    text = captured.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", ESCAPE.sub("", text))


def load_json(path: Path, most_bytes: int = MOST_BYTES) -> object:
    """The content of a JSON file that may be hostile.

    Raises AnalysisFailed for a file that is missing, too large or not JSON; for NaN, infinities and numbers that
    become infinite; integers of more than MOST_DIGITS digits; duplicate names; control characters in a string; more
    than MOST_CONTAINERS lists and objects; nesting that is too deep.
    """
    data = _read(path, most_bytes)
    # counted before parsing: a few bytes of text can become many of memory
    if data.count(b"[") + data.count(b"{") > MOST_CONTAINERS:
        raise _refusal(path, f"has more than {MOST_CONTAINERS} lists and objects")
    try:
        text = data.decode("utf-8")
        _check_characters(text)
        loaded: object = json.loads(
            text, parse_int=_integer, parse_float=_number, parse_constant=_constant, object_pairs_hook=_object
        )
    except RecursionError:
        raise _refusal(path, "is nested too deeply") from None
    except ValueError as error:
        raise _refusal(path, f"is not usable JSON: {error}") from None
    return loaded


def _read(path: Path, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}") from error
    if len(data) > most_bytes:
        raise _refusal(path, f"is larger than {most_bytes} bytes")
    return data


def _refusal(path: Path, what: str) -> AnalysisFailed:
    return AnalysisFailed(f"{path.name} {what}; it is not used")


def _check_characters(text: str) -> None:
    """Raise ValueError for characters in JSON text, written out or escaped, that a terminal would obey."""
    found = CONTROL.search(text.replace("\r", ""))
    for escape in set(JSON_ESCAPE.findall(text)) - HARMLESS_ESCAPES:
        found = found or CONTROL.search(chr(int(escape[2:], 16)) if escape[1] == "u" else "\b")
    if found:
        raise ValueError(f"control character {found.group()!a}")


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"an integer of {len(digits)} digits")
    return int(digits)


def _number(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"a number out of range: {text[:20]}")
    return number


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:40]!a} stands twice in one object")
    return content


def read_cutflow(path: Path, most_bytes: int = MOST_BYTES) -> Cutflow:
    """The cutflow in a file that generated code wrote, checked against itself.

    Counts must be those of the event table and never grow, steps of a region have different ids, parents come first.
    Raises AnalysisFailed with one clear line for anything else.
    """
    load_json(path, most_bytes)
    try:
        cutflow = Cutflow.model_validate_json(_read(path, most_bytes), strict=True)
    except ValidationError as error:
        raise _refusal(path, f"is not a cutflow: {_first(error)}") from None
    problem = find_contradiction(cutflow)
    if problem:
        raise _refusal(path, f"contradicts itself: {problem}")
    return cutflow


def read_values(path: Path, most_bytes: int = MOST_BYTES) -> dict[EventKey, StepValues]:
    """What each step compared, by event, from a `values.json` that generated code wrote. Raises AnalysisFailed."""
    load_json(path, most_bytes)
    try:
        values = _Values.model_validate_json(_read(path, most_bytes), strict=True)
    except ValidationError as error:
        raise _refusal(path, f"does not hold values of events: {_first(error)}") from None
    if any(len(event.key) != len(values.columns) for event in values.events):
        raise _refusal(path, f"has event keys without {len(values.columns)} numbers")
    return {event.key: event.values for event in values.events}


def _first(error: ValidationError) -> str:
    """The first complaint, in a line; everything that is missing at the same place is named at once."""
    complaints = error.errors(include_url=False, include_input=False)
    complaint = complaints[0]
    place, said, told = ".".join(str(part) for part in complaint["loc"]), complaint["msg"], 1
    if complaint["type"] == "missing":
        *inside, _ = complaint["loc"]
        names = [str(c["loc"][-1]) for c in complaints if c["type"] == "missing" and [*c["loc"][:-1]] == inside]
        if len(names) > 1:
            place = ".".join(map(str, inside)) or "cutflow"
            said, told = f"these fields are required: {', '.join(names)}", len(names)
    more = f" (and {len(complaints) - told} more)" if len(complaints) > told else ""
    return clean_text(f"{place[:100]}: {said[:200]}{more}".encode()).replace("\n", " ")


def find_contradiction(cutflow: Cutflow) -> str | None:
    """What in a cutflow cannot be true, in words, or None."""
    regions: dict[str, RegionFlow] = {}
    for region in cutflow.regions:
        if region.name in regions:
            return f"two regions are called {region.name!r}"
        if region.parent is not None and region.parent not in regions:
            return f"region {region.name!r} comes before its parent {region.parent!r}"
        start = cutflow.n_events if region.parent is None else regions[region.parent].steps[-1].count
        problem = _contradiction_in(region, start)
        if problem:
            return f"region {region.name!r}: {problem}"
        regions[region.name] = region
    return None if regions else "it has no regions"


def _contradiction_in(region: RegionFlow, start: int) -> str | None:
    ids = [step.id for step in region.steps]
    width, lasts = len(region.events.columns), region.events.last_step
    if not ids or len(set(ids)) < len(ids):
        return "no steps" if not ids else "two steps have the same id"
    if any(len(key) != width for key in region.events.keys):
        return f"event keys do not have {width} numbers each"
    if lasts and not 0 <= min(lasts) <= max(lasts) < len(ids):
        return "last_step points outside the steps"
    if region.steps[0].count != start:
        return f"it starts with {region.steps[0].count} events, not with the {start} it should start from"
    reached = [0] * (len(ids) + 1)
    for last in lasts:
        reached[last] += 1
    for i in reversed(range(len(ids))):
        reached[i] += reached[i + 1]
        if region.steps[i].count != reached[i]:
            return f"step {ids[i]!r} counts {region.steps[i].count} events, its event table {reached[i]}"
    return None
