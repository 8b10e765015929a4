"""One `paperfilter run`: the source is found, its run folder opened, and the steps are gone through in order."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from pipeline import artefacts
from pipeline.coding import STEP, compile_baseline, drop_attempts, write_code
from pipeline.coding_desk import CodingDesk
from pipeline.coding_options import CodingOptions
from pipeline.commands.coding_options import Coders
from pipeline.commands.reading_options import Readers
from pipeline.comparing import COMPILER, Baseline, find_baseline
from pipeline.compiling import DEFAULT_PROFILE
from pipeline.desk import REPLIES
from pipeline.event_data import digest_data, find_files, find_held_out
from pipeline.executors import Executor
from pipeline.extracting import extract_criteria
from pipeline.manifest import Request
from pipeline.models.config import load_settings
from pipeline.obtaining import Shelves, name_paper
from pipeline.reading import adopt_criteria
from pipeline.reading_options import ReadingOptions
from pipeline.run_store import RunFolder, load_manifest, open_run, reopen_run
from pipeline.running import accept_criteria, compare_run, compile_run, drop_results, execute, write_reports
from pipeline.sources import Source, digest_source, find_source
from pipeline.terminal import Progress, show_downloads
from schemas.backend import Backend
from schemas.coding import CodingRecord
from schemas.comparison import Comparison
from schemas.errors import AnalysisFailed, DataError, ModelError, UsageError


class Wishes(NamedTuple):
    """What the command line asks for. Empty where a run that exists already says it."""

    data: tuple[str, ...]
    against: str | None
    profile: str | None
    backend: Backend | None
    accept_defaults: bool
    unsafe: bool
    executor: Executor
    runs: Path
    readers: Readers
    coders: Coders
    shelves: Shelves


class Gone(NamedTuple):
    """Where a run came to. `comparison` is None where none was asked for, or no code ran; `coding` without a model."""

    folder: Path
    comparison: Comparison | None
    coding: CodingRecord | None

    @property
    def matched(self) -> bool:
        """Whether nothing differs, as far as it was asked for."""
        coded = self.coding is None or self.coding.ended == "matched"
        return coded and (self.comparison is None or self.comparison.matched)


def go(name: str, wishes: Wishes, progress: Progress) -> Gone:
    """The run folder, with the comparison if one was asked for, and how a model's coding ended if one coded.

    Raises every PaperfilterError there is; what can be refused without reading the paper is refused first.
    """
    wishes.executor.check(unsafe=wishes.unsafe)
    with show_downloads(quiet=progress.quiet) as downloads:
        source = find_source(name, wishes.runs, wishes.shelves, downloads)
    request = _ask(source, wishes)
    files = find_files(request.data)
    own = request.coding.coder == "llm" and request.against == COMPILER
    baseline = find_baseline(request.against) if request.against and not own else None
    desk = _open_coding(request, files, wishes)
    with _open(source, request, wishes.runs) as run:
        before = run.manifest.request
        run.ask(request)
        try:
            comparison, coding = _go_on(run, source, files, baseline, desk, wishes, progress)
        except ModelError:
            if source.kind == "run":  # models that do not answer are not what the run is about from now on
                run.ask(before)
            raise
    return Gone(run.path, comparison, coding)


def _ask(source: Source, wishes: Wishes) -> Request:
    """The request: what the command line says, and what an existing run said before."""
    before = load_manifest(source.path).request if source.kind == "run" else None
    patterns = wishes.data or (before.data if before else ())
    if not patterns:
        raise UsageError("no event data; name the files with --data, for example --data 'data/*.root'")
    files = find_files(patterns)
    data = tuple(str(path) for path in files)
    profile = wishes.profile or (before.profile if before else None) or _profile_of(source, files)
    against = wishes.against or (before.against if before else None)
    backend: Backend = wishes.backend or (before.backend if before else "numpy")
    coding = _settle_coding(wishes, before.coding if before is not None else None)
    if before is not None:
        update: dict[str, object] = {
            "command": "run", "coder": coding.label, "profile": profile, "backend": backend, "data": data,
            "against": against, "coding": coding,
        }  # fmt: skip
        if before.kind == "paper":
            reading = wishes.readers.change(before.reading)
            update |= {"reading": reading, "reader": reading.reader}
        return before.model_copy(update=update)
    reading = wishes.readers.options if source.kind == "paper" else ReadingOptions()
    return Request(
        command="run",
        kind=source.kind if source.kind != "run" else "paper",
        source=source.name if source.kind == "analysis" else str(source.path),
        source_sha256=digest_source(source.path),
        reader=reading.reader if source.kind == "paper" else "none",
        coder=coding.label,
        profile=profile,
        backend=backend,
        data=data,
        against=against,
        reading=reading,
        coding=coding,
    )


def _settle_coding(wishes: Wishes, before: CodingOptions | None) -> CodingOptions:
    """Who writes the code: what the command line says, and what an existing run said before. Raises UsageError."""
    coding = wishes.coders.options if before is None else wishes.coders.change(before)
    if coding.coder == "compiler":
        wishes.coders.refuse_idle()
        return CodingOptions()
    if wishes.backend not in (None, "numpy"):
        raise UsageError(f"--backend {wishes.backend}: --coder {coding.coder} writes for numpy alone")
    named = next((f"{s.model}@{s.url}" for s in wishes.readers.settings), None)
    model = named if before is None or "models" in wishes.readers.given or before.model is None else before.model
    if model is None:
        raise UsageError(
            f"--coder {coding.coder} needs a model: name it with --model NAME[@URL] or in paperfilter.toml (model = …)"
        )
    held_out = tuple(str(path) for path in find_held_out(coding.held_out))
    return coding.model_copy(update={"model": model, "held_out": held_out})


def _open_coding(request: Request, files: tuple[Path, ...], wishes: Wishes) -> CodingDesk | None:
    """The desk of a coder; None for the compiler. Raises UsageError for what makes no sense."""
    coding = request.coding
    if coding.coder == "compiler":
        return None
    if request.against is None:
        named = "a built-in analysis or a cutflow file"
        if coding.coder == "llm":  # what stands in words the compiler cannot say
            named = "a built-in analysis, a cutflow file, or the compiler itself, --against compiler"
        raise UsageError(f"--coder {coding.coder} needs something that its events are held against: name {named}")
    twice = next((path for path in files if str(path) in coding.held_out), None)
    if twice is not None:
        raise UsageError(
            f"--held-out {twice}: is one of the --data files, which the loop sees; name another file, or leave it out "
            "of --data"
        )
    settings = load_settings((coding.model,) if coding.model else (), None, wishes.readers.config)[0]
    if wishes.readers.timeout is not None:
        settings = settings.model_copy(update={"timeout": wishes.readers.timeout})
    return CodingDesk(
        options=coding, settings=settings, cache=wishes.readers.cache or wishes.runs / REPLIES,
        replay=wishes.readers.replay, executor=wishes.executor, unsafe=wishes.unsafe,
    )  # fmt: skip


def _profile_of(source: Source, files: tuple[Path, ...]) -> str:
    if source.kind == "analysis":
        from pipeline.analyses import choose_profile, load_analysis

        return choose_profile(load_analysis(source.name), files)
    from pipeline.compiling import guess_profile

    return guess_profile(files[0])


def _open(source: Source, request: Request, runs: Path) -> AbstractContextManager[RunFolder]:
    return reopen_run(source.path) if source.kind == "run" else open_run(runs, source.slug, request)


def _go_on(
    run: RunFolder,
    source: Source,
    files: tuple[Path, ...],
    baseline: Baseline | None,
    coding: CodingDesk | None,
    wishes: Wishes,
    progress: Progress,
) -> tuple[Comparison | None, CodingRecord | None]:
    request = run.manifest.request
    origin = source if source.kind != "run" else _find_origin(request)
    if origin is not None and request.kind == "paper":
        identified = name_paper(source.name) is not None
        with wishes.readers.open_desk(
            wishes.shelves, wishes.runs, reading=request.reading, identified=identified
        ) as desk:
            extract_criteria(run, origin.path, progress, desk)
    elif origin is not None:
        adopt_criteria(run, origin.path, progress)
    elif not (run.path / artefacts.CRITERIA).is_file():
        raise UsageError(f"{request.source} is gone or changed since this run; start a new run from the file")
    data = {path: digest_data(path) for path in files}
    accept_criteria(run, progress, accept_defaults=wishes.accept_defaults)
    record = None
    if coding is None:
        if run.manifest.find_step(STEP) is not None:
            run.forget(STEP)
            drop_attempts(run.path)
        compile_run(run, progress, request.profile or DEFAULT_PROFILE, files, request.backend)
    else:
        run.forget("compile")
        if baseline is None:
            baseline = compile_baseline(run, progress, files, unsafe=wishes.unsafe)
        held_out = {Path(path): digest_data(Path(path)) for path in coding.options.held_out}
        record = write_code(run, progress, data, held_out, baseline, coding)
        if not any(a.comparison is not None for a in record.attempts):
            drop_results(run)  # of an earlier coder: nothing of this one ran
            write_reports(run, progress)
            return None, record
    try:
        execute(run, progress, data, unsafe=wishes.unsafe, executor=wishes.executor)
    except (AnalysisFailed, DataError) as error:
        if record is None or record.ended == "matched":
            raise
        progress.note(f"the last code that ran in the loop does not run over all the data: {error}")
        drop_results(run)
        write_reports(run, progress)
        return None, record
    comparison = compare_run(run, progress, data, baseline, unsafe=wishes.unsafe) if baseline is not None else None
    write_reports(run, progress)
    return comparison, record


def _find_origin(request: Request) -> Source | None:
    """The source of a run that exists, if it is still where it was and what it was."""
    path = Path(request.source)
    if request.kind == "analysis":
        from pipeline.analyses import load_analysis

        path = load_analysis(request.source).criteria
    if not path.is_file() or digest_source(path) != request.source_sha256:
        return None
    return Source(kind=request.kind, name=request.source, path=path, slug="")
