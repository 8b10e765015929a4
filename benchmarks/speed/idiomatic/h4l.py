"""H→ZZ*→4ℓ by hand."""

import awkward as ak
import numpy as np
import vector

from benchmarks.speed.idiomatic.regions import Region, float64, gev, select_regions

M_Z = 91.1876
PRESELECTION = (
    "quadruplet", "pt1", "pt2", "pt3", "m12", "m34_low", "m34_high", "dilepton_mass", "delta_r", "electron_d0",
    "muon_d0", "isolation",
)  # fmt: skip
REGIONS = {
    "preselection": PRESELECTION,
    "signal_region": (*PRESELECTION, "window"),
    "sideband": (*PRESELECTION, "beside"),
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
            "d0sig": float64(events.lep_tracksigd0pvunbiased),
            "z0": float64(events.lep_z0),
            "ptcone": gev(events.lep_ptcone30),
            "etcone": gev(events.lep_etcone20),
        },
        with_name="Momentum4D",
    )
    z0_sintheta = abs(leptons.z0 / np.cosh(leptons.eta))
    electron = (leptons.flavour == 11) & (leptons.energy / np.cosh(leptons.eta) > 7) & (abs(leptons.eta) < 2.47)
    muon = (leptons.flavour == 13) & (leptons.pt > 5) & (abs(leptons.eta) < 2.7) & (abs(leptons.d0) <= 1)
    leptons = leptons[(electron | muon) & (z0_sintheta < 0.5)]

    n_events = len(events)
    enough = ak.num(leptons) >= 4
    events, leptons = events[enough], leptons[enough]
    leptons = leptons[ak.argsort(leptons.pt, ascending=False)]

    pairs = ak.argcombinations(leptons, 2, fields=["first", "second"])
    first, second = leptons[pairs["first"]], leptons[pairs["second"]]
    sfos = (first.flavour == second.flavour) & (first.charge * second.charge < 0)
    pairs = pairs[sfos]
    distance = abs((first[sfos] + second[sfos]).mass - M_Z)
    z1 = ak.firsts(pairs[ak.argmin(distance, axis=1, keepdims=True)])
    free = (
        (pairs["first"] != z1["first"])
        & (pairs["first"] != z1["second"])
        & (pairs["second"] != z1["first"])
        & (pairs["second"] != z1["second"])
    )
    z2 = ak.firsts(pairs[free][ak.argmin(distance[free], axis=1, keepdims=True)])

    quadruplet = ~ak.is_none(z2)
    events, leptons, z1, z2 = events[quadruplet], leptons[quadruplet], z1[quadruplet], z2[quadruplet]
    chosen = [pair[place][:, None] for pair in (z1, z2) for place in ("first", "second")]
    l1, l2, l3, l4 = (leptons[slot][:, 0] for slot in chosen)
    m12, m34, m4l = (l1 + l2).mass, (l3 + l4).mass, (l1 + l2 + l3 + l4).mass
    higgs = leptons[ak.sort(ak.concatenate(chosen, axis=1), axis=1)]

    a, b = ak.unzip(ak.combinations(higgs, 2))
    sfos = (a.flavour == b.flavour) & (a.charge * b.charge < 0)
    isolation = (higgs.ptcone + 0.4 * higgs.etcone) / higgs.pt
    cuts = {
        "quadruplet": np.ones(len(events), dtype=bool),
        "pt1": higgs.pt[:, 0] > 20,
        "pt2": higgs.pt[:, 1] > 15,
        "pt3": higgs.pt[:, 2] > 10,
        "m12": (m12 > 50) & (m12 < 106),
        "m34_low": m34 > np.interp(m4l, [140, 190], [12, 50]),
        "m34_high": m34 < 115,
        "dilepton_mass": ak.all((a + b).mass[sfos] > 5, axis=1),
        "delta_r": ak.all(a.deltaR(b) > 0.1, axis=1),
        "electron_d0": ak.all((higgs.flavour != 11) | (abs(higgs.d0sig) < 5), axis=1),
        "muon_d0": ak.all((higgs.flavour != 13) | (abs(higgs.d0sig) < 3), axis=1),
        "isolation": ak.all(isolation < 0.16, axis=1),
        "window": (m4l > 115) & (m4l < 130),
        "beside": ((m4l > 105) & (m4l < 115)) | ((m4l > 130) & (m4l < 160)) | ((m4l > 130) & (m4l < 350)),
    }
    found = select_regions(cuts, REGIONS, events, {"m12": m12, "m34": m34, "m4l": m4l})
    return {name: Region([n_events, *region.counts[1:]], region.selected) for name, region in found.items()}
