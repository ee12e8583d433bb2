"""What people do with experiments: sort, limit, draw, compare, and read curves; with the script and without it."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from companions.ui.tests.browser.conftest import Open
from companions.ui.tests.browser.registry import path_of


@pytest.mark.parametrize("with_script", [True, False])
def test_two_runs_are_chosen_and_compared(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("experiment"), java_script_enabled=with_script) as page:
        page.get_by_label("Select sweep-1", exact=True).check()
        page.get_by_label("Select sweep-3", exact=True).check()
        page.get_by_role("button", name="Compare the selected").click()
        expect(page.locator("h1")).to_have_text("Compare runs")
        expect(page.locator("thead .name")).to_have_text(["sweep-3", "sweep-1"])
        expect(page.get_by_role("row", name="rate")).to_contain_text("differs")
        page.get_by_role("link", name=re.compile("^Make sweep-1 .*the base$")).click()
        expect(page.locator("thead .name").first).to_have_text("sweep-1")


@pytest.mark.parametrize("with_script", [True, False])
def test_two_versions_are_chosen_and_compared(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("versions of a model"), java_script_enabled=with_script) as page:
        page.get_by_label("Select 1.0.0", exact=True).check()
        page.get_by_label("Select 1.3.0", exact=True).check()
        page.get_by_role("button", name="Compare the selected").click()
        expect(page.locator("h1")).to_have_text("Compare versions")
        expect(page.get_by_role("row", name="accuracy")).to_contain_text("differs")
        page.goto(path_of("version"))
        page.get_by_role("link", name="Compare with the older").click()
        expect(page.locator("thead .name")).to_have_text(["1.2.0", "1.3.0"])


@pytest.mark.parametrize("with_script", [True, False])
def test_runs_are_limited_and_sorted_by_a_metric(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("experiment"), java_script_enabled=with_script) as page:
        page.locator("summary", has_text="More filters").click()
        page.get_by_label("Parameter or metric", exact=True).nth(-1).select_option(label="depth (parameter)")
        page.get_by_label("Comparison").select_option(">")
        page.get_by_label("Value", exact=True).fill("5")
        page.get_by_role("button", name="Filter", exact=True).click()
        expect(page.locator(".summary")).to_have_text("2 of 2 runs shown")
        page.get_by_role("link", name="loss", exact=True).click()
        expect(page.locator("th[aria-sort=ascending]")).to_contain_text("loss")
        expect(page).to_have_url(re.compile("measure=p%3Adepth"))


def test_a_range_of_an_axis_limits_chart_and_table(opened: Open) -> None:
    with opened(path_of("experiment in parallel coordinates")) as page:
        before = page.locator(".line.out").count()
        page.locator("summary", has_text="Axes and ranges").click()
        page.get_by_label("From", exact=True).first.fill("4")
        page.get_by_role("button", name="Draw").click()
        expect(page.locator(".summary")).not_to_have_text("12 of 12 runs shown")
        assert page.locator(".line.out").count() > before


def test_dragging_along_an_axis_sets_its_range(opened: Open) -> None:
    with opened(path_of("experiment in parallel coordinates")) as page:
        axis = page.locator(".chart .axis").first.bounding_box()
        assert axis
        page.mouse.move(axis["x"] + 1, axis["y"] + 4)
        page.mouse.down()
        page.mouse.move(axis["x"] + 1, axis["y"] + axis["height"] / 2)
        page.mouse.up()
        expect(page).to_have_url(re.compile(r"low=\d"))
        expect(page.locator(".line.out").first).to_be_attached()


def test_a_curve_says_its_values_by_pointer_and_by_arrow_keys(opened: Open) -> None:
    with opened(path_of("curve")) as page:
        chart = page.locator("svg.chart")
        chart.hover()
        expect(page.locator(".chart-values")).to_contain_text("about: 0.")
        page.get_by_role("region", name="Chart of loss").focus()
        for key in ("ArrowLeft", "ArrowLeft", "ArrowRight"):
            page.keyboard.press(key)
        expect(chart.locator(".pointer")).to_have_count(1)
        expect(page.locator(".chart-values")).to_contain_text("step ")


def test_the_page_of_a_run_loads_its_curves_when_they_come_into_view(opened: Open) -> None:
    with opened(path_of("run")) as page:
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(page.locator("#curves svg")).to_have_count(2)
        expect(page.locator("#curves h2")).to_have_text("Curves")


def test_without_the_script_a_link_leads_to_the_curves(opened: Open) -> None:
    with opened(path_of("run"), java_script_enabled=False) as page:
        page.get_by_role("link", name="Show the curves of the metrics").click()
        expect(page.locator("svg.chart")).to_have_count(2)
        page.get_by_label("The y axis is").select_option("log")
        page.get_by_role("button", name="Draw").click()
        expect(page).to_have_url(re.compile("y=log"))
        page.get_by_role("link", name="loss", exact=True).click()
        expect(page.locator("tbody tr")).to_have_count(12)


def test_the_curves_of_a_running_run_are_drawn_again(opened: Open) -> None:
    with opened(path_of("run that still runs")) as page:
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(page.locator("#curves svg")).to_have_count(2)
        page.evaluate("Object.assign(document.querySelector('#curves').dataset, { refresh: 1, mark: 'old' })")
        expect(page.locator("#curves[data-mark]")).to_have_count(0)
        expect(page.locator("#curves svg")).to_have_count(2)


def test_the_refresh_of_a_running_run_can_be_paused(opened: Open) -> None:
    with opened(path_of("run that still runs")) as page:
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_role("button", name="Refresh again")).to_be_visible()


def test_the_file_of_an_experiment_is_downloaded(opened: Open) -> None:
    with opened(path_of("experiment")) as page:
        with page.expect_download() as waiting:
            page.get_by_role("link", name="CSV").click()
        assert waiting.value.suggested_filename == "fraud-sweep.csv"


@pytest.mark.parametrize("with_script", [True, False])
def test_a_run_is_created_edited_and_ended_by_keyboard_only(opened: Open, *, with_script: bool) -> None:
    name = f"by keyboard {'with' if with_script else 'without'} script"
    with opened(path_of("experiment"), java_script_enabled=with_script) as page:

        def press(words: str, role: str = "link") -> None:
            page.get_by_role(role, name=words, exact=True).first.focus()  # type: ignore[arg-type]
            page.keyboard.press("Enter")

        press("New run")
        page.locator("#field-name").focus()
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(name)
        press("Edit")
        page.locator("#field-owner").focus()
        page.keyboard.type("bob")
        page.keyboard.press("Enter")
        expect(page.locator(".facts").first).to_contain_text("bob")
        press("Status")
        press("Finish", "button")
        expect(page.locator("h1")).to_have_text(name)
        expect(page.locator(".facts").first).to_contain_text("Ended")
        press("Archive")
        press("Archive", "button")
        expect(page.get_by_text("This run is archived.")).to_be_visible()


@pytest.mark.parametrize(("name", "below"), [("run", "#run"), ("compare runs", ".comparison")])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_when_curves_are_loaded(opened: Open, name: str, below: str, width: int) -> None:
    def top(page: Page) -> float:
        return float(page.locator(below).evaluate("(one) => one.getBoundingClientRect().top + scrollY"))

    with opened("/ui/look", width=width) as page:
        held: list[Route] = []
        page.route(re.compile(r"/curves|curves=1"), lambda route: held.append(route))  # noqa: PLW0108 (it asks what it gets)
        with page.expect_request(re.compile(r"/curves|curves=1")):
            page.goto(path_of(name))
        before = top(page)
        while not held:
            page.wait_for_function("true")
        held[0].continue_()
        expect(page.locator("#curves svg desc").first).to_be_attached()
        assert abs(top(page) - before) <= 2


@pytest.mark.parametrize("name", ["experiment", "versions of a model", "deployments"])
def test_the_name_stays_in_sight_while_a_table_scrolls_sideways(opened: Open, name: str) -> None:
    with opened(path_of(name), width=360) as page:
        page.wait_for_load_state("networkidle")  # a part that comes later may make the table again
        region = page.locator(".scroll", has=page.locator("[data-row]")).first
        region.evaluate("(one) => { one.style.width = '220px'; one.scrollLeft = one.scrollWidth }")
        assert region.evaluate("(one) => one.scrollLeft") > 0
        edge = region.bounding_box()
        for cell in (region.locator("thead .pin"), region.locator("[data-row] > th").first):
            place = cell.bounding_box()
            assert edge
            assert place
            assert abs(place["x"] - edge["x"]) <= 2
