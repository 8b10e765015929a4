"""The words of ADL and those of the criteria, both ways. ADL's words are compared without regard to case."""

BASE_OF_WORD: dict[str, str] = {
    "ele": "electron", "electron": "electron", "muo": "muon", "muon": "muon", "tau": "tau", "pho": "photon",
    "photon": "photon", "jet": "jet", "fjet": "fat_jet", "fatjet": "fat_jet", "trk": "track", "track": "track",
    "electrons": "electron", "muons": "muon", "taus": "tau", "photons": "photon", "jets": "jet", "vertices": "vertex",
    "vertex": "vertex",
}  # fmt: skip
WORD_OF_BASE: dict[str, str] = {
    "electron": "ELE", "muon": "MUO", "tau": "TAU", "photon": "PHO", "jet": "JET", "fat_jet": "FJET", "track": "TRK",
    "vertex": "VERTEX",
}  # fmt: skip
MISSING_MOMENTUM = frozenset({"met", "metlv", "missinget", "missingenergy"})

WORD_OF_FIELD: dict[str, str] = {
    "pt": "pT", "eta": "eta", "phi": "phi", "energy": "E", "mass": "m", "charge": "q", "rapidity": "rap",
    "track_isolation": "ptcone", "calo_isolation": "etcone", "btag": "btag_score", "ctag": "ctag_score",
}  # fmt: skip
FIELD_OF_WORD: dict[str, str] = {
    "pt": "pt", "et": "et", "eta": "eta", "phi": "phi", "e": "energy", "energy": "energy", "m": "mass", "mass": "mass",
    "q": "charge", "charge": "charge", "rap": "rapidity", "rapidity": "rapidity", "d0": "d0", "dxy": "d0", "dz": "dz",
    "z0": "z0", "ptcone": "track_isolation", "etcone": "calo_isolation", "tau21": "tau21", "tau32": "tau32",
    "btag_score": "btag", "ctag_score": "ctag",
}  # fmt: skip
IDENTIFICATION: tuple[str, ...] = ("loose", "medium", "tight")  # as in tight(ELE) == 1
TAGS: dict[str, str] = {"btag": "btag", "ctag": "ctag"}  # yes or no in ADL; a working point in the criteria

DISTANCE_OF_WORD: dict[str, str] = {"dr": "deltaR", "dphi": "deltaphi", "deta": "deltaeta"}
WORD_OF_DISTANCE: dict[str, str] = {"deltaR": "dR", "deltaphi": "dPhi", "deltaeta": "dEta"}
ABSOLUTE_DISTANCES = frozenset({"deltaphi", "deltaeta"})  # signed in the criteria, absolute in ADL

PDG_OF_FLAVOUR: dict[str, int] = {"electron": 11, "muon": 13, "tau": 15, "photon": 22}
FLAVOUR_OF_PDG: dict[int, str] = {v: k for k, v in PDG_OF_FLAVOUR.items()}

# What our export calls and no ADL interpreter knows by itself; shown at the top of a file that uses it.
EXTERNAL: dict[str, str] = {
    "interp": "interp(x, x0, x1, ..., y0, y1, ...): linear between the points, constant outside",
    "pairs": "pairs(X, flags): all pairs of different members of X, with these flags",
    "members": "members(c, X): the members of candidate c that come from X, in the order of X",
    "role": "role(c, r): the object that plays role r in candidate c",
    "assign": "assign(r = X[0:1], s = Y[0:1]): one object of each role per composite, all assignments tried",
    "leading": "leading(X, n, c): the first n objects of X that are not in candidate c",
    "same_flavour": "same_flavour(c): 1 when both objects have one flavour",
    "opposite_flavour": "opposite_flavour(c): 1 when the objects have different flavours",
    "same_charge": "same_charge(c): 1 when the charges have one sign",
    "opposite_charge": "opposite_charge(c): 1 when the charges have opposite signs",
    "overlaps": "overlaps(c, d): 1 when two candidates share an object",
    "minimise": "minimise(x): the smallest x is chosen, whatever its sign",
    "first": "first(c): the place of combination c in the order of its collection",
    "sign": "sign(x): -1, 0 or 1",
    "count": "count(condition): for how many objects a condition holds",
    "signed_dPhi": "signed_dPhi(a, b): phi(a) - phi(b), from -pi to pi",
    "signed_dEta": "signed_dEta(a, b): eta(a) - eta(b)",
}  # fmt: skip
