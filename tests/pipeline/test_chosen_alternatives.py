"""Files that make the objects of a format in another way than its first: code and reports say so."""

import json
from pathlib import Path

from pipeline.run_store import list_runs
from tests.codegen.test_reading_jsonl import EVENTS
from tests.pipeline.calling import call
from tests.pipeline.test_run import UNSAFE


def test_a_run_tells_which_objects_the_files_make_otherwise(tmp_path: Path) -> None:
    lines = []
    for event in EVENTS:
        particles = [{k: v for k, v in p.items() if k != "status"} for p in event["data"]["particles"]]
        particles += [{**jet, "id": 0} for jet in event["data"]["jets"]]
        lines.append(json.dumps({"event_id": event["event_id"], "data": {"particles": particles}}))
    data = tmp_path / "merged.jsonl"
    data.write_text("\n".join(lines), encoding="utf-8")
    called = call("run", "leptoquark", "--data", data, "--runs-dir", tmp_path / "runs", *UNSAFE)
    assert called.code == 0, called.err
    (folder,) = list_runs(tmp_path / "runs")
    for told in (called.out, (folder / "report.md").read_text(), (folder / "report.html").read_text()):
        assert "Taken otherwise" in told
        assert "abs(id) == 13 and status == 1" in told.replace("\\", "")
        assert "id == 0 or id == 1000" in told.replace("\\", "")
    code = (folder / "analysis.py").read_text()
    assert (
        "electron: particles.* where abs(id) == 11 (instead of particles.* where abs(id) == 11 and status == 1)" in code
    )
    assert "jet: particles.* where id == 0 or id == 1000 (instead of jets.*)" in code
    assert "fat_jet" not in code  # the analysis reads none


def test_files_with_all_that_comes_first_have_nothing_to_tell(tmp_path: Path) -> None:
    data = tmp_path / "whole.jsonl"
    data.write_text("\n".join(map(json.dumps, EVENTS)), encoding="utf-8")
    called = call("compile", "leptoquark", "--data", data, "-o", tmp_path / "analysis.py")
    assert called.code == 0, called.err
    assert "Taken otherwise" not in (tmp_path / "analysis.py").read_text()


def test_profile_show_tells_the_other_ways() -> None:
    shown = call("profile", "show", "evtjsonl").out
    assert "in files without that: particles.* where abs(id) == 11;" in shown
    assert "in files without that: particles.* where id == 0 or id == 1000;" in shown
