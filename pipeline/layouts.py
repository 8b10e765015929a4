"""What the event files hold: their branches, and a data profile fitted to them."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from schemas.errors import DamagedData, DataError
from schemas.profile import Profile
from schemas.profile_fitting import fit_profile, list_wanted

EVENTS_LOOKED_AT = 200  # of a file of JSON lines, whose events need not have the same names


class Layout(NamedTuple):
    """The names of the columns of one file, as `fit_profile` wants them, and whether it has events at all."""

    path: Path
    branches: tuple[str, ...]
    filled: bool


def fit_to_files(profile: Profile, files: Sequence[Path]) -> Profile:
    """The profile as it is for these files together: what all of them hold. Without files, the profile as it is.

    Files without events have no say. Raises DataError for a file that is not of the profile's format, and when files
    number their events or weight them in different ways.
    """
    if not files:
        return profile
    layouts = [read_layout(path, profile) for path in files]
    filled = [one for one in layouts if one.filled] or layouts[:1]
    kinds: dict[frozenset[str], Layout] = {}
    for one in filled:
        kinds.setdefault(frozenset(one.branches), one)
    first, *others = kinds.values()
    if profile.varies:
        fitted = fit_profile(profile, first.branches)
        for other in others:
            _check_alike(fitted, first.path, fit_profile(profile, other.branches), other.path)
    shared = frozenset.intersection(*kinds)
    return fit_profile(profile, [name for name in first.branches if name in shared])


def read_layout(path: Path, profile: Profile) -> Layout:
    """The columns of a file. Raises DataError when it is not of the profile's format."""
    try:
        with path.open("rb") as file:
            is_root = file.read(4) == b"root"
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    if profile.reader == "jsonl":
        if is_root:
            raise DataError(f"{path}: a ROOT file; profile {profile.name} reads lines of JSON: name another --profile")
        return _read_lines(path)
    if not is_root:
        raise DataError(
            f"{path} cannot be read as a ROOT file, which profile {profile.name} wants; name other files or --profile"
        )
    return _read_tree(path, profile)


def count_events(path: Path, profile: Profile) -> int:
    """How many events a file of the profile's format has; lines of JSON are counted, not read."""
    if profile.reader == "jsonl":
        with open_text(path) as file:
            return sum(1 for line in file if line.strip())
    import uproot

    with uproot.open(path) as file:
        return int(file[profile.tree].num_entries)


def find_lacking_key(profile: Profile, files: Sequence[Path]) -> str | None:
    """What is wrong with the event numbers of files, in one line; None when nothing is, or when they may be missing."""
    for path in files:
        layout = read_layout(path, profile)
        missing = [name for name in profile.key if name not in layout.branches]
        if missing and layout.filled:
            paths = profile.fitting.paths if profile.fitting is not None else {}
            absent = [name for name in missing if paths.get(name) not in layout.branches]
            if absent:
                return f"{path}: tree '{profile.tree}' lacks {', '.join(absent)}; give files of the profile's format"
    return None


def open_text(path: Path) -> IO[str]:
    """A file of lines, compressed or not. Raises OSError."""
    return gzip.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".gz" else path.open(encoding="utf-8-sig")


def _read_tree(path: Path, profile: Profile) -> Layout:
    import uproot

    try:
        with uproot.open(path) as file:
            if profile.tree not in file:
                names = ", ".join(sorted({k.split(";")[0] for k in file.keys()})[:8]) or "nothing"  # noqa: SIM118
                raise DataError(
                    f"{path} has no tree '{profile.tree}' (profile {profile.name}); it has {names}; "
                    "`paperfilter profile check` tells which profile fits"
                )
            tree = file[profile.tree]
            if not hasattr(tree, "num_entries"):
                raise DataError(f"{path}: '{profile.tree}' is no tree")
            names_of = tuple(str(name) for name in tree.keys(recursive=True))
            members = tuple(_list_members(tree, profile, frozenset(names_of)))
            return Layout(path, (*names_of, *members), bool(tree.num_entries))
    except DataError:
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise DamagedData(f"{path} cannot be read as a ROOT file, it is damaged: {reason}") from error


def _list_members(tree: Mapping[str, object], profile: Profile, names: frozenset[str]) -> Iterator[str]:
    """Members of structures that the profile asks for and that are stored in one branch with the whole structure."""
    for name in list_wanted(profile):
        owner, _, member = name.rpartition(".")
        if owner in names and name not in names:
            form = _find_form(tree[owner])
            if member in form:
                yield f"{owner}::{member}"


def _find_form(branch: object) -> tuple[str, ...]:
    """The members of the structures in a branch, if it is read as structures."""
    import awkward

    try:
        form = branch.interpretation.awkward_form(None)  # type: ignore[attr-defined]
    except Exception:  # not every branch can be read, and those are no structures
        return ()
    while not isinstance(form, awkward.forms.RecordForm):
        form = getattr(form, "content", None)
        if form is None:
            return ()
    return tuple(form.fields)


def _read_lines(path: Path) -> Layout:
    names: dict[str, None] = {}
    events = number = 0
    _check_packing(path)
    try:
        with open_text(path) as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                event = json.loads(line)
                if not isinstance(event, dict):
                    raise DamagedData(f"{path}, line {number}: damaged: no JSON object, of which each line holds one")
                names.update(dict.fromkeys(flatten_names(event)))
                events += 1
                if events == EVENTS_LOOKED_AT:
                    break
    except json.JSONDecodeError as error:
        what = "damaged: not JSON, or cut" if events else "not JSON"
        raise DamagedData(f"{path}, line {number}: {what} (character {error.pos + 1}: {error.msg})") from error
    except UnicodeDecodeError as error:
        raise DamagedData(f"{path}, line {_find_spoilt(path)}: damaged: not UTF-8") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DamagedData(f"{path}: damaged after line {number}: {error}; copy or download it again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read as lines of JSON: {error}") from error
    return Layout(path, tuple(names), events > 0)


def _check_packing(path: Path) -> None:
    """Raises DamagedData when the name does not say whether the file is compressed."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if packed and path.suffix != ".gz":
        raise DamagedData(f"{path}: compressed with gzip, but not named so; rename it to {path.name}.gz")
    if path.suffix == ".gz" and not packed:
        raise DamagedData(f"{path}: not compressed with gzip, as its name says; damaged, or rename it to {path.stem}")


def _find_spoilt(path: Path) -> int:
    """The number of the first line that is not UTF-8."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 0


def flatten_names(event: Mapping[str, object], owner: str = "") -> Iterator[str]:
    """The names of one event's columns: `event_id`, and `particles.px` for `data: {particles: [{px: …}]}`."""
    for key, value in event.items():
        name = f"{owner}{key}"
        if isinstance(value, dict):
            yield from flatten_names(value, "" if name == "data" else f"{name}.")
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            for item in value:
                yield from flatten_names(item, f"{name}.") if isinstance(item, dict) else ()
        else:
            yield name


def _check_alike(one: Profile, path: Path, other: Profile, other_path: Path) -> None:
    if one.key != other.key:
        ways = [", ".join(p.key) or "nothing" for p in (one, other)]
        raise DataError(f"{path} numbers its events by {ways[0]}, {other_path} by {ways[1]}; run them one by one")
    if one.weights != other.weights:
        ways = [_describe_weights(p) for p in (one, other)]
        if ways[0] == ways[1]:
            ways = [f"{w}, factors {_list_factors(p)}" for w, p in zip(ways, (one, other), strict=True)]
        raise DataError(f"{path} is {ways[0]}, {other_path} is {ways[1]}; run them one by one")


def _describe_weights(profile: Profile) -> str:
    return "collision data" if profile.weights is None else "simulation"


def _list_factors(profile: Profile) -> str:
    factors: Iterable[str] = () if profile.weights is None else (f.expression for f in profile.weights.factors)
    return ", ".join(factors) or "none"
