"""validate, diff, show, export, import, compile and answer on criteria: by name, by file, from standard input."""

import json
import subprocess
from pathlib import Path

from schemas.criteria_yaml import load_criteria
from tests.pipeline.calling import Called, call, clean_environment, command
from tests.schemas.examples import DIPHOTON, H4L


def pipe(text: str, *arguments: object) -> Called:
    """A call with text on standard input."""
    done = subprocess.run(
        command(*arguments),
        input=text,
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=300,
        check=False,
    )
    return Called(done.returncode, done.stdout, done.stderr)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_validate_lists_everything_about_several_documents(tmp_path: Path) -> None:
    good = write(tmp_path, "good.yaml", H4L)
    bad = write(tmp_path, "bad.yaml", H4L.replace("unit: GeV", "unit: Gev", 2).replace("mass(higgs)", "mass(higs)"))
    called = call("validate", good, bad, "h4l")
    assert called.code == 5
    assert f"{good}: valid, 23 cuts, 0 open questions" in called.out
    assert f"{bad}: 3 problems" in called.out
    assert "cut 'mu_pt': unit 'Gev' is not known; did you mean GeV?" in called.out
    assert "object 'jets' is used by no cut and no output" in called.out
    assert called.error_line().endswith(f"1 of 3 are not valid: {bad}")
    found = call("validate", good, bad, "--json").json()
    assert (found["valid"], [f["valid"] for f in found["files"]]) == (False, [True, False])
    assert len(found["files"][1]["problems"]) == 3
    assert found["error"]["exit_code"] == 5


def test_validate_reads_standard_input_and_binds_to_a_profile() -> None:
    called = pipe(H4L, "validate", "-", "--profile", "atlas_mini", "--json")
    assert called.code == 0, called.err
    found = called.json()
    assert found["valid"]
    assert "e_id" in [m["cut"] for m in found["not_evaluable"]]
    refused = pipe("objects: 5\n", "validate", "-")
    assert (refused.code, refused.error_line()) == (5, "paperfilter: -: objects: expected a list, found 5")


def test_diff_tells_by_meaning_and_by_exit_code(tmp_path: Path) -> None:
    first = write(tmp_path, "a.yaml", H4L)
    same = write(tmp_path, "b.yaml", H4L.replace("value: 7, unit: GeV", "value: 7000, unit: MeV"))
    other = write(tmp_path, "c.yaml", H4L.replace("value: 7, unit: GeV", "value: 10, unit: GeV"))
    alike = call("diff", first, same)
    assert alike.code == 0, alike.err
    assert "threshold: 7 GeV → 7000 MeV (the same)" in alike.out
    changed = pipe(H4L, "diff", "-", other, "--json")
    assert changed.code == 1
    assert not changed.json()["same"]
    assert [c["text"] for c in changed.json()["changes"]] == ["object electrons, cut e_pt: threshold: 7 GeV → 10 GeV"]
    named = call("diff", "h4l", "h4l")
    assert (named.code, named.out) == (0, "no differences\n")
    wrong = call("diff", first, write(tmp_path, "d.yaml", H4L.replace("mass(z2)", "mass(z9)")))
    assert wrong.code == 5
    assert "d.yaml: candidate 'z2', minimise: 'z9'" in wrong.error_line()


def test_export_and_import_keep_the_content(tmp_path: Path) -> None:
    source = write(tmp_path, "a.yaml", DIPHOTON)
    as_json = tmp_path / "a.json"
    assert call("export", source, "-o", as_json).code == 0
    back = call("import", as_json)
    assert back.code == 0, back.err
    assert load_criteria(back.out) == load_criteria(DIPHOTON)
    adl = tmp_path / "a.adl"
    assert call("export", source, "-o", adl).code == 0
    assert call("import", adl, "-o", tmp_path / "b.yaml").code == 0
    assert call("diff", source, tmp_path / "b.yaml").code == 0
    assert "\\begin" in call("export", source, "--form", "latex").out
    assert "| " in call("export", source, "--form", "markdown").out
    schema = call("export", "--form", "json-schema")
    assert json.loads(schema.out)["$id"].startswith("urn:")
    assert call("export", source).code == 2
    assert "no such file" in call("import", tmp_path / "none.adl").error_line()


def test_a_built_in_name_stands_for_its_criteria(tmp_path: Path) -> None:
    compiled = call("compile", "h4l", "-o", tmp_path / "h4l.py", cwd=tmp_path)
    assert compiled.code == 0, compiled.err
    assert "class Analysis" in (tmp_path / "h4l.py").read_text(encoding="utf-8")
    shown = call("show", "leptoquark", cwd=tmp_path, COLUMNS="200")
    assert shown.code == 0, shown.err
    for text in ("SSC 1.0", "lq: one each of lepton", "removed within ΔR < 0.4 of leptons", "stored and drawn"):
        assert text in shown.out
    unknown = call("compile", "h5l", cwd=tmp_path)
    assert unknown.code == 2
    assert "nor a built-in analysis" in unknown.error_line()


def test_an_answer_keeps_the_comments_of_a_file(tmp_path: Path) -> None:
    question = """
questions:
  # the table says otherwise
  - id: q1
    text: which one?
    why: text and table differ
    alternatives:
      - {key: low, text: 5 GeV, changes: [{id: mu_pt, variable: pt, operator: ">", threshold: {value: 5, unit: GeV}}]}
      - {key: high, text: 6 GeV, changes: [{id: mu_pt, variable: pt, operator: ">", threshold: {value: 6, unit: GeV}}]}
"""
    path = write(tmp_path, "mine.yaml", f"# mine\n{H4L}{question}")
    answered = call("answer", path, "q1=high", "--by", "Someone")
    assert answered.code == 0, answered.err
    text = path.read_text(encoding="utf-8")
    assert "# mine" in text
    assert "# the table says otherwise" in text
    (cut,) = [c for o in load_criteria(path).objects for c in o.cuts if c.id == "mu_pt"]
    assert (cut.status, cut.threshold.value if cut.threshold else None) == ("accepted", 6.0)


def test_import_lists_what_cannot_be_expressed_or_leaves_it_open(tmp_path: Path) -> None:
    file = tmp_path / "selection.adl"
    file.write_text(
        "object hard\n  take JET\n  select pT(JET) > 40\ndefine stransverse = fMT2(hard)\n"
        "region search\n  select size(hard) >= 3\n  select stransverse > 90\n  weight extra 1.5\n"
    )
    refused = call("import", file)
    assert refused.code == 5
    assert "line 4: 'fMT2'" in refused.error_line()
    assert len([line for line in refused.err.splitlines() if ": line " in line]) == 3  # two statements, and the error
    taken = call("import", file, "--partial")
    assert taken.code == 0, taken.err
    assert "weight extra 1.5" in taken.err
    assert [q.id for q in load_criteria(taken.out).questions] == ["adl_1", "adl_2"]
