"""The manifest of a contest in reading: with which program, libraries, machine, papers and prompts it was held."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from benchmarks.contest.results import SIMULATED, Manifest, name_scorer
from benchmarks.extracting.contestants import Entrant
from benchmarks.extracting.digests import CODE, Digests, Terms
from benchmarks.extracting.scores import digest_scorer
from benchmarks.extracting.subjects import Paper
from benchmarks.performance.machine import describe_machine
from pipeline.clock import note_time
from pipeline.files import digest_file, digest_sources
from pipeline.manifest import read_versions

PROMPTS = "extract/llm/prompts"
ROOT = Path(__file__).resolve().parents[2]
OWN = ("benchmarks/extracting", "benchmarks/contest")  # what judges and counts


def make_manifest(
    papers: Sequence[Paper], entrants: Sequence[Entrant], terms: Terms, modes: Sequence[str], notes: Sequence[str]
) -> Manifest:
    """What a contest was held with. `modes` are those in which anything was read."""
    versions = read_versions()
    version = versions.pop("paperfilter")
    del versions["system"]  # the machine has it, without the kernel's name
    seeds: dict[str, tuple[int, ...]] = {}
    sampling: dict[str, JsonValue] = {}
    for entrant in entrants:
        if entrant.asks and entrant.settings is not None:
            drawn = entrant.settings.of("reader").sampling
            sampling[entrant.contestant.name] = {
                **drawn.model_dump(mode="json", exclude={"temperature", "seed"}), "temperature": drawn.vote_temperature
            }  # fmt: skip
            seeds[entrant.contestant.name] = tuple(drawn.seed + run for run in range(1, terms.runs + 1))
    followed = f"followed, {terms.works} at most and {terms.depth} deep" if terms.works else "not followed"
    machine, digests = describe_machine(), Digests(terms)
    return Manifest(
        made=note_time(),
        paperfilter=version,
        code={
            **{package: digest_sources([package]) for package in (*CODE, *OWN, SIMULATED)},
            name_scorer("extract"): digest_scorer()
        },
        versions=versions,
        machine={
            "system": machine.system, "processor": machine.processor, "cores": machine.cores,
            "memory_gib": round(machine.memory / 1024**3, 1),
        },
        contestants=tuple(entrant.contestant for entrant in entrants),
        subjects={p.name: {"pdf": p.sha256, "gold": p.gold_sha256} for p in papers},
        modes=tuple(modes),
        runs=terms.runs,
        seeds=seeds,
        sampling=sampling,
        prompts={path.stem.partition(".")[0]: digest_file(path) for path in sorted((ROOT / PROMPTS).glob("*.jinja"))},
        making={entrant.contestant.name: digests.describe(entrant) for entrant in entrants},
        notes=(
            f"cited works are {followed}; models are {'' if terms.ask_again else 'not '}asked again about printed "
            "thresholds that they do not claim",
            *notes,
        ),
    )  # fmt: skip
