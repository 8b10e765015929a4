"""Places in journals as bibliographies print them: "Phys. Lett. B 784 (2018) 173", "Phys. Rev. D 92, 012004 (2015)"."""

import re
import unicodedata

from schemas.model import Model

WORD = r"[A-Z][A-Za-z]*(?:\.[ ]?|[ ]|(?=\d))(?:(?:&|and|of)[ ])?"
TITLE = rf"(?<![A-Za-z.])(?P<title>(?:{WORD}){{1,6}}?)"
VOLUME = r"[ ]?(?P<section>[A-H])?[ ]?(?P<volume>\d{1,4})"
PAGE = r"(?P<page>[A-Z]{0,2}\d{1,7}[A-Z]?)"
YEAR = r"\((?:\d{1,2}[ ]|[A-Z][a-z]{2,8}\.?[ ])?(?P<year>(?:19|20)\d\d)\)"  # a month may stand before it
SHAPES = (
    re.compile(rf"{TITLE}{VOLUME}[ ]?{YEAR},?[ ]?(?:no\.[ ]?\d+,[ ]?)?(?:p\.[ ]?)?{PAGE}"),
    re.compile(rf"{TITLE}{VOLUME},[ ]?(?:no\.[ ]?\d+,[ ]?)?{PAGE}[ ]?{YEAR}"),
)
BY_MONTH = ("JHEP", "JCAP")
LONGEST = 5000  # characters of an entry
SHORTEST = 3  # letters of a title; "A 12 (2016) 3" is none


class Journal(Model):
    """A place in a journal. `title` in INSPIRE's spelling, without spaces ("Phys.Lett.B"); `page` or article number."""

    title: str
    volume: str
    page: str
    year: int | None = None

    def is_same(self, other: "Journal") -> bool:
        """Whether both are one place: volume, page and, where both have one, year agree, and titles do not disagree."""
        years = self.year is None or other.year is None or self.year == other.year  # JHEP counts volumes anew each year
        numbers = _number(self.volume) == _number(other.volume) and _number(self.page) == _number(other.page)
        return years and numbers and _agree(self.title, other.title)


def make_journal(title: str, volume: str, page: str, year: int | None) -> Journal:
    """A place in INSPIRE's spelling; journals that count volumes by month are also cited as yymm ("JHEP 0605")."""
    if title.upper() in BY_MONTH and volume.isdigit() and page.isdigit():
        return Journal(title=title, volume=volume[-2:].zfill(2), page=page.zfill(3), year=year)
    return Journal(title=title, volume=volume, page=page, year=year)


def find_journals(text: str) -> tuple[Journal, ...]:
    """The places in journals that one entry of a bibliography prints, in order, each once."""
    plain = " ".join(unicodedata.normalize("NFKC", text[:LONGEST]).split())
    found: dict[int, Journal] = {}
    for shape in SHAPES:
        for match in shape.finditer(plain):
            title = _spell(match["title"], match["section"])
            if sum(c.isalpha() for c in title) >= SHORTEST:
                place = make_journal(title, match["volume"], match["page"], int(match["year"]))
                found.setdefault(match.end(), place)
    return tuple(dict.fromkeys(found[end] for end in sorted(found)))


def _spell(title: str, section: str | None) -> str:
    """INSPIRE's spelling: no spaces, the section behind the last point."""
    joined = title.replace(" ", "")
    if section and not joined.endswith("."):
        joined += "" if joined.isupper() else "."
    return joined + (section or "")


def _agree(one: str, other: str) -> bool:
    """Whether two abbreviations may be of one title: word for word, one begins like the other, or the letters agree."""
    if _letters(one) == _letters(other):
        return True
    words, others = (re.findall(r"[A-Za-z]+", t) for t in (one, other))
    pairs = zip(words, others, strict=False)
    return len(words) == len(others) and all(
        a.lower().startswith(b.lower()) or b.lower().startswith(a.lower()) for a, b in pairs
    )


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())


def _number(text: str) -> str:
    """A volume or page without leading zeros, which print and database write differently."""
    return text.strip().upper().lstrip("0")
