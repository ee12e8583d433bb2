"""Static files: small, with the hash of their content in their name, and kept forever."""

import re

from model_registry_ui.static_files import FOLDER, SCRIPTS, STYLES, files

from companions.ui.tests.fake_backend import FakeBackend, browsing

BUDGETS = {"ui.css": 30 * 1024, "ui.js": 25 * 1024, "icon.svg": 2 * 1024}
"""The most bytes of each file, uncompressed."""
MOST_LINES_OF_SCRIPT = 600


def test_the_files_keep_their_budgets() -> None:
    assert {name: len(file.content) for name, file in files().items() if len(file.content) > BUDGETS[name]} == {}
    assert len(files()["ui.js"].content.splitlines()) <= MOST_LINES_OF_SCRIPT


def test_stylesheet_and_script_have_all_parts() -> None:
    assert {path.name for path in FOLDER.glob("*.css")} == set(STYLES)
    assert {path.name for path in FOLDER.glob("*.js")} == set(SCRIPTS)


def test_files_refer_to_no_other_host_and_import_nothing() -> None:
    for file in files().values():
        text = file.content.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|\bimport\b|url\(", text), file.name


async def test_a_file_is_kept_forever_by_its_name() -> None:
    async with browsing(FakeBackend()) as client:
        page = (await client.get("/ui/")).text
        found = re.findall(r'"(/ui/static/[^"]+)"', page)
        answers = [await client.get(path) for path in found]
        missing = await client.get("/ui/static/ui.css")
    assert len(found) == 3
    assert {answer.headers["cache-control"] for answer in answers} == {"public, max-age=31536000, immutable"}
    assert all(re.search(r"\.[0-9a-f]{12}\.", path) for path in found)
    assert missing.status_code == 404
