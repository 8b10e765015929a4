"""Marker as another converter: the program runs in an environment of its own, its JSON becomes a Document.

The paper is read by PyMuPDF too: it refuses what is no paper, knows what is hidden, and where words stand.
"""

import os
import resource
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

from papers.marker_blocks import flatten, read_answer
from papers.marker_document import compose_marker
from papers.read import LIMITS, Limits, read_paper
from schemas import errors
from schemas.document import Document

PYTHON = "PAPERFILTER_MARKER_PYTHON"
OPTIONS = "PAPERFILTER_MARKER_OPTIONS"  # for the program: "--mode fast --disable_ocr"
_PROGRAM = "marker_single"
_LARGEST = 128 * 2**20  # bytes of its answer
_TEXT = 50  # characters; less is no paper


class MarkerLimits(NamedTuple):
    """What marker may take for one paper. Its address space holds its models and their libraries."""

    memory: int = 48 * 2**30
    seconds: float = 1800.0


MARKER_LIMITS = MarkerLimits()


def read_with_marker(
    path: Path,
    python: Path | None = None,
    *,
    limits: Limits = LIMITS,
    marker_limits: MarkerLimits = MARKER_LIMITS,
    options: Sequence[str] | None = None,
) -> Document:
    """The Document of the PDF at `path` as marker reads it, without what PyMuPDF knows to be hidden.

    `python` is the interpreter of the environment that has marker (else PAPERFILTER_MARKER_PYTHON). Raises what
    `read_paper` raises; UsageError where marker is not there; PaperTooHeavy; PaperError where it fails.
    """
    program = find_marker(python)
    base = read_paper(path, limits)
    if options is None:
        options = shlex.split(os.environ.get(OPTIONS, ""))
    with tempfile.TemporaryDirectory() as folder:
        command = [str(program), str(path.resolve()), "--output_format", "json", "--output_dir", folder]
        command += ["--disable_image_extraction", "--disable_tqdm", *options]
        with tempfile.TemporaryFile() as said:
            status = _run(command, Path(folder), said, marker_limits)
            said.seek(0, os.SEEK_END)
            said.seek(max(said.tell() - 4000, 0))
            last = said.read().decode(errors="replace").strip().splitlines()[-1:] or [""]
        if status is None or status == -signal.SIGXCPU:
            raise errors.PaperTooHeavy(f"{path.name}: marker takes more than {marker_limits.seconds:g} s for it")
        answers = [a for a in sorted(Path(folder).rglob("*.json")) if not a.name.endswith("_meta.json")]
        if status != 0 or len(answers) != 1 or answers[0].is_symlink():
            why = "".join(c for c in last[0] if c.isprintable())[:200] or f"status {status}"
            raise errors.PaperError(f"{path.name}: marker failed ({why}); read the paper without it")
        if answers[0].stat().st_size > _LARGEST:
            raise errors.PaperTooHeavy(f"{path.name}: marker's answer has more than {_LARGEST // 2**20} MiB")
        blocks = flatten(read_answer(answers[0].read_bytes(), path.name))
    document = compose_marker(base, blocks)
    if len(document.text) < _TEXT:
        raise errors.NoText(f"{path.name}: marker finds no text in it; read the paper without it")
    return document


def find_marker(python: Path | None = None) -> Path:
    """The program beside an interpreter. Raises UsageError that says what to do."""
    named = str(python) if python is not None else os.environ.get(PYTHON, "")
    if not named:
        raise errors.UsageError(
            "no marker: make an environment for it (pip install marker-pdf) and name its python with "
            f"--marker-python or {PYTHON}"
        )
    program = Path(named).parent / _PROGRAM
    if not program.is_file() or not os.access(program, os.X_OK):
        raise errors.UsageError(
            f"{named}: its environment has no {_PROGRAM}; install it there (pip install marker-pdf)"
        )
    return program


def _run(command: list[str], folder: Path, said: IO[bytes], limits: MarkerLimits) -> int | None:
    """The exit status, None where it took too long. Whatever it started ends with it."""
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=folder, env=_clean_environment(),
        start_new_session=True,
    ) as child:  # fmt: skip
        try:
            resource.prlimit(child.pid, resource.RLIMIT_AS, (limits.memory, limits.memory))
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (8 * _LARGEST, 8 * _LARGEST))
            return child.wait(limits.seconds)
        except ProcessLookupError:  # it ended at once
            return child.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)


def _clean_environment() -> dict[str, str]:
    """The environment without settings of this program's Python, and without its keys."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PAPERFILTER_")) and not name.endswith(("_KEY", "_TOKEN", "_SECRET"))
    }
