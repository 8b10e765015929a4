"""From one value per object to one value per event; `present` says which slots hold an object."""

from __future__ import annotations

import numpy as np


def every(passed: np.ndarray, present: np.ndarray) -> np.ndarray:
    """All objects that are there pass; true where there are none."""
    return np.all(passed | ~present, axis=0)


def some(passed: np.ndarray, present: np.ndarray) -> np.ndarray:
    """At least one object that is there passes."""
    return np.any(passed & present, axis=0)


def how_many(passed: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Number of objects that are there and pass."""
    return np.sum(passed & present, axis=0)


def total(values: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Sum over the objects that are there; 0 for none."""
    return np.sum(np.where(present, values, 0.0), axis=0)


def smallest(values: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Smallest value among the objects that are there; missing for none."""
    least = np.min(np.where(present, values, np.inf), axis=0, initial=np.inf)
    return np.where(present.any(axis=0), least, np.nan)


def largest(values: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Largest value among the objects that are there; missing for none."""
    return -smallest(-values, present)


def known(values: np.ndarray, exists: np.ndarray) -> np.ndarray:
    """The values where something exists, missing elsewhere."""
    return np.where(exists, values, np.nan)


def truth(yes: np.ndarray, no: np.ndarray) -> np.ndarray:
    """1 for yes, 0 for no, missing where neither is known."""
    return np.where(yes, 1.0, np.where(no, 0.0, np.nan))
