"""Short ways to write cuts, and events that are handed to a compiled analysis without a file."""

from collections.abc import Sequence
from typing import Any

import awkward as ak
import numpy as np

from tests.codegen.mini_files import EVENT_TYPES, OBJECT_TYPES, Event


def write_cut(name: str, variable: str, operator: str, threshold: str | None, condition: str | None, any_: bool) -> str:
    """A cut as YAML on one line."""
    parts = [f"id: {name}", f'variable: "{variable}"', f'operator: "{operator}"']
    parts += [f"threshold: {threshold}"] if threshold is not None else []
    parts += [f'condition: "{condition}"'] if condition is not None else []
    parts += ["quantifier: any"] if any_ else []
    return f"{{{', '.join(parts)}}}"


def make_branches(events: Sequence[Event]) -> dict[str, ak.Array]:
    """The branches of a `mini` file with these events; what an event does not give is 0."""
    branches: dict[str, ak.Array] = {}
    for name, kind in EVENT_TYPES.items():
        usual = 1 if name.startswith(("mcWeight", "scaleFactor", "XSection", "SumWeights")) else 0
        branches[name] = ak.Array(np.array([e.get(name, usual) for e in events], dtype=kind))
    branches["eventNumber"] = ak.Array(np.arange(1, len(events) + 1, dtype="int32"))
    for prefix, fields in OBJECT_TYPES.items():
        counts = np.array([len(e.get(prefix, ())) for e in events], dtype=np.int64)
        for field, kind in fields.items():
            flat = np.array([o.get(field, 0) for e in events for o in e.get(prefix, ())], dtype=kind)
            branches[f"{prefix}_{field}"] = ak.unflatten(flat, counts)
    return branches


def process(module: Any, branches: dict[str, ak.Array], watched: frozenset[tuple[int, ...]]) -> dict[str, Any]:
    """What an imported analysis finds in these events, as one chunk."""
    number = len(next(iter(branches.values())))
    events = module.Events(module.Chunk(0, "made", 0, number), branches)
    (found,) = module.Analysis(watched).process(events).values()
    result: dict[str, Any] = found
    return result
