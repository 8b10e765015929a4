"""Sources of a batch that are written differently and lead to one file: they are done once.

Only what is known without network counts: files, the library, folders of PDFs.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from papers.identifiers import Identifier, parse_file_name, parse_identifier
from papers.library import Library
from pipeline.batch.entries import Entry, Listing
from pipeline.obtaining import Shelves


def drop_duplicates(listing: Listing, shelves: Shelves) -> Listing:
    """The listing without entries whose file an earlier one has, and a warning for each. Its name stays as it is."""
    files = _find_files(listing.entries, shelves)
    first: dict[str, Entry] = {}
    kept, warnings = [], []
    for entry in listing.entries:
        file = files.get(entry.key)
        before = first.setdefault(file, entry) if file is not None else entry
        if before is entry:
            kept.append(entry)
        else:
            warnings.append(
                f"{entry.where}: {entry.given} is the same file as {before.given} of {before.where}; done once"
            )
    return listing._replace(entries=tuple(kept), warnings=(*listing.warnings, *warnings))


def _find_files(entries: Iterable[Entry], shelves: Shelves) -> Mapping[str, str]:
    """Where the paper of each entry is, by its key: a path. Entries whose paper is not here are left out."""
    found: dict[str, str] = {}
    names: dict[str, Identifier] = {}
    for entry in entries:
        if entry.kind == "paper":
            found[entry.key] = entry.source
        elif entry.kind == "identifier" and (identifier := parse_identifier(entry.source)) is not None:
            names[entry.key] = identifier
    library = Library(shelves.library)
    held = library.find_files(set(names.values()))
    beside = _list_folders(shelves.papers)
    for key, identifier in names.items():
        path = held.get(identifier) or beside.get(identifier)  # in the order in which they are looked for
        if path is not None:
            found[key] = str(path.resolve())
    return found


def _list_folders(folders: Iterable[Path]) -> Mapping[Identifier, Path]:
    """What PDFs in folders are called by their file names. Without a version, the highest number wins."""
    found: dict[Identifier, Path] = {}
    highest: dict[Identifier, int] = {}
    for folder in folders:
        try:
            paths = sorted(folder.iterdir())
        except OSError:  # the papers' own commands will say so
            continue
        for path in paths:
            named = parse_file_name(path.name) if path.suffix.lower() == ".pdf" else None
            if named is None:
                continue
            version = named.version or 0
            if named.version is not None:
                found.setdefault(named, path)
            if version > highest.get(named.plain, -1):
                highest[named.plain] = version
                found[named.plain] = path
    return found
