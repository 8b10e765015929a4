"""What is written: the cutflow with event keys, histograms, selected candidates, and values of watched events."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import hist
import numpy as np

from codegen.templates.compiled import ANALYSIS, KEY, NOT_EVALUABLE, OUTPUTS, PROFILE, REGIONS


class DataProblem(Exception):
    """The data is not what the analysis needs; the message is one line."""


def check_unique(keys: np.ndarray) -> None:
    """Raises DataProblem when two events have the same key: their fates could not be told apart."""
    if len(keys) < 2:
        return
    factors = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
    mixed = np.zeros(len(keys), dtype=np.uint64)
    for column in range(keys.shape[1]):
        mixed = mixed * factors[0] ^ keys[:, column].astype(np.uint64) * factors[1 + column % 2]
    mixed.sort()
    if np.any(mixed[1:] == mixed[:-1]):
        unique, counts = np.unique(keys, axis=0, return_counts=True)
        if len(unique) < len(keys):
            names = ", ".join(f"{k} {v}" for k, v in zip(KEY, unique[counts.argmax()], strict=True))
            repeated = int((counts > 1).sum())
            raise DataProblem(f"{repeated} event keys occur more than once, for example {names}; give each event once")


def write_cutflow(path: Path, keys: np.ndarray, weight: np.ndarray, last: dict[str, np.ndarray], channels: Any) -> None:
    """Count, weighted yield and its uncertainty per step, and the last step of every event."""
    regions = []
    for region in REGIONS:
        reached = last[region.name]
        steps = []
        for position, step in enumerate(region.steps):
            passed = reached >= position
            weights = weight[passed]
            steps.append({
                "id": step.name,
                "label": step.label,
                "count": int(passed.sum()),
                "weighted": float(weights.sum()),
                "uncertainty": float(np.sqrt((weights * weights).sum())),
                "evaluated": step.missing is None,
                "reason": step.missing,
            })  # fmt: skip
        inside = reached >= 0
        events = {"columns": KEY, "keys": keys[inside].tolist(), "last_step": reached[inside].tolist()}
        regions.append({"name": region.name, "parent": region.parent, "steps": steps, "events": events})
    cutflow = {
        "format": "paperfilter-cutflow/1",
        "analysis": ANALYSIS,
        "profile": PROFILE,
        "made_by": "compiler",
        "n_events": len(keys),
        "regions": regions,
        "not_evaluable": [{"cut": c, "text": t, "reason": r} for c, t, r in NOT_EVALUABLE],
        "channels": channels,
    }
    write_json(path, cutflow)


def write_histograms(
    path: Path, weight: np.ndarray, selected: dict[str, np.ndarray], values: dict[str, np.ndarray]
) -> None:
    """One histogram per output and region, of the events that pass the region; all with the same bins."""
    written = []
    for output in OUTPUTS:
        shown = values[output.name]
        bins, low, high = output.bins or choose_bins(shown[np.any(list(selected.values()), axis=0)])
        for region in REGIONS:
            filled = hist.Hist(hist.axis.Regular(bins, low, high, name=output.name), storage=hist.storage.Weight())
            used = selected[region.name] & ~np.isnan(shown)
            filled.fill(shown[used], weight=weight[used])
            contents: Any = filled.view(flow=True)
            written.append({
                "variable": output.name,
                "region": region.name,
                "unit": output.unit,
                "edges": filled.axes[0].edges.tolist(),
                "counts": contents["value"][1:-1].tolist(),
                "variances": contents["variance"][1:-1].tolist(),
                "underflow": float(contents["value"][0]),
                "overflow": float(contents["value"][-1]),
            })  # fmt: skip
    write_json(path, {"format": "paperfilter-histograms/1", "analysis": ANALYSIS, "histograms": written})


def choose_bins(values: np.ndarray) -> tuple[int, float, float]:
    """About forty bins of a round width that hold the central 99 % of the values."""
    values = values[~np.isnan(values)]
    if len(values) == 0:
        return 1, 0.0, 1.0
    low, high = np.quantile(values, [0.005, 0.995])
    raw = (high - low) / 40 or max(abs(low), 1.0) / 40
    power = 10.0 ** np.floor(np.log10(raw))
    width = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= raw)
    first, stop = np.floor(low / width), np.floor(high / width) + 1
    return int(stop - first), float(first * width), float(stop * width)


def write_candidates(
    path: Path, keys: np.ndarray, weight: np.ndarray, selected: dict[str, np.ndarray], channel: np.ndarray,
    values: dict[str, np.ndarray],
) -> None:  # fmt: skip
    """One line per region and event that passes it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["region", *KEY, "channel", "weight", *(o.name for o in OUTPUTS)])
        for region in REGIONS:
            for event in np.flatnonzero(selected[region.name]):
                row = [float(values[o.name][event]) for o in OUTPUTS]
                shown = ["" if np.isnan(v) else repr(v) for v in row]
                table.writerow([region.name, *keys[event].tolist(), channel[event], repr(float(weight[event])), *shown])


def count_channels(selected: dict[str, np.ndarray], channel: np.ndarray) -> dict[str, dict[str, int]]:
    """How many of a region's events are in each channel."""
    counted = {}
    for region in REGIONS:
        names, numbers = np.unique(channel[selected[region.name]], return_counts=True)
        counted[region.name] = {str(n): int(k) for n, k in zip(names, numbers, strict=True) if n}
    return {region: found for region, found in counted.items() if found}


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")
