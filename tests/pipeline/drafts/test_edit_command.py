"""`paperfilter edit` with real editors: programs that change, damage, empty or abandon the file they are given."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.review.store import Review
from pipeline.run_store import list_runs
from schemas.criteria import Cut, SelectionCriteria
from schemas.criteria_yaml import load_criteria
from schemas.validation import list_cuts
from tests.papers.typesetting import typeset
from tests.pipeline.calling import Called, call, clean_environment, command

NOTE = r"""
= Object selection
Muons must satisfy $p_T > 6$ GeV and $|eta| < 2.6$.
= Event selection
Events are required to have at least two muons. The missing transverse momentum must be greater than 25 GeV. The mass
of the muon pair must be in the range 50 to 106 GeV.
"""

FILE = """# my notes
objects:
  - name: muons
    base: muon
    cuts:
      # from the talk
      - id: mu_pt
        variable: pt
        operator: ">"
        threshold: {value: 6, unit: GeV}   # loose
      - {id: mu_eta, variable: abs(eta), operator: "<", threshold: {value: 2.6}}
regions:
  - name: signal
    cuts:
      - {id: two, variable: count(muons), operator: ">=", threshold: {value: 2}}
"""

CHANGE = """
import sys
from pathlib import Path

path = Path(sys.argv[-1])
text = path.read_text(encoding="utf-8")
for old, new in CHANGES:
    assert text.count(old) >= 1, old
    text = text.replace(old, new, 1)
path.write_text(text, encoding="utf-8")
"""


def write_editor(folder: Path, *changes: tuple[str, str]) -> str:
    """A command line for $EDITOR that makes these changes."""
    return write_program(folder, CHANGE.replace("CHANGES", repr(list(changes))))


def write_program(folder: Path, source: str) -> str:
    """A command line for $EDITOR that runs a program of our own with an option, like `code --wait`."""
    path = folder / f"my editor {len(list(folder.glob('my editor*')))}.py"
    path.write_text(source, encoding="utf-8")
    return f'{sys.executable} "{path}" --wait'


def edit(what: Path, editor: str, *options: str) -> Called:
    return call("edit", what, *options, EDITOR=editor, VISUAL="", XDG_STATE_HOME=str(what.parent / "state"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    called = call("extract", typeset(folder, NOTE), "--runs-dir", folder / "runs", "-q")
    assert called.code == 0, called.err
    (run,) = list_runs(folder / "runs")
    return run


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "run"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def find_cut(criteria: SelectionCriteria, value: float) -> Cut:
    return next(c for c in list_cuts(criteria) if c.threshold is not None and c.threshold.value == value)


def list_drafts(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*.yaml") if "drafts" in p.parts and not p.stem.endswith(".base")]


def test_an_edit_is_a_revision_with_quotes_shown_and_comments_kept(run: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen.yaml"
    editor = write_program(
        tmp_path,
        f"""
import shutil, sys
from pathlib import Path
path = Path(sys.argv[-1])
shutil.copy(path, {str(seen)!r})
text = path.read_text(encoding="utf-8")
assert text.count("value: 25,") == 1
text = text.replace("value: 25,", "value: 30,")
head, _, rest = text.partition("  - id: q")
name, _, rest = rest.partition("    answer:\\n")
text = head + "  # asked at the meeting" + chr(10) + "  - id: q" + name + "    answer: closed\\n" + rest
path.write_text(text, encoding="utf-8")
""",
    )
    before = load_criteria(run / "criteria.yaml")
    key = before.questions[0].default
    assert key is not None
    Path(editor.split('"')[1]).write_text(
        Path(editor.split('"')[1]).read_text(encoding="utf-8").replace("answer: closed", f"answer: {key}"),
        encoding="utf-8",
    )
    called = edit(run, editor, "--by", "Anna", "--why", "harder")
    assert called.code == 0, called.err
    shown = seen.read_text(encoding="utf-8")
    assert "The missing transverse momentum must be greater than 25 GeV" in shown
    assert "evidence:" not in shown
    assert f"{key}: " in shown
    assert "[default]" in shown
    after = load_criteria(run / "criteria.yaml")
    cut = find_cut(after, 30)
    assert (cut.status, cut.by, cut.origin, len(cut.history)) == ("edited", "Anna", "human", 1)
    answer = after.questions[0].answer
    assert answer is not None
    assert (answer.by, answer.alternative) == ("Anna", key)
    assert find_cut(after, 6).evidence == find_cut(before, 6).evidence
    text = (run / "criteria.yaml").read_text(encoding="utf-8")
    assert "# asked at the meeting" in text
    assert "#|" not in text
    with Review.open(run) as review:
        (revision,) = review.history
        assert (revision.by, revision.why, revision.action.do) == ("Anna", "harder", "rewrite")
        assert review.state.criteria == after
    assert not list_drafts(run)


def test_unchanged_or_emptied_changes_nothing(run: Path, tmp_path: Path) -> None:
    before = (run / "criteria.yaml").read_bytes()
    for source, said in (
        ("pass", "nothing was changed"),
        (
            "import sys; from pathlib import Path; p = Path(sys.argv[-1]); p.write_text(p.read_text() + '\\n')",
            "says what",
        ),
        ("import sys; open(sys.argv[-1], 'w').close()", "emptied: nothing was done"),
        ("import sys, os; os.remove(sys.argv[-1])", "emptied: nothing was done"),
    ):
        called = edit(run, write_program(tmp_path, source))
        assert called.code == 0, called.err
        assert said in called.err
    assert (run / "criteria.yaml").read_bytes() == before
    assert not (run / "review" / "history.jsonl").exists()
    assert not list_drafts(run)


def test_what_is_not_valid_opens_again_with_the_error_and_its_line_on_top(file: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    editor = write_program(
        tmp_path,
        f"""
import re, sys
from pathlib import Path
path, log = Path(sys.argv[-1]), Path({str(log)!r})
lines = path.read_text(encoding="utf-8").split("\\n")
text = "\\n".join(lines)
if "NOT APPLIED" not in text:
    text = text.replace("unit: GeV", "unit: Gev")
else:
    told = [line for line in lines if line.startswith("#|!")]
    number = int(re.search(r"line (\\d+):", told[1])[1])
    with log.open("a", encoding="utf-8") as file:
        file.write("\\n".join([*told, "AT " + lines[number - 1]]) + "\\n---\\n")
    text = text.replace("unit: Gev", "unit: [").replace("operator: '>'", 'operator: ">"') if "Gev" in text else (
        text.replace("unit: [", "unit: MeV"))
path.write_text(text, encoding="utf-8")
""",
    )
    called = edit(file, editor)
    assert called.code == 0, called.err
    first, second, rest = log.read_text(encoding="utf-8").split("---\n")
    assert rest == ""
    assert "cut 'mu_pt'" in first
    assert "unit 'Gev' is not known; did you mean GeV?" in first
    assert "AT       - id: mu_pt" in first
    assert "no valid YAML" in second
    assert "Gev" not in second.partition("AT ")[0]
    text = file.read_text(encoding="utf-8")
    assert text == FILE.replace("unit: GeV", "unit: MeV")
    assert not list_drafts(tmp_path)


def test_giving_up_keeps_the_draft_which_opens_next_time(run: Path, tmp_path: Path) -> None:
    wrong = write_program(
        tmp_path,
        """
import sys
from pathlib import Path
path = Path(sys.argv[-1])
text = path.read_text(encoding="utf-8")
if "NOT APPLIED" not in text:
    path.write_text(text.replace("value: 25,", "value: lots,"), encoding="utf-8")
""",
    )
    before = (run / "criteria.yaml").read_bytes()
    called = edit(run, wrong)
    assert called.code == 5
    assert "expected a number, found 'lots'" in called.error_line()
    (draft,) = list_drafts(run)
    assert str(draft) in called.err
    assert (run / "criteria.yaml").read_bytes() == before
    again = edit(run, write_editor(tmp_path, ("value: lots,", "value: 26,")))
    assert again.code == 0, again.err
    assert "this is the draft of" in again.err
    assert "NOT APPLIED" not in (run / "criteria.yaml").read_text(encoding="utf-8")
    assert find_cut(load_criteria(run / "criteria.yaml"), 26).status == "edited"
    assert not list_drafts(run)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("sys.exit(3)", "ended with 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was killed (SIGKILL)"),
    ],
)
def test_an_editor_that_fails_loses_nothing(run: Path, tmp_path: Path, source: str, said: str) -> None:
    editor = write_program(
        tmp_path,
        f"""
import os, signal, sys
from pathlib import Path
path = Path(sys.argv[-1])
path.write_text(path.read_text(encoding="utf-8").replace("value: 25,", "value: 27,"), encoding="utf-8")
{source}
""",
    )
    before = (run / "criteria.yaml").read_bytes()
    called = edit(run, editor)
    assert called.code == 2
    assert said in called.error_line()
    assert (run / "criteria.yaml").read_bytes() == before
    (draft,) = list_drafts(run)
    assert "value: 27," in draft.read_text(encoding="utf-8")
    looked = edit(run, write_program(tmp_path, "pass"))
    assert (looked.code, len(list_drafts(run))) == (0, 1), looked.err
    assert "the draft stays in" in looked.err
    saved = edit(run, write_program(tmp_path, "import os, sys; os.utime(sys.argv[-1])"))
    assert saved.code == 0, saved.err
    assert find_cut(load_criteria(run / "criteria.yaml"), 27).by == "A. Physicist"


def test_a_paperfilter_that_is_killed_leaves_the_draft(run: Path, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    editor = write_program(
        tmp_path,
        f"""
import sys, time
from pathlib import Path
path = Path(sys.argv[-1])
path.write_text(path.read_text(encoding="utf-8").replace("value: 25,", "value: 28,"), encoding="utf-8")
Path({str(ready)!r}).touch()
time.sleep(600)
""",
    )
    process = subprocess.Popen(
        command("edit", run), env=clean_environment() | {"VISUAL": editor}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(6000):
        if ready.exists():
            break
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (draft,) = list_drafts(run)
    assert "value: 28," in draft.read_text(encoding="utf-8")
    called = edit(run, write_program(tmp_path, "import os, sys; os.utime(sys.argv[-1])"))
    assert called.code == 0, called.err
    assert find_cut(load_criteria(run / "criteria.yaml"), 28).status == "edited"


def test_an_interrupt_is_the_editors_affair(file: Path, tmp_path: Path) -> None:
    editor = write_program(
        tmp_path,
        """
import os, signal, sys, time
from pathlib import Path
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(1))
os.killpg(0, signal.SIGINT)
while not heard:
    time.sleep(0.01)
path = Path(sys.argv[-1])
path.write_text(path.read_text(encoding="utf-8").replace("value: 2.6", "value: 2.5"), encoding="utf-8")
""",
    )
    environment = {"VISUAL": editor, "XDG_STATE_HOME": str(tmp_path / "state")}
    done = subprocess.run(
        command("edit", file), env=clean_environment() | environment, start_new_session=True, capture_output=True,
        text=True, stdin=subprocess.DEVNULL, timeout=300, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert file.read_text(encoding="utf-8") == FILE.replace("value: 2.6", "value: 2.5")


def test_half_a_file_is_never_taken_for_the_whole(file: Path, tmp_path: Path) -> None:
    half = write_program(
        tmp_path,
        """
import sys
from pathlib import Path
path = Path(sys.argv[-1])
path.write_text(path.read_text(encoding="utf-8").partition("      - {id: mu_eta")[0], encoding="utf-8")
""",
    )
    called = edit(file, half)
    assert called.code == 5
    assert "the last line '#| end of the draft" in called.error_line()
    assert file.read_text(encoding="utf-8") == FILE
    assert len(list_drafts(tmp_path)) == 1


@pytest.mark.parametrize(
    "written",
    [
        "text.replace('\\n', '\\r\\n').encode()",
        "b'\\xef\\xbb\\xbf' + text.encode()",
        "text.encode('utf-16')",
    ],
    ids=["CRLF", "BOM", "UTF-16"],
)
def test_line_ends_and_marks_of_an_editor_stay_out_of_the_file(file: Path, tmp_path: Path, written: str) -> None:
    editor = write_program(
        tmp_path,
        f"""
import sys
from pathlib import Path
path = Path(sys.argv[-1])
text = path.read_text(encoding="utf-8").replace("value: 2.6", "value: 2.5  # eta, η")
path.write_bytes({written})
""",
    )
    called = edit(file, editor)
    assert called.code == 5  # a comment inside braces ends the line: the rest of the cut is gone
    assert "no valid YAML" in called.error_line()
    called = edit(file, write_editor(tmp_path, ("value: 2.5  # eta, η", "value: 2.5")))
    assert called.code == 0, called.err
    assert file.read_bytes() == FILE.replace("value: 2.6", "value: 2.5").encode()


def test_a_file_keeps_its_own_line_ends_and_mode(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(FILE.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    called = edit(file, write_editor(tmp_path, ("value: 2.6", "value: 2.5")))
    assert called.code == 0, called.err
    assert file.read_bytes() == FILE.replace("value: 2.6", "value: 2.5").replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o640


def test_text_that_is_no_text_is_kept_and_told(file: Path, tmp_path: Path) -> None:
    editor = write_program(
        tmp_path,
        """
import sys
from pathlib import Path
path = Path(sys.argv[-1])
if b"NOT APPLIED" not in path.read_bytes():
    path.write_bytes(path.read_bytes().replace(b"loose", b"l\\xf6se"))
""",
    )
    called = edit(file, editor)
    assert called.code == 5
    assert "not UTF-8" in called.error_line()
    (kept,) = (tmp_path / "state").rglob("*.bytes")
    assert b"l\xf6se" in kept.read_bytes()
    assert file.read_text(encoding="utf-8") == FILE


def test_somebody_elses_change_meanwhile_is_refused_then_brought_together(run: Path, tmp_path: Path) -> None:
    question = load_criteria(run / "criteria.yaml").questions[0]
    editor = write_program(
        tmp_path,
        f"""
import subprocess, sys
from pathlib import Path
subprocess.run([{sys.executable!r}, "-m", "pipeline.cli", "answer", {str(run)!r}, "{question.id}={question.default}",
                "--by", "Bert"], check=True, stdout=subprocess.DEVNULL)
path = Path(sys.argv[-1])
path.write_text(path.read_text(encoding="utf-8").replace("value: 25,", "value: 29,"), encoding="utf-8")
""",
    )
    called = edit(run, editor, "--by", "Anna")
    assert called.code == 5
    assert f"question:{question.id} was changed meanwhile by Bert" in called.error_line()
    (draft,) = list_drafts(run)
    assert str(draft) in called.err
    assert str(run / "criteria.yaml") in called.err
    theirs = load_criteria(run / "criteria.yaml")
    assert find_cut(theirs, 25).status == "proposed"
    again = edit(run, write_program(tmp_path, "import os, sys; os.utime(sys.argv[-1])"), "--by", "Anna")
    assert again.code == 0, again.err
    assert "the draft has these changes now" in again.err
    after = load_criteria(run / "criteria.yaml")
    assert find_cut(after, 29).by == "Anna"
    answer = after.questions[0].answer
    assert answer is not None
    assert answer.by == "Bert"


def test_what_others_did_and_took_back_meanwhile_is_no_clash(run: Path, tmp_path: Path) -> None:
    editor = write_program(
        tmp_path,
        f"""
import sys
from pathlib import Path
from pipeline.review.store import Review
from schemas.review import Accept, Undo
with Review.open(Path({str(run)!r})) as review:
    part = "cut:" + next(c.id for r in review.state.criteria.regions for c in r.cuts)
    review.act(Accept(parts=(part,)), "Bert")
    review.act(Undo(), "Bert")
path = Path(sys.argv[-1])
path.write_text(path.read_text(encoding="utf-8").replace("value: 25,", "value: 31,"), encoding="utf-8")
""",
    )
    called = edit(run / "criteria.yaml", editor, "--by", "Anna")
    assert called.code == 0, called.err
    with Review.open(run) as review:
        assert [r.by for r in review.history] == ["Bert", "Bert", "Anna"]
        assert find_cut(review.state.criteria, 31).by == "Anna"


def test_both_changed_one_line_and_a_person_decides(file: Path, tmp_path: Path) -> None:
    editor = write_program(
        tmp_path,
        f"""
import sys
from pathlib import Path
mine, other = Path(sys.argv[-1]), Path({str(file)!r})
mine.write_text(mine.read_text(encoding="utf-8").replace("value: 2.6", "value: 2.5"), encoding="utf-8")
other.write_text(other.read_text(encoding="utf-8").replace("value: 2.6", "value: 2.4"), encoding="utf-8")
""",
    )
    called = edit(file, editor)
    assert called.code == 5
    assert (
        "cut:mu_eta was changed meanwhile: it reads 'abs(eta) < 2.4' now, not 'abs(eta) < 2.6'" in called.error_line()
    )
    decide = write_program(
        tmp_path,
        """
import re, sys
from pathlib import Path
path = Path(sys.argv[-1])
text = path.read_text(encoding="utf-8")
found = re.search(r"<<<<<<< the draft\\n(.*)=======\\n(.*)>>>>>>> [^\\n]*\\n", text, re.S)
assert "2.5" in found[1] and "2.4" in found[2]
path.write_text(text.replace(found[0], found[2]).replace("value: 6,", "value: 7,"), encoding="utf-8")
""",
    )
    again = edit(file, decide)
    assert again.code == 0, again.err
    assert file.read_text(encoding="utf-8") == FILE.replace("value: 2.6", "value: 2.4").replace(
        "value: 6,", "value: 7,"
    )


def test_a_quote_cannot_leave_its_comment(tmp_path: Path) -> None:
    hostile = (
        "pT > 6\n      - {id: evil, variable: pt}\r\n\x85evil2: 1\u2028evil3: 2\u2029\x0c"
        "\x1b[31m\x00 \u202eabc \ufffe end"
    )
    proof = {
        "document_id": "paper", "page": 3, "quote": [hostile], "alignment": "exact", "number": "wrong", "unit": "ok",
        "operator": "ok", "polarity": "ok",
    }  # fmt: skip
    cut = {
        "id": "mu_pt", "variable": "pt", "operator": ">", "threshold": {"value": 6, "unit": "GeV"}, "origin": "rules",
        "evidence": [proof], "agreement": {"found": 7, "of": 10},
    }  # fmt: skip
    criteria = {
        "objects": [{"name": "muons", "base": "muon", "cuts": [cut]}],
        "regions": [
            {"name": "a", "cuts": [{"id": "n", "variable": "met.pt", "operator": ">", "threshold": {"value": 1}}]}
        ],
        "questions": [{
            "id": "q1", "text": hostile, "why": hostile,
            "alternatives": [{"key": "out", "text": hostile, "rejects": ["mu_pt"]}],
        }],
    }  # fmt: skip
    file = tmp_path / "hostile.json"
    file.write_text(json.dumps(criteria), encoding="utf-8")
    seen = tmp_path / "seen.yaml"
    editor = write_program(
        tmp_path,
        f"""
import shutil, sys
from pathlib import Path
path = Path(sys.argv[-1])
shutil.copy(path, {str(seen)!r})
path.write_text(path.read_text(encoding="utf-8").replace("answer:", "answer: out"), encoding="utf-8")
""",
    )
    called = edit(file, editor)
    assert called.code == 0, called.err
    shown = seen.read_text(encoding="utf-8")
    assert all(line.lstrip().startswith("#|") for line in shown.splitlines() if "evil" in line)
    assert "in 7/10 readings" in shown
    assert "NOT GROUNDED: the quote contradicts the number" in shown
    assert not any(c in shown for c in "\x1b\x85\u2028\u2029\x0c\x00\u202e\ufffe")
    after = load_criteria(file)
    (left,) = (c for o in after.objects for c in o.cuts)
    assert (left.status, left.evidence[0].quote) == ("rejected", (hostile,))


def test_what_cannot_be_opened_is_said_plainly(file: Path, tmp_path: Path) -> None:
    missing = edit(file, "/no/such/editor --wait")
    assert missing.code == 2
    assert "cannot start the editor '/no/such/editor'" in missing.error_line()
    assert len(list_drafts(tmp_path)) == 1
    none = edit(file, "")
    assert none.code == 2
    assert "set $VISUAL or $EDITOR" in none.error_line()
    built_in = call("edit", "h4l", EDITOR="true")
    assert built_in.code == 2
    assert "paperfilter export h4l" in built_in.error_line()
    unknown = edit(file, write_editor(tmp_path, ("value: 2.6", "value: 2.5")), "--fresh")
    assert unknown.code == 0, unknown.err
    assert "stays in" in unknown.err


def test_a_file_that_is_not_valid_is_opened_to_be_corrected(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(FILE.replace('operator: "<"', "operator: [", 1), encoding="utf-8")
    called = edit(file, write_editor(tmp_path, ("operator: [", 'operator: "<"')))
    assert called.code == 0, called.err
    assert file.read_text(encoding="utf-8") == FILE
