"""What the caption of a table says about its numbers: their unit, their direction, and whose a symbol is."""

import re
from typing import NamedTuple

from extract.rules.subjects import Noun
from extract.rules.tokens import scan

_SENTENCE = re.compile(r"(?<=[a-z)\]}VcTN])\. (?=[A-Z])")
_UNIT = re.compile(r"\b(?:in|in units of) (?P<unit>[TGM]eV)(?![\w^])")
_END = (
    r"\b(?:{words})\b(?:(?! (?:of|on) (?:events|the number))[^.;:]){{0,40}}?"
    r"\b(?:thresholds?|requirements?|values?|cuts?|bounds?|conditions?|p_T|E_T)\b"
)
_LOWER = re.compile(_END.format(words="minim(?:um|al)|lower|lowest allowed"), re.I)
_UPPER = re.compile(_END.format(words="maxim(?:um|al)|upper|highest allowed"), re.I)
_OBJECTS = ("electron", "muon", "lepton", "photon", "tau", "jet", "b-jet", "fat-jet", "track", "vertex")


class Caption(NamedTuple):
    """The first sentence, the unit of energies, the relation of a bare number, and all sentences."""

    title: str = ""
    unit: str | None = None
    tendency: str | None = None
    sentences: tuple[str, ...] = ()
    noun: Noun | None = None  # the only object that the title names: "Photon selection"

    def find_owner(self, symbol: str) -> Noun | None:
        """Whose a symbol is, by the sentence that explains it: the first object it names besides the symbol."""
        for sentence in self.sentences[1:]:
            at = sentence.find(symbol)
            if at < 0:
                continue
            nouns = [t.noun for t in scan(sentence[at + len(symbol) :]) if t.kind == "noun" and t.noun is not None]
            return next((n for n in nouns if n.subject not in ("event", "met", "trigger")), None)
        return None


def read_caption(text: str) -> Caption:
    """What a caption says; the label in front ("Table 3:") is no part of its title."""
    plain = re.sub(r"^(?:Table|TABLE|Tab\.) ?[A-Z]?\.?(?:\d+(?:\.\d+)*|[IVXL]+)\s*[:.|–]?\s*", "", text.strip())
    sentences = tuple(_SENTENCE.split(plain))
    units = {m["unit"] for m in _UNIT.finditer(plain)}
    lower, upper = _LOWER.search(plain) is not None, _UPPER.search(plain) is not None
    tendency = None if lower == upper else ">" if lower else "<"
    nouns = {t.noun.subject: t.noun for t in scan(sentences[0]) if t.kind == "noun" and t.noun is not None}
    only = next(iter(nouns.values())) if len(nouns) == 1 else None
    noun = only if only is not None and only.subject in _OBJECTS else None
    return Caption(sentences[0], units.pop() if len(units) == 1 else None, tendency, sentences, noun)
