"""The compiled program as a program: its command line, what it says about bad data, and hostile text in criteria."""

import ast
import csv
import subprocess
import sys
from pathlib import Path

import pytest
import uproot

from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from schemas.criteria import Cut, SelectionCriteria
from schemas.criteria_yaml import load_criteria
from schemas.cutflow import Cutflow
from schemas.evidence import Evidence
from tests.codegen.mini_files import make_object, read_json, write_mini
from tests.schemas.examples import DIPHOTON, H4L

PHOTONS = [{"photon": [make_object(60, 0.1, 0.0, isTightID=1), make_object(60, 0.2, 3.0, isTightID=1)]}]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("program") / "analysis.py"
    path.write_text(compile_analysis(load_criteria(DIPHOTON), load_profile("atlas_mini")).source, encoding="utf-8")
    return path


def run(program: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error::RuntimeWarning", str(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=program.parent)


def test_results_are_files_of_known_shape(program: Path, tmp_path: Path) -> None:
    write_mini(tmp_path / "a.root", PHOTONS)
    write_mini(tmp_path / "b.root", [{**PHOTONS[0], "eventNumber": 2, "channelNumber": 7, "mcWeight": 2.5}])
    done = run(program, "--out", tmp_path / "out", str(tmp_path / "*.root"))
    assert done.returncode == 0, done.stderr
    cutflow = Cutflow.model_validate_json((tmp_path / "out" / "cutflow.json").read_text(encoding="utf-8"))
    assert (cutflow.analysis, cutflow.profile, cutflow.made_by) == ("diphoton", "atlas_mini", "compiler")
    assert [s.id for s in cutflow.regions[0].steps] == ["initial", "two_photons", "y1_rel", "y2_rel", "window"]
    assert [r.parent for r in cutflow.regions] == [None, "preselection", "preselection", "non_tight"]
    last = cutflow.regions[0].steps[-1]
    # The second event is simulated: its weight is normalised to the luminosity, 1 pb at 10.064 fb-1.
    assert (last.count, last.weighted) == (2, pytest.approx(1 + 2.5 * 10064))
    assert last.uncertainty == pytest.approx((1 + (2.5 * 10064) ** 2) ** 0.5)
    histograms = read_json(tmp_path / "out" / "histograms.json")["histograms"]
    assert {(h["variable"], h["region"]) for h in histograms} == {("myy", r.name) for r in cutflow.regions}
    drawn = histograms[0]
    assert len(drawn["edges"]) == len(drawn["counts"]) + 1 == len(drawn["variances"]) + 1
    assert sum(drawn["counts"]) + drawn["underflow"] + drawn["overflow"] == pytest.approx(last.weighted)
    with (tmp_path / "out" / "candidates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["region"], r["eventNumber"]) for r in rows] == [(r, e) for r in ("preselection", "tight") for e in "12"]
    assert 110 < float(rows[0]["myy"]) < 130


@pytest.mark.parametrize(("broken", "says"), [
    ("tree", "has no tree 'mini'; it has other"),
    ("branch", "lacks photon_E"),
    ("text", "cannot be read as a ROOT file"),
    ("empty", "cannot be read as a ROOT file: it is empty (0 bytes)"),
    ("short", "cannot be read"),
    ("damaged", "data.root, events 0 to 1 cannot be read: "),
    ("folder", "data.root is a folder; name its files, for example '"),
    ("nothing", "no file matches"),
    ("twice", "1 event keys occur more than once, for example runNumber 0, eventNumber 1, channelNumber 0"),
])  # fmt: skip
def test_bad_data_is_one_clear_line(program: Path, tmp_path: Path, broken: str, says: str) -> None:
    files = [tmp_path / "data.root"]
    match broken:
        case "tree":
            write_mini(files[0], PHOTONS, tree="other")
        case "branch":
            write_mini(files[0], PHOTONS, drop=["photon_E"])
        case "text":
            files[0].write_text("<html>not found</html>", encoding="utf-8")
        case "empty":
            files[0].touch()
        case "short":
            content = write_mini(files[0], PHOTONS).read_bytes()
            files[0].write_bytes(content[: len(content) * 2 // 3])
        case "damaged":
            with uproot.open(write_mini(files[0], PHOTONS)) as file:
                (seek,) = file["mini"]["photon_pt"].member("fBasketSeek")[:1]
            content = files[0].read_bytes()
            files[0].write_bytes(content[:seek] + b"\xff" * 40 + content[seek + 40 :])
        case "folder":
            files[0].mkdir()
        case "twice":
            files = [write_mini(tmp_path / name, PHOTONS) for name in ("one.root", "two.root")]
    done = run(program, "--out", tmp_path / "out", *files)
    assert done.returncode == 4
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("analysis.py: ")
    assert says in line
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "cutflow.json").exists()


def test_a_folder_that_cannot_be_written_is_named_first(program: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run(program, "--out", tmp_path / "file" / "out", tmp_path / "nothing.root")
    assert done.returncode == 8
    assert done.stderr.startswith("analysis.py: cannot write to")


def test_a_failing_run_leaves_no_old_results_and_no_folder(program: Path, tmp_path: Path) -> None:
    write_mini(tmp_path / "a.root", PHOTONS)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "notes.txt").touch()
    assert run(program, "--out", tmp_path / "kept", tmp_path / "a.root").returncode == 0
    names = {"notes.txt", "cutflow.json", "histograms.json", "candidates.csv"}
    assert {p.name for p in (tmp_path / "kept").iterdir()} == names
    assert run(program, "--out", tmp_path / "kept", tmp_path / "nope.root").returncode == 4
    assert [p.name for p in (tmp_path / "kept").iterdir()] == ["notes.txt"]
    assert run(program, "--out", tmp_path / "new" / "out", tmp_path / "nope.root").returncode == 4
    assert not (tmp_path / "new").exists()


def test_a_cutflow_that_cannot_be_written_is_one_line(program: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "cutflow.json").mkdir(parents=True)
    done = run(program, "--out", tmp_path / "out", write_mini(tmp_path / "a.root", PHOTONS))
    assert (done.returncode, len(done.stderr.splitlines())) == (8, 1)
    assert done.stderr.startswith("analysis.py: cannot write to")
    assert "cutflow.json" in done.stderr


def test_a_file_given_twice_is_used_once_and_told(program: Path, tmp_path: Path) -> None:
    path = write_mini(tmp_path / "a.root", PHOTONS)
    done = run(program, "--out", tmp_path / "out", path, str(tmp_path / "*.root"))
    assert (done.returncode, done.stderr) == (0, f"analysis.py: {path} is given 2 times and used once\n")


def test_an_empty_tree_gives_zeros_in_silence(program: Path, tmp_path: Path) -> None:
    write_mini(tmp_path / "empty.root", [])
    done = run(program, "--out", tmp_path / "out", tmp_path / "empty.root")
    assert (done.returncode, done.stderr) == (0, "")
    cutflow = Cutflow.model_validate_json((tmp_path / "out" / "cutflow.json").read_text(encoding="utf-8"))
    assert cutflow.n_events == 0
    assert {s.count for r in cutflow.regions for s in r.steps} == {0}
    assert len(read_json(tmp_path / "out" / "histograms.json")["histograms"]) == 4


def test_explain_writes_what_was_compared(program: Path, tmp_path: Path) -> None:
    write_mini(tmp_path / "a.root", [*PHOTONS, {"photon": []}])
    (tmp_path / "keys.json").write_text("[[0, 1, 0], [0, 2, 0], [9, 9, 9]]", encoding="utf-8")
    done = run(program, "--out", tmp_path, "--explain", tmp_path / "keys.json", tmp_path / "a.root")
    assert done.returncode == 0, done.stderr
    events = {tuple(e["key"]): e for e in read_json(tmp_path / "values.json")["events"]}
    assert set(events) == {(0, 1, 0), (0, 2, 0)}
    assert events[0, 1, 0]["values"]["both_tight"] == [1.0, 1.0]
    assert events[0, 2, 0]["last_step"] == {"preselection": "initial"}
    assert events[0, 2, 0]["values"]["two_photons"] == 0.0


HOSTILE = (
    "fine\n        import os; os.system('true')",
    'quote """ + exit() + """',
    "back\\slash \\x22\\n and 'single'",
    "\u202e#reversed\u2066 \u2028line\u2029 \x0c\x85 \r import sys",
    "{braces} %s %(name)s \N{MATHEMATICAL ITALIC SMALL P}T > 7",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_paper_never_becomes_code(text: str) -> None:
    criteria = load_criteria(H4L)
    evidence = Evidence(
        document_id="x", page=1, quote=(text,), alignment="exact", number="ok", unit="ok", operator="ok", polarity="ok"
    )

    def spoil(cut: Cut) -> Cut:
        return cut.model_copy(update={"evidence": (evidence,), "note": text})

    def spoil_all(criteria: SelectionCriteria) -> SelectionCriteria:
        return criteria.model_copy(update={
            "analysis": criteria.analysis.model_copy(update={"title": text, "paper": text}),
            "objects": tuple(
                o.model_copy(update={"cuts": tuple(map(spoil, o.cuts)), "note": text}) for o in criteria.objects
            ),
            "candidates": tuple(
                c.model_copy(update={"evidence": (evidence,), "note": text}) for c in criteria.candidates
            ),
            "regions": tuple(
                r.model_copy(update={"cuts": tuple(map(spoil, r.cuts)), "note": text}) for r in criteria.regions
            ),
        })  # fmt: skip

    profile = load_profile("atlas_mini")
    clean = ast.parse(compile_analysis(criteria, profile).source)
    source = compile_analysis(spoil_all(criteria), profile).source
    spoiled = ast.parse(source)
    for tree in (clean, spoiled):
        del tree.body[0]  # the docstring: data, and the only place where text stands outside comments
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name == "Analysis":
                del node.body[0]
    assert ast.dump(spoiled) == ast.dump(clean)
    assert not set(source) & set("\u202e\u2066\u2028\u2029\x0c\x85\r")
