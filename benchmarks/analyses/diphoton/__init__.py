"""H to two photons, arXiv:2308.07216."""

from pathlib import Path

from benchmarks.analyses.diphoton.baseline import PROFILES, SLUG, explain_events, run_baseline
from schemas.analysis import BuiltInAnalysis

ANALYSIS = BuiltInAnalysis(
    slug=SLUG,
    title="H→γγ, selection of the mass measurement with a control sample",
    paper="arXiv:2308.07216",
    criteria=Path(__file__).with_name("criteria.yaml"),
    profiles=PROFILES,
    run_baseline=run_baseline,
    explain_events=explain_events,
)
