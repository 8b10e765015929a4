"""What a coder is told about an attempt: why it was not accepted, in words, without totals and without event keys.

Whatever a program or a model wrote is fenced here; the result stands in prompts as it is.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from codegen.coder.printed import drop_addresses
from codegen.coder.prompting import LONGEST_FEEDBACK, Words, shorten, write_prompt
from codegen.coder.task import Acceptance
from codegen.explaining.words import write_for_coder
from codegen.outputs import clean_text
from schemas.coding import Explanation, Offence
from schemas.execution import Execution
from schemas.fencing import fence
from schemas.verdict import Verdict, list_wrong

MOST_OFFENCES = 12
MOST_VERDICTS = 6
MOST_CONSEQUENCES = 8
MOST_FRAMES = 6
LONGEST_LINE = 400
# awkward's words around arrays that it shows, indented: they say nothing without those
LEAD = re.compile(r"This error occurred while .*|with|and|analysis\.py: .*")  # the last is told already
FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<name>.+))?$')


def tell_no_code(problem: str, earlier: str) -> str:
    """About a reply without usable code. `earlier` is what was told about the code before it."""
    return _write("no code", problem=_line(problem), earlier=earlier)


def tell_offences(offences: Sequence[Offence]) -> str:
    """About what code does that it must not."""
    fenced = [o.model_copy(update={"detail": _line(o.detail)}) for o in offences[:MOST_OFFENCES]]
    return _write("offences", offences=fenced)


def tell_failure(problem: str, execution: Execution, first_line: int, lines: int) -> str:
    """About code that did not finish: the error, and where in the coder's functions."""
    return _write("failed", problem=_line(problem), trace=read_trace(execution.stderr, first_line, lines))


def tell_difference(explanation: Explanation) -> str:
    """About a step that keeps other events than it should."""
    return _write("explained", explanation=write_for_coder(explanation).strip())


def tell_plainly(problem: str) -> str:
    """About anything else."""
    return _write("other", problem=_line(problem))


def tell_acceptance(acceptance: Acceptance) -> str:
    """About code that matches in the loop and was not accepted."""
    if acceptance.offences:
        return tell_offences(acceptance.offences)
    wrong = list_wrong(acceptance.verdicts)
    own = [v for v in wrong if not v.consequence_of]
    lines = [_line(describe_verdict(v)) for v in own[:MOST_VERDICTS]]
    if len({v.likely for v in own}) == len(own) > 1 and all(v.likely for v in own):
        lines.append("each of these alone would explain everything: most likely only one of them is wrong")
    lines += [_line(line) for line in list_consequences(wrong)]
    kind = "held out" if acceptance.held_out is False else "witness" if lines else "other"
    return _write(kind, lines=lines, problem=_line(acceptance.problem or "it was not accepted"))


def describe_verdict(verdict: Verdict) -> str:
    """What made-up events show about one part of the criteria, on one line."""
    parts = [f"{verdict.item} ({verdict.owner}): {verdict.verdict}"]
    if verdict.event is not None:
        what = "last step passed: " if verdict.region is not None else ""
        shown = ", ".join(p for p in (verdict.shows, verdict.values) if p)
        parts.append(f"an event with {shown}: {what}expected {verdict.expected}, found {verdict.found}")
    if verdict.likely:
        parts.append("looks like " + " or ".join(verdict.likely[:3]))
    if verdict.detail:
        parts.append(verdict.detail)
    return "; ".join(parts)


def list_consequences(wrong: Sequence[Verdict]) -> list[str]:
    """Parts that look wrong and are perhaps right, a line for each part that would explain them."""
    causes = dict.fromkeys(v.consequence_of for v in wrong if v.consequence_of)
    return [
        f"perhaps only a consequence of {cause}: "
        + ", ".join([v.item for v in wrong if v.consequence_of == cause][:MOST_CONSEQUENCES])
        for cause in causes
    ]


def read_trace(stderr: str, first_line: int, lines: int) -> str:
    """The last traceback's frames in the coder's functions, by their own line numbers, and its last lines.

    No paths of this machine, no lines of the frame around the functions or of libraries, no web addresses. Each line is
    marked as printed: code can print a traceback that never was.
    """
    start = stderr.rfind("Traceback (most recent call last):")
    if start < 0:
        return ""
    frames = []
    rest: list[str] = []
    for line in stderr[start:].splitlines()[1:]:
        found = FRAME.match(line)
        if found is not None:
            number = int(found["line"]) - first_line + 1
            if PurePosixPath(found["file"]).name == "analysis.py" and 1 <= number <= lines:
                frames.append(f"line {number}" + (f", in {found['name']}" if found["name"] else ""))
        elif line and not line[0].isspace():
            rest.append(line)
    said = [drop_addresses(line)[:LONGEST_LINE] for line in rest if LEAD.fullmatch(line.strip()) is None]
    return fence("\n".join(f"> {line}" for line in (*frames[-MOST_FRAMES:], *[r for r in said if r.strip()][:3])))


def _line(text: str) -> str:
    words = " ".join(clean_text(text.encode("utf-8", "replace")).split())
    return fence(words if len(words) <= LONGEST_LINE else words[: LONGEST_LINE - 1] + "…")


def _write(
    kind: str,
    *,
    problem: str = "",
    offences: Sequence[Offence] = (),
    trace: str = "",
    explanation: str = "",
    lines: Sequence[str] = (),
    earlier: str = "",
) -> str:
    words: Words = {
        "kind": kind, "problem": problem, "offences": offences, "trace": trace, "explanation": explanation,
        "lines": lines, "earlier": earlier,
    }  # fmt: skip
    return shorten(write_prompt("feedback", words).strip(), LONGEST_FEEDBACK)
