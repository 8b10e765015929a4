"""A whole selection in the form in which a model coder writes one: `dimuon_z`, for each data format."""

READ_MUONS = {
    "atlas_mini": """
def read_muons(events):
    pt, eta, phi = events["lep_pt"] / 1000, events["lep_eta"], events["lep_phi"]
    muons = ak.zip({"pt": pt, "eta": eta, "phi": phi, "energy": events["lep_E"] / 1000, "charge": events["lep_charge"]})
    return muons[events["lep_type"] == 13]
""",
    "atlas_physlite": """
def read_muons(events):
    prefix = "AnalysisMuonsAuxDyn."
    pt, eta, phi = events[prefix + "pt"] / 1000, events[prefix + "eta"], events[prefix + "phi"]
    energy = find_energy(pt, eta, phi, 105.6583755 / 1000)
    return ak.zip({"pt": pt, "eta": eta, "phi": phi, "energy": energy, "charge": events[prefix + "charge"]})
""",
    "nanoaod": """
def read_muons(events):
    pt, eta, phi = events["Muon_pt"], events["Muon_eta"], events["Muon_phi"]
    energy = find_energy(pt, eta, phi, events["Muon_mass"])
    return ak.zip({"pt": pt, "eta": eta, "phi": phi, "energy": energy, "charge": events["Muon_charge"]})
""",
    "evtjsonl": """
def read_muons(events):
    px, py, pz = events["particles.px"], events["particles.py"], events["particles.pz"]
    number, pt = events["particles.id"], np.sqrt(px**2 + py**2)
    eta, phi = np.arcsinh(ak.where(pt > 0, pz / pt, np.nan)), np.arctan2(py, px)
    charge, energy = -np.sign(number), events["particles.E"]
    muons = ak.zip({"pt": pt, "eta": eta, "phi": phi, "energy": energy, "charge": charge})
    return muons[(abs(number) == 13) & (events["particles.status"] == 1)]
""",
}

SELECT = '''
"""Pairs of muons near the mass of the Z boson."""

import awkward as ak
import numpy as np

MASS_OF_Z = 91.1876  # GeV


def find_energy(pt, eta, phi, mass):
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return np.sqrt(px * px + py * py + pz * pz + mass * mass)

{read_muons}

def add_up(a, b):
    """The components of the sum of two particles."""
    px = a.pt * np.cos(a.phi) + b.pt * np.cos(b.phi)
    py = a.pt * np.sin(a.phi) + b.pt * np.sin(b.phi)
    pz = a.pt * np.sinh(a.eta) + b.pt * np.sinh(b.eta)
    return px, py, pz, a.energy + b.energy


def find_mass(a, b):
    px, py, pz, energy = add_up(a, b)
    square = energy * energy - (px * px + py * py + pz * pz)
    return np.sqrt(ak.where(square < 0, 0.0, square))


def select(events, selection):
    muons = read_muons(events)
    muons = muons[(muons.pt > 10) & (abs(muons.eta) < 2.4)]
    muons = muons[ak.argsort(muons.pt, axis=1, ascending=False, stable=True)]

    pairs = ak.combinations(muons, 2, fields=["a", "b"])
    pairs = pairs[pairs.a.charge * pairs.b.charge < 0]
    distance = abs(find_mass(pairs.a, pairs.b) - MASS_OF_Z)
    pairs, distance = pairs[np.isfinite(distance)], distance[np.isfinite(distance)]
    z = ak.firsts(pairs[ak.argmin(distance, axis=1, keepdims=True)])

    exists = ~ak.is_none(z)
    selection.add("pair_n", exists, exists * 1)
    selection.add("leading_muon_pt", z.a.pt > 25, z.a.pt)
    selection.add("subleading_muon_pt", z.b.pt > 15, z.b.pt)
    mass = find_mass(z.a, z.b)
    selection.add("z_mass", (mass > 70) & (mass < 110), mass)

    eta_a, eta_b = abs(z.a.eta), abs(z.b.eta)
    both = ak.concatenate([ak.singletons(eta_a), ak.singletons(eta_b)], axis=1)
    selection.add("both_barrel", (eta_a < 1.2) & (eta_b < 1.2), both)
    selection.add("one_endcap", (eta_a >= 1.2) | (eta_b >= 1.2), both)

    px, py, _, _ = add_up(z.a, z.b)
    pt = np.sqrt(px * px + py * py)
    selection.add("z_pt", pt > 50, pt)
    turn = z.a.phi - z.b.phi
    turn = turn - 2 * np.pi * np.round(turn / (2 * np.pi))
    rise = z.a.eta - z.b.eta
    near = np.sqrt(rise * rise + turn * turn)
    selection.add("near_muons", near <= 2, near)
    selection.add("near_peak", abs(mass - MASS_OF_Z) < 5, abs(mass - MASS_OF_Z))

    selection.store("m_mumu", mass)
    selection.store("pt_mumu", pt)
'''


def write_dimuon_z(profile: str) -> str:
    """The functions for a data format."""
    return SELECT.replace("{read_muons}", READ_MUONS[profile])


# Names of the frame for other things, a text that goes over lines, and something that is kept between calls.
OWN_NAMES = """
import numpy as np

Flow = Region = collect = main = write_results = process_chunk = None
SEEN = []
Problem = '''a text
that goes on: it is not set in
    '''


class Analysis:
    '''Not that of the frame.'''

    text = Problem


def numbers(jets):
    if SEEN or Analysis.text.split("\\n")[1:] != ["that goes on: it is not set in", "    "]:
        raise ValueError("kept")
    SEEN.append(1)
    return ak.num(jets)


def count_steps(jets):
    return numbers(jets)

"""
