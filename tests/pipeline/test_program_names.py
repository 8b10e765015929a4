"""A compiled program never hides a package that it imports."""

from pathlib import Path

import pytest

from tests.pipeline.calling import call


@pytest.mark.parametrize("name", ["numba", "numpy", "json"])
def test_a_program_is_not_called_like_a_package(tmp_path: Path, name: str) -> None:
    called = call("compile", "diphoton", "-o", tmp_path / f"{name}.py", cwd=tmp_path)
    assert (called.code, list(tmp_path.iterdir())) == (2, [])
    assert f"hides the package {name}" in called.err
