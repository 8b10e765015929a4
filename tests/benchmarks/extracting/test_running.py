"""A contest in reading, through its command: what is asked once, what is counted, what happens when things break."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.cli import bench
from benchmarks.contest.locking import lock_folder
from benchmarks.contest.measures import Measure
from benchmarks.contest.results import Results
from benchmarks.contest.storing import load_results
from benchmarks.stand_in import Server, StandIn, count_tokens
from extract.llm.prompting import write_system
from schemas.errors import ModelUnavailable, PaperfilterError, RunFolderInUse, UsageError
from tests.benchmarks.extracting.tiny import FACTS, Reader, write_papers

pytest.importorskip("typst", reason="needs the demo extra")
TABLES = ("measures.csv", "items.csv", "measures.parquet", "items.parquet")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_papers(tmp_path_factory.mktemp("papers"), ["alpha", "beta"])


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No paperfilter.toml above and nothing in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("PAPERFILTER_URL", "PAPERFILTER_MODEL", "PAPERFILTER_API_KEY", "PAPERFILTER_CACHE"):
        monkeypatch.delenv(name, raising=False)


def run(papers: Path, *words: str) -> Result:
    given = ("extract", "--papers", str(papers), "--gold", str(papers), "-q", *words)
    return CliRunner().invoke(bench, given, catch_exceptions=True)


def serve(reader: Reader, name: str = "m", *, context: int = 32768) -> StandIn:
    return StandIn(reader.speak, Server(model=name, max_model_len=context))


def find(results: Results, metric: str, contestant: str, *, mode: str | None = None, group: str = "") -> list[Measure]:
    found = [m for m in results.measures if (m.metric, m.contestant, m.group) == (metric, contestant, group)]
    return [m for m in found if mode in (None, m.mode)]


def test_the_rules_alone_need_no_model(papers: Path, tmp_path: Path) -> None:
    assert run(papers, "--no-model", "--out", "c").exit_code == 0
    results = load_results(tmp_path / "c")
    assert [m.value for m in find(results, "recall", "rules", group="numeric")] == [1.0, 1.0]
    assert {m.run for m in results.measures} <= {0, 1}


def test_every_run_is_a_sample_of_its_own_and_is_asked_once(papers: Path, tmp_path: Path) -> None:
    reader = Reader()
    words = ("--runs", "3", "--votes", "3", "--out", "c")
    with serve(reader) as server:
        assert run(papers, "--models", f"m@{server.url}", *words).exit_code == 0
        asked = len(reader.heard)
        before = {name: (tmp_path / "c" / name).read_bytes() for name in TABLES}
        assert run(papers, "--models", f"m@{server.url}", *words).exit_code == 0
    assert len(reader.heard) == asked
    assert {name: (tmp_path / "c" / name).read_bytes() for name in TABLES} == before
    assert {q.temperature for q in reader.heard} == {0.7}  # runs are exchangeable: none is drawn as sample 0
    assert {q.seed for q in reader.heard} == {1, 2, 3}
    results = load_results(tmp_path / "c")
    for mode in ("bulk", "chunk"):
        alone = find(results, "recall", "m", mode=mode, group="numeric")
        assert [(m.subject, m.run, m.hits, m.of) for m in alone] == [
            (paper, r, 4, 5) for paper in ("alpha", "beta") for r in (1, 2, 3)
        ]
        for ensemble in ("m + rules", "m, 3 votes", "m, majority of 3", "m, 3 votes + rules"):
            assert {m.value for m in find(results, "recall", ensemble, mode=mode, group="numeric")} == {1.0}
    missed = {(i.run, i.item) for i in results.items if i.contestant == "m" and i.metric == "recall" and not i.hit}
    assert missed == {(r, f"{paper}-{r:02}") for paper in ("alpha", "beta") for r in (1, 2, 3)}
    assert results.manifest.seeds["m"] == (1, 2, 3)


def test_a_further_model_and_further_runs_ask_nothing_again(papers: Path, tmp_path: Path) -> None:
    first, second = Reader(), Reader(wrong=True)
    words = ("--mode", "chunk", "--no-with-rules", "--paper", "alpha", "--out", "c")
    with serve(first) as one, serve(second, "w") as two:
        run(papers, "--models", f"m@{one.url}", "--runs", "2", *words)
        asked = len(first.heard)
        run(papers, "--models", f"m@{one.url},w@{two.url}", "--runs", "2", *words)
        assert (len(first.heard), {q.seed for q in second.heard}) == (asked, {1, 2})
        run(papers, "--models", f"m@{one.url},w@{two.url}", "--runs", "3", *words)
    assert {q.seed for q in first.heard[asked:]} == {3}
    results = load_results(tmp_path / "c")
    assert len(find(results, "recall", "m", group="numeric")) == 3
    wrong = find(results, "invented_ungrounded", "w")
    assert [m.value for m in wrong] == [1.0, 1.0, 1.0]  # 120 GeV is not in the quote


def test_a_server_that_goes_away_costs_nobody_a_run(papers: Path, tmp_path: Path) -> None:
    dying, steady = Reader(lasts=3), Reader()
    words = ("--runs", "4", "--mode", "chunk", "--no-with-rules", "--no-ask-again", "--paper", "alpha", "--out", "c")
    with serve(dying) as one, serve(steady, "s") as two:
        result = run(papers, "--models", f"m@{one.url},s@{two.url}", "--jobs", "1", *words)
        assert isinstance(result.exception, ModelUnavailable)
        assert result.exception.exit_code == 11
        results = load_results(tmp_path / "c")
        assert [m.run for m in find(results, "recall", "m", group="numeric")] == [1, 2, 3]
        assert not any(m.value for m in find(results, "failed", "m"))
        assert len(find(results, "recall", "s", group="numeric")) == 4
        assert any("m: out of reach" in note for note in results.manifest.notes)
        dying.lasts, asked = 1_000_000, len(steady.heard)
        assert run(papers, "--models", f"m@{one.url},s@{two.url}", *words).exit_code == 0
    assert len(dying.heard) == 4
    assert len(steady.heard) == asked
    assert len(find(load_results(tmp_path / "c"), "recall", "m", group="numeric")) == 4


def test_a_server_that_is_not_there_is_told(papers: Path, tmp_path: Path) -> None:
    result = run(papers, "--models", "gone@http://127.0.0.1:9", "--runs", "1", "--paper", "alpha", "--out", "c")
    assert isinstance(result.exception, ModelUnavailable)
    assert {m.contestant for m in load_results(tmp_path / "c").measures} == {"rules"}


def test_a_run_without_a_usable_reply_recovers_nothing_and_has_no_precision(papers: Path, tmp_path: Path) -> None:
    with serve(Reader(mute=True)) as server:
        result = run(
            papers, "--models", f"m@{server.url}", "--runs", "2", "--votes", "2", "--paper", "alpha", "--out", "c"
        )
    assert result.exit_code == 0
    results = load_results(tmp_path / "c")
    for name in ("m", "m, 2 votes"):
        assert {m.value for m in find(results, "failed", name)} == {1.0}
        assert {(m.hits, m.of) for m in find(results, "recall", name, group="numeric")} == {(0, len(FACTS))}
        assert {m.value for m in find(results, "precision", name)} == {None}
    assert {m.value for m in find(results, "failed", "m + rules")} == {0.0}  # the rules' reading is usable
    assert {m.value for m in find(results, "recall", "m + rules", group="numeric")} == {1.0}


def test_what_does_not_fit_into_one_question_counts_as_chunk(tmp_path: Path) -> None:
    bins = "\n\n".join(f"Events of bin {n} are required to have at least {n} jets in the barrel." for n in range(2, 90))
    papers = write_papers(tmp_path / "long", ["alpha"], more=bins)
    reader = Reader()
    words = ("--runs", "2", "--no-with-rules", "--out", "c")
    with serve(reader, context=count_tokens(write_system(examples=False)) + 2200) as server:
        run(papers, "--models", f"m@{server.url}", "--mode", "bulk", *words)
        results = load_results(tmp_path / "c")
        asked = len(reader.heard)
        recall = find(results, "recall", "m", group="numeric")
        assert [(m.mode, m.run, m.hits) for m in recall] == [("chunk", 1, 4), ("chunk", 2, 4)]
        assert any("m: alpha does not fit" in note for note in results.manifest.notes)
        run(papers, "--models", f"m@{server.url}", *words)
    assert len(reader.heard) == asked  # the same readings are those in chunks
    assert find(load_results(tmp_path / "c"), "recall", "m", group="numeric") == recall


def test_a_damaged_cell_is_read_again_from_the_kept_replies(papers: Path, tmp_path: Path) -> None:
    reader = Reader()
    words = ("--runs", "2", "--mode", "chunk", "--paper", "alpha", "--out", "c")
    with serve(reader) as server:
        run(papers, "--models", f"m@{server.url}", *words)
        asked, table = len(reader.heard), (tmp_path / "c" / "items.csv").read_bytes()
        cell = tmp_path / "c" / "cells" / "extract" / "m" / "alpha" / "chunk-002.json"
        cell.write_bytes(cell.read_bytes()[:5000])
        (tmp_path / "c" / "items.csv").unlink()
        assert run(papers, "--models", f"m@{server.url}", *words).exit_code == 0
    assert len(reader.heard) == asked
    assert (tmp_path / "c" / "items.csv").read_bytes() == table


def test_prices_make_costs_and_another_temperature_is_another_contest(papers: Path, tmp_path: Path) -> None:
    reader = Reader()
    settings = tmp_path / "paperfilter.toml"
    words = ("--runs", "1", "--mode", "chunk", "--no-with-rules", "--paper", "alpha", "--out", "c")
    with serve(reader) as server:
        settings.write_text(f'model = "m"\nurl = "{server.url}"\nprice = {{ prompt = 1.0, completion = 2.0 }}\n')
        assert run(papers, *words).exit_code == 0
        results = load_results(tmp_path / "c")
        numbers = {n: find(results, n, "m")[0].value or 0 for n in ("prompt_tokens", "completion_tokens", "cost")}
        assert numbers["cost"] == pytest.approx(
            (numbers["prompt_tokens"] + 2 * numbers["completion_tokens"]) / 1e6, rel=1e-6
        )
        asked = len(reader.heard)
        settings.write_text(f'model = "m"\nurl = "{server.url}"\nvote_temperature = 0.2\n')
        assert run(papers, *words).exit_code == 0
    assert {q.temperature for q in reader.heard[asked:]} == {0.2}
    (cost,) = find(load_results(tmp_path / "c"), "cost", "m")
    assert cost.value is None  # no price is known any more


def test_two_commands_do_not_work_in_one_folder(papers: Path, tmp_path: Path) -> None:
    with lock_folder(tmp_path / "c"):
        result = run(papers, "--no-model", "--out", "c")
        assert isinstance(result.exception, RunFolderInUse)
    assert run(papers, "--no-model", "--paper", "alpha", "--out", "c").exit_code == 0


def test_one_paper_alone_has_its_chance_too(papers: Path, tmp_path: Path) -> None:
    run(papers, "--no-model", "--paper", "alpha", "--out", "c")
    results = load_results(tmp_path / "c")
    (chance,) = find(results, "chance_others", "rules")
    assert chance.value is not None
    assert 0 < chance.value < 0.5  # 25 GeV muons and 30 GeV jets are found in many papers
    assert any("one paper alone" in note for note in results.manifest.notes)


def test_json_is_the_manifest_and_the_summaries(papers: Path) -> None:
    said = json.loads(run(papers, "--no-model", "--paper", "alpha", "--out", "c", "--json").stdout)
    (recall,) = [s for s in said["summaries"] if (s["metric"], s["group"]) == ("recall", "numeric")]
    assert (recall["subject"], recall["runs"]) == ("alpha", [1.0])
    assert said["manifest"]["contestants"][0]["name"] == "rules"
    assert said["trouble"] is None


def test_json_is_one_document_with_a_server_that_is_not_there_too(papers: Path) -> None:
    result = run(papers, "--models", "gone@http://127.0.0.1:9", "--runs", "1", "--paper", "alpha", "--json")
    assert result.exit_code == ModelUnavailable.exit_code
    assert isinstance(result.exception, SystemExit)  # the command line would print its error as a second document
    assert "127.0.0.1:9" in json.loads(result.stdout)["trouble"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--mode", "bulk,cunk"), "'cunk' is none of bulk, chunk"),
        (("--votes", "5", "--runs", "3", "--models", "m"), "needs --runs 5 at least"),
        (("--paper", "gamma"), "--paper gamma: no such paper here; there are alpha, beta"),
        (("--group", "A"), "--group A: none of the papers is of this group"),
        (("--simulated", "drop=120"), "percentage from 0 to 100"),
        (("--models", "m", "--no-model"), "contradict each other"),
        (("--models", " , "), "--models names no model"),
        (("--models", "m@ftp://x"), "'m@ftp://x' is no NAME@URL"),
        (("--models", "@http://127.0.0.1:9"), "is no NAME@URL"),
        (("--models", "simulated reader drop=20", "--simulated", "drop=20"), "name 'simulated reader drop=20' both"),
        (("--papers", "papers/alpha.pdf"), "--papers papers/alpha.pdf: no such file or folder"),
        (("--out", "alpha.txt"), "is a file"),
    ],
)
def test_wrong_words_are_one_clear_line(papers: Path, tmp_path: Path, words: tuple[str, ...], line: str) -> None:
    (tmp_path / "alpha.txt").write_text("")
    result = run(papers, *words)
    said = result.output if result.exit_code == 2 else str(result.exception)
    assert line in said
    assert result.exit_code == 2 or (isinstance(result.exception, UsageError) and result.exception.exit_code == 2)


def test_papers_without_a_list_are_told_and_unreadable_ones_too(papers: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "gamma.pdf").write_bytes((papers / "alpha.pdf").read_bytes() + b"\n")
    (folder / "beta.pdf").write_bytes((papers / "beta.pdf").read_bytes()[:300])
    given = ("extract", "--gold", str(papers), "--no-model", "--out", "c")
    result = CliRunner().invoke(bench, (*given, "--papers", str(folder), "--papers", str(papers / "alpha.pdf")))
    assert "no gold list, left out: gamma.pdf" in result.stderr
    assert "beta: left out" in result.stderr
    assert isinstance(result.exception, PaperfilterError)
    assert result.exception.exit_code == 3
    results = load_results(tmp_path / "c")
    assert {m.subject for m in results.measures} == {"alpha"}
    assert list(results.manifest.subjects) == ["alpha"]
    given = (*given[:-1], "d")
    damaged = CliRunner().invoke(bench, (*given, "--papers", str(folder / "beta.pdf")))
    assert isinstance(damaged.exception, PaperfilterError)
    assert damaged.exception.exit_code == 3
    assert not list((tmp_path / "d").glob("m*"))  # no results of nothing
    alone = CliRunner().invoke(bench, (*given, "--papers", str(folder / "gamma.pdf")))
    assert isinstance(alone.exception, UsageError)
    assert "none of the papers has a gold list" in str(alone.exception)
