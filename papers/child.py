"""The child process that parses a PDF: `python -m papers.child PATH MEMORY CPU PAGES`, a Document as JSON on stdout.

What cannot be read is one JSON line `{"error": class, "message": line}` and exit status 3.
"""

import json
import resource
import sys
from pathlib import Path

from schemas import errors


def main() -> int:
    """Sets the limits, parses, writes the Document or the error."""
    path, memory, cpu, pages = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        from papers.parse import parse_paper

        document = parse_paper(path, pages)
    except errors.PaperfilterError as error:
        sys.stdout.write(json.dumps({"error": type(error).__name__, "message": str(error)}))
        return 3
    except MemoryError:
        sys.stdout.write(json.dumps({"error": "PaperTooHeavy", "message": f"{path.name}: needs too much memory"}))
        return 3
    sys.stdout.write(document.model_dump_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
