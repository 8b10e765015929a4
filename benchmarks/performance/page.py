"""The results page: what was measured, on what and how, as Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.performance import occupancy, reading
from benchmarks.performance.machine import Machine
from benchmarks.performance.record import Performance
from benchmarks.performance.timing import Spread
from pipeline.terminal import strip_controls


def write_page(found: Performance) -> str:
    """The whole page."""
    parts = [_introduce(found)]
    if found.reading is not None:
        parts.append(_tell_reading(found.reading))
    if found.serving is not None:
        parts.append(_tell_serving(found.serving))
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
    rows = [
        (
            row.name, row.pages, row.findings, tell(row.text), tell(row.rules), tell(row.both), tell(row.both_clock),
            tell(row.grounding), tell(row.finding, 2), tell(row.refusing, 2) if row.refusing else "",
        )
        for row in reading.list_rows(found)
    ]  # fmt: skip
    header = (
        "paper", "pages", "findings", "PDF to text, pages/s", "text to findings, pages/s", "PDF to findings, pages/s",
        "the same by the clock", "grounding, ms a paper", "ms a finding", "ms a foreign quote",
    )  # fmt: skip
    left_out = "".join(f"\nNot read: {escape(line)}." for line in found.left_out)
    return f"""## Reading

Rule reader, one paper after the other, one core; per second of the processor. {len(found.rounds)} rounds, each in a
new process that begins with another paper; load {tell_load(found.load)}. The text of every paper is read in a process
of its own, whose start counts; it is most of the time of a note of two pages. Grounding looks up the quotes of the paper's
own findings, with the index of its text; a foreign quote is another paper's, and has to be looked for everywhere.

{make_table(header, rows)}

Peak memory of the reading process: {max(r.peak_memory for r in found.rounds) / 1e6:.0f} MB.{left_out}"""


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
time they took. Load {tell_load(found.load)}.

{make_table(header, rows)}

Of a prompt's characters, {shared:.0%} are shared with the prompt before: a server with a prefix cache has seen them."""


def make_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; its cells are data."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(escape(str(cell)) for cell in line)} |" for line in lines)


def escape(text: str) -> str:
    """Text that stands in Markdown as it is."""
    plain = " ".join(strip_controls(text).split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>|" else c for c in plain)


def tell(numbers: Spread, digits: int = 1) -> str:
    """A median with its ends."""
    return f"{numbers.median:.{digits}f} ({numbers.low:.{digits}f} to {numbers.high:.{digits}f})"


def tell_percent(numbers: Spread) -> str:
    """Shares, with their ends."""
    return f"{numbers.median:.1%} ({numbers.low:.1%} to {numbers.high:.1%})"


def tell_load(load: tuple[float, float]) -> str:
    """Before and after."""
    return f"{load[0]:.1f} to {load[1]:.1f}"
