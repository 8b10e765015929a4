"""The text of the papers of a contest: read once, kept in its folder, and a few of them held."""

from collections import OrderedDict
from pathlib import Path

from pydantic import ValidationError

from benchmarks.extracting.subjects import Paper
from pipeline.files import digest_sources, digest_text, explain, write_atomically
from schemas.citation import Bibliography
from schemas.document import Document
from schemas.model import Model

FOLDER = "texts"  # of a contest's folder
READING = ("papers", "schemas")  # packages whose change redoes the reading of a PDF
HELD = 4  # papers whose text is held at the same time


class Text(Model):
    """A paper as it was read."""

    document: Document
    bibliography: Bibliography


def read_text(paper: Paper, folder: Path) -> Text:
    """The text and the bibliography of a paper, kept in `folder` by the digests of the PDF and of the reader's code.

    Raises PaperError when the PDF cannot be read, RunFolderError when the folder cannot be written.
    """
    path = folder / f"{digest_text(paper.sha256, digest_sources(READING))[:32]}.json"
    try:
        return Text.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        pass
    from papers.bibliography import read_bibliography
    from papers.read import read_paper

    document = read_paper(paper.pdf)
    text = Text(document=document, bibliography=read_bibliography(document))
    with explain(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.model_dump_json())
    return text


class Texts:
    """The texts of papers, some of them held: the same object every time, which is what stage one knows them by."""

    def __init__(self, folder: Path) -> None:
        """`folder` keeps what was read."""
        self._folder = folder
        self._held: OrderedDict[str, Text] = OrderedDict()

    def get(self, paper: Paper) -> Text:
        """The text of a paper. Raises PaperError when it cannot be read."""
        if paper.sha256 not in self._held:
            self._held[paper.sha256] = read_text(paper, self._folder)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(paper.sha256)
        return self._held[paper.sha256]
