"""Which passages of a paper speak of its selection, and how far to trust what they say.

Headings decide first: a section about selection, objects or regions is read in full; one about simulation, systematic
uncertainties or results is not read; in the rest only sentences with a clear verb of requirement count. A paper
without usable headings is judged sentence by sentence.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from schemas.document import Document, Passage

Trust = Literal["selection", "neutral", "none"]


class Speaking(NamedTuple):
    """A passage that may speak of selection: its text, its trust, and the headings above it, outermost first."""

    passage: Passage
    text: str
    trust: Trust
    headings: tuple[str, ...]


_SELECTION = re.compile(
    r"select|reconstruct|object|categor|preselect|classif|region|event (?:quality|cleaning|topolog|definition)|"
    r"identification|"
    r"definition|analysis (?:strategy|overview|procedure)|signature|candidate|requirement|trigger|overlap|"
    r"isolation|channel|"
    r"^\W*[\d.]*\s*(?:electrons?|muons?|leptons?|photons?|jets?|taus?|tracks?|vert)|criteria|search strategy|topolog|"
    r"(?:leptonic|hadronic|dilepton|lepton|photon|jet|VBF|ggF|VH|ttH) (?:channel|categor|region)|strategy|"
    r"search for|veto|\bcuts?\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"introduc|detector|simulat|monte carlo|\bMC\b|uncertaint|systematic|result|conclusion|summary|acknowledg|"
    r"references|"
    r"bibliograph|statistic|interpretation|theor|limits|likelihood|fit (?:model|procedure|results)|calibration|"
    r"performance|"
    r"collaboration|cross[- ]sections? (?:measurement|determination|extraction)|luminosity|unfolding|efficienc|"
    r"energy (?:scale|resolution)|fiducial|outlook|discussion|signal (?:and background )?model|modell?ing|hepdata|"
    r"auxiliary|"
    r"appendix|combination|samples|parton|particle[- ]level|the (?:ATLAS|CMS|LHCb|Belle|ALICE)|template|response|"
    r"correction|"
    r"estimation of|validation of|author|institut|data ?sets?$|^\W*[\d.]*\s*data$|momentum scale|kinematic fit|model",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(r"background|estimat|data-driven|fake|misidentif|data and|^\W*[\d.]*\s*data", re.IGNORECASE)
_DEPTH = 3  # how many headings above a passage may decide
# Labels of figures that were taken for headings.
_FIGURE = re.compile(r"\[[GT]?e?V?\]|\[GeV|fb\^?\{?-1|\b(\w{3,})\b.*\b\1\b|^[\W\d]*$|\d+ \d+ \d+", re.IGNORECASE)


def find_speaking(document: Document) -> Iterator[Speaking]:
    """The passages that may speak of selection, in order of the text; captions, footnotes and items too."""
    for passage in document.passages:
        if passage.kind in ("heading", "bibliography", "cell", "other"):
            continue
        headings = read_headings(document, passage.section)
        trust = judge_headings(headings)
        if trust != "none":
            yield Speaking(passage, document.passage_text(passage), trust, headings)


def read_headings(document: Document, section: int | None) -> tuple[str, ...]:
    """The titles of the section and of those around it, outermost first."""
    if section is None or not 0 <= section < len(document.sections):
        return ()
    while section > 0 and _FIGURE.search(document.sections[section].title):
        section -= 1
    inner = document.sections[section]
    titles = [inner.title]
    level = inner.level
    for outer in reversed(document.sections[:section]):
        if outer.level < level and outer.start <= inner.start < outer.end:
            titles.append(outer.title)
            level = outer.level
    return tuple(reversed(titles))


def judge_headings(headings: tuple[str, ...]) -> Trust:
    """Whether a section with these headings speaks of selection: the innermost heading that says anything decides."""
    for title in reversed(headings[-_DEPTH:]):
        selection, other = bool(_SELECTION.search(title)), bool(_OTHER.search(title))
        if selection and not other:
            return "selection" if not _BACKGROUND.search(title) else "neutral"
        if selection or _BACKGROUND.search(title):
            return "neutral"
        if other:
            return "none"
    return "neutral"
