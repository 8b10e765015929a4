"""Events that fail a first cut are not looked at further; what is found is the same as if all were."""

from pathlib import Path

import pytest

import codegen.compile
from tests.codegen.mini_files import Compiled, write_mini
from tests.codegen.test_compile import make_random_events
from tests.schemas.examples import DIPHOTON, H4L, LEPTOQUARK

TRIGGERED = DIPHOTON.replace(
    "- {id: two_photons",
    """- {id: dilepton_trigger, variable: trigger, operator: "==", threshold: {label: dilepton}}
      - {id: no_muon_trigger, variable: trigger, operator: "!=", threshold: {label: single_muon}}
      - {id: some_met, variable: met.pt, operator: ">", threshold: {value: 5, unit: GeV}}
      - {id: two_photons""",
)


@pytest.mark.parametrize("text", [H4L, LEPTOQUARK, TRIGGERED])
def test_first_cuts_only_save_work(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = make_random_events(400, seed=11)
    for k, event in enumerate(events):
        event.update(trigM=k % 3 == 0, met_et=k * 1000.0 % 17_000)
    file = write_mini(tmp_path / "events.root", events)
    filtered = Compiled(text, tmp_path)
    monkeypatch.setattr(codegen.compile, "write_first_cuts", lambda *_: [])
    whole = Compiled(text, tmp_path)
    assert "count_passed(" in filtered.program.source
    assert "count_passed(" not in whole.program.source
    watched = frozenset({(1, 7, 1), (1, 12, 1)})
    cutflow = filtered.run([file], tmp_path / "filtered", watched)
    assert cutflow == whole.run([file], tmp_path / "whole", watched)
    assert (tmp_path / "filtered" / "values.json").read_bytes() == (tmp_path / "whole" / "values.json").read_bytes()
    counts = [step.count for step in cutflow.regions[0].steps]
    assert counts[0] == 400
    assert 0 < min(counts[1:3]) < 400


def test_cuts_on_the_event_are_told_apart(tmp_path: Path) -> None:
    file = write_mini(tmp_path / "events.root", [
        {"trigM": False, "met_et": 9000.0, "photon": []}, {"trigM": True, "met_et": 9000.0, "photon": []},
        {"trigM": False, "met_et": 5000.0, "photon": []}, {"trigM": False, "met_et": float("nan"), "photon": []},
    ])  # fmt: skip
    cutflow = Compiled(TRIGGERED, tmp_path).run([file], tmp_path / "out")
    steps = {step.id: step.count for step in cutflow.regions[0].steps}
    assert [steps[s] for s in ("initial", "dilepton_trigger", "no_muon_trigger", "some_met", "two_photons")] == [
        4, 4, 3, 1, 0,
    ]  # fmt: skip
