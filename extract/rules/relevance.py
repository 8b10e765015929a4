"""What is said of numbers that select nothing: efficiencies, resolutions, simulation, training, expectations."""

import re
from collections.abc import Sequence

from extract.rules.clauses import Clause, Doing
from extract.rules.statements import Statement
from extract.rules.tokens import Token

_OTHER_MATTER = re.compile(
    r"efficienc|resolution|uncertaint|calibrat|simulat|\bgenerat(?:ed|or)|mis-?identif\w+ (?:rate|prob)|fake rate|"
    r"rejection (?:factor|power)|scale factor|(?<!high-)(?<!low-)(?<!high )(?<!low )purit(?:y|ies)|"
    r"acceptance(?! (?:is|of) (?:\||$))|"
    r"\btrain(?:ed|ing|s)?\b|correction|reweight|expected|"
    r"predict|cross[- ]section|luminosity|\blimits?\b|exclud\w+ at|sensitivit|dominat|contribut|measured (?:in|"
    r"with|using|as)|"
    r"compared (?:to|with)|performance|covers?\b|coverage|extends?\b|provid|corresponds? to(?!\s*$)|improve|"
    r"better|worse|"
    r"approximately|"
    r"average|typical|probability|systematic|yields?\b|granularity|segment(?:ed|ation)|instrumented|parametri|"
    r"modelled|validated|\bdependen(?:ce|cy|t)\b",
    re.IGNORECASE,
)
# "b-tagged jets at the 85% efficiency working point" speaks of a working point, not of performance.
_WORKING_POINT = re.compile(
    r"\d+% (?:\S+ ){0,3}?efficienc\w*(?: (?:working|operating) points?)?|efficiency (?:working|operating) point", re.I
)
_CONSEQUENCE = re.compile(
    r"\b(?:resulting|leading to|results? in|giving|yielding|producing|inputs?|allow(?:s|ing)|hidden|merged?)\b", re.I
)
_SELECTS = re.compile(
    r"select|retain|kept|keep|accept|consider|categori|classif|divid|split|separat|restrict|us(?:ed|e)\b", re.I
)
_REGION = re.compile(r"\b(?:region|sideband|categor|preselect|normali[sz]|signal|control|validation|SR|CR|VR)\w*", re.I)
# Quantities that a classifier or a fit takes in.
_INPUTS = re.compile(
    r"\b(?:variables? used|input variables?|used to help|used (?:as inputs?|in (?:the )?(?:BDT|NN|DNN|MVA|"
    r"training|classification))|"
    r"(?:BDT|NN|network|classifier)s? (?:include|use|take)s?|to (?:help )?discriminate|sensitive variables?)\b",
    re.IGNORECASE,
)  # fmt: skip
# Bins of a fit, and what was tried and given up.
_BINNED = re.compile(r"\bbins\b.*\bfit(?:s|ted)?\b|\bfit(?:s|ted)?\b.*\bbins\b|\bbin (?:edges|boundaries)", re.I)
_GIVEN_UP = re.compile(
    r"\b(?:was|were|is|are|been) (?:also )?(?:studied|tested|tried|investigated|considered)\b.{0,40}"
    r"\b(?:but|although|however)\b.{0,40}\b(?:not|no|dropped|abandoned)\b", re.IGNORECASE | re.DOTALL,
)  # fmt: skip
# "…, where top quarks dominate, …" is said of the place, not of the requirement.
_ASIDE = re.compile(r", (?:where|which|whose)\b[^,;.]*(?=[,;.])", re.IGNORECASE)
_ASKS = ("require", "reject")
_TRAINED = re.compile(r"\btrain(?:ed|ing|s)\b|\bsimulated\b.{0,40}\bgenerated\b", re.IGNORECASE)


def is_about_something_else(
    statement: Statement, doing: Doing, clause: Clause, tokens: Sequence[Token], masked: str, text: str
) -> bool:
    """Whether the words around say something of performance or modelling, with no verb of requirement in between."""
    if doing in ("lead", "condition", "nothing"):
        return False
    if statement.is_count and not _is_asked(statement, clause, tokens, masked):
        return True
    asked = [v for v in clause.verbs if v < statement.first and tokens[v].kind in _ASKS]
    purpose = masked[clause.first] == "T" or tokens[clause.first].text.lower().startswith("in order")
    begin = tokens[clause.lead if purpose and clause.lead < clause.last else clause.first].start
    here = tokens[statement.begin].start
    since = tokens[asked[-1]].end if asked else begin
    if _INPUTS.search(text[begin : tokens[clause.last - 1].end]):
        return True
    if _GIVEN_UP.search(text[begin:]) or (not asked and _BINNED.search(text[begin : tokens[clause.last - 1].end])):
        return True
    if _CONSEQUENCE.search(text[since:here]):
        return True
    if _TRAINED.search(text[begin : tokens[clause.last - 1].end]):
        return True
    if _OTHER_MATTER.search(_ASIDE.sub("", _WORKING_POINT.sub("", text[since:here]))):
        return True
    if asked or doing == "veto":
        return False
    verbs = [v for v in clause.verbs if v >= statement.first]
    if verbs and tokens[verbs[0]].kind in _ASKS:
        return False
    rest = text[tokens[statement.last - 1].end : tokens[clause.last - 1].end]
    selected = any(tokens[v].kind == "select" for v in clause.verbs)
    return not selected and _OTHER_MATTER.search(_WORKING_POINT.sub("", rest)) is not None


def _is_asked(statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str) -> bool:
    """Whether a plain number of objects ("two jets") is asked for, and not only mentioned."""
    before = masked[clause.first : statement.first]
    following = masked[statement.last : clause.last]
    if re.match(r"[wq]*H[dwaKqnV]*s", following) and tokens[statement.last].text.lower() in ("has", "have"):
        return False  # "at least one photon has |η| > 0.8": a quantifier
    if statement.bounds[0].operator not in ("==", "in") or statement.alternatives:
        return True
    if tokens[statement.first].text.lower() in ("exactly", "precisely"):
        return True
    if any(tokens[v].kind in ("require", "reject") or _SELECTS.search(tokens[v].text) for v in clause.verbs):
        return True
    if re.search(r"O[wqPdaO]*H[wadKq]*$|(?:O|p)H[^MSJF]*[AX,][wdaKq]*$", before) and "event" in _texts(
        clause, statement, tokens
    ):
        return True
    if re.search(r"H$", before) and re.match(
        r"contain|has|have|requir|compris|consist|feature", tokens[statement.first - 1].text, re.I
    ):
        return True
    return not clause.verbs and re.fullmatch(r"[,wKa]{0,2}|.*s[,A]*H?", before) is not None  # an item of a list


def _texts(clause: Clause, statement: Statement, tokens: Sequence[Token]) -> str:
    return " ".join(t.text.lower() for t in tokens[clause.first : statement.first])


def is_asked_anywhere(text: str, kinds: Sequence[str]) -> bool:
    """Whether a sentence of a section that is not about selection asks for something all the same."""
    if "require" in kinds or "reject" in kinds:
        return True
    return "select" in kinds and _REGION.search(text) is not None and _OTHER_MATTER.search(_ASIDE.sub("", text)) is None
