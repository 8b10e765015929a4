"""Objects, candidates and regions of an edited file with what belongs to them, and what was added by hand."""

from dataclasses import dataclass, field

from codegen.adl.changes import Change
from codegen.adl.ledger import Read
from codegen.adl.translating import BY, Part, Translator
from schemas.criteria import Candidate, Cut, ObjectDefinition, OverlapRemoval, Region, SelectionCriteria


@dataclass
class Owner:
    """An object, candidate or region with the line it stands in and its own parts with theirs."""

    line: int
    part: Part
    cuts: list[tuple[int, Cut]] = field(default_factory=list)
    removals: list[tuple[int, OverlapRemoval]] = field(default_factory=list)


def close(owner: Owner) -> Part:
    """The part with its own parts, in the order of their lines."""
    cuts = tuple(cut for _, cut in sorted(owner.cuts, key=lambda pair: pair[0]))
    removals = tuple(r for _, r in sorted(owner.removals, key=lambda pair: pair[0]))
    match owner.part:
        case ObjectDefinition():
            return owner.part.model_copy(update={"cuts": cuts, "remove_overlap": removals})
        case Candidate():
            return owner.part.model_copy(update={"select": cuts})
        case Region():
            return owner.part.model_copy(update={"cuts": cuts})
    return owner.part


def add_new(owners: list[Owner], change: Change, said: SelectionCriteria, read: Read, translator: Translator) -> None:
    """Statements without a comment: cuts, objects, candidates, variables, regions that were added by hand."""
    lines = read.lines
    added = set(change.added)
    made_from: list[ObjectDefinition | Candidate | Region] = [
        *said.objects, *said.candidates, *said.regions,
    ]  # fmt: skip
    for owner in made_from:
        cuts = owner.select if isinstance(owner, Candidate) else owner.cuts
        new = [c for c in cuts if lines.get(f"cut {c.id}") in added and c.id not in translator.taken]
        kind = {ObjectDefinition: "object", Candidate: "candidate", Region: "region"}[type(owner)]
        at = lines.get(f"{kind} {owner.name}")
        removals = _list_added(owner, added, read, translator) if isinstance(owner, ObjectDefinition) else []
        if at in added:
            made = Owner(at or 0, translator.translate_part(owner))
            owners.append(made)
        elif new or removals:
            first = min([lines[f"cut {c.id}"] for c in new] + [n for n, _ in removals])
            made = max((o for o in owners if o.line <= first), key=lambda o: o.line)
        else:
            continue
        made.cuts += [(lines[f"cut {c.id}"], translator.add_cut(c)) for c in new]
        made.removals += removals
    for variable in said.variables:
        at = lines.get(f"variable {variable.name}")
        if at in added and not any(o.part.name == translator.rename(variable.name) for o in owners):
            expression = translator.rewrite(variable.expression)
            owners.append(Owner(at or 0, variable.model_copy(update={"expression": expression})))


def _list_added(
    owner: ObjectDefinition, added: set[int], read: Read, translator: Translator
) -> list[tuple[int, OverlapRemoval]]:
    """Overlap removals that were added by hand, with their lines."""
    found = []
    for removal in owner.remove_overlap:
        line = read.lines.get(f"away {owner.name} {removal.with_}", 0)
        if line in added:
            near = translator.rename(removal.with_)
            found.append((line, removal.model_copy(update={"with_": near, "by": BY})))
    return found
