"""A profile fitted to the branches of files: what is taken instead, what is lacking, and how it is said."""

import pytest

from schemas.errors import ProfileError
from schemas.expressions.branches import list_branches, list_columns, parse_branches
from schemas.profile import Profile, parse_profile
from schemas.profile_fitting import fit_profile, list_wanted

VARYING = """
name = "varying"
title = "Files that differ"
reader = "root"
tree = "events"
varies = true
key = ["run", "section", "event"]
key_otherwise = [["run", "event"]]

[collections.muon]
prefix = "mu_"
otherwise = [{ prefix = "muon_" }]

[collections.muon.links]
track = [
    { index = "combined", prefix = "cb_", when = "kind == 0" },
    { index = "inner", prefix = "id_" },
]

[collections.muon.fields]
pt = { expression = "pt", unit = "MeV", otherwise = [
    "pt_old", { expression = "pt_gev", unit = "GeV", closest = "an older calibration" },
] }
eta = "eta"
phi = "phi"
mass = { expression = "105.66", unit = "MeV" }
d0 = { expression = "track.d0", unit = "mm" }
isolation = "iso / pt"

[collections.muon.labels]
id = { ordered = true, points = [
    { label = "loose", expression = "quality <= 2", otherwise = ["is_loose == 1"] },
    { label = "tight", expression = "quality <= 0" },
] }

[collections.muon.unavailable]
isolation = "old files have none"

[event.objects.met]
pt = { expression = "met_pt", unit = "GeV" }
phi = { expression = "met_phi" }
otherwise = [{ pt = { expression = "puppi_pt", unit = "GeV", closest = "PUPPI" }, phi = { expression = "puppi_phi" } }]

[event.labels]
trigger = { branches = "HLT_", points = [{ label = "single_muon", expression = "HLT_mu24 == 1" }] }

[weights]
present = "genWeight"
factors = [{ expression = "genWeight" }, { expression = "pileup", otherwise = ["pileup_old"] }]
normalisation = "xsec / sumw"
"""

ALL = (
    "run", "section", "event", "mu_pt", "mu_eta", "mu_phi", "mu_iso", "mu_quality", "mu_combined", "mu_inner",
    "mu_kind", "cb_d0", "id_d0", "met_pt", "met_phi", "puppi_pt", "puppi_phi", "HLT_mu24", "HLT_e26",
    "genWeight", "pileup", "xsec", "sumw",
)  # fmt: skip


def fit(*without: str, more: tuple[str, ...] = ()) -> Profile:
    """The profile for files that have all branches but these."""
    return fit_profile(parse_profile(VARYING, "varying.toml"), [*(n for n in ALL if n not in without), *more])


def test_the_first_choice_is_taken_where_everything_is_there() -> None:
    fitted = fit()
    assert fitted.fitting is not None
    assert (fitted.fitting.chosen, fitted.fitting.lacking, fitted.fitting.paths) == ((), (), {})
    assert fitted.key == ("run", "section", "event")
    assert fitted.collections["muon"].fields["pt"].expression == "pt"
    assert fit_profile(fitted, ALL) == fitted


def test_alternatives_are_tried_in_order_and_keep_their_unit_and_note() -> None:
    older = fit(
        "mu_pt", "mu_quality", "met_phi", "pileup", more=("mu_pt_old", "mu_pt_gev", "mu_is_loose", "pileup_old")
    )
    muon = older.collections["muon"]
    assert (muon.fields["pt"].expression, muon.fields["pt"].unit) == ("pt_old", "MeV")
    assert muon.fields["pt"].otherwise == ()
    oldest = fit("mu_pt", more=("mu_pt_gev",)).collections["muon"].fields["pt"]
    assert (oldest.expression, oldest.unit, oldest.closest) == ("pt_gev", "GeV", "an older calibration")
    loose, tight = muon.labels["id"].points
    assert loose.expression == "is_loose == 1"
    assert tight.expression is None
    assert tight.unavailable == "the files lack the branch mu_quality"
    # both parts of met come from the same alternative
    assert older.event.objects["met"].fields["pt"].expression == "puppi_pt"
    assert older.weights is not None
    assert [f.expression for f in older.weights.factors] == ["genWeight", "pileup_old"]
    assert older.fitting is not None
    assert {c.place for c in older.fitting.chosen} >= {"collections.muon.fields.pt", "event.objects.met", "weights"}


def test_what_files_lack_is_named() -> None:
    fitted = fit("mu_iso", "cb_d0", "id_d0", "HLT_mu24", "xsec", "met_pt", "puppi_phi")
    muon = fitted.collections["muon"]
    assert "isolation" not in muon.fields
    assert muon.unavailable["isolation"] == "old files have none (the files lack the branch mu_iso)"
    assert muon.unavailable["d0"] == "the files lack the branches cb_d0, id_d0"
    assert fitted.event.unavailable["met"].startswith("the files lack the branches met_pt, puppi_phi")
    trigger = fitted.event.labels["trigger"]
    assert [(p.label, p.expression is not None) for p in trigger.points] == [("single_muon", False), ("HLT_e26", True)]
    assert fitted.weights is not None
    assert fitted.weights.normalisation is None
    assert fitted.fitting is not None
    assert any("not normalised" in line for line in fitted.fitting.lacking)


def test_links_lose_only_the_targets_that_are_not_there() -> None:
    one = fit("mu_combined")
    assert [link.prefix for link in one.collections["muon"].links["track"]] == ["id_"]
    half = fit("cb_d0")
    assert half.fitting is not None
    assert half.fitting.absent == ("cb_d0",)
    assert "d0" in half.collections["muon"].fields
    none = fit("mu_combined", "mu_inner").collections["muon"]
    assert "d0" not in none.fields
    assert "mu_combined" in none.unavailable["d0"]


def test_a_whole_collection_has_alternatives_or_is_unavailable() -> None:
    others = tuple(name.replace("mu_", "muon_") for name in ALL if name.startswith("mu_"))
    renamed = fit(*(n for n in ALL if n.startswith("mu_")), more=others)
    assert renamed.collections["muon"].prefix == "muon_"
    gone = fit(*(n for n in ALL if n.startswith("mu_")))
    assert gone.collections == {}
    assert gone.unavailable == {"muon": "the files lack the branches mu_pt, mu_pt_old, mu_pt_gev"}


def test_keys_and_collision_data_are_known_by_what_is_there() -> None:
    assert fit("section").key == ("run", "event")
    assert fit("event").key == ()
    assert fit("genWeight").weights is None


def test_split_branches_and_members_are_found_under_their_longer_names() -> None:
    text = VARYING.replace('prefix = "mu_"', 'prefix = "Muon."', 1).replace('"inner"', '"link.row"')
    names = ["run", "event", *(f"Muon/Muon.{n}" for n in ("pt", "eta", "phi")), "Muon.link::row", "id_d0"]
    fitted = fit_profile(parse_profile(text, "split.toml"), names)
    assert fitted.fitting is not None
    assert fitted.fitting.paths["Muon.pt"] == "Muon/Muon.pt"
    assert fitted.fitting.paths["Muon.link.row"] == "Muon.link::row"
    assert "d0" in fitted.collections["muon"].fields


def test_formats_that_do_not_vary_only_learn_paths() -> None:
    start, _, rest = VARYING.partition("varies = true\n")
    with pytest.raises(ProfileError, match="alternatives are for formats that say"):
        parse_profile(start + rest, "fixed.toml")
    fixed = 'name = "f"\ntitle = "F"\nreader = "root"\ntree = "t"\nkey = ["event"]\n'
    fixed += '[collections.jet]\nprefix = "j."\n[collections.jet.fields]\npt = "pt"\n'
    with pytest.raises(ProfileError, match="unit ''"):
        parse_profile(fixed, "fixed.toml")
    profile = parse_profile(fixed.replace('pt = "pt"', 'eta = "eta"'), "fixed.toml")
    fitted = fit_profile(profile, ["x/j.eta"])
    assert fitted.collections == profile.collections
    assert fitted.fitting is not None
    assert fitted.fitting.paths == {"j.eta": "x/j.eta"}
    assert list_wanted(profile) == ("event", "j.eta")


def test_branch_expressions_say_what_they_read() -> None:
    node = parse_branches("track.z0 - event(first(v.z, v.type == 1)) + flags[2] * size(links) + branch('a-b')", "here")
    assert list_branches(node) == (
        "track.z0", "event(first(v.z, v.type == 1))", "flags[2]", "size(links)", "a-b",
    )  # fmt: skip
    assert list_columns(node) == (
        ("track.z0", False), ("v.z", True), ("v.type", True), ("flags", False), ("links", False), ("a-b", False),
    )  # fmt: skip


@pytest.mark.parametrize(("text", "says"), [
    ("pt[-1]", "expected an index from 0 on"),
    ("pt[i]", "expected an index from 0 on"),
    ("event(event(pt))", "no event() inside"),
    ("sum(count(a == 1))", "no function over a list inside another"),
    ("count(pt)", "expected a comparison"),
    ("bit(flags, 99)", "expected the number of a bit"),
    ("pt ** 0.5", "expected branches"),
    ("size(pt + 1)", "expected the name of a branch"),
    ("pt if eta else 0", "expected branches"),
    ("__import__('os')", "__import__"),
])  # fmt: skip
def test_what_the_branch_language_refuses_is_named(text: str, says: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        parse_branches(text, "here")
    assert says in str(refusal.value)
    assert str(refusal.value).startswith("here: ")
