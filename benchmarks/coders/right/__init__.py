"""Selections by hand, as a coder is asked to write them: right, and without a line of the compiler or the baselines.

They are texts: what stands around them is written by `codegen.coder.program`.
"""

from pathlib import Path

ANALYSES = ("h4l", "diphoton", "leptoquark")


def read_right(analysis: str) -> str:
    """The functions of one of ANALYSES."""
    return (Path(__file__).parent / f"{analysis}.py").read_text(encoding="utf-8")
