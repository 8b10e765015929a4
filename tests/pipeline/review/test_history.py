"""The history leaves the run in forms that others read, and knows whose it is."""

import csv
import io
import json
from pathlib import Path

import pytest

from pipeline.markdown import escape
from pipeline.person import find_person
from pipeline.review.history import COLUMNS, write_history
from pipeline.review.journal import append_revision, read_journal
from pipeline.review.store import Review
from schemas.errors import CriteriaError, RunFolderError, UsageError
from schemas.review import Accept, Change, Edit, Redo, Reject, Revision, TakeDefaults, Undo
from tests.pipeline.calling import call
from tests.pipeline.review.runs import run

__all__ = ["run"]

FORMULAS = (
    "=HYPERLINK(\"//elsewhere\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "  =1+1",
    "\u202e=1+1", "\uff1d1+1", "\x00=1+1",
)  # fmt: skip


def act_some(run: Path) -> tuple[Revision, ...]:
    with Review.open(run) as review:
        review.act(Accept(parts=("cut:mu_pt",)), "Marie", why="as printed")
        review.act(TakeDefaults(), "Pierre")
        review.act(Undo(), "Marie")
        review.act(Redo(), "Marie")
        review.act(Reject(part="cut:pair"), "Marie")
        review.act(Undo(), "Marie")
        return review.history


def test_json_holds_all_of_it(run: Path) -> None:
    history = act_some(run)
    told = json.loads(write_history(history, "json", "zmumu"))
    assert [(t["number"], t["by"], t["stands"]) for t in told] == [
        (1, "Marie", True), (2, "Pierre", True), (3, "Marie", False), (4, "Marie", False), (5, "Marie", False),
        (6, "Marie", False),
    ]  # fmt: skip
    assert (told[0]["why"], told[2]["undoes"], told[3]["undoes"]) == ("as printed", 2, 2)
    again = [Revision.model_validate({k: v for k, v in t.items() if k not in ("what", "stands")}) for t in told]
    assert tuple(again) == history


def test_a_table_has_a_line_for_every_change(run: Path) -> None:
    history = act_some(run)
    rows = list(csv.DictReader(io.StringIO(write_history(history, "csv", "zmumu"))))
    assert len(rows) == sum(max(1, len(r.changes)) for r in history)
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["by"], rows[0]["part"], rows[0]["why"]) == ("Marie", "cut:mu_pt", "as printed")
    markdown = write_history(history, "md", "zmumu")
    assert f"{escape('rejected cut pair')} (taken back)" in markdown.replace("\\(", "(").replace("\\)", ")")
    assert markdown.count("\n| ") >= len(rows)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    revision = Revision(
        number=1, at="2026-01-01T00:00:00+00:00", by=text, why=text, action=Accept(parts=("cut:a",)),
        changes=(Change(part=text, before=text, after=f"1;{text}\n{text}"),), criteria_sha256="0",
    )  # fmt: skip
    written = write_history((revision,), "csv", text)
    _, row = csv.reader(io.StringIO(written))
    assert not any(cell.startswith(("=", "+", "-", "@", "\uff1d", "\t", "\r", " ")) for cell in row)
    assert len(written.splitlines()) == 2
    assert all(c.isprintable() for line in written.splitlines() for c in line)
    for separator in ";\t,":  # whatever the spreadsheet takes for one, quotes hold a cell together
        cells = list(csv.reader(io.StringIO(written), delimiter=separator))[1]
        assert not any(cell.strip().startswith(("=", "+", "-", "@")) for cell in cells)
    hostile = write_history((revision.model_copy(update={"why": "<script>|x|"}),), "md", text)
    assert "<script>" not in hostile
    assert "\n=" not in hostile


def test_the_command_shows_and_exports(run: Path, tmp_path: Path) -> None:
    history = act_some(run)
    shown = call("history", run)
    assert shown.code == 0, shown.err
    assert "Marie  accepted cut mu_pt" in shown.out
    assert "as printed" in shown.out
    assert "rejected cut pair  (taken back)" in shown.out
    written = call("history", run, "--export", tmp_path / "history.csv", "--json")
    assert (written.code, len(written.json())) == (0, len(history))
    assert (tmp_path / "history.csv").read_text(encoding="utf-8").startswith('"revision"')
    with (run / "criteria.yaml").open("a", encoding="utf-8") as file:
        file.write("# a comment\n")
    assert "by hand" not in call("history", run).err
    for what, option, line in (
        (run, tmp_path / "history.txt", "name it .json"),
        (run / "criteria.yaml", tmp_path / "h.json", "a criteria file has no history"),
        ("nothing", tmp_path / "h.json", "no run below"),
    ):
        refused = call("history", what, "--export", option)
        assert refused.code == 2
        assert line in refused.error_line()
    assert not (tmp_path / "h.json").exists()


def test_the_name_comes_from_the_command_the_settings_or_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USER", "mcurie")
    inner = tmp_path / "work" / "paper"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert find_person() == "mcurie"
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Marie Curie ; as in papers\n", encoding="utf-8")
    assert find_person() == "Marie Curie"
    monkeypatch.setenv("GIT_AUTHOR_NAME", "M. Curie\x1b[31m\n")
    assert find_person() == "M. Curie[31m"
    settings = tmp_path / "work" / "paperfilter.toml"
    settings.write_text('[person]\nname = "Maria Skłodowska-Curie"\n', encoding="utf-8")
    assert find_person() == "Maria Skłodowska-Curie"
    assert find_person("  P. Curie ") == "P. Curie"
    for wrong in ("", " ", "--"):
        with pytest.raises(UsageError, match="--by"):
            find_person(wrong)
    for text in ("person = 3\n", "[person]\n", '[person]\nname = ""\n'):
        settings.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=r"paperfilter\.toml: person"):
            find_person()
    settings.write_text("no TOML", encoding="utf-8")  # whoever needs the settings says so
    assert find_person() == "M. Curie[31m"


def test_settings_of_models_and_of_the_person_live_together(tmp_path: Path) -> None:
    from pipeline.models.config import load_settings

    (tmp_path / "paperfilter.toml").write_text('model = "m"\n[person]\nname = "Marie"\n', encoding="utf-8")
    (settings,) = load_settings(folder=tmp_path, environment={})
    assert settings.model == "m"
    (tmp_path / "paperfilter.toml").write_text('model = "m"\n[person]\nnmae = "Marie"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"paperfilter\.toml: person"):
        load_settings(folder=tmp_path, environment={})


def test_every_kind_of_action_can_be_read_back(run: Path) -> None:
    """A line that means something else when it is read, or that does not read at all, is never written."""
    with Review.open(run) as review:
        region = review.state.criteria.regions[0].model_copy(update={"note": "a note"})
        review.act(Edit(part="region:peak", after=region), "Marie")
        definition = review.state.criteria.objects[0].model_copy(update={"note": "a note"})
        review.act(Edit(part="object:muons", after=definition), "Marie")
        candidate = review.state.criteria.candidates[0].model_copy(update={"require": ()})
        review.act(Edit(part="candidate:z", after=candidate), "Marie")
        variable = review.state.criteria.variables[0].model_copy(update={"expression": "pt(z)"})
        review.act(Edit(part="variable:m", after=variable), "Marie")
    again = Review.open(run)
    assert again.history == review.history
    assert [type(r.action.after).__name__ for r in again.history if isinstance(r.action, Edit)] == [
        "Region", "ObjectDefinition", "Candidate", "NamedVariable",
    ]  # fmt: skip
    for wrong, error in (({"number": -1}, RunFolderError), ({"why": "\ud800"}, CriteriaError)):
        with pytest.raises(error):
            append_revision(run, read_journal(run), again.history[-1].model_copy(update=wrong))
    with pytest.raises(CriteriaError, match="no character"):
        again.act(Accept(parts=("cut:mu_pt",)), "Marie\ud800")
    assert Review.open(run).history == review.history
