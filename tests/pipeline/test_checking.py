"""Criteria that are checked without running them, for a data format."""

from pathlib import Path

from tests.pipeline.calling import call

JETS = "objects: [{name: jets, base: jet, cuts: []}]\n"


def write_region(variable: str) -> str:
    cut = f'{{id: n, variable: {variable}, operator: ">=", threshold: {{value: 1}}}}'
    return f"regions: [{{name: r, cuts: [{cut}]}}]\n"


def test_each_of_several_criteria_is_judged_for_a_profile(tmp_path: Path) -> None:
    texts = {"good": JETS + write_region("count(jets)"), "none": JETS, "unknown": JETS + write_region("n_vertices")}
    files = [tmp_path / f"{name}.yaml" for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.write_text(text)
    called = call("validate", "--profile", "atlas_mini", *files, "--json")
    assert called.code == 5
    judged = called.json()["files"]
    assert [one["valid"] for one in judged] == [True, False, False]
    assert "no region" in judged[1]["problems"][0]
    assert "none of its cuts" in judged[2]["problems"][0]
    assert "no region" in call("compile", files[1]).error_line()
