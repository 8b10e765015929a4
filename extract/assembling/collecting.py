"""Requirements as they come in, in order of the text, and the cuts, removals and questions that they become."""

import re
from collections.abc import Mapping, Sequence

from extract.assembling.arranging import (
    PRESELECTION,
    PlacedCut,
    drop_redundant_conditions,
    find_obstacle,
    name_ends,
    slug_variable,
)  # fmt: skip
from extract.assembling.citing import (
    ask_resolution,
    ask_rivals,
    find_rivals,
    group_open,
    note_source,
)
from extract.assembling.clashes import excludes_other_regions, find_clashes
from extract.assembling.conditions import parse_channels, parse_condition, parse_event_condition, repeats_subject
from extract.assembling.cuts import make_cut, spare_absent
from extract.assembling.disagreeing import Disagreements, ask_conflict
from extract.assembling.overlaps import Removal, find_distance
from extract.assembling.placements import Placement
from extract.assembling.placing import Place, place
from extract.assembling.questions import (
    ask_assumed,
    ask_condition,
    ask_ends,
    ask_group,
    ask_region,
    ask_strictness,
    ask_unplaced,
    ask_which,
    name_region,
    slug,
)  # fmt: skip
from extract.assembling.region_sections import RegionSections
from extract.assembling.requirements import Requirement
from extract.assembling.sources import Sources
from extract.assembling.topology import Topology
from schemas.citation import Resolution
from schemas.criteria import Agreement, Cut, OverlapRemoval, Question

EXCLUDES_OTHERS = re.compile(r"\bfail\w*\b|\bnot (?:in|selected|satisfying|passing)\b|\bremaining\b", re.I)


class Collector:
    """Collects cuts, removals and questions while requirements come in, in order of the text."""

    def __init__(
        self,
        topology: Topology,
        formed_at: int | None,
        sections: RegionSections,
        sources: Sources,
        disagreements: Disagreements,
        regions: frozenset[str],
    ) -> None:
        self.placed: list[PlacedCut] = []
        self.removals: list[Removal] = []
        self.placements: list[Placement] = []
        self._topology = topology
        self._sections = sections
        self._formed_at = formed_at
        self._sources = sources
        self._disagreements = disagreements
        self._regions = regions
        self._unplaced: dict[tuple[str, str], list[Requirement]] = {}
        self._questions: list[Question] = []
        self._unread: dict[str, str | None] = {}

    def add(self, requirement: Requirement) -> None:
        """Place one requirement."""
        if set(requirement.findings) <= set(self._topology.used):
            self._record(requirement, cut=", ".join(c.name for c in self._topology.candidates))
            return
        where = place(requirement, self._topology, self._formed_at)
        if self._is_foreign_region(requirement):
            self._leave_open(requirement, f"'{requirement.scope}' is a region of the cited work")
        elif where.kind == "removal":
            self._add_removal(requirement, where)
        elif where.kind == "none":
            self._leave_open(requirement, where.why)
        else:
            self._add_cut(requirement, where)

    def close(self, resolutions: Sequence[Resolution], held: Mapping[str, str]) -> tuple[Question, ...]:
        """All questions: about cuts, readings and cited works that differ, assumed choices, and what has no place.

        `held` maps findings without a value to the delegations that say what became of them.
        """
        unread = list(self._unread.values())
        self.placed = [self._with_agreement(p) for p in name_ends(drop_redundant_conditions(self.placed))]
        for placed, condition in zip(self.placed, unread, strict=True):
            if condition and EXCLUDES_OTHERS.search(condition) and excludes_other_regions(placed, self.placed):
                condition = None
            self._record(placed.requirement, cut=placed.cut.id)
            self._ask_about(placed.cut, placed.requirement, condition)
        for placed in self.placed:
            group = placed.requirement.finding.group
            lost = [r for rs in self._unplaced.values() for r in rs if group is not None and r.finding.group == group]
            if lost:
                self._ask(ask_group(self._number(), placed.cut, lost))
        for text in self._topology.assumed:
            self._ask(ask_assumed(self._number(), text))
        rivals = find_rivals(self.placed, self._sources)
        outvoted = self._ask_readings()
        for one in rivals:
            self._ask(ask_rivals(self._number(), one, self._sources))
        aside = outvoted | {r.cited.cut.id for r in rivals} | {c.id for c in self._find_cited(self._sources.choices)}
        for clash in find_clashes([p for p in self.placed if p.cut.id not in aside]):
            self._ask(ask_which(self._number(), clash.cuts, clash.default, clash.group))
        for (subject, why), requirements in self._unplaced.items():
            question = ask_unplaced(self._number(), subject, why, requirements)
            agreement = self._sources.find_agreement([i for r in requirements for i in r.findings])
            self._ask(question.model_copy(update={"agreement": agreement}))
            for requirement in requirements:
                self._record(requirement, question=question.id)
        self._ask_cited(resolutions, held)
        return tuple(self._questions)

    def _ask_readings(self) -> frozenset[str]:
        """Ask about findings of different readings that cannot both be right; the cuts that wait for the answer."""
        aside: set[str] = set()
        for conflict in self._disagreements.conflicts:
            sides = self._disagreements.find_sides(conflict, self.placed, self._unplaced, self._sources)
            if len(sides) < 2:
                continue  # joined after all, or part of a candidate
            question = ask_conflict(self._number(), conflict, sides)
            self._ask(question)
            aside |= {s.cut.id for s in sides if s.cut is not None and s.finding != conflict.default}
            for side in sides:
                if side.cut is None:
                    self._settle(side.requirement)
                    self._record(side.requirement, question=question.id)
        return frozenset(aside)

    def _ask_cited(self, resolutions: Sequence[Resolution], held: Mapping[str, str]) -> None:
        """Ask about definitions that stay with cited works; what stood for them goes there."""
        fates = {p.finding: p for p in self.placements}
        for group in group_open(resolutions):
            ids = frozenset(r.delegation.id for r in group)
            named = {i for r in group for i in r.findings} | self._sources.list_taken(ids)
            found = [fates[i] for i in sorted(named) if i in fates]
            waiting = self._find_cited(ids & self._sources.choices)
            question = ask_resolution(self._number(), group, waiting, self._sources, bool(found))
            if question is not None:
                self._ask(question)
            cuts = list(dict.fromkeys(p.cut for p in found if p.cut is not None))
            asked = question.id if question is not None else next((p.question for p in found if p.question), None)
            self.placements.extend(
                Placement(finding=i, cut=", ".join(cuts) or None, question=None if cuts else asked)
                for finding, delegation in held.items()
                if delegation in ids
                for i in self._sources.stands_for(finding)
            )

    def _find_cited(self, delegations: frozenset[str]) -> tuple[Cut, ...]:
        """The cuts that delegations led to."""
        return tuple(p.cut for p in self.placed if p.requirement.finding.delegated_by in delegations)

    def _with_agreement(self, placed: PlacedCut) -> PlacedCut:
        agreement = self._find_agreement(placed.requirement)
        if agreement is None:
            return placed
        return placed.model_copy(update={"cut": placed.cut.model_copy(update={"agreement": agreement})})

    def _find_agreement(self, requirement: Requirement) -> Agreement | None:
        """In how many readings a requirement was found; of a cited work's, the paper's delegation of it."""
        agreement = self._sources.find_agreement(requirement.findings)
        if agreement is None and requirement.delegating is not None:
            return self._sources.find_delegating_agreement(requirement.finding)
        return agreement

    def _is_foreign_region(self, requirement: Requirement) -> bool:
        """Whether a cited work asks it of a region that the paper does not speak of."""
        if requirement.scope is None or requirement.delegating is None:
            return False
        return name_region(requirement.scope) not in self._regions

    def _settle(self, requirement: Requirement) -> None:
        """Take it from what has no place: another question is about it."""
        for key, waiting in list(self._unplaced.items()):
            left = [r for r in waiting if r is not requirement]
            self._unplaced[key] = left
            if not left:
                del self._unplaced[key]

    def _add_removal(self, requirement: Requirement, where: Place) -> None:
        distance = find_distance(requirement)
        if distance is None:
            self._leave_open(requirement, "an overlap removal that depends on more than a distance")
            return
        if where.collection == where.other:
            self._leave_open(requirement, "an overlap removal within one collection")
            return
        if self._disagreements.is_outvoted(requirement.findings):
            self._leave_open(requirement, "another reading says otherwise")
            return
        agreement = self._find_agreement(requirement)
        entry = OverlapRemoval(
            with_=where.other,
            deltaR=distance,
            evidence=requirement.all_evidence,
            origin=requirement.finding.reader,
            agreement=agreement,
            note=note_source(None, requirement.finding, self._sources),
        )
        self.removals.append(Removal(removed=where.collection, entry=entry))
        self._record(requirement, cut=f"{where.collection}.remove_overlap")

    def _add_cut(self, requirement: Requirement, where: Place) -> None:
        owner, scope_condition, unread_scope = self._read_scope(requirement, where)
        condition, unread = _read_condition(requirement, where, self._topology)
        joint = " and ".join(f"({c})" for c in (scope_condition, condition) if c) if scope_condition else condition
        cut = make_cut(self._free_id(self._name(requirement, where)), requirement, where, self._topology, joint)
        if cut is not None and condition is not None:
            # Thresholds that hold for different objects ("25 (30) GeV for central (forward) jets") all hold.
            cut = cut.model_copy(update={"group": None})
        if cut is not None and requirement.delegating is not None:
            cut = cut.model_copy(update={"note": note_source(cut.note, requirement.finding, self._sources)})
        if cut is not None and requirement.finding.effect == "reject_event":
            cut = spare_absent(cut)
        if cut is None:
            self._leave_open(requirement, "its value has no form that a cut can hold")
            return
        placed = PlacedCut(requirement=requirement, where=where, owner=owner, cut=cut)
        obstacle = find_obstacle(placed, self._topology)
        if obstacle is not None:
            self._leave_open(requirement, obstacle)
            return
        twin = next((p for p in self.placed if where.asks_candidate and p.where == where and p.owner == owner), None)
        if twin is not None:
            self.placed[self.placed.index(twin)] = twin.model_copy(
                update={"requirement": twin.requirement.with_also(requirement)}
            )
            return
        self.placed.append(placed)
        self._unread[cut.id] = unread or unread_scope

    def _ask_about(self, cut: Cut, requirement: Requirement, unread: str | None) -> None:
        threshold = cut.threshold
        if requirement.scope is None and self._defines_region(requirement):
            self._ask(ask_region(self._number(), cut))
        elif unread is not None:
            self._ask(ask_condition(self._number(), cut, unread, requirement.all_evidence))
        elif requirement.also_printed:
            self._ask(ask_strictness(self._number(), cut, (requirement.operator, *requirement.also_printed)))
        elif self._disagreements.is_outvoted(requirement.findings):
            return  # whether it is a cut at all is asked first
        elif threshold is not None and threshold.range is not None and threshold.closed is None:
            self._ask(ask_ends(self._number(), cut))

    def _defines_region(self, requirement: Requirement) -> bool:
        if requirement.finding.stage == "region" and requirement.finding.scope is None:
            return True
        return any(self._sections.speak_of_regions(e) for e in requirement.in_paper if e.source == "prose")

    def _name(self, requirement: Requirement, where: Place) -> str:
        f = requirement.finding
        if where.asks_candidate and self._topology.later_means_members:
            return "quadruplet_n"
        partner = f.second_subject or (f.subject if f.variable == "deltaR" else None)
        second = f"_{slug(partner)}" if partner else ""
        return f"{slug(f.subject)}{second}_{slug_variable(f.variable)}"

    def _read_scope(self, requirement: Requirement, where: Place) -> tuple[str, str | None, str | None]:
        """Collection or region, a condition for a scope of decay channels, and a scope that no object cut can hold."""
        scope = requirement.scope
        if where.kind == "object":
            return where.collection, None, scope
        if scope is None:
            return PRESELECTION, None, None
        if self._topology.later_means_members and (channels := parse_channels(scope, self._topology.name or "")):
            return PRESELECTION, channels, None
        return name_region(scope), None, None

    def _leave_open(self, requirement: Requirement, why: str) -> None:
        self._unplaced.setdefault((requirement.finding.subject, why), []).append(requirement)

    def _free_id(self, name: str) -> str:
        return name if name not in self._unread else next(
            f"{name}_{i}" for i in range(2, 10_000) if f"{name}_{i}" not in self._unread
        )  # fmt: skip

    def _number(self) -> int:
        return len(self._questions) + 1

    def _ask(self, question: Question) -> None:
        self._questions.append(question)

    def _record(self, requirement: Requirement, cut: str | None = None, question: str | None = None) -> None:
        self.placements.extend(Placement(finding=i, cut=cut, question=question) for i in requirement.findings)


def _read_condition(requirement: Requirement, where: Place, topology: Topology) -> tuple[str | None, str | None]:
    """The condition as an expression, and the printed one when it has none but matters."""
    printed = requirement.condition
    if printed is None or where.asks_candidate:
        return None, None
    if where.kind == "object":
        expression = parse_condition(printed)
    else:
        expression = parse_event_condition(printed, {v.name.lower(): v.name for v in topology.variables})
    if expression is not None:
        return expression, None
    # The expression of an event cut already speaks of the candidate's members, ranks and pairs, which a printed
    # condition repeats; a count keeps its meaning only with its condition.
    if requirement.finding.variable == "isolation" and "isolation" in printed and "_isolation" in where.expression:
        return None, None  # the condition is the formula, and the expression has it
    repeated = where.kind == "event" and requirement.finding.variable != "n" and repeats_subject(printed)
    return None, None if repeated else printed
