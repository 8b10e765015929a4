"""Which quantity a numeric statement bounds.

A comparison names its quantity in front ("transverse momentum p_T of the jet is required to be above 20 GeV"), rarely
behind; a statement that continues a list takes the quantity of the one before it. Shares ("16% of the lepton p_T",
"0.35 times m_γγ", "m_γγ/3") are put on the statement too.
"""

import re
from collections.abc import Sequence

from extract.rules.settling import (
    DIVIDED,
    find_divisor,
    fits,
    read_distance,
    read_nearness,
    read_share,
    resolve,
    set_cone,
    settle,
)
from extract.rules.statements import Statement
from extract.rules.tokens import Token
from extract.rules.variables import Quantity

_PHRASE = r"[oPB][dwaKqoW]*(?:O|V(?=[AX,]|$|M))(?:\(O\))?(?:(?:,?A|,|X)[dwaKq]*(?:O|V|(?<=w)(?=[bM])))*"
_CONE = r"P[dwao]*V*s+(?:[Po][dw]*[Op](?:X[dw]*O)?)?"
_BRACKET = r"\([^()NRCs]*\)"
_NAMED = re.compile(
    rf"(V+)(?:{_CONE}|o[dwaKq]{{1,4}}|HwT[dwaKq]*O?|HV*s+|{_PHRASE}|{_BRACKET}|\)|O?[MHS]|~+|[wdaqPbnGLCE:T]|"
    rf"o(?=[GC]|$)|,(?=(?:[wdL]|M|C)*$)|,?A?M|I?O(?=[bM]|$)){{0,9}}$"
)
_SEVERAL = re.compile(r"V+(?:\(V\))?(?:(?:,A|[AX,])V+(?:\(V\))?)+$|V\(V\)$")
_ADJUSTED = re.compile(
    r"\b(?:range|window|interval|requirement|criterion|limit|cut|condition|value)s? "
    r"(?:is|are|was|were) (?:\w+ )?(?:extended|widened|narrowed|restricted|tightened|loosened|relaxed|changed) to$"
)
# "D_ζ = p_ζ - 0.85 p_ζ^{vis} has to be larger than": the symbol on the left is the name.
_EQUATED = re.compile(r"(?<=V)R[wVNUDxd()o,]*V?[wN()]*(?=[bM]*$)")
_WITHIN = 7
_APPOSITION = re.compile(
    r",w?[FL][^,;Mc]*(?:,[^,;Mc]*)?,(?=w?[Mb]|$)|(?<=V),Vo[^,;MSJFs]*,(?=w?[MHb])|,w{1,3},(?=[Mb])"
)


def name_statements(statements: Sequence[Statement], tokens: list[Token], letters: str) -> list[Statement]:
    """The statements with their quantities; those whose quantity is not found, or does not fit the unit, are
    left out.
    """
    masked = mask(statements, letters)
    named: list[Statement] = []
    statements = _share_units(statements, letters)
    for statement in statements:
        if statement.is_count:
            named.append(statement)
            continue
        complete = _complete(statement, named, tokens, letters, masked)
        if complete is not None and complete.quantities:
            named.append(complete)
    return _join_respective(named, letters)


def _join_respective(statements: list[Statement], letters: str) -> list[Statement]:
    """ "p_T > 60 GeV and p_T > 45 GeV, respectively" is one list."""
    joined: list[Statement] = []
    for statement in statements:
        last = joined[-1] if joined else None
        same = (
            last is not None
            and not last.is_count
            and not statement.is_count
            and [q.variable for q in last.quantities] == [q.variable for q in statement.quantities]
            and re.fullmatch(r"[AV,]{1,3}", letters[last.last : statement.first]) is not None
            and (
                _descends(last, statement, letters)
                or re.match(
                    r"(?<=Q)|(?:[I][dwaK]*O(?:AO)*)?,?Q|(?:,?AV[RC]NU?),?Q",
                    letters[statement.last - 1 :][letters[statement.last - 1] != "Q" :],
                )
            )
        )
        if last is not None and same:
            joined[-1] = last._replace(last=statement.last, bounds=last.bounds + statement.bounds)
        else:
            joined.append(statement)
    return joined


def _descends(last: Statement, statement: Statement, letters: str) -> bool:
    """ "two jets with p_T > 450 GeV and p_T > 250 GeV": one threshold for each."""
    low, high = statement.bounds[0].value, last.bounds[-1].value
    if not isinstance(low, float) or not isinstance(high, float) or "W" not in letters[: last.first]:
        return False
    same = last.bounds[-1].operator == statement.bounds[0].operator in (">", ">=")
    momentum = last.quantities[-1].variable in ("pt", "et")
    return same and momentum and low < high and not re.match(r"[IPG]", letters[statement.last :])


def _share_units(statements: Sequence[Statement], letters: str) -> list[Statement]:
    """ "300–500, 500–800 and > 800 GeV": the unit stands once, at the end."""
    shared = list(statements)
    for i in range(len(shared) - 2, -1, -1):
        here, after = shared[i], shared[i + 1]
        unit = after.bounds[-1].unit
        joined = re.fullmatch(r"(?:,A|,X|[AX,])", letters[here.last : after.first]) is not None
        if joined and unit and not (here.is_count or after.is_count) and all(b.unit is None for b in here.bounds):
            shared[i] = here._replace(bounds=tuple(b._replace(unit=unit) for b in here.bounds))
    return shared


def mask(statements: Sequence[Statement], letters: str) -> str:
    """The spelled sentence with every statement written as `s`."""
    masked = list(letters)
    for s in statements:
        masked[s.first : s.last] = "s" * (s.last - s.first)
    return "".join(masked)


def _complete(
    statement: Statement, before: list[Statement], tokens: list[Token], letters: str, masked: str
) -> Statement | None:
    if statement.again:
        return _repeat(statement, before)
    places = () if statement.quantities else find_names(statement.first, tokens, masked)
    if not statement.quantities and not places:
        places = find_names_behind(statement, tokens, masked)
    quantities = statement.quantities or tuple(q for i in places if (q := tokens[i].quantity))
    if not quantities and tokens[statement.first].text.lower().startswith("threshold") and statement.bounds[-1].unit:
        quantities = (Quantity("pt", (), False, "threshold"),)
    begin = min([statement.first, *places])
    inside = any(t.text.lower().startswith("within") for t in tokens[max(begin - 3, 0) : statement.first]) or (
        bool(before) and letters[before[-1].first] == "o" and statement.first - before[-1].last < _WITHIN
    )
    if (
        letters[statement.first] == "o" and tokens[statement.bounds[0].at].kind == "number"
    ):  # "within a distance of 0.2 cm", "a radius parameter of 0.4"
        operator = statement.bounds[0].operator
        limited = operator in (">=", "<=")
        if not quantities or not (limited or inside or quantities[-1].variable in ("radius", "deltaR")):
            return None
        bounds = tuple(
            b._replace(operator=operator if limited or quantities[-1].variable == "radius" else "<")
            for b in statement.bounds
        )
        statement = statement._replace(bounds=bounds)
    statement = read_share(statement, tokens, letters)
    plain = statement.bounds[-1].unit in (None, "%") and statement.share_of is None
    if plain and quantities and quantities[-1].variable != "isolation":
        statement = statement._replace(share_of=find_divisor(begin, statement.first, tokens))
    if not quantities and (carried := _carry(statement, before, tokens, letters)):
        quantities = carried.quantities
    near = read_nearness(statement, quantities, tokens)
    quantities = tuple(near or read_distance(resolve(q, begin, tokens), statement, tokens) for q in quantities)
    statement = statement._replace(named=tuple(places), quantities=quantities)
    if (
        statement.alternatives
        and quantities
        and quantities[-1].variable == "n"
        and statement.bounds[0].operator == "=="
    ):
        values = tuple(b.value for b in statement.bounds if isinstance(b.value, float))
        statement = statement._replace(
            bounds=(statement.bounds[0]._replace(operator="in", value=values),), alternatives=False
        )
    if tokens[statement.bounds[0].at].kind == "count":  # "at least one" counts, it does not bound what was named before
        quantities = tuple(q for q in quantities if q.variable in ("n", "charge"))
    after = tokens[statement.last].text if statement.last < len(tokens) else ""
    if after in ("+", "×"):
        return None  # "2.45 GeV + 0.022 × E_T" is no number
    fitting = tuple(settle(q, statement) for q in quantities if fits(q, statement))
    return set_cone(statement._replace(quantities=fitting), tokens, letters) if fitting else None


def find_names_behind(statement: Statement, tokens: list[Token], masked: str) -> tuple[int, ...]:
    """ "a lower bound of 600 GeV is placed on m_jj": the quantity behind the number."""
    found = re.match(r"(?:[wbF]|M){0,3}[PI]?[dwaK]*O?(?P<v>V+)(?![RC])", masked[statement.last :])
    if found is None or tokens[statement.first].kind not in ("compare", "relation"):
        return ()
    words = " ".join(t.text.lower() for t in tokens[statement.last : statement.last + found.start("v")])
    if not re.search(r"\b(?:on|for|in|to)\b", words):
        return ()
    return (statement.last + found.end("v") - 1,)


def find_names(first: int, tokens: list[Token], masked: str) -> tuple[int, ...]:
    """The tokens that name the quantities of a comparison that starts at `first`; empty when none is named."""
    computed = re.match(r"[dwaK]{0,3}(V+)(?:o[dw]*O)?[wb]*F[^MSJ;c]*,A[wn]?M$", masked[:first])
    if computed:  # "The mass of the B^+ is computed with …, and is required to lie within": of the subject
        return (computed.end(1) - 1,)
    masked = _EQUATED.sub(lambda m: "~" * len(m.group()), masked[:first]) + masked[first:]
    beside = re.search(r"V+(?:\(V+\))?$", masked[:first])
    masked = blank_appositions(blank_divisors(masked, tokens, first), first)
    apposed = re.search(r",(V+),(?:M|[bw])*$", masked[:first])
    if apposed:
        return (apposed.end(1) - 1,)
    found = _NAMED.search(masked[:first], beside.start() if beside and tokens[first].kind == "relation" else 0)
    if found is None:
        return ()
    low, high = found.span(1)
    bracket = re.match(r"\(V+\)", masked[high:first])
    several = _SEVERAL.search(masked[: high + (bracket.end() if bracket else 0)])
    if several and _differ(several, tokens):
        spans = [g.span() for g in re.finditer(r"V+", masked[several.start() : several.end()])]
        return tuple(
            max(range(several.start() + a, several.start() + b), key=lambda i: _rank(tokens[i].quantity))
            for a, b in spans
        )
    if bracket:
        low, high = high + 1, high + bracket.end() - 1
    # of "pseudorapidity |η|" the symbol is the name, unless only the words say something known
    return (max(range(low, high), key=lambda i: (_rank(tokens[i].quantity), i)),)


def blank_divisors(masked: str, tokens: list[Token], until: int) -> str:
    """The spelling with ", divided by the lepton p_T," written as `~`."""
    for i in range(1, until - 1):
        found = re.match(r"w[PT][dw]*O?V,?", masked[i:until]) if tokens[i].text.lower() in DIVIDED else None
        if found:
            first = i - 1 if masked[i - 1] == "," else i
            return masked[:first] + "~" * (i + found.end() - first) + masked[i + found.end() :]
    return masked


def blank_appositions(masked: str, until: int) -> str:
    """The spelling with ", defined as …," in front of the verb written as `~`, so that the verb finds its quantity."""
    return _APPOSITION.sub(lambda m: "~" * len(m.group()), masked[:until]) + masked[until:]


def _differ(several: re.Match[str], tokens: list[Token]) -> bool:
    """Whether a list names more than one quantity; "the invariant mass (m_ℓℓ)" names one."""
    groups = [g.span() for g in re.finditer(r"V+", several.group())]
    best = [max(range(a, b), key=lambda i: _rank(tokens[several.start() + i].quantity)) for a, b in groups]
    names = [q.variable for i in best if (q := tokens[several.start() + i].quantity)]
    spelled = [re.search(r"[_^|]|^[ηφ]$", tokens[several.start() + i].text) is not None for i in best]
    if len(set(spelled)) > 1:
        return False  # "loose isolation and E_T > 27 GeV"
    related = {"impact": ("d0", "z0", "dz", "z0_sintheta", "d0_sig")}
    plain = len(set(names)) == len(names) > 1
    if "(" in several.group():
        return plain and all(n in related["impact"] for n in names) and names[0] != "z0"
    return plain


def _rank(quantity: Quantity | None) -> int:
    if quantity is None:
        return 0
    if quantity.variable.startswith("other:"):
        return 2 if re.search(r"[_^|]", quantity.text) else 1
    return 3 if any(n.subject for n in quantity.subjects) else 2


def _repeat(statement: Statement, before: list[Statement]) -> Statement | None:
    """ "… and 15 GeV for muons": quantity and operator of the statement in front, when the units agree."""
    unit = statement.bounds[0].unit
    last = next((s for s in reversed(before[-3:]) if not s.is_count and s.bounds[-1].unit == unit), None)
    if last is None or last.bounds[-1].operator in ("between", "outside", "in"):
        return None
    bounds = tuple(b._replace(operator=last.bounds[-1].operator) for b in statement.bounds)
    return statement._replace(bounds=bounds, quantities=last.quantities)


def is_adjusted(first: int, tokens: Sequence[Token]) -> bool:
    """Whether the statement at token `first` changes a range that was stated before: "the range is extended to"."""
    return _ADJUSTED.search(" ".join(t.text for t in tokens[max(first - _WITHIN, 0) : first])) is not None


def _carry(statement: Statement, before: list[Statement], tokens: list[Token], letters: str) -> Statement | None:
    """The statement whose quantity this one continues: "below 60 GeV, between 60 and 120 GeV and above 120 GeV"."""
    if not before or before[-1].is_count:
        return None
    between = re.sub(r"\([^()]*\)", "", letters[before[-1].last : statement.first])
    between = re.sub(r"I[dwaKq]*O,?", "", between)
    if re.search(r";I?pb?$", between):
        return before[-1]  # "if it is below 0.2, …; if it is between 0.2 and 0.4, …"
    if is_adjusted(statement.first, tokens):
        return before[-1]  # "…; for the mode with a photon the range is extended to 1.83–1.89 GeV"
    if re.search(r"[;cMSJFO]", between) or len(between) > _WITHIN:
        return None
    return before[-1]
