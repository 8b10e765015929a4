"""The manifest of a contest in code: with which program, libraries, machine, events and prompts it was held."""

import os
import platform
from pathlib import Path

from pydantic import JsonValue

from benchmarks.contest.results import Manifest
from benchmarks.programming.running import PACKAGES, Plan
from pipeline.clock import note_time
from pipeline.files import digest_file, digest_sources
from pipeline.manifest import read_versions

PROMPTS = "codegen/coder"  # where templates of prompts and guides are
ROOT = Path(__file__).resolve().parents[2]


def make_manifest(plan: Plan, notes: tuple[str, ...] = ()) -> Manifest:
    """What a contest was held with. Runs are asked with seeds that count from that of the model's settings."""
    versions = read_versions()
    version = versions.pop("paperfilter")
    models = [(entry.contestant.name, entry.settings) for entry in plan.entries if entry.settings is not None]
    sampling: dict[str, JsonValue] = {}
    seeds: dict[str, tuple[int, ...]] = {}
    for name, settings in models:
        asked = settings.of("coder").sampling
        sampling[name] = {**asked.model_dump(mode="json"), "temperature": asked.vote_temperature}
        seeds[name] = tuple(asked.seed + run for run in range(1, plan.runs + 1))
    return Manifest(
        made=note_time(),
        paperfilter=version,
        code={package: digest_sources([package]) for package in (*PACKAGES, "benchmarks/programming")},
        versions=versions,
        machine=describe_machine(),
        contestants=tuple(entry.contestant for entry in plan.entries),
        subjects={subject.name: subject.digests for subject in plan.subjects},
        modes=tuple(dict.fromkeys(mode for entry in plan.entries for mode in entry.list_modes(plan.modes))),
        runs=plan.runs,
        seeds=seeds,
        sampling=sampling,
        prompts={path.stem: digest_file(path) for path in sorted((ROOT / PROMPTS).rglob("*.jinja"))},
        notes=(
            f"{plan.rules.rounds} rounds, {plan.rules.seconds:g} s of computing for a program, "
            f"{'with' if plan.rules.supervised else 'without'} a supervisor",
            *(f"{subject.name}: {subject.files.origin}" for subject in plan.subjects),
            *notes,
        ),
    )


def describe_machine() -> dict[str, JsonValue]:
    """Cores, memory in GiB, system and processor; no name."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3
    return {
        "cores": os.cpu_count(), "memory_gib": round(pages, 1), "system": platform.system(),
        "processor": platform.machine(),
    }  # fmt: skip
