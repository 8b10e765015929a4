"""What a run may start from: a paper (a file or an identifier), criteria, a built-in analysis, a run that exists."""

from pathlib import Path
from typing import Literal

from papers.identifiers import parse_identifier
from pipeline.analyses import list_analyses, load_analysis
from pipeline.files import digest_file
from pipeline.obtaining import NO_SHELVES, Progress, Shelves, fetch
from pipeline.run_store import MANIFEST, find_run
from schemas.errors import UsageError
from schemas.model import Model

SourceKind = Literal["paper", "criteria", "analysis", "run"]


class Source(Model):
    """A source that was found. `path` is the paper, the criteria (of a built-in analysis too) or the run folder."""

    kind: SourceKind
    name: str  # as given
    path: Path
    slug: str


def find_source(name: str, runs: Path, shelves: Shelves = NO_SHELVES, progress: Progress | None = None) -> Source:
    """What `name` stands for; a paper that is named by an identifier is got from `shelves`.

    Raises UsageError when it is nothing that is known, NetworkError when a paper cannot be had.
    """
    if not name.strip():
        raise UsageError("the name of the source is empty; give a paper, criteria, a run or a built-in analysis")
    path = Path(name).expanduser()
    if path.is_dir():
        if (path / MANIFEST).is_file():
            return Source(kind="run", name=name, path=path, slug=path.resolve().parent.name)
        raise UsageError(f"{name} is a folder, not a paper, criteria file or run folder")
    if path.exists():
        kind: SourceKind = "criteria" if path.suffix.lower() in (".yaml", ".yml", ".json") else "paper"
        return Source(kind=kind, name=name, path=path.resolve(), slug=path.stem)
    if name in list_analyses():
        return Source(kind="analysis", name=name, path=load_analysis(name).criteria, slug=name)
    run = find_run(runs, name)
    if run is not None:
        return Source(kind="run", name=name, path=run, slug=run.resolve().parent.name)
    identifier = parse_identifier(name)
    if identifier is not None:
        path = fetch(identifier, shelves, progress)
        return Source(kind="paper", name=name, path=path, slug=path.stem)
    known = ", ".join(list_analyses()) or "none is installed"
    raise UsageError(
        f"'{name}' is neither a file, a run, an arXiv id, DOI or report number, nor a built-in analysis ({known}); "
        "check the path"
    )


def digest_source(path: Path) -> str:
    """SHA-256 of a source file. Raises UsageError when there is no such file."""
    if not path.is_file():
        what = "not a file" if path.exists() else "no such file"
        raise UsageError(f"{path}: {what}; give the path of a paper's PDF or of a criteria file")
    return digest_file(path)
