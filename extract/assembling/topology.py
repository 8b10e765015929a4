"""Which candidates an analysis builds, told from what its requirements are about."""

import re
from collections.abc import Sequence, Set

from extract.assembling.requirements import Requirement
from schemas.criteria import Agreement, Binning, Candidate, NamedVariable
from schemas.evidence import Evidence
from schemas.model import Model

SAME_FLAVOUR = re.compile(r"same[- ]flavou?r|\bSFO[CS]\b|\bOSSF\b|\bSFOS\b", re.I)
OPPOSITE_CHARGE = re.compile(r"opposite(?:ly)?[- ](?:charged?|signs?)|\bSFO[CS]\b|\bOSSF\b|\bSFOS\b|\bOS\b", re.I)
NEAREST_Z = re.compile(r"mass_minus_m_?z|closest|m_?z", re.I)


class Topology(Model):
    """The composites of an analysis and the expressions its event requirements use.

    `name` is the candidate of the final state; `owners` maps a collection to the members that the candidate took from
    it (`leptons` to `higgs.leptons`); `later_means_members`: what the text asks of these objects after the candidate
    is formed, it asks of its members; `masses` maps a subject to its named mass variable;
    `counts` maps a subject to the candidate whose existence it asks for. `assumed` names choices that no requirement
    states, with the documented default that was taken.
    """

    candidates: tuple[Candidate, ...] = ()
    variables: tuple[NamedVariable, ...] = ()
    name: str | None = None
    owners: dict[str, str] = {}  # noqa: RUF012  (pydantic copies it)
    later_means_members: bool = False
    masses: dict[str, str] = {}  # noqa: RUF012
    bodies: dict[str, str] = {}  # noqa: RUF012
    counts: dict[str, str] = {}  # noqa: RUF012
    used: tuple[str, ...] = ()  # ids of findings that the candidates state
    stating: tuple[str, ...] = ()  # ids of findings that say what a pair must satisfy and how it is chosen
    assumed: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Named variables to be stored and drawn: the final state's; of dijets only where nothing else is."""
        main = tuple(v.name for v in self.variables if v.name != "mjj")
        return main or tuple(v.name for v in self.variables)


def find_topology(requirements: Sequence[Requirement]) -> Topology:
    """Candidates for the final state that the requirements speak of; an empty one when they speak of none."""
    subjects = {r.finding.subject for r in requirements}
    topology = _of_final_state(requirements, subjects)
    return _with_dijet(topology) if "dijet" in subjects else topology


def count_votes(topology: Topology, agreement: Agreement | None) -> Topology:
    """The same; pairs that requirements state were found in so many readings."""
    if agreement is None:
        return topology
    voted = (c.model_copy(update={"agreement": agreement}) if c.pair is not None else c for c in topology.candidates)
    return topology.model_copy(update={"candidates": tuple(voted)})


def _with_dijet(topology: Topology) -> Topology:
    """The same with the two leading jets as a candidate; a dijet system is what papers call these two."""
    return topology.model_copy(
        update={
            "candidates": (*topology.candidates, Candidate(name="dijet", leading="jets", n=2, origin="rules")),
            "variables": (*topology.variables, NamedVariable(name="mjj", expression="mass(dijet)", unit="GeV")),
            "masses": topology.masses | {"dijet": "mjj"},
            "bodies": topology.bodies | {"dijet": "dijet"},
        }
    )


def _of_final_state(requirements: Sequence[Requirement], subjects: Set[str]) -> Topology:
    if subjects & {"quadruplet", "leading_pair", "subleading_pair"}:
        return _four_leptons(requirements)
    if subjects & {"diphoton", "leading_photon", "subleading_photon"}:
        return _two_photons()
    if "dilepton" in subjects:
        return _two_leptons(requirements)
    return Topology()


def _four_leptons(requirements: Sequence[Requirement]) -> Topology:
    pairs = [
        r for r in requirements if r.finding.subject in ("dilepton", "leading_pair", "subleading_pair", "quadruplet")
    ]
    about_pairing = [r for r in pairs if r.finding.variable in ("n", "charge", "flavour")]
    require, pair_evidence, asking = _pair_requirements(about_pairing or pairs)
    nearest = [
        r for r in pairs
        if r.finding.operator in ("minimise", "order") and NEAREST_Z.search(r.finding.variable + str(r.finding.value))
    ]  # fmt: skip
    choices = tuple(e for r in nearest for e in r.evidence)
    assumed = () if nearest else ("the pair with the mass closest to the Z boson mass is the leading pair",)
    origin = _origin([*about_pairing, *nearest])

    def pair(name: str, exclude: tuple[str, ...]) -> Candidate:
        return Candidate(
            name=name, pair="leptons", exclude=exclude, require=require, minimise=f"abs(mass({name}) - mZ)",
            evidence=pair_evidence + choices, origin=origin,
        )  # fmt: skip

    return Topology(
        candidates=(pair("z1", ()), pair("z2", ("z1",)), Candidate(name="higgs", sum=("z1", "z2"), origin=origin)),
        variables=(
            NamedVariable(name="m12", expression="mass(z1)", unit="GeV", binning=Binning(bins=30, low=40, high=115)),
            NamedVariable(name="m34", expression="mass(z2)", unit="GeV", binning=Binning(bins=42, low=10, high=115)),
            NamedVariable(name="m4l", expression="mass(higgs)", unit="GeV", binning=Binning(bins=56, low=70, high=350)),
        ),
        name="higgs",
        owners={c: f"higgs.{c}" for c in ("leptons", "electrons", "muons")},
        later_means_members=True,
        masses={"leading_pair": "m12", "subleading_pair": "m34", "quadruplet": "m4l"},
        bodies={"leading_pair": "z1", "subleading_pair": "z2", "quadruplet": "higgs"},
        counts={"quadruplet": "higgs", "dilepton": "higgs"},
        used=tuple(i for r in nearest for i in r.findings),
        stating=tuple(i for r in (*asking, *nearest) for i in r.findings),
        assumed=assumed,
    )


def _two_photons() -> Topology:
    return Topology(
        candidates=(Candidate(name="diphoton", leading="photons", n=2, origin="rules"),),
        variables=(NamedVariable(name="myy", expression="mass(diphoton)", unit="GeV"),),
        name="diphoton",
        owners={"photons": "diphoton.photons"},
        masses={"diphoton": "myy"},
        bodies={"diphoton": "diphoton"},
        counts={"diphoton": "diphoton"},
    )


def _two_leptons(requirements: Sequence[Requirement]) -> Topology:
    pairs = [r for r in requirements if r.finding.variable in ("n", "charge", "flavour", "mass")]
    require, evidence, asking = _pair_requirements(pairs)
    flavours = {
        r.finding.subject for r in pairs if r.finding.subject in ("muon", "electron") and r.finding.variable == "n"
    }
    collection = {"muon": "muons", "electron": "electrons"}[flavours.pop()] if len(flavours) == 1 else "leptons"
    candidate = Candidate(name="dilepton", pair=collection, require=require, evidence=evidence, origin=_origin(pairs))
    return Topology(
        candidates=(candidate,),
        variables=(NamedVariable(name="mll", expression="mass(dilepton)", unit="GeV"),),
        name="dilepton",
        owners={collection: f"dilepton.{collection}"},
        masses={"dilepton": "mll"},
        bodies={"dilepton": "dilepton"},
        counts={"dilepton": "dilepton"},
        stating=tuple(i for r in asking for i in r.findings),
    )


def _pair_requirements(
    pairs: Sequence[Requirement],
) -> tuple[tuple[str, ...], tuple[Evidence, ...], tuple[Requirement, ...]]:
    """What a pair must satisfy, in the paper's own words, where it says so, and the requirements that say it."""
    require: list[str] = []
    evidence: list[Evidence] = []
    asking: list[Requirement] = []
    for name, words in (("same_flavour", SAME_FLAVOUR), ("opposite_charge", OPPOSITE_CHARGE)):
        stating = [r for r in pairs if words.search(f"{r.condition or ''} {r.quotes}")]
        if stating:
            require.append(name)
            evidence.extend(e for e in stating[0].evidence if e not in evidence)
            asking += [r for r in stating if r not in asking]
    return tuple(require), tuple(evidence), tuple(asking)


def _origin(requirements: Sequence[Requirement]) -> str:
    return requirements[0].finding.reader if requirements else "rules"
