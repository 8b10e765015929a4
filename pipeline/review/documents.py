"""The papers that a review shows: the one that was read, and every cited work that evidence comes from."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from extract.attempts import Span, find_spans
from extract.grounding.index import GroundingIndex
from papers.page_images import PagePrinter
from pipeline import artefacts
from pipeline.files import digest_file, explain, write_atomically
from pipeline.obtaining import NO_SHELVES, Shelves
from pipeline.reading import load_marked
from pipeline.review.parts import list_parts
from pipeline.review.quoted import make_quoted
from pipeline.run_store import load_artefact, load_manifest
from schemas.criteria import ObjectDefinition, Question, Region, SelectionCriteria
from schemas.document import Document, Page, Word
from schemas.errors import CriteriaError, PaperError, PaperfilterError, RunFolderError
from schemas.evidence import Evidence

KEPT = "review"  # folder of the run in which cited works lie as they were read


class ReviewedDocument:
    """A paper beside the criteria: its text, and its PDF where there is one.

    What is costly is made when it is first asked for and kept: the words by page, the text prepared for searching, the
    process that draws pages. Threads may share it.
    """

    def __init__(self, document: Document, pdf: Path | None, *, is_paper: bool, remark: str | None = None) -> None:
        """`remark` says why there is no PDF."""
        self.document = document
        self.id = document.document_id
        self.title = document.title or document.document_id
        self.pages = document.n_pages
        self.sha256 = document.sha256
        self.pdf = pdf
        self.is_paper = is_paper
        self.remark = remark
        self.printer = PagePrinter(pdf)
        self.words_printer = self.printer if pdf is None else PagePrinter(None)

    @cached_property
    def index(self) -> GroundingIndex:
        """The text, ready to be searched and judged."""
        return GroundingIndex(self.document)

    @cached_property
    def refused(self) -> tuple[Span, ...]:
        """The parts of the text that address a program and are never used."""
        return find_spans(self.document)

    @cached_property
    def words(self) -> dict[int, tuple[Word, ...]]:
        """The words by page, in the order of the text."""
        found: defaultdict[int, list[Word]] = defaultdict(list)
        for word in self.document.words:
            found[word.page].append(word)
        return {page: tuple(words) for page, words in found.items()}

    def page(self, number: int) -> Page:
        """A page's size. Raises RunFolderError for a number that it does not have."""
        for page in self.document.pages[number - 1 : number] if number > 0 else ():
            return page
        raise RunFolderError(f"{self.id} has no page {number}; its pages are 1 to {self.pages}")

    def close(self) -> None:
        """End the processes that draw its pages."""
        self.printer.close()
        self.words_printer.close()


def list_documents(
    run: Path, shelves: Shelves = NO_SHELVES, say: Callable[[str], None] = lambda _: None
) -> tuple[ReviewedDocument, ...]:
    """The paper of a run first, then the cited works that evidence of its criteria comes from, in that order.

    PDFs are looked for where the run found them and in the library and folders of `shelves`, never in the network, and
    shown only when they are the file that was read. A cited work is read once and kept in the run folder; `say` is told
    in a line, because that takes seconds.

    Raises RunFolderError for a folder that is no run, CriteriaError for criteria of which no version validates.
    """
    found: list[ReviewedDocument] = []
    if (run / artefacts.DOCUMENT).is_file():
        document = load_artefact(run / artefacts.DOCUMENT, Document)
        found.append(_find_paper(run, document, shelves))
    quoted: defaultdict[str, list[Evidence]] = defaultdict(list)
    for criteria in _list_versions(run):
        for evidence in list_evidence(criteria):
            if evidence not in quoted[evidence.document_id]:
                quoted[evidence.document_id].append(evidence)
    have = {d.id for d in found}
    found += [_find_cited(run, name, proofs, shelves, say) for name, proofs in quoted.items() if name not in have]
    return tuple(found)


def close_documents(documents: tuple[ReviewedDocument, ...]) -> None:
    """End all processes that draw pages."""
    for document in documents:
        document.close()


def list_evidence(criteria: SelectionCriteria) -> Iterator[Evidence]:
    """All evidence of the criteria, in the order of their parts; of edited ones, what they had before, too."""
    for part in list_parts(criteria):
        value = part.value
        if not isinstance(value, ObjectDefinition | Region):
            yield from value.evidence
            yield from () if isinstance(value, Question) else value.history


def _list_versions(run: Path) -> Iterator[SelectionCriteria]:
    """The criteria as they stand and as they were made: what is undone may bring quotes back.

    A file that was spoilt by hand is told elsewhere; here what was made counts.
    """
    made = run / artefacts.ASSEMBLED
    try:
        yield load_marked(run)
    except CriteriaError:
        if not made.is_file():
            raise
    if made.is_file():
        yield load_artefact(made, SelectionCriteria)


def _find_paper(run: Path, document: Document, shelves: Shelves) -> ReviewedDocument:
    request = load_manifest(run).request
    given = Path(request.source).expanduser()
    for path in (given, *_list_places(document.document_id, given.parent, shelves)):
        if _is_file(path, document.sha256):
            return ReviewedDocument(document, path.absolute(), is_paper=True)
    remark = (
        f"{given.name} is not where it was read, or is another file now: its text is shown in the place of its pages; "
        "--papers FOLDER names a folder that has it"
    )
    return ReviewedDocument(document, None, is_paper=True, remark=remark)


def _find_cited(
    run: Path, name: str, proofs: list[Evidence], shelves: Shelves, say: Callable[[str], None]
) -> ReviewedDocument:
    given = Path(load_manifest(run).request.source).expanduser()
    places = list(_list_places(name, given.parent, shelves))
    kept = run / KEPT / f"document-{_clean(name)}.json"
    document: Document | None = None
    with suppress(RunFolderError):
        document = load_artefact(kept, Document)
    if document is not None and document.document_id == name:
        path = next((p for p in places if _is_file(p, document.sha256)), None)
        remark = None if path else f"the PDF of {name} is not in the library any more: its text is shown"
        return ReviewedDocument(document, path, is_paper=False, remark=remark)
    from papers.read import read_paper

    remark = f"{name} is not in the library: only its quotes are shown; --papers FOLDER names a folder that has it"
    for path in places:
        say(f"reading {name}, a cited work")
        try:
            document = read_paper(path).model_copy(update={"document_id": name})
        except PaperfilterError as error:
            remark = f"{name}: {error}"
            continue
        if not _has_quotes(document, proofs):
            remark = f"{path} is another version of {name}: none of the quotes is in it; only they are shown"
            continue
        with explain(kept):
            kept.parent.mkdir(exist_ok=True)
        write_atomically(kept, document.model_dump_json())
        return ReviewedDocument(document, path, is_paper=False)
    return ReviewedDocument(make_quoted(name, proofs), None, is_paper=False, remark=remark)


def _has_quotes(document: Document, proofs: Sequence[Evidence]) -> bool:
    """Whether any of the quotes that were found in a document is in this one, as it was then."""
    found = [e for e in proofs if e.alignment != "not_found"]
    return not found or any(all(q.strip() in document.text for q in e.quote) for e in found)


def _list_places(name: str, beside: Path, shelves: Shelves) -> Iterator[Path]:
    """Where the PDF of a document may be: the library under its identifier, folders, beside the paper."""
    from papers.identifiers import parse_file_name
    from papers.library import Library

    identifier = parse_file_name(f"{name}.pdf")
    if identifier is not None:
        with suppress(PaperError, OSError):
            here = Library(shelves.library).find(identifier)
            if here is not None:
                yield here
    for folder in (*shelves.papers, beside):
        path = folder / f"{Path(name).name}.pdf"
        if path.is_file():
            yield path


def _is_file(path: Path, sha256: str) -> bool:
    with suppress(RunFolderError, OSError):
        return path.is_file() and digest_file(path) == sha256
    return False


def _clean(name: str) -> str:
    """A name of a document as part of a file's name."""
    return "".join(c if c.isalnum() or c in ".-" else "_" for c in name)[:100]
