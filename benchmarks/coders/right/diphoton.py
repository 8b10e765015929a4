import awkward as ak
import numpy as np


def known(values):
    """What is not finite is missing."""
    return ak.where(np.isfinite(values), values, np.nan)


def read_photons(events):
    """Photons as stored, in GeV."""
    pt, eta, phi = known(events["photon_pt"] / 1000), known(events["photon_eta"]), known(events["photon_phi"])
    return ak.zip(
        {
            "pt": pt,
            "eta": eta,
            "phi": phi,
            "energy": known(events["photon_E"] / 1000),
            "px": pt * np.cos(phi),
            "py": pt * np.sin(phi),
            "pz": pt * np.sinh(eta),
            "track_isolation": known(events["photon_ptcone30"] / 1000),
            "calo_isolation": known(events["photon_etcone20"] / 1000),
            "tight": events["photon_isTightID"] == 1,
            "matched": events["photon_trigMatched"] == 1,
            "conversion": events["photon_convType"],
        }
    )


def select_photons(photons):
    """Ordered by descending pT."""
    eta = abs(photons.eta)
    outside_crack = (eta < 1.37) | (eta > 1.52)
    good = (photons.pt > 25) & (eta < 2.37) & outside_crack & photons.matched
    photons = photons[good]
    return photons[ak.argsort(-photons.pt, axis=1, ascending=True, stable=True)]


def find_mass(a, b):
    """Invariant mass of two, GeV."""
    energy, px, py, pz = a.energy + b.energy, a.px + b.px, a.py + b.py, a.pz + b.pz
    square = known(energy * energy - (px * px + py * py + pz * pz))
    return np.sqrt(ak.where(square < 0, 0.0, square))


def find_ptt(a, b):
    """Diphoton pT across the thrust axis, GeV."""
    across = abs((a.px + b.px) * (a.py - b.py) - (a.py + b.py) * (a.px - b.px))
    return known(across / np.sqrt((a.px - b.px) ** 2 + (a.py - b.py) ** 2))


def per_event(values):
    """One number per event; NaN where there is none."""
    return ak.to_numpy(ak.fill_none(values, np.nan))


def select(events, selection):
    photons = select_photons(read_photons(events))
    number = ak.num(photons)
    two = ak.pad_none(photons, 2)
    first, second = two[:, 0], two[:, 1]
    pt1, pt2 = per_event(first.pt), per_event(second.pt)
    m_yy = per_event(find_mass(first, second))
    pt_yy = per_event(np.sqrt((first.px + second.px) ** 2 + (first.py + second.py) ** 2))
    ptt_yy = per_event(find_ptt(first, second))

    triggered = events["trigP"] == 1
    selection.add("diphoton_trigger", triggered, triggered * 1)
    selection.add("photon_n", number >= 2, number)
    selection.add("leading_photon_pt", pt1 > 35, pt1)
    share1, share2 = known(pt1 / m_yy), known(pt2 / m_yy)
    selection.add("leading_photon_pt_share", share1 > 0.35, share1)
    selection.add("subleading_photon_pt_share", share2 > 0.25, share2)
    selection.add("diphoton_mass", (m_yy > 105) & (m_yy < 160), m_yy)

    pair = photons[:, :2]
    complete = number >= 2
    selection.add("photon_id", complete & ak.all(pair.tight, axis=1), pair.tight * 1)
    tracks = known(pair.track_isolation / pair.pt)
    selection.add("photon_track_isolation", complete & ak.all(tracks < 0.065, axis=1), tracks)
    calorimeter = known(pair.calo_isolation / pair.pt)
    selection.add("photon_calo_isolation", complete & ak.all(calorimeter < 0.065, axis=1), calorimeter)

    eta = abs(pair.eta)
    selection.add("both_central", ak.all(eta < 0.8, axis=1), eta)
    selection.add("high_ptt", ptt_yy > 130, ptt_yy)
    selection.add("medium_ptt", (ptt_yy > 70) & (ptt_yy < 130), ptt_yy)
    selection.add("low_ptt", ptt_yy < 70, ptt_yy)
    selection.add("both_barrel", ak.all(eta < 1.37, axis=1), eta)
    selection.add("one_outer", ak.any(eta >= 0.8, axis=1), eta)
    selection.add("none_converted", ak.all(pair.conversion == 0, axis=1), pair.conversion)
    selection.add("one_endcap", ak.any((eta >= 1.52) & (eta < 2.37), axis=1), eta)
    selection.add("one_converted", ak.any(pair.conversion > 0, axis=1), pair.conversion)
    selection.add("not_both_tight", complete & ~ak.all(pair.tight, axis=1), pair.tight * 1)
    selection.add("beside_the_peak", (m_yy <= 120) | (m_yy >= 130), m_yy)

    selection.store("m_yy", m_yy)
    selection.store("pt_yy", pt_yy)
    selection.store("ptt_yy", ptt_yy)
