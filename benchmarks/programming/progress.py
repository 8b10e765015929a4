"""What people see of a contest in code that is under way: a line for each run."""

from contextlib import AbstractContextManager
from typing import NamedTuple

from benchmarks.contest.cells import Cell
from benchmarks.programming.outcome import CodeOutcome
from pipeline.reading import count
from pipeline.terminal import Progress, Stage


class Told(NamedTuple):
    """A cell that is done, as the `number`-th of `of`."""

    number: int
    of: int
    cell: Cell
    outcome: CodeOutcome
    reused: bool


class Teller:
    """Lines on stderr."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def prepare(self, name: str) -> AbstractContextManager[Stage]:
        """What is done once for an analysis, and may take long."""
        return self._progress.stage(name)

    def tell(self, told: Told) -> None:
        """A run is done."""
        spent = "as before" if told.reused else word_effort(told.outcome)
        line = f"{told.number} of {told.of}  {told.cell.place}: {word_outcome(told.outcome)}; {spent}"
        self._progress.note(line, style="")

    def say(self, line: str) -> None:
        """Something that people should know."""
        self._progress.note(line)


def word_outcome(outcome: CodeOutcome) -> str:
    """What came out of a run, in a few words."""
    if outcome.failed is not None:
        return f"failed: {outcome.failed}"
    right = sum(one.right for one in outcome.witnesses)
    ended = "accepted" if outcome.accepted else "events match" if outcome.matched else "other events"
    held_out = {None: "no program that could run", True: "held-out events match", False: "held-out events differ"}
    words = [
        f"{ended} after {count(outcome.rounds, 'round')}",
        held_out[outcome.held_out],
        f"witness score {right}/{len(outcome.witnesses)}" if outcome.witnesses else "no witness events",
        *([f"failures: {', '.join(outcome.failures)}"] if outcome.failures else []),
    ]
    return ", ".join(words)


def word_effort(outcome: CodeOutcome) -> str:
    """What a run took."""
    effort = outcome.effort
    if not effort.calls:
        return f"{effort.seconds:.1f} s"
    tokens = effort.prompt_tokens + effort.completion_tokens
    return f"{count(effort.calls, 'call')}, {tokens} tokens, {effort.seconds:.1f} s"
