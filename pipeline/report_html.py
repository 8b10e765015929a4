"""A report as one HTML file: nothing is fetched, nothing runs, everything from a paper is escaped."""

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline.report import CriterionRow, FlowRow, Report
from pipeline.terminal import strip_controls
from pipeline.wording import join_quote, list_values, shorten, word_agreement, word_count, word_place, word_weighted
from schemas.evidence import Evidence

TEMPLATES = Path(__file__).with_name("templates")
ROW_CLASSES = {"=": "equal", "≠": "different"}


def render_html(report: Report, folder: Path) -> str:
    """The page; figures are taken from `folder` and become part of it."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    return environment.get_template("report.html.jinja").render(
        report=report,
        request=report.manifest.request,
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        images={figure.png: _inline(folder / figure.png) for figure in report.figures},
        count=word_count,
        weighted=word_weighted,
        quote=join_quote,
        shorten=shorten,
        mark_quote=_mark_quote,
        grounded=_is_grounded,
        row_class=_classify,
        example_values=list_values,
        agreement=word_agreement,
        place=word_place,
    )


def _clean(value: object) -> object:
    if isinstance(value, Markup):
        return value
    return strip_controls(value) if isinstance(value, str) else value


def _inline(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _is_grounded(row: CriterionRow) -> bool:
    return any(e.grounded for e in row.evidence)


def _mark_quote(evidence: Evidence, numbers: tuple[str, ...]) -> Markup:
    """The quote, escaped, with the numbers of the threshold marked."""
    text = escape(join_quote(evidence))
    if not numbers:
        return text
    anyone = "|".join(re.escape(number) for number in numbers)
    return Markup(re.sub(rf"(?<![\w.&#])(?:{anyone})(?!\w|\.\d)", r"<mark>\g<0></mark>", str(text)))  # noqa: S704 - escaped


def _classify(row: FlowRow) -> str:
    return ROW_CLASSES.get(row.verdict, "aside" if row.verdict else "")
