"""The table of a selection in Markdown, as GitHub and notebooks show it; and phrases as plain text."""

import unicodedata
from collections.abc import Callable

from codegen.tables.pieces import Mark, Number, Phrase, Piece, Power, Root, Symbol, Unit, Upright, Words
from codegen.tables.rows import Group, Table, arrange_table
from codegen.tables.symbols import SYMBOLS
from schemas.criteria import SelectionCriteria

_SIGNS: dict[str, str] = {
    "<": " < ", "<=": " ≤ ", ">": " > ", ">=": " ≥ ", "==": " = ", "!=": " ≠ ", "=": " = ", "+": " + ", "-": "-",
    "minus": " − ", "*": " ", "times": " ", "/": "/", "in": " ∈ ", "(": "(", ")": ")", "|": "|", ",": ", ", "{": "{",
    "}": "}",
}  # fmt: skip
_ESCAPED = "\\`*_{}[]()#+-.!|~$:@"
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def write_markdown(ssc: SelectionCriteria) -> str:
    """The selection as a GitHub table, with a page column where the criteria have evidence."""
    table = arrange_table(ssc)
    head = ["", "requirement", *(["page"] if table.has_pages else [])]
    lines = [f"**Selection: {escape(table.title)}**", ""]
    for section in table.sections:
        lines += [f"| {section.title} | {' | '.join(head[1:])} |", f"|{'---|' * len(head)}"]
        for group in section.groups:
            lines += _write_group(group, table)
        lines.append("")
    for number, question in enumerate(table.questions, start=1):
        lines.append(f"{number}. open: {escape(question)}")
    return "\n".join(lines).rstrip() + "\n"


def _write_group(group: Group, table: Table) -> list[str]:
    lines = []
    for k, row in enumerate(group.rows):
        title = write_phrase(group.title) if k == 0 else ""
        marks = ", ".join(str(q) for q in row.questions)
        cells = [title, write_phrase(row.phrase) + (f" <sup>open {marks}</sup>" if marks else "")]
        if table.has_pages:
            cells.append(", ".join(str(p) for p in row.pages))
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def write_phrase(phrase: Phrase) -> str:
    """A phrase in Markdown, with sub- and superscripts as HTML."""
    return _write(phrase, escape, lambda tag, text: f"<{tag}>{text}</{tag}>")


def write_plain(phrase: Phrase) -> str:
    """A phrase as one line of text."""
    return _write(phrase, clean, lambda tag, text: text if tag == "sub" else f"^{text}")


def _write(phrase: Phrase, say: Callable[[str], str], script: Callable[[str, str], str]) -> str:
    def write(piece: Piece) -> str:
        match piece:
            case Words(text=text) | Number(text=text):
                return say(text)
            case Unit(name=name):
                shown = {"deg": "°", "%": "%", "GeV^2": "GeV²", "um": " μm"}.get(name, f" {name}")
                return say(shown)
            case Mark(sign=sign):
                return say(_SIGNS[sign])
            case Symbol(name=name, below=below, above=above):
                return SYMBOLS[name].plain + scripts(below, above)
            case Upright(text=text, below=below, above=above):
                return say(f"{text} " if text == "sin" else text) + scripts(below, above)
            case Root(inside=inside):
                return f"√{say('(')}{join(inside)}{say(')')}"
            case Power(inside=inside, exponent=exponent):
                return join(inside) + script("sup", str(exponent))

    def scripts(below: Phrase, above: Phrase) -> str:
        return (script("sub", join(below)) if below else "") + (script("sup", join(above)) if above else "")

    def join(phrase: Phrase) -> str:
        return "".join(write(p) for p in phrase)

    return join(phrase)


def clean(text: str) -> str:
    """Words on one line, without characters that are invisible or change the direction of writing."""
    shown = (" " if unicodedata.category(c) in ("Zs", "Zl", "Zp", "Cc") else c for c in text)
    return "".join(c for c in shown if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn"))


def escape(text: str) -> str:
    """Words as Markdown shows them: no markup, no HTML, no end of a cell, no link."""
    return "".join(_HTML.get(c, f"\\{c}" if c in _ESCAPED and _needs_escape(c) else c) for c in clean(text))


def _needs_escape(character: str) -> bool:
    # Inside a cell these only read as themselves; escaped they would make the source hard to read.
    return character not in "()+-.!:#{}$~@" or character in "~"
