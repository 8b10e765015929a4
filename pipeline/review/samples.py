"""The events that a preview looks at: which files, of which format, and no more of them than answers soon."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.compiling import DEFAULT_PROFILE, find_profile, guess_profile
from pipeline.event_data import find_files
from pipeline.layouts import count_events, open_text
from pipeline.manifest import Request
from schemas.errors import DataError, PaperfilterError
from schemas.profile import Profile

MOST_EVENTS = 100_000  # that a preview looks at; of more, so many of each file that it is no more
MOST_FILES = 20  # that are opened; of more, some from all over the list
FIRST = '''

def find_chunks(numbered, size, find=find_chunks):
    """A preview looks at the first chunk of each file."""
    return find(numbered, size)[:1]


if __name__ == "__main__":
'''
MAIN = '\n\nif __name__ == "__main__":\n'


class Wished(NamedTuple):
    """What is previewed: the event files (none: only code is shown), the name or file of the data format, and in
    `problem` why files that the run names are not used."""

    files: tuple[Path, ...]
    profile: str | None
    problem: str | None = None


class Sample(NamedTuple):
    """The files that are looked at, and how many events of each from its beginning (None: all).

    `told` is for people: what of the data is left out; empty where nothing is.
    """

    files: tuple[Path, ...]
    first: int | None = None
    told: str = ""


def wish_sample(request: Request | None, data: Sequence[str], profile: str | None) -> Wished:
    """The data and the format of a preview: as named, else as the run has them.

    Raises DataError for files that are named here and not there. Files of the run that are gone are a problem that is
    told: a review needs no data.
    """
    profile = profile or (request.profile if request is not None else None)
    if data:
        return Wished(find_files(data), profile)
    if request is None or not request.data:
        return Wished((), profile)
    try:
        return Wished(find_files(request.data), profile)
    except DataError as error:
        return Wished((), profile, f"the data of this run: {str(error).removeprefix('--data ')}")


def fit_profile(wished: Wished) -> Profile:
    """The data format, as these files have it. Raises ProfileError and DataError."""
    name = wished.profile or (guess_profile(wished.files[0]) if wished.files else DEFAULT_PROFILE)
    return find_profile(name, wished.files)


def choose_sample(files: Sequence[Path], profile: Profile, most: int = MOST_EVENTS) -> Sample:
    """No more than about `most` events: the first ones of every file, so that each kind of events is there.

    Raises DataError for a file that cannot be read.
    """
    chosen = tuple(files)
    if len(chosen) > MOST_FILES:
        chosen = tuple(files[i * len(files) // MOST_FILES] for i in range(MOST_FILES))
    first = max(1, most // len(chosen))
    counts = [_count(path, profile, most) for path in chosen]
    told = [f"{len(chosen)} of {len(files)} files"] if len(chosen) < len(files) else []
    if sum(counts) <= most:
        return Sample(chosen, None, "".join(told))
    told.insert(0, f"the first {first} events of each file" if len(files) > 1 else f"the first {first} events")
    return Sample(chosen, first, ", ".join(told))


def _count(path: Path, profile: Profile, enough: int) -> int:
    """Events of a file; of lines of JSON no more than one beyond `enough` are counted."""
    try:
        if profile.reader != "jsonl":
            return count_events(path, profile)
        with open_text(path) as file:
            found = 0
            for line in file:
                found += bool(line.strip())
                if found > enough:
                    break
            return found
    except PaperfilterError:
        raise
    except Exception as error:  # of the library that reads the file
        raise DataError(f"{path}: {(str(error).splitlines() or [type(error).__name__])[0]}") from error


def limit_program(source: str, sample: Sample) -> tuple[str, list[str]]:
    """A compiled program that looks at the sample's events only, and the arguments that it is given."""
    if sample.first is None:
        return source, []
    assert source.count(MAIN) == 1
    return source.replace(MAIN, FIRST), ["--chunk-size", str(sample.first)]
