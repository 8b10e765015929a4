"""The rules of meaning, one by one, on events made for each: every region asks one question of every event."""

import re
from pathlib import Path

import pytest

from schemas.errors import CriteriaError
from tests.codegen.mini_files import Compiled, list_passed, make_object, read_json, write_mini

OBJECTS = """
objects:
  - {name: electrons, base: electron, cuts: [{id: e_pt, variable: pt, operator: ">", threshold: {value: 7, unit: GeV}}]}
  - {name: muons, base: muon, cuts: [{id: mu_pt, variable: pt, operator: ">", threshold: {value: 5000, unit: MeV}}]}
  - {name: leptons, union: [electrons, muons]}
  - name: jets
    base: jet
    cuts:
      - {id: j_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}}
      - {id: j_jvt, variable: jvt, operator: ">", threshold: {value: 0.5}, condition: pt < 60}
      - {id: j_central, variable: abs(eta), operator: "<", threshold: {value: 2.5}, group: where}
      - {id: j_hard, variable: pt, operator: ">", threshold: {value: 100, unit: GeV}, group: where}
    remove_overlap: [{with: muons, deltaR: 0.1}]
  - {name: hard_jets, base: jets, cuts: [{id: h_pt, variable: pt, operator: ">=", threshold: {value: 80, unit: GeV}}]}
  - name: mixed
    base: [electron, muons]
    cuts: [{id: x_pt, variable: pt, operator: ">", threshold: {value: 25, unit: GeV}}]
candidates:
  - {name: z, pair: leptons, require: [same_flavour, opposite_charge], minimise: abs(mass(z) - mZ)}
  - {name: near, pair: leptons, minimise: deltaR(near), select: [
      {id: near_charge, variable: near.charge, operator: "==", threshold: {value: 0}}]}
  - {name: third, leading: leptons, n: 1, exclude: [z]}
  - {name: both, pair: leptons, pairing: [za, zb], require: [same_flavour, opposite_charge],
     minimise: ["abs(mass(za) - mZ) + abs(mass(zb) - mZ)"]}
variables:
  - {name: mz, expression: mass(z)}
  - {name: tagged, expression: any(jets.btag > 0.5) or count(jets) == 0}
regions:
"""


Object = dict[str, float]
NUMERIC = re.compile(r"(?P<value>\[.*?\]|[\d.]+)(?: (?P<unit>[A-Za-z]+))?(?P<more>, .*)?")


def ask(variable: str, test: str, name: str = "ask") -> str:
    """A region with one cut: "> 20 GeV", "between [20, 40] GeV, closed: right", "in [0, 2]", "== label: x", "pass"."""
    operator, _, threshold = test.partition(" ")
    if found := NUMERIC.fullmatch(threshold):
        kind = "value" if not found["value"].startswith("[") else "values" if operator == "in" else "range"
        unit = f", unit: {found['unit']}" if found["unit"] else ""
        threshold = f"{kind}: {found['value']}{unit}{found['more'] or ''}"
    parts = [f"id: {name}_cut", f'variable: "{variable}"', f'operator: "{operator}"']
    parts += [f"threshold: {{{threshold}}}"] if threshold else []
    parts += ["quantifier: any"] if name.startswith("any") else []
    return f"  - {{name: {name}, cuts: [{{{', '.join(parts)}}}]}}\n"


def lepton(pt: float, eta: float = 0.0, phi: float = 0.0, charge: int = 1, kind: int = 13, **more: float) -> Object:
    return make_object(pt, eta, phi, 0.0, charge=charge, type=kind, **more)


def jet(pt: float, eta: float = 0.0, phi: float = 0.0, jvt: float = 1.0) -> Object:
    return make_object(pt, eta, phi, 5.0, jvt=jvt)


NAN = float("nan")
Z_PAIR = [lepton(50, 0.0, 0.0, 1), lepton(45, 0.3, 2.8, -1)]
ONE = {"lep": [lepton(30)]}
NONE: dict[str, list[Object]] = {"lep": []}
TWO = {"lep": [lepton(30), lepton(8)]}
AT_40 = {"lep": [lepton(40)]}
FIRST, SECOND = "leptons[0].pt", "leptons[1].pt"
M_T = "sqrt(2 * leptons[0].pt * met.pt * (1 - cos(deltaphi(leptons[0], met))))"

# name of the region, what its cut compares, with what, the event, and whether it passes
QUESTIONS = [
    ("exactly_at", FIRST, "> 20 GeV", {"lep": [lepton(20)]}, False),
    ("at_or_above", FIRST, ">= 20 GeV", {"lep": [lepton(20)]}, True),
    ("converted", "count(muons)", "== 0", {"lep": [lepton(5)]}, True),
    ("absent", SECOND, "!= 20 GeV", ONE, False),
    ("absent_outside", SECOND, "outside [1, 2] GeV", NONE, False),
    ("absent_fail", "leptons[1].pt > 20", "fail", ONE, False),
    ("present_fail", "leptons[1].pt > 20", "fail", TWO, True),
    ("not_missing", "not leptons[1].pt > 20", "pass", ONE, False),
    ("or_known", "leptons[1].pt > 20 or leptons[0].pt > 20", "pass", ONE, True),
    ("sum_missing", "sum(leptons.eta)", "< 9", {"lep": [lepton(30, NAN)]}, False),
    ("all_of_none", "leptons.pt", "> 9 GeV", NONE, True),
    ("any_of_none", "leptons.pt", "> 9 GeV", NONE, False),
    ("all_of_two", "leptons.pt", "> 9 GeV", TWO, False),
    ("any_of_two", "leptons.pt", "> 9 GeV", TWO, True),
    ("max_of_none", "max(leptons.pt)", "< 9 GeV", NONE, False),
    ("sum_of_none", "sum(leptons.pt)", "< 9 GeV", NONE, True),
    ("zero_division", "1 / (leptons[0].eta - leptons[0].eta)", "> 0", ONE, False),
    ("negative_root", "sqrt(leptons[0].eta)", "< 9", {"lep": [lepton(30, -1.0)]}, False),
    ("open_end", FIRST, "between [20, 40] GeV", AT_40, False),
    ("closed_end", FIRST, "between [20, 40] GeV, closed: right", AT_40, True),
    ("outside_end", FIRST, "outside [20, 40] GeV", AT_40, True),
    ("one_of", "count(leptons)", "in [0, 2]", TWO, True),
    ("none_of", "count(leptons)", "in [0, 2]", ONE, False),
    ("union_tie", "leptons[0].flavour == electron", "pass", {"lep": [lepton(30), lepton(30, kind=11)]}, True),
    ("by_pt", "jets[0].eta", "> 1", {"jet": [jet(30, 0.5), jet(90, 1.5)]}, True),
    ("exempt", "count(jets)", "== 1", {"jet": [jet(70, jvt=0.1)]}, True),
    ("not_exempt", "count(jets)", "== 1", {"jet": [jet(50, jvt=0.1)]}, False),
    ("group_first", "count(jets)", "== 1", {"jet": [jet(70, 1.0)]}, True),
    ("group_second", "count(jets)", "== 1", {"jet": [jet(120, 3.0)]}, True),
    ("group_none", "count(jets)", "== 1", {"jet": [jet(70, 3.0)]}, False),
    ("overlap", "count(jets)", "== 0", {"jet": [jet(70, 1.0, 3.14)], "lep": [lepton(30, 1.0, -3.14)]}, True),
    ("no_overlap", "count(jets)", "== 0", {"jet": [jet(70, 1.0, 3.0)], "lep": [lepton(30, 1.0, -3.0)]}, False),
    ("derived", "count(hard_jets)", "== 1", {"jet": [jet(80), jet(79), jet(30)]}, True),
    ("mixed_both_cut", "count(mixed)", "== 1", {"lep": [lepton(20), lepton(22, kind=11), lepton(30, kind=11)]}, True),
    ("delta_r_edge", "deltaR(leptons[0], leptons[1])", "> 0.125",
     {"lep": [lepton(30, 0.5, 1.0), lepton(20, 0.625, 1.0)]}, False),
    ("phi_wrap", "abs(deltaphi(leptons[0], leptons[1]))", "< 0.5 rad",
     {"lep": [lepton(30, 0, 3.1), lepton(20, 0, -3.1)]}, True),
    ("degrees", "abs(deltaphi(leptons[0], leptons[1]))", "> 90 deg",
     {"lep": [lepton(30, 0, 1.0), lepton(20, 0, 2.5)]}, False),
    ("no_candidate", "mz", "!= 91 GeV", TWO, False),
    ("absent_members", "z.leptons.pt", "> 1 GeV", ONE, False),
    ("no_such_member", "z.electrons.pt", "> 1 GeV", {"lep": Z_PAIR}, True),
    ("mass_near_z", "mz", "between [80, 100] GeV", {"lep": Z_PAIR}, True),
    ("third_one", "third.pt", "== 11 GeV", {"lep": [*Z_PAIR, lepton(11)]}, True),
    ("no_third", "count(third)", "== 0", {"lep": Z_PAIR}, True),
    ("near_select", "deltaR(near)", "> 2", {"lep": [*Z_PAIR, lepton(10, 0.0, 0.1)]}, True),  # not the nearest
    ("boolean_name", "tagged", "pass", {"jet": []}, True),
    ("count_those", "count(jets.pt > 50)", "== 1", {"jet": [jet(60), jet(50)]}, True),
    ("trigger_in", "trigger", "in labels: [single_electron, single_muon]", {"trigM": True}, True),
    ("trigger_not", "trigger", "== label: single_electron", {"trigM": True}, False),
    ("met_is_pt", "met", "> 30 GeV", {"met_et": 31000.0}, True),
    ("transverse_mass", M_T, "> 59 GeV", {**ONE, "met_et": 30000.0, "met_phi": 3.14159}, True),
    ("relative", SECOND, '> expression: 0.5*leptons[0].pt', {"lep": [lepton(40), lepton(20)]}, False),
]  # fmt: skip


def test_every_rule_on_its_event(tmp_path: Path) -> None:
    names = [name for name, *_ in QUESTIONS]
    assert len(set(names)) == len(names)
    regions = "".join(ask(variable, test, name) for name, variable, test, *_ in QUESTIONS)
    file = write_mini(tmp_path / "made.root", [event for *_, event, _ in QUESTIONS])
    cutflow = Compiled(OBJECTS + regions, tmp_path).run([file], tmp_path)
    found = {name: (0, k + 1, 0) in list_passed(cutflow, name)[f"{name}_cut"] for k, name in enumerate(names)}
    assert found == {name: expected for name, *_, expected in QUESTIONS}


def test_greedy_and_joint_choices_differ(tmp_path: Path) -> None:
    # Four muons: the pair nearest to the Z leaves a poor second pair, the joint choice takes the better total.
    four = [lepton(50, 0.0, 0.0, 1), lepton(44, 0.1, 2.9, -1), lepton(38, 0.2, -0.3, 1), lepton(30, 0.1, 2.6, -1)]
    named = "variables:\n  - {name: greedy, expression: mass(z)}\n  - {name: joint, expression: mass(za)}"
    text = OBJECTS.replace("variables:", named) + ask("count(both)", "== 1") + "outputs: [greedy, joint]\n"
    file = write_mini(tmp_path / "made.root", [{"lep": four}])
    Compiled(text, tmp_path).run([file], tmp_path)
    header, row = (line.split(",") for line in (tmp_path / "candidates.csv").read_text().splitlines())
    values = dict(zip(header, row, strict=True))
    assert float(values["greedy"]) != float(values["joint"])
    assert values["channel"] == "4mu"


def test_equal_scores_take_the_first_combination(tmp_path: Path) -> None:
    # The two negative muons are twins: the pair with the first of them is taken, whose significance is large.
    twins = [lepton(45, 0.3, 2.8, -1, tracksigd0pvunbiased=9.0), lepton(45, 0.3, 2.8, -1, tracksigd0pvunbiased=1.0)]
    file = write_mini(tmp_path / "made.root", [{"lep": [lepton(50), *twins]}, {"lep": [lepton(50), *reversed(twins)]}])
    text = OBJECTS + ask("max(z.leptons.d0sig)", "> 5")
    passed = list_passed(Compiled(text, tmp_path).run([file], tmp_path), "ask")["ask_cut"]
    assert passed == {(0, 1, 0)}


def test_ordered_overlap_removal_uses_what_is_left(tmp_path: Path) -> None:
    # The electron goes because of the muon, so the jet next to the electron stays.
    steps = "overlap: [{remove: electrons, near: muons, deltaR: 0.1}, {remove: jets, near: electrons, deltaR: 0.4}]"
    text = OBJECTS.replace("remove_overlap: [{with: muons, deltaR: 0.1}]", "")
    text = text.replace("candidates:", f"{steps}\ncandidates:")
    electron, near_it = lepton(25, 0.05, 0.0, kind=11), [jet(70, 0.3, 0.0)]
    file = write_mini(
        tmp_path / "made.root", [{"lep": [lepton(30), electron], "jet": near_it}, {"lep": [electron], "jet": near_it}]
    )
    cutflow = Compiled(text + ask("count(jets)", "== 1"), tmp_path).run([file], tmp_path)
    assert list_passed(cutflow, "ask")["ask_cut"] == {(0, 1, 0)}


def test_events_can_be_asked_why(tmp_path: Path) -> None:
    text = OBJECTS + (
        '  - name: ask\n    cuts:\n      - {id: two, variable: count(leptons), operator: ">=", threshold: {value: 2}}\n'
        '      - {id: pts, variable: leptons.pt, operator: ">", threshold: {value: 25, unit: GeV}}\n'
        '      - {id: third, variable: "leptons[2].pt", operator: ">", threshold: {value: 9, unit: GeV}}\n'
    )
    events = [{"lep": [lepton(30), lepton(20)]}, {"lep": [lepton(30)]}, {"lep": []}]
    file = write_mini(tmp_path / "made.root", events)
    Compiled(text, tmp_path).run([file], tmp_path, frozenset({(0, 1, 0), (0, 2, 0)}))
    answers = {tuple(e["key"]): e for e in read_json(tmp_path / "values.json")["events"]}
    assert set(answers) == {(0, 1, 0), (0, 2, 0)}
    assert answers[0, 1, 0]["values"] == {"two": 2.0, "pts": [30.0, 20.0], "third": None}
    assert answers[0, 1, 0]["last_step"] == {"ask": "two"}
    assert answers[0, 2, 0] == {"key": [0, 2, 0], "last_step": {"ask": "initial"},
                                "values": {"two": 1.0, "pts": [30.0], "third": None}}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), [
    (OBJECTS + ask("n_vertices", "> 0"), "region 'ask': none of its cuts"),
    (OBJECTS.replace("abs(mass(z) - mZ)", "z.charge * 0 + n_vertices") + ask("count(z)", "== 1"), "'z', minimise"),
    (OBJECTS.replace("variable: abs(eta)", "variable: eta - electrons[0].eta").replace(
        "base: electron,", "base: electron, remove_overlap: [{with: jets, deltaR: 0.2}],"
    ) + ask("count(jets)", "== 1"), "electrons → jets → electrons is a circle"),
    (OBJECTS.replace("{with: muons", "{with: jets") + ask("count(jets)", "== 1"), "itself"),
])  # fmt: skip
def test_what_cannot_be_compiled_is_an_error(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(CriteriaError) as refusal:
        Compiled(text, tmp_path)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)
