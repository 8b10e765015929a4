"""The accepted criteria of the built-in analyses are valid, and name the steps that their baselines count."""

import pytest

from benchmarks.analyses import demo_h4l, dimuon_z, diphoton, h4l, h4l_opendata, leptoquark
from benchmarks.analyses.counting import RegionPlan
from benchmarks.analyses.quadruplets import plan_regions
from schemas.analysis import BuiltInAnalysis
from schemas.criteria import Region
from schemas.criteria_yaml import load_criteria
from schemas.validation import list_cuts, validate_criteria

ANALYSES = (
    (h4l.ANALYSIS, plan_regions(h4l.baseline.SELECTION)),
    (h4l_opendata.ANALYSIS, h4l_opendata.baseline.PLANS),
    (diphoton.ANALYSIS, diphoton.baseline.PLANS),
    (leptoquark.ANALYSIS, leptoquark.baseline.PLANS),
    (dimuon_z.ANALYSIS, dimuon_z.baseline.PLANS),
    (demo_h4l.ANALYSIS, plan_regions(demo_h4l.baseline.SELECTION)),
)


def _steps(region: Region) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cut.group or cut.id for cut in region.cuts))


@pytest.mark.parametrize(("analysis", "plans"), ANALYSES, ids=lambda a: getattr(a, "slug", ""))
def test_criteria_are_valid_accepted_and_have_the_baselines_steps(
    analysis: BuiltInAnalysis, plans: tuple[RegionPlan, ...]
) -> None:
    criteria = load_criteria(analysis.criteria)
    validate_criteria(criteria)
    assert criteria.analysis.slug == analysis.slug
    assert {cut.status for cut in list_cuts(criteria)} == {"accepted"}
    assert [(r.name, r.parent, _steps(r)) for r in criteria.regions] == [
        (p.name, p.parent, tuple(step.id for step in p.steps)) for p in plans
    ]
