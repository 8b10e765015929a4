"""An explanation in words: for a person with everything, for a coder without keys of events and without numbers."""

import re

from schemas.coding import ExampleEvent, Explanation

FENCE = "criteria_text"
LETTERS = "ABCDEFGH"
MOST_QUOTE = 600
OWN = "  your code: "  # begins a line of values that generated code handed over
_GAP = "\u200b"
# what may end a fence or look like a control token of a model
_TAG = re.compile(r"<(?=[<|/!｜]?[A-Za-z_|｜/][^<>\n]{0,60}[>]|[|｜])")
_BRACKET = re.compile(r"\[(?=/?[A-Z][A-Z_]{2,30}\])")
_UNSEEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


def write_for_person(explanation: Explanation) -> str:
    """The explanation as plain text of a few paragraphs, with counts and event keys."""
    e = explanation
    lines = [f"First difference: {e.region}, step {e.step}{f' ({e.label})' if e.label else ''}"]
    lines.append(f"  {_count_events(e.only_analysis)} only in the analysis, {e.only_baseline} only in the baseline")
    if e.cut:
        lines.append(f"  the criteria ask: {e.cut}")
    if e.quote:
        where = ", ".join(w for w in (e.document or "", f"p. {e.page}" if e.page else "") if w)
        lines.append(f"  “{e.quote}”{f' ({where})' if where else ''}")
    if e.causes:
        lines += ["", "Likely cause:" if len(e.causes) == 1 else "Likely causes, likeliest first:"]
        for cause in e.causes:
            lines.append(f"  - {cause.text}{f' ({cause.evidence})' if cause.evidence else ''}")
    if e.examples:
        lines += ["", "Examples:"]
        for example in e.examples:
            lines.append(f"  event {' '.join(map(str, example.key))}, kept by the {example.kept_by} only")
            lines += [f"    analysis: {example.analysis}", f"    baseline: {example.baseline}"]
    if e.notes:
        lines += ["", *e.notes]
    if e.also:
        lines += ["", "Later: " + "; ".join(e.also)]
    return "\n".join(lines) + "\n"


def write_for_coder(explanation: Explanation) -> str:
    """The explanation for whoever wrote the code: no counts, no event keys; text of the criteria fenced as data."""
    e = explanation
    lines = [f"First step that is not as it should be: {fence(e.step)} of region {fence(e.region)}.", _say_direction(e)]
    if e.extent:
        lines.append(f"Wrong there: {fence(e.extent)} that reach the step.")
    if e.cut or e.quote:
        stated = [f"requirement: {fence(e.cut)}"] if e.cut else []
        stated += [f"the paper: {fence(e.quote[:MOST_QUOTE])}"] if e.quote else []
        lines += [f"<{FENCE}>", *stated, f"</{FENCE}>"]
    if e.examples:
        lines.append("Examples (what your code compared; what is right):")
        for letter, example in zip(LETTERS, e.examples, strict=False):
            lines += _write_example(letter, example)
    if e.causes:
        lines.append("Likely cause:" if len(e.causes) == 1 else "Likely causes, likeliest first:")
        lines += [f"- {fence(address_coder(cause.text))}" for cause in e.causes]
    lines += [fence(address_coder(note)) for note in e.notes]
    return "\n".join(lines) + "\n"


def address_coder(text: str) -> str:
    """What is said of the analysis, said to whoever wrote it."""
    return re.sub(r"\bthe (analysis|program)\b", "your code", text)


def fence(text: str) -> str:
    """Text as data inside a prompt: one line, nothing in it ends a fence or looks like a control token."""
    plain = _UNSEEN.sub(" ", text.replace("\n", " "))
    return _BRACKET.sub("[" + _GAP, _TAG.sub("<" + _GAP, plain))


def _count_events(number: int) -> str:
    return f"{number} event" if number == 1 else f"{number} events"


def _say_direction(e: Explanation) -> str:
    if e.only_analysis and e.only_baseline:
        return "Your code keeps events that it must lose there, and loses events that it must keep."
    if e.only_analysis:
        return "Your code keeps events that it must lose there; none is lost that it must keep."
    return "Your code loses events that it must keep there; none is kept that it must lose."


def _write_example(letter: str, example: ExampleEvent) -> list[str]:
    fate = "your code keeps it and must not" if example.kept_by == "analysis" else "your code loses it and must not"
    return [
        f"- event {letter}: {fate}",
        f"{OWN}{fence(address_coder(example.analysis))}",
        f"  right:     {fence(address_coder(example.baseline))}",
    ]
