"""From a paper to criteria: stage one's graph, driven, shown and kept step by step in a run folder."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline import artefacts
from pipeline.files import digest_sources
from pipeline.keeping import Keeper, is_mute
from pipeline.reading import count, describe_criteria, export_criteria
from pipeline.reading_options import Converter
from pipeline.run_store import RunFolder, dump_artefact, load_artefact
from pipeline.terminal import Progress, Stage
from pipeline.works import WorkFinder
from schemas.citation import Resolution
from schemas.document import Document
from schemas.errors import NoUsableReading
from schemas.model_call import ModelPort

if TYPE_CHECKING:
    from extract.graph import Made, Said
    from extract.stage_one import Services, StageOne, Wishes
    from pipeline.models.access import ModelAccess


CODE = ("papers", "schemas")  # packages whose change redoes the reading of the PDF


class Desk(NamedTuple):
    """How a paper is to be read, with which models, and where cited works come from."""

    wishes: "Wishes"
    models: "ModelAccess | None" = None  # None: the rules alone
    works: WorkFinder | None = None  # None: cited works are not followed
    ocr: bool = False  # recognise the text of pages that are pictures
    converter: Converter = "pymupdf"


def extract_criteria(run: RunFolder, paper: Path, progress: Progress, desk: Desk) -> None:
    """Read a paper and write down its criteria: every artefact of stage one, ending with criteria.yaml.

    Raises PaperError when the paper cannot be read, ModelUnavailable when a model that was asked for is out of reach,
    and, after everything is written, NoUsableReading when models were asked and none of their readings can be used.
    """
    _read(run, paper, progress, desk)
    edited = run.edited("assemble")
    keeper = Keeper(run, desk)
    state = keeper.load()
    with ExitStack() as shown:
        asyncio.run(_drive(state, keeper, desk, _Show(progress, shown)))
    if edited:
        progress.note(f"{', '.join(edited)}: edited by hand or in a review, and kept; what comes after is redone")
    export_criteria(run)
    if is_mute(state["readings"]):
        names = ", ".join(sorted({r.reader.removeprefix("llm:") for r in state["readings"] if r.unusable}))
        raise NoUsableReading(
            f"{paper.name}: no reading of {names} could be used, the criteria are the rules' alone; the same command "
            "asks again"
        )


def _read(run: RunFolder, paper: Path, progress: Progress, desk: Desk) -> None:
    with progress.stage("read") as stage:
        stage.update(paper.name)
        stage.reused = not run.do(
            "read",
            lambda folder: _write_document(paper, folder, desk),
            writes=[artefacts.DOCUMENT, artefacts.BIBLIOGRAPHY],
            digests={"paper": run.manifest.request.source_sha256, "paperfilter code": digest_sources(CODE)},
            settings={"ocr": str(desk.ocr), "converter": desk.converter},
        )
        document = load_artefact(run.path / artefacts.DOCUMENT, Document)
        stage.detail = f"{paper.name}: {count(document.n_pages, 'page')}, {count(len(document.tables), 'table')}"
    for remark in document.remarks:
        progress.note(remark)
    if document.hidden:
        pages = ", ".join(str(p) for p in sorted({h.page for h in document.hidden}))
        progress.note(f"hidden text on page {pages}: reported, never used")


def _write_document(paper: Path, folder: Path, desk: Desk) -> None:
    from papers.bibliography import read_bibliography
    from papers.marker import read_with_marker
    from papers.read import read_paper

    document = read_with_marker(paper) if desk.converter == "marker" else read_paper(paper, ocr=desk.ocr)
    dump_artefact(folder / artefacts.DOCUMENT, document)
    dump_artefact(folder / artefacts.BIBLIOGRAPHY, read_bibliography(document))


async def _drive(state: "StageOne", keeper: "Keeper", desk: Desk, show: "_Show") -> None:
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
    desk: Desk, keeper: "Keeper", open_now: AsyncExitStack, say: Callable[[str], None]
) -> "Services":
    from extract.stage_one import Services

    ports: tuple[ModelPort, ...] = ()
    if desk.models is not None and not {"find", "resolve"} <= keeper.standing:
        ports = await open_now.enter_async_context(desk.models.open(keeper.run.path, say))
    return Services(ports=ports, load_work=desk.works.load if desk.works is not None else None)


class _Show:
    """One line per step of the graph."""

    SHOWN = ("load", "read", "ground", "ask", "resolve", "merge", "cover", "assemble", "check")

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
        mute = ", ".join(r.name for r in readings if r.unusable)
        more += f"; not counted, without a usable reply: {mute}" if mute else ""
        findings = count(sum(len(r.findings) for r in readings), "finding")
        if step == "ask":
            more += f"; {_count_refused(state)}"
        return f"{findings} in {count(len(readings), 'reading')}{more}" if len(readings) > 1 else findings
    if step == "ground":
        return _count_refused(state)
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
    if step == "check":
        return state["problem"] or "the criteria validate"
    return describe_criteria(state["assembly"].criteria)


def _count_refused(state: "StageOne") -> str:
    """Of all findings of all readings: what the report lists as refused is these."""
    proofs = state.get("proofs", {}).values()
    refused = sum(not e.grounded for e in proofs)
    return f"{len(proofs) - refused} grounded, {refused} refused"


def _describe_resolutions(resolutions: Sequence[Resolution]) -> str:
    states = [r.status for r in resolutions]
    shown = [f"{states.count(s)} {s.replace('_', ' ')}" for s in ("resolved", "question", "unresolved", "no_cut")]
    return f"{count(len(states), 'delegation')}: {', '.join(shown)}" if states else "nothing is left to cited works"
