"""The one alias table: from the closed lists of a finding to the names of the criteria."""

COLLECTIONS: dict[str, str] = {
    "electron": "electrons", "muon": "muons", "lepton": "leptons", "photon": "photons", "jet": "jets",
    "b-jet": "b_jets", "c-jet": "c_jets", "fat-jet": "fat_jets", "tau": "taus", "track": "tracks",
    "vertex": "vertices",
}  # fmt: skip

BASES: dict[str, str] = {
    "electrons": "electron", "muons": "muon", "photons": "photon", "jets": "jet", "b_jets": "jet", "c_jets": "jet",
    "fat_jets": "fat_jet", "taus": "tau", "tracks": "track", "vertices": "vertex",
}  # fmt: skip

RANKS: dict[str, int] = {"leading": 0, "subleading": 1, "third": 2, "fourth": 3}

# variable of a finding -> expression on one object
FIELDS: dict[str, str] = {
    "pt": "pt", "et": "et", "energy": "energy", "mass": "mass", "eta": "eta", "abs_eta": "abs(eta)", "phi": "phi",
    "d0": "abs(d0)", "d0_sig": "abs(d0sig)", "dz": "abs(dz)", "z0": "abs(z0)", "z0_sintheta": "abs(z0_sintheta)",
    "id": "id", "isolation": "isolation", "jvt": "jvt", "btag": "btag", "charge": "charge",
    "other:n_tracks": "n_tracks",
}  # fmt: skip

# symbols inside a printed condition -> expression on one object
CONDITION_SYMBOLS: dict[str, str] = {
    "p_T": "pt", "pT": "pt", "E_T": "et", "ET": "et", "|η|": "abs(eta)", "|eta|": "abs(eta)", "η": "eta",
}  # fmt: skip

# words for how a muon was reconstructed -> label of the field `kind`
MUON_KINDS: dict[str, str] = {
    "calorimeter-tagged": "calo_tagged", "calo-tagged": "calo_tagged", "segment-tagged": "segment_tagged",
    "stand-alone": "stand_alone", "standalone": "stand_alone",
}  # fmt: skip

WORKING_POINTS: tuple[str, ...] = ("very loose", "very tight", "loose", "medium", "tight")

CHANNELS: dict[str, str] = {
    "4e": "count({m}.electrons) == 4",
    "4mu": "count({m}.muons) == 4",
    "4μ": "count({m}.muons) == 4",
    "2e2mu": "count({m}.electrons) == 2",
    "2e2μ": "count({m}.electrons) == 2",
    "2mu2e": "count({m}.muons) == 2",
    "2μ2e": "count({m}.muons) == 2",
}


def split_rank(subject: str) -> tuple[int, str] | None:
    """`leading_muon` as (0, "muon"); None for a subject without a rank."""
    rank, _, rest = subject.partition("_")
    return (RANKS[rank], rest) if rank in RANKS and rest else None
