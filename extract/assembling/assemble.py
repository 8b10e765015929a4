"""Findings and their evidence become Structured Selection Criteria. Deterministic: same input, same document."""

from collections.abc import Sequence

from extract.assembling.analysis import describe_analysis
from extract.assembling.arranging import (
    define_objects,
    order_regions,
)  # fmt: skip
from extract.assembling.citing import (
    find_placeholders,
)
from extract.assembling.collecting import Collector
from extract.assembling.disagreeing import Disagreements
from extract.assembling.overlaps import arrange_removals
from extract.assembling.placements import Placement
from extract.assembling.questions import (
    name_region,
)  # fmt: skip
from extract.assembling.region_sections import RegionSections
from extract.assembling.requirements import Requirement, merge_findings
from extract.assembling.sources import Sources, choose_findings, gather_sources
from extract.assembling.topology import Topology, count_votes, find_topology
from extract.attempts import leave_out
from schemas.citation import Resolution
from schemas.criteria import SelectionCriteria
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.model import Model
from schemas.reading import Consensus


class Assembly(Model):
    """The criteria and the fate of every finding."""

    criteria: SelectionCriteria
    placements: tuple[Placement, ...]


def assemble(
    document: Document,
    findings: Sequence[Finding],
    evidence: Sequence[Evidence],
    *,
    consensus: Consensus | None = None,
    resolutions: Sequence[Resolution] = (),
) -> Assembly:
    """Criteria from findings; `evidence[i]` belongs to `findings[i]`. What is not grounded goes nowhere near a cut.

    With a consensus, `findings` are those of all readings (and those taken from cited works): only the ones that stand
    for others are assembled, each cut says in how many readings it was found, and conflicts become questions.
    `resolutions` say what became of the definitions that the paper leaves to cited works; findings of a cited work
    (`document` is set) count only where one of them is resolved.
    """
    document = leave_out(document)  # its title and its headings name things
    sources = gather_sources(document, findings, evidence, consensus, resolutions)
    chosen, proofs = choose_findings(findings, evidence, consensus)
    refused = _refuse(chosen, proofs, sources)
    held = find_placeholders(chosen, proofs, resolutions, sources)
    usable = [(f, e) for f, e in zip(chosen, proofs, strict=True) if f.id not in refused and f.id not in held]
    requirements = merge_findings([f for f, _ in usable], [e for _, e in usable], sources)
    topology = find_topology(requirements)
    topology = count_votes(topology, sources.find_agreement(topology.stating))
    disagreements = Disagreements(consensus.conflicts if consensus else ())
    regions = frozenset(name_region(r.scope) for r in requirements if r.scope is not None and r.delegating is None)
    formed_at = _formed_at(requirements, topology)
    work = Collector(topology, formed_at, RegionSections(document), sources, disagreements, regions)
    for requirement in requirements:
        work.add(requirement)
    questions = work.close(resolutions, {f: d for f, d in held.items() if f not in refused})
    removals, steps = arrange_removals(work.removals)
    criteria = SelectionCriteria(
        analysis=describe_analysis(document, topology),
        objects=define_objects(work.placed, removals, {s.near for s in steps} | {s.remove for s in steps}, topology),
        overlap=steps,
        candidates=topology.candidates,
        variables=topology.variables,
        regions=order_regions(work.placed),
        outputs=topology.outputs,
        questions=questions,
    )
    refusals = [Placement(finding=i, refused=why) for i, why in refused.items()]
    return Assembly(criteria=criteria, placements=(*work.placements, *refusals))


def _refuse(findings: Sequence[Finding], evidence: Sequence[Evidence], sources: Sources) -> dict[str, str]:
    """Findings that go nowhere, and why, in their order; those that an ungrounded one stands for go with it."""
    refused: dict[str, str] = {}
    for finding, proof in zip(findings, evidence, strict=True):
        why = sources.refuse(finding) if proof.grounded else proof.reason or "the quote does not say it"
        if why is not None:
            refused |= dict.fromkeys(sources.stands_for(finding.id), why)
    return refused


def _formed_at(requirements: Sequence[Requirement], topology: Topology) -> int | None:
    """Position in the text where candidates of the analysis are first spoken of."""
    if topology.name is None:
        return None
    counted = [r.position for r in requirements if r.finding.subject in topology.counts and r.finding.variable == "n"]
    return min(counted or [r.position for r in requirements if r.finding.subject in topology.bodies], default=None)
