"""Tables of a contest inside a Markdown file, such as the README: what stands between two marks is written anew.

A pair of marks names a table: `<!-- contest extract criteria: begin -->` and `<!-- contest extract criteria: end -->`.
The name is the task and the title of the table as `lay_out` has it, without what it is about.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contest.contestants import Task
from benchmarks.contest.results import Results
from benchmarks.contest.summary import Summary
from benchmarks.contest.tables import NOTE, escape, lay_out, lay_out_differences, write_grid
from pipeline.files import write_atomically
from schemas.errors import RunFolderError, UsageError

TASKS: tuple[Task, ...] = ("extract", "code")
MARK = re.compile(r"<!-- contest (?P<name>[^\n]*?): begin -->\n(?P<text>.*?)<!-- contest (?P=name): end -->", re.DOTALL)
BEGIN = re.compile(r"<!-- contest ([^\n]*?): begin -->")


def publish(text: str, results: Results, summaries: Sequence[Summary]) -> str:
    """`text` with every marked table written anew; those of a task that these results are not about stay as they are.

    Raises UsageError where the text has no marks, a mark has no end, or names a table that these results do not have.
    """
    tables = name_tables(results, summaries)
    opened = BEGIN.findall(text)
    closed = [m["name"] for m in MARK.finditer(text)]
    if opened != closed:
        lost = next(name for name in opened if opened.count(name) != closed.count(name))
        raise UsageError(f"the mark '<!-- contest {lost}: begin -->' has no end; write '<!-- contest {lost}: end -->'")
    tasks = {m.task for m in results.measures}
    wanted = [name for name in opened if name.split(" ")[0] in tasks or name.split(" ")[0] not in TASKS]
    if not wanted:
        names = ", ".join(f"'{name}'" for name in tables)
        raise UsageError(f"there is no mark '<!-- contest NAME: begin -->' for {names or 'empty results'}")
    missing = [name for name in wanted if name not in tables]
    if missing:
        raise UsageError(f"these results have no table '{missing[0]}'; there are {', '.join(tables)}")

    def write_anew(mark: re.Match[str]) -> str:
        name = mark["name"]
        if name not in wanted:
            return mark[0]
        return f"<!-- contest {name}: begin -->\n{tables[name]}<!-- contest {name}: end -->"

    return MARK.sub(write_anew, text)


def publish_file(path: Path, results: Results, summaries: Sequence[Summary]) -> bool:
    """Write the marked tables of a Markdown file anew; whether anything changed.

    Raises UsageError as `publish` does, and RunFolderError where the file cannot be read or written.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunFolderError(f"cannot read {path}: {error}; give a Markdown file in UTF-8") from error
    try:
        anew = publish(text, results, summaries)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    if anew == text:
        return False
    write_atomically(path, anew)
    return True


def name_tables(results: Results, summaries: Sequence[Summary]) -> dict[str, str]:
    """Every table as Markdown, by its name; under it what it was made with and what its numbers are."""
    named: dict[str, list[str]] = {}
    for task in TASKS:
        grids = (*lay_out([s for s in summaries if s.task == task]), *lay_out_differences(results, task))
        for grid in grids:
            named.setdefault(f"{task} {grid.title.partition(',')[0].lower()}", []).append(write_grid(grid))
    manifest = results.manifest
    made = f"paperfilter {escape(manifest.paperfilter)}, {escape(manifest.made[:10])}. {NOTE}"
    return {name: "\n\n".join([*grids, made]) + "\n" for name, grids in named.items()}
