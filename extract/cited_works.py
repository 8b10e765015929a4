"""Definitions that a paper leaves to cited works: the works are had, read where the definition stands, and taken from.

A cited work may delegate further; it is followed as deep as is wished for, within the same number of works.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from extract.citing.delegations import find_delegations
from extract.citing.families import covers
from extract.citing.following import plan_steps
from extract.citing.passages import find_passages
from extract.citing.resolving import resolve
from extract.citing.taking import take_findings
from extract.consensus.merge import merge_readings
from extract.grounding.ground import ground_findings
from extract.llm.resolver import read_delegated
from extract.rules.reader import READER, read_findings
from extract.stage_one import LoadedWork, LoadWork, Services, StageOne, Wishes
from schemas.citation import Bibliography, CitedWork, Delegation, Resolution
from schemas.document import Document
from schemas.errors import PaperfilterError
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.reading import Reading

Say = Callable[[str], None]
Works = Mapping[str, LoadedWork | str]  # by CitedWork.name; a string says why the work could not be had


async def load_works(works: Sequence[CitedWork], load: LoadWork, say: Say) -> dict[str, LoadedWork | str]:
    """The works, all at the same time; of one that cannot be had the reason, in one line."""

    async def get(work: CitedWork) -> LoadedWork | str:
        try:
            return await load(work)
        except PaperfilterError as error:
            return str(error)
        finally:
            say(f"cited work {work.name}")

    return dict(zip((w.name for w in works), await asyncio.gather(*map(get, works)), strict=True))


async def resolve_delegations(state: StageOne, services: Services, wishes: Wishes, say: Say) -> StageOne:
    """`resolutions` of every delegation, and `taken` findings with `taken_evidence` from cited works."""
    document, bibliography = state["document"], state["bibliography"]
    grounded = [f for r in state["readings"] for f in r.findings if state["proofs"][f.id].grounded]
    delegations = find_delegations(document, bibliography, grounded)
    desk = _Library(document, bibliography, delegations, state["works"])
    await desk.follow(services.load_work, wishes, say)
    resolutions: list[Resolution] = []
    taken: dict[str, tuple[Finding, Evidence]] = {}
    for delegation in delegations:
        found = await desk.take(delegation, services, wishes)
        taken |= {f.id: (f, e) for f, e in found}
        read, missing = desk.describe(delegation)
        resolutions.append(
            resolve(
                delegation, bibliography, read=read, missing=missing, taken=tuple(f for f, _ in found), own=grounded
            )
        )
    used = {i for r in resolutions for i in r.findings}
    kept = [pair for i, pair in taken.items() if i in used]
    return {
        "resolutions": tuple(resolutions),
        "taken": tuple(f for f, _ in kept),
        "taken_evidence": tuple(e for _, e in kept),
    }


class _Library:
    """The paper and the works that were had, each with what it delegates further."""

    def __init__(
        self, document: Document, bibliography: Bibliography, delegations: Sequence[Delegation], works: Works
    ) -> None:
        self._paper = document.document_id
        self._bibliographies = {self._paper: bibliography}
        self._delegations: dict[str, tuple[Delegation, ...]] = {self._paper: tuple(delegations)}
        self._depths = {self._paper: 0}
        self._works: dict[str, LoadedWork | str] = dict(works)
        self._rules: dict[str, Reading] = {}
        for delegation in delegations:
            self._look_into(delegation, 1)

    async def follow(self, load: LoadWork | None, wishes: Wishes, say: Say) -> None:
        """Get what is needed and was not planned: works that only a reader named, works that works delegate to."""
        while load is not None:
            steps = plan_steps(
                self._delegations,
                self._bibliographies,
                self._depths,
                most=wishes.works,
                deepest=wishes.depth,
                followed=tuple(self._works),
            )
            if not steps:
                return
            self._works |= await load_works([s.work for s in steps], load, say)
            for step in steps:
                for delegation in (d for ds in tuple(self._delegations.values()) for d in ds):
                    if delegation.id in step.delegations:
                        self._look_into(delegation, step.depth)

    def describe(self, delegation: Delegation) -> tuple[dict[str, str], dict[str, str]]:
        """By key: the document of each of its works that was read, and why another was not."""
        read, missing = {}, {}
        for key, work in self._find_works(delegation):
            had = self._works.get(work.name)
            if isinstance(had, str):
                missing[key] = had
            elif had is not None:
                read[key] = had.document.document_id
        return read, missing

    async def take(self, delegation: Delegation, services: Services, wishes: Wishes) -> list[tuple[Finding, Evidence]]:
        """The findings of its works that are the definition; where a work leaves it to another, of that one."""
        found: list[tuple[Finding, Evidence]] = []
        if delegation.kind != "definition":
            return found
        for _, work in self._find_works(delegation):
            had = self._works.get(work.name)
            if not isinstance(had, LoadedWork) or had.document.document_id == self._paper:
                continue
            own = await self._take_from(delegation, had.document, services, wishes)
            if not own:
                for further in self._find_further(delegation, had.document):
                    asked = further.model_copy(
                        update={"id": delegation.id, "subject": delegation.subject, "variable": delegation.variable}
                    )
                    own += await self.take(asked, services, wishes)
            found += own
        return found

    async def _take_from(
        self, delegation: Delegation, document: Document, services: Services, wishes: Wishes
    ) -> list[tuple[Finding, Evidence]]:
        readings = [self._read_with_rules(document)] if wishes.rules else []
        spans = find_passages(document, delegation)
        if spans:
            readings += await asyncio.gather(
                *(
                    read_delegated(port, document, spans, delegation, sample=wishes.first_sample)
                    for port in services.ports
                )
            )
        every = [f for r in readings for f in r.findings]
        proofs = dict(zip((f.id for f in every), ground_findings(document, every), strict=True))
        findings = merge_readings(readings, proofs).findings if len(readings) > 1 else tuple(every)
        taken = take_findings(delegation, document, findings, [proofs[f.id] for f in findings])
        again = ground_findings(document, [f.model_copy(update={"document": None}) for f in taken])
        return [(f, e.model_copy(update={"finding": f.id})) for f, e in zip(taken, again, strict=True)]

    def _read_with_rules(self, document: Document) -> Reading:
        if document.document_id not in self._rules:
            self._rules[document.document_id] = Reading(
                reader=READER, mode="rules", document_id=document.document_id, findings=read_findings(document)
            )
        return self._rules[document.document_id]

    def _find_works(self, delegation: Delegation) -> list[tuple[str, CitedWork]]:
        bibliography = self._bibliographies.get(delegation.document_id)
        works = [(k, bibliography.find(k)) for k in delegation.keys] if bibliography is not None else []
        return [(k, w) for k, w in works if w is not None]

    def _look_into(self, delegation: Delegation, depth: int) -> None:
        """Note what the works of a delegation leave to others of the same definition."""
        if delegation.kind != "definition":
            return
        for _, work in self._find_works(delegation):
            had = self._works.get(work.name)
            if not isinstance(had, LoadedWork) or had.document.document_id == self._paper:
                continue
            name = had.document.document_id
            self._bibliographies[name] = had.bibliography
            self._depths[name] = min(depth, self._depths.get(name, depth))
            known = self._delegations.get(name, ())
            more = [d for d in self._find_further(delegation, had.document) if d not in known]
            self._delegations[name] = (*known, *more)

    def _find_further(self, delegation: Delegation, document: Document) -> list[Delegation]:
        spans = find_passages(document, delegation)
        return [
            d
            for d in find_delegations(document, self._bibliographies[document.document_id])
            if d.kind == "definition"
            and d.variable == delegation.variable
            and covers(delegation.subject, d.subject)
            and any(start <= d.start < end for start, end in spans)
        ]
