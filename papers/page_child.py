"""The child process that draws pages: `python -m papers.page_child PATH MEMORY SECONDS`; PATH is `-` for no file.

It says on stdout, in a line of JSON, whether the file can be opened. Then it reads one request per line on stdin, as
JSON, and answers each with a line of JSON, behind which stand as many bytes of PNG as it says. It ends with its stdin.
"""

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from schemas import errors

Placed = tuple[str, tuple[float, float, float, float]]  # a word and its box in points, from the top left


class Wanted(NamedTuple):
    """One page: by its number in the file, or as words on a sheet of `size` points."""

    width: int
    number: int = 0
    size: tuple[float, float] = (0.0, 0.0)
    words: tuple[Placed, ...] = ()
    note: str = ""


def main(arguments: list[str]) -> int:
    """Sets the limits, opens the file, answers requests until there are no more."""
    path, memory, seconds = arguments[0], int(arguments[1]), int(arguments[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _allow(seconds)
    answers = sys.stdout.buffer
    try:
        from papers import pdf

        document = None if path == "-" else pdf.open_pdf(Path(path))
        _answer(answers, b"")
        for wanted in _read_requests(sys.stdin.buffer):
            _allow(seconds)
            try:
                if document is None:
                    png = pdf.print_words(wanted.size, wanted.words, wanted.note, wanted.width)
                else:
                    png = pdf.print_page(document, wanted.number, wanted.width)
            except (*pdf.LIBRARY_ERRORS, IndexError) as error:
                said = " ".join(str(error).split())[:150]
                _answer(answers, errors.BrokenPdf(f"page {wanted.number} is damaged ({said})"))
            else:
                _answer(answers, png)
    except errors.PaperError as error:
        _answer(answers, error)
    except (MemoryError, SystemError):  # the library's way to say that an allocation failed
        _answer(answers, errors.PaperTooHeavy(f"needs more than {memory / 2**30:.1f} GiB of memory"))
    return 0


def _read_requests(lines: BinaryIO) -> Iterator[Wanted]:
    for line in lines:
        asked = json.loads(line)
        words = tuple((str(text), (box[0], box[1], box[2], box[3])) for text, box in asked["words"])
        yield Wanted(asked["width"], asked["number"], (asked["size"][0], asked["size"][1]), words, asked["note"])


def _answer(answers: BinaryIO, made: bytes | errors.PaperError) -> None:
    if isinstance(made, bytes):
        answers.write(json.dumps({"length": len(made)}).encode() + b"\n" + made)
    else:
        answers.write(json.dumps({"error": type(made).__name__, "message": str(made)}).encode() + b"\n")
    answers.flush()


def _allow(seconds: int) -> None:
    """So much processor time from now on; behind it the kernel ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
