"""The manifest of a contest in code: with which program, libraries, machine, events and prompts it was held."""

from pathlib import Path

from pydantic import JsonValue

from benchmarks.contest.results import SIMULATED, Manifest, name_scorer
from benchmarks.performance.machine import describe_machine
from benchmarks.programming.running import PACKAGES, Plan, Runner, list_baselines
from pipeline.clock import note_time
from pipeline.files import digest_file, digest_sources, digest_text
from pipeline.manifest import read_versions

OWN = ("benchmarks/programming", "benchmarks/contest")  # what judges and counts
PROMPTS = "codegen/coder"  # where templates of prompts and guides are
ROOT = Path(__file__).resolve().parents[2]
JUDGES = (*OWN, "codegen/witness")  # what decides whether a program is right, and makes rows of it
JUDGING = (
    "codegen/compare.py", "codegen/coder/acceptance.py", "codegen/coder/framing.py",
    "codegen/outputs.py", "pipeline/witness_cache.py", "pipeline/witnessing.py",
)  # fmt: skip


def make_manifest(plan: Plan, runner: Runner, notes: tuple[str, ...] = ()) -> Manifest:
    """What a contest was held with. Runs are asked with seeds that count from that of the model's settings."""
    versions = read_versions()
    version = versions.pop("paperfilter")
    del versions["system"]  # the machine has it, without the kernel's name
    machine = describe_machine()
    models = [(e.contestant.name, e.settings) for e in plan.entrants if e.settings is not None]
    sampling: dict[str, JsonValue] = {}
    seeds: dict[str, tuple[int, ...]] = {}
    for name, settings in models:
        asked = settings.of("coder").sampling
        drawn = asked.model_dump(mode="json", exclude={"temperature", "seed"})
        sampling[name] = {**drawn, "temperature": asked.vote_temperature}
        seeds[name] = tuple(asked.seed + run for run in range(1, plan.runs + 1))
    return Manifest(
        made=note_time(),
        paperfilter=version,
        code={
            **{package: digest_sources([package]) for package in (*PACKAGES, *OWN, SIMULATED)},
            name_scorer("code"): digest_judge()
        },
        versions=versions,
        machine={
            "system": machine.system, "processor": machine.processor, "cores": machine.cores,
            "memory_gib": round(machine.memory / 1024**3, 1),
        },
        contestants=tuple(entrant.contestant for entrant in plan.entrants),
        subjects={subject.name: subject.digests for subject in plan.subjects},
        modes=tuple(dict.fromkeys(mode for entrant in plan.entrants for mode in entrant.list_modes(plan.modes))),
        runs=plan.runs,
        seeds=seeds,
        sampling=sampling,
        prompts={path.stem.partition(".")[0]: digest_file(path) for path in sorted((ROOT / PROMPTS).rglob("*.jinja"))},
        making={entrant.contestant.name: runner.describe(entrant) for entrant in plan.entrants},
        notes=(
            f"{plan.rules.rounds} rounds, {plan.rules.seconds:g} s of computing for a program, "
            f"{'with' if plan.rules.supervised else 'without'} a supervisor",
            *(f"{subject.name}: {subject.files.origin}" for subject in plan.subjects),
            *notes,
        ),
    )  # fmt: skip


def digest_judge() -> str:
    """Of the code that decides whether a program is right, baselines included, and makes rows of it."""
    modules = (*(ROOT / module for module in JUDGING), *list_baselines())
    return digest_text(digest_sources(JUDGES), *map(digest_file, modules))
