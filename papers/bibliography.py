"""The works a paper cites, from the entries of its bibliography, and the places where it cites them."""

from bisect import bisect_left
from collections.abc import Sequence

from papers.citation_marks import find_marks
from papers.entries import Entry, split_entries
from papers.work_names import find_arxiv, find_doi, find_line_ends, find_report, find_title, read_link
from schemas.citation import Bibliography, CitedWork, Identified
from schemas.document import Document, Link


def read_bibliography(document: Document) -> Bibliography:
    """The works and marks of a paper, in order of the text; empty where the paper has no bibliography.

    Keys are as printed, without brackets; of a bibliography by authors and years they are the first author's family
    name and the year (`Doe 2005`).
    """
    style, entries = split_entries(document)
    links = [link for link in document.links if not link.uri.startswith("#") and link.start < link.end]
    works = tuple(_make_work(document, entry, links) for entry in entries)
    return Bibliography(
        document_id=document.document_id, works=works, marks=find_marks(document, entries, style) if works else ()
    )


def _make_work(document: Document, entry: Entry, links: Sequence[Link]) -> CitedWork:
    first = bisect_left(document.words, entry.start, key=lambda w: w.start)
    last = bisect_left(document.words, entry.end, key=lambda w: w.start)
    words = document.words[first:last]
    arxiv = find_arxiv(entry.text)
    # line ends are told for the text as it stands in the document; a passage that joined later has one blank more
    ends = find_line_ends(words, entry.begin)
    doi = find_doi(entry.text, ends)
    identified: Identified | None = "text" if arxiv or doi else None
    linked_arxiv, linked_doi = _read_links(entry, links)
    if linked_doi and (doi is None or linked_doi.startswith(doi) or _fold(linked_doi) == _fold(doi)):
        doi = linked_doi
    arxiv = arxiv or linked_arxiv
    report = find_report(entry.text)
    if identified is None and (arxiv or doi):
        identified = "link"
    elif identified is None and report:
        identified = "text"
    return CitedWork(
        key=entry.key,
        text=entry.text,
        page=document.page_at(entry.start),
        start=entry.start,
        end=entry.end,
        arxiv=arxiv,
        doi=doi,
        report=report,
        title=find_title(entry.text),
        identified=identified,
    )


def _read_links(entry: Entry, links: Sequence[Link]) -> tuple[str | None, str | None]:
    """The first arXiv id and the first DOI that the entry's links lead to."""
    arxiv = doi = None
    for link in sorted((x for x in links if x.start < entry.end and entry.start < x.end), key=lambda x: x.start):
        found = read_link(link)
        arxiv, doi = arxiv or found[0], doi or found[1]
    return arxiv, doi


def _fold(doi: str) -> str:
    return "".join(c for c in doi.lower() if c.isalnum())
