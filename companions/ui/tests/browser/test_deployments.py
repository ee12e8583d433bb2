"""What people do with deployments: find drift, also before a server that needs a call for each service."""

from collections.abc import Iterator

import pytest
from model_registry_ui.backend import Prefixes
from playwright.sync_api import BrowserContext, expect

from companions.ui.tests.browser.conftest import Open, serving_ui
from companions.ui.tests.browser.registry import path_of
from tests.support.serving import API


@pytest.fixture(scope="module")
def plain_address() -> Iterator[str]:
    """The address of the UI before a server without extensions."""
    with serving_ui(Prefixes(API)) as found:
        yield found


@pytest.mark.parametrize("with_script", [True, False])
def test_drift_is_found_in_two_clicks(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("overview"), java_script_enabled=with_script) as page:
        page.get_by_role("link", name="Deployments", exact=True).first.click()
        page.locator("#filter-seen").select_option("With drift")
        if not with_script:
            page.get_by_role("button", name="Filter", exact=True).click()
        expect(page.locator(".summary")).to_have_text("3 deployments shown")
        expect(page.locator("tbody .drift")).to_have_count(3)
        page.get_by_role("link", name="invoice-reader-service").click()
        expect(page.locator(".band")).to_contain_text("Meant to run, but seen failed.")
        expect(page.locator(".time-line li")).to_have_count(2)


def test_what_was_seen_is_loaded_after_the_page_where_it_takes_long(
    chromium: BrowserContext, plain_address: str
) -> None:
    assert chromium.browser
    for with_script in (True, False):
        context = chromium.browser.new_context(base_url=plain_address, java_script_enabled=with_script)
        page = context.new_page()
        page.goto("/ui/deployments")
        if not with_script:
            expect(page.locator("tbody .drift")).to_have_count(0)
            page.get_by_role("link", name="Show what is not loaded yet").click()
        expect(page.locator("tbody .drift")).to_have_count(3)
        expect(page.get_by_role("link", name="Show what is not loaded yet")).to_have_count(0)
        context.close()


@pytest.mark.parametrize("with_script", [True, False])
def test_a_version_is_deployed_undeployed_and_seen_by_keyboard_only(opened: Open, *, with_script: bool) -> None:
    name = f"by keyboard {'with' if with_script else 'without'} script"
    with opened(path_of("version"), java_script_enabled=with_script) as page:

        def press(words: str, role: str = "link") -> None:
            page.get_by_role(role, name=words, exact=True).first.focus()  # type: ignore[arg-type]
            page.keyboard.press("Enter")

        page.locator(".tabs").get_by_role("link", name="Deployments").focus()
        page.keyboard.press("Enter")
        press("Deploy")
        expect(page.locator("#field-model")).to_have_value("fraud-detection")
        page.locator("#field-environment").focus()
        page.keyboard.type("production")
        page.get_by_label("Name of the service").fill(name)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(name)
        press("Record a serve")
        press("Record", "button")
        expect(page.locator(".time-line li")).to_have_count(1)
        press("Undeploy")
        press("Undeploy", "button")
        expect(page.locator(".band")).to_contain_text("Not meant to run, but seen running.")
