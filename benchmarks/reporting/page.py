"""The report as one HTML file: nothing is fetched, nothing runs, names of models and papers are escaped."""

import base64
import hashlib
import struct
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.reporting.contents import Contents
from pipeline import report_html
from pipeline.terminal import strip_controls

TEMPLATES = Path(__file__).with_name("templates")


def render_page(contents: Contents) -> str:
    """The page, with all figures in it."""
    # The look is that of the reports of runs; what a contest needs beyond that stands behind it.
    sheets = (report_html.TEMPLATES / "report.css", TEMPLATES / "contest.css")
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    figures = [figure for section in contents.sections for figure in section.figures]
    return environment.get_template("contest.html.jinja").render(
        contents=contents,
        style=Markup(style),  # noqa: S704 - our own files
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        images={f.stem: f"data:image/png;base64,{base64.b64encode(f.png).decode()}" for f in figures},
        sizes={f.stem: _measure(f.png) for f in figures},
    )


def _clean(value: object) -> object:
    if isinstance(value, Markup):
        return value
    return strip_controls(value) if isinstance(value, str) else value


def _measure(png: bytes) -> tuple[int, int]:
    """Width and height in pixels of the screen: figures are drawn for screens of twice the density."""
    width, height = struct.unpack(">II", png[16:24])  # of the first block, after signature, length and name
    return width * 4 // 5, height * 4 // 5
