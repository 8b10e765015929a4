"""Pairs of scalar leptoquarks, each to a lepton and a jet."""

from pathlib import Path

from benchmarks.analyses.leptoquark.baseline import PROFILES, SLUG, explain_events, run_baseline
from schemas.analysis import BuiltInAnalysis

ANALYSIS = BuiltInAnalysis(
    slug=SLUG,
    title="pairs of scalar leptoquarks, (ℓj)(ℓj)",
    paper=None,
    criteria=Path(__file__).with_name("criteria.yaml"),
    profiles=PROFILES,
    run_baseline=run_baseline,
    explain_events=explain_events,
)
