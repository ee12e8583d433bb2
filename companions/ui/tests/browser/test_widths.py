"""Long names and addresses break, words do not, and what can be scrolled has a shade at its edge."""

from playwright.sync_api import Page

from companions.ui.tests.browser.conftest import Open
from companions.ui.tests.browser.registry import path_of

LONG = "s3://" + "bucket-with-a-long-name/" * 8
WORD = """([kind, word]) => {
  const found = [...document.querySelectorAll(kind)].find((one) => one.firstChild?.textContent.trim() === word);
  const range = document.createRange();
  range.selectNodeContents(found.firstChild);
  return range.getClientRects().length;
}"""


def lines_of(page: Page, kind: str, word: str) -> int:
    """The number of lines that a word takes."""
    return int(page.evaluate(WORD, [kind, word]))


def test_words_of_a_table_stay_whole_next_to_long_addresses(opened: Open) -> None:
    with opened("/ui/artifacts") as page:
        page.evaluate("text => document.querySelectorAll('.copyable').forEach((one) => one.textContent = text)", LONG)
        page.evaluate("text => document.querySelectorAll('tbody .name').forEach((one) => one.textContent = text)", LONG)
        assert [lines_of(page, "td", word) for word in ("Parameter", "Metric")] == [1, 1]


def test_a_comparison_of_long_names_fits_and_its_rows_are_named_in_whole_words(opened: Open) -> None:
    for width in (1280, 360):
        with opened(f"{path_of('compare versions')}&only=0", width=width) as page:
            script = "text => document.querySelectorAll('thead .name').forEach((one) => one.textContent = text)"
            page.evaluate(script, "a" * 80)
            table = page.get_by_role("region", name="Comparison")
            assert table.evaluate("one => one.scrollWidth - one.clientWidth") <= 1
            assert lines_of(page, "th[scope=row]", "Description") == 1


def test_what_can_be_scrolled_has_a_shade_at_its_edge(opened: Open) -> None:
    with opened(path_of("models"), width=360) as page:
        page.wait_for_load_state("networkidle")  # a part that comes later makes the table again
        image = page.locator(".scroll").first.evaluate("one => getComputedStyle(one).backgroundAttachment")
    assert image == "local, local, scroll, scroll, scroll"


def test_the_model_of_a_version_breaks_only_between_words(opened: Open) -> None:
    with opened("/ui/versions", width=360) as page:
        assert lines_of(page, "td a", "fraud-detection") <= 2


def test_drift_is_in_sight_on_a_phone(opened: Open) -> None:
    with opened("/ui/deployments", width=360) as page:
        page.wait_for_load_state("networkidle")
        right = page.locator("td .drift").first.evaluate("one => one.getBoundingClientRect().right")
        assert right <= page.locator("#rows").evaluate("one => one.getBoundingClientRect().right")
