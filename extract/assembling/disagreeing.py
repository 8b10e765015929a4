"""Readings that differ about one place of the paper: an open question with each of them as an alternative."""

from collections.abc import Iterable, Mapping, Sequence

from extract.assembling.arranging import PlacedCut
from extract.assembling.questions import LEAVE_OUT, describe, describe_cut, leave_out, slug
from extract.assembling.requirements import Requirement
from extract.assembling.sources import Sources
from schemas.criteria import Agreement, Alternative, Cut, Question
from schemas.model import Model
from schemas.reading import Conflict


class Side(Model):
    """What one part of the readings says. `cut` is None where it has no place in the criteria."""

    finding: str
    requirement: Requirement
    cut: Cut | None
    agreement: Agreement | None


class Disagreements:
    """The conflicts of a consensus, and which findings lose in them by default."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        """Conflicts name findings that stand for others."""
        self.conflicts = tuple(conflicts)
        self._outvoted = {f for c in conflicts for f in c.findings if f != c.default}

    def is_outvoted(self, findings: Iterable[str]) -> bool:
        """Whether other readings say otherwise, and the documented default is with them (or with nobody)."""
        return not self._outvoted.isdisjoint(findings)

    def find_sides(
        self,
        conflict: Conflict,
        placed: Sequence[PlacedCut],
        unplaced: Mapping[tuple[str, str], Sequence[Requirement]],
        sources: Sources,
    ) -> tuple[Side, ...]:
        """The sides of a conflict that are cuts, or wait for a place; one for findings that were joined since."""
        cuts = {i: p for p in placed for i in p.requirement.findings}
        waiting = {i: r for rs in unplaced.values() for r in rs for i in r.findings}
        sides: list[Side] = []
        for finding in conflict.findings:
            known = cuts.get(finding)
            requirement = known.requirement if known is not None else waiting.get(finding)
            if requirement is None or any(s.requirement is requirement for s in sides):
                continue
            sides.append(
                Side(
                    finding=finding,
                    requirement=requirement,
                    cut=known.cut if known is not None else None,
                    agreement=sources.find_agreement((finding,)),
                )
            )
        return tuple(sides)


def ask_conflict(number: int, conflict: Conflict, sides: Sequence[Side]) -> Question:
    """Which of the readings is right. Those without a cut are listed, and every answer leaves them out."""
    cuts = [(s, s.cut) for s in sides if s.cut is not None]
    ids = tuple(c.id for _, c in cuts)
    alternatives = [
        Alternative(key=f"only_{c.id}", text=f"only {_tell(s)}", rejects=tuple(i for i in ids if i != c.id))
        for s, c in cuts
    ]
    if len(cuts) > 1:
        alternatives.append(Alternative(key="all", text="all of them hold"))
    chosen = next((f"only_{c.id}" for s, c in cuts if s.finding == conflict.default), LEAVE_OUT)
    subject = sides[0].requirement.finding.subject
    return Question(
        id=f"q{number}_{ids[0] if ids else slug(subject)}",
        text=f"Readings differ: {'; '.join(_tell(s) for s in sides)}. Which one holds?",
        why=conflict.why,
        alternatives=(*alternatives, leave_out(*(c for _, c in cuts))),
        default=chosen,
        cuts=ids,
        evidence=tuple(dict.fromkeys(e for s in sides for e in s.requirement.all_evidence)),
    )


def _tell(side: Side) -> str:
    requirement = side.requirement
    name = requirement.finding.subject.removeprefix("other:").replace("_", " ")
    said = f"{name}: {describe(requirement)}" if side.cut is None else describe_cut(side.cut)
    scope = f" in {requirement.scope}" if requirement.scope else ""
    votes = f" ({side.agreement.found}/{side.agreement.of})" if side.agreement else ""
    return f"{said}{scope}{votes}"
