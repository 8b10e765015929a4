"""Fixtures of the browser tests: papers of our own, fresh extractions of them, a browser, a server for each test."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from benchmarks.demo.typeset import typeset_note
from tests.browser.chromium import DESKTOP, Watch, open_chromium
from tests.browser.papers import typeset_hostile, write_long_paper
from tests.browser.reviewing import Server, extract, start_review

PATIENCE = 60_000  # ms that anything may take on a busy machine


class Reviewed(NamedTuple):
    """A review that is open in a browser."""

    page: Page
    context: BrowserContext
    run: Path
    server: Server
    watch: Watch


class OpenReview(Protocol):
    """Serves a run folder and opens its page."""

    def __call__(
        self, run: Path, *options: object, size: tuple[int, int] = DESKTOP, dark: bool = False, script: bool = True
    ) -> Reviewed: ...


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each file: while Playwright is there, this thread has a running event loop, and no test that is not
    of the browser could start one of its own."""
    expect.set_options(timeout=PATIENCE)
    with open_chromium() as opened:
        yield opened


@pytest.fixture
def open_review(browser: Browser) -> Iterator[OpenReview]:
    """Opens reviews; after the test, none of their pages may have done what a review page never does."""
    with ExitStack() as opened:
        watches: list[Watch] = []

        def start(
            run: Path, *options: object, size: tuple[int, int] = DESKTOP, dark: bool = False, script: bool = True
        ) -> Reviewed:
            server = opened.enter_context(start_review(run, *options))
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme="dark" if dark else "light",
                java_script_enabled=script,
                reduced_motion="reduce",
            )
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE)
            watches.append(Watch(context, server.home))
            page = context.new_page()
            page.goto(server.entrance)
            return Reviewed(page, context, run, server, watches[-1])

        yield start
        for watch in watches:
            watch.check()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh extraction of the demo note; never changed."""
    folder = tmp_path_factory.mktemp("demo")
    return extract(typeset_note(folder), folder / "runs")


@pytest.fixture
def demo_run(demo: Path, tmp_path: Path) -> Path:
    """A fresh extraction of the demo note, for this test alone."""
    return copy_run(demo, tmp_path)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh extraction of a note that attacks the page; never changed."""
    folder = tmp_path_factory.mktemp("hostile")
    return extract(typeset_hostile(folder), folder / "runs")


@pytest.fixture
def hostile_run(hostile: Path, tmp_path: Path) -> Path:
    """A fresh extraction of a note that attacks the page, for this test alone."""
    return copy_run(hostile, tmp_path)


@pytest.fixture(scope="session")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh extraction of a paper of sixty pages; never changed."""
    folder = tmp_path_factory.mktemp("long")
    return extract(write_long_paper(folder / "long.pdf"), folder / "runs")


def copy_run(run: Path, folder: Path) -> Path:
    """The same run in another runs folder."""
    return Path(shutil.copytree(run, folder / "runs" / run.parent.name / run.name))
