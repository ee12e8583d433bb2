"""Every page in Chromium: in both themes and on two widths, axe finds nothing, and nothing is wider than the screen.

The quick tier opens each page once: every other page light and wide, the rest dark and narrow.
"""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from companions.ui.tests.browser.conftest import Open
from companions.ui.tests.browser.registry import PAGES, path_of
from tests.support.tiers import slow

Look = tuple[Literal["light", "dark"], int]
LOOKS: tuple[Look, ...] = (("light", 1280), ("dark", 360), ("dark", 1280), ("light", 360))
_QUICK = 2
"""How many of `LOOKS` take turns in the quick tier."""
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


def findings(page: Any) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def _cases() -> Iterator[Any]:
    for number, name in enumerate(PAGES):
        first = LOOKS[number % _QUICK]
        yield name, (first,)
        yield from slow((name, tuple(look for look in LOOKS if look != first)))


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(f"{theme} {width}" for theme, width in value)


@pytest.mark.parametrize(("name", "looks"), list(_cases()), ids=_words)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    opened: Open, name: str, looks: tuple[Look, ...]
) -> None:
    found: list[str] = []
    with opened(path_of(name)) as page:
        for theme, width in looks:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})
            found += findings(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"the page is wider than the screen of {width} pixels")
        if page.locator("h1").count() != 1:
            found.append("there is not exactly one h1")
    assert found == []


def test_what_opens_by_a_click_is_accessible_too(opened: Open) -> None:
    with opened(path_of("models")) as page:
        for words in ("More filters", "As a query", "Columns"):
            page.get_by_text(words, exact=True).click()
        assert findings(page) == []
    with opened(path_of("version"), width=360) as page:
        page.locator("summary", has_text="Menu").click()
        assert page.get_by_role("link", name="Models").first.is_visible()
        assert findings(page) == []


def test_the_first_view_of_a_page_is_three_requests(opened: Open) -> None:
    with opened("/ui/look") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path_of("models"))
        page.wait_for_load_state("networkidle")
    assert len([url for url in asked if "icon" not in url and "later=1" not in url]) <= 3
