"""The notes as PDFs: `python -m benchmarks.notes.typeset --out DIR`. Offline, with the fonts of typst."""

from pathlib import Path

import click

from schemas.errors import UsageError

SOURCES = Path(__file__).parent


def list_notes(sources: Path = SOURCES) -> list[Path]:
    """The typst sources that have a gold list beside them, in order of their names."""
    return sorted(path for path in sources.glob("*.typ") if path.with_suffix(".json").is_file())


def typeset_notes(directory: Path, sources: Path = SOURCES) -> list[Path]:
    """Write `<note>.pdf` of each note to the folder; the paths, in order. The same source gives the same bytes.

    Raises UsageError where typst is not installed.
    """
    try:
        import typst
    except ImportError as error:
        raise UsageError("typst is not installed; install the demo extra: pip install 'paperfilter[demo]'") from error
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for source in list_notes(sources):
        path = directory / f"{source.stem}.pdf"
        typst.compile(str(source), output=str(path), ignore_system_fonts=True, timestamp=0)
        paths.append(path)
    return paths


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="folder to write to")
def main(out: Path) -> None:
    """Write the notes as PDFs."""
    for path in typeset_notes(out):
        click.echo(path)


if __name__ == "__main__":
    main()
