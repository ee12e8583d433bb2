"""What people do with the pages: with the script, without it, and by keyboard only."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from companions.ui.tests.browser.conftest import Open
from companions.ui.tests.browser.registry import path_of
from companions.ui.tests.browser.test_every_page import findings


def test_typing_into_a_filter_replaces_the_list_and_the_address(opened: Open) -> None:
    with opened(path_of("models")) as page:
        page.evaluate("window.isSame = true")
        before = page.locator(".summary").inner_text()
        field = page.get_by_label("Name contains")
        field.press_sequentially("fraud")
        expect(page.locator(".summary")).to_have_text("1 model shown")
        expect(page).to_have_url(re.compile(r"/ui/models\?state=LIVE&q=fraud$"))
        expect(page.locator("#status")).to_have_text("1 model shown")
        expect(page.get_by_label("Name contains")).to_be_focused()
        assert page.evaluate("window.isSame")
        page.go_back()
        expect(page.locator(".summary")).to_have_text(before)
        expect(field).to_have_value("")


@pytest.mark.parametrize(("days", "words"), [(1, "1 day ago"), (6, "6 days ago")])
def test_the_words_for_how_long_ago_have_a_plural(opened: Open, days: int, words: str) -> None:
    with opened(path_of("model")) as page:
        since = page.locator(".facts time").first.get_attribute("datetime") or ""
        page.clock.set_fixed_time(datetime.fromisoformat(since) + timedelta(days=days, hours=1))
        page.reload()
        expect(page.locator(".facts time").first).to_have_text(words)


def test_a_list_is_sorted_and_paged_by_links(opened: Open) -> None:
    with opened(path_of("models")) as page:
        page.get_by_role("link", name="Name", exact=True).click()
        expect(page.locator("tbody th a").first).to_have_text("churn")
        expect(page.locator("th[aria-sort=ascending]")).to_have_text("Name")
        page.get_by_role("link", name="Owner", exact=True).click()
        expect(page.locator("th[aria-sort=ascending]")).to_have_text("Owner")
        assert page.evaluate("document.activeElement.textContent") == "Owner"


def test_opened_filters_suggest_values_once_and_keep_them_while_one_types(opened: Open) -> None:
    with opened(path_of("models")) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/suggestions" in request.url else None)
        values = page.locator("datalist#suggested-owner option")
        assert values.count() == 0
        page.locator("summary", has_text="More filters").click()
        expect(values).not_to_have_count(0)
        owner = values.first.get_attribute("value")
        page.locator("#filter-owner").press_sequentially(str(owner))
        expect(page).to_have_url(re.compile(r"owner="))
        expect(page.locator("#list .chips")).to_contain_text(f"owner: {owner}")
        assert page.locator("#filter-owner").evaluate("field => field.list.options.length") == values.count() > 0
        assert len(asked) == 1


@pytest.mark.parametrize("with_script", [True, False])
def test_a_query_that_cannot_be_read_is_explained_where_it_stands(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("models"), java_script_enabled=with_script) as page:
        page.locator("summary", has_text="As a query").click()
        page.get_by_label("Query of the filter language").fill("owner = = 'ann'")
        before = page.locator("tbody th a").all_inner_texts()
        page.get_by_role("button", name="Run the query").click()
        expect(page.get_by_role("alert")).to_contain_text("column")
        assert page.locator("tbody th a").all_inner_texts() == before
        expect(page.get_by_label("Query of the filter language")).to_have_value("owner = = 'ann'")
        page.get_by_label("Query of the filter language").fill("name = 'churn'")
        page.get_by_role("button", name="Run the query").click()
        expect(page.locator("tbody th a")).to_have_text(["churn"])
        assert ("former=" in page.url) is not with_script


def test_filters_and_columns_work_without_the_script(opened: Open) -> None:
    with opened(path_of("models"), java_script_enabled=False) as page:
        before = page.locator(".summary").inner_text()
        page.get_by_label("Name contains").fill("invoice")
        page.get_by_role("button", name="Filter", exact=True).click()
        expect(page.locator(".summary")).to_have_text("1 model shown")
        page.locator("summary", has_text="Columns").click()
        page.get_by_label("Provider").check()
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("columnheader", name="Provider")).to_be_visible()
        page.get_by_role("link", name="Clear all").click()
        expect(page.locator(".summary")).to_have_text(before)
        expect(page.get_by_role("columnheader", name="Provider")).to_be_visible()
        page.locator("summary", has_text="Columns").click()
        page.get_by_role("button", name="Usual columns").click()
        expect(page.get_by_role("columnheader", name="Provider")).to_have_count(0)
        assert page.locator(".scripted").locator("visible=true").count() == 0


@pytest.mark.parametrize("with_script", [True, False])
def test_a_theme_is_chosen_and_kept(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("models"), java_script_enabled=with_script) as page:
        page.get_by_role("link", name="Look").click()
        page.get_by_label("Dark").check()
        page.get_by_role("button", name="Save").click()
        expect(page).to_have_url(re.compile("/ui/models$"))
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 21, 25)"


def test_keys_lead_through_a_list(opened: Open) -> None:
    with opened(path_of("models")) as page:
        page.keyboard.press("j")
        page.keyboard.press("j")
        chosen = page.locator("tr.chosen th > a")
        name = chosen.inner_text()
        expect(chosen).to_be_focused()
        page.keyboard.press("o")
        expect(page.locator("h1")).to_contain_text(name)
        page.keyboard.press("g")
        page.keyboard.press("m")
        expect(page.locator("h1")).to_have_text("Models")
        page.keyboard.press("f")
        expect(page.get_by_label("Name contains")).to_be_focused()
        page.keyboard.type("jo")
        expect(page.get_by_label("Name contains")).to_have_value("jo")


def test_keys_with_single_letters_can_be_switched_off(opened: Open) -> None:
    with opened("/ui/look") as page:
        page.get_by_role("group", name="Keys with single letters").get_by_label("Off").check()
        page.get_by_role("button", name="Save").click()
        page.goto(path_of("models"))
        page.keyboard.press("j")
        assert page.locator("tr.chosen").count() == 0


def test_the_first_tab_leads_past_the_header(opened: Open) -> None:
    with opened(path_of("models")) as page:
        page.keyboard.press("Tab")
        expect(page.get_by_text("Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()


def test_code_is_copied(opened: Open) -> None:
    with opened(path_of("use"), permissions=["clipboard-read", "clipboard-write"]) as page:
        page.get_by_role("button", name="Copy").first.click()
        expect(page.locator("#status")).to_have_text("Copied")
        assert "find_registered_model" in page.evaluate("navigator.clipboard.readText()")


def test_times_are_shown_as_how_long_ago(opened: Open) -> None:
    with opened(path_of("model")) as page:
        expect(page.locator("time").first).to_have_text(re.compile("just now|min ago"))


def test_all_rows_are_selected_at_once_and_counted(opened: Open) -> None:
    with opened(path_of("models")) as page:
        every, words = page.get_by_label("Select all rows of this page"), page.locator("[data-ticked]")
        every.check()
        count = page.locator(".bulk tbody [name=id]").count()
        expect(words).to_have_text(f"{count} selected")
        page.locator(".bulk tbody [name=id]").first.uncheck()
        expect(words).to_have_text(f"{count - 1} selected")
        assert every.evaluate("box => box.indeterminate")
        assert page.locator(".selected-rows").evaluate("bar => getComputedStyle(bar).position") == "sticky"


def test_every_key_of_the_table_works(opened: Open) -> None:
    with opened("/ui/models") as page:
        page.keyboard.press("/")
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#search")).not_to_be_focused()
        page.keyboard.press("f")
        expect(page.locator("#filter-q")).to_be_focused()
        page.locator("h1").click()
        page.keyboard.press(".")
        expect(page.get_by_role("link", name="Register model")).to_be_focused()
        names = page.locator("[data-row] > th > a")
        page.keyboard.press("j")
        expect(names.first).to_be_focused()
        page.keyboard.press("j")
        expect(names.nth(1)).to_be_focused()
        page.keyboard.press("k")
        expect(names.first).to_be_focused()
        page.keyboard.press("x")
        expect(page.locator(".bulk tbody [name=id]").first).to_be_checked()
        page.keyboard.press(".")
        expect(page.locator(".selected-rows button").first).to_be_focused()
        page.keyboard.press("o")
        page.wait_for_url(re.compile(r"/ui/models/\d+$"))
        page.keyboard.press(".")
        expect(page.locator(".page-head .buttons a").first).to_be_focused()
        page.keyboard.press("n")
        page.wait_for_url("**/versions/new")
    for keys, place in (("gh", "/ui/"), ("gm", "/ui/models"), ("ge", "/ui/experiments"), ("gd", "/ui/deployments")):
        with opened("/ui/look") as page:
            for key in keys:
                page.keyboard.press(key)
            page.wait_for_url(f"**{place}")
    with opened(path_of("version")) as page:
        here = page.url
        page.keyboard.press("[")
        page.wait_for_url(lambda url: url != here)
        page.keyboard.press("]")
        page.wait_for_url(here)
        page.keyboard.press("c")
        page.wait_for_url("**/compare/versions**")
        page.keyboard.press("?")
        page.wait_for_url("**/about#keys")
    with opened(path_of("versions of a model")) as page:
        for key in "jxjxc":
            page.keyboard.press(key)
        page.wait_for_url("**/compare/versions?**")


@pytest.mark.parametrize("path", ["/ui/experiments", "/ui/deployments", "/ui/environments", "/ui/models"])
def test_the_key_n_makes_a_new_one_of_each_list(opened: Open, path: str) -> None:
    with opened(path) as page:
        page.keyboard.press("n")
        page.wait_for_url(f"**{path}/new")


@pytest.mark.parametrize("with_script", [True, False])
def test_help_with_queries_opens_next_to_the_field(opened: Open, *, with_script: bool) -> None:
    with opened("/ui/models?query=name+%3D+%22x%22", java_script_enabled=with_script) as page:
        page.get_by_text("How to write a query").click()
        if not with_script:
            page.get_by_role("link", name="The grammar, examples").click()
        expect(page.get_by_role("cell", name="IS NULL IS NOT NULL")).to_be_visible()
        if with_script:
            expect(page.locator("#query-panel")).to_contain_text("externalId")
            assert findings(page) == []
    with opened("/ui/search?q=fraud", java_script_enabled=with_script) as page:
        page.get_by_text("How to write a query").click()
        if not with_script:
            page.get_by_role("link", name="The grammar, examples").click()
        expect(page.get_by_role("cell", name="IS NULL IS NOT NULL")).to_be_visible()


@pytest.mark.parametrize("with_script", [True, False])
def test_a_property_of_versions_is_drawn_by_a_form_and_its_points_lead_to_them(
    opened: Open, *, with_script: bool
) -> None:
    with opened(path_of("versions of a model"), java_script_enabled=with_script) as page:
        page.locator("summary", has_text="Chart").click()
        page.get_by_label("Numeric property").select_option("latency_ms")
        page.get_by_role("button", name="Draw").click()
        expect(page.locator("svg.chart a")).to_have_count(4)
        expect(page).to_have_url(re.compile("chart=latency_ms"))
        page.get_by_text("Show as table").click()
        expect(page.get_by_role("region", name="Numbers of the chart").locator("tbody tr")).to_have_count(4)
        page.locator("svg.chart a").last.focus()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("1.3.0")
