"""Who is at the keyboard: the name under what somebody answered, accepted or edited."""

import getpass
import os
import re
import tomllib
from pathlib import Path

from pipeline.models.config import FILE, find_file
from pipeline.terminal import strip_controls
from schemas.errors import UsageError

LONGEST = 100  # characters of a name
SECTION = re.compile(r"^\s*\[(?P<name>[^\]]+)\]")
NAME = re.compile(r'^\s*name\s*=\s*"?(?P<name>[^"#;]+?)"?\s*(?:[#;].*)?$', re.I)


def find_person(given: str | None = None) -> str:
    """The name that was given, else `[person] name` of the nearest paperfilter.toml, else the author's name of git's
    settings (nearest first), else the user's name on this machine.

    Raises UsageError for a name without a letter.
    """
    if given is not None:
        return _check_name(given, "--by")
    path = find_file(Path.cwd())
    configured = _read_configured(path) if path is not None else None
    if configured is not None:
        return configured
    named = os.environ.get("GIT_AUTHOR_NAME") or os.environ.get("GIT_COMMITTER_NAME")
    if named and _clean(named):
        return _clean(named)
    for settings in _git_settings():
        name = _clean(_read_name(settings) or "")
        if name:
            return name
    try:
        return _clean(os.environ.get("USER") or getpass.getuser()) or f"uid {os.getuid()}"
    except (KeyError, OSError):  # a uid without an entry
        return f"uid {os.getuid()}"


def _read_configured(path: Path) -> str | None:
    """The name in a settings file; None where it has none. What else is wrong in it, who needs it says."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("person")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    if table is None:
        return None
    name = table.get("name") if isinstance(table, dict) else None
    if not isinstance(name, str):
        raise UsageError(f'{path}: person: expected a name: [person] and name = "…"')
    return _check_name(name, f"{path.name if path.name == FILE else path}: person.name")


def _check_name(name: str, where: str) -> str:
    clean = _clean(name)
    if not any(c.isalnum() for c in clean):
        raise UsageError(f"{where}: '{clean}' is no name; expected who does this")
    return clean


def _clean(name: str) -> str:
    return " ".join(strip_controls(name).split())[:LONGEST]


def _git_settings() -> list[Path]:
    here = Path.cwd()
    repository = next((p / ".git" / "config" for p in (here, *here.parents) if (p / ".git" / "config").is_file()), None)
    home = Path(os.environ.get("HOME", "/"))
    settings = Path(os.environ.get("XDG_CONFIG_HOME", home / ".config"))
    return [*([repository] if repository else []), home / ".gitconfig", settings / "git" / "config"]


def _read_name(path: Path) -> str | None:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    inside = False
    for line in lines:
        section = SECTION.match(line)
        if section:
            inside = section["name"].strip().lower() == "user"
        elif inside and (name := NAME.match(line)):
            return name["name"].strip()
    return None
