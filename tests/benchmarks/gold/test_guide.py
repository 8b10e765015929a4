"""The guide of CONTRIBUTING.md: its example list is true of the demo's note, and its commands do what it says."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.cli import bench
from benchmarks.demo.typeset import typeset_note

GUIDE = Path(__file__).resolve().parents[3] / "CONTRIBUTING.md"


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands of the guide; the current folder has the example list, a second reader's one, and the PDF."""
    pytest.importorskip("typst", reason="needs the demo extra")
    text = GUIDE.read_text(encoding="utf-8")
    section = text[text.index("## Adding a paper that") : text.index("## cutflow.json")]
    found = re.search(r"<!-- example gold: begin -->\s*```yaml\n(.*?)```\s*<!-- example gold: end -->", section, re.S)
    assert found is not None
    monkeypatch.chdir(tmp_path)
    for folder, example in (("mine", found[1]), ("theirs", found[1].replace("value: 0.8,", "value: 0.9,"))):
        Path(folder).mkdir()
        Path(folder, "gold.yaml").write_text(example, encoding="utf-8")
    typeset_note(Path("pdf"))
    return [shlex.split(line) for line in re.findall(r"\$ paperfilter bench (.+)", section)]


def run(command: list[str]) -> Result:
    return CliRunner().invoke(bench, command)


def test_the_guide_works(commands: list[list[str]]) -> None:
    told = {" ".join(c[:2]): run(c) for c in commands}
    checked = told.pop("gold check")
    assert checked.exit_code == 0, checked.output
    assert "E_T > 8 GeV and within" in checked.output
    compared = told.pop("gold compare")
    assert compared.exit_code == 1
    assert "6 in both, 1 differ" in compared.output
    scored = told.pop("score --gold")
    assert scored.exit_code == 0, scored.output
    assert "7/7" in scored.output
    assert told.pop("gold show").exit_code == 0
    assert not told


def test_a_wrong_number_is_noticed(commands: list[list[str]]) -> None:
    wrong = run([part.replace("mine", "theirs") for part in commands[0]])
    assert wrong.exit_code == 1
    assert "muon-d0, p. 1: 0.9 mm is not printed" in wrong.output
