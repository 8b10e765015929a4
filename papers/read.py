"""A paper's PDF to a Document, parsed in a limited child process."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, NamedTuple

from pydantic import ValidationError

from schemas import errors
from schemas.document import Document

_REFUSED = 3  # exit status of the child that says why


class Limits(NamedTuple):
    """What reading one paper may take."""

    memory: int = 2 * 2**30  # bytes of address space
    seconds: float = 60.0  # wall clock; CPU time has the same limit
    pages: int = 500
    recognising: float = 1800.0  # seconds instead, where text is recognised from pictures


LIMITS = Limits()


def read_paper(path: Path, limits: Limits = LIMITS, *, ocr: bool = False) -> Document:
    """The Document of the PDF at `path`; `document_id` is the file's name without suffix.

    With `ocr`, the text of pages that are pictures is recognised with tesseract; they are in `Document.ocr_pages`.

    Raises UsageError (no such file, not a file, no permission), NotAPdf, EncryptedPdf, BrokenPdf, NoText,
    PaperTooHeavy, and PaperError when the parser died
    or, with `ocr`, tesseract is missing.
    """
    _check_file(path)
    command = [sys.executable, "-m", "papers.child", str(path.resolve())]
    limits = limits._replace(seconds=limits.recognising) if ocr else limits
    command += [str(limits.memory), str(int(limits.seconds) + 1), str(limits.pages), *(["ocr"] if ocr else [])]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as said:
        status = _run(command, output, said, limits.seconds)
        output.seek(0)
        said.seek(0)
        answer, stderr = output.read(), said.read(100_000)
    if status is None or status in (-signal.SIGXCPU, -signal.SIGXFSZ):
        raise _too_slow(path, limits)
    if status == _REFUSED:
        raise _read_refusal(answer, path)
    if status != 0:
        raise _explain_death(path, status, stderr, limits)
    try:
        return Document.model_validate_json(answer)
    except ValidationError as error:
        raise errors.PaperError(f"{path.name}: the PDF parser wrote no document; report it with the file") from error


def _run(command: list[str], output: IO[bytes], said: IO[bytes], seconds: float) -> int | None:
    """The exit status of the child, None where it took too long. Whatever it started ends with it."""
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=said,
        cwd=Path(__file__).resolve().parent.parent,
        env=clean_environment(),
        start_new_session=True,
    ) as child:
        try:
            return child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)


def _check_file(path: Path) -> None:
    try:
        if not path.exists():
            raise errors.UsageError(f"{path}: no such file; give the path of a paper's PDF")
        if not path.is_file():
            raise errors.UsageError(f"{path}: not a file; give the path of a paper's PDF")
        with path.open("rb"):
            pass
    except OSError as error:
        raise errors.UsageError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def clean_environment() -> dict[str, str]:
    """The environment without settings that change how Python starts."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"PYTHONUTF8": "1"}


def _too_slow(path: Path, limits: Limits) -> errors.PaperTooHeavy:
    return errors.PaperTooHeavy(
        f"{path.name}: reading it takes more than {limits.seconds:g} s, no usual paper does; get another copy of it"
    )


def _read_refusal(answer: bytes, path: Path) -> errors.PaperError:
    """The error that the child met."""
    kinds: dict[str, type[errors.PaperError]] = {
        kind.__name__: kind
        for kind in (
            errors.NotAPdf,
            errors.EncryptedPdf,
            errors.BrokenPdf,
            errors.NoText,
            errors.PaperTooHeavy,
        )
    }
    try:
        said = json.loads(answer)
        return kinds.get(said["error"], errors.PaperError)(str(said["message"]))
    except (ValueError, KeyError, TypeError):
        return errors.PaperError(f"{path.name}: the PDF parser gave no reason; report it with the file")


def _explain_death(path: Path, status: int, stderr: bytes, limits: Limits) -> errors.PaperError:
    last = stderr.decode(errors="replace").strip().splitlines()[-1:] or [""]
    # without memory Python cannot even say so
    if status == -signal.SIGKILL or b"MemoryError" in stderr or b"unraisablehook" in stderr:
        return errors.PaperTooHeavy(f"{path.name}: needs more than {limits.memory / 2**30:.1f} GiB of memory")
    how = f"signal {-status}" if status < 0 else last[0][:200] or f"status {status}"
    return errors.PaperError(f"{path.name}: the PDF parser died ({how}); get another copy of the file or report it")
