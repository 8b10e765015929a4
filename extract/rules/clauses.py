"""Clauses of a sentence, and what each numeric statement does in its clause: cut, veto, condition, or nothing.

A clause has a condition in front ("For muons with p_T < 15 GeV, …"), a grammatical subject and main verbs. Polarity
belongs to the clause: what stands before "are rejected", or after "are rejected if", goes; "to reject" is a purpose.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from extract.rules.statements import Statement
from extract.rules.tokens import Token

Doing = Literal["cut", "veto", "define", "condition", "lead", "nothing"]


class Clause(NamedTuple):
    """Tokens [first, last); the condition in front ends at `lead`; main verbs and nouns of the subject by index."""

    first: int
    last: int
    lead: int
    verbs: tuple[int, ...]
    subject: tuple[int, ...]


_ITEM = r"(?:O(?:\(O\))?|p|V+(?!s)|(?<!V)s+|W)"
_NOUNS = rf"[dawKqnZ]{{0,4}}{_ITEM}(?:(?:,A|[AX,])[dawKq]{{0,3}}(?:O|V|s+))*"
_AFTER = r"(?:[oPHLwqBad][dawKqon]{0,4}(?:O|V*s+|V|G)?(?:(?:,A|[AX,])(?:V*s+|[dwaKq]*O))*|\([^()]*\)|V*s+){0,6}"
_NEW_CLAUSE = re.compile(
    rf"(?:,A|A|,X|,)(?=(?:[PI][dwaKq]{{0,4}}O?,?)?{_NOUNS}{_AFTER},?[MSJF])|;|c|"
    rf"(?<=s),(?=[dwaKq]{{0,3}}O{_AFTER}[MSJFb])|,Aw(?=[MSJ])"
)
# "If a further lepton with p_T > 10 GeV is found, the event …": up to the comma it is all condition.
_LEADING_IF = re.compile(r"w?,?w?I[^,;cMJ]*[Sb][^,;cMJ]*")
_LEAD_START = re.compile(r"w?,?w?,?(?:[IPTCGBE]|aP)")
_LEAD_END = re.compile(rf",(?=[Awc]?[wn]?,?{_NOUNS}{_AFTER},?[MSJFbH])|,(?=M|n?[SJ])|,(?=[dwaKqC]{{0,3}}(?:O|s|V))")
_VERB = re.compile(r"[MSJF]")
_FINITE = re.compile(r"(?<=[Os)w])H|b")
# Where another predicate begins: "… is 20 GeV and the acceptance is |η| < 2.5".
_COORDINATE = re.compile(r",|A(?=[dwaK]{0,3}[VO]?[dwaK]{0,2}bV*s)")
_OPENER = re.compile(r"I(?:[dwaKqnGHPLVop(]|O(?![AX,])|C(?!s)|V*s+[),AX(]*(?:(?<=[AX,])[dw]*(?:C?O)?)?)*$")
_DEFINES = re.compile(r"defin|construct|built|build|formed|made|calculated|computed|clustered|seeded|reconstruct", re.I)
_CREATES = re.compile(r"construct|built|build|formed|made|calculated|computed|clustered|seeded", re.IGNORECASE)
_APPLIED_TO = re.compile(r"(?:applied|imposed|placed|made|needed|required|requested) (?:to|on|for)$", re.IGNORECASE)
_REGION = re.compile(r"regions?|categor|SRs?|CRs?|VRs?|sidebands?", re.IGNORECASE)
_SUPPRESSES = re.compile(
    r"to (?:help )?(?:suppress|reduce|reject|remove|mitigate|improve|correct|measure|estimate|resolve)", re.I
)
_KEEPS = re.compile(r"consider|select|retain|kept|accept|used", re.IGNORECASE)
_DEFINES_SYMBOL = re.compile(r"I[dw]*[Vw]bw*[dwaKq]*O")  # "where j is the closest jet with p_T > 15 GeV"
_FOUND = ("found", "present", "located", "reconstructed", "identified", "selected")
_FULFILS = re.compile(r"(?:satisf(?:y|ies)|fulfil(?:l|s|ls)?|meets?|exceeds?)\b", re.IGNORECASE)
_IS = re.compile(r"(?:is|are|was|were) ", re.IGNORECASE)
_PASSIVE = re.compile(
    r"^(?:is|are|was|were|be|being)\b.*(?:required|imposed|applied|demanded|requested|asked|needed|set|placed|made)"
    r"(?: (?:to|on|for|by|that))?$",
    re.I,
)
HARD = ("if", "when", "whenever", "unless", "provided", "in case", "in cases", "once")


def split_clauses(tokens: Sequence[Token], masked: str) -> list[Clause]:
    """The clauses of a sentence; `masked` spells it with statements as `s`."""
    cuts = [0]
    for found in _NEW_CLAUSE.finditer(masked):
        at = found.start()
        if _depth(masked, at) or (found.group() == "," and _LEADING_IF.fullmatch(masked[cuts[-1] : at])):
            continue
        said = _VERB.search(_level(masked, cuts[-1], at)) or (
            found.group() in (",A", "A") and _is_predicate(tokens, masked, cuts[-1], at)
        )
        said = said or (found.group() == ",Aw" and "s" in masked[cuts[-1] : at] and tokens[at + 2].text.lower() == "we")
        if found.group() in (";", "c") or said:
            cuts.append(at + (0 if found.group() == "c" else len(found.group())))
    cuts.append(len(masked))
    return [_read_clause(tokens, masked, a, b) for a, b in pairwise(cuts) if b > a]


def _is_predicate(tokens: Sequence[Token], masked: str, first: int, last: int) -> bool:
    """Whether tokens [first, last) say something with a finite verb: "the threshold is raised to 20 GeV"."""
    for at in range(first + 1, last):
        if masked[at] != "s" or masked[at - 1] == "s" or _depth(masked, at):
            continue
        if masked[at - 1] == "b" or _IS.match(tokens[at].text):
            return "L" not in masked[first:at] and "I" not in masked[first + 1 : at]
        if _is_fulfilling(at, tokens, masked, first):
            return True
    return False


def _is_fulfilling(at: int, tokens: Sequence[Token], masked: str, first: int) -> bool:
    """Whether "satisfies" or "fulfils", the verb of its clause, stands right before token `at`."""
    found = re.search(r"H[dwV]*$", masked[first:at])
    return (
        found is not None
        and _FULFILS.match(tokens[first + found.start()].text) is not None
        and "L" not in masked[first:at]
    )


def _read_clause(tokens: Sequence[Token], masked: str, first: int, last: int) -> Clause:
    inner = _level(masked, first, last)
    lead = first
    start = _LEAD_START.match(inner)
    if start:
        end = next((m for m in _LEAD_END.finditer(inner) if m.start() >= start.end()), None)
        verb = _VERB.search(inner)
        if end and (verb is None or end.start() < verb.start() or inner[start.end() - 1] in "IT"):
            lead = first + end.end()
    inner = re.sub(r"(?<=L)[SF]|(?<=T)F", "w", inner)  # "that are not associated with": not the clause's verb
    verbs = tuple(first + m.start() for m in _VERB.finditer(inner) if first + m.start() >= lead)
    return Clause(first, last, lead, verbs, _find_subject(tokens, inner, first, lead, verbs[0] if verbs else last))


def _find_subject(tokens: Sequence[Token], inner: str, first: int, lead: int, stop: int) -> tuple[int, ...]:
    """The nouns of the first noun list between the lead and the first verb."""
    region = inner[lead - first : stop - first]
    # an explanation in brackets is no subject, "electrons (muons)" is
    region = re.sub(
        r"\([^()]*\)", lambda m: m.group() if re.fullmatch(r"\([dw]?O\)", m.group()) else "w" * len(m.group()), region
    )
    # nor is "with respect to the primary vertex"
    region = re.sub(r"(?<=w)T[dwaK]{0,3}O", lambda m: "w" * len(m.group()), region)
    found = re.search(r"O(?:\(O\)O?)?(?:(?:,A|[AX,])[dawKq]{0,4}O(?:\(O\))?)*", region)
    if found is None:
        return ()
    places = [lead + found.start() + k for k, letter in enumerate(found.group()) if letter == "O"]
    return tuple(p for p in places if tokens[p].noun is not None)


def _level(masked: str, first: int, last: int) -> str:
    """The letters of [first, last) with verbs inside brackets blanked, so that only the clause's own verbs count."""
    out, depth = [], 0
    for letter in masked[first:last]:
        if letter == ")":
            depth = max(depth - 1, 0)
        out.append(letter if depth == 0 or letter in "sO()V" else "w")
        if letter == "(":
            depth += 1
    return "".join(out)


def _depth(masked: str, at: int) -> int:
    before = masked[:at]
    return max(before.count("(") - before.count(")"), 0)


def decide(statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str) -> Doing:
    """What the statement does in its clause."""
    if statement.last <= clause.lead:
        return "lead"
    defined = list(_DEFINES_SYMBOL.finditer(masked, clause.first, statement.begin))
    if defined and tokens[defined[-1].start()].text.lower() == "where":
        return "nothing"
    if re.search(r"\(NU?[HPI][^()]*$", masked[clause.first : statement.begin]):
        return "condition"  # "> 20° (30° with three jets)"
    if re.search(r"\b(?:raised|lowered|relaxed|tightened|loosened) to$", tokens[statement.first].text, re.IGNORECASE):
        return "cut"
    if re.search(r"\(I[^()]*$", masked[clause.first : statement.begin]):
        return "condition"  # "(if more than one b-jet is present, …)"
    if re.search(r"TNU?$", masked[clause.first : statement.begin]) and masked[statement.first] == "s":
        return "condition"  # "… and shrinks to 0.05 above 200 GeV"
    if re.fullmatch(r"[,;cA]{0,3}E", masked[clause.first : statement.begin]):
        return "cut"  # "…, but not in 1.4 < |η| < 1.5"
    if re.match(r"[wq]?c", masked[statement.last :]) and "otherwise" in [
        t.text.lower() for t in tokens[statement.last : statement.last + 2]
    ]:
        return "cut"  # "p_T > 50 GeV if it is b-tagged and p_T > 70 GeV otherwise"
    opened = None if statement.again else _OPENER.search(masked[clause.lead : statement.begin])
    if opened and _asks_for_another(clause.lead + opened.start(), statement, clause, tokens, masked):
        opened = None
    if re.search(r"s[dwaKq]*G\($", masked[clause.lead : statement.begin]):
        return "condition"  # "p_T > 30 GeV in the central region (|η| < 2.4)"
    hard = None if opened or statement.again else _find_hard(statement, clause, tokens, masked)
    if opened or hard is not None:
        first = clause.lead + opened.start() if opened else -1
        if (first == clause.first or (opened and tokens[first].text.lower() == "where")) and _is_asked_behind(
            statement, clause, tokens
        ):
            return "cut"  # "for the 0-lepton channel E_T^miss > 150 GeV is required"
        doing = _decide_opened(clause.lead + opened.start() if opened else hard or 0, clause, tokens, masked)
    else:
        before = [v for v in clause.verbs if v < statement.first]
        doing = (
            _decide_after(before[-1], statement, clause, tokens, masked)
            if before
            else _decide_before(statement, clause, tokens, masked)
        )
    if doing in ("cut", "veto") and _is_negated(statement, tokens, masked):
        return "veto" if doing == "cut" else "cut"
    return doing


def _asks_for_another(opener: int, statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str) -> bool:
    """ "for the mass we demand m > 5 GeV and for the angle cos θ < 0.9"; "m_T > 160 GeV for A and m_T > 300 GeV for B":
    the second is a requirement like the first.
    """
    if _IS.match(tokens[statement.first].text) and tokens[opener].text.lower() == "for":
        return True  # "for the forward region the threshold is raised to 40 GeV"
    if masked[opener - 1] == "A" and re.match(r"[wAc]?I[dwaK]*V[wpV]*[MS]", masked[clause.first :]):
        return re.match(r"I[dwaK]*V+", masked[opener : statement.last]) is not None
    parallel = re.search(r"s+I[^Ics]*s+,?AV+$", masked[: statement.first])
    return parallel is not None and parallel.start() < opener and masked[statement.last : statement.last + 1] == "I"


def _is_asked_behind(statement: Statement, clause: Clause, tokens: Sequence[Token]) -> bool:
    behind = next((v for v in clause.verbs if v >= statement.last), None)
    return behind is not None and behind - statement.last <= 1 and _PASSIVE.match(tokens[behind].text) is not None


def _find_hard(statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str) -> int | None:
    """The "if" or "when" whose clause the statement stands in, its own verbs included ("if it is found within …")."""
    for at in range(statement.begin - 1, clause.lead - 1, -1):
        if masked[at] in "MJ;c":
            return None
        if masked[at] == "I" and tokens[at].text.lower().startswith(HARD):
            return at
    return None


def _decide_opened(opener: int, clause: Clause, tokens: Sequence[Token], masked: str) -> Doing:
    """After "if" or "for": a criterion of what is selected or rejected, else a condition."""
    word = tokens[opener].text.lower()
    verbs = [v for v in clause.verbs if v < opener]
    kind = tokens[verbs[-1]].kind if verbs else None
    earlier = "s" in masked[clause.lead : opener]
    events = any(t.noun is not None and t.noun.subject == "event" for t in tokens[opener + 1 : opener + 3])
    if kind == "select" and word == "for" and (events or not earlier):
        return "cut"  # "is used for events with one more lepton", "jets are considered for p_T > 20 GeV"
    if word.startswith(HARD) and kind == "define":
        return "define"
    if word.startswith(HARD) and kind in ("select", "reject"):
        return "veto" if (kind == "reject") != (word == "unless") else "cut"
    return "condition"


def _decide_after(verb: int, statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str) -> Doing:
    token = tokens[verb]
    if token.kind == "reject":
        return "veto"
    if (
        token.kind == "select"
        and token.text.endswith("used")
        and _SUPPRESSES.match(" ".join(t.text for t in tokens[verb + 1 : verb + 5]))
    ):
        return "nothing"  # "is used to suppress pile-up in jets with p_T < 50 GeV"
    if (
        token.kind == "require"
        and _APPLIED_TO.search(re.sub(r" (?:every|each|all|both|the) ?$", "", token.text))
        and re.search(r"O[wq]*[HL]", masked[verb : statement.begin])
    ):
        return "condition"  # "a requirement on the JVT is applied to jets with p_T < 120 GeV"
    if token.kind == "define":
        if any(tokens[v].kind == "require" for v in clause.verbs if v < verb):
            return "cut"  # "must lie within the volume defined by r < 300 mm"
        if not _DEFINES.search(token.text):
            return "nothing"
        objects = any(tokens[i].noun is not None for i in clause.subject)
        return "define" if objects or _CREATES.search(token.text) else "cut"
    return "cut"


def _decide_before(statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str) -> Doing:
    if not clause.verbs:
        end = _COORDINATE.search(masked, statement.last, clause.last)
        finite = _FINITE.search(masked, statement.last, end.start() if end else clause.last)
        if _depth(masked, statement.first):
            return "cut"
        return "nothing" if finite and _is_finite(tokens[finite.start()]) else "cut"
    # "… are considered as pile-up and are rejected": the outcome counts
    verb = next((v for v in clause.verbs if tokens[v].kind == "reject" and masked[v - 1] == "A"), clause.verbs[0])
    token = tokens[verb]
    after = masked[verb + 1 : clause.last]
    finite = _FINITE.search(masked, statement.last, verb)
    if finite and _is_finite(tokens[finite.start()]) and "L" not in masked[statement.last : finite.start()]:
        return "nothing"
    conditional = re.search(r"I[^I]*s", after)
    if token.kind == "require" and _is_fulfilling(statement.begin, tokens, masked, clause.lead):
        return "cut"  # "the angle satisfies |cos θ| < 0.9, and the ratio must be …"
    if token.kind == "require":
        hung = re.search(r"[HL][^HL]*$", masked[clause.lead : statement.begin])
        found = tokens[verb + 1].text.lower() in _FOUND if verb + 1 < clause.last else False
        if statement.is_count and not hung and (found or not re.search(r"^[^,T]*V*s", after)):
            return "cut"
        head = re.match(r"[wdaKqA,]{0,4}s", masked[clause.lead : clause.last])
        counted = head is not None and _is_count_at(clause.lead + head.end() - 1, statement, tokens, masked)
        region = not clause.subject and any(_REGION.match(t.text) for t in tokens[clause.lead : statement.begin])
        if counted or region:
            return (
                "cut"  # "at least four jets with p_T > 40 GeV must be present", "regions with … are required to have …"
            )
        if _APPLIED_TO.search(re.sub(r" (?:every|each|all|both|the) ?$", "", token.text)):
            return "cut"  # "E_T^miss > 100 GeV is needed for events with p_T > 30 GeV jets"
        after = re.split("[T,]", after)[0]
        return "cut" if _PASSIVE.match(token.text) and not re.search(r"(?<!I)V*s", after) else "condition"
    if token.kind == "select":
        hard = conditional and tokens[verb + 1 + conditional.start()].text.lower().startswith(HARD)
        acceptance = not statement.is_count and statement.quantities[-1].variable in ("abs_eta", "eta")
        return "condition" if hard and not (acceptance and _KEEPS.search(token.text)) else "cut"
    if token.kind == "reject":
        using = re.match(r"[wq]*P", after)
        method = using and tokens[verb + using.end()].text.lower() in ("using", "via", "by")
        near = not statement.is_count and statement.quantities[-1].variable == "deltaR"
        return "condition" if (conditional and not near) or method else "veto"
    return "define" if _DEFINES.search(token.text) and not _CREATES.search(token.text) else "nothing"


def _is_count_at(first: int, statement: Statement, tokens: Sequence[Token], masked: str) -> bool:
    """Whether the statement at token `first` counts objects that this one qualifies."""
    stop = first
    while stop < statement.begin and masked[stop] == "s":
        stop += 1
    noun = any(tokens[i].noun is not None for i in range(first, stop))
    return (
        noun
        and re.fullmatch(r"[wqPodV]{0,4}[HL](?:[HLVPwqA,s(]|\([^()]*\))*", masked[stop : statement.begin]) is not None
    )


def _is_finite(token: Token) -> bool:
    return token.text.lower() in ("have", "has", "had", "is", "are", "was", "were")


def _is_negated(statement: Statement, tokens: Sequence[Token], masked: str) -> bool:
    """Whether "not" ("must not", "fail to", "do not have") stands right before the statement."""
    found = re.search(r"(n|M)[HbwdaVGC]{0,3}$", masked[: statement.begin])
    if found is None:
        return False
    token = tokens[found.start()]
    if token.kind == "not":
        return token.text.lower() not in ("never", "nor", "neither")
    return re.search(r"\bnot\b", token.text) is not None
