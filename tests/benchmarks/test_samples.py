"""The demo sample: the same events for a seed, in the layout of the real files, with the shapes a selection needs."""

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from benchmarks.samples.decays import decay, find_masses, make_momenta
from benchmarks.samples.make_demo import make_demo
from benchmarks.samples.processes import MH, generate_higgs
from tests.shared import require


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> ak.Array:
    path = make_demo(tmp_path_factory.mktemp("demo"), n_events=1500)
    with uproot.open(path) as file:
        return file["mini"].arrays(library="ak")


def test_same_seed_same_events(events: ak.Array, tmp_path: Path) -> None:
    with uproot.open(make_demo(tmp_path, n_events=1500)) as file:
        again = file["mini"].arrays(library="ak")
    assert ak.almost_equal(events, again)
    with uproot.open(make_demo(tmp_path / "other", n_events=1500, seed=1)) as file:
        other = file["mini"].arrays(["met_et"], library="ak")
    assert len(other) != len(events) or not ak.almost_equal(events[["met_et"]], other)


def test_layout_is_that_of_the_real_files(events: ak.Array) -> None:
    with uproot.open(sorted(require("data/atlas2020_4lep").glob("*.root"))[0]) as file:
        real = file["mini"].arrays(library="ak")
    assert set(ak.fields(events)) <= set(ak.fields(real))
    for name in ak.fields(events):
        ours, theirs = events[name], real[name]
        assert ours.ndim == theirs.ndim, name
        kinds = [ak.to_numpy(ak.flatten(a, axis=None)).dtype.kind for a in (ours, theirs)]
        assert kinds[0] == kinds[1] or name in ("lep_n", "jet_n"), name  # counters are signed in counted branches


def test_events_are_unique_sorted_and_physical(events: ak.Array) -> None:
    assert len(set(events.eventNumber.tolist())) == len(events)
    assert ak.all(events.lep_pt[:, :-1] >= events.lep_pt[:, 1:])
    assert ak.all(events.lep_n >= 3)
    assert ak.all(events.lep_E >= events.lep_pt * np.cosh(events.lep_eta) * (1 - 1e-6))
    assert ak.all(abs(events.lep_phi) <= np.pi + 1e-6)


def test_decays_conserve_momentum_and_mass() -> None:
    rng = np.random.default_rng(7)
    parents = make_momenta(np.full(50, 125.0), rng.uniform(0, 80, 50), rng.normal(0, 1, 50), rng.uniform(-3, 3, 50))
    first, second = decay(parents, np.full(50, 91.0), np.full(50, 20.0), rng)
    np.testing.assert_allclose(first + second, parents, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(find_masses(first), 91.0, rtol=1e-9)
    np.testing.assert_allclose(find_masses(second), 20.0, rtol=1e-8)


def test_four_leptons_of_a_higgs_boson_have_its_mass() -> None:
    truth = generate_higgs(200, np.random.default_rng(3))
    np.testing.assert_allclose(find_masses(truth.momenta.sum(axis=1)), MH, rtol=1e-9)
    heavier = find_masses(truth.momenta[:, :2].sum(axis=1))
    assert 80 < np.median(heavier) < 95
