"""Simulated readers of a contest that was held, as they were: from the results and the papers."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.contest.results import Results
from benchmarks.extracting.subjects import find_papers, load_lists
from benchmarks.extracting.texts import FOLDER, read_text
from benchmarks.simulated.serving import Knowledge, Subject
from benchmarks.simulated.specification import parse_name
from pipeline.obtaining import Shelves
from schemas.errors import UsageError


def know_contest(
    results: Results, folder: Path, names: Sequence[str], lists: Sequence[Path], scratch: Path, shelves: Shelves
) -> tuple[Knowledge, ...]:
    """What each simulated reader of a contest knew. `names` are the contest's papers (none: our notes).

    Raises UsageError when a paper of the contest is not among them, or its PDF or gold list is another one by now.
    """
    readers = [parse_name(c.name) for c in results.manifest.contestants if c.kind == "simulated"]
    known = [r for r in readers if r is not None]
    if not known:
        return ()
    found = {p.name: p for p in find_papers(names, load_lists(lists), scratch, shelves, lambda _: None)}
    subjects = {}
    for name, digests in results.manifest.subjects.items():
        paper = found.get(name)
        if paper is None:
            raise UsageError(f"{name}: was in the contest and is not here; name it with --papers (and --gold)")
        if digests.get("pdf", paper.sha256) != paper.sha256 or digests.get("gold") not in (None, paper.gold_sha256):
            raise UsageError(f"{name}: PDF or gold list is not that of the contest; hold it again")
        subjects[name] = Subject(paper.gold, read_text(paper, folder / FOLDER).document)
    return tuple(Knowledge(reader, subjects) for reader in known)
