"""Text of strangers inside Markdown: it stays text, cannot leave its fence or its cell, and is not endless."""

import re
from collections.abc import Iterable, Iterator

from pipeline.terminal import strip_controls

LIMIT = 20_000  # characters of one text in a log
SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~!$&])")
BACKTICKS = re.compile(r"`{3,}")


def escape(text: str) -> str:
    """One line of text that Markdown takes as text."""
    return SPECIAL.sub(r"\\\1", " ".join(strip_controls(text).split()))


def write_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table, and an empty one; cells are escaped."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(escape(cell) for cell in row) + " |"
    yield ""


def fence_text(text: str, language: str = "text", *, limit: int = LIMIT, whole: str = "") -> str:
    """A fenced block that holds `text` and nothing else, whatever it says.

    Control characters are stripped. A text longer than `limit` characters keeps its beginning and its end, and a line
    below the block says how much is missing; `whole` is the file that has all of it.
    """
    shown, missing = cut_text(strip_controls(text), limit)
    ticks = "`" * (1 + max((len(found) for found in BACKTICKS.findall(shown)), default=2))
    block = f"{ticks}{language}\n{shown}{'' if shown.endswith(chr(10)) else chr(10)}{ticks}"
    if missing:
        block += f"\n\n{missing} characters are left out here" + (f"; all of it is in `{whole}`." if whole else ".")
    return block


def cut_text(text: str, limit: int) -> tuple[str, int]:
    """The text, or its first three quarters and its last quarter of `limit` characters; and how many are left out."""
    if len(text) <= limit:
        return text, 0
    head, tail = limit - limit // 4, limit // 4
    return f"{text[:head]}\n[…]\n{text[len(text) - tail :]}", len(text) - limit
