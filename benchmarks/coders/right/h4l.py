import awkward as ak
import numpy as np

M_Z = 91.1876  # GeV


def known(values):
    """What is not finite is missing."""
    return ak.where(np.isfinite(values), values, np.nan)


def read_leptons(events):
    """Electrons and muons as stored, in GeV and mm."""
    pt, eta, phi = known(events["lep_pt"] / 1000), known(events["lep_eta"]), known(events["lep_phi"])
    energy = known(events["lep_E"] / 1000)
    return ak.zip(
        {
            "flavour": events["lep_type"],
            "charge": events["lep_charge"],
            "pt": pt,
            "eta": eta,
            "phi": phi,
            "energy": energy,
            "et": energy / np.cosh(eta),
            "px": pt * np.cos(phi),
            "py": pt * np.sin(phi),
            "pz": pt * np.sinh(eta),
            "d0": known(events["lep_trackd0pvunbiased"]),
            "d0_significance": known(events["lep_tracksigd0pvunbiased"]),
            "z0_sin_theta": known(events["lep_z0"]) / np.cosh(eta),
            "track_isolation": known(events["lep_ptcone30"] / 1000),
            "calo_isolation": known(events["lep_etcone20"] / 1000),
        }
    )


def sort_by_pt(objects):
    """By descending pT; equal ones keep their order, one without a pT is the last."""
    falling = ak.where(np.isnan(objects.pt), np.inf, -objects.pt)
    return objects[ak.argsort(falling, axis=1, ascending=True, stable=True)]


def select_leptons(leptons):
    electron = (
        (leptons.flavour == 11) & (leptons.et > 7) & (abs(leptons.eta) < 2.47) & (abs(leptons.z0_sin_theta) < 0.5)
    )
    muon = (
        (leptons.flavour == 13)
        & (leptons.pt > 5)
        & (abs(leptons.eta) < 2.7)
        & (abs(leptons.d0) <= 1)
        & (abs(leptons.z0_sin_theta) < 0.5)
    )
    both = ak.concatenate([sort_by_pt(leptons[electron]), sort_by_pt(leptons[muon])], axis=1)
    both = sort_by_pt(both)
    return ak.with_field(both, ak.local_index(both.pt), "place")


def find_mass(*bodies):
    """Invariant mass of the sum, GeV."""
    energy = sum(body.energy for body in bodies)
    px = sum(body.px for body in bodies)
    py = sum(body.py for body in bodies)
    pz = sum(body.pz for body in bodies)
    square = known(energy * energy - (px * px + py * py + pz * pz))
    return np.sqrt(ak.where(square < 0, 0.0, square))


def list_pairs(leptons):
    """Pairs of one flavour and opposite charge."""
    pairs = ak.combinations(leptons, 2, fields=["a", "b"])
    return pairs[(pairs.a.flavour == pairs.b.flavour) & (pairs.a.charge * pairs.b.charge < 0)]


def choose_nearest(pairs):
    """The pair whose mass is nearest to that of the Z boson; None where there is no pair."""
    distance = abs(find_mass(pairs.a, pairs.b) - M_Z)
    usable = np.isfinite(distance)
    pairs, distance = pairs[usable], distance[usable]
    return ak.firsts(pairs[ak.argmin(distance, axis=1, keepdims=True)])


def is_in(place, *chosen):
    """Whether a lepton stands at one of the places of the chosen ones; no place is -1."""
    found = place < 0
    for lepton in chosen:
        found = found | (place == ak.fill_none(lepton.place, -1))
    return found


def find_distance(a, b):
    turn = a.phi - b.phi
    turn = turn - 2 * np.pi * np.round(turn / (2 * np.pi))
    return np.sqrt((a.eta - b.eta) ** 2 + turn**2)


def per_event(values):
    """One number per event; NaN where there is none."""
    return ak.to_numpy(ak.fill_none(values, np.nan))


def select(events, selection):
    leptons = select_leptons(read_leptons(events))
    pairs = list_pairs(leptons)
    z1 = choose_nearest(pairs)
    taken = is_in(pairs.a.place, z1.a, z1.b) | is_in(pairs.b.place, z1.a, z1.b)
    z2 = choose_nearest(pairs[~taken])
    exists = ~ak.is_none(z2)

    m12 = per_event(find_mass(z1.a, z1.b))
    m34 = per_event(find_mass(z2.a, z2.b))
    m4l = per_event(find_mass(z1.a, z1.b, z2.a, z2.b))

    higgs = leptons[is_in(leptons.place, z1.a, z1.b, z2.a, z2.b)]  # ordered by pT, as all leptons are
    pt = ak.pad_none(higgs.pt, 4)
    selection.add("quadruplet_n", exists, exists * 1)
    selection.add("leading_lepton_pt", pt[:, 0] > 20, pt[:, 0])
    selection.add("subleading_lepton_pt", pt[:, 1] > 15, pt[:, 1])
    selection.add("third_lepton_pt", pt[:, 2] > 10, pt[:, 2])
    selection.add("leading_pair_mass", (m12 > 50) & (m12 < 106), m12)
    selection.add("subleading_pair_mass_min", m34 > np.interp(m4l, [140, 190], [12, 50]), m34)
    selection.add("subleading_pair_mass_max", m34 < 115, m34)

    inner = list_pairs(higgs)
    masses = find_mass(inner.a, inner.b)
    selection.add("dilepton_mass", ak.all(masses > 5, axis=1), masses)
    a, b = ak.unzip(ak.combinations(higgs, 2))
    distances = find_distance(a, b)
    selection.add("lepton_lepton_deltaR", ak.all(distances > 0.1, axis=1), distances)
    significance = abs(higgs.d0_significance)
    electron_d0 = significance[higgs.flavour == 11]
    selection.add("electron_d0_sig", ak.all(electron_d0 < 5, axis=1), electron_d0)
    muon_d0 = significance[higgs.flavour == 13]
    selection.add("muon_d0_sig", ak.all(muon_d0 < 3, axis=1), muon_d0)
    isolation = known((higgs.track_isolation + 0.4 * higgs.calo_isolation) / higgs.pt)
    selection.add("lepton_isolation", ak.all(isolation < 0.16, axis=1), isolation)

    selection.add("quadruplet_mass", (m4l > 115) & (m4l < 130), m4l)
    low = (m4l > 105) & (m4l < 115)
    middle = (m4l > 130) & (m4l < 160)
    high = (m4l > 130) & (m4l < 350)
    selection.add("sideband_mass", low | middle | high, m4l)

    selection.store("m12", m12)
    selection.store("m34", m34)
    selection.store("m4l", m4l)
