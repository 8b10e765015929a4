"""Output files of generated code that are broken, hostile or contradict themselves."""

import json
import time
from pathlib import Path

import pytest

from codegen.compare import compare_cutflows
from codegen.outputs import clean_text, read_cutflow
from schemas.errors import AnalysisFailed

GOOD: dict[str, object] = {
    "format": "paperfilter-cutflow/1",
    "analysis": "demo",
    "made_by": "compiler",
    "n_events": 3,
    "regions": [
        {
            "name": "signal",
            "steps": [
                {"id": "initial", "label": "all events", "count": 3, "weighted": 3, "uncertainty": 1.73},
                {"id": "mass", "label": "m_4ℓ > 115 GeV", "count": 1, "weighted": 1.0, "uncertainty": 1.0},
            ],
            "events": {
                "columns": ["runNumber", "eventNumber"],
                "keys": [[1, 18446744073709551615], [1, 2], [1, 3]],
                "last_step": [0, 1, 0],
            },
        }
    ],
}
TEXT = json.dumps(GOOD)


def refuse(tmp_path: Path, content: str | bytes) -> str:
    """The line with which `content` is refused."""
    file = tmp_path / "cutflow.json"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    began = time.monotonic()
    with pytest.raises(AnalysisFailed) as refusal:
        read_cutflow(file)
    assert time.monotonic() - began < 5
    line = str(refusal.value)
    assert line.startswith("cutflow.json ")
    assert line.isprintable()
    assert len(line) < 500
    return line


def test_a_good_cutflow_is_read(tmp_path: Path) -> None:
    file = tmp_path / "cutflow.json"
    file.write_text(TEXT)
    region = read_cutflow(file).regions[0]
    assert region.keys_at(1) == {(1, 2)}
    assert region.events.keys[0] == (1, 2**64 - 1)
    assert region.steps[1].label == "m_4ℓ > 115 GeV"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"weighted": 1.0', '"weighted": NaN', "NaN is no number"),
        ('"weighted": 1.0', '"weighted": -Infinity', "-Infinity is no number"),
        ('"weighted": 1.0', '"weighted": 1e999', "a number out of range: 1e999"),
        ('"count": 1', '"count": ' + "9" * 5000, "an integer of 5000 digits"),
        ('"count": 1', '"count": 1' + "0" * 20, "an integer of 21 digits"),
        ('"n_events": 3', '"n_events": 3, "n_events": 4', "the name 'n_events' stands twice"),
        ('"n_events": 3', '"n_events": "3"', "n_events: Input should be a valid integer"),
        ('"n_events": 3', '"n_events": true', "n_events: Input should be a valid integer"),
        ('"analysis": "demo"', '"analysis": "\\u001b[2J"', r"control character '\x1b'"),
        ('"analysis": "demo"', '"analysis": "\x9b2J"', r"control character '\x9b'"),
        ('"analysis": "demo"', '"analysis": "\\u202egnp"', r"control character '\u202e'"),
        ('"analysis": "demo"', '"analysis": "a\\bb"', r"control character '\x08'"),
        ('"analysis": "demo"', '"analysis": "\\ud800"', "is not a cutflow"),
        ('"analysis": "demo"', '"analysis": "demo", "more": 1', "more: Extra inputs are not permitted"),
        ('"analysis": "demo", ', "", "analysis: Field required"),
        ('"paperfilter-cutflow/1"', '"paperfilter-cutflow/9"', "is not a cutflow: format"),
        ('"keys": [[1', '"keys": [[0, 1', "event keys do not have 2 numbers each"),
        ("[0, 1, 0]", "[0, 1]", "differ in length"),
        ("[0, 1, 0]", "[0, 2, 0]", "last_step points outside the steps"),
        ("[0, 1, 0]", "[-1, 1, 0]", "last_step points outside the steps"),
        ("[0, 1, 0]", "[1, 1, 0]", "step 'mass' counts 1 events, its event table 2"),
        ('"count": 3', '"count": 2', "it starts with 2 events, not with the 3"),
        ('"id": "mass"', '"id": "initial"', "two steps have the same id"),
        ('"name": "signal"', '"name": "signal", "parent": "nowhere"', "comes before its parent 'nowhere'"),
    ],
)
def test_poison_is_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in TEXT
    assert what in refuse(tmp_path, TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is not usable JSON"),
        (b"[" * 200_000 + b"]" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "nested too deeply"),
        (b"[" + b"[]," * 5_000_000 + b"[]]", "more than 4000000 lists and objects"),
        (b"\xff\xfe{}", "is not usable JSON"),
        (b"null", "is not a cutflow"),
        (b"{}" + TEXT.encode(), "is not usable JSON"),
        (b" " * (129 * 1024**2), "is larger than"),
    ],
    ids=["empty", "deep lists", "deep objects", "many lists", "not UTF-8", "null", "two values", "large"],
)
def test_bombs_are_refused(tmp_path: Path, content: bytes, what: str) -> None:
    assert what in refuse(tmp_path, content)


def test_the_documented_cutflow_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = page.split("<!-- example cutflow: begin -->")[1].split("<!-- example cutflow: end -->")[0]
    text = example.strip().removeprefix("```json").removesuffix("```")
    (tmp_path / "cutflow.json").write_text(text, encoding="utf-8")
    cutflow = read_cutflow(tmp_path / "cutflow.json")
    assert cutflow.regions[0].keys_at(1) == {(1, 11, 0)}
    comparison = compare_cutflows(cutflow, cutflow)
    assert comparison.matched
    assert comparison.baseline == "tiny (another program)"


def test_missing_fields_of_a_step_are_named_at_once(tmp_path: Path) -> None:
    content = json.loads(TEXT)
    for step in content["regions"][0]["steps"]:
        del step["label"], step["count"]
    line = refuse(tmp_path, json.dumps(content))
    assert "regions.0.steps.0: these fields are required: label, count (and " in line


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnalysisFailed, match=r"cutflow\.json cannot be read: No such file"):
        read_cutflow(tmp_path / "cutflow.json")


@pytest.mark.parametrize(
    ("captured", "clean"),
    [
        (b"m_4\xe2\x84\x93 = 125\tGeV\n", "m_4ℓ = 125\tGeV\n"),
        (b"10%\r100%\r\n", "10%\n100%\n"),
        (b"\x1b[1;31mred\x1b[0m\x1b[?25l\x1b(B", "red"),
        (b"\x1b]0;title\x07\x1b]8;;x\x1b\\link\x1bP1$r\x1b\\\x1bc", "link"),
        (b"unfinished \x1b", "unfinished "),
        (b"\xc2\x9b31mc1\xc2\x85\x00\x08\x7f", "c1"),
        ("a\u202eb\u2066c\u200f\ufeff".encode(), "abc"),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_captured_text_is_made_harmless(captured: bytes, clean: str) -> None:
    assert clean_text(captured) == clean


def test_cleaning_takes_linear_time() -> None:
    began = time.monotonic()
    clean_text(b"\x1b]" * 500_000 + b"\x1b[" * 500_000)
    assert time.monotonic() - began < 2
