"""Searching where a match may begin finds what searching everywhere finds."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.addressing.heads import Searcher, compile_pattern
from extract.addressing.languages import LATIN_SCRIPTS
from extract.addressing.phrases import FRAGMENTS, STRONG, WEAK
from extract.addressing.signs import PATTERNS

# Every way a match can begin: words and parts of them, repeats, signs, what may be missing, what looks around.
SMALL = [
    "ab", r"\bab", r"ab\b", r"a|b", r"\b(?:a|ab)\b", r"\s*ab", r"(?:^|[.,]\s*)ab", r"(?:a |b ){0,2}ab", r",+",
    r"[ab,]+a", r"(?:[,a])+b", r"(?:,|ab)*\.b", r"a?b", r"a*b", r"(?:ab)?,", r"\ba?\s*b",
    r"(?P<lead>^|\ba ),? ?(?:b|_)", r"[,.]a|a\.", r"(?=a)\w", r"(?<=a)b", r"(?<!a)b+", r"(?:|a)b", r"\w+,", r"[^a]b",
    r"(?i:A)b", r"a_b|_", r"a{2}b|,a{2,}", r"(?:a|,){1,3}?b", r"$|a", r"\.?$", r"aaaaaaab", r"\baaaaa\b",
    r"(?:a,|b )+\ba", r".b", r"\Aa", r"\Bb", r"1a|\d",
]  # fmt: skip
WORDS = sorted(
    set(re.findall(r"[a-z]+|[<>{}\[\]#|$;:/]", " ".join((*FRAGMENTS.values(), *(p for _, p in (*STRONG, *WEAK))))))
    | set(re.findall(r"[a-z]+", LATIN_SCRIPTS.source))
    | {"25 gev", "p", "muons", "ab", ">"}
)
SPACES = (" ", " ", " ", "\n", ". ", ", ", ": ", " (", "-", "", '"')


@pytest.mark.parametrize("source", SMALL)
@given(text=st.text(alphabet="aaabbb,,. _\n1", max_size=24))
@settings(max_examples=150, deadline=None)
def test_any_pattern_finds_the_same(source: str, text: str) -> None:
    pattern = compile_pattern(source, re.MULTILINE)
    found = [m.span() for _, m in Searcher([pattern]).search(text)]
    assert found == [m.span() for m in re.compile(source, re.MULTILINE).finditer(text)]


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), max_size=60))
@settings(max_examples=300, deadline=None)
def test_the_patterns_of_orders_find_the_same(parts: list[tuple[str, str]]) -> None:
    text = "".join(word + space for word, space in parts)
    patterns = [re.compile(p.source, p.compiled.flags) for p in PATTERNS]
    expected = [(n, m.span()) for n, pattern in enumerate(patterns) for m in pattern.finditer(text)]
    assert [(n, m.span()) for n, m in Searcher(PATTERNS).search(text)] == expected


def test_nearly_all_patterns_have_heads() -> None:
    assert sum(p.heads is None for p in PATTERNS) <= 2
