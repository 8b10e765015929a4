"""The names in an item: words of the closed lists, or the paper's own words, which stand in the item's own quote.

A model that nobody constrains writes other words than the lists have: known synonyms are taken, what the quote prints
becomes `other`, and a word that neither has is made up: the item that needs it cannot be used.
"""

import re
from collections.abc import Mapping, Sequence

from extract.grounding.folding import fold_quote
from extract.llm.fencing import unfence
from extract.llm.parsing import Json
from extract.llm.synonyms import NOTHING, name_subject, name_variable, split_unit
from extract.rules.variables import read_symbol

# What is printed as a symbol; "n_tracks" and "track_isolation" are names that a model made.
_SYMBOL = re.compile(r"(?![nN]_)(?![A-Za-z0-9]{2,}(?:_[A-Za-z0-9]+)+$)(?=.*[_^|α-ωϕΔℓ])[^\s,;]{1,30}")


class Unusable(Exception):
    """Why an item cannot be used, in one line."""


def read_variable(own: Json, quote: Sequence[str]) -> tuple[str, str | None, str | None]:
    """The variable, the paper's words if it is none of the list, and a unit that stood in its name."""
    words, other = read_words(own.get("variable")), read_words(own.get("other_variable"))
    if words is None and other is None:
        raise Unusable("it names no variable")
    plain, unit = split_unit(words or "other")
    if plain.lower() != "other":
        name = name_variable(plain)
        if name is not None:
            return name, None, unit
        if other is None:
            name, other_words = _name_words(plain)
            if name == "other" and not _is_own(own, "variable", plain, quote):
                raise Unusable(f"'{plain[:30]}' is none of the variables and not in its quote")
            return name, other_words, unit
    if other is None:
        raise Unusable("its variable is 'other' without words")
    return (*_name_words(other), unit)


def _name_words(words: str) -> tuple[str, str | None]:
    """The variable that words or a printed symbol mean, as the rules name it: readers must name one thing alike."""
    name = name_variable(words)
    if name is None and _SYMBOL.fullmatch(words):
        read = read_symbol(words).variable
        name, words = (None, read.removeprefix("other:")) if read.startswith("other:") else (read, words)
    return ("other", words) if name is None else (name, None)


def read_name(own: Json, key: str, quote: Sequence[str]) -> tuple[str | None, str | None]:
    """The subject in field `key`, and the paper's words if it is none of the list."""
    words, other = read_words(own.get(key)), read_words(own.get(f"other_{key}"))
    if words is not None and words.lower() != "other":
        name = name_subject(words)
        if name is not None:
            return name, None
        if other is None and not _is_own(own, key, words, quote):
            raise Unusable(f"'{words[:30]}' is none of the subjects and not in its quote")
        other = other or words
    if other is None:
        if words is not None and key == "subject":
            raise Unusable("its subject is 'other' without words")
        return None, None
    name = name_subject(other)
    return (name, None) if name is not None else ("other", other)


def _is_own(own: Json, key: str, words: str, quote: Sequence[str]) -> bool:
    """Whether words are the paper's: marked as such, or in the quote, in whatever order, case and number."""
    if str(own.get(key)).strip().lower().startswith("other:"):
        return True
    said = fold_quote(" ".join(quote)).lower()
    parts = [fold_quote(part).lower() for part in re.split(r"[\s_/,]+", words)]
    return fold_quote(words).lower() in said or all(p.rstrip("s") in said for p in parts if len(p) > 1)


def pick(own: Json, key: str, table: Mapping[str, str]) -> str | None:
    """The word of a closed list in field `key`; None when the field says nothing. Raises Unusable for another word."""
    words = read_words(own.get(key)) if own.get(key) != "none" else "none"
    found = find(words, table)
    if words is not None and found is None:
        raise Unusable(f"its {key} '{words[:30]}' is none of the list")
    return found


def find(value: object, table: Mapping[str, str]) -> str | None:
    """The word of a closed list that a value means; None for anything else."""
    return table.get(re.sub(r"[\s-]+", "_", value.strip().lower())) if isinstance(value, str) else None


def read_words(value: object, longest: int = 200) -> str | None:
    """The words of a field in one line; None where they say nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:g}"
    if not isinstance(value, str):
        return None
    plain = re.sub(r"\s+", " ", unfence(value)).strip().removeprefix("other:").strip()
    return plain[:longest] if plain and plain.lower() not in NOTHING else None
