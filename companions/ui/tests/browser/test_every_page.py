"""Every page in Chromium: in both themes and on two widths, axe finds nothing, and nothing is wider than the screen."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from companions.ui.tests.browser.conftest import Open
from companions.ui.tests.browser.registry import PAGES, path_of
from tests.support.tiers import slow

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


def findings(page: Any) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize(
    ("theme", "width"),
    [("light", 1280), ("dark", 360), *slow(("dark", 1280), ("light", 360))],
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(opened: Open, theme: str, width: int) -> None:
    found: dict[str, list[str]] = {}
    with opened("/ui/", theme=theme, width=width) as page:
        for name in PAGES:
            page.goto(path_of(name))
            problems = findings(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                problems.append("the page is wider than the screen")
            if page.locator("h1").count() != 1:
                problems.append("there is not exactly one h1")
            found[name] = problems
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_what_opens_by_a_click_is_accessible_too(opened: Open) -> None:
    with opened(path_of("models")) as page:
        for words in ("More filters", "As a query", "Columns"):
            page.get_by_text(words, exact=True).click()
        assert findings(page) == []
    with opened(path_of("version"), width=360) as page:
        page.locator("summary", has_text="Menu").click()
        assert page.get_by_role("link", name="Models").first.is_visible()
        assert findings(page) == []


def test_a_page_is_three_requests(opened: Open) -> None:
    with opened("/ui/look") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path_of("models"))
        page.wait_for_load_state("networkidle")
    assert len([url for url in asked if "icon" not in url]) <= 3
