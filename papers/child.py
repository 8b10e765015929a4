"""The child process that parses a PDF: `python -m papers.child PATH MEMORY CPU PAGES [ocr]`.

It writes the Document as JSON to stdout.
What cannot be read is one line `{"error": class, "message": line}` on stdout and exit status 3.
"""

import gc
import json
import resource
import sys
from pathlib import Path

from schemas import errors

REFUSED = 3
OUTPUT = 128 * 2**20  # bytes of JSON; a long paper has about three million


def main(arguments: list[str]) -> int:
    """Sets the limits, parses, writes the Document or the error."""
    path, memory, cpu, pages = Path(arguments[0]), *(int(a) for a in arguments[1:4])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # one paper and out: collecting garbage would cost a fifth of the time
    try:
        from papers.parse import parse_paper

        text = parse_paper(path, pages, ocr="ocr" in arguments[4:]).model_dump_json()
    except errors.PaperError as error:
        return _refuse(error)
    except (MemoryError, SystemError):  # the library's way to say that an allocation failed
        return _refuse(errors.PaperTooHeavy(f"{path.name}: needs more than {memory / 2**30:.1f} GiB of memory"))
    sys.stdout.write(text)
    sys.stdout.flush()
    return 0


def _refuse(error: errors.PaperError) -> int:
    sys.stdout.write(json.dumps({"error": type(error).__name__, "message": str(error)}))
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
