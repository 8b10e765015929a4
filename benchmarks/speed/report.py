"""Speed in words and as a table."""

from benchmarks.speed.measuring import WORDS, Speed


def list_lines(speed: Speed) -> list[str]:
    """What was measured, for a terminal: medians, memory and ratios."""
    versions = ", ".join(f"{name} {number}" for name, number in speed.versions.items())
    repeat = len(speed.measured[0].runs)
    lines = [
        f"{speed.analysis}: {speed.file}, {speed.events} events; {speed.layout}",
        f"chunks of {speed.chunk} events, medians of {repeat} alternating runs (of the command: one), "
        f"load {speed.load[0]:.1f} to {speed.load[1]:.1f}; {versions}",
        f"{'':58s} {'time':>8s} {'processor':>10s} {'memory':>8s}",
    ]
    for one in speed.measured:
        lines.append(
            f"{WORDS[one.kind]:58s} {one.seconds:6.2f} s {one.processor_seconds:8.2f} s {one.peak_memory / 1e6:5.0f} MB"
        )
    for other in ("read", "hand", "runner"):
        time, processor = speed.compare("ours", other)
        lines.append(f"{f'compiled / {other}':58s} {time:8.2f} {processor:10.2f}")
    loop = speed.find("loop")
    time, processor = speed.compare("loop", "read")
    lines.append(f"{'loop for numba / read':58s} {time:8.2f} {processor:10.2f}")
    first, later = loop.runs[0].preparing, min(run.preparing for run in loop.runs)
    lines.append(f"the loop becomes machine code in {first:.1f} s of the processor, loaded later in {later:.1f} s")
    return lines
