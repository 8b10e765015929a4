"""Text without its disguises: lower case, one alphabet, no invisible characters, no letters spaced out.

A view is such a text with the offset of each of its characters in the text as given, so that what is found in it can
be shown where it stands.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# Letters of other alphabets that print like Latin ones, by the Latin letter.
_LOOKALIKES = {
    "a": "аαɑ", "b": "ьвβ", "c": "сϲ", "d": "ԁ", "e": "еєεɛ", "g": "ɡ", "h": "һн", "i": "іıιӏ", "j": "јϳ", "k": "кκ",
    "l": "ӏ", "m": "м", "n": "ոη", "o": "оοօσ", "p": "рρ", "q": "ԛ", "r": "гᴦ", "s": "ѕ", "t": "тτ", "u": "υս",
    "v": "ѵν", "w": "ԝω", "x": "хχ", "y": "уγү", "z": "ᴢζ",
}  # fmt: skip
_LATIN = {letter: latin for latin, letters in _LOOKALIKES.items() for letter in letters}
_DIGITS = str.maketrans("013457@$", "oieasta" + "s")
_WORD = re.compile(r"[a-z0-9@$]{4,}")
_MIXED = re.compile(r"[a-z][013457@$]+[a-z]|^[013457@$][a-z]{4}")
_LONGEST = 40  # letters of a word
_WORDLESS = re.compile(r"[\W_]+")


class View(NamedTuple):
    """A text to search in, and for each of its characters the offset of the one it came from; `None`: the same."""

    text: str
    offsets: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the text as given that `start` to `end` of the view came from."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


@lru_cache(maxsize=4096)
def _spell(character: str) -> str:
    """A character in lower case and NFKC, without what does not print; accents go as characters of their own."""
    if character in "\n\x1b\x9b":
        return character
    category = unicodedata.category(character)
    if category == "Cf" or (category == "Cc" and not character.isspace()) or character in "\u034f\u115f\u1160\u3164":
        return ""
    if category.startswith("Z") or character.isspace():
        return " "
    if category == "Mn":
        return ""
    return unicodedata.normalize("NFKC", character).lower()


def spell_plainly(text: str) -> View:
    """The text in lower case without invisible characters and accents that stand alone."""
    if text.isascii() and text.isprintable():
        return View(text.lower(), None)
    letters: list[str] = []
    offsets: list[int] = []
    for i, character in enumerate(text):
        spelled = _spell(character)
        letters.append(spelled)
        offsets += [i] * len(spelled)
    return View("".join(letters), tuple(offsets))


def spell_in_latin(view: View) -> View:
    """The view with look-alikes of other alphabets, accents and digits inside words as Latin letters.

    Letter by letter, so the offsets stay.
    """
    text = view.text
    if not text.isascii():
        text = "".join(_to_latin(c) for c in text)
    return View(_WORD.sub(_put_letters, text), view.offsets)


def _put_letters(found: re.Match[str]) -> str:
    """A word with the letters that its digits stand for, if it has digits among letters."""
    word = found[0]
    mixed = len(word) <= _LONGEST and not word.isalpha() and sum(c.isalpha() for c in word) > 1 and _MIXED.search(word)
    return word.translate(_DIGITS) if mixed else word


@lru_cache(maxsize=4096)
def _to_latin(character: str) -> str:
    if character in _LATIN:
        return _LATIN[character]
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character


def join_letters(view: View) -> View:
    """The view without anything but letters and digits: what was spaced out or hyphened stands together."""
    offsets = view.offsets or range(len(view.text))
    kept: list[str] = []
    places: list[int] = []
    last = 0
    for gap in (*_WORDLESS.finditer(view.text), None):
        end = gap.start() if gap else len(view.text)
        kept.append(view.text[last:end])
        places += offsets[last:end]
        last = gap.end() if gap else end
    return View("".join(kept), tuple(places))
