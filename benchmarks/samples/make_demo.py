"""The event sample of the demo: `python -m benchmarks.samples.make_demo --out DIR`."""

from pathlib import Path

import awkward as ak
import click
import numpy as np
import numpy.typing as npt

from benchmarks.samples.detector import reconstruct
from benchmarks.samples.mini_file import write_mini
from benchmarks.samples.processes import generate_continuum, generate_fakes, generate_higgs

RUN = 900000  # of no experiment
SEED = 20121
FILE_NAME = "demo.root"

# channel number, generator, share of the generated events, cross-section in pb
_PROCESSES = (
    (910001, generate_higgs, 0.22, 0.006),
    (910002, generate_continuum, 0.39, 0.06),
    (910003, generate_fakes, 0.39, 0.5),
)


def make_demo(directory: Path, n_events: int = 6000, seed: int = SEED) -> Path:
    """Write `demo.root`: simulated events of three processes with at least three leptons, mixed; returns its path.

    `n_events` are generated, about three quarters of them have enough leptons. Same seed, same events.
    """
    rng = np.random.default_rng(seed)
    leptons, jets, channel, sections, generated = [], [], [], [], []
    for number, generate, share, section in _PROCESSES:
        n_process = round(n_events * share)
        seen = reconstruct(generate(n_process, rng), rng)
        keep = ak.num(seen.leptons) >= 3
        leptons.append(seen.leptons[keep])
        jets.append(seen.jets[keep])
        channel.append(np.full(int(ak.sum(keep)), number))
        sections.append(np.full(int(ak.sum(keep)), section))
        generated.append(np.full(int(ak.sum(keep)), float(n_process)))
    n = sum(len(c) for c in channel)
    order = rng.permutation(n)
    mixed = ak.concatenate(leptons)[order]
    scalars = {
        **_count(n, np.concatenate(channel)[order]),
        **_weigh(n, rng),
        **_fire_triggers(mixed),
        "met_et": rng.gamma(2.0, 9e3, n),
        "met_phi": rng.uniform(-np.pi, np.pi, n),
        "XSection": np.concatenate(sections)[order],
        "SumWeights": np.concatenate(generated)[order],
    }
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILE_NAME
    write_mini(path, scalars, {"lep": mixed, "jet": ak.concatenate(jets)[order]})
    return path


def _count(n: int, channel: npt.NDArray[np.generic]) -> dict[str, npt.NDArray[np.generic]]:
    return {"runNumber": np.full(n, RUN), "eventNumber": np.arange(1, n + 1), "channelNumber": channel}


def _weigh(n: int, rng: np.random.Generator) -> dict[str, npt.NDArray[np.generic]]:
    weights: dict[str, npt.NDArray[np.generic]] = {"mcWeight": np.ones(n)}
    for name in ("PILEUP", "ELE", "MUON", "LepTRIGGER"):
        weights[f"scaleFactor_{name}"] = rng.normal(0.99, 0.02, n)
    for name in ("PHOTON", "TAU", "BTAG", "PhotonTRIGGER"):
        weights[f"scaleFactor_{name}"] = np.ones(n)
    return weights


def _fire_triggers(leptons: ak.Array) -> dict[str, npt.NDArray[np.generic]]:
    def fires(flavour: int) -> npt.NDArray[np.generic]:
        return np.asarray(ak.any(leptons.trigMatched & (leptons.type == flavour), axis=1))

    return {"trigE": fires(11), "trigM": fires(13), "trigP": np.zeros(len(leptons), dtype=np.bool_)}


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="folder to write to")
@click.option("--events", default=6000, show_default=True, help="events to generate, before acceptance")
@click.option("--seed", default=SEED, show_default=True, help="same seed, same events")
def main(out: Path, events: int, seed: int) -> None:
    """Write demo.root, a small sample of simulated four-lepton events."""
    click.echo(make_demo(out, events, seed))


if __name__ == "__main__":
    main()
