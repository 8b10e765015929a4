"""Pairs of scalar leptoquarks, (ℓj)(ℓj), by hand."""

import awkward as ak
import numpy as np
import vector

from benchmarks.speed.idiomatic.regions import Region, float64, gev, select_regions

PRESELECTION = ("leptons", "veto", "jets", "paired", "m_ll", "s_t", "asymmetry")
REGIONS = {
    "preselection": PRESELECTION,
    "ee": (*PRESELECTION, "ee"),
    "mumu": (*PRESELECTION, "mumu"),
    "ee_signal": (*PRESELECTION, "ee", "high_mass"),
    "mumu_signal": (*PRESELECTION, "mumu", "high_mass"),
    "control": (*PRESELECTION, "low_mass", "balanced"),
}

vector.register_awkward()


def select(events: ak.Array) -> dict[str, Region]:
    """The regions of the analysis, of a chunk of events with their branches as fields."""
    leptons = ak.zip(
        {
            "pt": gev(events.lep_pt),
            "eta": float64(events.lep_eta),
            "phi": float64(events.lep_phi),
            "energy": gev(events.lep_E),
            "charge": events.lep_charge,
            "flavour": events.lep_type,
            "d0": float64(events.lep_trackd0pvunbiased),
            "z0": float64(events.lep_z0),
        },
        with_name="Momentum4D",
    )
    good = (leptons.pt > 50) & (abs(leptons.eta) < 2.5) & (abs(leptons.z0) < 2) & (abs(leptons.d0) < 0.45)
    leptons = leptons[good]
    n_events = len(events)
    enough = ak.num(leptons) >= 2
    events, leptons = events[enough], leptons[enough]
    leptons = leptons[ak.argsort(leptons.pt, ascending=False)]
    jets = ak.zip(
        {
            "pt": gev(events.jet_pt),
            "eta": float64(events.jet_eta),
            "phi": float64(events.jet_phi),
            "energy": gev(events.jet_E),
        },
        with_name="Momentum4D",
    )
    jets = jets[(jets.pt > 50) & (abs(jets.eta) < 2.8)]
    jet, lepton = ak.unzip(ak.cartesian([jets, leptons], nested=True))
    jets = jets[~ak.any(jet.deltaR(lepton) < 0.4, axis=2)]
    jets = jets[ak.argsort(jets.pt, ascending=False)]

    n_leptons = len(events)
    two = ak.num(leptons) == 2
    n_vetoed = int(ak.sum(two))
    enough = two & (ak.num(jets) >= 2)
    events, leptons, jets = events[enough], leptons[enough], jets[enough]
    l1, l2, j1, j2 = leptons[:, 0], leptons[:, 1], jets[:, 0], jets[:, 1]
    m11, m22, m12, m21 = (l1 + j1).mass, (l2 + j2).mass, (l1 + j2).mass, (l2 + j1).mass
    straight = abs(m11 - m22) <= abs(m12 - m21)
    first, second = ak.where(straight, m11, m12), ak.where(straight, m22, m21)
    m_ll = (l1 + l2).mass
    s_t = l1.pt + l2.pt + j1.pt + j2.pt
    m_min, m_max = np.minimum(first, second), np.maximum(first, second)
    asymmetry = (m_max - m_min) / (m_max + m_min)
    near = ak.where(straight, l1.deltaR(j1), l1.deltaR(j2)) < 1.5
    yes = np.ones(len(events), dtype=bool)
    cuts = {
        "leptons": yes,
        "veto": yes,
        "jets": yes,
        "paired": (l1.flavour == l2.flavour) & (l1.charge * l2.charge < 0),
        "m_ll": m_ll > 110,
        "s_t": s_t > 300,
        "asymmetry": asymmetry <= 0.5,
        "ee": (l1.flavour == 11) & (l2.flavour == 11),
        "mumu": (l1.flavour == 13) & (l2.flavour == 13),
        "high_mass": m_min >= 500,
        "low_mass": (m_min >= 100) & (m_min < 400),
        "balanced": (asymmetry < 0.25) | near,
    }
    variables = {"m_lq_min": m_min, "m_lq_max": m_max, "m_ll": m_ll, "s_t": s_t}
    found = select_regions(cuts, REGIONS, events, variables)
    before = [n_events, n_leptons, n_vetoed]
    return {name: Region([*before, *region.counts[3:]], region.selected) for name, region in found.items()}
