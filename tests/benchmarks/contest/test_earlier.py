"""What a later command in the same folder leaves of the results, and what it says about the rest."""

import os
from pathlib import Path

import pytest

from benchmarks.contest.contestants import Contestant
from benchmarks.contest.earlier import SAFE, Joined, join_earlier, write_joined
from benchmarks.contest.results import MANIFEST, SIMULATED, Results, name_scorer
from benchmarks.contest.storing import load_results, write_results
from pipeline.files import write_atomically
from tests.benchmarks.contest.drawn import RULES, make_items, make_manifest, make_measure

Rows = dict[tuple[str, str, str], int]  # contestant, paper, mode: criteria that it found


def hold(
    rows: Rows, *, scorer: str = "s1", gold: str = "g1", made: str = "v1", runs: int = 1, notes: tuple[str, ...] = ()
) -> Results:
    """A contest of these; `made` is how all of them were made."""
    names = dict.fromkeys(name for name, _, _ in rows)
    who = [Contestant(name=n, kind="model", model=n.split(",")[0]) if n != "rules" else RULES for n in names]
    measures = tuple(
        make_measure(hits=hits, of=9, contestant=n, kind="rules" if n == "rules" else "model", subject=p, mode=m, run=r)
        for (n, p, m), hits in rows.items()
        for r in range(1, runs + 1)
    )
    manifest = make_manifest(
        who, code={"extract": made, name_scorer("extract"): scorer}, making=dict.fromkeys(names, made), notes=notes,
        subjects={paper: {"gold": gold, "pdf": "p1"} for _, paper, _ in rows}, runs=runs,
        modes=tuple(dict.fromkeys(mode for _, _, mode in rows)), seeds={n: tuple(range(runs)) for n in names},
    )  # fmt: skip
    return Results(measures, tuple(item for m in measures for item in make_items(m)), manifest)


def list_rows(results: Results) -> Rows:
    assert {(m.contestant, m.subject, m.mode): 9 for m in results.measures} == {
        (m.contestant, m.subject, m.mode): sum(
            (i.contestant, i.subject, i.mode, i.run) == (m.contestant, m.subject, m.mode, m.run) for i in results.items
        )
        for m in results.measures
    }
    return {(m.contestant, m.subject, m.mode): m.hits or 0 for m in results.measures}


RULES_ONE, A_BULK, A_CHUNK, A_TWO = ("rules", "one", "rules"), ("a", "one", "bulk"), ("a", "one", "chunk"), (
    "a", "two", "bulk",
)  # fmt: skip
B_BULK = ("b", "one", "bulk")


def test_contestants_papers_and_modes_that_are_not_named_stay() -> None:
    before = hold({RULES_ONE: 5, A_BULK: 6, A_CHUNK: 7, A_TWO: 8, ("rules", "two", "rules"): 4}, runs=3)
    joined, remarks = join_earlier(hold({RULES_ONE: 5, B_BULK: 3}), before, "extract")
    assert remarks == ()
    assert list_rows(joined) == {
        RULES_ONE: 5, B_BULK: 3, A_BULK: 6, A_CHUNK: 7, A_TWO: 8, ("rules", "two", "rules"): 4,
    }  # fmt: skip
    assert [c.name for c in joined.manifest.contestants] == ["rules", "b", "a"]
    assert (set(joined.manifest.subjects), joined.manifest.modes) == ({"one", "two"}, ("rules", "bulk", "chunk"))
    assert joined.manifest.seeds["a"] == (0, 1, 2)
    again, remarks = join_earlier(hold({RULES_ONE: 5, B_BULK: 3}), joined, "extract")
    assert (list_rows(again), again.manifest.notes, remarks) == (list_rows(joined), (), ())


def test_what_is_named_now_is_shown_as_it_is_now_with_its_runs() -> None:
    before = hold({RULES_ONE: 5, A_BULK: 6, A_CHUNK: 7}, runs=3)
    joined, remarks = join_earlier(hold({RULES_ONE: 4, A_BULK: 2}), before, "extract")
    assert (list_rows(joined), remarks) == ({RULES_ONE: 4, A_BULK: 2, A_CHUNK: 7}, ())
    assert [m.run for m in joined.measures if m.mode == "bulk"] == [1]
    assert [c.name for c in joined.manifest.contestants] == ["rules", "a"]


@pytest.mark.parametrize(
    ("before", "left", "reason"),
    [
        ({"scorer": "s0"}, {A_BULK, A_TWO}, "an earlier scorer"),
        ({"gold": "g0"}, {A_BULK}, "an earlier gold list"),  # nothing is said now about what the other paper holds
    ],
)
def test_what_was_judged_otherwise_is_left_out_and_told(
    before: dict[str, str], left: set[tuple[str, str, str]], reason: str
) -> None:
    given: Rows = {A_BULK: 6, A_TWO: 7}
    joined, (remark,) = join_earlier(hold({RULES_ONE: 5}), hold(given, **before), "extract")  # type: ignore[arg-type]
    assert list_rows(joined) == {RULES_ONE: 5} | {row: hits for row, hits in given.items() if row not in left}
    assert reason in remark
    assert "a on one" in remark
    assert "name them again, nothing that is kept is done again" in remark


def test_results_without_a_digest_of_the_scorer_are_of_an_earlier_one() -> None:
    now, before = hold({RULES_ONE: 5}), hold({A_BULK: 6})
    before = before._replace(manifest=before.manifest.model_copy(update={"code": {}}))
    joined, (remark,) = join_earlier(now, before, "extract")
    assert (joined, "earlier scorer" in remark) == (now, True)
    joined, (remark,) = join_earlier(
        now._replace(manifest=now.manifest.model_copy(update={"code": {}})), before, "extract"
    )
    assert list_rows(joined) == {RULES_ONE: 5}


def test_who_takes_part_again_is_not_mixed_with_what_was_made_otherwise() -> None:
    before = hold({A_BULK: 6, ("a, 5 votes", "one", "bulk"): 8, B_BULK: 3, ("rules", "two", "rules"): 4}, made="v0")
    joined, (remark,) = join_earlier(hold({RULES_ONE: 5, A_CHUNK: 7}), before, "extract")
    assert list_rows(joined) == {RULES_ONE: 5, A_CHUNK: 7, B_BULK: 3}  # nor a's votes; b is as it was
    assert "made with other settings or by an earlier program" in remark
    assert "a on one; a, 5 votes on one; rules on two" in remark
    assert "joined contests differ in code: extract" in joined.manifest.notes
    # b was made by v0, which is still known when v0 is not the last program any more
    last, remarks = join_earlier(hold({("b", "two", "bulk"): 3}), joined, "extract")
    assert ("b", "one", "bulk") not in list_rows(last)
    assert len(remarks) == 1
    same, remarks = join_earlier(hold({("b", "two", "bulk"): 3}, made="v0"), joined, "extract")
    assert list_rows(same)["b", "one", "bulk"] == 3
    assert [c.name for c in same.manifest.contestants] == ["b", "rules", "a"]


def test_simulated_contestants_of_another_program_are_left_out() -> None:
    who = Contestant(name="a", kind="simulated", model="a", simulated=True)
    before = hold({A_BULK: 6, B_BULK: 3})
    before = before._replace(manifest=before.manifest.model_copy(
        update={"contestants": (who, *before.manifest.contestants[1:])}
    ))  # fmt: skip
    now = hold({RULES_ONE: 5})
    assert list_rows(join_earlier(now, before, "extract").results) == {RULES_ONE: 5, A_BULK: 6, B_BULK: 3}
    now = now._replace(manifest=now.manifest.model_copy(update={"code": {**now.manifest.code, SIMULATED: "new"}}))
    joined, (remark,) = join_earlier(now, before, "extract")
    assert list_rows(joined) == {RULES_ONE: 5, B_BULK: 3}
    assert "an earlier program; name them again, nothing that is kept is done again (a on one)" in remark


def test_notes_stay_with_what_they_are_about() -> None:
    notes = ("a: out of reach", "rules: slow", "b: odd", "one: own events", "two: theirs", "5 rounds",
             "earlier results: left out is c")  # fmt: skip
    before = hold({RULES_ONE: 5, A_BULK: 6, A_TWO: 7}, notes=notes)
    joined, _ = join_earlier(hold({RULES_ONE: 5}, notes=("2 rounds",)), before, "extract")
    kept = ("2 rounds", "earlier: a: out of reach", "earlier: b: odd", "earlier: two: theirs", "earlier: 5 rounds")
    assert joined.manifest.notes == kept
    again, _ = join_earlier(hold({RULES_ONE: 5}, notes=("5 rounds",)), joined, "extract")
    assert again.manifest.notes == ("5 rounds", "earlier: 2 rounds", *kept[1:-1])
    last, _ = join_earlier(hold({A_BULK: 6, A_TWO: 7, RULES_ONE: 5}), again, "extract")
    assert last.manifest.notes == ()


def test_a_contest_of_another_kind_is_told() -> None:
    code = hold({A_BULK: 6})
    joined, (remark,) = join_earlier(hold({RULES_ONE: 5}), code, "code")
    assert list_rows(joined) == {RULES_ONE: 5}
    assert "a folder of its own" in remark


def test_results_are_written_with_what_stays(tmp_path: Path) -> None:
    told: list[str] = []
    write_joined(tmp_path, hold({RULES_ONE: 5, A_BULK: 6}), "extract", told.append)
    results, files = write_joined(tmp_path, hold({RULES_ONE: 5, B_BULK: 3}), "extract", told.append)
    assert list_rows(load_results(tmp_path)) == list_rows(results) == {RULES_ONE: 5, A_BULK: 6, B_BULK: 3}
    assert told == []
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in files}
    write_joined(tmp_path, hold({RULES_ONE: 5}, scorer="s2"), "extract", told.append)
    assert list_rows(load_results(tmp_path)) == {RULES_ONE: 5}
    assert load_results(tmp_path).manifest.notes == tuple(told)
    assert len(told) == 1


@pytest.mark.parametrize("name", [MANIFEST, "measures.parquet", "items.parquet"])
def test_damaged_results_are_told_and_stop_nobody(tmp_path: Path, name: str) -> None:
    told: list[str] = []
    write_results(tmp_path, hold({RULES_ONE: 5, A_BULK: 6}))
    (tmp_path / name).write_bytes(b"{" + os.urandom(40))
    write_joined(tmp_path, hold({RULES_ONE: 5}), "extract", told.append)
    assert list_rows(load_results(tmp_path)) == {RULES_ONE: 5}
    assert len(told) == 1
    assert name in told[0]
    (note,) = load_results(tmp_path).manifest.notes
    assert str(tmp_path) not in note
    assert "name them again" in note


@pytest.mark.parametrize("step", range(6))
def test_a_command_that_is_killed_while_it_writes_loses_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    told: list[str] = []
    write_results(tmp_path, hold({RULES_ONE: 5, A_BULK: 6}))
    written: list[Path] = []

    def die(path: Path, content: bytes | str) -> None:
        if len(written) == step:
            raise KeyboardInterrupt
        written.append(path)
        write_atomically(path, content)

    with monkeypatch.context() as patch:
        patch.setattr("benchmarks.contest.storing.write_atomically", die)
        if step < 5:
            with pytest.raises(KeyboardInterrupt):
                write_joined(tmp_path, hold({RULES_ONE: 5, B_BULK: 3}), "extract", told.append)
        else:  # all is written, the copy is still there
            patch.setattr("shutil.rmtree", lambda *_, **__: None)
            write_joined(tmp_path, hold({RULES_ONE: 5, B_BULK: 3}), "extract", told.append)
    assert (tmp_path / SAFE).is_dir()
    write_joined(tmp_path, hold({RULES_ONE: 5, ("c", "one", "bulk"): 1}), "extract", told.append)
    kept: Rows = {RULES_ONE: 5, A_BULK: 6, ("c", "one", "bulk"): 1, **({B_BULK: 3} if step == 5 else {})}
    assert list_rows(load_results(tmp_path)) == kept
    assert (told, (tmp_path / SAFE).exists()) == ([], False)


def test_the_same_command_again_changes_nothing() -> None:
    now = hold({RULES_ONE: 5})
    assert join_earlier(now, now, "extract") == Joined(now, ())
