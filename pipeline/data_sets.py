"""Public event data: what there is, and getting it to this machine with progress, resume and checksum.

ATLAS Open Data 13 TeV (2020): record 15005 of the CERN Open Data portal, CC0; both addresses hold the same files.
"""

import hashlib
from pathlib import Path

import httpx

from papers.downloads import (
    Interrupted,
    Progress,
    Refused,
    Wanted,
    fetch_rest,
    make_retrying,
    open_client,
    open_partial,
)
from schemas.errors import DataError, NetworkError, UsageError
from schemas.model import Model


class DataFile(Model):
    """One published file."""

    name: str
    size: int  # bytes
    sha256: str
    addresses: tuple[str, ...]  # tried in this order


class DataSet(Model):
    """A named set of files that belong together."""

    name: str
    title: str
    page: str  # where a person reads about it
    licence: str
    profile: str
    events: int
    files: tuple[DataFile, ...]

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(file.size for file in self.files)


FOUR_LEPTONS = (
    "https://atlas-opendata.web.cern.ch/atlas-opendata/samples/2020/4lep/Data",
    "https://opendata.cern.ch/eos/opendata/atlas/OutreachDatasets/2020-01-22/4lep/Data",
)


def _four_leptons(period: str, size: int, sha256: str) -> DataFile:
    name = f"data_{period}.4lep.root"
    return DataFile(name=name, size=size, sha256=sha256, addresses=tuple(f"{base}/{name}" for base in FOUR_LEPTONS))


DATA_SETS = {
    d.name: d
    for d in (
        DataSet(
            name="atlas-2020-4lep",
            title="ATLAS Open Data 13 TeV (2020), events with at least four leptons, 10 fb-1, collision data A to D",
            page="https://opendata.cern.ch/record/15005",
            licence="CC0-1.0",
            profile="atlas_mini",
            events=832,
            files=(
                _four_leptons("A", 25826, "8a0de39015dcc46ec3e65fd56234bbb8809c0fb1e16e6511a7872627bb7b6675"),
                _four_leptons("B", 60364, "198d5f06b0f24cdf08f4a3342f142aa2ed3eded3f39ea8f18fb963b681fd1411"),
                _four_leptons("C", 84525, "3f1cd0a4fca42013f718bd219a043ec4fff0b7268707ea0894f6ce379e2f0c56"),
                _four_leptons("D", 131190, "7e103be7359e402032a5dbe01d3f5105fddbcc043bce3a187993fb99f7cc6e1e"),
            ),
        ),
    )
}


def list_data_sets() -> tuple[DataSet, ...]:
    """All data sets that can be fetched by name."""
    return tuple(DATA_SETS.values())


def get_data_set(name: str, folder: Path, progress: Progress | None = None) -> list[Path]:
    """The files of the data set called `name`, in `folder`; what is there already and right is not fetched again.

    Raises UsageError for an unknown name, otherwise as `fetch_data_set`.
    """
    data_set = DATA_SETS.get(name)
    if data_set is None:
        raise UsageError(f"there is no data set '{name}'; known: {', '.join(DATA_SETS)}")
    return fetch_data_set(data_set, folder, progress)


def fetch_data_set(
    data_set: DataSet, folder: Path, progress: Progress | None = None, *, longest_wait: float = 8.0
) -> list[Path]:
    """Fetch the files of `data_set` into `folder`, one after the other, and return their paths.

    A partial file (`.part`) from an earlier try is continued. A file appears under its name only when its size and
    checksum are right. Between attempts at most `longest_wait` seconds pass. Raises NetworkError when a file cannot be
    had, DataError when `folder` cannot be written or another download of the same file is under way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_client() as client:
            return [_fetch_file(client, file, folder, progress, longest_wait, data_set.page) for file in data_set.files]
    except BlockingIOError as error:
        raise DataError(f"another download of {data_set.name} into {folder} is under way") from error
    except OSError as error:
        raise DataError(f"folder {folder} cannot be used for data: {error.strerror or error}") from error


def _fetch_file(
    client: httpx.Client, file: DataFile, folder: Path, progress: Progress | None, longest_wait: float, page: str
) -> Path:
    target = folder / file.name
    if target.is_file() and target.stat().st_size == file.size and _checksum(target) == file.sha256:
        if progress is not None:
            progress(file.name, file.size, file.size)
        return target
    wanted = Wanted(name=file.name, largest=file.size, size=file.size, sha256=file.sha256)
    failures: dict[str, str] = {}
    with open_partial(folder / f"{file.name}.part") as partial:
        for address in file.addresses:
            try:
                make_retrying(longest_wait=longest_wait)(fetch_rest, client, address, partial, wanted, progress)
            except (Interrupted, Refused) as error:
                failures.setdefault(httpx.URL(address).host, str(error))
                continue
            Path(partial.name).replace(target)
            return target
    reasons = "; ".join(f"{host}: {reason}" for host, reason in failures.items())
    raise NetworkError(
        f"{file.name} cannot be downloaded ({reasons}); check the network and run the command again (it resumes), "
        f"or put the file into {folder} by hand from {page}"
    )


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
