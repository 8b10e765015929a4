"""The report as Markdown, with its figures beside it."""

from collections.abc import Iterator

from benchmarks.contest.tables import escape, write_grid
from benchmarks.reporting.contents import Contents

FOLDER = "figures"


def render_markdown(contents: Contents) -> str:
    """The report; names of models and papers are escaped."""
    return "\n".join(_lines(contents)).rstrip() + "\n"


def _lines(contents: Contents) -> Iterator[str]:
    yield f"# {escape(contents.title)}"
    yield ""
    yield escape(contents.meta)
    yield ""
    yield f"**{escape(contents.verdict)}**"
    yield ""
    for section in contents.sections:
        yield f"## {section.title}"
        yield ""
        yield escape(section.about)
        yield ""
        for grid in section.grids:
            yield write_grid(grid)
            yield ""
        yield escape(contents.note)
        yield ""
        for figure in section.figures:
            yield f"![{escape(figure.title)}]({FOLDER}/{figure.stem}.png)"
            yield ""
            yield f"*{escape(figure.title)}.* {escape(figure.caption)}"
            yield ""
        for grid in section.runs_together:
            yield write_grid(grid)
            yield ""
    yield "## Definitions"
    yield ""
    for metric in {metric.name: metric for section in contents.sections for metric in section.definitions}.values():
        unit = f", in {metric.unit}" if metric.unit else ""
        better = "" if metric.better == "neither" else f"; {metric.better} is better"
        yield f"- **{escape(metric.title)}**{unit}{better}: {escape(metric.about)}"
    yield ""
    yield "## Record"
    yield ""
    for remark in contents.remarks:
        yield f"- {escape(remark)}"
    yield ""
    for grid in contents.facts:
        if grid.rows:
            yield write_grid(grid)
            yield ""
