"""The papers of a contest: PDFs and the gold lists that belong to them."""

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.gold import GoldList, load_built_in_gold, load_gold
from benchmarks.notes.typeset import SOURCES, list_notes, typeset_notes
from papers.identifiers import Identifier, parse_file_name, parse_identifier
from pipeline.files import digest_file, digest_text
from pipeline.obtaining import Shelves, obtain_paper
from schemas.errors import UsageError

Tell = Callable[[str], None]


class Paper(NamedTuple):
    """A paper with its gold list. `sha256` is of the PDF, `gold_sha256` of what the list says."""

    gold: GoldList
    pdf: Path
    sha256: str

    @property
    def name(self) -> str:
        """As the gold list calls it."""
        return self.gold.paper

    @property
    def gold_sha256(self) -> str:
        """Of the list as it was understood, so that another spelling of the same file is the same list."""
        return digest_text(self.gold.model_dump_json(exclude={"slug"}))


def load_lists(folders: Sequence[Path]) -> tuple[GoldList, ...]:
    """The gold lists of the folders, then our own. Of two lists of one paper the first one counts.

    Raises UsageError for a folder without lists, and for a malformed list.
    """
    lists: dict[str, GoldList] = {}
    for own in (*(load_gold(folder) for folder in folders), load_built_in_gold()):
        for gold in own:
            lists.setdefault(gold.paper, gold)
    return tuple(lists.values())


def find_papers(
    names: Sequence[str], lists: Sequence[GoldList], scratch: Path, shelves: Shelves, tell: Tell
) -> tuple[Paper, ...]:
    """The papers that `names` stand for: PDFs, folders of PDFs, names of gold lists, identifiers. None: our notes.

    Notes are typeset into `scratch`. A PDF without a gold list is told and left out. Raises UsageError when no paper is
    left, or a name stands for nothing, NetworkError when a paper cannot be had.
    """
    if not names:
        return _typeset([gold for gold in lists if _is_note(gold)], scratch)
    found: dict[str, Paper] = {}
    without: list[str] = []
    notes: list[GoldList] = []
    for name in names:
        path = Path(name).expanduser()
        if path.exists():
            pdfs = _list_pdfs(path) if path.is_dir() else (path,)
            if not pdfs:
                tell(f"{name}: no PDF in it")
            for pdf in pdfs:
                digest = digest_file(pdf)
                gold = _find_list(pdf, digest, lists)
                if gold is None:
                    without.append(pdf.name)
                elif gold.paper not in found:
                    found[gold.paper] = Paper(gold, pdf, digest)
            continue
        gold = _find_named(name, lists)
        if gold is None and parse_identifier(name) is None:
            raise UsageError(f"--papers {name}: no such file or folder, and no gold list or paper is called so")
        if gold is None:
            without.append(name)
        elif _is_note(gold):
            notes.append(gold)
        elif gold.paper not in found:
            pdf = obtain_paper(_name_paper(gold), shelves)
            found[gold.paper] = Paper(gold, pdf, digest_file(pdf))
    for paper in _typeset(notes, scratch):
        found.setdefault(paper.name, paper)
    if without:
        tell(f"no gold list, left out: {', '.join(without)}")
    if not found:
        known = ", ".join(gold.paper for gold in lists)
        raise UsageError(f"none of the papers has a gold list; there are lists of {known}; give others with --gold")
    for paper in found.values():
        if paper.gold.sha256 not in (None, paper.sha256):
            tell(f"{paper.name}: {paper.pdf.name} is not the PDF that the gold list was made of; pages may differ")
    return tuple(found.values())


def choose_papers(papers: Sequence[Paper], names: Sequence[str], group: str | None) -> tuple[Paper, ...]:
    """Those of these names, and of this group of notes. Raises UsageError when a name is unknown or none is left."""
    unknown = sorted(set(names) - {p.name for p in papers})
    if unknown:
        known = ", ".join(p.name for p in papers)
        raise UsageError(f"--paper {unknown[0]}: no such paper here; there are {known}")
    chosen = tuple(p for p in papers if (not names or p.name in names) and group in (None, p.gold.group))
    if not chosen:
        raise UsageError(f"--group {group}: none of the papers is of this group; leave it out")
    return chosen


def _is_note(gold: GoldList) -> bool:
    return gold.paper in {path.stem for path in list_notes()}


def _typeset(notes: Sequence[GoldList], scratch: Path) -> tuple[Paper, ...]:
    if not notes:
        return ()
    by_name = {path.stem: path for path in typeset_notes(scratch, SOURCES)}
    return tuple(Paper(gold, by_name[gold.paper], digest_file(by_name[gold.paper])) for gold in notes)


def _list_pdfs(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(p for p in folder.iterdir() if p.suffix.lower() == ".pdf" and p.is_file()))


def _find_list(pdf: Path, digest: str, lists: Sequence[GoldList]) -> GoldList | None:
    """The list made of just this PDF, else the one of a PDF of this name, else of the paper that its name says."""
    name = unicodedata.normalize("NFC", pdf.name).lower()
    same = next((g for g in lists if g.sha256 == digest), None)
    same = same or next((g for g in lists if name in (g.pdf.lower(), f"{g.paper}.pdf".lower())), None)
    if same is not None:
        return same
    identifier = parse_file_name(pdf.name)
    return next((g for g in lists if identifier is not None and identifier.plain in _identify(g)), None)


def _find_named(name: str, lists: Sequence[GoldList]) -> GoldList | None:
    same = next((g for g in lists if name in (g.paper, g.slug)), None)
    identifier = parse_identifier(name)
    return same or next((g for g in lists if identifier is not None and identifier.plain in _identify(g)), None)


def _identify(gold: GoldList) -> tuple[Identifier, ...]:
    """What the paper of a list is called, without versions."""
    names = (gold.arxiv, gold.doi, gold.report, gold.paper)
    found = [parse_identifier(name) for name in names if name] + [parse_file_name(gold.pdf)]
    return tuple(i.plain for i in found if i is not None)


def _name_paper(gold: GoldList) -> str:
    """The identifier by which the PDF of a list is had; with the version that was read, where that is known."""
    first = next(iter(_identify(gold)), None)
    if first is None:
        raise UsageError(f"{gold.paper}: the gold list names no arXiv id, DOI or report number; give the PDF itself")
    return f"{first.value}v{gold.version}" if first.kind == "arxiv" and gold.version else first.value
