"""The columns of event files as a coder is told of them: those that its criteria need first, the rest bounded."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from schemas.coding import Branch
from schemas.profile import Profile

KINDS = {"b": "bool", "i": "int64", "u": "int64", "f": "float64"}  # as the functions get the values
MOST_OTHERS = 2000  # characters
LONGEST_NAME = 120

Shape = Literal["number", "list", "lists", "other"]


class Told(NamedTuple):
    """Branches to name in a guide: by what they hold, those that the criteria need; then names of others."""

    needed: tuple[tuple[str, tuple[str, ...]], ...]
    others: tuple[tuple[str, tuple[str, ...]], ...]
    left_out: int


def list_branches(columns: Iterable[tuple[str, Shape, str]], profile: Profile | None = None) -> tuple[Branch, ...]:
    """Branches from name, shape and kind ("b", "i", "f" or a type's name) of the columns of a file.

    A branch is called by the last part of its path, or by all of it where names repeat, as `events[...]` knows it; so
    are members of structures, by the names that the profile, fitted to the files, has for them. Columns that hold no
    numbers are left out.
    """
    found: dict[str, Branch] = {}
    for path, shape, kind in columns:
        short = path.rsplit("/", 1)[-1]
        name = short if short not in found else path
        found[name] = Branch(name=name, shape=shape, kind=KINDS.get(kind, kind))
    numbers = [branch for branch in found.values() if branch.shape != "other"]
    paths = profile.fitting.paths if profile is not None and profile.fitting is not None else {}
    members = [Branch(name=name, shape="other") for name, path in paths.items() if "::" in path]
    return (*numbers, *members)


def name_needed(paths: Mapping[str, str], read: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """The names, as `events[...]` knows them, of the branches that are read; `texts` are what names stand in."""
    found: list[str] = []
    for path in read:
        names = [name for name, whole in paths.items() if whole.partition("::")[0] == path]
        used = [name for name in names if any(name in text for text in texts)]
        found += used or names[:1] or [path.rsplit("/", 1)[-1]]
    return tuple(dict.fromkeys(found))


def choose_told(branches: Sequence[Branch], needed: Sequence[str], far: bool, hidden: Collection[str] = ()) -> Told:
    """What is told of the branches of the files: the needed ones, and with `far` others, but for hidden ones."""
    known = {branch.name: branch for branch in branches}
    near = [known.get(name, Branch(name=name, shape="other")) for name in needed]
    rest = [b for b in branches if b.name not in (*needed, *hidden) and b.shape != "other" and _is_plain(b.name)]
    rest = rest if far else []
    rest.sort(key=lambda branch: (not _is_akin(branch.name, needed), branch.name))
    ends = accumulate(len(branch.name) + 1 for branch in rest)
    shown = [branch for branch, end in zip(rest, ends, strict=True) if end <= MOST_OTHERS]
    shown.sort(key=lambda branch: branch.name)
    return Told(_group(near), _group(shown), len(rest) - len(shown))


def _group(branches: Iterable[Branch]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Names of branches by what an event has of them."""
    groups: dict[str, list[str]] = {}
    for branch in branches:
        groups.setdefault(_describe(branch), []).append(branch.name)
    return tuple((words, tuple(names)) for words, names in groups.items())


def _describe(branch: Branch) -> str:
    kind = f" of {branch.kind}" if branch.kind else ""
    match branch.shape:
        case "number":
            return f"one {branch.kind or 'number'}"
        case "list":
            return f"a list{kind}"
        case "lists":
            return f"a list of lists{kind}"
    return "of a shape that was not looked at"


def _is_akin(name: str, needed: Sequence[str]) -> bool:
    """Whether a branch is of the same objects as one that is needed."""
    return any(name.startswith(stem) for stem in {_find_stem(one) for one in needed} if stem)


def _find_stem(name: str) -> str:
    for mark in (".", "_"):
        if mark in name:
            return name[: name.index(mark) + 1]
    return ""


def _is_plain(name: str) -> bool:
    """Whether a name can stand in a prompt: it comes from a file of somebody."""
    return len(name) <= LONGEST_NAME and name.isascii() and name.isprintable() and not set(name) & set('`"<>')
