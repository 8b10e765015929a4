"""How papers say that a definition stands elsewhere, and what else they cite works for."""

import re
from typing import Literal, NamedTuple

Topic = Literal["selection", "building", "other"]


class Word(NamedTuple):
    """A word that tells what a clause is about, and where it stands."""

    topic: Topic
    start: int
    end: int
    text: str


_PARTICIPLE = (
    r"described|defined|detailed|outlined|given|documented|specified|discussed|reported|explained|presented"
    r"|introduced"
    r"|listed|summari[sz]ed|used|employed|developed|adopted|applied|established|stated|set out|laid out|published"
    r"|provided|quoted|proposed|recommended|performed|found|available|contained|chosen|derived|set|laid down"
)
_EXTENT = (
    r"(?: (?:in (?:more |further |full |great |greater |some )?detail|in depth|at length|previously|elsewhere|fully"
    r"|there|earlier|comprehensively|extensively|originally|already))*"
)
_WORK = (
    r"(?:(?:the|our|an?|its|this|that|those|these|all|other|most|of) )*(?:[\w√-]+ (?:of |in |for |with |and "
    r"|to )?(?:the )?){0,14}?"
    r"(?:analys[ei]s|publications?|measurements?|search(?:es)?|papers?|works?|stud(?:y|ies)|articles?|notes?|results?"
    r"|channel|dataset|data ?set|collaboration|experiments?|letter|report|review|recommendations)"
)
_THAT = (
    r"(?:(?:the )?(?:ones?|selections?|criteria|requirements?|method|procedure|strategy)|those|that|what (?:is|was))"
)
# "the same criteria as those used in", "similar to the one described in"
_LIKE = rf"(?: {_THAT})?(?: (?:is|are|was|were))?(?: (?:{_PARTICIPLE}))?{_EXTENT}(?: (?:in|of|by|for|at|from))?"
_RECIPE = (
    r"(?:criteri(?:a|on)|requirements?|selections?|definitions?|working[- ]points?|procedures?|strateg(?:y|ies)"
    r"|recommendations?|prescriptions?|cuts?|approach)"
)
_SIMILAR = (
    r"similar(?:ly)?(?: [\w-]+){0,4}? (?:to|as)|analogous(?:ly)? to|in analogy (?:to|with)|resembl\w+|inspired by"
    r"|motivated by|along the lines of|in the spirit of|comparable (?:to|with)|adapted from|(?:modified|updated"
    r"|extended"
    r"|simplified|optimi[sz]ed|improved) (?:with respect to|versions? of|from)|variants? of|(?:closely|largely"
    r"|mostly|broadly"
    r"|partly|loosely|essentially) (?:follow\w*|the same as|identical to|as)|follow\w* (?:closely|largely)|close to"
    r"|(?:largely |mostly |loosely |partly )?based (?:up)?on(?= (?:that|those|the (?:ones?|method|selection|criteria"
    r"|procedure|strategy|analys|previous|approach|earlier|requirements)|Refs?\b|earlier|previous|what)|$)"
    r"|(?:much )?like (?:in|that|those|the ones?)|derived from|extends?|builds? (?:up)?on"
)
_SAME = (
    r"same(?: [\w-]+){0,6}? (?:as|like)|identical (?:to|with)|equivalent to|identically to|(?:just |exactly )?as"
    r"|following|follow(?:s|ed)?(?: (?:exactly|strictly))?|according to|in accordance with|in line with|taken from"
    r"|adopt(?:ed|ing|s)?(?: from)?|as per|in agreement with|consistent with|per"
)
_AT_REFERENCE = r"(?:,? ?\(?(?:see )?(?:Refs?\.?|[Rr]eferences?|the work of))? ?[(\[]?$"
_PLACE = r"(?: (?:Secs?\.?|Sections?|Chapters?|Appendix|Tables?|Figs?\.?) ?[\w.]+(?: and [\w.]+)? (?:of|in))?"

_LIKENESS = re.compile(rf"\b(?:{_SIMILAR}){_LIKE}(?: {_WORK})?{_PLACE}{_AT_REFERENCE}", re.I)
_SAMENESS = re.compile(rf"\b(?:{_SAME}){_LIKE}(?: {_WORK})?{_PLACE}{_AT_REFERENCE}", re.I)
_TELLING = re.compile(
    rf"\b(?:(?:{_PARTICIPLE}){_EXTENT} (?:in|by|at)|(?:described|defined|discussed|detailed|documented"
    rf"|explained) elsewhere"
    rf"|{_RECIPE} (?:of|from|in)|see(?: also| for (?:example|instance|details))?|refer(?:red)? to|cf\.)"
    rf"(?: {_WORK})?{_PLACE}{_AT_REFERENCE}",
    re.I,
)
_FOR_DETAILS = re.compile(
    r"^\W{0,3}for (?:more |further |full |the |a |an )*(?:\w+ )?(?:details?|descriptions?|definitions?|explanation|list"
    r"|discussion)",
    re.I,
)
_RESERVED = re.compile(
    rf"\b(?:{_SIMILAR})|\b(?:with|apart from|except for) (?:\w+ ){{0,3}}(?:modifications?|changes|differences"
    rf"|exceptions?)",
    re.I,
)
_LOOSELY = re.compile(
    r"\b(?:similar(?:ly)?|closely|largely|mostly|broadly|loosely|partly|analogous\w*|resembl\w+) ?$", re.I
)

# What a clause is about. The first alternatives are compounds that only look like a selection.
_OTHER = (
    r"data[- ]quality(?: \w+)?|(?:trigger|selection|identification|isolation|reconstruction|tagging|signal"
    r"|event) (?:and \w+ )?"
    r"(?:efficienc\w+|scale factors?|performance|uncertaint\w+)|background (?:functions?|estimat\w+|templates?"
    r"|shapes?|model\w*)"
    r"|calibrat\w*|correct(?:ed|ions?)|scale factors?|(?:energy|momentum|jet|mass) scale|resolutions?|efficienc\w+"
    r"|performance"
    r"|(?<!number of )measurements?(?! (?:from|in|of) the (?:\w+ ){0,2}(?:tracker|detector|calorimeter|system"
    r"|chambers?))|simulat\w*|generat(?:ed|ors?|ion)|Monte Carlo|\bMC\b|modell?(?:ed|ing|s)?\b|parton\w*"
    r"|shower\w*|cross[- ]sections?|luminosit\w+|detector|uncertaint\w+|systematic\w*|statistical"
    r"|(?:profile )?likelihood "
    r"(?:fit|ratio|function)|\bfit(?:s|ted|ting)?\b|limits?\b|algorithms?|packages?|librar(?:y|ies)|toolkits?"
    r"|software"
    r"|frameworks?|programs?|(?:boosted )?decision trees?|neural[- ]networks?|train(?:ed|ing)|clustering|triggers?\b"
    r"|compar(?:ed|isons?)|relative to|sensitiv\w+|improve\w*|(?:signal )?yields?|(?:fake"
    r"|misidentification)[- ]?(?:rates?|factors?)"
    r"|tun(?:e|es|ed)\b|normali[sz]\w+|reweight\w*|branching|theor\w+|predict\w*|mass of the|parametri[sz]\w+"
    r"|energy (?:response|loss\w*)|average|observed|evidence|excess|discover\w+|multivariate analysis|unfold\w*"
)
_SELECTION = (
    r"isolation(?! (?:and lifetime|information|variables?))|isolated(?! (?:noise|electrons?|muons?|leptons?"
    r"|photons?|tracks?|taus?"
    r"|patterns?))|non-isolated|identification|identified (?:with|using|by|if|as|through)|\bID\b(?! tracks?)"
    r"|criteri(?:a|on)"
    r"|requirements?|selections?\b|select(?! (?:the )?background)|preselection|working[- ]points?|\bWPs?\b"
    r"|operating[- ]points?"
    r"|\b(?:loose|medium|tight)(?:ly)?\b|quality|definitions?|\bdefined\b|cuts?\b|overlap removal|vet(?:o|oes|oed)\b"
    r"|discriminants?|discriminators?|[bc]-tagg(?:ed|ing)|object (?:definition|selection)|strateg(?:y|ies)"
    r"|categori[sz]ation"
    r"|required|must|fiducial"
)
_BUILDING = (
    r"reconstructed|reconstruction|built|constructed|computed|calculated|accounted for|recovered|determined|treated"
    r"|handled"
)
_ABOUT = re.compile(rf"(?P<other>{_OTHER})|(?P<selection>{_SELECTION})|(?P<building>{_BUILDING})", re.I)


class Phrase(NamedTuple):
    """Words in front of a mark that leave something to the cited work; they start at `start`."""

    start: int
    similar: bool


def find_phrase(before: str, behind: str) -> Phrase | None:
    """The phrase at the end of the text in front of a mark that says "it is told there"; None for a bare citation."""
    window = max(0, len(before) - 260)
    text = before[window:]
    if found := _LIKENESS.search(text):
        return Phrase(window + found.start(), True)
    found = _find_last(_SAMENESS, text) or _find_last(_TELLING, text)
    if found:
        near = text[max(0, found.start() - 70) : found.end()]
        similar = _LOOSELY.search(text[: found.start()]) is not None or _RESERVED.search(near) is not None
        similar = similar or _RESERVED.match(behind.lstrip(" ,)")[:60]) is not None
        return Phrase(window + found.start(), similar)
    if _FOR_DETAILS.match(behind):
        return Phrase(len(before), False)
    return None


def _find_last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match at the end of the text that starts last: "the selection described in", not "used in … described in"."""
    best: re.Match[str] | None = None
    at = 0
    while found := pattern.search(text, at):
        best, at = found, found.start() + 1
    return best


def list_words(text: str) -> list[Word]:
    """The words of a text that tell what it is about, from left to right."""
    return [
        Word("other" if m["other"] else "selection" if m["selection"] else "building", m.start(), m.end(), m.group())
        for m in _ABOUT.finditer(text)
    ]
