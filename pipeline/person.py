"""Who is at the keyboard: the name under an answer that somebody gave."""

import getpass
import os
import re
from pathlib import Path

SECTION = re.compile(r"^\s*\[(?P<name>[^\]]+)\]")
NAME = re.compile(r'^\s*name\s*=\s*"?(?P<name>[^"#;]+?)"?\s*(?:[#;].*)?$', re.I)


def find_person() -> str:
    """The author's name of git's settings (nearest first), else the user's name on this machine."""
    named = os.environ.get("GIT_AUTHOR_NAME") or os.environ.get("GIT_COMMITTER_NAME")
    if named:
        return named.strip()
    for path in _git_settings():
        name = _read_name(path)
        if name:
            return name
    try:
        return os.environ.get("USER") or getpass.getuser()
    except (KeyError, OSError):  # a uid without an entry
        return f"uid {os.getuid()}"


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
