"""Criteria and quotes as a page shows them: formulas with scripts, everything escaped."""

import re
from functools import lru_cache

from markupsafe import Markup, escape

from codegen.tables.formulas import Names, write_formula
from codegen.tables.markdown import clean, write_plain
from codegen.tables.phrases import say_candidate, say_cut, say_removal, say_source
from codegen.tables.pieces import Mark, Number, Phrase, Piece, Power, Root, Symbol, Unit, Upright, Words
from codegen.tables.symbols import SYMBOLS, find_composite, find_variable
from pipeline.terminal import strip_controls
from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Question,
    Region,
)
from schemas.review import Shown

BLANK = "\u00a0"  # no-break space between a number and its unit
_SIGNS: dict[str, str] = {
    "<": " < ", "<=": " ≤ ", ">": " > ", ">=": " ≥ ", "==": " = ", "!=": " ≠ ", "=": " = ", "+": " + ", "-": "−",
    "minus": " − ", "*": BLANK, "times": BLANK, "/": "/", "in": " ∈ ", "(": "(", ")": ")", "|": "|", ",": ", ",
    "{": "{", "}": "}",
}  # fmt: skip
_UNITS = {"deg": "°", "%": "%", "GeV^2": f"{BLANK}GeV²", "um": f"{BLANK}μm"}
_SCRIPT = re.compile(r"(?P<sign>[_^])(?:\{(?P<braced>(?:[^{}]|\{[^{}]*\})*)\}|(?P<one>[^\s_^{}(),.;:]))")


def set_phrase(phrase: Phrase) -> Markup:
    """A phrase of physics as HTML: symbols in italics, scripts below and above, words escaped."""
    return Markup("").join(_set_piece(piece) for piece in phrase)


def set_part(part: Shown, names: Names, *, per_event: bool = False) -> Markup:
    """What a part says, in one line of HTML. `per_event`: it is a cut of a region."""
    return set_phrase(say_part(part, names, per_event=per_event))


def say_part(part: Shown, names: Names, *, per_event: bool = False) -> Phrase:
    """What a part says, as a phrase."""
    match part:
        case Cut():
            return say_cut(part, names, per_event)
        case ObjectDefinition():
            return say_source(part) or (Words(f"all {part.name}".replace("_", " ")),)
        case OverlapRemoval():
            return say_removal(part.with_, part.deltaR)
        case OverlapStep():
            return (Words(f"{part.remove.replace('_', ' ')} "), *say_removal(part.near, part.deltaR))
        case Candidate():
            return (*find_composite(part.name), Words(": "), *_list_phrases(say_candidate(part, names)))
        case NamedVariable():
            symbol = find_variable(part.name)
            if part.words is not None:
                return (*symbol, Words(f": {part.words}"))
            formula = write_formula(part.expression, names)
            return symbol if formula == symbol else (*symbol, Mark("="), *formula)
        case Region():
            after = part.parent.replace("_", " ") if part.parent else None
            return (Words(f"all of {after}, and" if after else "all events"),)
        case Question():
            return (Words(part.text),)


def write_line(part: Shown, names: Names, *, per_event: bool = False) -> str:
    """What a part says, as one line of text."""
    return " ".join(write_plain(say_part(part, names, per_event=per_event)).split())


@lru_cache(maxsize=4096)
def set_quote(text: str, numbers: tuple[str, ...] = ()) -> Markup:
    """Words of a paper as HTML: `p_T` and `E_T^{miss}` with their scripts, the `numbers` marked, everything escaped."""
    line = " ".join(strip_controls(text).split())
    anyone = "|".join(re.escape(number) for number in sorted(set(numbers), key=len, reverse=True))
    if not anyone:
        return _set_scripts(line)
    parts: list[Markup] = []
    done = 0
    for match in re.finditer(rf"(?<![\w.])(?:{anyone})(?!\w|\.\d)", line):
        parts += [_set_scripts(line[done : match.start()]), Markup("<mark>{}</mark>").format(match[0])]
        done = match.end()
    return Markup("").join([*parts, _set_scripts(line[done:])])


def name_plainly(name: str) -> str:
    """A name of the criteria as words: `b_jets` is b jets."""
    return name.replace("_", " ")


def _set_scripts(text: str) -> Markup:
    parts: list[Markup] = []
    done = 0
    for match in _SCRIPT.finditer(text):
        inside = _set_scripts(match["braced"] or match["one"] or "")
        tag = Markup("<sub>{}</sub>") if match["sign"] == "_" else Markup("<sup>{}</sup>")
        parts += [escape(text[done : match.start()]), tag.format(inside)]
        done = match.end()
    return Markup("").join([*parts, escape(text[done:])])


def _set_piece(piece: Piece) -> Markup:
    match piece:
        case Words(text=text) | Number(text=text):
            return escape(clean(text))
        case Unit(name=name):
            return escape(_UNITS.get(name, f"{BLANK}{clean(name)}"))
        case Mark(sign=sign):
            return escape(_SIGNS[sign])
        case Symbol(name=name, below=below, above=above):
            plain = SYMBOLS[name].plain
            letter = Markup("<i>{}</i>").format(plain) if plain.isascii() else escape(plain)
            return letter + _set_both(below, above)
        case Upright(text=text, below=below, above=above):
            return escape(clean(f"{text} " if text == "sin" else text)) + _set_both(below, above)
        case Root(inside=inside):
            return Markup("√({})").format(set_phrase(inside))
        case Power(inside=inside, exponent=exponent):
            return set_phrase(inside) + Markup("<sup>{}</sup>").format(exponent)


def _set_both(below: Phrase, above: Phrase) -> Markup:
    low = Markup("<sub>{}</sub>").format(set_phrase(below)) if below else Markup("")
    high = Markup("<sup>{}</sup>").format(set_phrase(above)) if above else Markup("")
    return low + high


def _list_phrases(phrases: list[Phrase]) -> Phrase:
    joined: Phrase = ()
    for k, phrase in enumerate(phrases):
        joined += ((Words("; "),) if k else ()) + phrase
    return joined
