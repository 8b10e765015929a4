"""Built-in analyses, found by name in the entry-point group `paperfilter.analyses`."""

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path

from pipeline.compiling import compile_criteria, recognise_profile
from schemas.analysis import BuiltInAnalysis
from schemas.errors import CriteriaError, DamagedData, DataError, ProfileError, UsageError

GROUP = "paperfilter.analyses"


def list_analyses() -> tuple[str, ...]:
    """Names of the built-in analyses; nothing is imported."""
    return tuple(sorted({point.name for point in importlib.metadata.entry_points(group=GROUP)}))


def load_analysis(name: str) -> BuiltInAnalysis:
    """The analysis called `name`. Raises UsageError when there is none or its package is damaged."""
    point = next((p for p in importlib.metadata.entry_points(group=GROUP) if p.name == name), None)
    if point is None:
        raise UsageError(f"there is no built-in analysis '{name}'; there are: {', '.join(list_analyses()) or 'none'}")
    try:
        found = getattr(point.load(), "ANALYSIS", None)
    except ImportError as error:
        raise UsageError(
            f"built-in analysis '{name}' cannot be imported: {error}; install the package again"
        ) from error
    if not isinstance(found, BuiltInAnalysis):
        raise UsageError(f"built-in analysis '{name}' has no ANALYSIS; install the package again")
    return found


def choose_profile(analysis: BuiltInAnalysis, files: Sequence[Path]) -> str:
    """The first of the analysis' profiles that the first file fits; a single one, or without a file, the usual one.

    Raises DataError when it fits none of several.
    """
    from codegen.profiles import load_profile
    from pipeline.layouts import fit_to_files

    if not files or len(analysis.profiles) == 1:
        return analysis.profiles[0]
    for name in analysis.profiles:
        try:
            fit_to_files(load_profile(name), files[:1])
        except DamagedData:
            raise
        except DataError:
            continue
        return name
    other = recognise_profile(files[0])
    if other is not None and other not in analysis.profiles:
        raise DataError(
            f"{files[0]}: of profile {other}, which {analysis.slug} cannot use{_say_lack(analysis, other)}; "
            f"give files of {', '.join(analysis.profiles)}"
        )
    raise DataError(
        f"{files[0]}: of none of the formats of {analysis.slug} ({', '.join(analysis.profiles)}); "
        "give other files, or name a profile of your own with --profile FILE.toml"
    )


def _say_lack(analysis: BuiltInAnalysis, profile: str) -> str:
    """What the format lacks for an analysis, as an addition to a sentence."""
    from codegen.profiles import load_profile
    from schemas.criteria_yaml import load_criteria

    try:
        missing = compile_criteria(load_criteria(analysis.criteria), load_profile(profile)).not_evaluable
    except CriteriaError as error:
        return f" ({error})"
    return f" ({'; '.join(list(dict.fromkeys(one.reason for one in missing))[:3])})" if missing else ""


def match_profile(analysis: BuiltInAnalysis, asked: str, files: Sequence[Path]) -> str:
    """The format in which the baseline reads the files of a run with the profile `asked` (a name or a TOML file).

    A profile of one's own for a format that the baseline knows is read as that format. Raises UsageError when the
    baseline reads none that fits.
    """
    from codegen.profiles import load_profile

    try:
        name = load_profile(asked).name
    except ProfileError:
        name = asked
    if name in analysis.profiles:
        return name
    try:
        return choose_profile(analysis, files)
    except DataError:
        raise UsageError(
            f"the baseline of {analysis.slug} reads {', '.join(analysis.profiles)}, not {name}; "
            "compare with a cutflow file, or give files of one of those formats"
        ) from None
