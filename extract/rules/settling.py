"""What a named quantity and its numbers make together: shares, distances of masses, cones; and which units fit."""

import re

from extract.rules.lexemes import Token
from extract.rules.statements import Statement
from extract.rules.variables import Quantity

_SHARE = re.compile(r"[xo][dwaK]{0,2}(?:O(?:\(O\))?)?[wd]?(?P<v>V)|(?P<w>V)(?!R)")
_NEAR_MASS = re.compile(r"[^.]{0,25}?\b(?P<name>Z|W|Higgs|top|J/ψ|m_\{?(?P<s>Z|W|H|t)\}?)\b[^.]{0,14}", re.IGNORECASE)
_LIKE_MASS = re.compile(
    r"(?:compatible|consistent) with (?:\w+ ){0,2}?(?P<name>Z|W|Higgs|top|J/ψ)\b(?P<s>)", re.IGNORECASE
)
_ENERGY = ("pt", "et", "energy", "p", "mass", "mt", "ht", "st", "met", "meff")
_PLAIN = ("abs_eta", "eta", "abs_rapidity", "deltaR", "abs_deltaeta", "deltaeta", "ratio_pt_mass", "d0_sig", "chi2",
          "n",
          "charge", "jvt")  # fmt: skip
_LENGTH = ("d0", "dz", "z0", "z0_sintheta")
_ENERGY_UNIT = re.compile(r"^[TGMk]?eV")
_LENGTH_UNIT = re.compile(r"^(?:μm|µm|um|microns?|mm|cm|m)$")
_NO_REQUIREMENT = re.compile(r"^(?:fb|pb|ab|ns|ps|[kM]?Hz|T|fb\^?\{?-1.*)$|b\^?\{?-")
_LARGEST_COUNT = 100
_TIME = re.compile(r"time|timing|^other:\|?Δ?[tτ](?:[_^|]|$)")
# Numbers of the event or of a classifier that have no unit.
_BARE = re.compile(r"other:.*(?:centrality|sphericity|thrust|aplanarity|score|response|output)$")


NOMINAL = "other:abs_mass_minus_m*"  # until it is known whose mass it is
DIVIDED = ("divided", "normalised", "normalized", "relative")
_DIFFERS = re.compile(r"differ\w*|away|apart|deviat\w*|separated", re.IGNORECASE)
_FROM_VALUE = re.compile(
    r"(?:of|from|around|about)\b[^.]{0,30}?\b(?:known|nominal|PDG|world[- ]average|expected|true|literature|pole)\b"
    r"|(?:of|from|around|about) \d[\d.]* [TGM]eV",
    re.IGNORECASE,
)


def read_share(statement: Statement, tokens: list[Token], letters: str) -> Statement:
    unit = statement.bounds[-1].unit
    found = _SHARE.match(letters, statement.last)
    if found is None or (unit is not None and unit != "%") or statement.share_of is not None:
        return statement
    at = found.start("v") if found.group("v") else found.start("w")
    quantity = tokens[at].quantity
    if quantity is None or quantity.variable not in _ENERGY:
        return statement
    end = found.end()
    if letters[end : end + 2] == ",Q" or letters[end : end + 1] == "Q":
        end += 2 if letters[end] == "," else 1
    return statement._replace(share_of=quantity, last=end)


def find_divisor(begin: int, first: int, tokens: list[Token]) -> Quantity | None:
    """What a sum between its name and its bound is divided by: "the sum of …, divided by the lepton p_T, must be"."""
    for i in range(begin, first - 1):
        if tokens[i].text.lower() in DIVIDED:
            behind = next((t for t in tokens[i + 1 : min(i + 5, first)] if t.quantity), None)
            return behind.quantity if behind and behind.quantity and behind.quantity.variable in _ENERGY else None
    return None


def read_distance(quantity: Quantity, statement: Statement, tokens: list[Token]) -> Quantity:
    """ "a distance of at least 4 mm from the beam line" is a length, no ΔR; the words say from what."""
    unit = statement.bounds[-1].unit
    if quantity.variable != "deltaR" or unit is None or not _LENGTH_UNIT.match(unit):
        return quantity
    words = []
    for token in tokens[statement.last : statement.last + 5]:
        if token.kind not in ("preposition", "word", "noun", "of", "to") or token.text == ".":
            break
        words.append(token.text.rstrip("."))
    return quantity._replace(variable=" ".join(["other:" + quantity.text, *words]))


def read_nearness(statement: Statement, quantities: tuple[Quantity, ...], tokens: list[Token]) -> Quantity | None:
    """ "a mass within 15 GeV of the Z boson mass": the distance of the masses."""
    near = statement.symbol == "±" or tokens[statement.first].text.lower().startswith("within")
    near = near or any(_DIFFERS.match(t.text) for t in tokens[max(statement.first - 2, 0) : statement.first])
    if not quantities or quantities[-1].variable != "mass" or not near:
        return None
    text = " ".join(t.text for t in tokens[statement.last : statement.last + 5])
    hadron = next((n for t in tokens[statement.last : statement.last + 4] if (n := t.noun)), None)
    if hadron is not None and re.search(r"\^", hadron.subject) and text.startswith(("of", "from", "around", "about")):
        return quantities[-1]._replace(variable=f"other:abs_mass_minus_m{hadron.subject.removeprefix('other:')}")
    if _FROM_VALUE.match(text) and not _NEAR_MASS.match(text):
        return quantities[-1]._replace(variable=NOMINAL)
    found = _NEAR_MASS.match(text) if text.startswith(("of", "from", "around", "about")) else None
    if found is None:
        before = " ".join(t.text for t in tokens[max(statement.first - 6, 0) : statement.first])
        found = _LIKE_MASS.search(before)
    if found is None:
        return None
    name = (found.group("s") or found.group("name")).replace("Higgs", "H").replace("top", "t")
    return quantities[-1]._replace(variable=f"other:abs_mass_minus_m{name}")


def resolve(quantity: Quantity, begin: int, tokens: list[Token]) -> Quantity:
    """ "its significance" is that of the quantity named before."""
    if quantity.variable != "other:significance":
        return quantity
    last = next((t.quantity for t in reversed(tokens[:begin]) if t.quantity and t.quantity != quantity), None)
    known = {"met": "met_significance", "d0": "d0_sig"}
    return quantity._replace(variable=known[last.variable]) if last and last.variable in known else quantity


def settle(quantity: Quantity, statement: Statement) -> Quantity:
    """The signed quantity where a window of η has no bars, and the ratio where a momentum is a share of a mass."""
    value = statement.bounds[0].value
    if quantity.variable == "abs_eta" and not quantity.absolute and isinstance(value, tuple) and "η" in quantity.text:
        return quantity._replace(variable="eta")
    if quantity.variable == "abs_eta" and not quantity.absolute and _spans_arm(value):
        return quantity._replace(variable="eta")
    share = statement.share_of
    if share is not None and share.variable == "mass" and quantity.variable in ("pt", "et"):
        return quantity._replace(variable="ratio_pt_mass")
    if (
        share is not None
        and share.variable in ("pt", "et")
        and quantity.variable in ("pt", "et", "energy", "p", "other:scalar sum")
    ):
        return quantity._replace(variable="isolation")  # a sum of momenta as a share of the lepton's
    return quantity


def _spans_arm(value: object) -> bool:
    """Whether a window is the acceptance of a detector with one arm; gaps and endcaps are narrower or nearer."""
    low, high = value if isinstance(value, tuple) and len(value) == 2 else (0.0, 0.0)
    return bool(low >= 1.5 and high - low >= 2.0)


def set_cone(statement: Statement, tokens: list[Token], letters: str) -> Statement:
    """ "in a cone of ΔR = 0.2" is inside it; "further than ΔR = 0.4" says the operator in words."""
    if statement.quantities[-1].variable != "deltaR" or any(b.operator != "==" for b in statement.bounds):
        return statement
    before = letters[max(statement.begin - 3, 0) : statement.begin]
    place = before.rfind("C")
    operator = tokens[max(statement.begin - 3, 0) + place].operator if place >= 0 else None
    if "E" in before:
        operator = ">"
    chosen = operator if operator in ("<", "<=", ">", ">=") else "<"
    bounds = tuple(b._replace(operator=chosen) for b in statement.bounds)  # type: ignore[arg-type]
    return statement._replace(bounds=bounds)


def fits(quantity: Quantity, statement: Statement) -> bool:
    """Whether number and unit can be the quantity's: momenta have energy units, distances lengths, angles none.

    An equality is a requirement only for what is chosen by its value (a radius, a charge, a count).
    """
    unit, operator = statement.bounds[-1].unit, statement.bounds[-1].operator
    variable = quantity.variable
    if unit is not None and _NO_REQUIREMENT.search(unit) and not (unit in ("ps", "ns") and _TIME.search(variable)):
        return False
    if unit not in (None, "%") and _BARE.match(variable):
        return False
    if statement.symbol == "±" and "minus" not in variable:
        return False
    if operator == "==" and variable not in ("radius", "deltaR", "n", "charge"):
        return False
    if statement.share_of is not None:
        return unit in (None, "%") and variable not in _PLAIN
    if variable in _ENERGY:
        return unit is not None and _ENERGY_UNIT.match(unit) is not None
    if variable in _LENGTH:
        return unit is not None and _LENGTH_UNIT.match(unit) is not None
    if variable == "n" and not all(_is_whole(b.value) for b in statement.bounds):
        return False
    if variable in _PLAIN:
        return unit is None or (variable == "deltaR" and unit == "rad")
    if variable == "radius":
        return operator == "==" and unit is None
    if variable == "met_significance":
        return unit is None or "GeV" in unit
    return True


def _is_whole(value: object) -> bool:
    numbers = value if isinstance(value, tuple) else (value,)
    return all(isinstance(v, float) and v.is_integer() and abs(v) <= _LARGEST_COUNT for v in numbers)
