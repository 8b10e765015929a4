"""Several readings of one paper merged by meaning: one finding per requirement, its votes, and conflicts.

Rules and models are peers. The result is the same in whatever order readings and findings come.
"""

from collections.abc import Mapping, Sequence

from extract.consensus.choosing import choose_findings
from extract.consensus.conflicts import find_conflicts
from extract.consensus.forms import settle_forms
from extract.consensus.joining import join_statements
from extract.consensus.statement import Statement
from schemas.evidence import Evidence
from schemas.reading import Consensus, Reading, Vote


def merge_readings(readings: Sequence[Reading], evidence: Mapping[str, Evidence]) -> Consensus:
    """Findings of all readings, merged. `evidence` maps a finding's id to what its quote says.

    A finding that stands for others keeps its id; its scope and condition are those that most readings have. What is
    not grounded neither speaks for others nor conflicts with anything, but stays in the record. Findings and votes are
    in order of the text, one vote per finding. A reading without any usable reply is not counted.
    """
    readings = [r for r in readings if not r.unusable]
    statements = [Statement(r.name, f, evidence.get(f.id)) for r in readings for f in r.findings]
    joined = settle_forms(join_statements(statements))
    findings = choose_findings(joined)
    votes = tuple(
        Vote(
            finding=finding.id,
            found_in=tuple(sorted(one.readings)),
            of=len(readings),
            merged=tuple(sorted({s.id for s in (*one.statements, *one.implied)})),
        )
        for finding, one in zip(findings, joined, strict=True)
    )
    ids = {one: finding.id for finding, one in zip(findings, joined, strict=True)}
    return Consensus(findings=findings, votes=votes, conflicts=find_conflicts(joined, ids))
