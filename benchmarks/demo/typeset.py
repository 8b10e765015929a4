"""The demonstration note as a PDF: `python -m benchmarks.demo.typeset --out DIR`. Offline, with the fonts of typst."""

from pathlib import Path

import click

from schemas.errors import UsageError

SOURCE = Path(__file__).with_name("note.typ")
FILE_NAME = "note.pdf"


def typeset_note(directory: Path, source: Path = SOURCE) -> Path:
    """Write `note.pdf` to the folder and return its path. Raises UsageError where typst is not installed."""
    try:
        import typst
    except ImportError as error:
        raise UsageError("typst is not installed; install the demo extra: pip install 'paperfilter[demo]'") from error
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILE_NAME
    typst.compile(str(source), output=str(path), ignore_system_fonts=True, timestamp=0)
    return path


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="folder to write to")
def main(out: Path) -> None:
    """Write note.pdf, the paper of the demo."""
    click.echo(typeset_note(out))


if __name__ == "__main__":
    main()
