"""Agreement between runs: how much of what one run reads the others read too.

A run is the set of its grounded requirements. Those that match a gold criterion go by its id; the others are joined
over runs as readings are for a vote (`extract.consensus.merge`), so that other words for the same are the same. Runs
that failed are not compared: they are counted as failed.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean

from benchmarks.extracting.outcome import ExtractOutcome
from benchmarks.gold import GoldList
from benchmarks.matching import match
from extract.consensus.merge import merge_readings
from schemas.evidence import Evidence
from schemas.reading import Reading


def measure_agreement(gold: GoldList, runs: Mapping[int, ExtractOutcome]) -> float | None:
    """The mean Jaccard index of all pairs of runs, 0 to 1; None with fewer than two runs that found anything."""
    sets = list_requirements(gold, {n: o for n, o in runs.items() if o.failed is None})
    shares = [len(a & b) / len(a | b) for a, b in combinations(sets.values(), 2) if a | b]
    return fmean(shares) if shares else None


def list_requirements(gold: GoldList, runs: Mapping[int, ExtractOutcome]) -> dict[int, frozenset[str]]:
    """The requirements of each run, by names that are the same in every run."""
    readings: list[Reading] = []
    proofs: dict[str, Evidence] = {}
    names: dict[str, str] = {}
    for number, outcome in runs.items():
        found = [(f, e) for f, e in zip(outcome.findings, outcome.evidence, strict=True) if e.grounded]
        own = [f.model_copy(update={"id": f"{number}/{f.id}"}) for f, _ in found]
        proofs |= {f.id: e for f, (_, e) in zip(own, found, strict=True)}
        names |= {f.id: m.criterion.id for m in match(gold.every, own) for f in m.findings}
        readings.append(Reading(reader="run", sample=number, mode="bulk", document_id=gold.paper, findings=tuple(own)))
    sets: dict[int, set[str]] = {number: set() for number in runs}
    for name, members in _name_requirements(readings, proofs, names):
        for member in members:
            sets[int(member.partition("/")[0])].add(name)
    return {number: frozenset(one) for number, one in sets.items()}


def _name_requirements(
    readings: Sequence[Reading], proofs: Mapping[str, Evidence], names: Mapping[str, str]
) -> list[tuple[str, tuple[str, ...]]]:
    """Names of requirements with the ids of the findings that state them; a finding has one name."""
    named: dict[str, list[str]] = {}
    for vote in merge_readings(readings, proofs).votes:
        joined = next((names[i] for i in vote.merged if i in names), f"? {vote.finding}")
        for member in vote.merged:
            named.setdefault(names.get(member, joined), []).append(member)
    return [(name, tuple(members)) for name, members in named.items()]
