"""Whether what a gold list says really stands on the pages it names.

Every number of a criterion (its value, both ends of a range, the corners of a ramp, the limits in its condition, the
percentage in a label) must be printed on one of the criterion's pages with its unit, and every page it names must
print at least one of them. A count may stand there as a word. What cannot be checked without judgement is not: that the
number belongs to this subject, and the operator; `show` gives the words around each number to look at.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from benchmarks.gold.lists import GoldCriterion, GoldList, Points
from benchmarks.gold.printed import Printed, PrintedPage, find_pages, list_shared_words, read_pages, show_place
from benchmarks.notes.typeset import typeset_notes
from papers.read import read_paper
from schemas.document import Document
from schemas.errors import CriteriaError, UsageError
from schemas.model import Model
from schemas.units import UNITS

MissKind = Literal["number", "unit", "page", "words", "file"]

LONGEST = 6  # words in a row that a list may share with the paper: more is a sentence, not a fact

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?%")
_LIMIT = re.compile(rf"[<>≤≥=]\s?(-?\d+(?:\.\d+)?)\s?({'|'.join(UNITS)})?(?![\w.])|(?<![\w.])(\d+(?:\.\d+)?)\s?[<≤]")
_NOUNS = {
    "lepton": ("lepton", "electron", "muon", "ℓ"), "muon": ("muon", "μ", "lepton"), "tau": ("tau", "τ"),
    "electron": ("electron", "lepton"), "photon": ("photon", "γ"), "b-jet": ("jet", "b-tag", "b tag", "n_b"),
    "c-jet": ("jet", "c-tag"), "fat-jet": ("jet",), "dilepton": ("pair", "lepton"), "dijet": ("pair", "jet"),
    "diphoton": ("pair", "photon"), "vertex": ("vert",), "z-boson": ("z",), "w-boson": ("w",), "higgs": ("h",),
    "event": (), "met": (), "trigger": (),
}  # fmt: skip
_SHIFTED = {">": 1.0, "<": -1.0}  # of a whole number: > 0 is at least one


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


class _Number(NamedTuple):
    value: float
    unit: str | None
    also: tuple[float, ...] = ()  # other figures that say the same
    is_count: bool = False
    nouns: tuple[str, ...] = ()  # what a count counts, in lower case
    any_unit: bool = False  # the list does not say the unit (of the argument of a ramp)
    aside: bool = False  # of a label or a condition: a page may state the requirement without it

    @property
    def name(self) -> str:
        return f"{self.value:g} {self.unit or ''}".strip()


def check_list(gold: GoldList, document: Document) -> Checked:
    """Hold a list against its paper. The misses are in order of the list."""
    pages = read_pages(document)
    misses = list(_check_file(gold, document))
    places: list[Place] = []
    numbers = 0
    for criterion in gold.every:
        wanted = _list_numbers(criterion)
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
        here = tuple(g for g in lists if every or (folder / g.pdf).is_file())
        if not here:
            raise UsageError("the PDF of no gold list is there; give the folder of the PDFs with --pdf")
        checks = tuple(check_list(g, read_pdf(g, folder)) for g in here)
    return checks, tuple(g for g in lists if g not in here)


def read_pdf(gold: GoldList, directory: Path) -> Document:
    """The paper of a list. Raises UsageError when its PDF is not in the folder, PaperError when it cannot be read."""
    path = directory / gold.pdf
    if not path.is_file():
        named = f"arXiv:{gold.arxiv}" if gold.arxiv else gold.doi or gold.report
        raise UsageError(f"no '{gold.pdf}' ({named or gold.paper}) is there; give the folder of the PDFs with --pdf")
    return read_paper(path)


def _check_file(gold: GoldList, document: Document) -> Sequence[Miss]:
    if gold.sha256 in (None, document.sha256):
        return ()
    text = "this PDF is not the one that the list was made from: other pages, perhaps other numbers"
    return (Miss(kind="file", criterion="", page=None, text=text),)


def _check_criterion(
    criterion: GoldCriterion, wanted: Sequence[_Number], pages: Mapping[int, PrintedPage], document: Document
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


def _find(number: _Number, page: PrintedPage) -> tuple[Printed, ...]:
    if number.is_count:
        counts = tuple(p for v in (number.value, *number.also) for p in page.find_count(v, number.nouns))
        return counts or (page.find_nouns(number.nouns) if number.value in (0.0, 1.0) else ())
    if number.any_unit:
        return page.find_any_unit(number.value)
    try:
        return tuple(p for v in (number.value, *number.also) for p in page.find(v, number.unit))
    except CriteriaError:
        return page.find_any_unit(number.value)  # a unit that the program does not know: figures alone


def _explain(criterion: GoldCriterion, number: _Number, pages: Mapping[int, PrintedPage]) -> Miss:
    other = next((p for p in criterion.pages if p in pages and pages[p].find_any_unit(number.value)), None)
    if other is not None:
        text = f"{number.value:g} stands there, but not with {number.unit or 'no unit'}"
        return Miss(kind="unit", criterion=criterion.id, page=other, text=text)
    elsewhere = next((p for p, page in sorted(pages.items()) if _find(number, page)), None)
    text = f"{number.name} is not printed" + (f"; it stands on p. {elsewhere}" if elsewhere else "")
    return Miss(kind="number", criterion=criterion.id, page=criterion.pages[0], text=text)


def _list_numbers(criterion: GoldCriterion) -> tuple[_Number, ...]:
    """Every number that a criterion says, with its unit."""
    value, unit = criterion.value, criterion.unit
    if isinstance(value, float):
        own = [_count(criterion, value) if _is_count(criterion) else _Number(value, unit)]
    elif isinstance(value, Points):
        own = [_Number(x, None, any_unit=True) for x, _ in value.points]
        own += [_Number(y, unit) for _, y in value.points if y is not None]
    elif isinstance(value, tuple):
        own = [_range_end(criterion, v) for v in value if isinstance(v, float)]
        own += [n for v in value if isinstance(v, str) for n in _read_percents(v)]
    else:
        own = list(_read_percents(value or ""))
    return (*own, *_read_limits(criterion.condition or ""))


def _range_end(criterion: GoldCriterion, value: float) -> _Number:
    symmetric = isinstance(criterion.value, tuple) and -value in criterion.value
    also = (-value,) if symmetric else ()  # "|eta| < 2.5" for -2.5 to 2.5
    return _Number(value, criterion.unit, also, _is_count(criterion), _list_nouns(criterion))


def _is_count(criterion: GoldCriterion) -> bool:
    return criterion.unit is None and (criterion.variable == "n" or criterion.variable.startswith("other:n_"))


def _count(criterion: GoldCriterion, value: float) -> _Number:
    """A count, with the other figures of the same requirement: none is less than one, more than zero is a veto."""
    also = [value + _SHIFTED[criterion.operator]] if criterion.operator in _SHIFTED else []
    if criterion.effect in ("reject_event", "remove_object"):
        also += [0.0] if criterion.operator in (">", ">=") else []
    elif (criterion.operator, value) == ("==", 0.0):
        also.append(1.0)
    return _Number(value, None, tuple(v for v in also if v >= 0), is_count=True, nouns=_list_nouns(criterion))


def _list_nouns(criterion: GoldCriterion) -> tuple[str, ...]:
    """How papers name what a criterion counts; nothing where that cannot be told."""
    named = _NOUNS.get(criterion.subject, (criterion.subject.split("_")[-1],))
    free = [t.removeprefix("other:") for t in (criterion.subject, criterion.variable) if t.startswith("other:")]
    words = [w.lower().rstrip("s") for text in free for w in re.findall(r"[^\W_]+", text) if len(w) > 2]
    return (*words, *(() if criterion.subject.startswith("other:") else named))


def _read_percents(text: str) -> tuple[_Number, ...]:
    return tuple(_Number(float(m[1]), "%", aside=True) for m in _PERCENT.finditer(text))


def _read_limits(text: str) -> tuple[_Number, ...]:
    """The limits of a condition in symbols: "|eta| < 2.4 and pT < 60 GeV", "2.4 < |eta| < 4.5"; and percentages."""
    limits = [_Number(float(m[1] or m[3]), m[2], aside=True) for m in _LIMIT.finditer(text)]
    return (*limits, *_read_percents(text))


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
