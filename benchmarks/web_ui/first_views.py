"""First views of a page in Chromium, each without a cache: the time until a row is on the screen, bytes and requests."""

import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Error, TimeoutError  # noqa: A004 (its own)

from tests.support.browser import browsing, program

_SECONDS = 60
_COMPLETE_SECONDS = 10
_SIZE: Any = {"width": 1280, "height": 900}
_APART = re.compile(r"^(data|blob):|/icon[^/]*$|/favicon[^/]*$|[?&]later=1")
_WATCH = """
window.firstRow = new Promise(resolve => {
  const look = () => {
    const row = document.querySelector(%s);
    if (row && row.getClientRects().length) requestAnimationFrame(() => resolve(performance.now()));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
"""
"""Frames are made only once the stylesheets are there. So a row that has a box in one frame is on the screen in the next."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network that Chromium imitates: its words, megabits a second, and the ms that each request takes more."""

    words: str
    megabits: float = 0
    latency_ms: float = 0


LOCAL = Network("this machine")
NETWORKS = (LOCAL, Network("10 Mbit/s, 40 ms", 10, 40))


@dataclass(frozen=True, slots=True)
class FirstView:
    """One view: ms from the start of the navigation to the first row, requests, and bytes.

    `requests` leaves out icons, and parts that the page loads once it is there. `transferred` counts headers and compressed
    bodies of all requests, `content` the bodies after decompression.
    """

    rows_ms: float
    requests: int
    transferred: int
    content: int


def why_not() -> str | None:
    """The reason why no view can be measured here; `None` if it can."""
    return None if program() else "Chromium is not installed"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with browsing() as context:
        assert context.browser  # noqa: S101 (it was launched, so the context has it)
        yield context.browser


def first_view(browser: Browser, url: str, row: str, network: Network = LOCAL) -> FirstView | None:
    """Opens a page in a fresh context; `row` is the CSS selector of a row. Returns `None` if none comes within a minute."""
    context = browser.new_context(viewport=_SIZE)
    context.set_default_timeout(_SECONDS * 1000)
    try:
        page = context.new_page()
        page.add_init_script(_WATCH % repr(row))
        counted = _Counted()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        if network.megabits:
            devtools.send("Network.emulateNetworkConditions", _conditions(network))
        devtools.on("Network.requestWillBeSent", counted.request)
        devtools.on("Network.dataReceived", counted.data)
        devtools.on("Network.loadingFinished", counted.end)
        page.goto(url, wait_until="commit")
        page.wait_for_selector(row)
        with suppress(TimeoutError):  # a page that polls may never be complete
            page.wait_for_load_state("load", timeout=_COMPLETE_SECONDS * 1000)
        shown: float = page.evaluate("window.firstRow")
        return FirstView(shown, counted.requests, counted.transferred, counted.content)
    except Error:
        return None
    finally:
        context.close()


class _Counted:
    """Counts what Chromium reports about a page's requests."""

    def __init__(self) -> None:
        self.requests = self.transferred = self.content = 0

    def request(self, event: Mapping[str, Any]) -> None:
        """A request is sent."""
        self.requests += not _APART.search(event["request"]["url"])

    def data(self, event: Mapping[str, Any]) -> None:
        """A part of a body has arrived."""
        self.content += event["dataLength"]

    def end(self, event: Mapping[str, Any]) -> None:
        """A response is complete."""
        self.transferred += int(event["encodedDataLength"])


def _conditions(network: Network) -> dict[str, Any]:
    bytes_a_second = network.megabits * 1e6 / 8
    return {
        "offline": False,
        "latency": network.latency_ms,
        "downloadThroughput": bytes_a_second,
        "uploadThroughput": bytes_a_second,
    }


def median(views: Sequence[FirstView]) -> FirstView:
    """The view with the median of each figure."""
    return FirstView(
        statistics.median(view.rows_ms for view in views),
        statistics.median_high([view.requests for view in views]),
        statistics.median_high([view.transferred for view in views]),
        statistics.median_high([view.content for view in views]),
    )
