"""Identifiers of a cited work in the words and links of its entry: arXiv id, DOI, report number, title.

arXiv ids by https://info.arxiv.org/help/arxiv_identifier.html; DOIs by https://www.doi.org/doi-handbook.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import unquote

from schemas.document import Link, Word

# The hyphen may have been taken for one of a line end.
_ARCHIVES = (
    r"(?:hep-?(?:ex|ph|th|lat)|astro-?ph|nucl-?(?:ex|th)|gr-?qc|quant-?ph|math-?ph|cond-?mat|physics|math|stat|cs|nlin)"
    r"(?:\.[A-Z]{2})?"
)
# A line end may part an id: behind the colon, the point or the slash.
_NEW = r"(?P<month>\d{2}(?:0[1-9]|1[0-2]))\.\s?(?P<number>\d{4,5})(?!\d)(?:v\d{1,2})?"
_OLD = rf"(?P<old>{_ARCHIVES})\s?/\s?(?P<serial>\d{{7}})(?!\d)(?:v\d{{1,2}})?"
_ARXIV = re.compile(
    rf"\barXiv\s*[:.]?\s*(?:e-?prints?:?\s*)?(?:abs/)?(?:{_NEW}|{_OLD})"
    rf"|arxiv\.org/(?:abs|pdf)/(?:{_NEW.replace('P<', 'P<u')}|{_OLD.replace('P<', 'P<u')})"
    rf"|[\[(](?:{_NEW.replace('P<', 'P<b')})[\])]"
    rf"|(?<![\w/.-])(?:{_OLD.replace('P<', 'P<b')})",
    re.IGNORECASE,
)
_DOI = re.compile(r"\b(10\.\d{4,9}/)\s?([^\s\"“”<>\[\]]+)")
_DOI_URL = re.compile(r"doi\.org/+(10\.\d{4,9}/\S+)$|^doi:\s*(10\.\d{4,9}/\S+)$", re.I)
_MORE = re.compile(
    r"^(?=\S*\d)(?![\[(“\"]?(?:arxiv|hep-|\d{4}\)|vol|no|pp?\.|https?:))[a-z0-9(][^\s\"“”<>\[\],;]*", re.I
)
_LONGEST = 1000  # characters in which authors and title stand
_OPENED = {")": "(", "]": "[", "}": "{"}
_LABORATORIES = r"CERN|FERMILAB|DESY|SLAC|KEK|BNL|LBNL|ANL|LAL|INFN|IHEP|TRIUMF|RAL|JINR|PSI|IPPP|MPP|CLNS|UCB|EUR"
_REPORT = re.compile(
    rf"(?<![\w/.:-])(?:[A-Z][A-Za-z0-9]{{1,9}}(?:-[A-Z][A-Za-z0-9]{{0,9}}){{1,4}}|{_LABORATORIES})"
    r"-\d{2,4}(?:[-/]\d{1,5})?(?:-[A-Z]{1,2})?(?![\w-])"
)
_QUOTED = re.compile(r"[“\"‘](.{6,400}?)[,.]?[”\"’](?=[\s,.]|$)")
_JOURNAL = (
    r"(?:[A-Z][\w-]*\.(?: ?(?:[A-Z][\w-]*\.?|of|of the|and)){0,6} |JHEP |JINST |JCAP |Nature |Science |Nuovo |Nucl\. "
    r"|arXiv|url:|doi:|https?:|\(?(?:19|20)\d\d\)?[,. ]|\((?:19|20)\d\d\)|[A-Z]{2,}-[A-Z]+-|PoS)"
)
_TITLED = re.compile(
    r"^(?:[^,“”]*\bCollaborations?|.*?\bet al\.|(?:[^,]+, )*?[^,]+ and [^,]+|(?:[A-Z]\. ?)+[^,]+)(?:, | )"
    rf"(?P<title>(?!ed\.)[A-Z0-9√].{{6,300}}?), (?={_JOURNAL})"
)


def find_arxiv(text: str) -> str | None:
    """The first arXiv id of a text, without version: `2004.03447`, `hep-ex/0601001`."""
    for found in _ARXIV.finditer(text):
        groups = {k: v for k, v in found.groupdict().items() if v}
        for prefix in ("", "u", "b"):
            if f"{prefix}month" in groups:
                number = groups[f"{prefix}number"]
                return f"{groups[f'{prefix}month']}.{number}"
            if f"{prefix}old" in groups:
                archive = groups[f"{prefix}old"].lower().partition(".")[0]
                whole = re.sub(r"^(hep|astro|nucl|gr|quant|math|cond)(?=(?:ex|ph|th|lat|qc|mat)$)", r"\1-", archive)
                return f"{whole}/{groups[f'{prefix}serial']}"
    return None


def find_doi(text: str, ends: Sequence[int] = ()) -> str | None:
    """The first DOI of a text, lower case, without what ends the sentence. `ends` are the offsets of line ends.

    Printers break a DOI anywhere: what stands at a line end goes on in the next line when that looks like more of it.
    """
    found = _DOI.search(text)
    if found is None:
        return None
    tail, at = found[2], found.end()
    while at in ends and not tail.endswith((",", ";")):
        more = _MORE.match(text[at:].lstrip())
        if more is None or (tail.endswith(".") and more[0][0].isupper()):
            break
        tail, at = tail + more[0], at + (len(text[at:]) - len(text[at:].lstrip())) + more.end()
    return (found[1] + _trim(tail)).lower()


def _trim(tail: str) -> str:
    """Without the punctuation of the sentence, and without a bracket that was opened in front of the DOI."""
    while tail:
        unopened = tail[-1] in _OPENED and tail.count(tail[-1]) > tail.count(_OPENED[tail[-1]])
        if unopened or tail[-1] in ".,;:'’":
            tail = tail[:-1]
        elif "," in tail or ";" in tail:
            tail = re.split(r"[,;]", tail)[0]
        else:
            break
    return tail


def find_report(text: str) -> str | None:
    """The first report number of a text: `ATLAS-CONF-2018-023`, `CERN-EP-2020-012`."""
    found = _REPORT.search(re.sub(r"https?://\S+|\b10\.\d{4,9}/\S+", " ", text))
    return found.group() if found else None


def find_title(text: str) -> str | None:
    """The title: what stands in quotation marks, or between the authors and the journal."""
    text = text[:_LONGEST]
    if found := _QUOTED.search(text):
        return found[1].strip()
    found = _TITLED.match(text)
    return found["title"].strip() if found else None


def read_link(link: Link) -> tuple[str | None, str | None]:
    """The arXiv id and the DOI that a link leads to."""
    uri = unquote(link.uri)
    found = _DOI_URL.search(uri)
    doi = _trim((found[1] or found[2]).strip()).lower() if found else None
    return (find_arxiv(uri) if "arxiv" in uri.lower() else None), doi


def find_line_ends(words: Sequence[Word], start: int) -> list[int]:
    """Where the lines that these words stand on end, relative to `start`; the last one is not told."""
    return [a.end - start for a, b in pairwise(words) if _is_new_line(a, b)]


def _is_new_line(left: Word, right: Word) -> bool:
    return right.page != left.page or right.x0 < left.x0 or right.y0 > left.y1
