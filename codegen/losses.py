"""What a step rests on and the format lacks: cuts, parts of unions and overlap removal of all that the step names."""

from collections.abc import Iterable

from codegen.usage import Usage, list_sources
from schemas.checked_cut import CheckedCut
from schemas.expressions.nodes import Candidate, Collection, Composites, Node

SHOWN = 3  # losses named at a step; the list of what is not evaluable has them all


def list_losses(usage: Usage, cuts: Iterable[CheckedCut]) -> tuple[str, ...]:
    """What was left out of the definitions that these cuts use, directly or through others, in words."""
    following = _Losses(usage)
    for cut in cuts:
        following.follow_cut(cut)
    return tuple(following.found)


def mark_losses(label: str, losses: tuple[str, ...]) -> str:
    """The label of a step, with what its number lacks."""
    if not losses:
        return label
    more = f" and {len(losses) - SHOWN} more" if len(losses) > SHOWN else ""
    return f"{label} [without {'; '.join(losses[:SHOWN])}{more}: not evaluable]"


class _Losses:
    """Follows names down to the stored objects; each name once."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage
        self.checked = usage.binding.checked
        self.texts = {one.cut: one.text for one in usage.not_evaluable}
        self.definitions = {o.name: o for o in self.checked.criteria.objects}
        self.found: dict[str, None] = {}
        self._seen: set[str] = set()

    def follow_cut(self, cut: CheckedCut) -> None:
        for node in (cut.variable, cut.test, cut.condition):
            if node is not None:
                self._follow(node)

    def _follow(self, node: Node) -> None:
        for part in self.usage.binding.walk(node):
            if isinstance(part, Collection):
                self._follow_collection(part.name)
            elif isinstance(part, Candidate | Composites):
                self._follow_candidate(part.name)

    def _follow_cuts(self, owner: str, cuts: Iterable[CheckedCut]) -> None:
        for cut in cuts:
            if cut.cut.id in self.usage.missing:
                self.found[f"{owner}: {self.texts[cut.cut.id]}"] = None
            else:
                self.follow_cut(cut)

    def _follow_collection(self, name: str) -> None:
        if name in self._seen or name not in self.definitions:
            return
        self._seen.add(name)
        definition = self.definitions[name]
        for source in list_sources(definition):
            self._follow_collection(source)
        if name in self.texts:  # parts of the union
            self.found[self.texts[name]] = None
        self._follow_cuts(name, self.checked.objects[name])
        near = [r.with_ for r in definition.remove_overlap if r.status != "rejected"]
        steps = self.checked.criteria.overlap
        near += [s.near for s in steps if s.remove == name and s.status != "rejected"]
        for other in near:
            label = f"{name} near {other}"
            if label in self.usage.missing:
                self.found[self.texts[label]] = None
            else:
                self._follow_collection(other)

    def _follow_candidate(self, name: str) -> None:
        made = self.checked.candidates
        owner = name if name in made else next(k for k, c in made.items() if name in (c.candidate.pairing or ()))
        if owner in self._seen:
            return
        self._seen.add(owner)
        chosen = made[owner]
        for part in (*(chosen.candidate.sum or ()), *chosen.candidate.exclude):
            self._follow_candidate(part)
        for node in (*dict(chosen.roles).values(), *((chosen.source,) if chosen.source is not None else ())):
            self._follow(node)
        for score in chosen.scores:
            self._follow(score)
        self._follow_cuts(owner, chosen.select)
