"""Witness events that were searched before: kept in the cache folder under what they were made from."""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.criteria import SelectionCriteria
from schemas.errors import RunFolderError
from schemas.profile import Profile

if TYPE_CHECKING:
    from codegen.witness.collecting import WitnessSet
    from codegen.witness.search import Tell

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("codegen", "codegen/witness", "schemas", "schemas/expressions")  # what a search depends on


def find_cache_folder() -> Path:
    """Where witness events are kept: the cache folder of the XDG base directory specification."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "paperfilter" / "witness"


def find_witnesses(criteria: SelectionCriteria, profile: Profile, tell: "Tell") -> tuple["WitnessSet", bool]:
    """Witness events for criteria, and whether they were known: searched once per criteria, profile and program.

    Raises CriteriaError as `collect_witnesses` does. A cache that cannot be read or written is done without.
    """
    from codegen.witness.collecting import collect_witnesses
    from codegen.witness.keeping import restore_witnesses, store_witnesses
    from pipeline.files import write_atomically

    path = find_cache_folder() / f"{_find_digest(criteria, profile)}.json"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    known = restore_witnesses(text, criteria, profile) if text else None
    if known is not None:
        return known, True
    found = collect_witnesses(criteria, profile, tell=tell)
    with contextlib.suppress(OSError, RunFolderError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, store_witnesses(found))
    return found, False


def _find_digest(criteria: SelectionCriteria, profile: Profile) -> str:
    """A name for everything that the events depend on: the criteria, the profile and the program."""
    digest = hashlib.sha256()
    for text in (criteria.model_dump_json(), profile.model_dump_json()):
        digest.update(hashlib.sha256(text.encode()).digest())
    for folder in SOURCES:
        for path in sorted((ROOT / folder).glob("*.py")):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]
