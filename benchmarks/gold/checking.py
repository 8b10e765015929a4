"""Whether what a gold list says really stands on the pages it names.

Every number of a criterion (its value, both ends of a range, the corners of a ramp, the limits in its condition, the
percentage in a label) must be printed on one of the criterion's pages with its unit, and every page it names must
print at least one of them. A count may stand there as a word. What cannot be checked without judgement is not: that the
number belongs to this subject, and the operator; the places give the words around each number for a person to look
at. Of the lists that come with the program, with one number changed at random, 8 of 10 are noticed, a changed unit
nearly always, a wrong page 7 times of 10: a small whole number stands on many pages.

Beside that, names must be of the closed lists, and a list must not repeat the paper's sentences.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from benchmarks.gold.lists import GoldCriterion, GoldList
from benchmarks.gold.numbers import Number, list_numbers
from benchmarks.gold.printed import Printed, PrintedPage, find_pages, list_shared_words, read_pages, show_place
from benchmarks.notes.typeset import typeset_notes
from papers.read import read_paper
from schemas.document import Document
from schemas.errors import CriteriaError, UsageError
from schemas.model import Model
from schemas.units import find_unit
from schemas.vocabulary import OPERATORS, SUBJECTS, VARIABLES, Effect, Stage

MissKind = Literal["number", "unit", "page", "cites", "name", "words", "file"]

STAGES: tuple[str, ...] = get_args(Stage)
EFFECTS: tuple[str, ...] = get_args(Effect)
LONGEST = 6  # words in a row that a list may share with the paper: more is a sentence, not a fact


class Miss(Model):
    """Something a list says that the pages do not. `criterion` is empty for what belongs to the whole list."""

    kind: MissKind
    criterion: str
    page: int | None
    text: str


class Place(Model):
    """A number of a criterion that was found, with the words around it on the page."""

    criterion: str
    number: str
    page: int
    words: str
    worded: bool  # a word of the page says it, no figures


class Checked(Model):
    """What became of one list. `figures` and `words` are the numbers that stand on their pages, by how."""

    paper: str
    criteria: int
    numbers: int
    figures: int
    words: int
    misses: tuple[Miss, ...]
    places: tuple[Place, ...]


def check_list(gold: GoldList, document: Document) -> Checked:
    """Hold a list against its paper. The misses are in order of the list."""
    pages = read_pages(document)
    misses = list(_check_file(gold, document))
    places: list[Place] = []
    numbers = 0
    for criterion in gold.every:
        misses += [Miss(kind="name", criterion=criterion.id, page=None, text=t) for t in _check_names(criterion)]
        misses += _check_citations(criterion, pages)
        wanted = list_numbers(criterion)
        numbers += len(wanted)
        found, missed = _check_criterion(criterion, wanted, pages, document)
        places += found
        misses += missed
    misses += _check_words(gold, document)
    return Checked(
        paper=gold.paper,
        criteria=len(gold.every),
        numbers=numbers,
        figures=sum(not p.worded for p in places),
        words=sum(p.worded for p in places),
        misses=tuple(misses),
        places=tuple(places),
    )


def check_lists(
    lists: Sequence[GoldList], pdf: Path | None, *, every: bool
) -> tuple[tuple[Checked, ...], tuple[GoldList, ...]]:
    """Check the lists whose PDF is in a folder; and the lists whose PDF is not there.

    Without a folder our own notes are typeset. With `every` a PDF that is not there is an error. Raises UsageError for
    that, or when there is nothing to check; PaperError when a PDF cannot be read.
    """
    with TemporaryDirectory() as scratch:
        folder = pdf or Path(scratch)
        if pdf is None:
            typeset_notes(folder)
        here = tuple(g for g in lists if every or find_pdf(g, folder) is not None)
        if not here:
            raise UsageError("the PDF of no gold list is there; give the folder of the PDFs with --pdf")
        checks = tuple(check_list(g, read_pdf(g, folder)) for g in here)
    return checks, tuple(g for g in lists if g not in here)


def find_pdf(gold: GoldList, directory: Path) -> Path | None:
    """The PDF of a list in a folder: the file of its name, one named after its arXiv id, or one of the same content."""
    names = (gold.pdf, *((f"{gold.arxiv}v{gold.version}.pdf", f"{gold.arxiv}.pdf") if gold.arxiv else ()))
    named = next((directory / n for n in names if Path(n).name == n and (directory / n).is_file()), None)
    if named is not None or gold.sha256 is None:
        return named
    files = (path for path in sorted(directory.glob("*.pdf")) if path.is_file())
    return next((path for path in files if sha256(path.read_bytes()).hexdigest() == gold.sha256), None)


def read_pdf(gold: GoldList, directory: Path) -> Document:
    """The paper of a list. Raises UsageError when its PDF is not in the folder, PaperError when it cannot be read."""
    path = find_pdf(gold, directory)
    if path is None:
        named = f"arXiv:{gold.arxiv}" if gold.arxiv else gold.doi or gold.report
        raise UsageError(f"no '{gold.pdf}' ({named or gold.paper}) is there; give the folder of the PDFs with --pdf")
    return read_paper(path)


def _check_file(gold: GoldList, document: Document) -> Sequence[Miss]:
    if gold.sha256 in (None, document.sha256):
        return ()
    text = "this PDF is not the one that the list was made from: other pages, perhaps other numbers"
    return (Miss(kind="file", criterion="", page=None, text=text),)


def _check_citations(criterion: GoldCriterion, pages: Mapping[int, PrintedPage]) -> Sequence[Miss]:
    """Works that no page of the criterion cites. Papers that cite with raised numbers have no brackets to look at."""
    if not any(page.cited for page in pages.values()):
        return ()
    printed = {key for p in criterion.pages if p in pages for key in pages[p].cited}
    page = criterion.pages[0]
    return tuple(
        Miss(kind="cites", criterion=criterion.id, page=page, text=f"{key} is not cited there")
        for key in criterion.cites
        if key.strip("[] ") not in printed
    )


def _check_names(criterion: GoldCriterion) -> Iterator[str]:
    """What is not in the closed lists, or cannot be left open."""
    c = criterion
    for noun, name, known in (
        ("subject", c.subject, SUBJECTS),
        ("second subject", c.second_subject or SUBJECTS[0], SUBJECTS),
        ("variable", c.variable, VARIABLES),
    ):
        if name not in known and not name.startswith("other:"):
            yield f"{noun} '{name}' is not known; take a name of schemas/vocabulary.py, or 'other:' and words"
    closed = (("stage", c.stage, STAGES), ("operator", c.operator, OPERATORS), ("effect", c.effect, EFFECTS))
    for noun, name, known in closed:
        if name not in known:
            yield f"{noun} '{name}' is not known; there are: {', '.join(known)}"
    if c.unit is not None and c.executable:
        try:
            find_unit(c.unit)
        except CriteriaError as error:
            yield f"{error}; a criterion in another unit is not executable"
    if c.operator in ("between", "outside") and not _is_range(c.value):
        yield f"{c.operator}: expected two numbers in ascending order"
    if "ends" in c.open and (c.operator not in ("between", "outside") or c.closed is not None):
        yield "open: ends: there is no range whose ends could be open"


def _is_range(value: object) -> bool:
    if not isinstance(value, tuple) or not all(isinstance(v, float) for v in value):
        return not isinstance(value, float)  # of what is no number, nothing is asked
    return len(value) == 2 and value[0] < value[1]


def _check_criterion(
    criterion: GoldCriterion, wanted: Sequence[Number], pages: Mapping[int, PrintedPage], document: Document
) -> tuple[list[Place], list[Miss]]:
    places: list[Place] = []
    misses: list[Miss] = []
    used: set[int] = set()
    for number in wanted:
        on = [(p, _find(number, pages[p])) for p in criterion.pages if p in pages]
        hits = [(p, place) for p, places_on in on for place in places_on]
        used.update(p for page, place in hits for p in (page, *find_pages(document, place)))
        if hits:
            page, place = min(hits, key=lambda hit: hit[1].worded)
            words = show_place(document, place)
            found = Place(criterion=criterion.id, number=number.name, page=page, words=words, worded=place.worded)
            places.append(found)
        else:
            misses.append(_explain(criterion, number, pages))
    missing = [p for p in criterion.pages if p not in pages]
    stated = bool(places) and not all(n.aside for n in wanted)
    idle = [p for p in criterion.pages if stated and p in pages and p not in used]
    text = "there is no text on such a page"
    misses += [Miss(kind="page", criterion=criterion.id, page=p, text=text) for p in missing]
    text = "none of its numbers stands on this page"
    misses += [Miss(kind="page", criterion=criterion.id, page=p, text=text) for p in idle]
    return places, misses


def _find(number: Number, page: PrintedPage) -> tuple[Printed, ...]:
    if number.is_count:
        counts = tuple(p for v in (number.value, *number.also) for p in page.find_count(v, number.nouns))
        return counts or (page.find_nouns(number.nouns) if number.value in (0.0, 1.0) else ())
    if number.any_unit:
        return page.find_any_unit(number.value)
    try:
        return tuple(p for v in (number.value, *number.also) for p in page.find(v, number.unit))
    except CriteriaError:
        return page.find_any_unit(number.value)  # a unit that the program does not know: figures alone


def _explain(criterion: GoldCriterion, number: Number, pages: Mapping[int, PrintedPage]) -> Miss:
    other = next((p for p in criterion.pages if p in pages and pages[p].find_any_unit(number.value)), None)
    if other is not None:
        text = f"{number.value:g} stands there, but not with {number.unit or 'no unit'}"
        return Miss(kind="unit", criterion=criterion.id, page=other, text=text)
    elsewhere = next((p for p, page in sorted(pages.items()) if _find(number, page)), None)
    text = f"{number.name} is not printed" + (f"; it stands on p. {elsewhere}" if elsewhere else "")
    return Miss(kind="number", criterion=criterion.id, page=criterion.pages[0], text=text)


def _check_words(gold: GoldList, document: Document) -> Sequence[Miss]:
    """Sentences of the paper have no place in a list. Lists with quotes are of texts that are free, or stay at home."""
    if any(c.quote for c in gold.every):
        return ()
    misses = []
    for c in gold.every:
        labels = (c.value,) if isinstance(c.value, str) else ()
        texts = tuple(t for t in (*labels, c.condition, c.scope, c.literal) if t)
        for run in list_shared_words(texts, document.text, LONGEST):
            text = f"the paper's own words: '{run}'; say it in the words of the vocabulary"
            misses.append(Miss(kind="words", criterion=c.id, page=None, text=text))
    notes = list_shared_words((gold.notes or "",), document.text, LONGEST)
    return (*misses, *(Miss(kind="words", criterion="", page=None, text=f"notes: '{n}'") for n in notes))
