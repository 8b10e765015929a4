"""What a contest measured of simulated readers beside what is known of them: the proof that it measures rightly.

Three numbers for each metric: `set` follows from the rates of the specification, `true` from what was really drawn in
these runs, `measured` is what the contest found. Where a criterion is told and not recovered, something between the
reply and the table lost it: the quote was refused, or the finding not matched.
"""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import NamedTuple

from benchmarks.contest.measures import Row
from benchmarks.contest.metrics import METRICS
from benchmarks.contest.results import Results
from benchmarks.contest.summarising import summarise
from benchmarks.contest.summary import ALL, Interval, Summary
from benchmarks.simulated.serving import Knowledge
from benchmarks.simulated.truth import Truth
from schemas.model import Model


class Agreement(Model):
    """One metric of a simulated reader in one mode, over all papers."""

    contestant: str
    mode: str
    metric: str
    group: str
    set: float
    true: float
    measured: float | None
    interval: Interval | None

    @property
    def title(self) -> str:
        """What it is, for people."""
        return f"{METRICS[self.metric].title}{f' ({self.group})' if self.group else ''}"

    @property
    def agrees(self) -> bool | None:
        """Whether the interval holds what was set; None where there were too few runs for an interval."""
        return None if self.interval is None else self.interval.low <= self.set <= self.interval.high


class Difference(NamedTuple):
    """A criterion about which truth and table differ in one run."""

    paper: str
    mode: str
    run: int
    criterion: str
    told: bool  # told and not recovered; else recovered and not told


def compare_with_truth(results: Results, knowledge: Knowledge) -> tuple[Agreement, ...]:
    """Every metric whose truth is known, for each mode in which the reader took part alone."""
    own = results._replace(
        measures=tuple(r for r in results.measures if _is_known(r, knowledge)),
        items=tuple(r for r in results.items if _is_known(r, knowledge)),
    )
    found = summarise(own)
    papers = {s.subject for s in found} - {ALL}
    whole = [s for s in found if s.subject == (ALL if len(papers) > 1 else next(iter(papers), ""))]
    runs = {r.run for r in own.measures}
    truths = [knowledge.tell_truth(paper, run) for paper in sorted(papers) for run in sorted(runs)]
    return tuple(_compare(s, knowledge, truths) for s in whole)


def _is_known(row: Row, knowledge: Knowledge) -> bool:
    """Whether a row is about the reader alone, and about something whose truth is known."""
    return row.contestant == knowledge.reader.name and row.kind == "simulated" and (row.metric, row.group) in _KNOWN


def list_differences(results: Results, knowledge: Knowledge) -> tuple[Difference, ...]:
    """Numeric criteria that were told and not recovered, or recovered and not told; runs that failed are left out."""
    name = knowledge.reader.name
    own = [i for i in results.items if i.contestant == name and i.kind == "simulated" and i.group == "numeric"]
    found = []
    for item in own:
        truth = knowledge.tell_truth(item.subject, item.run)
        told = item.item in truth.told
        if item.metric == "recall" and not truth.mute and told != item.hit:
            found.append(Difference(item.subject, item.mode, item.run, item.item, told))
    return tuple(found)


def _compare(summary: Summary, knowledge: Knowledge, truths: Sequence[Truth]) -> Agreement:
    reader = knowledge.reader
    told = (1.0 - reader.drop) * (1.0 - reader.wrong)
    heard = [t for t in truths if not t.mute]
    sizes = [knowledge.count(t.paper) for t in truths]
    known: dict[str, tuple[float, float]] = {
        "recall": (
            told * (1.0 - reader.mute),
            sum(knowledge.count_told(t) for t in heard) / max(sum(knowledge.count_counted(t.paper) for t in truths), 1),
        ),
        "failed": (reader.mute, sum(t.mute for t in truths) / max(len(truths), 1)),
        "invented_ungrounded": (
            fmean(sizes) * (reader.invent / 2 + (1.0 - reader.drop) * reader.wrong),
            _mean(t.made_up + len(t.wrong) for t in heard),
        ),
        "invented_grounded": (fmean(sizes) * reader.invent / 2, _mean(t.misread for t in heard)),
    }
    given, true = known[summary.metric]
    defined = [run for run in summary.runs if run is not None]
    measured = summary.rate if summary.rate is not None else fmean(defined) if defined else None
    return Agreement(
        contestant=summary.contestant, mode=summary.mode, metric=summary.metric, group=summary.group, set=given,
        true=true, measured=measured, interval=summary.interval,
    )  # fmt: skip


_KNOWN = (("recall", "numeric"), ("failed", ""), ("invented_ungrounded", ""), ("invented_grounded", ""))


def _mean(numbers: Iterator[int]) -> float:
    every = list(numbers)
    return fmean(every) if every else 0.0
