"""Criteria and a data profile to code: the one place that calls the compiler."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.backend import Backend
from schemas.criteria import SelectionCriteria
from schemas.cutflow import NotEvaluable
from schemas.errors import DataError
from schemas.model import Model
from schemas.profile import Chosen, Profile

if TYPE_CHECKING:
    from codegen.compile import CompiledAnalysis

DEFAULT_PROFILE = "atlas_mini"


class Closest(Model):
    """A cut or variable made with the closest quantity that the format has, and what that is."""

    cut: str
    note: str


class BindingRecord(Model):
    """binding.json: what became of the criteria in this data format.

    Of a format whose files differ from each other also which alternatives were taken for these files, and all that the
    files lack, whether the criteria ask for it or not.
    """

    profile: str
    source_sha256: str  # of analysis.py
    not_evaluable: tuple[NotEvaluable, ...]
    closest: tuple[Closest, ...]
    unused: tuple[str, ...]  # defined and used by no cut and no output
    branches: tuple[str, ...]  # what is read of each file
    key: tuple[str, ...] = ()  # what numbers an event; empty: the place of its file, and the row in it
    chosen: tuple[Chosen, ...] = ()
    lacking: tuple[str, ...] = ()


def find_profile(name: str, files: Sequence[Path] = ()) -> Profile:
    """A profile (a built-in name or a TOML file), as it is for these files.

    Raises ProfileError for a bad profile, DataError for files that are not of its format or do not go together.
    """
    from codegen.profiles import load_profile
    from pipeline.layouts import fit_to_files

    return fit_to_files(load_profile(name), files)


def guess_profile(path: Path) -> str:
    """The built-in profile that a file fits best; the usual one when none fits, or when the file cannot be read."""
    return recognise_profile(path) or DEFAULT_PROFILE


def recognise_profile(path: Path) -> str | None:
    """The built-in profile that a file fits best; None when none fits, or when the file cannot be read."""
    from codegen.profiles import list_profiles, load_profile
    from pipeline.columns import FileColumns
    from pipeline.profile_checks import choose_profile

    try:
        columns = FileColumns(path)
        best = choose_profile(columns, [load_profile(name) for name in list_profiles()])
    except DataError:
        return None
    there = best is not None and (best.reader == "jsonl" or best.tree in columns.trees)
    return best.name if best is not None and there else None


def compile_criteria(
    criteria: SelectionCriteria, profile: str | Profile, backend: Backend = "numpy"
) -> "CompiledAnalysis":
    """The compiled analysis for a profile: a built-in name, a TOML file, or one that `find_profile` gave.

    Raises CriteriaError when the criteria do not validate or cannot be expressed, ProfileError for a bad profile.
    """
    from codegen.compile import compile_analysis

    return compile_analysis(criteria, find_profile(profile) if isinstance(profile, str) else profile, backend)


def find_missing(criteria: SelectionCriteria, profile: str | Profile) -> tuple[NotEvaluable, ...]:
    """What of the criteria the format cannot evaluate; what they state in words counts as written.

    Raises CriteriaError and ProfileError as `compile_criteria`.
    """
    from codegen.compile import Written, compile_analysis
    from schemas.words import list_worded

    nothing = Written(functions="", lines=("def write_functions():", "    return {}"), made_by="nobody")
    fitted = find_profile(profile) if isinstance(profile, str) else profile
    return compile_analysis(criteria, fitted, "numpy", nothing if list_worded(criteria) else None).not_evaluable


def record_binding(compiled: "CompiledAnalysis", name: str, profile: Profile) -> BindingRecord:
    """What binding.json says about a compiled analysis."""
    fitting = profile.fitting
    return BindingRecord(
        profile=name,
        source_sha256=compiled.digest,
        not_evaluable=compiled.not_evaluable,
        closest=tuple(Closest(cut=s.cut, note=s.note) for s in compiled.substitutions),
        unused=compiled.unused,
        branches=compiled.branches,
        key=profile.key,
        chosen=fitting.chosen if fitting is not None else (),
        lacking=fitting.lacking if fitting is not None else (),
    )
