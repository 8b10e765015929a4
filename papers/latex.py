"""LaTeX mathematics to the plain form of `schemas.document`: `p_{\\mathrm{T}}^{\\gamma}` is `p_T^γ`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from papers.glyphs import RELATIONS, spell

_SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "hbar": "ħ", "partial": "∂", "nabla": "∇",
    "infty": "∞", "leq": "≤", "le": "≤", "leqslant": "≤", "geq": "≥", "ge": "≥", "geqslant": "≥", "lt": "<", "gt": ">",
    "neq": "≠", "ne": "≠", "approx": "≈", "simeq": "≃", "sim": "~", "equiv": "≡", "lesssim": "≲", "gtrsim": "≳",
    "ll": "≪", "gg": "≫", "to": "→", "rightarrow": "→", "longrightarrow": "→", "leftarrow": "←", "Rightarrow": "⇒",
    "leftrightarrow": "↔", "in": "∈", "pm": "±", "mp": "∓", "times": "×", "cdot": "·", "ast": "*", "star": "*",
    "sum": "∑", "prod": "∏", "int": "∫", "prime": "′", "circ": "°", "degree": "°", "dagger": "†", "ldots": "...",
    "dots": "...", "cdots": "...", "mid": "|", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "||", "parallel": "||",
    "langle": "⟨", "rangle": "⟩", "lbrace": "{", "rbrace": "}", "backslash": "\\", "slash": "/", "colon": ":",
    "cup": "∪", "cap": "∩", "wedge": "∧", "vee": "∨", "perp": "⊥", "angle": "∠", "forall": "∀", "exists": "∃",
}  # fmt: skip
_ACCENTS = {
    "bar": "\u0304", "overline": "\u0304", "vec": "\u20d7", "overrightarrow": "\u20d7", "tilde": "\u0303",
    "widetilde": "\u0303", "hat": "\u0302", "widehat": "\u0302", "dot": "\u0307", "ddot": "\u0308",
}  # fmt: skip
# Words that only say how their argument is set; sizes of brackets and styles stand for nothing.
_SETTINGS = frozenset(
    ("text", "textrm", "textit", "textbf", "textsf", "mathrm", "mathit", "mathbf", "mathsf", "mathcal", "mathbb", "rm",
     "operatorname", "mbox", "hbox", "boldsymbol", "bm", "ensuremath", "underline", "boxed", "mathscr", "textnormal")
)  # fmt: skip
_NOTHING = frozenset(
    ("left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "displaystyle", "textstyle",
     "limits", "nolimits", "scriptstyle", "middle", "it", "bf", "sf", "nonumber", "notag", "hfill", "xspace")
)  # fmt: skip
_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z]+)\*?\s*|\\(?P<sign>.)|(?P<open>\{)|(?P<close>\})|(?P<script>[_^])|(?P<other>.)", re.DOTALL
)
_DEEPEST = 40


class _Token(NamedTuple):
    kind: str
    text: str


def write_plainly(latex: str) -> str:
    """The formula as text. What has no plain form keeps its name; nothing is raised, whatever the input."""
    body = re.sub(
        r"\\(?:begin|end)\s*\{[^{}]*\}|\\(?:label|tag|vspace|hspace|phantom)\s*\{[^{}]*\}|(?<!\\)[$&]|\\\\", " ", latex
    )
    tokens = list(_split(body))
    text, _ = _write(tokens, 0, 0)
    return space_relations(text)


def space_relations(text: str) -> str:
    """One space around relations, none within numbers and signs, no double spaces."""
    signs = re.escape("".join(sorted(RELATIONS)))
    text = re.sub(rf"\s*([{signs}])\s*", r" \1 ", text)
    text = re.sub(rf"([(\[{{“‘]) (?=[{signs}])", r"\1", text)
    return " ".join(text.split())


def _split(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        yield _Token(kind, found[kind])


def _write(tokens: list[_Token], at: int, depth: int) -> tuple[str, int]:
    """The text up to the closing brace or the end, and where it stops."""
    out = ""
    while at < len(tokens) and tokens[at].kind != "close":
        if tokens[at].kind == "script":
            scripts, at = _read_scripts(tokens, at, depth)
            out = out.rstrip() + scripts
        else:
            part, at = _read_one(tokens, at, depth)
            out += part
    return out, at + 1


def _read_one(tokens: list[_Token], at: int, depth: int) -> tuple[str, int]:
    """One token with its arguments, and where it stops."""
    if at >= len(tokens) or depth > _DEEPEST:
        return "", at + 1
    token = tokens[at]
    if token.kind == "open":
        return _write(tokens, at + 1, depth + 1)
    if token.kind == "sign":
        return {"|": "||", " ": " ", ",": " ", ";": " ", ":": " ", "!": "", "'": "′"}.get(
            token.text, token.text
        ), at + 1
    if token.kind != "word":
        if token.text in "'~":
            return "′" if token.text == "'" else " ", at + 1
        return "".join(spell(ord(c)) for c in token.text), at + 1
    name = token.text
    if name in ("frac", "dfrac", "tfrac"):
        upper, at = _read_argument(tokens, at + 1, depth)
        lower, at = _read_argument(tokens, at, depth)
        return f"{_bracket(upper)}/{_bracket(lower)}", at
    if name == "sqrt":
        inner, at = _read_argument(tokens, at + 1, depth)
        return f"√{inner}" if inner.isalnum() else f"√({inner})", at
    if name in _ACCENTS:
        inner, at = _read_argument(tokens, at + 1, depth)
        return (inner + _ACCENTS[name] if len(inner) == 1 else inner[:-1] + inner[-1:] + _ACCENTS[name]), at
    if name in _SETTINGS:
        return _read_argument(tokens, at + 1, depth)
    if name in ("quad", "qquad"):
        return " ", at + 1
    if name in _NOTHING:
        if name in ("left", "right", "middle") and at + 1 < len(tokens) and tokens[at + 1].text == ".":
            return "", at + 2
        return "", at + 1
    sign = _SIGNS.get(name)
    if sign is None:
        return f" {name} " if len(name) > 3 else name, at + 1
    return sign, at + 1


def _read_argument(tokens: list[_Token], at: int, depth: int) -> tuple[str, int]:
    while at < len(tokens) and tokens[at].text.isspace() and tokens[at].kind == "other":
        at += 1
    text, at = _read_one(tokens, at, depth + 1)
    return text.strip(), at


def _read_scripts(tokens: list[_Token], at: int, depth: int) -> tuple[str, int]:
    """Scripts behind a letter, the lower one first; a raised prime or degree has no mark."""
    found = {"_": "", "^": ""}
    while at < len(tokens) and tokens[at].kind == "script":
        mark = tokens[at].text
        inner, at = _read_argument(tokens, at + 1, depth)
        found[mark] += " ".join(inner.split())
        while at < len(tokens) and tokens[at].text == " " and at + 1 < len(tokens) and tokens[at + 1].kind == "script":
            at += 1
    raised = found["^"]
    upper = raised if raised in ("′", "′′", "°") else _script("^", raised)
    return _script("_", found["_"]) + upper, at


def _script(mark: str, text: str) -> str:
    if not text:
        return ""
    return f"{mark}{text}" if len(text) == 1 else f"{mark}{{{text}}}"


def _bracket(text: str) -> str:
    return f"({text})" if re.search(r"[\s+-]", text) else text
