"""arXiv: what it says about a paper (Atom), and the paper's PDF.

The answer is an Atom feed with arXiv's own elements (https://info.arxiv.org/help/api/user-manual.html): no entry, an
entry that is an error (its `id` is below `/api/errors`), or the paper with the version in its `id`.
"""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from papers.downloads import Progress, Wanted
from papers.holdings import HEAD, LARGEST
from papers.identifiers import Identifier, parse_identifier
from papers.polite import Limits, Service
from schemas.errors import NetworkError
from schemas.model import Model

BASE = "https://export.arxiv.org"  # the host that arXiv keeps for programs
BASE_VARIABLE = "PAPERFILTER_ARXIV_URL"
LIMITS = Limits(requests=1, seconds=3.0, alone=True, rest=10.0)
SPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "arxiv": "http://arxiv.org/schemas/atom",
}
WITHDRAWN = re.compile(r"\bwithdrawn\b", re.I)


class ArxivPaper(Model):
    """What arXiv says about one version of a paper."""

    identifier: Identifier  # with version
    title: str
    authors: tuple[str, ...]
    published: str  # time of the first version, ISO 8601
    updated: str  # time of this version
    doi: Identifier | None = None  # of the journal's article
    journal: str | None = None
    comment: str | None = None
    says_withdrawn: bool = False  # the comment or the abstract speaks of a withdrawal


class Arxiv:
    """The arXiv behind a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self, identifier: Identifier) -> ArxivPaper | None:
        """The paper, in the version asked for or the newest; None when arXiv has no such paper or version.

        Raises NetworkError when arXiv cannot be asked, gives no feed or calls the id wrong.
        """
        asked = {"id_list": identifier.versioned, "max_results": "1"}
        answer = self._service.get("api/query", asked, marker=b"<feed")
        if answer is None:
            return None
        paper = _read_feed(answer, identifier)
        if paper is None or paper.identifier.value != identifier.value:
            return None
        return paper if identifier.version in (None, paper.identifier.version) else None

    def fetch_pdf(self, identifier: Identifier, target: Path, progress: Progress | None = None) -> bool:
        """Fetch the PDF of a version to `target`; False when arXiv has none (withdrawn, or no such version).

        A partial file is continued. Raises NetworkError, OSError.
        """
        wanted = Wanted(name=f"{identifier.versioned}.pdf", largest=LARGEST, head=HEAD, tail=b"%%EOF")
        return self._service.download(f"pdf/{identifier.versioned}", target, wanted, progress)

    def address(self, identifier: Identifier) -> str:
        """Where the PDF is, for the record."""
        return f"{self._service.base}/pdf/{identifier.versioned}"


def _read_feed(answer: bytes, identifier: Identifier) -> ArxivPaper | None:
    """The first entry of a feed. Raises NetworkError for what is no feed, or an error in one."""
    if b"<!DOCTYPE" in answer or b"<!ENTITY" in answer:  # no feed has one; entities are a way to fill memory
        raise NetworkError(f"arXiv's answer about {identifier.name} is no Atom feed; try again later")
    try:
        feed = ET.fromstring(answer)  # noqa: S314 (no document type, see above)
    except ET.ParseError as error:
        raise NetworkError(f"arXiv's answer about {identifier.name} is damaged; try again later") from error
    entry = feed.find("atom:entry", SPACES)
    if entry is None:
        return None
    address = _text(entry, "atom:id") or ""
    if "/api/errors" in address:
        reason = _text(entry, "atom:summary") or "an error"
        raise NetworkError(f"arXiv says of {identifier.name}: {reason[:200]}")
    found = parse_identifier(address)
    title = _text(entry, "atom:title")
    if found is None or found.kind != "arxiv" or found.version is None or title is None:
        return None
    doi = parse_identifier(_text(entry, "arxiv:doi") or "")
    comment = _text(entry, "arxiv:comment")
    return ArxivPaper(
        identifier=found,
        title=title[:500],
        authors=tuple(name for a in entry.findall("atom:author", SPACES) if (name := _text(a, "atom:name"))),
        published=_text(entry, "atom:published") or "",
        updated=_text(entry, "atom:updated") or "",
        doi=doi if doi is not None and doi.kind == "doi" else None,
        journal=_text(entry, "arxiv:journal_ref"),
        comment=comment,
        says_withdrawn=bool(WITHDRAWN.search(f"{comment or ''} {(_text(entry, 'atom:summary') or '')[:300]}")),
    )


def _text(element: ET.Element, path: str) -> str | None:
    """The text of a child in one line, or None."""
    found = element.find(path, SPACES)
    text = " ".join("".join(found.itertext()).split()) if found is not None else ""
    return text or None
