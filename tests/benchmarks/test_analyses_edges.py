"""The edge events are what they are called: values stored in a file are exactly at the thresholds."""

from pathlib import Path

from benchmarks.analyses.formats import open_events
from benchmarks.samples.collisions import draw_collisions
from benchmarks.samples.layouts import write_events
from benchmarks.samples.recorded import RecordedEvent
from tests.benchmarks.analyses_running import ANALYSES
from tests.benchmarks.edge_events import EXACT
from tests.benchmarks.straddling import JUDGES, PLANS, read_recorded, straddle_steps

# event -> analysis, step, and what the step compares
VALUES = {
    "m34 = 12 at m4l = 140": ("h4l", "subleading_pair_mass_min", (12.0, 12.0, 140.0)),
    "m34 = 13 at m4l = 140": ("h4l", "subleading_pair_mass_min", (13.0, 12.0, 140.0)),
    "m34 = 50 at m4l = 190": ("h4l", "subleading_pair_mass_min", (50.0, 50.0, 190.0)),
    "m34 = 51 at m4l = 190": ("h4l", "subleading_pair_mass_min", (51.0, 50.0, 190.0)),
    "m34 = 31 at m4l = 165": ("h4l", "subleading_pair_mass_min", (31.0, 31.0, 165.0)),
    "m34 = 115": ("h4l", "subleading_pair_mass_max", 115.0),
    "m34 = 114": ("h4l", "subleading_pair_mass_max", 114.0),
    "m12 = 50": ("h4l", "leading_pair_mass", 50.0),
    "m12 = 106": ("h4l", "leading_pair_mass", 106.0),
    "m4l = 105": ("h4l", "sideband_mass", 105.0),
    "m4l = 115": ("h4l", "quadruplet_mass", 115.0),
    "m4l = 130": ("h4l", "quadruplet_mass", 130.0),
    "m4l = 160": ("h4l", "sideband_mass", 160.0),
    "m4l = 350": ("h4l", "sideband_mass", 350.0),
    "m_lq = 500": ("leptoquark", "high_mass_ee", 500.0),
    "m_lq = 500, muons": ("leptoquark", "high_mass_mumu", 500.0),
    "m_lq = 100": ("leptoquark", "low_mass", 100.0),
    "m_lq = 400": ("leptoquark", "low_mass", 400.0),
    "asymmetry of 0.5": ("leptoquark", "mass_asymmetry", 0.5),
    "asymmetry of 0.25": ("leptoquark", "balanced", (0.25, 2.0)),
    "ΔR of 1.5 where the masses differ": ("leptoquark", "balanced", (1 / 3, 1.5)),
    "m_ll = 110": ("leptoquark", "dilepton_mass", 110.0),
    "s_t = 300": ("leptoquark", "scalar_sum", 300.0),
    "pT of 50 GeV of two muons": ("dimuon_z", "z_pt", 50.0),
    "m_mumu = 70": ("dimuon_z", "z_mass", 70.0),
    "m_mumu = 110": ("dimuon_z", "z_mass", 110.0),
    "a cross pair of 5 GeV": ("h4l", "dilepton_mass", 5.0),
    "m_yy = 105": ("diphoton", "diphoton_mass", 105.0),
    "m_yy = 120": ("diphoton", "diphoton_mass", 120.0),
    "m_yy = 120, not tight": ("diphoton", "beside_the_peak", 120.0),
    "m_yy = 130, not tight": ("diphoton", "beside_the_peak", 130.0),
    "m_yy = 160": ("diphoton", "diphoton_mass", 160.0),
    "pT / m_yy = 0.35": ("diphoton", "leading_photon_pt_share", 0.35),
    "pT / m_yy = 0.25": ("diphoton", "subleading_photon_pt_share", 0.25),
}


def test_values_are_exactly_at_the_thresholds(tmp_path: Path) -> None:
    assert set(VALUES) == set(EXACT)
    path = write_events(tmp_path, "exact", "atlas_mini", list(EXACT.values()))
    keys = [event.key for event in open_events("atlas_mini", [path], ("muon",)).events]
    told = {slug: analysis.explain_events([path], keys, "atlas_mini") for slug, analysis in ANALYSES.items()}
    for name, key in zip(EXACT, keys, strict=True):
        slug, step, value = VALUES[name]
        found = told[slug][key][step]
        assert found == value or (isinstance(found, tuple) and value in found), (name, found)


def test_an_event_reaches_the_step_that_its_value_is_for() -> None:
    for name, (slug, step, _) in VALUES.items():
        marks = JUDGES[slug](read_recorded(EXACT[name]), {}).marks
        plans = {plan.name: plan for plan in PLANS[slug]}
        plan = next(p for p in PLANS[slug] if step in [s.id for s in p.steps])
        before = [s.id for s in plan.steps][: [s.id for s in plan.steps].index(step)]
        while plan.parent is not None:
            plan = plans[plan.parent]
            before += [s.id for s in plan.steps]
        assert all(marks[s].passed for s in before), (name, [s for s in before if not marks[s].passed])


def test_neighbours_differ_in_one_number() -> None:
    events = [edge.event for _, edge in straddle_steps("dimuon_z")]
    for kept, lost in zip(events[::2], events[1::2], strict=True):
        changed = [
            (a, b)
            for one, other in zip(kept.leptons, lost.leptons, strict=True)
            for a, b in zip(one, other, strict=True)
            if a != b
        ]
        assert len(changed) == 1
        ((a, b),) = changed
        assert abs(float(a) - float(b)) < 2e-7 * abs(float(b))  # float32 has 24 bits


def test_layouts_say_the_same_of_the_same_events(tmp_path: Path) -> None:
    events = [*draw_collisions("four_leptons", 60, 1), *draw_collisions("leptoquarks", 30, 1), RecordedEvent()]
    uses = ("electron", "muon", "jet")
    sources = {
        layout: list(open_events(layout, [write_events(tmp_path, layout, layout, events)], uses).events)
        for layout in ("atlas_mini", "atlas_physlite", "nanoaod", "evtjsonl")
    }
    for layout, found in sources.items():
        assert len(found) == len(events), layout
        for event, usual in zip(found, sources["atlas_mini"], strict=True):
            for one, other in zip(
                sorted(event.leptons, key=lambda one: one.pt),
                sorted(usual.leptons, key=lambda one: one.pt),
                strict=True,
            ):
                assert (one.flavour, one.charge) == (other.flavour, other.charge)
                assert abs(one.pt - other.pt) < 1e-5 * one.pt
                assert abs(one.energy - other.energy) < 1e-5 * one.energy
                if one.d0 == one.d0:
                    assert abs(one.d0 - other.d0) < 1e-5
                    assert abs(one.z0_sintheta - other.z0_sintheta) < 1e-4
            assert [round(jet.pt, 2) for jet in event.jets] == [round(jet.pt, 2) for jet in usual.jets]
