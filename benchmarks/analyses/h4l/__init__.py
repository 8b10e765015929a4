"""H to ZZ* to four leptons, arXiv:2004.03447."""

from pathlib import Path

from benchmarks.analyses.h4l.baseline import PROFILES, SLUG, explain_events, run_baseline
from schemas.analysis import BuiltInAnalysis

ANALYSIS = BuiltInAnalysis(
    slug=SLUG,
    title="H→ZZ*→4ℓ, production cross-sections (ATLAS, 139 fb-1)",
    paper="arXiv:2004.03447",
    criteria=Path(__file__).with_name("criteria.yaml"),
    profiles=PROFILES,
    run_baseline=run_baseline,
    explain_events=explain_events,
)
