"""One reader a data format; each gives the events as `benchmarks.analyses.events` describes them."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from benchmarks.analyses.events import EventSource
from benchmarks.analyses.formats import evtjsonl, mini, nanoaod, physlite
from schemas.errors import UsageError

Reader = Callable[[Sequence[Path], Collection[str]], EventSource]

_READERS: dict[str, Reader] = {module.PROFILE: module.open_files for module in (mini, physlite, nanoaod, evtjsonl)}


def open_events(profile: str, files: Sequence[Path], uses: Collection[str]) -> EventSource:
    """The events of the files, with the kinds of objects in `uses` (electron, muon, photon, jet).

    Raises UsageError for a format that no baseline reads, DataError for a file that is not of the format.
    """
    if profile not in _READERS:
        raise UsageError(f"no baseline reads the format '{profile}'; there are: {', '.join(_READERS)}")
    return _READERS[profile](files, uses)
