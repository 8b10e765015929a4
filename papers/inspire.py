"""INSPIRE: which work an identifier or a place in a journal is, and what a paper's bibliography cites.

REST API: https://github.com/inspirehep/rest-api-doc; fields: https://inspire-schemas.readthedocs.io. Records are read
leniently: what is missing or of another type is nothing, a record that makes no sense is left out.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from papers.downloads import Progress, Wanted
from papers.holdings import HEAD, LARGEST
from papers.identifiers import Identifier, parse_identifier
from papers.journals import Journal, make_journal
from papers.polite import Limits, Service
from schemas.errors import NetworkError
from schemas.model import Model

BASE = "https://inspirehep.net"
BASE_VARIABLE = "PAPERFILTER_INSPIRE_URL"
LIMITS = Limits(requests=15, seconds=5.0, rest=5.0)
FIELDS = "control_number,arxiv_eprints,dois,report_numbers,titles,publication_info,documents"
HITS = 50  # of one search; more than one place in a journal can have is a question, not an answer
BATCH = 40  # records of one search by number


class InspireWork(Model):
    """What INSPIRE knows about a work, in canonical spelling (see `Identifier`)."""

    recid: int | None
    arxiv: str | None = None
    dois: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    title: str | None = None
    journals: tuple[Journal, ...] = ()
    documents: tuple[str, ...] = ()  # addresses of full texts

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """All that it is called, arXiv first."""
        texts = (self.arxiv or "", *self.dois, *self.reports)
        return tuple(found for text in texts if (found := parse_identifier(text)) is not None)


class InspireEntry(Model):
    """One entry of a bibliography in INSPIRE: its printed label ("101") and the work, as far as it was recognised."""

    label: str
    work: InspireWork


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Value(_Lenient):
    value: str


class _Title(_Lenient):
    title: str


class _Publication(_Lenient):
    journal_title: str | None = None
    journal_volume: str | None = None
    page_start: str | None = None
    artid: str | None = None
    year: int | None = None


class _Document(_Lenient):
    url: str
    fulltext: bool = False
    hidden: bool = False


class _Record(_Lenient):
    control_number: int
    arxiv_eprints: list[_Value] = []
    dois: list[_Value] = []
    report_numbers: list[_Value] = []
    titles: list[_Title] = []
    publication_info: list[_Publication] = []
    documents: list[_Document] = []


class _Link(_Lenient):
    ref: str = Field(alias="$ref")


class _Reference(_Lenient):
    label: str | int = ""
    arxiv_eprint: str | None = None
    dois: list[str] = []
    report_numbers: list[str] = []
    title: _Title | None = None
    publication_info: _Publication | None = None
    misc: list[str] = []


class _Entry(_Lenient):
    reference: _Reference
    record: _Link | None = None


class Inspire:
    """The INSPIRE behind a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def find(self, identifier: Identifier) -> InspireWork | None:
        """The one work that is called so, or None. Raises NetworkError when INSPIRE cannot be asked.

        A search is used, not the record itself, because the record of a large collaboration has megabytes of authors.
        """
        query = {
            "arxiv": f"arxiv:{identifier.value}",
            "doi": f'doi:"{identifier.value}"',
            "report": f'r "{identifier.value}"',
            "inspire": f"recid:{identifier.value}",
        }[identifier.kind]
        plain = identifier.plain
        hits = [
            work
            for work in self._search(query)
            if plain in work.identifiers or (plain.kind == "inspire" and str(work.recid) == plain.value)
        ]
        return hits[0] if len({work.recid for work in hits}) == 1 else None

    def find_by_journal(self, journal: Journal) -> InspireWork | None:
        """The one work at a place in a journal; None when there is none, or more than one."""
        works = self._search(f'j "{journal.title},{journal.volume},{journal.page}"')
        hits = [work for work in works if any(journal.is_same(place) for place in work.journals)]
        return hits[0] if len({work.recid for work in hits}) == 1 else None

    def find_records(self, recids: Iterable[int]) -> dict[int, InspireWork]:
        """The works with these record numbers, as far as they exist."""
        wanted = sorted(set(recids))
        found: dict[int, InspireWork] = {}
        for start in range(0, len(wanted), BATCH):
            query = " or ".join(f"recid:{recid}" for recid in wanted[start : start + BATCH])
            found |= {work.recid: work for work in self._search(query) if work.recid in wanted and work.recid}
        return found

    def read_bibliography(self, identifier: Identifier) -> tuple[InspireEntry, ...]:
        """The entries of a paper's bibliography, in order; empty when INSPIRE does not know the paper or has none."""
        if identifier.kind == "report":
            work = self.find(identifier)
            if work is None:
                return ()
            kind, value = "literature", str(work.recid)
        else:
            kind = "literature" if identifier.kind == "inspire" else identifier.kind
            value = identifier.value
        answer = self._ask(f"api/{kind}/{quote(value, safe='/')}")
        metadata = answer.get("metadata") if answer else None
        references = metadata.get("references") if isinstance(metadata, dict) else None
        return tuple(_read_entries(references if isinstance(references, list) else []))

    def fetch_pdf(self, address: str, name: str, target: Path, progress: Progress | None = None) -> bool:
        """Fetch a document of a work to `target`; False when it is gone. Raises NetworkError, OSError."""
        wanted = Wanted(name=f"{name}.pdf", largest=LARGEST, head=HEAD, tail=b"%%EOF")
        return self._service.download(address, target, wanted, progress)

    def is_own(self, address: str) -> bool:
        """Whether a document lies at INSPIRE itself: other hosts are not asked because a record says so."""
        return address.startswith("/") or httpx.URL(address).host == httpx.URL(self._service.base).host

    def _search(self, query: str) -> tuple[InspireWork, ...]:
        """Works that a query finds; empty when there are more than fit, because then it says too little."""
        answer = self._ask("api/literature", {"q": query, "fields": FIELDS, "size": str(HITS)})
        hits = answer.get("hits") if answer else None
        if not isinstance(hits, dict) or not isinstance(hits.get("hits"), list):
            return ()
        total = hits.get("total")
        if not isinstance(total, int) or total > HITS:
            return ()
        return tuple(_read_works(hits["hits"]))

    def _ask(self, path: str, parameters: dict[str, str] | None = None) -> dict[str, object] | None:
        body = self._service.get(path, parameters, marker=b"{", accept="application/json")
        if body is None:
            return None
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise NetworkError("INSPIRE's answer is damaged; try again later") from error
        return answer if isinstance(answer, dict) else None


def _read_works(hits: list[object]) -> Iterator[InspireWork]:
    for hit in hits:
        metadata = hit.get("metadata") if isinstance(hit, dict) else None
        try:
            record = _Record.model_validate(metadata)
        except ValidationError:
            continue
        arxiv = (_canonical(eprint.value, "arxiv") for eprint in record.arxiv_eprints)
        yield InspireWork(
            recid=record.control_number,
            arxiv=next((a for a in arxiv if a), None),
            dois=_all_canonical((d.value for d in record.dois), "doi"),
            reports=_all_canonical((r.value for r in record.report_numbers), "report"),
            title=record.titles[0].title if record.titles else None,
            journals=tuple(_read_places(record.publication_info)),
            documents=tuple(d.url for d in record.documents if d.fulltext and not d.hidden),
        )


def _read_entries(references: list[object]) -> Iterator[InspireEntry]:
    for item in references:
        try:
            entry = _Entry.model_validate(item)
        except ValidationError:
            continue
        printed = entry.reference
        recid = re.search(r"/literature/(\d{1,10})$", entry.record.ref) if entry.record else None
        work = InspireWork(
            recid=int(recid[1]) if recid else None,
            arxiv=_canonical(printed.arxiv_eprint or "", "arxiv"),
            dois=_all_canonical(printed.dois, "doi"),
            reports=_all_canonical((*printed.report_numbers, *printed.misc), "report"),
            title=printed.title.title if printed.title else None,
            journals=tuple(_read_places([printed.publication_info] if printed.publication_info else [])),
        )
        yield InspireEntry(label=str(printed.label).strip().strip("[]().").strip(), work=work)


def _read_places(publications: list[_Publication]) -> Iterator[Journal]:
    """An article with a page and an article number is at two places."""
    for p in publications:
        for page in dict.fromkeys((p.page_start, p.artid)):
            if p.journal_title and p.journal_volume and page:
                yield make_journal(p.journal_title, p.journal_volume, page, p.year)


def _canonical(text: str, kind: str) -> str | None:
    found = parse_identifier(text)
    return found.value if found is not None and found.kind == kind else None


def _all_canonical(texts: Iterable[str], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for text in texts if (value := _canonical(text, kind))))
