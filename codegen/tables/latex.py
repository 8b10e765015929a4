"""The table of a selection in LaTeX: one longtable with booktabs rules, to be pasted into a note."""

import re
import unicodedata

from codegen.tables.pieces import Mark, Number, Phrase, Piece, Power, Root, Symbol, Unit, Upright, Words
from codegen.tables.rows import Group, Row, Table, arrange_table
from codegen.tables.symbols import SYMBOLS
from schemas.criteria import SelectionCriteria

_SPECIAL: dict[str, str] = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "^": r"\textasciicircum{}",
    "_": r"\_", "%": r"\%", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "[": "{[}", "]": "{]}", "*": "{*}",  # after the end of a row they would be read as its arguments
    '"': "''", "`": r"\textasciigrave{}",
}  # fmt: skip
_MATH: dict[str, str] = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\epsilon", "ζ": r"\zeta", "η": r"\eta",
    "θ": r"\theta", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "µ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "π": r"\pi",
    "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "φ": r"\phi", "ϕ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega",
    "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Σ": r"\Sigma", "Φ": r"\Phi", "Ω": r"\Omega",
    "ℓ": r"\ell", "→": r"\to", "←": r"\leftarrow", "↔": r"\leftrightarrow", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq",
    "≈": r"\approx", "∼": r"\sim", "±": r"\pm", "∓": r"\mp", "×": r"\times", "·": r"\cdot", "−": "-", "∞": r"\infty",
    "√": r"\surd", "∑": r"\sum", "′": "'", "°": r"^\circ", "∈": r"\in", "⁺": "^+", "⁻": "^-", "†": r"\dagger",
}  # fmt: skip
_TYPOGRAPHY: dict[str, str] = {
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}", "\u00a0": "~", "\u2009": r"\,",
}  # fmt: skip
_SIGNS: dict[str, str] = {
    "<": " < ", "<=": r" \leq ", ">": " > ", ">=": r" \geq ", "==": " = ", "!=": r" \neq ", "=": " = ", "+": " + ",
    "-": "-", "minus": " - ", "*": " ", "times": r"\,", "/": " / ", "in": r" \in ", "(": "(", ")": ")", "|": "|",
    ",": ",\\, ", "{": r"\{", "}": r"\}",
}  # fmt: skip
_UNITS: dict[str, str] = {
    "deg": r"{}^{\circ}",
    "°": r"{}^{\circ}",
    "%": r"\,\%",
    "μm": r"\,\mu\text{m}",
    "um": r"\,\mu\text{m}",
}
_FIRST = r">{\raggedright}p{0.22\linewidth}"
_SECOND = r">{\raggedright\arraybackslash}"
_SCIENTIFIC = re.compile(r"(-?[\d.]+)e([+-]?\d+)")
_COMMAND = re.compile(r"\\[A-Za-z]+$")
_NEEDLESS = re.compile(r"(\\[A-Za-z]+) (?=[|()_^,])")
QUOTE_LENGTH = 200
LONG = 110  # characters of LaTeX that fit under one root


def write_latex(ssc: SelectionCriteria, quotes: bool = False) -> str:
    """The selection as a LaTeX longtable (packages amsmath, array, booktabs, longtable), without preamble.

    A page column appears where the criteria have evidence; with `quotes` the passages are listed below the table.
    """
    table = arrange_table(ssc)
    wide, more = ("0.62", "l") if table.has_pages else ("0.74", "")
    columns = f"@{{}}{_FIRST}{_SECOND}p{{{wide}\\linewidth}}{more}@{{}}"
    width = 3 if table.has_pages else 2
    head = " & ".join(["", "Requirement", *(["Page"] if table.has_pages else [])])
    lines = [
        "% Selection table, written by paperfilter. Needs \\usepackage{amsmath,array,booktabs,longtable}.",
        f"\\begin{{longtable}}{{{columns}}}",
        f"\\caption{{Selection: {escape(table.title)}.}}\\label{{tab:selection-{_label(ssc.analysis.slug)}}}\\\\",
        "\\toprule",
        f"{head} \\\\",
        "\\midrule",
        "\\endfirsthead",
        "\\toprule",
        f"{head} \\\\",
        "\\midrule",
        "\\endhead",
        "\\bottomrule",
        "\\endlastfoot",
    ]
    quoted: list[str] = []
    for k, section in enumerate(table.sections):
        if k:
            lines.append("\\addlinespace")
        lines.append(f"\\multicolumn{{{width}}}{{@{{}}l}}{{\\textbf{{{escape(section.title)}}}}} \\\\")
        for group in section.groups:
            lines += _write_group(group, table, quoted if quotes else None)
    lines.append("\\end{longtable}")
    lines += _write_notes(table, quoted)
    return "\n".join(lines) + "\n"


def _write_group(group: Group, table: Table, quoted: list[str] | None) -> list[str]:
    lines = []
    for k, row in enumerate(group.rows):
        title = write_phrase(group.title) if k == 0 else ""
        text = write_phrase(row.phrase) + "".join(f"\\textsuperscript{{{_letter(q)}}}" for q in row.questions)
        if quoted is not None:
            text += _cite(row, quoted)
        cells = [title, text]
        if table.has_pages:
            cells.append(", ".join(str(p) for p in row.pages))
        lines.append(f"{' & '.join(cells)} \\\\")
    return lines


def _cite(row: Row, quoted: list[str]) -> str:
    passages = [" … ".join(e.quote) for e in row.evidence if e.quote]
    marks: list[str] = []
    for passage in passages:
        if passage not in quoted:
            quoted.append(passage)
        mark = str(quoted.index(passage) + 1)
        if mark not in marks:
            marks.append(mark)
    return f"\\textsuperscript{{[{','.join(marks)}]}}" if marks else ""


def _write_notes(table: Table, quoted: list[str]) -> list[str]:
    lines: list[str] = []
    if table.questions:
        lines.append("\\par\\noindent{\\footnotesize Open: ")
        lines += [f"\\textsuperscript{{{_letter(k)}}}~{escape(q)}" for k, q in enumerate(table.questions, start=1)]
        lines.append("\\par}")
    if quoted:
        lines.append("\\par\\noindent{\\footnotesize Quotes: ")
        shown = [q if len(q) <= QUOTE_LENGTH else q[: QUOTE_LENGTH - 1] + "…" for q in quoted]
        lines += [f"[{k}]~``{escape(q)}''" for k, q in enumerate(shown, start=1)]
        lines.append("\\par}")
    return lines


def write_phrase(phrase: Phrase) -> str:
    """A phrase in LaTeX: formulas in math mode, words around them."""
    parts: list[str] = []
    formula = ""
    for piece in phrase:
        if isinstance(piece, Words):
            parts += [_close(formula), escape(piece.text)]
            formula = ""
        else:
            formula += _write_piece(piece)
    return "".join([*parts, _close(formula)])


def _close(formula: str) -> str:
    stripped = _NEEDLESS.sub(r"\1", re.sub(r" {2,}", " ", formula.strip()))
    return f"${stripped}$" if stripped else ""


def _write_piece(piece: Piece) -> str:
    match piece:
        case Number(text=text):
            match_of = _SCIENTIFIC.fullmatch(text)
            return rf"{match_of[1]}\times 10^{{{int(match_of[2])}}}" if match_of else escape(text)
        case Unit(name=name):
            if name in _UNITS:
                return _UNITS[name]
            stem, caret, power = name.partition("^")
            return f"\\,\\text{{{escape(stem)}}}" + (f"^{{{int(power)}}}" if caret and power.isdigit() else "")
        case Mark(sign=sign):
            return _SIGNS[sign]
        case Symbol(name=name, below=below, above=above):
            return SYMBOLS[name].latex + _scripts(below, above, SYMBOLS[name].latex)
        case Upright(text="sin"):
            return r"\sin"
        case Upright(text=text, below=below, above=above):
            return f"\\text{{{escape(text)}}}" + _scripts(below, above, "")
        case Root(inside=inside):
            root = _write_math(inside)
            # A long root would not break across lines.
            return f"\\sqrt{{{root}}}" if len(root) < LONG else f"({root})^{{1/2}}"
        case Power(inside=inside, exponent=exponent):
            return f"{{{_write_math(inside)}}}^{{{exponent}}}"
        case Words(text=text):
            return escape(text) if text.isdigit() else f"\\text{{{escape(text)}}}"


def _scripts(below: Phrase, above: Phrase, stem: str) -> str:
    scripts = (f"_{{{_write_math(below)}}}" if below else "") + (f"^{{{_write_math(above)}}}" if above else "")
    return scripts or (" " if _COMMAND.search(stem) else "")


def _write_math(phrase: Phrase) -> str:
    return "".join(_write_piece(p) for p in phrase).strip()


def escape(text: str) -> str:
    """Words as LaTeX shows them. Nothing in them is a command, a comment or the end of an argument."""
    written: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if character in _SPECIAL:
            written.append(_SPECIAL[character])
        elif character in _TYPOGRAPHY:
            written.append(_TYPOGRAPHY[character])
        elif character in _MATH:
            written.append(f"\\ensuremath{{{_MATH[character]}}}")
        elif character.isascii() and character.isprintable():
            written.append(character)
        elif character.isalpha() and ord(character) < 0x180:
            written.append(character)  # Latin letters with accents, which every LaTeX with UTF-8 knows
        elif unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc"):
            written.append(" ")
        elif unicodedata.category(character) not in ("Cf", "Mn"):
            written.append(f"(U+{ord(character):04X})")
    return "".join(written)


def _label(slug: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", slug).strip("-") or "analysis"


def _letter(number: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[number - 1] if number <= 26 else str(number)
