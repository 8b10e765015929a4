"""`paperfilter profile`: what fits a file, what may be meant by a missing branch, a first profile for a new format."""

from pathlib import Path

import numpy as np
import pytest

from codegen.profiles import list_profiles, load_profile
from schemas.profile import parse_profile
from schemas.profile_fitting import list_wanted
from tests.codegen.formats import write_tree
from tests.pipeline.calling import call
from tests.shared import require


def make_nano() -> dict[str, object]:
    """A few events in the style of NanoAOD."""
    return {
        "run": np.array([1, 1, 1], dtype=np.uint32),
        "luminosityBlock": np.array([1, 1, 1], dtype=np.uint32),
        "event": np.array([1, 2, 3], dtype=np.uint64),
        "Muon_pt": [[30.0, 20.0], [25.0], []],
        "Muon_eta": [[0.1, 0.2], [1.0], []],
        "Muon_phi": [[0.1, 3.0], [-3.0], []],
        "Muon_mass": [[0.1, 0.1], [0.1], []],
        "Muon_charge": [[1, -1], [1], []],
        "Muon_dXY": [[0.001, 0.002], [0.001], []],
    }


def make_mini() -> dict[str, object]:
    """All branches of the 2020 layout that the profile knows, without large jets and taus."""
    wanted = [n for n in list_wanted(load_profile("atlas_mini")) if not n.startswith(("largeRjet_", "tau_"))]
    listed = ("lep_", "jet_", "photon_")
    return {n: [[1.0], [], [2.0]] if n.startswith(listed) else np.arange(3) for n in wanted}


def test_profiles_are_listed_and_shown() -> None:
    listed = call("profile", "list", "--json").json()
    assert {one["name"] for one in listed} == set(list_profiles())
    shown = call("profile", "show", "nanoaod")
    assert shown.code == 0
    assert "muon: Muon_*" in shown.out
    assert "no vertex: the format stores the primary vertex only" in shown.out


def test_the_fitting_profile_is_found_and_missing_branches_are_proposed(tmp_path: Path) -> None:
    file = write_tree(tmp_path / "nano.root", make_nano(), tree="Events")
    called = call("profile", "check", file, "--json")
    report = called.json()
    assert (called.code, report["profile"], report["fits"]) == (0, "nanoaod", True)
    rows = {row["place"]: row for row in report["rows"]}
    assert rows["muon pt"]["state"] == "ok"
    assert rows["muon d0"]["state"] == "missing"
    assert rows["muon d0"]["proposals"] == ["Muon_dXY"]
    assert rows["electron"]["reason"] == "the files lack the branch Electron_pt"
    assert rows["muon kind calo_tagged"]["state"] == "unavailable"
    assert report["warnings"] == []


def test_without_a_name_the_profile_that_fits_is_compiled_for(tmp_path: Path) -> None:
    file = write_tree(tmp_path / "nano.root", make_nano(), tree="Events")
    criteria = tmp_path / "one.yaml"
    criteria.write_text(
        'schema_version: "1.0"\nanalysis: {slug: one, title: One muon}\nobjects: [{name: muons, base: muon}]\n'
        "regions:\n- {name: all, cuts: [{id: n, variable: count(muons), operator: '>=', threshold: {value: 1}, "
        "status: accepted}]}\noutputs: []\n",
        encoding="utf-8",
    )
    compiled = call("compile", criteria, "--data", file)
    assert compiled.code == 0, compiled.err
    assert 'PROFILE = "nanoaod"' in compiled.out
    assert 'KEY = ("run", "luminosityBlock", "event")' in compiled.out
    assert "--data" not in compiled.err
    assert "files of profile nanoaod differ" in call("compile", criteria, "--profile", "nanoaod").err


def test_a_fixed_format_does_not_fit_with_a_branch_missing(tmp_path: Path) -> None:
    file = write_tree(tmp_path / "nano.root", make_nano(), tree="mini")
    called = call("profile", "check", file, "--profile", "atlas_mini")
    assert called.code == 6
    assert "does not fit" in called.out


def test_objects_that_files_of_a_fixed_format_lack_whole_are_listed(tmp_path: Path) -> None:
    branches = make_mini()
    whole = call("profile", "check", write_tree(tmp_path / "mini.root", branches, tree="mini"), "--json")
    report = whole.json()
    assert (whole.code, report["profile"], report["fits"]) == (0, "atlas_mini", True)
    assert report["lacking"] == ["fat_jet", "tau"]
    part = {name: values for name, values in branches.items() if name != "jet_phi"}
    called = call("profile", "check", write_tree(tmp_path / "part.root", part, tree="mini"), "--profile", "atlas_mini")
    assert (called.code, "✗ jet phi: the files lack the branch jet_phi" in called.out) == (6, True)


def test_a_key_that_is_called_otherwise_is_named(tmp_path: Path) -> None:
    text = 'name = "n"\ntitle = "n"\nreader = "root"\ntree = "Events"\nvaries = true\nkey = ["run", "evt"]\n'
    text += '[collections.muon]\nprefix = "Muon_"\n[collections.muon.fields]\neta = "eta"\n'
    (tmp_path / "n.toml").write_text(text, encoding="utf-8")
    branches = {"eventNo" if name == "event" else name: values for name, values in make_nano().items()}
    arguments = ("--profile", tmp_path / "n.toml")
    called = call("profile", "check", write_tree(tmp_path / "n.root", branches, tree="Events"), *arguments)
    assert called.code == 6
    assert "✗ event key: the file lacks the branch evt\n      perhaps eventNo\n" in called.out
    del branches["eventNo"]  # then events are known by file and row, and analyses run
    assert call("profile", "check", write_tree(tmp_path / "none.root", branches, tree="Events"), *arguments).code == 0


def test_missing_momentum_is_looked_for_under_names_like_its_own(tmp_path: Path) -> None:
    names = ("MET_Core_AnalysisMETAuxDyn.mpx", "AnalysisMuonsAuxDyn.m")
    branches = {f"AnalysisMuonsAuxDyn.{name}": [[1.0], [2.0, 3.0]] for name in ("pt", "eta", "phi")}
    branches |= {name: [[1.0], [2.0, 3.0]] for name in names}
    file = write_tree(tmp_path / "p.root", branches, tree="CollectionTree")
    rows = {
        r["place"]: r for r in call("profile", "check", file, "--profile", "atlas_physlite", "--json").json()["rows"]
    }
    assert rows["met.pt"]["proposals"] == [names[0]]


def test_values_that_do_not_look_right_are_named(tmp_path: Path) -> None:
    wrong = make_nano() | {
        "Muon_pt": [[30e3, 20e3], [25e3], []],
        "Muon_phi": [[10.0, 170.0], [-90.0], []],
        "Muon_charge": [[13, -13], [13], []],
        "event": np.array([1, 1, 3], dtype=np.uint64),
    }
    warnings = call("profile", "check", write_tree(tmp_path / "n.root", wrong, tree="Events"), "--json").json()[
        "warnings"
    ]
    assert any("Muon_pt" in w and "MeV?" in w for w in warnings)
    assert any("Muon_phi" in w and "deg?" in w for w in warnings)
    assert any("charges other than" in w for w in warnings)
    assert any("not unique: 1 of 3" in w for w in warnings)


def test_objects_that_a_profile_does_not_read_come_as_toml(tmp_path: Path) -> None:
    more = make_nano() | {f"elec.{name}": [[1.0], [2.0], []] for name in ("PT", "Eta", "Phi")}
    report = call("profile", "check", write_tree(tmp_path / "n.root", more, tree="Events"), "--json").json()
    (one,) = report["suggestions"]
    assert (one["prefix"], one["base"]) == ("elec.", "electron")
    text = 'name = "n"\ntitle = "n"\nreader = "root"\ntree = "t"\nkey = ["run"]\n' + one["toml"]
    assert parse_profile(text, "pasted").collections["electron"].fields["pt"].expression == "PT"
    rows = {row["place"]: row for row in report["rows"]}
    assert rows["electron"]["proposals"] == ["prefix elec."]


def test_a_draft_for_an_unknown_format_selects_events(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    counts = rng.poisson(3, 200)

    def fill(draw: object) -> list[list[float]]:
        return [[float(v) for v in draw(n)] for n in counts]  # type: ignore[operator]

    branches = {
        "EventNumber": np.arange(200, dtype=np.int64),
        "DSID": np.full(200, 410000, dtype=np.int32),
        "lep.PT": fill(lambda n: rng.exponential(4e4, n)),
        "lep.Eta": fill(lambda n: rng.uniform(-2, 2, n)),
        "lep.Phi": fill(lambda n: rng.uniform(-3, 3, n)),
        "lep.q": fill(lambda n: rng.choice([-1, 1], n)),
        "lep.pdgId": fill(lambda n: rng.choice([-11, 11, -13, 13], n)),
        "lep.isTight": fill(lambda n: rng.choice([0, 1], n)),
        "MET.Pt": np.full(200, 5e4),
        "MET.Phi": np.zeros(200),
        "mcWeight": np.ones(200),
    }
    file = write_tree(tmp_path / "unknown.root", branches, tree="nominal")
    assert call("profile", "check", file).code == 6
    draft = tmp_path / "new.toml"
    called = call("profile", "check", file, "--draft", draft)
    assert called.code == 0, called.err
    assert call("profile", "check", file, "--draft", draft).code == 2  # it is not written over
    profile = load_profile(draft)
    assert (profile.tree, profile.key) == ("nominal", ("EventNumber", "DSID"))
    assert profile.collections["muon"].selector == "abs(pdgId) == 13"
    assert profile.collections["muon"].fields["pt"].unit == "MeV"
    assert profile.collections["electron"].labels["id"].find("tight") is not None
    criteria = tmp_path / "two.yaml"
    criteria.write_text(
        'schema_version: "1.0"\nanalysis: {slug: two, title: Two muons}\n'
        "objects:\n- {name: muons, base: muon, cuts: [{id: pt, variable: pt, operator: '>', "
        "threshold: {value: 20, unit: GeV}, status: accepted}]}\n"
        "regions:\n- {name: all, cuts: [{id: n, variable: count(muons), operator: '>=', threshold: {value: 2}, "
        "status: accepted}]}\noutputs: []\n",
        encoding="utf-8",
    )
    compiled = call("compile", criteria, "--profile", draft, "--data", file, "--json")
    assert compiled.code == 0, compiled.err
    again = call("profile", "check", file, "--profile", draft, "--json").json()
    assert again["fits"] is True


def test_a_draft_knows_the_many_names_of_one_thing(tmp_path: Path) -> None:
    branches: dict[str, object] = {"runno": np.full(3, 7), "event_id": np.arange(3), "missET": np.array([40.0, 30, 20])}
    branches |= {"missPhi": np.zeros(3), "w": np.ones(3), "pileup": np.arange(3)}
    branches |= {f"mu_{name}": [[1.0], [], [30.0]] for name in ("pT", "Eta", "Phi", "IPxy")}
    branches |= {f"jet{name}": [[50.0], [], [30.0]] for name in ("Pt", "Eta", "Phi", "BScore")}
    file = write_tree(tmp_path / "flat.root", branches, tree="ntuple")
    draft = tmp_path / "flat.toml"
    assert call("profile", "check", file, "--draft", draft).code == 0
    profile = load_profile(draft)
    assert profile.key == ("runno", "event_id")
    assert profile.collections["muon"].fields["d0"].expression == "IPxy"
    assert profile.collections["jet"].fields["btag"].expression == "BScore"
    assert profile.event.objects["met"].fields["phi"].expression == "missPhi"
    assert profile.weights is not None
    assert call("profile", "check", file, "--profile", draft, "--json").json()["unread"] == [
        {"branch": "pileup", "meaning": None}
    ]
    text = draft.read_text(encoding="utf-8").replace('btag = "BScore"', "").partition("[event.objects.met]")[0]
    poor = tmp_path / "poor.toml"
    poor.write_text(text, encoding="utf-8")
    told = call("profile", "check", file, "--profile", poor).out
    assert "missET (met?), missPhi (met?), w (weight?), pileup, jetBScore (btag of jet?)" in told


def test_a_tree_without_objects_gives_no_draft(tmp_path: Path) -> None:
    file = write_tree(tmp_path / "one.root", {"Muon_pt": [[1.0], [2.0]], "x": np.zeros(2)}, tree="Events")
    called = call("profile", "check", file, "--draft", tmp_path / "d.toml")
    assert called.code == 6
    assert "nothing to draft" in called.err
    assert "tree 'Events' has " in called.err
    assert "Muon_pt" in called.err
    assert not (tmp_path / "d.toml").exists()


def test_files_of_another_kind_are_said(tmp_path: Path) -> None:
    lines = tmp_path / "events.jsonl"
    lines.write_text('{"event_id": 1, "data": {"particles": [{"id": 11, "status": 1, "px": 3.0, "py": 4.0}]}}\n')
    other = call("profile", "check", lines, "--profile", "nanoaod")
    assert (other.code, "lines of JSON" in other.err) == (4, True)
    assert call("profile", "check", tmp_path / "absent.root").code == 4
    (tmp_path / "nothing.root").touch()
    nothing = call("profile", "check", tmp_path / "nothing.root")
    assert (nothing.code, "empty file" in nothing.err) == (4, True)
    assert call("profile", "check", lines, "--profile", "nowhere").code == 6
    report = call("profile", "check", lines, "--json").json()
    rows = {row["place"]: row for row in report["rows"]}
    assert report["profile"] == "evtjsonl"
    assert rows["electron pt"]["state"] == "ok"
    assert rows["electron eta"]["reason"] == "the files lack the branch particles.pz"


@pytest.mark.parametrize(("file", "profile"), [
    ("atlas2020_4lep/data_A.4lep.root", "atlas_mini"),
    ("physlite/PHYSLITE_example.root", "atlas_physlite"),
    ("nanoaod/nano_tt_v12.root", "nanoaod"),
    ("cms_dimuon/open-data-example.root", "nanoaod"),
])  # fmt: skip
def test_real_files_are_recognised(file: str, profile: str) -> None:
    report = call("profile", "check", require(f"data/{file}"), "--json").json()
    assert (report["profile"], report["fits"]) == (profile, True)
    assert not [w for w in report["warnings"] if "numbers no events" not in w]
