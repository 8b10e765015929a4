"""The selection of the demonstration note."""

from pathlib import Path

from benchmarks.analyses.demo_h4l.baseline import PROFILES, SLUG, explain_events, run_baseline
from schemas.analysis import BuiltInAnalysis

ANALYSIS = BuiltInAnalysis(
    slug=SLUG,
    title="H→ZZ*→4ℓ, the demonstration note",
    paper=None,
    criteria=Path(__file__).with_name("criteria.yaml"),
    profiles=PROFILES,
    run_baseline=run_baseline,
    explain_events=explain_events,
)
