"""Events that tell criteria from criteria with a mistake."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from codegen.bind import Binding
from codegen.usage import find_usage
from codegen.witness.choosing import find_choice
from codegen.witness.equivalence import explain_equivalence, explain_survival
from codegen.witness.evaluate import Interpreter, Look, Outcome
from codegen.witness.mutant import Mutant
from codegen.witness.search import Searcher, Tell, Witness
from codegen.witness.sharing import Common, find_common, run_alike
from codegen.witness.stored import Event
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError
from schemas.profile import Profile
from schemas.validation import check_criteria
from schemas.words import list_worded, name_worded

# (region, step) -> whether the event is left after it, and (OUTPUT, name) -> a stored variable
Marks = Mapping[tuple[str, str], float | bool]

END = "(end)"
OUTPUT = "(output)"
TOLERANCE = 2e-3  # of stored variables: other programs may compute in single precision
WALKS = 250  # changed events that are tried for one mutant
FRESH = 150


class Survivor(NamedTuple):
    """A mutant that no event tells from the original, and why. `equivalent`: no event of the format ever can."""

    mutant: Mutant
    reason: str
    equivalent: bool


def interpret(criteria: SelectionCriteria, profile: Profile) -> Interpreter:
    """The meaning of criteria in a format.

    Raises CriteriaError for what the format cannot evaluate at all, and for what is stated in words: what a sentence
    says of an event, only a person or a coder's function can tell.
    """
    checked = check_criteria(criteria)
    worded = list_worded(criteria)
    if worded:
        raise CriteriaError(
            f"stated in words: {name_worded(worded)}: witness events are made from expressions; "
            "for those of the rest, reject the cuts in words and those on variables in words"
        )
    usage = find_usage(Binding(checked, profile))
    return Interpreter(checked, profile, usage.missing, usage.collections)


def mark_steps(interpreter: Interpreter, outcome: Outcome) -> Marks:
    """After which steps of which regions an event is left, and the stored variables of an event that passes one."""
    marks: dict[tuple[str, str], float | bool] = {(OUTPUT, name): value for name, value in outcome.outputs.items()}
    for region, last in outcome.last.items():
        steps = interpreter.steps[region]
        marks[region, ""] = last >= 0
        marks[region, END] = last >= len(steps)
        for position, (name, _) in enumerate(steps, start=1):
            marks[region, name] = last >= position
    return marks


def tell_apart(original: Marks, mutant: Marks) -> bool:
    """Whether a step that both have keeps an event in one of them only, or a stored variable has another value."""
    return any(_differ(value, mutant[key]) for key, value in original.items() if key in mutant)


def _differ(a: float | bool, b: float | bool) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a != b
    if a != a or b != b:
        return (a != a) != (b != b)
    return abs(a - b) > TOLERANCE * max(abs(a), abs(b))


class Distinguisher:
    """Finds events on which mutants differ from the original."""

    def __init__(self, search: Searcher) -> None:
        self.search = search
        self.interpreter = search.interpreter
        self.known: dict[int, tuple[Look, Marks]] = {}  # by the identity of events, which the looks keep
        self.walked: list[Event] = []

    def mark(self, event: Event, *, keep: bool = True) -> tuple[Look, Marks]:
        """An event in the original, and its marks; kept for the next mutant where the event may come again."""
        known = self.known.get(id(event))
        if known is None:
            look = self.interpreter.look(event)
            known = look, mark_steps(self.interpreter, look.finish(brief=True))
            if keep:
                self.known[id(event)] = known
        return known

    def find_killer(self, mutant: Interpreter, events: Sequence[Event]) -> int | None:
        """The first event on which a mutant differs."""
        common = find_common(self.interpreter, mutant)
        for k, event in enumerate(events):
            if self.differs(mutant, common, event):
                return k
        return None

    def differs(self, mutant: Interpreter, common: Common, event: Event, *, keep: bool = True) -> bool:
        """Whether a mutant treats an event differently."""
        look, marks = self.mark(event, keep=keep)
        return tell_apart(marks, mark_steps(mutant, run_alike(mutant, common, look, event)))

    def look_further(self, mutant: Mutant, other: Interpreter, near: Sequence[Event]) -> Event | None:
        """An event on which a mutant differs, whatever the rounding: one of many, or like those that are near, or one
        that is led to where another choice of candidates shows. `other` is the meaning of the mutant."""
        common = find_common(self.interpreter, other)

        def tells(event: Event, keep: bool = False) -> bool:
            return self.differs(other, common, event, keep=keep) and self._is_steady(other, event)

        for event, keep in self._list_events(near):
            if tells(event, keep):
                return event
        return find_choice(self.search, mutant, other, near, tells)

    def _list_events(self, near: Sequence[Event]) -> Iterator[tuple[Event, bool]]:
        """Events to try, and whether they come again for other mutants."""
        maker = self.search.maker
        seeds = [e for found in self.search.seeds.values() for e in found]
        for event in near:
            yield from ((e, False) for e in maker.list_mirrored(event))
        if not self.walked:
            self.walked = [e for seed in seeds[:8] for e in maker.list_mirrored(seed)]
            self.walked += self.search.pool
            self.walked += [self._walk(maker.random.choice(seeds or self.search.pool[:20])) for _ in range(WALKS)]
            self.walked += [maker.make_event(0, 6) for _ in range(FRESH)]
        yield from ((e, True) for e in self.walked)
        for k in range(WALKS // 2 if near else 0):
            yield self._walk(near[k % len(near)]), False

    def _walk(self, event: Event) -> Event:
        """The event with a few things changed."""
        for _ in range(self.search.maker.random.randint(1, 4)):
            event = self.search.maker.change(event)
        return event

    def _is_steady(self, mutant: Interpreter, event: Event) -> bool:
        from codegen.witness.examining import SHAKES

        signature = mutant.run(event, brief=True).signature
        return self.search.is_steady(event) and all(
            mutant.run(event, shake=s, brief=True).signature == signature for s in SHAKES
        )


class Strengthened(NamedTuple):
    """Witnesses with those that were added for mutants, and the mutants that are left or that the format refuses."""

    witnesses: list[Witness]
    survivors: list[Survivor]
    refused: list[Mutant]
    killed: list[Mutant]


def strengthen(search: Searcher, witnesses: Sequence[Witness], mutants: Sequence[Mutant], tell: Tell) -> Strengthened:
    """Add events until every mutant that can be told from the original is; `tell` hears which one is tried."""
    found = Strengthened(list(witnesses), [], [], [])
    distinguisher = Distinguisher(search)
    for k, mutant in enumerate(mutants, start=1):
        tell(f"mistake {k} of {len(mutants)}: {mutant.item}")
        try:
            other = interpret(mutant.criteria, search.interpreter.profile)
            other.readers = search.interpreter.readers  # of the same profile
        except CriteriaError:
            found.refused.append(mutant)
            continue
        if distinguisher.find_killer(other, [w.event for w in found.witnesses]) is not None:
            found.killed.append(mutant)
            continue
        if mutant.kind == "cut dropped" and _lacks_step(search.interpreter, other):
            found.killed.append(mutant)  # its cutflow has a line less
            continue
        reason = explain_equivalence(search.interpreter, other, mutant, search.layout)
        near = [w.event for w in witnesses if w.item == mutant.item]
        event = None if reason else distinguisher.look_further(mutant, other, near)
        if event is None:
            known = reason or explain_survival(search.interpreter, mutant)
            found.survivors.append(Survivor(mutant, known, bool(reason)))
        else:
            found.witnesses.append(Witness(event, mutant.item, f"not {mutant.text} ({mutant.kind})", ""))
            found.killed.append(mutant)
    return found


def _lacks_step(original: Interpreter, other: Interpreter) -> bool:
    return any(
        len(other.steps[region]) < len(steps) for region, steps in original.steps.items() if region in other.steps
    )
