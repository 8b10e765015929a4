"""What the selection belongs to: experiment, energy, luminosity, as the paper prints them."""

import re
from collections import Counter

from extract.assembling.questions import slug
from extract.assembling.topology import Topology
from schemas.criteria import Analysis
from schemas.document import Document

EXPERIMENTS = ("ATLAS", "CMS", "LHCb", "ALICE", "Belle II", "Belle", "BaBar", "BESIII")
ENERGY = re.compile(r"(?:√\s*s|s|centre-of-mass energy|center-of-mass energy)\s*(?:=|of)\s*(\d+(?:\.\d+)?)\s*TeV", re.I)
LUMINOSITY = re.compile(r"(\d+(?:\.\d+)?)\s*(fb|pb)\s*\^?\{?\s*[-−]\s*1")


def describe_analysis(document: Document, topology: Topology) -> Analysis:
    """Metadata of the analysis; what the text does not say stays empty."""
    mentions = Counter({e: len(re.findall(rf"\b{e}\b", document.text)) for e in EXPERIMENTS})
    experiment, count = mentions.most_common(1)[0]
    energies = Counter(ENERGY.findall(document.text))
    luminosities = Counter(LUMINOSITY.findall(document.text))
    luminosity = None
    if luminosities:
        (number, unit), _ = luminosities.most_common(1)[0]
        luminosity = float(number) / (1000.0 if unit == "pb" else 1.0)
    return Analysis(
        slug=slug(document.document_id),
        title=document.title,
        paper=document.document_id,
        experiment=experiment if count else None,
        sqrt_s=float(energies.most_common(1)[0][0]) if energies else None,
        luminosity=luminosity,
        final_state=_final_state(topology),
    )


def _final_state(topology: Topology) -> str | None:
    names = {c.name for c in topology.candidates}
    if {"z1", "z2"} <= names:
        return "4l"
    return "yy" if "diphoton" in names else "ll" if "dilepton" in names else None
