"""Where the shared development papers and data are, for tests that need real input."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("PAPERFILTER_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def require(relative: str) -> Path:
    """The path below the shared folder; skips the test, naming what is missing, where it is not there."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(
            f"needs {relative} of the shared development folder (set PAPERFILTER_SHARED)", allow_module_level=True
        )
    return path
