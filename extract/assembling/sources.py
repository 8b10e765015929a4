"""Where findings come from, beyond one quote of the paper: several readings, and works that the paper cites."""

from collections.abc import Mapping, Sequence, Set

from extract.grounding.index import GroundingIndex
from schemas.citation import Delegation, Resolution
from schemas.criteria import Agreement
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.model import Model
from schemas.reading import Consensus, Vote

DEPTH = 8  # delegations that lead from one work to the next


class Sources(Model):
    """What is known about the findings of several readings and of cited works.

    `further` gives a finding's quotes at other places of the paper, `delegating` the paper's quote by id of a
    delegation, `works` the name of the cited work by id of a delegation.
    """

    votes: Mapping[str, Vote] = {}
    further: Mapping[str, tuple[Evidence, ...]] = {}
    delegating: Mapping[str, Evidence] = {}
    works: Mapping[str, str] = {}
    resolved: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()  # delegations to works that state more than one alternative
    delegators: Mapping[str, tuple[str, ...]] = {}  # by id of a delegation: the paper's findings that speak of it
    taken: Mapping[str, str] = {}  # id of a cited work's finding to id of the delegation

    def stands_for(self, finding: str) -> tuple[str, ...]:
        """Ids of the findings that this one stands for, its own first."""
        vote = self.votes.get(finding)
        return (finding,) if vote is None else (finding, *(i for i in vote.merged if i != finding))

    def find_delegating(self, finding: Finding) -> Evidence | None:
        """The paper's quote that leaves this finding to a cited work; None for what the paper says itself."""
        return self.delegating.get(finding.delegated_by or "") if finding.document is not None else None

    def refuse(self, finding: Finding) -> str | None:
        """Why a finding of a cited work is not the paper's; None for one that is, or that the paper states itself."""
        if finding.document is None:
            return None
        if finding.delegated_by not in self.delegating:
            return "no delegation of the paper leads to it"
        if finding.delegated_by in self.resolved or finding.delegated_by in self.choices:
            return None
        return "the paper does not take this definition over"

    def list_taken(self, delegations: Set[str]) -> set[str]:
        """Ids of the findings that delegations led to."""
        return {finding for finding, delegation in self.taken.items() if delegation in delegations}

    def name_work(self, finding: Finding) -> str:
        """The cited work that states a finding, as people know it."""
        return self.works.get(finding.delegated_by or "", finding.document or "the cited work")

    def find_agreement(self, findings: Sequence[str]) -> Agreement | None:
        """In how many readings one of the findings was found; None when there was nothing to vote on."""
        votes = [v for i in findings if (v := self.votes.get(i)) is not None]
        if not votes:
            return None
        return Agreement(found=len({name for v in votes for name in v.found_in}), of=max(v.of for v in votes))

    def find_delegating_agreement(self, finding: Finding) -> Agreement | None:
        """In how many readings the paper's delegation of a cited work's finding was found."""
        return self.find_agreement(self.delegators.get(finding.delegated_by or "", ()))


PAPER_ALONE = Sources()


def gather_sources(
    document: Document,
    findings: Sequence[Finding],
    evidence: Sequence[Evidence],
    consensus: Consensus | None,
    resolutions: Sequence[Resolution],
) -> Sources:
    """What readings and cited works add. Spans of cited works are offsets into other texts and order nothing here."""
    proof = {f.id: e for f, e in zip(findings, evidence, strict=True)}
    votes = consensus.votes if consensus else ()
    return Sources(
        votes={v.finding: v for v in votes},
        further={v.finding: tuple(_list_further(v, proof)) for v in votes},
        delegating=_quote_delegations(document, resolutions),
        works={r.delegation.id: _name_work(r) for r in resolutions},
        delegators=_find_delegators(document, findings, proof, votes, resolutions),
        taken={f.id: f.delegated_by for f in findings if f.document is not None and f.delegated_by is not None},
        choices=frozenset(
            r.delegation.id
            for r in resolutions
            if r.status == "question" and r.delegation.kind == "definition" and r.findings
        ),
        resolved=frozenset(r.delegation.id for r in resolutions if r.status == "resolved"),
    )


def choose_findings(
    findings: Sequence[Finding], evidence: Sequence[Evidence], consensus: Consensus | None
) -> tuple[tuple[Finding, ...], tuple[Evidence, ...]]:
    """The findings to assemble, with their evidence: those that stand for others, and those that were not voted on."""
    if consensus is None:
        return tuple(findings), tuple(evidence)
    proof = {f.id: e for f, e in zip(findings, evidence, strict=True)}
    voted = {i for v in consensus.votes for i in (v.finding, *v.merged)}
    chosen = [f for f in consensus.findings if f.id in proof] + [f for f in findings if f.id not in voted]
    return tuple(chosen), tuple(proof[f.id] for f in chosen)


def name_keys(delegation: Delegation) -> str:
    """The keys of a delegation as printed: "[100, 101]"."""
    return f"[{', '.join(k.strip('[]') for k in delegation.keys)}]"


def _list_further(vote: Vote, proof: Mapping[str, Evidence]) -> list[Evidence]:
    """One quote for every other place that states it: a table beside prose, a repetition in a caption."""
    own = proof.get(vote.finding)
    if own is None or not own.grounded:
        return []
    taken = [own]
    others = [e for i in vote.merged if (e := proof.get(i)) is not None and e.grounded and e.spans]
    for other in sorted(others, key=lambda e: (e.spans, e.source, e.quote)):
        if not any(_overlap(other, known) for known in taken):
            taken.append(other)
    return taken[1:]


def _overlap(a: Evidence, b: Evidence) -> bool:
    if a.document_id != b.document_id or a.source != b.source:
        return a.document_id == b.document_id and a.spans == b.spans
    # Cells of one row share their label: what is last in a quote in pieces tells them apart.
    x, y = (a.spans, b.spans) if a.source != "table" else (a.spans[-1:], b.spans[-1:])
    return any(s[0] < t[1] and t[0] < s[1] for s in x for t in y)


def _quote_delegations(document: Document, resolutions: Sequence[Resolution]) -> dict[str, Evidence]:
    index = GroundingIndex(document) if resolutions else None
    quotes: dict[str, Evidence] = {}
    for resolution in resolutions:
        root = _find_root(document.document_id, resolution.delegation, resolutions)
        if index is not None and root is not None:
            quotes[resolution.delegation.id] = _quote(root, index)
    return quotes


def _find_delegators(
    document: Document,
    findings: Sequence[Finding],
    proof: Mapping[str, Evidence],
    votes: Sequence[Vote],
    resolutions: Sequence[Resolution],
) -> dict[str, tuple[str, ...]]:
    """By id of a delegation the voted findings of the paper that cite a work there, for the same definition."""
    stands = {i: v.finding for v in votes for i in (v.finding, *v.merged)}
    citing = [f for f in findings if f.document is None and f.cites and f.id in stands and proof[f.id].grounded]
    found: dict[str, tuple[str, ...]] = {}
    for resolution in resolutions:
        d = _find_root(document.document_id, resolution.delegation, resolutions)
        if d is None:
            continue
        there = {
            stands[f.id]
            for f in citing
            if f.id == d.finding
            or (
                (f.subject, f.variable) == (d.subject, d.variable)
                and any(start < d.end and d.start < end for start, end in proof[f.id].spans)
            )
        }
        found[resolution.delegation.id] = tuple(sorted(there))
    return found


def _find_root(paper: str, delegation: Delegation, resolutions: Sequence[Resolution]) -> Delegation | None:
    """The delegation of the paper itself at the beginning of a chain of works."""
    for _ in range(DEPTH):
        if delegation.document_id == paper:
            return delegation
        before = next((r for r in resolutions if r.document_id == delegation.document_id), None)
        if before is None or before.delegation.id == delegation.id:
            return None
        delegation = before.delegation
    return None


def _quote(delegation: Delegation, index: GroundingIndex) -> Evidence:
    return Evidence(
        document_id=delegation.document_id,
        page=delegation.page,
        quote=delegation.quote,
        spans=((delegation.start, delegation.end),),
        boxes=index.find_boxes(delegation.start, delegation.end),
        alignment="exact",
        number="not_applicable",
        unit="not_applicable",
        operator="not_applicable",
        polarity="not_applicable",
        finding=delegation.finding,
    )


def _name_work(resolution: Resolution) -> str:
    keys = name_keys(resolution.delegation)
    if resolution.work is not None:
        name = resolution.work.name
        return name if name == keys else f"{name} {keys}"
    return f"{resolution.document_id} {keys}" if resolution.document_id else keys
