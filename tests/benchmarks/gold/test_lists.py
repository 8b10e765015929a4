"""What is read from a gold list, what is refused, and what stands in those that come with the program."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.cli import bench
from benchmarks.gold import OPEN, GoldList, Points, load_built_in_gold, load_gold, load_gold_list
from benchmarks.gold.comparing import compare_lists
from benchmarks.gold.loading import ANALYSES
from schemas.errors import UsageError
from tests.shared import require

LIST = """
paper: P
pdf: P.pdf
arxiv: "2301.00001"
pages: [4, 5]
criteria:
- {id: a, stage: object, subject: muon, variable: pt, operator: ">", value: 500, unit: MeV, pages: [4, 5]}
- {id: b, stage: object, subject: muon, variable: id, operator: pass, value: tight, cites: ["[7]"], open: [definition],
   executable: false, pages: [4]}
- {id: c, stage: object, subject: muon, variable: isolation, operator: "<", points: [[33, 0.3], [50, 0.2]], pages: [4]}
- {id: d, stage: event, subject: jet, variable: n, operator: between, value: [2, 4], cites: ["[8]"], pages: [5]}
"""


def write(folder: Path, text: str, name: str = "gold.yaml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_yaml_is_read(tmp_path: Path) -> None:
    (gold,) = load_gold(write(tmp_path / "slug", LIST).parent.parent)
    a, b, c, d = gold.criteria
    assert (a.value, a.unit, a.pages, a.counted) == (500.0, "MeV", (4, 5), True)
    assert (b.numeric, b.executable, b.counted, b.delegated) == (False, False, False, ("[7]",))
    assert c.value == Points(points=((33, 0.3), (50, 0.2)))
    assert c.counted
    assert d.value == (2.0, 4.0)
    assert d.delegated == ()  # named, but the definition is not left to it
    assert gold.delegated == {"[7]"}
    assert (gold.arxiv, gold.slug) == ("2301.00001", None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.replace("open: [definition]", "open: [perhaps]"), "criteria.1.open"),
        (lambda t: t.replace("subject: muon, variable: pt", "subjekt: muon, variable: pt"), "criteria.0"),
        (lambda t: t.replace("pages: [4, 5]}", "pages: []}"), "criteria.0.pages"),
        (lambda t: t.replace("pages: [4, 5]}", "pages: [0]}"), "criteria.0.pages"),
        (lambda t: t.replace("value: 500", "value: .inf"), "criteria.0.value"),
        (lambda t: t.replace("[[33, 0.3], [50, 0.2]]", "[[33, 0.3]]"), "criteria.2.value"),
        (lambda t: t.replace("id: b", "id: a"), "two criteria have the id a"),
        (lambda t: t.replace("criteria:", "criteria: ["), "malformed"),
        (lambda t: t.replace("pdf: P.pdf", ""), "pdf: Field required"),
        (lambda t: t.split("criteria:")[0] + "criteria: [7, 8]", "malformed"),
        (lambda _: "", "no `paper`, `pdf`, `criteria`"),
        (lambda _: "- one\n- two\n", "no `paper`, `pdf`, `criteria`"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(tmp_path: Path, change: Callable[[str], str], told: str) -> None:
    path = write(tmp_path, change(LIST))
    with pytest.raises(UsageError) as caught:
        load_gold_list(path)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    result = CliRunner().invoke(bench, ["gold", "show", str(path)])
    assert isinstance(result.exception, UsageError)  # told by the command line, with --json as a document
    assert str(result.exception).startswith("gold list 'gold.yaml'")


def test_one_list_a_paper(tmp_path: Path) -> None:
    write(tmp_path / "one", LIST)
    write(tmp_path / "two", LIST)
    with pytest.raises(UsageError, match="two gold lists of P"):
        load_gold(tmp_path)
    write(tmp_path / "two", LIST.replace("pdf: P.pdf", ""))
    with pytest.raises(UsageError, match="pdf: Field required"):
        load_gold(tmp_path)
    with pytest.raises(UsageError, match="no gold list"):
        load_gold(tmp_path / "empty")


def test_an_unknown_name_says_which_there_are() -> None:
    result = CliRunner().invoke(bench, ["gold", "show", "nothing"])
    assert isinstance(result.exception, UsageError)
    assert "h4l" in str(result.exception)


def test_built_in_lists_are_facts_with_marks() -> None:
    lists = load_built_in_gold()
    assert len({g.paper for g in lists}) == len(lists) == 16
    assert {g.slug for g in lists if g.slug} == {"diphoton", "h4l", "hmumu", "leptoquark"}
    for gold in lists:
        assert any(c.open for c in gold.every), gold.paper
        if gold.slug:
            assert gold.sha256, gold.paper
            assert len(gold.sha256) == 64
            assert not any(c.quote or c.quote_2 for c in gold.every), gold.paper
    used = {mark for g in lists for c in g.every for mark in c.open}
    assert used <= set(OPEN)
    assert {"ends", "strictness", "value", "which", "definition", "condition"} <= used


def test_show_says_what_is_there() -> None:
    result = CliRunner().invoke(bench, ["gold", "show", "diphoton", "--open"])
    assert result.exit_code == 0
    assert "diphoton-mass" in result.output
    assert "photon1-share" not in result.output
    (shown,) = json.loads(CliRunner().invoke(bench, ["gold", "show", "2308.07216", "--json"]).output)
    assert GoldList.model_validate(shown) == load_gold_list(ANALYSES / "diphoton" / "gold.yaml")


def test_lists_agree_with_those_of_other_readers() -> None:
    """Ours have more on pages that are not counted, and pages of their own where theirs were wrong or incomplete."""
    own = {g.paper: g for g in load_built_in_gold()}
    for theirs in load_gold(require("papers/gold")):
        compared = compare_lists(own[theirs.paper], theirs)
        assert compared.differing == (), theirs.paper
        assert compared.only_b == (), theirs.paper
        assert set(compared.only_a) <= set(own[theirs.paper].outside), theirs.paper
