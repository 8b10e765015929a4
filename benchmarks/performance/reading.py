"""How fast papers are read: pages to text, text to findings, findings to their places in the paper."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from benchmarks.performance.machine import find_load
from benchmarks.performance.timing import Spread, Took, spread
from schemas.errors import PaperError, UsageError
from schemas.model import Model

ROOT = Path(__file__).parents[2]
OWN = "our notes"


class PaperRound(Model):
    """What one paper took once. The quotes of `foreign` findings are another paper's."""

    paper: str
    pages: int
    characters: int
    findings: int
    grounded: int
    foreign: int
    reading: Took  # PDF to text, in a process of its own
    finding: Took  # text to findings, by rules
    grounding: Took  # all of the paper's findings, with the index of the text
    refusing: Took  # all foreign ones, with the index of the text


class ReadingRound(Model):
    """All papers once, one after the other. `peak_memory` is of the process that reads by rules, in bytes."""

    papers: tuple[PaperRound, ...]
    left_out: tuple[str, ...]
    peak_memory: int


class ReadingSpeed(Model):
    """All rounds. Papers called in `own` are our notes; what could not be read is in `left_out`, with the reason."""

    own: tuple[str, ...]
    rounds: tuple[ReadingRound, ...]
    load: tuple[float, float]

    @property
    def left_out(self) -> tuple[str, ...]:
        """What could not be read, with the reason."""
        return self.rounds[0].left_out


class ReadingRow(NamedTuple):
    """What is said of a paper, or of all notes together: per second of the processor, over the rounds."""

    name: str
    papers: int
    pages: int
    findings: int
    grounded: int
    text: Spread  # pages per second, PDF to text
    rules: Spread  # pages per second, text to findings
    both: Spread  # pages per second, PDF to findings
    both_clock: Spread  # the same by the clock
    grounding: Spread  # milliseconds for a paper's findings
    finding: Spread  # milliseconds for one of them
    refusing: Spread | None  # milliseconds for one whose quote is another paper's


def measure_reading(
    papers: Sequence[Path], own: int, repeat: int, tell: Callable[[str], None] = lambda _: None
) -> ReadingSpeed:
    """Read the papers so many times, each round in a process of its own that begins with another paper.

    The first `own` papers are our notes. Raises UsageError when none can be read, PaperError when a round dies.
    """
    before = find_load()
    rounds = []
    for k in range(repeat):
        rounds.append(_read_round(papers, k % len(papers)))
        if not rounds[0].papers:
            raise UsageError(f"no paper can be read: {rounds[0].left_out[0]}")
        for line in rounds[0].left_out if k == 0 else ():
            tell(f"left out, {line}")
        seconds = sum(p.reading.seconds + p.finding.seconds + p.grounding.seconds for p in rounds[-1].papers)
        tell(f"reading {k + 1}/{repeat}: {len(rounds[-1].papers)} papers in {seconds:.1f} s")
    return ReadingSpeed(own=tuple(p.stem for p in papers[:own]), rounds=tuple(rounds), load=(before, find_load()))


def list_rows(speed: ReadingSpeed) -> tuple[ReadingRow, ...]:
    """Our notes together, then each other paper."""
    places = range(len(speed.rounds[0].papers))
    names = [paper.paper for paper in speed.rounds[0].papers]
    own = [k for k in places if names[k] in speed.own]
    groups = [(OWN, own)] if own else []
    groups += [(names[k], [k]) for k in places if k not in own]
    return tuple(_sum_up(name, [[r.papers[k] for k in group] for r in speed.rounds]) for name, group in groups)


def _sum_up(name: str, rounds: Sequence[Sequence[PaperRound]]) -> ReadingRow:
    """Of the same papers in each round."""
    first = rounds[0]
    pages, findings = sum(p.pages for p in first), sum(p.findings for p in first)
    foreign = sum(p.foreign for p in first)
    text = [sum(p.reading.processor for p in r) for r in rounds]
    rules = [sum(p.finding.processor for p in r) for r in rounds]
    clock = [sum(p.reading.seconds + p.finding.seconds for p in r) for r in rounds]
    grounding = [sum(p.grounding.processor for p in r) for r in rounds]
    refusing = [sum(p.refusing.processor for p in r) for r in rounds]
    return ReadingRow(
        name=name,
        papers=len(first),
        pages=pages,
        findings=findings,
        grounded=sum(p.grounded for p in first),
        text=_rate(pages, text),
        rules=_rate(pages, rules),
        both=_rate(pages, [a + b for a, b in zip(text, rules, strict=True)]),
        both_clock=_rate(pages, clock),
        grounding=spread([1e3 * s / len(first) for s in grounding]),
        finding=spread([1e3 * s / max(findings, 1) for s in grounding]),
        refusing=spread([1e3 * s / foreign for s in refusing]) if foreign else None,
    )


def _rate(pages: int, seconds: Sequence[float]) -> Spread:
    return spread([pages / max(s, 1e-9) for s in seconds])


def _read_round(papers: Sequence[Path], first: int) -> ReadingRound:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.performance.reading_child", str(first)]
    done = subprocess.run(  # noqa: S603
        [*command, *(str(p.resolve()) for p in papers)],
        capture_output=True, text=True, errors="replace", check=False, cwd=ROOT,
    )  # fmt: skip
    try:
        return ReadingRound.model_validate_json(done.stdout)
    except ValidationError as error:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise PaperError(f"the process that reads papers died: {last}") from error
