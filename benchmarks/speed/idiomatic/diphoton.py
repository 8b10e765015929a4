"""H→γγ by hand."""

import awkward as ak
import numpy as np
import vector

from benchmarks.speed.idiomatic.regions import Region, float64, gev, select_regions

PRESELECTION = ("trigger", "two_photons", "pt1", "share1", "share2", "mass")
TIGHT = (*PRESELECTION, "tight", "track_isolation", "calo_isolation")
CENTRAL = (*TIGHT, "central")
REGIONS = {
    "preselection": PRESELECTION,
    "tight": TIGHT,
    "central_barrel": CENTRAL,
    "central_barrel_high_ptt": (*CENTRAL, "high_ptt"),
    "central_barrel_medium_ptt": (*CENTRAL, "medium_ptt"),
    "central_barrel_low_ptt": (*CENTRAL, "low_ptt"),
    "outer_barrel_unconverted": (*TIGHT, "barrel", "outer", "unconverted"),
    "endcap_converted": (*TIGHT, "endcap", "converted"),
    "non_tight": (*PRESELECTION, "not_tight"),
    "sidebands": (*PRESELECTION, "not_tight", "beside"),
}

vector.register_awkward()


def select(events: ak.Array) -> dict[str, Region]:
    """The regions of the analysis, of a chunk of events with their branches as fields."""
    photons = ak.zip(
        {
            "pt": gev(events.photon_pt),
            "eta": float64(events.photon_eta),
            "phi": float64(events.photon_phi),
            "energy": gev(events.photon_E),
            "tight": events.photon_isTightID,
            "matched": events.photon_trigMatched,
            "conversion": events.photon_convType,
            "ptcone": gev(events.photon_ptcone30),
            "etcone": gev(events.photon_etcone20),
        },
        with_name="Momentum4D",
    )
    eta = abs(photons.eta)
    photons = photons[(photons.pt > 25) & (eta < 2.37) & ((eta < 1.37) | (eta > 1.52)) & photons.matched]

    n_events, triggered = len(events), int(ak.sum(events.trigP))
    enough = (ak.num(photons) >= 2) & events.trigP
    events, photons = events[enough], photons[enough]
    photons = photons[ak.argsort(photons.pt, ascending=False)][:, :2]
    y1, y2 = photons[:, 0], photons[:, 1]
    diphoton = y1 + y2
    m_yy, delta_phi = diphoton.mass, y1.deltaphi(y2)
    thrust = np.sqrt(y1.pt * y1.pt + y2.pt * y2.pt - 2 * y1.pt * y2.pt * np.cos(delta_phi))
    ptt_yy = 2 * y1.pt * y2.pt * abs(np.sin(delta_phi)) / thrust
    eta = abs(photons.eta)
    yes = np.ones(len(events), dtype=bool)
    cuts = {
        "trigger": yes,
        "two_photons": yes,
        "pt1": y1.pt > 35,
        "share1": y1.pt / m_yy > 0.35,
        "share2": y2.pt / m_yy > 0.25,
        "mass": (m_yy > 105) & (m_yy < 160),
        "tight": ak.all(photons.tight, axis=1),
        "not_tight": ~ak.all(photons.tight, axis=1),
        "track_isolation": ak.all(photons.ptcone / photons.pt < 0.065, axis=1),
        "calo_isolation": ak.all(photons.etcone / photons.pt < 0.065, axis=1),
        "central": ak.all(eta < 0.8, axis=1),
        "high_ptt": ptt_yy > 130,
        "medium_ptt": (ptt_yy > 70) & (ptt_yy < 130),
        "low_ptt": ptt_yy < 70,
        "barrel": ak.all(eta < 1.37, axis=1),
        "outer": ak.any(eta >= 0.8, axis=1),
        "unconverted": ak.all(photons.conversion == 0, axis=1),
        "endcap": ak.any((eta >= 1.52) & (eta < 2.37), axis=1),
        "converted": ak.any(photons.conversion > 0, axis=1),
        "beside": (m_yy <= 120) | (m_yy >= 130),
    }
    found = select_regions(cuts, REGIONS, events, {"m_yy": m_yy, "pt_yy": diphoton.pt, "ptt_yy": ptt_yy})
    return {name: Region([n_events, triggered, *region.counts[2:]], region.selected) for name, region in found.items()}
