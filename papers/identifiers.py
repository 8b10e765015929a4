"""Names of papers as people write them: arXiv ids, DOIs, report numbers, addresses of their pages.

arXiv ids: https://info.arxiv.org/help/arxiv_identifier.html. Until March 2007 `archive/yymmnnn`, then `yymm.nnnn`, from
2015 on `yymm.nnnnn`; months are 01 to 12. A DOI is `10.registrant/suffix`, case-insensitive (DOI Handbook, section 2).
"""

import re
import unicodedata
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import model_validator

from schemas.citation import CitedWork
from schemas.model import Model

Kind = Literal["arxiv", "doi", "report", "inspire"]

# Archives of the old scheme, with those that were merged into others but keep their ids.
ARCHIVES = frozenset(
    """acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga
    funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph
    q-alg q-bio quant-ph solv-int supr-con""".split()  # noqa: SIM905
)
NEW_STYLE = re.compile(r"(?P<yy>\d\d)(?P<mm>\d\d)\.(?P<number>\d{4,5})(?:v(?P<version>[1-9]\d{0,2}))?", re.I)
OLD_STYLE = re.compile(
    r"(?P<archive>[a-z][a-z-]+)(?:\.[a-z]{2})?/(?P<yy>\d\d)(?P<mm>\d\d)(?P<number>\d{3})(?:v(?P<version>[1-9]\d{0,2}))?",
    re.I,
)
FIRST_NEW = 704  # April 2007, as yymm
FIVE_DIGITS = 1501  # January 2015

DOI = re.compile(r'10\.\d{4,9}(?:\.\d+)*/[^\s"\\]+')
DOI_OF_ARXIV = "10.48550/arxiv."
AFTER_DOI = re.compile(r"(?:\.pdf|/(?:pdf|epdf|meta|abstract|summary|fulltext|full))+$")  # in publishers' addresses

# Series of report numbers: the collaborations and laboratories of the field. Spaces stand for hyphens in print.
REPORT = re.compile(
    r"""
      ATLAS-(?:CONF|PUB|COM-CONF|COM-PHYS|TDR)-[0-9A-Z-]+
    | ATL-[A-Z]+-(?:[A-Z]+-)?\d{2,4}-\d{2,4}
    | ATL-COM-[A-Z]+-\d{4}-\d{2,4}
    | CMS-(?:PAS|AN|CR|DP|NOTE|IN|TDR|DN)-[0-9A-Z-]+
    | CMS-[A-Z0-9]{3}-\d{2}-\d{3}
    | LHCB-(?:CONF|PAPER|PUB|TDR|ANA|INT|FIGURE)-[0-9-]+
    | ALICE-(?:PUBLIC|ANA|INT)-[0-9-]+
    | CERN-(?:EP|PH-EP|TH|PH-TH|PPE|PH|TH-PH|LHCC|SPSC|RRB|ACC|ATS|THESIS|OPEN|LEPEWWG|LPCC|TOTEM)-[0-9A-Z-]+
    | CERN-(?:19|20)\d\d-\d{3}(?:-[A-Z0-9]+)?
    | CERN-YELLOW-[0-9-]+
    | TOTEM-(?:NOTE-)?[0-9-]+
    | FERMILAB-(?:PUB|CONF|TM|FN|THESIS|SLIDES|POSTER)-[0-9A-Z-]+
    | CDF-(?:NOTE-|ANAL-[A-Z-]+)?\d+
    | D0-(?:NOTE-|CONF-)?\d+(?:-CONF)?
    | BELLE2?-(?:CONF|PREPRINT|PUB|NOTE|NOTE-PH)-[0-9-]+
    | BELLE-II-[A-Z-]*[0-9-]+
    | BABAR-(?:PUB|CONF)-[0-9-]+
    | (?:SLAC|BNL|JLAB|ANL|LBNL|DESY|KEK|TUM|IFT|MPP|IPPP|CAVENDISH|HU-EP|TTP|TTK|PSI|ZU-TH|LU-TP|MCNET|CP3|NIKHEF
       |LAPTH|IFIC|FTUV|DCPT|OUTP|EFI|MIT-CTP|CALT|UCB-PTH|FR-PHENO|MITP|SI-HEP|P3H|VBSCAN|LHCHXSWG|LHCHWG)
      -(?:[A-Z]+-)*\d[0-9A-Z-]*
    """,
    re.X,
)
PREFIX = re.compile(r"(?:(?:e-?print|preprint|report|doi|arxiv|inspire)\s*[:#]?\s*)+(?=\S)", re.I)
HYPHENS = re.compile("[\u2010-\u2015\u2212\u00ad]")
CLASS = re.compile(r"\s*\[[a-z-]+(?:\.[A-Za-z-]+)?\]$")  # "[hep-ex]" behind an id


class _Found(NamedTuple):
    kind: Kind
    value: str
    version: int | None = None


class Identifier(Model):
    """What a paper is called in one of four schemes, in its canonical spelling.

    `value`: an arXiv id without version, a DOI in lower case without resolver, a report number in capitals with
    hyphens, the number of an INSPIRE record. Raises ValueError (pydantic) for what is no id of its scheme.
    """

    kind: Kind
    value: str
    version: int | None = None  # of an arXiv id; None: none was asked for

    @model_validator(mode="after")
    def _is_canonical(self) -> "Identifier":
        found = _read(self.value) if self.kind != "inspire" else _Found("inspire", self.value)
        if found != (self.kind, self.value, None) or (self.version is not None and self.kind != "arxiv"):
            raise ValueError(f"'{self.value}' is not a canonical {self.kind} identifier")
        if self.kind == "inspire" and not re.fullmatch(r"[1-9]\d{0,9}", self.value, re.A):
            raise ValueError(f"'{self.value}' is not the number of an INSPIRE record")
        if self.version is not None and not 1 <= self.version <= 999:
            raise ValueError(f"{self.version} is not a version")
        return self

    @property
    def name(self) -> str:
        """For people: "arXiv:2004.03447v3", "doi:10.1007/jhep08(2016)045", "ATLAS-CONF-2018-023"."""
        prefix = {"arxiv": "arXiv:", "doi": "doi:", "report": "", "inspire": "INSPIRE:"}[self.kind]
        return f"{prefix}{self.versioned}"

    @property
    def versioned(self) -> str:
        """The value, with the version where there is one: "2004.03447v3"."""
        return self.value if self.version is None else f"{self.value}v{self.version}"

    @property
    def file_name(self) -> str:
        """A name for files and folders, without suffix: "2004.03447v3", "hep-ex_0601001v2"."""
        prefix = "inspire-" if self.kind == "inspire" else ""
        return prefix + re.sub(r"[^A-Za-z0-9.-]+|\.{2,}", "_", self.versioned).strip("_.-")[:100]

    @property
    def plain(self) -> "Identifier":
        """The same without version."""
        return self if self.version is None else self.model_copy(update={"version": None})


def parse_identifier(text: str) -> Identifier | None:
    """The paper that `text` names, or None. The whole text must be one identifier or the address of one.

    Understood: arXiv ids of both schemes with or without "arXiv:", version and "[hep-ex]"; DOIs; report numbers of
    collaborations and laboratories ("CMS PAS EXO-19-016" too); addresses at arXiv, doi.org, INSPIRE and publishers that
    put the DOI into the path. Brackets, quotes and punctuation around it are left out. Nothing is guessed: an
    impossible month or a bare number is None.
    """
    plain = HYPHENS.sub("-", unicodedata.normalize("NFKC", text)).strip().strip("<>\"'`").strip()
    if not plain or len(plain) > 500:
        return None
    found = _read(plain) or _read(_without_punctuation(plain))
    return Identifier(kind=found.kind, value=found.value, version=found.version) if found else None


def parse_file_name(name: str) -> Identifier | None:
    """The paper that a PDF's name says: "2004.03447v3.pdf", "hep-ex_0601001.pdf", "CMS-PAS-EXO-19-016.pdf", or None.

    Names as browsers save them count too ("2004.03447v3 (1).pdf", "arXiv_2004.03447.pdf").
    """
    stem = re.sub(r"(?:\.pdf)+$", "", name, flags=re.I)
    stem = re.sub(r"\s*\(\d\)$|\s*[-_ ]copy$", "", stem, flags=re.I)
    stem = re.sub(r"^arxiv[ _.:-]+", "", stem, flags=re.I)
    old = re.fullmatch(r"([a-z-]+?)[_ ]?(\d{7}(?:v\d+)?)", stem, re.I)
    if old and old[1].lower() in ARCHIVES:
        return parse_identifier(f"{old[1]}/{old[2]}")
    inspire = re.fullmatch(r"inspire-(\d+)", stem)
    if inspire:
        return parse_identifier(f"https://inspirehep.net/literature/{inspire[1]}")
    return parse_identifier(stem.replace("_", "-") if REPORT.fullmatch(stem.replace("_", "-").upper()) else stem)


def identify_cited(work: CitedWork) -> Identifier | None:
    """The best identifier of a cited work: arXiv before DOI before report number. None when it has none."""
    return next(iter(list_identifiers(work)), None)


def list_identifiers(work: CitedWork) -> tuple[Identifier, ...]:
    """All identifiers of a cited work, the best first."""
    texts = (work.arxiv or "", work.doi or "", work.report or "")
    return tuple(found for text in texts if (found := parse_identifier(text)) is not None)


def _without_punctuation(text: str) -> str:
    """`text` without what a sentence puts around it; a closing bracket stays where it closes one of the identifier."""
    text = CLASS.sub("", text.lstrip("([{ "))
    while text:
        last = text[-1]
        opening = {")": "(", "]": "[", "}": "{"}.get(last)
        unbalanced = opening is not None and text.count(last) > text.count(opening)
        if last in ".,;:!?'\"`>| " or unbalanced:
            text = text[:-1]
        else:
            break
    return CLASS.sub("", text)


def _read(text: str) -> _Found | None:
    if "/" in text and re.match(r"(?:https?://|www\.|[a-z0-9.-]+\.(?:org|net|gov|com|de|ch|uk)/)", text, re.I):
        return _read_address(text)
    bare = PREFIX.sub("", text, count=1) if PREFIX.match(text) else text
    for reading in (_read_arxiv, _read_doi, _read_report):
        found = reading(bare)
        if found:
            return found
    return None


def _read_arxiv(text: str) -> _Found | None:
    match = NEW_STYLE.fullmatch(text)
    if match:
        month, digits = int(match["yy"] + match["mm"]), len(match["number"])
        expected = 5 if month >= FIVE_DIGITS else 4
        if month < FIRST_NEW or digits != expected or int(match["number"]) == 0 or not _is_month(match["mm"]):
            return None
        return _Found("arxiv", f"{match['yy']}{match['mm']}.{match['number']}", _version(match["version"]))
    match = OLD_STYLE.fullmatch(text)
    if match and match["archive"].lower() in ARCHIVES and _is_month(match["mm"]) and int(match["number"]):
        year = int(match["yy"])
        if year >= 91 or year * 100 + int(match["mm"]) < FIRST_NEW:
            value = f"{match['archive'].lower()}/{match['yy']}{match['mm']}{match['number']}"
            return _Found("arxiv", value, _version(match["version"]))
    return None


def _read_doi(text: str) -> _Found | None:
    if not DOI.fullmatch(text) or not text.isprintable():
        return None
    plain = _without_punctuation(text).lower()
    if plain.startswith(DOI_OF_ARXIV):
        return _read_arxiv(plain.removeprefix(DOI_OF_ARXIV))
    return _Found("doi", plain) if DOI.fullmatch(plain) else None


def _read_report(text: str) -> _Found | None:
    plain = re.sub(r"\s*[-/ ]\s*", "-", text.upper()).strip("-")
    return _Found("report", plain) if REPORT.fullmatch(plain) and re.search(r"\d", plain) else None


def _read_address(text: str) -> _Found | None:
    try:
        parts = urlsplit(text if "//" in text else f"https://{text}")
        host, path = (parts.hostname or "").lower(), unquote(parts.path).strip("/")
    except ValueError:
        return None
    if host == "arxiv.org" or host.endswith((".arxiv.org", ".lanl.gov")):
        match = re.match(r"(?:abs|pdf|html|format|ps|src|e-print|list)/(.+)", path, re.I)
        return _read_arxiv(re.sub(r"\.pdf$", "", match[1], flags=re.I)) if match else None
    if host in ("doi.org", "dx.doi.org", "www.doi.org"):
        return _read_doi(
            re.sub(r"^(?:doi:\s*|https?:/+(?:dx\.)?doi\.org/+)+", "", path, flags=re.I)
        )  # as BibTeX files have it
    if host == "inspirehep.net" or host.endswith(".inspirehep.net"):
        return _read_inspire(path)
    match = re.search(r"(?:^|/)(10\.\d{4,9}/.+)", path)
    return _read_doi(AFTER_DOI.sub("", match[1])) if match else None


def _read_inspire(path: str) -> _Found | None:
    match = re.fullmatch(r"(?:api/)?(literature|record|arxiv|doi)/(.+)", path)
    if match is None:
        return None
    if match[1] == "arxiv":
        return _read_arxiv(match[2])
    if match[1] == "doi":
        return _read_doi(match[2])
    return _Found("inspire", match[2]) if re.fullmatch(r"[1-9]\d{0,9}", match[2], re.A) else None


def _is_month(text: str) -> bool:
    return 1 <= int(text) <= 12


def _version(text: str | None) -> int | None:
    return int(text) if text else None
