"""Pictures of the review page for the README: `python -m benchmarks.screenshots --out benchmarks/results`.

A fresh extraction of our own demo note is reviewed a little way in Chromium, and the page is photographed as it is
then: in the light, in the dark and on a phone. Needs the extras `dev` and `demo`, and Chromium.
"""

import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schemas.errors import UsageError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AUTHOR = "A. Physicist"
DESKTOP = (1360, 860)
PHONE = (390, 844)
LARGEST = 300_000  # bytes
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="folder to write to")
def main(out: Path) -> None:
    """Write review-light.png, review-dark.png and review-phone.png."""
    from playwright.sync_api import sync_playwright

    from benchmarks.demo.typeset import typeset_note
    from benchmarks.samples.make_demo import make_demo

    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        raise UsageError(f"no {' or '.join(CHROMIUM)} on the path; install Chromium")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        note, sample = typeset_note(folder), make_demo(folder, 2000)
        subprocess.run(_command("extract", note, "--runs-dir", folder / "runs"), check=True, capture_output=True)  # noqa: S603 - our own program
        (run,) = (path.parent for path in folder.glob("runs/*/*/manifest.json"))
        with _serve(run, sample) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(OPTIONS))
            for path, content in _photograph(browser, address):
                (out / path).write_bytes(content)
                click.echo(f"{out / path}  {len(content) / 1000:.0f} kB", err=True)
            browser.close()


def _photograph(browser: "Browser", address: str) -> Iterator[tuple[str, bytes]]:
    """File name and content of each picture."""
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    for cut in ("electron_et", "electron_abs_eta", "electron_z0_sintheta", "muon_pt", "muon_abs_eta"):
        page.locator(f'[data-address="cut:{cut}"] [data-do="accept"]').click()
        page.locator(f'[data-address="cut:{cut}"][data-status="accepted"]').wait_for()
    card = page.locator('[data-address="cut:leading_pair_mass"]')
    card.locator('[data-do="edit"]').click()
    card.locator('[name="threshold"]').fill("60 to 104")
    card.locator('[data-do="preview"]').click()
    card.locator(".preview ins").wait_for()
    card.locator(".passes").filter(has_text=re.compile(r"\d")).wait_for(timeout=300_000)
    page.locator("#effect .spinner").wait_for(state="detached")
    page.mouse.move(0, 0)
    yield "review-light.png", _shrink(page.screenshot())
    page.emulate_media(color_scheme="dark")
    yield "review-dark.png", _shrink(page.screenshot())
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    card.locator('[data-do="cancel"]').click()
    card.scroll_into_view_if_needed()
    yield "review-phone.png", _shrink(page.screenshot())
    context.close()


def _shrink(picture: bytes) -> bytes:
    """The same picture in 256 colours, rare ones kept. Raises UsageError where it is too large for the repository."""
    from PIL import Image

    small = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(
        256, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE
    ).save(small, "PNG", optimize=True)
    if small.tell() > LARGEST:
        raise UsageError(f"a picture has {small.tell()} bytes; expected no more than {LARGEST}")
    return small.getvalue()


@contextmanager
def _serve(run: Path, sample: Path) -> Iterator[str]:
    """The page's address while it is served."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        _command("review", run, "--no-browser", "--by", AUTHOR, "--data", sample),
        stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said = ""
        for line in process.stdout or ():
            said += line
            found = re.search(r"http://\S+/enter\?token=\S+", line)
            if found:
                yield found[0]
                return
        raise UsageError(f"the review page did not start: {said.strip()}")
    finally:
        process.terminate()
        process.communicate()


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "pipeline.cli", *map(str, arguments)]


if __name__ == "__main__":
    main()
