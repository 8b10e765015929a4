"""Four leptons as in the ATLAS Open Data example, ATL-OREACH-PUB-2020-001."""

from pathlib import Path

from benchmarks.analyses.h4l_opendata.baseline import PROFILES, SLUG, explain_events, run_baseline
from schemas.analysis import BuiltInAnalysis

ANALYSIS = BuiltInAnalysis(
    slug=SLUG,
    title="H→ZZ*→4ℓ, example of the ATLAS Open Data 13 TeV release",
    paper="ATL-OREACH-PUB-2020-001",
    criteria=Path(__file__).with_name("criteria.yaml"),
    profiles=PROFILES,
    run_baseline=run_baseline,
    explain_events=explain_events,
)
