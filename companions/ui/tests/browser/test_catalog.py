"""What people do with the catalog: find a model, and register it, by keyboard and without JavaScript too."""

import re

import pytest
from playwright.sync_api import expect

from companions.ui.tests.browser.conftest import Open
from companions.ui.tests.browser.registry import path_of


@pytest.mark.parametrize("with_script", [True, False])
def test_a_model_is_found_and_registered_and_its_version_leads_back(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("models"), java_script_enabled=with_script) as page:
        if with_script:
            page.keyboard.press("g")
            page.keyboard.press("c")
        else:
            page.get_by_role("link", name="Catalog", exact=True).first.click()
        expect(page).to_have_url(re.compile("/ui/catalog$"))
        page.locator("#filter-q").fill("pear-01")
        page.locator("#filter-q").press("Enter")
        expect(page.locator(".summary")).to_have_text("1 model shown")
        page.get_by_role("link", name="orchard/pear-01").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Load to reach, in requests per second").fill("20")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("columnheader", name="Replicas", exact=True)).to_be_visible()
        page.get_by_role("link", name="Register this model").click()
        page.get_by_label("Name of the version").fill(f"with script: {with_script}")
        page.keyboard.press("Enter")
        expect(page.locator(".notice")).to_contain_text("The model of the catalog was registered with this version.")
        page.locator(".artifact dd").get_by_role("link", name="orchard/pear-01").click()
        expect(page).to_have_url(re.compile("/ui/catalog/partner-models/orchard/pear-01$"))
