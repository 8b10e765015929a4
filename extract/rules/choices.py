"""Pairings, choices and orders: which of several candidates is taken."""

import re
from collections.abc import Callable, Iterator

from extract.rules.drafts import Draft, keep_distinct, write_finding
from extract.rules.preferences import read_orders, read_overlaps, read_vertices
from extract.rules.prose import Sentence, find_cites, find_mentions, find_objects, find_sentences
from extract.rules.variables import read_symbol, read_words
from schemas.document import Document
from schemas.finding import Finding
from schemas.vocabulary import Effect, Operator, Stage

_MASSES = (
    (
        r"(?:nominal |world[- ]average |PDG "
        r"|known )*(?:mass of the )?Z(?:[- ]boson)?(?:'s)?(?: pole)?(?: \[\d+\])? mass"
        r"|m_\{?Z\}?\b|mZ\b|M_\{?Z\}?\b|Z pole|mass of the Z(?:[- ]boson)?|Z[- ]boson|91(?:\.\d+)? GeV",
        "mZ",
    ),
    (
        r"(?:nominal |world[- ]average )*W(?:[- ]boson)? mass|m_\{?W\}?\b|mass of the W(?:[- ]boson)?|80(?:\.\d+)? GeV",
        "mW",
    ),
    (
        r"(?:nominal |known )*(?:Higgs(?:[- ]boson)?|H) mass|m_\{?H\}?\b|mass of the Higgs(?:[- ]boson)?"
        r"|12\d(?:\.\d+)? GeV",
        "mH",
    ),
    (
        r"(?:nominal )*top(?:[- ]quark)? mass|m_\{?t\}?\b|m_\{?top\}?\b|mass of the top(?:[- ]quark)?"
        r"|17\d(?:\.\d+)? GeV",
        "mt",
    ),
    (r"J/ψ mass|m_\{?J/ψ\}?", "mJpsi"),
)
_CLOSEST = re.compile(
    r"(?P<rank>second[- ]|next[- ]?(?:to)?[- ]?)?(?:closest|nearest)(?: \((?P<twin>second[- ](?:closest|nearest)"
    r"|next[- ]closest)\))?"
    r"(?: in (?:invariant )?mass| invariant mass)?(?: to| of)? (?:that of |the value of )?(?:the )?"
    r"(?:(?:" + "|".join(f"(?P<{name}>{pattern})" for pattern, name in _MASSES) + r"))"
)
_SYMBOL = re.compile(r"m_\{?(?P<label>1?2|34|Z_?1|Z_?2)\}?")
_CHOSEN = re.compile(
    r"\b(?:is|are|be|being|was|were)(?: \w+){0,2} (?:chosen|selected|retained|kept|taken|considered|used|assigned"
    r"|referred to|defined"
    r"|identified|denoted|called|labelled|required|formed|associated|designated)\b|\b(?:has|have|is given) priority"
    r"|preferr\w+"
    r"|\b(?:choose|choosing|select|selecting|take|taking|chosen|picking|retaining|chooses|selects|retains)\b"
)
_GONE = re.compile(r"\b(?:is|are|be)(?: then| always)? (?:removed|rejected|discarded|dropped|excluded|vetoed)\b")
_EXTREME = re.compile(
    r"(?:the |only the |with the |whose |having the )?(?P<how>highest|largest|greatest|higher|larger|maximum|maximal"
    r"|best|lowest|smallest|lower|smaller"
    r"|minimum|minimal) (?P<what>(?:(?:value of |vector |scalar |total |absolute |summed )*(?:the )?)"
    r"(?:sum of (?:the |their )?)?(?P<quantity>[^\s,;.()]+(?: [^\s,;.()]+){0,3}))"
)
_LARGE = ("highest", "largest", "greatest", "higher", "larger", "maximum", "maximal", "best")
_LEADING = re.compile(
    r"[Oo]nly (?:the )?(?P<first>p_T-leading|leading|highest[- ]p_T|two leading|two highest[- ]p_T)(?:(?: and"
    r"|,) (?:p_T-)?subleading)?"
    r" (?P<what>[\w-]+(?: [\w-]+){0,2}?)(?: with [^.;,]{0,40})? (?:is|are) (?:considered|used|retained|kept|selected)"
)
_TWO = re.compile(
    r"(?P<what>two highest[- ]p_T [\w-]+|two leading(?:-p_T)? [\w-]+"
    r"|highest[- ]p_T [\w-]+)(?P<with> with [^.;,]{0,40})?"
    r" (?:is|are)(?: \w+)? (?:chosen|selected|taken|retained|kept)"
)
_MINIMISE = re.compile(
    r"\b(?P<how>minimi[sz](?:es|ing|ed|e|ation of)|maximi[sz](?:es|ing|ed|e|ation of))\b(?: the| an?| that| its| by)*"
    r" (?P<what>(?:\|[^|]{2,60}\||[^,;.()]{3,90}))"
)
_MINIMISED = re.compile(
    r"(?P<what>\|[^|]{3,60}\||(?:mass|invariant mass|p_T|angular|ΔR)?[- ]?(?:difference|separation|distance"
    r"|asymmetry)[^,;.]{0,70}?|χ\^2[^,;.]{0,30}?|ΔR[^,;.]{0,30}?)"
    r" (?:is|are) (?P<how>minimi[sz]ed|smallest|minimal|maximi[sz]ed|largest)"
)
_PAIRING = re.compile(
    r"\b(?:pair\w*|combination\w*|assign\w*|candidate\w*|permutation\w*|association|match\w*|ambigu\w*|chosen)\b"
)
_TRAINING = re.compile(
    r"\b(?:BDTs?|trained|training|optimis|optimiz|uncertaint|simulat|sensitivity|significance|likelihood fit"
    r"|expected|contamination"
    r"|background contribution|figure of merit|resolution|input variable)\b|(?:mini"
    r"|maxi)mi[sz]\w* (?:the )?(?:background|contribution|effect|impact|bias|correlation)",
    re.I,
)
# After these words a passage describes the inputs of a classifier, and its choices select nothing.
_INPUTS = re.compile(r"\bBDTs?\b|boosted decision|input variables|discriminating variables")
_PAIR_NOUNS = re.compile(r"\bpairs?\b|\bdi-?(?:lepton|muon|electron)s?\b|OSSF|SFOS")
_PARTS = ("electron", "muon", "lepton", "tau", "photon", "jet", "b-jet")
_SUBJECTS: dict[str, str] = {"event": "", "trigger": "", "track": "track", "vertex": "vertex"}


def read_choices(document: Document) -> list[Finding]:
    """The findings that choose among candidates, in order of the text: operators minimise, maximise and order."""
    findings = [
        write_finding(draft, sentence, document, "choice")
        for sentence in find_sentences(document)
        if sentence.about == "selection"
        for draft in read_choice_sentence(sentence)
    ]
    return list(keep_distinct(findings))


def read_choice_sentence(sentence: Sentence) -> list[Draft]:
    """What one sentence chooses."""
    readers: tuple[Callable[[Sentence], Iterator[Draft]], ...] = (
        read_closest, read_extremes, read_leading, read_minima, read_vertices, read_orders, read_overlaps,
    )  # fmt: skip
    return [draft for reader in readers for draft in reader(sentence)]


def read_closest(sentence: Sentence) -> Iterator[Draft]:
    """Candidates with the mass closest (second closest) to that of a boson or quark."""
    text = sentence.text
    for match in _CLOSEST.finditer(text):
        mass = next(name for _, name in _MASSES if match.groupdict()[name])
        if not (sentence.asked or _CHOSEN.search(text) or re.search(r"[Ss]elect", text)):
            continue
        if re.search(r"calculated as|training", text[: match.start()]) or _INPUTS.search(sentence.earlier):
            continue
        cites = find_cites(text[match.start() : match.end() + 8])
        symbol = _SYMBOL.search(text[max(0, match.start() - 40) : match.start()])
        subject = _find_chosen(text, match.start())
        second = bool(match["rank"])
        if subject == "quadruplet" and symbol:
            yield _choose(match, subject, f"other:abs_m{symbol['label']}_minus_{mass}", "minimise", cites=cites)
            continue
        first, other = ("leading_pair", "subleading_pair") if _ranks_pairs(text) else (subject, subject)
        variable = f"other:abs_mass_minus_{mass}"
        if second:
            yield _choose(match, other, variable, "order", f"second closest to {mass}", cites=cites)
        else:
            yield _choose(match, first, variable, "minimise", cites=cites)
        if match["twin"]:
            yield _choose(match, other, variable, "order", f"second closest to {mass}", cites=cites)


def _ranks_pairs(text: str) -> bool:
    """Whether the sentence gives the pair the name of leading or subleading pair."""
    named = re.search(
        r"\b(?:sub)?leading (?:\(subleading\) )?(?:\w+ ){0,3}?(?:pair|dilepton|Z)|Z_?\{?1\}?|first Z", text, re.I
    )
    return named is not None and _PAIR_NOUNS.search(text) is not None


def _find_chosen(text: str, position: int) -> str:
    """What is chosen: the composite named last in front of the words, "pair" for pairs of leptons."""
    front = text[:position]
    nouns = [
        m for m in find_mentions(front) if m.subject not in ("event", "trigger", "z-boson", "w-boson", "higgs", "top")
    ]
    pair = [m.end() for m in _PAIR_NOUNS.finditer(front)]
    composites = [m for m in nouns if m.subject in ("dilepton", "quadruplet", "diphoton", "dijet", "leptoquark")]
    last = composites[-1] if composites else None
    if last and (not pair or last.end >= pair[-1] - 6):
        return last.subject
    if pair:
        parts = {m.subject for m in nouns if m.end > pair[-1] - 40}
        return "dijet" if parts & {"jet", "b-jet"} and not parts & {"lepton", "electron", "muon"} else "dilepton"
    return nouns[-1].subject if nouns else "dilepton"


def _choose(
    match: re.Match[str],
    subject: str,
    variable: str,
    operator: Operator,
    value: str | tuple[str, ...] | None = None,
    *,
    effect: Effect = "choose",
    stage: Stage = "candidate",
    condition: str | None = None,
    second: str | None = None,
    cites: tuple[str, ...] = (),
) -> Draft:
    return Draft(
        match.start(), match.end(), stage, subject, variable, operator, value, second_subject=second, effect=effect,
        condition=condition, cites=cites,
    )  # fmt: skip


def read_extremes(sentence: Sentence) -> Iterator[Draft]:
    """The one with the highest (lowest) quantity is retained, or removed."""
    text = sentence.text
    if _TRAINING.search(text):
        return
    for match in _EXTREME.finditer(text):
        variable = _read_quantity(match["quantity"], match["what"])
        if variable is None:
            continue
        before, after = (
            text[max(0, match.start() - 100) : match.start()],
            text[match.start("quantity") : match.end() + 140],
        )
        goes = _GONE.search(after)
        prefers = re.search(r"preference|priority|prefer", before)
        if not (sentence.asked or _CHOSEN.search(after) or goes or prefers or _CHOSEN.search(before)):
            continue
        subject = _find_bearer(sentence, match.start())
        if subject is None or subject == "vertex":
            continue
        operator: Operator = "maximise" if match["how"] in _LARGE else "minimise"
        overlap = re.search(r"overlap|share|close to each other|within", text) is not None
        condition = _find_condition(text[: match.start()])
        yield _choose(
            match, subject, variable, operator, effect="remove_object" if goes else "choose",
            stage="overlap" if overlap else "candidate", condition=condition,
            second=subject if overlap and not subject.startswith("other:") else None,
        )  # fmt: skip


def _read_quantity(words: str, phrase: str) -> str | None:
    """The variable at the start of the words, as symbol or in words; sums keep their own name."""
    named = read_words(words, 0)
    if named is not None and named[0].variable.startswith("other:") is False:
        variable = named[0].variable
    elif re.match(r"[pPE]_?\{?T\}?", words):
        variable = read_symbol(words.split()[0]).variable
    elif score := re.match(
        r"(?:matrix[- ]element|BDT|DNN|NN|MVA|likelihood|probability|discriminant|isolation|b-tagging)[\w -]{0,20}",
        words,
    ):
        name = (
            re.sub(r"[- ](?:value|score|output|probability|discriminant)s?.*$", "", score.group())
            .strip()
            .replace("-", "_")
        )
        variable = f"other:{name.replace(' ', '_')}"
    else:
        symbol = words.split()[0]
        if not re.match(r"(?:ΔR|Δη|Δφ|m_|χ\^|H_T|E\b)", symbol):
            return None
        variable = read_symbol(symbol).variable
    if "sum" in phrase or "vector" in phrase or "scalar" in phrase:
        return f"other:sum_{variable.removeprefix('other:')}"
    return variable


def _find_bearer(sentence: Sentence, position: int) -> str | None:
    """Who has the quantity: the noun right in front ("the photon with the highest p_T"), or the owner of the clause."""
    front = sentence.text[:position]
    joined = re.search(
        r"(?P<noun>[^\s,;]+(?: [^\s,;]+){0,3}?)(?: (?:with|having|that has|which has|of))?(?: the| a)? ?$", front
    )
    if re.search(r"\bpair (?:formed|made|consisting|composed|built)\b", front):
        parts = dict.fromkeys(m.subject for m in find_objects(front) if m.subject in _PARTS)
        if len(parts) == 2:
            return f"other:{'-'.join(parts)} pair"
    if joined:
        mentions = find_mentions(joined["noun"])
        if mentions and mentions[-1].subject not in _SUBJECTS:
            return mentions[-1].subject
        if re.search(r"\b(?:candidates?|ones?)$", joined["noun"]):
            objects = find_objects(front)
            return objects[0].subject if objects else sentence.topic
    mentions = tuple(m for m in find_mentions(front) if m.subject not in ("event", "trigger", "met"))
    if mentions:
        return mentions[-1].subject
    return sentence.topic


def _find_condition(front: str) -> str | None:
    """The case in which a choice is made: "If more than one photon passes"."""
    case = re.search(
        r"\b(?:[Ii]f|[Ww]hen|[Ww]here|[Ii]n (?:the )?(?:case|events?)(?: of| where| that"
        r"| with)?) (?P<case>[^,;]{5,110})(?:,|$)",
        front,
    )
    return case["case"].strip() if case else None


def read_leading(sentence: Sentence) -> Iterator[Draft]:
    """The leading ones are taken: "only the leading and subleading photons are considered"."""
    text = sentence.text
    match = _LEADING.search(text) or _TWO.search(text)
    if match is None or re.search(r"\bBDT|input|training", text):
        return
    words = match["what"]
    mentions = find_mentions(re.sub(r"^(?:two )?(?:highest[- ]p_T|leading(?:-p_T)?) ", "", words))
    subject = mentions[0].subject if mentions else None
    if subject is None or subject in _SUBJECTS:
        topics = [m.subject for m in find_mentions(text[: match.start()]) if m.subject not in _SUBJECTS]
        subject = topics[-1] if topics else sentence.topic
    if subject is None:
        return
    yield _choose(
        match,
        subject,
        "pt",
        "maximise",
        match.group().split(" is ")[0].split(" are ")[0].strip(),
        condition=_find_condition(text[: match.start()]),
    )


def read_minima(sentence: Sentence) -> Iterator[Draft]:
    """Pairings that minimise or maximise something: a mass difference, a χ², a distance."""
    text = sentence.text
    if not _PAIRING.search(text) or _INPUTS.search(sentence.earlier):
        return
    match = _MINIMISE.search(text) or _MINIMISED.search(text)
    if match is None or _TRAINING.search(text[max(0, match.start() - 100) : match.start("what") + 40]):
        return
    what = match["what"].strip()
    if not re.search(r"mass|χ|Δ|difference|distance|separation|asymmetry|p_T|\||sum|probability|m_", what):
        return
    operator: Operator = "maximise" if re.match(r"maxi|larg", match["how"]) else "minimise"
    words = re.split(r" (?:is|are|that|which|between the recon)\b", what)[0]
    variable = (
        "chi2"
        if "χ" in words
        else "deltaR"
        if re.match(r"(?:the )?(?:ΔR|angular (?:separation|distance))", words)
        else f"other:{words}"
    )
    composites = [
        m.subject
        for m in find_mentions(text)
        if m.subject in ("leptoquark", "dilepton", "dijet", "quadruplet", "top") and m.end - m.start > 4
    ]
    objects = [m.subject for m in find_mentions(text[: match.start()]) if m.subject not in _SUBJECTS]
    subject = composites[0] if composites else objects[0] if objects else sentence.topic
    if subject is not None:
        yield _choose(match, subject, variable, operator, condition=_find_condition(text[: match.start()]))
