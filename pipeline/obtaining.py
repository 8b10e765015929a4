"""A paper by whatever it is called: a path, an identifier, an address; from the library, folders or the network."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from papers.identifiers import Identifier, parse_identifier
from schemas.errors import UsageError

Progress = Callable[[str, int, int], None]  # name of the file, bytes here, bytes in all (0: unknown)


class Shelves(NamedTuple):
    """Where papers may come from besides a path, in this order: the library, folders of PDFs, the network."""

    library: Path | None = None  # None: the usual place
    papers: tuple[Path, ...] = ()  # folders of PDFs that are named by identifier
    offline: bool = False


NO_SHELVES = Shelves()


def name_paper(name: str) -> Identifier | None:
    """The identifier that `name` is, unless it is a path of something that exists."""
    return None if not name.strip() or Path(name).expanduser().exists() else parse_identifier(name)


def obtain_paper(name: str, shelves: Shelves = NO_SHELVES, progress: Progress | None = None) -> Path:
    """The path of the PDF of the paper called `name`; its stem is a name for people ("2004.03447v3").

    Raises UsageError when `name` is neither a file nor an identifier, NetworkError when the paper cannot be had,
    LibraryError when the library cannot be used.
    """
    if not name.strip():
        raise UsageError("the name of the paper is empty; give a paper's PDF or its number, for example 2004.03447")
    path = Path(name).expanduser()
    if path.exists():
        return path
    identifier = parse_identifier(name)
    if identifier is None:
        raise UsageError(
            f"{name}: no such file, and no arXiv id, DOI or report number; "
            "give a paper's PDF or its number, for example 2004.03447"
        )
    return fetch(identifier, shelves, progress)


def fetch(
    identifier: Identifier, shelves: Shelves = NO_SHELVES, progress: Progress | None = None, *, newest: bool = False
) -> Path:
    """The PDF of a paper, in the library; `newest` asks arXiv for the newest version even if one is here.

    Raises as `papers.getting.get_paper`, and UsageError for a folder of PDFs that is none.
    """
    from papers.getting import get_paper, open_web
    from papers.library import Library

    for folder in shelves.papers:
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder; --papers takes a folder of PDFs named by identifier")
    library = Library(shelves.library)
    with open_web(offline=shelves.offline) as web:
        return get_paper(identifier, library, web, folders=shelves.papers, newest=newest, progress=progress)
