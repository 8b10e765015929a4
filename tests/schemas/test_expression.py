"""The expression language: what it takes, what it refuses, and what the refusal says."""

import pytest

from schemas.errors import CriteriaError
from schemas.expressions.dimension import ANGLE, ENERGY, LENGTH, ONE, Dimension
from schemas.expressions.nodes import Candidate, Collection, Field, Members, Node, Pairs, Type
from schemas.expressions.parser import parse_expression
from schemas.expressions.scope import CandidateScope, CollectionScope, Scope

EVENT = Scope(
    collections={
        "electrons": CollectionScope(("electron",)),
        "muons": CollectionScope(("muon",)),
        "leptons": CollectionScope(("electron", "muon"), ("electrons", "muons")),
        "jets": CollectionScope(("jet",)),
    },
    candidates={
        "z1": CandidateScope(("leptons",), 2, is_pair=True),
        "lq": CandidateScope(("leptons", "jets"), 4, roles=("lepton", "jet"), composites=2),
    },
    variables={"m12": Type("number", ENERGY)},
)
OBJECT = Scope(this="electrons")


def parse(text: str, scope: Scope = EVENT) -> Node:
    return parse_expression(text, scope, "cut 'x'")


@pytest.mark.parametrize(
    ("text", "kind", "dimension", "axis"),
    [
        ("m12", "number", ENERGY, None),
        ("abs(mass(z1) - mZ)", "number", ENERGY, None),
        ("leptons[0].pt / m12", "number", ONE, None),
        ("leptons.pt ** 2", "number", Dimension(energy=2), "leptons"),
        ("sqrt(2 * leptons[0].pt * met.pt * (1 - cos(deltaphi(leptons[0], met))))", "number", ENERGY, None),
        ("met + sum(jets.pt)", "number", ENERGY, None),
        ("leptons.z0_sintheta", "number", LENGTH, "leptons"),
        ("deltaphi(jets[0], met)", "number", ANGLE, None),
        ("deltaR(z1)", "number", ONE, None),
        ("deltaR(jets, leptons[0])", "number", ONE, "jets"),
        ("count(jets[:2].pt > 50)", "number", ONE, None),
        ("any(jets.btag >= tight) and not m12 < 50 < met", "boolean", ONE, None),
        ("jets.btag > 0.6", "boolean", ONE, "jets"),
        ("leptons[0].flavour != leptons[1].flavour", "boolean", ONE, None),
        ("leading(leptons, 2).charge", "number", ONE, "slice"),
        ("min(mass(lq[0]), mass(lq[1]))", "number", ENERGY, None),
        ("lq[1].jet.pt", "number", ENERGY, None),
    ],
)
def test_types_and_units(text: str, kind: str, dimension: Dimension, axis: str | None) -> None:
    node = parse(text)
    assert node.type.kind == kind
    if kind == "number":
        assert node.type.dimension == dimension
    assert (node.axis is None) == (axis is None)
    if axis and axis != "slice":
        assert node.axis == Collection(Type("object"), axis)


def test_names_mean_the_field_of_the_object_in_scope() -> None:
    assert isinstance(parse("pt", OBJECT), Field)
    with pytest.raises(CriteriaError, match=r"cut 'x'.*'pt'.*owner"):
        parse("pt")


def test_members_and_pairs_are_collections_of_their_own() -> None:
    members = parse("z1.electrons")
    assert members == Members(Type("object"), Candidate(Type("object"), "z1"), "electrons")
    # The order of the flags changes nothing, so that equal lists of pairs are made once.
    assert parse("pairs(z1.leptons, opposite_charge, same_flavour)") == Pairs(
        Type("object"), Members(Type("object"), Candidate(Type("object"), "z1"), "leptons"),
        ("same_flavour", "opposite_charge"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("__import__('os').system('ls')", "functions"),
        ("open", "not defined"),
        ("jets.__class__", "__class__"),
        ("(lambda: 1)()", "functions"),
        ("[j for j in jets]", "not part"),
        ("jets if m12 else leptons", "not part"),
        ("'text'", "number"),
        ("True", "number"),
        ("1e999", "finite"),
        ("9" * 400, "finite"),
        ("m12 := 3", "Python syntax"),
        ("jets[-1].pt", "from 0"),
        ("jets[1:3]", "from 0"),
        ("jets[m12]", "from 0"),
        ("m12 % 2", "+ - "),
        ("m12 ** m12", "exponent"),
        ("jetz[0].pt", "did you mean jets"),
        ("jets[0].ptt", "did you mean pt"),
        ("m12 + jets[0].z0", "adds an energy (GeV) and a length (mm)"),
        ("m12 > jets[0].d0", "compares an energy (GeV) with a length (mm)"),
        ("sin(m12)", "angle"),
        ("jets.pt + leptons.pt", "different collections"),
        ("sum(m12)", "per object"),
        ("all(m12 > 3)", "per object"),
        ("count(m12)", "collection"),
        ("mass(met)", "pt and phi only"),
        ("deltaR(jets[0], met)", "pseudorapidity"),
        ("deltaR(jets)", "two objects"),
        ("m12 and 3", "condition"),
        ("leptons + jets", "expected a number, found a collection"),
        ("interp(m12, [190, 140], [12, 50])", "increasing"),
        ("interp(m12, [140, 190], [12])", "same length"),
        ("interp(m12, [140, jets], [12, 50])", "expected a number"),
        ("pairs(leptons, same_sign)", "same_flavour"),
        ("abs(m12, 3)", "one argument"),
        ("max(m12, key=3)", "plain arguments"),
        ("jets.id > 3", "found a word"),
        ("z1.jets", "no known field"),
        ("lq[2]", "below 2"),
        ("z1.leptons[2].pt", "below 2"),
        ("jets[:3][3].pt", "below 3"),
        ("(" * 300 + "m12" + ")" * 300, "Python syntax"),
        ("-" * 900 + "m12", "deeply"),
        ("m12 +" * 300, "1000 characters"),
    ],
)
def test_refusals_name_place_token_and_expectation(text: str, says: str) -> None:
    with pytest.raises(CriteriaError) as refusal:
        parse(text)
    message = str(refusal.value)
    assert message.startswith("cut 'x': ")
    assert says in message
    assert "\n" not in message
