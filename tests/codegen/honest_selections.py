"""Right functions for the small selection of the tests, in the styles that coders have: none of them is an offence."""

SELECTIONS = (
    """import numpy as np
import awkward as ak
import vector
vector.register_awkward()

MUON_MASS = 0.10566  # GeV
GEV = 1000.0

def build_muons(events):
    mu = ak.zip({
        "pt": events["lep_pt"] / GEV, "eta": events["lep_eta"], "phi": events["lep_phi"],
        "mass": ak.ones_like(events["lep_pt"]) * MUON_MASS, "charge": events["lep_charge"],
    }, with_name="Momentum4D")
    mask = (events["lep_type"] == 13) & (mu.pt > 10)
    mu = mu[mask]
    return mu[ak.argsort(mu.pt, axis=1, ascending=False)]

def nth(array, n, default=np.nan):
    padded = ak.pad_none(array, n + 1, axis=1)
    return ak.to_numpy(ak.fill_none(padded[:, n], default))

def select(events, selection):
    mu = build_muons(events)
    n = ak.num(mu)
    pairs = ak.combinations(mu, 2, fields=["a", "b"])
    m = (pairs.a + pairs.b).mass
    best = ak.argmin(abs(m - 91.1876), axis=1, keepdims=True)
    mz = ak.fill_none(ak.firsts(m[best]), np.nan)
    lead = nth(mu.pt, 0)
    results = {"two": (n >= 2, n), "hard": (lead > 25, lead), "central": (ak.all(abs(mu.eta) < 2, axis=1), mu.eta)}
    for step, (passed, value) in results.items():
        selection.add(step, passed, value=value)
    selection.store("lead_pt", lead)
""",
    """def select(events, selection):
    n_events = len(events)
    two = np.zeros(n_events, dtype=bool)
    hard = np.zeros(n_events, dtype=bool)
    central = np.ones(n_events, dtype=bool)
    lead_pt = np.full(n_events, np.nan)
    pts, etas, types = (ak.to_list(events[b]) for b in ("lep_pt", "lep_eta", "lep_type"))
    for i in range(n_events):
        muons = [(p / 1000, e) for p, e, t in zip(pts[i], etas[i], types[i]) if t == 13 and p / 1000 > 10]
        muons.sort(key=lambda m: -m[0])
        if len(muons) >= 2:
            two[i] = True
        if muons:
            lead_pt[i] = muons[0][0]
            hard[i] = muons[0][0] > 25
        for p, e in muons:
            if abs(e) >= 2:
                central[i] = False
                break
    selection.add("two", two, two.astype(int))
    selection.add("hard", hard, lead_pt)
    selection.add("central", central)
    selection.store("lead_pt", lead_pt)
""",
    """from typing import Any
from functools import reduce, partial
from math import pi

def _delta_phi(a: Any, b: Any) -> Any:
    return (a - b + pi) % (2 * pi) - pi

def select(events: Any, selection: Any) -> None:
    lep = {k: events["lep_" + k] for k in ("pt", "eta", "phi", "type")}
    is_mu = lep["type"] == 13
    pt = ak.mask(lep["pt"] * 1e-3, is_mu)
    pt = ak.drop_none(pt[ak.fill_none(pt > 10, False)])
    eta = ak.where(is_mu, lep["eta"], 99.0)
    order = ak.argsort(pt, ascending=False)
    sorted_pt = pt[order]
    i, j = ak.unzip(ak.argcombinations(lep["pt"], 2))
    dphi = abs(_delta_phi(lep["phi"][i], lep["phi"][j]))
    lead = ak.fill_none(ak.pad_none(sorted_pt, 1)[:, 0], -999.0)
    masks = [ak.num(pt) >= 2, lead > 25]
    both = reduce(lambda a, b: a & b, masks)
    selection.add("two", masks[0])
    selection.add("hard", masks[1], lead)
    selection.add(step="central", passed=ak.all((abs(eta) < 2) | (eta > 90) | (lep["pt"] <= 1e4), axis=1), value=None)
    selection.store("lead_pt", ak.nan_to_num(lead))
""",
    """def select(events, selection):
    counts = ak.to_numpy(ak.num(events["lep_pt"]))
    width = max(int(counts.max()) if len(counts) else 0, 2)
    def pad(name, fill=np.nan):
        return np.asarray(ak.fill_none(ak.pad_none(events[name], width, clip=True), fill), dtype=float)
    pt, eta, kind = pad("lep_pt") / 1e3, pad("lep_eta"), pad("lep_type", 0)
    slot = np.arange(width)[None, :]
    present = slot < counts[:, None]
    good = present & (kind == 13) & (pt > 10)
    pt = np.where(good, pt, -np.inf)
    order = np.argsort(-pt, axis=1, kind="stable")
    rows = np.arange(len(events))[:, None]
    pt, eta, good = pt[rows, order], eta[rows, order], good[rows, order]
    n = good.sum(axis=1)
    lead = np.where(n > 0, pt[:, 0], np.nan)
    idx = np.argmax(good, axis=1)
    chosen = pt[np.arange(len(pt)), idx]
    selection.add("two", n >= 2, n)
    selection.add("hard", np.nan_to_num(lead, nan=-1.0) > 25, lead)
    selection.add("central", np.all((np.abs(eta) < 2) | ~good, axis=1))
    selection.store("lead_pt", lead)
""",
    """def select(events, selection):
    mu_mask = (events["lep_type"] == 13) & (events["lep_pt"] > 10e3)
    pt, eta = events["lep_pt"][mu_mask] / 1e3, events["lep_eta"][mu_mask]
    flat, counts = ak.flatten(pt), ak.num(pt)
    event_of = np.repeat(np.arange(len(events)), ak.to_numpy(counts))
    lead = np.full(len(events), -np.inf)
    np.maximum.at(lead, event_of, ak.to_numpy(flat))
    bad = np.bincount(event_of, weights=ak.to_numpy(abs(ak.flatten(eta)) >= 2), minlength=len(events))
    selection.add("two", counts >= 2)
    selection.add("hard", lead > 25)
    selection.add("central", bad == 0)
    selection.store("lead_pt", np.where(np.isfinite(lead), lead, np.nan))
""",
    """def cut(selection, step, value, low):
    mask = ak.fill_none(value > low, False)
    selection.add(step, mask, value)
    return mask

def select(events, selection):
    sel = (events["lep_type"] == 13) & (events["lep_pt"] / 1000.0 > 10)
    muons = ak.zip({"pt": events["lep_pt"][sel] / 1000, "eta": events["lep_eta"][sel]})
    passed = ak.Array(np.ones(len(events), dtype=bool))
    passed = passed & cut(selection, "two", ak.num(muons, axis=1), 1)
    passed = passed & cut(selection, "hard", ak.max(muons.pt, axis=1), 25)
    central = ~ak.any(np.abs(muons.eta) >= 2, axis=-1)
    if ak.any(ak.is_none(central)):
        central = ak.fill_none(central, False)
    selection.add("central", central)
    if not ak.all(passed):
        pass
    selection.store("lead_pt", ak.max(muons["pt"], axis=1))
""",
)
