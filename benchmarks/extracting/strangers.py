"""What would match by accident where a contest has one paper alone: the criteria of our notes, as somebody's findings.

With several papers, chance is what the contestant itself read in the others (`benchmarks.extracting.scoring`).
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from benchmarks.contest.measures import Measure
from benchmarks.gold import GoldList, load_gold
from benchmarks.grounding import make_finding
from benchmarks.matching import match
from benchmarks.notes.typeset import SOURCES

CHANCE = "chance_others"
NOTE = "one paper alone: chance is measured with the criteria of our notes, as if they had been read in it"


def measure_strangers(gold: GoldList) -> float | None:
    """The share of the numeric criteria that the criteria of a note match, pages not asked: the mean of all notes.

    None where there is no such criterion.
    """
    counted = [c for c in gold.criteria if c.counted]
    notes = [note for note in load_gold(SOURCES) if note.paper != gold.paper]
    if not counted or not notes:
        return None
    found = ([make_finding(c) for c in note.criteria if c.counted] for note in notes)
    return fmean(len(match(counted, findings, on_page=False)) for findings in found) / len(counted)


def fill_chance(measures: Sequence[Measure], chance: float | None) -> list[Measure]:
    """The measures with this chance wherever none could be measured."""
    return [replace(m, value=chance) if m.metric == CHANCE and m.value is None else m for m in measures]
