"""Gold lists: the selection criteria of papers as careful readers wrote them down, facts without sentences."""

from benchmarks.gold.lists import OPEN, GoldCriterion, GoldList, GoldValue, Open, Points
from benchmarks.gold.loading import load_built_in_gold, load_gold, load_gold_list

__all__ = [
    "OPEN",
    "GoldCriterion",
    "GoldList",
    "GoldValue",
    "Open",
    "Points",
    "load_built_in_gold",
    "load_gold",
    "load_gold_list",
]
