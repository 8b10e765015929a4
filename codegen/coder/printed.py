"""What a program printed, as it may be told to people and to a model: quoted, in one bounded line, as its words.

Generated code decides on every character of it. Nothing of it may look like a verdict of this program.
"""

import re

from codegen.outputs import clean_text

LONGEST = 300  # characters that are quoted
QUOTES = str.maketrans({'"': "'", "\u201c": "'", "\u201d": "'", "\u201e": "'", "\u00ab": "'", "\u00bb": "'"})
# addresses in libraries' errors lead to their own source: "(in compiled code: https://...#L21)"
ADDRESS = re.compile(r"\s*\((?:in compiled code:\s*)?https?://[^\s()]*\)|\s*\bhttps?://\S+")
REPORT = re.compile(r"\s*See if this has been reported at\s*(?=https?://|$)")


def quote_words(text: str) -> str:
    """Words of a program in quotes, on one line; no quote within ends them."""
    words = " ".join(clean_text(text[: 20 * LONGEST].encode("utf-8", "replace")).split())
    words = drop_addresses(words).translate(QUOTES)
    return f'"{words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"}"'


def quote_last_words(stderr: str) -> str:
    """The last line that a program printed, as its words; empty where it printed nothing."""
    last = next((line.strip() for line in reversed(stderr.splitlines()) if line.strip()), "")
    last = re.sub(r"^(?:\S*/)?analysis\.py: ", "", re.sub(r"\S*/analysis\.py\b", "analysis.py", last))
    return f"its last words: {quote_words(last)}" if last else ""


def drop_addresses(text: str) -> str:
    """A library's error without web addresses: they lead into its own source, which helps nobody here."""
    return ADDRESS.sub("", REPORT.sub("", text))
