"""Cited works: which a reading went to for a definition, against those to which the gold list says it is left.

Works are known by their keys in the bibliography. Two ways to count:
- *followed* (group empty): works that were had and read;
- *traced* (group `traced`): works that a delegation of a definition names, whether or not they could be had. This is
  what the reading understood; without a network or a library nothing is followed.
"""

from typing import NamedTuple

from benchmarks.extracting.outcome import ExtractOutcome
from benchmarks.gold import GoldList

FOLLOWED, TRACED = "", "traced"


class Citations(NamedTuple):
    """Keys of works, without brackets."""

    right: frozenset[str]
    wrong: frozenset[str]
    missed: frozenset[str]


def judge_citations(gold: GoldList, outcome: ExtractOutcome) -> dict[str, Citations]:
    """The works followed, and the works traced, against those that the gold list names for a definition."""
    wanted = frozenset(strip_key(key) for key in gold.delegated)
    papers = {r.document_id for r in outcome.readings} or {e.document_id for e in outcome.evidence}
    own = [r for r in outcome.resolutions if r.delegation.document_id in papers]  # a cited work may delegate further
    followed = {r.work.key for r in own if r.work is not None and r.document_id is not None}
    traced = {
        strip_key(key)
        for r in own
        if r.delegation.kind == "definition" and r.status != "no_cut"
        for key in r.delegation.keys
    }
    return {group: _compare(wanted, frozenset(keys)) for group, keys in ((FOLLOWED, followed), (TRACED, traced))}


def strip_key(key: str) -> str:
    """The key of a work as the bibliography has it: without brackets and blanks."""
    return key.strip().strip("[]").strip()


def _compare(wanted: frozenset[str], found: frozenset[str]) -> Citations:
    return Citations(found & wanted, found - wanted, wanted - found)
