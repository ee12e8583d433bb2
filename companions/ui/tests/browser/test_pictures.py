"""The pictures of docs/ui.md: they are shot from the pages themselves. `make ui-pictures` writes them into the docs."""

import os
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page
from tenacity import retry, retry_if_exception_message, stop_after_attempt, wait_fixed

from companions.ui.tests.browser.conftest import Open
from companions.ui.tests.browser.registry import path_of
from companions.ui.tests.browser.test_forms import with_two_changes
from tests.support.tiers import slow

FOLDER = Path(__file__).parents[4] / "docs" / "pictures" / "ui"
PICTURES = {
    "overview": ("overview", "light"),
    "models": ("models", "light"),
    "model": ("model", "light"),
    "versions": ("versions of a model", "light"),
    "use": ("use", "dark"),
    "experiment": ("experiment in parallel coordinates", "light"),
    "run": ("run", "light"),
    "compare": ("compare runs with curves", "dark"),
    "deployments": ("deployments", "light"),
    "lineage": ("lineage of a version", "light"),
    "register": ("register a version", "light"),
    "catalog": ("model of the catalog", "light"),
    "properties": ("properties of a model", "dark"),
}
"""The page and the theme of each picture."""
_QUICK = ("overview", "compare")
"""The pictures of the quick tier."""
_LARGEST = 200 * 1024
"""Bytes of a picture."""


@retry(
    retry=retry_if_exception_message(match="(?s).*Unable to capture screenshot"),
    stop=stop_after_attempt(5),
    wait=wait_fixed(1),
    reraise=True,
)
def shoot(page: Page, path: Path) -> None:
    """Writes a picture of what the page shows. Chromium refuses that now and then on a busy machine, and does it a moment later."""
    page.wait_for_load_state("networkidle")  # parts of a page come later
    page.screenshot(path=path, animations="disabled")


@pytest.mark.parametrize("name", [*_QUICK, *slow(*(name for name in PICTURES if name not in _QUICK))])
def test_a_picture_is_shot_and_small(opened: Open, tmp_path: Path, name: str) -> None:
    page_name, theme = PICTURES[name]
    folder = FOLDER if os.environ.get("UI_PICTURES") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    with opened(path_of(page_name), theme=theme) as page:
        shoot(page, folder / f"{name}.png")
    assert 5_000 < (folder / f"{name}.png").stat().st_size < _LARGEST


def test_the_page_of_two_changes_is_shot_too(opened: Open, another: httpx.Client, tmp_path: Path) -> None:
    folder = FOLDER if os.environ.get("UI_PICTURES") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    with opened(path_of("edit a model"), statuses=[409]) as page:
        page.get_by_label("Owner").fill("risk-team")
        page.get_by_label("Maturity").fill("in use")
        with_two_changes(page, another, path_of("edit a model"), "fraud-team")
        shoot(page, folder / "conflict.png")
    assert 5_000 < (folder / "conflict.png").stat().st_size < _LARGEST


def test_the_docs_show_every_picture() -> None:
    text = (FOLDER.parents[1] / "ui.md").read_text("utf-8")
    assert [name for name in (*PICTURES, "conflict") if f"pictures/ui/{name}.png" not in text] == []
    assert {path.stem for path in FOLDER.glob("*.png")} >= set(PICTURES)
