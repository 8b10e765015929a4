"""A contest is run: each cell that is not there yet is read once, and kept; ensembles are made of what was read.

The rules read first and alone, so that their clock is not the models'. Then every model reads, some cells at a time;
cells of one model do not wait for another's. A model that is out of reach costs the others nothing: its cells are left
for the next time.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, cast

from benchmarks.contest.cells import Cell, CellStore
from benchmarks.contest.effort import Effort
from benchmarks.extracting.contestants import Entrant
from benchmarks.extracting.digests import Digests, Terms
from benchmarks.extracting.outcome import ExtractOutcome
from benchmarks.extracting.outcomes import FORMAT, MeteredPort, add_efforts, leave_out_minorities, make_outcome
from benchmarks.extracting.progress import Teller
from benchmarks.extracting.scoring import Done
from benchmarks.extracting.subjects import Paper
from benchmarks.extracting.texts import FOLDER, Text, Texts
from extract.graph import Made, run_graph
from extract.stage_one import Services, StageOne, Wishes
from pipeline.files import digest_text
from pipeline.models.config import ModelSettings
from pipeline.works import WorkFinder
from schemas.errors import ModelUnavailable, PaperError, PaperfilterError, RunFolderError
from schemas.model_call import ModelPort
from schemas.reading import Reading, ReadingMode


class Ports(NamedTuple):
    """The models that are asked, by the key of their entrants, and where cited works come from."""

    models: Mapping[str, ModelPort]
    settings: Mapping[str, ModelSettings]
    finder: WorkFinder | None = None


class Unread(NamedTuple):
    """What could not be done: models out of reach, and papers that cannot be read, each with the reason."""

    models: dict[str, ModelUnavailable]
    papers: dict[str, PaperError]


class Contest:
    """The cells of a contest: which there are, which are done, and doing the others."""

    def __init__(self, folder: Path, papers: Sequence[Paper], entrants: Sequence[Entrant], terms: Terms) -> None:
        """`folder` keeps the cells and the text of the papers."""
        self.papers = tuple(papers)
        self.entrants = tuple(entrants)
        self.terms = terms
        self.unread = Unread({}, {})
        self.notes: list[str] = []
        self._texts = Texts(folder / FOLDER)
        self._store = CellStore(folder / "cells")
        self._digests = Digests(terms)
        self._done: dict[Cell, str] = {}  # digests; the outcomes stay on disk, there may be gigabytes of them
        self._fallen: dict[tuple[str, str], None] = {}  # contestants and papers where bulk became chunk

    def list_missing(self) -> tuple[str, ...]:
        """The keys of models that have to be asked: some of their readings are not there."""
        missing = dict.fromkeys(e.key for e, p, c in self._list_asked(self.papers) if self._load(e, p, c) is None)
        return tuple(key for key in missing if key is not None)

    def read_text(self, paper: Paper) -> Text:
        """The text of a paper. Raises PaperError."""
        return self._texts.get(paper)

    async def run(self, ports: Ports, teller: Teller) -> None:
        """Do what is missing. What could not be done is in `unread`.

        Raises RunFolderError when the folder cannot be written.
        """
        readable = [p for p in self.papers if self._is_readable(p, teller)]
        asked = list(self._list_asked(readable))
        merged = [(e, p) for e in self.entrants if e.key is not None and not e.asks for p in readable]
        size = sum(len(self.terms.modes) * (self.terms.runs // e.contestant.votes) for e, _ in merged)
        rules = next(e for e in self.entrants if e.key is None)
        teller.expect(len(readable) + len(asked) + size)
        for paper in readable:
            await self._do(rules, paper, _name_cell(rules, paper, "rules", 1), ports, teller)
        slots = {e.key: asyncio.Semaphore(self.terms.jobs) for e in self.entrants}
        try:
            async with asyncio.TaskGroup() as tasks:
                for entrant, paper, cell in asked:
                    tasks.create_task(self._ask(slots[entrant.key], entrant, paper, cell, ports, teller))
        except* PaperfilterError as group:  # the folder cannot be written, the same for all
            raise group.exceptions[0] from None
        for contestant, paper_name in self._fallen:
            self.notes.append(f"{contestant}: {paper_name} does not fit into one question and is read in chunks")
        for entrant, paper in merged:
            await self._merge_all(entrant, paper, ports, teller)

    def list_done(self) -> Iterator[tuple[tuple[Cell, str], ...]]:
        """What is done, with the digest of each cell: of one contestant in one mode at a time, by papers and runs."""
        papers = [p.name for p in self.papers]
        for entrant in self.entrants:
            own = [(cell, digest) for cell, digest in self._done.items() if cell.contestant == entrant.contestant.name]
            for mode in sorted({cell.mode for cell, _ in own}):
                mine = [pair for pair in own if pair[0].mode == mode]
                yield tuple(sorted(mine, key=lambda pair: (papers.index(pair[0].subject), pair[0].run)))

    def take(self, cell: Cell) -> Done:
        """A cell that is done. Raises RunFolderError when somebody took its file away meanwhile."""
        contestant = next(e.contestant for e in self.entrants if e.contestant.name == cell.contestant)
        return cell, contestant, self._take(cell)

    def _list_asked(self, papers: Sequence[Paper]) -> Iterator[tuple[Entrant, Paper, Cell]]:
        """The cells in which a model is asked, paper by paper, so that a paper's text is read once."""
        for paper in papers:
            for entrant in self.entrants:
                if entrant.asks:
                    for mode in self.terms.modes:
                        for run in range(1, self.terms.runs + 1):
                            yield entrant, paper, _name_cell(entrant, paper, mode, run)

    def _load(self, entrant: Entrant, paper: Paper, cell: Cell) -> ExtractOutcome | None:
        digest = self._digests.name(entrant, paper, cell)
        kept = self._store.load(cell, digest, ExtractOutcome)
        if kept is not None:
            self._done[cell] = digest
        return kept

    def _take(self, cell: Cell) -> ExtractOutcome:
        outcome = self._store.load(cell, self._done[cell], ExtractOutcome)
        if outcome is None:
            raise RunFolderError(f"{self._store.folder / cell.path}: was there and is not any more; run it again")
        return outcome

    def _is_readable(self, paper: Paper, teller: Teller) -> bool:
        try:
            self._texts.get(paper)
        except PaperError as error:
            self.unread.papers[paper.name] = error
            teller.warn(f"{paper.name}: left out, {error}")
            return False
        return True

    async def _ask(
        self, slots: asyncio.Semaphore, entrant: Entrant, paper: Paper, cell: Cell, ports: Ports, teller: Teller
    ) -> None:
        async with slots:
            if cell in self._done or entrant.key not in self.unread.models:
                await self._do(entrant, paper, cell, ports, teller)

    async def _do(self, entrant: Entrant, paper: Paper, cell: Cell, ports: Ports, teller: Teller) -> None:
        """One cell that is a reading: from the folder, or read now."""
        outcome, fresh = self._load(entrant, paper, cell), False
        if outcome is None:
            try:
                outcome, fresh = await self._run_cell(entrant, paper, cell, ports), True
            except ModelUnavailable as error:
                self._lose(entrant, error, teller)
                return
            self._keep_reading(entrant, paper, cell, outcome)
        teller.note(cell, outcome, fresh=fresh)

    def _lose(self, entrant: Entrant, error: ModelUnavailable, teller: Teller) -> None:
        key = entrant.key or ""
        if key not in self.unread.models:
            self.unread.models[key] = error
            teller.warn(f"{key}: out of reach, left for the next time ({error})")

    def _keep(self, cell: Cell, digest: str, outcome: ExtractOutcome) -> None:
        self._done[cell] = digest
        self._store.keep(cell, digest, outcome)

    def _keep_reading(self, entrant: Entrant, paper: Paper, cell: Cell, outcome: ExtractOutcome) -> None:
        """A reading counts in the mode in which it was read: one that did not fit into one question is no bulk one."""
        if _fell_back(cell, outcome):
            self._fallen[cell.contestant, cell.subject] = None
            cell = cell.model_copy(update={"mode": "chunk"})
        self._keep(cell, self._digests.name(entrant, paper, cell), outcome)

    async def _run_cell(self, entrant: Entrant, paper: Paper, cell: Cell, ports: Ports) -> ExtractOutcome:
        terms = self.terms
        wishes = Wishes(
            mode="auto" if cell.mode == "rules" else cast(ReadingMode, cell.mode),
            rules=entrant.key is None,
            first_sample=0 if entrant.key is None else cell.run,  # sample 0 is drawn in another way than the others
            ask_again=terms.ask_again,
            works=terms.works,
            depth=terms.depth,
        )
        text = self._texts.get(paper)
        state = StageOne(document=text.document, bibliography=text.bibliography)
        return await run_cell(state, entrant.key, ports, wishes)

    async def _merge_all(self, entrant: Entrant, paper: Paper, ports: Ports, teller: Teller) -> None:
        """The runs of an entrant that are made of readings: of groups of runs that have none in common."""
        alone = next(e for e in self.entrants if e.asks and e.key == entrant.key)
        votes = entrant.contestant.votes
        number = self.terms.runs // votes
        for mode in sorted({c.mode for c in self._done if c.contestant == alone.contestant.name}):
            for group in range(number):
                runs = range(group * votes + 1, group * votes + votes + 1)
                members = [_name_cell(alone, paper, mode, run) for run in runs]
                if entrant.with_rules:
                    rules = next(e for e in self.entrants if e.key is None)
                    members.insert(0, _name_cell(rules, paper, "rules", 1))
                if all(m in self._done for m in members):
                    cell = _name_cell(entrant, paper, mode, group + 1)
                    digest = digest_text(f"merged {FORMAT} {entrant.majority}", *(self._done[m] for m in members))
                    kept = self._store.load(cell, digest, ExtractOutcome)
                    outcome = kept or await self._merge(entrant, paper, members, ports, teller)
                    if outcome is None:
                        return
                    if kept is None:
                        self._keep(cell, digest, outcome)
                    self._done[cell] = digest
                    teller.note(cell, outcome, fresh=kept is None, runs=number)

    async def _merge(
        self, entrant: Entrant, paper: Paper, members: Sequence[Cell], ports: Ports, teller: Teller
    ) -> ExtractOutcome | None:
        """The readings of the members as one, grounded and merged; None when a model is out of reach.

        A member that failed without a reading is none; the readings stay with the members.
        """
        outcomes = [self._take(m) for m in members]
        readings = tuple(r for o in outcomes for r in o.readings)
        text = self._texts.get(paper)
        terms = self.terms
        wishes = Wishes(
            rules=entrant.with_rules, first_sample=members[-1].run, ask_again=False, works=terms.works,
            depth=terms.depth,
        )  # fmt: skip
        if readings:
            state = StageOne(document=text.document, bibliography=text.bibliography, readings=readings)
            try:
                key = entrant.key if ports.finder is not None else None
                outcome = await run_cell(state, key, ports, wishes, majority=entrant.majority)
            except ModelUnavailable as error:
                self._lose(entrant, error, teller)
                return None
        else:
            outcome = outcomes[0]
        of_models = [o.effort for m, o in zip(members, outcomes, strict=True) if m.mode != "rules"]
        return outcome.model_copy(update={"effort": add_efforts(of_models), "readings": ()})


async def run_cell(
    state: StageOne, key: str | None, ports: Ports, wishes: Wishes, *, majority: bool = False
) -> ExtractOutcome:
    """Stage one from `state` on, with the model of this key or none. What goes wrong is an outcome: a failed one.

    `majority` leaves out what no more than half of the readings found.

    Raises ModelUnavailable when the model was out of reach at any time: what was read until then is no outcome.
    """
    metered = None if key is None else MeteredPort(ports.models[key], ports.settings[key])
    services = Services(
        ports=() if metered is None else (metered,), load_work=ports.finder.load if ports.finder is not None else None
    )
    began = perf_counter()
    try:
        state = await _go_through(state, services, wishes)
        if majority:
            state = await _go_through(leave_out_minorities(state), services, wishes)
    except ModelUnavailable:
        raise
    except PaperfilterError as error:
        outcome = ExtractOutcome(failed=str(error))
    except Exception as error:  # a contestant that breaks us has failed, the contest goes on
        outcome = ExtractOutcome(failed=f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
    else:
        outcome = make_outcome(state, Effort())
    if metered is None:
        effort = Effort(seconds=round(perf_counter() - began, 3), cost=0.0)
    elif metered.lost is not None:
        raise metered.lost
    else:
        effort = metered.effort
    return outcome.model_copy(update={"effort": effort})


async def _go_through(state: StageOne, services: Services, wishes: Wishes) -> StageOne:
    async for event in run_graph(state, services, wishes):
        if isinstance(event, Made):
            state.update(event.state)
    return state


def _fell_back(cell: Cell, outcome: ExtractOutcome) -> bool:
    """Whether a paper that was to be read in one question did not fit."""
    return cell.mode == "bulk" and any(_is_chunked(r) for r in outcome.readings)


def _is_chunked(reading: Reading) -> bool:
    return reading.mode == "chunk" and reading.asked > 0


def _name_cell(entrant: Entrant, paper: Paper, mode: str, run: int) -> Cell:
    return Cell(task="extract", contestant=entrant.contestant.name, subject=paper.name, mode=mode, run=run)
