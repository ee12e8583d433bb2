"""Forms in Chromium: with the script and without it, by keyboard only, and with two people at work on one model."""

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from companions.ui.tests.browser.conftest import Open
from companions.ui.tests.browser.registry import path_of
from companions.ui.tests.browser.test_every_page import findings
from companions.ui.tests.html_form import HtmlForm

SCRIPT = pytest.mark.parametrize("with_script", [True, False], ids=["script", "no-script"])


def follow(page: Page, name: str) -> None:
    """Moves the focus by Tab to a link or button of this name, and presses it."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.innerText || '').trim()") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the key Tab never reaches {name!r}")


def tab_to(page: Page, label: str) -> None:
    """Moves the focus by Tab to the field with this label."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.labels?.[0]?.innerText || '').trim()") == label:
            return
    raise AssertionError(f"the key Tab never reaches the field {label!r}")


@SCRIPT
def test_a_model_is_edited_and_the_change_is_undone(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("model"), java_script_enabled=with_script) as page:
        page.get_by_role("link", name="Edit", exact=True).click()
        page.get_by_label("Maturity").fill("tried")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        expect(page.locator(".facts")).to_contain_text("tried")
        if with_script:
            assert findings(page) == []
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("The change was undone.")).to_be_visible()
        expect(page.locator(".facts")).not_to_contain_text("tried")


@SCRIPT
def test_properties_get_rows_by_a_button_and_the_new_one_has_the_focus(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("properties of a version"), statuses=[422], java_script_enabled=with_script) as page:
        rows = page.get_by_role("group", name="Property")
        count = rows.count()
        page.get_by_role("button", name="Add a property").click()
        expect(rows).to_have_count(count + 1)
        if with_script:
            expect(rows.last.get_by_label("Name")).to_be_focused()
        rows.last.get_by_label("Name").fill("shots")
        rows.last.get_by_label("Kind").select_option("whole number")
        rows.last.get_by_label("Value").fill("many")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("must be a whole number")
        if with_script:
            expect(page.get_by_role("alert")).to_be_focused()
            assert findings(page) == []
        rows.last.get_by_label("Value").fill("5")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("The change was undone.")).to_be_visible()


def test_a_model_is_edited_by_keyboard_only(opened: Open) -> None:
    with opened(path_of("model")) as page:
        follow(page, "Edit")
        page.wait_for_url("**/edit")
        tab_to(page, "Maturity")
        page.keyboard.type("keyboard")
        page.keyboard.press("Enter")
        expect(page.locator(".facts")).to_contain_text("keyboard")
        follow(page, "Undo")
        expect(page.get_by_text("The change was undone.")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_two_people_change_one_model_and_the_later_one_chooses(
    opened: Open, another: httpx.Client, theme: str, width: int
) -> None:
    form = path_of("edit a model")
    with opened(form, theme=theme, width=width, statuses=[409, 422]) as page:
        page.get_by_label("Owner").fill(f"mine {theme}")
        page.get_by_label("Maturity").fill(f"mine {theme} only")
        with_two_changes(page, another, form, theme)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Two changes of")
        assert findings(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        page.get_by_role("button", name="Save what is chosen").click()
        expect(page.get_by_role("alert")).to_contain_text("choose one of the two values")
        page.get_by_role("group", name="Owner").get_by_label("Yours").check()
        page.get_by_role("button", name="Save what is chosen").click()
        expect(page.locator(".facts")).to_contain_text(f"mine {theme} only")
        expect(page.locator(".facts")).to_contain_text(f"theirs {theme} only")


def with_two_changes(page: Page, another: httpx.Client, form: str, theme: str) -> None:
    """Saves a change of another user, then sends the form on the page, which was opened before."""
    theirs = HtmlForm(another.get(form).text)
    body = theirs.fill("owner", f"theirs {theme}").fill("provider", f"theirs {theme} only").pairs
    assert another.post(form, data=dict(body)).status_code == 303
    page.get_by_role("button", name="Save").click()


@SCRIPT
def test_a_model_is_registered_with_its_version_and_files(opened: Open, *, with_script: bool) -> None:
    name = f"registered {with_script}"
    with opened(path_of("register a model"), java_script_enabled=with_script, statuses=[422, 409]) as page:
        page.get_by_label("Name of the model").fill(name)
        page.get_by_label("Name of the version").fill("1.0.0")
        page.get_by_role("button", name="Register", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("must have a value")
        if with_script:
            expect(page.get_by_role("alert")).to_be_focused()
            assert findings(page) == []
        page.get_by_role("alert").get_by_role("link", name="URI").click()
        page.get_by_label("URI", exact=False).first.fill("s3://models/new/1")
        page.get_by_role("button", name="Register", exact=True).click()
        expect(page.get_by_text("The model was registered with this version.")).to_be_visible()
        expect(page.locator("main")).to_contain_text("s3://models/new/1")
        page.go_back()
        page.goto(path_of("register a model"))
        page.get_by_label("Name of the model").fill(name)
        page.get_by_label("Name of the version").fill("1.0.0")
        page.get_by_label("URI", exact=False).first.fill("s3://models/new/1")
        page.get_by_role("button", name="Register", exact=True).click()
        page.get_by_role("link", name="Register a version of it").click()
        expect(page.get_by_label("URI", exact=False).first).to_have_value("s3://models/new/")


def test_a_version_is_registered_by_keyboard_only(opened: Open) -> None:
    with opened(path_of("model")) as page:
        page.keyboard.press("n")
        page.wait_for_url("**/versions/new")
        tab_to(page, "Name of the version required")
        page.keyboard.type("2.0.0")
        tab_to(page, "URI required")
        page.keyboard.type("by-keyboard")
        page.keyboard.press("Enter")
        expect(page.get_by_text("This version was registered.")).to_be_visible()


@SCRIPT
def test_a_version_is_archived_and_restored_by_its_notice(opened: Open, *, with_script: bool) -> None:
    with opened(path_of("version"), java_script_enabled=with_script) as page:
        page.get_by_role("link", name="Archive", exact=True).click()
        page.get_by_role("button", name="Archive", exact=True).click()
        expect(page.get_by_text("This version is archived.")).to_be_visible()
        if with_script:
            assert findings(page) == []
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("The change was undone.")).to_be_visible()
        expect(page.get_by_text("This version is archived.")).to_have_count(0)


@SCRIPT
def test_many_get_a_label_and_lose_it_again(opened: Open, *, with_script: bool) -> None:
    with opened("/ui/models?sort=name", java_script_enabled=with_script) as page:
        for name in ("churn", "demand-forecast"):
            page.get_by_label(f"Select {name}", exact=True).check()
        page.get_by_role("button", name="Add a label").click()
        page.get_by_label("Label").fill(f"checked-{with_script}")
        page.get_by_role("button", name="Add a label to 2 models").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("2 of 2 models got the label")
        if with_script:
            assert findings(page) == []
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("2 of 2 models lost the label")


def test_a_row_that_is_selected_before_the_rest_of_the_list_comes_stays_selected(opened: Open) -> None:
    with opened("/ui/look") as page:
        held: list[Route] = []
        page.route("**/*later=1*", lambda route: held.append(route))  # noqa: PLW0108 (Playwright sets an attribute on it)
        with page.expect_request("**/*later=1*"):
            page.goto("/ui/models?sort=name")
        page.get_by_label("Select churn", exact=True).check()
        assert page.locator("[data-part*='later=1']").count() == 1
        held[0].continue_()
        expect(page.locator("[data-part*='later=1']")).to_have_count(0)
        expect(page.get_by_label("Select churn", exact=True)).to_be_checked()
        expect(page.get_by_label("Select demand-forecast", exact=True)).not_to_be_checked()


def test_many_are_archived_and_restored_by_keyboard_only(opened: Open) -> None:
    with opened("/ui/versions?q=1.3.0") as page:
        page.keyboard.press("j")
        page.keyboard.press("x")
        follow(page, "Archive")
        page.wait_for_url("**/change?**")
        follow(page, "Archive 1 version")
        expect(page.get_by_role("heading", level=1)).to_contain_text("1 of 1 version archived")
        follow(page, "Undo")
        expect(page.get_by_role("heading", level=1)).to_contain_text("1 of 1 version restored")


def test_while_typing_one_sees_whether_a_name_is_free_and_how_long_it_may_be(opened: Open) -> None:
    with opened(path_of("register a model")) as page:
        name = page.get_by_label("Name of the model")
        name.press_sequentially("churn")
        expect(page.get_by_text("A model of this name exists")).to_be_visible()
        name.press_sequentially(" 2")
        expect(page.get_by_text("This name is free.")).to_be_visible()
        name.fill("\u00e9" * 120)
        expect(page.get_by_text("15 bytes left.")).to_be_visible()
        name.fill("\u00e9" * 130)
        expect(page.get_by_text("5 bytes too many.")).to_be_visible()
        page.locator("summary", has_text="Make the URI").click()
        page.get_by_label("Bucket", exact=True).fill("models")
        page.get_by_label("Path in the bucket").fill("a/b c")
        page.get_by_label("Region").fill("eu-1")
        expect(page.locator("#field-uri")).to_have_value("s3://models/a/b c?defaultRegion=eu-1")
        assert findings(page) == []


@SCRIPT
def test_a_model_that_exists_is_found_and_chosen_in_the_form(opened: Open, *, with_script: bool) -> None:
    with opened("/ui/models/new", java_script_enabled=with_script) as page:
        page.get_by_label("Name of the version").fill("chosen")
        page.get_by_label("A part of its name").fill("churn")
        if not with_script:
            page.get_by_role("button", name="Find", exact=True).click()
        page.get_by_role("button", name="Choose").first.click()
        expect(page.get_by_role("button", name="Take another model")).to_be_visible()
        expect(page.get_by_label("Name of the version")).to_have_value("chosen")
        if with_script:
            assert findings(page) == []
