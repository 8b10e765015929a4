"""Every built-in analysis in every format: compiled code and baseline keep the same events at every step."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.samples.collisions import draw_collisions
from benchmarks.samples.layouts import write_events
from tests.benchmarks.analyses_running import ANALYSES, KINDS, MATRIX, NOT_EVALUATED, STEPS, run_analysis
from tests.benchmarks.edge_events import draw_events, list_edges
from tests.benchmarks.straddling import PLANS, straddle_steps
from tests.shared import require

Files = Callable[[str], Path]

# steps at which one number moves nothing: they ask for whole numbers, or the cuts on single objects stand before them
NOT_CROSSED = {
    "h4l": set(),
    "h4l_opendata": {"lepton_charge", "lepton_flavour"},
    "diphoton": {"diphoton_trigger", "none_converted", "one_converted", "one_endcap"},
    "leptoquark": {"paired", "two_electrons", "two_muons"},
    "dimuon_z": set(),
}


@pytest.fixture(scope="module")
def straddles() -> dict[str, list[tuple[str, str, object]]]:
    """For each analysis, events on the two sides of a step: step, name, event."""
    return {
        slug: [(step, edge.name, edge.event) for step, edge in straddle_steps(slug, NOT_CROSSED[slug])]
        for slug in PLANS
    }


@pytest.fixture(scope="module")
def edge_file(tmp_path_factory: pytest.TempPathFactory, straddles: dict[str, list]) -> Files:
    """All edge events in a layout, one file a layout."""
    events = [edge.event for edge in list_edges()]
    events += [event for ones in straddles.values() for _, _, event in ones]
    events += draw_events(2000, seed=1)
    folder = tmp_path_factory.mktemp("edges")
    written: dict[str, Path] = {}

    def get(layout: str) -> Path:
        if layout not in written:
            written[layout] = write_events(folder, layout, layout, events)
        return written[layout]

    return get


@pytest.mark.parametrize(("slug", "profile"), MATRIX)
def test_edge_events(slug: str, profile: str, edge_file: Files, tmp_path: Path) -> None:
    outcome = run_analysis(slug, profile, [edge_file(profile)], tmp_path)
    outcome.check(STEPS[slug] - len(NOT_EVALUATED.get((slug, profile), ())))
    assert outcome.not_evaluated == NOT_EVALUATED.get((slug, profile), set())
    for region in outcome.baseline.regions:
        for before, step in zip(region.steps, region.steps[1:], strict=False):
            if step.evaluated:  # the edge events reach the step, some fail there and some pass
                assert before.count > step.count > 0, (region.name, step.id)


@pytest.mark.parametrize(("slug", "profile"), MATRIX)
def test_simulated_events(slug: str, profile: str, tmp_path: Path) -> None:
    events = draw_collisions(KINDS[slug], 900, seed=5)
    files = [write_events(tmp_path, "first", profile, events)]
    outcome = run_analysis(slug, profile, files, tmp_path, chunk=250)
    outcome.check(STEPS[slug] - len(NOT_EVALUATED.get((slug, profile), ())))
    ends = {region.name: region.steps[-1].count for region in outcome.baseline.regions}
    assert ends["preselection"] > 100, ends
    assert all(count for name, count in ends.items() if not name.endswith("_high_ptt")), ends


@pytest.mark.parametrize(("slug", "profile"), MATRIX)
def test_files_without_events(slug: str, profile: str, tmp_path: Path) -> None:
    empty = write_events(tmp_path, "empty", profile, [])
    events = draw_collisions(KINDS[slug], 30, seed=6)
    full = write_events(tmp_path, "full", profile, events)
    outcome = run_analysis(slug, profile, [empty, full, *([empty] if profile != "evtjsonl" else [])], tmp_path)
    outcome.check(STEPS[slug] - len(NOT_EVALUATED.get((slug, profile), ())))
    assert outcome.analysis.n_events == outcome.baseline.n_events == len(events)


REAL = [
    ("h4l", "atlas_mini", ["atlas2020_4lep/*.root"], 14, {"preselection": 199, "signal_region": 14}),
    ("h4l", "atlas_mini", ["generated/mc_ggH4l.root", "generated/mc_ZZ4l.root"], 14, {"preselection": 7485}),
    ("h4l", "atlas_physlite", ["physlite/*.root"], 14, {}),
    ("h4l", "nanoaod", ["nanoaod/nano_tt_v12.root"], 14, {}),
    ("h4l_opendata", "atlas_mini", ["atlas2020_4lep/*.root"], 7, {"preselection": 268}),
    ("diphoton", "atlas_mini", ["generated/mc_ggHyy.root", "generated/mc_y[jy].root"], 20, {"tight": 7051}),
    ("diphoton", "atlas_physlite", ["physlite/*.root"], 19, {}),
    ("diphoton", "nanoaod", ["nanoaod/nano_dy.root"], 18, {}),
    ("leptoquark", "atlas_mini", ["generated/mc_LQ1000.root"], 13, {"ee_signal": 8560}),
    ("leptoquark", "atlas_physlite", ["physlite/*.root"], 13, {}),
    ("leptoquark", "nanoaod", ["nanoaod/nano_tt_v12.root"], 13, {"preselection": 2}),
    ("dimuon_z", "atlas_mini", ["atlas2020_4lep/*.root"], 9, {}),
    ("dimuon_z", "nanoaod", ["nanoaod/nano_dy.root"], 9, {"preselection": 4}),
    ("dimuon_z", "nanoaod", ["cms_dimuon/*.root"], 9, {"preselection": 8779, "barrel": 3146}),
]


@pytest.mark.parametrize(("slug", "profile", "patterns", "evaluated", "ends"), REAL)
def test_files_of_experiments(
    slug: str, profile: str, patterns: list[str], evaluated: int, ends: dict[str, int], tmp_path: Path
) -> None:
    data = require("data")
    files = sorted(path for pattern in patterns for path in data.glob(pattern))
    assert files, patterns
    outcome = run_analysis(slug, profile, files, tmp_path, chunk=20_000)
    outcome.check(evaluated)
    found = {region.name: region.steps[-1].count for region in outcome.baseline.regions}
    assert {name: found[name] for name in ends} == ends


def test_files_with_muons_only_have_no_electrons(tmp_path: Path) -> None:
    files = [require("data/cms_dimuon/open-data-example.root")]
    outcome = run_analysis("h4l", "nanoaod", files, tmp_path, chunk=50_000)
    outcome.check(11)
    assert outcome.not_evaluated == {"electron_d0_sig", "muon_d0_sig", "lepton_isolation"}
    assert outcome.analysis.regions[0].events.columns == ("file", "entry")


@pytest.mark.parametrize("slug", PLANS)
def test_neighbouring_numbers_fall_on_both_sides(slug: str, straddles: dict[str, list]) -> None:
    crossed = {step for step, _, _ in straddles[slug]}
    assert crossed == {step.id for plan in PLANS[slug] for step in plan.steps} - NOT_CROSSED[slug]


@pytest.mark.parametrize("slug", ["h4l", "leptoquark"])
def test_the_loop_of_numba_keeps_the_same_events(slug: str, edge_file: Files, tmp_path: Path) -> None:
    pytest.importorskip("numba")
    profile = ANALYSES[slug].profiles[0]
    run_analysis(slug, profile, [edge_file(profile)], tmp_path, "numba").check(STEPS[slug] - 2)
