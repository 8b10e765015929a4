"""Data profiles: what is wrong with one is named, and what it says reaches the code."""

from pathlib import Path

import pytest

from codegen.compile import compile_analysis
from codegen.profiles import list_profiles, load_profile
from schemas.criteria_yaml import load_criteria
from schemas.errors import ProfileError
from tests.schemas.examples import DIPHOTON

OWN = """
name = "own"
title = "A format of our own"
reader = "root"
tree = "events"
key = ["run", "event"]

[collections.photon]
prefix = "y_"

[collections.photon.fields]
pt = { expression = "et", unit = "TeV" }
eta = "eta"
phi = { expression = "phi", unit = "deg" }
mass = { expression = "0 * et", unit = "TeV" }

[collections.photon.labels]
id = { ordered = true, points = [
    { label = "loose", expression = "quality >= 1" },
    { label = "tight", expression = "quality >= 2 and not (noise > 0.5)" },
] }
"""


def test_every_profile_that_comes_along_is_right() -> None:
    assert "atlas_mini" in list_profiles()
    for name in list_profiles():
        assert load_profile(name).name == name


def test_a_profile_of_ones_own_needs_no_code(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    program = compile_analysis(load_criteria(DIPHOTON), load_profile(path))
    assert set(program.branches) == {"run", "event", "y_et", "y_eta", "y_phi", "y_quality", "y_noise"}
    assert 'TREE = "events"' in program.source
    # A multiplication by the exact power of ten, and an angle in degrees.
    assert "* 1000  # TeV -> GeV" in program.source
    assert "/ 180  # deg -> rad" in program.source
    assert "truth((y_quality >= 2) & (y_noise <= 0.5)" in program.source
    assert "weight = np.ones(len(keys))" in program.source


@pytest.mark.parametrize(("old", "new", "says"), [
    ('name = "own"', 'name = "own', "no valid TOML"),
    ('tree = "events"', "", "tree: Field required"),
    ('reader = "root"', 'reader = "magic"', "reader"),
    ("[collections.photon]\n", "[collections.foton]\n", "foton"),
    ('eta = "eta"', 'etta = "eta"', "etta"),
    ('unit = "TeV"', 'unit = "mm"', "collections.photon.fields.pt: unit 'mm': expected that of an energy (GeV)"),
    ('unit = "TeV"', 'unit = "stone"', "unit 'stone' is not known"),
    ('"quality >= 1"', '"quality"', "expected a comparison"),
    ('"quality >= 1"', '"quality >= 1", unavailable = "no"', "either an expression or a reason"),
    ('"0 * et"', '"open(et)"', "open(et)"),
    ('"0 * et"', '"et if eta else 0"', "expected branches"),
    ('"0 * et"', '"0 * et +"', "expected an expression over branches"),
])  # fmt: skip
def test_what_is_wrong_is_named(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert old in OWN
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfileError) as refusal:
        load_profile(path)
    assert says in str(refusal.value)
    assert str(refusal.value).startswith("own.toml")
    assert "\n" not in str(refusal.value)


def test_unknown_profiles_are_refused_with_a_list() -> None:
    with pytest.raises(ProfileError, match="atlas_mini"):
        load_profile("atlas_maxi")
    with pytest.raises(ProfileError, match="No such file"):
        load_profile("nowhere.toml")


def test_without_isolation_physlite_names_what_can_be_cut_on() -> None:
    for base in ("electron", "muon", "photon"):
        source = load_profile("atlas_physlite").collections[base]
        named = [field for field in source.fields if field in source.unavailable["isolation"]]
        assert named == ["track_isolation", "calo_isolation"], base
