"""Criteria and a data profile to code: the one place that calls the compiler."""

from typing import TYPE_CHECKING

from schemas.criteria import SelectionCriteria

if TYPE_CHECKING:
    from codegen.compiler import CompiledAnalysis

DEFAULT_PROFILE = "atlas_mini"


def compile_criteria(criteria: SelectionCriteria, profile: str) -> "CompiledAnalysis":
    """The compiled analysis for a profile (a built-in name or a TOML file).

    Raises CriteriaError when the criteria do not validate or cannot be expressed, ProfileError for a bad profile.
    """
    from codegen.compiler import compile_analysis
    from codegen.profiles import load_profile
    from schemas.validation import validate_criteria

    validate_criteria(criteria)
    return compile_analysis(criteria, load_profile(profile))
