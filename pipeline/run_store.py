"""Run folders: `runs/<slug>/<time>-<reader>-<coder>/` with readable artefacts and a manifest of digests.

A step is reused when its settings, the digests of its inputs and its outputs' presence say so, and redone otherwise. An
artefact that a person edited stays: the step that made it is not redone, everything after it is. Every file appears
whole, and the manifest after the files of its step: a process that is killed at any moment leaves a folder in which the
same command goes on where it stopped.
"""

import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from pipeline.clock import note_time
from pipeline.files import digest_file, explain, move_into, remove_leftovers, sync_folder, write_atomically
from pipeline.manifest import Manifest, Request, StepRecord, read_versions
from schemas.errors import RunFolderError, RunFolderInUse

MANIFEST = "manifest.json"
LOCK = ".lock"
NEW = ".new-"  # prefix of folders that are not runs yet
ABANDONED = 60.0  # seconds after which such a folder, unlocked, has no owner
BATCH_VARIABLE = "PAPERFILTER_BATCH"  # for which paper of which batch a process works, so that its run is found again
HELD_BRIEFLY = 0.02  # seconds between two looks at a lock that somebody holds for a moment
ACTING = 1.0  # seconds for somebody who acts in a review to be done
WORK = ".work"  # where a step writes before its files are moved to their places

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # what a step's own writing may meet

T = TypeVar("T")
Make = Callable[[Path], None]  # writes the step's outputs into the folder it is given


class RunFolder:
    """One run on disk, held by this process alone until it ends."""

    def __init__(self, path: Path, lock: int, manifest: Manifest) -> None:
        self.path = path
        self._lock = lock
        self._manifest = manifest
        self.keep = False  # an existing run stays, whatever happens
        self.reused: list[str] = []
        self.redone: list[str] = []

    @property
    def manifest(self) -> Manifest:
        """The record as it stands."""
        return self._manifest

    def do(
        self,
        name: str,
        make: Make,
        *,
        reads: Sequence[str] = (),
        writes: Sequence[str],
        digests: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> bool:
        """Do a step, or reuse what it left; True when it was done now.

        `reads` are artefacts of this run, `digests` stand for inputs from elsewhere (label -> SHA-256), `writes` are
        the artefacts of the step; one whose name ends in `?` may stay away. `make` writes them into the folder it is
        given. What `make` raises passes through and leaves the step undone.
        """
        inputs = {artefact: digest_file(self.path / artefact) for artefact in reads} | dict(digests or {})
        chosen = dict(settings or {})
        record = self._manifest.find_step(name)
        if record is not None and self._stands(record, inputs, chosen):
            self.reused.append(name)
            return False
        began = time.monotonic()
        work = self.path / WORK
        shutil.rmtree(work, ignore_errors=True)
        with explain(work):
            work.mkdir()
        try:
            make(work)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            with explain(work):
                raise
        outputs = self._take(name, work, writes)
        self._save(
            self._manifest.with_step(
                StepRecord(
                    name=name,
                    inputs=inputs,
                    settings=chosen,
                    outputs=outputs,
                    seconds=round(time.monotonic() - began, 3),
                    at=note_time(),
                )
            )
        )
        self.redone.append(name)
        return True

    def stands(
        self,
        name: str,
        *,
        reads: Sequence[str] = (),
        digests: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether `do` with the same arguments would reuse what the step left."""
        record = self._manifest.find_step(name)
        if record is None or not all((self.path / artefact).is_file() for artefact in reads):
            return False
        inputs = {artefact: digest_file(self.path / artefact) for artefact in reads} | dict(digests or {})
        return self._stands(record, inputs, dict(settings or {}))

    def edited(self, name: str) -> tuple[str, ...]:
        """Artefacts of a step that a person changed since it was done."""
        record = self._manifest.find_step(name)
        if record is None:
            return ()
        present = ((n, d) for n, d in record.outputs.items() if (self.path / n).is_file())
        return tuple(n for n, digest in present if digest_file(self.path / n) != digest)

    def forget(self, name: str) -> None:
        """Have a step done again, whatever it left."""
        if self._manifest.find_step(name) is not None:
            self._save(self._manifest.without_step(name))

    def reopen(self) -> None:
        """Mark the run as unfinished: something in it is about to be done."""
        if self._manifest.finished is not None:
            self._save(self._manifest.model_copy(update={"finished": None}))

    def ask(self, request: Request) -> None:
        """Record that the run now answers another request (an extraction that goes on to be run)."""
        if request != self._manifest.request:
            self._save(self._manifest.model_copy(update={"request": request, "finished": None}))

    def sign(self, batch: str | None) -> None:
        """Record for which paper of which batch this is, if for any."""
        if batch is not None and batch != self._manifest.batch:
            self._save(self._manifest.model_copy(update={"batch": batch}))

    def finish(self) -> None:
        """Mark the run as finished."""
        if self._manifest.finished is None:
            self._save(self._manifest.model_copy(update={"finished": note_time()}))

    def close(self) -> None:
        """Let other processes have the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _stands(self, record: StepRecord, inputs: Mapping[str, str], settings: Mapping[str, str]) -> bool:
        if not all((self.path / name).is_file() for name in record.outputs):
            return False
        if self.edited(record.name):
            return True  # what a person wrote is the truth from here on
        return record.inputs == inputs and record.settings == settings

    def _take(self, name: str, work: Path, writes: Sequence[str]) -> dict[str, str]:
        """Move a step's files to their places. Without a record until then: half-moved files count as not made."""
        edited = self.edited(name)
        if self._manifest.find_step(name) is not None and not edited:
            self._save(self._manifest.without_step(name))
        outputs = {}
        for wanted in writes:
            artefact, optional = wanted.removesuffix("?"), wanted.endswith("?")
            made = work / artefact
            if made.is_file():
                outputs[artefact] = digest_file(made)
                if artefact not in edited:
                    move_into(made, self.path / artefact)
            elif optional:
                (self.path / artefact).unlink(missing_ok=True)
            else:
                raise RunFolderError(f"step '{name}' did not write {artefact}; report this with {self.path}")
        sync_folder(self.path)
        shutil.rmtree(work, ignore_errors=True)
        return outputs

    def _save(self, manifest: Manifest) -> None:
        write_atomically(self.path / MANIFEST, manifest.model_dump_json(indent=2) + "\n")
        self._manifest = manifest


@contextmanager
def open_run(runs: Path, slug: str, request: Request) -> Iterator[RunFolder]:
    """The unfinished run of the same request, or a new one; closed afterwards, finished when nothing was raised.

    Raises RunFolderError when the folder cannot be made.
    """
    home = runs / make_slug(slug)
    with explain(home):
        home.mkdir(parents=True, exist_ok=True)
    run = _find_unfinished(home, request) or _create(home, request)
    run.sign(os.environ.get(BATCH_VARIABLE))
    yield from _hold(run)


@contextmanager
def reopen_run(path: Path) -> Iterator[RunFolder]:
    """An existing run, to redo what changed. Raises RunFolderError when it is none or another process works in it."""
    load_manifest(path)
    lock = _lock_soon(path, ACTING)
    if lock is None:
        raise RunFolderInUse(f"{path} is in use by another process; wait for it or start a new run")
    run = RunFolder(path, lock, load_manifest(path))
    run.keep = True
    yield from _hold(run)


@contextmanager
def hold_folder(path: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold a run folder for a moment, to change what a person may change in it; the manifest stays as it is.

    Raises RunFolderInUse when another process still has it after `wait` seconds.
    """
    lock = _lock_soon(path, wait)
    if lock is None:
        raise RunFolderInUse(f"{path} is in use by another process; try again when it is done")
    try:
        yield
    finally:
        os.close(lock)


def _hold(run: RunFolder) -> Iterator[RunFolder]:
    try:
        remove_leftovers(run.path)
        run.reopen()
        yield run
        run.finish()
    finally:
        shutil.rmtree(run.path / WORK, ignore_errors=True)
        if not run.manifest.steps and not run.keep:  # nothing was done: the source was unusable
            shutil.rmtree(run.path, ignore_errors=True)
            with suppress(OSError):
                run.path.parent.rmdir()
        run.close()


def load_manifest(path: Path) -> Manifest:
    """The manifest of a run folder. Raises RunFolderError when there is none or it is damaged."""
    file = path / MANIFEST
    if not file.is_file():
        raise RunFolderError(f"{path} is not a run folder (no {MANIFEST}); `paperfilter show` lists the runs")
    try:
        return Manifest.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise RunFolderError(f"{file} cannot be read: {_first_line(error)}; start a new run") from error


def list_runs(runs: Path) -> tuple[Path, ...]:
    """All run folders below `runs`, newest first."""
    return tuple(sorted((m.parent for m in runs.glob(f"*/*/{MANIFEST}")), key=lambda p: p.name, reverse=True))


def find_run(runs: Path, name: str) -> Path | None:
    """The run folder called `name`: a path, `slug/run`, a run's name, a slug (its newest run), or `latest`."""
    for path in (Path(name), runs / name):
        if (path / MANIFEST).is_file():
            return path
    known = list_runs(runs)
    wanted = make_slug(Path(name).stem if name.endswith(".pdf") else name)
    return next((p for p in known if name in ("latest", p.name) or p.parent.name == wanted), None)


def load_artefact(path: Path, kind: type[T]) -> T:
    """A typed artefact from a JSON file. Raises RunFolderError when it is missing or does not validate."""
    if not path.is_file():
        raise RunFolderError(f"{path} is missing; run the command again to make it")
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise RunFolderError(f"{path} does not hold what it should: {_first_line(error)}") from error


def dump_artefact(path: Path, artefact: BaseModel | Sequence[BaseModel]) -> None:
    """Write an artefact as indented JSON."""
    adapter: TypeAdapter[object] = TypeAdapter(object)
    data = artefact if isinstance(artefact, BaseModel) else list(artefact)
    with explain(path):
        path.write_bytes(adapter.dump_json(data, indent=1, by_alias=True) + b"\n")


def make_slug(text: str) -> str:
    """A folder name from a paper's file name: letters, digits, dots, dashes and underscores, no leading dot."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:80] or "unnamed"


def _create(home: Path, request: Request) -> RunFolder:
    """A new run folder, made under another name first, so that no other process sees it half made."""
    new = home / f"{NEW}{secrets.token_hex(6)}"
    with explain(home):
        _remove_abandoned(home)
        new.mkdir()
    lock = _lock(new)
    if lock is None:
        raise RunFolderError(f"cannot lock {new}; choose a folder on another file system with --runs-dir")
    batch = os.environ.get(BATCH_VARIABLE)
    run = RunFolder(new, lock, Manifest(request=request, created=note_time(), versions=read_versions(), batch=batch))
    write_atomically(new / MANIFEST, run.manifest.model_dump_json(indent=2) + "\n")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for attempt in range(1, 1000):
        suffix = f"-{attempt}" if attempt > 1 else ""
        path = home / make_slug(f"{stamp}-{request.reader}-{request.coder}{suffix}")
        with explain(path):
            try:
                new.rename(path)  # fails when the name is taken: a run folder is never empty
            except OSError:
                if path.exists():
                    continue
                raise
            sync_folder(home)
        run.path = path
        return run
    raise RunFolderError(f"too many runs in {home} in one second; try again")


def _find_unfinished(home: Path, request: Request) -> RunFolder | None:
    for path in sorted(home.iterdir(), reverse=True):
        if path.name.startswith(".") or not (path / MANIFEST).is_file():
            continue
        with suppress(RunFolderError):
            manifest = load_manifest(path)
            if manifest.finished is None and manifest.request == request:
                lock = _lock(path)
                if lock is not None:
                    return RunFolder(path, lock, load_manifest(path))
    return None


def _lock_soon(path: Path, wait: float) -> int | None:
    """What `_lock` gives, within so many seconds."""
    until = time.monotonic() + wait
    while (lock := _lock(path)) is None and time.monotonic() < until:
        time.sleep(HELD_BRIEFLY)
    return lock


def _lock(path: Path) -> int | None:
    """A descriptor that holds the folder until it is closed or the process dies; None when somebody else has it."""
    with explain(path / LOCK):
        descriptor = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        raise RunFolderError(f"cannot lock {path}: {error.strerror}; choose another folder with --runs-dir") from error
    return descriptor


def _remove_abandoned(home: Path) -> None:
    """Remove folders that a killed process did not get to name."""
    for path in home.glob(f"{NEW}*"):
        with suppress(OSError, RunFolderError):
            if time.time() - path.stat().st_mtime < ABANDONED:
                continue  # its owner may be about to lock it
            lock = _lock(path)
            if lock is not None:
                shutil.rmtree(path, ignore_errors=True)
                os.close(lock)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))  # empty for a file that is no JSON at all
        return f"{place}: {first['msg']}" if place else first["msg"]
    return str(error).splitlines()[0]
