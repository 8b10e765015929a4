"""Cited works for stage one: from the library, from folders of PDFs and, where wished, from the network."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.obtaining import Shelves
from schemas.citation import CitedWork

if TYPE_CHECKING:
    from extract.stage_one import LoadedWork
    from papers.getting import Web
    from papers.library import Library


class WorkFinder:
    """Gets and reads cited works; several may be under way at once."""

    def __init__(self, shelves: Shelves, web: "Web | None", library: "Library") -> None:
        self._shelves = shelves
        self._web = web
        self._library = library

    def describe(self) -> str:
        """Where works come from, as it goes into the record of the run."""
        return "library, folders" + (", network" if self._web is not None else "")

    async def load(self, work: CitedWork) -> "LoadedWork":
        """The work as read, with its bibliography. Raises NetworkError when it cannot be had, PaperError otherwise."""
        return await asyncio.to_thread(self._load, work)

    def _load(self, work: CitedWork) -> "LoadedWork":
        from extract.stage_one import LoadedWork
        from papers.bibliography import read_bibliography
        from papers.getting import get_work
        from papers.read import read_paper

        document = read_paper(get_work(work, self._library, self._web, folders=self._shelves.papers))
        return LoadedWork(document, read_bibliography(document))


@contextmanager
def open_works(shelves: Shelves) -> Iterator[WorkFinder]:
    """A finder for the time of one command."""
    from papers.getting import open_web
    from papers.library import Library

    with open_web(offline=shelves.offline) as web:
        yield WorkFinder(shelves, web, Library(shelves.library))
