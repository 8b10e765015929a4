"""Results go to disk and come back; what is damaged or of somebody else is told in one line."""

import json
import math
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.contest.contestants import Contestant
from benchmarks.contest.results import Results
from benchmarks.contest.storing import load_results, sort_rows, write_results
from benchmarks.contest.summary import ALL
from schemas.errors import PaperfilterError, RunFolderError
from tests.benchmarks.contest.drawn import draw_results, make_items, make_manifest, make_measure

NASTY = 'a "b", c|d\n<script>\r=1+1\u202e\x00 –'


@pytest.fixture(scope="module")
def results() -> Results:
    measures = [
        make_measure(hits=2, of=3, contestant=NASTY, kind="model", mode="bulk", simulated=True),
        make_measure("cost", None, contestant=NASTY, kind="model", mode="bulk", run=2),
        make_measure("seconds", 0.1 + 0.2),
        make_measure("precision", None, hits=0, of=0),
        make_measure("agreement", 1e-300, run=0),
    ]
    contestant = Contestant(name=NASTY, kind="model", simulated=True)
    return Results(tuple(measures), tuple(make_items(measures[0])), make_manifest([contestant]))


@pytest.mark.parametrize("kept", ["both", "csv", "parquet"])
def test_results_come_back_as_they_were(results: Results, tmp_path: Path, kept: str) -> None:
    for path in write_results(tmp_path / "out", results):
        if kept != "both" and path.suffix in {".csv", ".parquet"} - {f".{kept}"}:
            path.unlink()
    loaded = load_results(tmp_path / "out")
    assert loaded.measures == tuple(sort_rows(results.measures))
    assert loaded.items == tuple(sort_rows(results.items))
    assert loaded.manifest == results.manifest


def test_same_rows_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    results = draw_results({"a": 0.5, "b": 0.7}, papers=2, runs=2)
    turned = Results(results.measures[::-1], results.items[::-1], results.manifest)
    for first, second in zip(
        write_results(tmp_path / "a", results), write_results(tmp_path / "b", turned), strict=True
    ):
        assert first.read_bytes() == second.read_bytes(), first.name
    assert not list(tmp_path.glob("*/.tmp*"))


def test_empty_contest_is_one(tmp_path: Path) -> None:
    write_results(tmp_path, Results((), (), make_manifest([])))
    assert load_results(tmp_path).measures == ()


def test_nan_is_not_defined() -> None:
    assert make_measure("cost", math.nan).value is None


@pytest.mark.parametrize("fields", [{"hits": 4, "of": 3}, {"hits": 1}, {"value": math.inf}, {"run": -1}])
def test_rows_that_cannot_be_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        make_measure(**{"value": 0.5, **fields})


def _cut(folder: Path) -> None:
    path = folder / "measures.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def _exchange(folder: Path) -> None:
    pq.write_table(pa.table({"event": [1, 2], "weight": [0.5, 1.0]}), folder / "items.parquet")


def _edit(folder: Path) -> None:
    (folder / "measures.parquet").unlink()
    path = folder / "measures.csv"
    path.write_text(path.read_text("utf-8").replace("0.30000000000000004", "0.9"), "utf-8")


def _spoil(folder: Path) -> None:
    (folder / "items.parquet").unlink()
    path = folder / "items.csv"
    path.write_text(path.read_text("utf-8").replace("true", "perhaps"), "utf-8")


def _shorten(folder: Path) -> None:
    (folder / "items.parquet").unlink()
    path = folder / "items.csv"
    path.write_text(path.read_text("utf-8") + "extract,rules\n", "utf-8")


def _mix(folder: Path) -> None:
    other = Results((make_measure("seconds", 2.0),), (), make_manifest())
    write_results(folder / "other", other)
    (folder / "other" / "measures.parquet").replace(folder / "measures.parquet")


def _write_binary(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_cut, "measures.parquet: it is no table of a contest"),
        (_exchange, "items.parquet: it is no table of a contest.*event, weight"),
        (_edit, "measures.csv: it was changed"),
        (_spoil, "items.csv: it is no table of a contest.*(simulated|hit)"),
        (_shorten, "items.csv: it is no table of a contest.*too many or too few fields"),
        (_mix, "measures.parquet: it was changed, or belongs to another manifest"),
        (_write_binary, "manifest.json: it is no manifest"),
        (lambda folder: (folder / "manifest.json").write_text("[1, 2]"), "manifest.json: it is no manifest"),
        (lambda folder: (folder / "manifest.json").write_text('{"made": "now"}'), "manifest.json: it is no manifest"),
        (lambda folder: (folder / "manifest.json").unlink(), "there is no manifest.json"),
        (lambda folder: [p.unlink() for p in folder.glob("items.*")], "neither items.parquet nor items.csv"),
    ],
)
def test_damage_is_told_in_one_line(results: Results, tmp_path: Path, damage, told: str) -> None:
    write_results(tmp_path, results)
    damage(tmp_path)
    with pytest.raises(RunFolderError, match=told) as raised:
        load_results(tmp_path)
    assert "\n" not in str(raised.value)


ROW = make_measure(hits=1, of=2)


@pytest.mark.parametrize(
    ("measures", "items", "told"),
    [
        ((ROW, ROW), make_items(ROW), "recall of rules, one, rules, run 1 is there twice"),
        ((ROW,), make_items(ROW)[:1], "recall of .* counts 1 of 2, its items 1 of 1"),
        ((), make_items(ROW), "recall has items and no measure"),
        ((make_measure("seconds", 1.0, subject=ALL),), (), "a paper is called"),
    ],
)
def test_rows_that_contradict_each_other_are_not_written(tmp_path: Path, measures, items, told: str) -> None:
    with pytest.raises(PaperfilterError, match=told):
        write_results(tmp_path, Results(tuple(measures), tuple(items), make_manifest()))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["measures.parquet", "items.parquet", "items.csv", "manifest.json"])
def test_flipped_bytes_never_change_a_number(tmp_path: Path, name: str) -> None:
    results = draw_results({"a": 0.5}, papers=1, runs=2, criteria=5)
    write_results(tmp_path, results)
    good, whole = load_results(tmp_path), (tmp_path / name).read_bytes()
    if name == "items.csv":
        (tmp_path / "items.parquet").unlink()
    dice = random.Random(name)
    told = []
    for _ in range(40):
        flipped = bytearray(whole)
        flipped[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        (tmp_path / name).write_bytes(flipped)
        try:
            loaded = load_results(tmp_path)
            assert (loaded.measures, loaded.items) == (good.measures, good.items)
        except RunFolderError as error:
            told.append(str(error))
    assert len(told) > 20
    assert "\n" not in "".join(told)


def test_metric_of_another_version_is_told(tmp_path: Path) -> None:
    write_results(tmp_path, Results((make_measure("charm", 1.0),), (), make_manifest()))
    with pytest.raises(RunFolderError, match="'charm'; update paperfilter"):
        load_results(tmp_path)


def test_folder_that_cannot_be_written(results: Results, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="--out"):
        write_results(tmp_path / "file" / "below", results)
    with pytest.raises(RunFolderError, match=r"there is no manifest\.json; give the folder"):
        load_results(tmp_path / "nothing")
    (tmp_path / "cells").mkdir()
    with pytest.raises(RunFolderError, match="did not come to its end"):
        load_results(tmp_path)


def test_manifest_has_no_name_that_drives_a_terminal(results: Results, tmp_path: Path) -> None:
    write_results(tmp_path, results)
    text = (tmp_path / "manifest.json").read_text("utf-8")
    assert "\u202e" not in text
    assert json.loads(text)["contestants"][0]["name"] == NASTY
