"""Programs with one mistake, made in the text of compiled code, are named at the right cut."""

from pathlib import Path

import pytest

from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from codegen.witness.collecting import WitnessSet, collect_witnesses
from codegen.witness.judging import judge, read_marks, read_outputs
from codegen.witness.writing import write_events
from pipeline.witnessing import examine, write_witnesses
from schemas.criteria_yaml import load_criteria
from schemas.verdict import Verdict
from tests.codegen.programs import run_program

CRITERIA = """
analysis: {slug: small}
objects:
  - {name: muons, base: muon, cuts: [
      {id: mu_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}},
      {id: mu_eta, variable: abs(eta), operator: "<", threshold: {value: 2.5}},
      {id: mu_d0, variable: abs(d0), operator: "<", threshold: {value: 0.5, unit: mm}}]}
  - {name: jets, base: jet, cuts: [{id: j_pt, variable: pt, operator: ">", threshold: {value: 30, unit: GeV}}],
     remove_overlap: [{with: muons, deltaR: 0.4}]}
candidates:
  - {name: z, pair: muons, require: [opposite_charge], minimise: abs(mass(z) - mZ)}
variables:
  - {name: mz, expression: mass(z)}
regions:
  - name: signal
    cuts:
      - {id: pair, variable: count(z), operator: ">=", threshold: {value: 1}}
      - {id: leading, variable: "muons[0].pt", operator: ">", threshold: {value: 25, unit: GeV}}
      - {id: window, variable: mz, operator: between, threshold: {range: [66, 116], unit: GeV}}
      - {id: few_jets, variable: count(jets), operator: "<=", threshold: {value: 1}}
outputs: [mz]
"""


@pytest.fixture(scope="module")
def found() -> WitnessSet:
    return collect_witnesses(load_criteria(CRITERIA), load_profile("atlas_mini"))


@pytest.fixture(scope="module")
def source(found: WitnessSet) -> str:
    return compile_analysis(load_criteria(CRITERIA), found.layout.profile).source


@pytest.fixture(scope="module")
def data(found: WitnessSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("witness") / "witness.root"
    write_events(path, found.layout, [w.event for w in found.witnesses])
    return path


def judge_program(found: WitnessSet, program: str, data: Path, folder: Path) -> dict[str, Verdict]:
    cutflow, table = run_program(program, data, folder)
    marks = read_marks(cutflow, found.interpreter, len(found.witnesses), read_outputs(table, found.interpreter))
    verdicts = judge(found.interpreter, found.witnesses, found.unreached, marks, found.killed)
    return {v.item: v for v in verdicts}


def test_every_cut_has_witnesses_and_right_code_passes(
    found: WitnessSet, source: str, data: Path, tmp_path: Path
) -> None:
    verdicts = judge_program(found, source, data, tmp_path)
    assert {v.verdict for v in verdicts.values()} == {"implemented"}
    cuts = {"mu_pt", "mu_eta", "mu_d0", "j_pt", "jets near muons", "pair", "leading", "window", "few_jets"}
    assert cuts <= {w.item for w in found.witnesses}
    assert [s for s in found.survivors if not s.equivalent] == []


def test_events_inside_and_outside_differ_in_one_cut(found: WitnessSet) -> None:
    inside = {w.item: w for w in found.witnesses if w.shows == "just inside"}
    outside = {w.item: w for w in found.witnesses if w.shows == "just outside"}
    for item in ("leading", "few_jets"):
        a, b = (found.interpreter.run(w[item].event) for w in (inside, outside))
        assert {k for k in a.passed if a.passed[k] != b.passed[k]} == {item}
        assert a.last["signal"] == 4
        assert b.last["signal"] == ["pair", "leading", "window", "few_jets"].index(item)


CHOICE = "choose(allowed, abs(muon_pairs_opposite_charge.p4.mass - mZ))"

# what stands in the code, what is put in its place, the cut that is wrong then, and what it looks like
CHANGES = [
    ("lep_pt > 20", "lep_pt >= 20", "mu_pt", ">= for >"),
    ("lep_pt > 20", "lep_pt > 21", "mu_pt", ""),
    ("abs(lep_eta) < 2.5", "lep_eta < 2.5", "mu_eta", "without abs"),
    ("abs(lep_d0) < 0.5", "abs(lep_d0) < 5", "mu_d0", "cm for mm"),
    ("jet_pt > 30", "jet_pt > 25", "j_pt", "for 30"),
    ("away_from(muons, 0.4)", "away_from(muons, 0.2)", "jets near muons", "overlap"),
    (CHOICE, CHOICE.replace("abs", "-abs"), "z", "largest for smallest"),
    ("x > 25", "x < 25", "leading", "< for >"),
    ("(66 < mz)", "(60 < mz)", "window", "61.38 for 66"),
    ("x <= 1", "x < 1", "few_jets", "< for <="),
]


@pytest.mark.parametrize(("right", "wrong", "item", "likely"), CHANGES)
def test_a_mistake_in_the_code_is_named_at_its_cut(
    right: str, wrong: str, item: str, likely: str, found: WitnessSet, source: str, data: Path, tmp_path: Path
) -> None:
    assert right in source
    verdicts = judge_program(found, source.replace(right, wrong), data, tmp_path)
    bad = {name: v for name, v in verdicts.items() if v.verdict in ("wrong", "absent")}
    assert set(bad) == {item}
    assert bad[item].event is not None
    assert bad[item].expected != bad[item].found
    assert likely in " ".join(bad[item].likely)


@pytest.mark.parametrize(("right", "wrong", "item"), [
    ("lep_pt > 20", "lep_pt > 20000", "mu_pt"), ("x <= 1", "x == x", "few_jets"),
])  # fmt: skip
def test_a_mistake_that_looks_like_others_is_among_those_that_are_named(
    right: str, wrong: str, item: str, found: WitnessSet, source: str, data: Path, tmp_path: Path
) -> None:
    verdicts = judge_program(found, source.replace(right, wrong), data, tmp_path)
    assert verdicts[item].verdict == "wrong"
    assert verdicts[item].likely


def test_a_step_that_is_not_there_is_absent(found: WitnessSet, data: Path, tmp_path: Path) -> None:
    short = load_criteria(CRITERIA.replace('      - {id: leading, variable: "muons[0].pt", operator: ">", threshold: '
                                           "{value: 25, unit: GeV}}\n", ""))  # fmt: skip
    program = compile_analysis(short, found.layout.profile).source
    verdicts = judge_program(found, program, data, tmp_path)
    assert verdicts["leading"].verdict in ("absent", "wrong")
    assert {v.verdict for name, v in verdicts.items() if name != "leading"} == {"implemented"}


UNUSED = """
analysis: {slug: unused}
objects:
  - {name: muons, base: muon, cuts: [{id: mu_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}}]}
  - {name: jets, base: jet, cuts: [{id: j_pt, variable: pt, operator: ">", threshold: {value: 30, unit: GeV}}],
     remove_overlap: [{with: muons, deltaR: 0.4}]}
regions:
  - {name: signal, cuts: [{id: two, variable: count(muons), operator: ">=", threshold: {value: 2}}]}
"""


def test_what_no_region_depends_on_is_not_witnessed(tmp_path: Path) -> None:
    unused = collect_witnesses(load_criteria(UNUSED), load_profile("atlas_mini"))
    # the removal turned round would take muons away, which shows: that is no sign of the removal itself
    assert "the other way round" in {m.text for m in unused.killed if m.item == "jets near muons"}
    path = tmp_path / "witness.root"
    write_events(path, unused.layout, [w.event for w in unused.witnesses])
    program = compile_analysis(load_criteria(UNUSED), unused.layout.profile).source
    verdicts = judge_program(unused, program, path, tmp_path)
    assert {v.item for v in verdicts.values() if v.verdict == "implemented"} == {"mu_pt", "two"}
    for item in ("j_pt", "jets near muons"):
        assert verdicts[item].verdict == "not witnessed"
        assert "depends on it" in verdicts[item].detail


def test_the_same_criteria_give_the_same_events(found: WitnessSet) -> None:
    again = collect_witnesses(load_criteria(CRITERIA), load_profile("atlas_mini"))
    assert again.witnesses == found.witnesses


def test_code_that_fails_is_a_result_in_one_line(found: WitnessSet, tmp_path: Path) -> None:
    path = write_witnesses(found, tmp_path)
    for text, says in (("raise SystemExit('no luck')", "no luck"), ("print('done')", "wrote no output")):
        program = tmp_path / "analysis.py"
        program.write_text(text, encoding="utf-8")
        report = examine(found, program, path, tmp_path, unsafe=True)
        assert report.problem is not None
        assert says in report.problem
        assert "\n" not in report.problem
        assert not report.right
