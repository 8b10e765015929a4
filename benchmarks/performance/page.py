"""The results page: what was measured, on what and how, as Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.contest.tables import escape
from benchmarks.performance import occupancy, reading, scaling, selecting
from benchmarks.performance.machine import Machine
from benchmarks.performance.record import Performance
from benchmarks.performance.timing import Spread
from benchmarks.speed.measuring import WORDS

OWN = "Simulated events of our own, repeated with new event numbers"
GIVEN = "Events of the folder that was named, repeated with new event numbers"


def write_page(found: Performance, figure: str | None = None) -> str:
    """The whole page, with a figure that is a file beside it."""
    parts = [_introduce(found)]
    if figure is not None:
        parts.append(f"![What is measured below, in pictures]({figure})")
    if found.reading is not None:
        parts.append(_tell_reading(found.reading))
    if found.serving is not None:
        parts.append(_tell_serving(found.serving))
    if found.selecting is not None:
        parts.append(_tell_selecting(found.selecting))
    if found.memory is not None:
        parts.append(_tell_memory(found.memory))
    if found.workers is not None:
        parts.append(_tell_workers(found.workers))
    return "\n\n".join(parts) + "\n"


def list_machine(machine: Machine) -> str:
    """A machine in one line."""
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    return (
        f"{machine.processor}, {machine.cores:g} cores, {machine.memory / 2**30:.0f} GiB; {machine.system}, "
        f"Python {machine.python}; {versions}"
    )


def _introduce(found: Performance) -> str:
    how = " with `--quick`: few rounds of small inputs, for a first look" if found.quick else ""
    return f"""# Performance

Made by `paperfilter bench performance`{how}. {found.made}, paperfilter {found.paperfilter}, code `{found.code[:12]}`.

Machine: {escape(list_machine(found.machine))}.

Numbers are medians, with the smallest and the largest round beside them. What is compared was measured in turns, and
ratios are of the same round. Load is the number of processes that ran or wanted to, averaged over a minute, before and
after: where it is larger than the number of cores, times by the clock say little, those of the processor still do."""


def _tell_reading(found: reading.ReadingSpeed) -> str:
    rows = reading.list_rows(found)
    speeds = [(r.name, r.pages, tell(r.text), tell(r.rules), tell(r.both), tell(r.both_clock)) for r in rows]
    header = (
        "paper", "pages", "PDF to text, pages/s", "text to findings, pages/s", "PDF to findings, pages/s",
        "the same by the clock",
    )  # fmt: skip
    grounding = [
        (
            r.name, r.findings, r.grounded, tell(r.grounding, 0), tell(r.finding),
            tell(r.refusing) if r.refusing is not None else "",
        )
        for r in rows
    ]  # fmt: skip
    left_out = "".join(f"\nNot read: {escape(line)}." for line in found.left_out)
    return f"""## Reading

Rule reader, one paper after the other on one core; per second of the processor. {tell_rounds(len(found.rounds))}, each
in a new process that begins with another paper; load {tell_load(found.load)}. The text of every paper is read in a
process of its own, whose start counts; it is most of the time of a note of two pages.

{make_table(header, speeds)}

Peak memory of the reading process: {max(r.peak_memory for r in found.rounds) / 1e6:.0f} MB.{left_out}

## Grounding

The findings of the same rounds, looked up in the paper and held against what is printed there; with the index of the
text, which is made once a paper. A foreign quote is another paper's, which has to be looked for everywhere. In
milliseconds of the processor; of our notes for one note, on average.

{make_table(("paper", "findings", "grounded", "ms a paper", "ms a finding", "ms a foreign quote"), grounding)}"""


def _tell_serving(found: occupancy.Occupancy) -> str:
    rows = [
        (row.in_flight, row.requests, f"{row.latency:g} s", tell_percent(row.busy), tell(row.client))
        for row in occupancy.list_rows(found)
    ]
    header = ("calls in flight", "requests", "answer after", "slots busy", "client, ms of the processor a request")
    shared = found.runs[0].shared_prefix
    return f"""## Keeping a model server busy

The model reader's {found.questions} questions about our notes go through the client, with its cache and its record, to
a server that answers every one after a fixed time. Slots busy: the time that as many calls would take at best, of the
time they took. All calls in flight end at the same moment then, and their slots wait for the one process that asks
anew: real answers are spread in time. Client and server share the machine; load {tell_load(found.load)}.

{make_table(header, rows)}

Of a prompt's characters, {shared:.0%} are shared with the prompt before: a server with a prefix cache has seen them."""


def _tell_selecting(found: selecting.SelectingSpeed) -> str:
    about = found.analyses[0].large
    rounds = tell_rounds(len(about.find("ours").runs))
    return f"""## Events per second

Built-in analyses on the 2020 `mini` format, in chunks of {about.chunk:,} events, each run in a process of its own,
in turns, {rounds}; the whole command once. Per second of the processor.
Ratios are of the processor's time in the same round, over reading alone and over the compiled program; below 1 is
faster. Only reading and selecting is timed; of the whole command, everything. All ways select the same events, which is
checked.

{chr(10).join(_tell_analysis(one) for one in found.analyses)}

The loop for numba becomes machine code first: {_tell_preparing(found)} s of the processor; later runs load it."""


def _tell_analysis(one: selecting.AnalysisSpeed) -> str:
    rows = [
        (
            WORDS[row.way], f"{row.events:,}", tell_thousands(row.rate), tell(row.by_read, 2) if row.by_read else "",
            tell(row.by_ours, 2) if row.by_ours else "", f"{row.memory / 1e6:.0f}",
        )
        for row in selecting.list_rows(one)
    ]  # fmt: skip
    header = ("way", "events", "thousand events/s", "time / reading", "time / compiled", "memory, MB")
    load = min(one.large.load[0], one.small.load[0]), max(one.large.load[1], one.small.load[1])
    return f"""### {escape(one.analysis)}

{OWN if one.own else GIVEN}; {escape(one.large.layout)}; load {tell_load(load)}.

{make_table(header, rows)}
"""


def _tell_preparing(found: selecting.SelectingSpeed) -> str:
    return ", ".join(f"{max(run.preparing for run in one.large.find('loop').runs):.1f}" for one in found.analyses)


def _tell_memory(found: scaling.Scaling) -> str:
    rows = [
        (row.point.way, f"{row.point.events:,}", tell_megabytes(row.memory), tell(row.processor), tell(row.clock))
        for row in scaling.list_rows(found)
    ]
    header = ("way", "events", "peak memory, MB", "seconds of the processor", "seconds by the clock")
    return f"""## Memory against number of events

{escape(found.analysis)}, the whole command in one process: start, reading in chunks of {found.chunk:,} events,
selecting, writing; of the baseline, which keeps every event, reading and selecting without the start. All points in
turns, {tell_rounds(len(found.points[0].runs))}; load {tell_load(found.load)}. numba compiles in the first round.
{OWN if found.own else GIVEN}; largest file: {escape(found.layout)}.

{make_table(header, rows)}"""


def _tell_workers(found: scaling.Scaling) -> str:
    rows = [
        (
            row.point.executor, row.point.workers, f"{row.point.events:,}", tell(row.clock), tell(row.speed_up, 2),
            tell(row.processor), tell_megabytes(row.memory),
        )
        for row in scaling.list_rows(found)
    ]  # fmt: skip
    header = (
        "executor", "workers", "events", "seconds by the clock", "times as fast", "seconds of the processor",
        "memory of the largest process, MB",
    )  # fmt: skip
    return f"""## Worker processes

{escape(found.analysis)}, the whole command with coffea's executors, in turns, {tell_rounds(len(found.points[0].runs))}.
Worker processes can only be as fast as there are free cores: load {tell_load(found.load)}.

{make_table(header, rows)}"""


def make_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; its cells are data."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(escape(str(cell)) for cell in line)} |" for line in lines)


def tell(numbers: Spread, digits: int = 1) -> str:
    """A median with its ends, where they differ."""
    median, low, high = (f"{number:.{digits}f}" for number in numbers)
    return median if low == high else f"{median} ({low} to {high})"


def tell_rounds(number: int) -> str:
    """How often."""
    return "1 round" if number == 1 else f"{number} rounds"


def tell_thousands(numbers: Spread) -> str:
    """Thousands, with their ends."""
    return tell(Spread(*(n / 1e3 for n in numbers)), 0 if numbers.median >= 1e5 else 1)


def tell_megabytes(numbers: Spread) -> str:
    """Bytes as MB, with their ends."""
    return tell(Spread(*(n / 1e6 for n in numbers)), 0)


def tell_percent(numbers: Spread) -> str:
    """Shares, with their ends."""
    median, low, high = (f"{number:.1%}" for number in numbers)
    return median if low == high else f"{median} ({low} to {high})"


def tell_load(load: tuple[float, float]) -> str:
    """Before and after."""
    return f"{load[0]:.1f} to {load[1]:.1f}"
