"""Public event data: what there is, and getting it to this machine with progress, resume and checksum.

ATLAS Open Data 13 TeV (2020): record 15005 of the CERN Open Data portal, CC0; both addresses hold the same files.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

import httpx
import tenacity

from schemas.errors import DataError, NetworkError, UsageError
from schemas.model import Model

ATTEMPTS = 4  # for each address; a dropped download goes on where it stopped
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
AGAIN = (408, 425, 429, 500, 502, 503, 504)  # answers after which asking again makes sense

Progress = Callable[[str, int, int], None]  # name of the file, bytes here, bytes in all


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


class _Interrupted(Exception):
    """A download that may go on at the next attempt. The message says what happened."""


class _NoConnection(_Interrupted):
    """The host cannot be reached; most often there is no network, and patience does not help."""


class _Refused(Exception):
    """An address that does not give the file, however often it is asked."""


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
        with httpx.Client(follow_redirects=True, timeout=TIMEOUT, headers={"User-Agent": "paperfilter"}) as client:
            return [
                _fetch_file(client, file, folder, progress or _ignore, longest_wait, data_set.page)
                for file in data_set.files
            ]
    except OSError as error:
        raise DataError(f"folder {folder} cannot be used for data: {error.strerror or error}") from error


def _ignore(name: str, here: int, size: int) -> None:
    """No progress wanted."""


def _fetch_file(
    client: httpx.Client, file: DataFile, folder: Path, progress: Progress, longest_wait: float, page: str
) -> Path:
    target = folder / file.name
    if target.is_file() and target.stat().st_size == file.size and _checksum(target) == file.sha256:
        progress(file.name, file.size, file.size)
        return target
    failures: dict[str, str] = {}
    with _open_partial(folder / f"{file.name}.part") as partial:
        for address in file.addresses:
            retrying = tenacity.Retrying(
                stop=_is_enough,
                wait=tenacity.wait_random_exponential(multiplier=longest_wait / 8, max=longest_wait),
                retry=tenacity.retry_if_exception_type(_Interrupted),
                reraise=True,
            )
            try:
                retrying(_fetch_rest, client, file, address, partial, progress)
            except (_Interrupted, _Refused) as error:
                failures.setdefault(httpx.URL(address).host, str(error))
                continue
            Path(partial.name).replace(target)
            return target
    reasons = "; ".join(f"{host}: {reason}" for host, reason in failures.items())
    raise NetworkError(
        f"{file.name} cannot be downloaded ({reasons}); check the network and run the command again (it resumes), "
        f"or put the file into {folder} by hand from {page}"
    )


def _is_enough(state: tenacity.RetryCallState) -> bool:
    """Whether to stop asking an address."""
    offline = state.outcome is not None and isinstance(state.outcome.exception(), _NoConnection)
    return state.attempt_number >= (2 if offline else ATTEMPTS)


@contextmanager
def _open_partial(path: Path) -> Iterator[BufferedRandom]:
    """The partial file, for this process alone. An empty one is not left behind."""
    with path.open("a+b") as partial:
        try:
            fcntl.flock(partial, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f"another download of {path.stem} into {path.parent} is under way") from None
        yield partial
        if os.fstat(partial.fileno()).st_size == 0:
            path.unlink(missing_ok=True)


def _fetch_rest(
    client: httpx.Client, file: DataFile, address: str, partial: BufferedRandom, progress: Progress
) -> None:
    """Fetch what `partial` lacks and check it. Raises _Interrupted or _Refused; a wrong content is thrown away."""
    here = partial.seek(0, os.SEEK_END)
    if here > file.size:
        here = _empty(partial)
    if here < file.size:
        try:
            _receive(client, file, address, partial, progress, here)
        except httpx.ConnectError as error:
            certificate = "certificate" in str(error).lower()
            raise _NoConnection("its certificate is not accepted" if certificate else "no connection") from error
        except httpx.TimeoutException as error:
            raise _Interrupted("no answer in time") from error
        except httpx.TransportError as error:
            raise _Interrupted("the connection broke") from error
        except httpx.RequestError as error:
            raise _Refused("its answer leads nowhere") from error
        finally:
            partial.flush()
    if partial.tell() < file.size:
        raise _Interrupted("the connection broke")
    partial.seek(0)
    if hashlib.file_digest(partial, "sha256").hexdigest() != file.sha256:
        _empty(partial)
        raise _Interrupted("what it sends is not the published file (checksum differs)")


def _receive(
    client: httpx.Client, file: DataFile, address: str, partial: BufferedRandom, progress: Progress, here: int
) -> None:
    """Append the answer to `partial`; from the start if the server does not know ranges."""
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={here}-"} if here else {})
    with client.stream("GET", address, headers=headers) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            _empty(partial)
            raise _Interrupted("it refuses to resume")
        if answer.status_code in AGAIN:
            raise _Interrupted(f"it answers {answer.status_code} {answer.reason_phrase}")
        resumed = answer.headers.get("Content-Range", "").startswith(f"bytes {here}-")
        if answer.status_code != httpx.codes.OK and not (answer.status_code == httpx.codes.PARTIAL_CONTENT and resumed):
            raise _Refused(f"it answers {answer.status_code} {answer.reason_phrase}")
        if answer.status_code == httpx.codes.OK:
            here = _empty(partial)
        progress(file.name, here, file.size)
        for chunk in answer.iter_raw():  # as it comes: what is here is kept when the connection breaks
            here += len(chunk)
            if here > file.size:
                _empty(partial)
                raise _Refused("what it sends is larger than the published file")
            partial.write(chunk)
            progress(file.name, here, file.size)


def _empty(partial: BufferedRandom) -> int:
    partial.seek(0)
    return partial.truncate(0)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
