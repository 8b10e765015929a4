"""Runs to be reviewed, made here in a moment: small criteria of our own with comments and an open question."""

import os
import time
from pathlib import Path

import pytest

from pipeline.files import digest_file
from pipeline.manifest import Request
from pipeline.reading import adopt_criteria
from pipeline.run_store import open_run
from pipeline.terminal import Progress

CRITERIA = """\
# our own selection
schema_version: "1.0"
analysis: {slug: zmumu}
objects:
  - name: muons # from both detectors
    base: muon
    cuts:
      # on the plateau of the trigger
      - {id: mu_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}}
      - {id: mu_eta, variable: abs(eta), operator: "<", threshold: {value: 2.4}}
candidates:
  - {name: z, pair: muons, require: [opposite_charge], minimise: abs(mass(z) - mZ)}
variables:
  - {name: m, expression: mass(z), unit: GeV}
regions:
  - name: peak
    cuts:
      - {id: pair, variable: count(z), operator: "==", threshold: {value: 1}}
      - {id: window, variable: m, operator: between, threshold: {range: [70, 110], unit: GeV}}
outputs: [m]
questions:
  - id: ends
    text: Do the ends of the window belong to it?
    why: the text does not say
    default: without
    cuts: [window]
    alternatives:
      - {key: without, text: "no"}
      - key: with
        text: "yes"
        changes:
          - id: window
            variable: m
            operator: between
            threshold: {range: [70, 110], unit: GeV, closed: both}
"""
AUTHOR = "A. Physicist"


def make_run(folder: Path, text: str = CRITERIA) -> Path:
    """A run folder that holds these criteria as they were made."""
    source = folder / "zmumu.yaml"
    source.write_text(text, encoding="utf-8")
    request = Request(
        command="extract", kind="criteria", source=str(source), source_sha256=digest_file(source), reader="none",
        coder="none",
    )  # fmt: skip
    with open_run(folder / "runs", "zmumu", request) as run:
        adopt_criteria(run, source, Progress(quiet=True))
    return run.path


def edit_by_hand(run: Path, old: str, new: str, times: int = 1) -> None:
    """Change the text of criteria.yaml, as somebody did a minute ago."""
    path = run / "criteria.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == times, text
    path.write_text(text.replace(old, new), encoding="utf-8")
    minute_ago = time.time() - 60
    os.utime(path, (minute_ago, minute_ago))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run, and a person whose name git knows."""
    monkeypatch.setenv("GIT_AUTHOR_NAME", AUTHOR)
    monkeypatch.chdir(tmp_path)
    return make_run(tmp_path)
