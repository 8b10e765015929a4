"""From a paper to criteria: stage one's graph, driven, shown and kept step by step in a run folder."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pydantic import BaseModel

from pipeline import artefacts
from pipeline.files import digest_sources
from pipeline.reading import count, describe_criteria, export_criteria, write_criteria
from pipeline.run_store import RunFolder, dump_artefact, load_artefact
from pipeline.terminal import Progress, Stage
from pipeline.works import WorkFinder
from schemas.citation import Bibliography, Delegation, Resolution
from schemas.coverage import Coverage
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.model import Model
from schemas.model_call import ModelPort
from schemas.reading import Consensus, Reading

if TYPE_CHECKING:
    from extract.graph import Made, Said
    from extract.stage_one import Services, StageOne, Wishes
    from pipeline.models.access import ModelAccess


class Desk(NamedTuple):
    """How a paper is to be read, with which models, and where cited works come from."""

    wishes: "Wishes"
    models: "ModelAccess | None" = None  # None: the rules alone
    works: WorkFinder | None = None  # None: cited works are not followed
    ocr: bool = False  # recognise the text of pages that are pictures


class Resolved(Model):
    """What became of the delegations: resolutions.json."""

    resolutions: tuple[Resolution, ...]
    findings: tuple[Finding, ...]  # taken from cited works
    evidence: tuple[Evidence, ...]  # belongs to `findings` one by one


class _Kept(NamedTuple):
    """A step of the run folder: what it reads and writes, and what else decides whether it stands."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    settings: Mapping[str, str]


def extract_criteria(run: RunFolder, paper: Path, progress: Progress, desk: Desk) -> None:
    """Read a paper and write down its criteria: every artefact of stage one, ending with criteria.yaml.

    Raises PaperError when the paper cannot be read and ModelError when a model that was asked for answers nothing.
    """
    _read(run, paper, progress, desk)
    edited = run.edited("assemble")
    keeper = _Keeper(run, desk)
    state = keeper.load()
    with ExitStack() as shown:
        asyncio.run(_drive(state, keeper, desk, _Show(progress, shown)))
    if edited:
        progress.note(f"{', '.join(edited)}: edited by hand and kept; what comes after is redone")
    export_criteria(run)


def _read(run: RunFolder, paper: Path, progress: Progress, desk: Desk) -> None:
    with progress.stage("read") as stage:
        stage.update(paper.name)
        stage.reused = not run.do(
            "read",
            lambda folder: _write_document(paper, folder, desk.ocr),
            writes=[artefacts.DOCUMENT, artefacts.BIBLIOGRAPHY],
            digests={"paper": run.manifest.request.source_sha256, "paperfilter code": digest_sources(READ_WITH)},
            settings={"ocr": str(desk.ocr)},
        )
        document = load_artefact(run.path / artefacts.DOCUMENT, Document)
        stage.detail = f"{paper.name}: {count(document.n_pages, 'page')}, {count(len(document.tables), 'table')}"
    for remark in document.remarks:
        progress.note(remark)
    if document.hidden:
        pages = ", ".join(str(p) for p in sorted({h.page for h in document.hidden}))
        progress.note(f"hidden text on page {pages}: reported, never used")


def _write_document(paper: Path, folder: Path, ocr: bool) -> None:
    from papers.bibliography import read_bibliography
    from papers.read import read_paper

    document = read_paper(paper, ocr=True) if ocr else read_paper(paper)
    dump_artefact(folder / artefacts.DOCUMENT, document)
    dump_artefact(folder / artefacts.BIBLIOGRAPHY, read_bibliography(document))


async def _drive(state: "StageOne", keeper: "_Keeper", desk: Desk, show: "_Show") -> None:
    from extract.graph import Made, run_graph

    async with AsyncExitStack() as open_now:
        services = await _open_services(desk, keeper, open_now, show.note)
        async for event in run_graph(state, services, desk.wishes):
            if isinstance(event, Made):
                state.update(event.state)
                fresh = keeper.keep(event.step, state)
                show.end(event, state, reused=not fresh)
            else:
                keeper.reach(event.step, state)
                show.say(event)


async def _open_services(
    desk: Desk, keeper: "_Keeper", open_now: AsyncExitStack, say: Callable[[str], None]
) -> "Services":
    from extract.stage_one import Services

    ports: tuple[ModelPort, ...] = ()
    if desk.models is not None and not {"find", "resolve"} <= keeper.standing:
        ports = await open_now.enter_async_context(desk.models.open(keeper.run.path, say))
    return Services(ports=ports, load_work=desk.works.load if desk.works is not None else None)


T = TypeVar("T")

READ_WITH = ("papers", "schemas")
FIND_WITH = ("extract", "schemas")


class _Keeper:
    """Which steps of the run stand, and the writing of those that do not."""

    def __init__(self, run: RunFolder, desk: Desk) -> None:
        self.run = run
        self.standing: set[str] = set()
        self._digests = {"paperfilter code": digest_sources(FIND_WITH)}
        models = dict(desk.models.describe()) if desk.models is not None else {}
        w = desk.wishes
        find = {"reader": run.manifest.request.reader}
        if models:
            find |= models | {"mode": w.mode, "votes": str(w.votes), "ask again": str(w.ask_again)}
        follow = {"works": str(w.works), "depth": str(w.depth), "from": desk.works.describe() if desk.works else "none"}
        found = (artefacts.DOCUMENT, artefacts.ATTEMPTS)
        told = (artefacts.DOCUMENT, artefacts.READINGS, artefacts.FINDINGS, artefacts.EVIDENCE)
        self._steps = {
            "plan": _Kept(
                (artefacts.DOCUMENT, artefacts.BIBLIOGRAPHY),
                (artefacts.ATTEMPTS, artefacts.DELEGATIONS),
                {"works": str(w.works)},
            ),
            "find": _Kept(found, (artefacts.READINGS,), find),
            "resolve": _Kept(
                (artefacts.DOCUMENT, artefacts.BIBLIOGRAPHY, artefacts.DELEGATIONS, artefacts.READINGS),
                (artefacts.RESOLUTIONS,),
                follow,
            ),
            "merge": _Kept(
                (artefacts.DOCUMENT, artefacts.READINGS, artefacts.RESOLUTIONS),
                (artefacts.FINDINGS, artefacts.EVIDENCE, f"{artefacts.CONSENSUS}?"),
                {},
            ),
            "cover": _Kept(told, (artefacts.COVERAGE,), {}),
            "assemble": _Kept(
                (*told, artefacts.RESOLUTIONS), (artefacts.CRITERIA, artefacts.PLACEMENTS), {}
            ),
        }  # fmt: skip

    def load(self) -> "StageOne":
        """The state that the run folder already has."""
        from extract.assembling.assemble import Assembly, Placement
        from extract.attempts import Attempt
        from extract.stage_one import StageOne

        def get(name: str, kind: type[T]) -> T:
            return load_artefact(self.run.path / name, kind)

        state = StageOne(
            document=get(artefacts.DOCUMENT, Document), bibliography=get(artefacts.BIBLIOGRAPHY, Bibliography)
        )
        if self._stands("plan"):
            state["attempts"] = get(artefacts.ATTEMPTS, tuple[Attempt, ...])
            state["delegations"] = get(artefacts.DELEGATIONS, tuple[Delegation, ...])
        if self._stands("find"):
            state["readings"] = get(artefacts.READINGS, tuple[Reading, ...])
        if self._stands("resolve"):
            resolved = get(artefacts.RESOLUTIONS, Resolved)
            state["resolutions"] = resolved.resolutions
            state["taken"], state["taken_evidence"] = resolved.findings, resolved.evidence
        if self._stands("merge"):
            agreed = (self.run.path / artefacts.CONSENSUS).is_file()
            state["consensus"] = get(artefacts.CONSENSUS, Consensus) if agreed else None
            state["findings"] = get(artefacts.FINDINGS, tuple[Finding, ...])
            state["evidence"] = get(artefacts.EVIDENCE, tuple[Evidence, ...])
        if self._stands("cover"):
            state["coverage"] = get(artefacts.COVERAGE, Coverage)
        if self._stands("assemble"):
            from pipeline.reading import load_criteria

            state["assembly"] = Assembly(
                criteria=load_criteria(self.run.path / artefacts.CRITERIA),
                placements=get(artefacts.PLACEMENTS, tuple[Placement, ...]),
            )
        return state

    def reach(self, step: str, state: "StageOne") -> None:
        """The graph begins a step: what came before is complete."""
        if step == "resolve":
            self._do("find", lambda folder: dump_artefact(folder / artefacts.READINGS, state["readings"]))

    def keep(self, step: str, state: "StageOne") -> bool:
        """Write what a step made; whether anything had to be written."""
        write: dict[str, Callable[[Path], None]] = {
            "plan": lambda folder: _dump(
                folder, {artefacts.ATTEMPTS: state["attempts"], artefacts.DELEGATIONS: state["delegations"]}
            ),
            "resolve": lambda folder: dump_artefact(
                folder / artefacts.RESOLUTIONS,
                Resolved(
                    resolutions=state["resolutions"], findings=state["taken"], evidence=state["taken_evidence"]
                ),
            ),
            "merge": lambda folder: _dump(
                folder,
                {artefacts.FINDINGS: state["findings"], artefacts.EVIDENCE: state["evidence"]}
                | ({artefacts.CONSENSUS: state["consensus"]} if state["consensus"] is not None else {}),
            ),
            "cover": lambda folder: dump_artefact(folder / artefacts.COVERAGE, state["coverage"]),
            "assemble": lambda folder: _write_assembly(folder, state),
        }  # fmt: skip
        if step in write:
            return self._do(step, write[step])
        return "find" not in self.standing

    def _do(self, name: str, make: Callable[[Path], None]) -> bool:
        kept = self._steps[name]
        return self.run.do(
            name, make, reads=kept.reads, writes=kept.writes, digests=self._digests, settings=kept.settings
        )

    def _stands(self, name: str) -> bool:
        kept = self._steps[name]
        stands = self.run.stands(name, reads=kept.reads, digests=self._digests, settings=kept.settings)
        if stands:
            self.standing.add(name)
        return stands


def _dump(folder: Path, files: Mapping[str, BaseModel | Sequence[BaseModel]]) -> None:
    for name, artefact in files.items():
        dump_artefact(folder / name, artefact)


def _write_assembly(folder: Path, state: "StageOne") -> None:
    write_criteria(folder / artefacts.CRITERIA, state["assembly"].criteria)
    dump_artefact(folder / artefacts.PLACEMENTS, state["assembly"].placements)


class _Show:
    """One line per step of the graph."""

    SHOWN = ("load", "read", "ground", "ask", "resolve", "merge", "cover", "assemble")

    def __init__(self, progress: Progress, shown: ExitStack) -> None:
        self._progress = progress
        self._shown = shown
        self._stage: Stage | None = None

    def note(self, remark: str) -> None:
        """A line that stays."""
        self._progress.note(remark)

    def say(self, said: "Said") -> None:
        """A step begins, or says what it is doing."""
        if said.text and self._stage is not None:
            self._stage.update(said.text)
        elif not said.text and said.step in self.SHOWN:
            self._stage = self._shown.enter_context(self._progress.stage("find" if said.step == "read" else said.step))

    def end(self, made: "Made", state: "StageOne", *, reused: bool) -> None:
        """A step has ended."""
        if self._stage is not None:
            self._stage.detail, self._stage.reused = _describe(made.step, state), reused
        self._shown.close()
        self._stage = None


def _describe(step: str, state: "StageOne") -> str:
    if step == "load":
        works = state.get("works", {})
        return f"{count(sum(not isinstance(w, str) for w in works.values()), 'cited work')} of {len(works)} had"
    if step in ("read", "ask"):
        readings = state["readings"]
        failed = sum(r.failed for r in readings)
        more = f", {failed} of {sum(r.asked for r in readings)} questions failed" if failed else ""
        findings = count(sum(len(r.findings) for r in readings), "finding")
        return f"{findings} in {count(len(readings), 'reading')}{more}" if len(readings) > 1 else findings
    if step == "ground":
        proofs = tuple(state.get("proofs", {}).values()) or state.get("evidence", ())  # none: nothing was found
        refused = sum(not e.grounded for e in proofs)
        return f"{len(proofs) - refused} grounded, {refused} refused"
    if step == "resolve":
        return _describe_resolutions(state["resolutions"])
    if step == "merge":
        consensus = state["consensus"]
        conflicts = f", {count(len(consensus.conflicts), 'conflict')}" if consensus is not None else ""
        return f"{count(len(state['findings']), 'finding')}{conflicts}"
    if step == "cover":
        coverage = state["coverage"]
        claimed = len(coverage.thresholds) - len(coverage.unclaimed)
        return f"{claimed} of {count(len(coverage.thresholds), 'printed threshold')} claimed"
    return describe_criteria(state["assembly"].criteria)


def _describe_resolutions(resolutions: Sequence[Resolution]) -> str:
    states = [r.status for r in resolutions]
    shown = [f"{states.count(s)} {s.replace('_', ' ')}" for s in ("resolved", "question", "unresolved", "no_cut")]
    return f"{count(len(states), 'delegation')}: {', '.join(shown)}" if states else "nothing is left to cited works"
