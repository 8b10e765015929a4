"""A paper that a library holds: its record, and whether a file is a paper at all."""

import hashlib
import os
from pathlib import Path

from papers.identifiers import Identifier
from schemas.errors import NotAPdf, UsageError
from schemas.model import Model

LARGEST = 200_000_000  # bytes of a paper
HEAD = b"%PDF-"
HEAD_WITHIN = 1024  # bytes; readers accept a few before it (ISO 32000-1, annex H)


class Origin(Model):
    """Where a copy came from: an address or a path, and when (UTC, ISO 8601)."""

    place: str
    time: str


class Holding(Model):
    """A paper of the library. The first identifier gave the file its name."""

    sha256: str
    size: int  # bytes
    file: str
    identifiers: tuple[Identifier, ...] = ()
    title: str | None = None
    origins: tuple[Origin, ...] = ()

    @property
    def added(self) -> str:
        """When the first copy came, or the empty string."""
        return self.origins[0].time if self.origins else ""

    @property
    def name(self) -> str:
        """For people: its first identifier, or its file name."""
        return self.identifiers[0].name if self.identifiers else self.file


def examine(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a PDF. Raises UsageError, NotAPdf."""
    if not path.is_file():
        raise UsageError(f"{path}: {'not a file' if path.exists() else 'no such file'}; give the path of a paper's PDF")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_WITHIN)
            if HEAD not in head:
                raise NotAPdf(f"{path.name} is {'not a PDF' if head else 'empty'}; get the paper's PDF again")
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST:
                raise NotAPdf(f"{path.name} is larger than {LARGEST // 1_000_000} MB; that is no paper")
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest(), size
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
