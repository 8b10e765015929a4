"""Steps say what their objects lack in a format: a cut, a part of a union, an alternative."""

import re

import pytest

from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from schemas.backend import Backend
from schemas.criteria_yaml import load_criteria

CRITERIA = """
schema_version: "1.0"
analysis: {slug: losses}
objects:
  - {name: jets, base: jet, cuts: [{id: j_pt, variable: pt, operator: ">", threshold: {value: 25, unit: GeV}}]}
  - {name: bjets, base: jets, cuts: [{id: b_tag, variable: btag, operator: ">=", threshold: {label: nonsense}}]}
  - {name: muons, base: muon, cuts: [{id: m_pt, variable: pt, operator: ">", threshold: {value: 25, unit: GeV}}]}
candidates:
  - {name: bb, leading: bjets, n: 2}
variables:
  - {name: mbb, expression: mass(bb), unit: GeV}
regions:
  - name: sr
    cuts:
      - {id: plain, variable: count(jets), operator: ">=", threshold: {value: 2}}
      - {id: tagged, variable: count(bjets), operator: ">=", threshold: {value: 2}}
      - {id: heavy, variable: mbb, operator: ">", threshold: {value: 100, unit: GeV}}
      - {id: muon, variable: count(muons), operator: ">=", threshold: {value: 1}}
  - name: child
    parent: sr
    cuts: [{id: more, variable: count(bjets), operator: ">=", threshold: {value: 3}}]
"""


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_steps_name_what_their_objects_lack(backend: Backend) -> None:
    source = compile_analysis(load_criteria(CRITERIA), load_profile("atlas_mini"), backend).source
    labels = dict(re.findall(r'^        Step\("(\w+)", "(.*?)"[,)]', source, re.M))
    assert set(labels) == {"initial", "plain", "tagged", "heavy", "muon", "more"}
    assert re.search(r"\[without bjets: btag .*nonsense: not evaluable\]", labels["tagged"])
    for step in ("plain", "heavy", "muon", "more"):  # told once, where events first depend on it
        assert "without" not in labels[step]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_what_a_candidate_lacks_is_found_through_a_variable(backend: Backend) -> None:
    text = re.sub(r"      - \{id: tagged.*\n", "", CRITERIA)
    source = compile_analysis(load_criteria(text), load_profile("atlas_mini"), backend).source
    labels = dict(re.findall(r'^        Step\("(\w+)", "(.*?)"[,)]', source, re.M))
    assert re.search(r"\[without bjets: btag .*nonsense: not evaluable\]", labels["heavy"])
