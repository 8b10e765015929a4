"""Where a quote stands in a text: exact, folded, or word by word with small slips.

A slip never touches a number, sign, unit, relation, negation or any word that carries the requirement: those must be
the same in quote and text. What may differ: the order in which scripts are printed ("p2 T" for `p_T^2`), citation
marks, articles, a partly cut symbol at an end of the quote, and a letter or two of a long word.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from extract.grounding.folding import Folded, compare_runs, fold, normalise
from schemas.evidence import Alignment

_SEED = 8  # folded characters that must agree somewhere before an alignment is tried
_MARGIN = 8  # folded characters around the expected place
_CITATION = re.compile(r"[\[(\]),\d\s–-]*\[[\d,\s–-]*\][\[(\]),\d\s–-]*|[\d,\s]+")
_CRITICAL = re.compile(
    r"[<>=≤≥≠±%°]|not|no|non|nor|none|never|neither|without|except|unless|cannot|above|below|great|larg|high|low|less"
    r"|more|few|small|least|most|exceed|between|within|outside|inside|over|under|min|max|exact|only|equal|up|any|all"
    r"|both|each|either|and|or|reject|remov|discard|veto|exclu|inclu|fail|pass|keep|kept|accept|requir|select|retain"
    r"|lead|first|second|third|fourth|one|two|three|four|five|six|seven|eight|nine|ten|zero|loose|tight|medium|opposite"
    r"|same|anti|[kMGT]?eV|mm|cm|rad|like",
    re.IGNORECASE,
)
_FREE = re.compile(r"([-−–]\s?)?(?<![\w^_{}.])(\d+(?:\.\d+)?)(?![\w^_])")
_BRACKETS = re.compile(r"\[[\d,\s–-]+\]")
_SMALL_WORDS = frozenset(("the", "a", "an", "also", "then", "furthermore", "moreover", "hence", "thus", "therefore"))


class Place(NamedTuple):
    """One occurrence of a quote: offsets into the text, and how it was found."""

    start: int
    end: int
    alignment: Alignment


def find_exact(text: str, quote: str) -> Iterator[Place]:
    """Every occurrence of the quote as it is."""
    start = text.find(quote)
    while start >= 0 and quote:
        if _stands_alone(text, start, start + len(quote)):
            yield Place(start, start + len(quote), "exact")
        start = text.find(quote, start + 1)


def find_folded(text: str, folded: Folded, quote: str) -> Iterator[Place]:
    """Every occurrence after folding whose digits and signs agree."""
    needle = fold(normalise(quote)).text
    start = folded.text.find(needle)
    while start >= 0 and needle:
        a, b = folded.span(start, start + len(needle))
        if _stands_alone(text, a, b) and compare_runs(quote, text[a:b]):
            yield Place(a, b, "normalised")
        start = folded.text.find(needle, start + 1)


def find_aligned(text: str, folded: Folded, quote: str) -> Iterator[Place]:
    """Occurrences with small slips, found from runs of characters that both sides share."""
    plain = normalise(quote)
    needle = fold(plain)
    if len(needle.text) < 2 * _SEED:
        return
    seen: set[int] = set()
    step = 2 if len(needle.text) < 48 else 6
    for at in range(0, len(needle.text) - _SEED + 1, step):
        seed = needle.text[at : at + _SEED]
        hit = folded.text.find(seed)
        while hit >= 0:
            origin = hit - at
            if not any(abs(origin - s) <= 2 * _MARGIN for s in seen):
                seen.add(origin)
                place = _align(text, folded, plain, needle, origin)
                if place is not None:
                    yield place
            hit = folded.text.find(seed, hit + 1) if len(seen) < 24 else -1


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the span begins and ends at the borders of words, numbers and signs."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    first, last = text[start], text[end - 1]
    if first.isdigit() and re.search(r"[\d.±+−-]\Z|\d,\Z", before) and not re.search(r"[\w)]-\Z", before):
        return False
    if last.isdigit() and re.match(r"\d|[.,]\d|\^|%", after):
        return False
    if first.isalpha() and before[-1:].isalpha() and first.isascii() and before[-1:].isascii():
        return False
    return not (last.isalpha() and after[:1].isalpha() and last.isascii() and after[:1].isascii())


def _align(text: str, folded: Folded, quote: str, needle: Folded, origin: int) -> Place | None:
    """The place of a quote expected at folded offset `origin`, if every difference is a small slip."""
    lower, upper = max(origin - _MARGIN, 0), min(origin + len(needle.text) + _MARGIN, len(folded.text))
    window = folded.text[lower:upper]
    codes = [
        (code.tag, code.src_start, code.src_end, code.dest_start, code.dest_end)
        for code in Levenshtein.opcodes(needle.text, window)
        if code.tag != "equal"
    ]
    start, end = 0, len(window)
    # what the window has before the first and after the last common character is not part of the quote
    while codes and codes[0][0] == "insert":
        length, after = codes[0][1], codes[0][4]
        if window[after - length : after] != needle.text[:length]:
            break
        start = after - length
        codes.pop(0)
    while codes and codes[-1][0] == "insert":
        tail, before = needle.text[codes[-1][1] :], codes[-1][3]
        if window[before : before + len(tail)] != tail:
            break
        end = before + len(tail)
        codes.pop()
    regions = _merge([(a0, a1, b0, b1) for _, a0, a1, b0, b1 in codes])
    if len(regions) > 2 + len(needle.text) // 40:
        return None
    for a0, a1, b0, b1 in regions:
        at_end = a0 == 0 or a1 == len(needle.text)
        if not _is_slip(quote, needle, (a0, a1), text, folded, (lower + b0, lower + b1), at_end=at_end):
            return None
    if end <= start:
        return None
    a, b = folded.span(lower + start, lower + end)
    same = _list_numbers(quote) == _list_numbers(text[a:b])
    return Place(a, b, "normalised") if same and _stands_alone(text, a, b) else None


def _merge(regions: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Edits closer than four characters as one: a script that moved is one difference, not two."""
    merged: list[tuple[int, int, int, int]] = []
    for a0, a1, b0, b1 in regions:
        if merged and a0 - merged[-1][1] < 4 and b0 - merged[-1][3] < 4:
            merged[-1] = (merged[-1][0], a1, merged[-1][2], b1)
        else:
            merged.append((a0, a1, b0, b1))
    return merged


def _is_slip(
    quote: str, needle: Folded, own: tuple[int, int], text: str, folded: Folded, other: tuple[int, int], *, at_end: bool
) -> bool:
    mine, its = needle.text[own[0] : own[1]], folded.text[other[0] : other[1]]
    if re.search(r"[<>=≤≥≠±%°]", mine + its):
        return False
    if sorted(mine) == sorted(its):  # scripts in another order
        around = _around(text, folded, other)
        return len(mine) <= 12 and bool(re.search(r"[_^]|[^\x00-\x7f]", around))
    if all(not part or _CITATION.fullmatch(part) for part in (mine, its)) and (
        _is_citation(quote, needle, own) or _is_citation(text, folded, other)
    ):
        return True
    words = [_words_around(quote, needle, own), _words_around(text, folded, other)]
    if not its and mine.lower() in _SMALL_WORDS and words[0].lower() == mine.lower():
        return True
    if not mine and its.lower() in _SMALL_WORDS and words[1].lower() == its.lower():
        return True
    if set(mine + its) <= set("p()√") and (not mine or words[0].strip("()") in ("p", "")):
        return True  # the radical sign is the letter p in some encodings, and has no parentheses
    if not mine and own[0] < 4 and re.search(r"[_^]\{?$", text[: int(folded.positions[other[0]])][-2:]):
        return True  # a script of a symbol that the quote cuts
    if at_end and not its and len(mine) <= 3 and mine.isalpha():
        return True
    return _is_misspelt(words[0], words[1])


def _list_numbers(text: str) -> list[tuple[bool, str]]:
    """The numbers that stand by themselves, in order, each with whether a dash or minus is before it."""
    return [(bool(m[1]), m[2]) for m in _FREE.finditer(_BRACKETS.sub(" ", text))]


def _around(text: str, folded: Folded, part: tuple[int, int]) -> str:
    """The words, as given, that a part of the folded text touches."""
    if not len(folded.positions):
        return ""
    last = len(folded.positions) - 1
    a = int(folded.positions[min(part[0], last)])
    b = int(folded.positions[min(max(part[1] - 1, part[0]), last)]) + 1
    while a > 0 and not text[a - 1].isspace():
        a -= 1
    while b < len(text) and not text[b].isspace():
        b += 1
    return text[a:b]


def _words_around(text: str, folded: Folded, part: tuple[int, int]) -> str:
    return _around(text, folded, part).strip(".,;:()[]‘’“”'\"")


def _is_citation(text: str, folded: Folded, part: tuple[int, int]) -> bool:
    """Whether the part is a mark of a citation or a footnote, and nothing of a statement."""
    if part[1] <= part[0]:
        return False
    a, b = folded.span(*part)
    piece = text[a:b].strip()
    if piece.startswith("[") and piece.endswith("]"):
        return True
    return bool(re.fullmatch(r"\d{1,2}", piece)) and bool(re.search(r"[a-z]{4}[.,;]?\^?\{?$", text[max(a - 8, 0) : a]))


def _is_misspelt(a: str, b: str) -> bool:
    if not (a.isalpha() and b.isalpha()) or min(len(a), len(b)) < 7 or a[0].lower() != b[0].lower():
        return False
    if _CRITICAL.match(a) or _CRITICAL.match(b):
        return False
    limit = 1 if min(len(a), len(b)) < 9 else 2
    return bool(Levenshtein.distance(a.lower(), b.lower(), score_cutoff=limit) <= limit)
