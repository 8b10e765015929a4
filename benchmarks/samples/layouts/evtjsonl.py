"""The layout evtjsonl-1.0: one event a line, four-momenta in GeV of generated particles, and jets."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

from benchmarks.samples.recorded import Body, RecordedEvent, find_energy, find_pz


def write_events(path: Path, events: Sequence[RecordedEvent]) -> None:
    """Write the lines. What is no number is `NaN` or `Infinity`, as the usual writers have it."""
    with path.open("w", encoding="utf-8") as file:
        for number, event in enumerate(events, start=1):
            file.write(json.dumps({"event_id": number, "data": _describe(event)}) + "\n")


def _describe(event: RecordedEvent) -> dict[str, object]:
    before = [{"i": 0, "id": 42, "status": 22, "px": 0.0, "py": 0.0, "pz": 0.0, "E": 1000.0, "m": 1000.0}]
    particles = [(-one.charge * one.flavour, one) for one in event.leptons] + [(22, one) for one in event.photons]
    listed = [
        {"i": i, "id": kind, "status": 1, **_momentum(one), "m": one.mass}
        for i, (kind, one) in enumerate(particles, start=1)
    ]
    return {
        "particles": before + listed,
        "jets": [{"i": i, **_momentum(jet)} for i, jet in enumerate(event.jets)],
    }


def _momentum(one: Body) -> dict[str, float]:
    finite = math.isfinite(one.phi)
    px, py = (one.pt * math.cos(one.phi), one.pt * math.sin(one.phi)) if finite else (math.nan, math.nan)
    return {"px": _round(px), "py": _round(py), "pz": _round(find_pz(one)), "E": _round(find_energy(one))}


def _round(value: float) -> float:
    """Ten digits, as event files usually have them."""
    return float(f"{value:.10g}")
