"""A person's library of papers: PDFs stored under their SHA-256, found by what papers are called.

    <library>/files/ab/ab34…/2004.03447v3.pdf   the paper; its name is for people, its folder is its content
    <library>/files/ab/ab34…/record.json        what it is called, where it came from and when
    <library>/index.json                        identifiers to digests; made anew from the records when it is not right
    <library>/incoming/                         downloads under way, continued by whoever asks for the paper next

A paper and its record appear together, by one rename. The index is written after them, and compared with what is there
before it is believed: a process killed at any moment leaves a library that works. Writers take turns (flock); readers
need no lock.
"""

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from papers.holdings import Holding, Origin, examine
from papers.identifiers import Identifier, parse_file_name
from papers.locks import NEW, hold_lock, sync, write_whole
from schemas.errors import LibraryError, NotAPdf, UsageError
from schemas.model import Model

FOLDER_VARIABLE = "PAPERFILTER_LIBRARY"
RECORD = "record.json"
ABANDONED = 3600.0  # seconds after which such a thing has no owner
Others = Literal["share", "refuse", "replace"]
DIGEST = re.compile("[0-9a-f]{64}")


class _Index(Model):
    """Spelling of every identifier to the digest of its paper, and the state of every record when it was made."""

    papers: Mapping[str, str]
    records: Mapping[str, str]


def find_library_folder() -> Path:
    """The folder of the library: PAPERFILTER_LIBRARY, or `paperfilter/papers` in the XDG data folder."""
    chosen = os.environ.get(FOLDER_VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser()
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share") / "paperfilter" / "papers"


class Library:
    """The library in `folder`. Nothing is created before something is added."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or find_library_folder()).absolute()
        self._files = self.folder / "files"
        self._index = self.folder / "index.json"

    def find(self, identifier: Identifier) -> Path | None:
        """The paper called so, or None. Without a version, the newest version that is here.

        What is returned has the content it had when it was added: a file that was damaged since then is not found.
        """
        holding = self.find_holding(identifier)
        return self.locate(holding) if holding else None

    def find_holding(self, identifier: Identifier) -> Holding | None:
        """As `find`, but the record."""
        index = self._read_index()
        if index.records != self._list_records():
            return self._look_up(self._make_index(), identifier)
        holding = self._look_up(index, identifier)
        if holding is None and _spell(identifier) in index.papers:  # it lies, or the paper was damaged
            return self._look_up(self._make_index(), identifier)
        return holding

    def locate(self, holding: Holding) -> Path:
        """Where the PDF of a holding is."""
        return self._folder_of(holding.sha256) / holding.file

    def list(self) -> tuple[Holding, ...]:
        """Everything that is here, oldest first."""
        found = (self._read_record(digest) for digest in self._list_records())
        return tuple(sorted((h for h in found if h is not None), key=lambda h: (h.added, h.sha256)))

    def add(
        self,
        path: Path,
        identifiers: Iterable[Identifier] = (),
        *,
        title: str | None = None,
        place: str | None = None,
        move: bool = False,
        others: Others = "share",
    ) -> Holding:
        """Take a copy of the PDF at `path` (or, with `move`, the file itself) and say what it is called.

        A content that is here already is not stored twice; new names are added to its record. `place` is where it came
        from, if not from `path`. `others`: what happens when one of the names is that of another content here, version
        and all. They share it and the one that came last is found by it, or the new one is refused, or the others lose
        the name (their files stay).

        Raises UsageError when there is no such file or the new one is refused, NotAPdf when it is something else or too
        large, LibraryError when the library cannot be written.
        """
        digest, size = examine(path)
        names = tuple(dict.fromkeys(identifiers))
        origin = Origin(place=place or str(path.absolute()), time=_now())
        with self._explain(), self._alone():
            if others != "share":
                self._settle_names(digest, names, take=others == "replace")
            known = self._read_record(digest)
            if known is not None and self._is_whole(known):
                holding = known.model_copy(
                    update={
                        "identifiers": tuple(dict.fromkeys((*known.identifiers, *names))),
                        "title": known.title or title,
                        "origins": (*known.origins, origin) if set(names) - set(known.identifiers) else known.origins,
                    }
                )
                write_whole(self._folder_of(digest) / RECORD, holding.model_dump_json(indent=1))
                if move:
                    path.unlink()
            else:
                file = f"{names[0].file_name if names else _clean(path.stem)}.pdf"
                holding = Holding(
                    sha256=digest, size=size, file=file, identifiers=names, title=title, origins=(origin,)
                )
                self._put(path, holding, move=move)
            self._write_index()
        return holding

    def add_names(self, path: Path, identifiers: Iterable[Identifier], *, title: str | None = None) -> None:
        """Say what else a paper of the library is called; `path` is what `find` gave. Raises LibraryError."""
        with self._explain(), self._alone():
            known = self._read_record(path.parent.name)
            if known is not None:
                names = tuple(dict.fromkeys((*known.identifiers, *identifiers)))
                named = known.model_copy(update={"identifiers": names, "title": known.title or title})
                write_whole(path.parent / RECORD, named.model_dump_json(indent=1))
                self._write_index()

    def find_files(self, identifiers: Iterable[Identifier]) -> Mapping[Identifier, Path]:
        """Where the papers are that these identifiers are names of, as the records say; no paper is read for it."""
        index = self._read_index()
        if index.records != self._list_records():
            index = self._make_index()
        digests = {name: index.papers.get(_spell(name), "") for name in identifiers}
        known = {digest: self._read_record(digest) for digest in digests.values() if DIGEST.fullmatch(digest)}
        return {name: self.locate(one) for name, digest in digests.items() if (one := known.get(digest)) is not None}

    def _settle_names(self, digest: str, names: Iterable[Identifier], *, take: bool) -> None:
        """Take these names from papers of another content; without `take` raise UsageError when one has them."""
        wanted = set(names)
        for other in self.list():
            shared = [name for name in other.identifiers if name in wanted]
            if other.sha256 == digest or not shared or not self._is_whole(other):
                continue
            if not take:
                raise UsageError(
                    f"{shared[0].name} is here already with other content: {self.locate(other)}; "
                    "give the new file another name or version with --as, or give it this one with --replace"
                )
            rest = tuple(name for name in other.identifiers if name not in wanted)
            record = other.model_copy(update={"identifiers": rest}).model_dump_json(indent=1)
            write_whole(self._folder_of(other.sha256) / RECORD, record)

    @contextmanager
    def incoming(self, identifier: Identifier) -> Iterator[Path]:
        """A place for a download of `identifier`, for this process alone; what is left there is continued later.

        Another process that holds it is waited for; look into the library again before downloading.
        """
        with self._explain():
            folder = self.folder / "incoming"
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{identifier.file_name}.pdf"
            with hold_lock(path.with_suffix(".lock"), keep=False):
                yield path

    def _put(self, path: Path, holding: Holding, *, move: bool) -> None:
        """The paper and its record at their place, by one rename."""
        self._remove_abandoned()
        target = self._folder_of(holding.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        new = self._files / f"{NEW}{secrets.token_hex(6)}"
        new.mkdir()
        try:
            (shutil.move if move else shutil.copyfile)(path, new / holding.file)
            digest, _ = examine(new / holding.file)
            if digest != holding.sha256:
                raise LibraryError(f"{path} changed while it was read; try again")
            sync(new / holding.file)
            write_whole(new / RECORD, holding.model_dump_json(indent=1))
            if target.exists():  # a damaged copy
                shutil.rmtree(target)
            new.rename(target)
            sync(target.parent)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _read_index(self) -> _Index:
        try:
            return _Index.model_validate_json(self._index.read_bytes())
        except (OSError, ValidationError, ValueError):
            return _Index(papers={}, records={})

    def _write_index(self) -> None:
        write_whole(self._index, self._make_index().model_dump_json())

    def _make_index(self) -> _Index:
        """From the records. Of two papers with one name, the one that came last; without a version, the highest."""
        records = self._list_records()
        holdings = self.list()
        papers: dict[str, str] = {}
        newest: dict[str, int] = {}
        for holding in holdings:
            for identifier in holding.identifiers:
                papers[_spell(identifier)] = holding.sha256
        for holding in holdings:
            for identifier in holding.identifiers:
                plain, version = _spell(identifier.plain), identifier.version or 0
                if version >= newest.get(plain, 0):
                    newest[plain] = version
                    papers[plain] = papers[_spell(identifier)]
        return _Index(papers=papers, records=records)

    def _look_up(self, index: _Index, identifier: Identifier) -> Holding | None:
        """The holding that an index gives, if it is there, whole and really called so."""
        digest = index.papers.get(_spell(identifier))
        holding = self._read_record(digest) if digest and DIGEST.fullmatch(digest) else None
        if holding is None or not any(identifier in (i, i.plain) for i in holding.identifiers):
            return None
        return holding if self._is_whole(holding) else None

    def _read_record(self, digest: str) -> Holding | None:
        """The record of a digest; None without a usable one."""
        try:
            holding = Holding.model_validate_json((self._folder_of(digest) / RECORD).read_bytes())
        except (OSError, ValidationError, ValueError):
            return self._restore(digest)
        return holding if holding.sha256 == digest and _is_file_name(holding.file) else None

    def _restore(self, digest: str) -> Holding | None:
        """What can be said of a paper whose record is damaged: its name is that of its file."""
        with suppress(OSError, NotAPdf, UsageError):
            for path in sorted(self._folder_of(digest).glob("*.pdf")):
                found, size = examine(path)
                if found == digest:
                    name = parse_file_name(path.name)
                    return Holding(sha256=digest, size=size, file=path.name, identifiers=(name,) if name else ())
        return None

    def _is_whole(self, holding: Holding) -> bool:
        try:
            return examine(self.locate(holding)) == (holding.sha256, holding.size)
        except (OSError, NotAPdf, UsageError):
            return False

    def _list_records(self) -> dict[str, str]:
        """The digests that have a folder, sorted, with something that changes when a record does."""
        found: dict[str, str] = {}
        with suppress(OSError):
            for folder in sorted(self._files.glob("??/*")):
                if DIGEST.fullmatch(folder.name):
                    try:
                        state = (folder / RECORD).stat()
                        found[folder.name] = f"{state.st_ino}:{state.st_mtime_ns}:{state.st_size}"
                    except OSError:
                        found[folder.name] = ""
        return found

    def _folder_of(self, digest: str) -> Path:
        return self._files / digest[:2] / digest

    def _remove_abandoned(self) -> None:
        """Remove what killed processes left half done; call it alone."""
        with suppress(OSError):
            for path in (*self._files.glob(f"{NEW}*"), *self.folder.glob(f"{NEW}*")):
                if time.time() - path.stat().st_mtime > ABANDONED:
                    if path.is_dir():
                        shutil.rmtree(path, ignore_errors=True)
                    else:
                        path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._files.mkdir(parents=True, exist_ok=True)
        with hold_lock(self.folder / ".lock"):
            yield

    @contextmanager
    def _explain(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise LibraryError(
                f"the library of papers in {self.folder} cannot be used: {reason}; choose another folder with --library"
            ) from error


def _spell(identifier: Identifier) -> str:
    return f"{identifier.kind}:{identifier.versioned}"


def _clean(stem: str) -> str:
    """A file name made of a person's one."""
    return re.sub(r"[^A-Za-z0-9.-]+|\.{2,}", "_", stem).strip("_.-")[:100] or "paper"


def _is_file_name(name: str) -> bool:
    """Whether a record names a file of its own folder, and nothing elsewhere."""
    return re.fullmatch(r"[A-Za-z0-9_.-]+\.pdf", name) is not None and not name.startswith(".")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
