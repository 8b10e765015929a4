"""What differs between two documents is told by meaning."""

import pytest

from schemas.alternatives import map_cuts
from schemas.comparing import compare_criteria
from schemas.criteria import Agreement, Answer, Question, SelectionCriteria
from schemas.criteria_yaml import load_criteria
from schemas.difference import Difference
from tests.schemas.examples import ALL, DIPHOTON, H4L, LEPTOQUARK

GROUPED = H4L.replace("{id: mu_d0,", "{id: mu_d0, group: near,").replace("{id: mu_z0,", "{id: mu_z0, group: near,")
ORDERED = """
objects:
  - {name: electrons, base: electron}
  - {name: muons, base: muon}
  - {name: jets, base: jet}
overlap: [{remove: electrons, near: muons, deltaR: 0.1}, {remove: jets, near: electrons, deltaR: 0.4}]
regions:
  - {name: sr, cuts: [{id: n, variable: count(jets) + count(muons), operator: ">=", threshold: {value: 2}}]}
"""


def compare(text: str, *edits: tuple[str, str]) -> Difference:
    changed = text
    for old, new in edits:
        assert old in changed, old
        changed = changed.replace(old, new)
    return compare_criteria(load_criteria(text), load_criteria(changed))


@pytest.mark.parametrize("name", ALL)
def test_a_document_is_equal_to_itself(name: str) -> None:
    assert compare(ALL[name]) == Difference()


# what is edited, and what is said of it; "=" before the lines that change no meaning
CHANGES = [
    (H4L, [("value: 7, unit: GeV", "value: 10, unit: GeV")],
     ["object electrons, cut e_pt: threshold: 7 GeV → 10 GeV"]),
    (H4L, [("value: 7, unit: GeV", "value: 7000, unit: MeV")],
     ["=object electrons, cut e_pt: threshold: 7 GeV → 7000 MeV (the same)"]),
    (H4L, [('id: e_pt, variable: pt, operator: ">"', 'id: e_pt, variable: pt, operator: ">="')],
     ["object electrons, cut e_pt: operator: > → >="]),
    (H4L, [("{id: e_pt,", "{id: electron_pt,")], ["=object electrons, cut e_pt: renamed: e_pt → electron_pt"]),
    (H4L, [("name: leptons,", "name: leps,"), ("pair: leptons", "pair: leps"), ("higgs.leptons", "higgs.leps")],
     ["=object: renamed: leptons → leps"]),
    (H4L, [("name: z1,", "name: za,"), ("mass(z1)", "mass(za)"), ("exclude: [z1]", "exclude: [za]"),
           ("sum: [z1,", "sum: [za,")],
     ["=candidate: renamed: z1 → za", "=variable m12: mass(z1) → mass(za) (the same)"]),
    (H4L, [("variable: m34, operator: \"<\"", "variable: mass(z2), operator: \"<\"")],
     ["=region preselection, cut m34_high: variable: m34 → mass(z2) (the same)"]),
    (H4L, [("{id: m34_high, variable: m34, operator: \"<\", threshold: {value: 115, unit: GeV}}",
            "{id: m34_high, variable: 115 <= m34, operator: fail}")],
     ["=region preselection, cut m34_high: variable: m34 → 115 <= m34 (the same)",
      "=region preselection, cut m34_high: operator: < → fail (the same)",
      "=region preselection, cut m34_high: threshold: 115 GeV → none (the same)"]),
    (H4L, [("[12, 50])\", unit: GeV", "[12000, 50000])\", unit: MeV")],
     ["=region preselection, cut m34_low: threshold: interp(m4l, [140, 190], [12, 50]) GeV → interp"]),
    (H4L, [("range: [50, 106]", "range: [50, 106], closed: both")],
     ["region preselection, cut m12: threshold: (50, 106) GeV → [50, 106] GeV"]),
    (H4L, [("quantifier: all, operator: \">\", threshold: {value: 0.1}",
            "quantifier: any, operator: \">\", threshold: {value: 0.1}")],
     ["region preselection, cut dR: quantifier: all → any"]),
    (H4L, [("condition: kind == calo_tagged", "condition: kind == stand_alone")],
     ["object muons, cut mu_pt_calo: condition: kind == calo_tagged → kind == stand_alone"]),
    (H4L, [("{id: mu_eta,", "{id: mu_eta, status: rejected,")],
     ["object muons, cut mu_eta: removed: abs(eta) < 2.7 (rejected now)"]),
    (H4L, [("union: [electrons, muons]", "union: [muons, electrons]")],
     ["object leptons: made from: all of electrons and muons → all of muons and electrons"]),
    (H4L, [("base: jet, cuts", "base: fat_jet, cuts")], ["object jets: made from: from jet → from fat_jet"]),
    (H4L, [("deltaR: 0.1}", "deltaR: 0.2}")], ["object jets, overlap with muons: deltaR: ΔR < 0.1 → ΔR < 0.2"]),
    (H4L, [("{with: muons, deltaR: 0.1}, {with: electrons, deltaR: 0.2}",
            "{with: electrons, deltaR: 0.2}, {with: muons, deltaR: 0.1}")], []),
    (H4L, [("minimise: abs(mass(z1) - mZ)", "minimise: abs(mass(z1) - mW)")],
     ["candidate z1: chosen by: smallest abs(mass(z1) - mZ) → smallest abs(mass(z1) - mW)"]),
    (H4L, [("require: [same_flavour, opposite_charge]", "require: [opposite_charge, same_flavour]")], []),
    (H4L, [("exclude: [z1], ", "")], ["candidate z2: exclude: z1 → none"]),
    (H4L, [("expression: mass(higgs)", "expression: mass(z1)")], ["variable m4l: mass(higgs) → mass(z1)"]),
    (H4L, [("bins: 34", "bins: 30")], ["=variable m4l: other binning"]),
    (H4L, [("outputs: [m12, m34, m4l]", "outputs: [m4l, m12]")],
     ["outputs: removed: m34", "=outputs: order m12, m4l → m4l, m12"]),
    (H4L, [("name: jets,", "name: far_jets,"), ("value: 4.5", "value: 4.4")],
     ["=object: renamed: jets → far_jets", "object jets, cut j_eta: threshold: 4.5 → 4.4"]),
    (H4L, [("name: signal", "name: sr")], ["=region: renamed: signal → sr"]),
    (H4L, [("    parent: preselection\n", "")], ["region signal: parent: preselection → none"]),
    (H4L, [("{id: j_pt, variable: pt, operator: \">\", threshold: {value: 30, unit: GeV}},\n      ", "")],
     ["object jets, cut j_pt: removed"]),
    (GROUPED, [("{id: mu_z0, group: near,", "{id: mu_z0,")],
     ["object muons, cut mu_d0: group: mu_d0 or mu_z0 → not joined"]),
    (GROUPED, [("group: near", "group: close")], ["=object muons: group: renamed: near → close"]),
    (DIPHOTON, [("n: 2}", "n: 3}")],
     ["candidate diphoton: made from: the leading 2 of photons → the leading 3 of photons"]),
    (DIPHOTON, [("operator: outside, threshold: {range: [1.37", "operator: between, threshold: {range: [1.37")],
     ["object photons, cut y_crack: operator: outside → between"]),
    (LEPTOQUARK, [("leptons[:2]", "leptons[:3]"), ("jets[:2]", "jets[:3]")],
     ["candidate lq: made from"]),
    (LEPTOQUARK, [("{opposite_charge: lepton}", "{same_charge: lepton}")], ["candidate lq: require"]),
    (ORDERED, [("[{remove: electrons, near: muons, deltaR: 0.1}, {remove: jets, near: electrons, deltaR: 0.4}]",
                "[{remove: jets, near: electrons, deltaR: 0.4}, {remove: electrons, near: muons, deltaR: 0.1}]")],
     ["overlap: order"]),
    (ORDERED, [("count(jets) + count(muons)", "count(muons) + count(jets)")], ["=region sr, cut n: variable"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "edits", "said"), CHANGES)
def test_each_change_is_told_as_what_it_does(text: str, edits: list[tuple[str, str]], said: list[str]) -> None:
    difference = compare(text, *edits)
    told = [("=" if c.effect == "none" else "") + c.text for c in difference.changes]
    for line in said:
        assert any(t.startswith(line) for t in told), told
    assert all(any(t.startswith(line) for line in said) for t in told if not t.startswith("=")), told
    assert difference.same == all(line.startswith("=") for line in said)


def test_order_matters_for_events_and_not_for_objects() -> None:
    lines = H4L.splitlines(keepends=True)
    event = [k for k, line in enumerate(lines) if "id: l1_pt" in line or "id: l2_pt" in line]
    lines[event[0]], lines[event[1]] = lines[event[1]], lines[event[0]]
    cutflow = compare_criteria(load_criteria(H4L), load_criteria("".join(lines)))
    assert [(c.effect, c.text) for c in cutflow.changes] == [
        ("cutflow", "region preselection: cuts: order l1_pt, l2_pt → l2_pt, l1_pt")
    ]
    lines = H4L.splitlines(keepends=True)
    single = [k for k, line in enumerate(lines) if "id: mu_eta" in line or "id: mu_d0" in line]
    lines[single[0]], lines[single[1]] = lines[single[1]], lines[single[0]]
    objects = compare_criteria(load_criteria(H4L), load_criteria("".join(lines)))
    assert [(c.effect, c.text) for c in objects.changes] == [
        ("none", "object muons: cuts: order mu_eta, mu_d0 → mu_d0, mu_eta")
    ]


def test_a_cut_that_moved_is_one_change() -> None:
    cut = "{id: mass_window, variable: m4l, operator: between, threshold: {range: [115, 130], unit: GeV}}"
    other = '{id: other, variable: m12, operator: ">", threshold: {value: 3, unit: GeV}}'
    text = H4L.replace(f"cuts: [{cut}]", f"cuts: [{other}]").replace(
        "  - name: signal", f"      - {cut}\n  - name: signal"
    )
    told = compare_criteria(load_criteria(H4L), load_criteria(text)).changes
    assert [c.text for c in told] == [
        "region signal, cut other: added: m12 > 3 GeV",
        "region signal, cut mass_window: moved: region signal → region preselection",
    ]  # fmt: skip


def test_a_cut_with_the_name_of_another_is_told_apart_by_meaning() -> None:
    edits = (
        ("{id: mu_pt,", "{id: wide,"),
        ("{id: mu_pt_calo,", "{id: mu_pt,"),
        ("condition: kind == calo_tagged", "condition: kind == b"),
    )
    told = [c.text for c in compare(H4L, *edits).changes]
    assert told == [
        "object muons, cut mu_pt_calo: condition: kind == calo_tagged → kind == b",
        "object muons, cut mu_pt: renamed: mu_pt → wide",
        "object muons, cut mu_pt_calo: renamed: mu_pt_calo → mu_pt",
    ]


def test_evidence_votes_and_answers_change_no_meaning() -> None:
    criteria = load_criteria(H4L)
    question = Question(id="q1", text="which?", why="not said")
    asked = criteria.model_copy(update={"questions": (question,)})
    voted = map_cuts(
        asked, lambda c: c.model_copy(update={"agreement": Agreement(found=3, of=5), "status": "accepted"})
    )
    answer = Answer(by="someone", at="2026-01-02", text="that one")
    answered = voted.model_copy(update={"questions": (question.model_copy(update={"answer": answer}),)})
    difference = compare_criteria(asked, answered)
    assert difference.same
    told = [c.text for c in difference.changes]
    assert "question q1: answer: open → that one by someone" in told
    assert "object electrons, cut e_pt: other agreement" in told
    assert "object electrons, cut e_pt: status: proposed → accepted" in told


def test_a_new_definition_matters_when_a_cut_needs_it() -> None:
    extra = "  - {name: soft, base: jet}\ncandidates:"
    unused = compare(H4L, ("candidates:", extra))
    assert [(c.effect, c.text) for c in unused.changes] == [("unused", "object soft: added: from jet")]
    used = compare(H4L, ("candidates:", extra), ("variable: count(higgs)", "variable: count(higgs) + count(soft)"))
    assert not used.same
    assert any(c.text == "object soft: added: from jet" and c.effect == "selection" for c in used.changes)


def test_a_document_with_nothing_in_it_can_be_compared() -> None:
    assert not compare_criteria(SelectionCriteria(), load_criteria(H4L)).same


ALGEBRA = """
objects:
  - {name: muons, base: muon, cuts: [{id: eta, variable: abs(eta), operator: "<", threshold: {value: 2.5}}]}
  - {name: jets, base: jet, cuts: [
      {id: tracks, variable: n_tracks, operator: in, threshold: {values: [1, 3]}},
      {id: far, variable: abs(eta), operator: ">=", threshold: {value: 2.5}}]}
regions:
  - {name: sr, cuts: [
      {id: product, variable: 2 * count(muons) * count(jets), operator: ">", threshold: {value: 2}},
      {id: sum, variable: count(muons) - 1 + count(jets), operator: ">", threshold: {value: 2}}]}
"""
ETA = '{id: eta, variable: abs(eta), operator: "<", threshold: {value: 2.5}}'
FAR = '{id: far, variable: abs(eta), operator: ">=", threshold: {value: 2.5}}'
TRACKS = "{id: tracks, variable: n_tracks, operator: in, threshold: {values: [1, 3]}}"
GROUP = ", ".join(
    f'{{id: t{n}, group: t, variable: n_tracks, operator: "==", threshold: {{value: {n}}}}}' for n in (1, 3)
)


@pytest.mark.parametrize(("old", "new", "same"), [
    ("2 * count(muons) * count(jets)", "count(muons) * 2 * count(jets)", True),
    ("2 * count(muons) * count(jets)", "count(jets) * (2 * count(muons))", True),
    ("2 * count(muons) * count(jets)", "2 * count(muons) / count(jets)", False),
    ("2 * count(muons) * count(jets)", "2 * count(muons) * count(muons)", False),
    ("count(muons) - 1 + count(jets)", "'interp(count(jets), [0, 9], [0, 9]) * count(muons)'", False),
    ("count(muons) - 1 + count(jets)", "count(jets) - (1 - count(muons))", True),
    ("count(muons) - 1 + count(jets)", "count(jets) + 1 + count(muons)", False),
    ("count(muons) - 1 + count(jets)", "count(muons) - (1 + count(jets))", False),
    (ETA, "{id: eta, variable: eta, operator: between, threshold: {range: [-2.5, 2.5]}}", True),
    (ETA, "{id: eta, variable: eta, operator: between, threshold: {range: [-2.5, 2.5], closed: both}}", False),
    (ETA, "{id: eta, variable: eta, operator: between, threshold: {range: [-2.4, 2.5]}}", False),
    (FAR, '{id: far, variable: "eta <= -2.5 or eta >= 2.5", operator: pass}', True),
    (FAR, '{id: far, variable: "eta < -2.5 or eta >= 2.5", operator: pass}', False),
    (TRACKS, GROUP, True),
    (TRACKS, GROUP.replace("value: 3", "value: 2"), False),
])  # fmt: skip
def test_what_is_the_same_by_algebra_is_no_change(old: str, new: str, same: bool) -> None:
    assert compare(ALGEBRA, (old, new)).same is same
    back = compare(ALGEBRA.replace(old, new), (new, old))
    assert back.same is same


def test_roles_of_an_assignment_may_be_called_otherwise() -> None:
    high = '  - {name: high, cuts: [{id: l0, variable: "lq[0].lepton.pt", operator: ">", threshold: '
    by_role = LEPTOQUARK.replace("outputs:", high + "{value: 60, unit: GeV}}]}\noutputs:")
    renamed = [("{lepton: ", "{lep: "), ("charge: lepton", "charge: lep"), ("flavour: lepton", "flavour: lep")]
    difference = compare(by_role, *renamed, ("lq[0].lepton.pt", "lq[0].lep.pt"))
    assert difference.same
    assert "candidate lq: role: renamed: lepton → lep" in [c.text for c in difference.changes]
    swapped = compare(by_role, ("lq[0].lepton.pt", "lq[0].jet.pt"))
    assert not swapped.same
