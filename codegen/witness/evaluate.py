"""The meaning of criteria, one event at a time, in plain Python: the last step an event passes in each region.

Written from the rules of the criteria alone, so that it can be held against compiled code.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from codegen.witness.arithmetic import NAN
from codegen.witness.event_candidates import EventCandidates
from codegen.witness.stored import STILL, Event, ProfileReader, Shake
from codegen.witness.values import Entry
from schemas.checked_cut import CheckedCut
from schemas.criteria import Region
from schemas.profile import Profile
from schemas.validation import CheckedCriteria


class Outcome(NamedTuple):
    """What became of one event: the last step passed in each region (-1: never in it), the truth of every region cut,
    and of every cut and overlap removal on single objects and combinations (true: it stays). `outputs` are the stored
    variables of an event that passes a region."""

    last: dict[str, int]
    passed: dict[str, bool]
    single: dict[Entry, bool]
    outputs: dict[str, float]

    @property
    def signature(self) -> tuple[int, ...]:
        """The last steps, in the order of the regions."""
        return tuple(self.last.values())


class Interpreter:
    """Criteria and a profile, ready to look at events.

    `missing` names what the format cannot evaluate, `used` the collections that the regions depend on (None: all).
    """

    def __init__(
        self,
        checked: CheckedCriteria,
        profile: Profile,
        missing: Collection[str] = (),
        used: Collection[str] | None = None,
    ) -> None:
        self.used = frozenset(checked.objects if used is None else used)
        self.checked, self.profile, self.missing = checked, profile, frozenset(missing)
        self.readers: dict[tuple[float, int], ProfileReader] = {}
        criteria = checked.criteria
        self.definitions = {o.name: o for o in criteria.objects}
        self.overlap = [
            s for s in criteria.overlap if s.status != "rejected" and f"{s.remove} near {s.near}" not in self.missing
        ]
        self.touched = {name for s in self.overlap for name in (s.remove, s.near)}
        self.owners = {p: name for name, c in checked.candidates.items() for p in c.candidate.pairing or ()}
        self.outputs = [name for name in criteria.outputs if name not in self.missing]
        self.regions = order_regions(criteria.regions)
        self.steps = {r.name: self._list_steps(checked.regions[r.name]) for r in criteria.regions}
        self.object_cuts = {name: self._group(cuts) for name, cuts in checked.objects.items()}
        self.select_cuts = {name: self._group(c.select) for name, c in checked.candidates.items()}

    def run(
        self,
        event: Event,
        force: Mapping[Entry, bool] | None = None,
        shake: Shake = STILL,
        brief: bool = False,
    ) -> Outcome:
        """What becomes of an event. `force` overrides the outcome of single entries; `brief` leaves out cuts that no
        longer matter."""
        return Look(self, event, force or {}, shake).finish(brief)

    def look(
        self,
        event: Event,
        force: Mapping[Entry, bool] | None = None,
        shake: Shake = STILL,
        atoms: Mapping[int, bool] | None = None,
    ) -> "Look":
        """An event under examination: any expression can be evaluated on it. `atoms` (by the id of a node) are
        conditions that are taken for true or false."""
        return Look(self, event, force or {}, shake, atoms or {})

    def read_profile(self, shake: Shake) -> ProfileReader:
        """The profile as functions, with these errors of computation."""
        key = (shake.size, shake.seed)
        if key not in self.readers:
            self.readers[key] = ProfileReader(self.profile, shake)
        return self.readers[key]

    def list_chain(self, region: str) -> list[str]:
        """A region and its parents, the outermost first."""
        parents = {r.name: r.parent for r in self.regions}
        chain = [region]
        while (parent := parents[chain[0]]) is not None:
            chain.insert(0, parent)
        return chain

    def _group(self, cuts: Sequence[CheckedCut]) -> list[list[CheckedCut]]:
        """Cuts that the format can evaluate; those joined by "or" together, where the first one stands."""
        ordered: list[list[CheckedCut]] = []
        for cut in cuts:
            if cut.cut.id in self.missing:
                continue
            same = next((g for g in ordered if cut.cut.group is not None and g[0].cut.group == cut.cut.group), None)
            if same is None:
                ordered.append([cut])
            else:
                same.append(cut)
        return ordered

    def _list_steps(self, cuts: Sequence[CheckedCut]) -> list[tuple[str, list[CheckedCut]]]:
        """Name and cuts of every step of a region; no cuts where the format can evaluate none of them."""
        steps: dict[str, list[CheckedCut]] = {}
        for cut in cuts:
            known = steps.setdefault(cut.cut.group or cut.cut.id, [])
            if cut.cut.id not in self.missing:
                known.append(cut)
        return list(steps.items())


class Look(EventCandidates):
    """One event under examination. Collections, candidates and variables are made when they are asked for."""

    def finish(self, brief: bool = False) -> Outcome:
        """The last step of every region; briefly, without the cuts that come after the first one that fails."""
        last: dict[str, int] = {}
        alive: dict[str, bool] = {}
        for region in self.of.regions:
            inside = region.parent is None or alive[region.parent]
            position = 0 if inside else -1
            going = inside
            for number, (name, cuts) in enumerate(self.of.steps[region.name], start=1):
                if brief and not going:
                    break
                for cut in cuts:
                    self.passed[cut.cut.id] = self.decide(cut)
                ok = not cuts or any(self.passed[c.cut.id] for c in cuts)
                ok = self.force.get((f"{region.name}/{name}", ()), ok)
                going = going and ok
                position = number if going else position
            last[region.name], alive[region.name] = position, going
        outputs: dict[str, float] = {}
        for name in self.of.outputs if any(alive.values()) else ():
            value = self.number(self.of.checked.variables[name])
            outputs[name] = value if isinstance(value, float) else NAN
        return Outcome(last, self.passed, self.single, outputs)


def order_regions(regions: Sequence[Region]) -> list[Region]:
    """Parents before their children, else in document order."""
    ordered: list[Region] = []
    while len(ordered) < len(regions):
        done = {r.name for r in ordered}
        ordered += [r for r in regions if r.name not in done and (r.parent is None or r.parent in done)][:1]
    return ordered
