"""Objects in a file of an unknown format: columns that together look like a collection, and what they are."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.columns import FileColumns

# field of the criteria -> what formats call it, in lower case without separators
SYNONYMS: dict[str, tuple[str, ...]] = {
    "pt": ("pt", "ptreco", "transversemomentum"), "eta": ("eta",), "phi": ("phi",),
    "energy": ("e", "energy", "en", "ene"), "mass": ("m", "mass", "invmass"),
    "charge": ("charge", "q", "ch", "chg"),
    "d0": ("d0", "dxy", "trackd0", "trackd0pvunbiased", "ipxy", "ip2d", "iptrans", "dxypv", "d0pv", "dca"),
    "d0sig": ("d0sig", "d0significance", "dxysig", "tracksigd0pvunbiased", "sigd0", "sigdxy", "ipxysig", "ip2dsig"),
    "d0_error": ("d0err", "errord0", "d0error", "dxyerr", "dxyerror", "sigmad0", "d0unc"),
    "z0": ("z0", "dz", "ipz", "dzpv", "z0pv"), "z0_sintheta": ("z0sintheta", "z0stheta"), "sip3d": ("sip3d", "ip3dsig"),
    "track_isolation": ("ptcone30", "ptcone20", "ptvarcone30", "ptvarcone20"),
    "calo_isolation": ("topoetcone20", "etcone20", "topoetcone30", "etcone30"),
    "isolation": ("reliso", "pfreliso04all", "pfreliso03all", "isolationvar", "iso", "isolation", "isorel",
                  "relativeisolation"),
    "jvt": ("jvt", "nnjvt"), "n_tracks": ("ntracks", "ntrk"), "n_constituents": ("nconstituents", "nconst"),
    "btag": ("btag", "btagscore", "bscore", "btagdisc", "bdisc", "btagdiscriminant", "btagdeepflavb", "btagdeepb",
             "btagcsvv2",
             "deepjet", "deepcsv", "deepflavour", "csv", "csvv2", "mv2c10", "dl1r", "dl1d", "gn2", "btagprob", "bprob",
             "btagweight", "btagger", "isb", "isbtagged", "btagged"),
    "d2": ("d2",), "tau32": ("tau32",), "tau21": ("tau21",),
    "px": ("px",), "py": ("py",), "pz": ("pz",), "type": ("type", "flavour", "flav", "pdgid", "pid", "id"),
}  # fmt: skip
ENERGIES = ("pt", "energy", "et", "mass", "track_isolation", "calo_isolation", "px", "py", "pz")
LENGTHS = ("d0", "z0", "z0_sintheta")
FIELD_OF = {word: field for field, words in SYNONYMS.items() for word in words}

# base object -> words by which a prefix names it
WORDS: dict[str, tuple[str, ...]] = {
    "fat_jet": ("fatjet", "largerjet", "largejet", "ak8", "ak10", "akt10", "ca15", "fjet"),
    "electron": ("electron", "electrons", "elec", "ele", "el", "els"), "muon": ("muon", "muons", "mu", "mus"),
    "tau": ("tau", "taus", "taujet", "taujets"), "photon": ("photon", "photons", "gamma", "gam", "ph", "pho", "y"),
    "jet": ("jet", "jets", "ak4", "akt4", "antikt4"), "track": ("track", "tracks", "trk"),
    "lepton": ("lep", "lepton", "leptons", "leps"), "particle": ("particles", "particle", "genpart", "truthparticles"),
}  # fmt: skip
GRADES = ("veryloose", "loose", "medium", "verytight", "tight")


class Group(NamedTuple):
    """Columns with one prefix: field of the criteria -> rest of the name; `base` is a guess, "" for none."""

    prefix: str
    base: str
    fields: dict[str, str]
    labels: dict[str, dict[str, str]]  # id or isolation -> label -> rest of the name
    unit: str  # of its momenta


def find_groups(columns: FileColumns) -> tuple[Group, ...]:
    """Every group of columns that has a momentum: pT, eta and phi, or three components."""
    members: dict[str, list[str]] = {}
    for column in columns.columns:
        if column.shape != "list":
            continue
        short = column.name.rsplit("/", 1)[-1]
        for match in re.finditer(r"[_.]|(?<=[a-z])(?=[A-Z])", short):  # jet_pt, Jet.PT, jetPt
            members.setdefault(short[: match.end()], []).append(short[match.end() :])
    groups: list[Group] = []
    taken: set[str] = set()
    for prefix in sorted(members, key=len):
        fields = _name_fields(members[prefix])
        if not ({"pt", "eta", "phi"} <= set(fields) or {"px", "py", "pz"} <= set(fields)):
            continue
        if any(prefix.startswith(other) and (other[-1] in "_." or prefix[len(other)].isupper()) for other in taken):
            continue  # variants inside a group that is known
        taken.add(prefix)
        momentum = "pt" if "pt" in fields else "px"
        unit = guess_energy_unit(columns.read(columns.by_short[prefix + fields[momentum]].name))
        groups.append(Group(prefix, guess_base(prefix), fields, _find_labels(columns, prefix, members[prefix]), unit))
    return tuple(groups)


def guess_base(prefix: str) -> str:
    """The base object that a prefix names, `lepton` or `particle` for mixed ones; empty when it names none."""
    words = [w.lower() for w in re.findall(r"[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*", prefix.replace("AuxDyn", ""))]
    if any(w in ("truth", "gen", "sub", "trig", "hlt", "soft", "sv") for w in words):
        return ""
    whole = re.sub(r"[^a-z0-9]", "", prefix.lower().replace("auxdyn", ""))
    for base, known in WORDS.items():
        if whole in known or any(w in known for w in words) or (base == "fat_jet" and any(k in whole for k in known)):
            return base
    return ""


def guess_energy_unit(values: np.ndarray) -> str:
    """GeV or MeV: objects of a collision have tens of GeV, and none has more than the beams; empty without values."""
    known = np.abs(values[np.isfinite(values)])
    if not len(known):
        return ""
    return "MeV" if np.median(known) > 1500 or np.max(known) > 14_000 else "GeV"


def guess_angle_unit(values: np.ndarray) -> str:
    """rad or deg."""
    known = np.abs(values[np.isfinite(values)])
    return "deg" if len(known) and np.max(known) > 2 * np.pi + 0.01 else "rad"


def _name_fields(rests: Iterable[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for rest in rests:
        field = FIELD_OF.get(_plain(rest))
        if field is not None:
            known = fields.get(field)
            words = SYNONYMS[field]
            if known is None or words.index(_plain(rest)) < words.index(_plain(known)):
                fields[field] = rest
    return fields


def _plain(rest: str) -> str:
    """A name without separators, and without the word for "no systematic variation"."""
    return re.sub(r"[^a-z0-9]", "", rest.lower()).removesuffix("nosys")


def _find_labels(columns: FileColumns, prefix: str, rests: Sequence[str]) -> dict[str, dict[str, str]]:
    """Working points: flags whose names say a grade of identification or isolation."""
    found: dict[str, dict[str, str]] = {}
    for rest in rests:
        plain = _plain(rest)
        grade = next((g for g in GRADES if g in plain), None)
        if grade is None:
            continue
        left = plain.replace(grade, "").removeprefix("is")
        field = {"id": "id", "": "id", "iso": "isolation", "isolation": "isolation"}.get(left)
        values = columns.read(columns.by_short[prefix + rest].name)
        if field is not None and len(values) and set(np.unique(values)) <= {0.0, 1.0}:
            label = {"veryloose": "very_loose", "verytight": "very_tight"}.get(grade, grade)
            found.setdefault(field, {}).setdefault(label, rest)
    return found
