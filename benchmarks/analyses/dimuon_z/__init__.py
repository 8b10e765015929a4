"""Z bosons to two muons."""

from pathlib import Path

from benchmarks.analyses.dimuon_z.baseline import PROFILES, SLUG, explain_events, run_baseline
from schemas.analysis import BuiltInAnalysis

ANALYSIS = BuiltInAnalysis(
    slug=SLUG,
    title="Z→μμ",
    paper=None,
    criteria=Path(__file__).with_name("criteria.yaml"),
    profiles=PROFILES,
    run_baseline=run_baseline,
    explain_events=explain_events,
)
