"""What ADL objects are made from, and the words that stand for them."""

import re

from codegen.adl.spelling import show
from codegen.adl.syntax import Call, Expression, Name, NotExpressible, Together
from codegen.adl.words import BASE_OF_WORD

_NOT_IDENTIFIER = re.compile(r"[^A-Za-z0-9]+")


def list_sources(take: Expression) -> list[Name]:
    """The collections that a take names: one, those of a union, or one with an alias behind it."""
    match take:
        case Name():
            return [take]
        case Together(parts=(Name() as first, *_)):
            return [first]
        case Call(function=function, arguments=arguments) if function.lower() == "union":
            return [n for a in arguments for n in list_sources(a)]
    token = take.function if isinstance(take, Call) else show(take)
    raise NotExpressible(take.line, token, "expected a collection, Union(...), comb(...) after take")


def list_aliases(takes: list[Expression]) -> set[str]:
    return {p.text for t in takes if isinstance(t, Together) for p in t.parts[1:] if isinstance(p, Name)}


def find_bases(source: Name) -> tuple[str, ...]:
    word = source.text.lower().rstrip("_")
    if word in ("lep", "lepton", "leptons"):
        return ("electron", "muon")
    return (BASE_OF_WORD[word],) if word in BASE_OF_WORD else ()


def spell(base: str) -> set[str]:
    """Every spelling of a base object that files use."""
    words = {w for w, b in BASE_OF_WORD.items() if b == base}
    return {s for w in words for s in (w, w.upper(), w.capitalize(), "FatJet" if w == "fatjet" else w)}


def make_id(owner: str, variable: str) -> str:
    """A short id for a cut: the owner and the names in its variable."""
    words = _NOT_IDENTIFIER.sub("_", variable.replace(f"{owner}.", "")).strip("_")
    return f"{owner}_{words[:40].rstrip('_') or 'cut'}"
