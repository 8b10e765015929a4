"""Text without its disguises: lower case, one alphabet, no invisible characters, no letters spaced out.

A view is such a text that knows where its characters stand in the text as given, so that what is found in it can be
shown there.
"""

import re
import string
import unicodedata
from bisect import bisect_right
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
# Where a word may be written with digits; such a word is of letters, digits, "@" and "$".
_MIXED = re.compile(r"[a-z][013457@$]+[a-z]|(?<![a-z0-9@$])[013457@$][a-z]{4}")
_OF_WORDS = frozenset(string.ascii_lowercase + string.digits + "@$")
_LONGEST = 40  # letters of a word
_WORDLESS = re.compile(r"[\W_]+")


class View(NamedTuple):
    """A text to search in. From each of the `places` in it on, its characters come one by one from an origin on."""

    text: str
    places: tuple[int, ...] = (0,)
    origins: tuple[int, ...] = (0,)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the text as given that `start` to `end` of the view came from."""
        return self._origin(start), self._origin(end - 1) + 1

    def _origin(self, place: int) -> int:
        i = bisect_right(self.places, place) - 1
        return self.origins[i] + place - self.places[i]


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
    spelled = {c: _spell(c) for c in set(text)}
    plain = text.translate({ord(c): s for c, s in spelled.items()})
    longer = "".join(c for c, s in spelled.items() if len(s) != 1)
    if not longer:
        return View(plain)
    places, origins, place, last = [0], [0], 0, 0
    for found in re.finditer(f"[{re.escape(longer)}]", text):
        at = found.start()
        place += at - last
        for _ in spelled[found[0]]:  # all from the same character
            places.append(place)
            origins.append(at)
            place += 1
        places.append(place)
        origins.append(at + 1)
        last = at + 1
    return View(plain, tuple(places), tuple(origins))


def spell_in_latin(view: View) -> View:
    """The view with look-alikes of other alphabets, accents and digits inside words as Latin letters.

    Letter by letter, so the offsets stay.
    """
    text = view.text
    if not text.isascii():
        text = text.translate({ord(c): _to_latin(c) for c in set(text)})
    return view._replace(text=_put_letters(text))


def _put_letters(text: str) -> str:
    """The text with the letters that digits stand for in words that have digits among letters."""
    parts, last, seen = [], 0, 0
    for found in _MIXED.finditer(text):
        start, end = found.span()
        if start < seen:
            continue
        while start > seen and text[start - 1] in _OF_WORDS:
            start -= 1
        while end < len(text) and text[end] in _OF_WORDS:
            end += 1
        seen, word = end, text[start:end]
        if 4 <= len(word) <= _LONGEST and sum(c.isalpha() for c in word) > 1:
            parts += [text[last:start], word.translate(_DIGITS)]
            last = end
    return "".join((*parts, text[last:]))


@lru_cache(maxsize=4096)
def _to_latin(character: str) -> str:
    if character in _LATIN:
        return _LATIN[character]
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character


def join_letters(text: str) -> str:
    """The text without anything but letters and digits: what was spaced out or hyphened stands together."""
    return _WORDLESS.sub("", text)


def place_letters(text: str) -> list[int]:
    """Where in the text the characters of `join_letters` stand."""
    return [i for i, c in enumerate(text) if not _WORDLESS.match(c)]
