"""Chromium for tests of the review page: with an empty profile, watched for what a page must not do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Page, Request, sync_playwright

NEEDED = (
    "PAPERFILTER_NEEDS_CHROMIUM"  # .ci/run sets it: without Chromium these tests fail there instead of being skipped
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOST = "Failed to load resource: net::ERR_"  # what Chromium writes where a server does not answer
DESKTOP = (1360, 900)
PHONE = (390, 844)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """A browser with an empty profile. Skips the test where there is none, unless CI says that there must be one."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = f"needs Chromium ({' or '.join(NAMES)} on the path) for the review page"
        if os.environ.get(NEEDED):
            pytest.fail(f"{reason}; {NEEDED} says that it is there")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield browser
        browser.close()


class Watch:
    """What the pages of a context did that a review page never does: each is one line, empty at the end of a test."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self._home = urlsplit(home).netloc
        self.offences: list[str] = []
        self.expected: set[int] = set()  # status codes that this test provokes: Chromium writes them to the console
        self.ended = False  # the test killed the server: what the page asks of it is not answered
        self.downloaded: list[str] = []  # paths, as asked for
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.offences.append(f"uncaught: {error.error}"))
        context.on("dialog", self._refuse)
        context.on("request", self._ask)

    def check(self) -> None:
        """Fail with everything that was noted."""
        assert not self.offences, "\n".join(self.offences)

    def _hear(self, message: ConsoleMessage) -> None:
        provoked = any(f"status of {code}" in message.text for code in self.expected)
        lost = self.ended and urlsplit(message.location.get("url", "")).netloc == self._home and LOST in message.text
        if message.type in ("error", "warning") and not provoked and not lost:
            self.offences.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _refuse(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":
            self.offences.append(f"dialog: {dialog.message}")
        dialog.accept()

    def _ask(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc == self._home:
            self.downloaded.append(parts.path)
        elif parts.scheme not in ("file", "about"):
            self.offences.append(f"request to elsewhere: {request.url[:200]}")


def check_accessibility(page: Page) -> None:
    """Fail with axe's report if it finds any violation in the page as it is now."""
    settle(page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def settle(page: Page) -> None:
    """Wait until nothing of the page moves: contrast is measured on the colours that stay."""
    page.evaluate("Promise.all(document.getAnimations().map(a => a.finished.catch(() => null)))")


def is_gone(page: Page) -> bool:
    """Whether the page was closed or crashed."""
    try:
        page.evaluate("1")
    except Error:
        return True
    return False
