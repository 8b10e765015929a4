"""A paper's PDF to a Document, parsed in a limited child process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from schemas import errors
from schemas.document import Document


class Limits(NamedTuple):
    """What reading one paper may take."""

    memory: int = 3 * 2**30  # bytes of address space
    seconds: float = 60.0  # wall clock; CPU time has the same limit
    pages: int = 500


LIMITS = Limits()


def read_paper(path: Path, limits: Limits = LIMITS) -> Document:
    """The Document of the PDF at `path`.

    Raises UsageError (no such file), NotAPdf, EncryptedPdf, BrokenPdf, NoText, PaperTooHeavy; PaperError when the
    parser died.
    """
    if not path.exists():
        raise errors.UsageError(f"{path}: no such file; give the path of a paper's PDF")
    if not path.is_file():
        raise errors.UsageError(f"{path}: not a file; give the path of a paper's PDF")
    command = [sys.executable, "-m", "papers.child", str(path.resolve()), str(limits.memory)]
    command += [str(int(limits.seconds) + 1), str(limits.pages)]
    root = Path(__file__).resolve().parent.parent
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, timeout=limits.seconds, cwd=root, stdin=subprocess.DEVNULL, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise errors.PaperTooHeavy(
            f"{path.name}: reading took longer than {limits.seconds:g} s; it is not a normal paper, or raise the limit"
        ) from error
    if done.returncode == 3:
        failure = json.loads(done.stdout)
        kind = getattr(errors, failure["error"], errors.PaperError)
        raise kind(failure["message"])
    if done.returncode != 0:
        raise errors.PaperError(f"{path.name}: the PDF parser died (status {done.returncode}); the file is damaged")
    return Document.model_validate_json(done.stdout)
