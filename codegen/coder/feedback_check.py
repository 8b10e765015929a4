"""The last look at a prompt before it leaves: does it hold a total of the baseline, so that code could be fitted to it?

Nothing on the way of the feedback writes totals. They could come in by a mistake there, or because code that matched up
to a step printed its own count, and the error with it was quoted. What is found is struck out.

A total is the number of events after a step of a region of the baseline, of all events, or of a channel, and a weighted
yield. A number in a text counts as one

1. when it has three digits or more, equals a total, and stands by itself: not in a name (`lep_4322`), not in a longer
   number, not with a unit (`322 GeV`, `13 TeV`, `95 %`), not as a line (`line 120`) or a page;
2. when it is shorter and its own line speaks of events: it is next to a word such as events, count, total, passed,
   yield, or to the name of a step (`quadruplet_n: 42`), with nothing but a few signs between, and no comparison;
3. when it has a decimal point, four significant digits or more, and is a weighted yield rounded to as many places.

Commas, spaces, apostrophes and underscores between groups of three digits are read as one number, and so are full-width
digits. Numbers of the text that was written without the baseline (guide, criteria: `known`) are no totals: 1000 is one
GeV in MeV. How many events only one side has is no total either; "only" next to the number tells it.

Text that generated code decides on (the message of its exception) needs more. If only totals were struck out of it,
code could print all numbers from 1 to 5000 and read off which are gone. In such text, `echoed`, every number goes that
could be a total by these rules, whatever the baseline says.

Values that generated code hands over (what it compared in an event, what it stores) are the same oracle, with other
ways to tell a total: lines of an explanation that begin with `OWN`, and with `values` all of a text. There every whole
number of three digits or more goes that has no unit, whatever the baseline says, and nothing else: of shorter ones and
of fractions none is ever struck, so that nothing can be read off them.

Not found are numbers in words, in other bases, spelt backwards: whoever knows the total to write it like this has it
from elsewhere, and generated code does not.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from codegen.explaining.words import OWN
from schemas.cutflow import Cutflow

STRUCK = "[number struck out]"
FEWEST_DIGITS = 3  # of a total that is one wherever it stands
FEWEST_SIGNIFICANT = 4  # of a weighted yield
NEAR = 24  # characters between a short number and the word that makes it a count

WIDE = 200  # characters of its line that are looked at, before and after a number
GAPS = ",'_\u2019\u00a0\u2009\u202f"  # between groups of three digits

OWNED = re.compile(rf"^{re.escape(OWN)}.*$", re.MULTILINE)
NUMBER = re.compile(
    rf"(?<![\w.{GAPS}])[+-]?"
    rf"(?P<number>\d{{1,3}}(?:[{GAPS} ]\d{{3}})+(?:\.\d+)?|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)"
    r"(?![\w\u2019']|[.,]\d)"
)
UNIT = re.compile(r"\s?(?:(?:[GMTk]?eV|[GMTkm]?m|fb|pb|nb|rad|per ?cent|sigma|s|[kMG]i?B|bytes|tokens)\b|[%°σ])")
# before a number that counts something else
PLACED = re.compile(r"(?:\b(?:lines?|pages?|pp?\.|chapter|section|eq\.|ref\.|arxiv:?|python|version|v|char|column|"
                    r"position|axis|attempt|round|code|status|signal|exit code)\s*|[#§])$", re.IGNORECASE)  # fmt: skip
COUNTED = re.compile(
    r"\b(?:events?|entries|counts?|counted|totals?|n_?events?|n_?pass(?:ed)?|pass(?:es|ed|ing)?|left|selected|"
    r"survive[sd]?|surviving|remain(?:s|ing|ed)?|yields?|kept|keeps?|expected|baseline|sum|len(?:gth)?)\b",
    re.IGNORECASE,
)
ONLY = re.compile(r"\bonly\b", re.IGNORECASE)
SIGNS = re.compile(
    r"^[\s:=~≈→|()\[\]{},;'\"`*-]*"
    r"(?:(?:of|is|are|was|were|has|have|had|gives?|finds?|found|the|in|at|after|step)\b[\s:=~|'\"`*]*){0,4}$"
)


class Total(NamedTuple):
    """A number that must not be told, and what it is."""

    value: float
    whole: bool  # a count; else a weighted yield
    name: str


class Found(NamedTuple):
    """A total in a text: where it stands, and what it is."""

    start: int
    stop: int
    total: Total


def list_totals(baseline: Cutflow) -> list[Total]:
    """Everything in a cutflow that is a total. Nothing, that is no events, is none: it is said in any text."""
    found = [Total(baseline.n_events, True, "all events")]
    for region in baseline.regions:
        for step in region.steps:
            found.append(Total(step.count, True, f"{region.name}/{step.id}"))
            if step.weighted is not None:
                found.append(Total(step.weighted, False, f"{region.name}/{step.id}, weighted"))
    for name, channels in baseline.channels.items():
        found += [Total(count, True, f"{name}/{channel}") for channel, count in channels.items()]
    return [total for total in found if total.value != 0]


def find_totals(prompt: str, baseline: Cutflow, known: str = "") -> list[str]:
    """Totals of the baseline that a text holds: what each is, and how it is written. Empty when it holds none.

    `known` is text that was written without the baseline; its numbers are no totals.
    """
    names = [f"{found.total.name}: {prompt[found.start : found.stop]}" for found in _find(prompt, [baseline], known)]
    return list(dict.fromkeys(names))


def strike_totals(
    prompt: str, baselines: Sequence[Cutflow], known: str = "", *, echoed: bool = False, values: bool = False
) -> str:
    """The text with every total of these cutflows struck out; the same text where there is none.

    `echoed`: the text is what generated code printed; all numbers that could be totals are struck out. `values`: it is
    about values that generated code handed over; whole numbers without a unit are, if they are not short.
    """
    parts, at = [], 0
    for found in _find(prompt, baselines, known, echoed, values):
        if found.start < at:  # within a longer number that is struck out already
            continue
        parts += [prompt[at : found.start], STRUCK]
        at = found.stop
    return "".join([*parts, prompt[at:]])


def _find(
    text: str, baselines: Sequence[Cutflow], known: str, echoed: bool = False, values: bool = False
) -> Iterator[Found]:
    totals = [total for baseline in baselines for total in list_totals(baseline)]
    counts = {int(t.value): t for t in reversed(totals) if t.whole}
    yields = [t for t in totals if not t.whole]
    regions = [region for baseline in baselines for region in baseline.regions]
    names = {step.id for region in regions for step in region.steps} | {region.name for region in regions}
    stated = {_read(m["number"])[0] for m in NUMBER.finditer(_flatten(known))}
    flat = _flatten(text)
    owned = [m.span() for m in OWNED.finditer(flat)]
    for start, stop in _list_numbers(flat):
        value, places, digits = _read(flat[start:stop])
        own = values or any(a <= start < b for a, b in owned)
        total = _find_total(value, places, digits, counts, yields)
        if own:
            whole = value == int(value) and len(str(int(value))) >= FEWEST_DIGITS
            total = Total(value, True, "a value") if whole else None
        elif echoed:
            total = Total(value, places == 0, "a number")
        if total is None or value in stated:
            continue
        line_start = flat.rfind("\n", max(0, start - WIDE), start) + 1 or max(0, start - WIDE)
        line_end = flat.find("\n", stop, stop + WIDE)
        before, after = flat[line_start:start], flat[stop : line_end if line_end >= 0 else stop + WIDE]
        if UNIT.match(after) or PLACED.search(before[-NEAR:]) or _is_difference(before, after):
            continue
        long = len(str(int(value))) >= FEWEST_DIGITS if value == int(value) else digits >= FEWEST_SIGNIFICANT
        if long or _is_counted(before, after, names):
            yield Found(start, stop, total)


def _find_total(
    value: float, places: int, digits: int, counts: Mapping[int, Total], yields: Sequence[Total]
) -> Total | None:
    """The total that a number with so many decimal places and significant digits is."""
    if value == int(value) and int(value) in counts:
        return counts[int(value)]
    if places > 0 and digits >= FEWEST_SIGNIFICANT:
        return next((t for t in yields if abs(t.value - value) <= 0.5000001 * 10.0**-places), None)
    return None


def _list_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers stand. Groups of digits with spaces between are one number where that is a total, else several."""
    for match in NUMBER.finditer(text):
        start, stop = match.span("number")
        if " " not in match["number"]:
            yield start, stop
            continue
        yield start, stop
        yield from ((start + m.start(), start + m.end()) for m in re.finditer(r"[^ ]+", match["number"]))


def _flatten(text: str) -> str:
    """The text with digits of all scripts as plain ones, character by character: places stay what they are."""
    return "".join(
        c if c.isascii() else str(unicodedata.digit(c)) if unicodedata.digit(c, None) is not None else c for c in text
    )


def _read(number: str) -> tuple[float, int, int]:
    """The value of a number as it is written, its decimal places, and its significant digits."""
    plain = re.sub(f"[{GAPS} ]", "", number)
    mantissa, _, exponent = plain.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    shift = int(exponent) if exponent and len(exponent) < 5 else 0
    try:
        value = float(plain)
    except (ValueError, OverflowError):
        value = float("nan")
    if value != value or value in (float("inf"), float("-inf")):
        return 0.5, 0, 0
    return value, max(len(fraction) - shift, 0), len((whole + fraction).lstrip("0"))


def _is_difference(before: str, after: str) -> bool:
    """Whether a number says how many events one side has alone."""
    return bool(ONLY.search(after[:NEAR])) or bool(re.search(r"\bonly\W{0,3}$", before[-NEAR:], re.IGNORECASE))


def _is_counted(before: str, after: str, names: set[str]) -> bool:
    """Whether the words next to a short number make it a count of events."""
    following = re.match(r"\s*(?:[\w-]+\s+){0,2}?" + COUNTED.pattern, after[: 2 * NEAR], re.IGNORECASE)
    if following is not None:
        return True
    words = [m.end() for m in COUNTED.finditer(before)]
    ends = [before.rfind(name) + len(name) for name in names if name in before]
    return any(len(before) - end <= NEAR and SIGNS.match(before[end:]) for end in (*words[-1:], *ends))
