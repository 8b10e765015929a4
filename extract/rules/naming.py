"""Which quantity a numeric statement bounds.

A comparison names its quantity in front ("transverse momentum p_T of the jet is required to be above 20 GeV"), rarely
behind; a statement that continues a list takes the quantity of the one before it. Shares ("16% of the lepton p_T",
"0.35 times m_γγ", "m_γγ/3") are put on the statement too.
"""

import re
from collections.abc import Sequence

from extract.rules.comparisons import Bound, Statement
from extract.rules.tokens import Token
from extract.rules.variables import Quantity

_PHRASE = r"[oP][dwaKq]*O(?:\(O\))?(?:(?:,?A|,|X)[dwaKq]*O)*"
_BRACKET = r"\([^()NRCs]*\)"
_NAMED = re.compile(
    rf"(V)(?:{_PHRASE}|{_BRACKET}|\)|O?[MH]|[wdaqPbnGLCE:F]|o(?=[GC]|$)|,(?=(?:[wdL]|M)*$)|,?A?M){{0,9}}$"
)
_LIST = re.compile(r"V(?:\(V\))?(?:(?:,A|[,AX])V(?:\(V\))?)+$")
_SHARE = re.compile(r"(?:x|o)[dwaK]{0,2}(?:O(?:\(O\))?)?(?P<v>V)|(?P<w>V)(?!R)")
_DIVIDED = re.compile(r"^(.*[^/])/\s*(\d+)$")
_ENERGY = ("pt", "et", "energy", "p", "mass", "mt", "ht", "st", "met", "meff")
_PLAIN = ("abs_eta", "eta", "abs_rapidity", "deltaR", "abs_deltaeta", "deltaeta", "radius", "ratio_pt_mass", "d0_sig",
          "chi2", "n", "charge")  # fmt: skip
_LENGTH = ("d0", "dz", "z0", "z0_sintheta")
_ENERGY_UNIT = re.compile(r"^[TGMk]?eV")
_LENGTH_UNIT = re.compile(r"^(?:μm|µm|um|microns?|mm|cm|m)$")


def name_statements(statements: Sequence[Statement], tokens: list[Token], letters: str) -> list[Statement]:
    """The statements with their quantities; those whose quantity is not found, or does not fit the unit, are left out."""
    masked = mask(statements, letters)
    named: list[Statement] = []
    for statement in statements:
        if statement.is_count:
            named.append(statement)
            continue
        complete = _complete(statement, named, tokens, letters, masked)
        if complete is not None and complete.quantities:
            named.append(complete)
    return named


def mask(statements: Sequence[Statement], letters: str) -> str:
    """The spelled sentence with every statement written as `s`."""
    masked = list(letters)
    for s in statements:
        masked[s.first : s.last] = "s" * (s.last - s.first)
    return "".join(masked)


def _complete(
    statement: Statement, before: list[Statement], tokens: list[Token], letters: str, masked: str
) -> Statement | None:
    places = [] if statement.quantities else find_names(statement.first, tokens, letters, masked)
    quantities = statement.quantities or tuple(q for i in places if (q := tokens[i].quantity))
    inside = any(t.text.lower().startswith("within") for t in tokens[max(statement.first - 6, 0) : statement.first])
    if letters[statement.first] == "o":  # "a distance of 0.2 cm"
        if not quantities or not (inside or quantities[-1].variable == "radius"):
            return None
        bounds = tuple(b._replace(operator="<" if inside else "==") for b in statement.bounds)
        statement = statement._replace(bounds=bounds)
    share = _find_share(statement, tokens, letters)
    if share is not None:
        statement = statement._replace(share_of=share[0], last=share[1])
    if not quantities:
        carried = _carry(statement, before, letters)
        quantities = carried.quantities if carried else ()
    first = min([statement.first, *places])
    statement = statement._replace(quantities=quantities, first=first)
    fitting = [q for q in quantities if fits(q, statement)]
    return statement._replace(quantities=tuple(fitting)) if fitting else None


def find_names(first: int, tokens: list[Token], letters: str, masked: str) -> list[int]:
    """The tokens that name the quantities of a comparison that starts at `first`; empty when none is named."""
    found = _NAMED.search(masked[:first])
    if found is None:
        return []
    at = found.start(1)
    listed = _LIST.search(masked[: at + 1])
    bracket = re.match(r"V\(V\)", masked[at:first])
    if bracket:
        at += 2
    if (
        listed
        and not bracket
        and len({q.variable for i in range(listed.start(), at + 1) if (q := tokens[i].quantity)}) > 1
    ):
        return [i for i in range(listed.start(), at + 1) if letters[i] == "V"]
    words = at
    while words and letters[words - 1] == "V":
        words -= 1
    # of "pseudorapidity |η|" the symbol is the name, unless only the words say something known
    best = max(range(words, at + 1), key=lambda i: (_rank(tokens[i].quantity), i))
    return [best]


def _rank(quantity: Quantity | None) -> int:
    if quantity is None or quantity.variable.startswith("other:"):
        return 0
    return 1


def _carry(statement: Statement, before: list[Statement], letters: str) -> Statement | None:
    """The statement whose quantity this one continues: "below 60 GeV, between 60 and 120 GeV and above 120 GeV"."""
    if not before or before[-1].is_count:
        return None
    between = letters[before[-1].last : statement.first]
    if re.search(r"[;cMSJFO]", re.sub(r"\([^()]*\)", "", between)) or len(between) > 12:
        return None
    return before[-1]


def _find_share(statement: Statement, tokens: list[Token], letters: str) -> tuple[Quantity, int] | None:
    """The quantity of which the last number is a share, and where its words end."""
    last = statement.last
    if letters[last - 1] == "Q" or letters[last - 1] == ",":
        last -= 1
    unit = statement.bounds[-1].unit
    found = _SHARE.match(letters, statement.last)
    if found is None or (unit is not None and unit != "%"):
        return None
    at = found.start("v") if found.group("v") else found.start("w")
    quantity = tokens[at].quantity
    if quantity is None or quantity.variable not in _ENERGY:
        return None
    return quantity, found.end()


def fits(quantity: Quantity, statement: Statement) -> bool:
    """Whether the unit can be the quantity's: momenta have energy units, distances lengths, angles none."""
    unit = statement.bounds[-1].unit
    variable = quantity.variable
    if statement.share_of is not None:
        return unit in (None, "%")
    if variable in _ENERGY:
        return unit is not None and _ENERGY_UNIT.match(unit) is not None
    if variable in _LENGTH:
        return unit is not None and _LENGTH_UNIT.match(unit) is not None
    if variable in _PLAIN:
        return unit is None or (variable == "deltaR" and unit == "rad")
    if variable == "met_significance":
        return unit is None or unit.startswith("GeV")
    return True


def read_divided(quantity: Quantity, bound: Bound) -> tuple[Quantity, Bound] | None:
    """`m_γγ/3` on the right of a relation: the share one third of m_γγ; nothing for other expressions."""
    found = _DIVIDED.match(quantity.text)
    if found is None or not float(found.group(2)):
        return None
    return quantity._replace(text=found.group(1)), bound._replace(value=1.0 / float(found.group(2)), unit=None)
