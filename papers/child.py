"""The child process that parses a PDF: `python -m papers.child PATH MEMORY CPU PAGES`, a Document as JSON on stdout.

What cannot be read is one JSON line `{"error": class, "message": line}` and exit status 3.
"""

import hashlib
import json
import resource
import sys
from pathlib import Path

from schemas import errors
from schemas.document import Document, Page


def parse(path: Path, max_pages: int) -> Document:
    """The Document of a PDF, in this process and without limits."""
    from papers.blocks import build_blocks
    from papers.columns import order_lines
    from papers.compose import compose
    from papers.lines import attach_scripts, build_segments, split_runs
    from papers.pdf import open_pdf, read_pages

    document = open_pdf(path)
    if document.page_count > max_pages:
        raise errors.PaperTooHeavy(
            f"{path.name}: {document.page_count} pages, allowed are {max_pages}; raise the limit"
        )
    contents = list(read_pages(document))
    pages = []
    for content in contents:
        runs = attach_scripts(split_runs(content.glyphs))
        pages.append(order_lines(build_segments(runs, content.number), content.width))
    if not any(pages):
        raise errors.NoText(f"{path.name}: no visible text (a scan?); run it through text recognition first")
    return compose(
        path.stem,
        hashlib.sha256(path.read_bytes()).hexdigest(),
        tuple(Page(number=c.number, width=c.width, height=c.height) for c in contents),
        build_blocks(pages, [c.height for c in contents]),
        tuple(h for c in contents for h in c.hidden),
        (),
    )


def main() -> int:
    """Sets the limits, parses, writes the Document or the error."""
    path, memory, cpu, pages = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        document = parse(path, pages)
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
