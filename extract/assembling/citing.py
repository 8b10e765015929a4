"""What the paper leaves to cited works: what was taken from them, what clashes with the paper, what stays open."""

from collections.abc import Sequence
from math import inf

from extract.assembling.arranging import PlacedCut
from extract.assembling.clashes import find_interval
from extract.assembling.questions import LEAVE_OUT, describe_cut, leave_out, slug
from extract.assembling.sources import Sources, name_keys
from schemas.citation import Resolution
from schemas.criteria import Alternative, Cut, Question
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.model import Model


class Rivals(Model):
    """A cut of a cited work and the paper's own cuts on the same variable that say something else."""

    cited: PlacedCut
    own: tuple[PlacedCut, ...]


def note_source(note: str | None, finding: Finding, sources: Sources) -> str | None:
    """The note of a cut that a cited work states."""
    if finding.document is None:
        return note
    taken = f"taken from {sources.name_work(finding)}"
    return f"{note}; {taken}" if note else taken


def find_placeholders(
    findings: Sequence[Finding], evidence: Sequence[Evidence], resolutions: Sequence[Resolution], sources: Sources
) -> dict[str, str]:
    """Findings without a value of their own whose definition was looked for: id to id of the delegation.

    What became of the delegation says more than that the finding has no value.
    """
    named = {r.delegation.finding: r.delegation for r in resolutions if r.delegation.finding}
    places = {f.id: e.spans for f, e in zip(findings, evidence, strict=True)}
    held: dict[str, str] = {}
    for finding in findings:
        if finding.value is not None or finding.document is not None or not finding.cites:
            continue
        for one in sources.stands_for(finding.id):
            if one in named:
                held[finding.id] = named[one].id
        for r in resolutions:
            d = r.delegation
            same = d.variable == finding.variable and d.subject == finding.subject
            overlaps = any(s < d.end and d.start < e for s, e in places[finding.id])
            if same and overlaps:
                held.setdefault(finding.id, d.id)
    settled = {r.delegation.id for r in resolutions if r.status != "no_cut"}
    return {finding: delegation for finding, delegation in held.items() if delegation in settled}


def find_rivals(placed: Sequence[PlacedCut], sources: Sources) -> tuple[Rivals, ...]:
    """Cuts of cited works that the paper itself states with another value."""
    found = []
    for one in placed:
        if one.requirement.delegating is None or one.requirement.finding.delegated_by not in sources.resolved:
            continue
        own = tuple(p for p in placed if p.requirement.delegating is None and _bounds_alike(p, one))
        if own:
            found.append(Rivals(cited=one, own=own))
    return tuple(found)


def ask_rivals(number: int, rivals: Rivals, sources: Sources) -> Question:
    """The paper and the work that it cites say different things: the paper wins unless a person says otherwise."""
    cited, own = rivals.cited.cut, tuple(p.cut for p in rivals.own)
    work = sources.name_work(rivals.cited.requirement.finding)
    mine = " and ".join(describe_cut(c) for c in own)
    return Question(
        id=f"q{number}_{cited.id}",
        text=f"{cited.id}: the paper says {mine}, {work} says {describe_cut(cited)}. Which one holds?",
        why="the paper and the work that it cites differ",
        alternatives=(
            Alternative(key="paper", text=f"what the paper says: {mine}", rejects=(cited.id,)),
            Alternative(key="cited", text=f"what {work} says: {describe_cut(cited)}", rejects=tuple(c.id for c in own)),
            Alternative(key="all", text="both hold"),
        ),
        default="paper",
        cuts=(cited.id, *(c.id for c in own)),
        evidence=(*cited.evidence, *(e for c in own for e in c.evidence)),
    )


def ask_resolution(
    number: int, resolutions: Sequence[Resolution], cuts: Sequence[Cut], sources: Sources, taken: bool
) -> Question | None:
    """One question for delegations that one reason leaves open; None for those that need none.

    `cuts` come from the cited work; where it states more than one alternative, they wait for the answer. `taken` says
    whether anything of the cited work reached the criteria or another question.
    """
    first = resolutions[0]
    if first.status == "no_cut" or (first.status == "resolved" and taken):
        return None
    about = "; ".join(dict.fromkeys(_describe(r) for r in resolutions))
    work = sources.works[first.delegation.id]
    keys = name_keys(first.delegation)
    if first.delegation.id in sources.choices and cuts:
        text = f"{about}: {work} says {' and '.join(describe_cut(c) for c in cuts)}. Which one holds here?"
    elif first.status == "question":
        text = f"{about}: {work}, of which no value is taken over"
    elif first.status == "unresolved":
        text = f"{about}: defined in {work}, which was not read"
    else:
        text = f"{about}: defined in {work}, of which nothing could be used"
    only = [
        Alternative(key=f"only_{c.id}", text=f"only {describe_cut(c)}", rejects=tuple(o.id for o in cuts if o != c))
        for c in cuts
    ]
    both = [Alternative(key="all", text="all of them hold")] if len(cuts) > 1 else []
    quotes = (sources.delegating.get(r.delegation.id) for r in resolutions)
    return Question(
        id=f"q{number}_{slug(first.delegation.subject)}_{slug(keys)}",
        text=text,
        why=first.reason,
        alternatives=(*only, *both, leave_out(*cuts)),
        default=LEAVE_OUT,
        cuts=tuple(c.id for c in cuts),
        evidence=tuple(e for e in quotes if e is not None),
    )


def group_open(resolutions: Sequence[Resolution]) -> tuple[tuple[Resolution, ...], ...]:
    """Resolutions that one question can be about: one work, one status, one reason; in order of the text."""
    groups: dict[tuple[object, ...], list[Resolution]] = {}
    for r in sorted(resolutions, key=lambda r: (r.delegation.start, r.delegation.id)):
        alone = r.delegation.id if r.findings else ""
        groups.setdefault((r.status, r.delegation.keys, r.reason, alone), []).append(r)
    return tuple(tuple(group) for group in groups.values())


def _describe(resolution: Resolution) -> str:
    d = resolution.delegation
    subject, variable = (w.removeprefix("other:").replace("_", " ") for w in (d.subject, d.variable))
    return f"{variable} of {subject} (p. {d.page})"


def _bounds_alike(own: PlacedCut, cited: PlacedCut) -> bool:
    a, b = own.cut, cited.cut
    if own.owner != cited.owner or a.variable != b.variable or a.condition != b.condition:
        return False
    x, y = find_interval(a), find_interval(b)
    if x is None or y is None:
        return x is y and (a.operator, a.threshold) != (b.operator, b.threshold)
    same_side = (x[0] > -inf and y[0] > -inf) or (x[1] < inf and y[1] < inf)
    return same_side and (a.operator, x) != (b.operator, y)
