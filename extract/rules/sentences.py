"""One sentence to claims: statements named, placed in their clause, given to their objects, and spelled out.

`read_sentence` is also what tables use: a row label and headers make the default subject and scope of a cell.
"""

import re
from collections.abc import Iterator, Sequence

from extract.rules.claims import Claim, Context, Read, Setting, join_conditions, make_claim, pair_up, quote_statements
from extract.rules.clauses import Clause, Doing, split_clauses
from extract.rules.comparisons import find_statements
from extract.rules.counting import claim_count, claim_presence, counts_parts, find_qualifying, is_absence, is_presence
from extract.rules.doings import ACTING, decide_all, find_effect, find_group
from extract.rules.naming import is_adjusted, mask, name_statements
from extract.rules.overlaps import order_partners, recall_partner
from extract.rules.owners import Owner, Scene, find_counter, find_owner
from extract.rules.ramps import Ramped, find_ramps
from extract.rules.statements import Bound, Statement
from extract.rules.subjects import Noun
from extract.rules.tokens import Token, scan, spell
from schemas.vocabulary import Effect, Operator

__all__ = ["Claim", "Context", "Read", "read_sentence"]

_SPECIAL = re.compile(r"FSR|final-state photon")
NOTHING = Context()
_PLACES = re.compile(r"(?:in|for|within) (?:\S+ ){0,3}?(?:barrel|end-?caps?|region|channel|year|mode|detector)", re.I)
_BEHIND = 6
_WIDE = 0.8  # the radius parameter from which jets are large


def read_sentence(text: str, context: Context = NOTHING) -> Read:
    """The requirements of one sentence; `context` is what the sentences before left behind."""
    tokens = scan(text)
    letters = spell(tokens)
    ramps = find_ramps(tokens, letters)
    raw = [s for s in find_statements(tokens, letters) if s.symbol or not any(r.covers(s) for r in ramps)]
    statements = name_statements(raw, tokens, letters)
    masked = mask(statements, letters)
    special = next((t.noun for t in reversed(tokens) if t.noun and _SPECIAL.search(t.noun.subject)), context.special)
    context = context._replace(special=special)
    claims: list[Claim] = []
    for clause in split_clauses(tokens, masked):
        adjusted = any(is_adjusted(s.first, tokens) for s in statements if clause.first <= s.first < clause.last)
        topic = None if adjusted else _find_topic(clause, tokens, masked)
        context = context._replace(owner=topic or context.owner)
        setting = Setting(text, Scene(tokens, letters, masked, statements, context.owner), clause, context)
        for claim in _read_clause(setting, ramps):
            claims.append(recall_partner(order_partners(claim, setting), context.pair))
            context = context._replace(pair=claims[-1] if claims[-1].second else context.pair)
    cones = [c for c in claims if c.variable == "deltaR" and c.effect == "define" and isinstance(c.bound.value, float)]
    cone = cones[-1] if cones else context.cone
    return Read(tuple(claims), context._replace(cone=cone), tuple(t.kind for t in tokens))


def _find_topic(clause: Clause, tokens: Sequence[Token], masked: str) -> Owner | None:
    """Whom the clause leaves as "they": its subject, or what "we select", unless that is the event."""
    nouns = tuple(n for i in clause.subject if (n := tokens[i].noun))
    taken = re.search(r"S[dwaKqC]{0,3}(?=O)", masked[clause.first : clause.last])
    if not nouns and taken and (noun := tokens[clause.first + taken.end()].noun):
        nouns = (noun,)
    return Owner(nouns) if nouns and nouns[0].subject not in ("event", "other:candidate") else None


def _read_clause(setting: Setting, ramps: Sequence[Ramped]) -> Iterator[Claim]:
    scene, clause = setting.scene, setting.clause
    own = [s for s in scene.statements if clause.first <= s.first < clause.last]
    doings = decide_all(setting, own)
    lead = quote_statements(setting, [s for s, d in zip(own, doings, strict=True) if d == "lead"])
    vetoed = [s for s, d in zip(own, doings, strict=True) if d == "veto"]
    presence = list(claim_presence(setting, vetoed)) if is_presence(setting, vetoed) else []
    told: dict[Claim, bool] = {}  # thresholds of what rejects the event: one for "electrons or muons"
    for i, (statement, doing) in enumerate(zip(own, doings, strict=True)):
        if doing not in ACTING:
            continue
        behind = _find_conditions(statement, own[i + 1 :], doings[i + 1 :])
        group = find_group(i, own, doings, scene)
        qualified = clause.first if presence and doing == "veto" else None
        for claim in _claim(setting, statement, doing, lead, behind):
            if qualified is None:
                yield claim._replace(group=group)
            elif presence and claim.subject in ("electron", "muon") and presence[0].subject == "lepton":
                told[claim._replace(effect="reject_event", counted_at=qualified, subject="lepton", words="")] = True
            else:
                told[claim._replace(effect="reject_event", counted_at=qualified)] = True
    yield from (*told, *presence)
    for ramp in ramps:
        if clause.first <= ramp.at < clause.last:
            yield from _claim_ramp(setting, ramp)


def _find_conditions(cut: Statement, later: Sequence[Statement], doings: Sequence[Doing]) -> list[Statement]:
    """The conditions that stand behind a cut, up to the next cut after them, or on the same quantity.

    "|η| < 4.7, and the p_T must exceed 25 GeV for |η| < 2.5": no quantity is a condition of itself.
    """
    found: list[Statement] = []
    own = [q.variable for q in cut.quantities]
    for statement, doing in zip(later, doings, strict=True):
        same = [q.variable for q in statement.quantities] == own
        if doing == "condition":
            if not same:
                found.append(statement)
        elif found or same:
            break
    return found


def _claim(
    setting: Setting, statement: Statement, doing: Doing, lead: str | None, behind: list[Statement]
) -> Iterator[Claim]:
    effect = find_effect(setting, statement, doing)
    if statement.is_count:
        qualifying = [*find_qualifying(setting, statement), *behind]
        yield from claim_count(setting, statement, effect, join_conditions(lead, quote_statements(setting, qualifying)))
        return
    if statement.quantities[-1].variable == "n" and (carrier := find_counter(statement, setting.clause, setting.scene)):
        for noun in carrier.nouns:
            yield make_claim(setting, statement, noun, "other:n_tracks", statement.bounds[0], effect, None, lead)
        return
    carried = setting.scene.carried if is_adjusted(statement.first, setting.scene.tokens) else None
    owner = carried or find_owner(statement, setting.clause, setting.scene)
    if owner is None or (
        owner.counted_at is not None
        and (is_absence(setting, owner.counted_at) or _is_size(setting, statement, owner.counted_at))
    ):
        return
    for k, (noun, second, bound, variable) in enumerate(pair_up(_keep_unranked(setting, statement), owner)):
        if variable == "radius":
            noun = _choose_jet(noun, bound)
        twin = statement.twin and len(behind) == len(statement.bounds)
        condition = join_conditions(lead, quote_statements(setting, behind[k : k + 1] if twin else behind))
        for name in noun.names():
            claim = make_claim(setting, statement, noun, variable, bound, effect, second, condition, name)
            yield claim._replace(counted_at=owner.counted_at)


def _is_size(setting: Setting, statement: Statement, counted_at: int) -> bool:
    """Whether a distance only says in which cone tracks are counted."""
    return statement.quantities[-1].variable == "deltaR" and counts_parts(setting, counted_at)


def _keep_unranked(setting: Setting, statement: Statement) -> Statement:
    """ "above 80, 30 and 60 MeV in the forward endcap, the barrel and …": one threshold per place, none per object."""
    tokens = setting.scene.tokens
    behind = " ".join(t.text for t in tokens[statement.last : statement.last + _BEHIND])
    placed = len(statement.bounds) > 1 and not statement.twin and _PLACES.match(behind) is not None
    return statement._replace(alternatives=True) if placed else statement


def _choose_jet(noun: Noun, bound: Bound) -> Noun:
    """A radius parameter is a jet's; wide ones make large-radius jets."""
    wide = isinstance(bound.value, float) and bound.value >= _WIDE
    if noun.subject == "fat-jet" or noun.subject.startswith(("other:track", "other:subjet", "other:variable")):
        return noun
    return Noun("fat-jet" if wide else "jet", (), noun.text)


def _claim_ramp(setting: Setting, ramped: Ramped) -> Iterator[Claim]:
    """A ramp bounds the quantity whose limit its symbol is, else the quantity it names."""
    scene, last = setting.scene, setting.context.cone
    ramp = ramped.build(last.bound.value if last and isinstance(last.bound.value, float) else None)
    limited = next((s for s in scene.statements if s.symbol and s.symbol == ramped.symbol), None)
    quantity = limited.quantities[-1] if limited else ramped.quantity
    if ramp is None or quantity is None:
        return
    cone = quantity.variable in ("deltaR", "radius") or "cone" in quantity.text
    if cone:
        quantity = quantity._replace(variable="deltaR")
    operator: Operator = "<" if cone else ">"
    effect: Effect = "define" if cone else "keep"
    bound = ramped.bound(ramp, operator)
    named = limited.named if limited else ()
    statement = Statement(ramped.first, ramped.last, (bound,), (quantity,), named=named)
    owner = find_owner(limited or statement, setting.clause, scene)
    if cone:
        owner = Owner((Noun(last.subject),), (Noun(last.second),) if last.second else ()) if last else None
    for noun in owner.nouns if owner else ():
        second = owner.second[0] if owner and owner.second else None
        for name in noun.names():
            yield make_claim(setting, statement, noun, quantity.variable, bound, effect, second, None, name)
