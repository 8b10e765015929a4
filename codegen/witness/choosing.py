"""Events on which a mistake chooses other candidates, led to where the choice decides something."""

from collections.abc import Callable, Sequence

from codegen.witness.evaluate import Interpreter, Look
from codegen.witness.mutant import Mutant
from codegen.witness.objects import Ref
from codegen.witness.search import Searcher
from codegen.witness.stored import Event

KINDS = ("choice", "exclude", "early cut")  # of mistakes that only some events with more objects than needed show
CROWDED = 120  # events with more objects that are looked at
CLIMBS = 4
STEPS = 300
OTHERWISE = 3.0  # how far an event is from its aim where both choose the same
UNSEEN = 0.5  # and where they do not, but no step tells

Choice = dict[str, tuple[frozenset[Ref], ...] | None]  # by the candidate's name


def find_choice(
    search: Searcher, mutant: Mutant, other: Interpreter, near: Sequence[Event], tells: Callable[[Event], bool]
) -> Event | None:
    """An event that passes as much as it can of some region of the original, and on which the mutant chooses other
    candidates, so that it `tells` them apart; None where none was found.

    The search starts from events with more objects than the candidates need.
    """
    if mutant.kind not in KINDS:
        return None
    maker, climber = search.maker, search.climber

    def differs(look: Look) -> bool:
        chosen = read_choice(other.look(look.event))
        return any(name not in chosen or chosen[name] != refs for name, refs in read_choice(look).items())

    for region in reversed(search.interpreter.regions):
        seeds = [*near, *search.seeds.get(region.name, ())]
        if not search.seeds.get(region.name):
            continue
        crowded = [crowd(search, maker.random.choice(seeds)) for _ in range(CROWDED)]

        def objective(look: Look, region: str = region.name) -> float:
            missed = climber.miss_region(look, region, slack=0.01)
            if not differs(look):
                return missed + OTHERWISE
            return missed if missed else UNSEEN * (not tells(look.event))

        looks = [search.interpreter.look(event) for event in crowded]
        ranked = sorted(range(len(looks)), key=lambda k: objective(looks[k]))
        for k in ranked[:CLIMBS]:
            event, left = climber.climb(crowded[k], objective, STEPS)
            if left == 0 or tells(event):
                return event
    return None


def crowd(search: Searcher, event: Event) -> Event:
    """An event with one or two more objects, most of them near to passing what the others pass, and a few changes."""
    maker = search.maker
    event = event.copy()
    for _ in range(maker.random.randint(1, 2)):
        maker.add_object(event, maker.random.choice(maker.bases))
    for _ in range(maker.random.randint(0, 2)):
        event = maker.change(event)
    return event


def read_choice(look: Look) -> Choice:
    """The objects of every candidate that is chosen; None for one that is not there."""
    found: Choice = {}
    for name, made in look.of.checked.candidates.items():
        if made.candidate.assign is not None:
            composites = look.assigned(name)
            found[name] = None if composites is None else tuple(frozenset(c.refs) for c in composites)
        elif made.candidate.sum is None:
            for one in made.candidate.pairing or (name,):
                chosen = look.candidate(one)
                found[one] = None if chosen is None else (frozenset(chosen.refs),)
    return found
