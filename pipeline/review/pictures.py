"""Pages as pictures that are small enough to be mailed."""

import base64
import io
from collections.abc import Sequence

from pipeline.review.documents import ReviewedDocument
from pipeline.review.pages import render_page

COLOURS = 32  # letters with their soft edges need sixteen, figures a few more
WIDTHS = (1200, 1000, 800, 640)  # pixels; the first with which all pages together are not too many bytes
MOST_BYTES = 12_000_000  # of all pictures as they stand in the file: what mail takes

PageKey = tuple[int, int]  # place of the document, number of the page


def draw_pages(
    documents: Sequence[ReviewedDocument], wanted: Sequence[PageKey], most: int = MOST_BYTES
) -> tuple[dict[PageKey, str], int]:
    """Data URIs of pages, and how many pixels wide they are: fewer where there are many pages.

    Raises RunFolderError for a page that a document does not have.
    """
    drawn: dict[PageKey, str] = {}
    for width in WIDTHS:
        drawn = {key: write_uri(shrink(render_page(documents[key[0]], key[1], width))) for key in wanted}
        if sum(map(len, drawn.values())) <= most:
            return drawn, width
    return drawn, WIDTHS[-1]


def shrink(png: bytes) -> bytes:
    """The picture with few colours: a third of the size."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        small = io.BytesIO()
        picture.convert("RGB").quantize(COLOURS).save(small, "PNG", optimize=True)
    return min(small.getvalue(), png, key=len)


def write_uri(png: bytes) -> str:
    """The picture as the source of an image."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
