"""Whose number it is: twins ("electron (muon) … 5 (3)"), ranks ("20, 15 and 10 GeV"), "… for muons", counted nouns."""

import re
from functools import lru_cache
from itertools import pairwise

from extract.grounding.judgement import Reading
from extract.grounding.quantities import name_symbol
from extract.grounding.statements import PrintedNumber
from schemas.finding import Finding

_CLASSES: tuple[tuple[str, str], ...] = (
    ("subleading", r"sub-?leading|second(?:-leading)?\b|trailing"),
    ("leading", r"(?<!sub)(?<!sub-)(?<!subsub)leading|highest|hardest|\bfirst\b"),
    ("third", r"\bthird\b"),
    ("b-jet",
     r"\bb(?:-?quark)?[- ](?:tagged |labelled )?jets?|\bb[- ]tag|jets? (?:originat|arising|identified|tagged|contain)"),
    ("electron", r"(?i:electrons?)\b|(?<![\w^_])e(?=[\s,;)^]|$)|\bee\b"),
    ("muon", r"muons?\b|(?<![\w^_])μ(?=[\s,;)^]|$)|μμ"),
    ("photon", r"photons?\b|(?<![\w^_])γ(?=[\s,;)^]|$)|γγ"),
    ("tau", r"\btaus?\b(?: leptons?)?|τ(?:_\{?h\w*\}?)?(?: leptons?)?"),
    ("lepton", r"(?<!τ )(?<!tau )leptons?\b|ℓ"),
    ("jet", r"\bjets?\b"),
    ("track", r"\btracks?\b"),
    ("vertex", r"vert(?:ex|ices)"),
    ("quadruplet", r"quadruplets?\b"),
    ("hit", r"\bhits?\b"),
    ("layer", r"\blayers?\b"),
    ("station", r"\b(?:stations?|chambers?)\b"),
    ("prong", r"\bprongs?\b"),
    ("barrel", r"\bbarrel\b"),
    ("endcap", r"\bend-?caps?\b|\bforward\b"),
)  # fmt: skip
_TABLE = tuple(
    (name, re.compile(pattern, re.IGNORECASE if name not in ("electron",) else 0)) for name, pattern in _CLASSES
)
CLASSES = dict(_TABLE)
_RANKS = {"leading": 0, "subleading": 1, "third": 2, "fourth": 3}
_PAIR = re.compile(r"((?:[^\s()]+\s){0,2}[^\s()]+)\s?\((?:an?\s|the\s)?([^()\d<>=]{1,40})\)")
_FOR = re.compile(
    r"\s?(?:[kMGT]?eV|[mc]m)?\s(?:for|in the case of|(?:if|when) (?:it is|they are))\s((?:[^\s,;.()]+\s?){1,4})"
)
_ASIDE = re.compile(r"\s?(?:[kMGT]?eV|[mc]m)?\s\((?:for\s)?((?:electrons?|muons?|photons?|taus?|jets?)(?=[,)]))")
_ASIDE_OF = re.compile(r"\(|\bof\s(?:this|that|these|such)\s")
_NAMED_LIST = re.compile(r"[^\W\d][\w-]*(?:,\s[^\W\d][\w-]*){0,3},?\s(?:and|or)\s[^\W\d][\w-]*")
_NOT_OBJECTS = re.compile(
    r"\b(?:categor\w+|regions?|bins?|channels?|samples?|types?|classes|methods?|points?|steps?)\b"
)
_PHRASE_END = re.compile(
    r"[,;:.]|\b(?:with|and the|in|that|which|who|are|is|be|have|from|per|for|where|satisfying|passing|associated with"
    r"|reconstructed in)\b"
)
_CONDITION = re.compile(
    r"[\s)]*(?:[kMGT]?eV|[mc]m)?\s+(?:for|when|if|at|in the region|in the range)\s+(?:[^\s,;]+\s){0,8}?[^\s,;]*\s*"
    r"(?:[<>≤≥]|(?:below|above|(?:less|greater|smaller|larger|higher|lower)\sthan)\s)\s*"
)
_LIST = re.compile(r"\b(?:and|or|is|are|must|with)\b")
_HARDER = re.compile(
    r"\b(?:(higher|highest|larger|largest|harder|hardest)|(?:lower|lowest|smaller|smallest|softer|softest))"
    r"(?:[\s-](?:p_\{?T\}?|E_\{?T\}?|transverse\s\w+)(?![\w^])|(?<=(?:rd|ft)er)\s(?!than\b)|(?<=(?:rd|ft)est)\s)",
    re.IGNORECASE,
)
_RANKED = re.compile(r"_?\^?\{?[^\s<>=≤≥]*?(sub)?-?lead[^\s<>=≤≥]*\s*[<>=≤≥]+\s*$", re.IGNORECASE)
_LETTERS: dict[str, tuple[str, ...]] = {
    "j": ("jet",), "b": ("b-jet",), "ℓ": ("lepton",), "l": ("lepton",), "e": ("electron",), "μ": ("muon",),
    "γ": ("photon",), "τ": ("tau",),
}  # fmt: skip
_COUNTED_SYMBOL = re.compile(r"\b[Nn]_?\{?\(?([^\s{}<>=≤≥)]+)[})]*\s*[<>=≤≥]+\s*$")
_COUNTED_BEHIND = re.compile(
    r"\s(?:of (?:these|them|which) )?(?:is|are|being|must be|has to be|have to be)\s(?:an? |as )?(\S+)"
)
_OWNER = re.compile(
    r"(?:(?:associated with|originating from|from|of|in)\s(?:[^\s,;]+\s){1,5}?)?(?:candidates?\s|objects?\s|tracks?\s)?"
    r"(?:(?:is|are|must|should|have|has|needs?|satisfy|satisfies|with|having|pass|passing|require|to have|to satisfy"
    r"|fulfil|fulfill)\b|(?:of\s)?(?:p_T|E_T|\|η))"
)
_STOP = re.compile(r"[;:]\s|\.\s")
_JOINED = re.compile(r"(?:[^\s,]+,?\s){1,4}(?:(?:and|or|and/or)\s(?:\S+\s){0,2}|\([^()]*)$")
_B_HADRON = re.compile(
    r"\b(?:contain\w*|originat\w*|arising|tagged|identified)\b[^,;]*?\bb[- ](?:hadron|quark|tag|jet)"
)
_OF_EVENT = frozenset(("mt", "mt2", "met", "ht", "st", "meff", "met_significance"))
_NEW_SUBJECT = re.compile(
    r"[\s,](?:and|while|where)\s(?:(?:the|a|an)\s)?(?:\S+\s){1,4}?"
    r"(?:is|has|must|should|needs|ought|lies|exceeds|stays|remains)\s[^,;]*$"
)
_CONCRETE = frozenset(("electron", "muon", "photon", "tau", "jet", "b-jet", "lepton"))
_PARTS = {"electron": "lepton", "muon": "lepton", "b-jet": "jet"}


@lru_cache(maxsize=4096)
def classify(text: str) -> frozenset[str]:
    """The kinds of objects, ranks and detector parts that a text names."""
    return frozenset(name for name, pattern in _TABLE if pattern.search(text))


def find_stranger(finding: Finding, reading: Reading, index: int) -> str | None:
    """Why number `index` of the statement belongs to something else than the finding says; None if nothing says so."""
    number = reading.statement.numbers[index]
    return (
        _check_condition(finding, reading, index)
        or _check_twin(finding, reading, index)
        or _check_respective(finding, reading, index)
        or _check_rank(finding, reading, index)
        or _check_target(finding, reading, number)
        or _check_noun(finding, reading, index)
        or _check_owner(finding, reading, index)
    )


def find_kinds(finding: Finding) -> tuple[str, ...]:
    """The kinds of objects that the finding's own subject names; a lepton may be an electron or a muon."""
    claim = _narrow(_name_claim(finding, everything=False))
    if not claim and finding.subject.startswith("other:"):
        return (finding.subject[6:],)
    return tuple(sorted(claim | _list_parts(claim)))


def _name_claim(finding: Finding, *, everything: bool) -> frozenset[str]:
    words = [finding.subject.replace("_", " ").replace("other:", ""), finding.second_subject or ""]
    if everything:
        words += [finding.condition or "", finding.scope or "", finding.variable if ":" in finding.variable else ""]
    return classify(" ".join(words))


def _check_condition(finding: Finding, reading: Reading, index: int) -> str | None:
    """A comparison behind another number and "for" says when that number holds: "25 GeV for |η| < 2.4"."""
    number = reading.statement.numbers[index]
    text = reading.statement.text
    if index == 0 or finding.effect == "define" or number.counts:
        return None
    before = text[reading.statement.numbers[index - 1].end : number.start]
    if _CONDITION.fullmatch(before) and not _LIST.search(before) and finding.variable in number.variables:
        return f"{number.text} is a condition of {reading.statement.numbers[index - 1].text}"
    return None


def _check_twin(finding: Finding, reading: Reading, index: int) -> str | None:
    numbers, text = reading.statement.numbers, reading.statement.text
    inner = numbers[index].twin is not None
    if not inner and not any(n.twin == index for n in numbers):
        return None
    other = find_other_twin(finding, text, inner=inner, what=numbers[index].text)
    if other is not None:
        return other
    claim = _name_claim(finding, everything=True)
    pairs = [(m, classify(m[1]), classify(m[2])) for m in _PAIR.finditer(text)]
    concrete = [p for p in pairs if p[1] & _CONCRETE and p[2] & _CONCRETE]
    if concrete and claim & _CONCRETE:
        _, outside, inside = min(concrete, key=lambda p: abs(p[0].start() - numbers[index].start))
        if not claim & (outside | inside | {"lepton"}) and not (claim == {"jet"} and "b-jet" in outside | inside):
            return f"{numbers[index].text} stands for {', '.join(sorted((outside | inside) & _CONCRETE))}"
    return None


def find_other_twin(finding: Finding, text: str, *, inner: bool, what: str) -> str | None:
    """Why a value outside (or inside) parentheses is the other twin's: "electrons (muons)", and the finding's subject.

    None when nothing says so.
    """
    claim = _name_claim(finding, everything=True)
    for match in _PAIR.finditer(text):
        outside, inside = classify(match[1]), classify(match[2])
        first, second = claim & (outside - inside), claim & (inside - outside)
        named = name_symbol(match[1].split()[-1]), name_symbol(match[2].strip())
        if all(named) and not named[0] & named[1] and finding.variable in named[not inner]:
            return f"{what} is printed for the other variable"
        if (first and not second and inner) or (second and not first and not inner):
            other = sorted((inside - outside) if inner else (outside - inside))
            return f"{what} stands for the {', '.join(other) or 'other'}"
    return None


def _check_rank(finding: Finding, reading: Reading, index: int) -> str | None:
    text, start = reading.statement.text, reading.statement.numbers[index].start
    labelled = _RANKED.search(text[max(start - 40, 0) : start])
    if labelled is not None:  # "p_T^{sublead} > 10 GeV"
        wanted = "subleading" if labelled[1] else "leading"
        if wanted not in _name_claim(finding, everything=True):
            return f"{reading.statement.numbers[index].text} is printed for the {wanted} one"
    harder = _find_harder(text, start)
    other = {"leading": "subleading", "subleading": "leading"}.get(harder or "")
    if other is not None and re.search(rf"(?:^|[:\s]){other}", finding.subject):
        return f"{reading.statement.numbers[index].text} is printed for the {harder} one"
    rank = next((r for word, r in _RANKS.items() if re.search(rf"(?:^|[:\s]){word}", finding.subject)), None)
    if rank is None or finding.subject.endswith("_pair"):
        return None
    numbers = reading.statement.numbers
    number = numbers[index]
    leader = number.leader if number.leader is not None else index
    listed = [n for k, n in enumerate(numbers) if (k == leader or n.leader == leader) and n.twin is None]
    if len(listed) > 1 and all(_FOR.match(text, n.end) for n in listed):
        return None  # each says itself whose it is
    values = [n.value for n in listed]
    if len(listed) < 2 or number.twin is not None or any(a <= b for a, b in pairwise(values)):
        return None
    return None if number.position == rank else f"{number.text} is number {number.position + 1} of the list"


def _find_harder(text: str, start: int) -> str | None:
    """Which of two a number behind "the lepton with the higher p_T … the one with the lower p_T" belongs to."""
    found = list(_HARDER.finditer(text))
    if len({bool(m[1]) for m in found}) < 2:
        return None
    before = [m for m in found if m.end() <= start]
    return ("leading" if before[-1][1] else "subleading") if before else None


def _check_respective(finding: Finding, reading: Reading, index: int) -> str | None:
    """ "Electrons and muons with p_T > 35 and 30 GeV, respectively": the second number is the second one's."""
    text, numbers = reading.statement.text, reading.statement.numbers
    number = numbers[index]
    leader = number.leader if number.leader is not None else index
    size = sum(k == leader or n.leader == leader for k, n in enumerate(numbers))
    claim = _name_claim(finding, everything=True)
    if size < 2 or number.twin is not None or not re.match(r"[^;.]{0,60}\brespectively\b", text[number.end :]):
        return None
    for match in _NAMED_LIST.finditer(text):
        named = [classify(part) for part in re.split(r",\s(?:and\s|or\s)?|\s(?:and|or)\s", match[0])]
        if len(named) == size and all(named) and len(set(named)) == size and number.position < size:
            others = frozenset(c for k, names in enumerate(named) if k != number.position for c in names)
            if claim & (others - named[number.position]) and not claim & (named[number.position] - others):
                return f"{number.text} is printed for {', '.join(sorted(named[number.position]))}"
    return None


def _check_target(finding: Finding, reading: Reading, number: PrintedNumber) -> str | None:
    match = _FOR.match(reading.statement.text, number.end) or _ASIDE.match(reading.statement.text, number.end)
    if match is None:
        return None
    target = classify(match[1])
    if re.search(r"\b(?:two|three|four|all|both|each)\b", match[1]):
        target -= {"leading", "subleading", "third"}
    claim = _name_claim(finding, everything=True)
    wide = claim | {_PARTS[c] for c in claim if c in _PARTS}
    if target and claim and not target & wide and not {_PARTS.get(t) for t in target} & claim:
        return f"{number.text} is printed for {match[1].strip()}"
    return None


def _check_noun(finding: Finding, reading: Reading, index: int) -> str | None:
    """A count belongs to the noun behind it."""
    number = reading.statement.numbers[index]
    if not (finding.variable == "n" or finding.variable.startswith("other:n_")):
        following = " ".join(reading.statement.text[number.end :].split()[:3])
        of_objects = number.counts and ":" not in finding.variable and classify(following)
        return f"{number.text} counts {following}" if of_objects else None
    own = finding.variable.replace("_", " ") if ":" in finding.variable else finding.subject.replace("_", " ")
    claim = _narrow(classify(own.replace("dilepton", "lepton")))
    text = reading.statement.text
    counted = _COUNTED_SYMBOL.search(text[: number.start]) or _COUNTED_BEHIND.match(text, number.end)
    if counted is not None:
        letters: tuple[str, ...] = _LETTERS.get(counted[1], ())
        named = _narrow(classify(counted[1]) or frozenset(letters))
        return f"{number.text} counts {counted[1]}" if named and claim and not named & claim else None
    if not number.counts:
        return None
    numbers = reading.statement.numbers
    last = numbers[index + 1].start if index + 1 < len(numbers) else len(reading.statement.text)
    phrase = _PHRASE_END.split(reading.statement.text[number.end : last])[0]
    if re.search(r"\b(?:such|these|those|of them)\b", phrase):
        return None
    if not phrase.startswith("-") and _NOT_OBJECTS.search(_ASIDE_OF.split(phrase)[0]) and not _NOT_OBJECTS.search(own):
        return f"{number.text} counts {phrase.strip()}"
    named = _narrow(classify(phrase))
    if not named or not claim:
        return None
    if claim == {"b-jet"} and named == {"jet"}:
        stop = next((n.start for n in numbers[index + 1 :] if n.counts), len(text))
        if _B_HADRON.search(text[number.end : stop]):
            return None
    if "quadruplet" in named - claim:
        return f"{number.text} counts {phrase.strip()}"
    wide = named | {_PARTS[n] for n in named if n in _PARTS and n != "b-jet"}
    return None if claim & wide else f"{number.text} counts {phrase.strip()}"


def _check_owner(finding: Finding, reading: Reading, index: int) -> str | None:
    """A comparison belongs to the owner named since the number before: "whereas muons have p_T > 18 GeV"."""
    numbers, text = reading.statement.numbers, reading.statement.text
    number = numbers[index]
    if number.leader is not None or number.counts or not number.operators:
        return None
    if finding.variable.startswith(("delta", "abs_delta")):
        return None
    start = numbers[index - 1].end if index else 0
    begun = _NEW_SUBJECT.search(text[start : number.start])
    if begun and finding.variable in _OF_EVENT & number.variables and not classify(begun[0]) & _CONCRETE:
        return None  # "photons with p_T > 180 GeV are chosen and m_T has to be over 90 GeV"
    first = max((m.end() for m in _STOP.finditer(text, 0, number.start)), default=0)
    owners = [
        (match.start(), match.end(), name)
        for name, pattern in _TABLE
        if name in _CONCRETE
        for match in pattern.finditer(text, first, number.start)
        if _OWNER.match(text[match.end() :].lstrip(" s)"))
    ]
    claim = _name_claim(finding, everything=True) & _CONCRETE
    if not owners or not claim:
        return None
    start, end, _ = max(owners)
    named = _narrow(frozenset(name for a, b, name in owners if a < end and b > start))
    allowed = claim | {_PARTS[c] for c in claim if c in _PARTS} | _list_parts(claim)
    joined = _JOINED.search(text[first:start])
    nearby = classify(text[start : number.start]) | (classify(joined[0]) if joined else frozenset())
    nearby = nearby - {"jet"} if named == {"b-jet"} else nearby
    return None if (named | nearby) & allowed else f"{number.text} is said of {', '.join(sorted(named))}"


def _list_parts(claim: frozenset[str]) -> frozenset[str]:
    """The kinds that count for a wider one: electrons and muons for leptons, but b-jets are cut on apart from jets."""
    return frozenset(part for part, whole in _PARTS.items() if whole in claim and part != "b-jet")


def _narrow(named: frozenset[str]) -> frozenset[str]:
    """The kinds without the wider kind that a narrower one contains by its name ("b-jet" is no plain "jet")."""
    return named - {"jet"} if "b-jet" in named else named
