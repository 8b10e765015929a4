"""Event files that are damaged or packed otherwise than their name says: told as such, with file and line."""

import gzip
import json
from pathlib import Path

import pytest

from pipeline.analyses import choose_profile, load_analysis
from schemas.errors import DamagedData, DataError
from tests.codegen.test_reading_jsonl import EVENTS
from tests.pipeline.calling import call
from tests.pipeline.samples import write_sample
from tests.pipeline.test_run import UNSAFE

LINES = [json.dumps(event).encode() for event in EVENTS[:12]]
WHOLE = b"\n".join(LINES)


def spoil(line: bytes) -> bytes:
    return b"\n".join([*LINES[:5], line, *LINES[6:]])


@pytest.mark.parametrize(("name", "content", "says"), [
    ("a.jsonl", spoil(b"hello world"), "a.jsonl, line 6: damaged"),
    ("a.jsonl", WHOLE[:-40], "a.jsonl, line 12: damaged"),
    ("a.jsonl", spoil(b"[1, 2]"), "a.jsonl, line 6: damaged"),
    ("a.jsonl", spoil(LINES[5][:-1] + b', "by": "M\xfcller"}'), "a.jsonl, line 6: damaged: not UTF-8"),
    ("a.jsonl", gzip.compress(WHOLE), "rename it to a.jsonl.gz"),
    ("a.jsonl.gz", WHOLE, "rename it to a.jsonl"),
    ("a.jsonl.gz", gzip.compress(WHOLE)[:-60], "damaged"),
])  # fmt: skip
def test_damaged_files_are_told_from_files_of_another_kind(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DamagedData) as told:
        choose_profile(load_analysis("leptoquark"), [path])
    assert says in str(told.value)
    assert "\n" not in str(told.value)


def test_a_cut_root_file_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cut.root"
    path.write_bytes(write_sample(tmp_path).read_bytes()[:3000])
    with pytest.raises(DamagedData, match=r"cut\.root .*it is damaged"):
        choose_profile(load_analysis("h4l"), [path])


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "marked.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + WHOLE)
    words = ("--data", path, "--runs-dir", tmp_path / "runs", *UNSAFE)
    called = call("run", "leptoquark", "--against", "leptoquark", *words)
    assert called.code == 0, called.err
    assert "the same events" in called.out


def test_a_format_that_an_analysis_cannot_use_is_named_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "good.jsonl"
    path.write_bytes(WHOLE)
    with pytest.raises(DataError) as told:
        choose_profile(load_analysis("diphoton"), [path])
    assert "of profile evtjsonl" in str(told.value)
    assert "generated particles have no identification" in str(told.value)
