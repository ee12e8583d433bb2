"""The system's Chromium, driven by Playwright, for tests that need a real browser."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_WAIT_MS = 120_000


def program() -> str | None:
    """The path of a Chromium; `None` where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def browsing(*flags: str) -> Iterator[BrowserContext]:
    """A fresh profile of Chromium, started with `flags`; skips the test where there is none."""
    path = program()
    if not path:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium does not start its sandbox as root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*sandbox, *flags])
        try:
            context = browser.new_context()
            context.set_default_timeout(_WAIT_MS)
            yield context
        finally:
            browser.close()
