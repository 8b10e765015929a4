"""What depends on which physical object something is, and on other collections: on events worked out by hand."""

from pathlib import Path

import pytest

from schemas.backend import Backend
from schemas.criteria_yaml import load_criteria
from schemas.errors import CriteriaError
from schemas.validation import check_criteria
from tests.codegen.mini_files import Compiled, list_passed, write_mini
from tests.codegen.test_loops import BACKENDS
from tests.codegen.test_meaning import ask, jet, lepton

OBJECTS = """
objects:
  - {name: muons, base: muon, cuts: [{id: mu_pt, variable: pt, operator: ">", threshold: {value: 5, unit: GeV}}]}
  - name: electrons
    base: electron
    cuts:
      - {id: e_pt, variable: pt, operator: ">", threshold: {value: 5, unit: GeV}}
      - {id: e_rel, variable: "pt / muons[0].pt", operator: ">", threshold: {value: 0.5}, condition: count(muons) > 2}
      - {id: e_far, variable: "abs(eta - muons[0].eta)", operator: ">", threshold: {value: 1}, group: far}
      - {id: e_hard, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}, group: far}
  - {name: leptons, union: [electrons, muons]}
  - name: tight
    base: leptons
    cuts:
      - {id: t_pt, variable: pt, operator: ">", threshold: {value: 15, unit: GeV}}
      - {id: t_rel, variable: pt, operator: "<", threshold: {expression: "2 * max(mass(pairs(leptons[:3])))"},
         condition: count(leptons) > 1}
  - {name: jets, base: jet, cuts: [{id: j_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}}]}
  - {name: mixture, union: [leptons, jets]}
  - {name: nested, union: [mixture]}
  - {name: twice, union: [muons, tight]}
candidates:
  - {name: z, pair: leptons, require: [same_flavour, opposite_charge], minimise: abs(mass(z) - mZ)}
  - {name: others, pair: muons, exclude: [z], maximise: mass(others)}
  - {name: last, pair: tight, exclude: [z], maximise: mass(last)}
  - {name: lone, leading: tight, n: 1, exclude: [z, others]}
  - {name: lq, assign: {lepton: "tight[:2]", jet: "jets[:2]"}, exclude: [others],
     minimise: "abs(mass(lq[0]) - mass(lq[1]))"}
  - {name: rest, leading: mixture, n: 1, exclude: [lq, z]}
  - {name: three, leading: nested, n: 3, exclude: [others]}
  - {name: two, pair: nested, pairing: [pa, pb], exclude: [z], minimise: ["abs(mass(pa) - mass(pb))"]}
  - {name: every, sum: [z, rest]}
  - {name: hard, leading: twice, n: 1}
  - {name: softer, pair: twice, exclude: [hard], maximise: mass(softer)}
  - {name: trio, assign: {first: "electrons[:2]", second: "muons[:2]", third: "jets[:2]"},
     maximise: abs(mass(trio[0]) - mass(trio[1]))}
regions:
"""

# Back to back, 45 GeV each: the mass is 90 GeV. Two more muons, and an electron.
Z_PAIR = [lepton(45, 0.0, 0.0, 1), lepton(45, 0.0, 3.14159, -1)]
SOFT = [lepton(30, 0.0, 1.5, 1), lepton(16, 0.0, -1.5, -1)]
ELECTRON = lepton(25, 0.5, 2.0, 1, kind=11)
JETS = [jet(60, 1.0, 1.0), jet(50, -1.0, -2.0)]

# name of the region, what is asked of which event, and whether it passes
QUESTIONS = [
    ("of_a_part", "others.muons[0].pt", "== 30 GeV", {"lep": [*Z_PAIR, *SOFT]}, True),
    ("none_left", "count(others)", "== 0", {"lep": [*Z_PAIR, SOFT[0]]}, True),
    ("of_the_same", "last.tight[1].pt", "== 16 GeV", {"lep": [*Z_PAIR, *SOFT]}, True),
    ("other_kind", "last.tight[1].pt", "== 25 GeV", {"lep": [*Z_PAIR, SOFT[0], ELECTRON]}, True),
    ("after_two", "lone.tight[0].pt", "== 25 GeV", {"lep": [*Z_PAIR, *SOFT, ELECTRON]}, True),
    ("after_both", "count(lone)", "== 0", {"lep": [*Z_PAIR, *SOFT]}, True),
    ("dealt", "count(lq)", "== 2", {"lep": [*Z_PAIR, *SOFT], "jet": JETS}, True),
    # The Z is made of the softer muons here; the hard ones, which come first, are those of `others`.
    ("not_dealt", "count(lq)", "== 0",
     {"lep": [lepton(90, 0.0, 0.0, 1), lepton(80, 0.0, 2.0, -1), lepton(45.5, 0.0, 1.0, 1),
              lepton(45.5, 0.0, 1.0 + 3.14159, -1)], "jet": JETS}, True),
    ("after_all", "rest.mixture[0].pt", "== 16 GeV", {"lep": [*Z_PAIR, SOFT[1]], "jet": JETS}, True),
    ("jet_left", "rest.mixture[0].pt", "== 40 GeV", {"lep": Z_PAIR, "jet": [*JETS, jet(40)]}, True),
    ("electrons_in_three", "three.electrons.pt", "== 25 GeV", {"lep": [*Z_PAIR, ELECTRON]}, True),
    ("muons_in_three", "count(three.muons)", "== 1", {"lep": [Z_PAIR[0], ELECTRON], "jet": JETS[:1]}, True),
    ("leptons_in_three", "count(three.leptons)", "== 2", {"lep": [Z_PAIR[0], ELECTRON], "jet": JETS[:1]}, True),
    ("jets_in_three", "three.jets.pt", "== 60 GeV", {"lep": [Z_PAIR[0], ELECTRON], "jet": JETS[:1]}, True),
    ("pairs_left", "count(two)", "== 1", {"lep": [*Z_PAIR, *SOFT], "jet": JETS}, True),
    ("no_pairs_left", "count(two)", "== 0", {"lep": [*Z_PAIR, *SOFT], "jet": JETS[:1]}, True),
    ("sum_of_three", "count(every)", "== 1", {"lep": [*Z_PAIR, SOFT[1]]}, True),
    ("three_roles", "count(trio)", "== 2",
     {"lep": [*Z_PAIR, ELECTRON, lepton(24, kind=11)], "jet": JETS}, True),
    ("absent_composites", "deltaR(lq.lepton, lq.jet)", "> 0", {"lep": Z_PAIR}, False),
    ("sum_of_absent", "sum(lq.lepton.pt)", "< 9 GeV", {"lep": Z_PAIR}, False),
    ("twice_in_it", "max(softer.twice.pt)", "== 45 GeV", {"lep": [lepton(50, 1.0), *Z_PAIR]}, True),
    ("hard_enough", "count(electrons)", "== 1", {"lep": [lepton(30), lepton(21, kind=11)]}, True),
    ("far_enough", "count(electrons)", "== 1", {"lep": [lepton(30), lepton(6, 1.25, kind=11)]}, True),
    ("neither", "count(electrons)", "== 0", {"lep": [lepton(30), lepton(20, 1.0, kind=11)]}, True),
    ("nothing_to_be_far_from", "count(electrons)", "== 0", {"lep": [lepton(15, kind=11)]}, True),
    ("half_of_it", "count(electrons)", "== 0",
     {"lep": [lepton(50), lepton(40), lepton(30), lepton(25, 2.0, kind=11)]}, True),
    ("too_hard", "count(tight)", "== 1", {"lep": [lepton(60, 0.0, 0.0), lepton(16, 0.0, 0.5, kind=13)]}, True),
    ("alone", "count(tight)", "== 1", {"lep": [lepton(60)]}, True),
]  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_question_on_its_event(backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.config.DISABLE_JIT", True)
    regions = "".join(ask(variable, test, name) for name, variable, test, *_ in QUESTIONS)
    file = write_mini(tmp_path / "made.root", [event for *_, event, _ in QUESTIONS])
    cutflow = Compiled(OBJECTS + regions, tmp_path, backend).run([file], tmp_path)
    found = {name: (0, k + 1, 0) in list_passed(cutflow, name)[f"{name}_cut"] for k, (name, *_) in enumerate(QUESTIONS)}
    assert found == {name: expected for name, *_, expected in QUESTIONS}


def test_members_of_two_collections_are_ambiguous() -> None:
    text = OBJECTS.replace("sum: [z, rest]", "sum: [z, others]") + ask("every.muons.pt", "> 5 GeV")
    with pytest.raises(CriteriaError, match=r"'every\.muons' in .*: 'muons' are members of leptons and of muons"):
        check_criteria(load_criteria("analysis: {slug: two}\n" + text))
