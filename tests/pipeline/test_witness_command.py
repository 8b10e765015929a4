"""`paperfilter witness`: a right program passes, a wrong one is named, and the search is kept."""

from pathlib import Path

import pytest

from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from schemas.criteria_yaml import load_criteria
from tests.pipeline.calling import Called, call

CRITERIA = """
analysis: {slug: tiny}
objects:
  - {name: muons, base: muon, cuts: [
      {id: mu_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}},
      {id: mu_eta, variable: abs(eta), operator: "<", threshold: {value: 2.5}}]}
regions:
  - {name: signal, cuts: [{id: two, variable: count(muons), operator: ">=", threshold: {value: 2}}]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("witness")
    (made / "tiny.yaml").write_text(CRITERIA, encoding="utf-8")
    return made


def witness(folder: Path, *arguments: object) -> Called:
    return call("witness", folder / "tiny.yaml", *arguments, cwd=folder, XDG_CACHE_HOME=str(folder / "cache"))


def test_own_code_passes_and_the_search_is_kept(folder: Path) -> None:
    first = witness(folder, "--out", folder / "first")
    assert first.code == 0, first.err
    assert first.out.count("implemented") == 3
    assert "witness events, which tell" in first.err
    again = witness(folder, "--out", folder / "again", "--json")
    assert (again.code, again.err) == (0, "")
    report = again.json()
    assert report["right"]
    assert {v["verdict"] for v in report["verdicts"]} == {"implemented"}
    assert (folder / "again" / "witnesses.md").read_text() == (folder / "first" / "witnesses.md").read_text()
    (kept,) = (folder / "cache" / "paperfilter" / "witness").iterdir()
    kept.write_text("{", encoding="utf-8")
    searched = witness(folder, "-q")
    assert (searched.code, searched.out, searched.err) == (0, "", "")
    assert len(kept.read_text(encoding="utf-8")) > 1


def test_a_program_that_crashes_has_no_tick(folder: Path) -> None:
    (folder / "crash.py").write_text("raise ValueError('boom')", encoding="utf-8")
    called = witness(folder, "--code", folder / "crash.py")
    (line,) = [t for t in called.err.splitlines() if "boom" in t]
    assert (called.code, line.startswith("✗ run")) == (1, True)


def test_a_wrong_program_is_named_at_its_cut(folder: Path) -> None:
    source = compile_analysis(load_criteria(CRITERIA), load_profile("atlas_mini")).source
    assert "_pt > 20" in source
    wrong = folder / "wrong.py"
    wrong.write_text(source.replace("_pt > 20", "_pt >= 20"), encoding="utf-8")
    called = witness(folder, "--code", wrong, "--json")
    assert called.code == 1, called.err
    (bad,) = [v for v in called.json()["verdicts"] if v["verdict"] != "implemented"]
    assert (bad["item"], bad["verdict"]) == ("mu_pt", "wrong")
    assert ">= for > (strictness)" in bad["likely"]
    shown = witness(folder, "--code", wrong)
    assert (shown.code, "mu_pt" in shown.out, "wrong" in shown.out) == (1, True, True)
