"""What neighbouring tokens make together: ranks and nouns, nouns that only qualify, numbers of objects, repeated
words.
"""

import re

from extract.rules.lexemes import Token
from extract.rules.subjects import Noun
from extract.rules.variables import Quantity

# Behind a noun these make it an adjective: "the muon channel", "jet multiplicity".
_HEADS = re.compile(
    r"(?:channel|categor|region|trigger|selection|identification|reconstruction|algorithm|efficien|resolution|"
    r"background|production|"
    r"multiplicit|spectrometer|detector|system$|systems$|candidate events|final|decay|energy scale|"
    r"energy resolution|sample|simulation|"
    r"calibration|topolog|yield|chamber|scale|kinematics|collection|definition|requirement|criteria|rate|quality|"
    r"weight|bin|track"
    r"|four-momenta|four-vector|state|collision|response|shower|fake|vertex|vertices|finding|counting|"
    r"substructure|veto|spectrum|type)",
    re.IGNORECASE,
)
_DETERMINED = ("count", "number")


def merge(tokens: list[Token]) -> list[Token]:
    """Ranks join their noun; articles that do not stand before a number go; `cone` of words stays as read."""
    merged: list[Token] = []
    for i, token in enumerate(tokens):
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.kind == "quantity" and _is_partner(token, tokens[i - 1] if i else None, after):
            token = token._replace(kind="noun", noun=Noun("met", (), token.text))
        if (
            token.text.lower() == "but"
            and after is not None
            and after.kind == "compare"
            and merged
            and merged[-1].kind in ("unit", "number")
        ):
            merged.append(token._replace(kind="and"))  # "above 1 mm but below 300 mm"
            continue
        if token.kind == "define" and merged and merged[-1].kind == "quantity" and not _FINITE.match(token.text):
            merged.append(token._replace(kind="preposition"))  # "the mass computed with the pion hypothesis"
            continue
        if token.kind == "definite" and (after is None or after.kind not in _DETERMINED):
            continue
        counted = bool(merged) and merged[-1].kind == "count" and "-" in merged[-1].text
        named = after is not None and (
            after.kind == "part" or (after.kind == "word" and _HEADS.match(after.text) is not None)
        )
        apposed = (
            token.noun is not None
            and token.noun.subject == "other:candidate"
            and after is not None
            and after.kind == "noun"
        )
        if apposed and token.text.lower() == "candidate":
            continue  # "candidate jets"
        if token.kind == "noun" and _count_number_of(merged, token):
            continue
        if token.kind == "count" and token.text.lower() == "one" and merged and merged[-1].kind == "rank":
            _refer(merged, token, merged.pop().ranks)
            continue
        if (
            token.kind == "any"
            and token.text.lower() == "other"
            and after is not None
            and (after.kind in ("quantity", "require") or after.text.lower() in ("one", "ones"))
        ):
            _refer(merged, token, (2,))
            continue
        if token.text.lower() in ("one", "ones") and merged and merged[-1].text.lower() == "other":
            continue
        if token.text.lower() == "others" and after is not None and after.kind in ("quantity", "require", "have"):
            _refer(merged, token, ())
            continue
        if token.kind == "quantity" and _take_superlative(merged):
            continue
        if token.kind == "quantity" and _take_significance(merged, token):
            continue
        if token.kind == "quantity" and _add_up(merged, token):
            continue
        if token.kind == "noun" and token.noun and after is not None and after.text.lower().startswith("multiplicit"):
            merged.append(Token("quantity", token.text, token.start, token.end, quantity=_count_of(token.noun)))
            continue
        if (
            token.kind == "word"
            and token.text.lower().startswith("multiplicit")
            and merged
            and merged[-1].kind == "quantity"
        ):
            continue
        further = tokens[i + 2] if i + 2 < len(tokens) else None
        if token.kind == "rank" and _is_dangling(merged, after, further):
            _refer(merged, token, token.ranks)
            continue
        if token.kind == "rank" and _take_rank(merged, token, after):
            continue
        if token.kind == "noun" and named and not counted:
            merged.append(token._replace(kind="word"))
        elif token.kind == "noun" and token.noun:
            _put_ranks(merged, token, token.noun)
        elif token.kind == "word" and merged and merged[-1].kind == "rank" and re.fullmatch(r"pairs?", token.text):
            pair = Noun("dilepton", (), token.text)
            _put_ranks(merged, token._replace(kind="noun", noun=pair), pair)
        elif token.kind == "of" and merged and merged[-1].text.lower() in ("that", "those"):
            _repeat_quantity(merged, token)
        else:
            merged.append(token)
    return merged


def _put_ranks(merged: list[Token], token: Token, noun: Noun) -> None:
    """Give the noun the ranks in front of it: "leading", "leading and subleading", "leading (subleading)"."""
    ranks: tuple[int, ...] = ()
    start = len(merged)
    if start > 1 and merged[-1].text.lower() in _ADJECTIVES and merged[-2].kind == "rank":
        merged.pop()  # "a second loose lepton"
        start -= 1
    while start and merged[start - 1].kind in ("rank", "and", "comma", "or", "open", "close"):
        start -= 1
    while start < len(merged) and merged[start].kind != "rank":
        start += 1
    run = merged[start:]
    if any(t.kind == "close" for t in run) != any(t.kind == "open" for t in run):
        start = len(merged) - 1 if run[-1].kind == "rank" else len(merged)
        run = merged[start:]
    for rank in run:
        ranks += rank.ranks
    if run and run[-1].kind not in ("rank", "close"):
        start, ranks = len(merged), ()
    first = merged[start] if start < len(merged) else token
    if start and merged[start - 1].text.lower() in _MORE:
        noun = noun._replace(text=f"additional {noun.text}")
    del merged[start:]
    merged.append(token._replace(noun=noun._replace(ranks=ranks), start=first.start))


def _repeat_quantity(merged: list[Token], token: Token) -> None:
    """ "that of" stands for the quantity named last."""
    last = next((t for t in reversed(merged) if t.kind == "quantity"), None)
    that = merged[-1]
    if last is not None:
        merged[-1] = last._replace(text=that.text, start=that.start, end=that.end)
    merged.append(token)


def _is_partner(token: Token, before: Token | None, after: Token | None) -> bool:
    """Whether missing momentum stands for an object: "between the jets and E_T^miss", not "E_T^miss > 200 GeV"."""
    if token.quantity is None or token.quantity.variable != "met" or before is None:
        return False
    if after is not None and after.kind in ("relation", "compare", "require", "quantity", "range", "unit", "open"):
        return False
    return before.kind in ("between", "and", "or", "to") or before.text.lower() in ("from", "of")


def _count_number_of(merged: list[Token], token: Token) -> bool:
    """ "the number of tracks" is a quantity; the noun goes into it."""
    place = len(merged)
    while (
        place
        and merged[place - 1].kind in ("word", "any", "definite", "part")
        and merged[place - 1].text.lower() not in _NUMBERS
    ):
        place -= 1
    if (
        place < 2
        or merged[place - 1].kind != "of"
        or merged[place - 2].text.lower() not in _NUMBERS
        or token.noun is None
    ):
        return False
    first = merged[place - 2]
    del merged[place - 2 :]
    quantity = Quantity("n", (token.noun,), False, f"number of {token.text}")
    merged.append(Token("quantity", quantity.text, first.start, token.end, quantity=quantity))
    return True


def _count_of(noun: Noun) -> Quantity:
    return Quantity("n", (noun,), False, f"{noun.text} multiplicity")


def _take_rank(merged: list[Token], token: Token, after: Token | None) -> bool:
    """ "the jet with the highest p_T must …": the noun in front is the leading one."""
    if after is not None and after.kind in ("noun", "any", "and", "or", "comma", "count", "word", "open"):
        return False
    if len(merged) < 2 or merged[-1].kind not in ("have", "of") or merged[-2].noun is None or merged[-2].noun.ranks:
        return False
    merged.pop()
    merged[-1] = merged[-1]._replace(noun=merged[-1].noun._replace(ranks=token.ranks) if merged[-1].noun else None)
    return True


def _is_dangling(merged: list[Token], after: Token | None, further: Token | None) -> bool:
    """ "above 60 GeV for the leading and above 40 GeV for the subleading jet": a rank whose noun stands elsewhere."""
    if not merged or merged[-1].text.lower() != "for" or after is None or after.kind not in ("and", "comma"):
        return False
    return further is not None and further.kind in ("compare", "relation", "number", "quantity")


def _refer(merged: list[Token], token: Token, ranks: tuple[int, ...]) -> None:
    """ "the leading one", "the other": of several that were counted, else the noun named last, with that rank."""
    last, depth = None, 0
    for i in range(len(merged) - 1, -1, -1):
        earlier = merged[i]
        depth += {"close": 1, "open": -1}.get(earlier.kind, 0)
        if depth == 0 and earlier.noun and earlier.noun.subject != "event":
            last = last or earlier.noun
            if i and merged[i - 1].kind == "count" and (merged[i - 1].value or 0) > 1:
                last = earlier.noun
                break
    if last is None:
        merged.append(token)
    else:
        merged.append(token._replace(kind="noun", noun=last._replace(ranks=ranks), value=None))


def _take_significance(merged: list[Token], token: Token) -> bool:
    """ "d_0 significance": one quantity."""
    last = merged[-1].quantity if merged else None
    if last is None or not token.text.lower().startswith("significance") or last.variable not in _SIGNIFICANCES:
        return False
    variable = _SIGNIFICANCES[last.variable]
    text = f"{last.text} {token.text}"
    merged[-1] = merged[-1]._replace(quantity=last._replace(variable=variable, text=text), text=text, end=token.end)
    return True


def _add_up(merged: list[Token], token: Token) -> bool:
    """ "the sum of E_T^miss and m_T": one quantity."""
    if len(merged) < 4 or merged[-1].kind != "and" or merged[-3].kind != "of":
        return False
    if merged[-2].kind != "quantity" and not (merged[-2].noun and merged[-2].noun.subject == "met"):
        return False
    if merged[-4].text.lower() not in ("sum", "scalar sum") or not re.search(r"[_^]", token.text):
        return False
    first, added = merged[-4], f"{merged[-2].text} + {token.text}"
    del merged[-4:]
    merged.append(
        Token("quantity", added, first.start, token.end, quantity=Quantity(f"other:{added}", (), False, added))
    )
    return True


def _take_superlative(merged: list[Token]) -> bool:
    """ "the muon with the higher p_T" is the leading one: the words in front of the quantity become the noun's rank."""
    if len(merged) < 3 or merged[-1].text.lower() not in _SUPERLATIVES or merged[-2].kind != "have":
        return False
    noun = merged[-3].noun
    if noun is None or noun.ranks:
        return False
    rank = _SUPERLATIVES[merged[-1].text.lower()]
    del merged[-2:]
    merged[-1] = merged[-1]._replace(noun=noun._replace(ranks=(rank,)))
    return True


_SIGNIFICANCES = {"d0": "d0_sig", "met": "met_significance", "z0": "other:z0_sig", "dz": "other:z0_sig"}
_ADJECTIVES = (
    "loose",
    "tight",
    "medium",
    "isolated",
    "selected",
    "baseline",
    "signal",
    "good",
    "same-flavour",
    "preselected",
)
_FINITE = re.compile(r"(?:is|are|was|were|be|being|been)\b", re.IGNORECASE)
_MORE = ("additional", "extra", "remaining")
_NUMBERS = ("number", "numbers", "multiplicity")
_SUPERLATIVES = {"higher": 1, "highest": 1, "larger": 1, "largest": 1, "lower": 2}
