"""Every page in Chromium: in both themes and on two widths, axe finds nothing, and nothing is wider than the screen."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from companions.ui.tests.browser.conftest import Open
from companions.ui.tests.browser.registry import PAGES, path_of
from tests.support.tiers import slow

Looks = tuple[tuple[Literal["light", "dark"], int], ...]
LOOKS: Looks = (("light", 1280), ("dark", 360))
OTHER_LOOKS: Looks = (("dark", 1280), ("light", 360))
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


def findings(page: Any) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize(
    "looks", [LOOKS, *slow((OTHER_LOOKS,))], ids=["light wide, dark narrow", "dark wide, light narrow"]
)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(opened: Open, name: str, looks: Looks) -> None:
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
