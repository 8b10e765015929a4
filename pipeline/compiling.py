"""Criteria and a data profile to code: the one place that calls the compiler."""

from typing import TYPE_CHECKING

from schemas.criteria import SelectionCriteria
from schemas.cutflow import NotEvaluable
from schemas.model import Model

if TYPE_CHECKING:
    from codegen.compile import CompiledAnalysis

DEFAULT_PROFILE = "atlas_mini"


class Closest(Model):
    """A cut or variable made with the closest quantity that the format has, and what that is."""

    cut: str
    note: str


class BindingRecord(Model):
    """binding.json: what became of the criteria in this data format."""

    profile: str
    source_sha256: str  # of analysis.py
    not_evaluable: tuple[NotEvaluable, ...]
    closest: tuple[Closest, ...]
    unused: tuple[str, ...]  # defined and used by no cut and no output
    branches: tuple[str, ...]  # what is read of each file


def compile_criteria(criteria: SelectionCriteria, profile: str) -> "CompiledAnalysis":
    """The compiled analysis for a profile (a built-in name or a TOML file).

    Raises CriteriaError when the criteria do not validate or cannot be expressed, ProfileError for a bad profile.
    """
    from codegen.compile import compile_analysis
    from codegen.profiles import load_profile

    return compile_analysis(criteria, load_profile(profile))


def record_binding(compiled: "CompiledAnalysis", profile: str) -> BindingRecord:
    """What binding.json says about a compiled analysis."""
    return BindingRecord(
        profile=profile,
        source_sha256=compiled.digest,
        not_evaluable=compiled.not_evaluable,
        closest=tuple(Closest(cut=s.cut, note=s.note) for s in compiled.substitutions),
        unused=compiled.unused,
        branches=compiled.branches,
    )
