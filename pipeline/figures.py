"""Histograms of a run drawn in the field's style: one figure per variable and region, channels stacked."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipeline import artefacts
from pipeline.run_store import dump_artefact, load_artefact
from pipeline.terminal import strip_controls
from pipeline.wording import word_channel
from schemas.cutflow import Cutflow
from schemas.model import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

MOST = 12
COLOURS = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59")  # told apart by the colour-blind, too
SYMBOLS = {"mu": r"\mu", "e": "e", "l": r"\ell", "y": r"\gamma", "tau": r"\tau", "j": "j", "b": "b", "t": "t"}
PARTS = re.compile(r"(\d*)(mu|tau|[elyjbt])")


class Histogram(Model):
    """A histogram as analysis.py writes it; edges in `unit`, counts are sums of weights."""

    variable: str
    region: str
    unit: str | None
    edges: tuple[float, ...]
    counts: tuple[float, ...]
    variances: tuple[float, ...]
    underflow: float
    overflow: float


class Histograms(Model):
    """histograms.json."""

    format: Literal["paperfilter-histograms/1"]
    analysis: str
    histograms: tuple[Histogram, ...]


class Figure(Model):
    """A figure and the files it was saved to, in the run folder."""

    variable: str
    region: str
    title: str
    png: str
    pdf: str


class Channel(NamedTuple):
    """The part of a histogram that one channel makes: sums of weights per bin."""

    name: str
    counts: tuple[float, ...]


def draw_figures(run: Path, folder: Path) -> None:
    """Draw the histograms of the run folder `run` into `folder`, PNG and PDF, and list them in figures.json."""
    import matplotlib as mpl

    mpl.use("agg")
    import mplhep
    from matplotlib import pyplot

    cutflow = load_artefact(run / artefacts.CUTFLOW, Cutflow)
    histograms = load_artefact(run / artefacts.HISTOGRAMS, Histograms).histograms
    style = mplhep.style.CMS if cutflow.profile == "nanoaod" else mplhep.style.ATLAS
    drawn = []
    with pyplot.style.context(style):
        for one in choose_histograms(histograms, cutflow):
            stem = name_figure(one)
            canvas = draw_histogram(one, split_channels(run / artefacts.CANDIDATES, one), f"{cutflow.n_events} events")
            canvas.savefig(folder / f"{stem}.png", dpi=160, metadata={"Software": None})
            canvas.savefig(folder / f"{stem}.pdf", metadata={"CreationDate": None, "Producer": None, "Creator": None})
            pyplot.close(canvas)
            drawn.append(
                Figure(
                    variable=one.variable,
                    region=one.region,
                    title=f"{one.variable} after {one.region}",
                    png=f"{stem}.png",
                    pdf=f"{stem}.pdf",
                )
            )
    dump_artefact(folder / artefacts.FIGURES, drawn)


def name_files(run: Path) -> tuple[str, ...]:
    """Names of the files that `draw_figures` makes besides figures.json."""
    cutflow = load_artefact(run / artefacts.CUTFLOW, Cutflow)
    histograms = load_artefact(run / artefacts.HISTOGRAMS, Histograms).histograms
    stems = [name_figure(one) for one in choose_histograms(histograms, cutflow)]
    return tuple(f"{stem}.{suffix}" for stem in stems for suffix in ("png", "pdf"))


def choose_histograms(histograms: Sequence[Histogram], cutflow: Cutflow) -> tuple[Histogram, ...]:
    """At most MOST that hold events: the last output in every region that selects, the others in those without parent.

    A region of which no step is evaluated would repeat its parent.
    """
    if not histograms:
        return ()
    first = {region.name for region in cutflow.regions if region.parent is None}
    own = {r.name for r in cutflow.regions if r.parent is None or any(step.evaluated for step in r.steps[1:])}
    main = histograms[-1].variable
    filled = [one for one in histograms if any(one.counts) and one.region in own]
    wanted = [one for one in filled if one.variable == main]
    return tuple((wanted + [one for one in filled if one.variable != main and one.region in first])[:MOST])


def split_channels(candidates: Path, histogram: Histogram) -> tuple[Channel, ...]:
    """The channels of the selected events in the histogram's bins, largest last; nothing without channels."""
    from bisect import bisect_right

    edges = histogram.edges
    counts: dict[str, list[float]] = {}
    if not candidates.is_file():
        return ()
    with candidates.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            value = row.get(histogram.variable)
            if row.get("region") != histogram.region or not row.get("channel") or not value:
                continue
            index = bisect_right(edges, float(value)) - 1
            if 0 <= index < len(edges) - 1:
                counts.setdefault(row["channel"], [0.0] * (len(edges) - 1))[index] += float(row.get("weight") or 1.0)
    ordered = sorted(counts.items(), key=lambda item: sum(item[1]))
    return tuple(Channel(name, tuple(bins)) for name, bins in ordered)


def draw_histogram(histogram: Histogram, channels: Sequence[Channel], sample: str) -> "Canvas":
    """One canvas: channels stacked, the sum as points with the square root of the sum of squared weights."""
    import mplhep
    import numpy as np
    from matplotlib import pyplot

    canvas, axes = pyplot.subplots()
    edges = np.asarray(histogram.edges)
    if channels:
        names = sorted(c.name for c in channels)  # the same colour in every region
        mplhep.histplot(
            [np.asarray(c.counts) for c in channels],
            bins=edges,
            stack=True,
            histtype="fill",
            color=[COLOURS[names.index(c.name) % len(COLOURS)] for c in channels],
            edgecolor="black",
            linewidth=0.6,
            label=[f"{_plain(word_channel(c.name))} ({sum(c.counts):.4g})" for c in channels],
            ax=axes,
        )
    total = np.asarray(histogram.counts)
    mplhep.histplot(
        np.where(np.asarray(histogram.variances) > 0, total, np.nan),
        bins=edges,
        yerr=np.sqrt(np.asarray(histogram.variances)),
        histtype="errorbar",
        color="black",
        label=f"all ({total.sum():.4g})",
        ax=axes,
    )
    _annotate(axes, histogram, sample)
    return canvas


def word_variable(name: str) -> str:
    """The axis label of a variable: `m4l` becomes m with the subscript 4ℓ."""
    mass = re.fullmatch(r"m_?(\d+|(?:\d*(?:mu|tau|[elyjbt]))+)", name)
    if mass:
        inside = re.sub(PARTS, lambda m: m[1] + SYMBOLS[m[2]], mass[1])
        return rf"$m_{{{inside}}}$"
    return _plain(name.replace("_", " "))


def name_figure(histogram: Histogram) -> str:
    """File name without suffix."""
    return "figure-" + re.sub(r"[^A-Za-z0-9]+", "-", f"{histogram.variable}-{histogram.region}").strip("-")[:80]


def _annotate(axes: "Axes", histogram: Histogram, sample: str) -> None:
    unit = f" [{_plain(histogram.unit)}]" if histogram.unit else ""
    width = (histogram.edges[-1] - histogram.edges[0]) / (len(histogram.edges) - 1)
    axes.set_xlabel(word_variable(histogram.variable) + unit)
    axes.set_ylabel(f"Events / {width:.3g}{f' {_plain(histogram.unit)}' if histogram.unit else ''}")
    axes.set_xlim(histogram.edges[0], histogram.edges[-1])
    top = max((c + v**0.5 for c, v in zip(histogram.counts, histogram.variances, strict=True)), default=1.0)
    axes.set_ylim(0, 1.45 * max(top, 1e-9))
    lines = [_plain(histogram.region.replace("_", " ")), f"of {sample}"]
    outside = histogram.underflow + histogram.overflow
    if outside:
        lines.append(f"{outside:.4g} outside the axis")
    axes.text(0.05, 0.95, "\n".join(lines), transform=axes.transAxes, va="top", ha="left", fontsize="small")
    axes.legend(loc="upper right", fontsize="small", frameon=False)


def _plain(text: str) -> str:
    """Text without mathematics."""
    return strip_controls(text).replace("\\", "").replace("$", r"\$")
