"""One `paperfilter run`: the source is found, its run folder opened, and the steps are gone through in order."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from pipeline import artefacts
from pipeline.commands.reading_options import Readers
from pipeline.comparing import Baseline, find_baseline
from pipeline.compiling import DEFAULT_PROFILE
from pipeline.event_data import digest_data, find_files
from pipeline.executors import Executor
from pipeline.extracting import extract_criteria
from pipeline.manifest import Request
from pipeline.obtaining import Shelves, name_paper
from pipeline.reading import adopt_criteria
from pipeline.reading_options import ReadingOptions
from pipeline.run_store import RunFolder, load_manifest, open_run, reopen_run
from pipeline.running import accept_criteria, compare_run, compile_run, execute, write_reports
from pipeline.sources import Source, digest_source, find_source
from pipeline.terminal import Progress, show_downloads
from schemas.backend import Backend
from schemas.comparison import Comparison
from schemas.errors import ModelError, UsageError


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
    shelves: Shelves


def go(name: str, wishes: Wishes, progress: Progress) -> tuple[Path, Comparison | None]:
    """The run folder and the comparison, if one was asked for.

    Raises every PaperfilterError there is; what can be refused without reading the paper is refused first.
    """
    wishes.executor.check(unsafe=wishes.unsafe)
    with show_downloads(quiet=progress.quiet) as downloads:
        source = find_source(name, wishes.runs, wishes.shelves, downloads)
    request = _ask(source, wishes)
    files = find_files(request.data)
    baseline = find_baseline(request.against) if request.against else None
    with _open(source, request, wishes.runs) as run:
        before = run.manifest.request
        run.ask(request)
        try:
            comparison = _go_on(run, source, files, baseline, wishes, progress)
        except ModelError:
            if source.kind == "run":  # models that do not answer are not what the run is about from now on
                run.ask(before)
            raise
    return run.path, comparison


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
    if before is not None:
        update: dict[str, object] = {
            "command": "run", "coder": "compiler", "profile": profile, "backend": backend, "data": data,
            "against": against,
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
        coder="compiler",
        profile=profile,
        backend=backend,
        data=data,
        against=against,
        reading=reading,
    )


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
    wishes: Wishes,
    progress: Progress,
) -> Comparison | None:
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
    compile_run(run, progress, request.profile or DEFAULT_PROFILE, files, request.backend)
    execute(run, progress, data, unsafe=wishes.unsafe, executor=wishes.executor)
    comparison = compare_run(run, progress, data, baseline, unsafe=wishes.unsafe) if baseline is not None else None
    write_reports(run, progress)
    return comparison


def _find_origin(request: Request) -> Source | None:
    """The source of a run that exists, if it is still where it was and what it was."""
    path = Path(request.source)
    if request.kind == "analysis":
        from pipeline.analyses import load_analysis

        path = load_analysis(request.source).criteria
    if not path.is_file() or digest_source(path) != request.source_sha256:
        return None
    return Source(kind=request.kind, name=request.source, path=path, slug="")
