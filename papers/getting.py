"""Getting a paper to this machine, and finding out which paper a cited work is.

A paper is looked for in the library, then in folders of PDFs that a person has, then at arXiv or INSPIRE. Whatever
comes from elsewhere is taken into the library, so that nothing is fetched twice.
"""

import importlib.metadata
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import fuzz

from papers import arxiv, inspire
from papers.arxiv import Arxiv, ArxivPaper
from papers.downloads import Progress, Sleep, open_client
from papers.identifiers import Identifier, identify_cited, list_identifiers, parse_file_name
from papers.inspire import Inspire, InspireEntry, InspireWork
from papers.journals import find_journals
from papers.library import Library
from papers.polite import Limits, Service, choose_pace, find_state_folder
from schemas.citation import CitedWork
from schemas.errors import NetworkError, NotAPdf, UsageError

OFFLINE_VARIABLE = "PAPERFILTER_OFFLINE"
SAME_TITLE = 92.0  # of 100: two titles that differ in typography only
LONGEST_TITLE = 500  # characters: what is longer is no title
SHORTEST_TITLE = 20  # characters: shorter ones stand in other entries too


class Web(NamedTuple):
    """The services that papers come from."""

    arxiv: Arxiv
    inspire: Inspire


@contextmanager
def open_web(
    *,
    arxiv_base: str | None = None,
    inspire_base: str | None = None,
    offline: bool = False,
    state: Path | None = None,
    longest_wait: float = 8.0,
    sleep: Sleep = time.sleep,
) -> Iterator[Web | None]:
    """The services, or None when there is to be no network (`offline`, or PAPERFILTER_OFFLINE set).

    Addresses not given are those of PAPERFILTER_ARXIV_URL and PAPERFILTER_INSPIRE_URL, else the real ones. `state` is
    the folder in which all processes keep their pace. `longest_wait`: seconds between attempts.
    """
    if offline or os.environ.get(OFFLINE_VARIABLE, "") not in ("", "0"):
        yield None
        return
    folder = state or find_state_folder()
    with ExitStack() as stack:
        client = stack.enter_context(open_client(agent=f"paperfilter/{_read_version()}"))

        def open_service(name: str, module_base: str, variable: str, given: str | None, limits: Limits) -> Service:
            base = given or os.environ.get(variable) or module_base
            pace = choose_pace(name.lower(), base, limits, folder, sleep=sleep)
            return Service(name, base, client, pace, longest_wait=longest_wait, sleep=sleep)

        yield Web(
            Arxiv(open_service("arXiv", arxiv.BASE, arxiv.BASE_VARIABLE, arxiv_base, arxiv.LIMITS)),
            Inspire(open_service("INSPIRE", inspire.BASE, inspire.BASE_VARIABLE, inspire_base, inspire.LIMITS)),
        )


def _read_version() -> str:
    with suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("paperfilter")
    return "0"


def get_paper(
    identifier: Identifier,
    library: Library,
    web: Web | None,
    *,
    folders: Sequence[Path] = (),
    newest: bool = False,
    progress: Progress | None = None,
) -> Path:
    """The PDF of a paper, in the library.

    First what is in the library, then what `folders` hold under its name (taken into the library), then the network;
    without a version the newest that is here, or with `newest` the newest there is. A paper that is known by its DOI or
    report number is looked up at INSPIRE and fetched from arXiv, or from INSPIRE where it is in no arXiv.

    Raises NetworkError, one line, when it is not here and cannot be had; LibraryError when the library cannot be used.
    """
    here = None if newest and web is not None else library.find(identifier) or _adopt(identifier, library, folders)
    if here is not None:
        return here
    if web is None:
        raise NetworkError(
            f"{identifier.name} is not in the library ({library.folder}) and there is to be no network; "
            f"add its PDF with: paperfilter papers add FILE --as {identifier.versioned}"
        )
    if identifier.kind == "arxiv":
        return _get_from_arxiv(identifier, (), library, web, progress)
    work = web.inspire.find(identifier)
    if work is None:
        raise NetworkError(
            f"INSPIRE does not know {identifier.name}; get the PDF by hand and add it with: "
            f"paperfilter papers add FILE --as {identifier.versioned}"
        )
    names = tuple(dict.fromkeys((identifier, *work.identifiers)))
    for name in names if not newest else ():
        known = library.find(name) or _adopt(name, library, folders)
        if known is not None:  # here under another name
            library.add_names(known, _besides(name, names), title=work.title)
            return known
    if work.arxiv is not None:
        return _get_from_arxiv(Identifier(kind="arxiv", value=work.arxiv), names, library, web, progress)
    return _get_from_inspire(identifier, work, library, web, progress)


def get_work(
    work: CitedWork,
    library: Library,
    web: Web | None,
    *,
    folders: Sequence[Path] = (),
    progress: Progress | None = None,
) -> Path:
    """The PDF of a cited work, in the library: under any of its names if it is here, else as `get_paper` gets it.

    A work without a name is looked up at INSPIRE. Raises NetworkError, one line, when it cannot be had.
    """
    for name in list_identifiers(work):
        here = library.find(name) or _adopt(name, library, folders)
        if here is not None:
            return here
    identifier = identify_cited(identify_work(work, web))
    if identifier is None:
        how = "and there is to be no network to look it up" if web is None else "and INSPIRE does not know it for sure"
        raise NetworkError(f"[{work.key}] is printed without arXiv id, DOI or report number {how}")
    return get_paper(identifier, library, web, folders=folders, progress=progress)


def _adopt(identifier: Identifier, library: Library, folders: Sequence[Path]) -> Path | None:
    """The paper from a person's folders, taken into the library. Without a version, the highest number wins."""
    found: list[tuple[int, Path, Identifier]] = []
    for folder in folders:
        with suppress(OSError):
            for path in sorted(folder.iterdir()):
                named = parse_file_name(path.name) if path.suffix.lower() == ".pdf" else None
                if named is not None and identifier in (named, named.plain):
                    found.append((named.version or 0, path, named))
    for _, path, named in sorted(found, key=lambda one: -one[0]):
        with suppress(NotAPdf, UsageError):  # a broken download under the right name
            return library.locate(library.add(path, [named]))
    return None


def _get_from_arxiv(
    identifier: Identifier, names: Sequence[Identifier], library: Library, web: Web, progress: Progress | None
) -> Path:
    try:
        paper = web.arxiv.describe(identifier)
    except NetworkError:
        if identifier.version is None:
            raise
        return _get_pdf(identifier, None, names, library, web, progress)  # the API is down more often than the PDFs
    if paper is None:
        version = "" if identifier.version is None else f", or no version {identifier.version} of it"
        raise NetworkError(f"arXiv has no paper {identifier.value}{version}; check the number")
    return _get_pdf(paper.identifier, paper, names, library, web, progress)


def _get_pdf(
    exact: Identifier,
    paper: ArxivPaper | None,
    names: Sequence[Identifier],
    library: Library,
    web: Web,
    progress: Progress | None,
) -> Path:
    """The PDF of a version; `paper` is what arXiv says about it, if it could be asked."""
    with library.incoming(exact) as target:
        here = library.find(exact)  # another process may have fetched it while we waited
        if here is not None:
            return here
        if not web.arxiv.fetch_pdf(exact, target, progress):
            if paper is not None and paper.says_withdrawn:
                earlier = f"; ask for an earlier version, like {exact.value}v1" if (exact.version or 1) > 1 else ""
                raise NetworkError(f"{exact.name} was withdrawn by its authors and has no PDF{earlier}")
            raise NetworkError(f"arXiv has no PDF of {exact.name}; get it by hand and add it to the library")
        known = (exact, *((paper.doi,) if paper and paper.doi else ()), *_besides(exact, names))
        title = paper.title if paper else None
        holding = library.add(target, known, title=title, place=web.arxiv.address(exact), move=True)
    return library.locate(holding)


def _get_from_inspire(
    identifier: Identifier, work: InspireWork, library: Library, web: Web, progress: Progress | None
) -> Path:
    names = tuple(dict.fromkeys((identifier, *work.identifiers)))
    for address in filter(web.inspire.is_own, work.documents):
        with library.incoming(identifier) as target:
            here = library.find(identifier)
            if here is not None:
                return here
            if web.inspire.fetch_pdf(address, identifier.file_name, target, progress):
                holding = library.add(target, names, title=work.title, place=address, move=True)
                return library.locate(holding)
    raise NetworkError(
        f"{identifier.name} is in no arXiv and INSPIRE has no PDF of it; get the PDF by hand and add it with: "
        f"paperfilter papers add FILE --as {identifier.versioned}"
    )


def _besides(exact: Identifier, names: Sequence[Identifier]) -> tuple[Identifier, ...]:
    """The names of a work that a copy with the name `exact` gets: not its arXiv id without version, if it has one."""
    return tuple(n for n in names if n.kind != exact.kind)


def identify_work(work: CitedWork, web: Web | None) -> CitedWork:
    """The work with what INSPIRE adds: arXiv id, DOI, report number, title; `identified` is "inspire" when it does.

    Looked up by its best identifier, else by the one place in a journal that its entry prints. Nothing is guessed: a
    work that INSPIRE does not know, or that it knows more than once, or whose record contradicts what is printed, comes
    back as it was. What is printed is never changed. Raises NetworkError when INSPIRE cannot be asked.
    """
    if web is None or (work.arxiv and work.doi and work.title):
        return work
    identifier = identify_cited(work)
    if identifier is not None:
        found = web.inspire.find(identifier)
    else:
        places = find_journals(work.text)
        found = web.inspire.find_by_journal(places[0]) if places else None
        if found is not None and not all(any(p.is_same(known) for known in found.journals) for p in places):
            return work  # the entry stands for more than this work
    return _fill(work, found) if found is not None else work


def read_inspire_bibliography(
    identifier: Identifier, works: Sequence[CitedWork], web: Web | None
) -> tuple[CitedWork, ...]:
    """The printed works, in their order, with what INSPIRE's bibliography of the citing paper adds.

    One request for the paper and one for every forty works. Entries are matched by label and must be confirmed by the
    printed text (an identifier, a place in a journal or the title), because INSPIRE may have another version of the
    paper, whose numbers differ. An entry that stands for several works is left alone. Raises as `identify_work`.
    """
    if web is None or not works:
        return tuple(works)
    entries: dict[str, list[InspireEntry]] = {}
    for entry in web.inspire.read_bibliography(identifier):
        entries.setdefault(entry.label, []).append(entry)
    linked = {e.work.recid for w in works for e in entries.get(w.key, ()) if e.work.recid is not None}
    records = web.inspire.find_records(linked) if linked else {}
    return tuple(_match(work, entries.get(work.key, []), records) for work in works)


def _match(work: CitedWork, entries: Sequence[InspireEntry], records: dict[int, InspireWork]) -> CitedWork:
    """A printed work with the one entry of its label that its text confirms."""
    found: dict[object, InspireWork] = {}
    for position, entry in enumerate(entries):
        record = records.get(entry.work.recid or 0)
        if any(_confirms(work, known) for known in (entry.work, record) if known is not None):
            found[entry.work.recid or -position] = record or entry.work
    return _fill(work, next(iter(found.values()))) if len(found) == 1 else work


def _confirms(work: CitedWork, known: InspireWork) -> bool:
    """Whether the printed text says that it is this work."""
    if set(list_identifiers(work)) & set(known.identifiers):
        return True
    if any(mine.is_same(place) for mine in find_journals(work.text) for place in known.journals):
        return True
    title = (known.title or "").lower()
    return len(title) >= SHORTEST_TITLE and fuzz.partial_ratio(title, work.text.lower()) >= SAME_TITLE


def _fill(work: CitedWork, known: InspireWork) -> CitedWork:
    """What is known, where nothing is printed; unchanged where print and record contradict each other."""
    doi = work.doi.lower() if work.doi else None
    if (work.arxiv and known.arxiv and work.arxiv != known.arxiv) or (doi and known.dois and doi not in known.dois):
        return work
    new = {
        "arxiv": work.arxiv or known.arxiv,
        "doi": work.doi or next(iter(known.dois), None),
        "report": work.report or next(iter(known.reports), None),
    }
    added = any(new[name] and not before for name, before in zip(new, (work.arxiv, work.doi, work.report), strict=True))
    identified = "inspire" if added else work.identified
    return work.model_copy(
        update=new | {"title": work.title or (known.title or "")[:LONGEST_TITLE] or None, "identified": identified}
    )
