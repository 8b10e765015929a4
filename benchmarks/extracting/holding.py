"""A contest in reading from its options to its results: who reads what, the readings, the rows, the report."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.contest.earlier import write_joined
from benchmarks.contest.measures import Item, Measure
from benchmarks.contest.results import Results
from benchmarks.extracting.contestants import Entrant
from benchmarks.extracting.digests import Terms
from benchmarks.extracting.manifests import make_manifest
from benchmarks.extracting.progress import Teller
from benchmarks.extracting.running import Contest, Ports
from benchmarks.extracting.scores import ScoreStore
from benchmarks.extracting.scoring import score_contest
from benchmarks.extracting.strangers import NOTE, fill_chance, measure_strangers
from benchmarks.extracting.subjects import Paper
from benchmarks.judging import load_judgements
from benchmarks.simulated.serving import Subject, serve_simulated
from benchmarks.simulated.specification import SimulatedReader
from pipeline.models.access import open_port
from pipeline.models.cache import ReplyCache
from pipeline.models.config import ModelSettings
from pipeline.obtaining import Shelves
from pipeline.terminal import Progress, Stage
from pipeline.works import open_works
from schemas.errors import PaperError, PaperfilterError
from schemas.model_call import ModelPort

REPLIES = "replies.sqlite"


class Setting(NamedTuple):
    """Where a contest is held: its folder, the replies of models, the library of cited works."""

    folder: Path
    cache: Path | None  # None: in the folder
    shelves: Shelves


class Held(NamedTuple):
    """A contest that was held. `trouble` is the first thing that could not be done and will be tried the next time."""

    results: Results
    files: tuple[Path, ...]
    trouble: PaperfilterError | None


def hold_contest(
    papers: Sequence[Paper], entrants: Sequence[Entrant], terms: Terms, setting: Setting, progress: Progress,
    notes: Sequence[str] = (),
) -> Held:  # fmt: skip
    """Read what is not read yet, score everything, write the tables and the manifest into the folder, together with
    what earlier commands measured there.

    Raises RunFolderError when the folder cannot be written, and where nothing at all could be read what hindered it. A
    model that is out of reach is told and left out.
    """
    contest = Contest(setting.folder, papers, entrants, terms)
    teller = Teller(progress, terms.runs)
    with progress.stage("read") as stage:
        teller.show_at(stage)
        asyncio.run(_read(contest, setting, teller))
        fresh, before = teller.fresh[True], teller.fresh[False]
        stage.detail = f"{fresh} readings now, {before} as before"
        stage.reused = not fresh
        stage.failed = bool(contest.unread.models or contest.unread.papers)
    troubles = (*contest.unread.models.values(), *contest.unread.papers.values())
    if troubles and not any(contest.list_done()):
        raise troubles[0]  # there is nothing to show, and what the folder holds stays
    with progress.stage("score") as stage:
        results = _score(contest, setting, notes, stage)
        results, files = write_joined(setting.folder, results, "extract", progress.note)
        stage.detail = f"{len(results.measures)} measures"
    return Held(results, files, next(iter(troubles), None))


async def _read(contest: Contest, setting: Setting, teller: Teller) -> None:
    async with AsyncExitStack() as opened:
        ports = await opened.enter_async_context(_open_ports(contest, setting, teller))
        await contest.run(ports, teller)


@asynccontextmanager
async def _open_ports(contest: Contest, setting: Setting, teller: Teller) -> AsyncIterator[Ports]:
    """The models that are asked; a simulated one is served for as long as this lasts."""
    missing = contest.list_missing()
    models: dict[str, ModelPort] = {}
    settings: dict[str, ModelSettings] = {}
    async with AsyncExitStack() as opened:
        cache: ReplyCache | None = None
        for entrant in (e for e in contest.entrants if e.asks and e.key is not None):
            key = entrant.key or ""
            follows = contest.terms.works > 0
            if key not in missing and not follows:
                continue
            if entrant.settings is not None:
                if cache is None:
                    cache = opened.enter_context(ReplyCache(setting.cache or setting.folder / REPLIES, teller.warn))
                own, kept = entrant.settings, cache
            elif entrant.simulated is not None:
                own, kept = opened.enter_context(_serve(contest, entrant.simulated)), None
            models[key] = await opened.enter_async_context(open_port(own, kept))
            settings[key] = own
        finder = opened.enter_context(open_works(setting.shelves)) if contest.terms.works else None
        yield Ports(models, settings, finder)


@contextmanager
def _serve(contest: Contest, reader: SimulatedReader) -> Iterator[ModelSettings]:
    """A server whose model is the simulated reader, and how it is asked: with the number of the run as seed."""
    subjects = {}
    for paper in contest.papers:
        with suppress(PaperError):  # told when it is its turn
            subjects[paper.name] = Subject(paper.gold, contest.read_text(paper).document)
    with serve_simulated(reader, subjects) as server:
        yield ModelSettings(url=server.url, model=reader.name)


def _score(contest: Contest, setting: Setting, notes: Sequence[str], stage: Stage) -> Results:
    """Rows of everything that is done. Of one contestant in one mode at a time: nothing is measured against others."""
    lists, judgements = [p.gold for p in contest.papers], load_judgements()
    store = ScoreStore(setting.folder / "scores", contest.papers)
    measures: list[Measure] = []
    items: list[Item] = []
    modes: dict[str, None] = {}
    for cells in contest.list_done():
        first, _ = cells[0]
        modes[first.mode] = None
        stage.update(f"{first.contestant}, {first.mode}")
        rows = store.load(cells)
        if rows is None:
            rows = score_contest(lists, [contest.take(cell) for cell, _ in cells], judgements)
            store.keep(cells, rows)
        measures += [m for m in rows[0] if contest.terms.works or not _counts_followed(m)]
        items += rows[1]
    store.prune()
    if len(lists) == 1:
        measures = fill_chance(measures, measure_strangers(lists[0]))
        notes = (*notes, NOTE)
    missing = [f"{name}: out of reach, so not all of its runs are here" for name in contest.unread.models]
    unread = [f"{name}: left out, it cannot be read" for name in contest.unread.papers]
    here = [p for p in contest.papers if p.name not in contest.unread.papers]
    remarks = (*notes, *contest.notes, *missing, *unread)
    manifest = make_manifest(here, contest.entrants, contest.terms, tuple(modes), remarks)
    return Results(tuple(measures), tuple(items), manifest)


def _counts_followed(measure: Measure) -> bool:
    """Whether it is about the cited works that were followed: not measured where none are."""
    return measure.metric.startswith("citations_") and not measure.group
