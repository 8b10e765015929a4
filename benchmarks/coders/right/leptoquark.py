import awkward as ak
import numpy as np


def known(values):
    """What is not finite is missing."""
    return ak.where(np.isfinite(values), values, np.nan)


def read_bodies(events, prefix):
    """Momenta of stored objects, in GeV."""
    pt, eta = known(events[prefix + "_pt"] / 1000), known(events[prefix + "_eta"])
    phi, energy = known(events[prefix + "_phi"]), known(events[prefix + "_E"] / 1000)
    return {
        "pt": pt,
        "eta": eta,
        "phi": phi,
        "energy": energy,
        "px": pt * np.cos(phi),
        "py": pt * np.sin(phi),
        "pz": pt * np.sinh(eta),
    }


def sort_by_pt(objects):
    """By descending pT; equal ones keep their order."""
    return objects[ak.argsort(-objects.pt, axis=1, ascending=True, stable=True)]


def select_leptons(events):
    fields = read_bodies(events, "lep")
    fields["flavour"] = events["lep_type"]
    fields["charge"] = events["lep_charge"]
    fields["d0"] = known(events["lep_trackd0pvunbiased"])
    fields["dz"] = known(events["lep_z0"])
    leptons = ak.zip(fields)
    good = (leptons.pt > 50) & (abs(leptons.eta) < 2.5) & (abs(leptons.dz) < 2) & (abs(leptons.d0) < 0.45)
    leptons = leptons[good]
    electrons = sort_by_pt(leptons[leptons.flavour == 11])
    muons = sort_by_pt(leptons[leptons.flavour == 13])
    return sort_by_pt(ak.concatenate([electrons, muons], axis=1))


def find_distance(a, b):
    turn = a.phi - b.phi
    turn = turn - 2 * np.pi * np.round(turn / (2 * np.pi))
    return np.sqrt((a.eta - b.eta) ** 2 + turn**2)


def select_jets(events, leptons):
    jets = ak.zip(read_bodies(events, "jet"))
    jets = jets[(jets.pt > 50) & (abs(jets.eta) < 2.8)]
    jet, lepton = ak.unzip(ak.cartesian([jets, leptons], nested=True))
    near = find_distance(jet, lepton) < 0.4
    jets = jets[~ak.any(near, axis=2)]
    return sort_by_pt(jets)


def find_mass(a, b):
    """Invariant mass of two, GeV."""
    energy, px, py, pz = a.energy + b.energy, a.px + b.px, a.py + b.py, a.pz + b.pz
    square = known(energy * energy - (px * px + py * py + pz * pz))
    return np.sqrt(ak.where(square < 0, 0.0, square))


def per_event(values):
    """One number per event; NaN where there is none."""
    return ak.to_numpy(ak.fill_none(values, np.nan))


def select(events, selection):
    leptons = select_leptons(events)
    jets = select_jets(events, leptons)
    n_leptons, n_jets = ak.num(leptons), ak.num(jets)
    two_leptons, two_jets = ak.pad_none(leptons, 2), ak.pad_none(jets, 2)
    l1, l2 = two_leptons[:, 0], two_leptons[:, 1]
    j1, j2 = two_jets[:, 0], two_jets[:, 1]

    partners = ak.fill_none((l1.flavour == l2.flavour) & (l1.charge * l2.charge < 0), False)
    straight = per_event(find_mass(l1, j1)), per_event(find_mass(l2, j2))
    crossed = per_event(find_mass(l1, j2)), per_event(find_mass(l2, j1))
    straight_gap = abs(straight[0] - straight[1])
    crossed_gap = abs(crossed[0] - crossed[1])
    swap = (crossed_gap < straight_gap) | np.isnan(straight_gap)
    paired = partners & ~(np.isnan(straight_gap) & np.isnan(crossed_gap))

    m_first = np.where(swap, crossed[0], straight[0])
    m_second = np.where(swap, crossed[1], straight[1])
    m_first, m_second = np.where(paired, m_first, np.nan), np.where(paired, m_second, np.nan)
    m_min, m_max = np.minimum(m_first, m_second), np.maximum(m_first, m_second)
    asymmetry = known((m_max - m_min) / (m_max + m_min))
    m_ll = per_event(find_mass(l1, l2))
    s_t = ak.sum(leptons.pt[:, :2], axis=1) + ak.sum(jets.pt[:, :2], axis=1)

    selection.add("lepton_n", n_leptons >= 2, n_leptons)
    selection.add("third_lepton_veto", n_leptons < 3, n_leptons)
    selection.add("jet_n", n_jets >= 2, n_jets)
    selection.add("paired", paired, paired * 2)
    selection.add("dilepton_mass", m_ll > 110, m_ll)
    selection.add("scalar_sum", s_t > 300, s_t)
    selection.add("mass_asymmetry", asymmetry <= 0.5, asymmetry)

    flavours = leptons.flavour[:, :2]
    selection.add("two_electrons", ak.all(flavours == 11, axis=1), flavours)
    selection.add("two_muons", ak.all(flavours == 13, axis=1), flavours)
    selection.add("high_mass_ee", m_min >= 500, m_min)
    selection.add("high_mass_mumu", m_min >= 500, m_min)
    selection.add("low_mass", (m_min >= 100) & (m_min < 400), m_min)
    distance = np.where(swap, per_event(find_distance(l1, j2)), per_event(find_distance(l1, j1)))
    selection.add("balanced", (asymmetry < 0.25) | (distance < 1.5), asymmetry)

    selection.store("m_lq_min", m_min)
    selection.store("m_lq_max", m_max)
    selection.store("m_ll", m_ll)
    selection.store("s_t", s_t)
