"""Where one requirement belongs: on an object, in an overlap removal, on the event, or nowhere yet."""

import re
from typing import Literal

from extract.assembling.aliases import COLLECTIONS, FIELDS, WORKING_POINTS, split_rank
from extract.assembling.requirements import Requirement
from extract.assembling.topology import Topology
from schemas.model import Model

WEIGHTED_ISOLATION = re.compile(r"(\d+(?:\.\d+)?)\s*%\s*of\s*the\s*(?:calorimeter|calorimetric)", re.I)
ALTERNATIVE_PAIRS = re.compile(r"\balternative\b|\bany\b|\ball\b|\beach\b|\bevery\b", re.I)
BEYOND = re.compile(
    r"\b(?:additional|extra|further|fifth)\b(?:\W+\w+){0,3}?\W+(?:leptons?|electrons?|muons?|photons?)\b", re.I
)
AT_LEAST_ONE = re.compile(r"\bat least one\b|\bany\b|\beither\b", re.I)
# Between two objects, or of a candidate with two members; papers mean the size of an angle, not its sign.
SEPARATIONS = {
    "deltaR": "deltaR({})",
    "deltaphi": "abs(deltaphi({}))",
    "abs_deltaphi": "abs(deltaphi({}))",
    "deltaeta": "abs(deltaeta({}))",
    "abs_deltaeta": "abs(deltaeta({}))",
}
EVENT_STAGES = ("event", "candidate", "region")


class Place(Model):
    """Target of a requirement: `kind` object (with the collection), removal (with both collections), event, or none.

    `expression` is what the cut compares; for none, `why` says in one line what is missing.
    """

    kind: Literal["object", "removal", "event", "none"]
    expression: str = ""
    collection: str = ""
    other: str = ""
    quantifier: Literal["all", "any"] = "all"
    why: str = ""
    asks_candidate: bool = False  # a count of pairs that is asked for as "the candidate exists"


def place(requirement: Requirement, topology: Topology, formed_at: int | None) -> Place:
    """The place of a requirement.

    `formed_at` is where the text starts to speak of candidates: what it asks of leptons after that, it asks of the
    candidate's members; what it asks before, it asks of every reconstructed object.
    """
    f = requirement.finding
    if f.effect in ("define", "choose") or f.stage == "definition":
        return Place(kind="none", why="a definition or a choice that no expression covers")
    if f.stage == "trigger" or f.subject == "trigger":
        return Place(kind="none", why="a trigger requirement")
    if f.stage == "overlap" or (f.variable == "deltaR" and f.effect == "remove_object"):
        return _place_removal(requirement)
    if f.operator in ("minimise", "maximise", "order"):
        return Place(kind="none", why="a choice that no expression covers")
    if f.subject in COLLECTIONS and f.second_subject is None and _is_beyond_candidate(requirement, topology):
        return Place(kind="none", why="objects besides those of the candidate have no name in the criteria")
    if f.variable in SEPARATIONS and f.second_subject is not None:
        pair = [_one_object(subject, topology) for subject in (f.subject, f.second_subject)]
        if None not in pair:
            return Place(kind="event", expression=SEPARATIONS[f.variable].format(f"{pair[0]}, {pair[1]}"))
    if f.subject == "met" and f.second_subject is None:
        return _place_met(f.variable)
    if f.variable == "n":
        return _place_count(requirement, topology)
    if (rank := split_rank(f.subject)) is not None and f.subject not in topology.bodies:
        return _place_ranked(rank, requirement, topology)
    if f.subject in topology.bodies or f.subject in ("dilepton", "quadruplet", "diphoton", "dijet"):
        return _place_composite(requirement, topology)
    if f.subject in COLLECTIONS:
        return _place_single(requirement, topology, formed_at)
    return Place(kind="none", why=f"'{_words(f.subject)}' has no name in the criteria")


def _is_beyond_candidate(requirement: Requirement, topology: Topology) -> bool:
    """Whether it speaks of objects besides those of the candidate ("an additional lepton", "a third muon")."""
    words = requirement.finding.subject.rpartition("_")[2].removeprefix("other:")
    said = f"{requirement.condition or ''} {requirement.quotes}"
    return topology.name is not None and bool(BEYOND.search(said)) and words in ("lepton", "electron", "muon", "photon")


def _one_object(subject: str, topology: Topology) -> str | None:
    """An object of which the event has one: "leading_jet" is jets[0], the missing momentum is met."""
    rank = split_rank(subject)
    if rank is None:
        return "met" if subject == "met" else None
    collection = COLLECTIONS.get(rank[1])
    return f"{topology.owners.get(collection, collection)}[{rank[0]}]" if collection else None


def _place_met(variable: str) -> Place:
    if variable in ("met", "pt", "et"):
        return Place(kind="event", expression="met.pt")
    if variable == "met_significance":
        return Place(kind="event", expression="met_significance")
    return Place(kind="none", why=f"variable '{_words(variable)}' of the missing momentum has no name in the criteria")


def _place_removal(requirement: Requirement) -> Place:
    f = requirement.finding
    removed, near = COLLECTIONS.get(f.subject), COLLECTIONS.get(f.second_subject or "")
    if f.variable != "deltaR" or removed is None or near is None or not isinstance(requirement.value, float):
        return Place(kind="none", why="an overlap removal that is not a distance between two collections")
    return Place(kind="removal", collection=removed, other=near)


def _place_count(requirement: Requirement, topology: Topology) -> Place:
    f = requirement.finding
    if f.subject in topology.counts:
        return Place(kind="event", expression=f"count({topology.counts[f.subject]})", asks_candidate=True)
    if f.subject in COLLECTIONS:
        return Place(kind="event", expression=f"count({COLLECTIONS[f.subject]})")
    return Place(kind="none", why=f"'{_words(f.subject)}' has no name in the criteria, so it cannot be counted")


def _place_ranked(rank: tuple[int, str], requirement: Requirement, topology: Topology) -> Place:
    index, subject = rank
    field = FIELDS.get(requirement.finding.variable)
    collection = COLLECTIONS.get(subject)
    if collection is None:
        return Place(kind="none", why=f"'{requirement.finding.subject}' has no name in the criteria")
    owner = topology.owners.get(collection, collection)
    one = f"{owner}[{index}]"
    if requirement.finding.variable == "ratio_pt_mass" and "diphoton" in topology.masses:
        return Place(kind="event", expression=f"{one}.pt / {topology.masses['diphoton']}")
    if field is None:
        return Place(kind="none", why=f"variable '{_words(requirement.finding.variable)}' has no name in the criteria")
    return Place(kind="event", expression=_of(one, field))


def _place_composite(requirement: Requirement, topology: Topology) -> Place:
    f = requirement.finding
    if f.subject == "dilepton" and "dilepton" not in topology.bodies:
        if f.variable == "mass" and ALTERNATIVE_PAIRS.search(f"{f.condition or ''} {requirement.quotes}"):
            leptons = topology.owners.get("leptons", "leptons")
            pairs = f"pairs({leptons}, same_flavour, opposite_charge)"
            return Place(kind="event", expression=f"mass({pairs})")
        return Place(kind="none", why="which of the candidate's pairs is meant is not said")
    body, mass = topology.bodies.get(f.subject), topology.masses.get(f.subject)
    if body is None:
        return Place(kind="none", why=f"no candidate of kind '{_words(f.subject)}' is built")
    if f.variable == "mass" and mass:
        return Place(kind="event", expression=mass)
    if f.variable in ("pt", "eta", "abs_eta"):
        inner = "pt" if f.variable == "pt" else "eta"
        return Place(
            kind="event", expression=f"abs({inner}({body}))" if f.variable == "abs_eta" else f"{inner}({body})"
        )
    if f.variable in SEPARATIONS and f.subject != "quadruplet" and f.second_subject is None:
        return Place(kind="event", expression=SEPARATIONS[f.variable].format(body))
    return Place(
        kind="none", why=f"variable '{_words(f.variable)}' of a {_words(f.subject)} has no name in the criteria"
    )


def _place_single(requirement: Requirement, topology: Topology, formed_at: int | None) -> Place:
    f = requirement.finding
    collection = COLLECTIONS[f.subject]
    members = topology.owners.get(collection)
    if f.second_subject is not None or f.variable == "deltaR":
        if members and f.variable == "deltaR" and f.second_subject in (None, f.subject):
            return Place(kind="event", expression=f"deltaR(pairs({members}))")
        partners = f"{f.subject} and {f.second_subject or 'what'}"
        return Place(kind="none", why=f"{f.variable} between {partners} has no name in the criteria")
    expression = _field(requirement)
    if expression is None:
        return Place(kind="none", why=f"variable '{_words(f.variable)}' has no name in the criteria")
    printed_in_prose = any(e.source == "prose" for e in requirement.evidence)
    told_later = formed_at is not None and printed_in_prose and requirement.position > formed_at
    if members and topology.later_means_members and (told_later or f.stage in EVENT_STAGES):
        return Place(kind="event", expression=_of(members, expression))
    if requirement.scope is not None and (f.stage == "region" or members):
        quantifier: Literal["all", "any"] = "any" if AT_LEAST_ONE.search(requirement.condition or "") else "all"
        return Place(kind="event", expression=_of(members or collection, expression), quantifier=quantifier)
    return Place(kind="object", expression=expression, collection=collection)


def _field(requirement: Requirement) -> str | None:
    f = requirement.finding
    if f.variable == "isolation" and isinstance(requirement.value, float):
        # A number needs the formula; working points are labels and need none.
        weight = WEIGHTED_ISOLATION.search(requirement.quotes)
        return f"(track_isolation + {float(weight.group(1)) / 100:g} * calo_isolation) / pt" if weight else None
    return FIELDS.get(f.variable)


def _of(owner: str, expression: str) -> str:
    """`abs(d0sig)` of `higgs.electrons` as `abs(higgs.electrons.d0sig)`."""
    return re.sub(r"\b(?!abs\b|mass\b\()([a-z_]\w*)", lambda m: f"{owner}.{m.group(1)}", expression)


def _words(name: str) -> str:
    return name.removeprefix("other:").replace("_", " ")


def find_working_point(label: str) -> str | None:
    """The working point named in a label ("loose likelihood" is `loose`), longest name first; None if there is none."""
    lowered = label.lower().replace("-", " ")
    return next((w.replace(" ", "_") for w in sorted(WORKING_POINTS, key=len, reverse=True) if w in lowered), None)
