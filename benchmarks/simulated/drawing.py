"""Chance that can be repeated: what is drawn for a thing depends on its name alone, never on the order of drawing."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(*names: object) -> float:
    """A number from 0 (included) to 1 (excluded), uniform over names, always the same for the same names."""
    digest = hashlib.sha256("\x1f".join(str(name) for name in names).encode()).digest()
    return (int.from_bytes(digest[:8]) >> 11) / (1 << 53)


def choose(things: Sequence[T], *names: object) -> T:
    """One of the things, all equally likely over names."""
    return things[int(draw(*names) * len(things))]
