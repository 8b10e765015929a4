"""Clauses of a sentence, and what each numeric statement does in its clause: cut, veto, condition, or nothing.

A clause has a condition in front ("For muons with p_T < 15 GeV, …"), a grammatical subject and a main verb. Polarity
belongs to the clause: what stands before "are rejected", or after "are rejected if", goes; "to reject" is a purpose.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from extract.rules.comparisons import Statement
from extract.rules.tokens import Token

Doing = Literal["cut", "veto", "define", "condition", "lead", "nothing"]


class Clause(NamedTuple):
    """Tokens [first, last); the condition in front ends at `lead`; main verbs and nouns of the subject by index."""

    first: int
    last: int
    lead: int
    verbs: tuple[int, ...]
    subject: tuple[int, ...]


_ITEM = r"(?:O(?:\(O\))?|p|V|s+)"
_NOUNS = rf"[dawKqnZ]{{0,4}}{_ITEM}(?:(?:,A|[AX,])[dawKq]{{0,3}}(?:O|s+))*"
_AFTER = r"(?:[oPHLwq][dawKqon]{0,4}(?:O|V|s+)?(?:(?:,A|[AX,])s+)*|\([^()]*\)|s+){0,6}"
_NEW_CLAUSE = re.compile(rf"(?:,?A|,X|,)(?={_NOUNS}{_AFTER},?[MSJF])|;|c|(?<=s),(?=[dwaKq]{{0,3}}O{_AFTER}[MSJFb])")
_LEAD_START = re.compile(r"w?,?w?,?(?:[IPTCGBE]|aP)")
_LEAD_END = re.compile(rf",(?=[Awc]?[wn]?,?{_NOUNS}{_AFTER},?[MSJFbH])|,(?=M|n?[SJ])|,(?=[dwaKq]{{0,3}}(?:O|s|V))")
_VERB = re.compile(r"[MSJF]")
_FINITE_HAVE = re.compile(r"(?<=[Os)])H|b")
_DEFINES = re.compile(
    r"defin|construct|built|build|formed|made|calculated|computed|clustered|seeded|reconstruct", re.IGNORECASE
)
_NAMES_ONLY = re.compile(r"denot|referred", re.IGNORECASE)
_PASSIVE = re.compile(
    r"^(?:is|are|was|were|be|being)\b.*(?:required|imposed|applied|demanded|requested|needed)$", re.IGNORECASE
)
_IF = ("if", "when", "whenever", "unless", "provided", "in case", "in cases", "once")


def split_clauses(tokens: Sequence[Token], masked: str) -> list[Clause]:
    """The clauses of a sentence; `masked` spells it with statements as `s`."""
    cuts = [0]
    for found in _NEW_CLAUSE.finditer(masked):
        at = found.start()
        if _depth(masked, at):
            continue
        if found.group() in (";", "c") or _VERB.search(_level(masked, cuts[-1], at)):
            cuts.append(at + (0 if found.group() == "c" else len(found.group())))
    cuts.append(len(masked))
    return [_read_clause(tokens, masked, a, b) for a, b in zip(cuts, cuts[1:], strict=False) if b > a]


def _read_clause(tokens: Sequence[Token], masked: str, first: int, last: int) -> Clause:
    inner = _level(masked, first, last)
    lead = first
    start = _LEAD_START.match(inner)
    if start and not (start.group()[-1] == "T" and False):
        end = next((m for m in _LEAD_END.finditer(inner) if m.start() > 0), None)
        verb = _VERB.search(inner)
        if end and (verb is None or end.start() < verb.start() or inner[start.end() - 1] == "I"):
            lead = first + end.end()
    verbs = tuple(first + m.start() for m in _VERB.finditer(inner) if first + m.start() >= lead)
    stop = verbs[0] if verbs else last
    return Clause(first, last, lead, verbs, _find_subject(tokens, inner, first, lead, stop))


def _find_subject(tokens: Sequence[Token], inner: str, first: int, lead: int, stop: int) -> tuple[int, ...]:
    """The nouns of the first noun list between the lead and the first verb."""
    region = inner[lead - first : stop - first]
    found = re.search(r"O(?:\(O\)O?)?(?:(?:,A|[AX,])[dawKq]{0,4}O(?:\(O\))?)*", region)
    if found is None:
        return ()
    places = [lead + found.start() + k for k, letter in enumerate(found.group()) if letter == "O"]
    return tuple(p for p in places if tokens[p].noun is not None)


def _level(masked: str, first: int, last: int) -> str:
    """The letters of [first, last) with those inside brackets blanked, so that only the clause's own verbs count."""
    out, depth = [], 0
    for letter in masked[first:last]:
        if letter == ")":
            depth = max(depth - 1, 0)
        out.append(letter if depth == 0 or letter in "sO()" else "w")
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
    before = [v for v in clause.verbs if v < statement.first]
    doing = (
        _decide_after(before[-1], statement, tokens, masked)
        if before
        else _decide_before(statement, clause, tokens, masked)
    )
    if doing in ("cut", "veto") and _is_negated(statement, tokens, masked):
        return "veto" if doing == "cut" else "cut"
    return doing


def _decide_after(verb: int, statement: Statement, tokens: Sequence[Token], masked: str) -> Doing:
    kind = tokens[verb].kind
    between = masked[verb + 1 : statement.first]
    ifs = [verb + 1 + k for k, letter in enumerate(between) if letter == "I"]
    if ifs:
        opener = tokens[ifs[-1]].text.lower()
        since = masked[ifs[-1] + 1 : statement.first]
        hard = opener.startswith(_IF)
        if hard and kind in ("select", "reject"):
            return "veto" if (kind == "reject") != (opener == "unless") else "cut"
        if (opener == "for" or hard) and not re.search(r"[;c]", since) and "s" in masked[verb + 1 : ifs[-1]]:
            return "condition"
        if hard:
            return "condition"
    if kind == "reject":
        return "veto"
    if kind == "define":
        if _DEFINES.search(tokens[verb].text):
            return "define"
        return "nothing"
    return "cut"


def _decide_before(statement: Statement, clause: Clause, tokens: Sequence[Token], masked: str) -> Doing:
    if not clause.verbs:
        finite = _FINITE_HAVE.search(masked[clause.lead : clause.last])
        if finite and clause.lead + finite.start() >= statement.last:
            return "nothing"
        return "cut"
    verb = clause.verbs[0]
    token = tokens[verb]
    after = masked[verb + 1 : clause.last]
    finite = _FINITE_HAVE.search(masked[statement.last : verb])
    if finite and masked[statement.last + finite.start() : verb].count("L") == 0 and not statement.is_count:
        relative = "L" in masked[statement.last : statement.last + finite.start()]
        if not relative and tokens[statement.last + finite.start()].text.lower() in ("have", "has", "had"):
            return "nothing"
    conditional = re.search(r"I[^I]*s", after)
    if token.kind == "require":
        return "cut" if _PASSIVE.match(token.text) and "s" not in after else "condition"
    if token.kind == "select":
        hard = conditional and tokens[verb + 1 + conditional.start()].text.lower().startswith(_IF)
        return "condition" if hard else "cut"
    if token.kind == "reject":
        using = re.match(r"[wq]*P", after)
        method = using and tokens[verb + using.end()].text.lower() in ("using", "via", "by")
        return "condition" if conditional or method else "veto"
    return "define" if _DEFINES.search(token.text) else "nothing"


def _is_negated(statement: Statement, tokens: Sequence[Token], masked: str) -> bool:
    """Whether "not" (or "must not", "fail to") stands right before the statement and belongs to it."""
    found = re.search(r"(n|M)[HbwdaVG]{0,3}$", masked[: statement.first])
    if found is None:
        return False
    token = tokens[found.start()]
    if token.kind == "not":
        return token.text.lower() not in ("never",)
    return re.search(r"\bnot\b", token.text) is not None
