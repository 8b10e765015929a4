"""One sentence to claims: statements named, placed in their clause, given to their objects, and spelled out.

`read_sentence` is also what tables use: a row label and headers make the default subject and scope of a cell.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.rules.clauses import Clause, Doing, decide, split_clauses
from extract.rules.comparisons import Bound, Statement, find_statements
from extract.rules.naming import mask, name_statements
from extract.rules.owners import TWO_OBJECT, Owner, Scene, find_counter, find_owner
from extract.rules.ramps import Ramped, find_ramps
from extract.rules.relevance import is_about_something_else
from extract.rules.subjects import Noun
from extract.rules.tokens import Token, scan, spell
from schemas.vocabulary import Effect, Operator


class Claim(NamedTuple):
    """A requirement as read from one sentence; `start` and `end` are offsets into the sentence's text."""

    subject: str
    variable: str
    bound: Bound
    effect: Effect
    start: int
    end: int
    second: str | None = None
    condition: str | None = None
    group: str | None = None
    is_count: bool = False
    counted_at: int | None = None  # place of the count it belongs to: the p_T of "at least two jets with p_T > 25 GeV"
    words: str = ""  # the noun as printed


class Context(NamedTuple):
    """What the text in front leaves behind: whom "they" are, the last cone, and a special kind that is the topic."""

    owner: Owner | None = None
    cone: Claim | None = None
    special: Noun | None = None  # "FSR candidates": photons are such candidates until the passage ends


class Read(NamedTuple):
    """What a sentence says, and what it leaves behind for the next one."""

    claims: tuple[Claim, ...]
    context: Context
    kinds: tuple[str, ...] = ()  # of its words


def read_sentence(text: str, context: Context = Context()) -> Read:
    """The requirements of one sentence; `context` is what the sentences before left behind."""
    tokens = scan(text)
    letters = spell(tokens)
    ramps = find_ramps(tokens, letters)
    raw = [s for s in find_statements(tokens, letters) if s.symbol or not any(r.covers(s) for r in ramps)]
    statements = name_statements(raw, tokens, letters)
    masked = mask(statements, letters)
    clauses = split_clauses(tokens, masked)
    special = next((t.noun for t in reversed(tokens) if t.noun and _SPECIAL.search(t.noun.subject)), context.special)
    reader = _Reader(text, Scene(tokens, letters, masked, statements, context.owner), context._replace(special=special))
    claims = [c for clause in clauses for c in reader.read_clause(clause, ramps)]
    cone = next((c for c in reversed(claims) if c.variable == "deltaR" and c.effect == "define"), context.cone)
    return Read(tuple(claims), Context(reader.scene.carried, cone, special), tuple(t.kind for t in tokens))


class _Reader:
    """Reading one sentence: what it looks like, and the owner that was found last."""

    def __init__(self, text: str, scene: Scene, context: Context) -> None:
        self.text = text
        self.scene = scene
        self.context = context

    def read_clause(self, clause: Clause, ramps: Sequence[Ramped]) -> Iterator[Claim]:
        scene = self.scene
        own = [s for s in scene.statements if clause.first <= s.first < clause.last]
        doings = [decide(s, clause, scene.tokens, scene.masked) for s in own]
        doings = [
            "nothing" if is_about_something_else(s, d, clause, scene.tokens, scene.masked, self.text) else d
            for s, d in zip(own, doings, strict=True)
        ]
        doings = [
            "define" if d in ("condition", "cut") and not s.is_count and s.quantities[-1].variable == "deltaR" and self._is_cone(s, clause)
            else d for s, d in zip(own, doings, strict=True)
        ]  # fmt: skip
        nouns = tuple(n for i in clause.subject if (n := scene.tokens[i].noun))
        if nouns and nouns[0].subject != "event":
            self.scene = scene = scene._replace(carried=Owner(nouns))
        lead = self._quote([s for s, d in zip(own, doings, strict=True) if d == "lead"])
        if not any(d in ("cut", "veto", "define") for d in doings) and _is_range_of_validity(clause, scene.tokens):
            doings = ["cut" if d == "lead" else d for d in doings]
            lead = None
        if self._is_category(clause):
            doings = ["cut" if d == "lead" and s.is_count else d for s, d in zip(own, doings, strict=True)]
        for i, (statement, doing) in enumerate(zip(own, doings, strict=True)):
            if doing in ("lead", "condition", "nothing"):
                continue
            behind: list[Statement] = []
            for later, what in zip(own[i + 1 :], doings[i + 1 :], strict=True):
                if what != "condition" and behind:
                    break
                if what == "condition":
                    behind.append(later)
            group = self._find_group(i, own, doings)
            yield from (c._replace(group=group) for c in self._expand(statement, doing, clause, lead, behind))
        yield from self._veto_presence(clause, own)
        for ramp in ramps:
            if clause.first <= ramp.at < clause.last:
                yield from self._read_ramp(ramp, clause)

    def _hangs(self, statement: Statement, count: Statement, clause: Clause) -> bool:
        """Whether the statement says which objects the count counts."""
        if not clause.first <= statement.first < clause.last:
            return False
        owner = find_owner(statement, clause, self.scene)
        return owner is not None and owner.counted_at == count.first

    def _is_category(self, clause: Clause) -> bool:
        """ "In events with exactly three leptons, …": the events of a category of their own."""
        words = " ".join(t.text.lower() for t in self.scene.tokens[clause.first : clause.first + 3])
        return clause.lead > clause.first and words.startswith("in events")

    def _read_ramp(self, ramped: Ramped, clause: Clause) -> Iterator[Claim]:
        """A ramp bounds the quantity whose limit its symbol is, else the quantity it names."""
        last = self.context.cone
        size = last.bound.value if last and isinstance(last.bound.value, float) else None
        built = ramped.build(size)
        limited = next((s for s in self.scene.statements if s.symbol and s.symbol == ramped.symbol), None)
        quantity = limited.quantities[-1] if limited else ramped.quantity
        if built is None or quantity is None:
            return
        cone = quantity.variable in ("deltaR", "radius") or "cone" in quantity.text
        if cone:
            quantity = quantity._replace(variable="deltaR")
        operator: Operator = "<" if cone else ">"
        statement = Statement(
            ramped.first, ramped.last, (ramped.bound(built, operator),), (quantity,),
            named=limited.named if limited else (),
        )  # fmt: skip
        owner = find_owner(limited or statement, clause, self.scene)
        if cone:
            owner = Owner((Noun(last.subject),), (Noun(last.second),) if last.second else ()) if last else None
        for noun in owner.nouns if owner else ():
            for name in noun.names():
                second = owner.second[0] if owner and owner.second else None
                effect: Effect = "define" if cone else "keep"
                yield self._claim(statement, name, quantity.variable, statement.bounds[0], effect, second, None, noun.text)

    def _expand(
        self, statement: Statement, doing: Doing, clause: Clause, lead: str | None, behind: list[Statement]
    ) -> Iterator[Claim]:
        effect = self._find_effect(statement, doing, clause)
        if statement.is_count:
            with_ = [s for s in self.scene.statements if s.first > statement.first and not s.is_count and self._hangs(s, statement, clause)]
            yield from self._expand_count(statement, effect, clause, self._join(lead, self._quote([*with_, *behind])))
            return
        owner = find_owner(statement, clause, self.scene)
        if owner is None:
            return
        if owner.counted_at is not None and self._is_vetoed(owner.counted_at, effect):
            return
        for k, (noun, second, bound, variable) in enumerate(_pair(statement, owner)):
            if variable == "radius":
                noun = _choose_jet(noun, bound)
            twin = statement.twin and len(behind) == len(statement.bounds)
            condition = self._join(lead, self._quote(behind[k : k + 1] if twin else behind))
            for name in noun.names():
                claim = self._claim(statement, name, variable, bound, effect, second, condition, noun.text)
                yield claim._replace(counted_at=owner.counted_at)

    def _find_group(self, i: int, own: Sequence[Statement], doings: Sequence[Doing]) -> str | None:
        """The name that statements joined by "or" share: the place of the first of them."""
        statement = own[i]
        low, high = i, i
        while low and doings[low - 1] == doings[i] and self._is_or(own[low - 1], own[low]):
            low -= 1
        while high + 1 < len(own) and doings[high + 1] == doings[i] and self._is_or(own[high], own[high + 1]):
            high += 1
        if low == high and not (len(statement.bounds) > 1 and (statement.alternatives or statement.twin)):
            return None
        return f"or-{self.scene.tokens[own[low].begin].start}"

    def _is_or(self, first: Statement, second: Statement) -> bool:
        between = self.scene.masked[first.last : second.first]
        return "X" in between and re.fullmatch(r"[wqPdaoVNUWH]{0,8},?X[wdaHoPVGKOA]{0,4}", between) is not None

    def _is_vetoed(self, first: int, effect: Effect) -> bool:
        """Whether the objects counted at token `first` must be absent: their thresholds only say which are meant."""
        count = next((s for s in self.scene.statements if s.first == first), None)
        absent = count is not None and count.bounds[0].operator in ("==", "<", "<=") and count.bounds[0].value in (0.0, 1.0)
        zero = absent and count is not None and (count.bounds[0].value == 0.0 or count.bounds[0].operator != "==")
        return zero or effect in ("reject_event", "remove_object")

    def _find_effect(self, statement: Statement, doing: Doing, clause: Clause) -> Effect:
        if any(q.variable == "radius" for q in statement.quantities) or doing == "define":
            return "define"
        if statement.quantities and statement.quantities[-1].variable == "deltaR" and self._is_cone(statement, clause):
            return "define"
        if doing != "veto":
            return "keep"
        tokens = self.scene.tokens
        subjects = [n for i in clause.subject if (n := tokens[i].noun)]
        behind = [n for i in clause.verbs for t in tokens[i + 1 : i + 4] if (n := t.noun)]
        events = any(n.subject == "event" for n in (*subjects[:1], *behind[:1]))
        return "reject_event" if events or statement.is_count or not subjects else "remove_object"

    def _is_cone(self, statement: Statement, clause: Clause) -> bool:
        """Whether a distance is the size of an isolation cone."""
        tokens = self.scene.tokens
        after = tokens[statement.last].text.lower() if statement.last < len(tokens) else ""
        words = " ".join(t.text.lower() for t in tokens[clause.first : statement.last])
        return after == "around" or "isolat" in words

    def _expand_count(self, statement: Statement, effect: Effect, clause: Clause, condition: str | None) -> Iterator[Claim]:
        counter = find_counter(statement, clause, self.scene)
        bounds = statement.bounds
        if statement.part is not None:
            if counter is not None:
                for noun in counter.nouns:
                    yield self._claim(statement, noun.subject, f"other:{statement.part}", bounds[0], effect, None, condition, noun.text)
            return
        for noun in statement.counted:
            if noun.subject == "other:converted photon":
                yield self._claim(statement, "photon", "other:n_converted", bounds[0], effect, None, condition, noun.text)
                continue
            if counter is not None and noun.subject == "track":
                for carrier in counter.nouns:
                    yield self._claim(statement, carrier.subject, "other:n_tracks", bounds[0], effect, None, condition, carrier.text)
                return
            noun = self._resolve_such(statement, noun)
            for bound in bounds:
                yield self._claim(statement, noun.subject, "n", bound, effect, None, condition, noun.text)

    def _resolve_such(self, statement: Statement, noun: Noun) -> Noun:
        """ "at least one such jet": the kind of jet that was counted before."""
        tokens = self.scene.tokens
        if not any(t.text.lower() == "such" for t in tokens[statement.first : statement.last]):
            return noun
        earlier = [n for s in self.scene.statements if s.last <= statement.first for n in s.counted]
        return next((n for n in reversed(earlier) if n.subject.endswith(noun.subject)), noun)

    def _veto_presence(self, clause: Clause, own: Sequence[Statement]) -> Iterator[Claim]:
        """ "events with additional leptons are rejected": at least one of them rejects the event."""
        scene = self.scene
        verb = next((v for v in clause.verbs if scene.tokens[v].kind == "reject"), None)
        if verb is None or own:
            return
        found = re.search(r"O(?P<h>H)(?P<a>a?)[wqaKZ]{0,3}(?P<o>O(?:[AX]O)*)", scene.masked[clause.first : clause.last])
        if found is None:
            return
        head = scene.tokens[clause.first + found.start()].noun
        places = range(clause.first + found.start("o"), clause.first + found.end("o"))
        nouns = [n for i in places if (n := scene.tokens[i].noun)]
        if head is None or head.subject != "event" or not nouns or not found.group("a"):
            return
        at = clause.first + found.start("a")
        bound = Bound(">=", 1.0, None, at)
        both = {n.subject for n in nouns} == {"electron", "muon"}
        for noun in [Noun("lepton", (), nouns[0].text)] if both else nouns[:1]:
            statement = Statement(at, places[-1] + 1, (bound,), counted=(noun,))
            yield self._claim(statement, noun.subject, "n", bound, "reject_event", None, None, noun.text)

    def _claim(
        self, statement: Statement, subject: str, variable: str, bound: Bound, effect: Effect, second: Noun | None,
        condition: str | None, words: str,
    ) -> Claim:  # fmt: skip
        tokens = self.scene.tokens
        special = self.context.special
        if subject == "jet" and self._speaks_of_b_jets(statement):
            subject = "b-jet"
        if special is not None and subject in ("photon", "other:candidate"):
            subject = special.subject
        return Claim(
            subject, variable, bound, effect, tokens[bound.at].start, tokens[statement.last - 1].end,
            second.names()[0] if second else None, condition, is_count=statement.is_count, words=words,
        )  # fmt: skip

    def _speaks_of_b_jets(self, statement: Statement) -> bool:
        """ "jets with |η| < 2.5 containing b-hadrons", "… are identified as b-jets"."""
        rest = self.text[self.scene.tokens[statement.last - 1].end :]
        return not statement.is_count and _B_JETS.match(rest) is not None

    def _quote(self, statements: Sequence[Statement]) -> str | None:
        tokens = self.scene.tokens
        return ", ".join(self.text[tokens[s.begin].start : tokens[s.last - 1].end] for s in statements) or None

    def _join(self, *parts: str | None) -> str | None:
        return "; ".join(p for p in parts if p) or None


def _choose_jet(noun: Noun, bound: Bound) -> Noun:
    """A radius parameter is a jet's; wide ones make large-radius jets."""
    wide = isinstance(bound.value, float) and bound.value >= _WIDE
    jets = ("jet", "fat-jet", "other:track-jet", "other:track jet", "other:subjet")
    if noun.subject not in jets or noun.subject == "jet":
        return Noun("fat-jet" if wide else "jet", (), noun.text)
    return noun


_B_JETS = re.compile(
    r"[^.,;]{0,30}?(?:containing b[- ](?:hadron|quark)|(?:are|is) (?:identified|tagged|considered) (?:as )?(?:b[- ](?:tagged )?jets?|"
    r"(?:being )?b[- ]tagged|originating from (?:a )?b))", re.I,
)  # fmt: skip
_WIDE = 0.8
_SPECIAL = re.compile(r"FSR|final-state")
_RECONSTRUCTS = re.compile(r"reconstruct|identif|accept|consider|select|used", re.IGNORECASE)


def _is_range_of_validity(clause: Clause, tokens: Sequence[Token]) -> bool:
    """ "In the region 2.5 < |η| < 2.7, muons are reconstructed from …": where such objects are taken."""
    opener = tokens[clause.first]
    if opener.kind not in ("range", "preposition") or not clause.verbs or not clause.subject:
        return False
    verb = tokens[clause.verbs[0]]
    return verb.kind == "select" and _RECONSTRUCTS.search(verb.text) is not None


def _pair(statement: Statement, owner: Owner) -> Iterator[tuple[Noun, Noun | None, Bound, str]]:
    """Which noun gets which bound: lists go with ranks or nouns, twins with twins; else every noun gets every bound."""
    bounds, names = statement.bounds, [q.variable for q in statement.quantities]
    two = names[-1] in TWO_OBJECT
    nouns = [n._replace(ranks=(r,)) for n in owner.nouns for r in (n.ranks or (0,))]
    nouns = [n if n.ranks != (0,) else n._replace(ranks=()) for n in nouns]
    seconds: list[Noun | None] = list(owner.second) or [None]
    if len(names) == len(bounds) > 1:
        yield from ((noun, seconds[0], b, name) for name, b in zip(names, bounds, strict=True) for noun in nouns)
        return
    for name in names:
        if len(bounds) == len(nouns) > 1:
            yield from ((noun, seconds[0], b, name) for noun, b in zip(nouns, bounds, strict=True))
        elif len(bounds) == len(seconds) > 1:
            yield from ((noun, second, b, name) for second, b in zip(seconds, bounds, strict=True) for noun in nouns)
        elif len(bounds) > 1 and len(nouns) == 1 and not (statement.twin or statement.alternatives or two):
            yield from ((nouns[0]._replace(ranks=(r,)), seconds[0], b, name) for r, b in enumerate(bounds, 1))
        else:
            yield from ((noun, second, b, name) for noun in nouns for second in seconds for b in bounds)
