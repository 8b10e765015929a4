"""The plain-Python meaning of criteria against compiled code, on random events written in each format."""

import math
from pathlib import Path

import pytest

from codegen.compile import compile_analysis
from codegen.witness.collecting import prepare
from codegen.witness.differences import Marks, mark_steps, tell_apart
from codegen.witness.judging import read_marks, read_outputs
from codegen.witness.layout import Layout
from codegen.witness.making import Maker
from codegen.witness.stored import Event
from codegen.witness.writing import write_events
from pipeline.compiling import find_profile
from schemas.criteria_yaml import load_criteria
from tests.codegen.programs import run_program
from tests.codegen.test_excluding import OBJECTS as OBJECTS_EXCLUDING
from tests.codegen.test_excluding import QUESTIONS
from tests.codegen.test_meaning import ask
from tests.schemas.examples import DIPHOTON, H4L, LEPTOQUARK

RULES = """
analysis: {slug: rules}
objects:
  - name: electrons
    base: electron
    cuts: [{id: e_pt, variable: pt, operator: ">", threshold: {value: 10, unit: GeV}}]
  - {name: muons, base: muon, cuts: [{id: mu_pt, variable: pt, operator: ">=", threshold: {value: 8000, unit: MeV}}]}
  - {name: leptons, union: [electrons, muons]}
  - name: jets
    base: jet
    cuts:
      - {id: j_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}}
      - {id: j_in, variable: abs(eta), operator: "<", threshold: {value: 1.5}, group: where}
      - {id: j_hard, variable: pt, operator: ">", threshold: {value: 60, unit: GeV}, group: where}
      - {id: j_edge, variable: abs(eta), operator: "<", threshold: {value: 2.1}, condition: pt < 40}
  - {name: hard, base: jets, cuts: [{id: h_pt, variable: pt, operator: ">", threshold: {value: 50, unit: GeV}}]}
overlap: [{remove: electrons, near: muons, deltaR: 0.3}, {remove: jets, near: electrons, deltaR: 0.5}]
candidates:
  - {name: z, pair: leptons, require: [opposite_charge], minimise: abs(mass(z) - mZ), select: [
      {id: z_apart, variable: deltaR(z), operator: ">", threshold: {value: 0.2}}]}
  - {name: third, leading: leptons, n: 1, exclude: [z]}
  - {name: two, pair: jets, pairing: [wa, wb], minimise: ["abs(mass(wa) - mass(wb))"]}
variables:
  - {name: mz, expression: mass(z)}
  - {name: busy, expression: count(hard) >= 2 or any(jets.pt > 100)}
regions:
  - name: one
    cuts:
      - {id: n, variable: count(leptons), operator: ">=", threshold: {value: 2}}
      - {id: mz_range, variable: mz, operator: outside, threshold: {range: [20, 60], closed: left, unit: GeV}}
      - {id: not_busy, variable: busy, operator: fail}
      - {id: spread, variable: "deltaR(pairs(leptons, opposite_charge))", quantifier: any, operator: ">",
         threshold: {value: 1}}
  - name: two_jets
    parent: one
    cuts:
      - {id: no_third, variable: third.pt, operator: "<", condition: count(third) == 1,
         threshold: {expression: "interp(mz, [60, 120], [15, 40])", unit: GeV}}
      - {id: sum, variable: sum(leptons.charge), operator: in, threshold: {values: [0, 1]}}
outputs: [mz]
"""

EXCLUDING = f"analysis: {{slug: excluding}}\n{OBJECTS_EXCLUDING}" + "".join(
    ask(variable, test.replace("==", ">"), name) for name, variable, test, *_ in QUESTIONS
)


def spoil(event: Event, layout: Layout, number: int) -> Event:
    """The event with something that files have: a missing value, or the same object twice."""
    changed = event.copy()
    for prefix, rows in changed.stored.items():
        smooth = sorted(name for name, c in layout.stored[prefix].items() if c.free and not c.whole and not c.flag)
        if rows and smooth and number % 5 == 0:
            rows[-1][smooth[number % len(smooth)]] = math.nan
        if number % 7 == 0:
            rows += [dict(row) for row in rows[:1]]
    return changed


@pytest.mark.parametrize(("profile", "criteria"), [
    ("atlas_mini", EXCLUDING), ("nanoaod", EXCLUDING),
    ("atlas_mini", H4L), ("atlas_mini", DIPHOTON), ("atlas_mini", LEPTOQUARK), ("atlas_mini", RULES),
    ("nanoaod", H4L), ("nanoaod", RULES), ("evtjsonl", RULES), ("atlas_physlite", RULES),
])  # fmt: skip
def test_the_interpreter_agrees_with_compiled_code(profile: str, criteria: str, tmp_path: Path) -> None:
    ssc = load_criteria(criteria)
    fitted, layout, interpreter = prepare(ssc, find_profile(profile))
    maker = Maker(layout, interpreter.checked, seed=3)
    events = [maker.make_event(0, 4) for _ in range(120)]
    if profile != "evtjsonl":  # JSON has no NaN
        events = [spoil(event, layout, k) for k, event in enumerate(events)]
    path = tmp_path / ("events.jsonl" if fitted.reader == "jsonl" else "events.root")
    write_events(path, layout, events)
    bound = find_profile(profile, [path])
    assert bound.weights is not None  # code that is bound to simulation finds its weights in made-up events
    program = compile_analysis(ssc, bound)
    cutflow, table = run_program(program.source, path, tmp_path)
    found = read_marks(cutflow, interpreter, len(events), read_outputs(table, interpreter))
    expected: list[Marks] = [mark_steps(interpreter, interpreter.run(event)) for event in events]
    differing = [k for k in range(len(events)) if tell_apart(expected[k], found[k])]
    assert differing == []
    kept = [sum(bool(marks[key]) for marks in expected) for key in expected[0] if key[1] not in ("", "(end)")]
    assert any(0 < number < len(events) for number in kept)  # the events are no trivial ones
