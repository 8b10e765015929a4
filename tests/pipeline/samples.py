"""Small event files for tests, made here: good ones and broken ones."""

from pathlib import Path

import awkward as ak
import numpy as np
import uproot

from benchmarks.samples.make_demo import make_demo
from benchmarks.samples.mini_file import write_mini


def write_sample(folder: Path, n_events: int = 400) -> Path:
    """A few hundred simulated events."""
    return make_demo(folder, n_events)


def write_without_branch(path: Path, sample: Path, branch: str) -> Path:
    """The events of `sample` without one branch of the leptons."""
    return _rewrite(path, sample, stop=None, without=branch)


def write_empty_tree(path: Path, sample: Path) -> Path:
    """The tree of `sample` without events."""
    return _rewrite(path, sample, stop=0, without=None)


def write_other_tree(path: Path) -> Path:
    """A ROOT file with a tree of another name."""
    with uproot.recreate(path) as file:
        file.mktree("other", {"x": np.float32}).extend({"x": np.arange(3, dtype=np.float32)})
    return path


def _rewrite(path: Path, sample: Path, stop: int | None, without: str | None) -> Path:
    with uproot.open(sample) as file:
        events = file["mini"].arrays(entry_stop=stop)
    lists = {}
    for name in ("lep", "jet"):
        fields = [f for f in events.fields if f.startswith(f"{name}_") and f not in (f"{name}_n", without)]
        lists[name] = ak.zip({f.removeprefix(f"{name}_"): events[f] for f in fields})
    scalars = {f: ak.to_numpy(events[f]) for f in events.fields if not f.startswith(("lep_", "jet_"))}
    write_mini(path, scalars, lists)
    return path
