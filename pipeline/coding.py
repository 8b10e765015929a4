"""From accepted criteria to code that a model writes: the step `code` of a run, in the place of `compile`."""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline import artefacts
from pipeline.coding_desk import CodingDesk
from pipeline.coding_loop import Show, drive
from pipeline.coding_services import Workshop
from pipeline.coding_store import FOLDER, CodingStore, find_program
from pipeline.comparing import COMPILED, COMPILER, Baseline, find_baseline
from pipeline.compiling import DEFAULT_PROFILE, compile_criteria, find_profile
from pipeline.files import digest_sources, digest_text
from pipeline.reading import load_criteria
from pipeline.run_store import RunFolder, dump_artefact, load_artefact
from pipeline.terminal import Progress
from schemas.coding import Branch, CodingRecord
from schemas.criteria import SelectionCriteria
from schemas.cutflow import Cutflow
from schemas.errors import SandboxUnavailable, UsageError
from schemas.profile import Profile

CODE = ("codegen", "schemas")  # packages whose change begins the loop anew
STEP = "code"
DIGITS = 64  # of a digest


def write_code(
    run: RunFolder, progress: Progress, data: Mapping[Path, str], held_out: Mapping[Path, str], baseline: Baseline,
    desk: CodingDesk,
) -> CodingRecord:  # fmt: skip
    """Have a model write the code of a run: coding.json, and analysis.py if there is any code.

    `data` and `held_out` are event files with their digests. Raises ModelUnavailable, SandboxUnavailable, and whatever
    criteria, profile and data that do not go together raise. A loop that ends without a match is a record.
    """
    from codegen.coder.acceptance import split_data
    from codegen.coder.task import CodingTask

    name = run.manifest.request.profile or DEFAULT_PROFILE
    criteria = load_criteria(run.path / artefacts.ACCEPTED)
    profile = find_profile(name, [*data, *held_out])
    options = desk.options
    digests = {
        "paperfilter code": digest_sources(CODE),
        "criteria": digest_text(criteria.model_dump_json()),
        "layout of the data": digest_text(profile.model_dump_json()),
        **baseline.digests(),
        **{str(path): digest for path, digest in data.items()},
        **{f"held out: {path}": digest for path, digest in held_out.items()},
    }
    settings = {
        "against": baseline.name,
        "coder": options.coder,
        "supervisor": "yes" if options.supervised else "no",
        "classify": "yes" if options.classify else "no",
        "sample": str(options.sample),
        "time limit": f"{options.seconds:g} s",
        "sandbox": "none, by --unsafe-no-sandbox" if desk.unsafe else "required",
        **desk.describe(),
    }
    show = Show(progress, in_words=options.coder == "hybrid")

    def make(folder: Path) -> None:
        if not desk.unsafe:
            _check_sandbox()
        split = split_data(tuple(data), tuple(held_out), by_events=baseline.path is not None)
        progress.note(f"{split.words}: not shown to the coder, decides in the end", style="dim")
        store = CodingStore(run.path, digests | settings)
        limits = desk.executor.set_limits(os.cpu_count() or 1).model_copy(
            update={"wall_seconds": options.wall_seconds, "cpu_seconds": max(1, round(options.seconds))}
        )
        workshop = Workshop(
            store, criteria, profile, name, split, baseline, limits, desk.executor.list_arguments(), show.say,
            unsafe=desk.unsafe,
        )  # fmt: skip
        check_baseline(baseline.name, workshop.loop, criteria)
        task = CodingTask(
            ssc=criteria, profile=profile, branches=look_up_branches(profile, tuple(data)), coder=options.coder,
            rounds=options.rounds, sample=options.sample, supervised=options.supervised, against=baseline.name,
            held_out=split.words,
        )  # fmt: skip
        record = asyncio.run(drive(task, workshop, store, desk, run.path, progress, show))
        store.finish(record)
        dump_artefact(folder / artefacts.CODING, settle_record(record))
        program = find_program(run.path, record)
        if program is not None:
            (folder / artefacts.ANALYSIS).write_bytes(program.read_bytes())

    fresh = run.do(
        STEP, make, reads=[artefacts.ACCEPTED], writes=[artefacts.CODING, f"{artefacts.ANALYSIS}?"],
        digests=digests, settings=settings | {"rounds": str(options.rounds)},
    )  # fmt: skip
    with progress.stage(STEP) as stage:
        stage.reused = not fresh
        record = load_artefact(run.path / artefacts.CODING, CodingRecord)
        stage.failed = record.ended != "matched"
        stage.detail = word_end(record)
    return record


def check_baseline(name: str, cutflow: Cutflow, criteria: SelectionCriteria) -> None:
    """Raises UsageError for a baseline that no code for these criteria could ever match: not one step is theirs."""
    steps = {r.name: {cut.id for cut in r.cuts} | {c.group for c in r.cuts if c.group} for r in criteria.regions}
    shared = [(region, steps[region.name]) for region in cutflow.regions if region.name in steps]
    if not any(not known or any(step.id in known for step in region.steps) for region, known in shared):
        named = ", ".join(region.name for region in cutflow.regions[:5]) or "none"
        raise UsageError(
            f"--against {name}: has no region and step of these criteria (its regions: {named}); name a baseline of "
            "the same selection"
        )


def look_up_branches(profile: Profile, files: Sequence[Path]) -> tuple[Branch, ...]:
    """The columns that all of the files hold, as a coder needs to know them."""
    from codegen.coder.branches import list_branches
    from pipeline.columns import FileColumns

    looks = [FileColumns(path, profile.tree if profile.reader == "root" else None) for path in files]
    filled = [one for one in looks if one.n_events] or looks[:1]
    shared = frozenset.intersection(*(frozenset(one.names) for one in filled))
    return list_branches([c for c in filled[0].columns if c.name in shared], profile)


def compile_baseline(run: RunFolder, progress: Progress, files: Sequence[Path], *, unsafe: bool) -> Baseline:
    """The compiler's own program as what a model's code is held against: compiled.py in the run folder.

    Raises CriteriaError for criteria that the compiler cannot express.
    """
    profile = find_profile(run.manifest.request.profile or DEFAULT_PROFILE, files)

    def make(folder: Path) -> None:
        compiled = compile_criteria(load_criteria(run.path / artefacts.ACCEPTED), profile)
        (folder / COMPILED).write_text(compiled.source, encoding="utf-8")

    with progress.stage("compile") as stage:
        stage.reused = not run.do(
            "compile baseline", make, reads=[artefacts.ACCEPTED], writes=[COMPILED],
            digests={"paperfilter code": digest_sources(CODE), "layout": digest_text(profile.model_dump_json())},
        )  # fmt: skip
        stage.detail = f"{COMPILED}: the compiler's program is the baseline"
    return find_baseline(COMPILER, run.path, unsafe=unsafe)


def drop_attempts(folder: Path) -> None:
    """Remove what a model coder left in a run folder, where the compiler writes the code from now on."""
    (folder / artefacts.CODING).unlink(missing_ok=True)
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def settle_record(record: CodingRecord) -> CodingRecord:
    """The record without what depends on how often the command was interrupted: which replies were kept already."""
    attempts = tuple(
        a.model_copy(update={"calls": tuple(c.model_copy(update={"cached": False}) for c in a.calls)})
        for a in record.attempts
    )
    return record.model_copy(update={"attempts": attempts})


def word_end(record: CodingRecord) -> str:
    """How the loop ended, in one line."""
    n = len(record.attempts)
    rounds = f"{n} round{'s'[: n != 1]}"
    if record.ended == "matched":
        if record.witnesses:
            return f"matched after {rounds}; {record.held_out} and {record.witnesses} witness events agree"
        none = "no witness events could be made of these criteria"
        if record.coder == "hybrid":
            none = "no witness events: these criteria are in words"
        return f"matched after {rounds}; {record.held_out} agree; {none}"
    last = record.attempts[-1]
    first = last.comparison.first_difference if last.comparison is not None else None
    why = f"first difference {first}" if first is not None else last.problem
    return f"not matched after {rounds}: {why}"


def _check_sandbox() -> None:
    from codegen.sandbox import probe_sandbox

    report = probe_sandbox()
    if not report.usable:
        raise SandboxUnavailable(f"generated code does not run here: {report.detail}; {report.advice}")
