"""What a batch is about: lists of sources, one per line, and sources on the command line, each once.

A source is a paper's PDF, a criteria file, a built-in analysis, or an identifier of a paper (arXiv id, DOI, report
number, address). A line that is none of these becomes an entry that says so: it never ends the batch.
"""

import codecs
import hashlib
import os
import re
import sys
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline.analyses import list_analyses
from pipeline.run_store import make_slug
from pipeline.terminal import strip_controls
from schemas.errors import UsageError
from schemas.model import Model

EntryKind = Literal["paper", "criteria", "analysis", "identifier", "bad"]

STDIN = "-"
CRITERIA = (".yaml", ".yml", ".json")
LONGEST_LINE = 4096
LONGEST_LIST = 16 * 2**20  # bytes
COMMENT = re.compile(r"(^|\s)#.*$")


class Entry(Model):
    """One source of a batch. `source` is what the commands are called with: an absolute path, a name, an identifier."""

    kind: EntryKind
    source: str
    given: str  # as it was written
    where: str  # "ids.txt:12", "command line"
    problem: str | None = None  # why it is bad: one line

    @property
    def key(self) -> str:
        """A file name that is the entry's own."""
        digest = hashlib.sha256(os.fsencode(f"{self.kind} {self.source}")).hexdigest()[:8]
        return f"{make_slug(Path(self.source).stem if self.kind == 'paper' else self.source)[:60]}-{digest}"


class Listing(NamedTuple):
    """The entries in the order given, a name for the batch, and what a person should know about the lists."""

    entries: tuple[Entry, ...]
    name: str
    warnings: tuple[str, ...]


class _Line(NamedTuple):
    text: str
    where: str
    home: Path  # what a relative path is looked up in first


def read_entries(arguments: tuple[str, ...]) -> Listing:
    """The entries of lists and single sources; relative paths of a list are looked up beside the list first.

    Raises UsageError when there is nothing to do, or when an argument is neither a list nor a source.
    """
    lines: list[_Line] = []
    names: list[str] = []
    for argument in arguments:
        if argument == STDIN:
            lines += _split(sys.stdin.buffer.read(LONGEST_LIST), "stdin", Path())
        elif _is_list(argument):
            path = Path(argument)
            names.append(path.stem)
            lines += _split(_read(path), path.name, path.resolve().parent)
        else:
            lines.append(_Line(argument, "command line", Path()))
    entries: dict[tuple[str, str], Entry] = {}
    warnings = []
    for line in lines:
        entry = make_entry(*line)
        if entry.kind == "bad" and entry.where == "command line":
            raise UsageError(f"{entry.problem}")
        first = entries.setdefault((entry.kind, entry.source), entry)
        if first is not entry:
            warnings.append(f"{entry.where}: {entry.given} is {first.given} of {first.where} again; done once")
    if not entries:
        raise UsageError("no papers: the list is empty; give one source per line")
    return Listing(tuple(entries.values()), _name(names, tuple(entries.values())), tuple(warnings))


def make_entry(text: str, where: str, home: Path) -> Entry:
    """The entry of one line."""
    given = strip_controls(text)[:200].encode(errors="replace").decode()

    def bad(problem: str) -> Entry:
        return Entry(kind="bad", source=f"{where} {given}", given=given, where=where, problem=problem)

    if not text.strip():
        return bad("an argument is empty; name a list or a paper")
    if "\0" in text or len(text) > LONGEST_LINE:
        return bad(f"'{given[:40]}…' is no source; is this a list, with one source per line?")
    try:
        path = _find_file(text, home)
    except OSError as error:
        return bad(f"'{given}': {error.strerror}")
    except RuntimeError:  # ~somebody
        return bad(f"'{given}': there is no such person on this machine")
    if path is not None:
        if path.is_dir():
            return bad(f"'{given}' is a folder; name the papers in it")
        if not _is_unicode(str(path)):
            return bad(f"'{given}': its path is not UTF-8; rename it")
        kind: EntryKind = "criteria" if path.suffix.lower() in CRITERIA else "paper"
        return Entry(kind=kind, source=str(path), given=given, where=where)
    if text in list_analyses():
        return Entry(kind="analysis", source=text, given=given, where=where)
    identifier = _normalise(text)
    if identifier is not None:
        return Entry(kind="identifier", source=identifier, given=given, where=where)
    if Path(text).suffix.lower() in (".pdf", *CRITERIA):
        return bad(f"'{given}': no such file; check the path")
    known = ", ".join(list_analyses()) or "none is installed"
    return bad(f"'{given}' is no file, no built-in analysis ({known}), no arXiv id, DOI or report number")


def _normalise(text: str) -> str | None:
    """An identifier as one spelling, None when the text is none."""
    from papers.identifiers import parse_identifier

    identifier = parse_identifier(text)
    if identifier is None:
        return None
    if identifier.kind == "inspire":  # a bare number says nothing
        return f"https://inspirehep.net/literature/{identifier.value}"
    return identifier.name


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _find_file(text: str, home: Path) -> Path | None:
    path = Path(text).expanduser()
    return next((p.resolve() for p in (home / path, path) if p.exists()), None)


def _is_list(argument: str) -> bool:
    """Whether a command line argument is a file that lists sources, not a source."""
    path = Path(argument)
    if argument.startswith("~"):  # the shell knew nobody of that name
        return False
    if not path.is_file() or path.suffix.lower() in (".pdf", *CRITERIA):
        return False
    try:
        with path.open("rb") as file:
            return not file.read(1024).lstrip().startswith(b"%PDF-")
    except OSError as error:
        raise UsageError(f"{argument}: cannot be read ({error.strerror}); check its permissions") from error


def _read(path: Path) -> bytes:
    if path.stat().st_size > LONGEST_LIST:
        raise UsageError(f"{path}: too long for a list of sources; give one source per line")
    return path.read_bytes()


def _split(content: bytes, name: str, home: Path) -> list[_Line]:
    """The lines of a list that are neither empty nor a comment."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    else:
        text = os.fsdecode(content.removeprefix(codecs.BOM_UTF8))
    lines = (COMMENT.sub("", line).strip() for line in re.split(r"\r\n|\r|\n", text))
    return [_Line(line, f"{name}:{number}", home) for number, line in enumerate(lines, 1) if line]


def _name(lists: list[str], entries: tuple[Entry, ...]) -> str:
    """The name of the lists; of entries without a list a name that the same entries give again."""
    if lists:
        return make_slug("+".join(lists))
    digest = hashlib.sha256("\n".join(sorted(e.key for e in entries)).encode()).hexdigest()[:8]
    return f"{entries[0].key.rsplit('-', 1)[0][:40]}-{digest}"
