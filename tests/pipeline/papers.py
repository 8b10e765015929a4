"""Small PDFs for tests, made here."""

from pathlib import Path

import pymupdf

HEADING = "3 Event selection"
SENTENCES = (
    "Electrons are required to have <i>p</i><sub>T</sub> &gt; 7 GeV and |<i>η</i>| &lt; 2.47.",
    "Muons are required to satisfy <i>p</i><sub>T</sub> &gt; 5 GeV and |<i>η</i>| &lt; 2.7.",
    "Events are required to have at least four leptons.",
    "The invariant mass of the four leptons is required to be in the range 105 to 160 GeV.",
)


def write_paper(path: Path, sentences: tuple[str, ...] = SENTENCES, hidden: str | None = None) -> Path:
    """A one-page PDF with a heading and a paragraph, and a line in white if asked for."""
    document = pymupdf.open()
    page = document.new_page()
    text = f"<h2>{HEADING}</h2><p>{' '.join(sentences)}</p>"
    page.insert_htmlbox(pymupdf.Rect(72, 72, 520, 400), text, css="* {font-size: 11px} h2 {font-size: 15px}")
    if hidden is not None:
        page.insert_text((72, 500), hidden, color=(1, 1, 1))
    document.save(path)
    document.close()
    return path


def write_encrypted(path: Path) -> Path:
    """A PDF that wants a password."""
    document = pymupdf.open()
    document.new_page().insert_text((72, 90), "Electrons are required to have pT > 7 GeV.")
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="user")
    document.close()
    return path


def write_scan(path: Path) -> Path:
    """A PDF without text."""
    document = pymupdf.open()
    page = document.new_page()
    page.draw_rect(pymupdf.Rect(50, 50, 200, 200), fill=(0.2, 0.2, 0.2))
    document.save(path)
    document.close()
    return path
